"""What a terminal shows: every command fits, begins with a sentence, writes shares in one form; bar, manual, completion."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from sampling import environment

from forecast.cli import live
from forecast.cli.main import app, main
from forecast.cli.options import teller, warn
from forecast.cli.printing import say

STORED = (
    "scenario list",
    "scenario ledger",
    "claims",
    "vintages --stored",
    "sensitivity",
    "sensitivity --if",
    "calibrate",
    "backtest --stored",
    "backtest --histories --stored",
    "rounds list",
    "rounds show 2026H2",
    "rounds score",
    "data list",
    "data status",
    "data show epoch_models",
    "data cite",
    "--help",
    "run --help",
)
"""Commands that show what ships with the package, and compute next to nothing."""


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("words", STORED)
def test_a_command_fits_the_terminal(words, width, monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", str(width))
    assert main(words.split()) == 0
    said = capsys.readouterr().out.splitlines()
    too_long = [one for one in said if len(one) > width]
    assert all(len(one.split()) == 1 for one in too_long), "only an address may be longer than the line"
    assert not [one for one in said if re.search(r"\d %", one)]


@pytest.mark.parametrize("words", ["cache", "collapse", "data", "export", "rounds", "scenario"])
def test_a_group_without_a_command_shows_its_help(words, capsys):
    assert main([words]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.splitlines()[0].startswith(f"Usage: forecast {words} ")
    assert "Commands:" in said.err.splitlines()
    assert "error" not in said.err


@pytest.mark.parametrize("words", STORED[:14])
def test_a_command_begins_with_a_sentence(words, capsys):
    main(words.split())
    first = capsys.readouterr().out.splitlines()[0]
    assert re.match(r"[A-Z0-9]", first)
    assert first.endswith(".")
    assert "   " not in first


@pytest.mark.parametrize("width", [80, 120])
def test_sensitivity_loses_no_column(width, monkeypatch, capsys):
    from forecast.ingest.stored import read

    monkeypatch.setenv("COLUMNS", str(width))
    assert main(["sensitivity"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    for one in read("sensitivity", None).content["inputs"]:
        assert f"{one['title']}: {one['measurement']}" in said


def test_scenarios_are_listed_with_their_answers(capsys):
    from forecast.core.wording import percent_words
    from forecast.ingest.stored import read

    assert main(["scenario", "list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    for row in read("scenarios", None).content["scenarios"]:
        line = next(one for one in lines if one.startswith(f"{row['name']} "))
        assert percent_words(row["exhaustion_year"]["probability_by"]["2030"]) in line
        assert str(int(row["exhaustion_year"]["median"])) in line


# --- progress


@pytest.fixture
def terminal(monkeypatch):
    monkeypatch.setattr(live, "is_terminal", lambda: True)
    yield
    live.stop()


def test_a_pipe_hears_notes_and_warnings_only(capsys):
    tell = teller(quiet=False)
    tell("fitted damped, 1 of 4")
    tell("note: one row was not used")
    warn("a report is made again")
    assert capsys.readouterr().err.splitlines() == ["note: one row was not used", "a report is made again"]
    teller(quiet=True)("note: one row was not used")
    assert capsys.readouterr().err == ""


def test_a_log_may_ask_for_lines(monkeypatch, capsys):
    monkeypatch.setenv(live.LINES, "1")
    teller(quiet=False)("fitted damped, 1 of 4")
    assert capsys.readouterr().err == "fitted damped, 1 of 4\n"


def test_a_terminal_sees_what_is_done_until_the_result_comes(terminal, capsys):
    tell = teller(quiet=False)
    tell("fitting 4 growth models, about 2 min")
    tell("fitted damped, 1 of 4")
    assert live._bar is not None
    task = live._bar.tasks[0]
    assert (task.description, task.completed, task.total) == ("fitted damped, 1 of 4", 1, 4)
    assert task.fields["left"] == "about 1 min left"
    tell("fitted a\x1b[31m, 2 of 4")
    assert "\x1b" not in live._bar.tasks[0].description
    warn("a report is made again")
    say("the result")
    assert live._bar is None
    said = capsys.readouterr()
    assert said.out == "the result\n"
    assert "a report is made again" in said.err


def test_quiet_draws_nothing(terminal, capsys):
    teller(quiet=True)("fitted damped, 1 of 4")
    assert live._bar is None
    assert capsys.readouterr().err == ""


def test_what_is_fitted_and_how_long_it_takes_is_said_first():
    from forecast.consumption.fitting import FIT_SECONDS, FitRequest, _fitting_words
    from forecast.consumption.members import member

    missing = [FitRequest(member(name), None) for name in ("damped", "record_drift", "compute_led")]
    said = _fitting_words(missing, jobs=2, scheduler=None)
    assert said.startswith(f"fitting 3 growth models, about {-(-2 * FIT_SECONDS // 60)} min (")
    assert member("damped").title.lower() in said


# --- manual and completion


def test_the_manual_has_every_command_and_option(capsys):
    import typer

    assert main(["man"]) == 0
    page = capsys.readouterr().out
    assert page.startswith(".TH FORECAST 1 ")
    group = typer.main.get_command(app)

    def commands(found, path):
        for name, one in found.commands.items():
            if hasattr(one, "commands"):
                yield from commands(one, f"{path} {name}")
            else:
                yield f"{path} {name}", one

    listed = dict(commands(group, "forecast"))
    assert {"forecast run", "forecast data cite", "forecast man"} <= set(listed)
    for path, one in listed.items():
        section = page.partition(f'.SS "{path.replace("-", chr(92) + "-")} ')[2].partition(".SS")[0]
        assert section, path
        for param in one.params:
            for option in param.opts:
                if option.startswith("--") and option != "--help":
                    assert option.replace("-", "\\-") in section, (path, option)
    known = (".TH", ".SH", ".SS", ".TP", ".PP", ".B ")
    assert all(line.startswith(known) for line in page.splitlines() if line.startswith((".", "'")))


@pytest.mark.skipif(sys.platform == "win32", reason="another shell")
@pytest.mark.parametrize(
    ("typed", "wanted"), [("forecast scen", {"scenario"}), ("forecast run closed", {"closed_web"})]
)
def test_a_shell_completes_commands_and_scenarios(typed, wanted):
    line = [sys.executable, "-m", "forecast.cli.main"]
    asked = {"_FORECAST_COMPLETE": "complete_bash", "COMP_WORDS": typed, "COMP_CWORD": str(len(typed.split()) - 1)}
    done = subprocess.run(line, env=environment(**asked), capture_output=True, text=True, check=False)
    assert set(done.stdout.split()) == wanted
