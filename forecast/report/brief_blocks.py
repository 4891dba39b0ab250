"""What a brief is made of: sections of blocks, the same for every form that it is written in.

Every text here is data. Who writes a form shows it as text, and escapes or passes on what it must.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Form = Literal["pdf", "markdown"]
"""A form of the brief beside the page."""


@dataclass(frozen=True)
class Paragraph:
    """Running text; `lead` is a few words in bold before it."""

    text: str
    lead: str = ""
    kind: str = "paragraph"


@dataclass(frozen=True)
class Quotation:
    """The sentence that is made to be quoted."""

    text: str
    kind: str = "quotation"


@dataclass(frozen=True)
class Bullets:
    """A list of short texts, each with a lead in bold."""

    items: tuple[tuple[str, str], ...]
    kind: str = "bullets"


@dataclass(frozen=True)
class BriefTable:
    """A table with a header row.

    Parameters
    ----------
    caption : str
        What it shows.
    columns : tuple of str
        The header.
    rows : tuple of tuple of str
        As many cells as columns; the first is the row's header.
    widths : tuple of float
        Shares of the width, or empty for what the cells ask for.
    sides : str
        One letter per column, l for words, set to the left, r for numbers, set to the right; by default
        the first column holds words and the others numbers.
    small : bool
        Whether it is set small.
    addresses : tuple of str
        Where the last cell of each row leads, empty for nowhere; or none for all.
    """

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...] = ()
    sides: str = ""
    small: bool = False
    kind: str = "table"
    addresses: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Say how the cells are set, and refuse rows of another length."""
        count = len(self.columns)
        object.__setattr__(self, "sides", self.sides or "l" + "r" * (count - 1))
        if len(self.sides) != count or any(len(row) != count for row in self.rows):
            raise ValueError(f"a table of {count} columns with other sides or rows: {self.caption}")
        if self.addresses and len(self.addresses) != len(self.rows):
            raise ValueError(f"a table of {len(self.rows)} rows with {len(self.addresses)} addresses: {self.caption}")


@dataclass(frozen=True)
class Picture:
    """A figure.

    Parameters
    ----------
    name : str
        Its name: ``figures/<name>.svg`` and ``figures/<name>.csv``.
    title : str
        Its title.
    alt : str
        The figure in words.
    caption : str
        What comes below it; where it is empty, the figure says all itself.
    width : float
        Share of the page's width that it takes in print (per cent).
    """

    name: str
    title: str
    alt: str
    caption: str = ""
    kind: str = "picture"
    width: float = 100.0


@dataclass(frozen=True)
class Equation:
    """An equation as a row of marks.

    Parameters
    ----------
    marks : tuple of dict
        ``{"symbol": letter, "sub": text, "of": text}``, ``{"sign": name}`` with a name of `SIGNS`, ``{"words": text}``,
        or ``{"ten": symbol, "sub": text}`` for ten to the power of a symbol.
    """

    marks: tuple[dict[str, str], ...]
    kind: str = "equation"

    @property
    def alt(self) -> str:
        """The equation as it is read aloud."""
        spoken = []
        for mark in self.marks:
            if "sign" in mark:
                spoken.append(SIGNS[mark["sign"]][1])
            elif "words" in mark:
                spoken.append(mark["words"])
            else:
                letter = mark.get("symbol") or f"ten to the power of {mark['ten']}"
                below = f" {mark['sub']}" if mark.get("sub") else ""
                spoken.append(letter + below + (f" of {mark['of']}" if mark.get("of") else ""))
        return " ".join(spoken)


SIGNS = {
    "equals": ("=", "equals"),
    "times": (r"\times", "times"),
    "plus": ("+", "plus"),
    "reaches": (r"\ge", "is at least"),
    "first": (r"\inf", "the first"),
    "open": (r"\{", "of all"),
    "close": (r"\}", ""),
    "such": (":", "for which"),
}
"""Signs of equations: in LaTeX, and read aloud."""


@dataclass(frozen=True)
class BriefCode:
    """Text to be copied as it is."""

    text: str
    label: str = ""
    language: str = ""
    kind: str = "code"


@dataclass(frozen=True)
class Links:
    """Files beside the report: address and what it is."""

    items: tuple[tuple[str, str], ...]
    kind: str = "links"


Block = Paragraph | Quotation | Bullets | BriefTable | Picture | Equation | BriefCode | Links
"""Anything that a section holds."""


@dataclass(frozen=True)
class BriefSection:
    """A heading and what comes below it.

    Parameters
    ----------
    title : str
        The heading; empty for what opens the brief.
    blocks : tuple of Block
        In order.
    forms : tuple of str
        The forms that it belongs to.
    first : bool
        Whether it belongs to page one, which is one A4.
    """

    title: str
    blocks: tuple[Block, ...]
    forms: tuple[Form, ...] = ("pdf", "markdown")
    first: bool = False


@dataclass(frozen=True)
class Brief:
    """A forecast as something to read, whatever form it is written in.

    Parameters
    ----------
    title, subtitle : str
        Title, and one line below it.
    description : str
        What it says, in one sentence.
    author, created : str
        For the file's own record; ``created`` is ISO.
    sections : tuple of Section
        In order.
    """

    title: str
    subtitle: str
    description: str
    author: str
    created: str
    sections: tuple[BriefSection, ...]

    def of(self, form: Form) -> tuple[BriefSection, ...]:
        """Return the sections of one form."""
        return tuple(section for section in self.sections if form in section.forms)

    def pictures(self, form: Form) -> tuple[str, ...]:
        """Return the names of the figures of one form."""
        blocks: list[Any] = [block for section in self.of(form) for block in section.blocks]
        return tuple(block.name for block in blocks if isinstance(block, Picture))
