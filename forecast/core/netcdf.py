"""netCDF files without detours: xarray's readers and writers take most of the time of a run that finds its fits.

What is written here is ordinary netCDF-4; ``xarray.open_dataset`` and ``xarray.open_datatree`` read it.
"""

from __future__ import annotations

import io
import math
import shutil
import zlib
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

UNPACKED = 512_000_000
"""What a file may unpack to (bytes): five times the trajectories of as many draws as can be kept."""

_ITEMS = 1000  # arrays and groups in one file; the largest fit has about 60
_CHUNKS = 50_000  # pieces of one array; trajectories of 50,000 draws have 8,000
_ATTRIBUTE = 1_000_000  # bytes of one attribute; a fit's diagnostics take 20 kB
_ATTRIBUTES = 100  # of one item
_TEXTS = 64  # texts in one attribute

_NO_VARIABLE = "This is a netCDF dimension but not a netCDF variable"


def read_tree(path: Path, content: bytes | None = None, *, limit: int = UNPACKED) -> xr.DataTree:
    """Read a tree of datasets, one level of groups deep, that this package has written."""
    import h5py
    import xarray as xr

    with h5py.File(path if content is None else h5py.h5f.open_file_image(content), "r") as file:
        _check_size(file, limit)
        groups = {f"/{name}": _dataset(item) for name, item in file.items() if isinstance(item, h5py.Group)}
        tree = xr.DataTree.from_dict(groups)
        tree.attrs = _attributes(file)
        begins = file.userblock_size
    tree.encoding = {"source": str(path), "stamp": _stamp(path), "begins": begins}
    return tree


def read_arrays(path: Path, *, limit: int = UNPACKED) -> xr.Dataset:
    """Read arrays that `write_arrays` has written."""
    import h5py

    with h5py.File(path, "r") as file:
        _check_size(file, limit)
        return _dataset(file)


def read_group(path: Path, name: str, *, limit: int = UNPACKED) -> xr.Dataset:
    """Read one group of arrays that `write_arrays` has written; empty where there is none."""
    import h5py
    import xarray as xr

    with h5py.File(path, "r") as file:
        _check_size(file, limit)
        group = file.get(name)
        return _dataset(group) if isinstance(group, h5py.Group) else xr.Dataset()


def write_tree(tree: xr.DataTree, path: Path) -> None:
    """Write a tree: as a copy of the file that it was read from while that is unchanged, else written out."""
    source = Path(tree.encoding.get("source", ""))
    if source.is_file() and tree.encoding.get("stamp") == _stamp(source):
        with source.open("rb") as kept, path.open("wb") as copy:
            kept.seek(tree.encoding["begins"])
            shutil.copyfileobj(kept, copy)
    else:
        # Made in memory: the library of the format ends the process when it meets a full disk.
        made = io.BytesIO()
        tree.to_netcdf(made, engine="h5netcdf")
        path.write_bytes(made.getvalue())


def write_arrays(
    path: Path,
    arrays: Mapping[str, tuple[Sequence[str], np.ndarray, Mapping[str, str]]],
    coordinates: Mapping[str, np.ndarray],
    groups: Mapping[str, Mapping[str, tuple[Sequence[str], np.ndarray, Mapping[str, str]]]] | None = None,
) -> None:
    """Write arrays over shared dimensions, compressed; those of a group share the dimensions of the file."""
    import h5netcdf

    made = io.BytesIO()
    with h5netcdf.File(made, "w") as file:
        for dims, values, _ in arrays.values():
            for dim, length in zip(dims, values.shape, strict=True):
                if dim not in file.dimensions:
                    file.dimensions[dim] = length
        for name, along in coordinates.items():
            file.create_variable(name, (name,), along.dtype, data=along)
        places = [(file, arrays), *((file.create_group(name), inside) for name, inside in (groups or {}).items())]
        for place, inside in places:
            for name, (dims, values, attributes) in inside.items():
                # Neighbouring numbers share their high bytes: laid together, these compress well.
                variable = place.create_variable(
                    name, tuple(dims), values.dtype, data=values, compression="gzip", compression_opts=1, shuffle=True
                )
                variable.attrs.update(attributes)
    path.write_bytes(made.getvalue())


def _check_size(file: Any, limit: int) -> None:
    """Refuse a file that would unpack to more than it may, or that leads to other files; nothing is unpacked yet."""
    import h5py

    items, size = [file], 0
    for group in (file, *(_linked(file, name) for name in file)):
        if isinstance(group, h5py.Group):
            items += [_linked(group, name) for name in group]
        if len(items) > _ITEMS:
            raise ValueError(f"more than {_ITEMS} arrays")
    for item in items:
        if isinstance(item, h5py.Dataset):
            size += _unpacked_size(item)
        if size > limit:
            raise ValueError(f"it unpacks to more than {limit / 1e6:.0f} MB")
        _check_attributes(item)
    for item in items:
        if isinstance(item, h5py.Dataset):
            _check_packing(item)


def _linked(group: Any, name: str) -> Any:
    import h5py

    if not isinstance(group.get(name, getlink=True), h5py.HardLink):
        raise ValueError(f"{name!r} is a link")
    return group[name]


def _unpacked_size(item: Any) -> int:
    """Return what an array takes in memory, going by what it declares (bytes)."""
    if item.dtype.kind not in "biufS":
        raise ValueError(f"{item.name!r} holds neither numbers nor short texts")
    if item.external or item.is_virtual:
        raise ValueError(f"{item.name!r} lies in another file")
    if item.shape is None:
        raise ValueError(f"{item.name!r} has no shape")
    return item.dtype.itemsize * max(math.prod(item.shape), math.prod(item.chunks or ()))


def _check_packing(item: Any) -> None:
    """Refuse pieces that unpack to more than the array declares: the library would follow them to any size."""
    from h5py import h5z

    properties = item.id.get_create_plist()
    filters = [properties.get_filter(place)[0] for place in range(properties.get_nfilters())]
    if not filters:
        return
    if not set(filters) <= {h5z.FILTER_DEFLATE, h5z.FILTER_SHUFFLE} or len(set(filters)) < len(filters):
        raise ValueError(f"{item.name!r} is packed in another way than runs are")
    if item.id.get_num_chunks() > _CHUNKS:
        raise ValueError(f"{item.name!r} has more than {_CHUNKS} pieces")
    expected = item.dtype.itemsize * math.prod(item.chunks)
    pieces: list[Any] = []
    item.id.chunk_iter(pieces.append)
    for piece in pieces if h5z.FILTER_DEFLATE in filters else ():
        mask, packed = item.id.read_direct_chunk(piece.chunk_offset)
        if not mask and len(zlib.decompressobj().decompress(packed, expected + 1)) > expected:
            raise ValueError(f"{item.name!r} unpacks to more than it declares")


def _check_attributes(item: Any) -> None:
    if len(item.attrs) > _ATTRIBUTES:
        raise ValueError(f"{item.name!r} has more than {_ATTRIBUTES} attributes")
    for name in item.attrs:
        if name in _OF_THE_FORMAT and name not in ("NAME", "dtype"):
            continue
        found = item.attrs.get_id(name)
        count = math.prod(found.shape or ())
        if count * found.dtype.itemsize > _ATTRIBUTE or (found.dtype.kind == "O" and count > _TEXTS):
            raise ValueError(f"the attribute {name!r} is too large")


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
