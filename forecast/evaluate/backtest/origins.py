"""The diagnostics gate on the shipped data and at every half-year origin since 2019.

An origin is a date; the members see the rows published by then (with today's values: snapshots of the table itself
exist only since November 2024) and sample with the settings of a real run. A member that fails after its automatic
rerun is out of the mixture at that origin, by the rule of the gate, and the table says which and why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast.consumption.fitting import FitRequest, fit_member
from forecast.consumption.frontier_data import BLOCK_YEARS, FrontierData, frontier_data
from forecast.consumption.member import Member
from forecast.consumption.members import DEFAULT_MEMBERS, member
from forecast.core.seeds import DEFAULT_SEED
from forecast.core.summaries import summarise
from forecast.core.units import calendar_date
from forecast.errors import InputError, ModelError
from forecast.fits import kept as cache
from forecast.fits.executor import run_tasks
from forecast.fits.sampling import Sampling

if TYPE_CHECKING:
    import pandas as pd

FIRST_ORIGIN = 2019.0
"""Earliest origin (decimal year)."""

YEARS_AHEAD = 4.0
"""How far ahead the frontier is noted at each origin (years)."""


@dataclass(frozen=True)
class OriginTask:
    """One member at one origin.

    Parameters
    ----------
    origin : float
        Decimal year up to which rows count.
    data : FrontierData
        The rows, as the members take them.
    member : Member
        What to fit.
    shipped : bool, default False
        Whether the origin is the date of the shipped data rather than a half-year.
    sampling : Sampling
        Length and care; by default those of a real run.
    seed : int
        The run's seed.
    """

    origin: float
    data: FrontierData
    member: Member
    shipped: bool = False
    sampling: Sampling = field(default_factory=Sampling)
    seed: int = DEFAULT_SEED

    def request(self) -> FitRequest:
        """Return the fit that is looked at."""
        return FitRequest(self.member, self.data, self.seed, self.sampling)


def origins(last: float) -> list[float]:
    """Return the half-year origins.

    Examples
    --------
    >>> origins(2020.3)
    [2019.0, 2019.5, 2020.0]
    """
    return [float(year) for year in np.arange(FIRST_ORIGIN, last + 1e-9, BLOCK_YEARS)]


def origin_tasks(
    corpora: pd.DataFrame,
    as_of: float,
    members: Sequence[str] = DEFAULT_MEMBERS,
    *,
    sampling: Sampling | None = None,
) -> tuple[list[OriginTask], list[dict[str, Any]]]:
    """Return what there is to fit, and the origins at which there are too few rows."""
    chosen, settings = [member(name) for name in members], sampling or Sampling()
    listed: list[OriginTask] = []
    refused: list[dict[str, Any]] = []
    for origin, shipped in [(as_of, True), *((year, False) for year in origins(as_of))]:
        try:
            data = frontier_data(corpora, origin)
        except InputError as error:
            refused.append({"origin": origin, "date": str(calendar_date(origin)), "reason": str(error)})
            continue
        listed += [OriginTask(origin, data, who, shipped, settings) for who in chosen]
    return listed, refused


def check_origin(task: OriginTask) -> dict[str, Any]:
    """Fit a member at an origin and say what the gate says."""
    who, data = task.member, task.data
    found: dict[str, Any] = {
        "origin": task.origin,
        "date": str(calendar_date(task.origin)),
        "shipped": task.shipped,
        "member": who.name,
        "rows": int((data.observed * who.sees(data)[:, None]).sum()),
        "blocks": int(np.sum((data.observed[:, 0] > 0) * who.sees(data))),
    }
    try:
        fit = fit_member(task.request())
    except ModelError as error:
        return {**found, "verdict": "FAIL", "reasons": [str(error)]}
    ahead = fit.project(np.array([task.origin, task.origin + YEARS_AHEAD])).values
    diagnostics = fit.diagnostics
    p_values = {name: round(float(p), 4) for name, p in diagnostics["p_values"].items()}
    return {
        **found,
        "verdict": diagnostics["verdict"],
        "reasons": [
            f"{line['name']}: {line['sentence']}" for line in diagnostics["checks"] if line["status"] == "FAIL"
        ],
        "rhat_max": diagnostics["rhat_max"],
        "ess_bulk_min": diagnostics["ess_bulk_min"],
        "ess_tail_min": diagnostics["ess_tail_min"],
        "divergences": diagnostics["divergences"],
        "transitions": diagnostics["transitions"],
        "attempts": attempts(fit.posterior),
        "p_values": p_values,
        "p_lowest": min(p_values.values()),
        "p_highest": max(p_values.values()),
        "record": round(float(data.size[data.observed > 0].max()), 4),
        "frontier": summarise(10 ** ahead[:, 0]),
        "frontier_later": summarise(10 ** ahead[:, 1]),
    }


def attempts(tree: Any) -> int | None:
    """Return how often a fit was sampled: 2 or 3 when a rerun was needed."""
    noted = tree.attrs.get("attempts")
    return None if noted is None else int(noted)


def check_origins(
    listed: Sequence[OriginTask],
    jobs: int | None = None,
    progress: Callable[[str], None] = lambda _: None,
    scheduler: str | None = None,
) -> list[dict[str, Any]]:
    """Fit every member at every origin."""
    found: dict[int, dict[str, Any]] = {}
    for task in listed:
        cache.note(task.request().key())  # it is made, or was kept, where nobody notes it
    for position, row in run_tasks(check_origin, listed, jobs, scheduler=scheduler):
        found[position] = row
        progress(f"{row['date']} {row['member']}: {row['verdict']}")
    return [found[position] for position in range(len(listed))]


def gate(rows: Iterable[Mapping[str, Any]], refused: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Turn the rows into the published result."""
    listed = list(rows)
    names = list(dict.fromkeys(row["member"] for row in listed))
    return {
        "members": [
            {
                "member": name,
                "origins": sum(row["member"] == name and not row["shipped"] for row in listed),
                "hold": sum(
                    row["member"] == name and not row["shipped"] and row["verdict"] != "FAIL" for row in listed
                ),
                "shipped": next((row["verdict"] for row in listed if row["member"] == name and row["shipped"]), None),
                "rerun": sum(row["member"] == name and (row.get("attempts") or 1) > 1 for row in listed),
            }
            for name in names
        ],
        "out": [
            {"date": row["date"], "member": row["member"], "reasons": row["reasons"]}
            for row in listed
            if row["verdict"] == "FAIL"
        ],
        "refused": list(refused),
        "rows": listed,
    }


def settings() -> dict[str, Any]:
    """Return what shapes the stored result beside its seed."""
    return {"sampling": asdict(Sampling())}


def evaluate(progress: Callable[[str], None], jobs: int | None = None, scheduler: str | None = None) -> dict[str, Any]:
    """Put every default member through the gate at every origin."""
    from forecast.ingest.corpora import audited_as_of, text_corpora
    from forecast.ingest.models import load_models

    listed, refused = origin_tasks(text_corpora(load_models()), audited_as_of())
    return gate(check_origins(listed, jobs, progress, scheduler), refused)
