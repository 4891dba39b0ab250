"""Do the tables hold what their description promises? Pandera schemas made from ``datapackage.json``, and hashes.

The description is the one source of truth for columns, types and ranges; what spans several columns (low <= median
<= high, a sum, a basis beside a value) is in `forecast.ingest.conditions`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from forecast.core.files import sha256_of
from forecast.errors import InputError, MissingFileError
from forecast.ingest.catalog import UNLICENSED, Column, Table, data_directory, table, tables, unlicensed
from forecast.ingest.conditions import CROSS_CHECKS
from forecast.ingest.reading import read_text, typed

if TYPE_CHECKING:
    import pandas as pd
    import pandera.pandas as pa

MAX_PER_CHECK = 20
"""Findings reported for one check of one table; the rest is counted in the last of them."""


@dataclass(frozen=True)
class Finding:
    """One thing that does not hold.

    Parameters
    ----------
    table : str
        Table in which it was found.
    problem : str
        What does not hold, in words.
    column : str or None
        Column, where it is a matter of one.
    line : int or None
        Line of the CSV (the header is line 1, and a line is a row), where it is a matter of one.
    value : str or None
        What is there.

    Examples
    --------
    >>> Finding("claims", "is empty", "claimant", 3).sentence()
    'claims, column claimant, line 3: is empty'
    """

    table: str
    problem: str
    column: str | None = None
    line: int | None = None
    value: str | None = None

    def sentence(self) -> str:
        """Return the finding as one line."""
        parts = [self.table]
        if self.column is not None:
            parts.append(f"column {self.column}")
        if self.line is not None:
            parts.append(f"line {self.line}")
        value = "" if self.value is None else f" (found {self.value})"
        return f"{', '.join(parts)}: {self.problem}{value}"

    def as_dict(self) -> dict[str, str | int | None]:
        """Return the finding as plain data."""
        return asdict(self)


def pandera_schema(name: str) -> pa.DataFrameSchema:
    """Make the pandera schema of one table from its description.

    Examples
    --------
    >>> sorted(pandera_schema("world_population").columns)[:2]
    ['population_1july_people', 'population_31dec_people']
    """
    import pandera.pandas as pa

    entry = table(name)
    checks = [pa.Check(c.holds, name=c.problem, error=c.problem) for c in CROSS_CHECKS.get(name, ())]
    return pa.DataFrameSchema(
        columns={column.name: _pandera_column(column) for column in entry.columns},
        checks=checks,
        unique=list(entry.primary_key) or None,
        strict=True,
        ordered=True,
        name=name,
    )


def check_table(name: str, frame: pd.DataFrame) -> list[Finding]:
    """Check one table against its description.

    Examples
    --------
    >>> check_table("claims", read_text(table("claims").path))
    []
    """
    import pandera.errors

    entry = table(name)
    findings = list(_header_findings(entry, frame))
    if findings:
        return findings
    values, unreadable = typed(frame.astype("str").where(frame.notna()), entry)
    findings = [Finding(name, f"is not {wanted}", column, line, value) for column, line, value, wanted in unreadable]
    try:
        pandera_schema(name).validate(values, lazy=True)
    except pandera.errors.SchemaErrors as errors:
        # A cell that could not be read is reported once, not again as an empty or mistyped one.
        known = {(finding.column, finding.line) for finding in findings}
        columns = {finding.column for finding in findings}
        for finding in _failures(entry, errors.failure_cases):
            mistyped = finding.line is None and finding.column in columns
            if not mistyped and (finding.column, finding.line) not in known:
                findings.append(finding)
    return findings


def check_file(name: str, path: Path) -> list[Finding]:
    """Check one file: encoding, line ends, hash, and the content against the table's description.

    Examples
    --------
    >>> check_file("claims", table("claims").path)
    []
    """
    entry = table(name)
    if not path.is_file():
        return [Finding(name, f"the file {path.name} is missing")]
    findings = []
    if entry.sha256 != (found := sha256_of(path)):
        findings.append(Finding(name, f"the hash of {path.name} is not the one described", value=f"sha256:{found}"))
    content = path.read_bytes()
    if content.startswith(b"\xef\xbb\xbf"):
        findings.append(Finding(name, "begins with a byte-order mark"))
    if b"\r" in content:
        findings.append(Finding(name, "has line ends other than LF"))
    try:
        frame = read_text(path)
    except InputError as error:
        return [*findings, Finding(name, error.got)]
    inside = check_table(name, frame)
    # What needs the whole table is asked of one whose rows hold.
    return [*findings, *inside] if inside or name != "record_audit" else [*findings, *_audit_findings(entry, frame)]


def check_all(directory: Path | None = None) -> list[Finding]:
    """Check every table and every hash in a folder.

    Examples
    --------
    >>> check_all()  # doctest: +SKIP
    []
    """
    folder = data_directory() if directory is None else directory
    if not folder.is_dir():
        raise MissingFileError(f"{folder}, which is not a folder", "a folder with the tables", "name another one")
    paths = {entry.name: folder / entry.path.name for entry in tables()}
    if not any(path.is_file() for path in paths.values()):
        raise InputError(f"{folder}, which holds none of the tables", "CSV files as in data/", "name another folder")
    if (folder / UNLICENSED).is_dir():
        paths |= {entry.name: folder / UNLICENSED / entry.path.name for entry in unlicensed()}
    findings = [finding for name, path in paths.items() for finding in check_file(name, path)]
    described = set(paths.values())
    strangers = sorted(path.name for path in folder.glob("*.csv") if path not in described)
    return findings + [Finding(Path(name).stem, f"{name} is not described in the data package") for name in strangers]


def _pandera_column(column: Column) -> pa.Column:
    import pandera.pandas as pa

    constraints = column.constraints
    checks = []
    if "minimum" in constraints:
        low = constraints["minimum"]
        checks.append(pa.Check.ge(low, error=f"is below {low}"))
    if "exclusiveMinimum" in constraints:
        bound = constraints["exclusiveMinimum"]
        checks.append(pa.Check.gt(bound, error=f"is not above {bound}"))
    if "maximum" in constraints:
        high = constraints["maximum"]
        checks.append(pa.Check.le(high, error=f"is above {high}"))
    if "enum" in constraints:
        allowed = constraints["enum"]
        checks.append(pa.Check.isin(allowed, error=f"is none of: {', '.join(map(str, allowed))}"))
    if "pattern" in constraints:
        pattern = constraints["pattern"]
        whole = re.compile(pattern)

        def fits(text: str, whole: re.Pattern[str] = whole) -> bool:
            return whole.fullmatch(text) is not None

        checks.append(pa.Check(fits, element_wise=True, error=f"does not fit the pattern {pattern}"))
    # The types were made by `typed`; pandera need not know which of pandas' integer or boolean types it chose.
    return pa.Column(
        nullable=not column.required,
        unique=bool(constraints.get("unique", False)),
        required=True,
        checks=checks,
    )


def _audit_findings(entry: Table, frame: pd.DataFrame) -> Iterator[Finding]:
    """Say which rows of the record audit have another role than their size gives, and whether its day is the newest."""
    from forecast.ingest.models import load_models
    from forecast.ingest.roles import roles

    audit, _ = typed(frame, entry)
    newest = f"{audit['publication_date'].max():%Y-%m-%d}"
    if newest != entry.snapshot:
        yield Finding(entry.name, f"the newest row is not of the day of the table, {entry.snapshot}", value=newest)
    given = roles(load_models(), audit)
    for line, (model, role) in enumerate(zip(audit["model"], audit["role"], strict=True), start=2):
        if given.get(model, role) != role:
            yield Finding(entry.name, f"is {given[model]} by tokens of human text", "role", line, str(role))


def _header_findings(entry: Table, frame: pd.DataFrame) -> Iterator[Finding]:
    described, found = [column.name for column in entry.columns], [str(name) for name in frame.columns]
    yield from (Finding(entry.name, "the column is missing", name) for name in described if name not in found)
    yield from (Finding(entry.name, "the column is not described", name) for name in found if name not in described)
    if sorted(described) == sorted(found) and described != found:
        yield Finding(entry.name, "the columns are in another order than described")
    elif frame.empty:
        yield Finding(entry.name, "has no rows")


def _failures(entry: Table, cases: pd.DataFrame) -> Iterator[Finding]:
    """Turn pandera's failure cases into findings, a few for each check, and one for each row of a cross-check."""
    import pandas as pd

    # A cross-check names every column of a failing row: what it says belongs to the row, not to one of them.
    cases = cases.assign(column=cases["column"].where(cases["schema_context"] == "Column"))
    for (column, check), group in cases.groupby(["column", "check"], dropna=False, sort=False):
        cell = isinstance(column, str)
        problem = _words(str(check), entry)
        seen: set[int | None] = set()
        for index, value in zip(group["index"], group["failure_case"], strict=True):
            line = None if pd.isna(index) else int(index) + 2
            if line in seen:
                continue
            if len(seen) == MAX_PER_CHECK:
                rest = group["index"].nunique() - MAX_PER_CHECK
                yield Finding(entry.name, f"{problem}: {rest} more", str(column) if cell else None)
                break
            seen.add(line)
            shown = None if not cell or pd.isna(value) else str(value)
            yield Finding(entry.name, problem, str(column) if cell else None, line, shown)


def _words(check: str, entry: Table) -> str:
    if check == "not_nullable":
        return "is empty"
    if check == "field_uniqueness":
        return "is in more than one row"
    if check == "multiple_fields_uniqueness":
        return f"more than one row has the same {', '.join(entry.primary_key)}"
    return check
