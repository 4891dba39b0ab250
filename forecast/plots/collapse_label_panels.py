"""Pictures of the model-collapse laboratory about labels and yields: regression, verifiers, synthetic tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.ticker import FixedLocator, FuncFormatter, MultipleLocator, NullFormatter

from forecast.collapse import theory
from forecast.plots.collapse_parts import COLOURS, DASHES, MARKERS, generation_axis, label_ends, pair, panels, styled
from forecast.plots.style import QUIET, new_axes, power_of_ten

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from forecast.collapse.curves import YieldCurve
    from forecast.collapse.learners.regression import RegressionResult


@styled
def regression_error(result: RegressionResult, ax: Axes | None = None) -> Axes:
    """Draw the test error of regression by generation, in units of generation 1.

    Parameters
    ----------
    result : RegressionResult
        Any regimes.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        Dots are simulated, lines are closed forms.
    """
    ax = new_axes(ax)
    n, labels = np.arange(1, result.generations + 1), []
    for place, (name, chain) in enumerate(result.chains.items()):
        curve, form = result.curve(name), result.theory(name)
        pair(ax, n, curve, form, place)
        extra = {"replace": ": n", "accumulate": ": Σ 1/i²"}.get(name, "")
        labels.append((n[-1], curve[-1], chain.title + extra, place))
    if "accumulate" in result.chains:
        ax.axhline(theory.ACCUMULATE_LIMIT, color=QUIET, linewidth=1, linestyle=":")
        label: dict[str, Any] = {"color": QUIET, "ha": "right", "va": "bottom", "fontsize": 8.5}
        ax.text(result.generations * 0.98, theory.ACCUMULATE_LIMIT, "limit π²/6", **label)
    ax.set_xlim(0, result.generations)
    ax.set_ylim(0, None)
    label_ends(ax, labels)
    generation_axis(ax)
    ax.set_ylabel("test error, generation 1 = 1")
    ax.set_title("Trained on their own labels")
    return ax


@styled
def regression_floor(result: RegressionResult, ax: Axes | None = None) -> Axes:
    """Draw the error of regression against data size where a fixed share of labels is shifted.

    Parameters
    ----------
    result : RegressionResult
        Holds the floor experiment.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        Both axes on a log scale.
    """
    ax = new_axes(ax)
    floor, labels = result.floor, []
    for place, (share, errors) in enumerate(zip(floor.shares, floor.errors, strict=True)):
        look: dict[str, Any] = {"linestyle": "", "markersize": 5, "clip_on": False}
        ax.plot(floor.samples, errors, marker=MARKERS[place], color=COLOURS[place], **look)
        form = floor.theory(share)
        ax.plot(floor.samples, form, color=COLOURS[place], linestyle=DASHES[place], linewidth=1.3)
        labels.append((floor.samples[-1], form[-1], f"{share * 100:g}% synthetic", place))
    ax.set_xscale("log")
    ax.set_yscale("log")
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter(FuncFormatter(lambda value, _: power_of_ten(value)))
        axis.set_minor_formatter(NullFormatter())
    ax.set_xlim(floor.samples[0] * 0.8, floor.samples[-1])
    label_ends(ax, labels)
    ax.set_xlabel("labelled samples")
    ax.set_ylabel("test error, noise variance = 1")
    ax.set_title("A fixed share of shifted labels: d/n + p₂²c²")
    return ax


@styled
def verification_break_even(result: RegressionResult, ax: Axes | None = None) -> Axes:
    """Draw the accuracy of a classifier that reads verified labels against the generator's error.

    Parameters
    ----------
    result : RegressionResult
        Holds the break-even experiment.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        The break-even error of every verifier is marked.
    """
    ax = new_axes(ax)
    found = result.break_even
    for place, (verifier, accuracies) in enumerate(zip(found.filters, found.accuracies, strict=True)):
        ax.plot(
            found.error_rates, accuracies, linestyle="", marker=MARKERS[place], markersize=3.5, color=COLOURS[place]
        )
        ax.plot(found.error_rates, found.theory(verifier), color=COLOURS[place], linestyle=DASHES[place], linewidth=1.3)
        point = theory.break_even_error(verifier.keep_right, verifier.keep_wrong)
        ax.axvline(point, color=COLOURS[place], linewidth=0.8, linestyle=":")
        label = f"φ {verifier.keep_right:g}\nψ {verifier.keep_wrong:g}\np* {point:.2f}"
        ax.text(point - 0.012, 0.2 + 0.18 * place, label, color=COLOURS[place], ha="right", va="center", fontsize=8.5)
    ax.set_xlim(0, 1)
    ax.set_ylim(0, 1.02)
    ax.set_xlabel("share of wrong labels before the filter")
    ax.set_ylabel("accuracy on the truth")
    ax.set_title("Break-even of a verifier: 1/(1 + ψ/φ)")
    return ax


@styled
def yield_shares(curve: YieldCurve, setting: int = 0, ax: Axes | None = None) -> Axes:
    """Draw the yield of a synthetic token against the synthetic share of the mix, for one setting.

    Parameters
    ----------
    curve : YieldCurve
        Yields by setting and share.
    setting : int, default 0
        Which of the settings.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        Median and equal-tailed 50 and 80% intervals, on a scale that is linear below 0.1.
    """
    ax = new_axes(ax)
    shares, colour = np.asarray(curve.shares), COLOURS[setting % len(COLOURS)]
    levels = [0.1, 0.25, 0.5, 0.75, 0.9]
    bands = np.array([np.quantile(y.draws, levels, method="inverted_cdf") for y in curve.yields[setting]]).T
    ax.fill_between(shares, bands[0], bands[4], color=colour, alpha=0.16, linewidth=0)
    ax.fill_between(shares, bands[1], bands[3], color=colour, alpha=0.25, linewidth=0)
    ax.plot(shares, bands[2], color=colour, linestyle=DASHES[setting % len(DASHES)], linewidth=1.8)
    ax.axhline(0, color=QUIET, linewidth=0.9)
    ax.axhline(1, color=QUIET, linewidth=0.9, linestyle=":")
    ax.text(shares[-1], 1.06, "as good as a human token", color=QUIET, fontsize=8.5, ha="right", va="bottom")
    for row, word in ((2, "median"), (3, "50%"), (4, "80%")):
        place = len(shares) // 6
        spot = (shares[place], bands[row][place])
        look: dict[str, Any] = {
            "color": colour,
            "fontsize": 8.5,
            "va": "bottom",
            "ha": "center",
            "textcoords": "offset points",
        }
        ax.annotate(word, spot, xytext=(0, 2), **look)
    ax.set_yscale("symlog", linthresh=0.1, linscale=0.7)
    ax.set_yticks([-1, -0.1, 0, 0.1, 1, 10])
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    ax.set_ylim(-1, 10)
    ax.set_xlim(shares[0], shares[-1])
    ax.xaxis.set_major_locator(MultipleLocator(0.2))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value * 100:.0f}%"))
    ax.set_xlabel("synthetic share of the training mix")
    ax.set_ylabel("human tokens that one synthetic token replaces")
    generations, verifier = curve.settings[setting]
    rounds = f"{generations - 1} round{'s' if generations > 2 else ''} of synthetic data"
    ax.set_title(rounds + (f", verified {verifier.keep_right:g}/{verifier.keep_wrong:g}" if verifier else ""))
    return ax


@styled
def yield_origins(parts: Sequence[Mapping[str, Any]], kinds: Mapping[str, str]) -> Figure:
    """Draw how well each number of a yield is known, and whether it is measured here, measured elsewhere or judged.

    Parameters
    ----------
    parts : sequence of mapping
        Ingredients of a yield, all above zero.
    kinds : mapping of str to str
        Where a number comes from, in words, by an ingredient's kind.

    Returns
    -------
    matplotlib.figure.Figure
        Equal-tailed 80% intervals as multiples of the median.
    """
    table = origins_table(parts, kinds)
    figure, axes = panels((6.4, 0.9 + 0.55 * len(table)), 1, 1)
    ax, colours = axes[0, 0], dict(zip(dict.fromkeys(table["kind"]), COLOURS, strict=False))
    for place, (kind, *ends) in enumerate(table[["kind", "low", "median", "high"]].to_numpy().tolist()):
        low, median, high = ends
        ax.plot([low / median, high / median], [place, place], color=colours[kind], linewidth=4, solid_capstyle="round")
        ax.plot(1, place, MARKERS[list(colours).index(kind)], color=colours[kind], markersize=8)
        look: dict[str, Any] = {
            "xytext": (0, 7),
            "textcoords": "offset points",
            "ha": "center",
            "fontsize": 8.5,
            "color": QUIET,
        }
        ax.annotate(f"{kind}: {short(median)} ({short(low)} to {short(high)})", (1, place), **look)
    ax.set_yticks(range(len(table)), table["number"])
    ax.set_ylim(len(table) - 0.5, -0.7)
    ax.set_xscale("log")
    ax.set_xlim(0.1, 10)
    ax.xaxis.set_major_locator(FixedLocator([0.1, 0.2, 0.5, 1, 2, 5, 10]))
    ax.xaxis.set_minor_formatter(NullFormatter())
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    ax.set_xlabel("80% interval, as a multiple of the median")
    figure.set_label(origins_text(parts, kinds))
    return figure


def origins_table(parts: Sequence[Mapping[str, Any]], kinds: Mapping[str, str]) -> pd.DataFrame:
    """Return the data behind the figure of origins: what is measured first, what is judged last."""
    import pandas as pd

    order = list(dict.fromkeys(kinds.values()))
    rows = sorted(parts, key=lambda part: order.index(kinds[part["kind"]]))
    return pd.DataFrame(
        [(one["name"], kinds[one["kind"]], one["median"], one["low"], one["high"], one["unit"]) for one in rows],
        columns=["number", "kind", "median", "low", "high", "unit"],
    )


def origins_text(parts: Sequence[Mapping[str, Any]], kinds: Mapping[str, str]) -> str:
    """Say in words where each number of a yield comes from."""
    rows = origins_table(parts, kinds).to_numpy().tolist()
    told = (
        f"{name}, {kind}: {short(median)} [{short(low)}, {short(high)}]" for name, kind, median, low, high, _ in rows
    )
    return f"Numbers behind what a synthetic token is worth, median and 80% interval: {'; '.join(told)}."


def short(value: float) -> str:
    """Return a number in few digits, large ones in powers of ten."""
    return f"{value:.2g}" if value < 1e5 else f"{value:.1e}".replace("e+", "e")
