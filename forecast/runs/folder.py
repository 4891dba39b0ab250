"""Run folders on disk: the document, the trajectories, the posteriors.

A run folder may come from anybody: sizes are bounded before anything is unpacked, nothing outside it is opened, and
the document is held against its schema before anything reads it. This module knows files and arrays; what they mean
is known to `forecast.runs.forecast.Forecast`, which saves and loads itself.
"""

from __future__ import annotations

import stat
from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast.core.files import resolved
from forecast.core.folders import recover_folder
from forecast.core.manifest import write_manifest
from forecast.core.netcdf import UNPACKED, read_arrays, read_group, read_tree, write_arrays, write_tree
from forecast.core.trajectory import MEMBER
from forecast.errors import ForecastError, InputError, MissingFileError
from forecast.runs.document_types import Document
from forecast.text import from_json

if TYPE_CHECKING:
    import xarray as xr

DOCUMENT = "forecast.json"
"""The forecast's own file in a run folder."""

REPORT = "report.html"
"""The file that shows that a run folder holds a report."""

APPENDIX = "appendix.html"
"""What the report rests on, in a page beside it."""

ONE_PAGE = "one_page.pdf"
"""Page one of the report, to print or to attach."""

TRAJECTORIES = "trajectories.nc"
"""The draws of a run: exhaustion year, both paths, growth member; levers in a group of their own."""

_POSTERIOR = "posterior"
_SIDES = ("consumption", "stock")
_LEVER = "lever"
_OF_THE_FILE = ("units", "coordinates")  # attributes that conventions of the format ask for

_LARGEST_DOCUMENT = 16_000_000
"""Size of a document that is read: the baseline's has 0.2 MB (bytes)."""

_LARGEST_ARRAYS = 256_000_000
"""Size of a file of arrays that is read: those of the baseline have 2 to 4 MB (bytes)."""

_LARGEST_FOLDER = 2_000_000_000
"""Size of a run folder that is hashed: the baseline's with its report has 17 MB (bytes)."""

_MOST_FILES = 2000
"""Files and folders in it; the baseline's with its report has 40."""

_MOST_POSTERIORS = 32
"""Fits that are read: a run has one a growth member, of which there are ten."""


def write_run(
    folder: Path,
    document: str,
    exhaustion_year: np.ndarray,
    sides: Mapping[str, xr.DataArray],
    posterior: Mapping[str, xr.DataTree],
    levers: Mapping[str, np.ndarray],
) -> None:
    """Write document, trajectories and posteriors into an existing folder."""
    (folder / DOCUMENT).write_text(document, encoding="utf-8")
    write_trajectories(folder, exhaustion_year, sides, levers)
    for name, tree in posterior.items():
        # Only now: a folder with nothing in it is in no manifest.
        (folder / _POSTERIOR).mkdir(exist_ok=True)
        write_tree(tree, folder / _POSTERIOR / f"{name}.nc")


def write_trajectories(
    folder: Path,
    exhaustion_year: np.ndarray,
    sides: Mapping[str, xr.DataArray],
    levers: Mapping[str, np.ndarray],
) -> None:
    """Write the exhaustion year, both paths, growth member and levers by draw into an existing folder."""
    first = sides[_SIDES[0]]
    draw, year = (str(name) for name in first.dims)
    arrays: dict[str, Any] = {"exhaustion_year": ((draw,), exhaustion_year, {"unit": "decimal year"})}
    for name in _SIDES:
        side = sides[name]
        # "units" is what the conventions of the format call it.
        attributes = {**side.attrs, "units": str(side.attrs["unit"])}
        arrays[name] = ((draw, year), np.ascontiguousarray(side.values, dtype=np.float32), attributes)
    if MEMBER in first.coords:
        for name, (dims, values, attributes) in arrays.items():
            arrays[name] = (dims, values, {**attributes, "coordinates": MEMBER})
        names = np.char.encode(np.asarray(first[MEMBER].values, dtype=str), "utf-8")
        letters = names.view("S1").reshape(len(names), -1)
        arrays[MEMBER] = ((draw, f"string{letters.shape[1]}"), letters, {"_Encoding": "utf-8", **_MEMBER})
    by_draw = {
        name: ((draw,), np.asarray(values, dtype=np.float32), _described(name)) for name, values in levers.items()
    }
    groups = {_LEVER: by_draw} if by_draw else {}
    coordinates = {year: first[year].values, draw: np.arange(len(exhaustion_year))}
    write_arrays(folder / TRAJECTORIES, arrays, coordinates, groups)


_MEMBER = {"long_name": "growth member that the draw comes from"}


def _described(name: str) -> dict[str, str]:
    """Return unit and description of a lever's value, as far as it is a setting."""
    from forecast.scenarios.levers import LEVERS

    lever, _, setting = name.partition(".")
    known = LEVERS[lever].settings.get(setting) if lever in LEVERS else None
    return {} if known is None else {"units": known.unit, "long_name": known.description}


def labels(folder: Path) -> dict[str, Any]:
    """Return what stands beside the numbers of a folder's trajectories: names, dimensions, attributes."""
    path = inside(folder, TRAJECTORIES, _LARGEST_ARRAYS)
    arrays = read_arrays(path)
    of = {str(name): (array.dims, dict(array.attrs)) for name, array in arrays.variables.items()}
    for name, values in read_group(path, _LEVER).variables.items():
        of[f"{_LEVER}/{name}"] = (values.dims, dict(values.attrs))
    return {"attributes": dict(arrays.attrs), "arrays": of}


def read_run(folder: Path) -> tuple[Document, xr.Dataset, dict[str, xr.DataTree], dict[str, np.ndarray]]:
    """Read a run folder."""
    document = read_document(folder)
    arrays = read_trajectories(folder)
    return document, arrays, _read_posteriors(folder), _read_levers(folder, arrays["exhaustion_year"].size)


def read_document(folder: Path) -> Document:
    """Read the document of a run folder and hold it against its schema."""
    from forecast.runs.document import validate

    recover_folder(resolved(folder))
    if not (folder / DOCUMENT).exists():
        raise MissingFileError(f"{folder}", f"a run folder with {DOCUMENT}", "make one with: forecast run")
    path = inside(folder, DOCUMENT, _LARGEST_DOCUMENT)
    try:
        document = from_json(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise _damaged(folder, DOCUMENT, error) from error
    validate(document)
    return document


def read_trajectories(folder: Path) -> xr.Dataset:
    """Read the draws of a run folder."""
    path = inside(folder, TRAJECTORIES, _LARGEST_ARRAYS)
    try:
        every = read_arrays(path)
        kept = every[["exhaustion_year", *_SIDES]]
        draw, year = kept["consumption"].dims
        shapes_fit = kept["stock"].dims == (draw, year) and kept["exhaustion_year"].dims == (draw,)
        years = kept[year].values.astype(float)
        values = [kept[name].values for name in kept]
        if not (shapes_fit and len(years) > 1 and (np.diff(years) > 0).all() and np.isfinite(years).all()):
            raise ValueError("draws over other years or of another number")
        if not kept.sizes[draw] or any(np.isnan(value).any() for value in values):
            raise ValueError("draws that are not there")
        # By NumPy: the library of the arrays asks another one, which takes a quarter of a second to start.
        kept = kept.assign({name: _floats(kept[name]) for name in kept})
        for name in _SIDES:
            kept[name].attrs = {key: kept[name].attrs[key] for key in kept[name].attrs if key not in _OF_THE_FILE}
        return kept if MEMBER not in every else kept.assign_coords({MEMBER: _labels(every[MEMBER], draw)})
    except Exception as error:  # whatever somebody else may have written
        raise _damaged(folder, TRAJECTORIES, error) from error


def _labels(letters: xr.DataArray, draw: str) -> xr.Variable:
    import xarray as xr

    return xr.Variable((draw,), _names(letters, draw), fastpath=True)


def _floats(array: xr.DataArray) -> xr.Variable:
    import xarray as xr

    return xr.Variable(array.dims, array.values.astype(float), array.attrs, fastpath=True)


def _names(letters: xr.DataArray, draw: str) -> np.ndarray:
    """Return the names of growth members out of their letters."""
    values = letters.values
    if letters.dims[0] != draw or values.ndim != 2 or values.dtype != "S1":
        raise ValueError("names of growth members of another shape")
    joined = np.ascontiguousarray(values).view(f"S{values.shape[1]}")[:, 0]
    return np.char.decode(joined, "utf-8").astype(object)


def _read_levers(folder: Path, draws: int) -> dict[str, np.ndarray]:
    """Read the levers' values by draw; a run of version 0.1.0 has none."""
    path = inside(folder, TRAJECTORIES, _LARGEST_ARRAYS)
    try:
        found = {str(name): array.values.astype(float) for name, array in read_group(path, _LEVER).items()}
        if any(values.shape != (draws,) or np.isnan(values).any() for values in found.values()):
            raise ValueError("levers of another number of draws")
    except Exception as error:  # whatever somebody else may have written
        raise _damaged(folder, TRAJECTORIES, error) from error
    return found


def inside(folder: Path, name: str, largest: int) -> Path:
    """Return the path of a file of a run folder, once it is known to be one, to lie in it, and to be small enough."""
    path = folder / name
    try:
        status = path.stat()
        leads_out = not path.resolve().is_relative_to(folder.resolve())
    except (OSError, ValueError, RuntimeError) as error:
        raise _damaged(folder, name, error) from error
    do = "make the run again with: forecast run"
    if leads_out:
        raise InputError(f"{folder / name}, a link that leads out of the run folder", "a file in it", do)
    if not stat.S_ISREG(status.st_mode):
        raise InputError(f"{folder / name}, which is no regular file", "a file as forecast run writes it", do)
    if status.st_size > largest:
        raise InputError(f"{folder / name} of {status.st_size / 1e6:.0f} MB", f"at most {largest / 1e6:.0f} MB", do)
    return path


def check_contents(folder: Path) -> None:
    """Refuse a folder that is not to be read whole: too much in it, or pipes, devices and links out of it."""
    left = _LARGEST_FOLDER
    names = [path.relative_to(folder).as_posix() for path in islice(folder.rglob("*"), _MOST_FILES + 1)]
    if len(names) > _MOST_FILES:
        raise InputError(
            f"{folder} with more than {_MOST_FILES} files", "a run folder, which has about 50", "choose another"
        )
    for name in names:
        if not (folder / name).is_dir() or (folder / name).is_symlink():
            left -= inside(folder, name, left).stat().st_size


def _read_posteriors(folder: Path) -> dict[str, xr.DataTree]:
    names = sorted(path.name for path in (folder / _POSTERIOR).glob("*.nc"))
    if len(names) > _MOST_POSTERIORS:
        raise InputError(f"{folder} with {len(names)} fits", f"at most {_MOST_POSTERIORS}", "make the run again")
    room, found = UNPACKED, {}
    for name in names:
        path = inside(folder, f"{_POSTERIOR}/{name}", _LARGEST_ARRAYS)
        try:
            tree = read_tree(path, limit=room)
        except Exception as error:  # whatever somebody else may have written
            raise _damaged(folder, f"{_POSTERIOR}/{name}", error) from error
        room -= sum(node.dataset.nbytes for node in tree.subtree)
        found[path.stem] = tree
    return found


def _damaged(folder: Path, name: str, error: Exception) -> ForecastError:
    reason = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return InputError(
        f"{folder}, a run folder that is damaged ({name}: {reason[:160]})",
        "the files that forecast run wrote",
        "make the run again with: forecast run",
    )


__all__ = [
    "APPENDIX",
    "DOCUMENT",
    "ONE_PAGE",
    "REPORT",
    "TRAJECTORIES",
    "check_contents",
    "inside",
    "labels",
    "read_document",
    "read_run",
    "read_trajectories",
    "write_manifest",
    "write_run",
    "write_trajectories",
]
