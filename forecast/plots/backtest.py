"""Backtests drawn: the combination against every other method, coverage beside it, and PIT."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast.consumption.members import MEMBERS
from forecast.core.wording import percent_words
from forecast.plots.member_panels import frame, short_title
from forecast.plots.style import BLACK, BLUE, GREEN, QUIET, VERMILION, new_axes, style

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

TITLES: Mapping[str, str] = {
    "combination": "this forecast",
    "ols": "least squares",
    "quantile": "quantile regression",
    "damped_holt": "damped Holt",
    "unobserved_components": "local linear trend",
    "epoch2022": "Epoch 2022",
    "epoch2024": "Epoch 2024",
    "epoch2024_floored": "Epoch 2024, floored",
}
"""What methods are called in figures and tables; members go by their titles."""

_KINDS = {"combination": (BLACK, "o"), "member": (GREEN, "o"), "baseline": (BLUE, "s"), "published": (VERMILION, "D")}


def title_of(name: str) -> str:
    """Return what a method is called: a member by the first part of its title, one that is not known by its own name.

    Examples
    --------
    >>> title_of("record_drift"), title_of("epoch2022"), title_of("somebody_s")
    ('Slow-and-steady record', 'Epoch 2022', 'somebody_s')
    """
    known = MEMBERS[name].title if name in MEMBERS else name
    return TITLES.get(name) or short_title(known)


def backtest(content: Mapping[str, Any], ax: Axes | None = None) -> Axes:
    """Draw the ratios of the combination's mean CRPS to the others', and every method's coverage.

    Parameters
    ----------
    content : mapping
        What `forecast.evaluate.backtest.run.backtest` gives.
    ax : matplotlib.axes.Axes, optional
        Where; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        A frame of two panels: CRPS ratio with its 90% interval (below 1 the combination is better), and the share of
        80% intervals that held, with its 95% interval.
    """
    from matplotlib.ticker import FixedLocator, NullFormatter, NullLocator

    with style():
        names = list(content["summary"])
        ax = new_axes(ax, height=1.5 + 0.3 * len(names))
        ours = content["summary"]["combination"]
        ahead = "of the record, half a year to four years ahead"
        frame(ax, f"80% intervals held {percent_words(ours['coverage']['0.8'])} of {ours['n']} forecasts {ahead}")
        left, right = ax.inset_axes((0.22, 0.07, 0.42, 0.86)), ax.inset_axes((0.70, 0.07, 0.30, 0.86))
        pairs = _pairs(content)
        ends = [end for pair in pairs.values() for end in pair["interval_0.9"]]
        left.set_xscale("log")
        left.set_xlim(min([0.5, *ends]) / 1.15, max([1.5, *ends]) * 1.15)
        left.xaxis.set_major_locator(FixedLocator([0.125, 0.25, 0.5, 1, 2, 4, 8]))
        left.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
        left.xaxis.set_minor_locator(NullLocator())
        left.xaxis.set_minor_formatter(NullFormatter())
        left.axvline(1.0, color=BLACK, linewidth=1.0)
        left.set_title("mean error (CRPS) over theirs", fontsize=9.5, weight="normal")
        left.set_xlabel("ratio, 90% interval; left of 1 it is better")
        right.set_xlim(0, 1)
        right.set_xticks([0, 0.25, 0.5, 0.8, 1])
        right.xaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f}%")
        right.axvline(0.8, color=BLACK, linewidth=1.0, linestyle=(0, (4, 2)))
        right.set_title("80% intervals that held", fontsize=9.5, weight="normal")
        right.set_xlabel("share, 95% interval")
        for place, name in enumerate(names):
            entry = content["summary"][name]
            starred = "*" * ("passing_only" in entry)
            entry = entry.get("passing_only") or entry
            colour, marker = _KINDS[entry["kind"]]
            left.annotate(
                title_of(name) + starred,
                (0, place),
                (-8, 0),
                xycoords=("axes fraction", "data"),
                textcoords="offset points",
                ha="right",
                va="center",
                color=colour,
                weight="bold" if name == "combination" else "normal",
                annotation_clip=False,
            )
            if name in pairs:
                low, high = pairs[name]["interval_0.9"]
                left.plot([low, high], [place, place], color=colour, linewidth=2.2)
                left.plot([pairs[name]["crps_ratio"]], [place], marker=marker, color=colour)
            low, high = entry["coverage_interval"]["0.8"]
            right.plot([low, high], [place, place], color=colour, linewidth=2.2)
            right.plot([entry["coverage"]["0.8"]], [place], marker=marker, color=colour)
        ours = content["summary"]["combination"]
        left.text(
            0.02,
            0,
            f"its mean CRPS: {ours['crps']:.2f} log10",
            transform=left.get_yaxis_transform(),
            va="center",
            fontsize=8.5,
            color=QUIET,
        )
        if any("passing_only" in entry for entry in content["summary"].values()):
            ax.text(0, -0.06, "* only where it\npasses the gate", va="center", fontsize=8.5, color=QUIET, clip_on=False)
        for panel in (left, right):
            panel.set_ylim(len(names) - 0.5, -0.5)
            panel.set_yticks([])
            panel.grid(visible=False)
            panel.grid(visible=True, axis="x")
            panel.spines["left"].set_visible(False)
    return ax


def backtest_text(content: Mapping[str, Any]) -> str:
    """Return the figure in words."""
    ours = content["summary"]["combination"]
    low, high = ours["coverage_interval"]["0.8"]
    pairs = [
        f"{title_of(name)} {p['crps_ratio']:.2f} ({p['interval_0.9'][0]:.2f} to {p['interval_0.9'][1]:.2f})"
        for name, p in _pairs(content).items()
    ]
    return (
        f"Two panels, one row per method. Mean error (CRPS) of this forecast over the other method's, with 90% interval, "
        "growth models only where they pass their checks: "
        f"{'; '.join(pairs)}. This forecast's 80% intervals held {100 * ours['coverage']['0.8']:.0f}% of "
        f"{ours['n']} forecasts (95% interval {100 * low:.0f} to {100 * high:.0f}%, effective n "
        f"{ours['coverage_n_effective']['0.8']:.0f})."
    )


def pit_histogram(content: Mapping[str, Any], ax: Axes | None = None) -> Axes:
    """Draw where what came fell within the forecasts.

    Parameters
    ----------
    content : mapping
        What `forecast.evaluate.backtest.run.backtest` gives.
    ax : matplotlib.axes.Axes, optional
        Where; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        Shares of the forecasts by tenth, for the record and for the largest size of a half-year; level bars would be
        a calibrated forecast.
    """
    from matplotlib.ticker import MultipleLocator

    with style():
        ax = new_axes(ax, height=3.4)
        ax.set_axisbelow(True)
        series = (
            ("record", content["summary"]["combination"]["pit_deciles"], BLACK, "//"),
            ("largest of the half-year", _maximum(content)["pit_deciles"], GREEN, ""),
        )
        for place, (name, counts, colour, hatch) in enumerate(series):
            shares = np.array(counts) / max(sum(counts), 1)
            ax.bar(
                np.arange(10) + 0.3 + 0.4 * place,
                shares,
                width=0.38,
                color=colour if not hatch else "white",
                edgecolor=colour,
                hatch=hatch,
                label=name,
            )
        ax.axhline(0.1, color=BLACK, linewidth=1.0, linestyle=(0, (4, 2)), label="calibrated: 10% each")
        ax.legend(frameon=False, loc="upper right", fontsize=8.5)
        ax.yaxis.set_major_locator(MultipleLocator(0.05))
        ax.set_xlim(0, 10)
        ax.set_xticks(range(0, 11, 2), [f"{10 * at}%" for at in range(0, 11, 2)])
        ax.yaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f}%")
        ax.set_xlabel("place of what came within the forecast (left: lower than foretold)")
        ax.set_ylabel("share of forecasts")
        ax.set_title("Where what came fell", pad=10)
    return ax


def pit_histogram_text(content: Mapping[str, Any]) -> str:
    """Return the PIT histogram in words."""
    parts = []
    for name, entry in (("record", content["summary"]["combination"]), ("half-year's largest", _maximum(content))):
        counts = np.array(entry["pit_deciles"])
        low, high = counts[:5].sum() / counts.sum(), (counts[0] + counts[-1]) / counts.sum()
        parts.append(
            f"{name}: {100 * low:.0f}% of what came lay below the forecast's median, {100 * high:.0f}% in its outer tenths"
        )
    return f"Histogram of the place of what came within the forecasts. {'; '.join(parts)}."


def backtest_table(content: Mapping[str, Any]) -> pd.DataFrame:
    """Return every scored forecast."""
    import pandas as pd

    flat = []
    for row in content["rows"]:
        plain = {key: value for key, value in row.items() if key not in ("interval_0.8", "covered", "observed")}
        seen = row["observed"]
        plain["observed"] = seen[0] if isinstance(seen, list) else seen
        if "covered" in row:
            plain["low_0.8"], plain["high_0.8"] = row["interval_0.8"]
            plain |= {f"covered_{level}": held for level, held in row["covered"].items()}
        flat.append(plain)
    return pd.DataFrame(flat)


def methods_table(content: Mapping[str, Any]) -> pd.DataFrame:
    """Return one row per method; the thousands of forecasts behind them are in `backtest_table`."""
    import pandas as pd

    return pd.DataFrame(
        [
            {
                "method": name,
                "kind": row["kind"],
                "CRPS": row["crps"],
                "WIS": row["wis"],
                **{f"coverage of {float(level):.0%}": share for level, share in row["coverage"].items()},
                "forecasts": row["n"],
                "effective number": row["n_effective"],
            }
            for name, row in content["summary"].items()
            if "crps" in row
        ]
    )


def _pairs(content: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return the comparisons that are drawn: all targets, a member only where it passes the gate."""
    return {pair["against"]: pair.get("passing_only") or pair for pair in content["pairs"] if pair["rows"] == "all"}


def _maximum(content: Mapping[str, Any]) -> Mapping[str, Any]:
    return content["others"]["maximum"]["summary"]["combination"]
