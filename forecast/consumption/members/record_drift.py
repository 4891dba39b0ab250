"""Record plus drift: the frontier is what has been done, and goes on at a pace that histories and its rows tell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from forecast.consumption.frontier_data import BLOCK_YEARS, FrontierData
from forecast.consumption.learned_from_histories import JUMP, PACE_RATIO, SLOPE
from forecast.consumption.member import Member
from forecast.consumption.observation import SMALLEST_ERROR, log_normal_cdf
from forecast.core.priors import Prior


@dataclass(frozen=True)
class RecordDrift(Member):
    """The frontier is the published record itself: each half-year reads it once, with the error of its largest row.

    A half-year with a new record says how far the frontier has come. In one without, the reading was no more than the record
    that stood: so much is told and nothing else. Nothing larger is thought to be out of sight.

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
        """Return one row for each half-year that has any, at its end: a new record, else the standing one as a bound.

        Records are in the first column, bounds in the second.
        """
        blocks = np.arange(len(data.observed))
        row = np.where(data.observed > 0, data.size, -np.inf).argmax(axis=1)
        has = data.observed.any(axis=1) & (data.exposure > 0)
        best = np.where(has, data.size[blocks, row], -np.inf)
        before = np.concatenate([[-np.inf], np.maximum.accumulate(best)[:-1]])
        new = has & (best > before)
        columns = max(data.size.shape[1], 2)
        size, observed = np.repeat(data.size[:, :1], columns, axis=1), np.zeros((len(blocks), columns))
        size[new, 0], size[has & ~new, 1] = best[new], before[has & ~new]
        observed[new, 0], observed[has & ~new, 1] = 1, 1
        ends = data.knots[:-1] + BLOCK_YEARS * data.exposure
        return replace(
            data,
            size=size,
            sd=np.repeat(data.sd[blocks, row][:, None], columns, axis=1),
            time=np.repeat(ends[:, None], columns, axis=1),
            observed=observed,
        )

    def rows_density(
        self, at_rows: Any, within: Any, data: Mapping[str, Any], parameters: Mapping[str, Any], math: Any
    ) -> Any:
        """Return the density of each half-year's record, or the probability of none, given the frontier at its end."""
        del within, parameters
        error = math.sqrt(data["sd"] ** 2 + SMALLEST_ERROR**2)
        used = data["observed"] * (data["exposure"] > 0)[:, None]
        above = (data["size"] - at_rows) / error
        record = -0.5 * above[..., :1] ** 2 - math.log(error[:, :1] * np.sqrt(2 * np.pi))
        none = log_normal_cdf(above[..., 1:], None if math is np else math)
        return math.sum(used[:, :1] * record, axis=-1) + math.sum(used[:, 1:] * none, axis=-1)

    def published(
        self,
        frontier: np.ndarray,
        exposure: np.ndarray,
        sd: np.ndarray,
        draws: Mapping[str, np.ndarray],
        rng: np.random.Generator,
        largest: int = 1,
    ) -> np.ndarray:
        """Return each half-year's reading of the frontier, the same one in all columns."""
        del exposure, draws
        read = frontier + np.hypot(sd, SMALLEST_ERROR)[None, :] * rng.standard_normal(frontier.shape)
        return np.repeat(read[:, :, None], largest, axis=2)

    def deficit(self, gap: np.ndarray, sd: float, draws: Mapping[str, np.ndarray]) -> np.ndarray:
        """Return zeros: the record is at the frontier, and all distance from it is error."""
        del sd, draws
        return np.zeros_like(gap)
