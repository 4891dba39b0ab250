"""The frozen thousand: made again from one seed and their names, held to hashes, half of the pairs kept for tests.

``data/worlds.json`` holds a hash of each world and the half of each pair; the worlds themselves are made when asked for.
``python -m forecast.evaluate.worlds.making`` writes it, once for each version of the worlds.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np

from forecast.consumption.frontier_data import FIRST_KNOT
from forecast.core.files import atomic_file
from forecast.core.seeds import generator
from forecast.evaluate.calibration.worlds import World, digest_of
from forecast.evaluate.worlds.growth import GROWTHS
from forecast.evaluate.worlds.publication import PUBLICATIONS
from forecast.ingest.catalog import data_directory

Half = Literal["learning", "held_out"]

SEED = 516_207
"""Seed of the frozen worlds (no unit; an arbitrary fixed number)."""

STREAM = "data-depletion/worlds/1"
"""Names the seed sequence and salts the hash of the split; the number is the version of the worlds."""

A_PAIR = 25
"""Worlds of each pair of growth and publication (count): 1,000 in all."""

ORIGINS = (2020.0, 2022.0, 2024.0, 2026.0)
"""Dates from which a world is forecast (decimal years)."""

END = ORIGINS[-1]
"""Date up to which rows are published (decimal year)."""

AHEAD = 5.0
"""How far beyond the last origin the truth is known (years)."""

SHOWN = 16
"""Hexadecimal digits of a world's own hash that are written down (count)."""

RULE = (
    f"The pairs growth/publication are ordered by the SHA-256 of '{STREAM}/<growth>/<publication>'; the first half of them "
    "is for learning, the second held out."
)
"""The split in words."""


def pairs() -> list[str]:
    """Return the names of all pairs."""
    return [f"{growth}/{publication}" for growth in GROWTHS for publication in PUBLICATIONS]


def halves() -> dict[str, Half]:
    """Return the half of each pair.

    Examples
    --------
    >>> sorted(halves().values()).count("learning")
    20
    """
    ordered = sorted(pairs(), key=lambda pair: hashlib.sha256(f"{STREAM}/{pair}".encode()).hexdigest())
    learning = set(ordered[: len(ordered) // 2])
    return {pair: "learning" if pair in learning else "held_out" for pair in pairs()}


def names() -> list[str]:
    """Return the names of all worlds, in the order in which each run of 40 holds every pair once."""
    return [f"{pair}/{number}" for number in range(A_PAIR) for pair in pairs()]


def world(name: str) -> World:
    """Return one world.

    Its `parameters` are the true numbers of its growth and its publication, its `record` is that of what is published.

    Examples
    --------
    >>> world("ceiling/plain/0").families
    ('growth: ceiling', 'publication: plain')
    """
    growth, publication, _ = name.split("/")
    rng = generator(SEED, STREAM, name)
    years = np.round(FIRST_KNOT + np.arange(round(12 * (END + AHEAD - FIRST_KNOT)) + 1) / 12, 6)
    path, of_growth = GROWTHS[growth](years - FIRST_KNOT, rng)
    frontier = rng.uniform(9.8, 10.8) + path  # 2018: the largest corpora held 1e9 to 1e11 tokens
    shown, of_publication = PUBLICATIONS[publication](lambda at: np.interp(at, years, frontier), END, rng)
    known = np.array([shown.true[shown.year <= at].max(initial=-np.inf) for at in years])
    record = np.where(np.isfinite(known), known, np.minimum(shown.true[0], frontier))
    families = (f"growth: {growth}", f"publication: {publication}")
    numbers = {f"growth: {key}": float(value) for key, value in of_growth.items()}
    numbers |= {f"publication: {key}": float(value) for key, value in of_publication.items()}
    return World(name, families, END, shown.year, shown.size, shown.sd, years, frontier, record, numbers)


def worlds(count: int | None = None, half: Half | None = None) -> list[World]:
    """Return the first worlds in their order, of both halves or of one."""
    split = halves()
    return [world(name) for name in names()[:count] if half is None or split[name.rpartition("/")[0]] == half]


def frozen(directory: Path | None = None) -> dict[str, Any]:
    """Return what is written down of the worlds."""
    path = (directory or data_directory()) / "worlds.json"
    return dict(json.loads(path.read_text(encoding="utf-8")))


def freeze(made: Sequence[World]) -> dict[str, Any]:
    """Return what is to be written down of worlds."""
    return {
        "schema": "worlds/1",
        "seed": SEED,
        "stream": STREAM,
        "worlds": len(made),
        "origins": list(ORIGINS),
        "sha256": digest_of(made),
        "rule": RULE,
        "halves": halves(),
        "digests": {one.name: one.digest()[:SHOWN] for one in made},
    }


def write(directory: Path | None = None) -> Path:
    """Write down the worlds."""
    path = (directory or data_directory()) / "worlds.json"
    with atomic_file(path) as temporary:
        temporary.write_text(json.dumps(freeze(worlds()), indent=1) + "\n", encoding="utf-8")
    return path


if __name__ == "__main__":
    write()
