"""Repetition: how often the same text is worth reading, in tokens as runs are counted.

Training sets are counted in tokens seen, each pass of the first five as one. A stock of U unique tokens is worth U p(e)
fresh tokens if it is read e times, by a law of repetition (forecast/core/repetition.py), and the tokens of a run that
reads its text r times are worth p(r) / r each by the same law. In the run's own currency the stock therefore counts

    U p(e) r / p(r)

which leaves the published sizes as they are stated.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

import numpy as np

from forecast.core.repetition import LAWS, PUBLISHED
from forecast.ingest.corpora import COUNTED_PASSES
from forecast.scenarios.levers.lever import TEXT, CountsAs, Larger, Lever, LeverParameter, constant

ANY_PUBLISHED = "published"
"""The word for a law drawn future by future, each of those with published constants equally often."""

BEFORE_LAWS = "muennighoff"
"""The law of scenarios recorded before there was a choice."""


class Repetition(Lever):
    """Multiplies the stock by what reading it several times is worth, over what a frontier run's own passes are worth.

    A scenario says how often a text is read, and a law says what that is worth; or it says outright what it is worth.
    """

    name: ClassVar[str] = "repetition"
    title: ClassVar[str] = "useful passes over the same text"
    side: ClassVar[Literal["stock", "consumption"]] = "stock"
    counts_as: ClassVar[CountsAs] = "pass"
    main_setting: ClassVar[str] = "passes"
    larger_means: ClassVar[Larger] = "later"
    version: ClassVar[int] = 2
    applies_to: ClassVar[frozenset[str]] = TEXT
    alternatives: ClassVar[tuple[str, ...]] = ("epochs", "passes")
    settings: ClassVar[Mapping[str, LeverParameter]] = {
        "epochs": LeverParameter("passes", 1.0, 1000.0, "Times that the same text is read", neutral=1.0),
        "passes": LeverParameter(
            "passes", 1.0, 100.0, "What that is worth, in tokens of a run for each unique token", neutral=1.0
        ),
        "run_epochs": LeverParameter(
            "passes", 1.0, COUNTED_PASSES, "Counted passes of a frontier run over its text, worth less than fresh text"
        ),
        "law": LeverParameter(
            "word", 0.0, 0.0, "Law of repetition, for both", kind="choice", choices=(ANY_PUBLISHED, *LAWS)
        ),
        **{law.setting: LeverParameter("passes", 0.1, 1000.0, law.meaning) for law in LAWS.values()},
    }

    def derive(
        self, draws: Mapping[str, np.ndarray], choices: Mapping[str, str], ranks: np.ndarray, rng: np.random.Generator
    ) -> Mapping[str, np.ndarray]:
        """Draw each future's law, as its number among `LAWS`."""
        del draws, rng
        chosen = choices.get("law", BEFORE_LAWS)
        among = np.array([list(LAWS).index(name) for name in (PUBLISHED if chosen == ANY_PUBLISHED else (chosen,))])
        return {"law": among[np.minimum((ranks * len(among)).astype(int), len(among) - 1)]}

    def log10_factor(self, draws: Mapping[str, np.ndarray], years: np.ndarray) -> np.ndarray:
        """Return log10 of the useful passes, in tokens of a frontier run."""
        if "passes" in draws:
            return constant(draws["passes"], years)
        worth = _by_law(draws["epochs"], draws)
        if "run_epochs" in draws:
            worth = worth * draws["run_epochs"] / _by_law(draws["run_epochs"], draws)
        return constant(worth, years)


def _by_law(epochs: np.ndarray, draws: Mapping[str, np.ndarray]) -> np.ndarray:
    """Return the useful passes, each future by its own law."""
    number = draws.get("law", np.full(len(epochs), list(LAWS).index(BEFORE_LAWS)))
    return np.select(
        [number == place for place in range(len(LAWS))],
        [law.useful_passes(epochs, draws.get(law.setting, law.scale)) for law in LAWS.values()],
    )
