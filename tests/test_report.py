"""The page: every number from the document, nothing fetched, nothing executed, every name escaped."""

from __future__ import annotations

import csv
import dataclasses
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from sampling import command, manifest_holds, passing_run, scenario_file, short_run

from forecast import report
from forecast.core.wording import tight
from forecast.plots import FIGURES
from forecast.plots.style import quantity_words
from forecast.report import PAGES, TABLE_YEARS, forecast_card, render, render_pages, write_report
from forecast.report.sections import FURTHER, SECTIONS
from forecast.runs.forecast import Forecast
from forecast.runs.sentence import percent, year_words

NASTY = '<script>alert(\'1\')</script> "quoted" & =HYPERLINK("http://x") $\\frac{1$'
EMPTY = dict.fromkeys(FIGURES, "<svg></svg>")
VOID = {"meta", "br", "hr", "img", "link", "input", "path", "use", "rect", "circle", "line", "polygon"}


class Page(HTMLParser):
    """Tags, attributes, comments and table cells of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.rows: list[list[str]] = []
        self.open: list[str] = []
        self.misnested: list[str] = []
        self.text = ""
        self._behind = False
        self._cell: str | None = None
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)
        if tag == "table":
            self._behind = (
                dict(attrs).get("class") or ""
            ) == "data"  # the numbers behind a figure, as its CSV has them
        if tag == "tr" and not self._behind:
            self.rows.append([])
        if tag in ("td", "th") and not self._behind:
            self._cell = ""

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        if tag in VOID:
            return
        if not self.open or self.open.pop() != tag:
            self.misnested.append(tag)
        if tag in ("td", "th") and self._cell is not None:
            self.rows[-1].append(" ".join(self._cell.split()))
            self._cell = None

    def handle_data(self, data):
        if self.open and self.open[-1] == "script":
            return
        self.text += data
        if self._cell is not None:
            self._cell += data

    def row(self, first: str) -> list[str]:
        """Return the first row that begins with a cell."""
        return next(row for row in self.rows if row and row[0] == first)


@pytest.fixture(scope="module")
def pages() -> dict[str, Page]:
    return {name: Page(text) for name, text in render_pages(passing_run()).items()}


@pytest.fixture(scope="module")
def both(pages) -> Page:
    """Return the report and its appendix as if they were one page: what one of them must say."""
    whole = Page("")
    for one in pages.values():
        whole.tags += one.tags
        whole.rows += one.rows
        whole.text += one.text
    return whole


def whole(run: Forecast) -> str:
    """Return the texts of both pages, without figures."""
    return "".join(render_pages(run, EMPTY).values())


def changed(run: Forecast, **fields) -> tuple[Forecast, dict]:
    """Return a forecast with a document of its own, to be changed by the test."""
    document = json.loads(run.to_json()) | fields
    return dataclasses.replace(run, document=document), document


def without_explorer(text: str) -> str:
    """Return a page without the two elements of the explorer that are scripts, each of which must be there once."""
    for start in ('<script type="application/json" id="explorer-data">', "<script>"):
        assert text.count(start) == 1
        text = re.sub(rf"{re.escape(start)}.*?</script>", "", text, flags=re.DOTALL)
    return text


# --- the numbers


def test_the_page_begins_with_the_sentence(pages):
    text = pages["report.html"].text
    assert text.index("When could AI outgrow") < text.index(passing_run().sentence()) < text.index("What it means, and")


def test_the_first_table_holds_the_documents_probabilities(both):
    document = passing_run().document
    members = document["consumption"]["members"]
    for year in TABLE_YEARS:
        shares = [document["exhaustion_year"], *(m["exhaustion_year"] for m in members)]
        assert both.row(str(year))[1:] == [percent(s["probability_by"][str(year)]) for s in shares]
    never = both.row("not by 2100")[1:]
    assert never[0] == percent(document["exhaustion_year"]["probability_after_horizon"])


def test_members_and_stock_hold_the_documents_numbers(both):
    document = passing_run().document
    for member in document["consumption"]["members"]:
        row = both.row(member["title"])
        year = member["exhaustion_year"]
        for end in (*year["intervals"]["0.8"], year["median"]):
            assert year_words(end) in row
        assert member["verdict"] in row
        assert quantity_words(member["frontier_2030"]["median"]) in row
    for words, side in (("raw stock", "raw"), ("effective stock", "effective")):
        for cell, q in zip(both.row(words)[1:], document["stock"][side].values(), strict=True):
            assert cell.startswith(f"{quantity_words(q['median'])} ")
            assert cell.endswith(" to ".join(quantity_words(end) for end in q["intervals"]["0.8"]))
    for layer in document["stock"]["layers"]:
        cells = both.row(f"times {layer['title']}")[1:]
        for cell, year in zip(cells, document["stock"]["raw"], strict=True):
            factor = layer.get("factor_by_year", {}).get(year, layer["factor"])
            assert cell.startswith(f"{factor['median']:.2g} ")
            assert cell.endswith(" to ".join(f"{end:.2g}" for end in factor["intervals"]["0.8"]))
        assert tight(layer["source"]) in both.text


NUMBERS = [
    (("exhaustion_year", "probability_by", "2031"), 0.1234, "12%"),
    (("exhaustion_year", "probability_after_horizon"), 0.5678, "57%"),
    (("exhaustion_year", "probability_already"), 0.4567, "46%"),
    (("exhaustion_year", "never", "stock_escapes"), 0.2345, "23%"),
    (("consumption", "members", 0, "exhaustion_year", "median"), 2047.5, "2047"),
    (("consumption", "members", 1, "exhaustion_year", "probability_by", "2035"), 0.777, "78%"),
    (("consumption", "members", 0, "frontier_2030", "median"), 7.7e17, "770 quadrillion"),
    (("consumption", "growth_oom_per_year", "median"), 0.7654, "0.77"),
    (("stock", "layers", 0, "factor_by_year", "2026", "median"), 0.0123, "0.012"),
    (("stock", "effective", "2030", "median"), 6.7e16, "67 quadrillion"),
    (("stock", "estimators", 0, "raw_2024", "median"), 8.9e16, "89 quadrillion"),
    (("utilisation", "2030", "median"), 3.21, "320%"),
    (("provenance", "seed"), 987654, "987654"),
]


@pytest.mark.parametrize(("place", "value", "words"), NUMBERS)
def test_a_number_changed_in_the_document_changes_on_the_page(place, value, words):
    before = Page(whole(passing_run())).text
    other, document = changed(passing_run())
    part = document
    for step in place[:-1]:
        part = part[step]
    part[place[-1]] = value
    after = Page(whole(other)).text
    assert before != after
    assert after.count(words) > before.count(words)


def test_nothing_else_on_the_page_depends_on_the_draws():
    """With the figures' tables aside, the document alone makes the page."""
    run = passing_run()
    other = dataclasses.replace(
        run, exhaustion_year=run.exhaustion_year + 7, consumption=run.consumption + 1, stock=run.stock + 1
    )

    def without_data(text: str) -> str:
        text = re.sub(r'<section id="explorer".*?</section>\s*', "", text, flags=re.DOTALL)
        text = re.sub(r'<li><a href="[a-z.]*#explorer">Move the levers yourself</a></li>\n', "", text)
        text = re.sub(r"script-src [^;]+;", "", text)  # only the explorer brings a script
        return re.sub(r"<details><summary>(?:The data behind|In words).*?</details>", "", text, flags=re.DOTALL)

    assert without_data(whole(run)) == without_data(whole(other))


def test_without_a_verdict_there_is_no_headline():
    page = Page(render(short_run(), EMPTY))
    assert "No headline" in page.text
    assert "must not be quoted" in page.text
    assert "that by the end of 2030 the largest feasible" not in page.text
    assert "What it does not mean" not in page.text
    assert "No headline" in forecast_card(short_run())


def test_years_beyond_the_horizon_are_words():
    other, document = changed(passing_run())
    document["exhaustion_year"]["median"] = None
    document["consumption"]["members"][0]["exhaustion_year"]["median"] = None
    document["consumption"]["members"][0]["exhaustion_year"]["intervals"]["0.8"] = [2030.2, None]
    page = Page(whole(other))
    assert "after 2050" in page.row(document["consumption"]["members"][0]["title"])
    assert "None" not in page.text


# --- the page itself


@pytest.mark.parametrize("name", PAGES)
def test_a_page_makes_no_request_and_runs_the_explorer_alone(pages, name):
    page = pages[name]
    names = {tag for tag, _ in page.tags}
    scripts = [attributes for tag, attributes in page.tags if tag == "script"]
    assert scripts == ([{"type": "application/json", "id": "explorer-data"}, {}] if name == "report.html" else [])
    assert not names & {"iframe", "object", "embed", "link", "img", "form", "base", "audio", "video"}
    for tag, attributes in page.tags:
        for attribute, value in attributes.items():
            assert not attribute.startswith("on"), (tag, attribute)
            if attribute in ("src", "srcset", "data", "poster"):
                pytest.fail(f"<{tag} {attribute}={value}>")
            if attribute in ("href", "xlink:href"):
                assert tag == "a" or (value or "").startswith("#"), (tag, value)
    text = render_pages(passing_run(), EMPTY)[name]
    assert "@import" not in text
    assert not re.search(r"url\((?!#|['\"]?#|data:font/woff;base64,)", text)


def test_the_pages_are_well_formed_and_say_what_they_show(pages, both):
    for page in pages.values():
        assert page.misnested == []
        assert page.open == []
        assert [tag for tag, _ in page.tags if tag == "h1"] == ["h1"]
        svgs = [attributes for tag, attributes in page.tags if tag == "svg"]
        # The chart of the explorer is read as the slider that it lies in.
        assert all({"aria-label", "aria-labelledby", "aria-hidden"} & set(attributes) for attributes in svgs)
        ids = {attributes["id"] for _, attributes in page.tags if attributes.get("id")}
        for svg in svgs:
            assert set(str(svg.get("aria-labelledby", "")).split()) <= ids
        assert dict(page.tags)["html"] == {"lang": "en"}
    svgs = [attributes for tag, attributes in both.tags if tag == "svg" and "aria-labelledby" in attributes]
    drawn = {str(svg["aria-labelledby"]).split()[0].removesuffix("-title") for svg in svgs}
    assert drawn >= {name for name, figure in FIGURES.items() if figure.shown(passing_run())}
    assert len(drawn) == len(svgs), "one picture, one name"
    for figure in FIGURES.values():
        assert not figure.shown(passing_run()) or figure.text(passing_run()) in both.text


def ids_of(page: Page) -> list[str]:
    return [str(attributes["id"]) for _, attributes in page.tags if attributes.get("id")]


def test_ids_are_not_used_twice_and_links_of_both_pages_resolve(pages):
    names = {name: set(ids_of(page)) for name, page in pages.items()}
    beside = {"report.pdf", "one_page.pdf", "report.md", "forecast.json", "figures/probability_by_year.svg"}
    for name, page in pages.items():
        assert len(ids_of(page)) == len(names[name])
        links = [str(a[key]) for _, a in page.tags for key in ("href", "xlink:href") if a.get(key)]
        inside = [link.partition("#") for link in links if not link.startswith("http")]
        assert inside
        for there, _, place in inside:
            if place:
                assert place in names[there or name], (name, there, place)
            else:
                assert there in {*names, *beside, "figures/probability_by_year.csv"}, there
    assert any(str(a.get("href")).startswith("appendix.html#") for _, a in pages["report.html"].tags)
    assert any(str(a.get("href")).startswith("report.html#") for _, a in pages["appendix.html"].tags)


def test_the_credits_that_the_licences_ask_for_are_printed(both):
    assert "Epoch AI" in both.text
    assert "CC BY 4.0" in both.text
    for entry in passing_run().provenance["data"]:
        assert entry["table"] in both.text
        assert entry["sha256"][:16] in both.text


# --- names from outside


def poisoned() -> Forecast:
    """Return a forecast in which every text that a user can set is an attack."""
    other, document = changed(passing_run(), scenario=NASTY)
    document["sentence"] = f"9 % probability. {NASTY}"
    for row in document["consumption"]["record"]["rows"]:
        row["model"] = NASTY
    for member in document["consumption"]["members"]:
        member["title"] = NASTY
    for layer in document["stock"]["layers"]:
        layer["source"] = layer["title"] = NASTY
    for check in document["diagnostics"]["checks"]:
        check["sentence"] = check["name"] = NASTY
    for entry in document["provenance"]["data"]:
        entry["table"] = entry["licence"] = entry["attribution"] = NASTY
    document["provenance"]["command"] = f"forecast run --models {NASTY}"
    return other


def test_every_name_is_escaped_on_the_page_and_in_the_figures(monkeypatch):
    made = poisoned()
    made_pages = render_pages(made)
    for text in (without_explorer(made_pages["report.html"]), made_pages["appendix.html"], forecast_card(made)):
        page = Page(text)
        assert "script" not in {tag for tag, _ in page.tags}
        assert "<script" not in text
        assert not any(name.startswith("on") for _, attributes in page.tags for name in attributes)
        assert page.misnested == []
    assert NASTY in Page(made_pages["report.html"]).text


def test_names_of_a_scenario_and_of_models_come_through_the_command_line_escaped(tmp_path):
    short_run()
    scenario = tmp_path / "<b>own.toml"
    text = scenario_file().read_text(encoding="utf-8")
    scenario.write_text(text.replace("A short scenario", "<script>alert(1)</script>"), encoding="utf-8")
    done = command("report", scenario, "--draws", 400, "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    written = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "<b>own" not in written
    assert "&lt;b&gt;own" in written
    assert "<script>alert" not in written


# --- a run folder with a report


def test_a_report_folder_holds_page_figures_data_and_hashes(tmp_path):
    write_report(passing_run(), tmp_path / "out")
    names = {p.relative_to(tmp_path / "out").as_posix() for p in (tmp_path / "out").rglob("*") if p.is_file()}
    assert {"forecast.json", "report.html", "appendix.html", "manifest.json", "trajectories.nc"} <= names
    for name in (name for name, figure in FIGURES.items() if figure.shown(passing_run())):
        assert {f"figures/{name}.svg", f"figures/{name}.png", f"figures/{name}.csv"} <= names
    assert manifest_holds(tmp_path / "out")


def test_the_csv_behind_a_figure_is_the_documents(tmp_path):
    write_report(passing_run(), tmp_path / "out")
    document = passing_run().document
    with (tmp_path / "out" / "figures" / "probability_by_year.csv").open(encoding="utf-8", newline="") as handle:
        rows = {row["year"]: row for row in csv.DictReader(handle)}
    for year, row in rows.items():
        assert float(row["all_members"]) == pytest.approx(document["exhaustion_year"]["probability_by"][year], rel=1e-5)
    with (tmp_path / "out" / "figures" / "consumption_against_stock.csv").open(encoding="utf-8", newline="") as handle:
        medians = {float(row["year"]): float(row["frontier_q50_tokens"]) for row in csv.DictReader(handle)}
    assert medians[2030.0] == pytest.approx(document["consumption"]["frontier"]["2030"]["median"], rel=1e-4)


def test_the_same_forecast_makes_the_same_page_and_figures(tmp_path):
    for name in ("one", "two"):
        write_report(passing_run(), tmp_path / name)
    for file in (
        "report.html",
        "appendix.html",
        "forecast.json",
        "figures/probability_by_year.svg",
        "figures/probability_by_year.csv",
    ):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()


def test_a_report_can_be_made_from_a_run_folder_and_in_its_place(tmp_path):
    passing_run().save(tmp_path / "out")
    done = command("report", tmp_path / "out", "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == passing_run().sentence()
    assert lines[-1].startswith(f"Written to {tmp_path / 'out'}: ")
    assert "report.html" in lines[-1]
    assert (tmp_path / "out" / "report.html").is_file()
    assert manifest_holds(tmp_path / "out")
    assert json.loads((tmp_path / "out" / "forecast.json").read_text(encoding="utf-8")) == passing_run().document


def test_a_run_folder_of_an_older_version_is_refused_in_one_line(tmp_path, capsys):
    from forecast.cli.main import main

    passing_run().save(tmp_path / "old")
    document = json.loads((tmp_path / "old" / "forecast.json").read_text(encoding="utf-8"))
    del document["definitions"]
    (tmp_path / "old" / "forecast.json").write_text(json.dumps(document), encoding="utf-8")
    assert main(["report", str(tmp_path / "old"), "--out", str(tmp_path / "out")]) == 2
    said = capsys.readouterr().err
    assert "definitions" in said
    assert "make the run again" in said
    assert not (tmp_path / "out").exists()


def test_every_definition_is_on_the_page_with_its_numbers_and_its_sentence(both):
    document = passing_run().document
    for other in document["definitions"]:
        row, year = both.row(other["title"]), other["exhaustion_year"]
        assert row[1:4] == [
            year_words(v) for v in (year["intervals"]["0.8"][0], year["median"], year["intervals"]["0.8"][1])
        ]
        assert row[4:] == [
            percent(year["probability_already"]),
            percent(year["probability_by"]["2030"]),
            percent(year["probability_after_horizon"]),
        ]
        assert tight(other["sentence"]) in both.text
    for name in ("passes", "union_over_largest"):
        assert tight(document["consumption"][name]["source"]) in both.text


def test_the_waterfall_is_on_the_page_layer_by_layer(both):
    *layers, _ = passing_run().document["stock"]["layers"]  # the last one leaves the effective stock
    for layer in layers:
        for cell, level in zip(both.row(f"left after {layer['title']}")[1:], layer["level"].values(), strict=True):
            assert cell.startswith(f"{quantity_words(level['median'])} ")
    for year in ("2026", "2030", "2050"):
        assert both.row(year), "utilisation by year"


def test_a_lever_on_the_frontier_is_shown_with_its_factor_and_source():
    other, document = changed(passing_run())
    quantity = document["stock"]["layers"][0]["factor"]
    document["consumption"]["levers"] = [
        {
            "name": "cap",
            "title": "a cap on compute",
            "factor": {**quantity, "median": 0.4321},
            "level": {},
            "source": "S.",
        }
    ]
    document["levers_idle"] = ["private data", "other media"]
    text = Page(whole(other))
    assert text.row("a cap on compute")[1].startswith("0.43 (")
    assert "A cap on compute: S." in text.text
    assert "Left out of this forecast: private data; other media." in text.text


def test_what_rests_on_judgement_is_tabled():
    def told(median):
        return {
            "median": median,
            "intervals": {"0.8": [2027.2, None]},
            "probability_by": {"2030": 0.61, "2060": 0.88},
            "verdict": "PASS",
            "left_out": [],
        }

    run = passing_run()
    row = {"member": "damped", "parameter": "damping", "title": "damping rate", "unit": "per year", "centre": 0.2}
    consumption = {
        **run.document["consumption"],
        "over_priors": [{**row, "baseline": False, "alone": told(2033.4), "mixture": told(2029.8)}],
        "over_priors_state": "over_priors, made on 2026-11-21, is stale.",
    }
    shown = Page(whole(dataclasses.replace(run, document={**run.document, "consumption": consumption})))
    assert [
        "0.2",
        "2033",
        "2027 to after 2050",
        "61%",
        "12%",
        "2029",
        "2027 to after 2050",
        "61%",
        "12%",
    ] in shown.rows
    assert "is stale" in shown.text
    hidden = consumption["undisclosed"]
    for tip in hidden["tipping"]:
        if tip["factor"] is not None:
            years = "1 year" if tip["years_earlier"] == 1 else f"{tip['years_earlier']:g} years"
            assert [years, f"{tip['delta']:g}", f"{float(f'{tip["factor"]:.2g}'):,g}"] in shown.rows
    first = hidden["evidence"]["rows"][0]
    [line] = [cells for cells in shown.rows if cells and cells[0].startswith(first["model"])]
    assert f"{first['factor_to_record']:.2g}" in line
    assert "Circular rows" in shown.text


def test_without_stored_tables_there_is_no_empty_one(both):
    assert "this model alone" not in both.text
    assert "What rests on judgement" in both.text


# --- sections


def test_every_section_has_its_partial_and_every_partial_its_section():
    folder = Path(report.__file__).with_name("templates") / "sections"
    assert {path.name.removesuffix(".html.j2") for path in folder.iterdir()} == {
        section.partial or section.name for section in (*SECTIONS.values(), FURTHER)
    }
    placed = [name for section in SECTIONS.values() for name in section.figures]
    assert len(placed) == len(set(placed))
    assert set(placed) <= set(FIGURES)


@pytest.mark.parametrize("name", PAGES)
def test_the_contents_lead_to_every_section(pages, name):
    page = pages[name]
    links = {str(a["href"])[1:] for tag, a in page.tags if tag == "a" and str(a.get("href")).startswith("#")}
    sections = {a["id"] for tag, a in page.tags if tag == "section"}
    assert sections <= links
    assert links <= set(ids_of(page))


def test_a_figure_that_no_section_names_is_shown_all_the_same(monkeypatch):
    from forecast import plots

    more = {
        **FIGURES,
        "unplaced": dataclasses.replace(FIGURES["probability_by_year"], title="A figure without a place"),
    }
    monkeypatch.setattr(plots, "FIGURES", more)
    page = Page(render_pages(passing_run(), {**EMPTY, "unplaced": "<svg></svg>"})["appendix.html"])
    assert "A figure without a place" in page.text
    assert "Further figures" in page.text


def test_the_page_says_why_the_date_moved_if_a_run_stood_there_before():
    other, document = changed(passing_run())
    assert "Since the last report" not in Page(render(other, EMPTY)).text
    document["previous"] = {"run": "2026-10-01", "moved_by_years": -1.26, "because": ["the frontier: -1.26 years"]}
    text = Page(render(other, EMPTY)).text
    assert "The median moved 1.3 years earlier: the frontier: -1.26 years." in text
    document["previous"] = {"run": "2026-10-01", "moved_by_years": None, "because": []}
    assert "beyond the horizon or came back" in Page(render(other, EMPTY)).text


def test_the_ledger_the_equations_and_the_citation_are_on_the_page(both):
    from forecast.report.citing import data_hash, remake, run_id

    document = passing_run().document
    for words in (run_id(document), data_hash(document), remake(document), "BibTeX", "CITATION.cff"):
        assert words in both.text
    assert [tag for tag, _ in both.tags].count("math") >= 3
    row = both.row("quality.usable_share")
    assert "Villalobos" in row[-1]
