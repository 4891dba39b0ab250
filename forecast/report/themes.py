"""Light and dark: the colours of a figure become the page's, each with its own value as the fallback.

A figure on disk keeps its plain colours. On the page every colour of every figure is a custom property, named by its
digits, which the style sheet sets for dark paper. No list of colours is kept: the dark value follows from the plain one
by `dark`, so that a new figure is themed without a word here.
"""

from __future__ import annotations

import colorsys
import re
from collections.abc import Iterable

PAPER = "#14181c"
"""The page's paper in the dark; ``--paper`` of the style sheet."""

LEAST = 4.5
"""Least contrast of hues on dark paper: words are written in them (WCAG 2.2, level AA)."""

_GREY = 0.25
"""Chroma (largest less smallest channel) below which a colour is a grey: it then recedes in the dark as on white."""

_COLOUR = re.compile(r"\b(fill|stroke|stop-color|flood-color|color): ?(#[0-9a-fA-F]{6})\b")
_ATTRIBUTE = re.compile(r'(<\w+ (?![^>]*style=)[^>]*?)\b(fill|stroke)="(#[0-9a-fA-F]{6})"')
_FIXED = re.compile(
    r"""\b(?:fill|stroke|stop-color|flood-color|color)(?::\s*+|=")(?!none|inherit|currentColor|transparent|url\(|var\()"""
    r"""([^;"]+)"""
)


def compact(svg: str) -> str:
    r"""Return a figure whose paths are written to a hundredth of a point, without indents.

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

    svg = re.sub(r' (x|y|width|height)="(-?\d+\.\d+)"', lambda found: f' {found[1]}="{float(found[2]):.2f}"', svg)
    return re.sub(r">\s+<", "><", re.sub(r' d="([^"]*)"', shorter, svg))


def themed(svg: str) -> str:
    """Return a figure whose colours follow the page's.

    Examples
    --------
    >>> themed('<path style="fill: #0072b2; opacity: 0.5"/>')
    '<path style="fill: var(--figure-0072b2,#0072b2); opacity: 0.5"/>'
    >>> themed('<rect x="0" fill="#ffffff"/>')
    '<rect x="0" style="fill: var(--figure-ffffff,#ffffff)"/>'
    """
    svg = _ATTRIBUTE.sub(r'\1style="\2: \3"', svg)  # the ground of a hatching
    return _COLOUR.sub(lambda found: f"{found[1]}: var(--figure-{found[2][1:].lower()},{found[2].lower()})", svg)


def fixed_colours(svg: str) -> set[str]:
    """Return the colours of a figure that do not follow the page's.

    Examples
    --------
    >>> sorted(fixed_colours('<g style="fill: red"><path style="fill: none; stroke: #0072b2" fill="#fff"/></g>'))
    ['#0072b2', '#fff', 'red']
    >>> fixed_colours(themed('<path style="stroke: #0072b2; fill: url(#hatch)"/>'))
    set()
    """
    return {found.strip() for found in _FIXED.findall(svg)}


def dark_rules(svgs: Iterable[str]) -> str:
    """Return the style sheet that sets the colours of themed figures for dark paper."""
    used = sorted({name for svg in svgs for name in re.findall(r"var\(--figure-([0-9a-f]{6}),", svg)})
    rules = ";".join(f"--figure-{name}:{dark('#' + name)}" for name in used)
    return f"@media screen and (prefers-color-scheme:dark){{:root{{{rules}}}}}" if rules else ""


def dark(colour: str) -> str:
    """Return what stands for a colour on dark paper.

    A grey keeps the contrast that it has on white: what recedes goes on receding, and white becomes the paper. A hue
    stays as it is if words in it can be read on dark paper, and is lightened until they can otherwise.

    Examples
    --------
    >>> dark("#ffffff"), dark("#e69f00"), dark("#000000")
    ('#14181c', '#e69f00', '#ffffff')
    """
    channels = _channels(colour)
    grey = max(channels) - min(channels) < _GREY
    wanted = contrast(colour, "#ffffff") if grey else max(LEAST, contrast(colour, PAPER))
    if contrast(colour, PAPER) >= wanted and not grey:
        return colour
    hue, _, saturation = colorsys.rgb_to_hls(*(_channels(PAPER if grey else colour)))
    low, high = (colorsys.rgb_to_hls(*_channels(PAPER))[1] if grey else 0.0), 1.0
    for _ in range(12):
        middle = (low + high) / 2
        if contrast(_hex(hue, middle, saturation), PAPER) < wanted:
            low = middle
        else:
            high = middle
    return PAPER if wanted <= 1 else _hex(hue, high, saturation)


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours (WCAG 2.2): 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    linear = [x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in _channels(colour)]
    return sum(weight * x for weight, x in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def _channels(colour: str) -> tuple[float, float, float]:
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return red, green, blue


def _hex(hue: float, lightness: float, saturation: float) -> str:
    # Upwards: half a step less would miss the contrast that was asked for.
    return "#" + "".join(
        f"{min(255, int(255 * x + 0.999)):02x}" for x in colorsys.hls_to_rgb(hue, lightness, saturation)
    )


__all__ = ["LEAST", "PAPER", "compact", "contrast", "dark", "dark_rules", "fixed_colours", "themed"]
