"""Text that was edited before it was published: books, articles, patents and court documents, and what goes with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from forecast.core.distributions import LogNormal
from forecast.production.estimator import Estimator, growing
from forecast.production.estimators.published import UNSTATED_SD


def _published(tokens: float) -> LogNormal:
    return LogNormal(tokens, UNSTATED_SD, UNSTATED_SD)


@dataclass(frozen=True)
class HighQualityText(Estimator):
    """Edited text, public or not: most books and many articles are behind a licence or exist on paper only.

    Counted are four parts with a published size; other edited text (news, encyclopaedias, the best of the web) enters
    through the share that such parts have in collections of high-quality text. None of the published sizes has an
    interval: each gets a factor of four either way at 95 % (judgement).

    Parameters
    ----------
    books, articles, patents, court_documents : LogNormal
        Tokens on 1 January 2024: every unique book 21e12, academic articles 1e12, patents 0.2e12, documents of federal
        courts of the USA 2.7e12 (Cummins 2024).
    counted_share : LogNormal
        Share of high-quality text that these parts are (fraction): 0.3 to 0.5 at 90 % for books, articles and code in
        Villalobos et al. (2022); that it fits these parts is judgement.
    growth : LogNormal
        Yearly factor: 1.02 to 1.06 at 90 % (Villalobos et al. 2022).
    """

    name: ClassVar[str] = "high_quality_text"
    title: ClassVar[str] = "Edited text: books, articles, patents, court documents and the like"
    lineage: ClassVar[str] = "cummins"
    resource_name: ClassVar[str] = "high_quality_text"
    formula: ClassVar[str] = r"S(t) = \frac{1}{h} \sum_i S_i\,g^{t-2024}"
    sources: ClassVar[tuple[str, ...]] = (
        "Cummins 2024, https://www.educatingsilicon.com/2024/05/09/how-much-llm-training-data-is-there-in-the-limit/",
        "Villalobos et al. 2022, arXiv 2211.04325v1: share counted and growth",
        "judgement: a factor of four either way where no interval is published",
    )
    inputs: ClassVar[Mapping[str, tuple[str, str]]] = {
        "books": ("tokens", f"{sources[0]}; {sources[2]}"),
        "articles": ("tokens", f"{sources[0]}; {sources[2]}"),
        "patents": ("tokens", f"{sources[0]}; {sources[2]}"),
        "court_documents": ("tokens", f"{sources[0]}; {sources[2]}"),
        "counted_share": ("share", f"{sources[1]}; judgement: that it fits these parts"),
        "growth": ("factor a year", sources[1]),
    }

    books: LogNormal = _published(2.1e13)
    articles: LogNormal = _published(1e12)
    patents: LogNormal = _published(2e11)
    court_documents: LogNormal = _published(2.7e12)
    counted_share: LogNormal = LogNormal.from_interval(0.3, 0.5, 0.90, upper=1.0)
    growth: LogNormal = LogNormal.from_interval(1.02, 1.06, 0.90)

    def log10_stock(self, draws: Mapping[str, np.ndarray], years: np.ndarray) -> np.ndarray:
        """Return log10 tokens, shape (draw, year)."""
        counted = draws["books"] + draws["articles"] + draws["patents"] + draws["court_documents"]
        level = np.log10(counted / draws["counted_share"])
        return growing(level, draws["growth"], years)
