"""The nouns: Resource, Trajectory, Forecast.

A **resource** is a kind of human data with one unit. A **trajectory** is posterior draws of a log10 quantity over
calendar years, an `xarray.DataArray`; every model, of either side, ends in one. A **forecast** is the exhaustion
year by draw, the two trajectories behind it, and the document that is written to ``forecast.json``.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from forecast.errors import InputError, unknown_name
from forecast.summaries import plain, quantiles
from forecast.text import json_text

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

DRAW, YEAR = "draw", "year"
"""Dimension names of a trajectory."""

HEADLINE_HORIZON = 2050
"""Headline statements go no further than this year (calendar year)."""

Trajectory = Any
"""An `xarray.DataArray` with dims ``(draw, year)`` and attrs resource, unit, role, source; see `make_trajectory`.

It is no class of ours: selecting, plotting and the table that a notebook shows are xarray's own.
"""


@dataclass(frozen=True)
class Resource:
    """A kind of human data with one unit.

    Parameters
    ----------
    name : str
        Its name in scenarios and on the command line.
    unit : str
        The unit of one datum.
    title : str
        How it is called in a sentence.
    """

    name: str
    unit: str
    title: str


RESOURCES: Mapping[str, Resource] = {
    r.name: r
    for r in (
        Resource("public_text", "tokens", "public human text"),
        Resource("high_quality_text", "tokens", "high-quality human text"),
        Resource("images", "images", "public images"),
        Resource("video", "seconds", "public video"),
        Resource("audio", "seconds", "public audio"),
        Resource("code", "tokens", "public code"),
    )
}


def resource(name: str) -> Resource:
    """Return a resource by its name.

    Parameters
    ----------
    name : str
        One of the names in `RESOURCES`.

    Returns
    -------
    Resource
        The resource.

    Raises
    ------
    UnknownNameError
        If there is none of that name.

    Examples
    --------
    >>> resource("public_text").unit
    'tokens'
    """
    if name not in RESOURCES:
        raise unknown_name("resource", name, RESOURCES)
    return RESOURCES[name]


def make_trajectory(
    draws: np.ndarray,
    years: np.ndarray,
    *,
    resource_name: str,
    role: Literal["consumption", "stock"],
    source: str,
) -> xr.DataArray:
    """Make a trajectory out of draws.

    Parameters
    ----------
    draws : array, shape (draw, year)
        log10 of the quantity; one row is one coherent path through time.
    years : array, shape (year,)
        Decimal years, increasing.
    resource_name : str
        Name of the resource, which gives the unit.
    role : {"consumption", "stock"}
        Which side of the comparison this is.
    source : str
        The member or estimator that made it.

    Returns
    -------
    xarray.DataArray
        Dims ``(draw, year)``, attrs ``resource``, ``unit``, ``role``, ``source``.

    Raises
    ------
    InputError
        If the shapes do not fit, the years do not increase or a draw is NaN.

    Examples
    --------
    >>> t = make_trajectory(np.zeros((2, 3)), np.array([2024.0, 2025.0, 2026.0]),
    ...                     resource_name="public_text", role="stock", source="example")
    >>> t.dims, t.attrs["unit"]
    (('draw', 'year'), 'tokens')
    """
    import pandas as pd
    import xarray as xr

    draws, years = np.asarray(draws, dtype=float), np.asarray(years, dtype=float)
    if draws.ndim != 2 or years.shape != draws.shape[1:]:
        raise InputError(
            f"draws of shape {draws.shape} over {years.shape[0]} years",
            "one row a draw and one column a year",
            "pass draws as (draw, year)",
        )
    if np.isnan(draws).any() or not (np.diff(years) > 0).all():
        raise InputError("NaN draws or years out of order", "finite or infinite draws over increasing years", "mend it")
    attrs = {"resource": resource_name, "unit": resource(resource_name).unit, "role": role, "source": source}
    # "fastpath": what is given is an array; to ask for more, xarray would import dask, which takes as long as a forecast.
    values = xr.Variable((DRAW, YEAR), draws, attrs, fastpath=True)
    return xr.DataArray(values, coords={YEAR: xr.IndexVariable(YEAR, pd.Index(years), fastpath=True)}, name=role)


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
    document: Mapping[str, Any] = field(repr=False)
    posterior: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def scenario(self) -> str:
        """Name of the scenario."""
        return str(self.document["scenario"])

    @property
    def diagnostics(self) -> Mapping[str, Any]:
        """Verdict and checks of the diagnostics gate."""
        return self.document["diagnostics"]

    @property
    def provenance(self) -> Mapping[str, Any]:
        """Data, versions, seed and command that made this forecast."""
        return self.document["provenance"]

    def probability(self, by: float) -> float:
        """Return the probability that the resource is exhausted by a year.

        Parameters
        ----------
        by : float
            A whole year means by its end (2030: before 2031.0); a decimal one means that instant.

        Returns
        -------
        float
            Share of draws.
        """
        instant = by + 1 if float(by).is_integer() else by
        return float(np.mean(self.exhaustion_year < instant))

    def interval(self, level: float = 0.8) -> tuple[float, float]:
        """Return the equal-tailed interval of the exhaustion year.

        Parameters
        ----------
        level : float, default 0.8
            Probability inside.

        Returns
        -------
        tuple of float
            Lower and upper end, decimal years; ``inf`` beyond the horizon.
        """
        low, high = quantiles(self.exhaustion_year, [(1 - level) / 2, (1 + level) / 2])
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
        from forecast.run_folder import write_run

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
        from forecast.folders import swapped_folder
        from forecast.manifest import read_manifest, write_manifest
        from forecast.run_folder import REPORT

        target = Path(folder)
        there = read_manifest(target)
        if there is not None and REPORT in there["files"]:
            from forecast.report import DEFAULT_SCALE, SCALES, write_report

            warn(f"{target} holds a report, which is made again with this run")
            asked = str(there.get("likelihood"))
            return write_report(self, target, likelihood=asked if asked in SCALES else DEFAULT_SCALE, warn=warn)
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
        from forecast.run_folder import read_run

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
        from forecast.plots import consumption_against_stock

        return consumption_against_stock(self, ax=ax)

    def _repr_html_(self) -> str:
        from forecast.report import forecast_card

        return forecast_card(self)


def credits_of(document: Any) -> list[str]:
    """Return the credit lines that the licences of the data ask for.

    Parameters
    ----------
    document : mapping
        A forecast's document.

    Returns
    -------
    list of str
        One a table, without repetition.
    """
    entries = document["provenance"]["data"]
    return list(dict.fromkeys(e.get("attribution") or f"{e['table']} ({e['licence']})" for e in entries))


__all__ = [
    "DRAW",
    "HEADLINE_HORIZON",
    "RESOURCES",
    "YEAR",
    "Forecast",
    "Resource",
    "Trajectory",
    "credits_of",
    "make_trajectory",
    "plain",
    "resource",
]
