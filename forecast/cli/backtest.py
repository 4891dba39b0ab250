"""``forecast backtest``: how good these forecasts would have been, by a protocol that was frozen before."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from forecast.cli.evaluations import present
from forecast.cli.options import AsJson, Engine, Jobs, Quiet, Scheduler, teller
from forecast.cli.printing import say, say_json, say_table, say_text
from forecast.core.files import atomic_file, check_writable
from forecast.errors import InputError

Out = Annotated[
    Path | None,
    typer.Option("--out", metavar="DIR", help="A folder for figures (SVG), every scored forecast (CSV) and the JSON."),
]
Stored = Annotated[bool, typer.Option("--stored", help="Show the scores that ship with the package; compute nothing.")]
Without = Annotated[
    list[str] | None,
    typer.Option("--without", metavar="MODEL", help="Leave a model's row out, for forecasters and as a target."),
]


Histories = Annotated[
    bool, typer.Option("--histories", help="Score on histories of technologies: those shipped, or those of TABLE.")
]
Table = Annotated[
    Path | None,
    typer.Argument(
        metavar="TABLE",
        help="With --histories: a CSV with the columns series, kind, date, value, and domain, unit, family, better, as_of "
        "where known, there or in TABLE_series.csv.",
        show_default=False,
    ),
]


def backtest(
    table: Table = None,
    histories: Histories = False,
    stored: Stored = False,
    without: Without = None,
    engine: Engine = "particles",
    out: Out = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
    jobs: Jobs = None,
    scheduler: Scheduler = None,
) -> None:
    """Forecast from every half-year since 2019 and score the outcomes, by a protocol frozen beforehand."""
    if table is not None and not histories:
        raise InputError(f"the table {table}", "it with --histories", "add --histories, or leave the table out")
    if out is not None:
        check_writable(out)
    if histories:
        _histories(table, stored, without or [], out, as_json, quiet, jobs, scheduler)
        return
    tell, pit = teller(quiet or as_json), {"backtest_pit": "pit_histogram"}
    content, state = _content(stored, without or [], engine, tell, jobs, scheduler)
    present(
        "backtest", content, lambda: show(content, state), out=out, as_json=as_json, tell=tell, indent=None, more=pit
    )


def show(content: Mapping[str, Any], state: str) -> None:
    """Print a backtest: what is known, then scores, coverage and comparisons as tables."""
    from forecast.evaluate.backtest.skill import known

    say_text(*known(content))
    say_text("", "Scores (CRPS, WIS: smaller is better), on the record:")
    summary = content["summary"]
    say_table(SCORE_COLUMNS, summary_rows(summary), right=range(2, 7))
    say_text("", "How often the outcome lay in the interval (in brackets the 95% interval of that share):")
    say_table(("method", "50%", "80%", "95%"), coverage_rows(summary), right=(1, 3))
    say_text("", "CRPS of the combination over theirs; the 90% interval is by origin and target:")
    say_table(_PAIR_COLUMNS, pair_rows(content["pairs"]), right=(2, 4, 5))
    say_text("", "The same intervals clustered otherwise, and the ratio without an influential model:")
    say_table(_OTHER_COLUMNS, clustered_rows(content["pairs"]))
    say_text(*(f"  {one}" for one in passing_lines(content)), hang=2)
    for quantity, part in content["others"].items():
        say_text("", f"{_QUANTITIES[quantity]}: CRPS of the combination over theirs, all targets:")
        pairs = [pair for pair in part["pairs"] if pair["rows"] == "all"]
        say_table(_PAIR_COLUMNS, pair_rows(pairs), right=(2, 4, 5))
        say("")
        say_table(_OTHER_COLUMNS, clustered_rows(pairs))
    say_text("", "* only where it passes the gate; in brackets everywhere, as are the other columns")
    say_text("", "Targets:", *_goal_lines(content), hang=2)
    out = (f"{line['date']}: {line['method']}: {'; '.join(line['reasons'])}" for line in content["out"])
    say_text(*(f"  not scored or out at {one}" for one in out), hang=2)
    for entry in content.get("earlier", []):
        say_text("", f"Earlier protocol {entry['protocol'][:12]}, frozen {str(entry['frozen'])[:10]}:")
        say_text(*_goal_lines(entry), hang=2)
    ours = summary["combination"]
    frozen = f"frozen {content['frozen'][:10]}" if content.get("frozen") else "not frozen: a trial, not a test"
    say_text(
        "",
        f"Forecasts of the record {ours['n']}, distinct half-years {ours['n_targets']}, effective n of the 80% coverage "
        f"{ours['coverage_n_effective']['0.8']:.0f}. Protocol {content['protocol'][:12]}, {frozen}. {state}",
    )


def _goal_lines(content: Mapping[str, Any]) -> list[str]:
    return [f"  {'reached' if goal['reached'] else 'not reached'}: {goal['sentence']}" for goal in content["goals"]]


SCORE_COLUMNS = ("method", "kind", "CRPS", "WIS", "log score", "n", "effective")
"""Heading of the table of scores."""


def summary_rows(summary: Mapping[str, Mapping[str, Any]]) -> list[tuple[str, ...]]:
    """Return the lines of the table of scores."""
    rows: list[tuple[str, ...]] = []
    for name, entry in summary.items():
        passing, everywhere = entry.get("passing_only"), f"{entry['crps']:.3f}"
        rows.append(
            (
                name,
                entry["kind"],
                f"{passing['crps']:.3f}* ({everywhere})" if passing else everywhere,
                f"{entry['wis']:.3f}",
                f"{entry['log_score']:.2f}",
                str(entry["n"]),
                f"{entry['n_effective']:.0f}",
            )
        )
    return rows


def coverage_rows(summary: Mapping[str, Mapping[str, Any]]) -> list[tuple[str, ...]]:
    """Return the lines of the table of coverage."""
    rows: list[tuple[str, ...]] = []
    for name, entry in summary.items():
        half, most, nearly = (_percent(entry["coverage"][level]) for level in ("0.5", "0.8", "0.95"))
        low, high = entry["coverage_interval"]["0.8"]
        rows.append((name, half, f"{most} ({_percent(low)} to {_percent(high)})", nearly))
    return rows


def pair_rows(pairs: Sequence[Mapping[str, Any]]) -> list[tuple[str, ...]]:
    """Return the lines of the table of comparisons."""
    rows: list[tuple[str, ...]] = []
    for pair in pairs:
        passing, everywhere = pair.get("passing_only"), f"{pair['crps_ratio']:.2f}"
        ratio = f"{passing['crps_ratio']:.2f}* ({everywhere})" if passing else everywhere
        interval = "{:.2f} to {:.2f}".format(*pair["interval_0.9"])
        rows.append((pair["against"], pair["rows"], ratio, interval, str(pair["n"]), f"{pair['n_effective']:.0f}"))
    return rows


def clustered_rows(pairs: Sequence[Mapping[str, Any]]) -> list[tuple[str, ...]]:
    """Return the lines of the table of intervals clustered otherwise."""
    rows: list[tuple[str, ...]] = []
    for pair in pairs:
        stricter = pair.get("interval_0.9_by_corpus")
        without = [f"{line['model']}: {line['crps_ratio']:.2f}" for line in pair["without_influential"]]
        rows.append(
            (
                pair["against"],
                pair["rows"],
                "{:.2f} to {:.2f}".format(*pair["interval_0.9_by_target"]),
                "" if stricter is None else f"{stricter[0]:.2f} to {stricter[1]:.2f}",
                "; ".join(without),
            )
        )
    return rows


def _percent(share: float) -> str:
    """Return a share that was counted: none and all of them can be."""
    return f"{100 * share:.0f}%"


def passing_lines(content: Mapping[str, Any]) -> list[str]:
    """Say how members come off without the origins at which they failed the gate."""
    lines = []
    for pair in content["pairs"]:
        part = pair.get("passing_only")
        if part and pair["rows"] == "all":
            own = content["summary"][pair["against"]]["passing_only"]
            low, high = part["interval_0.9"]
            lines.append(
                f"{pair['against']} only where it passes the gate ({own['n']} of {pair['n']}): CRPS {own['crps']:.3f}, "
                f"80 % coverage {100 * own['coverage']['0.8']:.0f} %, ratio {part['crps_ratio']:.2f} ({low:.2f} to {high:.2f})"
            )
    return lines


_PAIR_COLUMNS = ("against", "rows", "ratio", "90% interval", "n", "effective")
_OTHER_COLUMNS = ("against", "rows", "by target", "by corpus", "without")


def _histories(
    table: Path | None,
    stored: bool,
    without: Sequence[str],
    out: Path | None,
    as_json: bool,
    quiet: bool,
    jobs: int | None,
    scheduler: str | None,
) -> None:
    """Score histories, or show what is stored of them."""
    tell = teller(quiet or as_json)
    from forecast.evaluate.histories import run as made

    if without or (stored and table is not None):
        named = "--without" if without else "--stored with a table"
        raise InputError(f"--histories and {named}", "one of them", "leave one out")
    if stored:
        found = made.read_stored()
        content, state = dict(found.content), found.sentence()
    else:
        content = made.backtest_histories(table, jobs=jobs, scheduler=scheduler, progress=tell)
        state = ""
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        with atomic_file(out / "histories.json") as temporary:
            temporary.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    if as_json:
        say_json(content, indent=None, allow_nan=False)
        return
    show_histories(content, state)
    if out is not None:
        say("", f"Written to {out}: histories.json")


def show_histories(content: Mapping[str, Any], state: str = "") -> None:
    """Print what histories tell: what is known and what is not, then ratios and coverage by set."""
    from forecast.evaluate.histories.run import failure_lines, known

    say_text(*known(content))
    for name in dict.fromkeys(pair["set"] for pair in content["pairs"]):
        own = [pair for pair in content["pairs"] if pair["set"] == name]
        whole = "record" if name == "text_burnt" else "all"
        clusters = " and ".join(own[0]["clustered_by"])
        say_text("", f"{_SETS[name]}: CRPS of {own[0]['of']} over theirs; the 90% interval is by {clusters}:")
        cuts = list(dict.fromkeys((pair["horizon"], pair["kind"]) for pair in own))
        table = {(pair["against"], pair["horizon"], pair["kind"]): pair for pair in own}
        listed = {
            against: pair
            for against in dict.fromkeys(pair["against"] for pair in own)
            if (pair := table.get((against, "all", whole)))
        }
        say_table(
            ("against", "ratio", "90% interval", "n", "effective"),
            (
                (
                    against,
                    f"{pair['crps_ratio']:.2f}",
                    "{:.2f} to {:.2f}".format(*pair["interval_0.9"]),
                    str(pair["n"]),
                    f"{pair['n_effective']:.0f}",
                )
                for against, pair in listed.items()
            ),
            right=(1, 3, 4),
        )
        if len(cuts) > 1:
            say("")
            say_table(
                ("ratio at", *(_cut(cut, whole) for cut in cuts[1:])),
                (
                    (
                        against,
                        *(
                            f"{found['crps_ratio']:.2f}" if (found := table.get((against, *cut))) else ""
                            for cut in cuts[1:]
                        ),
                    )
                    for against in listed
                ),
                right=range(1, len(cuts)),
            )
        if name in content["summary"]:
            say("")
            say_table(
                ("method", "CRPS", "50%", "80% (two errors)", "95%", "n"),
                (
                    (
                        method,
                        f"{entry['crps']:.3f}",
                        _percent(entry["coverage"]["0.5"]),
                        "{} ({} to {})".format(
                            *map(_percent, (entry["coverage"]["0.8"], *entry["coverage"]["interval_0.8"]))
                        ),
                        _percent(entry["coverage"]["0.95"]),
                        str(entry["n"]),
                    )
                    for method, entry in content["summary"][name].items()
                ),
                right=(1, 2, 4, 5),
            )
            say_text("", *failure_lines(content["failures"][name]), hang=2)
    say_text("", f"Protocol {content['protocol'][:12]}. {content['series']} series. {state}".rstrip())
    if content["too_short"]:
        say_text(f"Too short, not scored: {', '.join(content['too_short'])}.")


def _cut(cut: tuple[Any, str], whole: str) -> str:
    horizon, kind = cut
    return (
        f"{horizon:g} year{'' if horizon == 1 else 's'}" if horizon != "all" else f"{kind}s" if kind != whole else "all"
    )


_SETS = {
    "held_out": "Held-out half",
    "learning": "Learning half (neighbours without the series' own family)",
    "burnt": "Compute, parameters, vision and speech (burnt)",
    "user": "Your series",
    "text_burnt": "Text (burnt: its origins have been looked at)",
}

_QUANTITIES = {"maximum": "Largest size of each half-year", "largest": "Three largest sizes of each half-year"}


def _content(
    stored: bool,
    without: Sequence[str],
    engine: str,
    tell: Callable[[str], None],
    jobs: int | None,
    scheduler: str | None,
) -> tuple[dict[str, Any], str]:
    """Return scores, stored or computed, and what there is to say about their state."""
    from forecast.evaluate.backtest import run as made

    if stored:
        if engine != "particles":
            raise InputError(
                f"--stored with --engine {engine}", "one of them", "leave --stored out: it is by particles"
            )
        found = made.read_stored()
        return found.content, found.sentence()
    content = made.from_shipped(engine=engine, jobs=jobs, scheduler=scheduler, progress=tell, without=without)
    content["earlier"] = made.earlier(content["protocol"])
    left = f"Without {', '.join(without)}." if without else ""
    by = f"Posteriors by {'particles' if engine == 'particles' else 'NUTS'}."
    return content, " ".join(filter(None, (left, by)))
