"""From model rows to corpora: one row per training set, as human-text tokens, with the record audit laid over it.

The headline compares the tokens of human text that a run has *seen* with the stock times its useful repetition. Passes
over the same text beyond `COUNTED_PASSES` (the upper end of the repetition that the stock is granted) count no further,
since a run that reads a small corpus sixty times is no nearer to using up the stock. Sizes stay as they are stated: that
a second pass is worth less than the first is a matter of the law of repetition, by which the stock is expressed in the
tokens of a run (forecast/scenarios/levers/repetition.py).
Shares and passes that nobody states are uncertain quantities: their middle moves the size, their width the
error of the row.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from forecast.core.units import decimal_year
from forecast.errors import InputError
from forecast.ingest.names import other_spellings

if TYPE_CHECKING:
    import pandas as pd

Basis = Literal["seen", "unique"]

COUNTED_PASSES = 5.0
"""Passes over the same text that count (passes); 2 to 5 at 95 %: Villalobos et al. 2024, arXiv 2211.04325v2."""

_ERROR_OF_GRADE = {"A": 0.03, "B": 0.05, "C": 0.15, "D": 0.25}
"""Error of an audited size (log10, sd) by grade of its reading: primary text, derived, leak or second hand, guess."""

_WIDE_ERROR = 0.25
"""Error of an audited size that rests on a leak, an upper bound or a unit not stated (log10, sd): a factor of 3 at 95 %."""

CAPPED = "cap of passes"
"""What the audit's column `sized_by` says of a row that counts with `COUNTED_PASSES` times its unique tokens."""


@dataclass(frozen=True)
class Unstated:
    """What stands in for a quantity that nobody states.

    Parameters
    ----------
    middle : float
        Median, in the quantity's own unit.
    sd : float
        Standard deviation of its log10.
    reason : str
        Why; a judgement.
    """

    middle: float
    sd: float
    reason: str


UNSTATED_TEXT_SHARE = Unstated(0.75, 0.10, "multimodal runs: 0.48 to 1 at 95 %; stated ones run from 0.56 to 0.88")
UNSTATED_HUMAN_SHARE = Unstated(
    0.85, 0.06, "from 2024 on: 0.65 to 1 at 95 %; stated synthetic shares run from 0 to 0.47"
)
UNSTATED_PASSES_EARLY = Unstated(2.0, 0.20, "before 2021: small corpora were read 1 to 40 times; counted up to 5")
UNSTATED_PASSES_LATE = Unstated(1.1, 0.05, "from 2021 on: stated values lie between 0.6 and 2")
CAPPED_PASSES = Unstated(
    COUNTED_PASSES,
    0.20,
    "more than five passes: what the run would have read of a larger corpus is known as little as before 2021",
)

SYNTHETIC_SINCE = 2024.0
"""From here on an unstated synthetic share is taken as unknown, before as none (decimal year); judgement."""


def audited_as_of() -> float:
    """Return the date to which the shipped record is audited."""
    from forecast.ingest.catalog import table

    return max(decimal_year(str(table(name).snapshot)) for name in ("epoch_models", "record_audit"))


def text_corpora(
    models: pd.DataFrame,
    *,
    basis: Basis = "seen",
    complete: bool = True,
    audit: pd.DataFrame | None = None,
    human_share: Unstated = UNSTATED_HUMAN_SHARE,
) -> pd.DataFrame:
    """Return the corpora of human text, one row per corpus, audited where an audit exists.

    Parameters
    ----------
    models : pandas.DataFrame
        Model rows as `forecast.ingest.models.read_models` gives them.
    basis : {"seen", "unique"}, default "seen"
        Tokens seen with at most `COUNTED_PASSES` passes, or unique tokens.
    complete : bool, default True
        Whether audited models that the table lacks are added; False for a table of the user's own.
    audit : pandas.DataFrame, optional
        The record audit, typed; the shipped one by default.
    human_share : Unstated, optional
        Human share of rows that do not state it.

    Returns
    -------
    pandas.DataFrame
        Columns model, organization, publication_date, year, log10_size (log10 tokens of human text),
        measurement_sd (log10), audited, open_weights, source_url; sorted by year. ``attrs["left_out"]`` lists,
        as records, audited models that do not count, with the reason.

    Raises
    ------
    InputError
        If no row holds text.
    """
    import pandas as pd

    from forecast.ingest.catalog import load_table

    audit = load_table("record_audit") if audit is None else audit
    models = _as_audited(models, audit)
    plain = _plain_rows(models, basis, human_share)
    plain = plain[~plain["model"].isin(audit["model"])]
    known = audit if complete else audit[audit["model"].isin(models["model"])]
    counted = _audited_rows(known[known["use"] != "exclude"], basis, human_share)
    # Sister models repeat one corpus: the audited row stands for it.
    same = models.loc[models["model"].isin(known["model"]), "corpus_id"]
    plain = plain[~plain["corpus_id"].isin(same)]
    rows = pd.concat([plain, counted], ignore_index=True)
    rows = rows[np.isfinite(rows["log10_size"])]
    if rows.empty:
        raise InputError(
            "a table without a usable row of text", "language or multimodal models with a size", "see --rejected"
        )
    rows = rows.sort_values(["audited", "log10_size"], ascending=False).drop_duplicates("corpus_id")
    rows = rows.sort_values(["year", "model"], ignore_index=True).drop(columns="corpus_id")
    weights = models.drop_duplicates("model").set_index("model")["open_weights"]
    rows["open_weights"] = rows["model"].map(weights)
    excluded = known[known["use"] == "exclude"]
    # Plain records: pandas compares attributes when it joins, which a table in them does not survive.
    rows.attrs["left_out"] = excluded[["model", "reason", "source_url"]].to_dict("records")
    return rows


def stated_passes(models: pd.DataFrame, names: Iterable[str], *, complete: bool = True) -> np.ndarray:
    """Return how often training runs passed over their text, where that is stated."""
    from forecast.ingest.catalog import load_table

    audit = load_table("record_audit").drop_duplicates("model").set_index("model")
    models = _as_audited(models, audit.reset_index())
    if not complete:
        audit = audit[audit.index.isin(models["model"])]
    counted = audit["tokens_seen"] / audit["tokens_unique"]
    plain = models.drop_duplicates("model").set_index("model")["epochs"]
    passes = counted.fillna(audit["epochs"]).reindex(list(names))
    unaudited = ~passes.index.isin(audit.index)
    passes[unaudited] = plain.reindex(passes.index[unaudited]).to_numpy()
    return passes.clip(1.0, COUNTED_PASSES).to_numpy(dtype=float)


def _as_audited(models: pd.DataFrame, audit: pd.DataFrame) -> pd.DataFrame:
    """Return the models under the audit's spelling of their names."""
    spelled = other_spellings(models["model"], audit["model"])
    return models.assign(model=models["model"].replace(spelled)) if spelled else models


def _plain_rows(models: pd.DataFrame, basis: Basis, human_share: Unstated) -> pd.DataFrame:
    """Return rows as the table has them: no audit, unstated quantities filled in."""
    import pandas as pd

    rows = models[models["modality"].isin(["text", "multimodal"]) & (models["stage"] == "pretraining")]
    rows = rows[rows["tokens"] > 0]
    year = rows["year"].to_numpy(dtype=float)
    passes, passes_sd = _passes(rows["epochs"].to_numpy(dtype=float), year, basis)
    share, share_sd = _share(
        np.where(rows["modality"] == "multimodal", np.nan, 1.0), UNSTATED_TEXT_SHARE, np.ones(len(rows), bool)
    )
    human, human_sd = _share(np.full(len(rows), np.nan), human_share, year >= SYNTHETIC_SINCE)
    own = rows["measurement_sd"].to_numpy(dtype=float)
    return pd.DataFrame(
        {
            "model": rows["model"].to_numpy(),
            "organization": rows["organization"].to_numpy(),
            "publication_date": pd.to_datetime(rows["publication_date"]).to_numpy(),
            "year": year,
            "log10_size": np.log10(rows["tokens"].to_numpy(dtype=float) * passes * share * human),
            "measurement_sd": np.sqrt(own**2 + passes_sd**2 + share_sd**2 + human_sd**2),
            "audited": False,
            "source_url": rows["link"].to_numpy(),
            "corpus_id": rows["corpus_id"].to_numpy(),
        }
    )


def _audited_rows(audit: pd.DataFrame, basis: Basis, human_share: Unstated) -> pd.DataFrame:
    """Return audited rows: tokens seen and unique, shares, and the error that their grade implies."""
    import pandas as pd

    dates = pd.to_datetime(audit["publication_date"])
    year = dates.map(lambda d: decimal_year(d.date())).to_numpy(dtype=float)
    seen, epochs = audit["tokens_seen"].to_numpy(dtype=float), audit["epochs"].to_numpy(dtype=float)
    unique = _unique_tokens(audit)
    filled, filled_sd = _passes(epochs, year, basis)
    if basis == "seen":
        size = np.where(np.isnan(seen), unique * filled, np.fmin(seen, COUNTED_PASSES * unique))
        passes_sd = np.where(np.isnan(seen), filled_sd, 0.0)
        passes_sd = np.where(audit["sized_by"] == CAPPED, CAPPED_PASSES.sd, passes_sd)
    else:
        late, late_sd = _passes(np.full(len(year), np.nan), year, "seen")
        size = np.where(np.isnan(unique), seen / late, unique)
        passes_sd = np.where(np.isnan(unique), late_sd, 0.0)
    multimodal = (audit["domain_group"] == "multimodal").to_numpy()
    share, share_sd = _share(audit["text_share"].to_numpy(dtype=float), UNSTATED_TEXT_SHARE, multimodal)
    human, human_sd = _share(1 - audit["synthetic_share"].to_numpy(dtype=float), human_share, year >= SYNTHETIC_SINCE)
    grade = audit["confidence"].map(_ERROR_OF_GRADE).to_numpy(dtype=float)
    own = np.where(audit["use"] == "wide_error", np.maximum(grade, _WIDE_ERROR), grade)
    return pd.DataFrame(
        {
            "model": audit["model"].to_numpy(),
            "organization": audit["organization"].to_numpy(),
            "publication_date": dates.to_numpy(),
            "year": year,
            "log10_size": np.log10(size * share * human),
            "measurement_sd": np.sqrt(own**2 + passes_sd**2 + share_sd**2 + human_sd**2),
            "audited": True,
            "source_url": audit["source_url"].to_numpy(),
            "corpus_id": "audit/" + audit["model"].astype(str).to_numpy(),
        }
    )


def sized_by(audit: pd.DataFrame) -> np.ndarray:
    """Return what sets the size of every audited row, as the column of that name has to say; empty without a size."""
    seen, unique = audit["tokens_seen"].to_numpy(dtype=float), _unique_tokens(audit)
    with np.errstate(divide="ignore", invalid="ignore"):
        passes = np.where(np.isnan(seen), audit["epochs"].to_numpy(dtype=float), seen / unique)
    return np.select(
        [np.isnan(seen) & np.isnan(unique), passes > COUNTED_PASSES, ~np.isnan(seen)],
        ["", CAPPED, "tokens seen"],
        "unique tokens",
    )


def _unique_tokens(audit: pd.DataFrame) -> np.ndarray:
    """Return unique tokens, those that follow from tokens seen and passes where they are not stated."""
    seen, unique = audit["tokens_seen"].to_numpy(dtype=float), audit["tokens_unique"].to_numpy(dtype=float)
    epochs = audit["epochs"].to_numpy(dtype=float)
    return np.where(np.isnan(unique), seen / np.where(np.isnan(epochs), np.nan, np.maximum(epochs, 1.0)), unique)


def _passes(epochs: np.ndarray, year: np.ndarray, basis: Basis) -> tuple[np.ndarray, np.ndarray]:
    """Return counted passes and the sd of their log10."""
    if basis == "unique":
        return np.ones_like(year), np.zeros_like(year)
    unstated = np.isnan(epochs)
    early = year < 2021.0
    middle = np.where(early, UNSTATED_PASSES_EARLY.middle, UNSTATED_PASSES_LATE.middle)
    sd = np.where(early, UNSTATED_PASSES_EARLY.sd, UNSTATED_PASSES_LATE.sd)
    passes = np.where(unstated, middle, np.clip(np.where(unstated, 1.0, epochs), None, COUNTED_PASSES))
    return passes, np.where(unstated, sd, np.where(epochs > COUNTED_PASSES, CAPPED_PASSES.sd, 0.0))


def _share(stated: np.ndarray, unstated: Unstated, applies: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return a share (1 where it neither is stated nor applies) and the sd of its log10."""
    missing = np.isnan(stated)
    value = np.where(missing, np.where(applies, unstated.middle, 1.0), stated)
    return np.clip(value, 1e-6, 1.0), np.where(missing & applies, unstated.sd, 0.0)
