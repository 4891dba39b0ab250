"""The hierarchy of histories as a forecaster, and its test: families left out in turn, within the learning half alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from forecast.consumption.frontier_data import FIRST_KNOT
from forecast.consumption.learned.checks import before_the_fit, made, p_values
from forecast.consumption.learned.hierarchy import Hierarchy
from forecast.consumption.learned.left_out import RELIABLE, without
from forecast.consumption.learned.model import fit
from forecast.consumption.learned.numbers import DRAWS as HIERARCHY_DRAWS
from forecast.consumption.learned.numbers import VERSION, as_lists, diagnostics, from_lists, load
from forecast.consumption.learned.predictive import (
    PACED,
    PARTICLES,
    PLATEAU,
    RATIO_YEARS,
    draws_for_members,
    given_years,
    member_parameters,
    onward,
)
from forecast.consumption.learned.series import KIND_OF, Changes, changes, hash_of_growth, learning_half
from forecast.core.seeds import DEFAULT_SEED, generator
from forecast.evaluate.histories.rivals import RIVALS, Forecaster
from forecast.evaluate.histories.rivals.base import CEILING, DRAWS
from forecast.evaluate.histories.run import judged, scored
from forecast.evaluate.histories.scoring import Scored
from forecast.fits.kept import fit_key, kept_score
from forecast.fits.sampling import Sampling
from forecast.ingest.histories import History
from forecast.ingest.known import Known

NAME = "learned"
"""Name under which it is scored."""

FIXED = "fixed_prior"
"""Name of the same forecaster with the hierarchy as it is before the fit: what learning adds is the difference."""

REFITS = 1
"""Fits, at most, for the families whose weights cannot be relied on, left out together (count): less is learned than could
be, so that what is scored is if anything too poor."""

PLATEAUS = (0.0, PLATEAU, 3 * PLATEAU)
"""Hazards of stopping for good that are tried (per year)."""

REFIT_SAMPLING = Sampling(chains=4, draws=4500, keep=250, tune=800, target_accept=0.95)
"""How a refit is sampled: shorter than the hierarchy that is kept, long enough that none is sampled twice."""

SCORED_PARTICLES = 5_000
"""Series drawn for a scored forecast before they are weighed (count): a quarter of the usual, for eight hundred origins."""

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
"""Probabilities of the points that are shown."""

AHEAD = (1, 2, 5, 10)
"""Horizons at which the record of text is shown (years)."""

QUIET = (1.5, 3.0)
"""Years without a new record whose probability is shown (years)."""

SHOWN_DRAWS = 4000
"""Draws behind what is shown of the record of text (count)."""

SETS = 300
"""Made sets of series behind a posterior predictive p value (count)."""

AGAINST = ("record_plus_drift_fitted", "farmer_lafond", "neighbours")
"""Rivals it is compared with."""


@dataclass(frozen=True, eq=False)
class LearnedForecaster:
    """Forecasts a series from its years and the hierarchy."""

    hierarchy: Hierarchy
    plateau: float = PLATEAU
    name: str = NAME
    particles: int = PARTICLES

    def forecast(
        self, known: Known, horizons: Sequence[float], rng: np.random.Generator, draws: int = DRAWS
    ) -> np.ndarray:
        """Return draws of the best so far; see `Forecaster`."""
        yearly = np.diff(known.value[:: -round(1 / known.step)][::-1])
        kind = KIND_OF.get(known.kind, known.kind)
        series = given_years(
            self.hierarchy, yearly, kind, known.domain or known.family, rng, draws=draws, particles=self.particles
        )
        future = onward(series, int(np.ceil(max(horizons))), rng, plateau=self.plateau)
        start = known.record + known.error * rng.standard_normal(draws)
        return np.array([start + np.minimum(future.at(h), CEILING) for h in horizons])


def parts(families: Sequence[str], count: int = REFITS) -> list[tuple[str, ...]]:
    """Return families in parts of about the same size, in the order of their names; none is empty."""
    return [part for place in range(count) if (part := tuple(sorted(families)[place::count]))]


def refit(
    data: Changes, left_out: tuple[str, ...], *, seed: int = DEFAULT_SEED, settings: Sampling = REFIT_SAMPLING
) -> tuple[Hierarchy, dict[str, Any]]:
    """Return the hierarchy without some families and how its fit converged, as it is kept or newly sampled."""

    def make() -> dict[str, Any]:
        tree, given, found = fit(data, left_out=left_out, seed=seed, settings=settings, once=True)
        hierarchy = Hierarchy.from_posterior(tree["posterior"], given.groups, HIERARCHY_DRAWS)
        return {**as_lists(hierarchy), "gate": diagnostics(found)}

    key = fit_key(
        model=["learned", VERSION], growth=hash_of_growth(data), left_out=left_out, sampling=asdict(settings), seed=seed
    )
    kept = kept_score(key, make)
    return from_lists(kept), kept["gate"]


def of_family(
    histories: Sequence[History],
    family: str,
    hierarchy: Hierarchy,
    unlearned: Hierarchy,
    *,
    seed: int = DEFAULT_SEED,
    jobs: int | None = None,
    scheduler: str | None = None,
) -> Scored:
    """Score the series of a family, by a hierarchy that has not seen it, by one that has seen nothing, and by rivals."""
    who: list[Forecaster] = [
        *(
            LearnedForecaster(
                hierarchy, plateau, NAME if plateau == PLATEAU else f"{NAME}_plateau_{plateau:g}", SCORED_PARTICLES
            )
            for plateau in PLATEAUS
        ),
        LearnedForecaster(unlearned, PLATEAU, FIXED, SCORED_PARTICLES),
        *(RIVALS[rival]().learn([one for one in histories if one.family != family]) for rival in AGAINST),
    ]
    return scored([one for one in histories if one.family == family], who, seed=seed, jobs=jobs, scheduler=scheduler)


def cross_validated(
    histories: Sequence[History],
    *,
    seed: int = DEFAULT_SEED,
    settings: Sampling = REFIT_SAMPLING,
    jobs: int | None = None,
    scheduler: str | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> dict[str, Any]:
    """Forecast each series by a hierarchy that has not seen its family, beside rivals that have not either.

    Families are left out of the one fit by weights. Where these cannot be relied on, the model is fitted again without
    such families; those fits are kept as they come, so that an evaluation which is broken off goes on where it was.
    """
    data, kept = changes(histories), load().hierarchy
    named = dict.fromkeys(sorted(data.families))
    left = {name: without(kept, data, name, generator(seed, "learned", "without", name)) for name in named}
    hierarchies = {name: one.hierarchy for name, one in left.items() if one.tail <= RELIABLE}
    gates = []
    for part in parts([name for name in left if name not in hierarchies]):
        hierarchy, gate = refit(data, part, seed=seed, settings=settings)
        progress(f"fitted without {', '.join(part)}: R-hat up to {gate['rhat_max']}, ESS from {gate['ess_bulk_min']}")
        gates.append({"without": list(part), **gate})
        hierarchies |= dict.fromkeys(part, hierarchy)
    unlearned = before_the_fit(data, HIERARCHY_DRAWS, seed)
    made = [
        of_family(histories, name, hierarchies[name], unlearned, seed=seed, jobs=jobs, scheduler=scheduler)
        for name in named
    ]
    rows, failures = [row for one in made for row in one.rows], [line for one in made for line in one.failures]
    return {
        "left_out": {
            name: {"k_hat": round(one.tail, 2), "effective": round(one.effective), "refitted": one.tail > RELIABLE}
            for name, one in left.items()
        },
        "refits": gates,
        **judged(Scored(rows, failures), NAME, "learning"),
    }


def record_of_text(hierarchy: Hierarchy, seed: int = DEFAULT_SEED) -> dict[str, Any]:
    """Return how the record of text goes on by histories alone, given its yearly growth since the first that members see."""
    from forecast.evaluate.histories.text import known_text
    from forecast.ingest.corpora import audited_as_of, text_corpora
    from forecast.ingest.models import load_models

    origin = audited_as_of()
    known = known_text(text_corpora(load_models()), origin)
    yearly = np.diff(known.value[:: -round(1 / known.step)][::-1])[-int(origin - FIRST_KNOT) :]
    found: dict[str, Any] = {"as_of": round(origin, 2), "yearly_growth": [round(float(one), 3) for one in yearly]}
    rng = generator(seed, "learned", "text")
    series = given_years(hierarchy, yearly, known.kind, known.domain, rng, draws=SHOWN_DRAWS)
    for plateau in PLATEAUS:
        future = onward(series, max(AHEAD), rng, plateau=plateau)
        growth = {str(h): _points(future.at(h) / h) for h in AHEAD}
        nothing = {str(h): round(future.no_news(h), 3) for h in QUIET}
        parameters = {name: _points(values) for name, values in member_parameters(series, plateau=plateau).items()}
        found[f"plateau_{plateau:g}"] = {"growth_a_year": growth, "nothing_new_for": nothing, "parameters": parameters}
    return found


def pace_ratios(data: Changes, hierarchy: Hierarchy, seed: int = DEFAULT_SEED) -> dict[str, Any]:
    """Return growth of five years over that of the five before, of records in the lists and by the hierarchy.

    Quantiles as everywhere here; in the lists each record has one vote, shared by its years.
    """
    found: list[tuple[float, float]] = []
    for kind, growth in zip(data.kinds, data.growth, strict=True):
        pace = np.convolve(growth, np.full(RATIO_YEARS, 1 / RATIO_YEARS), mode="valid")
        before, after = pace[:-RATIO_YEARS], pace[RATIO_YEARS:]
        moving = before >= PACED
        if kind == "record" and moving.any():
            found += [(float(ratio), 1 / moving.sum()) for ratio in after[moving] / before[moving]]
    ratio, vote = np.array(sorted(found)).T
    place = np.searchsorted(np.cumsum(vote) / vote.sum(), QUANTILES)
    shown: dict[str, Any] = {"lists": [round(float(value), 3) for value in ratio[place]]}
    for plateau in PLATEAUS:
        made = draws_for_members(hierarchy, generator(seed, "learned", "ratio"), plateau=plateau)["pace_ratio"][1]
        shown[f"plateau_{plateau:g}"] = _points(made)
    return shown


def _points(values: np.ndarray) -> list[float]:
    return [round(float(value), 3) for value in np.quantile(values, QUANTILES)]


def settings() -> dict[str, Any]:
    """Return what shapes the stored result beside its seed."""
    return {"hierarchy": VERSION, "learned_from": load().growth, "refits": REFITS, "sampling": asdict(REFIT_SAMPLING)}


def evaluate(progress: Callable[[str], None], jobs: int | None = None, scheduler: str | None = None) -> dict[str, Any]:
    """Cross-validate the hierarchy on the learning half, and say what it makes of the record of text."""
    histories, kept = learning_half(), load()
    data = changes(histories)
    sets = made(kept.hierarchy, data, generator(DEFAULT_SEED, "learned", "sets"), SETS)
    return {
        "split": kept.split,
        "p_values": p_values(data, sets),
        "pace_ratio": pace_ratios(data, kept.hierarchy),
        "text": record_of_text(kept.hierarchy),
        **cross_validated(histories, progress=progress, jobs=jobs, scheduler=scheduler),
    }
