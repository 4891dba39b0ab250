"""What calls a compiled density, written so that it compiles in a second.

`nutpie` hands a model's data over in generic code on whose types numba spends nine seconds a model, half of all compiling. Here
the same is written out for the data at hand. What is called, and so every draw, is the same to the bit. Where this nutpie is
not built as expected, its own way is taken.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

_NAMES = ("_make_c_logp_func", "_make_c_expand_func", "address_as_void_pointer", "make_user_data")
"""What of nutpie is replaced (the first two) or used."""

_DENSITY = """\
def density(dim, x_, gradient_, density_, data_):
    if dim != {dim}:
        return -1
    try:
        found, gradient = compute(carray(x_, ({dim},)){given})
        value = found.item()
        density_[0] = value
        status = 0
        for place in range({dim}):
            gradient_[place] = gradient[place]
            if not isfinite(gradient[place]):
                status = 3
        if status == 0 and not isfinite(value):
            status = 4
        return status
    except Exception:
        return 1
"""

_EXPAND = """\
def expand(dim, expanded, x_, values_, data_):
    if dim != {dim} or expanded != {expanded}:
        return -1
    try:
        (values,) = compute(carray(x_, ({dim},)){given})
        for place in range({expanded}):
            values_[place] = values[place]
    except Exception:
        return -2
    return 0
"""


@contextlib.contextmanager
def lean_wrappers() -> Iterator[None]:
    """Let nutpie compile with these wrappers inside the block."""
    from nutpie import compile_pymc as theirs

    if not all(hasattr(theirs, name) for name in _NAMES):
        yield
        return
    before = {name: getattr(theirs, name) for name in _NAMES[:2]}

    def density(dim: int, compute: Any, user_data: Any, keys: Sequence[str], data: Mapping[str, Any]) -> Any:
        if not _as_expected(user_data, data):
            return before["_make_c_logp_func"](dim, compute, user_data, keys, data)
        return _written(_DENSITY, "density", 1, compute, keys, data, dim=dim)

    def expand(
        dim: int, expanded: int, compute: Any, user_data: Any, keys: Sequence[str], data: Mapping[str, Any]
    ) -> Any:
        if not _as_expected(user_data, data):
            return before["_make_c_expand_func"](dim, expanded, compute, user_data, keys, data)
        return _written(_EXPAND, "expand", 2, compute, keys, data, dim=dim, expanded=expanded)

    theirs._make_c_logp_func, theirs._make_c_expand_func = density, expand
    try:
        yield
    finally:
        theirs._make_c_logp_func, theirs._make_c_expand_func = before.values()


def _as_expected(user_data: Any, data: Mapping[str, Any]) -> bool:
    """Tell whether the record is addresses, sizes and shapes, one word each, in the order of the data."""
    words = user_data.dtype.itemsize // np.dtype(np.uintp).itemsize
    shared: Any = user_data.dtype.fields["shared"][0] if user_data.dtype.names == ("shared",) else np.dtype(float)
    return (
        shared.names == ("data", "size", "shape")
        and shared["data"].names == tuple(data)
        and words == 2 * len(data) + sum(value.ndim for value in data.values())
    )


def _written(
    source: str, name: str, counts: int, compute: Any, keys: Sequence[str], data: Mapping[str, Any], **numbers: int
) -> tuple[Any, Any]:
    """Return a function with all its data written out, and the signature that nutpie calls it by."""
    import numba
    from numba.np.numpy_support import carray
    from nutpie.compile_pymc import address_as_void_pointer

    order, word, places = list(data), 2 * len(data), {}
    for key in order:
        places[key] = word
        word += data[key].ndim
    given, scope = "", {}
    for number, key in enumerate(keys):
        scope[f"kind_{number}"] = data[key].dtype
        shape = "".join(f"int(data_[{places[key] + axis}])," for axis in range(data[key].ndim))
        given += f", carray(address(data_[{order.index(key)}]), ({shape}), kind_{number})"
    scope |= {"carray": carray, "address": address_as_void_pointer, "compute": compute, "isfinite": np.isfinite}
    exec(source.format(given=given, **numbers), scope)  # text of our own and whole numbers
    real = numba.types.CPointer(numba.types.double)
    outputs = [real] * (3 if name == "density" else 2)
    words = numba.types.CPointer(numba.types.uintp)
    return scope[name], numba.types.int64(*[numba.types.uint64] * counts, *outputs, words)
