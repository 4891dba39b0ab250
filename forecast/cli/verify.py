"""``forecast verify``: a run made again from what it recorded, and whether it holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from forecast.cli.options import AsJson, Jobs, Quiet, Sample, Scheduler, teller
from forecast.cli.printing import say, say_json, say_table, say_text

if TYPE_CHECKING:
    from forecast.report.verify_findings import VerifyResult

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
    sample: Sample = False,
) -> None:
    """Compute a run again from its record, and say of every file and number whether it holds.

    Ends with exit code 1 when one does not. Fits that are neither kept nor shipped are sampled again, which takes minutes;
    with --sample all are.
    """
    tell = teller(quiet or as_json)
    from forecast.fits import kept as cache
    from forecast.report.verify import verify as make

    with cache.sampled_again(sample):
        found = make(run, models=models, progress=tell, jobs=jobs, scheduler=scheduler)
    if as_json:
        say_json(found.to_dict(), indent=1)
    else:
        show(found)
    if not found.holds:
        raise typer.Exit(1)


def show(found: VerifyResult) -> None:
    """Print whether the run holds, then each finding, then the files, those of one kind together."""
    words = {True: "holds", False: "does not hold", None: "noted"}
    left = f"; not checked: {', '.join(found.unchecked)}" if found.unchecked else ""
    say(f"{found.run} {'holds' if found.holds else 'does not hold'}{left}", "")
    say_table(
        ("part", "", "what was found"),
        [(finding.name, words[finding.holds], finding.sentence) for finding in found.findings],
    )
    kinds: dict[tuple[str, str], list[str]] = {}
    for file in found.files:
        against = f", compared with {file.compared_with}" if file.compared_with else ""
        kinds.setdefault((file.status, f"{against}: {file.sentence}"), []).append(file.name)
    say("")
    for (status, rest), names in kinds.items():
        count = f"{len(names)} files: " if len(names) > 1 else ""
        say_text(f"{count}{status}{rest}")
        say_text(f"  {', '.join(names)}")
