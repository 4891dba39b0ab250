"""Coverage on made worlds: of 100 intervals that should hold 80, how many did, by growth and by publication."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from forecast.evaluate.worlds.shift import MIXTURE
from forecast.evaluate.worlds.summary import chosen, held
from forecast.plots.backtest import title_of
from forecast.plots.style import BLACK, BLUE, GREEN, ORANGE, PURPLE, QUIET, SKY, VERMILION, new_axes, style

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

SHOULD = 80
"""Of 100 such intervals (count)."""

WORDS = {
    "exponential": "steady growth",
    "damped": "growth that slows",
    "local_trend": "a drifting slope",
    "changepoint": "one change of pace",
    "regimes": "several regimes",
    "ceiling": "a ceiling",
    "stall": "a stall that ends",
    "jumpy": "rare jumps",
    "plain": "nothing hidden or wrong",
    "counts": "more or fewer runs each year",
    "undisclosed": "largest runs undisclosed",
    "units": "a few wrong units",
    "stop": "disclosure stops",
}
"""Families as a reader meets them."""

_INKS = ((BLUE, "s"), (VERMILION, "^"), (GREEN, "D"), (PURPLE, "v"), (SKY, "P"), (ORANGE, "X"))
_TABLES = (("growth", "How the frontier grows"), ("publication", "How runs are published"))


def worlds(content: Mapping[str, Any], ax: Axes | None = None) -> Axes:
    """Draw how many of 100 intervals that should hold 80 did, for members and mixture, by family.

    Parameters
    ----------
    content : mapping
        What `forecast.evaluate.worlds.run.score_worlds` gives.
    ax : matplotlib.axes.Axes, optional
        Where; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        One line for all worlds and one for each family; the mixture with two standard errors and its number.
    """
    with style():
        ax = new_axes(ax, height=6.4)
        lines = _lines(content)
        ax.axvline(SHOULD, color=QUIET, linewidth=1.0, dashes=(4, 3), zorder=1)
        ticks = []
        for place, (name, found) in enumerate(lines):
            if found is None:
                ax.annotate(name, (0.0, place), xycoords=("axes fraction", "data"), weight="bold", va="center")
                continue
            ticks.append((place, name))
            _line(ax, place, content["members"], found)
        low = min(min(held(row) for row in found.values()) for _, found in lines if found)
        left = 10 * (low // 10)
        ax.set_xlim(left, 104)
        ax.set_ylim(len(lines) - 0.4, -2.1)
        _names(ax, content["members"], lines[0][1] or {}, left)
        ax.set_yticks([place for place, _ in ticks], [name for _, name in ticks])
        ax.tick_params(axis="y", length=0)
        ax.set_xticks([at for at in range(0, 101, 10) if at >= left])
        ax.grid(visible=False, axis="y")
        ax.grid(visible=True, axis="x")
        ax.set_xlabel(
            "of 100 intervals that should hold 80, so many did; mixture: number, and bar of two standard errors",
            loc="right",
        )
        ax.set_title(_title(content), pad=10, x=-0.33)  # above the names of the families, too
    return ax


def _lines(content: Mapping[str, Any]) -> list[tuple[str, dict[str, Mapping[str, Any]] | None]]:
    """Return a name and the rows by forecaster for each line; none for a heading."""
    who = [*content["members"], MIXTURE]
    lines: list[tuple[str, dict[str, Mapping[str, Any]] | None]]
    lines = [("all worlds", {name: chosen(content, "overall", name)[0] for name in who})]
    for table, heading in _TABLES:
        rows = {name: {row[table]: row for row in chosen(content, table, name)} for name in who}
        lines.append((heading, None))
        families = sorted(rows[MIXTURE], key=lambda family: -held(rows[MIXTURE][family]))
        lines += [(WORDS.get(family, family), {name: rows[name][family] for name in who}) for family in families]
    return lines


def _line(ax: Axes, place: int, members: list[str], found: Mapping[str, Mapping[str, Any]]) -> None:
    for name, (colour, marker) in zip(members, _INKS, strict=False):
        ax.plot([held(found[name])], [place], marker=marker, color=colour, markersize=4.5, alpha=0.85, zorder=3)
    row = found[MIXTURE]
    at, error = held(row), 100 * (row["coverage"]["0.8"][1] or 0.0)
    ax.plot([at - 2 * error, min(at + 2 * error, 100)], [place, place], color=BLACK, linewidth=1.4, zorder=2)
    ax.plot([at], [place], marker="o", color=BLACK, markersize=8, zorder=4)
    ax.annotate(f"{at:.0f}", (103.5, place), ha="right", va="center", weight="bold")


def _names(ax: Axes, members: list[str], found: Mapping[str, Mapping[str, Any]], left: float) -> None:
    """Name the marks above the first line, in the order in which they lie there."""
    inks = dict(zip(members, _INKS, strict=False)) | {MIXTURE: (BLACK, "o")}
    ordered = sorted(found, key=lambda name: held(found[name]))
    for rank, name in enumerate(ordered):
        at = left + (100 - left) * (rank + 0.5) / len(ordered)
        ax.annotate(
            title_of(name).replace(" ", "\n"),
            (held(found[name]), 0),
            xytext=(at, -0.85),
            ha="center",
            va="bottom",
            fontsize=8,
            linespacing=0.9,
            color=inks[name][0],
            weight="bold" if name == MIXTURE else "normal",
            arrowprops={"arrowstyle": "-", "color": inks[name][0], "linewidth": 0.6, "shrinkB": 3, "shrinkA": 0},
        )


def _title(content: Mapping[str, Any]) -> str:
    """Return the finding."""
    at = held(chosen(content, "overall", MIXTURE)[0])
    how = "Too narrow" if at < SHOULD - 5 else "Wider than need be" if at > SHOULD + 5 else "About right"
    worst = min(chosen(content, "publication", MIXTURE), key=held)
    return (
        f"{how} on made worlds: {at:.0f} of 100 intervals held ({SHOULD} should);\n"
        f"fewest, {held(worst):.0f}, by publication: {WORDS.get(worst['publication'], worst['publication'])}"
    )


def worlds_text(content: Mapping[str, Any]) -> str:
    """Return the figure in words."""
    of = content["subset"] or f"all {content['evaluated']:,} frozen worlds"
    said = [f"Of 100 intervals that should hold 80, so many held the true frontier of made worlds ({of})."]
    for name, found in _lines(content):
        if found is None:
            said.append(f"{name}:")
            continue
        others = ", ".join(f"{who.replace('_', ' ')} {held(row):.0f}" for who, row in found.items() if who != MIXTURE)
        said.append(f"{name}: mixture {held(found[MIXTURE]):.0f} ({others}).")
    return " ".join(said)


def worlds_table(content: Mapping[str, Any]) -> pd.DataFrame:
    """Return the data behind the figure: every pair and family, with horizons where they are stored."""
    import pandas as pd

    named = {"overall": None, "growth": "growth", "publication": "publication", "pairs": "pair"}
    return pd.DataFrame(
        [
            {
                "worlds of": "all" if column is None else row[column],
                "forecaster": row["who"],
                "years ahead": row["horizon"],
                "forecasts": row["n"],
                **{f"held by {100 * float(level):.0f}%": share for level, (share, _) in row["coverage"].items()},
                "standard error (80%)": row["coverage"]["0.8"][1],
                "truth below 80%": row["below"]["0.1"][0],
                "truth above 80%": row["above"]["0.1"][0],
                "CRPS": row["crps"][0],
            }
            for table, column in named.items()
            for row in content[table]
        ]
    )
