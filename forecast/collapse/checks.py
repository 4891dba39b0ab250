"""Settings of the laboratory are checked before anything is drawn, so that a bad one costs no time."""

from __future__ import annotations

import math

from forecast.errors import InputError

LARGEST_STORE = 60_000_000
"""Numbers that the store of everything ever written may hold (about 0.5 GB as 64-bit floats)."""


def whole_number(name: str, value: int, minimum: int = 1) -> int:
    """Return a count, or raise the one-line error.

    Parameters
    ----------
    name : str
        What is counted, in the plural.
    value : int
        The count that was given.
    minimum : int, default 1
        The smallest count that makes sense.

    Returns
    -------
    int
        The same value.

    Raises
    ------
    InputError
        If it is no whole number or too small.

    Examples
    --------
    >>> whole_number("samples", 100)
    100
    """
    if isinstance(value, bool) or not isinstance(value, int) or value < minimum:
        raise InputError(f"{value} {name}", f"a whole number of at least {minimum}", f"give more {name}")
    return value


def share(name: str, value: float) -> float:
    """Return a share between 0 and 1, or raise the one-line error.

    Parameters
    ----------
    name : str
        What the share is of.
    value : float
        The share that was given.

    Returns
    -------
    float
        The same value.

    Raises
    ------
    InputError
        If it is not between 0 and 1.

    Examples
    --------
    >>> share("kept share", 0.1)
    0.1
    """
    if not 0 <= value <= 1:  # NaN fails this too
        raise InputError(f"a {name} of {value:g}", "a number between 0 and 1", "write 10 % as 0.1")
    return float(value)


def positive(name: str, value: float) -> float:
    """Return a positive, finite number, or raise the one-line error.

    Parameters
    ----------
    name : str
        What the number is.
    value : float
        The number that was given.

    Returns
    -------
    float
        The same value.

    Raises
    ------
    InputError
        If it is zero, negative or not finite.

    Examples
    --------
    >>> positive("noise", 2.0)
    2.0
    """
    if not (value > 0 and math.isfinite(value)):
        raise InputError(f"a {name} of {value:g}", "a positive number", f"choose a {name} above 0")
    return float(value)
