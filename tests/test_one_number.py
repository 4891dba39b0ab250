"""One number, one form: what the document says stands in page, Markdown, PDF, command line and README in the same digits."""

from __future__ import annotations

import json
import random
import re
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

import pytest
from sampling import passing_run

from forecast import evaluate
from forecast.core.wording import percent_words, year_phrase, year_words
from forecast.plots import FIGURES
from forecast.plots.headline_history import headline_history_rows
from forecast.report import TABLE_YEARS, pdf, render_pages
from forecast.report.brief_content import brief
from forecast.report.markdown import markdown
from forecast.report.readme import headline_block

ROOT = Path(__file__).parents[1]
SEED, COUNT = 20261129, 25


def numbers(document: dict | None = None) -> dict[str, tuple[str, str]]:
    """Return numbers of the document by name: the label of its row, and the form in which it must stand there."""
    document = document or passing_run().document
    found = {}
    for year in TABLE_YEARS:
        share = document["exhaustion_year"]["probability_by"][str(year)]
        found[f"by {year}"] = (str(year), percent_words(share))
    for one in document["definitions"]:
        when = one["exhaustion_year"]
        found[f"{one['name']} by 2030"] = (one["title"], percent_words(when["probability_by"]["2030"]))
        found[f"{one['name']} median"] = (one["title"], year_words(when["median"]))
        found[f"{one['name']} early"] = (one["title"], year_words(when["intervals"]["0.8"][0]))
    for one in document["consumption"]["members"]:
        found[f"{one['name']} median"] = (one["title"], year_words(one["exhaustion_year"]["median"]))
    return found


@cache
def chosen() -> list[str]:
    """Return the numbers that are looked for; not where the tests are collected, since a run is made for it."""
    return random.Random(SEED).sample(sorted(numbers()), COUNT)


@cache
def rows_of(medium: str) -> list[str]:
    """Return a medium's lines, one a row of a table."""
    run = passing_run()
    if medium == "page":
        pages = render_pages(run, dict.fromkeys(FIGURES, "<svg></svg>")).values()
        rows = re.findall(r"<tr.*?</tr>", "".join(pages), re.DOTALL)
        return [re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", row)) for row in rows]
    if medium == "Markdown":
        return [line.replace("\\", "") for line in markdown(brief(run)).splitlines() if line.startswith("|")]
    drawn = dict.fromkeys(FIGURES, '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"></svg>')
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "report.pdf"
        made.write_bytes(pdf.pdf(brief(run), drawn))
        done = subprocess.run(
            ["pdftotext", "-layout", "-enc", "UTF-8", made, "-"], capture_output=True, check=True, timeout=60
        )
    return done.stdout.decode("utf-8").splitlines()


@pytest.mark.parametrize("medium", ["page", "Markdown", "PDF"])
@pytest.mark.parametrize("place", range(COUNT))
def test_a_number_has_one_form_everywhere(place, medium):
    if medium == "PDF" and (not pdf.is_available() or shutil.which("pdftotext") is None):
        pytest.skip("typst or pdftotext is not installed")
    label, form = numbers()[chosen()[place]]
    begins = label[:18]  # a long label goes on on a next line of the PDF
    rows = [row for row in rows_of(medium) if re.match(rf"[|\s]*{re.escape(begins)}", row)]
    assert any(re.search(rf"(?<![\d.]){re.escape(form)}(?![\d.])", row) for row in rows), (label, form, rows)


def test_they_are_those_of_forecast_json(tmp_path):
    passing_run().save(tmp_path / "run")
    read = numbers(json.loads((tmp_path / "run" / "forecast.json").read_text(encoding="utf-8")))
    assert {name: read[name] for name in chosen()} == {name: numbers()[name] for name in chosen()}


def test_the_readme_of_a_run_has_the_same_readings_as_its_page():
    """What may be meant: odds and central year of each reading, in the same form."""
    lines = [line for line in headline_block(passing_run()).splitlines() if line.startswith("| ")]
    readings = [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in lines[2:]]
    assert len(readings) >= 2
    for label, _, share, year in readings:
        rows = [row for row in rows_of("page") if row.strip().startswith(label)]
        assert any(share in row and year in row for row in rows), (label, share, year, rows)


@pytest.mark.slow
def test_the_readme_is_what_the_baseline_says():
    """The shipped README against a run of the shipped fits, but for the line that says when and by which command."""
    import forecast as fc

    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for line in headline_block(fc.run("baseline")).splitlines():
        assert line.startswith("Made on ") or line in readme


def test_the_readme_the_history_and_the_stored_answer_agree():
    readme = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
    answer = evaluate.stored("disclosures").content["answer"]
    last = headline_history_rows()[-1]
    assert f"Central estimate: {year_phrase(answer['median'])}" in readme
    assert percent_words(answer["probability_by_2030"], 0.01) in readme
    assert year_phrase(last["median_year"]) == year_phrase(answer["median"])


def test_the_command_line_prints_them_in_the_same_form(capsys, tmp_path):
    from forecast.cli.run import show

    show(passing_run().document, tmp_path)
    printed = capsys.readouterr().out
    assert passing_run().sentence() in " ".join(printed.split())
    rows = [" ".join(line.split()) for line in printed.splitlines()]
    for label, form in (numbers()[name] for name in chosen() if not name.startswith("by ")):
        assert any(row.startswith(label[:18]) and form in row for row in rows), (label, form)
