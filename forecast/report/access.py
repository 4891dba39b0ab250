"""What every page owes a reader who does not see it or uses no mouse, whatever its sections forget.

A part that scrolls can be reached by keyboard and says what it holds: the caption of its table, the title of its figure. A
link that leaves the page says so. Sections write plain tables, figures and links.
"""

from __future__ import annotations

import re

_SCROLL = re.compile(r'<div class="(scroll(?: [a-z]+)*)">(?=\s*<(table|svg|math)\b)')
_NAMES = {
    "table": re.compile(r"<caption>(.*?)</caption>", re.DOTALL),
    "svg": re.compile(r"<title[^>]*>(.*?)</title>", re.DOTALL),
    "math": re.compile(r'alttext="([^"]*)"'),
}
_OUTSIDE = re.compile(r'<a href="(?=https?://)')
_TAG = re.compile(r"<[^>]+>")


def accessible(page: str) -> str:
    """Return a page whose scrolling parts have names and a place in the order of tabs, and whose outer links say so.

    Examples
    --------
    >>> accessible('<div class="scroll"><table><caption>Years</caption></table></div>')
    '<div class="scroll" tabindex="0" role="group" aria-label="Years"><table><caption>Years</caption></table></div>'
    >>> accessible('<a href="https://arxiv.org/abs/2211.04325">paper</a>')
    '<a rel="external" href="https://arxiv.org/abs/2211.04325">paper</a>'
    """

    def named(found: re.Match[str]) -> str:
        name = _NAMES[found[2]].search(page, found.end(), page.find("</div>", found.end()))
        label = _TAG.sub("", name[1]).replace('"', "&#34;").strip() if name else ""
        return f'<div class="{found[1]}" tabindex="0" role="group" aria-label="{label}">'

    return _OUTSIDE.sub('<a rel="external" href="', _SCROLL.sub(named, page))


__all__ = ["accessible"]
