"""From their answer to ours: the procedure of 2024, corrected one step at a time and run again after each.

The first five steps need nothing but published inputs and the shipped tables: each is a function that takes the
settings of the step before and changes one thing. Three more, from the mean of all models to the frontier, to several
growth members with undisclosed models, and to another stock, need fits of this package's own; their exhaustion years
(`forecast.replicate.baseline_steps`) are passed in, and a step whose years are not passed in is absent from the result.

The bridge starts from historical demand: the other half of theirs needs a compute table that was never published.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Literal

import numpy as np

from forecast.core.seeds import DEFAULT_SEED, generator
from forecast.errors import InputError
from forecast.replicate.analysis import LEVELS, quantile_map, show, summarise_draws
from forecast.replicate.model2024 import Case, passage, published_run_out
from forecast.replicate.trend import WORDS_PER_TOKEN, Demand, Fitted, HandSet, bootstrap_trend, load_dataset_sizes

FIRST_YEAR = 2010.0
"""Models before this are left out, as in their list (decimal year)."""


@dataclass(frozen=True)
class Settings:
    """The procedure after some steps.

    Parameters
    ----------
    tokens_per_word : float
        What words are multiplied by to make tokens.
    corrected_bytes : bool
        Whether bytes per token stay above one.
    fitted : bool
        Whether level and growth come from one fit; otherwise the level is set by hand.
    paths : bool
        Whether one draw is one future; otherwise everything is drawn again for every year of their grid.
    table : {"2024 list", "shipped"}
        Their list of 80 models, or the shipped model table.
    """

    tokens_per_word: float = WORDS_PER_TOKEN
    corrected_bytes: bool = False
    fitted: bool = False
    paths: bool = False
    table: Literal["2024 list", "shipped"] = "2024 list"


@dataclass(frozen=True)
class BridgeStep:
    """One step of the bridge and the answer after it.

    Parameters
    ----------
    name, title : str
        Short name, and what changes.
    sentence : str
        What was wrong and what is done instead.
    quantiles : mapping of str to float or None
        Exhaustion year by probability after this step; None beyond the horizon.
    change : float or None
        Years by which the median moved; None at the start, or where either median lies beyond the horizon.
    """

    name: str
    title: str
    sentence: str
    quantiles: Mapping[str, float | None]
    change: float | None

    @property
    def median(self) -> float | None:
        """Median exhaustion year after this step (decimal year)."""
        return self.quantiles["0.5"]

    def to_json(self) -> dict[str, Any]:
        """Return the step as JSON-ready numbers and texts."""
        return {
            "name": self.name,
            "title": self.title,
            "sentence": self.sentence,
            "quantiles": dict(self.quantiles),
            "change_years": self.change,
        }

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> BridgeStep:
        """Return a step from what `to_json` gave.

        Examples
        --------
        >>> step = BridgeStep("start", "Start", "As published.", {"0.5": 2029.0}, None)
        >>> BridgeStep.from_json(step.to_json()) == step
        True
        """
        return cls(row["name"], row["title"], row["sentence"], dict(row["quantiles"]), row["change_years"])


def correct_words(settings: Settings) -> Settings:
    """Turn words into tokens the right way round: divide by words per token.

    Examples
    --------
    >>> correct_words(Settings()).tokens_per_word
    1.25
    """
    return replace(settings, tokens_per_word=1 / WORDS_PER_TOKEN)


def correct_bytes(settings: Settings) -> Settings:
    """Keep bytes per token above one."""
    return replace(settings, corrected_bytes=True)


def fit_level(settings: Settings) -> Settings:
    """Take level and growth from one fit."""
    return replace(settings, fitted=True)


def follow_paths(settings: Settings) -> Settings:
    """Let one draw of everything be one future."""
    return replace(settings, paths=True)


def take_newer_table(settings: Settings) -> Settings:
    """Fit the shipped model table instead of the list of 2024."""
    return replace(settings, table="shipped")


STEPS: tuple[tuple[str, str, str, Callable[[Settings], Settings]], ...] = (
    (
        "words to tokens",
        "Words to tokens the right way round",
        "Words were multiplied by 0.8 words a token instead of divided: sizes were 0.64 of what they should be. Nothing"
        " moves yet, because the slope does not depend on it and the level was set by hand.",
        correct_words,
    ),
    (
        "bytes a token",
        "Bytes a token kept positive",
        "Six less a lognormal amount is negative in 0.1 % of draws; cut so that a token has at least one byte.",
        correct_bytes,
    ),
    (
        "level and slope",
        "Level and slope fitted together",
        "The level was set by hand and independent of the slope, though in the fit the two go together; now both come"
        " from the same resample. The fitted line is that of the average model, far below the largest.",
        fit_level,
    ),
    (
        "coherent paths",
        "Coherent paths, exact passage",
        "Every year was drawn anew, and the date was the grid year before; now one draw is one future, and its date is"
        " where data set and stock meet.",
        follow_paths,
    ),
    (
        "newer table",
        "The table of 2026 instead of 2023's list",
        "Their list ends in November 2023; the shipped table holds text models up to August 2026.",
        take_newer_table,
    ),
)
"""Steps that need published inputs and the shipped tables only: name, title, sentence, change."""

LATER: tuple[tuple[str, str, str], ...] = (
    (
        "frontier",
        "The frontier instead of the mean of all models",
        "The average model does not use up the stock, the largest does: one exponential again, but through the largest"
        " corpora of the audited record, which the observation law lets lie below the frontier.",
    ),
    (
        "members",
        "Several growth members and undisclosed models",
        "One straight line is one opinion about growth; now several growth members share the weight, and models whose"
        " size is not disclosed may be larger than those whose size is.",
    ),
    (
        "stock",
        "Our stock instead of theirs",
        "The effective stock of the baseline scenario takes the place of theirs, and its levers act on both sides: this"
        " is the forecast of `forecast run`.",
    ),
)
"""Steps that need fits of this package: name, title, sentence."""

START = (
    "as published",
    "Their procedure, historical demand",
    "Inputs and procedure as published, with historical demand alone.",
)
"""Where the bridge starts: name, title, sentence."""


@lru_cache(maxsize=32)
def exhaustion_after(settings: Settings, *, seed: int, draws: int) -> Mapping[str, float | None]:
    """Run their procedure with some of it corrected."""
    demand = _demand(settings, seed)
    if settings.paths:
        return summarise_draws(passage(Case(), demand, seed, draws, corrected=settings.corrected_bytes))
    found = published_run_out({"case": Case()}, demand, seed, corrected=settings.corrected_bytes)["case"]
    return quantile_map([found.at(level) for level in LEVELS])


def run_bridge(
    *, seed: int = DEFAULT_SEED, draws: int = 100_000, later: Mapping[str, np.ndarray] | None = None
) -> tuple[BridgeStep, ...]:
    """Walk from their procedure towards ours."""
    later = dict(later or {})
    order = [name for name, _, _ in LATER]
    if list(later) != order[: len(later)]:
        given, known = ", ".join(later), ", ".join(order)
        raise InputError(f"the later steps {given}", f"the first of {known}", "pass them in order")
    settings = Settings()
    steps = [BridgeStep(*START, exhaustion_after(settings, seed=seed, draws=draws), None)]
    for name, title, sentence, change in STEPS:
        settings = change(settings)
        steps.append(_step(name, title, sentence, exhaustion_after(settings, seed=seed, draws=draws), steps[-1]))
    for name, title, sentence in LATER[: len(later)]:
        steps.append(_step(name, title, sentence, summarise_draws(later[name]), steps[-1]))
    return tuple(steps)


def _step(
    name: str, title: str, sentence: str, quantiles: Mapping[str, float | None], before: BridgeStep
) -> BridgeStep:
    now, then = quantiles["0.5"], before.median
    change = None if now is None or then is None else round(now - then, 4)
    return BridgeStep(name, title, sentence, quantiles, change)


def _demand(settings: Settings, seed: int) -> Demand:
    if settings.table == "shipped":
        from forecast.ingest import load_models

        models = load_models()
        chosen = (models["modality"] == "text") & (models["stage"] == "pretraining") & models["tokens"].notna()
        models = models[chosen & (models["year"] >= FIRST_YEAR)]
        years, tokens = models["year"].to_numpy(dtype=float), models["tokens"].to_numpy(dtype=float)
    else:
        years, words = load_dataset_sizes()
        tokens = words * settings.tokens_per_word
    # The same stream as in `epoch2024.published_trend`, so that the start is that analysis to the last digit.
    trend = bootstrap_trend(years, np.log10(tokens), generator(seed, "replicate", "epoch2024", "growth"))
    return Fitted(trend) if settings.fitted else HandSet.from_trend(trend)


def table_rows(steps: Sequence[BridgeStep]) -> list[tuple[str, ...]]:
    """Return the steps as rows of text: title, median, 80 % interval, how far the median moved."""
    rows: list[tuple[str, ...]] = []
    for index, step in enumerate(steps):
        low, high = (show(step.quantiles[key], "year") for key in ("0.1", "0.9"))
        moved = "" if step.change is None else f"{step.change:+.1f} years"
        rows.append((f"{index}  {step.title}", show(step.median, "year"), f"{low} to {high}", moved))
    return rows
