"""Synthetic data: what models write, turned into human tokens by the yields of the collapse laboratory."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np

from forecast.scenarios.levers.lever import (
    RAMP_YEARS,
    START,
    TEXT,
    CountsAs,
    Effect,
    Larger,
    Lever,
    LeverParameter,
    log10_sum,
    ramp,
)

if TYPE_CHECKING:
    from forecast.collapse.yields import YieldDraws

REGIMES = ("none", "replace", "accumulate", "keep", "fresh", "isolation", "contamination")
"""How synthetic data come into training; "none" leaves the lever out."""

SOURCE_CORPUS = 1e12
"""Human corpora from which published experiments rephrased (tokens): up to 1e12, BeyondWeb 2025, arXiv 2508.10975."""


class Synthetic(Lever):
    """Adds synthetic text, each token worth its yield in human tokens, with returns that diminish.

    At a synthetic share s of the mix there are s / (1 - s) synthetic tokens for each human one. Gains saturate: a
    corpus of n is worth y n / (1 + n / n0); harm (y < 0) does not. Saturation was measured on small corpora; with
    `saturation_exponent` g it grows as the g-th power of the human corpus over the one of the experiments.
    `scale_transfer` multiplies the yield.
    """

    name: ClassVar[str] = "synthetic"
    title: ClassVar[str] = "synthetic text, in human tokens"
    side: ClassVar[Literal["stock", "consumption"]] = "stock"
    effect: ClassVar[Effect] = "adds"
    counts_as: ClassVar[CountsAs] = "addition"
    main_setting: ClassVar[str] = "share"
    version: ClassVar[int] = 2
    larger_means: ClassVar[Larger] = "neither"
    applies_to: ClassVar[frozenset[str]] = TEXT
    settings: ClassVar[Mapping[str, LeverParameter]] = {
        "regime": LeverParameter(
            "word", 0.0, 0.0, "How synthetic data come into training", "none", kind="choice", choices=REGIMES
        ),
        "share": LeverParameter("share", 0.0, 1.0, "Synthetic share of the training mix", kind="number", zero=True),
        "generations": LeverParameter("fits", 2.0, 50.0, "Fits in a row, the first on human data alone", kind="number"),
        "keep_right": LeverParameter("share", 0.0, 1.0, "Share of right samples that a verifier keeps", kind="number"),
        "keep_wrong": LeverParameter(
            "share", 0.0, 1.0, "Share of wrong samples that it keeps; 1 and 1 is no verifier", kind="number", zero=True
        ),
        "saturation_exponent": LeverParameter(
            "power", 0.0, 1.0, "How saturation grows with the human corpus: 0 not at all, 1 in proportion", zero=True
        ),
        "scale_transfer": LeverParameter(
            "ratio", 0.0, 10.0, "What a ratio measured in small models is worth at the frontier", zero=True
        ),
        "start": START,
        "ramp_years": RAMP_YEARS,
    }

    def derive(
        self, draws: Mapping[str, np.ndarray], choices: Mapping[str, str], ranks: np.ndarray, rng: np.random.Generator
    ) -> Mapping[str, np.ndarray]:
        """Draw yield and saturation."""
        size = len(ranks)
        found = yield_of(draws, choices, rng, size)
        if found is None:
            return {"yield": np.zeros(size), "saturation": np.ones(size), "replaced": np.zeros(size)}
        replaced = np.full(size, float(choices["regime"] == "replace"))
        return {"yield": found.draws, "saturation": found.saturation, "replaced": replaced}

    def apply(self, path: np.ndarray, draws: Mapping[str, np.ndarray], years: np.ndarray) -> np.ndarray:
        """Return the stock with what the synthetic text adds or spoils."""
        human = 10.0**path
        share = draws["share"][:, None]
        replaced = draws["replaced"][:, None]
        # Under replace no human text is read: as many synthetic tokens as there were human ones stand in its place.
        mix = np.where(replaced > 0, 1.0, share / np.maximum(1.0 - share, 1e-9))
        corpus = human * mix * ramp(draws, years)
        larger = np.maximum(human / SOURCE_CORPUS, 1.0) ** draws["saturation_exponent"][:, None]
        worth = draws["yield"][:, None]
        damping = np.where(worth > 0, 1.0 + corpus / (draws["saturation"][:, None] * larger), 1.0)
        unread = human * replaced * ramp(draws, years)
        return log10_sum(path, worth * corpus / damping - unread)


def yield_of(
    draws: Mapping[str, np.ndarray], choices: Mapping[str, str], rng: np.random.Generator, size: int
) -> YieldDraws | None:
    """Return what the collapse laboratory says a synthetic token is worth at a scenario's settings."""
    if choices["regime"] == "none":
        return None
    from forecast.collapse.engine import Filter
    from forecast.collapse.yields import synthetic_yield

    share, generations, right, wrong = (
        float(draws[key][0]) for key in ("share", "generations", "keep_right", "keep_wrong")
    )
    verifier = None if right == wrong == 1.0 else Filter(right, wrong)
    return synthetic_yield(choices["regime"], share, round(generations), verifier, rng, size, draws["scale_transfer"])
