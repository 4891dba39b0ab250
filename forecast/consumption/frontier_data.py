"""What the growth members see: the largest corpora of each half-year, in arrays of fixed length.

Knots are the half-years' borders from 2018.0 on; block b lies between knots b and b + 1. Earlier blocks are left
out: they hold recurrent-network runs of another regime and inflate every slope. Arrays are padded to a fixed length,
so that one compiled model serves every as-of date.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from forecast.core.units import FIRST_OF_JULY
from forecast.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

FIRST_KNOT = 2018.0
"""First border of a half-year that the members see (decimal year)."""

BLOCK_YEARS = 0.5
"""Length of a block (years)."""

LARGEST = 3
"""Corpora used per block: the maximum and two runners-up."""

FEWEST_BLOCKS = 2
"""Half-years with a row that a member needs (count): growth is a difference, and what the data leave open the prior says."""

_KNOTS_PADDED_TO = 20
"""Knots are padded to a multiple of this, so that models need not be compiled again for each date (count)."""


@dataclass(frozen=True)
class FrontierData:
    """The r largest corpora of each half-year, padded.

    Parameters
    ----------
    knots : array, shape (knot,)
        Decimal years of the half-years' borders, padded into the future.
    size, sd, time, observed : array, shape (knot - 1, LARGEST)
        log10 size, its measurement standard deviation (log10), decimal year, and 1 where there is a row.
    exposure : array, shape (knot - 1,)
        Share of the half-year that lies before the as-of date (0 after it).
    as_of : float
        Decimal year up to which rows count.
    labels : tuple of tuple of str
        Names of the models behind each block's rows, largest first.
    resource_name : str
        The resource whose sizes these are.

    Examples
    --------
    >>> import forecast as fc
    >>> f = fc.load("out")
    >>> fit = f.fits()["damped"]
    >>> fit.data.size.shape == fit.data.sd.shape
    True
    """

    knots: np.ndarray
    size: np.ndarray
    sd: np.ndarray
    time: np.ndarray
    observed: np.ndarray
    exposure: np.ndarray
    as_of: float
    labels: tuple[tuple[str, ...], ...]
    resource_name: str = "public_text"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, FrontierData):
            return NotImplemented
        return self.digest() == other.digest() and self.labels == other.labels

    def __hash__(self) -> int:
        return hash(self.digest())

    @property
    def blocks(self) -> int:
        """Number of blocks up to the as-of date."""
        return int(np.sum(self.exposure > 0))

    @property
    def last_knot(self) -> float:
        """Decimal year of the border that ends the block of the as-of date."""
        return float(self.knots[self.blocks])

    @property
    def usual_error(self) -> float:
        """Typical measurement error of the rows seen (log10, sd)."""
        return float(np.median(self.sd[self.observed > 0]))

    def record(self) -> float:
        """Return the largest log10 size on record up to the as-of date.

        Examples
        --------
        >>> import forecast as fc
        >>> f = fc.load("out")
        >>> fit = f.fits()["damped"]
        >>> 13 < fit.data.record() < 14  # log10 tokens
        True
        """
        return float(self.size[self.observed > 0].max())

    def digest(self) -> str:
        """Return a hash of everything that a fit depends on.

        Examples
        --------
        >>> import forecast as fc
        >>> f = fc.load("out")
        >>> fit = f.fits()["damped"]
        >>> len(fit.data.digest())
        64
        """
        arrays = (self.knots, self.size, self.sd, self.time, self.observed, self.exposure)
        content = b"".join(np.ascontiguousarray(a, dtype="<f8").tobytes() for a in arrays)
        return hashlib.sha256(content + repr((self.as_of, self.resource_name)).encode()).hexdigest()


def frontier_data(corpora: pd.DataFrame, as_of: float, *, resource_name: str = "public_text") -> FrontierData:
    """Choose the largest corpora of each half-year up to a date.

    Examples
    --------
    >>> import forecast as fc
    >>> from forecast.ingest.corpora import text_corpora
    >>> data = fc.consumption.frontier_data(text_corpora(fc.load_models()), as_of=2026.0)
    >>> data.resource_name, data.as_of
    ('public_text', 2026.0)
    """
    rows = corpora[(corpora["year"] <= as_of) & (corpora["year"] >= FIRST_KNOT)]
    rows.attrs = {}  # a table's notes: pandas would copy them with every selection below
    years = rows["year"].to_numpy()
    # 1 July is 0.4959 of a year; as a half-year it begins the second one.
    second = years % 1 >= FIRST_OF_JULY
    block_of = (2 * (np.floor(years) - FIRST_KNOT) + second).astype(int)
    if len(set(block_of)) < FEWEST_BLOCKS:
        raise InputError(
            f"usable corpora in {len(set(block_of))} half-years from {FIRST_KNOT:.0f} to {as_of:.2f}",
            f"corpora in at least {FEWEST_BLOCKS} half-years",
            "give a longer table or a later --as-of",
        )
    blocks = int(np.ceil((as_of - FIRST_KNOT) / BLOCK_YEARS - 1e-9))
    # What is published on the border's own day belongs to the half-year that ends: of the next one nothing is seen yet.
    block_of = np.minimum(block_of, blocks - 1)
    padded = _KNOTS_PADDED_TO * int(np.ceil((blocks + 1) / _KNOTS_PADDED_TO))
    knots = FIRST_KNOT + BLOCK_YEARS * np.arange(padded)
    shape = (padded - 1, LARGEST)
    size, observed = np.full(shape, 10.0), np.zeros(shape)
    sd = np.full(shape, 0.1)
    time = np.repeat(knots[:-1, None] + BLOCK_YEARS / 2, LARGEST, axis=1)
    labels: list[tuple[str, ...]] = []
    for block in range(blocks):
        largest = rows[block_of == block].nlargest(LARGEST, "log10_size")
        count = len(largest)
        size[block, :count] = largest["log10_size"]
        sd[block, :count] = largest["measurement_sd"]
        time[block, :count] = largest["year"]
        observed[block, :count] = 1.0
        labels.append(tuple(largest["model"]))
    exposure = np.clip((as_of - knots[:-1]) / BLOCK_YEARS, 0.0, 1.0)
    return FrontierData(knots, size, sd, time, observed, exposure, float(as_of), tuple(labels), resource_name)
