"""The gate of the particle engine: how much independent clouds differ, and whether their moves sufficed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from forecast.fits.gate import Check, Status
from forecast.fits.particles.sweep import Station

EFFECTIVE_ABOVE = 400.0
"""Smallest effective number of draws allowed (draws), as for the other engine; Vehtari et al. 2021."""

EVIDENCE_WITHIN = 0.25
"""Largest standard error of the log evidence that needs no word (nats): a Bayes factor within a third; judgement."""

MEMORY_BELOW = 0.9
"""Largest correlation of a quantity before and after the moves at an origin (no unit); judgement: from one origin to the
next more is forgotten than is kept after a few."""


@dataclass(frozen=True)
class Precision:
    """How exact a posterior from particles is; None where one cloud cannot tell.

    Parameters
    ----------
    effective : float or None
        Independent draws that would have the error of the means that the clouds show, over all quantities together.
    evidence, evidence_error : float, float or None
        Log evidence, and its standard error (nats).
    memory : float
        Largest correlation that the last moves left.
    weighings, sweeps : float
        Tempered steps and sweeps of moves since the posterior before, mean over clouds.
    """

    effective: float | None
    evidence: float
    evidence_error: float | None
    memory: float
    weighings: float
    sweeps: float


def precision(stations: Sequence[Station], quantities: np.ndarray) -> Precision:
    """Measure clouds at one posterior by quantities of their particles, shape (cloud, particle, quantity)."""
    found = np.array([station.log_evidence for station in stations])
    count = len(stations)
    effective = error = None
    if count > 1:
        # One quantity's ratio of few clouds is loose; their mean is that of the inverse effective number.
        ratio = quantities.mean(axis=1).var(axis=0, ddof=1) / quantities.var(axis=1).mean(axis=0)
        effective = float(count / np.mean(ratio))
        error = float(found.std(ddof=1) / np.sqrt(count))
    return Precision(
        effective,
        float(np.log(np.mean(np.exp(found - found.max()))) + found.max()),
        error,
        max(station.memory for station in stations),
        float(np.mean([station.weighings for station in stations])),
        float(np.mean([station.sweeps for station in stations])),
    )


def precision_checks(found: Precision, who: str) -> list[Check]:
    """Judge a posterior from particles."""
    more = "more particles or more sweeps"

    def check(name: str, value: float | None, holds: bool, sentence: str, otherwise: Status = "FAIL") -> Check:
        if value is None:
            return Check(f"{who} {name}", "FAIL", "was not measured", "at least two clouds")
        return Check(f"{who} {name}", "PASS" if holds else otherwise, sentence.format(value), "" if holds else more)

    effective, error = found.effective, found.evidence_error
    return [
        check("effective draws", effective, (effective or 0.0) > EFFECTIVE_ABOVE, "{:.0f} by the clouds' differences"),
        # It adds up the errors of every step since the first; the posterior, moved on at each, does not.
        check("evidence", error, (error or 0.0) < EVIDENCE_WITHIN, "log evidence known to {:.2f}", "REVIEW"),
        check("memory", found.memory, found.memory < MEMORY_BELOW, "largest correlation after the moves {:.2f}"),
    ]
