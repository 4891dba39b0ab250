"""The protocol of a backtest: everything that shapes a score, written down with its hash before a score is looked at.

A protocol is never edited. Whatever changes (a row, a prior, a member, an origin, what forecasts or scores)
makes a new one with another hash beside the old, and the scores of both are shown.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast.consumption.alternatives.baselines import BASELINES
from forecast.consumption.frontier_data import BLOCK_YEARS, FIRST_KNOT, LARGEST
from forecast.consumption.members import DEFAULT_MEMBERS, member
from forecast.core import fingerprints
from forecast.core.seeds import DEFAULT_SEED
from forecast.errors import MissingFileError
from forecast.evaluate import EVALUATIONS
from forecast.evaluate.backtest.comparison import RESAMPLES
from forecast.evaluate.backtest.predictions import DRAWS, PUBLISHED
from forecast.fits.particles.sweep import Care
from forecast.fits.sampling import Sampling
from forecast.ingest.stored import read

if TYPE_CHECKING:
    import pandas as pd

    from forecast.consumption.member import Member

ENGINE = "particles"
"""What makes the posteriors of a backtest, unless it is told otherwise: the fast one (`forecast.consumption.fitting`)."""

PARTICLES = Care(particles=500, clouds=4)
"""Particles of a backtest by the fast engine: 2,000 draws of each member, as many as are scored."""

NAME = "protocol"
"""Name under which the protocols are stored."""

ORIGINS = (2019.0, 2025.5)
"""First and last origin (decimal years); half a year apart."""

HORIZONS = tuple(float(h) for h in np.arange(0.5, 4.01, BLOCK_YEARS))
"""How far ahead (years): the half-year that ends so much later."""

COVERAGE_LEVELS = (0.5, 0.8, 0.95)
"""Probabilities of the intervals whose coverage is counted."""

COMPARISON_LEVEL = 0.9
"""Probability of the interval of a ratio of scores."""

DENSITY_WIDTH = 0.05
"""Width over which draws are smoothed for the log score (log10, sd; 12 %): the reading error of a good row. Judgement."""

DENSITY_FLOOR = 0.001
"""Share of every density that is spread evenly over `DENSITY_RANGE`, so that no surprise costs everything. Judgement."""

DENSITY_RANGE = 8.0
"""Range of that share (log10 units)."""

INFLUENTIAL = ("GPipe (Transformer)", "XLM-RoBERTa", "GPT-4 (Mar 2023)", "Inkling", "DeepSeek-V4.1-Flash")
"""Rows known to move answers; scores are shown without the targets that they are."""

RULES: Mapping[str, str] = {
    "record": "log10 of the largest human-text training set published by the end of the half-year; the main quantity",
    "maximum": "log10 of the largest one published within the half-year; members with a law of corpora, baselines",
    "largest": f"the {LARGEST} largest published within the half-year: mean CRPS over ranks, joint log density; these members",
    "truth": "the sizes of the audited table as read today; half-years that the table covers whole",
    "seen": "rows published by the origin, with today's readings: pseudo-vintages",
    "combination": "equal-weight mixture of the default members that pass the gate at the origin",
    "silent": "a method without a finite forecast at an origin, or whose posterior was not found there, is not scored there; "
    "pairs are formed on common rows",
    "all": "every target",
    "audited": "targets whose size the audit holds for firm: audited, and not marked as a wide error",
    "interval": "of a ratio: two-way, clusters of origins and of targets, singly and in blocks of three; t on its log",
    "by_target": "beside it, half-years alone are resampled, each with all its rows and for both methods at once",
    "by_corpus": "beside it, clusters of origins and of distinct corpora: one record stands for many half-years",
    "goal_epoch2024": "upper end of the 90 % interval of the CRPS ratio to epoch2024 below 1 (record, all targets)",
    "goal_statsmodels": "the same against the statsmodels baseline that is hardest to beat (highest ratio, common rows)",
    "goal_coverage": "the 95 % interval of the combination's 80 % coverage holds 0.80 (record, all targets)",
}
"""What is foretold, on which rows, and what is to be reached."""


@dataclass(frozen=True)
class Plan:
    """Who forecasts, from when, how far; the rest of a protocol follows from data and code.

    Parameters
    ----------
    origins, horizons : tuple of float
        Decimal years; years ahead.
    members : tuple of Member
        With their priors.
    engine : {"particles", "nuts"}
        What makes their posteriors.
    sampling : Sampling
        Length and care of their fits by NUTS.
    seed : int
        The run's seed.
    """

    origins: tuple[float, ...] = tuple(float(o) for o in np.arange(ORIGINS[0], ORIGINS[1] + 0.01, BLOCK_YEARS))
    horizons: tuple[float, ...] = HORIZONS
    members: tuple[Member, ...] = tuple(member(name) for name in DEFAULT_MEMBERS)
    engine: str = ENGINE
    sampling: Sampling = field(default_factory=Sampling)
    seed: int = DEFAULT_SEED


def protocol(plan: Plan, corpora: pd.DataFrame, as_of: float) -> dict[str, Any]:
    """Return what is to be frozen."""
    return {
        "origins": list(plan.origins),
        "horizons_years": list(plan.horizons),
        "rules": dict(RULES),
        "scores": {
            "crps": "of the draws' own distribution, log10 units",
            "wis": "mean pinball loss times two over the reported quantiles, log10 units",
            "log_score": {"smoothed_over": DENSITY_WIDTH, "floor": DENSITY_FLOOR, "over": DENSITY_RANGE},
            "coverage": list(COVERAGE_LEVELS),
            "pit": "drawn evenly at ties",
        },
        "comparison": {"level": COMPARISON_LEVEL, "resamples": RESAMPLES},
        "draws_a_method": DRAWS,
        "seed": plan.seed,
        "engine": plan.engine,
        "sampling": asdict(plan.sampling if plan.engine == "nuts" else PARTICLES),
        "members": {who.name: {name: asdict(prior) for name, prior in who.priors()} for who in plan.members},
        "baselines": list(BASELINES),
        "published": dict(PUBLISHED),
        "influential": list(INFLUENTIAL),
        "as_of": round(as_of, 4),
        "rows": {"count": len(_rows(corpora)), "sha256": rows_digest(corpora)},
        "fingerprints": _promises(plan),
    }


def _promises(plan: Plan) -> dict[str, str]:
    """Return version and hash of every part that forecasts or scores; members that do not take part are left out."""
    taking_part = {f"members/{who.name}" for who in plan.members}
    marks = fingerprints.marks(EVALUATIONS[NAME].without)
    return {name: mark for name, mark in marks.items() if not name.startswith("members/") or name in taking_part}


def digest(content: Mapping[str, Any]) -> str:
    """Return the hash of a protocol.

    Examples
    --------
    >>> digest({"seed": 1}) == digest({"seed": 1}) != digest({"seed": 2})
    True
    """
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def rows_digest(corpora: pd.DataFrame) -> str:
    """Return a hash of the rows since 2018: name, date, size and error."""
    return hashlib.sha256(json.dumps(_rows(corpora)).encode()).hexdigest()


def frozen(stored: Sequence[Mapping[str, Any]], content: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the frozen protocol that is the same as this one."""
    own = digest(content)
    return next((entry for entry in stored if entry["sha256"] == own), None)


def changed_parts(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Name what differs between two protocols."""
    found = []
    for key in dict.fromkeys([*before, *after]):
        one, other = before.get(key), after.get(key)
        if one == other:
            continue
        if (
            key in ("code", "fingerprints", "members", "rules")
            and isinstance(one, Mapping)
            and isinstance(other, Mapping)
        ):
            found += [f"{key} {part}" for part in {**one, **other} if one.get(part) != other.get(part)]
        else:
            found.append(key)
    return found


def load() -> list[dict[str, Any]]:
    """Return the frozen protocols, the oldest first."""
    try:
        return list(read(NAME, None).content["protocols"])
    except MissingFileError:
        return []


def with_frozen(stored: Sequence[Mapping[str, Any]], content: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the protocols with this one frozen: as they are where it is among them, else one more."""
    kept = [dict(entry) for entry in stored]
    if frozen(kept, content) is not None:
        return kept
    now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    # The protocols of histories, which have a version, are another series.
    alike = [entry["content"] for entry in kept if entry["content"].get("version") == content.get("version")]
    changed = changed_parts(alike[-1], content) if alike else []
    return [*kept, {"sha256": digest(content), "frozen": now, "changed": changed, "content": dict(content)}]


def current() -> dict[str, Any]:
    """Return the protocol of the shipped rows and the code in use."""
    from forecast.ingest.corpora import audited_as_of, text_corpora
    from forecast.ingest.models import load_models

    return protocol(Plan(), text_corpora(load_models()), audited_as_of())


def evaluate(progress: Callable[[str], None], jobs: int | None = None, scheduler: str | None = None) -> dict[str, Any]:
    """Freeze the protocol in use, beside those that were frozen before."""
    del jobs, scheduler
    before = load()
    after = with_frozen(before, current())
    progress(f"protocol {after[-1]['sha256'][:12]} " + ("frozen" if len(after) > len(before) else "was frozen before"))
    return {"protocols": after}


def _rows(corpora: pd.DataFrame) -> list[list[Any]]:
    """Return the rows since 2018 in an order and a precision that no library changes."""
    since = corpora[corpora["year"] >= FIRST_KNOT]
    columns = (since[name] for name in ("model", "year", "log10_size", "measurement_sd"))
    rows = [
        [str(m), round(float(y), 4), round(float(x), 3), round(float(s), 3)]
        for m, y, x, s in zip(*columns, strict=True)
    ]
    return sorted(rows)
