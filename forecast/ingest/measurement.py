"""What a row of a model table is worth: which models share one corpus, and how far its size may be off.

**One corpus, several models.** Sister models share a ``corpus_id``: the same set of organisations, the same size to
three significant digits (in tokens where they are known) and the same half-year.

**Measurement error** belongs on the row, before any maximum is taken, or the largest of many noisy sizes is taken for
the record. It grows with the disagreement between training compute and size, and no row is cut for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from forecast.core.units import words_to_tokens

# Standard deviations in log10 units (0.10 is a quarter more or a fifth less). They are judgement, each with its reason.
CONFIDENCE_SD = {
    "confident": 0.03,  # a disclosed figure, rounded to one or two digits
    "likely": 0.10,  # worked out from disclosed parts
    "speculative": 0.30,  # a guess: a factor of two either way
    "unverified": 0.30,  # nobody has looked
}
UNSTATED_CONFIDENCE_SD = 0.15  # Unknown or empty: mostly older rows, between likely and speculative
# Words taken for tokens are wrong by log10(4/3) = 0.125; by chance p the error has sd 0.125 sqrt(p (1 - p)).
# Where the row's own evidence was weighed its p is used (unit_sd); these are for the others: p = 0, 0.1, 0.5 and 0.5.
UNIT_SD = {
    "stated in file": 0.0, "stated in notes": 0.0, "layout": 0.04, "shipped": 0.06, "domain default": 0.06,
    "evidence": 0.04, "open": 0.06,
}  # fmt: skip
WORDS_SD = 0.03  # 0.75 or 0.8 words per token: log10(0.8 / 0.75) = 0.028
GAP_SHARE = 0.5  # the gap is an error of D or of C / N, and nothing says which: half of it each
DOUBTED_SD = (
    GAP_SHARE * 1.0
)  # a row that its compute contradicts tenfold: the model hardly heeds it, so it sets no record
UNCHECKED_GAP = 0.10  # log10; where compute or parameters are missing: no better than a small gap


def measurement_sd(rows: pd.DataFrame) -> pd.Series:
    """Return the standard deviation of log10 quantity, row by row.

    The square root of the sum of three squares: the confidence that Epoch states (`CONFIDENCE_SD`); the unit
    (``unit_sd`` where the row has one, else `UNIT_SD`; and `WORDS_SD` where words were turned into tokens); and ``GAP_SHARE * gap`` with
    ``gap = |log10(C / (6 N_active D epochs))|``, which has no upper cut: C in FLOP, N in parameters (the active ones
    where known), D in tokens, words / 0.75 or patches. Fine-tunes and rows without C or N count with `UNCHECKED_GAP`.

    Examples
    --------
    >>> row = {"quantity": 2e12, "unit": "tokens", "unit_basis": "stated in notes", "tokens": 2e12,
    ...        "stage": "pretraining", "confidence": "Confident", "epochs": 1.0, "parameters": 70e9,
    ...        "active_parameters": float("nan"), "training_compute_flop": 8.4e23}
    >>> measurement_sd(pd.DataFrame([row])).round(3).tolist()
    [0.03]
    """
    confidence = rows["confidence"].str.lower().map(CONFIDENCE_SD).fillna(UNSTATED_CONFIDENCE_SD).astype(float)
    unit = rows["unit_basis"].map(UNIT_SD).astype(float)
    if "unit_sd" in rows:
        unit = rows["unit_sd"].fillna(unit)
    words = np.where(rows["unit"] == "words", WORDS_SD, 0.0)
    counts_as = {"words": words_to_tokens(1.0), "tokens or words": np.sqrt(words_to_tokens(1.0))}
    datum = rows["quantity"] * rows["unit"].map(counts_as).fillna(1.0)
    size = rows["active_parameters"].fillna(rows["parameters"])
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = rows["training_compute_flop"] / (6 * size * datum * rows["epochs"].fillna(1.0))
        gap = np.log10(ratio.where(ratio > 0)).abs()
    checked = (
        rows["unit"].isin(["tokens", "words", "tokens or words", "patches"])
        & (rows["stage"] == "pretraining")
        & np.isfinite(gap)
    )
    gap = gap.where(checked, UNCHECKED_GAP)
    return pd.Series(np.sqrt(confidence**2 + unit**2 + words**2 + (GAP_SHARE * gap) ** 2), rows.index, float)


def corpus_ids(rows: pd.DataFrame) -> pd.Series:
    """Return the id that sister models share: organisations, size to three digits, half-year.

    Examples
    --------
    >>> row = {"model": "Qwen3-32B", "organization": "Alibaba", "publication_date": pd.Timestamp("2025-04-29"),
    ...        "quantity": 3.6e13, "unit": "tokens", "tokens": 3.6e13}
    >>> corpus_ids(pd.DataFrame([row])).tolist()
    ['alibaba 3.60e+13 tokens 2025H1']
    """
    names = {text: _organisation_set(text) for text in rows["organization"].unique()}
    makers = rows["organization"].map(names)
    makers = makers.where(makers != "", "(" + rows["model"].str.lower() + ")")
    size = rows["tokens"].fillna(rows["quantity"]).map("{:.2e}".format)
    unit = rows["unit"].where(rows["tokens"].isna(), "tokens")
    half = np.where(rows["publication_date"].dt.month <= 6, "H1", "H2")
    return makers + " " + size + " " + unit + " " + rows["publication_date"].dt.year.astype(str) + half


def _organisation_set(text: str) -> str:
    parts = {" ".join(part.strip(' "').lower().split()) for part in re.split(r"[,;]", text)}
    return "+".join(sorted(parts - {""}))


def record_row(rows: Iterable[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """Return the row that holds the record: the largest whose error is not as large as a contradiction (`DOUBTED_SD`).

    Examples
    --------
    >>> record_row([{"log10_size": 15.1, "measurement_sd": 1.4}, {"log10_size": 12.4, "measurement_sd": 0.1}])
    {'log10_size': 12.4, 'measurement_sd': 0.1}
    """
    held = list(rows)
    sure = [row for row in held if row["measurement_sd"] < DOUBTED_SD]
    return max(sure or held, key=lambda row: row["log10_size"], default=None)
