"""Tables as people have them: columns, units, numbers, dates, spellings and files of many forms read right or not at all.

Figures of models are made up, or as in Epoch AI's data on AI models, https://epoch.ai/data/ai-models, CC BY 4.0.
"""

from __future__ import annotations

import gzip
import io
import json
import time
import zipfile

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from forecast.cli.data import app
from forecast.errors import InputError, MissingFileError
from forecast.ingest import dates, load_models, records, sizes
from forecast.ingest.corpora import text_corpora
from forecast.ingest.headers import plain_name, size_header
from forecast.ingest.models import REASONS, read_models
from forecast.ingest.names import near_misses, other_spellings, spelling
from forecast.ingest.numerals import parse_numbers, parse_sizes

SIZES = [1e12, 5e12, 2e13]
START = [
    "Ash-1,Northlab,2023-03-01,Language",
    "Birch-2,Southlab,2024-05-01,Language",
    "Cedar-3,Westlab,2025-02-01,Language",
]
HEADER = "Model,Organization,Publication date,Domain"


def table(folder, columns: str, cells, start=START, header=HEADER):
    """Write three models with columns of sizes, and read them."""
    lines = [f"{header},{columns}", *(f"{one},{cell}" for one, cell in zip(start, cells, strict=True))]
    path = folder / "models.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return read_models(path)


def tokens(read) -> list[float]:
    return read.rows["tokens"].tolist()


# --- columns


def test_the_deprecated_column_is_a_size(tmp_path):
    read = table(tmp_path, "(DEPRECATED) Training dataset size (datapoints)", ["1e12", "5e12", "2e13"])
    assert (read.layout, tokens(read), read.notes) == ("deprecated", SIZES, ())


def test_a_column_of_linked_names_is_passed_over_and_named(tmp_path):
    columns = "(DEPRECATED) Training dataset size (datapoints),Training dataset size"
    read = table(tmp_path, columns, ["1e12,Ash-1", "5e12,Birch-2", "2e13,Cedar-3"])
    assert (read.layout, tokens(read)) == ("deprecated", SIZES)
    assert read.notes == ("the column 'Training dataset size' is passed over: it holds no numbers",)


def test_of_two_equal_names_the_first_is_read_and_said(tmp_path):
    columns = "Training dataset size (total),Training dataset size (total)"
    read = table(tmp_path, columns, ["1e12,9e9", "5e12,9e9", "2e13,9e9"])
    assert tokens(read) == SIZES
    assert read.notes == ("2 columns are called 'Training dataset size (total)': the first one is read",)
    assert read.rows.attrs["notes"] == read.notes


def test_two_sizes_that_contradict_each_other_are_named(tmp_path):
    read = table(tmp_path, "Training dataset size (total),tokens", ["9e9,1e12", "9e9,5e12", "2e13,2e13"])
    assert tokens(read) == SIZES  # the unit is stated
    (note,) = read.notes
    assert "'tokens' and 'Training dataset size (total)' contradict each other in 2 of 3 rows: 'tokens' is read" in note


@pytest.mark.parametrize(
    "other", ["Training dataset size lower bound", "Training dataset size (total) source", "Dataset size notes",
              "Training dataset size (total) upper bound", "Dataset size estimate method", "Batch size (tokens)",
              "Tokens per parameter", "Context tokens", "Training time (hours)"],
)  # fmt: skip
def test_other_columns_are_no_sizes(tmp_path, other):
    read = table(tmp_path, f"{other},Training dataset size (total)", ["7e9,1e12", "7e9,5e12", "7e9,2e13"])
    assert tokens(read) == SIZES
    with pytest.raises(InputError, match="no size column"):
        table(tmp_path, other, ["7e9"] * 3)


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("Training dataset size (billions of tokens)", [1000, 5000, 20000]),
        ("Training dataset size (trillion tokens)", [1, 5, 20]),
        ("tokens (B)", [1000, 5000, 20000]),
        ("tokens_trillions", [1, 5, 20]),
        ("Training tokens (T)", [1, 5, 20]),
        ("n_tokens", ["1e12", "5e12", "2e13"]),
        ("trainingTokens", ["1e12", "5e12", "2e13"]),
        ("Dataset size [tokens] x 10^9", None),
        ("Number of training tokens (1e9)", [1000, 5000, 20000]),
        ("Dataset size in millions of tokens", [1e6, 5e6, 2e7]),
        ("Training dataset size (billions of words)", [750, 3750, 15000]),
        ("Training dataset size (datapoints; trillions)", [1, 5, 20]),
    ],
)
def test_the_unit_in_a_name_counts(tmp_path, name, cells):
    if cells is None:
        with pytest.raises(InputError, match="no size column"):  # a word that is not known: not a size
            table(tmp_path, name, [1, 2, 3])
        return
    read = table(tmp_path, name, cells)
    assert tokens(read) == pytest.approx(SIZES)
    assert read.notes == ()


@pytest.mark.parametrize("unit", ["GB", "TB", "bytes", "gigabytes", "GiB", "characters"])
def test_bytes_are_refused_with_the_column_and_the_accepted_forms(tmp_path, unit):
    with pytest.raises(InputError) as caught:
        table(tmp_path, f"Training dataset size ({unit})", [1000, 5000, 20000])
    assert f"the column 'Training dataset size ({unit})'" in caught.value.got
    assert "tokens" in caught.value.expected
    read = table(tmp_path, f"size_{unit},tokens", ["4000,1e12", "20000,5e12", "80000,2e13"])
    assert tokens(read) == SIZES
    assert "passed over" in read.notes[0]


@pytest.mark.parametrize("name", ["Dataset size (B)", "Dataset size (tokens/words)", "tokens (billions/trillions)"])
def test_a_unit_that_can_be_two_is_refused(tmp_path, name):
    with pytest.raises(InputError, match="rename the column"):
        table(tmp_path, name, [1000, 5000, 20000])


def test_a_column_of_units_counts_row_by_row(tmp_path):
    read = table(tmp_path, "Dataset size,Unit", ["1000,billion tokens", "3.75e12,words", "570,GB"])
    assert tokens(read) == pytest.approx([1e12, 5e12])
    assert set(read.rows["unit_basis"]) == {sizes.STATED}
    assert read.rejected["reason"].tolist() == [REASONS["unit"]]


def test_names_of_columns_are_compared_without_case_and_separators():
    assert plain_name("\ufeffTraining_Dataset-Size (Total)") == "training dataset size (total)"
    assert size_header("quantity") is None
    assert size_header("dataset size field") is None
    assert size_header("dataset size words").layout == "words"


# --- numbers


@pytest.mark.parametrize(
    ("cell", "number", "unit"),
    [
        ("1.5e13 tokens", 1.5e13, "tokens"), ("15T+", 1.5e13, ""), ("15T tokens", 1.5e13, "tokens"),
        (">15T", 1.5e13, ""), ("~15T", 1.5e13, ""), ("15 trillion tokens", 1.5e13, "tokens"),
        ("≥ 15 trillion", 1.5e13, ""), ("about 15T", 1.5e13, ""), ("15T+ tokens", 1.5e13, "tokens"),
        ("15Ttokens", 1.5e13, "tokens"), ("more than 300B words", 3e11, "words"), ("1.5×10¹³", 1.5e13, ""),
        ("10^13", 1e13, ""), ("15 000 000 000 000", 1.5e13, ""), ("570 GB", 570.0, "gb"), ("5.85e11", 5.85e11, ""),
        ("1.3x10^13 tokens", 1.3e13, "tokens"), ("20 billion b", np.nan, ""),
    ],
)  # fmt: skip
def test_sizes_with_scale_and_unit_in_the_cell(cell, number, unit):
    read = parse_sizes(pd.Series([cell]))
    assert read.number.iloc[0] == number or (np.isnan(number) and np.isnan(read.number.iloc[0]))
    assert np.isnan(number) or read.unit.iloc[0] == unit


@pytest.mark.parametrize("cell", ["15 20", "10-15T", "<15T", "15T (est.)", "2024 05", "15 tokens tokens", "1" * 101])
def test_what_can_be_two_numbers_is_none(cell):
    assert np.isnan(parse_numbers(pd.Series([cell])).iloc[0])


@pytest.mark.parametrize(
    ("cells", "numbers"),
    [
        (["1,300", "2.5"], [1300, 2.5]),
        (["1,300", "2,5"], [1.3, 2.5]),
        (["1.300", "2,5"], [1300, 2.5]),
        (["1.300", "1.300.000"], [1300, 1.3e6]),
        (["1.300", "0.125"], [1.3, 0.125]),
        (["1.300"], [1.3]),
        (["1,300"], [1300]),
        (["1.300e12", "2.500e12"], [1.3e12, 2.5e12]),
        (["1,300", "1.5", "2,5"], [np.nan, 1.5, 2.5]),
    ],
)
def test_one_mark_before_three_digits_is_read_as_the_column_is_written(cells, numbers):
    read = parse_sizes(pd.Series(cells))
    assert read.number.tolist() == pytest.approx(numbers, nan_ok=True)
    assert bool(read.note) == (len(cells) == 1 or np.isnan(numbers[0]))


def test_a_scale_in_the_cell_is_not_multiplied_by_that_of_the_column(tmp_path):
    read = table(tmp_path, "tokens (billions)", ["1T", "5000", "20 trillion tokens"])
    assert tokens(read) == SIZES


def test_bytes_in_a_cell_are_refused_row_by_row(tmp_path):
    read = table(tmp_path, "Training dataset size (total)", ["1e12", "570GB", "2e13"])
    assert read.rejected["reason"].tolist() == [REASONS["bytes"]]


def test_a_size_too_small_is_kept_with_a_question(tmp_path):
    read = table(tmp_path, "tokens", ["15", "5e12", "2e13"])
    assert tokens(read) == [15.0, 5e12, 2e13]
    (note,) = read.notes
    assert "1 of 3 texts are smaller than 1e+08 tokens ('Ash-1': 15): if billions or trillions are meant" in note
    with pytest.raises(InputError, match=r"largest text has 20 tokens.*tokens \(trillions\)"):
        table(tmp_path, "tokens", ["1", "5", "20"])


# --- dates


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("2025-01-01T00:00:00+01:00", "2025-01-01"), ("2024-12-31T23:30:00-05:00", "2024-12-31"),
        ("2025-01-01 00:00:00", "2025-01-01"), ("2025-01-01T00:00:00.000Z", "2025-01-01"), ("May 2024", "2024-05-01"),
        ("2024-05", "2024-05-01"), ("2024", "2024-01-01"), ("2024.0", "2024-01-01"), ("Sept. 2024", "2024-09-01"),
        ("6 May 2024", "2024-05-06"), ("May 6th, 2024", "2024-05-06"), ("06.05.2024", "2024-05-06"),
        ("2024/05/06", "2024-05-06"), ("2024/05", "2024-05-01"), ("05/2024", "2024-05-01"),
        ("25/12/2024", "2024-12-25"), ("12/25/2024", "2024-12-25"), ("5-Jun-24", "2024-06-05"),
        ("20240506", "2024-05-06"), ("5/25/2024 10:30", "2024-05-25"), ("2024-2-9", "2024-02-09"),
    ],
)  # fmt: skip
def test_dates_keep_the_day_that_the_cell_states(cell, day):
    assert f"{dates.parse_dates(pd.Series([cell])).iloc[0]:%Y-%m-%d}" == day


@pytest.mark.parametrize("cell", ["05/06/2024", "5-6-2024", "Jun-24", "05/06/24", "24/12/25"])
def test_a_date_that_can_be_two_days_is_refused_with_the_accepted_forms(tmp_path, cell):
    start = [START[0], START[1], f"Cedar-3,Westlab,{cell},Language"]
    read = table(tmp_path, "tokens", ["1e12", "5e12", "2e13"], start)
    assert read.rejected["reason"].tolist() == [REASONS["two_days"]]
    assert "2024-06-05" in REASONS["two_days"]


@pytest.mark.parametrize("cell", ["soon", "2024-13-01", "31.02.2024", "2024.05", "Q1 2024", "45292", "May", "0000"])
def test_what_is_no_date(cell):
    assert dates.parse_dates(pd.Series([cell, "2024-01-01"])).isna().tolist() == [True, False]


def test_serial_dates_of_spreadsheets_count_only_where_the_column_consists_of_them(tmp_path):
    start = [f"{name},,{day},Language" for name, day in (("A", "45292"), ("B", "45413.0"), ("C", "45658"))]
    read = table(tmp_path, "tokens", ["1e12", "5e12", "2e13"], start)
    assert read.rows["publication_date"].dt.strftime("%Y-%m-%d").tolist() == ["2024-01-01", "2024-05-01", "2025-01-01"]
    assert any("serial numbers" in note for note in read.notes)


# --- domains


def test_a_header_of_three_words_is_enough_and_the_missing_domain_is_told(tmp_path):
    read = table(tmp_path, "tokens", ["1e12", "5e12"], ["A,2024-01-01", "B,May 2024"], "model,date")
    assert tokens(read) == SIZES[:2]
    assert read.notes == ("there is no column Domain: every model is taken for a model of text",)


def test_an_unknown_domain_is_named(tmp_path):
    start = [START[0], START[1], "Cedar-3,Westlab,2025-02-01,Langauge"]
    read = table(tmp_path, "tokens", ["1e12", "5e12", "2e13"], start)
    assert read.notes == ("1 row has a domain that is not known and counts as other: 'Langauge' (Language?)",)


# --- spelling


def audited(folder, *names: str) -> pd.DataFrame:
    path = folder / "models.csv"
    lines = [f"{name},Zhipu AI,2025-08-0{place},Language,2.3{place}e13" for place, name in enumerate(names, 1)]
    path.write_text("\n".join([f"{HEADER},Training dataset size (gradients)", *lines]) + "\n")
    return text_corpora(read_models(path).rows, complete=False).drop(columns="year")


@pytest.mark.parametrize("name", ["GLM 4.5", "glm-4.5", "GLM_4.5", "GLM4.5", "GLM (4.5)"])
def test_the_audit_is_found_under_another_spelling(tmp_path, name):
    pd.testing.assert_frame_equal(audited(tmp_path, name), audited(tmp_path, "GLM-4.5"))
    assert audited(tmp_path, name)["audited"].tolist() == [True]


def test_other_models_stay_others(tmp_path):
    assert audited(tmp_path, "GLM-4.5V", "GLM 4.51")["audited"].tolist() == [False, False]
    known = ["Llama 3.1 8B", "Llama 3.1 70B", "GPT-4", "StarCoder"]
    assert other_spellings(
        ["Llama 3.1-70B", "Llama 3 1.8B", "GPT-4o", "GPT-41", "StarCoder+", "Llama 3.18B"], known
    ) == {"Llama 3.1-70B": "Llama 3.1 70B"}


def test_a_spelling_of_two_names_matches_none_but_itself():
    assert other_spellings(["GLM 4.5", "glm4.5"], ["GLM-4.5"]) == {}
    assert other_spellings(["GLM 4.5"], ["GLM-4.5", "GLM4.5"]) == {}
    assert other_spellings(["GLM-4.5"], ["GLM-4.5"]) == {}


def test_no_two_names_of_the_shipped_tables_are_one_spelling():
    from forecast.ingest.catalog import load_table

    audit = load_table("record_audit")["model"]
    assert audit.map(spelling).nunique() == audit.nunique()
    assert other_spellings(load_models()["model"], audit) == {}


def test_near_misses_are_told(tmp_path):
    assert near_misses(["Llama 3.3"], ["Llama 3.3 70B"]) == {"Llama 3.3": "Llama 3.3 70B"}
    assert near_misses(["Llama 3.3 8B", "Llama 2", "Falcon"], ["Llama 3.3 70B", "Llama 3", "Talcum"]) == {}
    path = tmp_path / "models.csv"
    path.write_text("model,date,domain,tokens\nGLM 4.5,2025-08-05,Language,2.31e13\nXGLM,2022-01-01,Language,5e11\n")
    notes = " ".join(read_models(path).notes)
    assert "1 model is found in the record audit under another spelling: 'GLM 4.5' ('GLM-4.5')" in notes
    assert "1 model has a name near one of the record audit's and not audited: 'XGLM' ('XGLM-7.5B')" in notes


# --- files


@pytest.mark.parametrize("index", [True, False])
def test_our_own_rows_read_back_the_same(tmp_path, index):
    ours = load_models()
    ours.to_csv(tmp_path / "ours.csv", index=index)
    read = read_models(tmp_path / "ours.csv")
    pd.testing.assert_frame_equal(read.rows, ours.reset_index(drop=True), check_exact=True)
    assert len(read.rejected) == 0
    pd.testing.assert_frame_equal(text_corpora(read.rows), text_corpora(ours))


FRAME = pd.DataFrame(
    {"Model": ["A", "B"], "Publication date": ["2024-01-01", "2024-05-06"], "Domain": ["Language", "Language"],
     "tokens": [1.5e13, 123456789012345.0]}
)  # fmt: skip


@pytest.mark.parametrize("ending", ["csv", "csv.gz", "json", "jsonl", "jsonl.gz", "sep", "xlsx", "parquet"])
def test_every_form_reads_the_same(tmp_path, ending):
    path = tmp_path / f"models.{ending}"
    if ending.startswith("csv"):
        FRAME.to_csv(path, index=False)
    elif ending.startswith("json"):
        FRAME.to_json(path, orient="records", lines="l" in ending[4:])
    elif ending == "sep":
        path.write_text("sep=;\n" + FRAME.to_csv(index=False, sep=";"))
    elif ending == "xlsx":
        pytest.importorskip("openpyxl", reason="the extra 'tables' is not installed")
        FRAME.assign(**{"Publication date": pd.to_datetime(FRAME["Publication date"])}).to_excel(path, index=False)
    else:
        pytest.importorskip("pyarrow", reason="the extra 'tables' is not installed")
        FRAME.assign(**{"Publication date": pd.to_datetime(FRAME["Publication date"])}).to_parquet(path)
    read = read_models(path)
    assert tokens(read) == FRAME["tokens"].tolist()
    assert read.rows["publication_date"].dt.strftime("%Y-%m-%d").tolist() == FRAME["Publication date"].tolist()
    assert read.notes == ()


@pytest.mark.parametrize(
    "data", [b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf", b"\xff\xfe\n\0", gzip.compress(b"", mtime=0)]
)
def test_a_file_of_nothing_but_a_byte_order_mark_is_empty(tmp_path, data):
    path = tmp_path / "bom.csv"
    path.write_bytes(data)
    with pytest.raises(InputError, match="empty"):
        read_models(path)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b'{"model": {"0": "A"}}', "no list of records"),
        (b"[1, 2]", "no list of records"),
        (b'[{"model": ', "no list of records"),
        (b"[" * 100_000, "no list of records"),
        (b"[" + b"9" * 10_000 + b"]", "no list of records"),
        (b"PAR1 is no table", "Parquet"),
        (gzip.compress(b"\x89PNG\0", mtime=0), "binary"),
        (gzip.compress(b"model,date,tokens\n", mtime=0)[:-4], "damaged gzip"),
    ],
)
def test_what_is_no_table_is_refused_in_one_line(tmp_path, data, words):
    path = tmp_path / "models"
    path.write_bytes(data)
    with pytest.raises(InputError, match=words) as caught:
        read_models(path)
    assert len(str(caught.value)) < 400 + len(str(path))


def test_numbers_of_json_stay_what_they_are(tmp_path):
    path = tmp_path / "models.json"
    text = '[{"model": "A", "date": "2024", "tokens": 1.125e13, "tokens": 1, "domain": ["Language", "Vision"]}]'
    path.write_text(text)
    row = read_models(path).rows.iloc[0]
    assert (row["tokens"], row["modality"]) == (1.125e13, "multimodal")  # of two equal names, the first


def test_what_unpacks_to_too_much_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(records, "MOST_BYTES", 1_000_000)
    path = tmp_path / "bomb.csv.gz"
    path.write_bytes(gzip.compress(b"model,date,tokens\n" + b" " * 20_000_000))
    assert path.stat().st_size < 100_000
    with pytest.raises(InputError, match="more than 1 MB"):
        read_models(path)
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b" " * 20_000_000)
    path.write_bytes(bomb.getvalue())
    with pytest.raises(InputError, match="more than 1 MB"):
        read_models(path)


@pytest.mark.parametrize(("module", "data"), [("openpyxl", "xlsx"), ("pyarrow", b"PAR1")])
def test_a_missing_reader_is_one_line_with_the_extra(tmp_path, monkeypatch, module, data):
    if data == "xlsx":
        book = io.BytesIO()
        with zipfile.ZipFile(book, "w") as archive:
            archive.writestr("xl/workbook.xml", b"<workbook/>")
        data = book.getvalue()
    monkeypatch.setitem(__import__("sys").modules, module, None)
    path = tmp_path / "models"
    path.write_bytes(data)
    with pytest.raises(InputError, match=rf'needs {module} to be read.*pip install "data-depletion\[tables\]"'):
        read_models(path)


# --- the command


def check(*words: str):
    return CliRunner().invoke(app, ["check", *words])


def test_check_tells_its_notes_on_stderr_and_in_json(tmp_path):
    path = tmp_path / "models.csv"
    path.write_text("model,date,tokens\nA,2024-01-01,1e12\n")
    done = check(str(path))
    assert done.stderr == "note: there is no column Domain: every model is taken for a model of text\n"
    assert "1 of 1 rows" in done.stdout
    assert json.loads(check(str(path), "--json").stdout)["notes"] == [done.stderr.removeprefix("note: ").strip()]


def test_check_of_a_missing_file_says_so(tmp_path):
    done = check(str(tmp_path / "no_such_models.csv"))
    assert isinstance(done.exception, MissingFileError)
    assert f"no file {tmp_path / 'no_such_models.csv'}" in str(done.exception)


def test_check_reads_a_pipe(tmp_path):
    import os
    import threading

    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    text = "Model,Publication date,Training dataset size (total)\nA,2024-01-01,1e12\n"
    writer = threading.Thread(target=pipe.write_text, args=(text,))
    writer.start()
    done = check(str(pipe))
    writer.join()
    assert "1 of 1 rows" in done.stdout


# --- time


@pytest.mark.parametrize(
    "cell",
    ["1" * 200_000, "1," * 100_000, "1 " * 100_000, "tokens" * 30_000, "~" * 200_000, "May " * 50_000, "-" * 200_000],
)
def test_no_cell_takes_more_than_linear_time(tmp_path, cell):
    path = tmp_path / "models.json"
    rows = [{"model": "A", "date": "2024", "tokens": "1e12", "domain": "Language"}]
    rows.append({"model": cell, "date": cell, "tokens": cell, "domain": cell})
    path.write_text(json.dumps(rows))
    began = time.perf_counter()
    read = read_models(path)
    assert time.perf_counter() - began < 3
    assert len(read.rejected) == 1


def test_a_header_of_many_columns_is_read_in_linear_time(tmp_path):
    path = tmp_path / "models.csv"
    many = [f"c{number}" for number in range(50_000)]
    path.write_text(",".join(["model", "date", *many, "tokens"]) + "\n" + "A,2024-01-01," + "," * 50_000 + "1e12\n")
    began = time.perf_counter()
    assert tokens(read_models(path)) == [1e12]
    assert time.perf_counter() - began < 3


def test_a_unit_column_in_which_no_unit_is_known_is_no_fault(tmp_path):
    """Its map is empty; pandas then makes numbers of it, which take no words."""
    path = tmp_path / "models.csv"
    path.write_text("Model,publication_date,data_size,dataset_unit\nM,2024-01-01,1e12,furlongs\n", encoding="utf-8")
    with pytest.raises(InputError, match="none can be used"):
        read_models(path)
