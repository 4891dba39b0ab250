"""Who else runs out of text, and when: laboratories that follow the largest run, and languages with little text."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast.core.distributions import LogNormal
from forecast.core.seeds import DEFAULT_SEED, generator
from forecast.core.summaries import plain, quantiles, summarise
from forecast.core.trajectory import YEAR
from forecast.core.units import calendar_date
from forecast.errors import InputError
from forecast.ingest.catalog import load_table
from forecast.ingest.corpora import text_corpora
from forecast.ingest.models import read_models
from forecast.runs import pipeline
from forecast.runs.inputs import RECENT_YEARS
from forecast.runs.passage import crossing_years
from forecast.runs.sentence import HEADLINE_YEAR
from forecast.scenarios import scenario as scenarios
from forecast.scenarios.levers import LEVERS

if TYPE_CHECKING:
    import pandas as pd

    from forecast.scenarios.scenario import Scenario

TAUGHT = "distilled_followers"
"""The shipped scenario in which those who follow have teachers."""

FOLLOWS_BELOW = 0.5
"""A run follows if it is smaller than this share of the largest published before it; judgement."""

LANGUAGES = ("eng", "deu", "pol", "ukr", "isl", "swh", "yor")
"""Languages that are asked for (ISO 639-3), from much to little text."""

ENGLISH = "eng"
"""The one that FineWeb2 leaves out."""

OWN_LANGUAGE = LogNormal.from_interval(0.05, 0.5, 0.90, upper=1.0)
"""Share of its run that a laboratory wants in its own language (share; judgement: between a share among many languages and
half; what other languages teach is not counted)."""

BY_PAGES = 0.5
"""Share of futures in which a language's share is that of pages, else that of words; judgement: neither is the better count."""

YEARS = (2026, 2028, 2030, 2035, 2040)
"""Years for which the path of those who follow is told: 1 January of each."""


def followers(
    scenario: str | Path | Scenario = "baseline",
    *,
    options: pipeline.Options | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> dict[str, Any]:
    """Return when those who follow run out, in a scenario's own futures, with and without a teacher.

    Parameters
    ----------
    scenario : str, pathlib.Path or Scenario, default "baseline"
        A shipped name, a TOML file, or a scenario already loaded.
    options : Options, optional
        As a run takes them.
    progress : callable, optional
        Told of each step.

    Returns
    -------
    dict
        ``runs``, who follows and how far behind; ``tokens``, what they need by year; ``parties``, when each runs out.

    Raises
    ------
    InputError
        If the scenario is not about public text.

    Examples
    --------
    >>> found = followers("baseline")  # doctest: +SKIP
    >>> found["parties"][0]["name"]  # doctest: +SKIP
    'frontier'
    """
    scenario = scenarios.load(scenario) if isinstance(scenario, str | Path) else scenario
    options = options or pipeline.Options(seed=DEFAULT_SEED)
    if (options.resource or scenario.resource_name) != "public_text":
        raise InputError(
            f"followers of {options.resource or scenario.resource_name}", "public text", "choose another scenario"
        )
    results = pipeline.work_out(scenario, options=options, progress=progress)
    years, frontier, stock = results.frontier[YEAR].values, results.frontier.values, results.effective.values
    as_of, size = float(results.inputs.data.as_of), len(frontier)
    now = frontier[:, [int(np.abs(years - as_of).argmin())]]
    corpora = text_corpora(read_models(options.models).rows, complete=options.models is None)
    behind, follow, open_now = standing(corpora[corpora["year"] <= as_of], as_of)
    rng = generator(options.seed, "followers")
    record = float(corpora.loc[corpora["year"] <= as_of, "log10_size"].max())
    # Largest published run over the largest feasible one, at the date of the data; it stays as it is.
    published = np.minimum(record - now, 0.0)
    typical = published + np.log10(rng.choice(behind[follow], size))[:, None]
    own = np.log10(OWN_LANGUAGE.sample(rng, size))[:, None]
    teach = scenario if "distillation" in scenario.levers else scenarios.load(TAUGHT)
    draws = teach.draw_lever("distillation", seed=options.seed, size=size)
    taught = LEVERS["distillation"].followers(np.zeros_like(frontier), draws, years)  # type: ignore[attr-defined]

    def party(name: str, title: str, less: np.ndarray | float, share: np.ndarray | float = 1.0) -> dict[str, Any]:
        use, limit = frontier + less, stock + np.log10(share)
        learning = (
            {"with_teacher": answer(crossing_years(use + taught, limit, years), as_of)} if name != "frontier" else {}
        )
        return {
            "name": name,
            "title": title,
            "share_of_stock": round(float(np.mean(share)), 8),
            "without_teacher": answer(crossing_years(use, limit, years), as_of),
            **learning,
        }

    counted = rng.random(size) < BY_PAGES
    parties = [
        party("frontier", "the largest feasible run", 0.0),
        party("open_weights", "laboratories that publish weights", np.minimum(open_now - now, 0.0)),
        party("typical", "a typical run that follows", typical),
    ]
    for code, (title, by_pages, by_words) in language_shares().items():
        share = np.where(counted, by_pages, by_words)[:, None]
        parties.append(party(code, f"a run that follows, in {title}", typical + own, share))
    at = np.searchsorted(years, YEARS)
    return {
        "scenario": scenario.name,
        "as_of": calendar_date(as_of).isoformat(),
        "first_year": plain(float(years[0])),
        "runs": {
            "since": round(as_of - RECENT_YEARS, 2),
            "share_that_follow": round(float(follow.mean()), 4),
            "over_record": summarise(behind[follow]),
            "over_frontier": summarise(10.0 ** typical[:, 0]),
        },
        "tokens": [
            {
                "year": year,
                "without_teacher": summarise(10.0 ** (frontier + typical)[:, column]),
                "with_teacher": summarise(10.0 ** (frontier + typical + taught)[:, column]),
            }
            for year, column in zip(YEARS, at, strict=True)
        ],
        "parties": parties,
    }


def standing(corpora: pd.DataFrame, as_of: float) -> tuple[np.ndarray, np.ndarray, float]:
    """Return recent runs over the record of their day, which of them follow, and log10 of the largest with open weights."""
    rows = corpora.sort_values("year")
    behind = 10.0 ** (rows["log10_size"] - rows["log10_size"].cummax()).to_numpy(dtype=float)
    recent = (rows["year"] >= as_of - RECENT_YEARS).to_numpy()
    open_weights = rows["open_weights"].fillna(value=False).astype(bool)
    return behind[recent], behind[recent] < FOLLOWS_BELOW, float(rows.loc[open_weights, "log10_size"].max())


def language_shares() -> dict[str, tuple[str, float, float]]:
    """Return each language's name and its share of the stock, by pages of Common Crawl and by words of FineWeb2.

    FineWeb2 has no English: its words share what English leaves of the pages. Where a table lacks a language the other
    speaks for both.

    Examples
    --------
    >>> title, by_pages, by_words = language_shares()["deu"]
    >>> title, round(by_pages, 2), round(by_words, 2)
    ('German', 0.06, 0.05)
    """
    pages = load_table("common_crawl_languages")
    pages = pages[pages["date"] == pages["date"].max()].set_index("language_iso639_3")["share_of_pages"].astype(float)
    kept = load_table("fineweb2_languages").query("part == 'kept'")
    words = kept.groupby("language_iso639_3")["words"].sum().astype(float)
    names = kept.groupby("language_iso639_3")["language"].first()
    by_words = (1.0 - pages[ENGLISH]) * words / words.sum()
    found = {}
    for code in LANGUAGES:
        counts = [float(table[code]) for table in (pages, by_words) if code in table.index]
        title = "English" if code == ENGLISH else str(names[code]).split(" (")[0]
        found[code] = (title, counts[0], counts[-1])
    return found


def answer(year: np.ndarray, as_of: float) -> dict[str, Any]:
    """Return when it happens: median, 80 % interval, the share by the end of 2030 and already."""
    low, middle, high = (plain(float(value)) for value in quantiles(year, [0.1, 0.5, 0.9]))
    return {
        "median": middle,
        "interval_0.8": [low, high],
        "probability_by_2030": round(float(np.mean(year < HEADLINE_YEAR + 1)), 6),
        "already": round(float(np.mean(year <= as_of)), 6),
    }


def settings() -> dict[str, Any]:
    """Return what shapes the stored result beside its seed."""
    return {name: scenarios.load(name).numbers_digest() for name in ("baseline", TAUGHT)}


def evaluate(*, progress: Callable[[str], None], jobs: int | None, scheduler: str | None = None) -> dict[str, Any]:
    """Return who else runs out, in the baseline's futures."""
    return followers(options=pipeline.Options(jobs=jobs, scheduler=scheduler), progress=progress)
