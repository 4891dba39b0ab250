"""Is it any good? What takes long: each evaluation is made once, stored in ``data/results``, and shown in reports.

``make evaluate`` runs all of them, ``python -m forecast.evaluate NAME ...`` some. An evaluation is a function that
takes ``progress``, ``jobs`` and ``scheduler`` and returns its content, JSON-ready, with the hashes of what made it; a new one is one
file and one line here.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from forecast.errors import unknown_name

if TYPE_CHECKING:
    from forecast.ingest.results import StoredResult

EVALUATIONS: Mapping[str, str] = {
    "bridge": "forecast.evaluate.bridge:evaluate",
    "synthetic_worth": "forecast.evaluate.synthetic_worth:evaluate",
    "variants": "forecast.evaluate.variants:evaluate",
    "over_priors": "forecast.evaluate.over_priors:evaluate",
    "origins": "forecast.evaluate.origins:evaluate",
    "recovery": "forecast.evaluate.recovery:evaluate",
    "protocol": "forecast.evaluate.protocol:evaluate",
    "backtest": "forecast.evaluate.backtest:evaluate",
    "vintages": "forecast.evaluate.vintages:evaluate",
    "claims": "forecast.evaluate.claims:evaluate",
    "sensitivity": "forecast.sensitivity:evaluate",
    "scenarios": "forecast.evaluate.scenarios:evaluate",
    "calibration": "forecast.evaluate.calibration:evaluate",
    "spreading": "forecast.evaluate.spreading:evaluate",
}
"""Evaluations by the name under which they are stored: where the function that makes each is."""


def evaluation(name: str) -> Callable[..., tuple[Any, dict[str, str]]]:
    """Return the function that makes an evaluation.

    Parameters
    ----------
    name : str
        A name of `EVALUATIONS`.

    Returns
    -------
    callable
        Takes ``progress``, ``jobs`` and ``scheduler``; returns content and inputs, as `forecast.ingest.results.store` wants them.

    Raises
    ------
    UnknownNameError
        If there is none of that name.

    Examples
    --------
    >>> evaluation("variants").__name__
    'evaluate'
    """
    if name not in EVALUATIONS:
        raise unknown_name("evaluation", name, EVALUATIONS)
    module, _, function = EVALUATIONS[name].partition(":")
    return getattr(importlib.import_module(module), function)


SHOWN = ("backtest", "calibration", "claims", "origins", "recovery", "sensitivity", "synthetic_worth", "vintages")
"""Evaluations that `stored` reads: those that stand by themselves, beside no forecast of the reader's own."""


def stored(name: str) -> StoredResult:
    """Return an evaluation as it is stored, without computing anything.

    Parameters
    ----------
    name : str
        A name of `SHOWN`.

    Returns
    -------
    forecast.ingest.results.StoredResult
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
    from forecast.ingest import results

    if name not in SHOWN:
        raise unknown_name("stored evaluation", name, SHOWN)
    room = importlib.import_module(EVALUATIONS[name].partition(":")[0])
    found = results.stored(name, room.inputs() if hasattr(room, "inputs") else results.made_from(name))
    return replace(found, content=room.unpacked(found.content)) if hasattr(room, "unpacked") else found


__all__ = ["EVALUATIONS", "SHOWN", "evaluation", "stored"]
