"""The brief as a tagged PDF (PDF/UA-1), typeset by typst: texts reach it as data, never as mark-up."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import re
import shutil
import tempfile
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

from forecast.core.wording import tight
from forecast.errors import OutputError
from forecast.plots.fonts import FACES, file_of
from forecast.report.brief_blocks import Brief, Equation
from forecast.text import printable

EXTRA = "report"
"""The extra that brings typst."""

TEMPLATE = Path(__file__).with_name("templates") / "brief.typ"

_STANDARD: Literal["ua-1"] = (
    "ua-1"  # ISO 14289-1: refused by the typesetter where a picture or an equation lacks its words
)
_FOREIGN = re.compile(
    r"[^\u0000-\u024f\u0370-\u03ff\u0400-\u04ff\u1e00-\u1eff\u2010-\u2027\u2030-\u205e\u2070-\u209f\u20ac\u2190-\u21ff\u2200-\u22ff\u25a1\ufffd]"
)


def is_available() -> bool:
    """Tell whether a PDF can be made here."""
    return find_spec("typst") is not None


_SCALES = (1.0, 0.94, 0.88, 0.82, 0.76)
"""Sizes of the letters of page one, tried from the first, until one page holds it (share of the usual)."""


def one_page(brief: Brief, figures: Mapping[str, str]) -> bytes:
    """Return page one of a brief as a PDF of its own, in letters small enough for one page.

    What even the smallest cannot hold goes on on a second page: nothing is cut off.
    """
    first = dataclasses.replace(brief, sections=tuple(section for section in brief.sections if section.first))
    made = b""
    for scale in _SCALES:
        made = pdf(first, figures, scale)
        if pages_of(made) == 1:
            break
    return made


def pages_of(made: bytes) -> int:
    """Return how many pages a PDF has that `pdf` made (count)."""
    return len(re.findall(rb"/Type ?/Page\b", made))


def pdf(brief: Brief, figures: Mapping[str, str], scale: float = 1.0) -> bytes:
    """Return a brief as PDF, the letters of its first page at a share of their usual size."""
    if not is_available():
        raise OutputError("no typst", f"the extra {EXTRA!r}", f'pip install "data-depletion[{EXTRA}]"')
    import typst

    content = {**_content(brief), "scale": scale}
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        shutil.copyfile(TEMPLATE, place / "brief.typ")
        for name in brief.pictures("pdf"):
            (place / f"{name}.svg").write_text(figures[name], encoding="utf-8")
        for face in FACES:
            shutil.copy(file_of(face), place)

        def typeset(content: Any) -> bytes:
            (place / "brief.json").write_text(json.dumps(content), encoding="utf-8")
            return typst.compile(
                str(place / "brief.typ"),
                root=str(place),
                format="pdf",
                font_paths=[str(place)],  # the letters of figures; the typesetter takes those that are used
                ignore_system_fonts=True,
                pdf_standards=_STANDARD,
                timestamp=round(dt.datetime.fromisoformat(brief.created).timestamp()),
            )

        try:
            try:
                return typeset(content)
            except typst.TypstError:
                # A name in letters that the typesetter's own fonts lack must not cost the whole brief.
                return typeset(_each_text(content, lambda text: _FOREIGN.sub("□", text)))
        except typst.TypstError as error:
            raise OutputError(
                f"a brief that typst refuses ({error})", "one that it can typeset", "use report.html, and report this"
            ) from error


def _content(brief: Brief) -> dict[str, Any]:
    """Return a brief as the typesetter reads it."""
    sections = []
    for section in brief.of("pdf"):
        blocks = []
        for block in section.blocks:
            plain = dataclasses.asdict(block)
            if isinstance(block, Equation):
                plain["alt"] = block.alt
            blocks.append(plain)
        sections.append({"title": section.title, "blocks": blocks, "first": section.first})
    whole = {**dataclasses.asdict(brief), "sections": sections}
    return _each_text(whole, lambda text: tight(printable(text)))


def _each_text(value: Any, change: Any) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {key: _each_text(part, change) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_each_text(part, change) for part in value]
    return value
