"""The forecast: the exhaustion year by draw, the two trajectories behind it, and the document of ``forecast.json``."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from forecast.core.display import display
from forecast.core.seeds import DEFAULT_SEED, generator
from forecast.core.summaries import quantiles, shares_within
from forecast.core.trajectory import YEAR
from forecast.errors import InputError
from forecast.runs.document_types import DiagnosticsBlock, Document, ProvenanceBlock
from forecast.text import json_text

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr


@dataclass(frozen=True)
class Forecast:
    """When one resource is used up, with everything that the statement rests on.

    Parameters
    ----------
    exhaustion_year : array, shape (draw,)
        Decimal exhaustion year by draw; ``inf`` means not within the horizon.
    consumption, stock : xarray.DataArray
        The trajectories compared, log10 of frontier and effective stock, dims ``(draw, year)``.
    document : mapping
        What `to_json` writes: the contract's ``forecast.json``.
    posterior : mapping of str to xarray.DataTree
        The fits behind the consumption side, by member.

    Examples
    --------
    >>> import forecast as fc  # doctest: +SKIP
    >>> fc.run("baseline").probability(by=2030)  # doctest: +SKIP
    """

    exhaustion_year: np.ndarray
    consumption: xr.DataArray
    stock: xr.DataArray
    document: Document = field(repr=False)
    posterior: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def scenario(self) -> str:
        """Name of the scenario."""
        return str(self.document["scenario"])

    @property
    def diagnostics(self) -> DiagnosticsBlock:
        """Verdict and checks of the diagnostics gate."""
        return self.document["diagnostics"]

    @property
    def provenance(self) -> ProvenanceBlock:
        """Data, versions, seed and command that made this forecast."""
        return self.document["provenance"]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Forecast):
            return NotImplemented
        return (
            np.array_equal(self.exhaustion_year, other.exhaustion_year)
            and self.consumption.equals(other.consumption)
            and self.stock.equals(other.stock)
            and self.document == other.document
        )

    def __hash__(self) -> int:
        return hash(self.exhaustion_year.tobytes())

    def __repr__(self) -> str:
        low, high = self.interval(0.8)
        # A document made by hand may lack anything, and a repr never raises.
        of = f"{self.document.get('scenario')!r}, {self.consumption.attrs['resource']!r}"
        verdict = (self.document.get("diagnostics") or {}).get("verdict", "not run")
        return (
            f"Forecast({of}: {self.probability(by=2030):.0%} by the end of 2030, median {self.median():.1f}, 80 % interval "
            f"{low:.1f} to {high:.1f}; {len(self.exhaustion_year)} draws, diagnostics {verdict})"
        )

    @overload
    def probability(self, by: float) -> float: ...
    @overload
    def probability(self, by: Sequence[float] | np.ndarray) -> np.ndarray: ...
    def probability(self, by: float | Sequence[float] | np.ndarray) -> float | np.ndarray:
        """Return the probability that the resource is exhausted by a year.

        Parameters
        ----------
        by : float or sequence of float
            A whole year means by its end (2030: before 2031.0); a decimal one means that instant.

        Returns
        -------
        float or array
            Share of draws; of several years an array.
        """
        years = _years(by)
        instants = np.where(years == np.floor(years), years + 1, years)
        return _like(by, (self.exhaustion_year[:, None] < instants).mean(axis=0))

    @overload
    def cdf(self, year: float) -> float: ...
    @overload
    def cdf(self, year: Sequence[float] | np.ndarray) -> np.ndarray: ...
    def cdf(self, year: float | Sequence[float] | np.ndarray) -> float | np.ndarray:
        """Return the distribution function of the exhaustion year.

        Parameters
        ----------
        year : float or sequence of float
            Instants in decimal years: 2030 is the first of January, where `probability` reads the end of the year.

        Returns
        -------
        float or array
            Share of draws at or before each instant; below 1 in the end where some draws never get there.
        """
        return _like(year, (self.exhaustion_year[:, None] <= _years(year)).mean(axis=0))

    @overload
    def quantile(self, level: float) -> float: ...
    @overload
    def quantile(self, level: Sequence[float] | np.ndarray) -> np.ndarray: ...
    def quantile(self, level: float | Sequence[float] | np.ndarray) -> float | np.ndarray:
        """Return quantiles of the exhaustion year.

        Parameters
        ----------
        level : float or sequence of float
            Probabilities between 0 and 1.

        Returns
        -------
        float or array
            Decimal years that were drawn; ``inf`` beyond the horizon.
        """
        return _like(level, quantiles(self.exhaustion_year, shares_within(level).tolist()))

    def sample(self, count: int, seed: int = DEFAULT_SEED) -> np.ndarray:
        """Return exhaustion years drawn at random from this forecast.

        Parameters
        ----------
        count : int
            How many: no draw twice, unless more are wanted than there are.
        seed : int, optional
            The same seed gives the same years.

        Returns
        -------
        array, shape (count,)
            Decimal years; ``inf`` beyond the horizon.
        """
        if isinstance(count, bool) or not isinstance(count, int | np.integer) or count < 1:
            raise InputError(f"a sample of {count!r}", "a whole number from 1 on", "choose another count")
        every = self.exhaustion_year
        return generator(seed, "sample").choice(every, count, replace=count > len(every))

    def interval(self, level: float = 0.8) -> tuple[float, float]:
        """Return the equal-tailed interval of the exhaustion year.

        Parameters
        ----------
        level : float, default 0.8
            Probability inside, between 0 and 1.

        Returns
        -------
        tuple of float
            Lower and upper end, decimal years; ``inf`` beyond the horizon.
        """
        (inside,) = shares_within(level)
        low, high = quantiles(self.exhaustion_year, [(1 - inside) / 2, (1 + inside) / 2])
        return float(low), float(high)

    def median(self) -> float:
        """Return the median exhaustion year, ``inf`` when it lies beyond the horizon.

        Returns
        -------
        float
            Decimal year.
        """
        return float(quantiles(self.exhaustion_year, [0.5])[0])

    def sentence(self) -> str | None:
        """Return the quotable sentence, or None when the diagnostics say FAIL.

        Returns
        -------
        str or None
            One sentence, its numbers taken from the document.
        """
        return self.document["sentence"]

    def summary(self) -> pd.DataFrame:
        """Return the main numbers as a table.

        Returns
        -------
        pandas.DataFrame
            Rows: exhaustion year, frontier and effective stock; columns: 5, 10, 50, 90, 95 % points, equal-tailed.
        """
        import pandas as pd

        levels = [0.05, 0.1, 0.5, 0.9, 0.95]
        rows = {"exhaustion year": quantiles(self.exhaustion_year, levels)}
        unit = self.document["unit"]
        for year in (2026.0, 2028.0, 2030.0):
            for label, side in (("frontier", self.consumption), ("effective stock", self.stock)):
                if side[YEAR].values[0] <= year <= side[YEAR].values[-1]:
                    at = side.sel({YEAR: year}, method="nearest").values
                    rows[f"{label} on 1 January {year:.0f} ({unit})"] = 10 ** quantiles(at, levels)
        return pd.DataFrame.from_dict(rows, orient="index", columns=[f"{level:.0%}" for level in levels])

    def to_json(self) -> str:
        """Return the document as JSON text, the content of ``forecast.json``.

        Returns
        -------
        str
            Indented, keys in the contract's order, no NaN or infinity.
        """
        return json_text(self.document, indent=1, allow_nan=False) + "\n"

    def write(self, folder: Path) -> None:
        """Write document, trajectories and posteriors into an existing folder.

        Parameters
        ----------
        folder : pathlib.Path
            Where; `save` makes whole run folders with a manifest.
        """
        from forecast.runs.folder import write_run

        sides = {"consumption": self.consumption, "stock": self.stock}
        write_run(folder, self.to_json(), self.exhaustion_year, sides, self.posterior)

    def save(self, folder: str | Path, *, warn: Callable[[str], None] = warnings.warn) -> Path:
        """Write a run folder, whole or not at all.

        Parameters
        ----------
        folder : str or pathlib.Path
            A new folder, or an existing run folder, which is replaced; a report in it is made again with this run.
        warn : callable, optional
            Told when there is such a report.

        Returns
        -------
        pathlib.Path
            The folder.

        Raises
        ------
        OutputError
            If the folder holds anything that is not ours, or cannot be written; it is then as it was.
        """
        from forecast.core.folders import swapped_folder
        from forecast.core.manifest import read_manifest, write_manifest
        from forecast.runs.folder import REPORT

        target = Path(folder)
        there = read_manifest(target)
        if there is not None and REPORT in there["files"]:
            warn(f"{target} holds a report, which is made again with this run")
            return display("rewrite_report", self, target, str(there.get("likelihood")), warn)
        with swapped_folder(target) as temporary:
            self.write(temporary)
            write_manifest(temporary)
        return target

    @classmethod
    def load(cls, folder: str | Path) -> Forecast:
        """Read a run folder.

        Parameters
        ----------
        folder : str or pathlib.Path
            A folder that holds ``forecast.json`` and ``trajectories.nc``.

        Returns
        -------
        Forecast
            The forecast with the posteriors of its members.

        Raises
        ------
        MissingFileError
            If the folder is not a run folder.
        InputError
            If one of its files is missing, damaged, too large or outside it, or the document does not fit the schema.
        """
        from forecast.runs.folder import read_run

        document, arrays, posterior = read_run(Path(folder))
        year, consumption, stock = (arrays[name] for name in ("exhaustion_year", "consumption", "stock"))
        return cls(year.values, consumption, stock, document, posterior)

    def plot(self, ax: Any = None) -> Any:
        """Draw consumption against stock.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where; a new figure by default.

        Returns
        -------
        matplotlib.axes.Axes
            The axes drawn on.
        """
        return display("forecast_plot", self, ax=ax)

    def _repr_html_(self) -> str:
        return display("forecast_card", self)


def _years(given: Any) -> np.ndarray:
    """Return one year or several as an array of numbers."""
    try:
        years = np.atleast_1d(np.asarray(given, dtype=float))
    except (TypeError, ValueError):
        years = np.array([np.nan])
    if np.isnan(years).any() or years.ndim > 1:
        raise InputError(f"{given!r} as a year", "years as numbers, such as 2030 or [2028, 2030.5]", "give numbers")
    return years


def _like(given: Any, found: np.ndarray) -> Any:
    """Return one number where one was asked for, else all."""
    return float(found[0]) if np.ndim(given) == 0 else found
