"""``forecast vintages``: what would have been said at each half-year since 2019, and why it moved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from forecast.cli.evaluations import present
from forecast.cli.options import AsJson, Draws, Horizon, Jobs, Quiet, ScenarioName, Scheduler, Seed, options, teller
from forecast.cli.printing import say, say_table
from forecast.core.files import check_writable
from forecast.core.seeds import DEFAULT_SEED

Out = Annotated[
    Path | None,
    typer.Option("--out", metavar="DIR", help="A folder for the figure (SVG), the data behind it (CSV) and the JSON."),
]
Stored = Annotated[bool, typer.Option("--stored", help="Show what ships with the package; compute nothing.")]


def vintages(
    scenario: ScenarioName = "baseline",
    stored: Stored = False,
    out: Out = None,
    horizon: Horizon = 2100,
    seed: Seed = DEFAULT_SEED,
    draws: Draws = 4000,
    as_json: AsJson = False,
    quiet: Quiet = False,
    jobs: Jobs = None,
    scheduler: Scheduler = None,
) -> None:
    """Show the exhaustion year from what was published by each half-year, and why it moved."""
    if out is not None:
        check_writable(out)
    from forecast.evaluate import vintages as made

    state = ""
    if stored:
        from forecast.ingest.stored import read

        found = read(made.NAME, made.settings())
        content, state = found.content, found.sentence()
    else:
        chosen = options({"horizon": horizon, "seed": seed, "draws": draws, "jobs": jobs, "scheduler": scheduler})
        content = made.from_shipped(scenario, options=chosen, progress=teller(quiet or as_json))
    tell = teller(quiet or as_json)
    present("vintages", content, lambda: show(content, state), out=out, as_json=as_json, tell=tell, indent=None)


def show(content: Mapping[str, Any], state: str = "") -> None:
    """Print the vintages as a table."""
    say(f"Held fixed: {content['held_fixed']}. {state}", "")
    heading = ("told on", "10 %", "median", "90 %", "by 2030", "moved by", "data", "definition", "model", "members out")
    say_table(heading, vintage_rows(content["vintages"]))
    total = content["decomposition"]
    parts = [f"{c} {total[c]['net_years']:+.1f} net, {total[c]['total_years']:.1f} in all" for c in _CAUSES]
    say("", f"Years that the median moved by cause: {'; '.join(parts)}.")
    marked = [row["date"] for row in content["vintages"] if row["snapshots"]]
    say(f"True snapshots of the table: {', '.join(content['snapshots'])} (half-years before {', '.join(marked)}).")
    for entry in content["published"]:
        low, high = entry["interval"]
        say(
            f"Published {entry['date']}: {entry['title']}: {entry['median']:g} ({low:g} to {high:g}, "
            f"{100 * entry['level']:.0f} %)."
        )


def vintage_rows(rows: Sequence[Mapping[str, Any]]) -> list[tuple[str, ...]]:
    """Return the lines of the table of vintages."""
    from forecast.runs.sentence import percent, year_words

    lines = []
    for row in rows:
        year = row["exhaustion_year"]
        low, high = (year_words(end) for end in year["intervals"]["0.8"])
        by = {step["cause"]: step["moved_by_years"] for step in row["because"]}
        lines.append(
            (
                row["date"],
                low,
                year_words(year["median"]),
                high,
                percent(year["probability_by"]["2030"]),
                _signed(row["moved_by_years"]),
                *(_signed(by.get(cause)) for cause in _CAUSES),
                ", ".join(row["out"]),
            )
        )
    return lines


_CAUSES = ("data", "definition", "model")


def _signed(years: float | None) -> str:
    return "" if years is None else f"{years:+.1f}"
