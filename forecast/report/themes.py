"""Light and dark: the colours of a figure become the page's, each with its own value as the fallback.

A figure on disk keeps its plain colours. On the page every colour is a custom property of the style sheet, which has a
value of its own on dark paper where the plain one would lack contrast: 4.5 to 1 for words, 3 to 1 for lines.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from forecast.plots.style import INKS

PROPERTIES: Mapping[str, str] = {
    "#000000": "black",
    "#ffffff": "white",
    "#333a42": "text",
    "#5b6470": "quiet",
    "#9aa3ad": "axis",
    "#c9d0d7": "faint",
    "#d9dee4": "faint",
    "#e4e8ec": "grid",
    "#0072b2": "blue",
}
"""Colour in a figure -> ``--figure-NAME``, which stands for it on the page; the other hues serve on both papers."""

_WORDS = re.compile(r'(<g style="fill: )(#[0-9a-fA-F]{6})(?=[^"]*" transform)')
_COLOUR = re.compile(r"\b(fill|stroke|stop-color): ?(#[0-9a-fA-F]{6})")


def readable(svg: str) -> str:
    """Return a figure whose words are dark enough to read on white.

    Examples
    --------
    >>> readable('<g style="fill: #009e73" transform="scale(1)">')
    '<g style="fill: #00795a" transform="scale(1)">'
    """

    def replaced(found: re.Match[str]) -> str:
        return found[1] + INKS.get(found[2].lower(), ("", found[2]))[1]

    return _WORDS.sub(replaced, svg)


def compact(svg: str) -> str:
    r"""Return a figure whose paths are written to a hundredth of a point, its letters named shortly, without indents.

    Examples
    --------
    >>> compact('<path d="M 291.043443 757.169532 \nL 519.890307 757.100001 \nz\n" style="fill: none"/>')
    '<path d="M291.04 757.17L519.89 757.1z" style="fill: none"/>'
    """

    def rounded(found: re.Match[str]) -> str:
        return f"{float(found[0]):.2f}".rstrip("0").rstrip(".")

    def shorter(found: re.Match[str]) -> str:
        numbers = re.sub(r"-?\d+\.\d+", rounded, found[1])
        return f' d="{re.sub(r" *([A-Za-z]) *", r"\1", " ".join(numbers.split()))}"'

    for font, letter in (("DejaVuSans-Bold-", "b"), ("DejaVuSans-", "t")):
        svg = svg.replace(f'id="{font}', f'id="{letter}').replace(f'href="#{font}', f'href="#{letter}')
    return re.sub(r">\s+<", "><", re.sub(r' d="([^"]*)"', shorter, svg))


def themed(svg: str) -> str:
    """Return a figure whose colours follow the page's.

    Examples
    --------
    >>> themed('<path style="fill: #0072b2; opacity: 0.5"/>')
    '<path style="fill: var(--figure-blue,#0072b2); opacity: 0.5"/>'
    """
    names = {**PROPERTIES, **{ink: f"ink-{name}" for name, ink in INKS.values()}}

    def replaced(found: re.Match[str]) -> str:
        name = names.get(found[2].lower())
        return found[0] if name is None else f"{found[1]}: var(--figure-{name},{found[2]})"

    return _COLOUR.sub(replaced, svg)


def share_letters(page: str) -> str:
    """Return a page whose figures share the shapes of their letters: the first figure that draws one keeps it.

    Examples
    --------
    >>> letter, use = '<path id="{}-t15" d="M1 2z"/>', '<use xlink:href="#{}-t15"/>'
    >>> share_letters("".join((letter + use).format(own, own) for own in ("fa", "fb")))
    '<path id="fa-t15" d="M1 2z"/><use xlink:href="#fa-t15"/><use xlink:href="#fa-t15"/>'
    """
    first: dict[tuple[str, str], str] = {}
    moved: dict[str, str] = {}

    def kept(found: re.Match[str]) -> str:
        own, letter, shape = found.groups()
        holder = first.setdefault((letter, shape), own)
        moved[f"{own}-{letter}"] = f"{holder}-{letter}"
        return found[0] if holder == own else ""

    page = _LETTER.sub(kept, page)
    return re.sub(r'href="#(f\w+-[bt][0-9a-f]+)"', lambda found: f'href="#{moved.get(found[1], found[1])}"', page)


_LETTER = re.compile(r'<path id="(f\w+)-([bt][0-9a-f]+)" (d="[^"]*"[^>]*?)/>')

__all__ = ["INKS", "PROPERTIES", "compact", "readable", "share_letters", "themed"]
