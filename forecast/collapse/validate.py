"""Settings of the laboratory are checked before anything is drawn, so that a bad one costs no time."""

from __future__ import annotations

import math

from forecast.errors import InputError

LARGEST_STORE = 60_000_000
"""Numbers that the store of everything ever written may hold (about 0.5 GB as 64-bit floats)."""

LARGEST_RUN = 1_000_000_000
"""Numbers that one regime may draw in all (count; judgement: fifty times the largest default, minutes to an hour)."""


def whole_number(name: str, value: int, minimum: int = 1) -> int:
    """Return a count, or raise the one-line error.

    Examples
    --------
    >>> whole_number("samples", 100)
    100
    """
    if isinstance(value, bool) or not isinstance(value, int) or value < minimum:
        raise InputError(f"{value} {name}", f"a whole number of at least {minimum}", f"give more {name}")
    return value


def affordable(samples: int, generations: int, replicates: int = 1, *, each: int = 1) -> None:
    """Refuse a run that would not fit into memory, or not end.

    Examples
    --------
    >>> affordable(100, 200, 1000)
    """
    at_once = samples * replicates * each
    if at_once > LARGEST_STORE:
        raise InputError(
            f"{at_once:.2g} numbers in one generation ({samples:,} samples)",
            f"at most {LARGEST_STORE:.2g}",
            "give fewer samples or replicates",
        )
    if at_once * generations > LARGEST_RUN:
        raise InputError(
            f"{at_once * generations:.2g} numbers to draw in {generations:,} generations",
            f"at most {LARGEST_RUN:.2g}",
            "give fewer generations, samples or replicates",
        )


def share(name: str, value: float) -> float:
    """Return a share between 0 and 1, or raise the one-line error.

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

    Examples
    --------
    >>> positive("noise", 2.0)
    2.0
    """
    if not (value > 0 and math.isfinite(value)):
        raise InputError(f"a {name} of {value:g}", "a positive number", f"choose a {name} above 0")
    return float(value)
