"""One error family: what was got, what was expected, what to do.

`ForecastError` is the root. Each child also is the builtin that a caller would expect, so that
``except ValueError`` and ``except FileNotFoundError`` work without knowing this package.
The command line prints the message as one line and ends with exit code 2. Each part is one printable line, and cut in
its middle where it is long: what is quoted from outside may be hostile, or endless.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from forecast.text import one_line, quoted, shortened


class ForecastError(Exception):
    """Root of every error that this package raises on purpose.

    Parameters
    ----------
    got : str
        What was found.
    expected : str
        What would have been right.
    do : str
        What the reader can do about it.

    Examples
    --------
    >>> str(InputError(got="a horizon of 1999", expected="a year after 2026", do="choose a later --horizon"))
    'got a horizon of 1999, expected a year after 2026: choose a later --horizon'
    """

    def __init__(self, got: str, expected: str, do: str) -> None:
        self.got, self.expected, self.do = (shortened(one_line(part)) for part in (got, expected, do))
        super().__init__(f"got {self.got}, expected {self.expected}: {self.do}")

    def __reduce__(self) -> tuple[type, tuple[str, str, str]]:
        """Rebuild from its three parts, so that an error crosses process borders whole."""
        return type(self), (self.got, self.expected, self.do)

    def __str__(self) -> str:
        """Return the one-line message, the same for every child."""
        return f"got {self.got}, expected {self.expected}: {self.do}"


class InputError(ForecastError, ValueError):
    """A value, an option or a table that cannot be used."""


class MissingFileError(ForecastError, FileNotFoundError):
    """A file or folder that is not there."""


class OutputError(ForecastError, OSError):
    """A place that cannot be written."""


class UnknownNameError(ForecastError, LookupError):
    """A name that no registry, table or scenario knows."""


class ModelError(ForecastError, RuntimeError):
    """A fit that could not be made."""


def unknown_name(kind: str, name: str, known: Iterable[str]) -> UnknownNameError:
    """Build the error for a name that is not known, with the nearest one that is.

    Parameters
    ----------
    kind : str
        What the name stands for, such as ``"scenario"``.
    name : str
        The name that was given.
    known : iterable of str
        The names that would have been right.

    Returns
    -------
    UnknownNameError
        Ready to raise.

    Examples
    --------
    >>> str(unknown_name("member", "dampd", ["damped", "local_trend"]))
    "got the member 'dampd', expected one of: damped, local_trend: did you mean 'damped'?"
    """
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.4)
    advice = f"did you mean {near[0]!r}?" if near else "choose one of these"
    return UnknownNameError(f"the {kind} {quoted(name)}", f"one of: {', '.join(names)}", advice)
