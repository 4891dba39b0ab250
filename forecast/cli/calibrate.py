"""``forecast calibrate``: whether intervals keep their promise in worlds simulated from the priors."""

from __future__ import annotations

from typing import Annotated

import typer

from forecast.cli.evaluations import Folder, Fresh, print_table, stored_or_new
from forecast.cli.options import AsJson, Jobs, Quiet, Scheduler, teller
from forecast.cli.printing import say, say_json
from forecast.core.files import check_writable
from forecast.errors import InputError

Worlds = Annotated[
    int | None,
    typer.Option("--worlds", metavar="N", help="Worlds of each family that the whole pipeline is run on (with --new)."),
]


def calibrate(
    worlds: Worlds = None,
    fresh: Fresh = False,
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
    from forecast.evaluate.calibration import run as room
    from forecast.evaluate.calibration.ranks import calibration_table
    from forecast.ingest.stored import exists

    count = room.PIPELINE_WORLDS if worlds is None else worlds
    if count < 1:
        raise InputError(f"{count} worlds", "1 or more", "choose another --worlds")
    if not fresh and not exists("calibration"):
        raise InputError("no stored calibration", "one, or --new", "run `make evaluate`, or add --new (hours)")
    tell = teller(quiet or as_json)
    content = stored_or_new(
        "calibration",
        lambda: room.settings(count),
        lambda: room.calibrate(tell, jobs, scheduler, worlds=count),
        fresh=fresh,
        tell=tell,
    )
    if out is not None:
        from forecast.plots import calibration as plots
        from forecast.plots.saving import save_result

        figures = {"calibration": (plots.calibration(content), plots.calibration_text(content))}
        save_result("calibration", content, figures, calibration_table(content), out)
        tell(f"wrote {out / 'calibration.svg'}")
    if as_json:
        say_json(content, indent=1)
        return
    print_table(calibration_table(content), wide=("reading",))
    say(
        "",
        f"{content['tests']} tests, {content['deviate']} deviate once their number is allowed for (Holm, 5 %). Band: "
        "all bins of a right forecaster stay in it at once with 95 %. The mixture need not be level: its weights stay "
        "equal whatever the data say.",
    )
