"""Pictures of the model-collapse laboratory about samples: simulation as dots, closed forms as lines of the same colour."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.patches import Rectangle

from forecast.plots.collapse_parts import (
    COLOURS,
    DASHES,
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

    from forecast.collapse.learners.gaussian import GaussianResult
    from forecast.collapse.learners.mixture import MixtureResult
    from forecast.collapse.learners.ngram import NgramResult

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
        title = "the truth" if generation == 0 else f"generation {generation:,}"
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
                "theory for a lone component:\nmedian, 80% of histories",
                -1,
            )
        )
    ax.set_yscale("log")
    ax.set_xlim(0, result.generations)
    plain_ticks(ax)
    label_ends(ax, labels)
    generation_axis(ax)
    ax.set_ylabel("variance inside components, truth = 1")
    ax.set_title("Do components thin out? One history each")
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
