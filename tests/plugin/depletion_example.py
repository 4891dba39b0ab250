"""A growth member, a lever and a figure that any installation of data-depletion knows once this package is installed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np

import forecast as fc
from forecast.plots import Figure
from forecast.scenarios.levers import RAMP_YEARS, START, ramp

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


@dataclass(frozen=True)
class Constant(fc.Member):
    """Training sets grow on at one pace.

    Parameters
    ----------
    slope : Prior
        The pace.
    """

    name: ClassVar[str] = "constant"
    title: ClassVar[str] = "Constant growth"
    formula: ClassVar[str] = r"\mathrm{E}\,F'(t) = b"
    tail_parameters: ClassVar[tuple[str, ...]] = ("slope",)

    slope: fc.Prior = fc.Prior.lognormal(0.35, 0.75, "log10 per year", "judgement: 1.5 to 5.6 times a year")

    def expected_growth(self, start: Any, end: Any, parameters: Mapping[str, Any], math: Any) -> Any:
        """Return b times the years between."""
        del math
        return parameters["slope"] * (end - start)


class Libraries(fc.Lever):
    """Books that libraries scan enlarge the stock by a factor, in equal steps from a start on."""

    name: ClassVar[str] = "libraries"
    title: ClassVar[str] = "books that libraries scan"
    side: ClassVar[Literal["stock", "consumption"]] = "stock"
    main_setting: ClassVar[str] = "factor"
    larger_means: ClassVar[Literal["", "later", "sooner", "neither"]] = "later"
    settings: ClassVar[Mapping[str, fc.LeverParameter]] = {
        "factor": fc.LeverParameter("ratio", 0.01, 100.0, "The stock over that without these books", neutral=1.0),
        "start": START,
        "ramp_years": RAMP_YEARS,
    }

    def log10_factor(self, draws: Mapping[str, np.ndarray], years: np.ndarray) -> np.ndarray:
        """Return the log10 of the factor, as far as the ramp has got."""
        return np.asarray(np.log10(draws["factor"])[:, None] * ramp(draws, years))


def growth_now(forecast: fc.Forecast, ax: Axes | None = None) -> Axes:
    """Draw the 80 % interval of today's growth."""
    import matplotlib.pyplot as plt

    ax = plt.subplots()[1] if ax is None else ax
    growth = forecast.document["consumption"]["growth_oom_per_year"]
    low, high = growth["intervals"]["0.8"]
    ax.barh(["growth"], [high - low], left=low)
    ax.set_title(f"Training sets grow {10 ** growth['median']:.1f} times a year", loc="left")
    return ax


def growth_now_text(forecast: fc.Forecast) -> str:
    """Return the figure in words."""
    growth = forecast.document["consumption"]["growth_oom_per_year"]
    low, high = growth["intervals"]["0.8"]
    return f"Bar of growth now: {10**low:.1f} to {10**high:.1f} times a year in eight of ten futures."


def growth_now_table(forecast: fc.Forecast) -> pd.DataFrame:
    """Return the data behind the figure."""
    import pandas as pd

    growth = forecast.document["consumption"]["growth_oom_per_year"]
    return pd.DataFrame({"quantile": list(growth["quantiles"]), "log10_per_year": list(growth["quantiles"].values())})


GROWTH_NOW = Figure("Growth now", growth_now, growth_now_text, growth_now_table)
