"""The hierarchy of histories as a forecaster, and its test: families left out in turn, within the learning half alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from forecast.consumption.learned.hierarchy import Hierarchy
from forecast.consumption.learned.model import fit
from forecast.consumption.learned.numbers import DRAWS as HIERARCHY_DRAWS
from forecast.consumption.learned.predictive import PLATEAU, given_years, onward
from forecast.consumption.learned.series import KIND_OF, changes, learning_half
from forecast.core.seeds import DEFAULT_SEED
from forecast.evaluate.histories.rivals import RIVALS
from forecast.evaluate.histories.rivals.base import CEILING, DRAWS
from forecast.evaluate.histories.run import judged, scored
from forecast.ingest.histories import History
from forecast.ingest.known import Known

NAME = "learned"
"""Name under which it is scored."""

FOLDS = 5
"""Parts of the families that are left out in turn (count)."""

PLATEAUS = (0.0, PLATEAU, 3 * PLATEAU)
"""Hazards of stopping for good that are tried (per year)."""

AGAINST = ("record_plus_drift", "record_plus_drift_fitted", "farmer_lafond", "damped_holt", "neighbours")
"""Rivals it is compared with."""


@dataclass(frozen=True, eq=False)
class LearnedForecaster:
    """Forecasts a series from its years and the hierarchy."""

    hierarchy: Hierarchy
    plateau: float = PLATEAU
    name: str = NAME

    def forecast(
        self, known: Known, horizons: Sequence[float], rng: np.random.Generator, draws: int = DRAWS
    ) -> np.ndarray:
        """Return draws of the best so far; see `Forecaster`."""
        yearly = np.diff(known.value[:: -round(1 / known.step)][::-1])
        kind = KIND_OF.get(known.kind, known.kind)
        series = given_years(self.hierarchy, yearly, kind, known.domain or known.family, rng, draws=draws)
        future = onward(series, int(np.ceil(max(horizons))), rng, plateau=self.plateau)
        start = known.record + known.error * rng.standard_normal(draws)
        return np.array([start + np.minimum(future.at(h), CEILING) for h in horizons])


def folds(histories: Sequence[History]) -> list[tuple[str, ...]]:
    """Return the families of each fold, in the order of their names."""
    families = sorted({history.family for history in histories})
    return [tuple(families[place::FOLDS]) for place in range(FOLDS)]


def cross_validated(
    histories: Sequence[History],
    *,
    plateaus: Sequence[float] = PLATEAUS,
    against: Sequence[str] = AGAINST,
    seed: int = DEFAULT_SEED,
    jobs: int | None = None,
    scheduler: str | None = None,
    progress: Callable[[str], None] = lambda _: None,
    **sampling: Any,
) -> dict[str, Any]:
    """Forecast each series from a fit that has not seen its family, beside rivals that have not either."""
    data, rows, gates = changes(histories), [], []
    for place, left_out in enumerate(folds(histories)):
        tree, given, found = fit(data, left_out=left_out, seed=seed, **sampling)
        progress(f"fold {place + 1} of {FOLDS}: largest R-hat {found.rhat_max}, smallest ESS {found.ess_bulk_min}")
        gates.append({"rhat_max": found.rhat_max, "ess_bulk_min": found.ess_bulk_min, "divergences": found.divergences})
        hierarchy = Hierarchy.from_posterior(tree["posterior"], given.groups, HIERARCHY_DRAWS)
        mine = [
            LearnedForecaster(hierarchy, plateau, NAME if plateau == PLATEAU else f"{NAME}_plateau_{plateau:g}")
            for plateau in plateaus
        ]
        inside = [history for history in histories if history.family not in left_out]
        who = [*mine, *(RIVALS[name]().learn(inside) for name in against)]
        outside = [history for history in histories if history.family in left_out]
        rows += scored(outside, who, seed=seed, jobs=jobs, scheduler=scheduler, progress=progress)
    return {"folds": [list(names) for names in folds(histories)], "gates": gates, **judged(rows, NAME, "learning")}


def evaluate(progress: Callable[[str], None], jobs: int | None = None, scheduler: str | None = None) -> dict[str, Any]:
    """Cross-validate the hierarchy on the learning half; nothing held out is read."""
    return cross_validated(learning_half(), progress=progress, jobs=jobs, scheduler=scheduler)
