"""Public source code: bytes of the largest open archive over bytes per token."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from forecast.core.distributions import LogNormal
from forecast.production.estimator import Estimator, growing
from forecast.production.estimators.published import GROWTH


@dataclass(frozen=True)
class Code(Estimator):
    """Source code in public repositories.

    The one published number (0.78e12 tokens, Cummins 2024) is what a filter had left; corpora released since hold more
    than that, so that it is not used.

    Parameters
    ----------
    archive : LogNormal
        Bytes of public source code: 32.1e12 in The Stack v2 with near-duplicates taken out; at least the 11.5e12 that
        The Stack v3.1 keeps after filtering, at most the 67.5e12 of The Stack v2 as gathered (2.5 to 97.5 %; the
        probabilities are judgement).
    bytes_per_token : LogNormal
        Bytes of code a token: 11.5e12 bytes are 3.6e12 tokens in The Stack v3.1; its range is judgement, tokenisers
        differ by an eighth.
    growth : LogNormal
        Yearly factor, published for all data; that code grows alike is judgement.
    """

    name: ClassVar[str] = "code"
    title: ClassVar[str] = "Public source code"
    lineage: ClassVar[str] = "software_heritage"
    resource_name: ClassVar[str] = "code"
    formula: ClassVar[str] = r"S(t) = \frac{B}{k}\,g^{t-2024}"
    sources: ClassVar[tuple[str, ...]] = (
        "The Stack v2, https://github.com/huggingface/blog/blob/main/zh/starcoder2.md",
        "The Stack v3.1, https://huggingface.co/datasets/HuggingFaceCode/stack-v3-train",
        "judgement: probabilities of these ends, and that code grows as all data do",
    )
    inputs: ClassVar[Mapping[str, tuple[str, str]]] = {
        "archive": ("bytes", f"{sources[0]}; {sources[1]}; judgement: the probabilities of these ends"),
        "bytes_per_token": ("bytes", f"{sources[1]}; judgement: its range"),
        "growth": ("factor a year", "Sevilla et al. 2024, of all data; judgement: that code grows alike"),
    }

    archive: LogNormal = LogNormal.from_interval(1.15e13, 6.75e13, 0.95, median=3.21e13)
    bytes_per_token: LogNormal = LogNormal.from_interval(2.8, 3.6, 0.95)
    growth: LogNormal = GROWTH

    def log10_stock(self, draws: Mapping[str, np.ndarray], years: np.ndarray) -> np.ndarray:
        """Return log10 tokens, shape (draw, year)."""
        level = np.log10(draws["archive"] / draws["bytes_per_token"])
        return growing(level, draws["growth"], years)
