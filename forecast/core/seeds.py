"""One seed a run, spawned by name.

Every place that draws random numbers asks for a stream by its name. The stream depends on the run's seed and
on that name alone, never on the order of calls, the number of processes or the machine.
"""

from __future__ import annotations

import hashlib

import numpy as np

DEFAULT_SEED = 20260822
"""The seed used where none is given (no unit; an arbitrary fixed number)."""


def seed_sequence(seed: int, *names: str) -> np.random.SeedSequence:
    """Return the seed sequence that belongs to a name.

    Examples
    --------
    >>> a = seed_sequence(1, "stock").generate_state(1)
    >>> b = seed_sequence(1, "stock").generate_state(1)
    >>> bool(a == b)
    True
    """
    digest = hashlib.sha256("/".join(names).encode()).digest()
    key = tuple(int.from_bytes(digest[i : i + 4], "little") for i in range(0, 16, 4))
    return np.random.SeedSequence(entropy=seed, spawn_key=key)


def generator(seed: int, *names: str) -> np.random.Generator:
    """Return the random generator that belongs to a name.

    Examples
    --------
    >>> float(generator(1, "stock").uniform()) == float(generator(1, "stock").uniform())
    True
    """
    return np.random.default_rng(seed_sequence(seed, *names))


def integer_seed(seed: int, *names: str) -> int:
    """Return a 31-bit seed for a library that takes only an integer.

    Examples
    --------
    >>> 0 <= integer_seed(1, "sampler") < 2**31
    True
    """
    return int(seed_sequence(seed, *names).generate_state(1)[0] & 0x7FFFFFFF)
