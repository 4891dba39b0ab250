"""What a kept fit knows a user's own growth member by: what its methods do, since no fingerprint promises it."""

from __future__ import annotations

import hashlib
import inspect
from types import CodeType, FunctionType
from typing import Any

_SHIPPED = (__name__.partition(".")[0], "abc", "typing", "builtins")
"""Packages whose classes need no further description."""

_PLAIN = (bool, int, float, str)
_NO_BEHAVIOUR = ("__doc__", "__module__", "__qualname__", "__firstlineno__", "title", "formula")


def methods_of_its_own(kind: type) -> list[str]:
    """Return `method_digest` of a class and of each that it derives from, but for those of this package and of Python."""
    return [method_digest(each) for each in kind.__mro__ if each.__module__.partition(".")[0] not in _SHIPPED]


def method_digest(kind: type) -> str:
    """Return a hash of what a class's own methods do.

    It is taken of their compiled code, without docstrings, and of the plain values that they and the class name:
    constants of the notebook or the module around them.
    """

    def parts(code: CodeType, docstring: str | None) -> list[Any]:
        constants = [c for c in code.co_consts if not isinstance(c, str) or c != docstring]
        plain = [sorted(map(repr, c)) if isinstance(c, frozenset) else c for c in constants]
        inner = [parts(c, None) if isinstance(c, CodeType) else repr(c) for c in plain]
        return [code.co_code.hex(), code.co_names, *inner]

    found: list[Any] = []
    for name, value in sorted(vars(kind).items()):
        function = getattr(value, "__func__", value)
        if isinstance(function, FunctionType):
            around = inspect.getclosurevars(function)
            named = {**around.globals, **around.nonlocals}
            values = sorted((key, named[key]) for key in named if isinstance(named[key], _PLAIN))
            found.append([name, parts(function.__code__, function.__doc__), values])
        elif isinstance(value, _PLAIN) and name not in _NO_BEHAVIOUR:
            found.append([name, value])
    return hashlib.sha256(repr(found).encode()).hexdigest()[:16]
