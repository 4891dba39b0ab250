"""``forecast verify``: a run made again from what it recorded, and whether it holds."""

from __future__ import annotations

from typing import Annotated

import typer

from forecast.cli.options import AsJson, Jobs, Quiet, Scheduler, teller
from forecast.cli.printing import say, say_json

Table = Annotated[
    str | None, typer.Option("--models", metavar="CSV", help="The model table that the run was made from, if your own.")
]
Run = Annotated[str, typer.Argument(metavar="RUN", help="A run folder.")]


def verify(
    run: Run,
    models: Table = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
    jobs: Jobs = None,
    scheduler: Scheduler = None,
) -> None:
    """Compute a run again from its record, and say of every file and number whether it holds.

    Ends with exit code 1 when one does not. Fits that are not kept are sampled again, which takes minutes.
    """
    from forecast.report.verify import verify as make

    found = make(run, models=models, progress=teller(quiet or as_json), jobs=jobs, scheduler=scheduler)
    if as_json:
        say_json(found.to_dict(), indent=1)
    else:
        words = {True: "holds", False: "does not hold", None: "to know"}
        for finding in found.findings:
            say(f"{finding.name}: {words[finding.holds]}: {finding.sentence}")
        for file in found.files:
            against = f", compared with {file.compared_with}" if file.compared_with else ""
            say(f"{file.name}: {file.status}{against}: {file.sentence}")
        left = f"; not checked: {', '.join(found.unchecked)}" if found.unchecked else ""
        say(f"{found.run} {'holds' if found.holds else 'does not hold'}{left}")
    if not found.holds:
        raise typer.Exit(1)
