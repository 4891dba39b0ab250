"""When will AI training use up the stock of human-made data, and how sure can anyone be?

The public names load lazily (PEP 562): ``import forecast`` takes a fraction of a second and pulls in no PyMC.

Examples
--------
>>> import forecast as fc
>>> fc.__version__.count(".")
2
"""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING, Any

from forecast.core.display import register as register_displays

__version__ = "0.2.0"

_PUBLIC = {
    "Forecast": "forecast.runs.forecast",
    "Resource": "forecast.core.resources",
    "RESOURCES": "forecast.core.resources",
    "make_trajectory": "forecast.core.trajectory",
    "load_models": "forecast.ingest",
    "load_table": "forecast.ingest",
    "data_status": "forecast.evaluate.data_status",
    "first_passage": "forecast.runs.passage",
    "register": "forecast.core.parts",
    "run": "forecast.runs.pipeline",
    "load": "forecast.runs.forecast",
    "stack": "forecast.runs.stack",
    "ConditionalForecast": "forecast.runs.futures",
    "compare": "forecast.runs.compare",
    "verify": "forecast.report.verify",
    "ForecastError": "forecast.errors",
    "Estimator": "forecast.production.estimator",
    "Lever": "forecast.scenarios.levers.lever",
    "LeverParameter": "forecast.scenarios.levers.lever",
    "LogNormal": "forecast.core.distributions",
    "Member": "forecast.consumption.member",
    "Prior": "forecast.core.priors",
}
_ROOMS = {
    **{name: f"forecast.{name}" for name in ("ingest", "fits", "consumption", "production", "scenarios", "plots")},
    **{name: f"forecast.{name}" for name in ("report", "collapse", "evaluate", "exchange")},
    "inference": "forecast.fits",
    "levers": "forecast.scenarios.levers",
    "scenario": "forecast.scenarios.scenario",
}
_LONG = ("run", "compare", "verify")
"""What shows its progress in a notebook."""

__all__ = ["__version__", *_PUBLIC, *_ROOMS]

_IPYTHON = "IPython" in sys.modules

if TYPE_CHECKING:
    # Under its own name again: what type checkers take for meant to be used from here.
    from forecast import collapse as collapse
    from forecast import consumption as consumption
    from forecast import evaluate as evaluate
    from forecast import exchange as exchange
    from forecast import fits as fits
    from forecast import fits as inference
    from forecast import ingest as ingest
    from forecast import plots as plots
    from forecast import production as production
    from forecast import report as report
    from forecast import scenarios as scenarios
    from forecast.consumption.member import Member as Member
    from forecast.core.distributions import LogNormal as LogNormal
    from forecast.core.parts import register as register
    from forecast.core.priors import Prior as Prior
    from forecast.core.resources import RESOURCES as RESOURCES
    from forecast.core.resources import Resource as Resource
    from forecast.core.trajectory import make_trajectory as make_trajectory
    from forecast.errors import ForecastError as ForecastError
    from forecast.evaluate.data_status import data_status as data_status
    from forecast.ingest import load_models as load_models
    from forecast.ingest import load_table as load_table
    from forecast.production.estimator import Estimator as Estimator
    from forecast.report.verify import verify as verify
    from forecast.runs.compare import compare as compare
    from forecast.runs.forecast import Forecast as Forecast
    from forecast.runs.forecast import load as load
    from forecast.runs.futures import ConditionalForecast as ConditionalForecast
    from forecast.runs.passage import first_passage as first_passage
    from forecast.runs.pipeline import run as run
    from forecast.runs.stack import stack as stack
    from forecast.scenarios import levers as levers
    from forecast.scenarios import scenario as scenario
    from forecast.scenarios.levers.lever import Lever as Lever
    from forecast.scenarios.levers.lever import LeverParameter as LeverParameter


def __getattr__(name: str) -> Any:
    if name in _PUBLIC:
        found = getattr(importlib.import_module(_PUBLIC[name]), name)
        return importlib.import_module("forecast.cli.notebook").telling(found) if name in _LONG and _IPYTHON else found
    if name in _ROOMS:
        return importlib.import_module(_ROOMS[name])
    raise AttributeError(f"module 'forecast' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)


register_displays(
    comparison_card="forecast.report.cards:comparison_card",
    fit_card="forecast.report.cards:fit_card",
    fit_to_arviz="forecast.consumption.arviz_groups:to_arviz",
    forecast_card="forecast.report:forecast_card",
    rewrite_report="forecast.report.remake:rewrite_report",
    forecast_fits="forecast.runs.rerun:fits_of",
    forecast_plot="forecast.plots:consumption_against_stock",
    scenario_card="forecast.report.cards:scenario_card",
    update_forecast="forecast.runs.update:update_forecast",
)

if _IPYTHON:
    importlib.import_module("forecast.cli.notebook").register()
