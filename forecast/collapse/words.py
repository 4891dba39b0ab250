"""Words of a text in any script, for the n-gram experiment."""

from __future__ import annotations

import re
import sys
import unicodedata
from functools import cache

SPACELESS_SHARE = 0.5
"""From this share of letters on, a text in a script without spaces between words is counted by character."""

_JOINERS = "\u200c\u200d"  # zero-width: inside words of Persian and of the languages of India
_SPACELESS = (
    "\u0e00-\u0eff"  # Thai, Lao
    "\u1000-\u109f\ua9e0-\ua9ff\uaa60-\uaa7f"  # Burmese
    "\u1780-\u17ff"  # Khmer
    "\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\uff66-\uff9f"  # Japanese
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # Chinese characters
)


def words_of(text: str) -> tuple[list[str], bool]:
    r"""Cut a text into words, in lower case and in Unicode's normal form C.

    Letters, digits and the marks that combine with them make up words. Chinese, Japanese, Thai, Lao, Burmese and Khmer
    put no spaces between words: where such letters prevail, each of them, with its marks, counts as a word.

    Examples
    --------
    >>> words_of("The cat's e\u0301te\u0301"), words_of("हिन्दी भाषा")[0]
    ((['the', 'cat', 's', 'été'], False), ['हिन्दी', 'भाषा'])
    """
    if text.isascii():  # the quick way to the same words
        return re.findall(r"\w+", text.lower()), False
    plain = unicodedata.normalize("NFC", text.lower())
    word, letter, spaceless = _patterns()
    found = word.findall(plain)
    letters = sum(map(len, found))
    by_character = letters > 0 and len(spaceless.findall(plain)) >= SPACELESS_SHARE * letters
    return (letter.findall(plain) if by_character else found), by_character


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """Return the patterns of a word, of a word where letters without spaces are alone, and of such a letter."""
    # The engine's \w holds letters and digits, but not the marks that combine with them.
    marks = "".join(
        chr(code) for code in range(sys.maxunicode + 1) if unicodedata.category(chr(code)) in ("Mn", "Mc", "Me")
    )
    word = rf"[\w{marks}]+(?:[{_JOINERS}]+[\w{marks}]+)*"
    spaced = rf"(?:(?![{_SPACELESS}])[\w{marks}])+"
    return re.compile(word), re.compile(rf"[{_SPACELESS}][{marks}]*|{spaced}"), re.compile(rf"[{_SPACELESS}]")
