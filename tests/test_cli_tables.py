"""Tables of the command line: nothing is cut, wherever they are printed."""

from __future__ import annotations

import re
import sys

import pytest

from forecast.cli.printing import say_table

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


@pytest.mark.parametrize("width", [20, 40, 80])
@pytest.mark.parametrize("whole", [(), ("name",)])
def test_a_narrow_terminal_loses_no_letter(width, whole, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    say_table(HEADING, ROWS, whole=lambda name: name in whole)
    out = re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out)
    assert "…" not in out
    wanted = "".join("".join(row) for row in [HEADING, *ROWS])
    assert sorted(re.sub(r"\s", "", out)) == sorted(re.sub(r"\s", "", wanted))
    if whole:
        assert "epoch_2024_dataset_sizes" in out


def test_facts_need_no_heading(capsys):
    say_table(None, [("size:", "80 rows"), ("licence:", "CC BY 4.0")])
    assert capsys.readouterr().out.splitlines() == ["size:     80 rows", "licence:  CC BY 4.0"]
