"""netCDF files without detours: xarray's readers and writers take most of the time of a run that finds its fits.

What is written here is ordinary netCDF-4; ``xarray.open_dataset`` and ``xarray.open_datatree`` read it.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import xarray as xr

_OF_THE_FORMAT = frozenset(
    {"CLASS", "NAME", "DIMENSION_LIST", "REFERENCE_LIST", "DIMENSION_LABELS", "_FillValue", "dtype"}
)
"""Attributes that belong to the file and not to what is in it; so do those that begin with ``_N`` and ``_n``."""

_NO_VARIABLE = "This is a netCDF dimension but not a netCDF variable"


def read_tree(path: Path, content: bytes | None = None) -> xr.DataTree:
    """Read a tree of datasets, one level of groups deep, that this package has written.

    Parameters
    ----------
    path : pathlib.Path
        A netCDF file.
    content : bytes, optional
        What was read from it already.

    Returns
    -------
    xarray.DataTree
        Loaded; ``encoding["source"]`` says from where, so that `write_tree` may copy the file.

    Raises
    ------
    OSError, ValueError, KeyError, RuntimeError
        If it is missing or damaged.
    """
    import h5py
    import xarray as xr

    with h5py.File(path if content is None else h5py.h5f.open_file_image(content), "r") as file:
        groups = {f"/{name}": _dataset(item) for name, item in file.items() if isinstance(item, h5py.Group)}
        tree = xr.DataTree.from_dict(groups)
        tree.attrs = _attributes(file)
        begins = file.userblock_size
    tree.encoding = {"source": str(path), "stamp": _stamp(path), "begins": begins}
    return tree


def write_tree(tree: xr.DataTree, path: Path) -> None:
    """Write a tree: as a copy of the file that it was read from while that is unchanged, else anew.

    Parameters
    ----------
    tree : xarray.DataTree
        What to write.
    path : pathlib.Path
        Where.
    """
    source = Path(tree.encoding.get("source", ""))
    if source.is_file() and tree.encoding.get("stamp") == _stamp(source):
        with source.open("rb") as kept, path.open("wb") as copy:
            kept.seek(tree.encoding["begins"])
            shutil.copyfileobj(kept, copy)
    else:
        tree.to_netcdf(path, engine="h5netcdf")


def write_arrays(
    path: Path,
    arrays: Mapping[str, tuple[Sequence[str], np.ndarray, Mapping[str, str]]],
    coordinates: Mapping[str, np.ndarray],
) -> None:
    """Write arrays over shared dimensions, compressed.

    Parameters
    ----------
    path : pathlib.Path
        Where.
    arrays : mapping of str to tuple
        Name to dims, values and attributes.
    coordinates : mapping of str to array
        Values along a dimension, for those that have any.
    """
    import h5netcdf

    with h5netcdf.File(path, "w") as file:
        for dims, values, _ in arrays.values():
            for dim, length in zip(dims, values.shape, strict=True):
                if dim not in file.dimensions:
                    file.dimensions[dim] = length
        for name, along in coordinates.items():
            file.create_variable(name, (name,), along.dtype, data=along)
        for name, (dims, values, attributes) in arrays.items():
            # Neighbouring numbers share their high bytes: laid together, these compress well.
            variable = file.create_variable(
                name, tuple(dims), values.dtype, data=values, compression="gzip", compression_opts=1, shuffle=True
            )
            variable.attrs.update(attributes)


def _dataset(group: Any) -> xr.Dataset:
    """Return one group as a dataset."""
    import h5py
    import pandas as pd
    import xarray as xr

    variables, coordinates = {}, {}
    for name, item in group.items():
        if not isinstance(item, h5py.Dataset) or str(_text(item.attrs.get("NAME", ""))).startswith(_NO_VARIABLE):
            continue
        values = item[()]
        if _text(item.attrs.get("dtype", "")) == "bool":
            values = values.astype(bool)
        if item.is_scale:
            coordinates[name] = xr.IndexVariable(name, pd.Index(values), _attributes(item), fastpath=True)
        else:
            dims = tuple(str(scale[0].name).rpartition("/")[2] for scale in item.dims)
            # "fastpath": what is given is an array; to ask for more, xarray would import dask.
            variables[name] = xr.Variable(dims, values, _attributes(item), fastpath=True)
    return xr.Dataset(variables, coordinates, _attributes(group))


def _attributes(item: Any) -> dict[str, Any]:
    found = {}
    for name, value in item.attrs.items():
        if name not in _OF_THE_FORMAT and not name.startswith(("_N", "_n")):
            found[name] = _text(value)
    return found


def _text(value: Any) -> Any:
    """Return an attribute as Python has it: text for bytes, a scalar for an array of one."""
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, np.ndarray):
        if value.shape == (1,):
            return _text(value[0])
        return [_text(item) for item in value] if value.dtype == object else value
    return value


def _stamp(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_size, status.st_mtime_ns
