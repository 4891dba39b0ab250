"""``forecast scenario``: which scenarios there are, what one says, whether a file of your own is valid, how two differ, what can be set."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from forecast.cli.options import AsJson, Draws, Horizon, Jobs, Quiet, Seed, teller
from forecast.cli.printing import say, say_json, say_table, say_text
from forecast.cli.words import median_words, moved_sentence, points_between, setting_words, unit_of
from forecast.core.seeds import DEFAULT_SEED
from forecast.core.wording import percent_words, years_moved
from forecast.runs.sentence import HEADLINE_YEAR

if TYPE_CHECKING:
    from forecast.runs.scenario_diff import Answer, Differences

app = typer.Typer(
    no_args_is_help=True,
    help="Scenarios: list them, show one, check a file of your own, compare two, list settings and judgements.",
)

Name = Annotated[str, typer.Argument(metavar="NAME", help="A shipped name, or a path that ends in .toml.")]


@app.command("list")
def list_scenarios(as_json: AsJson = False) -> None:
    """List the shipped scenarios with the median and the probability by the end of 2030 that each gives."""
    from forecast.scenarios import scenario as scenarios

    loaded = [scenarios.load(name) for name in scenarios.names()]
    if as_json:
        say_json([{"name": s.name, "title": s.title, "world": s.description} for s in loaded], indent=1)
        return
    answers, state = _stored_answers()
    say_text(
        f"{len(loaded)} scenarios, each a different set of assumptions; no probabilities are assigned to them. "
        f"forecast scenario show NAME prints the assumptions of one.",
        "",
    )
    rows = [(s.name, *answers.get(s.name, ("", "")), s.title) for s in loaded]
    say_table(("scenario", "median", f"by {HEADLINE_YEAR}", "what happens"), rows, right=(1, 2), whole=_WHOLE)
    say_text("", state)


_WHOLE = {"scenario", "median", f"by {HEADLINE_YEAR}"}.__contains__


def _stored_answers() -> tuple[dict[str, tuple[str, str]], str]:
    """Return what each shipped scenario answered when it was last run, and what there is to say about that."""
    from forecast.core.wording import date_words, percent_words, year_phrase
    from forecast.ingest.stored import exists, read

    if not exists("scenarios"):
        return {}, "No answers are stored: forecast run NAME makes one."
    from forecast.evaluate.scenarios import settings

    found = read("scenarios", settings())
    answers = {
        row["name"]: (
            year_phrase(row["exhaustion_year"]["median"]),
            percent_words(row["exhaustion_year"]["probability_by"][str(HEADLINE_YEAR)]),
        )
        for row in found.content["scenarios"]
    }
    words = (
        f"Median year, and probability by the end of {HEADLINE_YEAR}, on data to {date_words(found.content['as_of'])}."
    )
    return answers, f"{words} {found.sentence()}" if found.stale else words


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
    say(
        f"{file} holds: {scenario.title}, {len(scenario.levers)} levers that act, {len(scenario.members)} growth models"
    )


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
    tell = teller(quiet or as_json)
    from forecast.runs.scenario_diff import differences
    from forecast.scenarios import scenario as scenarios

    a, b = scenarios.load(first), scenarios.load(second)
    found = differences(a, b, horizon=horizon, seed=seed, draws=draws, jobs=jobs, progress=tell)
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
    judged = sum(row["kind"] == "judgement" for row in rows)
    say_text(f"{len(rows)} numbers, {judged} of them judgement in whole or in part.", "")
    for row in rows:
        value = setting_words(row.get("word", row.get("value", row.get("quantiles"))), row["unit"])
        idle = "" if row["acts"] else " (changes nothing)"
        say_text(f"{row['lever']}.{row['setting']}{idle}: {value} [{row['kind']}] {row['reason']}", hang=2)


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
    say_text(
        "",
        "A * is what Scenario.replace sets by the lever's name. Quantiles, such as {q05 = 1, q95 = 2}, are within the bounds, "
        "too; a number must be above 0 unless 0 is a bound or neutral.",
    )


def _setting(row: dict[str, Any]) -> tuple[str, ...]:
    ends = ["" if row[end] is None else f"{row[end]:g}" for end in ("lower", "upper")]
    neutral = "-" if row["neutral"] is None else setting_words(row["neutral"])
    value = "-" if row["value"] is None else setting_words(row["value"])
    words = f" ({', '.join(row['choices'])})" if row["choices"] else ""
    star = " *" if row["main"] else ""
    return f"{row['setting']}{star}", row["unit"], *ends, neutral, value, f"{row['description']}{words}"


def _show_differences(found: Differences) -> None:
    from forecast.runs.scenario_diff import moved

    before, after = found.first_answer, found.second_answer
    names = (found.first.name, found.second.name)
    say_text(
        moved_sentence(names, (before.median, after.median), (before.probability, after.probability))
        if found.differences
        else f"Nothing differs between {names[0]} and {names[1]} that moves the answer.",
        "",
    )

    def row(name: str, answer: Answer) -> tuple[str, ...]:
        first = answer is before
        return (
            name,
            median_words(answer.median),
            percent_words(answer.probability),
            "" if first else years_moved(moved(answer.median, before.median)),
            "" if first else points_between(before.probability, answer.probability),
        )

    rows = [row(names[0], before), row(names[1], after)]
    rows += [row(f"  {one.name} alone", one.alone) for one in found.differences]
    say_table(("", "median", f"by {HEADLINE_YEAR}", "years", "points"), rows, right=range(1, 5))
    if found.differences:
        say("")
        say_table(("setting", *names), _changed_rows(found))
        say_text("", "A range is its median and, in brackets, the values between which it lies in nine of ten futures.")


def _changed_rows(found: Differences) -> list[tuple[str, str, str]]:
    """Return what differs, part by part, in the units of the settings."""
    rows = []
    for one in found.differences:
        rows.append((one.name, "", ""))
        for key, a, b in one.changes:
            unit = unit_of(one.name, key)
            rows.append((f"  {key}", setting_words(a, unit), setting_words(b, unit)))
    return rows
