"""What is closed to training: the series observed, the path that a scenario continues them by, and dated events."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from forecast.core.seeds import DEFAULT_SEED
from forecast.core.summaries import quantiles
from forecast.core.units import decimal_year
from forecast.ingest.catalog import load_table
from forecast.plots.member_panels import ink
from forecast.plots.style import BLACK, BLUE, GREEN, PURPLE, QUIET, VERMILION, new_axes, style, titled
from forecast.runs.forecast import Forecast
from forecast.scenarios.levers import LEVERS
from forecast.scenarios.levers.access import FIRST_RULES, FIRST_SHARES, OBSERVED_UNTIL, restricted_path
from forecast.scenarios.levers.restrictions import LEVEL, LEVEL_DATE, observed
from forecast.scenarios.record import recorded_in

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

FROM, TO = 2023.0, 2036.0
"""Years shown (decimal years): from the first rules for AI crawlers to where the path has almost come to rest, or to the
forecast's horizon."""

SIZE = 4000
"""Futures drawn for the bands (count)."""

SHOWN = {
    "Common Crawl": ("pages refused to Common Crawl", GREEN, (9, 2)),
    "HTTP Archive sites": ("sites that name GPTBot", PURPLE, (16, -10)),
    "reputable news sites (3369)": ("reputable news sites", VERMILION, (5, 4)),
}
"""Observed series: how they are called in the figure, their colours, and where the name stands (points from the end)."""

_LEVELS = (0.1, 0.25, 0.5, 0.75, 0.9)


@dataclass(frozen=True)
class _Path:
    years: np.ndarray
    restricted: np.ndarray
    closed: np.ndarray


def access_path(forecast: Forecast, ax: Axes | None = None) -> Axes:
    """Draw the share of text that is closed to training, as observed and as the forecast's scenario continues it.

    Parameters
    ----------
    forecast : Forecast
        With the lever access.
    ax : matplotlib.axes.Axes, optional
        Where; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        Years across, shares up; bands hold 50 and 80% of futures, numbers are the events named below.

    Examples
    --------
    >>> import forecast as fc
    >>> f = fc.load("out")
    >>> axes = fc.plots.access_path(f)
    """
    path = _path(forecast)
    with style():
        ax = new_axes(ax, height=5.2)
        ahead = path.years >= LEVEL_DATE - 1e-9
        for low, high, depth in ((0, 4, 0.16), (1, 3, 0.3)):
            ax.fill_between(
                path.years[ahead],
                path.restricted[low][ahead],
                path.restricted[high][ahead],
                color=BLUE,
                alpha=depth,
                lw=0,
            )
        ax.plot(path.years, path.restricted[2], color=BLUE, linewidth=2)
        ax.plot(path.years, path.closed[2], color=BLACK, linewidth=1.8, linestyle=(0, (4, 2)))
        _label(
            ax,
            path.years[-1],
            path.restricted[2][-1],
            "restricted by robots.txt,\nshare of tokens; bands\nhold 50 and 80%",
            BLUE,
        )
        _label(ax, path.years[-1], path.closed[2][-1], "kept out of reach\nafter all, median", BLACK)
        for name, (title, colour, away) in SHOWN.items():
            rows = _rows(name)
            ax.plot(rows["year"], rows["value_share"], color=colour, linewidth=1.3, marker=".", markersize=4)
            end = rows.iloc[-1]
            ax.annotate(
                title, (end["year"], end["value_share"]), xytext=away, textcoords="offset points",
                color=ink(colour), fontsize=8,
            )  # fmt: skip
        ax.plot(FIRST_RULES[1:], FIRST_SHARES[1:], color=BLUE, marker="o", markersize=5, linestyle="none")
        ax.plot([LEVEL_DATE] * 2, LEVEL, color=BLUE, linewidth=3)
        _events(ax)
        ax.set_xlim(FROM, path.years[-1])
        ax.set_ylim(0, 1.13)
        ax.set_yticks(np.linspace(0, 1, 6))
        ax.yaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f}%")
        ax.set_ylabel("share closed")
        titled(ax, _title(path))
    return ax


def access_path_shown(forecast: Forecast) -> bool:
    """Return whether the forecast's scenario closes anything to training."""
    scenario = recorded_in(forecast.document)
    if scenario is None or scenario.resource_name not in LEVERS["access"].applies_to:
        return False
    return "access" in scenario.levers


def access_path_text(forecast: Forecast) -> str:
    """Return the figure in words, its numbers from the path."""
    path = _path(forecast)
    parts = []
    for year in (year for year in (OBSERVED_UNTIL, 2030.0, 2035.0) if year <= path.years[-1]):
        low, _, middle, _, high = (_percent(row[_at(path.years, year)]) for row in path.restricted)
        parts.append(f"{middle} in {_date(year)} (80% of futures {low} to {high})")
    kept = _percent(path.closed[2][_at(path.years, 2030.0)])
    series = []
    for name, (title, *_) in SHOWN.items():
        rows = _rows(name)
        first, last = rows.iloc[0], rows.iloc[-1]
        series.append(
            f"{title} {_percent(first['value_share'])} in {int(first['year'])}, {_percent(last['value_share'])} in "
            f"{int(last['year'])}"
        )
    named = "; ".join(f"{number} {event}" for number, _, event in _numbered())
    return (
        f"Line chart of shares closed to AI training. Tokens restricted by robots.txt: {_percent(LEVEL[0])} to "
        f"{_percent(LEVEL[1])} in April 2024, then {', '.join(parts)}. Kept out of reach after compliance, refusals by "
        f"networks and licences: {kept} in 2030 (median). Observed beside it: {'; '.join(series)}. Events: {named}."
    )


def access_path_table(forecast: Forecast) -> pd.DataFrame:
    """Return the data behind the figure: the path, then each observation."""
    import pandas as pd

    path = _path(forecast)
    columns = {f"restricted_q{100 * level:02.0f}": row for level, row in zip(_LEVELS, path.restricted, strict=True)}
    table = pd.DataFrame({"series": "path", "year": path.years, **columns, "out_of_reach_q50": path.closed[2]})
    seen = [_rows(name).assign(series=title) for name, (title, *_) in SHOWN.items()]
    return pd.concat([table, *(rows[["series", "year", "value_share"]] for rows in seen)], ignore_index=True)


def _path(forecast: Forecast) -> _Path:
    scenario = recorded_in(forecast.document)
    assert scenario is not None, "shown only where there is one"
    draws = scenario.draw_lever(
        "access", seed=int(forecast.document["provenance"].get("seed", DEFAULT_SEED)), size=SIZE
    )
    end = min(TO, float(forecast.document["horizon"]))
    years = np.union1d(np.arange(FROM, end + 0.01, 0.25), [*FIRST_RULES, OBSERVED_UNTIL])
    closed = 1.0 - 10.0 ** LEVERS["access"].log10_factor(draws, years)
    found = [
        np.array([quantiles(column, list(_LEVELS)) for column in share.T]).T
        for share in (restricted_path(draws, years), closed)
    ]
    return _Path(years, *found)


def _rows(name: str) -> pd.DataFrame:
    rows = observed()
    rows = rows[(rows["population"] == name) & (rows["year"] >= FROM)]
    return rows.assign(value_share=rows["value_share"].astype(float))


def _numbered() -> list[tuple[int, float, str]]:
    """Return the events that the path knows of: number, decimal year, short name."""
    table = load_table("access_shocks")
    table = table[table["enters"] != "none"].sort_values("date")
    return [
        (number, decimal_year(str(row.date)[:10]), str(row.event).split(";")[0].split(" (")[0])
        for number, row in enumerate(table.itertuples(), start=1)
    ]


def _events(ax: Axes) -> None:
    events = _numbered()
    rows_until = [-np.inf] * 3
    for number, year, _ in events:
        place = next((at for at, until in enumerate(rows_until) if year - until > 0.3), 0)
        rows_until[place] = year
        ax.axvline(year, ymax=1.0 / 1.13, color="#c9d0d7", linewidth=0.8, zorder=0)
        ax.annotate(str(number), (year, 1.02 + 0.037 * place), ha="center", va="center", fontsize=7.5, color=QUIET)
    words = "  ".join(f"{number}\u00a0{event}".replace(" ", "\u00a0") for number, _, event in events)
    lines = textwrap.wrap(words, 104, break_long_words=False, break_on_hyphens=False)
    ax.set_xlabel("\n".join(lines).replace("\u00a0", " "), fontsize=7.5, color=QUIET, x=0, ha="left")


def _label(ax: Axes, year: float, height: float, words: str, colour: str) -> None:
    ax.annotate(
        words, (year, height), xytext=(5, 0), textcoords="offset points", va="center", color=ink(colour), fontsize=8.5,
        annotation_clip=False,
    )  # fmt: skip


def _title(path: _Path) -> str:
    low, _, _, _, high = (row[_at(path.years, 2030.0)] for row in path.restricted)
    if np.isclose(path.restricted[2][_at(path.years, 2030.0)], path.restricted[2][_at(path.years, OBSERVED_UNTIL)]):
        return f"Doors stay as they are: {_percent(low)} to {_percent(high)} of text restricted"
    return f"How much will be restricted in 2030 is open: {_percent(low)} to {_percent(high)} of text"


def _at(years: np.ndarray, year: float) -> int:
    return int(np.abs(years - year).argmin())


def _date(year: float) -> str:
    return f"mid-{int(year)}" if year % 1 else str(int(year))


def _percent(share: float) -> str:
    return f"{float(f'{100 * share:.2g}'):g}%"
