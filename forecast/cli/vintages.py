"""``forecast vintages``: what would have been said at each half-year since 2019, and why it moved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from forecast.cli.evaluations import present
from forecast.cli.options import AsJson, Draws, Horizon, Jobs, Quiet, ScenarioName, Scheduler, Seed, options, teller
from forecast.cli.printing import say_table, say_text
from forecast.core.files import check_writable
from forecast.core.seeds import DEFAULT_SEED
from forecast.runs.sentence import HEADLINE_YEAR

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
    tell = teller(quiet or as_json)
    from forecast.evaluate import vintages as made

    state = ""
    if stored:
        from forecast.ingest.stored import read

        found = read(made.NAME, made.settings())
        content, state = found.content, found.sentence()
    else:
        chosen = options({"horizon": horizon, "seed": seed, "draws": draws, "jobs": jobs, "scheduler": scheduler})
        content = made.from_shipped(scenario, options=chosen, progress=tell)
    present("vintages", content, lambda: show(content, state), out=out, as_json=as_json, tell=tell, indent=None)


def show(content: Mapping[str, Any], state: str = "") -> None:
    """Print the vintages: how far the answer moved in a sentence, the table, why it moved."""
    from forecast.core.wording import date_words, percent_words, year_phrase

    rows = content["vintages"]
    last = rows[-1]
    year, moves = last["exhaustion_year"], [row["moved_by_years"] for row in rows if row["moved_by_years"] is not None]
    later = sum(move > 0 for move in moves)
    say_text(
        f"On data to {date_words(last['date'])} the median is {year_phrase(year['median'])}, with "
        f"{percent_words(year['probability_by'][str(HEADLINE_YEAR)])} by the end of {HEADLINE_YEAR}; told from what was "
        f"published by each date since {rows[0]['date'][:4]}, it moved later {later} times and earlier "
        f"{sum(move < 0 for move in moves)} times.",
        "",
    )
    say_table(VINTAGE_COLUMNS, vintage_rows(rows), right=range(1, 6), whole=VINTAGE_COLUMNS[:6].__contains__)
    say_text("", f"Held fixed: {content['held_fixed']}.")
    total = content["decomposition"]
    parts = [f"{c} {total[c]['net_years']:+.1f} net, {total[c]['total_years']:.1f} in all" for c in _CAUSES]
    say_text(f"Years that the median moved by cause: {'; '.join(parts)}.")
    marked = [row["date"] for row in rows if row["snapshots"]]
    say_text(f"True snapshots of the table: {', '.join(content['snapshots'])} (half-years before {', '.join(marked)}).")
    say_text("", "Published forecasts, for comparison:")
    say_table(
        ("published", "forecast", "median", "interval"),
        [
            (
                entry["date"],
                entry["title"],
                f"{entry['median']:g}",
                "{:g} to {:g}".format(*entry["interval"]) + f" ({100 * entry['level']:.0f}%)",
            )
            for entry in content["published"]
        ],
    )
    if state:
        say_text("", state)


VINTAGE_COLUMNS = ("data to", "10%", "median", "90%", f"by {HEADLINE_YEAR}", "moved", "because of")
"""Heading of the table of vintages; moves are in years."""


def vintage_rows(rows: Sequence[Mapping[str, Any]]) -> list[tuple[str, ...]]:
    """Return the lines of the table of vintages; a growth model that was left out is named with the causes."""
    from forecast.core.wording import percent_words, year_words

    lines: list[tuple[str, ...]] = []
    for row in rows:
        year = row["exhaustion_year"]
        low, high = (year_words(end) for end in year["intervals"]["0.8"])
        by = {step["cause"]: step["moved_by_years"] for step in row["because"]}
        causes = [f"{cause} {_signed(by[cause])}" for cause in _CAUSES if abs(by.get(cause) or 0.0) >= 0.05]
        lines.append(
            (
                row["date"],
                low,
                year_words(year["median"]),
                high,
                percent_words(year["probability_by"][str(HEADLINE_YEAR)]),
                _signed(row["moved_by_years"]),
                ", ".join([*causes, *(f"without {name}" for name in row["out"])]),
            )
        )
    return lines


_CAUSES = ("data", "definition", "model")


def _signed(years: float | None) -> str:
    return "" if years is None else f"{years:+.1f}"
