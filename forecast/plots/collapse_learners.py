"""Pictures of the laboratory's dice and neural learners; they draw what is computed here and what was stored alike."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.ticker import MaxNLocator

from forecast.plots.collapse_parts import (
    COLOURS,
    DASHES,
    foot,
    generation_axis,
    label_ends,
    pair,
    panels,
    plain_ticks,
    styled,
    with_alt,
)
from forecast.plots.style import QUIET, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from forecast.collapse.learners.neural import Curves

LABELS = {
    "perplexity": ("Perplexity", "perplexity of a letter of unread human text"),
    "rare_loss": ("Loss on rare words", "loss on rare words, nats a letter"),
    "diversity": ("Distinct runs", "distinct runs of 5 letters, share"),
    "variance": ("Spread", "variance of what is written, truth = 1"),
    "code_variance": ("Variance of codes", "variance of the codes of human points, prior = 1"),
    "near_truth": ("Near the truth", "share of what is written near the truth"),
    "loss": ("Loss", "loss on human points, nats"),
    "faces": ("Faces left", "faces that are left"),
}
"""How a measure is called in a title, and on its axis."""

_LOG = ("perplexity", "code_variance")
_FROM_ZERO = ("variance", "near_truth", "faces")


@styled
def learner_measure(result: Curves, measure: str, ax: Axes | None = None) -> Axes:
    """Draw one measure of a learner by generation, under every regime, with two standard errors.

    Parameters
    ----------
    result : Curves
        Of the transformer, the autoencoder or the dice.
    measure : str
        One of its measures.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        Dots are simulated; a line is exact where there is a closed form, and joins the dots elsewhere.
    """
    ax = new_axes(ax)
    n, labels, document = np.arange(1, result.document["generations"] + 1), [], result.document
    for place, (name, chain) in enumerate(result.chains.items()):
        curve, form = result.curve(name, measure), chain["theory"].get(measure)
        pair(ax, n, curve, None if form is None else np.array(form), place, result.curve(name, measure, "error"))
        labels.append((n[-1], curve[-1], chain["title"], place))
    floor = None
    if measure == "perplexity" and document["entropy_nats"] is not None:
        floor, words = float(np.exp(document["entropy_nats"])), "the language itself"
    elif measure == "diversity":
        floor, words = document["human_diversity"], "human text"
    if floor is not None:
        ax.axhline(floor, color=QUIET, linewidth=1, linestyle=DASHES[1])
        labels.append((n[-1], floor, words, -1))
    ax.set_xlim(min(n[0], n[-1] - 1), n[-1])
    if measure in _LOG:
        ax.set_yscale("log")
        plain_ticks(ax)
    if measure in _FROM_ZERO:
        ax.set_ylim(0, None)
    label_ends(ax, labels)
    generation_axis(ax)
    ax.set_ylabel(LABELS[measure][1])
    ax.set_title(_change(result, measure))
    return ax


@styled
def learner_sentences(result: Curves, regime: str = "replace", ax: Axes | None = None) -> Axes:
    """Write down how each of some generations goes on from the same human opening.

    Parameters
    ----------
    result : Curves
        Of the transformer.
    regime : str, default "replace"
        Name with setting.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        One line a generation.
    """
    ax = new_axes(ax)
    told = result.chains[regime]["continued"]
    for place, (generation, text) in enumerate(told.items()):
        line = textwrap.fill(" / ".join(text.split("\n")), 52)
        top = 1 - place / max(len(told), 1)
        ax.text(0.0, top, f"n = {generation}", va="top", color=QUIET, fontsize=9, transform=ax.transAxes)
        ax.text(0.12, top, line, va="top", family="monospace", fontsize=8, transform=ax.transAxes)
    ax.set_axis_off()
    opening, temperature = " ".join(str(result.document["prompt"]).split()), result.document["temperature"]
    way = result.chains[regime]["title"] + (f", temperature {temperature:g}" if temperature != 1 else "")
    ax.set_title(f"How it goes on from “{opening}”: {way}")
    return ax


@styled
def dice_lost(result: Curves, ax: Axes | None = None) -> Axes:
    """Draw the probability that each face is lost where each die replaces the one before.

    Parameters
    ----------
    result : Curves
        Of the dice, under replace.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        Dots are simulated, lines exact (Wright-Fisher).
    """
    ax = new_axes(ax)
    n, labels = np.arange(1, result.document["generations"] + 1), []
    faces = sorted(result.document["faces"])
    for place, p in enumerate(faces):
        found, form = (result.curve("replace", f"lost_{p:g}", kind) for kind in ("simulation", "theory"))
        pair(ax, n, found, form, place)
        labels.append((n[-1], form[-1], f"a face of {100 * p:.2g} %", place))
    ax.set_ylim(0, 1)
    ax.set_xlim(0, n[-1])
    label_ends(ax, labels)
    generation_axis(ax)
    ax.set_ylabel("probability that the face is lost for good")
    rare = result.curve("replace", f"lost_{faces[0]:g}", "theory")[-1]
    ax.set_title(f"After {n[-1]} dice the rarest face is lost in {rare:.0%} of histories")
    return ax


@styled
def capacity_errors(result: Curves, ax: Axes | None = None) -> Axes:
    """Draw what models of several sizes lose above the entropy of their language, split by its cause.

    Parameters
    ----------
    result : Curves
        Of the experiment on capacity.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        One bar a size.
    """
    ax = new_axes(ax)
    chains = list(result.chains.values())
    rows, left = np.arange(len(chains)), np.zeros(len(chains))
    for place, (name, words) in enumerate(
        (("approximation", "function-approximation error"), ("sampling", "sampling error"))
    ):
        parts = np.maximum([chain["simulation"][name][0] for chain in chains], 0)
        ax.barh(rows, parts, left=left, color=COLOURS[place], height=0.62)
        widest = int(np.argmax(parts))
        spot = (left[widest] + parts[widest] / 2, rows[widest])
        ax.annotate(words, spot, ha="center", va="center", color="white", fontsize=9)
        left += parts
    ax.set_yticks(rows, [chain["title"] for chain in chains])
    ax.invert_yaxis()
    ax.xaxis.set_major_locator(MaxNLocator(6))
    ax.grid(axis="x")
    ax.grid(visible=False, axis="y")
    ax.set_axisbelow(True)
    ax.set_xlabel("loss above the entropy of the language, nats a letter")
    first, last = (chains[at]["simulation"] for at in (0, -1))
    ax.set_title(
        f"With size, what a model cannot express goes from {first['approximation'][0]:.2f} to "
        f"{last['approximation'][0]:.2f} nats,\nwhat a short text did not tell it from {first['sampling'][0]:.2f} to "
        f"{last['sampling'][0]:.2f}"
    )
    return ax


@styled
def draw_transformer(result: Curves) -> Figure:
    """Draw the transformer: perplexity, rare words, diversity, and how it goes on from an opening."""
    figure, axes = panels((12.6, 8.2), 2, 2)
    for ax, measure in zip(axes.flat, ("perplexity", "rare_loss", "diversity"), strict=False):
        learner_measure(result, measure, ax)
    learner_sentences(result, next(iter(result.chains)), axes[1, 1])
    found = result.document
    foot(
        figure,
        f"A transformer of {found['parameters']:,} weights on {found['language']}, {found['samples']:,} letters and "
        f"{found['steps']} updates a generation, {found['replicates']} histories; bars: 2 standard errors.",
    )
    return with_alt(figure, learner_text(result, "perplexity"))


@styled
def draw_vae(result: Curves) -> Figure:
    """Draw the autoencoder: variance of what it writes and of its codes, and what is left near the truth."""
    figure, axes = panels((15.6, 4.2), 1, 3)
    for ax, measure in zip(axes[0], ("variance", "near_truth", "code_variance"), strict=True):
        learner_measure(result, measure, ax)
    found = result.document
    foot(figure, f"{found['samples']:,} points a generation, {found['replicates']} histories; bars: 2 standard errors.")
    return with_alt(figure, learner_text(result, "variance"))


@styled
def draw_dice(result: Curves) -> Figure:
    """Draw the dice: faces lost under replace, and faces left under every regime."""
    both = "replace" in result.chains
    figure, axes = panels((6.3 * (1 + both), 4.2), 1, 1 + both)
    if both:
        dice_lost(result, axes[0, 0])
    learner_measure(result, "faces", axes[0, -1])
    found = result.document
    foot(
        figure,
        f"{found['samples']} throws a generation. Dots: {found['replicates']:,} simulated histories. "
        "Lines: exact for replace; elsewhere they join the dots.",
    )
    return with_alt(figure, learner_text(result, "faces"))


@styled
def draw_capacity(result: Curves) -> Figure:
    """Draw the errors of models of several sizes."""
    figure, axes = panels((8.4, 4.0), 1, 1)
    capacity_errors(result, axes[0, 0])
    foot(figure, f"{result.document['samples']:,} letters; {result.document['steps']} updates of every model.")
    said = "; ".join(
        f"{chain['title']}: {chain['simulation']['approximation'][0]:.3f} and {chain['simulation']['sampling'][0]:.3f}"
        for chain in result.chains.values()
    )
    return with_alt(figure, f"Nats a letter above the entropy, function-approximation and sampling error. {said}.")


def learner_text(result: Curves, measure: str) -> str:
    """Say in words what a learner's figure shows."""
    ends = "; ".join(
        f"{chain['title']}: {result.curve(name, measure)[0]:.3g} to {result.curve(name, measure)[-1]:.3g}"
        for name, chain in result.chains.items()
    )
    return f"{LABELS[measure][1].capitalize()}, generation 1 to {result.document['generations']}. {ends}."


def _change(result: Curves, measure: str) -> str:
    """Return a title: from where to where a measure goes under the first regime."""
    name, chain = next(iter(result.chains.items()))
    first, last = result.curve(name, measure)[[0, -1]]
    first_words, last_words = (f"{value:,.0f}" if value >= 1000 else f"{value:.3g}" for value in (first, last))
    return f"{LABELS[measure][0]}, {chain['title']}: {first_words} to {last_words}"
