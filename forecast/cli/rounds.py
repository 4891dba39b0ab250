"""``forecast rounds``: forecasts of checkable quantities, frozen with a hash, and their scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from forecast.cli.options import AsJson, Jobs, Quiet, teller
from forecast.cli.printing import say, say_json, say_table, say_text

app = typer.Typer(
    no_args_is_help=True, help="Rounds: forecasts of checkable quantities, frozen beforehand, scored later."
)

Round = Annotated[
    str, typer.Argument(metavar="ROUND", help="A shipped round, or a frozen file of your own that ends in .json.")
]
AnyRound = Annotated[
    str | None,
    typer.Argument(metavar="ROUND", help="One round, or a file that ends in .json; all shipped ones by default."),
]
Out = Annotated[
    Path | None,
    typer.Option("--out", metavar="FILE", help="Where it goes; by default with the shipped ones, in a checkout."),
]


@app.command("list")
def list_rounds(as_json: AsJson = False) -> None:
    """List the frozen rounds, and how many of their questions have resolved."""
    from forecast.evaluate.rounds.board import scored_rounds, sentence

    found = scored_rounds()
    if as_json:
        say_json({"rounds": [_plain(one) for one in found]}, indent=1, allow_nan=False)
        return
    say_text(sentence(found))
    if not found:
        return
    say("")
    say_table(
        ("round", "frozen", "data to", "counts", "questions", "resolved", "next resolves"),
        (
            (
                one["round"],
                one["frozen"],
                one["as_of"],
                "no, a trial" if one["trial"] else "yes",
                str(len(one["questions"])),
                str(sum(question["resolved"] is not None for question in one["questions"])),
                min((q["resolves"] for q in one["questions"] if q["resolved"] is None), default=""),
            )
            for one in found
        ),
        right=(4, 5),
    )


@app.command("show")
def show_round(name: Round, as_json: AsJson = False) -> None:
    """Show the questions of a round, what this forecast and its rivals said, and what they came to."""
    from forecast.evaluate.rounds.board import COLUMNS, rows, sentence

    (one,) = _scored(name)
    if as_json:
        say_json({"rounds": [_plain(one, rivals=True)]}, indent=1, allow_nan=False)
        return
    say_text(sentence([one]), "")
    asked = rows(one)
    came, theirs = (any(row[place] for row in asked) for place in (4, 3))
    shown = [0, 1, 2, *([4] if came else [])]
    say_table([COLUMNS[place] for place in shown], [[row[place] for place in shown] for row in asked])
    if theirs:
        say_text("", "Medians of the rivals:")
        say_text(*(f"  {row[0]}: {row[3]}" for row in asked if row[3]), hang=2)
    say_text("", "Exact questions:")
    say_text(*(f"  {question['name']}: {question['sentence']}" for question in one["questions"]), hang=2)


@app.command("freeze")
def freeze_round(
    name: Annotated[
        str | None,
        typer.Option("--name", metavar="ROUND", help="Name of the round; by default this half-year, such as 2026H2."),
    ] = None,
    trial: Annotated[bool, typer.Option("--trial", help="A trial, which does not count.")] = False,
    out: Out = None,
    jobs: Jobs = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Freeze a round from the baseline and the shipped tables; a round that is frozen is never replaced."""
    import datetime as dt

    from forecast.evaluate.rounds import files
    from forecast.evaluate.rounds.freezing import TRIAL, freeze, round_name

    today = dt.datetime.now(dt.UTC).date()
    named = round_name(today, trial=trial) if name is None else f"{TRIAL if trial else ''}{name.removeprefix(TRIAL)}"
    place = files.check_place(named, out)
    tell = teller(quiet or as_json)
    from forecast.evaluate.rounds.ours import of_baseline
    from forecast.evaluate.rounds.tables import shipped

    content = freeze(named, of_baseline(tell, jobs), shipped(), today=today, progress=tell)
    sha256 = files.write(content, place)
    if as_json:
        say_json({**content, "sha256": sha256}, indent=1, allow_nan=False)
    else:
        say(f"Round {named}: {len(content['questions'])} questions frozen in {place}, SHA-256 {sha256}")


@app.command("score")
def score_rounds(
    name: AnyRound = None,
    keep: Annotated[
        bool, typer.Option("--keep", help="Keep what has newly resolved, so that it counts once (in a checkout).")
    ] = False,
    hub: Annotated[
        Path | None,
        typer.Option(
            "--hub", metavar="DIR", help="A hub (forecast export hub) whose submissions are scored beside us."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Score what has resolved: CRPS (Brier score of a yes or no) of this forecast, of every rival, and of submissions."""
    import datetime as dt

    from forecast.errors import InputError
    from forecast.evaluate.rounds import files
    from forecast.evaluate.rounds.board import BOARD_COLUMNS, board_rows, sentence
    from forecast.evaluate.rounds.scoring import newly_resolved, scoreboard

    if keep and name is not None and name not in files.names():
        raise InputError(f"--keep with {name}", "a shipped round", "leave --keep out")
    found = _scored(name) if hub is None else _scored_with(hub, name)
    if keep:
        today, kept = dt.datetime.now(dt.UTC).date().isoformat(), files.read_kept()
        for one in found:
            kept[one["round"]] = newly_resolved(one, kept.get(one["round"], {}), today)
        files.write_kept({key: value for key, value in kept.items() if value})
    if as_json:
        say_json({"rounds": [_plain(one) for one in found], "scoreboard": scoreboard(found)}, indent=1, allow_nan=False)
        return
    say_text(sentence(found))
    for one in found:
        lines = score_lines(one)
        if lines:
            say_text("", f"Round {one['round']}{' (a trial: does not count)' if one['trial'] else ''}:", "")
            say_table(("question", "came to", "scores, best first"), lines)
    if board := board_rows(found):
        say_text("", "Scoreboard: mean scores over resolved questions, smaller is better; ratio ours over theirs", "")
        say_table(BOARD_COLUMNS, board)


@app.command("check")
def check_submissions(
    place: Annotated[Path, typer.Argument(metavar="HUB|FILE", help="A hub, or one table of model output in it.")],
    as_json: AsJson = False,
) -> None:
    """Check what other teams submitted to a hub (see its README.md); exit code 1 where a file cannot be scored."""
    from forecast.exchange.submissions import check_file, submissions

    found = submissions(place) if place.is_dir() else [check_file(place)]
    if as_json:
        told = [
            {"model": s.model, "file": str(s.path), "round": s.round, "answers": len(s.answers), "problem": s.problem}
            for s in found
        ]
        say_json({"holds": all(s.problem is None for s in found), "submissions": told}, indent=1)
    else:
        for one in found:
            say(f"{one.path.name}: {one.problem or f'holds, {len(one.answers)} answers to round {one.round}'}")
        if not found:
            say("No submission of another team.")
    if any(one.problem for one in found):
        raise typer.Exit(1)


def score_lines(one: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Return the resolved questions of a round with all scores."""
    from forecast.evaluate.rounds.board import rows

    came = {row[0]: row[-1] for row in rows(one)}
    return [
        (
            question["name"],
            came[question["name"]],
            ", ".join(f"{who} {value:.3g}" for who, value in sorted(question["scores"].items(), key=lambda s: s[1])),
        )
        for question in one["questions"]
        if question["resolved"] is not None
    ]


def _scored_with(hub: Path, name: str | None) -> Sequence[dict[str, Any]]:
    """Return rounds with the submissions of a hub; what cannot be scored is told and left out."""
    from forecast.exchange.submissions import scored_with_submissions, submissions

    tell = teller(quiet=False)
    for one in submissions(hub):
        if one.problem:
            tell(f"note: left out {one.path.name}: {one.problem}")
    return scored_with_submissions(hub, None if name is None else [name])


def _scored(name: str | None) -> Sequence[dict[str, Any]]:
    """Return one round or all shipped ones, resolved by the shipped tables."""
    from forecast.evaluate.rounds import files
    from forecast.evaluate.rounds.board import scored_rounds
    from forecast.evaluate.rounds.scoring import resolve

    if name is None:
        return scored_rounds()
    frozen = files.read(name)
    from forecast.evaluate.rounds.tables import shipped

    kept = files.read_kept().get(frozen["round"]) if name in files.names() else None
    return [resolve(frozen, shipped(), kept)]


def _plain(one: Mapping[str, Any], *, rivals: bool = False) -> dict[str, Any]:
    """Return a round as the contract has it; the rivals' distributions only where one round is shown."""
    left = () if rivals else ("rivals",)
    return {
        **one,
        "questions": [{key: value for key, value in q.items() if key not in left} for q in one["questions"]],
    }
