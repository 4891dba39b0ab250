"""The measures by name: how a kind of question resolves, what this forecast says of it, and what rivals say."""

from __future__ import annotations

from forecast.core.registry import Registry
from forecast.evaluate.rounds.measures.base import Measure, Outcome
from forecast.evaluate.rounds.measures.counts import RunsAbove
from forecast.evaluate.rounds.measures.crawls import NewAddresses
from forecast.evaluate.rounds.measures.records import LargestRun
from forecast.evaluate.rounds.measures.shares import ClosedShare, MachineShareOfArticles

MEASURES = Registry[Measure](
    "measure", (LargestRun(), RunsAbove(), MachineShareOfArticles(), ClosedShare(), NewAddresses())
)
"""The measures by name: a new one is one file and one line here."""

__all__ = ["MEASURES", "Measure", "Outcome"]
