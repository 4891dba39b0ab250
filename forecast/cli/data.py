"""``forecast data``: which tables there are, how old they are, whether they pass their checks, and how to cite them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from forecast.cli.printing import say, say_json, say_table, say_text
from forecast.errors import InputError
from forecast.ingest.catalog import Table, attributions, table, tables
from forecast.text import line

if TYPE_CHECKING:
    import pandas as pd

    from forecast.evaluate.data_status import TableStatus
    from forecast.ingest.update import Update

app = typer.Typer(
    no_args_is_help=True,
    help="The data behind the forecast: list the tables, show one, check them, cite them, fetch the newest model table.",
)

NAMES_SHOWN = 5
"""Models that `update` names of each kind of change (count)."""

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]


@app.command("list")
def list_tables(as_json: AsJson = False) -> None:
    """List the tables with rows, licence and snapshot date."""
    if as_json:
        _print_json([_summary(entry) for entry in tables()])
        return
    say_text(
        f"{len(tables())} tables; forecast data show TABLE explains one, forecast data cite gives the credits.", ""
    )
    rows = [(entry.name, str(entry.rows), entry.snapshot, entry.title) for entry in tables()]
    say_table(("table", "rows", "snapshot", "title"), rows, right=(1,), whole={"table", "snapshot"}.__contains__)
    licences: dict[str, list[str]] = {}
    for entry in tables():
        licences.setdefault(entry.licence, []).append(entry.name)
    say_text("", "Licences:", *(f"  {licence}: {', '.join(names)}" for licence, names in licences.items()), hang=2)


@app.command("show")
def show_table(
    name: Annotated[str, typer.Argument(metavar="TABLE", help="Name of a table; see: forecast data list")],
    rows: Annotated[int, typer.Option(min=0, help="Rows of the table to print as well.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Show one table: what it is, whose it is, and what every column means, with its unit."""
    entry = table(name)
    header, first = _first_rows(entry, rows)
    if as_json:
        columns = [
            {"name": c.name, "type": c.type, "unit": c.unit, "description": c.description, **dict(c.constraints)}
            for c in entry.columns
        ]
        records = [dict(zip(header, row, strict=True)) for row in first]
        _print_json({**_summary(entry), "description": entry.description, "columns": columns, "first_rows": records})
        return
    say_text(f"{entry.name}: {entry.title}", "", entry.description, "")
    facts = [
        ("publisher", entry.publisher),
        ("licence", f"{entry.licence}, {entry.licence_address}"),
        ("credit", entry.attribution),
        ("address", entry.address),
        ("snapshot", entry.snapshot),
        ("refresh", entry.refresh),
        ("size", f"{entry.rows} rows, {entry.bytes} bytes"),
        ("sha256", entry.sha256),
    ]
    say_table(None, [(f"{label}:", text) for label, text in facts])
    say("")
    say_table(("column", "unit", "meaning"), ((c.name, c.unit, c.description) for c in entry.columns))
    if first:
        say("")
        _print_csv([header, *first])


@app.command("status")
def show_status(as_json: AsJson = False) -> None:
    """Say how old each table is, how much of the answer hangs on it, and how to refresh it."""
    from forecast.evaluate.data_status import OUTPUT, stored_sensitivity, table_statuses

    found = table_statuses()
    sensitivity = stored_sensitivity()
    if as_json:
        _print_json(
            {
                "shares_of": OUTPUT,
                "sensitivity": None if sensitivity is None else sensitivity.sentence(),
                "tables": [one.as_dict() for one in found],
            }
        )
        return
    oldest = max(found, key=lambda one: one.age_days)
    say_text(
        f"{len(found)} tables; the one that was checked longest ago is {oldest.table}, {oldest.age_days} days ago.", ""
    )
    rows = [(one.table, one.newest or "", one.checked, str(one.age_days), _share(one)) for one in found]
    say_table(("table", "newest row", "checked", "days ago", "hangs on it"), rows, right=(3,))
    say_text("", "What hangs on them:")
    weights: dict[str, list[str]] = {}
    for one in found:
        weights.setdefault(one.weight, []).append(one.table)
    say_text(*(f"  {', '.join(names)}: {weight}" for weight, names in weights.items() if weight), hang=2)
    say_text("", "Where a newer one would be, and how to refresh:")
    for one in found:
        say_text(f"  {one.table}: {one.address} ({one.refresh})", hang=2)
    if sensitivity is not None:
        say_text(
            "",
            "Uncertainty: the variance of log10 of the largest feasible run over the usable text on 1 January 2030. The "
            "tables of one input share its part, so that the lines add up to more than 100%.",
            sensitivity.sentence(),
        )


def _share(one: TableStatus) -> str:
    """Return the part of the uncertainty that hangs on a table, as its words begin."""
    share, found, _ = one.weight.partition(" of the ")
    return share if found else ""


@app.command("check")
def check_tables(
    directory: Annotated[
        Path | None,
        typer.Argument(
            metavar="DIR", help="Folder with the tables, the shipped one by default; or a model table of your own."
        ),
    ] = None,
    rejected: Annotated[
        bool, typer.Option("--rejected", help="List the rows of the model table that cannot be used, and why.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Check every table and every hash; exit code 1 when something does not hold."""
    from forecast.ingest.schema import check_all

    if directory is not None and not directory.is_dir():
        _check_models(directory, rejected, as_json)
        return
    findings = check_all(directory)
    if directory is None:
        from forecast.scenarios.source_rows import source_findings

        findings += source_findings()
    unused = _rejected_rows(directory) if rejected else None
    if as_json:
        document: dict[str, Any] = {
            "holds": not findings,
            "tables": len(tables()),
            "findings": [finding.as_dict() for finding in findings],
        }
        if unused is not None:
            document["rejected"] = json.loads(unused.to_json(orient="records", date_format="iso"))
        _print_json(document)
    else:
        for finding in findings:
            say_text(finding.sentence(), hang=2)
        held = len(tables()) - len({finding.table for finding in findings} & {entry.name for entry in tables()})
        say(f"{held} of {len(tables())} tables hold; {len(findings)} findings")
        if unused is not None:
            say("", f"{len(unused)} rows of the model table cannot be used:")
            _print_unused(unused)
    if findings:
        raise typer.Exit(1)


@app.command("update")
def update_models(
    address: Annotated[
        str | None,
        typer.Option("--from", metavar="URL", help="Fetch from here; by default from Epoch AI's public address."),
    ] = None,
    accept: Annotated[
        bool,
        typer.Option(
            "--accept", help="Take a table that lost a fifth of its rows: the one that waits, or with --from."
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Fetch the newest public model table and say what changed; only --models latest uses it.

    A table that lost a fifth of its rows is kept beside the old one; the exit code is 1 until it is accepted.
    """
    from forecast.ingest.update import update

    found = update(address, accept=accept)
    if as_json:
        _print_json(found.as_dict())
    else:
        _show_update(found)
    if not found.taken:
        raise typer.Exit(1)


def _show_update(found: Update) -> None:
    kept, changes = found.kept, found.changes
    if found.record_moved:
        say_text(f"The record has moved: {_record(found.record)}; before: {_record(found.record_before)}")
    else:
        say_text(f"The record has not moved: {_record(found.record)}")
    say_text("", f"Compared with {found.against}, in rows that can be used ({found.rows}, before {found.rows_before}):")
    listed = (("added", changes.added), ("changed", changes.changed), ("removed", changes.removed))
    say_table(None, [(f"  {word}", str(len(rows)), _some_names(rows)) for word, rows in listed], right=(1,))
    if found.newest < found.newest_before:
        say_text(f"Note: its newest row is of {found.newest}, before it was of {found.newest_before}.")
    say_text("", f"Credit: {found.credit}")
    say(f"Fetched {kept.address}")
    if found.taken:
        say(f"Kept as {kept.path}; a forecast uses it only with --models latest.")
    else:
        say(
            f"It has lost rows: {found.rows} can be used, before {found.rows_before}. It is kept beside the old one as",
            f"{kept.path}, and --models latest goes on without it. To take it: forecast data update --accept",
        )


@app.command("cite")
def cite_tables(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="TABLE...", help="Tables to cite; all of them by default.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Print a reference and a licence line for every table, and the credit that Epoch AI's licence asks for."""
    chosen = [table(name) for name in names] if names else list(tables())
    credit = attributions(["epoch_models"])[0]
    if as_json:
        references = [
            {**entry.source, "attribution": entry.attribution, "licence_address": entry.licence_address}
            for entry in chosen
        ]
        _print_json({"references": references, "epoch_ai": credit})
        return
    for entry in chosen:
        say_text(f"{entry.title} [{entry.name}]. {entry.publisher}, snapshot {entry.snapshot}. {entry.address}")
        say_text(f"  Licence: {entry.licence} ({entry.licence_address})", f"  Credit: {entry.attribution}", "", hang=2)
    say_text("Wherever Epoch AI's data are used, print:", f"  {credit}", hang=2)


def _summary(entry: Table) -> dict[str, Any]:
    return {
        **entry.source,
        "licence_address": entry.licence_address,
        "attribution": entry.attribution,
        "file": entry.path.name,
        "rows": entry.rows,
        "bytes": entry.bytes,
    }


def _some_names(rows: Sequence[Mapping[str, Any]]) -> str:
    """Name the newest few; --json gives all."""
    names = [f"{row['model']} ({', '.join(row.get('columns', [row['publication_date']]))})" for row in rows[::-1]]
    more = len(names) - NAMES_SHOWN
    return "; ".join(names[:NAMES_SHOWN]) + (f"; and {more} more (all: --json)" if more > 0 else "")


def _record(row: Mapping[str, Any]) -> str:
    size = f"{row['tokens'] / 1e12:.3g} trillion tokens of human text"
    return f"{row['model']} ({row['organization']}, {row['publication_date']}), {size}"


def _check_models(path: Path, rejected: bool, as_json: bool) -> None:
    """Say which rows of a model table of the user's own can be used."""
    from forecast.ingest.models import read_models

    read = read_models(path)
    if as_json:
        document: dict[str, Any] = {
            "rows": read.n_read,
            "usable": len(read.rows),
            "layout": read.layout,
            "notes": list(read.notes),
        }
        if rejected:
            document["rejected"] = json.loads(read.rejected.to_json(orient="records", date_format="iso"))
        _print_json(document)
        return
    for note in read.notes:
        say(f"note: {note}", err=True)
    say(f"{len(read.rows)} of {read.n_read} rows of {path} can be used (layout: {read.layout})")
    if rejected and len(read.rejected):
        say("", f"{len(read.rejected)} rows cannot be used:")
        _print_unused(read.rejected)


def _print_unused(unused: pd.DataFrame) -> None:
    cells = unused.astype("str").where(unused.notna(), "")
    say_table(tuple(cells.columns), cells.itertuples(index=False, name=None))


def _rejected_rows(directory: Path | None) -> pd.DataFrame:
    from forecast.ingest.models import read_models

    own = None if directory is None else directory / table("epoch_models").path.name
    return read_models(own if own is not None and own.is_file() else None).rejected


def _first_rows(entry: Table, count: int) -> tuple[list[str], list[list[str]]]:
    # The csv module, because showing a few rows should not wait for pandas.
    import csv
    import itertools

    try:
        with entry.path.open(encoding="utf-8", newline="") as handle:
            reader = csv.reader(handle)
            return next(reader, []), list(itertools.islice(reader, count))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{entry.path}, which cannot be read ({error})", "a CSV file", "restore the table") from None


def _print_json(document: Any) -> None:
    say_json(document, indent=1, allow_nan=False)


def _print_csv(rows: list[list[str]]) -> None:
    import csv
    import io

    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([line(cell) for cell in row] for row in rows)
    say(*text.getvalue().splitlines())
