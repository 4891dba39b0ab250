"""Scores of predictions against what came: one row per method, origin, horizon and quantity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import logsumexp

from forecast.consumption.frontier_data import BLOCK_YEARS, LARGEST, FrontierData
from forecast.core.seeds import generator
from forecast.core.units import half_year_name
from forecast.evaluate.backtest.predictions import Prediction, joint_score
from forecast.evaluate.backtest.scores import covered, crps, pit, weighted_quantiles, wis_of_draws

if TYPE_CHECKING:
    import pandas as pd

WHOLE = 0.999
"""Share of a half-year that the table has to cover before it is a target (no unit)."""


@dataclass(frozen=True)
class Truth:
    """What came in one half-year.

    Parameters
    ----------
    name : str
        Such as ``"2024H1"``.
    sizes : array, shape (rank,)
        log10 of its largest published sizes, largest first; empty where there is none.
    model : str or None
        The corpus with the largest size.
    firm : bool
        Whether the audit holds that size for firm.
    record : float
        log10 of the largest size published by its end.
    record_model : str
        The corpus that holds the record.
    record_firm : bool
        Whether the audit holds the record for firm.
    """

    name: str
    sizes: np.ndarray
    model: str | None
    firm: bool
    record: float
    record_model: str
    record_firm: bool


def truths(later: FrontierData, firm: Sequence[str]) -> dict[float, Truth]:
    """Return what came, half-year by half-year."""
    found: dict[float, Truth] = {}
    record, holder = -np.inf, ""
    for block, labels in enumerate(later.labels):
        if later.exposure[block] < WHOLE:
            break
        sizes = later.size[block][later.observed[block] > 0]
        if len(sizes) and sizes[0] > record:
            record, holder = float(sizes[0]), labels[0]
        start = float(later.knots[block])
        model = labels[0] if labels else None
        name = half_year_name(start + BLOCK_YEARS / 2)
        found[start + BLOCK_YEARS] = Truth(name, sizes, model, model in firm, record, holder, holder in firm)
    return found


def firm_models(audit: pd.DataFrame) -> list[str]:
    """Return the models whose size the audit holds for firm: no wide error, and not the cap on passes."""
    from forecast.ingest.corpora import CAPPED

    firm = (audit["use"] == "counts") & (audit["sized_by"] != CAPPED)
    return [str(name) for name in audit.loc[firm, "model"]]


def scored(
    prediction: Prediction,
    came: Mapping[float, Truth],
    levels: Sequence[float],
    density: tuple[float, float, float],
    seed: int,
) -> list[dict[str, Any]]:
    """Score a prediction wherever what it foretold has come."""
    rows = []
    for place, end in enumerate(prediction.ends):
        truth = came.get(round(float(end), 6))
        if truth is None:
            continue
        about = {
            "method": prediction.method,
            "kind": prediction.kind,
            "origin": prediction.origin,
            "horizon": round(float(end) - prediction.origin, 6),
            "target": truth.name,
        }
        names = (f"{prediction.origin:.1f}", f"{end:.1f}", prediction.method)
        rng = generator(seed, "backtest", "pit", "record", *names)
        record = score(prediction.record[place], truth.record, levels, density, rng)
        rows.append({**about, "quantity": "record", "model": truth.record_model, "firm": truth.record_firm, **record})
        if prediction.largest is None or not len(truth.sizes):
            continue
        own = {**about, "model": truth.model, "firm": truth.firm}
        rng = generator(seed, "backtest", "pit", "maximum", *names)
        first = score(prediction.largest[place, 0], float(truth.sizes[0]), levels, density, rng)
        rows.append({**own, "quantity": "maximum", **first})
        if prediction.joint is not None and len(truth.sizes) == LARGEST:
            ranks = prediction.largest[place]
            rows.append(
                {
                    **own,
                    "quantity": "largest",
                    "observed": [round(float(size), 4) for size in truth.sizes],
                    "crps": _short(np.mean(crps(ranks, truth.sizes))),
                    "wis": _short(np.mean(wis_of_draws(ranks, truth.sizes))),
                    "log_score": _short(joint_score(prediction)[place]),
                }
            )
    return rows


def score(
    draws: np.ndarray,
    observed: float,
    levels: Sequence[float],
    density: tuple[float, float, float],
    rng: np.random.Generator,
) -> dict[str, Any]:
    """Return every score of one forecast of one number."""
    low, middle, high = weighted_quantiles(draws, [0.1, 0.5, 0.9])
    return {
        "observed": _short(observed),
        "median": _short(middle),
        "interval_0.8": [_short(low), _short(high)],
        "crps": _short(crps(draws, observed)),
        "wis": _short(wis_of_draws(draws, observed)),
        "log_score": _short(smoothed_log_score(draws, observed, density)),
        "pit": _short(pit(draws, observed, rng)),
        "covered": {f"{level:g}": bool(covered(draws, observed, level)) for level in levels},
    }


def smoothed_log_score(draws: np.ndarray, observed: float, density: tuple[float, float, float]) -> float:
    """Return the log of a forecast's density at what came, smoothed alike for every method.

    A running record has a point mass at the present record, and published procedures are known by draws alone: a
    density at a width is what all of them have.

    Examples
    --------
    >>> round(smoothed_log_score(np.zeros(10), 0.0, (0.05, 0.0, 8.0)), 4)
    2.0768
    """
    width, share, over = density
    z = (np.asarray(draws, dtype=float) - observed) / width
    normal = logsumexp(-(z**2) / 2) - np.log(len(z)) - np.log(width * np.sqrt(2 * np.pi))
    with np.errstate(divide="ignore"):
        return float(np.logaddexp(np.log1p(-share) + normal, np.log(share / over)))


def _short(value: Any) -> float:
    return round(float(value), 5)
