r"""Text from outside on its way out: one rule for terminals, pages, figures, tables and error lines.

Names, titles, notes, paths and answers of servers may hold characters that command a terminal, reorder what is read or
break a file format. Data keep them; whatever leaves this package for a reader passes through here. A control character
leaves the mark U+FFFD, since something stood there; an invisible one leaves nothing, since nothing was to be seen.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

MARK = "\ufffd"
"""What stands for a character that cannot be shown: the replacement character of Unicode."""

MOST = 400
"""Longest part of an error line (characters); judgement: the longest list of known names has 370."""

MOST_QUOTED = 100
"""Longest value that is quoted in an error line (characters); judgement: enough to find it again."""

_BREAKS = re.compile(r"\r\n?|[\v\f\x85\u2028\u2029]")
# Control characters but newline and tab; halves of surrogate pairs and noncharacters, which no file may hold.
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
# Zero-width spaces and joiners, marks and overrides of the direction of writing, byte-order marks, tags.
_INVISIBLE = re.compile(
    r"[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
_SURROGATES = re.compile(r"[\ud800-\udfff]")
_HIDDEN = re.compile(f"{_CONTROLS.pattern}|{_INVISIBLE.pattern}|[\u2028\u2029]")
# The wide forms too: some spreadsheets read them as the narrow ones.
_FORMULA = re.compile(r"[' ]*[=+\-@\uff1d\uff0b\uff0d\uff20]")
_QUOTED_FORMULA = re.compile(f"'{_FORMULA.pattern}")


def printable(text: str) -> str:
    r"""Return text without anything that commands a terminal, reorders what is read or is forbidden in XML.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    str
        Line breaks of every kind as newlines, tabs as they are, control characters as `MARK`, invisible ones gone.

    Examples
    --------
    >>> printable("a\x1b[31m\u202eb\r\nc")
    'a\ufffd[31mb\nc'
    """
    if text.isprintable():
        return text
    return _CONTROLS.sub(MARK, _INVISIBLE.sub("", _BREAKS.sub("\n", text)))


def line(text: object) -> str:
    r"""Return text as one line, spaces as they are: a cell of a table, a line on a terminal.

    Examples
    --------
    >>> line("  a\tb\nc")
    '  a b c'
    """
    return printable(str(text)).replace("\n", " ").replace("\t", " ")


def some(words: Sequence[str], most: int, between: str = ", ") -> str:
    """Return the first few of a list, and how many more there are.

    Examples
    --------
    >>> some(["a", "b", "c"], 2)
    'a, b and 1 more'
    """
    more = len(words) - most
    joint = "; and" if between == "; " else " and"
    return between.join(words[:most]) + (f"{joint} {more} more" if more > 0 else "")


def capital(text: str) -> str:
    """Return text that begins with a capital letter, the rest as it is."""
    return text[:1].upper() + text[1:]


def one_line(text: object) -> str:
    r"""Return text as one line without spaces to spare: a name, a title, a message.

    Examples
    --------
    >>> one_line(" GPT\n  4\x00 ")
    'GPT 4\ufffd'
    """
    return " ".join(printable(str(text)).split())


def shortened(text: str, most: int = MOST) -> str:
    """Return text with its middle left out where it is long, so that both ends can be recognised.

    Examples
    --------
    >>> shortened("abcdefghijklmnopqrstuvwxyz", 12)
    'abcdefgh\u2026xyz'
    """
    if len(text) <= most:
        return text
    end = (most - 1) // 3
    return f"{text[: most - 1 - end]}\u2026{text[len(text) - end :]}"


def quoted(value: object) -> str:
    """Return a value as Python writes it, whatever it is: the way to name it in an error.

    Examples
    --------
    >>> quoted("a"), quoted(16**5000)
    ("'a'", 'a number of more than 4,000 digits')
    """
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    try:
        return shortened(repr(value), MOST_QUOTED)
    except (ValueError, RecursionError):  # how Python refuses to write numbers without end, and lists within lists
        is_number = isinstance(value, int)
        return "a number of more than 4,000 digits" if is_number else "something too long or too deep to be shown"


def json_text(value: Any, **named: Any) -> str:
    r"""Return JSON that is safe on a terminal and in any file: what could not be shown is escaped, and nothing is lost.

    Examples
    --------
    >>> json_text("é\x9b\u202e\ud800") == r'"é\u009b\u202e\ud800"'
    True
    """
    return _HIDDEN.sub(lambda found: json.dumps(found[0])[1:-1], json.dumps(value, ensure_ascii=False, **named))


def from_json(text: str) -> Any:
    r"""Read JSON from outside: halves of surrogate pairs, which no file or table may hold, become `MARK`.

    Examples
    --------
    >>> from_json(r'["\ud800", "\ud83e\udd99"]') == ["\ufffd", "\U0001f999"]
    True
    """
    try:
        value = json.loads(text, parse_constant=_no_number)
        if "\\ud" in text.lower():
            value = json.loads(_SURROGATES.sub(MARK, json.dumps(value, ensure_ascii=False)))
    except RecursionError:
        raise ValueError("JSON that is nested without end") from None
    return value


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is no number of JSON")


def to_cell(text: str) -> str:
    r"""Return text for a cell of a CSV: a spreadsheet that opens it takes it for text, never for a formula.

    Examples
    --------
    >>> to_cell("=1+1"), to_cell("GPT-4"), from_cell(to_cell("'=1"))
    ("'=1+1", 'GPT-4', "'=1")
    """
    plain = line(text)
    return f"'{plain}" if _FORMULA.match(plain) else plain


def from_cell(text: str) -> str:
    """Return a name as a cell of a CSV gives it: one line, without the apostrophe of `to_cell`.

    Examples
    --------
    >>> from_cell("'=1+1"), from_cell(" GPT-4 "), from_cell("'quoted'")
    ('=1+1', 'GPT-4', "'quoted'")
    """
    plain = line(text).strip()
    return plain[1:] if _QUOTED_FORMULA.match(plain) else plain


def to_csv(table: pd.DataFrame, **named: Any) -> str:
    r"""Return a table as CSV, every text through `to_cell`; numbers stay what they are.

    Examples
    --------
    >>> import pandas as pd
    >>> to_csv(pd.DataFrame({"model": ["@a", "b"], "tokens": [-1.0, 2.0]}))
    "model,tokens\n'@a,-1.0\nb,2.0\n"
    """
    safe = table.rename(columns=_cell)
    for place, dtype in enumerate(safe.dtypes):
        if dtype.kind == "O":  # texts, or texts among numbers
            safe.isetitem(place, [_cell(value) for value in safe.iloc[:, place]])
    return safe.to_csv(index=False, lineterminator="\n", **named)


def _cell(value: Any) -> Any:
    return to_cell(value) if isinstance(value, str) else value
