"""``forecast calibrate``: whether intervals keep their promise in worlds simulated from the priors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from forecast.cli.evaluations import Folder, Fresh, present, stored_or_new
from forecast.cli.options import AsJson, Engine, Jobs, Quiet, Scheduler, teller
from forecast.cli.printing import say_table, say_text
from forecast.core.files import check_writable
from forecast.errors import InputError

Worlds = Annotated[
    int | None,
    typer.Option("--worlds", metavar="N", help="Worlds of each family that the whole pipeline is run on (with --new)."),
]


def calibrate(
    worlds: Worlds = None,
    fresh: Fresh = False,
    engine: Engine = "particles",
    out: Folder = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
    jobs: Jobs = None,
    scheduler: Scheduler = None,
) -> None:
    """Show rank histograms of members and of the whole pipeline in simulated worlds.

    With --new: over a thousand fits, hours on one processor; fits that were scored before are not computed again.
    """
    if out is not None:
        check_writable(out)
    tell = teller(quiet or as_json)
    from forecast.evaluate.calibration import run as room
    from forecast.ingest.stored import exists

    count = room.PIPELINE_WORLDS if worlds is None else worlds
    if count < 1:
        raise InputError(f"{count} worlds", "1 or more", "choose another --worlds")
    if engine != "particles" and not fresh:
        raise InputError(f"--engine {engine} without --new", "both", "add --new: what is stored is by particles")
    if not fresh and not exists("calibration"):
        raise InputError("no stored calibration", "one, or --new", "run `make evaluate`, or add --new (hours)")
    content = stored_or_new(
        "calibration",
        lambda: room.settings(count),
        lambda: room.calibrate(tell, jobs, scheduler, worlds=count, engine=engine),
        fresh=fresh,
        tell=tell,
    )
    present("calibration", content, lambda: show(content), out=out, as_json=as_json, tell=tell)


def show(content: Mapping[str, Any]) -> None:
    """Print how many tests deviate, every test as a line of a table, and what the deviating ones mean."""
    from forecast.evaluate.calibration.ranks import calibration_table

    rows = calibration_table(content)
    say_text(
        f"{content['tests']} tests, {content['deviate']} deviate once their number is allowed for (Holm, 5%).",
        "",
    )
    lines: list[tuple[str, ...]] = []
    for who, own in rows.groupby("who", sort=False):
        lines.append((str(who), "", "", "", "", ""))
        lines += [
            (
                f"  {row['quantity']}",
                str(row["worlds"]),
                row["histogram"],
                row["band"],
                f"{row['p']:.2g}",
                row["deviates"],
            )
            for row in own.to_dict("records")
        ]
    say_table(("test", "worlds", "histogram of ranks", "band", "p", "deviates"), lines, right=(1,))
    say_text(
        "",
        "Band: all bins of a right forecaster stay in it at once with 95%. The mixture need not be level: its weights "
        "stay equal whatever the data say.",
    )
    said = rows[rows["deviates"] != "no"]
    if len(said):
        say_text("", "What the deviating ones say:")
    for _, row in said.iterrows():
        say_text(f"  {row['who']}, {row['quantity']}: {row['reading']}", hang=2)
