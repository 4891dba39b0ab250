"""The report: one page to read, quote and check; every number comes from ``forecast.json``.

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
from pathlib import Path
from typing import TYPE_CHECKING

from forecast.document import HEADLINE_YEAR, percent, year_words
from forecast.files import sha256_of, swapped_folder
from forecast.nouns import DOCUMENT, Forecast, credits_of, resource, write_manifest

if TYPE_CHECKING:
    import jinja2
    from matplotlib.figure import Figure

_TEMPLATES = Path(__file__).with_name("templates")

TABLE_YEARS = (*range(2026, 2036), 2040, 2045, 2050)
"""Years of the table on page one (calendar years), as far as the forecast covers them."""


def write_report(forecast: Forecast, folder: str | Path) -> Path:
    """Write a run folder with its report, whole or not at all.

    Parameters
    ----------
    forecast : Forecast
        The forecast.
    folder : str or pathlib.Path
        A new folder, or an existing run folder, which is replaced.

    Returns
    -------
    pathlib.Path
        The folder; report.html and figures/ are in it.
    """
    target = Path(folder)
    with swapped_folder(target, DOCUMENT) as temporary:
        forecast.write(temporary)
        drawn = _write_figures(forecast, temporary / "figures")
        (temporary / "report.html").write_text(render(forecast, drawn), encoding="utf-8")
        write_manifest(temporary, sha256_of)
    return target


def render(forecast: Forecast, figures: dict[str, str] | None = None) -> str:
    """Return the report as one self-contained HTML page.

    Parameters
    ----------
    forecast : Forecast
        The forecast.
    figures : dict of str to str, optional
        SVG by name of the figure; drawn anew where not given.

    Returns
    -------
    str
        HTML that makes no request.
    """
    from forecast.plots import FIGURES
    from forecast.report.bridge import bridge_section

    drawn = figures or {name: _svg(forecast, name) for name in FIGURES}
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            document=forecast.document,
            resource=resource(forecast.document["resource"]),
            figures=[
                {
                    "name": name,
                    "title": FIGURES[name].title,
                    "svg": svg,
                    "text": FIGURES[name].text(forecast),
                    "table": json.loads(FIGURES[name].table(forecast).to_json(orient="split")),
                }
                for name, svg in drawn.items()
            ],
            table_years=TABLE_YEARS,
            headline_year=HEADLINE_YEAR,
            credits=credits_of(forecast.document),
            bridge=bridge_section(forecast.document),
        )
    )


def forecast_card(forecast: Forecast) -> str:
    """Return a forecast as a small table for a notebook.

    Parameters
    ----------
    forecast : Forecast
        The forecast.

    Returns
    -------
    str
        An HTML fragment.
    """
    return _environment().get_template("card.html.j2").render(document=forecast.document, headline_year=HEADLINE_YEAR)


def _write_figures(forecast: Forecast, folder: Path) -> dict[str, str]:
    """Write every figure as SVG with the data behind it as CSV; return the SVG texts."""
    from forecast.plots import FIGURES

    folder.mkdir()
    drawn = {}
    for name, figure in FIGURES.items():
        drawn[name] = _svg(forecast, name)
        (folder / f"{name}.svg").write_text(drawn[name], encoding="utf-8")
        figure.table(forecast).to_csv(folder / f"{name}.csv", index=False, lineterminator="\n", float_format="%.6g")
    return drawn


def _svg(forecast: Forecast, name: str) -> str:
    """Draw one figure of the forecast as an SVG element that carries its own words."""
    from forecast.plots import FIGURES

    figure = FIGURES[name]
    canvas = figure.draw(forecast).get_figure(root=True)
    assert canvas is not None, "axes always belong to a figure"
    return svg_element(canvas, name, figure.title, figure.text(forecast))


def svg_element(canvas: Figure, name: str, title: str, text: str) -> str:
    """Return a drawn figure as an SVG element that carries its own words.

    Parameters
    ----------
    canvas : matplotlib.figure.Figure
        The figure.
    name : str
        Put before every id: several figures share a page.
    title, text : str
        What a screen reader says.

    Returns
    -------
    str
        An ``<svg>`` element.
    """
    import io

    import markupsafe

    from forecast.plots.style import style

    buffer = io.StringIO()
    with style(), warnings.catch_warnings():
        # A name may hold letters that the font lacks: it is drawn with boxes, and stands in full in the table.
        warnings.filterwarnings("ignore", message="Glyph .* missing")
        canvas.savefig(buffer, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    svg = buffer.getvalue()
    svg = re.sub(r'(\bid="|url\(#|href="#)', rf"\g<1>{name}-", svg[svg.index("<svg") :])
    words = (
        f'<svg role="img" aria-labelledby="{name}-title {name}-text"'
        f"{svg[4 : svg.index('>')]}>"
        f'<title id="{name}-title">{markupsafe.escape(title)}</title>'
        f'<desc id="{name}-text">{markupsafe.escape(text)}</desc>'
    )
    return words + svg[svg.index(">") + 1 :]


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
        "year_words": year_words,
        "quantity": lambda value: "beyond the horizon" if value is None else quantity_words(value),
        "utilised": lambda share: "beyond the horizon" if share is None else f"{float(f'{100 * share:.2g}'):g} %",
        "factor": lambda value: f"{value:.2g}",
    }
    return environment


__all__ = ["TABLE_YEARS", "forecast_card", "render", "svg_element", "write_report"]
