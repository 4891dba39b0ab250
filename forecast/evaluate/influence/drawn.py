"""Numbers that every future draws: what is left of the uncertainty, and the answer, where one of them is known.

All from the draws of one run: futures in which a number is near a value say what the answer would be there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np

from forecast.consumption.undisclosed import Undisclosed
from forecast.core.summaries import plain, quantiles
from forecast.core.trajectory import YEAR
from forecast.core.units import REFERENCE_YEAR
from forecast.evaluate.influence.number import Answers, CarryingNumber, Grade, Kind, address_of, graded
from forecast.evaluate.sensitivity.population import GAP_AT
from forecast.evaluate.sensitivity.tornado import BAND, HIGH, LOW
from forecast.ingest.catalog import table
from forecast.production.estimators.published import Published
from forecast.runs.inputs import consumption_tables
from forecast.runs.sentence import HEADLINE_YEAR
from forecast.scenarios.levers import LEVERS

if TYPE_CHECKING:
    from forecast.runs.results import Results

BINS = 20
"""Bins of equal size in which the mean of the gap is taken (count)."""

NAMES: Mapping[str, str] = {
    "quality.usable_share": "Share of public text that is worth training on",
    "access.restricted_share_now": "Share of public text that robots.txt closes to crawlers for AI",
    "access.compliance_now": "Share of that which crawlers then leave alone",
    "repetition.epochs": "Times that a run reads the same text",
    "compute_cap.limit_2030": "Computation of the largest practicable run in 2030",
}
"""Settings in the words of a reader who has seen nothing else; one that is not named here has its own description."""

_SAME = 0.999
"""Rank correlation above which two settings are one number said twice, such as a level now and one that stays."""


def first_order(x: np.ndarray, y: np.ndarray, bins: int = BINS) -> float:
    """Return the share of y's variance that the mean of y given x explains, from draws of both.

    The variance between bins of x that chance alone would give is taken off.

    References
    ----------
    Plischke et al. 2013, doi:10.1016/j.ejor.2012.11.047

    Examples
    --------
    >>> x = np.linspace(0, 1, 1000)
    >>> round(first_order(x, 3 * x), 2)
    1.0
    """
    parts = np.array_split(y[np.argsort(x, kind="stable")], bins)
    sizes = np.array([len(part) for part in parts])
    between = float(np.sum(sizes * (np.array([part.mean() for part in parts]) - y.mean()) ** 2)) / len(y)
    within = float(np.sum(sizes * np.array([part.var() for part in parts]))) / (len(y) - bins)
    chance = within * (bins - 1) / len(y)
    return float(np.clip((between - chance) / y.var(), 0.0, 1.0)) if y.var() else 0.0


def near(x: np.ndarray, year: np.ndarray, rank: float) -> Answers:
    """Return the answer of the futures in which x lies near a rank."""
    from scipy.stats import rankdata

    ranks = (rankdata(x, method="ordinal") - 0.5) / len(x)
    return answers(year[np.abs(ranks - rank) <= BAND])


def answers(year: np.ndarray) -> Answers:
    """Return median and probability by 2030 of exhaustion years."""
    return Answers(plain(float(quantiles(year, [0.5])[0])), round(float(np.mean(year < HEADLINE_YEAR + 1)), 5))


def drawn_numbers(results: Results, *, seed: int) -> list[CarryingNumber]:
    """Return every number that the futures of a run draw, with what hangs on it."""
    years = results.frontier[YEAR].values
    at = int(np.argmin(np.abs(years - GAP_AT)))
    gap = results.frontier.values[:, at] - results.effective.values[:, at]
    year = results.passages["main"].year

    def number(
        kind: Kind, name: str, key: str, unit: str, x: np.ndarray, grade: Grade, read: str, address: str
    ) -> CarryingNumber:
        low, middle, high = (float(f"{value:.6g}") for value in np.quantile(x, [LOW, 0.5, HIGH]))
        return CarryingNumber(
            kind=kind, name=name, key=key, unit=unit, value=middle, low=low, high=high,
            grade=grade, read=read, address=address, share=round(first_order(x, gap), 4),
            at_low=near(x, year, LOW), at_high=near(x, year, HIGH),
        )  # fmt: skip

    shipped, *audits = consumption_tables(results.resource)
    record = table((audits or [shipped])[0])
    now = int(np.argmin(np.abs(years - results.inputs.data.as_of)))
    paths = results.disclosed.values
    unit = results.resource.unit
    fitted = f"estimated from the published sizes (table {record.name})"
    found = [
        number("fitted", "The largest training run that published sizes point to today", "level", unit,
               10 ** paths[:, now], "B", fitted, record.address),
        number("fitted", f"How fast the largest training run grows until {HEADLINE_YEAR}", "growth", "times a year",
               10 ** ((paths[:, at] - paths[:, now]) / (years[at] - years[now])), "B",
               f"{fitted}; that it goes on is judgement", record.address),
    ]  # fmt: skip
    if np.ptp(results.delta) > 0:
        source = Undisclosed().delta.source
        found.append(
            number("assumption", "How far undisclosed training runs stand above that", "undisclosed", "times",
                   10**results.delta, *graded(source), address_of(source))
        )  # fmt: skip
    start = int(np.argmin(np.abs(years - REFERENCE_YEAR)))
    stock = results.scenario.stock()
    estimates = [name for name in Published.tables if name in stock.tables]
    where = table(estimates[0]).address if estimates else address_of("; ".join(stock.sources))
    found.append(
        number("fitted", f"All text on the public web at the start of {REFERENCE_YEAR:.0f}", "raw stock", unit,
               10 ** results.raw.values[:, start], "B", "combined from the published estimates", where)
    )  # fmt: skip
    for lever, key, x in _settings(results, seed):
        parameter, source = LEVERS[lever].settings[key], results.scenario.levers[lever].sources[key]
        grade, read = graded(source)
        found.append(
            number("assumption", NAMES.get(f"{lever}.{key}", parameter.description), f"{lever}.{key}", parameter.unit, x, grade, read,
                   address_of(source))
        )  # fmt: skip
    return found


def _settings(results: Results, seed: int) -> Iterator[tuple[str, str, np.ndarray]]:
    """Yield the numbers of the levers that act and are drawn; what says the same twice is yielded once."""
    size = len(results.delta)
    for name in results.scenario.levers:
        if results.resource.name not in LEVERS[name].applies_to:
            continue
        draws: Mapping[str, np.ndarray] = results.scenario.draw_lever(name, seed=seed, size=size)
        seen: list[np.ndarray] = []
        for key, x in draws.items():
            if key not in LEVERS[name].settings or LEVERS[name].settings[key].kind == "choice" or np.ptp(x) == 0:
                continue
            from scipy.stats import rankdata

            ranks = rankdata(x)
            if any(np.corrcoef(ranks, other)[0, 1] > _SAME for other in seen):
                continue
            seen.append(ranks)
            yield name, key, x
