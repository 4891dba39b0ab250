"""What a growth member says of corpora below its frontier: the observation law, in the words of a member.

A member may say otherwise: more of the density, another law altogether, or that it knows the record alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from forecast.consumption.observation import LARGEST_SHAPE, expected_deficit, log_density, simulate_published


class BelowFrontier:
    """How published corpora lie below the frontier; `Member` is one."""

    of_rows: ClassVar[tuple[str, ...]] = ("spread", "shape_excess")
    """Parameters of the law by which corpora lie below the frontier."""
    record_alone: ClassVar[bool] = False
    """Whether the member speaks of the record alone: of no other corpora of a half-year, nor of how many there are."""

    def more_density(self, at_rows: Any, data: Mapping[str, Any], math: Any) -> Any | None:
        """Return a further log density by block, beyond the observation law; None for most members.

        Parameters
        ----------
        at_rows : array or tensor, shape (..., block, row)
            log10 frontier at the rows' dates.
        data : mapping of str to array or tensor
            What `inputs` gave.
        math : module
            ``numpy`` or ``pytensor.tensor``.

        Returns
        -------
        array or tensor, shape (..., block), or None
            Added to the observation law's.

        Examples
        --------
        >>> import forecast as fc
        >>> damped = fc.consumption.member("damped")
        >>> damped.more_density(np.zeros((1, 1, 1)), {}, np) is None
        True
        """
        del at_rows, data, math
        return None

    def rows_density(
        self, at_rows: Any, within: Any, data: Mapping[str, Any], parameters: Mapping[str, Any], math: Any
    ) -> Any:
        """Return the log density of each half-year's largest corpora; the observation law and `more_density` by default.

        Parameters
        ----------
        at_rows : array or tensor, shape (..., block, row)
            log10 frontier at the rows' dates.
        within : array or tensor, shape (..., block, place)
            log10 frontier at `observation.seen_positions`.
        data : mapping of str to array or tensor
            ``size``, ``sd``, ``observed``, shape (block, row), and ``exposure``, shape (block,).
        parameters : mapping of str to array or tensor
            Those of `of_rows`, shape (...,).
        math : module
            ``numpy`` or ``pytensor.tensor``.

        Returns
        -------
        array or tensor, shape (..., block)
            Log densities.

        Examples
        --------
        >>> import forecast as fc
        >>> f = fc.load("out")
        >>> fit = f.fits()["damped"]
        >>> d, draws = fit.member.inputs(fit.data), {"spread": np.array([0.4]), "shape_excess": np.array([1.0])}
        >>> high = np.full((1, *d["size"].shape), 20.0)
        >>> fit.member.rows_density(high, high[..., :2], d, draws, np).shape == (1, len(d["exposure"]))
        True
        """
        size, sd, observed, exposure = (data[name] for name in ("size", "sd", "observed", "exposure"))
        spread, shape = parameters["spread"], 1.0 + parameters["shape_excess"]
        if math is np:
            law = log_density(at_rows, size, sd, observed, exposure, spread, shape, within=within)
        else:
            from forecast.consumption.compiled_law import observation_law

            law = observation_law(at_rows, within, size, sd, observed, exposure, spread, shape)[0]
        more = self.more_density(at_rows, data, math)
        return law if more is None else law + more

    def published(
        self,
        frontier: np.ndarray,
        exposure: np.ndarray,
        sd: np.ndarray,
        draws: Mapping[str, np.ndarray],
        rng: np.random.Generator,
        largest: int = 1,
    ) -> np.ndarray:
        """Draw the largest published sizes of half-years, as `rows_density` has them.

        Parameters
        ----------
        frontier : array, shape (draw, block)
            log10 frontier.
        exposure, sd : array, shape (block,)
            Share of the half-year that is seen; error of a published size (log10).
        draws : mapping of str to array
            Draws of `of_rows`, shape (draw,).
        rng : numpy.random.Generator
            Source of randomness.
        largest : int, default 1
            Sizes of each half-year.

        Returns
        -------
        numpy.ndarray
            Shape (draw, block, largest), log10.

        Examples
        --------
        >>> import forecast as fc
        >>> damped = fc.consumption.member("damped")
        >>> draws = {"spread": np.array([0.4]), "shape_excess": np.array([1.0])}
        >>> damped.published(np.full((1, 2), 13.0), np.ones(2), np.full(2, 0.05), draws, np.random.default_rng(1)).shape
        (1, 2, 1)
        """
        return simulate_published(frontier, exposure, sd, draws["spread"], 1 + draws["shape_excess"], rng, largest)

    def published_under(self, first: Any, last: Any) -> Any:
        """Return the frontier under which a half-year's runs are published, of those at its first and last instant.

        Examples
        --------
        >>> import forecast as fc
        >>> damped = fc.consumption.member("damped")
        >>> damped.published_under(13.0, 14.0)
        13.5
        """
        return last if self.record_alone else (first + last) / 2

    def mean_above(self, gap: np.ndarray, draws: Mapping[str, np.ndarray]) -> np.ndarray:
        """Return the mean number of a whole half-year's corpora above a size; not asked where `record_alone`.

        Parameters
        ----------
        gap : array, shape (draw, ...)
            log10 of the frontier over that size; below zero there is none.
        draws : mapping of str to array
            Draws of `of_rows`, shape (draw,).

        Returns
        -------
        numpy.ndarray
            Shape of `gap`.

        Examples
        --------
        >>> import forecast as fc
        >>> damped = fc.consumption.member("damped")
        >>> damped.mean_above(np.array([[0.4]]), {"spread": np.array([0.4]), "shape_excess": np.array([1.0])})
        array([[1.]])
        """
        beside = (-1,) + (1,) * (gap.ndim - 1)
        spread, shape = draws["spread"].reshape(beside), 1 + draws["shape_excess"].reshape(beside)
        return np.asarray((np.maximum(gap, 0.0) / spread) ** np.minimum(shape, LARGEST_SHAPE))

    def deficit(self, gap: np.ndarray, sd: float, draws: Mapping[str, np.ndarray]) -> np.ndarray:
        """Return how far below the frontier a corpus truly lies, expected given how far below it was published.

        Parameters
        ----------
        gap : array, shape (draw,)
            log10 of the frontier over the published size.
        sd : float
            Error of that size (log10).
        draws : mapping of str to array
            Draws of `of_rows`, shape (draw,).

        Returns
        -------
        numpy.ndarray
            Shape (draw,), log10.

        Examples
        --------
        >>> import forecast as fc
        >>> damped = fc.consumption.member("damped")
        >>> draws = {"spread": np.array([0.4]), "shape_excess": np.array([1.0])}
        >>> bool(damped.deficit(np.array([0.5]), 0.01, draws).round(1)[0] == 0.5)
        True
        """
        return expected_deficit(gap, sd, 1 + draws["shape_excess"])
