"""Growth rate: how fast the frontier has grown and may grow, member by member."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from forecast.consumption.fit import stacked
from forecast.consumption.frontier_data import BLOCK_YEARS
from forecast.core.summaries import quantiles
from forecast.core.trajectory import YEAR
from forecast.core.units import decimal_year
from forecast.plots import findings
from forecast.plots.member_panels import corpora, held, member_style, short_title
from forecast.plots.style import BLACK, BLUE, new_axes, style, titled, today
from forecast.runs.forecast import Forecast
from forecast.scenarios.record import recorded_member

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

PUBLISHED = (0.27, 0.38, 0.48)
"""Growth of training sets from 2010 to 2024: 2.5, 50 and 97.5% points (log10 per year); Villalobos et al. 2024,
arXiv 2211.04325v2."""

PUBLISHED_UNTIL = 2024.0
"""Where the data behind it end (decimal year)."""

SHOWN_TO = 2035
"""Last year drawn (calendar year)."""

_LEVELS = (0.1, 0.25, 0.5, 0.75, 0.9)


def growth_rate(forecast: Forecast, ax: Axes | None = None) -> Axes:
    """Draw the frontier's growth over one year, year by year, fitted and forecast.

    Parameters
    ----------
    forecast : Forecast
        The forecast.
    ax : matplotlib.axes.Axes, optional
        Where; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        Years across, log10 per year up, the factor a year on a second axis; bands of the mixture hold 50 and 80%
        (equal-tailed), members by their medians.

    Examples
    --------
    >>> import forecast as fc
    >>> f = fc.load("out")
    >>> axes = fc.plots.growth_rate(f)
    """
    from matplotlib.ticker import FixedLocator, MaxNLocator

    with style():
        ax = new_axes(ax)
        years, points, members = _growth(forecast)
        first = max(float(years[0]), float(forecast.consumption[YEAR].values[0]))
        shown = years >= first
        for (low, high), alpha in (((0, 4), 0.10), ((1, 3), 0.16)):
            ax.fill_between(
                years[shown], points[low][shown], points[high][shown], color=BLACK, alpha=alpha, linewidth=0
            )
        lines = [(points[2][-1], *ax.plot(years, points[2], color=BLACK, linewidth=2.4, label="all growth models"))]
        for place, entry in enumerate(forecast.document["consumption"]["members"]):
            own_years, draws = members[entry["name"]]
            colour, dashes = member_style(place)
            middle = quantiles(draws, [0.5])[0]
            label = short_title(entry["title"]) + ("" if entry["weight"] > 0 else " (left out)")
            lines.append(
                (middle[-1], *ax.plot(own_years, middle, color=colour, dashes=dashes, linewidth=2, label=label))
            )
        # A list in the order of the lines' right ends, above the bands: the ends lie too close for names beside them.
        ordered = [line for _, line in sorted(lines, key=lambda pair: -pair[0])]
        legend = ax.legend(
            handles=[*ordered, _published(ax, first)],
            loc="upper right",
            frameon=False,
            fontsize=9,
            handlelength=3,
            borderaxespad=0.1,
        )
        for words in legend.get_texts():
            words.set_parse_math(False)  # a dollar sign in a name is a dollar sign
        ax.set_ylim(0, max(1.0, 1.35 * float(points[4][shown].max())))
        ax.set_xlim(first, years[-1])
        today(ax, decimal_year(forecast.document["as_of"]))
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
        ax.set_ylabel("growth over one year, log10; median, 50 and 80%")
        factor = ax.secondary_yaxis("right", functions=(_factor, _log10))
        factor.yaxis.set_major_locator(FixedLocator([1, 1.5, 2, 3, 5, 10, 20, 50]))
        factor.yaxis.set_major_formatter(lambda value, _: f"× {value:g}")
        factor.set_ylabel("factor a year")
        factor.spines["right"].set_visible(False)
        titled(ax, findings.growth(forecast.document))
    return ax


def _factor(rate: Any) -> Any:
    return 10.0 ** np.asarray(rate, dtype=float)


def _log10(factor: Any) -> Any:
    return np.log10(np.maximum(factor, 1e-9))


def _growth(forecast: Forecast) -> tuple[np.ndarray, np.ndarray, dict[str, tuple[np.ndarray, np.ndarray]]]:
    """Return years, points of the mixture's growth (level, year), and years and draws (draw, year) by member.

    Up to the end of the data growth is read off the fits, from there on off the forecast's own paths. A member that
    sees only the last years begins with them, and the mixture before is that of the others.
    """
    data = corpora(forecast.document)
    last = data.last_knot
    half = round(0.5 / BLOCK_YEARS)
    ahead = forecast.consumption[YEAR].values
    shown = np.flatnonzero((ahead >= last) & (ahead <= min(SHOWN_TO, ahead[-1] - 0.5)))
    slices = held(forecast)
    members: dict[str, tuple[np.ndarray, np.ndarray]] = {}
    for entry in forecast.document["consumption"]["members"]:
        name = entry["name"]
        frontier = stacked(forecast.posterior[name]["posterior"])["frontier"]
        first = data.knots[np.flatnonzero(recorded_member(forecast.document, name).sees(data))[0]]
        seen = (data.knots >= first) & (data.knots <= last)
        path, years = frontier[:, seen], data.knots[seen][half:-half]
        growth = path[:, 2 * half :] - path[:, : -2 * half]
        if name in slices:
            own = forecast.consumption.values[slices[name]]
            thin = np.linspace(0, len(growth) - 1, len(own)).round().astype(int)
            growth = np.concatenate([growth[thin], own[:, shown + half] - own[:, shown - half]], axis=1)
            years = np.concatenate([years, ahead[shown]])
        members[name] = (years, growth)
    mixed = [members[name] for name in slices]
    every = np.unique(np.concatenate([years for years, _ in mixed]))
    points = [
        quantiles(np.concatenate([growth[:, years == year].ravel() for years, growth in mixed]), _LEVELS)
        for year in every
    ]
    return every, np.array(points).T, members


def _published(ax: Axes, first: float) -> Any:
    """Mark the published growth, over the years that it was estimated from; return its entry for a legend."""
    from matplotlib.patches import Patch

    low, middle, high = PUBLISHED
    hatched: dict[str, Any] = {"facecolor": "none", "edgecolor": BLUE, "alpha": 0.5, "hatch": "////", "linewidth": 0}
    until = max(PUBLISHED_UNTIL, first + 1.0)
    ax.fill_between([first, until], low, high, **hatched)
    ax.plot([first, until], [middle, middle], color=BLUE, linewidth=1.4)
    return Patch(label=f"published {middle:g} [{low:g}, {high:g}]", **hatched)


def growth_rate_text(forecast: Forecast) -> str:
    """Return the figure in words, its numbers from the document."""
    growth = forecast.document["consumption"]["growth_oom_per_year"]
    low, high = growth["intervals"]["0.8"]
    below, published, above = PUBLISHED
    return (
        f"Line chart of the frontier's growth over one year, from the fits up to the data's end and from the forecast "
        f"after it, median by growth model and 50 and 80% bands of all. The growth expected over the next year is "
        f"{growth['median']:.2g} orders of magnitude, a factor of {10 ** growth['median']:.2g} (80% interval "
        f"{low:.2g} to {high:.2g}, factors of {10**low:.2g} to {10**high:.2g}); a single year may bring more or less, "
        f"because the frontier moves by jumps. Hatched for comparison: {published:g} [{below:g}, {above:g}], "
        f"published by Villalobos et al. (2024) for 2010 to 2024."
    )


def growth_rate_table(forecast: Forecast) -> pd.DataFrame:
    """Return the data behind the figure."""
    import pandas as pd

    years, points, members = _growth(forecast)
    columns = {f"all_members_q{level * 100:02.0f}": row for level, row in zip(_LEVELS, points, strict=True)}
    table = pd.DataFrame(columns, index=pd.Index(years, name="year"))
    for name, (own_years, draws) in members.items():
        table[f"{name}_q50"] = pd.Series(quantiles(draws, [0.5])[0], index=own_years)
    return table.reset_index()
