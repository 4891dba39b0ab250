"""`forecast data`: what it prints, and with which exit code it ends."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from forecast.cli.data import app
from forecast.errors import InputError, MissingFileError, UnknownNameError
from forecast.ingest import catalog

RUN = CliRunner()
NAMES = [entry.name for entry in catalog.tables()]


def run(*words: str):
    return RUN.invoke(app, list(words))


def test_list_names_every_table_with_its_licence():
    done = run("list")
    assert done.exit_code == 0
    lines = done.stdout.splitlines()
    start = lines.index(next(line for line in lines if line.startswith("table ")))
    assert [line.split()[0] for line in lines[start + 1 : start + 1 + len(NAMES)]] == NAMES
    licences = lines[lines.index("Licences:") + 1 :]
    assert "epoch_models" in next(line for line in licences if line.startswith("  CC BY 4.0:"))
    assert sum(len(line.partition(": ")[2].split(", ")) for line in licences) == len(NAMES)


def test_list_as_json_is_one_document():
    listing = json.loads(run("list", "--json").stdout)
    assert [entry["table"] for entry in listing] == NAMES
    assert all(len(entry["sha256"]) == 64 and entry["snapshot"] and entry["publisher"] for entry in listing)


@pytest.mark.parametrize("name", NAMES)
def test_show_gives_every_column_with_its_unit(name):
    done = run("show", name)
    assert done.exit_code == 0
    for column in catalog.table(name).columns:
        assert any(line.startswith(column.name) and column.unit in line for line in done.stdout.splitlines())


def test_show_prints_rows_when_asked():
    done = run("show", "world_population", "--rows", "2")
    tail = list(csv.DictReader(io.StringIO(done.stdout[done.stdout.index("region,year") :])))
    assert [row["year"] for row in tail] == ["1950", "1951"]
    document = json.loads(run("show", "world_population", "--rows", "2", "--json").stdout)
    assert document["first_rows"] == tail
    assert document["columns"][1]["unit"] == "calendar year"


def test_show_of_an_unknown_table_names_the_nearest():
    done = run("show", "clams")
    assert isinstance(done.exception, UnknownNameError)
    assert "did you mean 'claims'" in str(done.exception)
    assert done.stdout == ""


def test_check_of_the_shipped_tables_ends_with_0():
    done = run("check")
    assert done.exit_code == 0, done.stdout
    assert done.stdout.splitlines() == [f"{len(NAMES)} of {len(NAMES)} tables hold; 0 findings"]
    assert json.loads(run("check", "--json").stdout) == {"holds": True, "tables": len(NAMES), "findings": []}


def test_check_of_a_broken_copy_ends_with_1_and_says_where(tmp_path):
    for entry in catalog.tables():
        shutil.copyfile(entry.path, tmp_path / entry.path.name)
    path = tmp_path / "world_population.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[1] = lines[1].replace("World,1950,estimate,", "World,1950,estimate,-")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
    done = run("check", str(tmp_path))
    assert done.exit_code == 1
    assert "world_population, column population_1july_people, line 2: is not above 0" in done.stdout
    assert done.stdout.splitlines()[-1] == f"{len(NAMES) - 1} of {len(NAMES)} tables hold; 2 findings"
    as_json = run("check", str(tmp_path), "--json")
    assert as_json.exit_code == 1
    document = json.loads(as_json.stdout)
    assert document["holds"] is False
    assert {finding["table"] for finding in document["findings"]} == {"world_population"}


def test_check_of_no_folder_or_an_empty_one_is_wrong_input(tmp_path):
    assert isinstance(run("check", str(tmp_path / "absent")).exception, MissingFileError)
    assert isinstance(run("check", str(tmp_path)).exception, InputError)


def test_check_rejected_lists_rows_with_reasons():
    document = json.loads(run("check", "--rejected", "--json").stdout)
    assert len(document["rejected"]) > 100
    assert all(row["model"] is not None and row["reason"] for row in document["rejected"])
    text = run("check", "--rejected").stdout
    assert f"{len(document['rejected'])} rows of the model table cannot be used" in text


def test_a_cell_that_looks_like_markup_is_printed_as_it_stands(tmp_path):
    path = tmp_path / "models.csv"
    path.write_text("System,date,token\nM0,2021,1e17\n[/x],[bold]2021,\n", encoding="utf-8")
    done = run("check", str(path), "--rejected")
    assert done.exception is None or isinstance(done.exception, SystemExit)
    assert "[/x]" in done.stdout


def test_cite_prints_reference_and_licence_for_each_and_the_credit():
    done = run("cite")
    assert done.exit_code == 0
    assert done.stdout.count("Licence: ") == len(NAMES)
    for name in NAMES:
        assert f"[{name}]" in done.stdout
    assert done.stdout.rstrip().endswith(catalog.attributions(["epoch_models"])[0])


def test_cite_of_some_tables_keeps_the_credit():
    document = json.loads(run("cite", "claims", "--json").stdout)
    assert [entry["table"] for entry in document["references"]] == ["claims"]
    assert "CC BY 4.0" in document["epoch_ai"]
    assert isinstance(run("cite", "nothing").exception, UnknownNameError)


def test_list_imports_neither_pandas_nor_pymc_nor_matplotlib():
    code = (
        "import sys; from forecast.cli.data import app; app(['list'], standalone_mode=False);"
        "print(sorted({'pandas', 'pandera', 'pymc', 'arviz', 'matplotlib', 'numpy'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
