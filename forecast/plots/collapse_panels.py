"""One picture each of the model-collapse laboratory: simulation as dots, closed forms as lines of the same colour."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.patches import Rectangle
from matplotlib.ticker import FuncFormatter, MultipleLocator

from forecast.collapse import theory
from forecast.plots.collapse_parts import (
    COLOURS,
    DASHES,
    MARKERS,
    generation_axis,
    label_ends,
    outline,
    pair,
    plain_ticks,
    styled,
)
from forecast.plots.style import QUIET, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from forecast.collapse.curves import YieldCurve
    from forecast.collapse.gaussian import GaussianResult
    from forecast.collapse.mixture import MixtureResult
    from forecast.collapse.ngram import NgramResult
    from forecast.collapse.regression import RegressionResult


NAMES = {"ml": "ML", "unbiased": "unbiased"}
"""How the ways to refit a variance are called in figures (ML: maximum likelihood)."""


LOWEST = 1e-12
"""Variances below this, the truth being 1, are drawn here: a component is a point long before."""


@styled
def gaussian_spread(result: GaussianResult, ax: Axes | None = None) -> Axes:
    """Draw mean and median of the fitted variance where each generation replaces the one before.

    Parameters
    ----------
    result : GaussianResult
        Holds the regime "replace".
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        Dots are simulated, lines are closed forms.
    """
    ax = new_axes(ax)
    labels = []
    wanted = (
        ("unbiased", "mean_variance", "mean, unbiased: stays 1"),
        ("ml", "mean_variance", "mean, ML: (1 - 1/M)ⁿ"),
        ("unbiased", "median_variance", "median, unbiased: ≈ exp(-n/M)"),
        ("ml", "median_variance", "median, ML: ≈ exp(-2n/M)"),
    )
    n = np.arange(result.generations + 1)
    for place, (estimator, measure, label) in enumerate(wanted):
        if (estimator, "replace") not in result.chains:
            continue
        form = result.theory(estimator, "replace", measure)
        simulated = result.curve(estimator, "replace", measure)
        pair(ax, n, simulated, form, place, result.standard_error(estimator, "replace", measure))
        labels.append((n[-1], form[-1] if form is not None else simulated[-1], label, place))
    ax.set_ylim(0, None)
    ax.set_xlim(0, result.generations)
    label_ends(ax, labels)
    generation_axis(ax)
    ax.set_ylabel("fitted variance s², truth = 1")
    ax.set_title(f"Spread, each replacing the last (M = {result.samples})")
    return ax


@styled
def gaussian_distance(result: GaussianResult, ax: Axes | None = None, estimator: str = "ml") -> Axes:
    """Draw the squared Wasserstein-2 distance to the truth under every regime.

    Parameters
    ----------
    result : GaussianResult
        Any regimes.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.
    estimator : {"ml", "unbiased"}, default "ml"
        How the variance was refitted; "replace" is drawn for both.

    Returns
    -------
    matplotlib.axes.Axes
        Distance on a log scale.
    """
    ax = new_axes(ax)
    n, labels = np.arange(1, result.generations + 1), []
    keys = [key for key in result.chains if key[0] == estimator]
    if ("unbiased", "replace") in result.chains and estimator != "unbiased":
        keys.append(("unbiased", "replace"))
    for place, key in enumerate(keys):
        simulated, form = result.curve(*key, "wasserstein")[1:], result.theory(*key, "wasserstein")
        title = result.chains[key].title + (f", {NAMES[key[0]]}" if key[1] == "replace" else "")
        error = result.standard_error(*key, "wasserstein")
        pair(ax, n, simulated, None if form is None else form[1:], place, None if error is None else error[1:])
        labels.append((n[-1], simulated[-1], title, place))
    ax.set_yscale("log")
    ax.set_xlim(0, result.generations)
    plain_ticks(ax)
    label_ends(ax, labels)
    generation_axis(ax)
    ax.set_ylabel("mean W₂² to the truth, in σ²")
    ax.set_title(f"Distance to the truth, by regime ({NAMES[estimator]})")
    return ax


@styled
def mixture_pictures(result: MixtureResult, regime: str = "replace", ax: Axes | None = None) -> Axes:
    """Draw what each of some generations writes, side by side, over the outline of the truth.

    Parameters
    ----------
    result : MixtureResult
        Holds the regime.
    regime : str, default "replace"
        Name with setting.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        One tile a snapshot, all to the same scale.
    """
    ax = new_axes(ax, height=1.6)
    snapshots = result.snapshots(regime)
    points = {generation: result.points(regime, generation) for generation in sorted(snapshots)}
    reach = np.max([np.abs(found).max(axis=0) for found in points.values()], axis=0)
    (width, height), columns = 2.15 * reach, min(len(points), 7)
    for place, (generation, found) in enumerate(points.items()):
        across, down = place % columns * width, -(place // columns) * 1.25 * height
        corner = (across - 0.485 * width, down - 0.5 * height)
        ax.add_patch(Rectangle(corner, 0.97 * width, height, facecolor="#F6F6F6", edgecolor="none", zorder=0))
        outline(ax, result.truth, across, down)
        ax.scatter(found[:, 0] + across, found[:, 1] + down, s=2.2, color=COLOURS[0], alpha=0.4, linewidths=0)
        title = "generation 0: the truth" if generation == 0 else f"generation {generation:,}"
        ax.text(across, down + 0.52 * height, title, ha="center", va="bottom", fontsize=9)
    rows = -(-len(points) // columns)
    ax.set_xlim(-0.5 * width, (columns - 0.5) * width)
    ax.set_ylim(-(1.25 * (rows - 1) + 0.52) * height, 0.68 * height)
    ax.set_aspect("equal")
    ax.set_axis_off()
    ax.set_anchor("W")
    ax.set_title(f"What each generation writes: {result.chains[regime].title}")
    return ax


@styled
def mixture_spread(result: MixtureResult, ax: Axes | None = None) -> Axes:
    """Draw the variance inside components, by generation, beside what theory expects of a lone Gaussian.

    Parameters
    ----------
    result : MixtureResult
        Any regimes.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        Variance on a log scale, the truth being 1.
    """
    ax = new_axes(ax)
    n, labels = np.arange(result.generations + 1), []
    for place, (name, chain) in enumerate(result.chains.items()):
        curve = np.maximum(result.within(name), LOWEST)
        ax.plot(n, curve, color=COLOURS[place], linestyle=DASHES[place], linewidth=1.0)
        labels.append((n[-1], curve[-1], chain.title, place))
    if "replace" in result.chains:
        median, low, high = (np.maximum(result.theory(level), LOWEST) for level in (0.5, 0.1, 0.9))
        ax.fill_between(n, low, high, color=QUIET, alpha=0.16, linewidth=0)
        ax.plot(n, median, color=QUIET, linewidth=1.2, linestyle=DASHES[1])
        labels.append(
            (
                n[-1],
                float(np.sqrt(median[-1] * high[-1])),
                "theory for a lone component:\nmedian, 80 % of histories",
                -1,
            )
        )
    ax.set_yscale("log")
    ax.set_xlim(0, result.generations)
    plain_ticks(ax)
    label_ends(ax, labels)
    generation_axis(ax)
    ax.set_ylabel("variance inside components, truth = 1")
    ax.set_title("Components thin out (one history each)")
    return ax


@styled
def ngram_measure(result: NgramResult, measure: str = "perplexity", ax: Axes | None = None) -> Axes:
    """Draw one measure of the n-gram experiment by generation.

    Parameters
    ----------
    result : NgramResult
        Any regimes.
    measure : {"perplexity", "rare_loss", "vocabulary"}
        Which measure.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        With the language's own entropy, or the vocabulary that theory expects, where there is one.
    """
    ax = new_axes(ax)
    n, labels = np.arange(1, result.generations + 1), []
    for place, (name, chain) in enumerate(result.chains.items()):
        form = result.theory() if measure == "vocabulary" and name == "replace" else None
        curve = result.curve(name, measure)
        pair(ax, n, curve, form, place)
        labels.append((n[-1], curve[-1], chain.title, place))
    ax.set_xlim(0, result.generations)
    if measure == "perplexity" and result.entropy is not None:
        floor = float(np.exp(result.entropy))
        ax.axhline(floor, color=QUIET, linewidth=1, linestyle=DASHES[1])
        labels.append((n[-1], floor, "the language itself", -1))
    if measure == "perplexity":
        ax.set_yscale("log")
        plain_ticks(ax)
    if measure == "vocabulary":
        ax.set_ylim(0, None)
    label_ends(ax, labels)
    generation_axis(ax)
    ylabel, title = {
        "perplexity": ("perplexity on unread human text", "Average loss"),
        "rare_loss": ("loss on rare words, nats a word", "Loss on the rarest tenth of the text"),
        "vocabulary": (f"words still in use, of {result.words:,}", "Words that are lost"),
    }[measure]
    ax.set_ylabel(ylabel)
    ax.set_title(title)
    return ax


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
        labels.append((floor.samples[-1], form[-1], f"{share * 100:g} % synthetic", place))
    ax.set_xscale("log")
    ax.set_yscale("log")
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
        Median and equal-tailed 50 and 80 % intervals, on a scale that is linear below 0.1.
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
    for row, word in ((2, "median"), (3, "50 %"), (4, "80 %")):
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
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value * 100:.0f} %"))
    ax.set_xlabel("synthetic share of the training mix")
    ax.set_ylabel("human tokens that one synthetic token replaces")
    generations, verifier = curve.settings[setting]
    rounds = f"{generations - 1} round{'s' if generations > 2 else ''} of synthetic data"
    ax.set_title(rounds + (f", verified {verifier.keep_right:g}/{verifier.keep_wrong:g}" if verifier else ""))
    return ax
