"""The market for text: what tokens cost by source, and how far supply and demand answer to the price."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

import numpy as np

from forecast.scenarios.levers.lever import RAMP_YEARS, START, TEXT, Larger, Lever, LeverParameter

DOLLARS_OF = 2026.0
"""Date of the dollars, and of the costs before learning (decimal year)."""

_DOLLARS = ("USD a million tokens", 1e-9, 1e9)


class TokenMarket(Lever):
    """Lets licences, rewriting and the size of models answer to the price at which demand and supply meet.

    It acts on both sides at once, after all other levers (`forecast.scenarios.market`), so that by itself it leaves a
    path as it is.
    """

    name: ClassVar[str] = "token_market"
    title: ClassVar[str] = "answering to the price of text"
    side: ClassVar[Literal["stock", "consumption"]] = "consumption"
    main_setting: ClassVar[str] = "response"
    larger_means: ClassVar[Larger] = "later"
    version: ClassVar[int] = 2
    settles: ClassVar[bool] = True
    tables: ClassVar[tuple[str, ...]] = ("token_prices",)
    applies_to: ClassVar[frozenset[str]] = TEXT
    settings: ClassVar[Mapping[str, LeverParameter]] = {
        "response": LeverParameter(
            "share", 0.0, 1.0, "Share of what the price calls for that takes place", neutral=0.0, zero=True
        ),
        "public_cost": LeverParameter(*_DOLLARS, "To find, parse and filter new public text, while all of it is unread"),
        "asked": LeverParameter(*_DOLLARS, "What the median owner of closed text asks, for unique text"),
        "asked_spread": LeverParameter("log10", 0.01, 10.0, "Standard deviation of what owners ask"),
        "written": LeverParameter(*_DOLLARS, "What text that people write to order costs, for unique text"),
        "written_growth": LeverParameter("factor a year", 0.5, 2.0, "Growth of that price: wages, less what machines help"),
        "rewriting": LeverParameter(*_DOLLARS, "To have a token written by a machine, in 2026"),
        "verification": LeverParameter("ratio", 1.0, 1e3, "Tokens written and checked for each that is kept"),
        "learning": LeverParameter("factor a year", 1.0, 100.0, "Fall of the cost of machine writing at first"),
        "compute_learning": LeverParameter("factor a year", 1.0, 100.0, "Fall of the cost of a computation at first"),
        "fading": LeverParameter("per year", 1e-4, 100.0, "Rate at which both falls fade"),
        "flop_per_dollar": LeverParameter("FLOP", 1e10, 1e30, "Computation that a dollar buys in 2026"),
        "most_paid": LeverParameter(
            "ratio", 1e-6, 1e6, "Price above which nobody buys, over the cost of computing with a token"
        ),
        "start": START,
        "ramp_years": RAMP_YEARS,
    }  # fmt: skip

    def derive(
        self, draws: Mapping[str, np.ndarray], choices: Mapping[str, str], ranks: np.ndarray, rng: np.random.Generator
    ) -> Mapping[str, np.ndarray]:
        """Draw what a rewritten and verified token is worth before its transfer in scale, and how much is there."""
        del draws, choices
        from forecast.collapse.yields import scenario_yield

        found = scenario_yield("synthetic_accumulate", rng, len(ranks), np.ones(len(ranks)))
        return {"worth": found.draws, "saturation": found.saturation}

    def log10_factor(self, draws: Mapping[str, np.ndarray], years: np.ndarray) -> np.ndarray:
        """Return 0: prices follow from both sides."""
        return np.zeros((len(draws["response"]), len(years)))
