"""The brief beside the page: report.md always, report.pdf where typst is installed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from forecast.errors import OutputError
from forecast.report.brief_content import brief
from forecast.report.markdown import markdown
from forecast.report.pdf import EXTRA, is_available, pdf
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
            made = pdf(said, figures)
        except OutputError as error:  # the forecast and the page must not be lost with it
            warn(f"report.pdf is not written: {error}")
        else:
            (folder / "report.pdf").write_bytes(made)
    else:
        warn(f'report.pdf is not written: it needs the extra {EXTRA!r} (pip install "data-depletion[{EXTRA}]")')
