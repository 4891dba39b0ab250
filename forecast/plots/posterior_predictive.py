"""Posterior predictive: the maxima and the record that each member would have led one to expect."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from forecast.consumption.fit import Fit
from forecast.consumption.frontier_data import BLOCK_YEARS
from forecast.consumption.prior_predictive import published_maxima
from forecast.core.seeds import generator
from forecast.core.summaries import quantiles
from forecast.core.units import half_year_name
from forecast.plots.member_panels import fits, frame, grid, p_values, short_title
from forecast.plots.style import BLACK, SKY, VERMILION, new_axes, short_quantity, style
from forecast.runs.forecast import Forecast

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

_LEVELS = (0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975)


def posterior_predictive(shown: Forecast | Fit, ax: Axes | None = None) -> Axes:
    """Draw half-year maxima and the running record, predicted from each posterior, against the observed ones.

    Parameters
    ----------
    shown : Forecast or Fit
        A forecast gives one panel per member, a fit one panel.
    ax : matplotlib.axes.Axes, optional
        Where; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        A frame that holds the panels: bars hold 50 and 95% of the maxima, the band 80% of the running record
        (equal-tailed); p values as the gate reports them.

    Examples
    --------
    >>> import forecast as fc
    >>> f = fc.load("out")
    >>> axes = fc.plots.posterior_predictive(f)
    """
    from matplotlib.ticker import FixedLocator

    with style():
        found = fits(shown)
        ax = new_axes(ax, height=1.0 + 2.5 * -(-len(found) // 2))
        frame(ax, _finding(found), pad=26)
        _key(ax)
        panels = grid(ax, len(found), 2)
        low, high = _limits(found)
        for place, (panel, fit) in enumerate(zip(panels, found, strict=True)):
            _panel(panel, fit)
            panel.set_ylim(low, high)
            panel.yaxis.set_major_locator(FixedLocator(list(_decades(low, high))))
            if place % 2:
                panel.tick_params(labelleft=False)
    return ax


def _finding(found: list[Fit]) -> str:
    """Say whether the published sizes are such as the growth models expect."""
    values = [p for fit in found for p in fit.diagnostics.get("p_values", {}).values()]
    if not values:
        return "Would each growth model have produced what was published?"
    odd = sum(not 0.01 <= p <= 0.99 for p in values)
    how = "all such" if not odd else f"{len(values) - odd} of {len(values)} such"
    return f"Published sizes are {how} as the growth models expect (p {min(values):.2f} to {max(values):.2f})"


def _limits(found: list[Fit]) -> tuple[float, float]:
    """Return limits that hold every observed maximum and what is predicted of it."""
    ends: list[float] = []
    for fit in found:
        _, observed, maxima = _predicted(fit)
        low, high = quantiles(maxima, [0.025, 0.975])
        ends += [float(observed.min()), float(observed.max()), float(low.min()), float(high.max())]
    return 10 ** (min(ends) - 0.2), 10 ** (max(ends) + 0.2)


def _decades(low: float, high: float) -> np.ndarray:
    """Return powers of ten between limits, at most six."""
    powers = np.arange(np.ceil(np.log10(low)), np.log10(high))
    return 10.0 ** powers[:: -(-len(powers) // 6)]


def _predicted(fit: Fit) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the half-years' starts, their observed maxima (log10) as the member reads them, and predicted ones.

    The latter have the shape (draw, half-year).
    """
    # The stream of the gate's own p values.
    rng = generator(fit.seed, "consumption", fit.member.name, "predictive")
    blocks, maxima = published_maxima(fit.member, fit.data, fit.draws, fit.data.knots, rng)
    return fit.data.knots[blocks], fit.member.reads(fit.data).size[blocks, 0], maxima


def _panel(ax: Axes, fit: Fit) -> None:
    """Draw one member."""
    from matplotlib.ticker import MaxNLocator, NullLocator

    starts, observed, maxima = _predicted(fit)
    middle = starts + BLOCK_YEARS / 2
    low, within_low, _, within_high, high = 10 ** quantiles(maxima, [0.025, 0.25, 0.5, 0.75, 0.975])
    ax.vlines(middle, low, high, color=SKY, linewidth=1.6)
    ax.vlines(middle, within_low, within_high, color=SKY, linewidth=5)
    borders = np.append(starts, starts[-1] + BLOCK_YEARS)
    record = _held(10 ** quantiles(np.maximum.accumulate(maxima, axis=1), [0.1, 0.9]))
    ax.fill_between(borders, record[0], record[1], color=VERMILION, alpha=0.18, linewidth=0, step="post")
    ax.step(borders, _held(10 ** np.maximum.accumulate(observed)), color=VERMILION, linewidth=1.6, where="post")
    ax.plot(middle, 10**observed, linestyle="none", marker="o", color=BLACK, markersize=4.2, zorder=4)
    ax.set_yscale("log")
    ax.yaxis.set_minor_locator(NullLocator())
    ax.yaxis.set_major_formatter(lambda value, _: short_quantity(value))
    ax.set_xlim(float(fit.data.knots[0]), fit.data.last_knot)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=5, prune="upper"))
    ax.set_title(short_title(fit.member.title), fontsize=9, parse_math=False)
    ax.annotate(
        _p_words(fit.diagnostics["p_values"]),
        (0.98, 0.03),
        xycoords="axes fraction",
        ha="right",
        va="bottom",
        fontsize=9,
    )


def _held(values: np.ndarray) -> np.ndarray:
    """Return values with the last one once more: a step needs both its borders."""
    return np.concatenate([values, values[..., -1:]], axis=-1)


def _key(ax: Axes) -> None:
    """Say what is what, once, between the heading and the panels."""
    from matplotlib.lines import Line2D

    handles = [
        Line2D([], [], color=BLACK, marker="o", markersize=4.2, linestyle="none", label="published maximum"),
        Line2D([], [], color=SKY, linewidth=5, label="predicted 50, 95%"),
        Line2D([], [], color=VERMILION, linewidth=1.6, label="published record"),
        Line2D([], [], color=VERMILION, linewidth=6, alpha=0.25, label="predicted 80%"),
    ]
    ax.legend(
        handles=handles,
        loc="lower left",
        bbox_to_anchor=(-0.015, 1.0),
        ncols=4,
        frameon=False,
        fontsize=8.5,
        columnspacing=1.0,
        handlelength=1.4,
        borderaxespad=0.1,
    )


def _p_words(found: dict[str, float]) -> str:
    """Return a member's p values in words: the record's, and the range of the maxima's."""
    maxima = [p for name, p in found.items() if name != "the record"]
    words = [f"p of the record {found['the record']:.2f}"] if "the record" in found else []
    if maxima:
        words.append(f"of the last maxima {min(maxima):.2f} to {max(maxima):.2f}")
    return "\n".join(words)


def posterior_predictive_text(shown: Forecast | Fit) -> str:
    """Return the figure in words, its numbers from the gate."""
    if isinstance(shown, Fit):
        named = [(shown.member.title, shown.diagnostics["p_values"])]
    else:
        members = shown.document["consumption"]["members"]
        named = [(m["title"], p_values(shown.document, m["name"])) for m in members]
    parts = [
        f"{title}: {_p_words(found).replace(chr(10), ', ') or 'no p value was reported'}" for title, found in named
    ]
    return (
        "Half-year maxima and running record as each growth model's posterior predicts them, with the published ones over "
        f"them. Probability of values as large as the published ones: {'; '.join(parts)}. The gate asks for 0.01 to "
        "0.99."
    )


def posterior_predictive_table(shown: Forecast | Fit) -> pd.DataFrame:
    """Return the data behind the figure."""
    import pandas as pd

    lines: list[dict[str, Any]] = []
    for fit in fits(shown):
        starts, observed, maxima = _predicted(fit)
        records = np.maximum.accumulate(maxima, axis=1)
        points, record_points = 10 ** quantiles(maxima, _LEVELS), 10 ** quantiles(records, _LEVELS)
        so_far = 10 ** np.maximum.accumulate(observed)
        for place, start in enumerate(starts):
            line: dict[str, Any] = {"member": fit.member.name, "half_year": half_year_name(float(start))}
            line |= {"maximum": 10 ** observed[place], "record": so_far[place]}
            for level, own, of_record in zip(_LEVELS, points[:, place], record_points[:, place], strict=True):
                line |= {f"maximum_q{1000 * level:03.0f}": own, f"record_q{1000 * level:03.0f}": of_record}
            lines.append(line)
    return pd.DataFrame(lines)
