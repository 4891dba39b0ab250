"""Words, numbers and dates that have broken programs, and plain ones among them."""

from __future__ import annotations

from hypothesis import strategies as st

WORDS = [
    "", " ", "-", ".", "..", "~", "nan", "None", "null", "true", "0", "GPT-4", "Llama 3.3 70B", "GLM 4.5", "baseline",
    "\x1b[31mred\x1b[0m", "\x1b]0;title\x07", "\x9b31m", "a\x00b", "a\x7fb", "a\rb", "a\nb", "a\tb", "a\x85b", "a\u2028b",
    "\u202egnp.exe", "\u2066a\u2069", "\u200f", "\ufeff", "e\u0301\u0301\u0301", "ï»¿", "\U0001f9ee", "नमस्ते", "模型",
    "$x$", "$\\frac{", "\\input{/etc/passwd}", "#%", "#panic()", "%s%n", "{{7*7}}", "{% raw %}", "[red]rich[/red]", "[/x]",
    "=cmd|' /C calc'!A0", "+1", "@SUM(A1)", "<script>alert(1)</script>", "</style>", "&amp;", "'", '"', "''", '"""',
    "x" * 5_000, "1" + "-" * 40_000, "(" * 3_000, "1.5T tokens " * 800, "a " * 5_000, "9" * 5_000, "1 " * 10_000,
    "active " * 2_000, "1" + "," * 9_000, "1B-" * 5_000,
]  # fmt: skip
"""Words that mean something to a terminal, a spreadsheet, a typesetter or a parser, and long ones that feed a regex."""

NUMBERS = [
    "1e13", "1.4e12", "15T", "15T+", "1.5e13 tokens", "1,300,000,000,000", "1.300.000.000.000", "1300000000000", "2e12", "3e11",
    "1e400", "-1e12", "0", "1e-300", "nan", "inf", "-inf", "1_000", "½", "１２", "0x10", "1e", "e5", "1/0", "12%", "1" + "0" * 400,
    "1E+13", "1,5e13", "~1T", "1-2T", "1e13 words", "40 GB", "1.2 trillion",
]  # fmt: skip
"""Sizes as people write them, and as nobody should."""

DATES = [
    "2024-01-01", "2023-06-30", "2022-02-28", "2021-11-05", "2020-05-28", "May 2024", "2024-05", "2024", "45292", "05/06/2024",
    "31/12/2023", "2024-13-45", "9999-12-31", "0001-01-01", "0000-00-00", "2024-01-01T23:00:00+14:00", "2024-01-01 00:00",
    "-1", "1e9", "1" + "0" * 30, "2087-01-01", "1949-12-31", "yesterday", "2024-W05", "2024-02-30",
]  # fmt: skip
"""Publication dates in the forms that occur, and impossible ones."""

words = st.one_of(st.sampled_from(WORDS), st.text(max_size=12))
numbers = st.one_of(st.sampled_from(NUMBERS), st.floats().map(str), st.integers().map(str))
dates = st.one_of(st.sampled_from(DATES), st.dates().map(str), st.integers(-(10**6), 10**6).map(str))
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 10**6),
    st.floats(),
    words,
    st.sampled_from([10**9, -(10**9), 2**63, 1e308, [], {}, [[]], {"a": {}}, [None], "PASS", "FAIL"]),
)
"""Values of JSON, most of them of a wrong type wherever they stand."""


def rarely(draw: st.DrawFn, one_in: int) -> bool:
    """Return True once in so many times: what is broken in many places is refused at the first of them."""
    return draw(st.sampled_from([False] * (one_in - 1) + [True]))


@st.composite
def mangled(draw: st.DrawFn, content: bytes) -> bytes:
    """Bytes with a few of them changed, left out, doubled or put in."""
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.integers(0, len(content)))
        stop = min(len(content), place + draw(st.sampled_from([0, 1, 2, 8, 100])))
        filling = content[place:stop] * 2
        if draw(st.booleans()):
            filling = draw(st.binary(max_size=4)) or draw(words).encode("utf-8", "surrogatepass")
        content = content[:place] + filling + content[stop:]
    return content
