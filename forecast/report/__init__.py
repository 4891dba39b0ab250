"""The report: one page to read, quote and check, and an appendix; every number comes from ``forecast.json``.

Examples
--------
>>> from forecast.report import render
>>> callable(render)
True
"""

from __future__ import annotations

import json
import re
import warnings
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from forecast.core.folders import swapped_folder
from forecast.core.manifest import write_manifest
from forecast.core.resources import RESOURCES
from forecast.report.citing import question as reader_question
from forecast.report.explorer import script_hash
from forecast.report.likelihood_words import DEFAULT_SCALE, SCALES, in_words, scale
from forecast.report.page_one import dates, parts
from forecast.report.sections import FURTHER, SECTIONS, Section, placed
from forecast.report.themes import compact, readable, share_letters, themed
from forecast.runs.document import credits_of
from forecast.runs.folder import APPENDIX, REPORT
from forecast.runs.forecast import Forecast
from forecast.runs.headline import question
from forecast.runs.sentence import HEADLINE_YEAR, NO_HEADLINE, percent, year_words
from forecast.text import capital, printable, to_csv

if TYPE_CHECKING:
    import jinja2
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

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
        The folder; report.html, appendix.html, report.md, report.pdf and figures/ are in it.

    Raises
    ------
    UnknownNameError
        If there is no such scale; nothing has been written then.
    OutputError
        If the folder holds anything that is not ours, or cannot be written; it is then as it was.
    """
    from forecast.report.brief import write_brief

    scale(likelihood)
    target = Path(folder)
    with swapped_folder(target) as temporary:
        forecast.write(temporary)
        drawn = _write_figures(forecast, temporary / "figures")
        for page, html in render_pages(forecast, drawn, likelihood).items():
            (temporary / page).write_text(html, encoding="utf-8")
        write_brief(forecast, temporary, drawn, likelihood=likelihood, warn=warn)
        write_manifest(temporary, likelihood=likelihood)
    return target


def render(forecast: Forecast, figures: dict[str, str] | None = None, likelihood: str = DEFAULT_SCALE) -> str:
    """Return the report as one self-contained HTML page, without its appendix."""
    return render_pages(forecast, figures, likelihood)[REPORT]


def render_pages(
    forecast: Forecast, figures: dict[str, str] | None = None, likelihood: str = DEFAULT_SCALE
) -> dict[str, str]:
    """Return the report and its appendix as self-contained HTML pages, by file name."""
    from forecast.plots import FIGURES

    drawn = figures or {name: _svg(forecast, name) for name in _shown(forecast)}
    pictures = {
        name: {
            "name": name,
            "title": FIGURES[name].title,
            "svg": themed(svg),
            "text": FIGURES[name].text(forecast),
            "table": json.loads(FIGURES[name].table(forecast).to_json(orient="split")),
        }
        for name, svg in drawn.items()
    }
    shown = _with_facts(forecast, pictures, likelihood)
    shared = {
        "document": forecast.document,
        "resource": RESOURCES[forecast.document["resource"]],
        "table_years": TABLE_YEARS,
        "headline_year": HEADLINE_YEAR,
        "credits": credits_of(forecast.document),
        "likelihood": (scale(likelihood).title, lambda share, error: in_words(share, likelihood, error)),
        "script_hash": script_hash(),
        "title": reader_question(forecast.document),
        "dates": dates(forecast.document),
        "pages": {page: [section for section, _ in shown if section.page == page] for page in PAGES},
    }
    return {page: _page(page, shown, shared, pictures) for page in PAGES}


PAGES = (REPORT, APPENDIX)
"""The pages of a report, by file name."""


def _with_facts(
    forecast: Forecast, pictures: Mapping[str, Any], likelihood: str
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
    pictures: Mapping[str, Any],
) -> str:
    """Render one page."""
    pages = {section.name: section.page for section, _ in shown}

    def where(name: str) -> str:
        """Return the address of a section from this page; nothing where it is not shown."""
        there = pages.get(name)
        return "" if there is None else f"#{name}" if there == page else f"{there}#{name}"

    environment = _environment()
    own = {**shared, "page": page, "where": where}
    sections = []
    for section, facts in shown:
        if section.page == page:
            figures = [pictures[name] for name in section.figures if name in pictures]
            html = environment.get_template(section.template).render(**own, own_figures=figures, facts=facts)
            sections.append({"name": section.name, "title": section.title, "html": html})
    return share_letters(printable(environment.get_template("report.html.j2").render(**own, sections=sections)))


def forecast_card(forecast: Forecast) -> str:
    """Return a forecast as a small table for a notebook."""
    card = _environment().get_template("card.html.j2")
    asked = question(forecast.document)
    return printable(
        card.render(document=forecast.document, headline_year=HEADLINE_YEAR, no_headline=NO_HEADLINE, checkable=asked)
    )


def _write_figures(forecast: Forecast, folder: Path) -> dict[str, str]:
    """Write every figure as SVG with the data behind it as CSV; return the SVG texts."""
    from forecast.plots import FIGURES

    folder.mkdir()
    drawn = {}
    for name in _shown(forecast):
        figure = FIGURES[name]
        drawn[name] = _svg(forecast, name)
        (folder / f"{name}.svg").write_text(drawn[name], encoding="utf-8")
        data = to_csv(figure.table(forecast), float_format="%.6g")
        (folder / f"{name}.csv").write_text(data, encoding="utf-8", newline="")
    return drawn


def _shown(forecast: Forecast) -> list[str]:
    """Return the names of the figures that this forecast has something to show in."""
    from forecast.plots import FIGURES

    return [name for name, figure in FIGURES.items() if figure.shown(forecast)]


def _svg(forecast: Forecast, name: str) -> str:
    """Draw one figure of the forecast as an SVG element that carries its own words."""
    from forecast.plots import FIGURES

    figure = FIGURES[name]
    canvas = figure.draw(forecast).get_figure(root=True)
    assert canvas is not None, "axes always belong to a figure"
    return svg_element(canvas, name, figure.title, figure.text(forecast))


def svg_element(canvas: Figure, name: str, title: str, text: str) -> str:
    """Return a drawn figure as an SVG element that carries its own words."""
    import io

    import markupsafe

    from forecast.plots.style import style

    buffer = io.StringIO()
    with style(), warnings.catch_warnings():
        # A name may hold letters that the font lacks: it is drawn with boxes, and is in full in the table.
        warnings.filterwarnings("ignore", message="Glyph .* missing")
        warnings.filterwarnings("ignore", message="constrained_layout not applied")  # the same for a name without end
        canvas.savefig(buffer, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    svg = compact(readable(printable(buffer.getvalue())))
    # Several figures share a page: each gets ids of its own, short ones, since every letter drawn names its shape by one.
    own = f"f{zlib.crc32(name.encode()) % 36**4:x}"
    svg = re.sub(r'(\bid="|url\(#|href="#)', rf"\g<1>{own}-", svg[svg.index("<svg") :])
    words = (
        f'<svg role="img" aria-labelledby="{name}-title {name}-text"'
        f"{svg[4 : svg.index('>')]}>"
        f'<title id="{name}-title">{markupsafe.escape(printable(title))}</title>'
        f'<desc id="{name}-text">{markupsafe.escape(printable(text))}</desc>'
    )
    return words + svg[svg.index(">") + 1 :]


def figure_of(drawn: Axes | Figure, name: str, title: str, text: str, table: pd.DataFrame) -> dict[str, Any]:
    """Return a figure that a section draws itself, as the page places it: from a stored result, say."""
    canvas = drawn.get_figure(root=True)
    assert canvas is not None, "axes always belong to a figure"
    return {
        "name": name,
        "title": title,
        "svg": themed(svg_element(canvas, name, title, text)),
        "text": text,
        "table": json.loads(table.to_json(orient="split")),
    }


def _environment() -> jinja2.Environment:
    """Return the template environment: everything is escaped, an unknown name is an error."""
    import jinja2

    from forecast.plots.style import quantity_words

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "percent": percent,
        # Never 0 % or 100 % either, but fit for a narrow column.
        "percent_short": lambda share: percent(share).replace("less than ", "< ").replace("more than ", "> "),
        "year_words": year_words,
        "quantity": lambda value: "beyond the horizon" if value is None else quantity_words(value),
        "utilised": lambda share: "beyond the horizon" if share is None else f"{float(f'{100 * share:.2g}'):g} %",
        "factor": lambda value: f"{value:.2g}",
        "plain": lambda value: f"{float(f'{value:.2g}'):,g}",
        "power_of_ten": lambda exponent: 10.0**exponent,
        "lower_first": lambda text: text[:1].lower() + text[1:],
        "capitalize_first": capital,
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
