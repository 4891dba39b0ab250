"""One idiom for every family that grows: growth members, levers, estimators, regimes, figures, sections, analyses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from forecast.errors import InputError, unknown_name


class Registry[Entry](Mapping[str, Entry]):
    """The entries of one family by name, in the order in which they were registered.

    Parameters
    ----------
    kind : str
        What an entry is, in the words of an error, such as ``"growth member"``.
    entries : iterable or mapping of str to entry
        The entries; without a mapping each goes by its own attribute ``name``.

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

    def __init__(self, kind: str, entries: Iterable[Entry] | Mapping[str, Entry] = ()) -> None:
        self.kind = kind
        named = entries.items() if isinstance(entries, Mapping) else ((_name(entry), entry) for entry in entries)
        self._entries: dict[str, Entry] = {}
        for name, entry in named:
            self.register(entry, name)

    def register(self, entry: Entry, name: str | None = None) -> Entry:
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
            If another entry has that name.
        """
        key = _name(entry) if name is None else name
        there = self._entries.get(key, entry)
        if there is not entry and not _same_cell(there, entry):
            raise InputError(f"a second {self.kind} named {key!r}", "a name of its own", "choose another name")
        self._entries[key] = entry
        return entry

    def __getitem__(self, name: str) -> Entry:
        try:
            return self._entries[name]
        except KeyError:
            raise unknown_name(self.kind, name, self) from None

    def get(self, name: str, default: Any = None) -> Any:
        """Return the entry of that name, or the default."""
        return self._entries.get(name, default)

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __repr__(self) -> str:
        return f"<{len(self)} of kind {self.kind}: {', '.join(self)}>"


def _name(entry: Any) -> str:
    return str(entry.name)


def _same_cell(*entries: Any) -> bool:
    """Return whether entries are one class of a notebook or script (or its instances), defined again."""
    kinds = [entry if isinstance(entry, type) else type(entry) for entry in entries]
    return {kind.__module__ for kind in kinds} == {"__main__"} and len({kind.__qualname__ for kind in kinds}) == 1
