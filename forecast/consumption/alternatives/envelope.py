r"""Envelope: a stochastic frontier over every corpus, not only over the largest of each half-year.

Each size is the frontier at its date, minus a deficit, plus its measurement error: x = F(t) - e + v. Deficits are
positive and heavy-tailed, a mixture of two exponentials (in log10: of two power laws in size), near and far, so that
small models on purpose do not pull the frontier down. With v normal the density of x is in closed form (the
exponentially modified normal); see Aigner, Lovell and Schmidt (1977), doi:10.1016/0304-4076(77)90052-5.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from forecast.consumption.frontier_data import BLOCK_YEARS, FIRST_KNOT, FrontierData, frontier_data
from forecast.consumption.members.local_trend import LocalTrend
from forecast.consumption.observation import SMALLEST_ERROR, log_normal_cdf
from forecast.core.priors import Prior
from forecast.core.units import REFERENCE_YEAR

if TYPE_CHECKING:
    import pandas as pd

RECENT_YEARS = 3.0
"""Years over which corpora are counted for the distance of a half-year's best one from the frontier (years)."""


@dataclass(frozen=True)
class AllCorpora(FrontierData):
    """The largest corpora of each half-year, and every row besides.

    Parameters
    ----------
    all_size, all_sd, all_time : array, shape (row,)
        log10 size, standard deviation (log10), decimal year; as many as there are, one compiled model serves any number.
    """

    all_size: np.ndarray = field(default_factory=lambda: np.empty(0))
    all_sd: np.ndarray = field(default_factory=lambda: np.empty(0))
    all_time: np.ndarray = field(default_factory=lambda: np.empty(0))

    def digest(self) -> str:
        """Return a hash of everything that a fit depends on."""
        arrays = (self.all_size, self.all_sd, self.all_time)
        content = b"".join(np.ascontiguousarray(a, dtype="<f8").tobytes() for a in arrays)
        return hashlib.sha256(super().digest().encode() + content).hexdigest()


def all_corpora(corpora: pd.DataFrame, as_of: float, *, resource_name: str = "public_text") -> AllCorpora:
    """Return every corpus since 2018 up to a date, beside the largest ones."""
    largest = frontier_data(corpora, as_of, resource_name=resource_name)
    rows = corpora[(corpora["year"] <= as_of) & (corpora["year"] >= FIRST_KNOT)]
    every: dict[str, Any] = {
        name: rows[column].to_numpy(dtype=float)
        for name, column in (("all_size", "log10_size"), ("all_sd", "measurement_sd"), ("all_time", "year"))
    }
    return AllCorpora(**{item.name: getattr(largest, item.name) for item in fields(FrontierData)}, **every)


@dataclass(frozen=True)
class Envelope(LocalTrend):
    """The local trend's expected frontier, without jumps, seen through every corpus; needs `AllCorpora`.

    Parameters
    ----------
    near : Prior
        Mean deficit of corpora that are close to the frontier.
    beyond : Prior
        By how much the mean deficit of the others exceeds it.
    near_logit : Prior
        Log odds of being close.
    """

    name: ClassVar[str] = "envelope"
    title: ClassVar[str] = "Envelope of all corpora (stochastic frontier)"
    formula: ClassVar[str] = (
        r"x_i = F(t_i) - e_i + v_i,\quad e_i \sim p\,\mathrm{Exp}(s_1) + (1 - p)\,\mathrm{Exp}(s_1 + s_2),\quad "
        r"v_i \sim \mathrm{N}(0, \sigma_i^2)"
    )

    near: Prior = Prior.lognormal(0.5, 1.2, "log10", "judgement: within a factor of 2 to 15 of the frontier")
    beyond: Prior = Prior.lognormal(1.5, 4.0, "log10", "judgement: small on purpose, by one to four orders")
    near_logit: Prior = Prior("normal", 0.0, 1.5, "log odds", "judgement: 5 to 95 % of the corpora are close")

    def priors(self) -> Iterator[tuple[str, Prior]]:
        """Yield the priors that are in use: the law of the largest corpora has none here."""
        yield from ((name, prior) for name, prior in super().priors() if name not in ("spread", "shape_excess"))

    def inputs(self, data: FrontierData) -> dict[str, np.ndarray]:
        """Return every row with its place between two knots, and how many there are a half-year now."""
        if not isinstance(data, AllCorpora):
            raise TypeError("the envelope sees every corpus: make its data with all_corpora")
        kept = {k: v for k, v in super().inputs(data).items() if k.startswith("prior_") or k == "anchor"}
        place = (data.all_time - FIRST_KNOT) / BLOCK_YEARS
        block = np.clip(np.floor(place), 0, len(data.knots) - 2).astype(int)
        share = np.clip(place - block, 0.0, 1.0)
        rows = np.arange(len(block))
        reading, member_of = np.zeros((len(rows), len(data.knots))), np.zeros((len(data.knots) - 1, len(rows)))
        reading[rows, block], reading[rows, block + 1] = 1 - share, share
        member_of[block, rows] = 1.0
        recent = data.all_time >= data.as_of - RECENT_YEARS
        return {
            **kept,
            "row_size": data.all_size,
            "row_error": np.hypot(data.all_sd, SMALLEST_ERROR),
            "reading": reading,
            "member_of": member_of,
            "rows_a_block": np.array([max(1.0, recent.sum() * BLOCK_YEARS / RECENT_YEARS)]),
        }

    def model(self, data: FrontierData) -> Any:
        """Build the PyMC model: the local trend's frontier under the law of all rows."""
        import pymc as pm
        import pytensor.tensor as pt

        knots = data.knots
        with pm.Model(coords={"knot": knots, "step": knots[:-1]}) as model:
            given = self.inputs(data).items()
            d = {name: pm.Data(name, value) for name, value in given if not name.startswith("prior_")}
            level = self.level.random_variable("level")
            self.jump.random_variable("jump")
            near = self.near.random_variable("near")
            far = pm.Deterministic("far", near + self.beyond.random_variable("beyond"))
            share = pm.Deterministic("near_share", pt.sigmoid(self.near_logit.random_variable("near_logit")))
            t = knots - REFERENCE_YEAR
            # A smooth frontier: that of the largest corpora alone may jump, but a jump of 0.3 that 30 rows a half-year
            # lie below would be pinned to its one record. Jumps come back ahead, in `Fit.project`, from their prior.
            growth = self.expected_growth(t[:-1], t[1:], self.parameters(), pt)
            path = pt.concatenate([pt.zeros(1), pt.cumsum(growth)])
            frontier = pm.Deterministic("frontier", level + path - pt.sum(path * d["anchor"]), dims="knot")
            deficit = pt.dot(d["reading"], frontier) - d["row_size"]
            by_row = envelope_density(deficit, d["row_error"], near, far, share, pt)
            pm.Potential("all_corpora", pt.sum(pt.dot(d["member_of"], by_row)))
            # Close to the frontier the deficits of n rows have the density n g(0): the best one's mean is its inverse.
            at_zero = share / near + (1 - share) / far
            pm.Deterministic("spread", 1.0 / (d["rows_a_block"][0] * at_zero))
            pm.Deterministic("shape_excess", 0.0 * near)
        return model

    def log_density(self, data: FrontierData, draws: Mapping[str, np.ndarray]) -> np.ndarray:
        """Return the log density of each block's corpora, all of them, under posterior draws."""
        d = self.inputs(data)
        near, far, share = (draws[name][:, None] for name in ("near", "far", "near_share"))
        deficit = draws["frontier"] @ d["reading"].T - d["row_size"]
        return envelope_density(deficit, d["row_error"], near, far, share) @ d["member_of"].T


def envelope_density(deficit: Any, error: Any, near: Any, far: Any, share: Any, math: Any = None) -> Any:
    """Return the log density of sizes under a frontier: two exponentials, each folded with a normal error.

    Examples
    --------
    >>> grid = np.linspace(-2, 30, 64001)
    >>> mass = np.exp(envelope_density(grid, 0.1, 0.5, 2.0, 0.4)).sum() * (grid[1] - grid[0])
    >>> bool(abs(mass - 1) < 1e-4)
    True
    """
    one = _folded(deficit, error, near, math)
    other = _folded(deficit, error, far, math)
    xp = np if math is None else math
    first, second = xp.log(share) + one, xp.log(1 - share) + other
    larger = xp.maximum(first, second)
    return larger + xp.log(xp.exp(first - larger) + xp.exp(second - larger))


def _folded(deficit: Any, error: Any, mean: Any, math: Any) -> Any:
    """Return the log density of an exponential plus a centred normal."""
    xp = np if math is None else math
    inside = deficit / error - error / mean
    tail = log_normal_cdf(inside, math)
    return -xp.log(mean) + 0.5 * (error / mean) ** 2 - deficit / mean + tail
