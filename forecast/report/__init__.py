"""The report: one page to read, quote and check, and an appendix; every number comes from ``forecast.json``.

Examples
--------
>>> from forecast.report import render
>>> callable(render)
True
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from forecast.core.folders import swapped_folder
from forecast.core.manifest import write_manifest
from forecast.core.resources import RESOURCES
from forecast.core.wording import percent_words, tight
from forecast.plots.fonts import faces
from forecast.report.access import accessible
from forecast.report.card_image import CARD, CARD_SIZE, card_alt, card_png, card_title, card_words
from forecast.report.cards import forecast_card
from forecast.report.citing import question as reader_question
from forecast.report.explorer import script_hash
from forecast.report.likelihood_words import DEFAULT_SCALE, SCALES, in_words, scale
from forecast.report.page_one import dates, parts
from forecast.report.pictures import PageFigure, figure_named, figure_of, svg_element, write_figures
from forecast.report.sections import FURTHER, SECTIONS, Section, placed
from forecast.report.themes import dark_rules
from forecast.runs.document import credits_of
from forecast.runs.folder import APPENDIX, REPORT
from forecast.runs.forecast import Forecast
from forecast.runs.sentence import HEADLINE_YEAR, percent, year_words
from forecast.scenarios.own_parts import require_parts
from forecast.text import capital, printable

if TYPE_CHECKING:
    import jinja2
    import pandas as pd

FIGURES_FOLDER = "figures"
"""Folder of a report that holds its figures."""

_TEMPLATES = Path(__file__).with_name("templates")

TABLE_YEARS = (*range(2026, 2036), 2040, 2045, 2050)
"""Years of the table on page one (calendar years), as far as the forecast covers them."""


def write_report(
    forecast: Forecast,
    folder: str | Path,
    *,
    likelihood: str = DEFAULT_SCALE,
    warn: Callable[[str], None] = lambda _: None,
) -> Path:
    """Write a run folder with its report, whole or not at all.

    Parameters
    ----------
    forecast : Forecast
        The forecast.
    folder : str or pathlib.Path
        A new folder, or an existing run folder, which is replaced.
    likelihood : str, default "ipcc"
        The scale of the words for probabilities; see `forecast.report.likelihood_words`.
    warn : callable, optional
        Told when the PDF cannot be made, and why.

    Returns
    -------
    pathlib.Path
        The folder; report.html, appendix.html, report.md, report.pdf, one_page.pdf, card.png and figures/ are in it.

    Raises
    ------
    UnknownNameError
        If there is no such scale; nothing has been written then.
    OutputError
        If the folder holds anything that is not ours, or cannot be written; it is then as it was.

    Examples
    --------
    >>> import forecast as fc  # doctest: +SKIP
    >>> fc.report.write_report(fc.load("out"), "page")  # doctest: +SKIP
    """
    from forecast.report.brief import write_brief

    scale(likelihood)
    require_parts(forecast.document)
    target = Path(folder)
    with swapped_folder(target) as temporary:
        forecast.write(temporary)
        drawn = {name: figure_named(forecast, name) for name in _shown(forecast)}
        pages, placed_too = _pages(forecast, drawn, likelihood)
        for name, page in pages.items():
            (temporary / name).write_text(page, encoding="utf-8")
        (temporary / CARD).write_bytes(card_png(forecast))
        write_figures([*drawn.values(), *placed_too], temporary / FIGURES_FOLDER)
        svgs = {figure.name: figure.svg for figure in (*drawn.values(), *placed_too)}
        write_brief(forecast, temporary, svgs, likelihood=likelihood, warn=warn)
        write_manifest(temporary, likelihood=likelihood)
    return target


def render(forecast: Forecast, figures: dict[str, str] | None = None, likelihood: str = DEFAULT_SCALE) -> str:
    """Return the report as one self-contained HTML page, without its appendix.

    Examples
    --------
    >>> import forecast as fc
    >>> f = fc.load("out")
    >>> "</html>" in fc.report.render(f, figures={})
    True
    """
    return render_pages(forecast, figures, likelihood)[REPORT]


def render_pages(
    forecast: Forecast, figures: dict[str, str] | None = None, likelihood: str = DEFAULT_SCALE
) -> dict[str, str]:
    """Return report and appendix as self-contained HTML pages by file name, with figures in place of drawn ones.

    Examples
    --------
    >>> import forecast as fc
    >>> f = fc.load("out")
    >>> sorted(fc.report.render_pages(f, figures={}))
    ['appendix.html', 'report.html']
    """
    if figures is None:
        drawn = {name: figure_named(forecast, name) for name in _shown(forecast)}
    else:
        drawn = {name: PageFigure(name, *_words_of(forecast, name, svg)) for name, svg in figures.items()}
    return _pages(forecast, drawn, likelihood)[0]


def _pages(
    forecast: Forecast, pictures: Mapping[str, PageFigure], likelihood: str
) -> tuple[dict[str, str], list[PageFigure]]:
    """Return the pages by file name, and the figures that their sections drew themselves."""
    shown = _with_facts(forecast, pictures, likelihood)
    shared = {
        "document": forecast.document,
        "resource": RESOURCES[forecast.document["resource"]],
        "table_years": TABLE_YEARS,
        "headline_year": HEADLINE_YEAR,
        "credits": credits_of(forecast.document),
        "likelihood": (scale(likelihood).title, lambda share, error: in_words(share, likelihood, error)),
        "title": reader_question(forecast.document),
        "dates": dates(forecast.document),
        "pages": {page: [section for section, _ in shown if section.page == page] for page in PAGES},
        "card": {
            "file": CARD,
            "width": CARD_SIZE[0],
            "height": CARD_SIZE[1],
            "title": card_title(forecast),
            "words": card_words(forecast),
            "alt": card_alt(forecast),
        },
    }
    own = [fact for _, facts in shown for fact in facts.values() if isinstance(fact, PageFigure)]
    return {page: _page(page, shown, shared, pictures) for page in PAGES}, own


PAGES = (REPORT, APPENDIX)
"""The pages of a report, by file name."""


def _with_facts(
    forecast: Forecast, pictures: Mapping[str, PageFigure], likelihood: str
) -> list[tuple[Section, Mapping[str, Any]]]:
    """Return every section that has something to show, with what it shows."""
    left = tuple(name for name in pictures if name not in placed())
    further = (replace(FURTHER, figures=left),) if left else ()
    found = [(section, section.facts(forecast)) for section in (*SECTIONS.values(), *further)]
    words = {"parts": parts(forecast, likelihood)}
    return [
        (section, {**facts, **words} if section.name == "summary" else facts)
        for section, facts in found
        if facts is not None
    ]


def _page(
    page: str,
    shown: Sequence[tuple[Section, Mapping[str, Any]]],
    shared: Mapping[str, Any],
    pictures: Mapping[str, PageFigure],
) -> str:
    """Render one page."""
    pages = {section.name: section.page for section, _ in shown}

    def where(name: str) -> str:
        """Return the address of a section from this page; nothing where it is not shown."""
        there = pages.get(name)
        return "" if there is None else f"#{name}" if there == page else f"{there}#{name}"

    environment = _environment()
    scripts = [script_hash(facts["script"]) for section, facts in shown if section.page == page and "script" in facts]
    own = {**shared, "page": page, "where": where, "scripts": " ".join(scripts) or "'none'"}
    sections, drawings = [], []
    for section, facts in shown:
        if section.page == page:
            figures = [pictures[name] for name in section.figures if name in pictures]
            html = environment.get_template(section.template).render(**own, own_figures=figures, facts=facts)
            sections.append({"name": section.name, "title": section.title, "html": html, "folded": section.folded})
            placed_here = (*figures, *(fact for fact in facts.values() if isinstance(fact, PageFigure)))
            drawings += [svg for figure in placed_here for _, svg in figure.drawings]
    rules = faces(drawings) + dark_rules(drawings)
    rendered = environment.get_template("report.html.j2").render(**own, sections=sections, figure_rules=rules)
    return accessible(_one_form(printable(rendered)))


_CODE = re.compile(r"(<(script|style)\b.*?</\2>)", re.DOTALL)


def _one_form(page: str) -> str:
    """Return a page whose words have percentages in one form, whoever wrote them; what is no words stays as it is."""
    parts = _CODE.split(page)  # words, an element of code, its name, words, ...
    return "".join(tight(words) + code for words, code in zip(parts[::3], [*parts[1::3], ""], strict=True))


def _shown(forecast: Forecast) -> list[str]:
    """Return the names of the figures that this forecast has something to show in."""
    from forecast.plots import FIGURES

    return [name for name, figure in FIGURES.items() if figure.shown(forecast)]


def _words_of(forecast: Forecast, name: str, svg: str) -> tuple[str, str, str, pd.DataFrame]:
    """Return what a figure that was drawn elsewhere needs on the page."""
    from forecast.plots import FIGURES

    figure = FIGURES[name]
    return figure.title, svg, figure.text(forecast), figure.table(forecast)


def _environment() -> jinja2.Environment:
    """Return the template environment: everything is escaped, an unknown name is an error."""
    return _environment_of(_TEMPLATES)


def _cell(value: Any, column: str) -> str:
    """Write a value of the data behind a figure: years to a fraction of a day, everything else to four digits."""
    if value is None or isinstance(value, str):
        return value or ""
    return f"{value:.6g}" if "year" in column else f"{value:.4g}"


@functools.cache
def _environment_of(templates: Path) -> jinja2.Environment:
    import jinja2

    from forecast.plots.style import quantity_words
    from forecast.report.compiled_templates import CompiledTemplates

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(templates),
        bytecode_cache=CompiledTemplates(templates),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "percent": percent,
        "percent_words": percent_words,
        # Never 0% or 100% either, but fit for a narrow column.
        "percent_short": lambda share: percent(share).replace("less than ", "< ").replace("more than ", "> "),
        "year_words": year_words,
        "quantity": lambda value: "beyond the horizon" if value is None else quantity_words(value),
        "utilised": lambda share: "beyond the horizon" if share is None else f"{float(f'{100 * share:.2g}'):g}%",
        "factor": lambda value: f"{value:.2g}",
        "plain": lambda value: f"{float(f'{value:.2g}'):,g}",
        "power_of_ten": lambda exponent: 10.0**exponent,
        "lower_first": lambda text: text[:1].lower() + text[1:],
        "capitalize_first": capital,
        "cell": _cell,
    }
    return environment


__all__ = [
    "DEFAULT_SCALE",
    "PAGES",
    "SCALES",
    "TABLE_YEARS",
    "figure_of",
    "forecast_card",
    "render",
    "render_pages",
    "svg_element",
    "write_report",
]
