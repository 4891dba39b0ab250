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

__version__ = "0.1.0"

_PUBLIC = {
    "Forecast": "forecast.nouns",
    "Resource": "forecast.nouns",
    "RESOURCES": "forecast.nouns",
    "make_trajectory": "forecast.nouns",
    "load_models": "forecast.ingest",
    "load_table": "forecast.ingest",
    "first_passage": "forecast.exhaustion",
    "run": "forecast.pipeline",
    "compare": "forecast.comparing",
    "verify": "forecast.verifying",
    "ForecastError": "forecast.errors",
}
_ROOMS = (
    *("ingest", "inference", "consumption", "production", "levers", "scenario", "plots", "report", "collapse"),
    "evaluate",
)
_LONG = ("run", "compare", "verify")
"""What shows its progress in a notebook."""

__all__ = ["__version__", *_PUBLIC, *_ROOMS]

_IPYTHON = "IPython" in sys.modules

if TYPE_CHECKING:
    from forecast import consumption, evaluate, ingest, levers, plots, production, report, scenario
    from forecast.comparing import compare
    from forecast.errors import ForecastError
    from forecast.exhaustion import first_passage
    from forecast.ingest import load_models, load_table
    from forecast.nouns import RESOURCES, Forecast, Resource, make_trajectory
    from forecast.pipeline import run
    from forecast.verifying import verify


def __getattr__(name: str) -> Any:
    if name in _PUBLIC:
        found = getattr(importlib.import_module(_PUBLIC[name]), name)
        return importlib.import_module("forecast.notebook").telling(found) if name in _LONG and _IPYTHON else found
    if name in _ROOMS:
        return importlib.import_module(f"forecast.{name}")
    raise AttributeError(f"module 'forecast' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)


if _IPYTHON:
    importlib.import_module("forecast.notebook").register()
