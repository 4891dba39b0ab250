"""The second protocol: what may be learned from, what is held out, and what has been looked at, beside the first.

It adds histories, rivals and two-way intervals to the protocol of the text backtest, which it names by its hash. Written
before the held-out half is scored; never edited.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import Any

from forecast.consumption.frontier_data import FIRST_KNOT
from forecast.consumption.members import DEFAULT_MEMBERS, MEMBERS
from forecast.core.files import atomic_file
from forecast.core.seeds import DEFAULT_SEED
from forecast.core.units import REFERENCE_YEAR
from forecast.evaluate.backtest import interval_coverage
from forecast.evaluate.backtest import protocol as first
from forecast.evaluate.histories import members as growth
from forecast.evaluate.histories import scoring
from forecast.evaluate.histories.rivals import RIVALS
from forecast.evaluate.histories.rivals.base import DRAWS
from forecast.evaluate.two_way import BLOCK
from forecast.ingest.catalog import load_table
from forecast.ingest.history_split import RULE, half_of
from forecast.ingest.known import FEWEST, MOST, SMALLEST_UNIT

VERSION = 2
"""Version of the protocol; raised with any change to what follows."""

BURNT: Mapping[str, str] = {
    "text": "every half-yearly origin from 2019.0 to 2025.5 was looked at while members and priors were chosen: shown only",
    "compute, parameters, vision and speech": "looked at while prototypes were made: shown, neither learned from nor held out",
    "made worlds": "may be learned from",
}
"""What has been looked at, and what follows from that."""


def content() -> dict[str, Any]:
    """Return what is to be frozen."""
    families = sorted(set(load_table("technology_frontiers_series")["family"].astype(str)))
    return {
        "version": VERSION,
        "seed": DEFAULT_SEED,
        "split": {
            "rule": RULE,
            "learning": [name for name in families if half_of(name) == "learning"],
            "held_out": [name for name in families if half_of(name) == "held_out"],
        },
        "burnt": dict(BURNT),
        "held_out_is_scored": "once for each version of this protocol",
        "series_read": "as best so far, upwards, in log10: a price as its lowest yet, Elo over 400",
        "origins": f"yearly, from {FEWEST} yearly values on (the last {MOST} count), while a year is left to foretell",
        "horizons_years": list(scoring.HORIZONS),
        "score": f"CRPS over horizon and max(p10+/2 + |p5|/2 + s/2, {SMALLEST_UNIT}), known at the origin",
        "weights": {"each_series": "one vote", "most_of_a_domain": scoring.DOMAIN_SHARE},
        "comparison": {
            "level": scoring.LEVEL,
            "histories": f"clusters of families and of origins of {scoring.YEARS_TOGETHER:g} years; t on the log ratio",
            "text": f"clusters of origins and targets, singly and in blocks of {BLOCK}; t on the log ratio",
            "coverage": f"measured on {interval_coverage.HISTORIES} simulated histories of each kind: "
            + ", ".join(interval_coverage.KINDS),
        },
        "draws_a_method": DRAWS,
        "forecaster": {
            "mixture": "equal numbers of draws from each member that passes the predictive checks at the origin",
            "members": [MEMBERS[name]().identity() for name in DEFAULT_MEMBERS],
            "sees": f"the best known at the end of each half-year, error {growth.READING_ERROR:g}; origins of {growth.ERA} "
            f"years, the first at {REFERENCE_YEAR:g} of the members' calendar, which begins in {FIRST_KNOT:g}",
            "particles": asdict(growth.PARTICLES),
        },
        "rivals": {name: kind.sentence for name, kind in RIVALS.items()},
    }


@lru_cache(maxsize=1)
def digest_in_use() -> str:
    """Return the hash of the second protocol as it is now."""
    return first.digest(content())


def with_second(stored: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the frozen protocols with this one among them; those that are there stay as they are."""
    kept, made = [dict(entry) for entry in stored], content()
    if first.frozen(kept, made) is not None:
        return kept
    before = [entry["content"] for entry in kept if entry["content"].get("version") == VERSION]
    now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    changed = (
        first.changed_parts(before[-1], made)
        if before
        else ["second protocol: histories, rivals, members on them, two-way intervals"]
    )
    return [*kept, {"sha256": first.digest(made), "frozen": now, "changed": changed, "content": made}]


def write(path: Path) -> str:
    """Write all protocols to a file of their own, the second beside the first, and return the hash of the file."""
    text = json.dumps({"protocols": with_second(first.load())}, ensure_ascii=False, indent=1) + "\n"
    with atomic_file(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
    return hashlib.sha256(text.encode()).hexdigest()
