"""Parts of a user's own by one call: what it is says which registry it enters.

Registries and the classes that newcomers derive from are named as ``"module:name"``: they lie in rooms above this one,
and are imported when something is registered with them.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from forecast.core.registry import Registry
from forecast.errors import InputError, unknown_name


@dataclass(frozen=True)
class Family:
    """Where the parts of one family are registered, and by what one is told.

    Parameters
    ----------
    registry : str
        The registry.
    base : str
        The class that its newcomers derive from, or are objects of; empty where there is none.
    method : str
        Or the method that they have.
    """

    registry: str
    base: str = ""
    method: str = ""

    def holds(self, entry: Any) -> bool:
        """Tell whether something is a part of this family."""
        if self.method:
            return callable(getattr(entry, self.method, None))
        module, _, name = self.base.partition(":")
        if module not in sys.modules:  # then nothing can derive from what is in it
            return False
        base = getattr(sys.modules[module], name, None)
        return base is not None and issubclass(entry if isinstance(entry, type) else type(entry), base)


FAMILIES = {
    "members": Family("forecast.consumption.members:MEMBERS", "forecast.consumption.member:Member"),
    "levers": Family("forecast.scenarios.levers:LEVERS", "forecast.scenarios.levers.lever:Lever"),
    "estimators": Family("forecast.production:ESTIMATORS", "forecast.production.estimator:Estimator"),
    "figures": Family("forecast.plots:FIGURES", "forecast.plots:Figure"),
    "histories": Family("forecast.ingest.histories:HISTORIES", "forecast.ingest.histories:History"),
    "regimes": Family("forecast.collapse.regimes:REGIMES", method="mix"),
}
"""By the name that entry points use: ``data_depletion.members`` and so on."""


def registry_of(kind: str) -> Registry[Any]:
    """Return the registry of a family.

    Examples
    --------
    >>> "damped" in registry_of("members")
    True
    """
    if kind not in FAMILIES:
        raise unknown_name("kind of part", kind, FAMILIES)
    module, _, name = FAMILIES[kind].registry.partition(":")
    found: Registry[Any] = getattr(importlib.import_module(module), name)
    return found


def register(entry: Any = None, name: str | None = None, *, kind: str | None = None) -> Any:
    """Add a growth member, lever, stock estimator, regime, figure or table of histories of your own.

    From then on it is known by its name wherever a shipped one is: to scenarios and their files, to forecasts and reports,
    and to the processes that share the work. An installed package needs no call: it names its parts by entry points of the
    groups ``data_depletion.members``, ``levers``, ``estimators``, ``regimes``, ``figures`` and ``histories``.

    Parameters
    ----------
    entry : class, object, function or path
        The newcomer. Members, estimators and regimes are classes; a lever is a class or an object; a figure is a
        ``fc.plots.Figure``; histories are a ``History``, the path of a table, or a function that returns histories.
    name : str, optional
        By default its own ``name``; a figure needs one.
    kind : str, optional
        The family, such as ``"histories"``, where the newcomer does not show it.

    Returns
    -------
    class, object, function or path
        The newcomer, so that this also decorates it; without one, a decorator.

    Raises
    ------
    InputError
        If it is nothing of these, is not whole, or another has its name.

    Examples
    --------
    >>> import forecast as fc
    >>> from forecast.ingest.histories import load_histories
    >>> @fc.register(kind="histories")
    ... def the_first_two():
    ...     return load_histories()[:2]
    >>> len(load_histories("the_first_two"))
    2
    """
    if entry is None:
        decorator: Callable[[Any], Any] = lambda given: register(given, name, kind=kind)  # noqa: E731
        return decorator
    found = kind or next((family for family, of in FAMILIES.items() if of.holds(entry)), None)
    if found is None:
        expected = "a Member, Lever, Estimator, regime, Figure or History"
        raise InputError(
            f"{entry!r} to register", expected, f'derive it from one, or say kind="{next(iter(FAMILIES))}"'
        )
    return registry_of(found).register(entry, name)
