"""Record plus drift: the frontier is what has been done, and goes on at a pace that histories and its rows tell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from forecast.consumption.frontier_data import BLOCK_YEARS, FrontierData
from forecast.consumption.learned_from_histories import JUMP, PACE_RATIO, SLOPE
from forecast.consumption.member import Member
from forecast.consumption.observation import SMALLEST_ERROR
from forecast.core.priors import Prior


@dataclass(frozen=True)
class RecordDrift(Member):
    """The frontier is the published record itself: each half-year tells it once, with the error of the record's row.

    A half-year with a new record says how far the frontier has come, one without says that it has hardly moved. Nothing
    larger is thought to be out of sight.

    Parameters
    ----------
    slope : Prior
        Drift of the record.
    """

    name: ClassVar[str] = "record_drift"
    version: ClassVar[int] = 2
    title: ClassVar[str] = "Slow-and-steady record"
    formula: ClassVar[str] = r"\mathrm{E}\,F(t) = R(t_0) + b\,(t - t_0)"
    tail_parameters: ClassVar[tuple[str, ...]] = ("slope",)
    of_rows: ClassVar[tuple[str, ...]] = ()
    record_alone: ClassVar[bool] = True

    slope: Prior = SLOPE
    jump: Prior = JUMP
    pace_ratio: Prior | None = PACE_RATIO

    def priors(self) -> Iterator[tuple[str, Prior]]:
        """Yield the priors of level, jump and slope: no corpus lies below the frontier by a law."""
        yield from ((name, prior) for name, prior in super().priors() if name not in ("spread", "shape_excess"))

    def expected_growth(self, start: Any, end: Any, parameters: Mapping[str, Any], math: Any) -> Any:
        """Return b (end - start)."""
        del math
        return parameters["slope"] * (end - start)

    def reads(self, data: FrontierData) -> FrontierData:
        """Return the running record at the end of each half-year as its only row, from the first row on."""
        best = np.where(data.observed > 0, data.size, -np.inf)
        row = best.argmax(axis=1)
        blocks = np.arange(len(best))
        setter = np.maximum.accumulate(
            np.where(best[blocks, row] >= np.maximum.accumulate(best[blocks, row]), blocks, 0)
        )
        known = np.isfinite(np.maximum.accumulate(best[blocks, row])) & (data.exposure > 0)
        size = np.where(known, data.size[setter, row[setter]], data.size[:, 0])
        ends = data.knots[:-1] + BLOCK_YEARS * data.exposure
        first = np.zeros_like(data.observed)
        first[:, 0] = known
        return replace(
            data,
            size=np.concatenate([size[:, None], data.size[:, 1:]], axis=1),
            sd=np.concatenate([data.sd[setter, row[setter]][:, None], data.sd[:, 1:]], axis=1),
            time=np.broadcast_to(ends[:, None], data.time.shape).copy(),
            observed=first,
        )

    def rows_density(
        self, at_rows: Any, within: Any, data: Mapping[str, Any], parameters: Mapping[str, Any], math: Any
    ) -> Any:
        """Return the density of each half-year's record given the frontier at its end."""
        del within, parameters
        variance = data["sd"] ** 2 + SMALLEST_ERROR**2
        used = data["observed"] * (data["exposure"] > 0)[:, None]
        miss = (at_rows - data["size"]) ** 2 / variance
        return math.sum(-0.5 * used * (miss + math.log(2 * np.pi * variance)), axis=-1)

    def published(
        self,
        frontier: np.ndarray,
        exposure: np.ndarray,
        sd: np.ndarray,
        draws: Mapping[str, np.ndarray],
        rng: np.random.Generator,
        largest: int = 1,
    ) -> np.ndarray:
        """Return the frontier: what is published is the record, its error already in it."""
        del exposure, sd, draws, rng
        return np.repeat(frontier[:, :, None], largest, axis=2)

    def deficit(self, gap: np.ndarray, sd: float, draws: Mapping[str, np.ndarray]) -> np.ndarray:
        """Return zeros: the record is at the frontier, and all distance from it is error."""
        del sd, draws
        return np.zeros_like(gap)
