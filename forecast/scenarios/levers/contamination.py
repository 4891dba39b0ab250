"""Contamination and isolation: machine-written text among new pages, and what is left of the human part."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

import numpy as np

from forecast.production.machine_text import MACHINE_SINCE, MachineShare, fitted, split_stock
from forecast.scenarios.levers.lever import (
    RAMP_YEARS,
    START,
    TEXT,
    Effect,
    Larger,
    Lever,
    LeverParameter,
    log10_share,
    ramp,
)


class Contamination(Lever):
    """Takes the machine-written part out of what has been added to the stock since November 2022.

    The archive of before stays whole. Of what was added since, the human part counts as far as it can be told apart
    and used: all of it when pages are kept apart by their author, nothing when a laboratory isolates itself from all
    new pages, which it does from a stated date on. A scenario says where the machine-written share of new pages ends;
    how fast it gets there, and how it drifts after the last study, come from the fit to the studies.
    """

    name: ClassVar[str] = "contamination"
    title: ClassVar[str] = "written by people"
    side: ClassVar[Literal["stock", "consumption"]] = "stock"
    effect: ClassVar[Effect] = "caps"
    main_setting: ClassVar[str] = "machine_share"
    larger_means: ClassVar[Larger] = "sooner"
    tables: ClassVar[tuple[str, ...]] = ("synthetic_share",)
    applies_to: ClassVar[frozenset[str]] = TEXT
    settings: ClassVar[Mapping[str, LeverParameter]] = {
        "machine_share": LeverParameter(
            "share", 0.0, 1.0, "Share of new text that machines write, where it levels off", neutral=0.0, zero=True
        ),
        "human_flow_used": LeverParameter(
            "share",
            0.0,
            1.0,
            "Share of the human part of text since 2022 that is used, from the start on",
            1.0,
            zero=True,
        ),
        "start": START,
        "ramp_years": RAMP_YEARS,
    }

    def derive(
        self, draws: Mapping[str, np.ndarray], choices: Mapping[str, str], ranks: np.ndarray, rng: np.random.Generator
    ) -> Mapping[str, np.ndarray]:
        """Draw the pace and the later drift of the machine-written share."""
        del draws, choices
        found = fitted().draw(rng, len(ranks))
        last = np.full(len(ranks), found.drift_from)
        return {"rate": found.rate, "midpoint": found.midpoint, "drift": found.drift, "drift_from": last}

    def apply(self, path: np.ndarray, draws: Mapping[str, np.ndarray], years: np.ndarray) -> np.ndarray:
        """Return the human part of the stock, as far as it is used."""
        machine = MachineShare(
            draws["machine_share"], draws["rate"], draws["midpoint"], draws["drift"], float(draws["drift_from"][0])
        )
        human = split_stock(path, years, machine).human_share
        unused = (1.0 - draws["human_flow_used"])[:, None] * ramp(draws, years)
        if not unused.any():
            return path + log10_share(human)
        archive = split_stock(path, years, lambda at: (at >= MACHINE_SINCE).astype(float)).human_share
        return path + log10_share(human - unused * (human - archive))
