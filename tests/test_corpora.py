"""Corpora: one row per training set, with the record audit laid over the table."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from forecast.consumption.frontier_data import frontier_data
from forecast.core.units import decimal_year, half_year_name
from forecast.errors import InputError
from forecast.ingest import load_models, load_table
from forecast.ingest.corpora import (
    CAPPED,
    CAPPED_PASSES,
    COUNTED_PASSES,
    UNSTATED_HUMAN_SHARE,
    UNSTATED_PASSES_EARLY,
    UNSTATED_PASSES_LATE,
    UNSTATED_TEXT_SHARE,
    audited_as_of,
    text_corpora,
)
from forecast.ingest.models import read_models

HEADER = "Model,Organization,Publication date,Domain,Training dataset size (total),Confidence,Epochs,Dataset size notes"


@pytest.fixture(scope="module")
def models() -> pd.DataFrame:
    return load_models()


@pytest.fixture(scope="module")
def seen(models) -> pd.DataFrame:
    return text_corpora(models)


@pytest.fixture(scope="module")
def audit() -> pd.DataFrame:
    return load_table("record_audit")


def own(tmp_path, *rows: str) -> pd.DataFrame:
    """Return the rows of a table of the user's own."""
    path = tmp_path / "own.csv"
    path.write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    return read_models(path).rows


def size_of(corpora: pd.DataFrame, model: str) -> float:
    """Return a corpus's tokens."""
    (row,) = corpora[corpora["model"] == model].to_dict("records")
    return 10 ** row["log10_size"]


# --- the audit is laid over


def test_what_the_audit_leaves_out_does_not_count_and_is_listed(seen, audit):
    gone = {row["model"]: row for row in seen.attrs["left_out"]}
    assert "GPipe (Transformer)" in gone
    assert not set(gone) & set(seen["model"])
    assert set(gone) == set(audit.loc[audit["use"] == "exclude", "model"])
    for row in gone.values():
        assert row["reason"].endswith(".")
        assert row["source_url"].startswith("http")


def test_without_the_audit_one_row_would_hold_the_record_for_years(models, seen):
    raw = models.loc[models["model"] == "GPipe (Transformer)", "tokens"]
    before_2020 = seen[(seen["year"] >= 2018) & (seen["year"] < 2019.8)]
    assert float(raw.max()) > 10 ** before_2020["log10_size"].max()


def test_passes_beyond_the_counted_ones_add_nothing(seen, audit):
    row = audit.set_index("model").loc["XLM-RoBERTa"]
    assert row["tokens_seen"] > COUNTED_PASSES * row["tokens_unique"]
    assert size_of(seen, "XLM-RoBERTa") == pytest.approx(COUNTED_PASSES * row["tokens_unique"])


def test_a_size_that_is_the_cap_has_the_error_of_passes_that_nobody_states(tmp_path, seen, models, audit):
    assert CAPPED_PASSES.sd == UNSTATED_PASSES_EARLY.sd
    counted = audit[audit["use"] != "exclude"].set_index("model")
    errors = seen.set_index("model")["measurement_sd"]
    capped = counted.index[counted["sized_by"] == CAPPED]
    assert {"XLM-RoBERTa", "T5-11B", "XLNet", "BERT-Large", "Meena"} <= set(capped)
    assert (errors[capped] >= CAPPED_PASSES.sd).all()
    assert errors["T5-11B"] == pytest.approx(np.hypot(0.05, CAPPED_PASSES.sd))
    assert errors["Megatron-LM (8.3B)"] == pytest.approx(0.05), "3.4 passes: the tokens seen are what counts"
    unique = text_corpora(models, basis="unique").set_index("model")["measurement_sd"]
    assert unique["T5-11B"] == pytest.approx(0.05), "unique tokens know no cap"
    rows = own(tmp_path, "Five,D,2022-03-01,Language,1e12,Confident,5,", "Six,E,2022-03-01,Language,2e12,Confident,6,")
    own_errors = text_corpora(rows, complete=False).set_index("model")["measurement_sd"]
    assert own_errors["Six"] == pytest.approx(np.hypot(own_errors["Five"], CAPPED_PASSES.sd))


def test_stated_sizes_are_taken_as_stated(seen):
    assert size_of(seen, "Falcon-180B") == pytest.approx(3.5e12)
    assert size_of(seen, "Falcon-7B") == pytest.approx(1.5e12)
    llama = seen[seen["model"].str.startswith("Llama 2")]
    assert llama["log10_size"].tolist() == pytest.approx([np.log10(2e12)])


def test_every_counted_row_of_the_audit_is_there_with_its_arithmetic(seen, audit):
    counted = audit[audit["use"] != "exclude"].set_index("model")
    found = seen[seen["audited"]].set_index("model")
    assert set(found.index) == set(counted.index)
    stated = counted[
        counted[["tokens_seen", "tokens_unique", "text_share", "synthetic_share"]].notna().all(axis=1)
        & (counted["tokens_seen"] <= COUNTED_PASSES * counted["tokens_unique"])
    ]
    assert len(stated) > 3
    human = stated["tokens_seen"] * stated["text_share"] * (1 - stated["synthetic_share"])
    assert (10 ** found.loc[stated.index, "log10_size"]).to_numpy() == pytest.approx(human.to_numpy())


def test_the_record_rises_to_the_size_that_the_audit_gives(seen):
    record = seen.loc[seen["log10_size"].idxmax()]
    assert record["audited"]
    assert 2e13 < 10 ** record["log10_size"] < 6e13


def test_an_audited_row_with_an_unknown_share_has_a_wider_error(seen, audit):
    plain = audit[(audit["use"] == "counts") & (audit["confidence"] == "B") & (audit["domain_group"] == "language")]
    plain = plain[plain["tokens_seen"].notna() & plain["synthetic_share"].isna() & (plain["text_share"] == 1)]
    errors = seen.set_index("model")["measurement_sd"]
    early = errors[plain.loc[plain["publication_date"] < "2024-01-01", "model"]]
    late = errors[plain.loc[plain["publication_date"] >= "2024-01-01", "model"]]
    assert len(early)
    assert len(late)
    assert early.to_numpy() == pytest.approx(early.iloc[0])
    assert late.to_numpy() == pytest.approx(np.hypot(early.iloc[0], UNSTATED_HUMAN_SHARE.sd))


def test_an_audited_guess_has_a_wider_error_than_a_primary_text(seen, audit):
    errors = seen.set_index("model")["measurement_sd"]
    known = audit[audit["use"] != "exclude"]
    middle = {grade: errors[known.loc[known["confidence"] == grade, "model"]].min() for grade in "ABCD"}
    assert middle["A"] < middle["B"] < middle["C"] <= middle["D"]


def test_errors_are_positive_and_sizes_finite(seen):
    assert (seen["measurement_sd"] > 0).all()
    assert np.isfinite(seen["log10_size"]).all()
    assert seen["year"].is_monotonic_increasing
    assert seen["model"].is_unique


# --- rows without an audit


def test_unstated_passes_and_shares_move_the_size_and_widen_the_error(tmp_path):
    rows = own(
        tmp_path,
        "Early,A,2019-03-01,Language,1e10,Confident,,",
        "Early stated,B,2019-03-01,Language,1e10,Confident,1,",
        "Middle,C,2022-03-01,Language,1e12,Confident,,",
        "Many passes,D,2022-03-01,Language,1e12,Confident,60,",
        'Pictures too,E,2022-03-01,"Language,Vision",1e12,Confident,1,',
        "Late,F,2025-03-01,Language,1e13,Confident,1,",
    )
    corpora = text_corpora(rows, complete=False)
    sd = corpora.set_index("model")["measurement_sd"]
    assert size_of(corpora, "Early") == pytest.approx(1e10 * UNSTATED_PASSES_EARLY.middle)
    assert size_of(corpora, "Early stated") == pytest.approx(1e10)
    assert size_of(corpora, "Middle") == pytest.approx(1e12 * UNSTATED_PASSES_LATE.middle)
    assert size_of(corpora, "Many passes") == pytest.approx(1e12 * COUNTED_PASSES)
    assert size_of(corpora, "Pictures too") == pytest.approx(1e12 * UNSTATED_TEXT_SHARE.middle)
    assert size_of(corpora, "Late") == pytest.approx(1e13 * UNSTATED_HUMAN_SHARE.middle)
    base = sd["Early stated"]
    assert sd["Early"] == pytest.approx(np.hypot(base, UNSTATED_PASSES_EARLY.sd))
    assert sd["Pictures too"] >= np.hypot(base, UNSTATED_TEXT_SHARE.sd)
    assert sd["Late"] == pytest.approx(np.hypot(base, UNSTATED_HUMAN_SHARE.sd))


def test_unique_tokens_leave_out_the_passes(tmp_path, models, seen, audit):
    rows = own(tmp_path, "Many passes,D,2022-03-01,Language,1e12,Confident,4,")
    assert size_of(text_corpora(rows, complete=False), "Many passes") == pytest.approx(4e12)
    assert size_of(text_corpora(rows, basis="unique", complete=False), "Many passes") == pytest.approx(1e12)
    unique = text_corpora(models, basis="unique")
    assert size_of(unique, "XLM-RoBERTa") == pytest.approx(3.15e11)
    both = seen.merge(unique, on="model", suffixes=("_seen", "_unique"))
    stated = both[both["model"].isin(audit.loc[audit["tokens_unique"].notna() & audit["tokens_seen"].notna(), "model"])]
    more = audit.set_index("model").loc[stated["model"]]
    several = (more["tokens_seen"] >= more["tokens_unique"]).to_numpy()
    assert (stated["log10_size_seen"] >= stated["log10_size_unique"] - 1e-9)[several].all()


def test_sister_models_count_once(tmp_path):
    rows = own(
        tmp_path,
        "A-7B,Meta AI,2024-01-01,Language,2e12,Confident,1,",
        "A-70B,Meta AI,2024-02-01,Language,2.001e12,Confident,1,",
        "A-other,Meta AI,2024-02-01,Language,5e12,Confident,1,",
    )
    assert len(text_corpora(rows, complete=False)) == 2


def test_fine_tunes_images_and_code_do_not_count(tmp_path):
    rows = own(
        tmp_path,
        "A,Meta AI,2024-01-01,Language,2e12,Confident,1,",
        "B,Meta AI,2024-01-01,Image generation,2e9,Confident,1,",
        "C,Meta AI,2024-01-01,Games,2e9,Confident,1,",
    )
    assert text_corpora(rows, complete=False)["model"].tolist() == ["A"]


def test_a_table_of_the_users_own_gets_no_rows_that_it_lacks(tmp_path, audit):
    rows = own(
        tmp_path,
        "Mine,Me,2024-01-01,Language,2e12,Confident,1,",
        "Falcon-180B,TII,2023-09-06,Language,9e12,Confident,1,",
        "GPipe (Transformer),Google,2018-11-16,Language,1.45e12,Confident,,",
    )
    corpora = text_corpora(rows, complete=False)
    assert sorted(corpora["model"]) == ["Falcon-180B", "Mine"]
    assert size_of(corpora, "Falcon-180B") == pytest.approx(3.5e12), "the audit holds for a model that it knows"
    assert [row["model"] for row in corpora.attrs["left_out"]] == ["GPipe (Transformer)"]
    assert len(text_corpora(rows)) > len(audit) / 3


def test_a_table_without_text_is_refused():
    images = read_models(Path(__file__).parent / "faults" / "only_images.csv").rows
    with pytest.raises(InputError, match="without a usable row of text"):
        text_corpora(images, complete=False)


# --- dates


def test_rows_after_the_date_are_not_seen(seen):
    early, late = frontier_data(seen, 2023.0), frontier_data(seen, audited_as_of())
    assert early.time[early.observed > 0].max() <= 2023.0
    assert early.record() < late.record()
    names = {name for block in early.labels for name in block}
    assert not names & set(seen.loc[seen["year"] > 2023.0, "model"])
    same = slice(0, early.blocks - 1)
    assert np.array_equal(early.size[same], late.size[same])


def test_the_date_of_the_data_is_that_of_the_newest_row(seen, audit):
    assert audited_as_of() == decimal_year(f"{audit['publication_date'].max():%Y-%m-%d}")
    assert seen["year"].max() <= audited_as_of()


def test_the_date_of_the_data_is_the_newest_snapshots():
    snapshots = [load_table(name).attrs["source"] for name in ("epoch_models", "record_audit")]
    newest = max(str(source["snapshot"]) for source in snapshots)
    assert audited_as_of() == decimal_year(newest)


@pytest.mark.parametrize(("year", "name"), [(2026.0, "2026H1"), (2026.49, "2026H1"), (2026.5, "2026H2")])
def test_half_years_have_names(year, name):
    assert half_year_name(year) == name
