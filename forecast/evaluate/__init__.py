"""Evaluations, which take long: each evaluation is made once, stored in ``data/results``, and shown in reports.

``make evaluate`` runs all of them, ``python -m forecast.evaluate NAME ...`` some. An evaluation is a function that
takes ``progress``, ``jobs`` and ``scheduler`` and returns its content, JSON-ready; a new one is one file and one line
here. What it touches on the way is noted by `forecast.evaluate.store`. Settings beside the seed that shape it are what
``settings()`` of its module returns.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from forecast.core.registry import Registry
from forecast.errors import unknown_name

if TYPE_CHECKING:
    from forecast.ingest.stored import StoredResult


@dataclass(frozen=True)
class Evaluation:
    """An evaluation: where it is, and its version.

    Parameters
    ----------
    where : str
        Module and function that make it.
    version : int
        Raised whenever the same fits and tables would give another content.
    without : tuple of str
        Fingerprints (`forecast.evaluate.fingerprints`), or groups of them, that cannot concern it; all others do.
    tables : tuple of str
        Tables that it reads where nobody notes it, in processes of its own.

    Examples
    --------
    >>> from forecast.evaluate import EVALUATIONS
    >>> EVALUATIONS["backtest"].where.startswith("forecast.evaluate.")
    True
    """

    where: str
    version: int = 1
    without: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()


_NO_RIVALS = ("alternatives", "rivals")
"""What forecasts beside the default members: for evaluations of the forecast itself."""

_GROWTH = ("alternatives", "laboratory", "levers", "run", "stock")
"""What an evaluation of growth alone does without."""

_PARTICLES = ("fits/sampling",)
"""What an evaluation by the fast engine does without: how NUTS samples. What `histories` and `learning` take from it, the
rival that learns, is sampled as `learned_priors` is, which says when that changes."""

_LABORATORY_ALONE = (*_NO_RIVALS, "fits", "growth", "judging", "levers", "members", "rows", "run", "stock")
"""What an evaluation of the laboratory alone does without."""

_LEARNERS = (*_LABORATORY_ALONE, "laboratory/yield")
"""What one of its learners does without: what their text is worth follows from them."""

_TIME = (*_GROWTH, "rivals", "fits", "growth", "judging", "members", "rows")
"""What a measurement of time does without: it is not of numbers, and says when it was made."""

EVALUATIONS = Registry[Evaluation](
    "evaluation",
    {
        "bridge": Evaluation("forecast.evaluate.bridge:evaluate", without=("alternatives",)),
        "synthetic_worth": Evaluation("forecast.evaluate.synthetic_worth:evaluate", without=_LABORATORY_ALONE),
        "learners": Evaluation("forecast.evaluate.learners:evaluate", without=_LEARNERS),
        "large_learner": Evaluation("forecast.evaluate.large_learner:evaluate", without=_LEARNERS),
        "lessons": Evaluation("forecast.evaluate.lessons:evaluate", without=_LEARNERS),
        # What a synthetic token is worth follows from it.
        "surrogate": Evaluation("forecast.evaluate.surrogate:evaluate", without=(*_LEARNERS, "laboratory")),
        "variants": Evaluation("forecast.evaluate.variants:evaluate"),
        "over_priors": Evaluation("forecast.evaluate.over_priors:evaluate", version=2, without=_NO_RIVALS),
        "origins": Evaluation("forecast.evaluate.backtest.origins:evaluate", without=(*_GROWTH, "rivals")),
        "recovery": Evaluation("forecast.evaluate.calibration.recovery:evaluate", without=(*_GROWTH, "rivals")),
        "worlds": Evaluation("forecast.evaluate.worlds.run:evaluate", without=(*_GROWTH, *_PARTICLES, "rivals")),
        "protocol": Evaluation("forecast.evaluate.backtest.protocol:evaluate", without=(*_GROWTH, *_PARTICLES)),
        "backtest": Evaluation("forecast.evaluate.backtest.run:evaluate", version=2, without=(*_GROWTH, *_PARTICLES)),
        "histories": Evaluation(
            "forecast.evaluate.histories.run:evaluate",
            without=(*_GROWTH, *_PARTICLES),
            tables=("technology_frontiers", "technology_frontiers_share_alike", "technology_frontiers_series"),
        ),
        "engines": Evaluation("forecast.evaluate.engines:evaluate", without=(*_GROWTH, "rivals")),
        "learned_priors": Evaluation(
            "forecast.evaluate.histories.learned:evaluate",
            without=(*_GROWTH, "members"),
            tables=("technology_frontiers", "technology_frontiers_share_alike", "technology_frontiers_series"),
        ),
        "learning": Evaluation(
            "forecast.evaluate.histories.learning:evaluate",
            without=(*_GROWTH, *_PARTICLES, "members", "rivals"),
            tables=("technology_frontiers", "technology_frontiers_share_alike", "technology_frontiers_series"),
        ),
        "vintages": Evaluation("forecast.evaluate.vintages:evaluate", version=2, without=_NO_RIVALS),
        "claims": Evaluation("forecast.evaluate.claims.run:evaluate", version=3, without=_NO_RIVALS),
        "sensitivity": Evaluation("forecast.evaluate.sensitivity.run:evaluate", version=2, without=_NO_RIVALS),
        "disclosures": Evaluation("forecast.evaluate.disclosures.run:evaluate", without=_NO_RIVALS),
        "followers": Evaluation("forecast.evaluate.followers:evaluate", without=_NO_RIVALS),
        "price": Evaluation("forecast.evaluate.price:evaluate", without=_NO_RIVALS),
        "influence": Evaluation("forecast.evaluate.influence.run:evaluate", version=2, without=_NO_RIVALS),
        "scenarios": Evaluation("forecast.evaluate.scenarios:evaluate", version=2, without=_NO_RIVALS),
        "calibration": Evaluation("forecast.evaluate.calibration.run:evaluate", without=(*_NO_RIVALS, *_PARTICLES)),
        "spreading": Evaluation(
            "forecast.evaluate.scaling_cost:evaluate",
            without=(*_GROWTH, *_PARTICLES, "rivals"),
            tables=("epoch_models", "record_audit"),
        ),
        "scale": Evaluation("forecast.evaluate.scale.run:evaluate", without=_TIME),
        "speed": Evaluation("forecast.evaluate.speed:evaluate", without=_TIME),
    },
)
"""Evaluations by the name under which they are stored."""


def evaluation(name: str) -> Callable[..., Any]:
    """Return the function that makes an evaluation.

    Parameters
    ----------
    name : str
        A name of `EVALUATIONS`.

    Returns
    -------
    callable
        Takes ``progress``, ``jobs`` and ``scheduler``; returns the content, as `forecast.evaluate.store.keep` wants it.

    Raises
    ------
    UnknownNameError
        If there is none of that name.

    Examples
    --------
    >>> evaluation("variants").__name__
    'evaluate'
    """
    module, _, function = EVALUATIONS[name].where.partition(":")
    return getattr(importlib.import_module(module), function)


SHOWN = (
    "backtest", "calibration", "claims", "disclosures", "engines", "followers", "histories", "influence",
    "large_learner", "learners", "lessons", "origins", "over_priors", "price", "recovery", "sensitivity",
    "surrogate", "synthetic_worth", "vintages", "worlds",
)  # fmt: skip
"""Evaluations that `stored` reads: those that stand by themselves, beside no forecast of the reader's own."""


def stored(name: str) -> StoredResult:
    """Return an evaluation as it is stored, without computing anything.

    Parameters
    ----------
    name : str
        A name of `SHOWN`.

    Returns
    -------
    forecast.ingest.stored.StoredResult
        ``content`` as the evaluation gives it, ``stale``, and ``sentence()``, which says when it was made and whether
        it still fits the data and the code in use.

    Raises
    ------
    UnknownNameError
        If there is none of that name.
    MissingFileError
        If it has not been made yet.

    Examples
    --------
    >>> stored("claims").content["scenario"]
    'baseline'
    """
    from forecast.evaluate.store import room_of, settings_of
    from forecast.ingest.stored import read

    if name not in SHOWN:
        raise unknown_name("stored evaluation", name, SHOWN)
    room = room_of(name)
    found = read(name, settings_of(room))
    return replace(found, content=room.unpacked(found.content)) if hasattr(room, "unpacked") else found


__all__ = ["EVALUATIONS", "SHOWN", "Evaluation", "evaluation", "stored"]
