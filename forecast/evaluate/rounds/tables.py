"""The tables by which questions resolve, together, and as they were at an earlier date."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

NAMES = ("epoch_models", "record_audit", "synthetic_share", "access_restrictions", "common_crawl_monthly")
"""Shipped tables that resolve questions."""


@dataclass(frozen=True)
class Tables:
    """What is known at a date.

    Parameters
    ----------
    corpora : pandas.DataFrame
        Corpora of human text, as `forecast.ingest.corpora.text_corpora` gives them.
    audit : pandas.DataFrame
        The record audit: model, publication_date, tokens_seen, use.
    shares : pandas.DataFrame
        The table synthetic_share.
    access : pandas.DataFrame
        The table access_restrictions.
    crawls : pandas.DataFrame
        The table common_crawl_monthly.
    as_of : str
        ISO date to which training runs are known.
    hashes : mapping of str to str
        SHA-256 of the files, by name.
    """

    corpora: pd.DataFrame
    audit: pd.DataFrame
    shares: pd.DataFrame
    access: pd.DataFrame
    crawls: pd.DataFrame
    as_of: str
    hashes: Mapping[str, str] = field(default_factory=dict)

    def until(self, date: str) -> Tables:
        """Return what was dated no later than a day, as read today."""
        return replace(
            self,
            corpora=self.corpora[self.corpora["publication_date"] <= date],
            audit=self.audit[self.audit["publication_date"] <= date],
            shares=self.shares[self.shares["date"] <= date],
            access=self.access[self.access["date"] <= date],
            crawls=self.crawls[self.crawls["date"] <= date],
            as_of=min(date, self.as_of),
        )


def shipped() -> Tables:
    """Return the tables of the package."""
    from forecast.ingest import catalog
    from forecast.ingest.corpora import text_corpora
    from forecast.ingest.models import read_models

    load = catalog.load_table
    return Tables(
        corpora=text_corpora(read_models(None).rows),
        audit=load("record_audit"),
        shares=load("synthetic_share"),
        access=load("access_restrictions"),
        crawls=load("common_crawl_monthly"),
        as_of=max(str(catalog.table(name).snapshot) for name in ("epoch_models", "record_audit")),
        hashes={name: catalog.table(name).sha256 for name in NAMES},
    )
