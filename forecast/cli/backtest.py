"""``forecast backtest``: how good these forecasts would have been, by a protocol that was frozen before."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from forecast.cli.evaluations import present
from forecast.cli.options import AsJson, Engine, Jobs, Quiet, Scheduler, teller
from forecast.cli.printing import say, say_json, say_table
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
    content, state = _content(stored, without or [], engine, quiet or as_json, jobs, scheduler)
    tell, pit = teller(quiet or as_json), {"backtest_pit": "pit_histogram"}
    present(
        "backtest", content, lambda: show(content, state), out=out, as_json=as_json, tell=tell, indent=None, more=pit
    )


def show(content: Mapping[str, Any], state: str) -> None:
    """Print a backtest as tables and sentences."""
    from forecast.evaluate.backtest.skill import known

    for line in known(content):
        say(line)
    say("")
    ours = content["summary"]["combination"]
    frozen = f"frozen {content['frozen'][:10]}" if content.get("frozen") else "not frozen: a trial, not a test"
    say(f"Protocol {content['protocol'][:12]}, {frozen}. {state}")
    say(
        f"Forecasts of the record {ours['n']}, distinct half-years {ours['n_targets']}, effective n of the 80 % coverage "
        f"{ours['coverage_n_effective']['0.8']:.0f}.\n"
    )
    say_table(
        ("method", "kind", "CRPS", "WIS", "log score", "50 %", "80 % (95 % interval)", "95 %", "n", "effective"),
        summary_rows(content["summary"]),
    )
    say("", "CRPS of the combination over theirs, 90 % interval by origin and target", "")
    say_table(
        _PAIR_COLUMNS,
        pair_rows(content["pairs"]),
    )
    for line in passing_lines(content):
        say(line)
    for quantity, part in content["others"].items():
        say("", f"{_QUANTITIES[quantity]}: CRPS of the combination over theirs, all targets", "")
        pairs = [pair for pair in part["pairs"] if pair["rows"] == "all"]
        say_table(_PAIR_COLUMNS, pair_rows(pairs))
    say("", "* only where it passes the gate; in brackets everywhere, as are the other columns")
    say("", "To reach:")
    for goal in content["goals"]:
        say(f"  {'reached' if goal['reached'] else 'not reached'}: {goal['sentence']}")
    for line in content["out"]:
        say(f"  not scored or out at {line['date']}: {line['method']}: {'; '.join(line['reasons'])}")
    for entry in content.get("earlier", []):
        say("", f"Earlier protocol {entry['protocol'][:12]}, frozen {str(entry['frozen'])[:10]}:")
        for goal in entry["goals"]:
            say(f"  {'reached' if goal['reached'] else 'not reached'}: {goal['sentence']}")


def summary_rows(summary: Mapping[str, Mapping[str, Any]]) -> list[tuple[str, ...]]:
    """Return the lines of the table of methods."""
    rows: list[tuple[str, ...]] = []
    for name, entry in summary.items():
        held, ends = entry["coverage"], entry["coverage_interval"]["0.8"]
        passing = entry.get("passing_only")
        everywhere = f"{entry['crps']:.3f}"
        rows.append(
            (
                name,
                entry["kind"],
                f"{passing['crps']:.3f}* ({everywhere})" if passing else everywhere,
                f"{entry['wis']:.3f}",
                f"{entry['log_score']:.2f}",
                f"{100 * held['0.5']:.0f} %",
                f"{100 * held['0.8']:.0f} % ({100 * ends[0]:.0f} to {100 * ends[1]:.0f})",
                f"{100 * held['0.95']:.0f} %",
                str(entry["n"]),
                f"{entry['n_effective']:.0f}",
            )
        )
    return rows


def pair_rows(pairs: Sequence[Mapping[str, Any]]) -> list[tuple[str, ...]]:
    """Return the lines of the table of comparisons."""
    rows: list[tuple[str, ...]] = []
    for pair in pairs:
        low, high = pair["interval_0.9"]
        stricter, passing = pair.get("interval_0.9_by_corpus"), pair.get("passing_only")
        everywhere = f"{pair['crps_ratio']:.2f}"
        without = [f"{line['model']}: {line['crps_ratio']:.2f}" for line in pair["without_influential"]]
        rows.append(
            (
                pair["against"],
                pair["rows"],
                f"{passing['crps_ratio']:.2f}* ({everywhere})" if passing else everywhere,
                f"{low:.2f} to {high:.2f}",
                "{:.2f} to {:.2f}".format(*pair["interval_0.9_by_target"]),
                "" if stricter is None else f"{stricter[0]:.2f} to {stricter[1]:.2f}",
                str(pair["n"]),
                f"{pair['n_effective']:.0f}",
                "; ".join(without),
            )
        )
    return rows


def passing_lines(content: Mapping[str, Any]) -> list[str]:
    """Say how members come off without the origins at which they failed the gate."""
    lines = []
    for pair in content["pairs"]:
        part = pair.get("passing_only")
        if part and pair["rows"] == "all":
            own = content["summary"][pair["against"]]["passing_only"]
            low, high = part["interval_0.9"]
            lines.append(
                f"  {pair['against']} only where it passes the gate ({own['n']} of {pair['n']}): CRPS {own['crps']:.3f}, "
                f"80 % coverage {100 * own['coverage']['0.8']:.0f} %, ratio {part['crps_ratio']:.2f} ({low:.2f} to {high:.2f})"
            )
    return lines


_PAIR_COLUMNS = (
    "against",
    "rows",
    "ratio",
    "90 % interval",
    "by target alone",
    "by corpus",
    "n",
    "effective",
    "without",
)


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
    from forecast.evaluate.histories import run as made

    if without or (stored and table is not None):
        named = "--without" if without else "--stored with a table"
        raise InputError(f"--histories and {named}", "one of them", "leave one out")
    if stored:
        found = made.read_stored()
        content, state = dict(found.content), found.sentence()
    else:
        tell = teller(quiet or as_json)
        content = made.backtest_histories(table, jobs=jobs, scheduler=scheduler, progress=tell)
        state = ""
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        with atomic_file(out / "histories.json") as temporary:
            temporary.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    if as_json:
        say_json(content, indent=None, allow_nan=False)
    else:
        show_histories(content, state)


def show_histories(content: Mapping[str, Any], state: str = "") -> None:
    """Print what histories tell: what is known and what is not, then ratios and coverage by set."""
    from forecast.evaluate.histories.run import failure_lines, known

    for line in known(content):
        say(line)
    say("", f"Protocol {content['protocol'][:12]}. {content['series']} series. {state}".rstrip())
    if content["too_short"]:
        say(f"Too short, not scored: {', '.join(content['too_short'])}.")
    for name in dict.fromkeys(pair["set"] for pair in content["pairs"]):
        own = [pair for pair in content["pairs"] if pair["set"] == name]
        whole = "record" if name == "text_burnt" else "all"
        say(
            "",
            f"{_SETS[name]}: CRPS of {own[0]['of']} over theirs, 90 % interval by {' and '.join(own[0]['clustered_by'])}",
            "",
        )
        cuts = list(dict.fromkeys((pair["horizon"], pair["kind"]) for pair in own))
        table = {(pair["against"], pair["horizon"], pair["kind"]): pair for pair in own}
        say_table(
            ("against", "ratio", "90 % interval", "n", "effective", *(_cut(cut, whole) for cut in cuts[1:])),
            (
                (
                    against,
                    f"{pair['crps_ratio']:.2f}",
                    "{:.2f} to {:.2f}".format(*pair["interval_0.9"]),
                    str(pair["n"]),
                    f"{pair['n_effective']:.0f}",
                    *(
                        f"{found['crps_ratio']:.2f}" if (found := table.get((against, *cut))) else ""
                        for cut in cuts[1:]
                    ),
                )
                for against in dict.fromkeys(pair["against"] for pair in own)
                if (pair := table.get((against, "all", whole)))
            ),
        )
        if name in content["summary"]:
            say("")
            say_table(
                ("method", "CRPS", "50 %", "80 % (two errors)", "95 %", "n"),
                (
                    (
                        method,
                        f"{entry['crps']:.3f}",
                        f"{100 * entry['coverage']['0.5']:.0f} %",
                        "{:.0f} % ({:.0f} to {:.0f})".format(
                            *(100 * x for x in (entry["coverage"]["0.8"], *entry["coverage"]["interval_0.8"]))
                        ),
                        f"{100 * entry['coverage']['0.95']:.0f} %",
                        str(entry["n"]),
                    )
                    for method, entry in content["summary"][name].items()
                ),
            )
            say("", *failure_lines(content["failures"][name]))


def _cut(cut: tuple[Any, str], whole: str) -> str:
    horizon, kind = cut
    return f"{horizon:g} years" if horizon != "all" else f"{kind}s" if kind != whole else "all"


_SETS = {
    "held_out": "Held-out half",
    "learning": "Learning half (neighbours without the series' own family)",
    "burnt": "Compute, parameters, vision and speech (burnt)",
    "user": "Your series",
    "text_burnt": "Text (burnt: its origins have been looked at)",
}

_QUANTITIES = {"maximum": "Largest size of each half-year", "largest": "Three largest sizes of each half-year"}


def _content(
    stored: bool, without: Sequence[str], engine: str, silent: bool, jobs: int | None, scheduler: str | None
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
    content = made.from_shipped(engine=engine, jobs=jobs, scheduler=scheduler, progress=teller(silent), without=without)
    content["earlier"] = made.earlier(content["protocol"])
    left = f"Without {', '.join(without)}." if without else ""
    by = f"Posteriors by {'particles' if engine == 'particles' else 'NUTS'}."
    return content, " ".join(filter(None, (left, by)))
