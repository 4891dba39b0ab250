"""A raw stock given outright by a scenario."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from forecast.core.distributions import LogNormal
from forecast.production.estimator import Estimator, growing
from forecast.production.estimators.indexed_web import IndexedWeb


@dataclass(frozen=True)
class Given(Estimator):
    """A raw stock in 2024 that the scenario states, growing as the indexed web does.

    Parameters
    ----------
    raw : LogNormal
        Raw stock on 1 January 2024 (tokens).
    source : str
        Where the number comes from.

    Examples
    --------
    >>> import forecast as fc
    >>> stated = fc.production.Given(fc.LogNormal.from_interval(1e14, 1e15, 0.90), "judgement: an example")
    >>> round(float(stated.raw.quantile(0.95)) / 1e15, 6)
    1.0
    """

    name: ClassVar[str] = "given"
    title: ClassVar[str] = "Raw stock as the scenario gives it"
    lineage: ClassVar[str] = "scenario"
    resource_name: ClassVar[str] = "public_text"
    kind: ClassVar[Literal["estimate", "lower bound", "given"]] = "given"
    formula: ClassVar[str] = r"S(t) = S_{2024}\,(g_P\,g_b)^{t-2024}"

    raw: LogNormal = LogNormal(1.0, 0.0, 0.0)
    source: str = ""

    @property
    def sources(self) -> tuple[str, ...]:  # type: ignore[override]
        """Return the scenario's own source."""
        return (self.source,)

    def draw(self, rng: np.random.Generator, size: int) -> Mapping[str, np.ndarray]:
        """Draw the level and the indexed web's growth.

        Examples
        --------
        >>> import forecast as fc
        >>> stated = fc.production.Given(fc.LogNormal.from_interval(1e14, 1e15, 0.90), "judgement: an example")
        >>> {len(values) for values in stated.draw(np.random.default_rng(1), 3).values()}
        {3}
        """
        web = IndexedWeb()
        return {
            "raw": self.raw.sample(rng, size),
            "growth": web.page_growth.sample(rng, size) * web.bytes_growth.sample(rng, size),
        }

    def log10_stock(self, draws: Mapping[str, np.ndarray], years: np.ndarray) -> np.ndarray:
        """Return log10 tokens, shape (draw, year).

        Examples
        --------
        >>> import forecast as fc
        >>> stated = fc.production.Given(fc.LogNormal.from_interval(1e14, 1e15, 0.90), "judgement: an example")
        >>> draws = stated.draw(np.random.default_rng(1), 3)
        >>> level = stated.log10_stock(draws, np.array([2024.0, 2030.0]))
        >>> bool((level[:, 1] > level[:, 0]).all())
        True
        """
        return growing(np.log10(draws["raw"]), draws["growth"], years)
