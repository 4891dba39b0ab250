"""The letters of figures: words stay words in an SVG, and the letters that they need travel with it.

A figure whose letters are outlines cannot be searched, translated or read aloud. Here its words name one family, of
which matplotlib brings the files; a subset of it (WOFF) is put into the figure, or once into a page of figures.
"""

from __future__ import annotations

import html
import io
import re
from collections.abc import Iterable
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from forecast.fits.kept_parts import kept_part

FAMILY = "DejaVu Sans"
"""The family in which figures are laid out and shown."""

FACES = {
    ("400", "normal"): "DejaVuSans.ttf",
    ("700", "normal"): "DejaVuSans-Bold.ttf",
    ("400", "italic"): "DejaVuSans-Oblique.ttf",
}
"""Weight and slant (CSS) -> file of the family, as matplotlib brings it."""

_ALWAYS = "".join(map(chr, range(0x20, 0x7F))) + "×·–—’…→≥≤−"
"""Letters that every subset holds, so that few different subsets are ever made."""

_TEXT = re.compile(r"<text\b([^>]*)>(.*?)</text>", re.DOTALL)
_FAMILY = re.compile(r" ?font-family: [^;\"]*;?")
_UNTURNED = re.compile(r' transform="rotate\(-?0 [^)]*\)"')


def file_of(face: tuple[str, str]) -> Path:
    """Return the file of a face."""
    found = find_spec("matplotlib")  # which need not be imported for it
    assert found is not None, "a requirement of this package"
    assert found.origin is not None, "it has a file"
    return Path(found.origin).parent / "mpl-data" / "fonts" / "ttf" / FACES[face]


def named_once(svg: str) -> str:
    """Return a figure of matplotlib's that names its family once, at its root.

    Examples
    --------
    >>> named_once('<svg width="9"><text style="font-family: Arial; fill: #333a42" transform="rotate(-0 1 2)">a</text>')
    '<svg style="fill: #000000; font-family: DejaVu Sans, sans-serif" width="9"><text style="fill: #333a42">a</text>'
    """
    svg = _UNTURNED.sub("", _FAMILY.sub("", svg))
    return svg.replace("<svg ", f'<svg style="fill: #000000; font-family: {FAMILY}, sans-serif" ', 1).replace(
        'style=" ', 'style="'
    )


def faces(svgs: Iterable[str]) -> str:
    """Return the style sheet that brings the letters which figures need, as data inside it."""
    needed: dict[tuple[str, str], set[str]] = {}
    for svg in svgs:
        for attributes, words in _TEXT.findall(svg):
            bold = re.search(r"font-weight: (bold|[6-9]00)|font: [^;\"]*\b(bold|[6-9]00)\b", attributes)
            face = "700" if bold else "400", "italic" if re.search(r"italic|oblique", attributes) else "normal"
            needed.setdefault(face if face in FACES else ("700", "normal"), set()).update(html.unescape(words))
    rules = []
    for face in (face for face in FACES if face in needed):
        letters = "".join(sorted(needed[face].union(_ALWAYS)))
        rules.append(
            f'@font-face{{font-family:"{FAMILY}";font-weight:{face[0]};font-style:{face[1]};'
            f'src:url(data:font/woff;base64,{_subset(face, letters)}) format("woff")}}'
        )
    return "".join(rules)


def embedded(svg: str, rules: str | None = None) -> str:
    """Return a figure with the letters that it needs inside it."""
    rules = faces([svg]) if rules is None else rules
    root = svg.index("<svg")
    end = svg.index(">", root) + 1
    return f"{svg[:end]}<style>{rules}</style>{svg[end:]}" if rules else svg


@cache
def _subset(face: tuple[str, str], letters: str) -> str:
    """Return some letters of a face as WOFF, in base 64; what the face does not hold is left to the reader's own."""
    return str(kept_part("letters", lambda: _cut(face, letters), of=[*face, letters]))


def _cut(face: tuple[str, str], letters: str) -> str:
    import base64
    import logging

    from fontTools import subset

    logging.getLogger("fontTools.subset").setLevel(logging.ERROR)  # it names each table that it leaves out
    options = subset.Options()
    options.flavor = "woff"
    options.hinting = False
    options.layout_features = ["kern"]
    font = subset.load_font(str(file_of(face)), options, dontLoadGlyphNames=True)
    subsetter = subset.Subsetter(options)
    subsetter.populate(text=letters)
    subsetter.subset(font)
    buffer = io.BytesIO()
    subset.save_font(font, buffer, options)
    return base64.b64encode(buffer.getvalue()).decode()
