"""How old each table is, what of the answer hangs on it, where a newer one would be, and how to get it.

What hangs on a table is taken from the stored sensitivity: the uncertain inputs that the table feeds, with their share
of the uncertainty. An input names its tables itself (a lever by ``tables`` and by the sources of its settings, a stock
estimator by ``tables``, the growth models by what a run reads), so that a new table or lever appears by itself.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from forecast.fits.kept_parts import kept_part
from forecast.ingest.catalog import Table, data_directory, load_table, tables
from forecast.ingest.stored import FOLDER, StoredResult, exists

if TYPE_CHECKING:
    import pandas as pd

    from forecast.scenarios.scenario import Scenario

OUTPUT = "log_gap_2030"
"""What the shares are shares of: the variance of log10 of the largest feasible run over the usable text, 1 January 2030."""

_DATED = ("date", "yearmonth", "year")
_YEAR_UNIT = "calendar year"


@dataclass(frozen=True)
class TableStatus:
    """What is known about a table's age and weight.

    Parameters
    ----------
    table, title : str
        The table.
    newest : str or None
        The newest date in it (ISO; a year where it holds years), projections and later target dates left out; None
        where it holds no dates.
    checked : str
        The day to which it was checked against its sources (ISO).
    age_days : int
        Days since then.
    feeds : tuple of str
        Uncertain inputs of the baseline that rest on it.
    first : float or None
        Share of the uncertainty that would go if these inputs were known: the sum of their first-order Sobol indices,
        which all tables of an input share; None where no sensitivity is stored.
    total : float or None
        Likewise with all interactions: the sum of total indices, at most 1.
    results : tuple of str
        Stored results that read it.
    address : str
        Where a newer one would be.
    refresh : str
        How to get it.
    """

    table: str
    title: str
    newest: str | None
    checked: str
    age_days: int
    feeds: tuple[str, ...]
    first: float | None
    total: float | None
    results: tuple[str, ...]
    address: str
    refresh: str

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return asdict(self)

    @property
    def weight(self) -> str:
        """What hangs on it, in words."""
        if self.feeds and self.first is not None:
            return f"{_share(self.first)} of the uncertainty: {'; '.join(self.feeds)}"
        if self.feeds:
            return f"part of the headline: {'; '.join(self.feeds)}"
        if self.results:
            return f"none of the headline; read by {', '.join(self.results)}"
        return "none of the headline"


def table_statuses(scenario: Scenario | None = None, *, today: dt.date | None = None) -> tuple[TableStatus, ...]:
    """Return the status of every table, those that carry most first."""
    from forecast.scenarios import scenario as scenarios

    today = today or dt.datetime.now(dt.UTC).date()
    fed = fed_by(scenario or scenarios.load("baseline"))
    weights = _weights()
    readers = _readers()
    found = []
    entries = tables()
    # By their hashes: every table is read for it.
    newest = kept_part(
        "newest dates",
        lambda: {entry.name: newest_date(entry) for entry in entries},
        of=[[entry.name, entry.sha256] for entry in entries],
    )
    for entry in entries:
        inputs = [name for name, named in fed.items() if entry.name in named]
        groups = [group for group in weights or () if set(group["inputs"]) & set(inputs)]
        found.append(
            TableStatus(
                table=entry.name,
                title=entry.title,
                newest=newest[entry.name],
                checked=entry.snapshot,
                age_days=max((today - dt.date.fromisoformat(entry.snapshot)).days, 0),
                feeds=tuple(group["title"] for group in groups) if weights else tuple(inputs),
                first=None if weights is None else _sum(groups, "first"),
                total=None if weights is None else _sum(groups, "total"),
                results=readers.get(entry.name, ()),
                address=entry.address,
                refresh=entry.refresh,
            )
        )
    return tuple(sorted(found, key=lambda one: (-(one.first or 0.0), not one.feeds, not one.results)))


def data_status() -> pd.DataFrame:
    """Return how old each table is, what of the answer hangs on it, and how to refresh it.

    Returns
    -------
    pandas.DataFrame
        One row per table, those that carry most first; columns as the fields of `TableStatus`.

    Examples
    --------
    >>> list(data_status().columns[:3])
    ['newest', 'checked', 'age_days']
    """
    import pandas as pd

    return pd.DataFrame([one.as_dict() for one in table_statuses()]).set_index("table").drop(columns="title")


def fed_by(scenario: Scenario) -> dict[str, tuple[str, ...]]:
    """Return the tables behind every uncertain input of a scenario, by the input's name in the sensitivity."""
    from forecast.core.resources import RESOURCES
    from forecast.evaluate.sensitivity.population import GROWTH, LINEAGES, MEMBER, PREMIUM, STOCK, UNDISCLOSED
    from forecast.runs.inputs import consumption_tables
    from forecast.scenarios.levers import LEVERS

    consumption = consumption_tables(RESOURCES[scenario.resource_name])
    levers = {
        name: (*LEVERS[name].tables, *(table for source in value.sources.values() for table in named_in(source)))
        for name, value in scenario.levers.items()
        if scenario.resource_name in LEVERS[name].applies_to
    }
    of_runs, of_stock = (MEMBER, PREMIUM, GROWTH, UNDISCLOSED), (STOCK, LINEAGES)
    found = {**dict.fromkeys(of_runs, consumption), **dict.fromkeys(of_stock, scenario.stock().tables), **levers}
    return {name: tuple(dict.fromkeys(named)) for name, named in found.items()}


def named_in(source: str) -> tuple[str, ...]:
    """Return the tables that a source names.

    Examples
    --------
    >>> named_in("table claims, fitted: half of them (table claims); see the table below")
    ('claims',)
    """
    known = {entry.name for entry in tables()}
    return tuple(dict.fromkeys(name for name in re.findall(r"\btable (\w+)", source) if name in known))


def newest_date(entry: Table) -> str | None:
    """Return the newest date in a table that is no later than its snapshot."""
    dated = [c.name for c in entry.columns if c.type in _DATED or (c.type == "integer" and c.unit == _YEAR_UNIT)]
    if not dated:
        return None
    frame = load_table(entry.name, dated)
    texts: list[str] = []
    for name in dated:
        values = frame[name].dropna()
        if values.dtype.kind == "M":
            texts += [text for text in values.dt.strftime("%Y-%m-%d").unique() if text <= entry.snapshot]
        else:
            texts += [text for text in values.astype(str).unique() if text <= entry.snapshot[: len(text)]]
    return max(texts, default=None)


def _sum(groups: Sequence[Mapping[str, Any]], kind: str) -> float:
    # An estimate a little below zero is zero.
    return round(min(sum(max(group["sobol"][OUTPUT][kind], 0.0) for group in groups), 1.0), 4)


def _weights() -> list[Mapping[str, Any]] | None:
    """Return the inputs of the stored sensitivity, stale or not; None where there is none."""
    found = stored_sensitivity()
    return None if found is None else list(found.content["inputs"])


def stored_sensitivity() -> StoredResult | None:
    """Return the stored sensitivity, which says itself whether it still fits."""
    from forecast import evaluate

    return evaluate.stored("sensitivity") if exists("sensitivity") else None


def _readers() -> dict[str, tuple[str, ...]]:
    """Return the names of the stored results that have read each table."""
    found: dict[str, list[str]] = {}
    for name, read in _inputs_of_results():
        for table in read:
            found.setdefault(table, []).append(name)
    return {table: tuple(names) for table, names in found.items()}


def _inputs_of_results() -> Iterator[tuple[str, Sequence[str]]]:
    for path in sorted((data_directory() / FOLDER).glob("*.json")):
        try:
            yield path.stem, list(json.loads(path.read_text(encoding="utf-8"))["inputs"]["tables"])
        except (OSError, ValueError, KeyError, TypeError):
            continue  # whoever shows this result says that it cannot be read


def _share(first: float) -> str:
    return "less than 1 %" if first < 0.01 else f"{first:.0%}".replace("%", " %")


__all__ = ["OUTPUT", "TableStatus", "data_status", "fed_by", "named_in", "newest_date", "table_statuses"]
