"""What each row's number counts, and whether it can be believed: unit, tokens and the error that the unit leaves.

Rows of text are decided by `forecast.ingest.text_units`, contradictions by `forecast.ingest.contradictions`; this is
where a table's columns meet them. The shipped table has its own unit column and is left as it is.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from forecast.core.units import words_to_tokens
from forecast.ingest import text_units
from forecast.ingest.amounts import amounts
from forecast.ingest.cells import TOO_MANY_IMAGES, active_parameters_of, unit_from_notes
from forecast.ingest.contradictions import TAKEN, TENFOLD, settle
from forecast.ingest.measurement import UNIT_SD
from forecast.ingest.numerals import parse_numbers
from forecast.ingest.sizes import STATED

OPEN = "tokens or words"
"""Unit of a row for which nothing settles which of the two it is: its tokens are the middle."""

TURNING = ("datapoints", "deprecated")
"""Layouts of the field that held words at first and tokens later."""

BY_TOKENS = ("gradients", "total")
"""Layouts that hold tokens by name."""

_OTHER_NOTES = ("dataset_notes", "compute_notes")

_SHIPPED_UNITS = {
    "tokens": "tokens", "tokens_or_words": "tokens", "words": "words", "images": "images", "image_text_pairs": "images",
    "patches": "patches", "seconds": "seconds", "samples": "samples", "pairs": "samples", "sentences": "samples",
    "frames": "samples", "residues": "samples",
}  # fmt: skip


def add_numbers(rows: pd.DataFrame, cells: pd.DataFrame) -> None:
    """Add passes, parameters and compute; NaN where a row does not state a positive number."""
    for name in ("epochs", "parameters", "active_parameters", "training_compute_flop"):
        numbers = parse_numbers(cells[name]) if name in cells else pd.Series(np.nan, rows.index)
        rows[name] = numbers.where((numbers > 0) & np.isfinite(numbers))
    if "active_parameters" not in cells:
        pairs = zip(cells["model"].tolist(), cells["parameters_notes"].tolist(), strict=True)
        active = pd.Series([active_parameters_of(*pair) for pair in pairs], rows.index, dtype=float)
        rows["active_parameters"] = active.where(~(active > rows["parameters"]))


def add_units(rows: pd.DataFrame, cells: pd.DataFrame, layout: pd.Series, newest: float) -> None:
    """Add unit, unit_basis, share_of_tokens and unit_sd: what each number counts, and how sure that is."""
    unit, basis = _by_layout(rows, layout)
    stated, told = _from_notes(rows, cells, layout)
    unit, basis = stated.fillna(unit), basis.where(stated.isna(), "stated in notes")
    rows["unit_sd"] = np.nan
    share = pd.Series(np.where(unit == "words", 0.0, 1.0), rows.index)
    text = unit.isin(["tokens", "words"]) & ~layout.isin(["shipped", "words"]) & (rows["quantity"] > 0)
    text &= np.isfinite(rows["quantity"])
    if text.any():
        told, by_date = told[text], _odds_by_date(rows[text], layout[text], newest)
        odds = told + by_date + _odds_by_compute(rows[text], layout[text])
        share[text] = text_units.share_of_tokens(odds)
        turning, noted = layout[text].isin(TURNING), np.abs(told) >= text_units.STATED * text_units.ELSEWHERE
        cases = {
            "open": share[text] % 1 > 0,
            "stated in notes": noted & ((told > 0) == (share[text] == 1.0)),
            "evidence": share[text] != text_units.share_of_tokens(by_date),
        }
        basis[text] = np.select(
            [case.to_numpy() for case in cases.values()], list(cases), _by_layout(rows, layout)[1][text]
        )
        unit[text] = np.select([share[text] == 1.0, share[text] == 0.0], ["tokens", "words"], OPEN)
        weighed = turning | basis[text].isin(["open", "evidence"])
        rows.loc[text, "unit_sd"] = np.where(
            weighed & (basis[text] != "stated in notes"), text_units.unit_sd(text_units.probability(odds)), np.nan
        )
    if "unit" in cells:
        ours = layout == "shipped"
        unit = unit.where(~ours, cells["unit"].str.lower().map(_SHIPPED_UNITS).fillna("unknown"))
        known = cells["unit_stated"].where(cells["unit_stated"].isin(list(UNIT_SD))) if "unit_stated" in cells else None
        basis = basis.where(~ours, "shipped" if known is None else known.fillna("shipped"))
        share = share.mask(ours, (unit != "words").astype(float))
    rows["unit"], rows["unit_basis"], rows["share_of_tokens"] = unit, basis, share
    rows["unit_sd"] = rows["unit_sd"].fillna(basis.map(UNIT_SD)).astype(float)


def state_units(rows: pd.DataFrame, unit: pd.Series) -> None:
    """Let the unit that the file itself states, in the size column's name or in a column of units, count for its rows."""
    stated = unit != ""
    facts = {"unit": unit, "unit_basis": STATED, "unit_sd": UNIT_SD[STATED]}
    for name, fact in (facts | {"share_of_tokens": (unit != "words").astype(float)}).items():
        rows[name] = rows[name].mask(stated, fact)


def _by_layout(rows: pd.DataFrame, layout: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Return each row's unit and basis as layout and domain have them, before anything that the row says."""
    text = rows["modality"].isin(["text", "code"])
    multimodal, image = rows["modality"] == "multimodal", rows["modality"] == "image"
    large = rows["quantity"] >= TOO_MANY_IMAGES
    old, new = layout == "datapoints", layout.isin(BY_TOKENS)
    bare = layout.isin(["plain", "deprecated"])
    cases: list[tuple[pd.Series, str, str]] = [
        (layout == "words", "words", "layout"),
        (old & text, "words", "layout"),
        (old & multimodal & large, "words", "layout"),
        (old & image, "images", "layout"),
        (new & text, "tokens", "layout"),
        (new & multimodal & large, "tokens", "domain default"),  # tokens of text and image patches in one number
        (new & image & large, "patches", "layout"),
        (bare & text, "tokens", "domain default"),
        (bare & multimodal & large, "tokens", "domain default"),
        (bare & image & ~large, "images", "domain default"),
        (bare & image & large, "patches", "domain default"),
    ]
    conditions = [case.to_numpy() for case, _, _ in cases]
    unit = pd.Series(np.select(conditions, [u for _, u, _ in cases], "unknown"), rows.index, dtype="str")
    basis = pd.Series(np.select(conditions, [b for _, _, b in cases], "layout"), rows.index, dtype="str")
    return unit, basis


def _from_notes(rows: pd.DataFrame, cells: pd.DataFrame, layout: pd.Series) -> tuple[pd.Series, np.ndarray]:
    """Return the unit that the notes on the size state, missing where they do not, and the notes' log odds for tokens."""
    readable = np.isfinite(rows["quantity"]) & (rows["quantity"] > 0) & (layout != "shipped")
    text = rows["modality"].isin(["text", "code", "multimodal"]) & readable
    # The tag [WORDS] is left over from the old layouts: in the newer ones the number beside it is in tokens.
    trusted = ~layout.isin(BY_TOKENS)
    notes = [cells["notes"], *(cells[name].mask(cells[name] == cells["notes"], "") for name in _OTHER_NOTES)]
    columns = (c.tolist() for c in (rows["quantity"], *notes, readable, text, trusted))
    said: list[str | None] = []
    told = np.zeros(len(rows))
    for place, (number, of_size, *others, ask, of_text, tags) in enumerate(zip(*columns, strict=True)):
        said.append(unit_from_notes(number, of_size, trust_tags=tags) if ask and of_size else None)
        if of_text:
            told[place] = text_units.log_odds_from_notes(number, text_units.Notes(of_size, *others), trust_tags=tags)
    return pd.Series(said, rows.index, dtype="str"), told


def _odds_by_date(rows: pd.DataFrame, layout: pd.Series, newest: float) -> np.ndarray:
    """Return the log odds for tokens that layout, dates and kind of data give, before anything that the row says."""
    dated = text_units.log_odds_from_dates(rows["year"].to_numpy(dtype=float), newest)
    named = np.where(layout == "plain", text_units.UNNAMED, text_units.HELD_TOKENS)
    kind = np.where(rows["modality"] == "multimodal", text_units.SEVERAL_KINDS, 0.0)
    return np.where(layout.isin(TURNING), dated, named) + kind


def _odds_by_compute(rows: pd.DataFrame, layout: pd.Series) -> np.ndarray:
    """Return the log odds for tokens that compute gives, where the layout does not name them."""
    each = rows["training_compute_flop"] / (6 * rows["active_parameters"].fillna(rows["parameters"]) * rows["quantity"])
    readings = np.column_stack([each / rows["epochs"].fillna(1.0), each.where(rows["epochs"].notna())])
    return np.where(layout.isin(BY_TOKENS), 0.0, text_units.log_odds_from_compute(readings.astype(float)))


def settle_contradictions(rows: pd.DataFrame, cells: pd.DataFrame) -> tuple[pd.Series, pd.Series, pd.Series]:
    """Add tokens, and let the notes' number stand for one that notes and compute contradict tenfold.

    Returns what the numbers say in tokens, for which rows the notes' own was taken, and which are left out.
    """
    text = rows["modality"].isin(["text", "code", "multimodal"]) & rows["unit"].isin(["tokens", "words", OPEN])
    in_tokens = rows["quantity"] * words_to_tokens(1.0) ** (1.0 - rows["share_of_tokens"])
    rows["tokens"] = in_tokens.where(text)
    filed = rows["tokens"].copy()
    sizes, taken, left_out = filed.copy(), pd.Series(False, rows.index), pd.Series(False, rows.index)
    runs = rows["training_compute_flop"] / (6 * rows["active_parameters"].fillna(rows["parameters"]))
    readings = [runs, runs / rows["epochs"]]
    with np.errstate(divide="ignore", invalid="ignore"):
        agrees = [np.abs(np.log10(one / rows["tokens"])) < TENFOLD for one in readings]
    asked = text & (rows["tokens"] > 0) & np.isfinite(rows["tokens"]) & ~np.any(agrees, axis=0)
    asked &= (cells["notes"] != "") | (cells["dataset_notes"] != "")
    columns = (rows["tokens"], *readings, cells["notes"], cells["dataset_notes"])
    for row, size, *from_compute, notes, others in zip(
        rows.index[asked], *(column[asked].tolist() for column in columns), strict=True
    ):
        found = amounts(notes)
        if not any(one.unit in ("tokens", "words") for one in found):
            found = amounts(others)
        settled, verdict = settle(size, found, [one for one in from_compute if one > 0])
        if verdict != "kept":
            taken[row], left_out[row], sizes[row] = verdict == TAKEN, verdict != TAKEN, settled
    columns_of_notes = {"quantity": sizes, "tokens": sizes, "unit": "tokens", "unit_basis": "stated in notes"}
    for name, noted_value in (columns_of_notes | {"unit_sd": 0.0, "share_of_tokens": 1.0}).items():
        rows[name] = rows[name].mask(taken, noted_value)
    return filed, taken, left_out
