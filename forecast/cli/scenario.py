"""``forecast scenario``: which scenarios there are, what one says, whether a file of your own is valid, how two differ, what can be set."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from forecast.cli.options import AsJson, Draws, Horizon, Jobs, Quiet, Seed, teller
from forecast.cli.printing import say, say_json, say_table
from forecast.core.seeds import DEFAULT_SEED

if TYPE_CHECKING:
    from forecast.runs.scenario_diff import Answer, Differences

app = typer.Typer(
    no_args_is_help=True,
    help="Scenarios: list them, show one, check a file of your own, compare two, list settings and judgements.",
)

Name = Annotated[str, typer.Argument(metavar="NAME", help="A shipped name, or a path that ends in .toml.")]


@app.command("list")
def list_scenarios(as_json: AsJson = False) -> None:
    """List the shipped scenarios, each with its description."""
    from forecast.scenarios import scenario as scenarios

    loaded = [scenarios.load(name) for name in scenarios.names()]
    if as_json:
        say_json([{"name": s.name, "title": s.title, "world": s.description} for s in loaded], indent=1)
        return
    width = max(len(s.name) for s in loaded)
    for scenario in loaded:
        say(f"{scenario.name.ljust(width)}  {scenario.title}: {scenario.description}")


@app.command("show")
def show_scenario(name: Name) -> None:
    """Show a scenario with everything that it takes over from others."""
    from forecast.scenarios import scenario as scenarios

    say_json(scenarios.load(name).to_dict(), indent=1)


@app.command("check")
def check_scenario(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A path that ends in .toml.")],
) -> None:
    """Check a scenario file; one line says what is wrong."""
    from forecast.scenarios import scenario as scenarios

    scenario = scenarios.load(file)
    say(f"{file} holds: {scenario.title}, {len(scenario.levers)} levers that act, {len(scenario.members)} members")


@app.command("diff")
def diff_scenarios(
    first: Annotated[str, typer.Argument(metavar="A", help="A shipped name, or a path that ends in .toml.")],
    second: Annotated[str, typer.Argument(metavar="B", help="The scenario to compare it with.")],
    horizon: Horizon = 2100,
    seed: Seed = DEFAULT_SEED,
    draws: Draws = 4000,
    as_json: AsJson = False,
    quiet: Quiet = False,
    jobs: Jobs = None,
) -> None:
    """Print what differs, and how far each difference alone moves A's median and its probability by 2030."""
    from forecast.runs.scenario_diff import differences
    from forecast.scenarios import scenario as scenarios

    a, b = scenarios.load(first), scenarios.load(second)
    found = differences(a, b, horizon=horizon, seed=seed, draws=draws, jobs=jobs, progress=teller(quiet or as_json))
    if as_json:
        say_json(found.to_dict(), indent=1)
    else:
        _show_differences(found)


@app.command("ledger")
def show_ledger(name: Name = "baseline", as_json: AsJson = False) -> None:
    """List every number behind a scenario with its source; what is judgement says so."""
    from forecast.scenarios import scenario as scenarios
    from forecast.scenarios.ledger import ledger

    rows = ledger(scenarios.load(name))
    if as_json:
        say_json(rows, indent=1)
        return
    for row in rows:
        shown = row.get("word", row.get("value", row.get("quantiles")))
        idle = "" if row["acts"] else " (changes nothing)"
        say(f"{row['lever']}.{row['setting']}{idle}: {_value(shown)} {row['unit']} [{row['kind']}] {row['reason']}")
    judged = sum(row["kind"] == "judgement" for row in rows)
    say(f"{len(rows)} numbers, {judged} of them judgement in whole or in part")


@app.command("settings")
def show_settings(name: Name = "baseline", as_json: AsJson = False) -> None:
    """List every setting with unit, bounds and neutral value, and what a scenario says for it."""
    from forecast.scenarios import scenario as scenarios
    from forecast.scenarios.settings import settings

    scenario = scenarios.load(name)
    rows = settings(scenario)
    if as_json:
        say_json(rows, indent=1)
        return
    heading = ("setting", "unit", "from", "to", "neutral", scenario.name, "what it is")
    say_table(heading, [_setting(row) for row in rows], right=(2, 3))
    say("", "A * is what Scenario.replace sets by the lever's name. Quantiles, such as {q05 = 1, q95 = 2}, are within")
    say("the bounds, too; a number must be above 0 unless 0 is a bound or neutral.")


def _setting(row: dict[str, Any]) -> tuple[str, ...]:
    ends = ["" if row[end] is None else f"{row[end]:g}" for end in ("lower", "upper")]
    neutral = "-" if row["neutral"] is None else _value(row["neutral"])
    value = "-" if row["value"] is None else _value(row["value"])
    words = f" ({', '.join(row['choices'])})" if row["choices"] else ""
    star = " *" if row["main"] else ""
    return f"{row['setting']}{star}", row["unit"], *ends, neutral, value, f"{row['description']}{words}"


def _show_differences(found: Differences) -> None:
    from forecast.runs.scenario_diff import moved

    before = found.first_answer
    rows = [
        (found.first.name, *_answer(before), "", ""),
        (found.second.name, *_answer(found.second_answer), *_moves(found.second_answer, before, moved)),
    ]
    rows += [
        (f"  {one.name} alone", *_answer(one.alone), *_moves(one.alone, before, moved)) for one in found.differences
    ]
    say_table(("", "median", "by 2030", "years", "points"), rows, right=range(1, 5))
    if not found.differences:
        say("Nothing differs that moves the answer.")
    for one in found.differences:
        say(one.name)
        for key, a, b in one.changes:
            say(f"  {key}: {_value(a)} -> {_value(b)}")


def _answer(answer: Answer) -> tuple[str, str]:
    from forecast.core.wording import year_tenth
    from forecast.runs.sentence import percent

    median = "not within the horizon" if answer.median == float("inf") else year_tenth(answer.median)
    return median, percent(answer.probability)


def _moves(answer: Answer, before: Answer, moved: Any) -> tuple[str, str]:
    years = moved(answer.median, before.median)
    shown = "never" if years == float("inf") else "no longer never" if years == -float("inf") else f"{years:+.1f}"
    return shown, f"{100 * (answer.probability - before.probability):+.0f}"


def _value(value: Any) -> str:
    if value is None:
        return "not named"
    if isinstance(value, dict):
        return ", ".join(f"{key} {number:g}" for key, number in value.items())
    if isinstance(value, list):
        return ", ".join(str(item) for item in value)
    return f"{value:g}" if isinstance(value, float) else str(value)
