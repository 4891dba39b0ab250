r"""The facts that somebody could state, and what each says about a future.

Two ways of taking a fact in. A fact about what the forecast draws *weighs* its futures
(`forecast.evaluate.disclosures.conditioning`). A fact about sizes is a *row* of the table, with
which the growth models are fitted again by the fast engine: few of the old futures lie where a surprising row puts them.

**A laboratory that states its largest run** says more than one more published run does. A run that is published tells
that the frontier is no lower; that this one is the largest of a laboratory at the frontier tells that it is not far above,
either. Its distance from the true frontier, with what is not disclosed, is taken to be that of the largest run of a
half-year: of size e or more with probability exp(-(e/s)^alpha), in the terms of the observation law. Futures are weighed
by this: the old ones, or, where few of them agree, those fitted with the row, whose own likelihood is taken out again.

**How often the largest runs read their text.** The lever of repetition says how often a text *could* be read with profit,
e passes, and how often a frontier run reads its own, r. A statement is about what is done. It sets r, and it tells how
scarce text is: a laboratory reads again what it has read when it lacks text that is as good and was not read. The largest
run F at the date of the data then needs F / U passes over the stock U with every text counted once, and reads
max(1, F / U). Read once, F is no larger than U; read 2.5 times, it is about 2.5 times as large, and 2.5 passes are worth
making (e is no smaller, with the same error). That the laboratory can use all that counts as usable is what the event of the forecast assumes,
too. One that holds a part alone reads more often with the same F: then 2.5 passes say less than is shown, and a single
one says more.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import log_ndtr

from forecast.consumption.fit import interpolate
from forecast.consumption.frontier_data import FrontierData, frontier_data
from forecast.consumption.mixture import mixture, thinned
from forecast.consumption.observation import SEEN_AT
from forecast.core.distributions import LogNormal
from forecast.core.registry import Registry
from forecast.core.trajectory import DRAW, YEAR
from forecast.core.units import calendar_date
from forecast.core.wording import date_words
from forecast.evaluate.disclosures.conditioning import log_read
from forecast.ingest.corpora import Unstated
from forecast.runs.passage import apply_levers
from forecast.runs.pipeline import Options
from forecast.scenarios.levers import counted_as

if TYPE_CHECKING:
    import pandas as pd

    from forecast.runs.results import Results
    from forecast.scenarios.scenario import Scenario

READ_ERROR = 0.2
"""Error of a stated number of passes as a measure of scarcity (log10, sd): a factor of 2.5 at 95 %; judgement: it is a mean
over sources read one to ten times, and good text is read again before worse text is read at all."""

STATED_ERROR = 0.05
"""Error of a stated size of human text (log10, sd): 12 %; as of the record audit's grade B: two digits, and what counts as
text and as human is not always said."""

PASSES = (1.0, 2.5)
"""How often the largest runs could be said to read their text (passes): once, or half of the five that count at most."""

SIZES = (34.0, 60.0, 120.0, 300.0)
"""What a frontier laboratory could state (trillion tokens): the published record, about twice, four and nine times it."""

MACHINE_SHARES = (0.0, 0.47)
"""Machine-written share of what runs read that could be stated (share): the lowest and the highest that any run since 2024
states (table record_audit)."""


@dataclass(frozen=True)
class Ground:
    """A run, and what facts look at.

    Parameters
    ----------
    results : Results
        The run.
    options : Options
        What it was told.
    """

    results: Results
    options: Options

    @property
    def as_of(self) -> float:
        """Decimal year of the data."""
        return float(self.results.inputs.data.as_of)

    @property
    def day(self) -> str:
        """Date of the data in words."""
        return _day(self.as_of)

    @property
    def quiet_until(self) -> float:
        """A year after the half-year of the data ends (decimal year): records after it are projected, not known."""
        return float(self.results.inputs.data.last_knot) + 1.0

    def at(self, path: np.ndarray, when: float) -> np.ndarray:
        """Return paths on the grid of the run, shape (draw, year), at a date."""
        return interpolate(path, self.results.frontier[YEAR].values, np.array([when]))[:, 0]

    @cached_property
    def needed(self) -> np.ndarray:
        """log10 of the passes over the stock that the largest run at the date of the data needs, shape (draw,)."""
        results = self.results
        once, _ = apply_levers(results.raw, results.scenario, seed=self.options.seed, leave_out=counted_as("pass"))
        return self.at(results.frontier.values - once.values, self.as_of)

    @cached_property
    def record(self) -> np.ndarray:
        """Paths of the published record (log10), shape (draw, year)."""
        results = self.results
        return mixture(results.held, results.frontier[YEAR].values, len(results.frontier), of="record").values

    @cached_property
    def models(self) -> pd.DataFrame:
        """The model rows of the run."""
        from forecast.ingest.models import read_models

        return read_models(self.options.models).rows

    def corpora(self, human_share: Unstated) -> pd.DataFrame:
        """Return the corpora with another share of human text where it is not stated."""
        from forecast.ingest.corpora import text_corpora
        from forecast.ingest.fetched import LATEST

        complete = self.options.models in (None, LATEST)
        return text_corpora(self.models, complete=complete, human_share=human_share)


@dataclass(frozen=True)
class Fact:
    """A fact that somebody could state.

    Parameters
    ----------
    name, title : str
        Its name; a few words for tables and figures.
    words : str
        The statement; ``{day}`` is the date of the data, ``{until}`` that until which no record would come.
    log_likelihood : callable, optional
        From the ground to the log likelihood of the statement in each future, shape (draw,), for a fact that weighs.
    data : callable, optional
        From the ground to the corpora with the fact, for one that is a row.
    size : float, optional
        log10 of the largest run that a laboratory states, for a row that is one.
    scenario : callable
        From a scenario to the one in which a setting has the stated value.
    """

    name: str
    title: str
    words: str
    log_likelihood: Callable[[Ground], np.ndarray] | None = None
    data: Callable[[Ground], FrontierData] | None = None
    size: float | None = None
    scenario: Callable[[Scenario], Scenario] = lambda scenario: scenario

    def sentence(self, ground: Ground) -> str:
        """Return the statement about a run."""
        return self.words.format(day=ground.day, until=_day(ground.quiet_until))


def read(times: float) -> Fact:
    """Return the fact that the largest runs read their text so often."""

    def log_likelihood(ground: Ground) -> np.ndarray:
        scenario, size = ground.results.scenario, ground.results.frontier.sizes[DRAW]
        found = log_read(times, ground.needed, READ_ERROR)
        lever = scenario.levers.get("repetition")
        if times > 1.0 and lever is not None and "epochs" in lever.quantities:
            worth_making = scenario.draw_lever("repetition", seed=ground.options.seed, size=size)["epochs"]
            found = found + log_ndtr((np.log10(worth_making) - np.log10(times)) / READ_ERROR)
        return found

    def with_passes(scenario: Scenario) -> Scenario:
        lever = scenario.levers.get("repetition")
        if lever is None or not {"epochs", "run_epochs"} <= set(lever.quantities):
            return scenario  # a scenario that says outright what reading again is worth
        stated = replace(lever, quantities={**lever.quantities, "run_epochs": LogNormal(times, 0.0, 0.0)})
        return replace(scenario, levers={**scenario.levers, "repetition": stated})

    often = "once" if times == 1.0 else f"{times:g} times"
    return Fact(
        "read_once" if times == 1.0 else f"read_{times:g}_times",
        f"the largest runs read their text {often}",
        f"The laboratories with the largest runs state that these read their text {often}.",
        log_likelihood=log_likelihood,
        scenario=with_passes,
    )


def states(trillions: float) -> Fact:
    """Return the fact that one frontier laboratory states the size of its largest run."""
    size = np.log10(trillions * 1e12)
    return Fact(
        f"states_{trillions:g}",
        f"one frontier laboratory states {trillions:g} trillion tokens",
        f"One frontier laboratory states that its largest run up to {{day}} read {trillions:g} trillion "
        "tokens of human text.",
        data=lambda ground: with_row(ground.results.inputs.data, size, STATED_ERROR),
        size=float(size),
    )


def machine_written(share: float) -> Fact:
    """Return the fact that runs since 2024 that do not say so read such a share of machine-written text."""
    human = Unstated(1.0 - share, 0.0, "stated")
    part = "none" if share == 0.0 else f"{100 * share:.0f} %"
    return Fact(
        f"machine_written_{100 * share:.0f}",
        f"{part} of what runs read is machine-written",
        f"Laboratories that do not say so yet state that {part} of what their runs since 2024 have read was "
        "written by machines.",
        data=lambda ground: frontier_data(ground.corpora(human), ground.results.inputs.data.as_of),
    )


def no_record() -> Fact:
    """Return the fact that a year brings no new published record."""

    def log_likelihood(ground: Ground) -> np.ndarray:
        known = ground.at(ground.record, ground.quiet_until - 1.0)
        with np.errstate(divide="ignore"):
            return np.log((ground.at(ground.record, ground.quiet_until) <= known).astype(float))

    return Fact(
        "no_record",
        "a year without a new published record",
        "No larger training set of human text is published before {until}.",
        log_likelihood=log_likelihood,
    )


FACTS: Registry[Fact] = Registry(
    "disclosure",
    (*map(read, PASSES), *map(states, SIZES), *map(machine_written, MACHINE_SHARES), no_record()),
)
"""The facts by name, in the order of the table: a new one is one entry here."""


def log_largest(results: Results, when: float, size: float, sd: float = STATED_ERROR) -> np.ndarray:
    """Return the log density of the largest run of a laboratory at the frontier in each future of a run, shape (draw,)."""
    thin = thinned(results.held, len(results.frontier))
    one = np.ones((1, 1))
    frontier = interpolate(results.frontier.values, results.frontier[YEAR].values, np.array([when]))
    row = {"size": size * one, "sd": sd * one, "observed": one, "exposure": one[0]}
    found = []
    for fit, at in zip(thin, frontier.reshape(len(thin), -1, 1, 1), strict=True):
        within = np.repeat(at, len(SEEN_AT), axis=2)
        found.append(fit.member.rows_density(at, within, row, fit.draws, np)[:, 0])
    return np.concatenate(found)


def with_row(data: FrontierData, size: float, sd: float, label: str = "the statement") -> FrontierData:
    """Return corpora with one row more in the half-year of their date: where it is full, the smallest makes room.

    Parameters
    ----------
    data : FrontierData
        The corpora.
    size, sd : float
        log10 size of the new row and its error.
    label : str
        Its name.

    Returns
    -------
    FrontierData
        With the same knots.
    """
    block = data.blocks - 1
    count, most = int(data.observed[block].sum()), data.size.shape[1]
    rows = [
        *zip(
            data.size[block, :count], data.sd[block, :count], data.time[block, :count], data.labels[block], strict=True
        ),
        (size, sd, data.as_of, label),
    ]
    rows = sorted(rows, key=lambda row: -row[0])[:most]
    changed = {name: getattr(data, name).copy() for name in ("size", "sd", "time", "observed")}
    for place, (of_row, error, when, _) in enumerate(rows):
        for name, value in (("size", of_row), ("sd", error), ("time", when), ("observed", 1.0)):
            changed[name][block, place] = value
    labels = (*data.labels[:block], tuple(str(row[3]) for row in rows), *data.labels[block + 1 :])
    return replace(data, labels=labels, **changed)


def _day(year: float) -> str:
    """Return a decimal year as a date in words."""
    return date_words(calendar_date(year).isoformat())


__all__ = ["FACTS", "Fact", "Ground", "log_largest", "with_row"]
