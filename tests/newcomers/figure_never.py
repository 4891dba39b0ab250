"""Never: the share of futures that do not run out, by reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forecast.plots.style import BLUE, new_axes, style
from forecast.runs.forecast import Forecast
from forecast.runs.sentence import percent

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


def never(forecast: Forecast, ax: Axes | None = None) -> Axes:
    """Draw the shares as bars."""
    with style():
        ax = new_axes(ax)
        shares = forecast.document["exhaustion_year"]["never"]
        ax.barh(list(shares), list(shares.values()), color=BLUE)
        ax.set_title("Futures that never run out", loc="left")
    return ax


def never_text(forecast: Forecast) -> str:
    """Return the figure in words, its numbers from the document."""
    shares = forecast.document["exhaustion_year"]["never"]
    listed = ", ".join(f"{reason} {percent(share)}" for reason, share in shares.items())
    return f"Bar chart of futures that never run out: {listed}."


def never_table(forecast: Forecast) -> pd.DataFrame:
    """Return the data behind the figure, one row per reason."""
    import pandas as pd

    shares = forecast.document["exhaustion_year"]["never"]
    return pd.DataFrame({"reason": list(shares), "share": list(shares.values())})
