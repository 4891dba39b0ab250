"""Run folders on disk: the document, the trajectories, the posteriors, and a manifest of hashes.

This module knows files and arrays; what they mean is known to `forecast.nouns.Forecast`, which saves and loads itself.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast.errors import InputError, MissingFileError
from forecast.files import recover_folder, sha256_of
from forecast.netcdf import read_tree, write_arrays, write_tree
from forecast.text import from_json

if TYPE_CHECKING:
    import xarray as xr

DOCUMENT = "forecast.json"
"""The file that makes a folder a run folder."""

_TRAJECTORIES = "trajectories.nc"
_POSTERIOR = "posterior"
_SIDES = ("consumption", "stock")


def write_run(
    folder: Path,
    document: str,
    exhaustion_year: np.ndarray,
    sides: Mapping[str, xr.DataArray],
    posterior: Mapping[str, xr.DataTree],
) -> None:
    """Write document, trajectories and posteriors into an existing folder.

    Parameters
    ----------
    folder : pathlib.Path
        Where.
    document : str
        The text of ``forecast.json``.
    exhaustion_year : array, shape (draw,)
        Decimal exhaustion year by draw.
    sides : mapping of str to xarray.DataArray
        The trajectories "consumption" and "stock", over the same draws and years; kept in single precision.
    posterior : mapping of str to xarray.DataTree
        The fits, by member.
    """
    (folder / DOCUMENT).write_text(document, encoding="utf-8")
    first = sides[_SIDES[0]]
    draw, year = (str(name) for name in first.dims)
    arrays: dict[str, Any] = {"exhaustion_year": ((draw,), exhaustion_year, {"unit": "decimal year"})}
    for name in _SIDES:
        side = sides[name]
        arrays[name] = ((draw, year), np.ascontiguousarray(side.values, dtype=np.float32), side.attrs)
    write_arrays(folder / _TRAJECTORIES, arrays, {year: first[year].values})
    (folder / _POSTERIOR).mkdir(exist_ok=True)
    for name, tree in posterior.items():
        write_tree(tree, folder / _POSTERIOR / f"{name}.nc")


def read_run(folder: Path) -> tuple[dict[str, Any], xr.Dataset, dict[str, xr.DataTree]]:
    """Read a run folder.

    Parameters
    ----------
    folder : pathlib.Path
        A folder that holds ``forecast.json`` and ``trajectories.nc``.

    Returns
    -------
    tuple of dict, xarray.Dataset and dict of str to xarray.DataTree
        The document; exhaustion_year, consumption and stock in double precision; the fits by member.

    Raises
    ------
    MissingFileError
        If the folder is not a run folder.
    InputError
        If one of its files is missing or damaged.
    """
    import xarray as xr

    recover_folder(folder.absolute())
    if not (folder / DOCUMENT).is_file():
        raise MissingFileError(f"{folder}", f"a run folder with {DOCUMENT}", "make one with: forecast run")
    try:
        document = from_json((folder / DOCUMENT).read_text(encoding="utf-8"))
        with xr.open_dataset(folder / _TRAJECTORIES, engine="h5netcdf") as data:
            arrays = data[["exhaustion_year", *_SIDES]].load().astype(float)
        posterior = {path.stem: read_tree(path) for path in sorted((folder / _POSTERIOR).glob("*.nc"))}
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        raise InputError(
            f"{folder}, a run folder that is damaged ({type(error).__name__})",
            "the files that forecast run wrote",
            "make it anew with: forecast run",
        ) from error
    return document, arrays, posterior


def write_manifest(folder: Path) -> None:
    """Write ``manifest.json``: every file of a run folder with its SHA-256.

    Parameters
    ----------
    folder : pathlib.Path
        A run folder, complete but for the manifest.
    """
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != "manifest.json")
    listing = {path.relative_to(folder).as_posix(): sha256_of(path) for path in files}
    (folder / "manifest.json").write_text(json.dumps({"files": listing}, indent=1) + "\n", encoding="utf-8")


__all__ = ["DOCUMENT", "read_run", "write_manifest", "write_run"]
