"""The forecast: the exhaustion year by draw, the two trajectories behind it, and the document of ``forecast.json``."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast.core.display import display
from forecast.errors import MissingFileError
from forecast.runs.document_types import DiagnosticsBlock, Document, ProvenanceBlock
from forecast.runs.futures import Futures
from forecast.text import json_text

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from forecast.consumption.fit import Fit


@dataclass(frozen=True)
class Forecast(Futures):
    """When one resource is used up, with everything that the statement rests on.

    Parameters
    ----------
    exhaustion_year : array, shape (draw,)
        Decimal exhaustion year by draw; ``inf`` means not within the horizon.
    consumption, stock : xarray.DataArray
        The trajectories compared, log10 of frontier and effective stock, dims ``(draw, year)``, with the coordinate
        ``member`` on ``draw``; `consumption_at` and `stock_at` give plain units.
    document : mapping
        What `to_json` writes: the contract's ``forecast.json``.
    posterior : mapping of str to xarray.DataTree
        The fits behind the consumption side, by member.
    levers : mapping of str to array
        The value of every lever in each draw, by ``lever.setting``.

    Examples
    --------
    >>> import forecast as fc
    >>> f = fc.load("out")
    >>> 0 < f.probability(by=2030) < 1
    True
    >>> f.scenario, f.diagnostics["verdict"]
    ('short', 'PASS')
    """

    exhaustion_year: np.ndarray
    consumption: xr.DataArray
    stock: xr.DataArray
    document: Document = field(repr=False)
    posterior: Mapping[str, Any] = field(default_factory=dict, repr=False)
    levers: Mapping[str, np.ndarray] = field(default_factory=dict, repr=False)

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
            and self.levers.keys() == other.levers.keys()
            and all(np.array_equal(values, other.levers[name]) for name, values in self.levers.items())
            and self.document == other.document
        )

    def __hash__(self) -> int:
        return hash(self.exhaustion_year.tobytes())

    def __repr__(self) -> str:
        # A document made by hand may lack anything, and a repr never raises.
        of = f"{self.document.get('scenario')!r}, {self.consumption.attrs['resource']!r}"
        verdict = (self.document.get("diagnostics") or {}).get("verdict", "not run")
        return f"Forecast({of}: {self._answer()}; {len(self.exhaustion_year)} draws, diagnostics {verdict})"

    def sentence(self) -> str | None:
        """Return the quotable sentence, or None when the diagnostics say FAIL.

        Returns
        -------
        str or None
            One sentence, its numbers taken from the document.

        Examples
        --------
        >>> import forecast as fc
        >>> f = fc.load("out")
        >>> f.sentence().startswith("On data to ")
        True
        """
        return self.document["sentence"]

    def to_json(self) -> str:
        """Return the document as JSON text, the content of ``forecast.json``.

        Returns
        -------
        str
            Indented, keys in the contract's order, no NaN or infinity.

        Examples
        --------
        >>> import forecast as fc
        >>> f = fc.load("out")
        >>> import json
        >>> json.loads(f.to_json())["resource"]
        'public_text'
        """
        return json_text(self.document, indent=1, allow_nan=False) + "\n"

    def write(self, folder: Path) -> None:
        """Write document, trajectories and posteriors into an existing folder.

        Parameters
        ----------
        folder : pathlib.Path
            Where; `save` makes whole run folders with a manifest.

        Examples
        --------
        >>> import forecast as fc
        >>> f = fc.load("out")
        >>> from pathlib import Path
        >>> Path("bare").mkdir()
        >>> f.write(Path("bare"))
        >>> sorted(path.name for path in Path("bare").iterdir())
        ['forecast.json', 'posterior', 'trajectories.nc']
        """
        from forecast.runs.folder import write_run

        sides = {"consumption": self.consumption, "stock": self.stock}
        write_run(folder, self.to_json(), self.exhaustion_year, sides, self.posterior, self.levers)

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

        Examples
        --------
        >>> import forecast as fc
        >>> f = fc.load("out")
        >>> fc.load(f.save("copy")) == f
        True
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

        Examples
        --------
        >>> import forecast as fc
        >>> fc.Forecast.load("out").scenario
        'short'
        """
        from forecast.runs.folder import read_run

        document, arrays, posterior, levers = read_run(Path(folder))
        year, consumption, stock = (arrays[name] for name in ("exhaustion_year", "consumption", "stock"))
        return cls(year.values, consumption, stock, document, posterior, levers)

    def update(
        self,
        add: str | pd.DataFrame | Sequence[Any],
        *,
        models: str | Path | pd.DataFrame | None = None,
        jobs: int | None = None,
        scheduler: str | None = None,
        progress: Callable[[str], None] = lambda _: None,
        warn: Callable[[str], None] = warnings.warn,
    ) -> Forecast:
        """Return this forecast made again with further rows, fitted with them; `moved` says what they moved.

        Parameters
        ----------
        add : sequence of (model, date, tokens), str or pandas.DataFrame
            Runs of text that are taken as published, read as rows of a table of these three columns. A row later than
            the data moves the as-of date to its own, and it may lie ahead: nothing else is then seen until that day.
        models : str, pathlib.Path or pandas.DataFrame, optional
            The model table of your own that the forecast was made from, if it was.
        jobs : int, optional
            Processes; by default one a processor.
        scheduler : str, optional
            Address of a Dask scheduler whose workers make the fits.
        progress : callable, optional
            Told of each step.
        warn : callable, optional
            Told what is not as asked for.

        Returns
        -------
        Forecast
            Its document names the rows in ``provenance.options.add``, and under ``previous`` what moved.

        Raises
        ------
        InputError
            If a row cannot be used, or the forecast cannot be made again here.

        Examples
        --------
        >>> import forecast as fc
        >>> f = fc.run(fc.scenario.load("baseline").replace(members=["damped"], estimator="indexed_web"))
        >>> with_row = f.update(add=[("Model X", "2026-12-01", 1e14)], jobs=1)
        >>> with_row.document["as_of"]
        '2026-12-01'
        >>> with_row.moved().startswith("against the same forecast without the row")
        True
        """
        how = {"models": models, "jobs": jobs, "scheduler": scheduler, "progress": progress, "warn": warn}
        return display("update_forecast", self, add, **how)

    def fits(self, *, models: str | Path | None = None) -> Mapping[str, Fit]:
        """Return the fits behind the consumption side, with the draws that this forecast holds; nothing is sampled.

        Parameters
        ----------
        models : str or pathlib.Path, optional
            The model table of your own that the forecast was made from, if it was.

        Returns
        -------
        mapping of str to Fit
            By growth member.

        Raises
        ------
        InputError
            If the data that the forecast was made from are not here.

        Examples
        --------
        >>> import forecast as fc
        >>> f = fc.load("out")
        >>> list(f.fits())
        ['damped', 'windowed_exponential']
        >>> sorted(f.fits()["damped"].to_arviz(draws=50).children)[:2]
        ['constant_data', 'log_likelihood']
        """
        return display("forecast_fits", self, models)

    def moved(self) -> str | None:
        """Return what moved this forecast from the one before it, None where it was compared with none.

        Returns
        -------
        str or None
            One line: years by which the median moved, and each side's share.

        Examples
        --------
        >>> import forecast as fc
        >>> f = fc.load("out")
        >>> f.moved() is None  # it was compared with none
        True
        """
        before = self.document["previous"]
        if before is None:
            return None
        by = before["moved_by_years"]
        moved = "a median beyond the horizon" if by is None else f"the median by {by:+.2f} years"
        return f"against {before['run']}: {moved} ({'; '.join(before['because']) or 'no side moved it'})"

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

        Examples
        --------
        >>> import forecast as fc
        >>> f = fc.load("out")
        >>> axes = f.plot()
        """
        return display("forecast_plot", self, ax=ax)

    def _repr_html_(self) -> str:
        return display("forecast_card", self)


def load(path: str | Path) -> Forecast:
    """Read a forecast from its run folder, or from the ``forecast.json`` in it.

    Parameters
    ----------
    path : str or pathlib.Path
        The folder, or that file; the draws are read from ``trajectories.nc`` beside it.

    Returns
    -------
    Forecast
        With the posteriors of its members.

    Raises
    ------
    MissingFileError
        If it is no run folder, or there are no draws beside the file.
    InputError
        If one of its files is damaged, too large or outside it, or the document does not fit the schema.

    Examples
    --------
    >>> import forecast as fc
    >>> fc.load("out/forecast.json") == fc.load("out")
    True
    """
    from forecast.runs.folder import DOCUMENT, TRAJECTORIES

    folder = Path(path)
    if folder.name == DOCUMENT and folder.is_file():
        if not folder.with_name(TRAJECTORIES).is_file():
            raise MissingFileError(f"{folder} alone", f"{TRAJECTORIES} beside it", "keep the run folder together")
        folder = folder.parent
    return Forecast.load(folder)
