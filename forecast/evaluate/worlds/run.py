"""Coverage of members and mixture on the frozen worlds, stored as ``worlds``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast.consumption.members import DEFAULT_MEMBERS, member
from forecast.errors import InputError
from forecast.evaluate.calibration.coverage import HORIZONS
from forecast.evaluate.worlds import making
from forecast.evaluate.worlds.scoring import CARE, WorldTask, score
from forecast.evaluate.worlds.shift import MIXTURE, learned, of_the_forecast
from forecast.evaluate.worlds.summary import chosen, held, summary, worst_pair
from forecast.fits import kept as cache
from forecast.fits.executor import run_tasks

if TYPE_CHECKING:
    from forecast.ingest.stored import StoredResult

NAME = "worlds"
"""Name under which the result is stored."""

EVALUATED = 1000
"""Worlds that are scored (count): the first in the frozen order, each pair as often; here all of them."""


def tasks(count: int = EVALUATED, members: Sequence[str] = DEFAULT_MEMBERS) -> list[WorldTask]:
    """Return what there is to score: the first worlds in the frozen order."""
    who = tuple(member(name) for name in members)
    return [WorldTask(name, who) for name in making.names()[:count]]


def check_frozen(names: Sequence[str], known: Mapping[str, str]) -> None:
    """Raise where a world is no longer the one that was frozen."""
    for name in names:
        if making.world(name).digest()[: making.SHOWN] != known.get(name):
            raise InputError(
                f"the world {name}, unlike the frozen one", "the frozen world", "undo the change that made it"
            )


def score_worlds(
    listed: Sequence[WorldTask],
    progress: Callable[[str], None] = lambda _: None,
    jobs: int | None = None,
    scheduler: str | None = None,
) -> dict[str, Any]:
    """Score worlds and sum up."""
    known = making.frozen()
    check_frozen([task.name for task in listed], known["digests"])
    for task in listed:
        cache.note(task.key())  # it is made, or was kept, where nobody notes it
    found: dict[int, dict[str, Any]] = {}
    for position, made in run_tasks(score, listed, jobs, scheduler=scheduler):
        found[position] = made
        if len(found) % 20 == 0:
            progress(f"world {len(found)} of {len(listed)}")
    tried = [entry for position in range(len(listed)) for entry in found[position]["tried"]]
    scores = [row for position in range(len(listed)) for row in found[position]["rows"]] + of_the_forecast(tried)
    pairs = len(known["halves"])
    return {
        "frozen": {"worlds": known["worlds"], "sha256": known["sha256"]},
        "evaluated": len(listed),
        "subset": None
        if len(listed) == known["worlds"]
        else f"the first {len(listed)} of {known['worlds']:,} worlds in the frozen order, {len(listed) / pairs:g} of each pair",
        "origins": list(listed[0].origins),
        "horizons": list(HORIZONS),
        "members": [who.name for who in listed[0].members],
        "particles": asdict(listed[0].care),
        "seed": listed[0].seed,
        "shift": learned(tried, known["halves"]),
        **precision(scores),
        **summary(scores, known["halves"]),
        "first": [row for row in scores if row["world"] == listed[0].name],
    }


def precision(scores: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return what the particles of a fit are worth in independent draws, and what that does to places and coverage."""
    worth = [row["effective"] for row in scores if row["who"] != MIXTURE and row["effective"] > 0]
    # Two clouds tell little of one fit, of many fits a lot: the mean is that of the inverse.
    effective = 1 / float(np.mean(1 / np.array(worth)))
    members = len({row["who"] for row in scores}) - 1
    return {
        "effective_draws": round(effective, 1),
        "place_error": round(0.5 / np.sqrt(effective), 3),
        "lost_at_80": {
            "member": round(lost(effective, 0.8), 4),
            MIXTURE: round(lost(members * effective, 0.8), 4),
        },
    }


def lost(draws: float, level: float) -> float:
    """Return the coverage that a right (normal) forecaster loses because so few draws stand for its distribution.

    To first order, from the errors of both quantiles of so many independent draws.

    Examples
    --------
    >>> round(lost(100, 0.8), 4)
    0.0066
    """
    tail = (1 - level) / 2
    from scipy.stats import norm

    return float(-norm.ppf(tail) * tail * (1 - tail) / (draws * norm.pdf(norm.ppf(tail))))


def sentences(content: Mapping[str, Any]) -> list[str]:
    """Say how often the mixture's 80 % intervals held the truth, and where they do worst."""
    (everything,) = chosen(content, "overall", MIXTURE)
    at = [held(chosen(content, "overall", MIXTURE, ahead)[0]) for ahead in content["horizons"]]
    error = 100 * everything["coverage"]["0.8"][1]
    worst = worst_pair(content, MIXTURE)
    growth, publication = worst["pair"].split("/")
    low, high = 100 * everything["below"]["0.1"][0], 100 * everything["above"]["0.1"][0]
    of = content["subset"] or f"all {content['evaluated']:,} frozen worlds"
    apart = [row for row in chosen(content, "halves", MIXTURE) if row["half"] == "held_out"]
    held_out = [
        f" On the pairs from which nothing was learned, {held(row):.0f} of 100 did (standard error "
        f"{100 * row['coverage']['0.8'][1]:.1f})."
        for row in apart
    ]
    return [
        f"In made worlds whose frontier is known ({of}), {held(everything):.0f} of 100 intervals of the mixture that should "
        f"hold 80 did (standard error {error:.1f}): {', '.join(f'{one:.0f}' for one in at[:-1])} and {at[-1]:.0f} at "
        f"{', '.join(f'{ahead:g}' for ahead in content['horizons'][:-1])} and {content['horizons'][-1]:g} years; "
        f"the truth lay below {low:.0f} and above {high:.0f} of 100, where each should be 10.{''.join(held_out)}",
        f"The worst pair is growth {growth.replace('_', ' ')} with publication {publication.replace('_', ' ')}: "
        f"{held(worst):.0f} of 100 (standard error {100 * (worst['coverage']['0.8'][1] or 0.0):.0f}, {worst['worlds']} worlds).",
    ]


def settings() -> dict[str, Any]:
    """Return what shapes the stored result beside its seed."""
    return {"worlds": EVALUATED, "particles": asdict(CARE), "frozen": making.frozen()["sha256"]}


def read_stored() -> StoredResult:
    """Return the result that ships with the package."""
    from forecast.ingest.stored import read

    return read(NAME, settings())


def evaluate(progress: Callable[[str], None], jobs: int | None = None, scheduler: str | None = None) -> dict[str, Any]:
    """Score the worlds of the stored result."""
    return score_worlds(tasks(), progress, jobs, scheduler)


__all__ = ["EVALUATED", "NAME", "evaluate", "read_stored", "score_worlds", "sentences", "settings", "tasks"]
