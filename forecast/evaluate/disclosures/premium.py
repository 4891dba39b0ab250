r"""Why the inferred frontier lies above the published record: the parts of the distance, and how each could be checked.

At the date of the record's row a future has the frontier F above it by :math:`Y = F - x`, where x is the row's true size.
Given the future, Y is what the observation law and the row's error leave of it (nothing in a growth model for which the
record is the frontier),

.. math:: E[Y \mid F] = \frac{E[Z_+^{\alpha}]}{E[Z_+^{\alpha-1}]}, \qquad Z \sim N(F - R, sd^2),

and the rest of F - R is the error of the published size R, of which the machine-written share has the part that it has in
the row's variance. What the frontier has grown since, and the shift for what is not disclosed, come on top. In each future
the parts add up to its distance; for the distance of the *median* frontier each part's mean is moved along its regression
on the distance, so that they add up again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from forecast.consumption.mixture import thinned
from forecast.consumption.observation import SMALLEST_ERROR
from forecast.core.summaries import quantiles
from forecast.evaluate.disclosures.facts import Ground
from forecast.ingest.corpora import UNSTATED_HUMAN_SHARE
from forecast.ingest.measurement import record_row

PARTS: Mapping[str, tuple[str, str]] = {
    "law": (
        "the best published run of a half-year lies below the largest feasible one (law of the largest runs)",
        "many runs with their sizes in one half-year: the more are published, the closer the best comes",
    ),
    "growth": (
        "growth since the record was published",
        "the size of any frontier run that came after the record",
    ),
    "machine_written": (
        "machine-written share of what the record's run read",
        "a statement of that share by its developer",
    ),
    "error": (
        "error of the record's published size",
        "the exact count, with what was read more than once, by its developer",
    ),
    "undisclosed": (
        "larger runs whose sizes nobody states",
        "one statement of its largest run by a laboratory that publishes none",
    ),
}
"""The parts in their order: what each is, and what would check it."""


def premium(ground: Ground) -> dict[str, Any]:
    """Return the distance between record and median frontier at the date of the data, part by part, JSON-ready."""
    row, share = _record(ground)
    parts = parts_of(ground, row["log10_size"], row["measurement_sd"], row["year"], share)
    distance = np.sum(list(parts.values()), axis=0)
    middle = float(quantiles(distance, [0.5])[0])
    return {
        "record": {"model": row["model"], "log10_size": round(row["log10_size"], 4), "year": round(row["year"], 3)},
        "log10": round(middle, 4),
        "parts": [
            {"name": name, "title": title, "log10": round(value, 4), "check": check}
            for (name, (title, check)), value in zip(PARTS.items(), at_median(list(parts.values())), strict=True)
        ],
    }


def parts_of(ground: Ground, size: float, sd: float, when: float, share: float) -> dict[str, np.ndarray]:
    """Return the parts of frontier minus record (log10) in each future; `share` is of the variance of the row's error."""
    results = ground.results
    then, now = ground.at(results.disclosed.values, when), ground.at(results.disclosed.values, ground.as_of)
    thin = thinned(results.held, len(results.frontier))
    of_members = np.split(then - size, len(thin))
    wide = float(np.hypot(sd, SMALLEST_ERROR))
    below = np.concatenate(
        [fit.member.deficit(gap, wide, fit.draws) for fit, gap in zip(thin, of_members, strict=True)]
    )
    error = then - size - below
    return {
        "law": below,
        "growth": now - then,
        "machine_written": share * error,
        "error": (1 - share) * error,
        "undisclosed": ground.at(results.frontier.values, ground.as_of) - now,
    }


def check_of(part: Mapping[str, Any]) -> str:
    """Return what would check a part, in words; a share that its developer states leaves nothing to check."""
    stated = part["name"] == "machine_written" and part["log10"] == 0.0
    return "nothing: its developer states that share" if stated else str(part["check"])


def at_median(parts: list[np.ndarray]) -> list[float]:
    """Return the parts of the median of their sum.

    Examples
    --------
    >>> a, b = np.array([0.0, 1.0, 5.0]), np.array([1.0, 1.0, 1.0])
    >>> [round(value, 6) for value in at_median([a, b])]
    [1.0, 1.0]
    """
    whole = np.sum(parts, axis=0)
    centred = whole - whole.mean()
    spread = float(np.mean(centred**2))
    off = float(quantiles(whole, [0.5])[0]) - float(whole.mean())
    return [
        float(part.mean()) + (float(np.mean(centred * part)) / spread * off if spread > 0 else 0.0) for part in parts
    ]


def _record(ground: Ground) -> tuple[dict[str, Any], float]:
    """Return the row that holds the record, and the part that its unstated machine-written share has in its variance."""
    data = ground.results.inputs.data
    rows = [
        {
            "model": data.labels[block][place],
            "log10_size": float(data.size[block, place]),
            "measurement_sd": float(data.sd[block, place]),
            "year": float(data.time[block, place]),
        }
        for block, place in zip(*np.nonzero(data.observed), strict=True)
    ]
    found = record_row(rows)
    assert found is not None, "corpora that were fitted have a row"
    row = dict(found)
    corpora = ground.corpora(replace(UNSTATED_HUMAN_SHARE, sd=0.0))
    # A name may stand for several corpora of a user's own table.
    same = (corpora["model"] == row["model"]) & np.isclose(corpora["log10_size"], row["log10_size"])
    sd = row["measurement_sd"]
    left = float(corpora.loc[same, "measurement_sd"].min()) if same.any() else sd
    return row, max(1 - (left / sd) ** 2, 0.0) if sd > 0 else 0.0
