"""Pictures of the model-collapse laboratory about what verifiers, teachers and passes are worth in human tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from forecast.collapse.learners.verifiers import VERIFIERS
from forecast.plots.collapse_parts import COLOURS, MARKERS, generation_axis, label_ends, pair, plain_ticks, styled
from forecast.plots.style import QUIET, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

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
