"""Lines of the gate beyond single fits: predictions, priors against the record, the stock's estimators, odd rows.

Priors against the record and the stock's estimators are prior-data conflicts (Box 1980, doi:10.2307/2982063). A
conflict does not spoil a posterior by itself, and no member or estimator is left out for it: a reader should look
(REVIEW). What was not measured counts as FAIL, here as in the gate of a fit, whose thresholds hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast.fits.gate import PREDICTIVE_RANGE, Check, predictive_checks
from forecast.ingest.measurement import DOUBTED_SD, record_row

if TYPE_CHECKING:
    from forecast.consumption.fit import Fit

PRIOR_DRAWS = 1000
"""Draws of a prior predictive record (draws): enough to tell a probability of 0.01 from one of 0.02."""


def record_checks(fits: Iterable[Fit], *, draws: int = PRIOR_DRAWS) -> list[Check]:
    """Say whether each member's priors alone allow the published record."""
    from forecast.consumption.prior_predictive import prior_predictive_frontier

    return [
        record_check(fit.member.name, prior_predictive_frontier(fit.member, fit.data, fit.seed, draws).p_record)
        for fit in fits
    ]


def record_check(who: str, p: float | None) -> Check:
    """Judge the prior predictive probability of a record as large as the published one.

    Examples
    --------
    >>> record_check("damped", 0.4).status, record_check("damped", 0.0).status, record_check("damped", None).status
    ('PASS', 'REVIEW', 'FAIL')
    """
    low, high = PREDICTIVE_RANGE
    return _judged(
        f"{who} priors and the record",
        p,
        low,
        high,
        "prior predictive p {:.3f}",
        "the priors of this member hardly allow the published record: look at them before trusting its tail",
    )


def stock_checks(estimators: Sequence[Mapping[str, Any]]) -> list[Check]:
    """Say of every estimator in a synthesis whether the other lineages contradict it."""
    return [
        _judged(
            f"stock estimate {entry['name']}",
            entry.get("conflict_p"),
            PREDICTIVE_RANGE[0],
            1.0,
            f"p {{:.3f}} that this {entry['kind']} holds by what the other lineages say"
            if entry.get("kind") in ("lower bound", "upper bound")
            else "p {:.3f} of a value so far from what the other lineages say",
            "it contradicts the others: look at its inputs, or see what the answer is without it (--leave-out)",
        )
        for entry in estimators[1:]
    ]


def row_checks(rows: Sequence[Mapping[str, Any]], contradicted: Sequence[Mapping[str, Any]]) -> list[Check]:
    """Name the rows of the model table that contradict themselves tenfold and would or do count."""
    counted, record = {row["model"] for row in rows}, record_row(rows)
    largest = 10 ** record["log10_size"] if record else 0.0
    lines = [
        (row["model"], f"size with an error of a factor of {10 ** row['measurement_sd']:.0f}", "it sets no record")
        for row in rows
        if row["measurement_sd"] >= DOUBTED_SD
    ]
    for row in contradicted:
        said = f"size {row['value']} against notes and compute"
        if row["taken"] > 0 and row["model"] in counted:
            lines.append((row["model"], said, f"the notes' {row['taken']:.3g} tokens are used"))
        elif not row["taken"] > 0 and row["tokens"] > largest:
            lines.append((row["model"], said, "it is left out, and would have been the record"))
    return [
        Check(f"row {model}", "REVIEW", f"{said}: tenfold or more apart", f"{done}: correct the row in the table")
        for model, said, done in lines
    ]


def mixture_checks(fits: Sequence[Fit]) -> list[Check]:
    """Say whether the members together predict the record and the last maxima, as each is asked alone."""
    each = [fit.diagnostics["p_values"] for fit in fits]
    common = [name for name in each[0] if all(name in p for p in each)] if each else []
    return predictive_checks({name: float(np.mean([p[name] for p in each])) for name in common}, "all members together")


def _judged(name: str, p: float | None, low: float, high: float, sentence: str, advice: str) -> Check:
    if p is None or not np.isfinite(p):
        return Check(name, "FAIL", "was not measured", "find out why: what is not measured does not pass")
    if low <= p <= high:
        return Check(name, "PASS", sentence.format(p), "")
    return Check(name, "REVIEW", sentence.format(p), advice)
