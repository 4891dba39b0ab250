"""Tables of the command line: nothing is cut, wherever they are printed."""

from __future__ import annotations

import os
import re
import sys

import pytest

from forecast.cli.printing import say_table, say_text

HEADING = ("name", "count", "what it is")
ROWS = [("epoch_2024_dataset_sizes", "80", "Data set sizes behind the 2024 estimate :x: [b]"), ("a", "1841", "Ends")]


def test_a_pipe_gets_a_line_a_row_and_every_word(capsys):
    say_table(HEADING, [*ROWS, ("b", "1", "word " * 300)], right=(1,))
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 4
    assert lines[1].split() == [word for cell in ROWS[0] for word in cell.split()]
    assert lines[3].count("word") == 300
    assert lines[1].index("80") + 2 == lines[2].index("1841") + 4, "numbers end in one column"
    assert not any(line.endswith(" ") for line in lines)


def printed(capsys):
    return re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out)


@pytest.mark.parametrize("width", [20, 40, 80])
@pytest.mark.parametrize("whole", [(), ("name",)])
def test_a_narrow_terminal_loses_no_letter_and_breaks_no_word(width, whole, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(width))
    say_table(HEADING, ROWS, whole=lambda name: name in whole)
    out = printed(capsys)
    assert "…" not in out
    assert max(map(len, out.splitlines())) <= width
    joined = re.sub(r"\s", "", out)
    for cell in (cell for row in ROWS for cell in row):
        for word in cell.split():
            assert word in (joined if len(word) > width - 4 else out.split())
    assert all(name in out for name in HEADING[1:])


def test_what_does_not_fit_in_columns_is_a_block_a_row(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "26")
    say_table(
        ("input", "median", "what would be measured"), [("pace", "2027.3 to 2032.1", "unmistakeable training sets")]
    )
    assert printed(capsys).splitlines() == [
        "pace",
        "  median",
        "    2027.3 to 2032.1",
        "  what would be measured",
        "    unmistakeable training",
        "    sets",
    ]


def test_a_terminal_has_a_width_without_being_asked(monkeypatch, capsys):
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.setattr("shutil.get_terminal_size", lambda *_: os.terminal_size((40, 20)))
    say_text("word " * 30)
    assert max(map(len, printed(capsys).splitlines())) == 39


def test_paragraphs_are_wrapped_and_addresses_stay_whole(capsys, monkeypatch):
    address = "https://example.org/" + "a" * 40
    monkeypatch.setenv("COLUMNS", "40")
    say_text(f"  One: the share is 79 % of {address} today", hang=2)
    assert printed(capsys).splitlines() == ["  One: the share is 79% of", f"    {address}", "    today"]
    monkeypatch.delenv("COLUMNS")
    say_text("A pipe gets one line, " * 20)
    assert printed(capsys).count("\n") == 1


def test_facts_need_no_heading(capsys):
    say_table(None, [("size:", "80 rows"), ("licence:", "CC BY 4.0")])
    assert capsys.readouterr().out.splitlines() == ["size:     80 rows", "licence:  CC BY 4.0"]
