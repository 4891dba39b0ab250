"""Epoch AI's analysis of 2024, re-run: figures beside the published ones, and the procedure as a forecaster.

Half of its demand follows projected compute, whose table was never published; `forecast.replicate.compute` rebuilds it
from its description, and every figure that rests on it is marked. The other half, and the whole stock, can be run
from published inputs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from forecast.core.seeds import DEFAULT_SEED, generator
from forecast.core.summaries import quantiles
from forecast.core.units import REFERENCE_YEAR
from forecast.replicate.analysis import (
    LEVELS,
    Analysis,
    PublishedNumber,
    Status,
    compare,
    quantile_map,
    summarise_draws,
)
from forecast.replicate.compute import draw_compute
from forecast.replicate.model2024 import (
    MIXTURE_DRAWS,
    Case,
    draw_internet_users_flow,
    draw_stock,
    internet_users_years,
    passage,
    published_run_out,
)
from forecast.replicate.published_forecast import PublishedForecast, line_crossing, rows_to_date, trajectory_years
from forecast.replicate.targets import Target, load_targets
from forecast.replicate.trend import LARGEST_NOW, HandSet, Trend, bootstrap_trend, load_dataset_sizes

if TYPE_CHECKING:
    import pandas as pd

NAME = "epoch2024"
TITLE = "Epoch AI (2024), Will we run out of data? Limits of LLM scaling based on human-generated data"

TABLES: tuple[str, ...] = ("epoch_published", "epoch_2024_dataset_sizes", "world_population")
"""Shipped tables that this analysis reads; the bridge reads the table of models too."""

CASES = {
    "exhaustion.historical": Case(),
    "exhaustion.historical.raw_stock": Case(layer="raw"),
    "exhaustion.historical.unique": Case(layer="quality"),
    "exhaustion.historical.overtrained_5x": Case(overtraining=5.0),
    "exhaustion.historical.overtrained_100x": Case(overtraining=100.0),
    "exhaustion.mixture": Case(mixture=True),
    "exhaustion.mixture.overtrained_5x": Case(mixture=True, overtraining=5.0),
    "exhaustion.mixture.overtrained_100x": Case(mixture=True, overtraining=100.0),
}
"""What is compared with what, by figure name."""

FEWEST_ROWS = 5
"""Rows that a forecast needs (count)."""

COMPUTE_DRAWS = 20_000
"""Most paths of the compute route (count)."""


def published_trend(seed: int) -> Trend:
    """Return the bootstrap of data set growth, on the paper's list of models."""
    years, words = load_dataset_sizes()
    return bootstrap_trend(years, np.log10(words), generator(seed, "replicate", NAME, "growth"))


def run(*, seed: int = DEFAULT_SEED, draws: int = 100_000, bridge: bool = False) -> Analysis:
    """Run the analysis again."""
    from forecast.ingest import attributions

    targets, tables = load_targets(NAME), TABLES
    trend = published_trend(seed)
    demand = HandSet.from_trend(trend)
    figures = [
        *_stocks(seed, draws, targets),
        *_demand(seed, draws, trend, demand, targets),
        *_exhaustion(seed, draws, demand, targets),
    ]
    steps: tuple[object, ...] = ()
    if bridge:
        from forecast.replicate.bridge import run_bridge

        tables = (*TABLES, "epoch_models")
        steps = run_bridge(seed=seed, draws=draws)
    return Analysis(NAME, TITLE, tuple(figures), seed, draws, credits=tuple(attributions(tables)), bridge=steps)


def forecast_from(table: pd.DataFrame, as_of: float, seed: int = DEFAULT_SEED, draws: int = 4000) -> PublishedForecast:
    """Forecast as the analysis of 2024 would have, from the rows known on a date.

    Growth is normal through the 2.5 and 97.5 % points of a bootstrap slope on the rows to date; the level is the record
    to date, with the width of the published one (3e12 to 13e12 tokens at 90 %); the stock is the published effective
    one. The run-out year is the first passage by paths.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"year": [2019.0, 2020, 2021, 2022, 2023], "tokens": [1e10, 3e11, 4e11, 1e12, 2e12]})
    >>> forecast = forecast_from(rows, as_of=2023.5, seed=1, draws=500)
    >>> forecast.log10_tokens.shape[0], forecast.rows
    (500, 5)
    """
    years, log10_tokens = rows_to_date(table, as_of, FEWEST_ROWS)
    rng = generator(seed, "replicate", NAME, "forecast")
    record = float(log10_tokens.max())
    demand = HandSet.from_trend(bootstrap_trend(years, log10_tokens, rng, 4000, at=as_of), median=10**record, at=as_of)
    level, growth = demand.draw(rng, draws)
    stock = draw_stock(rng, draws, corrected=True)
    log_growth = np.log10(stock.growth)
    gap = np.log10(stock.tokens("effective", as_of)) - level
    times = trajectory_years(as_of)
    return PublishedForecast(
        name=NAME,
        as_of=as_of,
        exhaustion_year=line_crossing(gap, growth - log_growth, as_of, as_of),
        years=times,
        log10_tokens=level[:, None] + growth[:, None] * (times - as_of)[None, :],
        record_log10_tokens=record,
        rows=len(years),
    )


def _stocks(seed: int, draws: int, targets: dict[str, Target]) -> list[PublishedNumber]:
    rng = generator(seed, "replicate", NAME, "stock")
    drawn, flow = draw_stock(rng, draws), draw_internet_users_flow(rng, draws)
    notes = {
        "raw": "The paper rounds to two digits.",
        "quality": "Not printed in the paper: the indexed web times the quality factor, before repetition.",
        "effective": "Published as a round figure: the same inputs give a median about 7 % higher and wider ends.",
        "internet_users": "Most of it is private messages; Facebook's posts a month are added as if a year.",
    }
    figures = []
    for year in (2024, 2030):
        layers = {layer: drawn.tokens(layer, year) for layer in ("raw", "quality", "effective")}
        for layer, values in {**layers, "internet_users": flow * internet_users_years(year)}.items():
            reason = notes[layer] if year == 2024 else "Not printed in the paper; its inputs carried to 2030."
            figures.append(compare(f"stock.{layer}.{year}", "tokens", summarise_draws(values), targets, reason=reason))
    only = "Nothing published derives it: neither a formula nor code, only the figure itself."
    return [*figures, compare("stock.common_crawl.2024", "tokens", None, targets, reason=only, otherwise=_OUT)]


def _demand(seed: int, draws: int, trend: Trend, demand: HandSet, targets: dict[str, Target]) -> list[PublishedNumber]:
    level, growth = demand.draw(generator(seed, "replicate", NAME, "demand"), draws)
    reason = "The paper's text says 0.38; its own list of 80 models gives 0.37."
    figures = [compare("demand.growth", "log10 per year", summarise_draws(trend.slope), targets, reason=reason)]
    low, high = (float(LARGEST_NOW.quantile(p)) for p in (0.05, 0.95))
    reason = f"Drawn in the paper, not printed: {low:.0e} to {high:.0e} tokens in 2024 (90 %), carried on by the slope."
    for year in (2024, 2026, 2028, 2030):
        sizes = 10 ** (level + growth * (year - REFERENCE_YEAR))
        figures.append(compare(f"demand.historical.{year}", "tokens", summarise_draws(sizes), targets, reason=reason))
    return figures


def _exhaustion(seed: int, draws: int, demand: HandSet, targets: dict[str, Target]) -> list[PublishedNumber]:
    compute = draw_compute(seed, max(min(draws, COMPUTE_DRAWS), MIXTURE_DRAWS))
    read = published_run_out(CASES, demand, seed, compute=compute)
    exact = {name: passage(one, demand, seed, draws, compute=compute) for name, one in CASES.items()}
    medians = {name: float(quantiles(years, [0.5])[0]) for name, years in exact.items()}
    figures = []
    for name, one in CASES.items():
        ours = quantile_map([read[name].at(level) for level in LEVELS])
        status, reason = _judge(name, one, ours, medians, targets.get(name))
        figures.append(compare(name, "year", ours, targets, reason=reason, otherwise=status, rebuilt=one.mixture))
        # A shift may match where the level cannot: `compare` never calls a rebuilt figure matched on its own.
        corrected, ours = f"{name}.first_passage", summarise_draws(exact[name])
        reason = "First passage by paths: no grid, no bins, nothing redrawn; the published reading is up to 0.24 year"
        reason += " early."
        otherwise = _OUT if one.mixture else _SAID
        figures.append(
            compare(corrected, "year", ours, targets, reason=reason, otherwise=otherwise, rebuilt=one.mixture)
        )
    return figures


def _judge(
    name: str, one: Case, ours: Mapping[str, float | None], medians: Mapping[str, float], target: Target | None
) -> tuple[Status, str]:
    """Say what keeps a run-out year from being compared with the published one."""
    if target is None:
        basis = "the rebuilt compute route" if one.mixture else "historical demand alone"
        return (_OUT if one.mixture else _SAID), f"Not printed in the paper: its procedure with {basis}."
    if one.overtraining == 1:
        low, middle, high = (ours[key] or np.inf for key in ("0.1", "0.5", "0.9"))
        return _OUT, (
            f"Half of it needs a compute table that was never published. With the one rebuilt from its description the"
            f" 80 % interval is {low:.1f} to {high:.1f} and the median {middle:.1f}, {middle - target.median:+.1f}"
            f" years from the published {target.median:.0f}. The paper's own 4e14 tokens and 5e28 FLOP by that year"
            " need compute to double faster than every six months from 2022 on."
        )
    base = "exhaustion.mixture"
    shift, published = medians[name] - medians[base], target.median - _PUBLISHED_BASE
    within = re.search(r"within (\d+(?:\.\d+)?) year", target.tolerance)
    matched = within is not None and abs(shift - published) <= float(within[1])
    return ("matched" if matched else _SAID), (
        f"The level rests on the unpublished compute table, the shift hardly: {shift:+.1f} years from compute-optimal"
        f" by paths, published {published:+.0f}. Tokens grow by the square root of the factor, from 2025."
    )


_OUT: Status = "not reproducible"
_SAID: Status = "explained"
_PUBLISHED_BASE = 2028.0  # published median of the compute-optimal mixture (decimal year)
