"""Pictures of the model-collapse laboratory about what verifiers, teachers and passes are worth in human tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.ticker import FuncFormatter, NullFormatter

from forecast.collapse.learners.lessons import WORDS
from forecast.collapse.learners.verifiers import VERIFIERS
from forecast.plots.collapse_parts import (
    COLOURS,
    DASHES,
    MARKERS,
    generation_axis,
    label_ends,
    pair,
    plain_ticks,
    styled,
)
from forecast.plots.style import QUIET, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from forecast.collapse.learners.lessons import Lesson, Point
    from forecast.collapse.learners.verifiers import VerifierResult


@styled
def verifier_tokens(result: VerifierResult, regime: str = "replace", ax: Axes | None = None) -> Axes:
    """Draw the human tokens that a model is as good as, by generation, for every verifier.

    Parameters
    ----------
    result : VerifierResult
        Holds the regime.
    regime : str, default "replace"
        What each generation reads.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        Dots are simulated, lines are closed forms.
    """
    ax = new_axes(ax)
    n, labels = np.arange(1, result.generations + 1), []
    for place, name in enumerate(dict.fromkeys(verifier for verifier, _ in result.chains)):
        curve, form = result.curve(name, regime), result.theory(name, regime)
        pair(ax, n, result.samples / curve, None if form is None else result.samples / form, place)
        labels.append((n[-1], result.samples / curve[-1], VERIFIERS[name].title, place))
    ax.set_yscale("log")
    ax.axhline(result.samples, color=QUIET, linewidth=0.9, linestyle=":")
    ax.set_xlim(1, result.generations)
    plain_ticks(ax)
    label_ends(ax, labels)
    generation_axis(ax)
    ax.set_ylabel("human tokens that the model is as good as")
    ax.set_title("Verified text alone: no better than its verifier")
    return ax


@styled
def verifier_worth(result: VerifierResult, ax: Axes | None = None) -> Axes:
    """Draw what a token that passed each verifier is worth beside human text, with two standard errors.

    Parameters
    ----------
    result : VerifierResult
        Holds the regime "accumulate".
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        In human tokens a verified token.
    """
    ax = new_axes(ax)
    names = [verifier for verifier, regime in result.chains if regime == "accumulate"]
    for place, name in enumerate(names):
        worth, error = result.worth(name)
        look: dict[str, Any] = {
            "fmt": MARKERS[place % len(MARKERS)],
            "color": COLOURS[place % len(COLOURS)],
            "capsize": 2,
        }
        ax.errorbar([worth], [-place], xerr=[2 * error], **look)
    ax.axvline(0, color=QUIET, linewidth=0.9)
    ax.set_yticks([-place for place in range(len(names))], [VERIFIERS[name].title for name in names])
    ax.set_xlabel("human tokens that a verified token replaces")
    ax.set_title("Beside human text: worth what the verifier knows")
    return ax


@styled
def lesson_losses(result: Lesson, ax: Axes | None = None) -> Axes:
    """Draw the test loss of students by what they read of human text, and the losses of the lessons beside it.

    Parameters
    ----------
    result : Lesson
        Any of the experiments.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        In nats a letter; the entropy of the language is the floor.
    """
    ax = new_axes(ax)
    tokens, losses = np.array(result.human).T
    ax.plot(tokens, losses, color=QUIET, marker="o", markersize=4)
    labels = [(tokens[-1], losses[-1], "human text", -1), (tokens[-1], result.entropy, "entropy", -1)]
    for place, (name, points) in enumerate(_by_series(result).items()):
        x = [p.tokens * (p.x if result.experiment == "passes" else 1) for p in points]
        ax.plot(x, [p.loss for p in points], linestyle="", marker=MARKERS[place], color=COLOURS[place], label=name)
    ax.axhline(result.entropy, color=QUIET, linewidth=0.9, linestyle=":")
    ax.set_xscale("log")
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    ax.xaxis.set_minor_formatter(NullFormatter())
    ax.set_xlim(min(tokens[0], min(p.tokens for p in result.points)) * 0.9, tokens[-1] * 1.1)
    label_ends(ax, labels)
    ax.legend(loc="upper right", fontsize=8.5, frameon=False)
    ax.set_xlabel("tokens read")
    ax.set_ylabel("loss on held-out text (nats a letter)")
    ax.set_title("Losses beside those of human text")
    return ax


@styled
def lesson_worth(result: Lesson, ax: Axes | None = None) -> Axes:
    """Draw what a lesson is worth, in human tokens that bring to the same loss over the student's own.

    Parameters
    ----------
    result : Lesson
        Any of the experiments.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        With two standard errors; arrows are lower bounds, the dotted line is the law beside it.
    """
    ax = new_axes(ax)
    words, labels = WORDS[result.experiment], []
    for place, (name, points) in enumerate(_by_series(result).items()):
        x, worth = [p.x for p in points], np.array([p.worth for p in points])
        look: dict[str, Any] = {"color": COLOURS[place], "marker": MARKERS[place], "linestyle": DASHES[place]}
        error = 2 * np.array([p.error for p in points])
        # A bound below 0 has no place on a log scale: bars end at a tenth.
        both = np.stack([np.minimum(error, 0.9 * worth), error])
        ax.errorbar(x, worth, yerr=both, lolims=[p.beyond for p in points], capsize=2, **look)
        labels.append((x[-1], worth[-1], name, place))
    by_law = {p.x: p.law for p in result.points if p.law is not None}
    if by_law:
        ax.plot(list(by_law), list(by_law.values()), color=QUIET, linestyle=":", linewidth=1.2)
        labels.append((max(by_law), by_law[max(by_law)], words.law, -1))
    ax.set_xscale("log")
    ax.set_yscale("log")
    ticks = sorted({p.x for p in result.points})
    ax.set_xticks(ticks, [f"{x:,.0f}" for x in ticks], minor=False)
    ax.xaxis.set_minor_formatter(NullFormatter())
    ax.set_xlim(ticks[0] * 0.9, ticks[-1] * 1.1)
    ax.axhline(1, color=QUIET, linewidth=0.9)
    plain_ticks(ax)
    label_ends(ax, labels)
    ax.set_xlabel(words.x)
    ax.set_ylabel("human tokens that one is worth")
    ax.set_title(words.title)
    return ax


def _by_series(result: Lesson) -> dict[str, list[Point]]:
    """Return the points of every kind of lesson, by what is varied."""
    points = sorted(result.points, key=lambda p: p.x)
    return {name: [p for p in points if p.series == name] for name in dict.fromkeys(p.series for p in result.points)}
