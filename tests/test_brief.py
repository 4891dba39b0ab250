"""The brief as Markdown and PDF: numbers of the document, words with their numbers, names from outside as data."""

from __future__ import annotations

import dataclasses
import html
import json
import re
import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sampling import baseline, command, manifest_holds, passing_run, short_run

from forecast.core.wording import percent_words, tight
from forecast.errors import OutputError, UnknownNameError
from forecast.plots import FIGURES
from forecast.plots.style import quantity_words
from forecast.report import citing, pdf, render, write_report
from forecast.report.brief_background import ledger_in_full
from forecast.report.brief_blocks import BriefTable, Equation, Picture
from forecast.report.brief_content import MAIN_TITLE, TABLE_YEARS, brief
from forecast.report.likelihood_words import LABEL, SCALES, in_words, scale
from forecast.report.markdown import latex, markdown, text
from forecast.report.page_one import FILES
from forecast.runs.forecast import Forecast
from forecast.runs.sentence import percent, year_words
from forecast.text import one_line

SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><rect width="40" height="20"/></svg>'
DRAWN = dict.fromkeys(FIGURES, SVG)
TYPST = '#panic("x") #{1+1} *b* _i_ $x$ @ref <label> //c /*d*/ \\u{41} [e] ```f``` ~'
HTML = "<script>alert('1')</script> <img src=x onerror=y> &amp;"
TEX = r"\input{/etc/passwd} \frac{1}{ $\sum$ %c & ~ ^"
MARKDOWN = "a | b ![i](http://x) [l](http://x) **b** `c` # h"
HOSTILE = {"typst": TYPST, "html": HTML, "latex": TEX, "markdown": MARKDOWN}

needs_typst = pytest.mark.skipif(not pdf.is_available(), reason="typst is not installed")
needs_pdftotext = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext is not installed")


def changed(run: Forecast, **fields) -> tuple[Forecast, dict]:
    """Return a forecast with a document of its own, to be changed by the test."""
    document = json.loads(run.to_json()) | fields
    return dataclasses.replace(run, document=document), document


def poisoned(words: str) -> Forecast:
    """Return a forecast in which texts that a user can set are an attack."""
    other, document = changed(passing_run(), scenario=words)
    document["sentence"] = f"9 % probability. {words}"
    for member in document["consumption"]["members"]:
        member["title"] = words
    for layer in document["stock"]["layers"]:
        layer["name"] = layer["title"] = layer["source"] = words
    for check in document["diagnostics"]["checks"]:
        check["status"], check["name"], check["sentence"] = "REVIEW", words, words
    for entry in document["provenance"]["data"]:
        entry["table"] = entry["licence"] = entry["attribution"] = words
    document["provenance"]["command"] = f"forecast run --models {words}"
    document["provenance"]["scenario"] |= {"name": words, "title": words, "description": words}
    return other


def letters(words: str) -> str:
    """Return the marks of a text without spaces and hyphens, which typesetting moves and adds."""
    return re.sub(r"[\s\u00a0\u00ad\u2010-]+", "", words)


def text_of(data: bytes, tmp_path, *how: str) -> str:
    (tmp_path / "report.pdf").write_bytes(data)
    done = subprocess.run(
        ["pdftotext", *how, "-enc", "UTF-8", str(tmp_path / "report.pdf"), "-"],
        capture_output=True,
        check=True,
        timeout=60,
    )
    return done.stdout.decode("utf-8")


def tables_of(words: str) -> dict[str, list[list[str]]]:
    """Read the tables of a Markdown text back, by caption."""
    found, caption, rows = {}, "", []
    for line in [*words.splitlines(), ""]:
        if line.startswith("| "):
            cells = re.split(r"(?<!\\) \| ", line[2:-2])
            rows.append([read_back(cell) for cell in cells])
        elif line:
            if rows:
                found[caption], rows = rows, []
            caption = read_back(line.removesuffix(":"))
    if rows:
        found[caption] = rows
    return found


def read_back(words: str) -> str:
    """Undo what Markdown needs to be kept from doing."""
    return html.unescape(re.sub(r"\\([\\`*_\[\]#|$~!@.)+=-])", r"\1", words))


# --- words


@pytest.mark.parametrize(
    ("name", "share", "word"),
    [
        ("ipcc", 0.0, "exceptionally unlikely"),
        ("ipcc", 0.01, "exceptionally unlikely"),
        ("ipcc", 0.0101, "very unlikely"),
        ("ipcc", 0.10, "very unlikely"),
        ("ipcc", 0.101, "unlikely"),
        ("ipcc", 0.3299, "unlikely"),
        ("ipcc", 0.33, "about as likely as not"),
        ("ipcc", 0.66, "about as likely as not"),
        ("ipcc", 0.6601, "likely"),
        ("ipcc", 0.8999, "likely"),
        ("ipcc", 0.90, "very likely"),
        ("ipcc", 0.9899, "very likely"),
        ("ipcc", 0.99, "virtually certain"),
        ("ipcc", 1.0, "virtually certain"),
        ("icd203", 0.0, "almost no chance"),
        ("icd203", 0.0499, "almost no chance"),
        ("icd203", 0.05, "very unlikely"),
        ("icd203", 0.1999, "very unlikely"),
        ("icd203", 0.20, "unlikely"),
        ("icd203", 0.4499, "unlikely"),
        ("icd203", 0.45, "roughly even chance"),
        ("icd203", 0.55, "roughly even chance"),
        ("icd203", 0.5501, "likely"),
        ("icd203", 0.80, "likely"),
        ("icd203", 0.8001, "very likely"),
        ("icd203", 0.95, "very likely"),
        ("icd203", 0.9501, "almost certain"),
    ],
)
def test_the_borders_of_the_scales(name, share, word):
    assert scale(name).word(share) == word


@given(st.sampled_from(sorted(SCALES)), st.floats(0, 1))
def test_every_probability_has_a_word_and_its_number_beside_it(name, share):
    said = in_words(share, name)
    assert said == f"{scale(name).word(share)} ({percent_words(share)}, {LABEL})"
    low, high = next((a, b) for word, a, b in scale(name).terms if word == scale(name).word(share))
    assert low <= share <= high


@pytest.mark.parametrize("name", sorted(SCALES))
def test_a_higher_probability_never_has_a_weaker_word(name):
    terms = sorted(scale(name).terms, key=lambda term: term[1] + term[2])
    rank = {word: place for place, (word, _, _) in enumerate(terms)}
    ranks = [rank[scale(name).word(share / 1000)] for share in range(1001)]
    assert ranks == sorted(ranks)
    assert set(ranks) == set(range(len(terms)))


def test_what_is_no_probability_or_no_scale_is_refused():
    with pytest.raises(ValueError, match="no probability"):
        scale("ipcc").word(1.1)
    with pytest.raises(UnknownNameError, match="icd203"):
        scale("icd230")


def test_one_scale_a_report():
    for name, other in (("ipcc", "Intelligence"), ("icd203", "IPCC")):
        said = markdown(brief(passing_run(), name))
        assert scale(name).title in said
        assert other not in said
        page = render(passing_run(), DRAWN, name)
        assert html.escape(scale(name).title, quote=False).replace("'", "&#39;") in page
    share = passing_run().document["exhaustion_year"]["probability_by"]["2030"]
    error = passing_run().document["monte_carlo_error"]["probability_by"]["2030"]
    assert in_words(share, "icd203", error) in render(passing_run(), DRAWN, "icd203")


# --- what it says


def test_markdown_holds_the_documents_numbers_table_by_table():
    document = passing_run().document
    tables = tables_of(markdown(brief(passing_run())))
    by_year = next(rows for caption, rows in tables.items() if caption.startswith("Model probability that"))
    shares = document["exhaustion_year"]["probability_by"]
    assert [row[:3] for row in by_year[2:-1]] == [
        [str(y), percent_words(shares[str(y)]), scale("ipcc").word(shares[str(y)])]
        for y in TABLE_YEARS
        if str(y) in shares
    ]
    definitions = next(rows for caption, rows in tables.items() if caption.startswith("Exhaustion year by definition"))
    assert [row[0] for row in definitions[2:]] == [MAIN_TITLE, *(one["title"] for one in document["definitions"])]
    for row, one in zip(definitions[3:], document["definitions"], strict=True):
        year = one["exhaustion_year"]
        assert row[1:4] == [year_words(v) for v in (year["quantiles"]["0.1"], year["median"], year["quantiles"]["0.9"])]
    stock = next(rows for caption, rows in tables.items() if caption.startswith("Stock on 1 January"))
    for year, q in document["stock"]["effective"].items():
        assert [f"effective stock, {year}", quantity_words(q["median"])] in [row[:2] for row in stock]


@pytest.mark.parametrize("words", HOSTILE.values(), ids=HOSTILE)
def test_tables_come_back_from_markdown_cell_by_cell(words):
    said = brief(poisoned(words))
    tables = tables_of(markdown(said))
    made = [block for section in said.of("markdown") for block in section.blocks if isinstance(block, BriefTable)]
    assert len(made) >= 8
    for table in made:
        rows = tables[tight(" ".join(table.caption.split()))]
        one_line = [[tight(" ".join(cell.split())) for cell in row] for row in (table.columns, *table.rows)]
        assert [rows[0], *rows[2:]] == one_line
        assert {len(row) for row in rows} == {len(table.columns)}


def test_every_figure_has_words_and_data_beside_it():
    said = brief(passing_run())
    written = markdown(said)
    pictures = [block for section in said.of("pdf") for block in section.blocks if isinstance(block, Picture)]
    assert len(pictures) >= 5
    for picture in pictures:
        assert picture.alt == FIGURES[picture.name].text(passing_run())
        assert f"![{text(picture.alt)}](figures/{picture.name}.svg)" in written
        assert f"(figures/{picture.name}.csv)" in written


def test_a_number_changed_in_the_document_changes_in_prose_and_caption():
    other, document = changed(passing_run())
    document["exhaustion_year"]["probability_by"]["2030"] = 0.1234
    document["monte_carlo_error"]["probability_by"]["2030"] = 0.001
    document["consumption"]["growth_oom_per_year"]["median"] = 0.7654
    document["stock"]["effective"]["2030"]["median"] = 6.7e16
    written = markdown(brief(other))
    assert "unlikely (12%, model probability)" in written
    assert "0.77 orders of magnitude" in written
    assert "effective stock 67 quadrillion tokens" in written


def test_the_equations_have_a_factor_for_every_lever_of_the_run():
    document = passing_run().document
    equations = [b for s in brief(passing_run()).sections for b in s.blocks if isinstance(b, Equation)]
    stock = next(equation for equation in equations if latex(equation).startswith("S(t) ="))
    assert latex(stock).count(r"\times") == len(document["stock"]["layers"])
    assert stock.alt.count("times") == len(document["stock"]["layers"])
    other, document = changed(passing_run())
    document["stock"]["layers"].append({**document["stock"]["layers"][0], "name": "new_$lever"})
    equations = [b for s in brief(other).sections for b in s.blocks if isinstance(b, Equation)]
    stock = next(equation for equation in equations if latex(equation).startswith("S(t) ="))
    assert latex(stock).endswith(r"k_{\text{new \$lever}}(t)")


def test_without_a_verdict_there_is_no_headline():
    written = markdown(brief(short_run()))
    assert "No headline: the diagnostics say FAIL." in written
    assert "must not be quoted" in written
    assert "What it does not mean" not in written


def test_the_ledger_is_whole_in_markdown_and_says_what_is_judgement():
    from forecast.scenarios.ledger import ledger
    from forecast.scenarios.record import restored

    rows = ledger(restored(passing_run().document["provenance"]["scenario"]))
    (whole,) = ledger_in_full(passing_run().document)
    tables = [block for block in whole.blocks if isinstance(block, BriefTable)]
    assert sum(len(table.rows) for table in tables) == len(rows)
    judged = sum(row["kind"] == "judgement" and row["acts"] for row in rows)
    assert sum(row[3] == "judgement" for row in tables[0].rows) == judged
    other, document = changed(passing_run())
    del document["provenance"]["scenario"]
    assert ledger_in_full(document) == ()
    assert "Other scenarios" in markdown(brief(other))


def test_the_same_numbers_have_the_same_run_id_whenever_made():
    document = passing_run().document
    other = json.loads(json.dumps(document))
    other["provenance"] |= {"created": "2030-01-01T00:00:00+00:00", "command": "forecast run --out elsewhere"}
    assert citing.run_id(document) == citing.run_id(other)
    other["exhaustion_year"]["median"] += 0.0001
    assert citing.run_id(document) != citing.run_id(other)


@pytest.mark.parametrize("words", HOSTILE.values(), ids=HOSTILE)
def test_citations_hold_hostile_names_as_text(words):
    document = poisoned(words).document
    entry = citing.bibtex(document)
    title = next(line for line in entry.splitlines() if line.startswith("  title"))
    inside = title.removeprefix("  title = {{").removesuffix("}},")
    assert not re.search(r"(?<!\\)[$&#_%]", inside)
    assert not re.search(r"\\(?![$&#_%{}]|text(backslash|asciitilde|asciicircum)\{\})", inside)
    quoted = next(line for line in citing.cff(document).splitlines() if line.startswith("title: "))
    assert " ".join(words.split()) in " ".join(json.loads(quoted.removeprefix("title: ")).split())
    for part in (citing.run_id(document), citing.data_hash(document), str(document["provenance"]["seed"])):
        assert part in citing.apa(document)
        assert part in entry


# --- Markdown


@pytest.mark.parametrize("words", HOSTILE.values(), ids=HOSTILE)
def test_no_mark_up_comes_out_of_a_name_in_markdown(words):
    written = markdown(brief(poisoned(words)))
    outside = re.sub(r"^(`{3,})[^\n]*\n.*?\n\1$", "", written, flags=re.DOTALL | re.MULTILINE)
    assert not re.search(r"<[a-zA-Z/!]", outside)
    beside = {address.partition("/")[0].partition(".")[0] for address, _ in FILES}
    assert set(re.findall(r"(?<!\\)\]\((?!<)(\w*)", outside)) == {"figures", *beside}
    assert {address for address, _ in FILES} <= set(re.findall(r"(?<!\\)\]\(([^)]*)\)", outside))
    assert text(words) in outside
    assert read_back(text(words)) == " ".join(words.split())


@given(st.text())
def test_escaping_keeps_every_text_that_can_be_shown(words):
    assert read_back(text(words)) == html.unescape(html.escape(one_line(words), quote=False))


# --- PDF


@pytest.fixture(scope="module")
def typeset() -> bytes:
    if not pdf.is_available():
        pytest.skip("typst is not installed")
    return pdf.pdf(brief(passing_run()), DRAWN)


@needs_pdftotext
def test_the_pdf_says_the_sentence_and_the_documents_numbers(typeset, tmp_path):
    document = passing_run().document
    said = letters(text_of(typeset, tmp_path))
    assert letters(document["sentence"]) in said
    error = document["monte_carlo_error"]["probability_by"]["2030"]
    assert letters(in_words(document["exhaustion_year"]["probability_by"]["2030"], error=error)) in said
    rows = letters(text_of(typeset, tmp_path, "-layout"))
    for y in TABLE_YEARS:
        share = document["exhaustion_year"]["probability_by"][str(y)]
        assert letters(f"{y} {percent(share)} {scale('ipcc').word(share)}") in rows
    for member in document["consumption"]["members"]:
        assert letters(quantity_words(member["frontier_2030"]["median"])) in said
    for part in (citing.run_id(document), citing.data_hash(document), document["provenance"]["scenario_sha256"][:12]):
        assert part in said
    assert letters(citing.remake(document)) in said


def test_the_pdf_is_tagged_has_bookmarks_and_a_standard(typeset):
    for mark in (b"/StructTreeRoot", b"/Outlines", b"pdfuaid", b"/Lang"):
        assert mark in typeset
    blocks = [block for section in brief(passing_run()).of("pdf") for block in section.blocks]
    assert typeset.count(b"/Alt") == sum(isinstance(block, Picture | Equation) for block in blocks)


@pytest.mark.skipif(shutil.which("pdfinfo") is None, reason="pdfinfo is not installed")
def test_the_pdf_has_four_to_eight_pages_and_a_title(tmp_path):
    if not pdf.is_available():
        pytest.skip("typst is not installed")
    write_report(passing_run(), tmp_path / "out")
    done = subprocess.run(["pdfinfo", tmp_path / "out" / "report.pdf"], capture_output=True, check=True, timeout=60)
    said = dict(line.split(":", 1) for line in done.stdout.decode().splitlines() if ":" in line)
    assert 4 <= int(said["Pages"]) <= 8
    assert said["Title"].strip() == "When could AI outgrow the public text people write?"
    assert said["Subject"].strip() == passing_run().sentence()
    assert said["Tagged"].strip() == "yes"
    assert pdf.pages_of((tmp_path / "out" / "report.pdf").read_bytes()) == int(said["Pages"])
    assert pdf.pages_of((tmp_path / "out" / "one_page.pdf").read_bytes()) == 1
    assert manifest_holds(tmp_path / "out")
    assert (tmp_path / "out" / "report.md").read_text(encoding="utf-8") == markdown(brief(passing_run()))


@needs_typst
@needs_pdftotext
def test_page_one_alone_is_one_page_whatever_its_names_need(tmp_path):
    alone = pdf.one_page(brief(passing_run()), DRAWN)
    assert pdf.pages_of(alone) == 1
    assert letters(passing_run().sentence()) in letters(text_of(alone, tmp_path))
    long = pdf.one_page(brief(poisoned("words " * 30)), DRAWN)
    assert pdf.pages_of(long) == 1


@needs_typst
def test_the_standard_refuses_a_picture_without_words(tmp_path, monkeypatch):
    template = pdf.TEMPLATE.read_text(encoding="utf-8")
    words = 'alt: it.title + ". " + it.alt, '
    assert words in template
    (tmp_path / "brief.typ").write_text(template.replace(words, ""), encoding="utf-8")
    monkeypatch.setattr(pdf, "TEMPLATE", tmp_path / "brief.typ")
    with pytest.raises(OutputError, match="alt"):
        pdf.pdf(brief(passing_run()), DRAWN)


@needs_typst
@needs_pdftotext
@pytest.mark.parametrize("words", HOSTILE.values(), ids=HOSTILE)
def test_hostile_names_are_typeset_as_they_stand(words, tmp_path):
    said = letters(text_of(pdf.pdf(brief(poisoned(words)), DRAWN), tmp_path))
    assert said.count(letters(words)) >= 3


@needs_typst
@needs_pdftotext
def test_letters_that_no_font_has_do_not_cost_the_brief(tmp_path):
    said = text_of(pdf.pdf(brief(poisoned("世界 🌍 \x07 \u202e end")), DRAWN), tmp_path)
    assert "end" in said
    assert "How to cite" in said


@needs_typst
def test_the_same_forecast_makes_the_same_pdf(typeset):
    assert pdf.pdf(brief(passing_run()), DRAWN) == typeset


def test_without_typst_page_and_markdown_are_written_and_the_reader_is_told(tmp_path, monkeypatch):
    from forecast.report import brief as briefs

    monkeypatch.setattr(briefs, "is_available", lambda: False)
    told = []
    write_report(passing_run(), tmp_path / "out", warn=told.append)
    assert not (tmp_path / "out" / "report.pdf").exists()
    assert (tmp_path / "out" / "report.html").is_file()
    assert (tmp_path / "out" / "report.md").is_file()
    assert "extra 'report'" in told[0]
    assert manifest_holds(tmp_path / "out")


def test_the_command_line_writes_all_three_and_refuses_another_scale(tmp_path):
    passing_run().save(tmp_path / "run")
    done = command("report", tmp_path / "run", "--out", tmp_path / "out", "--likelihood", "icd203")
    assert done.returncode == 0, done.stderr
    assert "Intelligence Community Directive 203" in (tmp_path / "out" / "report.md").read_text(encoding="utf-8")
    assert (tmp_path / "out" / "report.pdf").is_file() == pdf.is_available()
    refused = command("report", tmp_path / "run", "--out", tmp_path / "other", "--likelihood", "nato")
    assert refused.returncode == 2
    assert refused.stderr.count("\n") == 1
    assert not (tmp_path / "other").exists()


def test_the_brief_of_the_baseline_shows_the_stored_evaluations():
    said = brief(baseline())
    shown = {section.title: section for section in said.of("pdf")}
    wanted = [
        "What moves the date most", "If one fact were stated", "All scenarios side by side", "What others have said",
        "Track record", "How this answer has moved",
    ]  # fmt: skip
    assert [title for title in shown if title in wanted] == wanted
    for title, name in {wanted[0]: "sensitivity", wanted[3]: "claims", wanted[4]: "backtest"}.items():
        first = shown[title].blocks[0]
        assert isinstance(first, Picture), "a heading stays with its figure"
        assert first.name == name
    parts = "How the largest feasible run may go on growing"
    assert parts not in shown
    assert parts in [section.title for section in said.of("markdown")]
    assert parts in [section.title for section in brief(passing_run()).of("pdf")]
