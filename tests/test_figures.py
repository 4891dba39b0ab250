"""Figures of the page: words stay words, every colour follows the page's, each is a file too, and phones can read them."""

from __future__ import annotations

import dataclasses
import html
import io
import json
import re
from functools import cache
from pathlib import Path

import pytest
from sampling import manifest_holds, passing_run

from forecast.core.wording import percent_words, year_phrase
from forecast.plots import FIGURES, findings
from forecast.plots.fonts import FAMILY, embedded, faces
from forecast.plots.futures import DOTS, dots
from forecast.report import render_pages, svg_element, write_report
from forecast.report.card_image import CARD_SIZE
from forecast.report.pictures import PIXELS, figure_named, source_of
from forecast.report.themes import LEAST, PAPER, contrast, dark, dark_rules, fixed_colours, themed

PHONE = 325
"""Width that a screen of 360 pixels leaves a figure (pixels of CSS)."""


@cache
def pages() -> dict[str, str]:
    return render_pages(passing_run())


def page() -> str:
    return pages()["report.html"]


def figures() -> list[str]:
    """Return every figure of the pages, as it stands there."""
    return [svg for one in pages().values() for svg in drawn_on(one)]


def drawn_on(one: str) -> list[str]:
    return re.findall(r'<svg role="img" aria-labelledby=.*?</svg>', one, re.DOTALL)


def words(svg: str) -> list[tuple[str, str]]:
    """Return the words of a figure with their style."""
    return [(html.unescape(text), look) for look, text in re.findall(r'<text style="([^"]*)"[^>]*>(.*?)</text>', svg)]


# --- colours


def test_no_figure_of_the_page_has_a_colour_of_its_own():
    assert len(figures()) > 15
    for svg in figures():
        assert fixed_colours(svg) == set(), svg[:120]


def test_every_colour_has_its_value_for_dark_paper_and_words_can_be_read_on_it():
    for one in pages().values():
        set_for_dark = dict(re.findall(r"--figure-([0-9a-f]{6}):(#[0-9a-f]{6})", one))
        for svg in drawn_on(one):
            assert set(re.findall(r"var\(--figure-([0-9a-f]{6}),", svg)) <= set(set_for_dark)
            for text, look in words(svg):
                colour = (re.findall(r"var\(--figure-([0-9a-f]{6}),", look) or ["000000"])[0]
                assert contrast(f"#{colour}", "#ffffff") >= LEAST, (text, colour)
                assert contrast(set_for_dark[colour], PAPER) >= LEAST, (text, colour)


@pytest.mark.parametrize("colour", ["#000000", "#ffffff", "#5b6470", "#e4e8ec", "#0072b2", "#d55e00", "#123456"])
def test_in_the_dark_a_grey_recedes_as_on_white_and_a_hue_can_be_read(colour):
    channels = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    found = contrast(dark(colour), PAPER)
    if max(channels) - min(channels) < 40:
        assert found == pytest.approx(min(contrast(colour, "#ffffff"), contrast("#ffffff", PAPER)), rel=0.03)
    else:
        assert found >= LEAST


def test_a_new_figures_colour_is_themed_without_being_listed():
    svg = themed('<path style="fill: #12ab89; stroke: #123456"/>')
    assert not fixed_colours(svg)
    assert {"--figure-12ab89:", "--figure-123456:"} <= set(re.findall(r"--figure-[0-9a-f]{6}:", dark_rules([svg])))


def test_the_page_heeds_forced_colours_and_reduced_motion():
    css = page().split("</style>", 1)[0]
    assert "@media (forced-colors:active)" in css
    assert "@media (prefers-reduced-motion:reduce)" in css
    assert re.search(r"@media screen and \(prefers-color-scheme:dark\)\{:root\{--figure-", css), "paper is never dark"


# --- words


def test_words_of_figures_are_words_and_their_letters_come_with_the_page():
    assert page().count(f'@font-face{{font-family:"{FAMILY}"') >= 2  # plain and bold
    assert "font-src data:" in page()
    for svg in figures():
        assert len(words(svg)) >= 5, svg[:120]
        assert not re.search(r'(id|href)="#?f\w+-(DejaVu|[bt][0-9a-f]+")', svg), "letters as outlines"


def test_a_subset_holds_the_letters_that_are_used_and_a_figure_carries_it():
    from base64 import b64decode

    from fontTools.ttLib import TTFont

    svg = '<svg><text style="font-weight: 700">Δ 10⁻³ ×2 &amp; ≥</text></svg>'
    rules = faces([svg])
    held = TTFont(io.BytesIO(b64decode(re.search(r"base64,([^)]*)", rules)[1]))).getBestCmap()
    assert {ord(letter) for letter in "Δ10⁻³×2&≥"} <= set(held)
    assert "font-weight:700" in rules
    assert len(rules) < 40_000
    assert embedded(svg) == svg.replace("<svg>", f"<svg><style>{rules}</style>")
    assert faces(["<svg></svg>"]) == ""


def test_titles_say_the_finding_in_the_headlines_numbers():
    document = passing_run().document
    error = document["monte_carlo_error"]["probability_by"]["2030"]
    by = percent_words(document["exhaustion_year"]["probability_by"]["2030"], error)
    assert by in findings.probability(document)
    assert year_phrase(document["exhaustion_year"]["median"]) in findings.crossing(document)
    for name, finding in (
        ("probability_by_year", findings.probability),
        ("consumption_against_stock", findings.crossing),
    ):
        heading = FIGURES[name].draw(passing_run()).get_title(loc="left")
        assert " ".join(heading.split()) == finding(document)


def test_a_run_without_a_headline_has_plain_titles():
    document = json.loads(passing_run().to_json()) | {"sentence": None}
    failed = dataclasses.replace(passing_run(), document=document)
    for name in ("probability_by_year", "futures", "definitions", "growth_rate", "waterfall"):
        assert not re.search(r"\d+%|×", FIGURES[name].draw(failed).get_title(loc="left")), name


def test_a_figure_names_its_source_and_date():
    source = source_of(passing_run().document)
    assert "22 September 2026" in source or passing_run().document["as_of"][:4] in source
    for name in ("probability_by_year", "waterfall"):
        made = figure_named(passing_run(), name)
        said = " ".join(text for text, _ in words(made.svg))
        assert source in said
        assert passing_run().document["as_of"][:4] in said


def test_a_figure_marks_today_and_where_its_axis_begins():
    said = [text for text, _ in words(figure_named(passing_run(), "consumption_against_stock").svg)]
    assert "today (data end)" in said
    ax = FIGURES["probability_by_year"].draw(passing_run())
    assert ax.get_xticks()[0] == ax.get_xlim()[0]


# --- phones


def test_words_on_a_phone_are_eleven_pixels_high():
    narrow = [name for name, figure in FIGURES.items() if figure.narrow and figure.shown(passing_run())]
    assert len(narrow) >= 3
    for name in narrow:
        svg = figure_named(passing_run(), name).narrow
        width = float(re.search(r'viewBox="0 0 ([\d.]+)', svg)[1])
        sizes = [float(size) for size in re.findall(r"font-size: ([\d.]+)px", svg)]
        assert min(sizes) * PHONE / width >= 11, name


# --- files


def test_what_another_package_makes_of_saving_changes_no_figure():
    import matplotlib as mpl

    def width() -> float:
        drawn = FIGURES["waterfall"].draw(passing_run())
        return float(re.search(r'viewBox="0 0 ([\d.]+)', svg_element(drawn.figure, "one", "One", "Text."))[1])

    before = width()
    with mpl.rc_context({"savefig.bbox": "tight", "savefig.dpi": 300}):
        assert width() == before


def test_every_figure_of_the_page_is_in_the_folder_as_svg_png_and_csv(tmp_path):
    from PIL import Image

    out = write_report(passing_run(), tmp_path / "out")
    written = "".join((out / name).read_text(encoding="utf-8") for name in ("report.html", "appendix.html"))
    shown = {name for name in re.findall(r'aria-labelledby="(\w[\w-]*)-title', written) if not name.endswith("-narrow")}
    for kind in ("svg", "png", "csv"):
        assert {path.stem for path in (out / "figures").glob(f"*.{kind}")} == shown
    for path in (out / "figures").glob("*.png"):
        assert Image.open(path).width == PIXELS
    for path in (out / "figures").glob("*.svg"):
        assert "@font-face" in path.read_text(encoding="utf-8")
    assert Image.open(out / "card.png").size == CARD_SIZE
    assert manifest_holds(out)


def test_a_link_to_the_page_is_shown_with_the_card():
    tags = dict(re.findall(r'<meta property="(og:[\w:]+)" content="([^"]*)">', page()))
    assert tags["og:image"] == "card.png"
    assert (int(tags["og:image:width"]), int(tags["og:image:height"])) == CARD_SIZE
    assert html.unescape(tags["og:description"]) == passing_run().document["headline"]["short"]


def test_a_hundred_dots_agree_with_the_printed_numbers():
    document = passing_run().document
    counts = dict(dots(document))
    assert sum(counts.values()) == DOTS
    assert min(counts.values()) >= 0
    assert sum(list(counts.values())[:2]) == int(re.search(r"\d+", findings.told(document))[0])


def test_the_typesetter_takes_the_letters_of_figures(tmp_path):
    """A figure whose letters are missing would be typeset in another family, or without words."""
    typst = pytest.importorskip("typst")
    from forecast.plots.fonts import FACES, file_of

    svg = svg_element(FIGURES["waterfall"].draw(passing_run()).get_figure(root=True), "a", "title", "text")
    (tmp_path / "a.svg").write_text(svg, encoding="utf-8")
    (tmp_path / "a.typ").write_text('#image("a.svg", alt: "a")', encoding="utf-8")
    fonts = {str(Path(file_of(face)).parent) for face in FACES}
    made = typst.compile(str(tmp_path / "a.typ"), format="pdf", ignore_system_fonts=True, font_paths=sorted(fonts))
    assert b"DejaVuSans" in made
