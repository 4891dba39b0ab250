"""Text from outside at every way out: terminals, pages, figures, tables and error lines show it, and none obeys it."""

from __future__ import annotations

import ast
import csv
import dataclasses
import json
import os
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sampling import command, passing_run, short_run

import forecast
from forecast.cli.main import main
from forecast.errors import InputError, unknown_name
from forecast.ingest.models import read_models
from forecast.report import forecast_card, pdf, write_report
from forecast.runs.forecast import Forecast
from forecast.text import (
    MARK,
    from_cell,
    from_json,
    json_text,
    line,
    one_line,
    printable,
    quoted,
    shortened,
    to_cell,
    to_csv,
)

HOSTILE = {
    "colour": "a\x1b[31;5mRED\x1b[2J",
    "title": "\x1b]0;owned\x07",
    "link": "\x1b]8;;http://example.org/\x1b\\here\x1b]8;;\x1b\\",
    "c1": "a\x9b31m\x85b",
    "overwrite": "good\r\x08\x08bad\x7f",
    "second line": "a\nerror: got nothing",
    "separators": "a\u2028b\u2029c\x0bd\x0ce",
    "direction": "\u202eevil\u2066x\u200f\u061cy",
    "invisible": "\ufeffa\u200bb\u2060c\U000e0041",
    "surrogate": "a\ud800b",
    "nul": "a\0b",
    "noncharacter": "a\uffffb\ufdd0",
    "mathematics": "costs $5 and $x_{",
    "formula": "=cmd|' /C calc'!A0",
    "plus": "+1+1",
    "minus": "-2+3|x",
    "at": "@SUM(A1)",
    "quoted formula": "'=1",
    "html": "<script>alert(1)</script>]]>-->&",
    "markdown": "[a](javascript:b) | `c` *d* _e_ # ![f](g)",
    "typst": '#panic("x") $y$ @z *b* <label> //',
    "long": "x" * 5000,
}
"""What a name, a title, a path or an answer may hold."""

FORBIDDEN = re.compile(
    r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufdd0-\ufdef\ufeff\ufffe\uffff]"
)
"""What must reach nobody: every control character but the newline, what reorders or hides text, what XML forbids."""

by_name = pytest.mark.parametrize("words", HOSTILE.values(), ids=HOSTILE)


def table(path: Path, *names: str) -> Path:
    """Write a model table: one model a quarter from 2018 on, under these names in turn, and a row that is of no use."""
    with path.open("w", encoding="utf-8", errors="surrogatepass", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(["Model", "Organization", "Publication date", "Domain", "Training dataset size (total)"])
        quarters = [(year, month) for year in range(2018, 2026) for month in (1, 4, 7, 10)]
        for place, (year, month) in enumerate(quarters):
            name = names[place % len(names)]
            writer.writerow(
                [name, name, f"{year}-{month:02}-11", "Language", 1e9 * 2 ** (year - 2018) * (1 + place / 99)]
            )
        for name in names:
            writer.writerow([name, name, "no date", "Language", name])
    return path


def said_by(capsys, *arguments: object) -> tuple[int, str, str]:
    """Run a command; whatever it prints must be harmless."""
    code = main([str(argument) for argument in arguments])
    out, err = capsys.readouterr()
    assert not FORBIDDEN.search(out), ascii(out)
    assert not FORBIDDEN.search(err), ascii(err)
    assert "Traceback" not in err
    if code == 2:
        assert out == ""
        assert err.startswith("error: got ")
        assert err.count("\n") == 1
        assert len(err) < 1400
    return code, out, err


# --- the rule


@by_name
def test_what_is_printed_is_harmless_and_nothing_else_is_changed(words):
    assert not FORBIDDEN.search(printable(words).replace("\t", ""))
    for shown in (line(words), one_line(words)):
        assert not FORBIDDEN.search(shown)
        assert "\n" not in shown
    assert not FORBIDDEN.search(quoted(words))
    assert json.loads(json_text(words)) == words
    assert not FORBIDDEN.search(json_text({words: [words]}, indent=1))


@given(st.text())
def test_harmless_text_is_left_alone(words):
    assert printable(printable(words)) == printable(words)
    if words.isprintable():
        assert printable(words) == words
    assert json.loads(json_text(words)) == words


@pytest.mark.parametrize(
    "words", ["GPT-4", "通义千问", "Ерник 2", "llama—3", "a\xa0b", "naïve é", "🦙", "e\u0301", "ε² ≤ 1"]
)
def test_names_of_every_script_are_kept(words):
    assert printable(words) == words


@given(st.text(alphabet=st.sampled_from("'=+-@ ax\uff1d"), max_size=8))
def test_a_cell_is_no_formula_and_gives_the_name_back(words):
    cell = to_cell(words)
    assert not re.match(r"\s*[=+\-@\uff1d]", cell)
    assert from_cell(cell) == words.strip() or words != words.strip()


def test_numbers_of_a_table_stay_numbers(tmp_path):
    names = [words for name, words in HOSTILE.items() if name != "surrogate"]  # no table can hold one
    rows = pd.DataFrame({"name": names, "size": -1.5, "mixed": [-2, *["-2"] * (len(names) - 1)]})
    (tmp_path / "a.csv").write_text(to_csv(rows), encoding="utf-8", newline="")
    with (tmp_path / "a.csv").open(encoding="utf-8", newline="") as handle:
        header, *lines = csv.reader(handle)
    assert header == ["name", "size", "mixed"]
    assert [from_cell(row[0]) for row in lines] == [line(words).strip() for words in names]
    assert {row[1] for row in lines} == {"-1.5"}
    assert {row[2] for row in lines} == {"-2", "'-2"}


@by_name
def test_errors_are_one_short_line(words):
    for error in (InputError(words, words, words), unknown_name("thing", words, ["one", words])):
        assert not FORBIDDEN.search(str(error))
        assert "\n" not in str(error)
        assert len(str(error)) < 1400
    assert len(str(unknown_name("thing", "x" * 10**5, ["one"]))) < 250
    assert shortened("x" * 50, 50) == "x" * 50
    assert len(shortened("x" * 51, 50)) == 50


# --- the terminal


def test_everything_printed_passes_one_function():
    """A new command that prints by itself would print what it was given."""
    found = []
    for path in (Path(forecast.__file__).parent / "cli").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                name = ast.unparse(node.func)
                if name in ("print", "typer.echo", "typer.secho", "click.echo", "sys.stdout.write", "sys.stderr.write"):
                    found.append(path.name)
    assert set(found) <= {"printing.py"}


COMMANDS: dict[str, Any] = {
    "no command": lambda words: [words],
    "no option": lambda words: ["run", f"--{words}"],
    "no number": lambda words: ["run", "--draws", words],
    "no date": lambda words: ["run", "--as-of", words],
    "no table": lambda words: ["run", "--models", f"{words}.csv"],
    "no scenario": lambda words: ["run", f"no {words}"],
    "no resource": lambda words: ["run", "--resource", f"no {words}"],
    "no estimator": lambda words: ["run", "--leave-out", f"no {words}"],
    "no scenario file": lambda words: ["scenario", "check", f"{words}.toml"],
    "no shipped scenario": lambda words: ["scenario", "show", f"no {words}"],
    "no second scenario": lambda words: ["scenario", "diff", "baseline", f"no {words}"],
    "no shipped table": lambda words: ["data", "show", f"no {words}"],
    "no citation": lambda words: ["data", "cite", f"no {words}"],
    "no address": lambda words: ["data", "update", "--from", words],
    "no server": lambda words: ["data", "update", "--from", f"http://127.0.0.1:1/{words}"],
    "no analysis": lambda words: ["replicate", f"no {words}"],
    "no scale": lambda words: ["report", "--likelihood", f"no {words}"],
    "no run": lambda words: ["compare", f"no {words}", f"no {words}"],
    "no run to verify": lambda words: ["verify", f"no {words}"],
}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_line_of_any_kind_is_one_harmless_line(name, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FORECAST_DATA", str(tmp_path / "data"))
    for kind in ("colour", "c1", "second line", "direction", "surrogate", "nul", "long"):
        words = HOSTILE[kind][: 200 if name in ("no table", "no run", "no run to verify") else None]
        assert said_by(capsys, *COMMANDS[name](words))[0] == 2


@by_name
def test_a_table_is_checked_harmlessly(words, tmp_path, capsys):
    own = table(tmp_path / "models.csv", words.replace("\0", ""))  # a file with NUL is refused as binary
    code, out, _ = said_by(capsys, "data", "check", own, "--rejected")
    assert (code, "of 33 rows" in out) == (0, True)
    document = json.loads(said_by(capsys, "data", "check", own, "--rejected", "--json")[1])
    assert document["rejected"]


@pytest.mark.parametrize("name", [name for name in HOSTILE if name not in ("surrogate", "nul")])
def test_a_scenario_is_checked_and_shown_harmlessly(name, tmp_path, capsys):
    said = json.dumps(HOSTILE[name])
    own = tmp_path / "own.toml"
    own.write_text(
        f"title = {said}\nworld = {said}\n[levers.quality]\nusable_share = {{q05 = 0.1, q95 = 0.4}}\nsource = {said}\n".replace(
            "\\ud", "\\U0001d"
        ).replace("\x7f", "\\u007f"),
        encoding="utf-8",
    )
    for arguments in (["check"], ["show"], ["ledger"], ["ledger", "--json"]):
        code, out, _ = said_by(capsys, "scenario", arguments[0], own, *arguments[1:])
        assert (code, out != "") == (0, True)
    assert said_by(capsys, "scenario", "check", own)[1].count("\n") == 1


# --- names of a table


def test_names_are_cleaned_where_they_enter(tmp_path):
    names = [words for name, words in HOSTILE.items() if name not in ("nul", "surrogate")]
    rows = read_models(table(tmp_path / "models.csv", *names)).rows
    assert not FORBIDDEN.search("".join(rows["model"]) + "".join(rows["organization"]))
    assert "=cmd|' /C calc'!A0" in set(rows["model"])
    assert f"a{MARK}[31;5mRED{MARK}[2J" in set(rows["model"])


def test_our_own_csv_gives_the_same_names(tmp_path):
    names = [words for name, words in HOSTILE.items() if name not in ("nul", "surrogate")]
    rows = read_models(table(tmp_path / "models.csv", *names)).rows
    again = read_models(table(tmp_path / "again.csv", *(to_cell(name) for name in rows["model"]))).rows
    assert list(again["model"]) == list(rows["model"])


def test_no_shipped_name_is_changed():
    for column in ("model", "organization"):
        names = read_models().rows[column]
        assert [from_cell(to_cell(name)) for name in names] == list(names)


# --- a forecast


_FREE = frozenset(
    [
        "scenario",
        "model",
        "organization",
        "title",
        "source",
        "source_url",
        "note",
        "sentence",
        "short",
        "attribution",
        "licence",
        "table",
        "publisher",
        "world",
        "description",
        "command",
        "raw_source",
    ]
)


def poisoned(words: str) -> Forecast:
    """Return a forecast in which every text that comes from outside holds an attack."""

    def poison(value: Any, key: str = "", inside: str = "") -> Any:
        if isinstance(value, dict):
            return {name: poison(part, name, key if key != name else inside) for name, part in value.items()}
        if isinstance(value, list):
            return [poison(part, key, inside) for part in value]
        if not isinstance(value, str):
            return value
        return (
            words
            if key in _FREE or inside == "sources" or (key == "name" and inside in ("layers", "checks"))
            else value
        )

    run = passing_run()
    document = poison(json.loads(run.to_json()))
    for section, entries in (("consumption", "members"), ("stock", "layers")):
        for entry in document[section][entries]:
            entry["title"] = words
    return dataclasses.replace(run, document=from_json(json_text(document)))  # as a run folder gives it


WORST = {
    "all": " ".join(words for name, words in HOSTILE.items() if name != "long"),
    "formula": HOSTILE["formula"] + HOSTILE["mathematics"],
}


@pytest.mark.parametrize("words", WORST.values(), ids=WORST)
def test_a_report_holds_any_name_in_every_form(words, tmp_path, capsys, recwarn):
    made, told = poisoned(words), []
    write_report(made, tmp_path / "out", warn=told.append)
    # A warning would carry the letter to the terminal.
    assert [str(warning.message) for warning in recwarn if not issubclass(warning.category, ResourceWarning)] == []
    assert told == [] or not pdf.is_available()
    assert (tmp_path / "out" / "report.pdf").is_file() == pdf.is_available()
    texts = [path for path in (tmp_path / "out").rglob("*") if path.suffix in (".html", ".md", ".svg", ".csv", ".json")]
    assert {path.suffix for path in texts} == {".html", ".md", ".svg", ".csv", ".json"}
    for path in texts:
        found = FORBIDDEN.search(path.read_text(encoding="utf-8").replace("\t", ""))
        assert not found, (path.name, ascii(found))
    for path in (tmp_path / "out" / "figures").glob("*.svg"):
        ElementTree.fromstring(path.read_bytes())
    for path in (tmp_path / "out" / "figures").glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as handle:
            cells = [cell for row in csv.reader(handle) for cell in row]
        assert not [cell for cell in cells if re.match(r"[=+@]|-(?![\d.]+(e[+-]\d+)?$)", cell)]
    again = Forecast.load(tmp_path / "out")
    assert again.document == made.document  # nothing is lost, however it is shown
    assert not FORBIDDEN.search(forecast_card(again))
    passing_run().save(tmp_path / "plain")
    assert said_by(capsys, "compare", tmp_path / "plain", tmp_path / "out")[0] == 0


def test_a_dollar_in_a_name_is_a_dollar():
    """Mathematics would lose the text between two of them, and break on one that opens nothing."""
    from forecast.plots import FIGURES
    from forecast.report import svg_element

    made = poisoned("costs $5 and $x_{")
    drawn = FIGURES["members_side_by_side"].draw(made).get_figure(root=True)
    assert "costs $5 and" in svg_element(drawn, "a", "title", "text")


def test_no_figure_needs_mathematics():
    """Since a dollar is a dollar, a label that Matplotlib writes in its mathematics would show the mark-up."""
    from forecast.plots import FIGURES
    from forecast.report import svg_element

    for name, figure in FIGURES.items():
        if figure.shown(passing_run()):
            drawn = figure.draw(passing_run()).get_figure(root=True)
            assert "mathdefault" not in svg_element(drawn, name, "title", "text"), name


def test_a_brief_that_typst_refuses_does_not_lose_the_report(tmp_path, monkeypatch):
    from forecast.errors import OutputError
    from forecast.report import brief

    def refuse(*_: Any) -> bytes:
        raise OutputError("a brief that typst refuses", "another", "use report.html")

    monkeypatch.setattr(brief, "is_available", lambda: True)
    monkeypatch.setattr(brief, "pdf", refuse)
    told: list[str] = []
    write_report(passing_run(), tmp_path / "out", warn=told.append)
    assert (tmp_path / "out" / "report.html").is_file()
    assert not (tmp_path / "out" / "report.pdf").exists()
    assert "report.pdf and one_page.pdf are not written" in told[0]


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_table_of_hostile_names_becomes_a_report(tmp_path):
    """One escape in one name once cost the whole report, after all sampling."""
    short_run()
    names = [words for name, words in HOSTILE.items() if name not in ("nul", "surrogate")]
    own = table(tmp_path / "in\x1b[31m\nj.csv", *names)
    scenario = tmp_path / os.fsdecode(b"o\x1bwn \xff.toml")
    scenario.write_text(
        'title = "a\\u001b[31m $x"\n[consumption]\nmembers = ["windowed_exponential"]\n', encoding="utf-8"
    )
    done = command("report", scenario, "--models", own, "--draws", 200, "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert not FORBIDDEN.search(done.stdout + done.stderr)
    for path in (tmp_path / "out").rglob("*"):
        if path.suffix in (".html", ".md", ".svg", ".csv", ".json"):
            assert not FORBIDDEN.search(path.read_text(encoding="utf-8").replace("\t", "")), path.name
    assert (tmp_path / "out" / "report.pdf").is_file() == pdf.is_available()
