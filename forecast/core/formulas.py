"""Formulas that write themselves down: the code that computes with arrays, run on symbols, leaves the list of its steps.

A symbol stands for a number or an array of any shape. NumPy's functions and operators take it as they take an array and note
what they would do, so that whoever computes elsewhere, such as the explorer in a reader's browser, follows the package's
own code and no second copy of it. Code that branches on a value, rather than by `numpy.where`, says so with an error.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

Step = tuple[str | int | float, ...]
"""One step: the name of what is done, by NumPy's names, then the places of the steps that it takes; or a number or name."""


class Symbol(np.lib.mixins.NDArrayOperatorsMixin):
    """Something that a formula is made of: a name, a number, or a step with what it takes.

    Shapes are not its business: an index gives it back.

    Examples
    --------
    >>> x, year = Symbol("symbol", "x"), Symbol("symbol", "year")
    >>> steps(np.minimum(x[:, None] * (year - 2026.0), 1.0))
    [('symbol', 'x'), ('symbol', 'year'), ('number', 2026.0), ('subtract', 1, 2), ('multiply', 0, 3), ('number', 1.0), ('minimum', 4, 5)]
    """

    def __init__(self, name: str, *takes: Any) -> None:
        self.name = name
        self.takes = takes

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        """Note a step."""
        if method != "__call__" or options:
            return NotImplemented
        return Symbol(ufunc.__name__, *inputs)

    def __array_function__(self, function: Any, types: Any, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        """Note what a function that is no ufunc does, in steps that are."""
        return _WRITTEN[function](*args, **options) if function in _WRITTEN else NotImplemented

    def __getitem__(self, index: Any) -> Symbol:
        """Return itself: an axis more or less changes no value."""
        return self

    def __len__(self) -> int:
        """Return the length of any axis, which broadcasts."""
        return 1

    def __bool__(self) -> bool:
        """Refuse to say: the value is not known."""
        raise TypeError("a formula that branches on a value; write it with numpy.where")

    def astype(self, _: Any) -> Symbol:
        """Return its number: true counts as 1."""
        return 1.0 * self


def _select(conditions: list[Any], choices: list[Any], default: Any = 0.0) -> Any:
    found = default
    for condition, choice in zip(reversed(conditions), reversed(choices), strict=True):
        found = Symbol("where", condition, choice, found)
    return found


_WRITTEN: dict[Any, Callable[..., Any]] = {
    np.where: lambda condition, yes, no: Symbol("where", condition, yes, no),
    np.clip: lambda value, low, high: np.minimum(np.maximum(value, low), high),
    np.interp: lambda x, xp, fp: Symbol("interp", x, *np.asarray(xp, dtype=float), *np.asarray(fp, dtype=float)),
    np.select: _select,
    np.broadcast_to: lambda value, _: value,
}
"""Functions that are no ufuncs, in steps."""


def one_step[F: Callable[..., Any]](function: F) -> F:
    """Let symbols pass a function as one step of its name, of which the reader of the formula has a version of its own."""

    @functools.wraps(function)
    def either(*args: Any) -> Any:
        symbolic = any(isinstance(each, Symbol) for each in args)
        return Symbol(function.__name__, *args) if symbolic else function(*args)

    return either  # type: ignore[return-value]


def symbol(name: str) -> Any:
    """Return something with a name, to compute with in an array's place."""
    return Symbol("symbol", name)


def steps(formula: Any) -> list[Step]:
    """Return the steps of a formula, each after those that it takes and none twice; the last one is its value."""
    found: dict[Step, int] = {}
    known: dict[int, int] = {}

    def place(part: Any) -> int:
        if not isinstance(part, Symbol):
            return found.setdefault(("number", np.asarray(part, dtype=float).item()), len(found))
        if id(part) not in known:
            taken = part.takes if part.name == "symbol" else [place(each) for each in part.takes]
            known[id(part)] = found.setdefault((part.name, *taken), len(found))
        return known[id(part)]

    place(formula)
    return list(found)


__all__ = ["Step", "Symbol", "one_step", "steps", "symbol"]
