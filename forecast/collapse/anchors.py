"""What is published about learners on their own text, beside what the learners of this laboratory came to.

A small model on a small text cannot repeat the numbers of a large one. What is compared is the direction, and the
order: nats a letter, taken from published perplexities at `LETTERS` letters a token.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from forecast.collapse import theory
from forecast.collapse.learners.neural import Curves
from forecast.collapse.learners.verifiers import simulate_verifiers

COLUMNS = ("published", "stated", "here", "verdict")
"""Columns of the comparison."""

LETTERS = 4.0
"""Letters of a token of English text (letters per token; the usual rule of thumb for byte-pair encodings)."""

ORDER = 3.0
"""Two rises are of the same order within this factor (judgement)."""

MINOR = 0.5
"""A rise is minor below this share of the rise where everything is replaced (judgement)."""

ROUNDS, BESIDE = 20, 1.0
"""Generations of verified retraining (count), and how far the verifier's centre lies from the truth (standard deviations)."""

NEAR = 0.2
"""Share of that distance that counts as there (judgement): a mean of 100 samples in two dimensions errs by 0.14."""

_BREAK_EVEN = (((1.0, 1.0), 0.5), ((0.9, 0.3), 0.75), ((0.7, 0.05), 0.933))
"""Shares of right and wrong labels that a verifier keeps, and the published error (Feng et al. 2024, arXiv 2406.07515)."""

_ZERO_KEPT, _BASE = (20.0, 28.0), 34.0
"""Points of perplexity that OPT-125m loses on wikitext2 with no original data kept, and its perplexity at first."""


def compare(content: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return one row for each published finding: matched, explained or not reproducible.

    Parameters
    ----------
    content : mapping
        The stored result "learners".

    Returns
    -------
    list of dict
        Texts under `COLUMNS`.
    """
    text, cold, autoencoder = (Curves(content[name]) for name in ("shakespeare", "cold", "vae"))
    low, high = (math.log((_BASE + points) / _BASE) / LETTERS for points in _ZERO_KEPT)
    rises = {name: _rise(text, name) for name in text.chains}
    same_order = low / ORDER <= rises["replace"] <= high * ORDER
    kept, grown = (one / rises["replace"] for one in (rises["keep:0.1"], rises["accumulate"]))
    at_four = [float(math.log(one.curve("replace", "perplexity")[3])) for one in (text, cold)]
    shrunk = {name: autoencoder.curve(name, "variance")[[0, -1]] for name in autoencoder.chains}
    retrained = simulate_verifiers(
        generations=ROUNDS, replicates=50, regimes=["replace"], verifiers=["truth", "biased"], bias=BESIDE
    )
    away = {
        name: float(np.sqrt(retrained.curve(name, "replace")[-1] / retrained.samples * retrained.dimension)) / BESIDE
        for name in ("truth", "biased")
    }
    worst = [theory.break_even_error(*keeps) for keeps, _ in _BREAK_EVEN]
    lost = float(theory.lost_at_once(0.0005, 1000))
    exact = float(theory.lost_exactly(0.0005, 1000, 1)[1])
    return [
        _row(
            "OPT-125m on wikitext2, nothing kept: perplexity rises",
            f"by 20 to 28 points from 34: {low:.2f} to {high:.2f} nats a letter",
            f"{rises['replace']:.2f} nats a letter by generation 10 on {text.document['language']}",
            "matched" if same_order else "explained" if rises["replace"] > 0 else "not reproducible",
            f"within a factor of {ORDER:g}"
            if same_order
            else "direction only: trained from nothing instead of tuned, other size of text and model",
        ),
        _row(
            "OPT-125m, 10 % of the original kept",
            "only minor degradation",
            f"{kept:.0%} of the rise with nothing kept",
            "matched" if kept < MINOR else "explained" if kept < 1 else "not reproducible",
            ""
            if kept < MINOR
            else "less, not minor: published models keep what they learnt before the first generation",
        ),
        _row(
            "TinyStories, 9 million weights: accumulated text stays bounded (Gerstgrasser et al.)",
            "1.82 to 1.74 nats a token at generation 4; replaced 2.39",
            f"{grown:.0%} of the rise where text is replaced",
            "matched" if grown <= 0 else "explained" if grown < MINOR else "not reproducible",
            "" if grown <= 0 else "a small rise, no fall: the updates of a fit do not grow with its pool here",
        ),
        _row(
            "TinyStories, 9 million weights: a low temperature makes it worse (Gerstgrasser et al.)",
            "5.82 nats a token at generation 4 at 0.3, 2.39 at 1",
            "{1:.2f} nats a letter at generation 4 at 0.3, {0:.2f} at 1".format(*at_four),
            "matched" if at_four[1] > at_four[0] else "not reproducible",
            "in direction" if at_four[1] > at_four[0] else "",
        ),
        _row(
            "Autoencoder on its own digits (Shumailov et al.)",
            "digits blend by generation 20",
            "; ".join(f"variance {a:.2f} to {b:.2f}, {name}" for name, (a, b) in shrunk.items()),
            "matched" if shrunk["replace"][1] < 0.5 * shrunk["replace"][0] else "not reproducible",
            "in direction; no number is published",
        ),
        _row(
            "Retraining on verified text, many rounds: it ends at the verifier's centre",
            "to the centre, not to the truth",
            f"{away['biased']:.0%} of the way to a centre beside the truth after {ROUNDS} generations, "
            f"{away['truth']:.0%} where the centre is the truth",
            "matched" if abs(away["biased"] - 1) < NEAR and away["truth"] < NEAR else "not reproducible",
            "",
        ),
        _row(
            "Highest error of a generator whose verified labels still teach the truth (Feng et al.)",
            ", ".join(f"{error:g}" for _, error in _BREAK_EVEN),
            ", ".join(f"{error:.3g}" for error in worst),
            "matched"
            if all(abs(a - b) < 1e-3 for a, (_, b) in zip(worst, _BREAK_EVEN, strict=True))
            else "not reproducible",
            "closed form of a linear classifier",
        ),
        _row(
            "A state of probability 0.0005 among 1,000 draws is lost at once",
            "0.606",
            f"{exact:.3f} (exact chain)",
            "matched" if abs(exact - lost) < 1e-9 and round(exact, 3) == 0.606 else "not reproducible",
            "",
        ),
    ]


def _rise(result: Curves, regime: str) -> float:
    """Return by how many nats a letter the loss on human text rises from the first generation to the last."""
    first, last = result.curve(regime, "perplexity")[[0, -1]]
    return float(math.log(last / first))


def _row(published: str, stated: str, here: str, verdict: str, why: str) -> dict[str, str]:
    return {"published": published, "stated": stated, "here": here, "verdict": f"{verdict}: {why}" if why else verdict}
