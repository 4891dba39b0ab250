"""A growth member fitted to corpora: posterior draws, and coherent paths of frontier and record into the future."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast.consumption.frontier_data import BLOCK_YEARS, FrontierData
from forecast.consumption.member import Member
from forecast.core.display import display
from forecast.core.seeds import generator
from forecast.core.trajectory import make_trajectory

if TYPE_CHECKING:
    import xarray as xr

MAXIMUM_LOG10 = 60.0
"""Paths stop here (log10 of the resource's unit): beyond any stock, well inside what floating point holds."""


@dataclass(frozen=True)
class Fit:
    """A member fitted to corpora: posterior, diagnostics, and paths into the future.

    Parameters
    ----------
    member : Member
        The member with its priors.
    data : FrontierData
        What it was fitted to.
    posterior : xarray.DataTree
        Groups ``posterior`` and ``sample_stats``, dims chain, draw, knot, step.
    diagnostics : mapping
        What the gate says of it.
    seed : int
        The run's seed.
    keep : int, optional
        Posterior draws that are used, evenly spread over all chains; all of them by default.
    weight : float, optional
        Its weight in a mixture, relative to the others'; all alike where there is none.

    Examples
    --------
    >>> import forecast as fc
    >>> f = fc.load("out")
    >>> fit = f.fits()["damped"]
    >>> fit.member.name, "damping" in fit.draws
    ('damped', True)
    """

    member: Member
    data: FrontierData
    posterior: Any
    diagnostics: Mapping[str, Any]
    seed: int
    keep: int | None = None
    weight: float | None = None

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Fit):
            return NotImplemented
        mine, others = ((fit.member, fit.data, fit.seed, fit.keep, dict(fit.diagnostics)) for fit in (self, other))
        return mine == others and bool(self.posterior.equals(other.posterior))

    def __hash__(self) -> int:
        return hash((self.member, self.data, self.seed, self.keep))

    def __repr__(self) -> str:
        return (
            f"Fit({self.member.name!r}: {len(self.draws['jump'])} draws, {self.data.resource_name!r} as of "
            f"{self.data.as_of:.2f}, seed {self.seed}, diagnostics {self.diagnostics['verdict']})"
        )

    @cached_property
    def draws(self) -> dict[str, np.ndarray]:
        """Posterior draws with the chains stacked, shape (draw, ...), by name."""
        every = stacked(self.posterior["posterior"])
        if self.keep is None:
            return every
        count = len(every["jump"])
        chosen = np.linspace(0, count - 1, min(self.keep, count)).round().astype(int)
        return {name: values[chosen] for name, values in every.items()}

    def thinned(self, count: int) -> Fit:
        """Return the same fit with fewer draws, evenly spread over all chains.

        Parameters
        ----------
        count : int
            Draws to keep; all there are when there are fewer.

        Returns
        -------
        Fit
            Shares the posterior with this one.

        Examples
        --------
        >>> import forecast as fc
        >>> f = fc.load("out")
        >>> fit = f.fits()["damped"]
        >>> len(fit.thinned(50).draws["level"])
        50
        """
        return replace(self, keep=count)

    def paced(self, factor: float) -> Fit:
        """Return the same fit with its growth after the data multiplied, in every future.

        Parameters
        ----------
        factor : float
            What to multiply it by.

        Returns
        -------
        Fit
            The past is the same.

        Examples
        --------
        >>> import forecast as fc
        >>> f = fc.load("out")
        >>> fit = f.fits()["damped"]
        >>> faster = fit.paced(1.5)
        >>> bool(faster.project([2035.0]).median() > fit.project([2035.0]).median())
        True
        """
        tree = self.posterior.copy()
        found = tree["posterior"].to_dataset()
        before = found["pace_ratio"] if "pace_ratio" in found else 0.0 * found["jump"] + 1.0
        tree["posterior"].dataset = found.assign(pace_ratio=factor * before)
        return replace(self, posterior=tree)

    def to_arviz(self, draws: int | None = None) -> Any:
        """Return the fit in the groups that ArviZ's functions look for.

        Parameters
        ----------
        draws : int, optional
            Draws in all, evenly spread over the chains; by default all that are kept, which takes half a minute for 4,000.

        Returns
        -------
        xarray.DataTree
            Groups ``posterior`` (what the data speak of; what is the same in all draws is in ``constant_data``),
            ``sample_stats``, ``prior``, ``prior_predictive``, ``posterior_predictive``, ``observed_data``: ``largest_corpus``
            is the log10 size of each half-year's largest corpus. ``log_likelihood`` is that of each half-year's largest
            corpora together, with the frontier inside that half-year integrated out, as leaving it out asks for.

        Examples
        --------
        >>> import forecast as fc
        >>> f = fc.load("out")
        >>> fit = f.fits()["damped"]
        >>> "log_likelihood" in fit.to_arviz(draws=50).children
        True
        """
        return display("fit_to_arviz", self, draws)

    def _repr_html_(self) -> str:
        return display("fit_card", self)

    def growth_now(self) -> np.ndarray:
        """Return the expected growth over the year after the as-of date, shape (draw,), log10 per year.

        Examples
        --------
        >>> import forecast as fc
        >>> f = fc.load("out")
        >>> fit = f.fits()["damped"]
        >>> bool((fit.growth_now() > 0).all())
        True
        """
        knots = np.array([self.data.last_knot, self.data.last_knot + 1.0])
        growth = self.member.future_growth(self.draws, knots, generator(self.seed, self.member.name, "growth"))
        return (growth * _pace_ratio(self.draws))[:, 0]

    def project(self, years: Sequence[float] | np.ndarray | None = None) -> xr.DataArray:
        """Return coherent paths of the frontier.

        Parameters
        ----------
        years : sequence of float or array, shape (year,), optional
            Decimal years; by default every half-year from 2018.0 to 2100.0.

        Returns
        -------
        xarray.DataArray
            A trajectory: log10 frontier, dims ``(draw, year)``; one draw is one future, the same for the same seed.

        Examples
        --------
        >>> import forecast as fc
        >>> f = fc.load("out")
        >>> fit = f.fits()["damped"]
        >>> fit.project([2026.0, 2028.0, 2030.0]).dims
        ('draw', 'year')
        """
        end = 2100.0 if years is None else float(np.max(years))
        knots, paths = self._paths(end)
        wanted = knots if years is None else np.asarray(years, dtype=float)
        return self._trajectory(interpolate(paths, knots, wanted), wanted, self.member.name)

    def project_record(self, years: Sequence[float] | np.ndarray | None = None) -> xr.DataArray:
        """Return paths of the published record: the largest size published so far, along the paths of `project`.

        Up to the as-of date it is the record that is known. From there on each half-year publishes a largest corpus, as
        `Member.published` has it, and the record moves when that one is larger. Runs lie under the frontier of the middle
        of their half-year; a member that speaks of the record alone says what it is at the end.

        Parameters
        ----------
        years : array, shape (year,), optional
            Decimal years; by default every half-year from 2018.0 to 2100.0.

        Returns
        -------
        xarray.DataArray
            A trajectory: log10 record, dims ``(draw, year)``, draw by draw at the known record, or below the frontier but
            for the error of a published size.

        Examples
        --------
        >>> import forecast as fc
        >>> f = fc.load("out")
        >>> fit = f.fits()["damped"]
        >>> record = fit.project_record([2026.0, 2030.0])
        >>> bool((record[:, 1] >= record[:, 0]).all())
        True
        """
        end = 2100.0 if years is None else float(np.max(years))
        knots, paths = self._paths(end)
        draws, last = self.draws, self.data.blocks
        at = self.member.published_under(paths[:, last:-1], paths[:, last + 1 :])
        # Half-year by half-year: what lies beyond a nearer horizon changes nothing before it.
        error = np.array([self.data.usual_error])
        largest = np.empty_like(at)
        rng = generator(self.seed, "consumption", self.member.name, "record")
        for step in range(at.shape[1]):
            largest[:, [step]] = self.member.published(at[:, [step]], np.ones(1), error, draws, rng)[:, :, 0]
        by_block = np.where(self.data.observed > 0, self.data.size, -np.inf)[:last].max(axis=1)
        known = np.maximum.accumulate(np.concatenate([by_block[:1], by_block]))
        known = np.broadcast_to(known, (len(paths), last + 1))
        record = np.maximum.accumulate(np.concatenate([known, largest], axis=1), axis=1)
        wanted = knots if years is None else np.asarray(years, dtype=float)
        return self._trajectory(interpolate(record, knots, wanted), wanted, f"record of {self.member.name}")

    def _paths(self, end: float) -> tuple[np.ndarray, np.ndarray]:
        """Return knots up to a year, at least one beyond the data, and the frontier there, shape (draw, knot)."""
        draws = self.draws
        last = self.data.blocks
        steps = max(1, int(np.ceil((end - self.data.last_knot) / BLOCK_YEARS)))
        future = self.data.last_knot + BLOCK_YEARS * np.arange(steps + 1)
        rng = generator(self.seed, "consumption", self.member.name, "project")
        growth = self.member.future_growth(draws, future, generator(self.seed, self.member.name, "project", "growth"))
        growth, jump = growth * _pace_ratio(draws), draws["jump"][:, None]
        # A shape of zero (growth at rest) is a gamma of zero, which NumPy refuses. Drawn year by year: what lies
        # beyond a nearer horizon changes nothing before it.
        increments = rng.gamma(np.maximum(growth / jump, 1e-12).T).T * jump
        past = draws["frontier"][:, : last + 1]
        ahead = past[:, -1:] + np.cumsum(increments, axis=1)
        paths = np.minimum(np.concatenate([past, ahead], axis=1), MAXIMUM_LOG10)
        return np.concatenate([self.data.knots[: last + 1], future[1:]]), paths

    def _trajectory(self, draws: np.ndarray, years: np.ndarray, source: str) -> xr.DataArray:
        return make_trajectory(draws, years, resource_name=self.data.resource_name, role="consumption", source=source)


def _pace_ratio(draws: Mapping[str, np.ndarray]) -> np.ndarray:
    """Return growth after the data over what the member expects of its past, shape (draw, 1)."""
    return np.asarray(draws.get("pace_ratio", np.ones(len(draws["jump"]))))[:, None]


def stacked(group: Any) -> dict[str, np.ndarray]:
    """Return draws with the chains laid end to end.

    Parameters
    ----------
    group : xarray.DataTree or xarray.Dataset
        Variables with leading dims chain and draw.

    Returns
    -------
    dict of str to numpy.ndarray
        Name to values, shape (draw, ...).
    """
    return {str(name): v.values.reshape(-1, *v.shape[2:]) for name, v in group.data_vars.items()}


def interpolate(paths: np.ndarray, knots: np.ndarray, years: np.ndarray) -> np.ndarray:
    """Read paths off between their knots, straight lines in log10.

    Parameters
    ----------
    paths : array, shape (draw, knot)
        Values at the knots.
    knots : array, shape (knot,)
        Increasing decimal years.
    years : array, shape (year,)
        Where to read; outside the knots the end values hold.

    Returns
    -------
    numpy.ndarray
        Shape (draw, year).
    """
    if np.array_equal(knots, years):
        return paths
    right = np.clip(np.searchsorted(knots, years, side="right"), 1, len(knots) - 1)
    share = np.clip((years - knots[right - 1]) / (knots[right] - knots[right - 1]), 0.0, 1.0)
    return paths[:, right - 1] * (1 - share) + paths[:, right] * share
