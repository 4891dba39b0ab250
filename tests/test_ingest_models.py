"""Model tables: every layout, every unit, every fault.

The samples of a few rows hold published figures as in Epoch AI's data on AI models, https://epoch.ai/data/ai-models,
CC BY 4.0.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forecast.errors import InputError, MissingFileError, UnknownNameError
from forecast.ingest import catalog, cells, measurement, models, numerals
from forecast.ingest.layouts import LAYOUTS
from forecast.ingest.reading import read_text

FAULTS = Path(__file__).parent / "faults"
DATA = Path(__file__).parents[1] / "data"

PALM = "PaLM (540B),Google Research,2022-04-04,Language"
DALLE = "DALL-E 2,OpenAI,2022-04-06,Image generation"
LLAMA = "Llama 2-70B,Meta AI,2023-07-18,Language"


def write(folder: Path, text: str | bytes, name: str = "models.csv") -> Path:
    """Write a table and return where it is."""
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def one(table: models.ModelTable, name: str) -> pd.Series:
    """Return the row of one model."""
    found = table.rows[table.rows["model"] == name]
    assert len(found) == 1
    return found.iloc[0]


def reasons(table: models.ModelTable) -> dict[str, str]:
    """Return the reason by model."""
    return dict(zip(table.rejected["model"], table.rejected["reason"], strict=True))


# --- layouts and units


@pytest.mark.parametrize("name_column", ["Model", "System"])
@pytest.mark.parametrize(
    ("bracket", "palm", "unit"),
    [("(datapoints)", 5.85e11, "words"), ("(gradients)", 7.8e11, "tokens"), ("(total)", 7.8e11, "tokens")],
)
def test_palm_is_780_billion_tokens_in_every_layout(tmp_path, name_column, bracket, palm, unit):
    header = f"{name_column},Organization,Publication date,Domain,Training dataset size {bracket}"
    table = models.read_models(write(tmp_path, f"{header}\n{PALM},{palm:.0f}\n"))
    row = one(table, "PaLM (540B)")
    assert table.layout == bracket.strip("()")
    assert (row["quantity"], row["unit"], row["unit_basis"]) == (palm, unit, "layout")
    assert row["tokens"] == pytest.approx(7.8e11)


@pytest.mark.parametrize(
    ("bracket", "size", "unit"),
    [("(datapoints)", 6.5e8, "images"), ("(gradients)", 1.67e11, "patches"), ("(total)", 1.67e11, "patches")],
)
def test_dalle_2_is_images_in_the_old_layout_and_patches_in_the_new(tmp_path, bracket, size, unit):
    header = f"Model,Organization,Publication date,Domain,Training dataset size {bracket}"
    row = one(models.read_models(write(tmp_path, f"{header}\n{DALLE},{size:.4e}\n")), "DALL-E 2")
    assert (row["quantity"], row["unit"], row["modality"]) == (size, unit, "image")
    assert np.isnan(row["tokens"])


def test_without_brackets_text_is_tokens_by_its_domain_alone(tmp_path):
    header = "Model,Publication date,Domain,Training dataset size"
    table = models.read_models(write(tmp_path, f"{header}\nA,2024-01-01,Language,2e12\nB,2024-01-01,Vision,1e6\n"))
    assert table.layout == "plain"
    assert table.rows["unit"].tolist() == ["tokens", "images"]
    assert set(table.rows["unit_basis"]) == {"domain default"}


def test_small_numbers_of_vision_models_in_the_new_layout_have_no_unit(tmp_path):
    header = "Model,Publication date,Domain,Training dataset size (total)"
    table = models.read_models(write(tmp_path, f"{header}\nA,2024-01-01,Language,2e12\nB,2024-01-01,Vision,4e9\n"))
    assert reasons(table) == {"B": models.REASONS["unit"]}


def test_a_second_size_column_fills_the_gaps_of_the_first(tmp_path):
    header = "Model,Publication date,Domain,Training dataset size (datapoints),Training dataset size (total)"
    text = f"{header}\nA,2021-01-01,Language,1.5e12,\nB,2021-01-01,Language,1.5e12,3e12\n"
    table = models.read_models(write(tmp_path, text))
    assert table.layout == "total"
    assert table.rows["unit"].tolist() == ["words", "tokens"]
    assert table.rows["tokens"].tolist() == pytest.approx([2e12, 3e12])


@pytest.mark.parametrize(
    ("size", "notes", "unit", "tokens"),
    [
        ("2e12", "2 trillion tokens ~= 1.5 trillion words", "tokens", 2e12),
        ("1.5e12", "2 trillion tokens ~= 1.5 trillion words", "words", 2e12),
        ("5.85e11", "780B tokens in all", "words", 7.8e11),
        ("1.5e13", "15T+ tokens; later 15T multilingual tokens", "tokens", 1.5e13),
        ("3e9", "[tokens] no number here", "tokens", 3e9),
        ("1,300,000,000", "1,300,000,000 words of news", "words", 1.3e9 / 0.75),
        ("3e12", "6.4 trillion tokens", "words", 4e12),  # another number: the layout and its date decide
        ("3e12", "", "words", 4e12),
    ],
)
def test_notes_decide_only_with_a_number_that_agrees(tmp_path, size, notes, unit, tokens):
    header = "Model,Publication date,Domain,Training dataset size (datapoints),Dataset size notes"
    row = one(models.read_models(write(tmp_path, f'{header}\nA,2021-01-01,Language,"{size}","{notes}"\n')), "A")
    assert row["unit"] == unit
    assert row["tokens"] == pytest.approx(tokens)


def test_the_words_tag_is_stale_in_the_new_layouts(tmp_path):
    header = "Model,Publication date,Domain,Training dataset size (total),Dataset size notes"
    assert (
        one(models.read_models(write(tmp_path, f"{header}\nA,2018-11-16,Language,7.2e8,[WORDS] pairs\n")), "A")["unit"]
        == "tokens"
    )


def test_notes_turn_images_into_patches():
    assert cells.unit_from_notes(1.6705e11, "650 million images, 256 patches each and one more") == "patches"
    assert cells.unit_from_notes(4e8, "400M image-text pairs") == "images"
    assert cells.unit_from_notes(7.2e7, "20,000 hours of speech") == "seconds"
    assert cells.unit_from_notes(1e9, "1B tokens, that is 1B words") is None


def test_the_list_of_2024_is_in_words():
    table = models.read_models(DATA / "epoch_2024_dataset_sizes.csv")
    assert (table.layout, len(table.rejected), set(table.rows["unit"])) == ("words", 0, {"words"})
    assert one(table, "Llama 2-70B")["tokens"] == pytest.approx(2.0e12)
    assert one(table, "Falcon 180B")["tokens"] == pytest.approx(3.5e12)


# --- cells


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("1e13", 1e13), ("13000000000000", 1.3e13), ("1,300,000", 1.3e6), ("1 300 000", 1.3e6), ("1.300.000", 1.3e6),
        ("1'300'000", 1.3e6), ("1,300,000.5", 1300000.5), ("1,3e12", 1.3e12), ("15T", 1.5e13), ("1.5 trillion", 1.5e12),
        ("10^13", 1e13), ("1.3x10^13", 1.3e13), ("5.85E+11", 5.85e11), ("-4", -4.0), ("~2e12", 2e12), ("1e400", np.inf),
    ],
)  # fmt: skip
def test_numbers_as_people_write_them(cell, number):
    assert numerals.parse_numbers(pd.Series([cell])).iloc[0] == number


@pytest.mark.parametrize("cell", ["", "many", "1e12-2e12", "1,2,3", "0x10", "1.2.3", "e5", "nan"])
def test_what_is_no_number(cell):
    assert np.isnan(numerals.parse_numbers(pd.Series([cell])).iloc[0])


@pytest.mark.parametrize(
    ("domain", "modality"),
    [
        ("Language", "text"), ("Language,Vision", "multimodal"), ("Multimodal;Language;Vision", "multimodal"),
        ("Vision,Image generation", "image"), ("Video,Vision", "video"), ("Speech", "audio"),
        ("Biology,Language", "biology"),
        ("Mathematics, Language", "text"), ("Robotics,Games", "robotics"), ("Games", "games"), ("", "other"),
        ("Earth science", "other"), ("image_generation", "image"), ("language", "text"),
    ],
)  # fmt: skip
def test_several_domains_in_a_cell(domain, modality):
    assert cells.modality_of(domain) == modality
    assert modality in cells.MODALITIES


def test_active_parameters_are_read_from_names_and_notes():
    assert cells.active_parameters_of("Qwen3-235B-A22B", "") == 22e9
    assert cells.active_parameters_of("K2", "MoE with 1T total parameters and 32B parameters active per pass") == 32e9
    assert cells.active_parameters_of("S2", "Total: 250.3B, Active: 14.7B per token") == 14.7e9
    assert np.isnan(cells.active_parameters_of("Llama", "70B parameters"))


# --- how the file is written

HEADER = "Model,Organization,Publication date,Domain,Training dataset size (total),Confidence"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_encodings_separators_and_line_ends_read_the_same(tmp_path, encoding, separator, line_end):
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator, lineterminator=line_end)
    writer.writerow(HEADER.split(","))
    writer.writerow(["Modèle", "Université, Paris", "2023-07-18", "Language,Vision", "1,300,000,000,000", ""])
    row = one(models.read_models(write(tmp_path, out.getvalue().encode(encoding))), "Modèle")
    assert (row["quantity"], row["organization"], row["modality"]) == (1.3e12, "Université, Paris", "multimodal")


@pytest.mark.parametrize("word", ["Confident", "Likely", "Speculative", "Unverified", "Unknown", ""])
def test_every_confidence_but_wrong_is_used(tmp_path, word):
    row = models.read_models(write(tmp_path, f"{HEADER}\n{LLAMA},2e12,{word}\n")).rows.iloc[0]
    assert row["confidence"] == word
    assert row["measurement_sd"] >= min(measurement.CONFIDENCE_SD.values())


def test_rows_have_the_columns_promised_and_the_facts_of_the_row(tmp_path):
    header = (
        "Model,Organization,Publication date,Domain,Training dataset size (total),Confidence,Link,Epochs,Parameters,"
        "Training compute (FLOP),Open model weights?,Model accessibility,Country (of organization),Base model"
    )
    text = (
        f"{header}\n{LLAMA},2e12,Confident,https://example.org,1,7e10,8.1e23,Yes,,United States of America,\n"
        "Tuned,Nobody,2024-01-01,Language,1e9,Likely,,,,,No,,,Llama 2-70B\n"
        "Hosted,Nobody,2024-07-01,Language,1e9,Likely,,0,,,,API access,,\n"
        "Silent,Nobody,2024-07-02,Language,1e9,Likely,,,,,,,,\n"
    )
    rows = models.read_models(write(tmp_path, text)).rows
    assert tuple(rows.columns) == models.COLUMNS
    assert str(rows["publication_date"].dtype).startswith("datetime64")
    assert rows["year"].iloc[0] == pytest.approx(2023 + 198 / 365)
    assert rows["stage"].tolist() == ["pretraining", "finetune", "pretraining", "pretraining"]
    assert rows["open_weights"].tolist() == [True, False, False, pd.NA]
    assert rows["epochs"].isna().tolist() == [False, True, True, True]  # nobody trains for zero epochs
    assert rows.loc[0, ["country", "link"]].tolist() == ["United States of America", "https://example.org"]


def test_sister_models_share_a_corpus(tmp_path):
    text = (
        f'{HEADER}\nA-7B,"Meta AI,FAIR",2024-01-01,Language,2.001e12,\nA-70B,"FAIR,Meta AI",2024-06-30,Language,2e12,\n'
        'A-later,"FAIR,Meta AI",2024-07-01,Language,2e12,\nA-larger,"FAIR,Meta AI",2024-01-01,Language,2.1e12,\n'
        "Other,FAIR,2024-01-01,Language,2e12,\n"
        "Nobody's,,2024-01-01,Language,2e12,\nNobody's too,,2024-01-01,Language,2e12,\n"
    )
    ids = models.read_models(write(tmp_path, text)).rows.set_index("model")["corpus_id"]
    assert ids["A-7B"] == ids["A-70B"]
    assert ids.nunique() == len(ids) - 1


# --- measurement error


def error_of(**changes) -> float:
    """Return the sd of a well documented row with some cells changed."""
    row = {
        "quantity": 2e12, "unit": "tokens", "unit_basis": "stated in notes", "stage": "pretraining",
        "confidence": "Confident", "epochs": 1.0, "parameters": 7e10, "active_parameters": np.nan,
        "training_compute_flop": 6 * 7e10 * 2e12,
    }  # fmt: skip
    return float(measurement.measurement_sd(pd.DataFrame([row | changes])).iloc[0])


def test_the_error_grows_with_the_gap_between_compute_and_size_without_a_cut():
    base = error_of()
    gaps = [error_of(training_compute_flop=6 * 7e10 * 2e12 * 10**gap) for gap in (0.3, 1.0, 2.0, 4.0)]
    assert base == pytest.approx(0.03)
    assert all(small < large for small, large in zip([base, *gaps], gaps, strict=False))
    assert gaps[-1] == pytest.approx(np.hypot(0.03, 0.5 * 4.0))
    assert error_of(training_compute_flop=6 * 7e10 * 2e12 / 100) == pytest.approx(gaps[2])


def test_the_error_uses_active_parameters_epochs_and_words():
    assert error_of(active_parameters=7e9, training_compute_flop=6 * 7e9 * 2e12) == pytest.approx(error_of())
    assert error_of(epochs=4.0, training_compute_flop=6 * 7e10 * 8e12) == pytest.approx(error_of())
    assert error_of(unit="words", quantity=1.5e12) == pytest.approx(np.hypot(0.03, measurement.WORDS_SD))


def test_the_error_grows_where_less_is_known():
    assert error_of() < error_of(training_compute_flop=np.nan) < error_of(confidence="Likely", parameters=np.nan)
    assert error_of() < error_of(unit_basis="layout") < error_of(unit_basis="domain default")
    assert error_of(confidence="Likely") < error_of(confidence="") < error_of(confidence="Speculative")
    unchecked = error_of(training_compute_flop=np.nan)
    assert error_of(stage="finetune", training_compute_flop=1e30) == pytest.approx(unchecked)
    assert error_of(unit="images", training_compute_flop=1e30) == pytest.approx(unchecked)


# --- faults: the whole file


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("empty.csv", "empty"),
        ("header_only.csv", "no rows"),
        ("no_size_column.csv", "no size column"),
        ("no_name_column.csv", "no column for the model's name"),
        ("no_date_column.csv", "no date column"),
        ("html_page.csv", "web page"),
        ("no_usable_row.csv", "none can be used"),
        ("broken_quotes.csv", "broken CSV"),
        (".", "folder"),
    ],
)
def test_a_broken_file_is_one_line_that_says_what_to_do(name, words):
    with pytest.raises(InputError, match=words) as caught:
        models.read_models(FAULTS / name)
    message = str(caught.value)
    assert "\n" not in message
    assert "got " in message
    assert ", expected " in message
    assert caught.value.do


def test_the_missing_size_column_names_the_nearest():
    with pytest.raises(InputError, match=r"nearest: 'Training dataset'"):
        models.read_models(FAULTS / "no_size_column.csv")


def test_a_file_in_which_no_row_can_be_used_says_why():
    with pytest.raises(
        InputError, match=r"3 rows none can be used \(2: the size is not a positive number; 1: no training"
    ):
        models.read_models(FAULTS / "no_usable_row.csv")


def test_a_missing_file_is_not_found(tmp_path):
    with pytest.raises(MissingFileError, match="no file"):
        models.read_models(tmp_path / "nowhere.csv")


@pytest.mark.parametrize(
    "content", [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"PK\x03\x04 a spreadsheet", b"\x1f\x8b\x08gzip", b"%PDF-1.7"]
)
def test_binary_files_are_refused(tmp_path, content):
    with pytest.raises(InputError, match="binary"):
        models.read_models(write(tmp_path, content))


@pytest.mark.parametrize("content", [b"\xef\xbb\xbf", b"\n\r\n  \n", b"\xef\xbb\xbf\n"])
def test_a_file_of_nothing_but_marks_is_empty(tmp_path, content):
    with pytest.raises(InputError, match="empty"):
        models.read_models(write(tmp_path, content))


def test_an_impossible_path_is_one_line():
    with pytest.raises(InputError, match="cannot be read"):
        models.read_models("a\0b.csv")


# --- faults: one row


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("negative_sizes.csv", ["number", "number"]),
        ("year_2087.csv", ["impossible", "impossible", "date", "no_date"]),
        ("size_1e400.csv", ["huge", "huge"]),
        ("too_many_cells.csv", ["cells"]),
        ("duplicate_rows.csv", ["duplicate", "duplicate"]),
        ("wrong_and_unknown.csv", ["wrong", "model", "unit"]),
        ("one_row.csv", []),
    ],
)
def test_a_broken_row_is_listed_with_its_reason(name, expected):
    table = models.read_models(FAULTS / name)
    assert table.rejected["reason"].tolist() == [models.REASONS[reason] for reason in expected]
    assert table.rows["model"].tolist() == ["Llama 2-70B"]
    assert table.n_read == 1 + len(expected)
    assert list(table.rejected.columns) == ["model", "publication_date", "value", "reason"]


def test_the_rejected_value_is_the_text_of_the_file():
    rejected = models.read_models(FAULTS / "size_1e400.csv").rejected
    assert rejected["value"].tolist() == ["1e400", "3e19"]


def test_a_table_of_images_reads_but_has_no_text():
    table = models.read_models(FAULTS / "only_images.csv")
    assert len(models.usable(table, "image")) == 2
    with pytest.raises(InputError, match="without a usable text or multimodal model"):
        models.usable(table, ["text", "multimodal"])
    with pytest.raises(UnknownNameError, match="did you mean 'text'"):
        models.usable(table, "texts")


# --- nothing is dropped in silence

CELL = st.one_of(
    st.sampled_from(
        ["", "Llama", "2024-01-01", "2087", "1e13", "1,300,000", "-3", "1e400", "Language", "Vision", "Wrong", "\ufeff"]
    ),
    st.floats().map(str),
    st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), max_size=12),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    layout=st.sampled_from(["total", "gradients", "datapoints"]),
    body=st.lists(st.lists(CELL, min_size=1, max_size=8), max_size=8),
)
def test_every_row_read_is_used_or_listed(tmp_path, layout, body):
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerow(
        ["Model", "Publication date", "Domain", f"Training dataset size ({layout})", "Confidence", "Dataset size notes"]
    )
    writer.writerow(["Good", "2024-01-01", "Language", "1e12", "Likely", ""])
    writer.writerows(body)
    table = models.read_models(write(tmp_path, out.getvalue()))
    written = 1 + sum(any(cell.strip() for cell in row) for row in body)
    assert table.n_read == written == len(table.rows) + len(table.rejected)
    assert set(table.rejected["reason"]) <= set(models.REASONS.values())
    assert np.isfinite(table.rows["quantity"]).all()
    assert (table.rows["quantity"] > 0).all()
    assert (table.rows["measurement_sd"] > 0).all()
    assert set(table.rows["unit"]) <= {"tokens", "words", "images", "patches", "seconds", "samples"}


# --- the shipped table


def test_the_shipped_table_reads_whole():
    table = models.read_models()
    assert (table.layout, table.n_read) == ("shipped", len(pd.read_csv(DATA / "epoch_models.csv")))
    assert table.n_read == len(table.rows) + len(table.rejected)
    assert set(LAYOUTS) >= {table.layout}
    assert one(table, "Llama 2-70B")["tokens"] == 2e12
    assert one(table, "Falcon-180B")["tokens"] == 3.5e12
    assert one(table, "PaLM (540B)")["tokens"] == 7.8e11
    assert one(table, "Qwen3-235B-A22B")["active_parameters"] == 22e9
    assert reasons(table)["PaLM-E"] == models.REASONS["size"]
    assert (table.rejected["reason"] == models.REASONS["wrong"]).sum() == 1


def test_an_outlier_stays_with_a_wide_error():
    rows = models.read_models().rows.set_index("model")
    assert rows.loc["gpt-oss-120b", "measurement_sd"] > 5 * rows.loc["Llama 2-70B", "measurement_sd"]


def test_a_table_in_memory_is_read_as_its_file_is(tmp_path):
    rows = pd.DataFrame({"model": ["A", "B"], "publication_date": ["2024-01-01", "2025-01-01"], "tokens": [1e12, 2e12]})
    rows.to_csv(tmp_path / "rows.csv", index=False)
    held, read = models.load_models(rows), models.load_models(tmp_path / "rows.csv")
    pd.testing.assert_frame_equal(held, read)
    assert held.attrs["source"] == {"title": "data_frame.csv"}, "no place of this machine"


def test_load_models_carries_the_credit():
    rows = models.load_models()
    assert rows.attrs["source"]["licence"] == "CC BY 4.0"
    assert "Epoch AI" in rows.attrs["source"]["attribution"]
    assert rows.attrs["rejected"] == len(models.read_models().rejected)
    own = models.load_models(FAULTS / "negative_sizes.csv")
    assert own.attrs["rejected"] == 2
    assert own.attrs["source"]["title"].endswith("negative_sizes.csv")


def test_rows_of_the_shipped_table_that_cannot_be_used_stand_as_in_the_file():
    filed = read_text(catalog.table("epoch_models").path).fillna("")
    rejected = models.read_models().rejected
    assert len(rejected) > 100
    assert set(zip(rejected["model"], rejected["publication_date"], strict=True)) <= set(
        zip(filed["model"], filed["publication_date"], strict=True)
    )
