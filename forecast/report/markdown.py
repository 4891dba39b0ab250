"""The brief as Markdown, for repositories: tables and equations as GitHub shows them, figures beside it."""

from __future__ import annotations

import re
from urllib.parse import quote

from forecast.core.wording import tight
from forecast.report.brief_blocks import (
    SIGNS,
    Block,
    Brief,
    BriefCode,
    BriefTable,
    Bullets,
    Equation,
    Links,
    Paragraph,
    Picture,
    Quotation,
)
from forecast.text import one_line, printable

_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_LATEX = {
    "\\": r"\backslash ",
    "^": r"\hat{\ }",
    "~": r"\sim ",
    **{mark: f"\\{mark}" for mark in "{}$&#_%"},
}


def markdown(brief: Brief) -> str:
    """Return a brief as Markdown (GitHub's kind)."""
    parts = [f"# {text(brief.title)}", text(brief.subtitle)]
    for section in brief.of("markdown"):
        if section.title:
            parts.append(f"## {text(section.title)}")
        parts += [_block(block) for block in section.blocks]
    return "\n\n".join(parts) + "\n"


def text(words: str) -> str:
    r"""Return words such that Markdown shows them as they are.

    Examples
    --------
    >>> text("a_b <script> | $x$")
    'a\\_b &lt;script&gt; \\| \\$x\\$'
    """
    line = tight(one_line(words))
    line = re.sub(r"[&<>]", lambda found: _ENTITIES[found[0]], line)
    line = re.sub(r"[\\`*_\[\]#|$~!@]", r"\\\g<0>", line)
    # At the start of a line a number with a point, a hyphen or a plus would begin a list, an equals sign a heading.
    return re.sub(r"^(\d+)([.)])(?=\s|$)", r"\1\\\2", re.sub(r"^([-+=])(?=[\s=-]|$)", r"\\\1", line))


def _block(block: Block) -> str:
    match block:
        case Paragraph():
            return f"**{text(block.lead)}** {text(block.text)}" if block.lead else text(block.text)
        case Quotation():
            return f"> **{text(block.text)}**"
        case Bullets():
            return "\n".join(
                f"- **{text(lead)}** {text(words)}" if lead else f"- {text(words)}" for lead, words in block.items
            )
        case BriefTable():
            return _table(block)
        case Picture():
            return (
                f"![{text(block.alt)}](figures/{block.name}.svg)\n\n"
                f"*{text(block.caption or block.title)}* ([data](figures/{block.name}.csv))"
            )
        case Equation():
            return f"```math\n{latex(block)}\n```"
        case Links():
            return "\n".join(f"- [{text(words)}]({_address(address)})" for address, words in block.items)
        case BriefCode():
            label = f"{text(block.label)}:\n\n" if block.label else ""
            fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", block.text)), default=0))
            return f"{label}{fence}{block.language}\n{printable(block.text)}\n{fence}"


def _table(table: BriefTable) -> str:
    lines = [table.columns, tuple("---" if side == "l" else "---:" for side in table.sides), *table.rows]
    rows = [[cell if place == 1 else text(cell) for cell in line] for place, line in enumerate(lines)]
    for row, address in zip(rows[2:], table.addresses, strict=False):
        row[-1] = f"[{row[-1]}](<{_address(address)}>)" if address else row[-1]
    return f"{text(table.caption)}:\n\n" + "\n".join(f"| {' | '.join(cells)} |" for cells in rows)


def _address(address: str) -> str:
    """Return an address that neither ends its link nor its cell."""
    return quote(one_line(address), safe=":/?#@!$&'()*+,;=%~-._")


def latex(equation: Equation) -> str:
    """Return an equation in LaTeX.

    Examples
    --------
    >>> latex(Equation(({"symbol": "S", "of": "t"}, {"sign": "equals"}, {"ten": "u"})))
    'S(t) = 10^{u}'
    """
    found = []
    for mark in equation.marks:
        if "sign" in mark:
            found.append(SIGNS[mark["sign"]][0])
        elif "words" in mark:
            found.append(rf"\text{{{_latex(mark['words'])}}}")
        else:
            below = rf"_{{\text{{{_latex(mark['sub'])}}}}}" if mark.get("sub") else ""
            letter = mark["symbol"] + below if "symbol" in mark else f"10^{{{mark['ten']}}}"
            found.append(letter + (f"({_of(mark['of'])})" if mark.get("of") else ""))
    return " ".join(found)


def _of(argument: str) -> str:
    return argument.replace("≤", r"\le")


def _latex(words: str) -> str:
    return re.sub(r"[\\~^{}$&#_%]", lambda found: _LATEX[found[0]], one_line(words)).replace("≤", r"$\le$")
