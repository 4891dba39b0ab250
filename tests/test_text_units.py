"""Words or tokens, row by row; rows that contradict themselves; time that is linear in what a cell holds.

The tables hold made-up models.
"""

from __future__ import annotations

import csv
import re
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from forecast.core.resources import RESOURCES
from forecast.ingest import (
    amounts,
    cells,
    contradictions,
    dates,
    headers,
    measurement,
    model_rows,
    models,
    numerals,
    text_units,
)
from forecast.plots import frontier
from forecast.runs.checks import row_checks
from forecast.runs.inputs import read_inputs

HEADER = (
    "Model", "Organization", "Publication date", "Domain", "Parameters", "Training compute (FLOP)",
    "Training compute notes", "Training dataset size (datapoints)", "Dataset size notes", "Training dataset notes",
    "Confidence",
)  # fmt: skip


def table(folder: Path, *rows: dict[str, str]) -> models.ModelTable:
    """Read a table in the layout "(datapoints)" whose rows differ from a plain one as said."""
    plain = {"Organization": "Lab", "Domain": "Language", "Confidence": "Confident", "Publication date": "2025-03-01"}
    path = folder / "models.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        for number, row in enumerate(rows):
            filled = plain | {"Model": f"Ash-{number}"} | row
            writer.writerow([filled.get(name, "") for name in HEADER])
    return models.read_models(path)


# --- amounts


@pytest.mark.parametrize(
    ("notes", "number", "unit"),
    [
        ("9 trillion carefully filtered and deduplicated tokens", 9e12, "tokens"),
        ("Table 1: Trained tokens 7T", 7e12, "tokens"),
        ("12 * 10^12 tokens", 12e12, "tokens"),
        ("1.3 x 10**12 tokens", 1.3e12, "tokens"),
        ("Total Tokens: 446B", 446e9, "tokens"),
        ("about one billion words", 1e9, "words"),
        ("1.5e+12 words", 1.5e12, "words"),
        ("1,300,000 words", 1.3e6, "words"),
        ("6 * 540e9 parameters * 780e9 tokens", 780e9, "tokens"),
        ("78G of text", 78.0, "gigabytes"),
        ("400M image-text pairs", 4e8, "images"),
    ],
)
def test_a_number_is_found_with_the_unit_before_or_after_it(notes, number, unit):
    assert (number, unit) in [(one.number, one.unit) for one in amounts.amounts(notes)]


def test_a_unit_belongs_to_one_number():
    assert [(a.number, a.unit) for a in amounts.amounts("780B tokens, 6144 chips; T5 and A22B")] == [
        (780e9, "tokens"), (6144.0, "devices"),
    ]  # fmt: skip


# --- words or tokens


def test_every_note_and_compute_say_tokens(tmp_path):
    read = table(
        tmp_path,
        {"Training dataset size (datapoints)": "12000000000000", "Parameters": "2.5e9",
         "Training compute (FLOP)": "1.8e23", "Training compute notes": "6 * 2.5e9 parameters * 12 * 10^12 tokens",
         "Dataset size notes": "12T"},
        {"Training dataset size (datapoints)": "9000000000000",
         "Dataset size notes": "The base was trained on 9 trillion carefully filtered and deduplicated tokens"},
        {"Training dataset size (datapoints)": "7000000000000", "Dataset size notes": "Table 1: Trained tokens 7T"},
        {"Training dataset size (datapoints)": "5e12", "Training dataset notes": "some 5T tokens of web pages"},
    )  # fmt: skip
    assert read.rows["tokens"].tolist() == [1.2e13, 9e12, 7e12, 5e12]


@pytest.mark.parametrize(("compute", "unit"), [(1.0, "tokens"), (4 / 3, "words")])
def test_compute_decides_where_the_dates_leave_it_open(tmp_path, compute, unit):
    size, parameters = 4e11, 7e9
    row = {"Publication date": "2022-05-01", "Parameters": f"{parameters}",
           "Training compute (FLOP)": f"{6 * parameters * size * compute}",
           "Training dataset size (datapoints)": f"{size}"}  # fmt: skip
    # Another row dates the file to the turn from words to tokens.
    read = table(tmp_path, row, {"Publication date": "2023-08-10", "Training dataset size (datapoints)": "1e12"})
    assert read.rows["unit"].iloc[0] == unit
    assert read.rows["unit_basis"].iloc[0] == "evidence"


@pytest.mark.parametrize(
    ("date", "unit"), [("2021-06-01", "words"), ("2022-04-04", "words"), ("2024-06-01", "tokens"), ("2025-06-01", "tokens")]
)  # fmt: skip
def test_without_other_evidence_the_date_decides(tmp_path, date, unit):
    row = table(tmp_path, {"Publication date": date, "Training dataset size (datapoints)": "3e12"}).rows.iloc[0]
    assert (row["unit"], row["unit_basis"]) == (unit, "layout")


def test_an_open_row_is_the_middle_with_the_error_that_this_leaves(tmp_path):
    size = {"Publication date": "2021-08-10", "Training dataset size (datapoints)": "3e12"}
    read = table(tmp_path, size, {"Publication date": "2023-08-10", "Training dataset size (datapoints)": "1e12"})
    row = read.rows.iloc[0]
    p = text_units.probability(text_units.log_odds_from_dates(np.array([2021.6]), read.rows["year"].max()))[0]
    assert 0.2 < p < 0.8
    assert (row["unit"], row["unit_basis"]) == ("tokens or words", "open")
    assert np.log10(row["tokens"] / 3e12) == pytest.approx((1 - p) * np.log10(4 / 3))
    left = np.log10(4 / 3) * np.sqrt(p * (1 - p))
    others = np.hypot(measurement.CONFIDENCE_SD["confident"], measurement.GAP_SHARE * measurement.UNCHECKED_GAP)
    assert row["measurement_sd"] == pytest.approx(np.hypot(left, others))


def test_stated_words_stay_words_in_a_new_file_whatever_compute_repeats(tmp_path):
    read = table(
        tmp_path,
        {"Publication date": "2018-01-18", "Training dataset size (datapoints)": "103000000", "Parameters": "441000000",
         "Training compute (FLOP)": f"{6 * 103e6 * 441e6}", "Dataset size notes": "pages with 103 million words"},
        {"Training dataset size (datapoints)": "1e12"},
    )  # fmt: skip
    assert read.rows["unit"].tolist() == ["words", "tokens"]


@pytest.mark.parametrize(
    ("size", "notes", "sign"),
    [
        (2.6e11, "Assuming 20 words per sentence, that is 13*20 billion words", -1),
        (1.56e10, "trained on 78G of data, 1GB ~ 200M words", -1),
        (4.39e6, "56k samples with an average length of 78.4 tokens", 1),
        (2.25e11, "300B tokens drawn from the web", -1),
        (3.48e10, "174 GB of deduplicated text", -1),
        (2.2e11, "220B tokens so, at 1 word per token, 220B words", 0),
        (1e12, "", 0),
    ],
)
def test_what_notes_weigh(size, notes, sign):
    assert np.sign(text_units.log_odds_from_notes(size, text_units.Notes(notes))) == sign


# --- rows that contradict themselves


def odd_row(number: str, note: str, compute: str = "1.1e24") -> dict[str, str]:
    """Return a row of 130 billion parameters whose compute, if any, implies 1.41e12 tokens."""
    return {"Model": "Oak-1", "Parameters": "1.3e11", "Training compute (FLOP)": compute,
            "Training dataset size (datapoints)": number, "Dataset size notes": note}  # fmt: skip


@pytest.mark.parametrize(
    ("number", "note", "compute"),
    [
        ("1050000000000000", "The same corpus as before: 1.4T tokens", "1.1e24"),  # in words, and a thousand times
        ("1.4e15", "1.4T tokens", ""),  # T for B
        ("1400", "1.4T tokens", ""),  # in billions
        ("1400", "1.4T tokens", "1.1e24"),
        ("1.4e9", "trained on 1.4 trillion tokens in sequences of 4096 tokens", ""),
        ("1.4e15", "2T tokens of the web, 300B tokens of code; 1.4T tokens were used", "1.1e24"),
    ],
)
def test_notes_that_compute_or_the_digits_confirm_take_the_numbers_place(tmp_path, number, note, compute):
    read = table(tmp_path, odd_row(number, note, compute), {"Training dataset size (datapoints)": "1e12"})
    row = read.rows.set_index("model").loc["Oak-1"]
    assert (row["tokens"], row["unit"]) == (1.4e12, "tokens")
    assert read.contradicted[["model", "value", "taken"]].to_numpy().tolist() == [["Oak-1", number, 1.4e12]]


@pytest.mark.parametrize("compute", ["", "1.1e20"])
def test_where_nothing_settles_a_contradiction_the_row_is_listed(tmp_path, compute):
    read = table(tmp_path, odd_row("9.3e14", "1.4T tokens", compute), {"Training dataset size (datapoints)": "1e12"})
    assert read.rejected["model"].tolist() == ["Oak-1"]
    assert read.rejected["reason"].tolist() == [models.REASONS["contradicted"]]
    assert read.n_read == len(read.rows) + len(read.rejected)


@pytest.mark.parametrize(
    ("number", "note", "compute"),
    [
        ("1.4e12", "fine-tuned on 2B tokens", "1.1e24"),  # compute confirms the number
        ("1.4e12", "1.4T tokens", "1e20"),  # the notes confirm it
        ("4e11", "2.9T tokens", ""),  # less than tenfold
        ("1.4e12", "", "1e20"),  # only compute speaks against it: kept, with a wide error
        ("1.4e12", "a vocabulary of 50,000 words", ""),
    ],
)
def test_a_number_that_is_not_contradicted_twice_is_kept(tmp_path, number, note, compute):
    read = table(tmp_path, odd_row(number, note, compute))
    assert len(read.contradicted) == len(read.rejected) == 0
    assert read.rows["quantity"].tolist() == [float(number)]


def test_settling_never_invents_a_number():
    for size in 10.0 ** np.arange(3, 18):
        settled, verdict = contradictions.settle(size, amounts.amounts("300B tokens or 2T tokens"), [4e11])
        assert settled in (size, 3e11, 2e12) or verdict == "left out"


def test_a_contradicted_row_is_named_and_does_not_set_the_record(tmp_path):
    rows = [
        {"Model": f"Elm-{year}", "Publication date": f"{year}-03-01",
         "Training dataset size (datapoints)": f"{1e11 * 3 ** (year - 2019)}", "Confidence": "Confident"}
        for year in range(2019, 2024)
    ]  # fmt: skip
    noted = {**odd_row("1050000000000000", "1.4T tokens"), "Publication date": "2023-10-01"}
    bare = {**odd_row("1050000000000000", ""), "Model": "Oak-2", "Publication date": "2023-11-01", "Domain": "Language"}
    open_ended = {**odd_row("930000000000000", "1.4T tokens", ""), "Model": "Oak-3", "Publication date": "2023-10-05"}
    table(tmp_path, *rows, noted, bare, open_ended)
    inputs = read_inputs(RESOURCES["public_text"], tmp_path / "models.csv")
    record = measurement.record_row(inputs.rows)
    assert record["log10_size"] < 13.3  # about 8.1e12 words, not a thousand trillion
    checks = row_checks(inputs.rows, inputs.contradicted)
    assert {check.name for check in checks} == {"row Oak-1", "row Oak-2", "row Oak-3"}
    assert {check.status for check in checks} == {"REVIEW"}
    assert "left out" in next(check.advice for check in checks if check.name == "row Oak-3")
    left_out = next(row for row in inputs.contradicted if row["model"] == "Oak-3")
    assert (left_out["value"], left_out["tokens"]) == ("930000000000000", 9.3e14)


def test_the_shipped_record_has_no_odd_row():
    inputs = read_inputs(RESOURCES["public_text"])
    assert row_checks(inputs.rows, inputs.contradicted) == []
    assert measurement.record_row(inputs.rows)["log10_size"] == pytest.approx(inputs.data.record(), abs=1e-4)


def test_figures_name_no_record_that_is_doubted():
    rows = [
        {"model": "Elm", "year": 2021.2, "log10_size": 12.0, "measurement_sd": 0.1},
        {"model": "Oak", "year": 2022.2, "log10_size": 15.0, "measurement_sd": 1.4},
        {"model": "Ash", "year": 2023.2, "log10_size": 12.4, "measurement_sd": 0.1},
    ]
    shown = SimpleNamespace(document={"consumption": {"record": {"rows": rows}}})
    assert [row["model"] for row in frontier._record_holders(shown, 2018.0)] == ["Elm", "Ash"]


# --- time

LENGTH = 200_000
"""Characters of a hostile cell; what is quadratic takes minutes on them."""

_HOSTILE = (
    "1", "1-", "1,", "1.", "1 ", "1e9", "1*", "10^", "a", "tokens ", "1 tokens ", "1B active ", "activ", "-A1", "x10", " ",
    "\t", "2 words per GB 3 GB ", "1 GB ~ 2 words ", "one billion ", "[", ";", "\u0661", "2024-", "May ",
)  # fmt: skip


@pytest.mark.parametrize("piece", _HOSTILE)
def test_no_cell_takes_more_than_linear_time(piece):
    text = "1" + piece * (LENGTH // len(piece)) + "!"
    readers = {
        "unit": lambda: cells.unit_from_notes(1e12, text),
        "odds": lambda: text_units.log_odds_from_notes(1e12, text_units.Notes(text, text, text)),
        "parameters": lambda: (cells.active_parameters_of(text, ""), cells.active_parameters_of("", text)),
        "number": lambda: numerals.parse_numbers(pd.Series([text])),
        "date": lambda: dates.parse_dates(pd.Series([text])),
        "modality": lambda: cells.modality_of(text, text),
        "header": lambda: headers.size_header(text),
        "fine-tune": lambda: model_rows._TUNED.search(text),
    }
    for name, read in readers.items():
        start = time.process_time()
        read()
        assert time.process_time() - start < 5.0, name


def test_a_row_of_dashes_is_read_in_seconds(tmp_path):
    notes = "1" + "-" * 60_000
    start = time.process_time()
    read = table(tmp_path, {"Training dataset size (datapoints)": "1e12", "Dataset size notes": notes})
    assert time.process_time() - start < 5.0
    assert read.rows["tokens"].tolist() == [1e12]


def test_nothing_is_searched_in_notes_with_an_open_ended_number():
    for pattern in (cells._ACTIVE_IN_NAME, cells._ACTIVE_IN_NOTES):
        assert not re.search(r"\\d[+*]", pattern.pattern)


@pytest.mark.slow
def test_two_hundred_thousand_rows_are_read_in_under_a_minute_and_a_gigabyte(tmp_path):
    import os
    import subprocess
    import sys

    rng = np.random.default_rng(1)
    size, parameters = 10 ** rng.uniform(9, 13.3, 200_000), 10 ** rng.uniform(8, 12, 200_000)
    frame = pd.DataFrame(
        {
            "Model": [f"Model-{i}" for i in range(len(size))],
            "Organization": [f"Lab {i % 500}" for i in range(len(size))],
            "Publication date": [f"{2018 + i % 8}-{1 + i % 12:02d}-{1 + i % 28:02d}" for i in range(len(size))],
            "Domain": "Language",
            "Parameters": parameters,
            "Parameters notes": [f"{n / 1e9:.1f}B parameters, of which {n / 4e9:.1f}B are active" for n in parameters],
            "Training compute (FLOP)": 6 * size * parameters,
            "Training dataset size (datapoints)": size,
            "Dataset size notes": [f"{d / 1e12:.3f} trillion carefully filtered tokens" for d in size],
            "Confidence": "Confident",
        }
    )
    frame.to_csv(tmp_path / "models.csv", index=False)
    code = (
        "import sys\nfrom forecast.runs.inputs import read_inputs\nfrom forecast.core.resources import RESOURCES\n"
        "print(read_inputs(RESOURCES['public_text'], sys.argv[1]).data.blocks)\n"
        # What the process that started this one had in memory counts in rusage, not here.
        "if sys.platform == 'linux':\n"
        "    peak = next(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM'))\n"
        "    assert int(peak) < 1_000_000, peak"
    )
    child = subprocess.Popen([sys.executable, "-c", code, str(tmp_path / "models.csv")])
    _, status, used = os.wait4(child.pid, 0)  # this child's own; RUSAGE_CHILDREN keeps the largest of all before it
    child.returncode = os.waitstatus_to_exitcode(status)
    assert child.returncode == 0
    assert used.ru_utime + used.ru_stime < 60
    assert sys.platform == "linux" or used.ru_maxrss < 1_000_000 * (1024 if sys.platform == "darwin" else 1)
