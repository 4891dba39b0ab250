"""The brief beside the page: report.md always, report.pdf and its first page alone where typst is installed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from forecast.errors import OutputError
from forecast.report.brief_content import brief
from forecast.report.markdown import markdown
from forecast.report.pdf import EXTRA, is_available, one_page, pdf
from forecast.runs.folder import ONE_PAGE
from forecast.runs.forecast import Forecast


def write_brief(
    forecast: Forecast,
    folder: Path,
    figures: Mapping[str, str],
    *,
    likelihood: str = "ipcc",
    warn: Callable[[str], None] = lambda _: None,
) -> None:
    """Write the brief into a folder that holds the figures."""
    said = brief(forecast, likelihood)
    (folder / "report.md").write_text(markdown(said), encoding="utf-8")
    if is_available():
        try:
            made = {"report.pdf": pdf(said, figures), ONE_PAGE: one_page(said, figures)}
        except OutputError as error:  # the forecast and the page must not be lost with it
            warn(f"report.pdf and {ONE_PAGE} are not written: {error}")
        else:
            for name, content in made.items():
                (folder / name).write_bytes(content)
    else:
        warn(
            f'report.pdf and {ONE_PAGE} are not written: they need the extra {EXTRA!r} (pip install "data-depletion[{EXTRA}]")'
        )
