"""One idiom for every family that grows: growth members, levers, estimators, regimes, figures, sections, analyses.

What another installed package brings is named by entry points of the group ``data_depletion.<family>``. They are looked
up once for each family, and only when a name is not known or the family is listed: whoever asks for what is shipped
neither waits for other packages nor runs their code.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib import metadata
from types import FunctionType, MappingProxyType
from typing import Any

from forecast.errors import InputError, UnknownNameError, unknown_name

GROUP = "data_depletion"
"""How the groups of entry points begin in which other packages name their parts."""

_NOTEBOOK = "__main__"

_OURS = __name__.partition(".")[0]

_FROM_NOTEBOOK: set[str] = set()
_FROM_MODULES: set[str] = set()
_BROUGHT_MODULES: set[str] = set()


def notebook_names() -> frozenset[str]:
    """Return the names that a notebook or script registered in this process: no other process knows them."""
    return frozenset(_FROM_NOTEBOOK)


def registering_modules() -> tuple[str, ...]:
    """Return the modules of a user's own that registered something: another process has to import them to know it."""
    return tuple(sorted(_FROM_MODULES))


def own_modules() -> frozenset[str]:
    """Return the modules of a user's own and of other packages whose parts are known in this process."""
    return frozenset(_FROM_MODULES | _BROUGHT_MODULES)


def know(modules: Iterable[str]) -> None:
    """Import modules of a user's own for what they register; one that is not here is left to who asks for it."""
    for module in modules:
        with contextlib.suppress(ImportError):
            importlib.import_module(module)


@dataclass(frozen=True)
class Origin:
    """Where an entry comes from that is not shipped.

    Parameters
    ----------
    package, version : str
        The installed package that brought it, and its version; empty where none did.
    module : str
        The module in which it was written; ``__main__`` is a notebook or a script.
    """

    package: str
    version: str
    module: str

    def words(self) -> str:
        """Say it in words.

        Examples
        --------
        >>> Origin("tides", "1.2", "tides.growth").words()
        'the package tides 1.2'
        """
        if self.package:
            return f"the package {self.package} {self.version}"
        return "a notebook or script" if self.module == _NOTEBOOK else f"the module {self.module}"


class Registry[Entry](Mapping[str, Entry]):
    """The entries of one family by name, in the order in which they were registered.

    Parameters
    ----------
    kind : str
        What an entry is, in the words of an error, such as ``"growth member"``.
    entries : iterable or mapping of str to entry
        The entries; without a mapping each goes by its own attribute ``name``.
    group : str, optional
        Name of the family in entry points: ``"members"`` stands for ``data_depletion.members``.
    check : callable, optional
        Given a newcomer, returns the entry that it is, or raises what is wrong with it.
    replaced : bool, default False
        Whether a newcomer takes the place of an earlier one of its name, as data may.

    Raises
    ------
    UnknownNameError
        On ``registry[name]``, with the nearest name, where there is no such entry.

    Examples
    --------
    >>> from types import SimpleNamespace as Lever
    >>> levers = Registry("lever", [Lever(name="quality"), Lever(name="access")])
    >>> list(levers), "quality" in levers
    (['quality', 'access'], True)
    >>> levers["qualty"]
    Traceback (most recent call last):
    forecast.errors.UnknownNameError: got the lever 'qualty', expected one of: access, quality: did you mean 'quality'?
    """

    def __init__(
        self,
        kind: str,
        entries: Iterable[Entry] | Mapping[str, Entry] = (),
        *,
        group: str = "",
        check: Callable[[Any], Entry] | None = None,
        replaced: bool = False,
    ) -> None:
        self.kind, self.group, self._check, self._replaced = kind, group, check, replaced
        named = entries.items() if isinstance(entries, Mapping) else ((_name(entry), entry) for entry in entries)
        self._entries: dict[str, Entry] = {}
        for name, entry in named:
            self._enter(name, entry)
        self.shipped: Mapping[str, Entry] = MappingProxyType(dict(self._entries))
        """The entries of this package alone."""
        self._brought: dict[str, Origin] = {}
        self.broken: dict[str, str] = {}
        """What other packages bring that cannot be loaded, and why."""
        self._looked = not group

    def register(self, entry: Any, name: str | None = None) -> Any:
        """Add an entry and return it, so that this also decorates a class.

        A class of a notebook takes the place of its earlier version when its cell is run again.

        Parameters
        ----------
        entry : Entry
            The newcomer.
        name : str, optional
            By default its own ``name``.

        Raises
        ------
        InputError
            If another entry has that name, or the newcomer is not what an entry has to be.
        """
        found = entry if self._check is None else self._check(entry)
        key = _name(found, self.kind) if name is None else name
        self._enter(key, found)
        module = _written(found).__module__
        if module == _NOTEBOOK:
            _FROM_NOTEBOOK.add(key)
        elif module.partition(".")[0] not in (_OURS, "builtins"):
            _FROM_MODULES.add(module)
        return entry

    def origin(self, name: str) -> Origin | None:
        """Return where an entry comes from; None where it is shipped, or not known."""
        if name not in self or self._entries.get(name) is self.shipped.get(name):
            return None
        if name in self._brought:
            return self._brought[name]
        module = _written(self._entries[name]).__module__
        package = "" if module == _NOTEBOOK else _package_of(module)
        return Origin(package, metadata.version(package) if package else "", module)

    def known(self) -> Iterator[tuple[str, Entry]]:
        """Yield what is shipped or was registered in this process, without a look at other packages."""
        yield from self._entries.items()

    def in_order(self, names: Iterable[str]) -> list[str]:
        """Return names in the order of the entries; what is not known comes last."""
        wanted = set(names)
        if not wanted <= set(self._entries):
            self._look_up()
        return [name for name in self._entries if name in wanted] + sorted(wanted - set(self._entries))

    def _enter(self, name: str, entry: Entry) -> None:
        there = self._entries.get(name, entry)
        if there is not entry and not self._replaced and not _same_cell(there, entry):
            raise InputError(f"a second {self.kind} named {name!r}", "a name of its own", "choose another name")
        self._entries[name] = entry

    def _look_up(self) -> None:
        """Take in, once, what other installed packages bring; one that cannot be loaded is warned of and left out."""
        if self._looked:
            return
        self._looked = True  # what is loaded now may ask this registry
        points = _entry_points(tuple(sys.path)).select(group=f"{GROUP}.{self.group}")
        for point in sorted(points, key=lambda point: point.name):
            package, version = (point.dist.name, point.dist.version) if point.dist else (point.value, "")
            origin = Origin(package, version, point.module)
            try:
                loaded = point.load()
                self._enter(point.name, loaded if self._check is None else self._check(loaded))
                self._brought[point.name] = origin
                _BROUGHT_MODULES.add(point.module)
            except Exception as error:  # whatever the code of another package does
                why = " ".join(f"{type(error).__name__}: {error}".split())
                self.broken[point.name] = f"of {origin.words()}, which cannot be loaded ({why[:200]})"
                warnings.warn(f"left out the {self.kind} {point.name!r} {self.broken[point.name]}", stacklevel=3)

    def _unknown(self, name: str) -> UnknownNameError:
        if name in self.broken:
            return UnknownNameError(
                f"the {self.kind} {name!r} {self.broken[name]}", "a package that loads", "update it, or uninstall it"
            )
        return unknown_name(self.kind, name, self)

    def __getitem__(self, name: str) -> Entry:
        with contextlib.suppress(KeyError):
            return self._entries[name]
        self._look_up()
        try:
            return self._entries[name]
        except KeyError:
            raise self._unknown(name) from None

    def get(self, name: str, default: Any = None) -> Any:
        """Return the entry of that name, or the default."""
        return self._entries[name] if name in self else default

    def __contains__(self, name: object) -> bool:
        if name not in self._entries:
            self._look_up()
        return name in self._entries

    def __iter__(self) -> Iterator[str]:
        self._look_up()
        return iter(self._entries)

    def __len__(self) -> int:
        self._look_up()
        return len(self._entries)

    def __repr__(self) -> str:
        return f"<{len(self)} of kind {self.kind}: {', '.join(self)}>"


def derived(base: type, *, made: bool = False) -> Callable[[Any], Any]:
    """Return a check that an entry derives from a class, and is a class, or is made: an object.

    Examples
    --------
    >>> derived(ValueError)(UnicodeError)
    <class 'UnicodeError'>
    >>> derived(ValueError, made=True)(UnicodeError)
    UnicodeError()
    >>> derived(ValueError)(KeyError)
    Traceback (most recent call last):
    forecast.errors.InputError: got <class 'KeyError'>, expected a class that derives from ValueError: derive it from that class
    """

    def check(entry: Any) -> Any:
        kind = entry if isinstance(entry, type) else type(entry)
        if not issubclass(kind, base):
            raise InputError(f"{entry!r}", f"a class that derives from {base.__name__}", "derive it from that class")
        if made:
            return entry() if isinstance(entry, type) else entry
        if not isinstance(entry, type):
            raise InputError(f"an object of {kind.__name__}", "the class", f"register {kind.__name__} itself")
        return entry

    return check


def _name(entry: Any, kind: str = "entry") -> str:
    name = getattr(entry, "name", None)
    if isinstance(name, str) and name:
        return name
    if isinstance(entry, type) and isinstance(name, property):  # such as a regime's, which holds its setting
        return entry.__name__.lower()
    raise InputError(f"the {kind} {entry!r} without a name", "a name", 'give one, such as register(..., name="mine")')


@functools.lru_cache(maxsize=1)
def _entry_points(path: tuple[str, ...]) -> metadata.EntryPoints:
    """Return what all installed packages bring, read once for every family: it takes a look into each of them."""
    del path
    return metadata.entry_points()


@functools.cache
def _package_of(module: str) -> str:
    """Return the installed package that holds a module; empty where none does."""
    return next(iter(metadata.packages_distributions().get(module.partition(".")[0], ())), "")


def _written(entry: Any) -> Any:
    """Return what of an entry somebody has written: a class, or a function, its own or that of an object made of some."""
    if isinstance(entry, type | FunctionType):
        return entry
    functions = [value for value in getattr(entry, "__dict__", {}).values() if isinstance(value, FunctionType)]
    return next(iter(functions), type(entry))


def _same_cell(*entries: Any) -> bool:
    """Return whether entries are one class or function of a notebook or script, or made of one, defined again."""
    written = [_written(entry) for entry in entries]
    return {each.__module__ for each in written} == {_NOTEBOOK} and len({each.__qualname__ for each in written}) == 1
