"""Figures of the model-collapse laboratory, put together from single pictures, with their texts, and written to disk.

Every figure has a text that says what it shows, built from the result's own numbers; it travels with the file.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure

from forecast.collapse import theory
from forecast.collapse.learners.lessons import WORDS
from forecast.collapse.tables import COLUMNS, long_rows
from forecast.core.files import atomic_file
from forecast.plots.collapse_label_panels import (
    regression_error,
    regression_floor,
    verification_break_even,
    yield_shares,
)
from forecast.plots.collapse_learners import (
    capacity_errors,
    dice_lost,
    draw_capacity,
    draw_dice,
    draw_transformer,
    draw_vae,
    learner_measure,
    learner_sentences,
)
from forecast.plots.collapse_panels import (
    gaussian_distance,
    gaussian_spread,
    mixture_pictures,
    mixture_spread,
    ngram_measure,
)
from forecast.plots.collapse_parts import foot, panels, styled, with_alt
from forecast.plots.collapse_surrogate import archive_worth, surrogate_left_out, surrogate_retained
from forecast.plots.collapse_worth_panels import lesson_losses, lesson_worth, verifier_tokens, verifier_worth
from forecast.plots.style import save, style

if TYPE_CHECKING:
    import pandas as pd

    from forecast.collapse.curves import YieldCurve
    from forecast.collapse.learners.gaussian import GaussianResult
    from forecast.collapse.learners.lessons import Lesson
    from forecast.collapse.learners.mixture import MixtureResult
    from forecast.collapse.learners.ngram import NgramResult
    from forecast.collapse.learners.regression import RegressionResult
    from forecast.collapse.learners.verifiers import VerifierResult

__all__ = [
    "archive_worth",
    "draw_adaptation",
    "draw_distillation",
    "capacity_errors",
    "dice_lost",
    "draw_capacity",
    "draw_dice",
    "draw_gaussian",
    "draw_mixture",
    "draw_ngram",
    "draw_passes",
    "draw_regression",
    "draw_verifiers",
    "draw_transformer",
    "draw_vae",
    "draw_yield",
    "gaussian_distance",
    "gaussian_spread",
    "gaussian_text",
    "lesson_losses",
    "lesson_text",
    "lesson_worth",
    "learner_measure",
    "learner_sentences",
    "mixture_pictures",
    "mixture_spread",
    "mixture_text",
    "ngram_measure",
    "ngram_text",
    "regression_error",
    "regression_floor",
    "regression_text",
    "save_figure",
    "surrogate_left_out",
    "surrogate_retained",
    "verification_break_even",
    "verifier_tokens",
    "verifier_worth",
    "verifiers_text",
    "yield_shares",
    "yield_table",
    "yield_text",
]


@styled
def draw_gaussian(result: GaussianResult) -> Figure:
    """Draw the Gaussian experiment: spread under replace, distance under every regime."""
    both = any(key[1] == "replace" for key in result.chains)
    figure, axes = panels((5.9 * (1 + both), 4.2), 1, 1 + both)
    if both:
        gaussian_spread(result, axes[0, 0])
    gaussian_distance(result, axes[0, -1], estimator="ml" if ("ml" in {k[0] for k in result.chains}) else "unbiased")
    foot(
        figure,
        f"Dots: {result.replicates:,} simulated histories, with 2 standard errors of a mean. "
        "Lines: closed forms for replace; elsewhere they join the dots.",
    )
    return with_alt(figure, gaussian_text(result))


def gaussian_text(result: GaussianResult) -> str:
    """Say in words what the Gaussian figure shows."""
    parts = [
        f"{chain.title} ({estimator}): mean variance {result.curve(estimator, name, 'mean_variance')[-1]:.2f}, "
        f"median {result.curve(estimator, name, 'median_variance')[-1]:.2f}, "
        f"squared distance {result.curve(estimator, name, 'wasserstein')[-1]:.3g}"
        for (estimator, name), chain in result.chains.items()
    ]
    return (
        f"A Gaussian refitted {result.generations} times on {result.samples} samples, truth variance 1. "
        f"At the last generation: {'; '.join(parts)}."
    )


@styled
def draw_mixture(result: MixtureResult) -> Figure:
    """Draw the mixture experiment: pictures of some generations, and the variance inside components."""
    first = next(iter(result.chains))
    figure, axes = panels((12.4, 6.4), 2, 1, height_ratios=(1, 1.6))
    mixture_pictures(result, first, axes[0, 0])
    mixture_spread(result, axes[1, 0])
    foot(
        figure,
        f"{result.samples:,} samples a generation; 1,000 points are drawn of each. "
        "Grey ellipses: the true components, 2 standard deviations.",
    )
    return with_alt(figure, mixture_text(result))


def mixture_text(result: MixtureResult) -> str:
    """Say in words what the mixture figure shows."""
    ends = "; ".join(f"{chain.title}: {result.within(name)[-1]:.2g}" for name, chain in result.chains.items())
    return (
        f"A mixture of {result.components} Gaussians refitted {result.generations:,} times on {result.samples:,} of "
        f"its own samples. Variance inside components at the end, the truth being 1: {ends}."
    )


@styled
def draw_ngram(result: NgramResult) -> Figure:
    """Draw the n-gram experiment: perplexity, loss on rare words, vocabulary."""
    figure, axes = panels((15.6, 4.2), 1, 3)
    for ax, measure in zip(axes[0], ("perplexity", "rare_loss", "vocabulary"), strict=True):
        ngram_measure(result, measure, ax)
    foot(
        figure,
        f"{result.order}-gram model on {result.language}, {result.samples:,} words per generation, "
        f"mean of {result.replicates} simulated {'history' if result.replicates == 1 else 'histories'}. Solid line on the right: theory for independent words.",
    )
    return with_alt(figure, ngram_text(result))


def ngram_text(result: NgramResult) -> str:
    """Say in words what the n-gram figure shows."""
    ends = "; ".join(
        f"{chain.title}: perplexity {result.curve(name, 'perplexity')[0]:.0f} to "
        f"{result.curve(name, 'perplexity')[-1]:.0f}, "
        f"{result.curve(name, 'vocabulary')[-1]:.0f} words left"
        for name, chain in result.chains.items()
    )
    return (
        f"A {result.order}-gram model trained {result.generations} times on {result.samples:,} words of its own text; "
        f"the language has {result.words:,} words. First to last generation: {ends}."
    )


@styled
def draw_regression(result: RegressionResult) -> Figure:
    """Draw the regression experiment: error by generation, floor of contamination, break-even of verification."""
    figure, axes = panels((15.6, 4.2), 1, 3)
    regression_error(result, axes[0, 0])
    regression_floor(result, axes[0, 1])
    verification_break_even(result, axes[0, 2])
    foot(
        figure,
        "Dots: simulation. Lines: closed forms; left, a line through dots where there is no closed form. "
        "Right: φ and ψ are the shares of right and of wrong labels that a verifier keeps.",
    )
    return with_alt(figure, regression_text(result))


def regression_text(result: RegressionResult) -> str:
    """Say in words what the regression figure shows."""
    ends = "; ".join(f"{chain.title}: {result.curve(name)[-1]:.2f}" for name, chain in result.chains.items())
    floors = "; ".join(
        f"{share * 100:g}%: {row[-1]:.2g}" for share, row in zip(result.floor.shares, result.floor.errors, strict=True)
    )
    points = ", ".join(
        f"{theory.break_even_error(verifier.keep_right, verifier.keep_wrong):.2f}"
        for verifier in result.break_even.filters
    )
    return (
        f"Test error of regression after {result.generations} generations, generation 1 being 1: {ends}. "
        f"Error with {result.floor.samples[-1]:,} samples of which a share is shifted: {floors}. "
        f"Break-even generator errors of the verifiers: {points}."
    )


@styled
def draw_verifiers(result: VerifierResult) -> Figure:
    """Draw the verifiers: what retraining alone comes to, and what a verified token is worth beside human text."""
    regimes = dict.fromkeys(regime for _, regime in result.chains)
    beside = "accumulate" in regimes
    figure, axes = panels((7.8 * (1 + beside), 4.4), 1, 1 + beside)
    verifier_tokens(result, next(iter(regimes)), axes[0, 0])
    if beside:
        verifier_worth(result, axes[0, 1])
    foot(
        figure,
        f"First model: {result.samples} human tokens. Learned and held-out: {result.reads} more. Biased: "
        f"{result.bias:g} sd off, as if of {result.knows('biased'):.0f} tokens. {result.replicates:,} histories. "
        "Lines: closed forms.",
    )
    return with_alt(figure, verifiers_text(result))


def verifiers_text(result: VerifierResult) -> str:
    """Say in words what the verifiers' figure shows."""
    ends = "; ".join(
        f"{name}, {regime}: {result.samples / result.curve(name, regime)[-1]:.0f}" for name, regime in result.chains
    )
    return (
        f"A mean refitted {result.generations} times on what a verifier passed, from {result.samples} human tokens. Human "
        f"tokens that the last generation is as good as, by verifier and regime: {ends}."
    )


@styled
def draw_distillation(result: Lesson) -> Figure:
    """Draw lessons beside human text: what students know, and what the lessons are worth."""
    figure, axes = panels((15.0, 4.6), 1, 2)
    lesson_losses(result, axes[0, 0])
    lesson_worth(result, axes[0, 1])
    foot(
        figure,
        f"Transformers of 25 thousand weights, letters of a generated language, mean of {result.replicates} languages with "
        "2 standard errors; arrows up: at least. Judgement alone carries this to larger models.",
    )
    return with_alt(figure, lesson_text(result))


draw_passes = draw_adaptation = draw_distillation


def lesson_text(result: Lesson) -> str:
    """Say in words what a lesson's figure shows."""
    ends = "; ".join(
        f"{p.series}, {p.x:g}: {'over ' * p.beyond}{p.worth:.2g}, standard error {p.error:.2g}" for p in result.points
    )
    return f"Human tokens that a token of each lesson is worth, by lesson and {WORDS[result.experiment].x}: {ends}."


@styled
def draw_yield(curve: YieldCurve, *, upright: bool = False) -> Figure:
    """Draw the yield curve, one panel per setting."""
    count = len(curve.settings)
    size, grid = ((7.0, 3.1 * count), (count, 1)) if upright else ((4.5 * count, 4.6), (1, count))
    figure, axes = panels(size, *grid, sharex=upright, sharey=True)
    for setting, ax in enumerate(axes.flat):
        yield_shares(curve, setting, ax)
        ax.label_outer()
    if upright:
        # One label for all: it is longer than a panel is high.
        figure.supylabel(axes[0, 0].get_ylabel(), fontsize="medium")
        for ax in axes.flat:
            ax.set_ylabel("")
        return with_alt(figure, yield_text(curve))
    foot(
        figure,
        f"Regime: {curve.regime}. The gain is borrowed from published rephrasing results, its decline over rounds is "
        "measured in small transformers, and what both are worth at the frontier is judgement.",
    )
    return with_alt(figure, yield_text(curve))


def yield_text(curve: YieldCurve) -> str:
    """Say in words what the yield curve shows."""
    parts = []
    for (generations, verifier), yields in zip(curve.settings, curve.yields, strict=True):
        rounds = "1 round" if generations == 2 else f"{generations - 1} rounds"
        for share, found in ((curve.shares[0], yields[0]), (curve.shares[-1], yields[-1])):
            low, middle, high = np.quantile(found.draws, [0.1, 0.5, 0.9], method="inverted_cdf")
            parts.append(
                f"{rounds}{', verified' if verifier else ''}, {share * 100:.0f}% synthetic: "
                f"{middle:.2g} [{low:.2g}, {high:.2g}]"
            )
    return f"Human tokens that one synthetic token replaces, median and 80% interval. {'; '.join(parts)}."


def yield_table(curve: YieldCurve) -> pd.DataFrame:
    """Return the data behind the yield curve."""
    import pandas as pd

    levels = (0.1, 0.25, 0.5, 0.75, 0.9)
    rows = []
    for (generations, verifier), yields in zip(curve.settings, curve.yields, strict=True):
        said = "none" if verifier is None else f"{verifier.keep_right:g}/{verifier.keep_wrong:g}"
        for share, found in zip(curve.shares, yields, strict=True):
            rows.append((generations, said, share, *np.quantile(found.draws, levels, method="inverted_cdf").tolist()))
    columns = ["fits", "verifier", "synthetic_share", *(f"yield_{100 * level:.0f}" for level in levels)]
    return pd.DataFrame(rows, columns=columns)


def save_figure(figure: Figure, document: Mapping[str, Any], out: Path) -> list[Path]:
    """Write a figure to a file, or figure and data to a folder."""
    is_file = bool(out.suffix) and not out.is_dir()
    target = out if is_file else out / f"collapse_{document['experiment']}.svg"
    kind = target.suffix[1:].lower()
    # Dates are left out, so that the same seed writes the same file; the alt text travels with the picture.
    metadata: dict[str, Any] = {
        "svg": {"Description": figure.get_label(), "Date": None},
        "png": {"Description": figure.get_label()},
        "pdf": {"Subject": figure.get_label(), "CreationDate": None},
    }[kind]
    written = [target]
    with style(), atomic_file(target) as temporary:
        save(figure, temporary, kind, dpi=150, metadata=metadata)
    if not is_file and "chains" in document:
        written.append(target.with_suffix(".csv"))
        with atomic_file(written[-1]) as temporary, temporary.open("w", newline="", encoding="utf-8") as handle:
            writer = csv.DictWriter(handle, COLUMNS)
            writer.writeheader()
            writer.writerows(long_rows(document))
    if not is_file:
        written.append(target.with_suffix(".json"))
        with atomic_file(written[-1]) as temporary:
            temporary.write_text(json.dumps(document, ensure_ascii=False, allow_nan=False), encoding="utf-8")
    return written
