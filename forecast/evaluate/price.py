"""What the next token costs, by source and year, in a scenario's own futures, and what the answer owes to prices."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast.consumption.alternatives.compute_route import FLOP_PER_PARAMETER_TOKEN
from forecast.core.seeds import DEFAULT_SEED
from forecast.core.summaries import plain, quantiles, summarise
from forecast.core.trajectory import DRAW, YEAR
from forecast.core.units import calendar_date
from forecast.errors import InputError
from forecast.ingest.catalog import load_table
from forecast.runs import pipeline
from forecast.runs.inputs import TEXT
from forecast.runs.passage import crossing_years
from forecast.runs.sentence import HEADLINE_YEAR
from forecast.scenarios import scenario as scenarios
from forecast.scenarios.levers.token_market import DOLLARS_OF
from forecast.scenarios.market import MILLION, NAME, SOURCES, Market, market

if TYPE_CHECKING:
    from forecast.runs.results import Results
    from forecast.scenarios.scenario import Scenario

YEARS = (2026, 2027, 2028, 2029, 2030, 2032, 2035, 2040, 2050)
"""Years whose prices are told: each names its 1 January."""

RESPONDING = "priced"
"""The shipped scenario in which demand and supply answer to prices."""

BACK = {"half": 0.5, "nine_tenths": 0.9}
"""Shares of what is closed, and not yet licensed, for whose price is asked."""

PALMYRA = ("Palmyra X 004, nearly all synthetic data", "OpenAI model of comparable size, for comparison")
"""Rows of the table token_prices that are held against the prices here: the vendor's model and its comparison."""

PALMYRA_MODEL, PALMYRA_DATE = "Palmyra X 004", 2024.77
"""Its row of the table epoch_models, which states its parameters, and its date (decimal year)."""

SPEED_UPS = (
    "Speed-up of 1/3 rephrased + 2/3 natural",
    "BeyondWeb speed-up vs open web / vs Nemotron-Synth",
    "SynPro effective tokens vs plain repetition",
)
"""Rows of the table lever_estimates with published gains of small models, which the transfer to the frontier shrinks."""

REWRITTEN_EACH = 0.5
"""Rewritten tokens for each human one at a share of one third, at which their worth was measured."""


def price(
    scenario: str | Path | Scenario = "baseline",
    *,
    options: pipeline.Options | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> dict[str, Any]:
    """Return what the next token costs, by source and year.

    Parameters
    ----------
    scenario : str, pathlib.Path or Scenario, default "baseline"
        A shipped name, a TOML file, or a scenario already loaded. Prices are those beside its futures before demand and
        supply answer to them.
    options : Options, optional
        As a run takes them.
    progress : callable, optional
        Told of each step.

    Returns
    -------
    dict
        ``prices``, one row for each source and year; ``frontier_bill_usd``, ``frontier_computing_usd`` and
        ``computing_usd_per_million_tokens`` by year;
        ``to_order``, the share of futures whose run needs text written to order; ``licensing``; ``answer``, without and
        with an answer to prices; ``check``.

    Raises
    ------
    InputError
        If the scenario is not about text, or does not say what text costs.

    Examples
    --------
    >>> found = price("baseline")  # doctest: +SKIP
    >>> found["prices"][0]["source"]  # doctest: +SKIP
    'public'
    """
    given = scenarios.load(scenario) if isinstance(scenario, str | Path) else scenario
    options = options or pipeline.Options(seed=DEFAULT_SEED)
    if (options.resource or given.resource_name) not in TEXT:
        raise InputError(f"prices of {options.resource or given.resource_name}", "a scenario of text", "choose another")
    own = given.setting(NAME)
    if own is None:
        raise InputError(f"{given.name} without the lever {NAME}", "what text costs", 'write extends = "baseline"')
    still = scenarios.load("baseline").setting(NAME)
    answering = own if NAME in given.levers else scenarios.load(RESPONDING).levers[NAME]
    assert still is not None, "the baseline names every lever"
    at_rest = replace(own, quantities={**own.quantities, "response": still.quantities["response"]})
    responding = replace(own, quantities={**own.quantities, "response": answering.quantities["response"]})
    levers = {**given.idle, **given.levers}
    results = pipeline.work_out(given.with_levers({**levers, NAME: at_rest}), options=options, progress=progress)
    progress("prices")
    years = results.frontier[YEAR].values
    there = _market(results, given.with_levers({**levers, NAME: responding}), years, options.seed)
    told = [year for year in YEARS if year <= options.horizon]
    few = _market(results, given, np.array(told, dtype=float), options.seed)
    beside, bill = few.next_prices(), few.bill()
    as_of = float(results.inputs.data.as_of)
    cheapest = _cheapest(there.next_prices(), years)
    lowest = np.stack([np.broadcast_to(beside[name], bill.shape) for name in SOURCES]).argmin(axis=0)
    whole = few.wanted * few.computing / MILLION
    return {
        "scenario": given.name,
        "as_of": calendar_date(as_of).isoformat(),
        "unit": f"US dollars of {DOLLARS_OF:.0f} a million useful tokens",
        "prices": [
            {
                "source": name,
                "title": title,
                "year": year,
                "usd_per_million_useful_tokens": summarise(np.broadcast_to(beside[name], bill.shape)[:, column]),
                "cheapest_from": cheapest[name],
                "cheapest_share": round(float((lowest[:, column] == place).mean()), 4),
            }
            for place, (name, title) in enumerate(SOURCES.items())
            for column, year in enumerate(told)
        ],
        "frontier_bill_usd": {str(year): summarise(bill[:, column]) for column, year in enumerate(told)},
        "frontier_computing_usd": {str(year): summarise(whole[:, column]) for column, year in enumerate(told)},
        "computing_usd_per_million_tokens": {
            str(year): summarise(few.computing[:, column]) for column, year in enumerate(told)
        },
        "to_order": _to_order(few, told),
        "licensing": _licensing(few, told),
        "answer": _answers(results, there, years),
        "check": check(given, options.seed, results.frontier.sizes[DRAW]),
    }


def _market(results: Results, scenario: Scenario, years: np.ndarray, seed: int) -> Market:
    """Return the market beside a run's futures, in some years of its grid."""
    at = np.searchsorted(results.frontier[YEAR].values, years)
    factors = {layer.name: layer.log10_factor[:, at] for layer in results.layers}
    return market(scenario, results.frontier.values[:, at], results.effective.values[:, at], factors, years, seed=seed)


def _cheapest(prices: Mapping[str, np.ndarray], years: np.ndarray) -> dict[str, float | None]:
    """Return the median over futures of each source's first date as the cheapest, 2026 at the earliest, or None for never."""
    ahead = years >= DOLLARS_OF
    lowest = np.stack(list(np.broadcast_arrays(*prices.values())))[:, :, ahead].argmin(axis=0)
    found = {}
    for place, name in enumerate(prices):
        won = lowest == place
        first = np.where(won.any(axis=1), years[ahead][won.argmax(axis=1)], np.inf)
        found[name] = plain(float(quantiles(first, [0.5])[0]))
    return found


def _to_order(few: Market, years: list[int]) -> dict[str, float]:
    """Return the share of futures whose run no other source can supply below the price of writing to order."""
    whole = replace(few, response=np.array(1.0), computing=np.array(np.inf), most_paid=few.written)
    short = whole.excess(whole.written) > 0
    return {str(year): round(float(short[:, column].mean()), 4) for column, year in enumerate(years)}


def _licensing(few: Market, years: list[int]) -> dict[str, Any]:
    """Return the price at which licensing brings back a part of what is closed, and how often anybody pays it."""
    found: dict[str, Any] = {}
    column = years.index(HEADLINE_YEAR)
    for name, share in BACK.items():
        asked = np.broadcast_to(few.asked_at(few.sold + share * (1.0 - few.sold)), few.wanted.shape)[:, column]
        paid = np.broadcast_to(few.most_paid, few.wanted.shape)[:, column]
        found[name] = {
            "usd_per_million_useful_tokens": summarise(asked),
            f"paid_in_{HEADLINE_YEAR}": round(float((asked <= paid).mean()), 4),
        }
    return found


def _answers(results: Results, there: Market, years: np.ndarray) -> dict[str, Any]:
    """Return median and probability without and with an answer to prices, from the same draws."""
    saved, brought = there.settled(there.price())
    use, stock = results.frontier.values, results.effective.values
    sides = {
        "as_it_is": (use, stock),
        "priced": (use + saved, stock + brought),
        "demand_alone": (use + saved, stock),
        "supply_alone": (use, stock + brought),
    }
    return {name: _answer(crossing_years(*pair, years)) for name, pair in sides.items()}


def _answer(year: np.ndarray) -> dict[str, Any]:
    low, middle, high = (plain(float(value)) for value in quantiles(year, [0.1, 0.5, 0.9]))
    by = float(np.mean(year < HEADLINE_YEAR + 1))
    return {"median": middle, "interval_0.8": [low, high], "probability_by_2030": round(by, 6)}


def check(scenario: Scenario, seed: int, size: int) -> dict[str, Any]:
    """Hold a vendor's figure for a model on machine-written text against what the prices here say of it.

    A run on human text alone, over one with a third rewritten that reads as many useful tokens: dollars of computing and
    of text.
    """
    stated = load_table("token_prices").set_index("item")["amount_mid"]
    models = load_table("epoch_models").set_index("model")["parameters"]
    gains = load_table("lever_estimates").set_index("parameter").loc[list(SPEED_UPS)]
    own, others = (float(stated[name]) for name in PALMYRA)
    draws = scenario.draw_lever(NAME, seed=seed, size=size)
    back = DOLLARS_OF - PALMYRA_DATE
    size_of = float(models[PALMYRA_MODEL])
    a_flop = draws["compute_learning"] ** back / draws["flop_per_dollar"]
    computing = MILLION * FLOP_PER_PARAMETER_TOKEN * size_of * a_flop
    writing = draws["rewriting"] * draws["verification"] * draws["learning"] ** back
    found = draws["public_cost"]
    worth = draws["worth"] * scenario.draw_lever("synthetic", seed=seed, size=size)["scale_transfer"]
    mixed = (1.0 + REWRITTEN_EACH) * computing + found + REWRITTEN_EACH * writing
    ratio = (computing + found) / mixed * np.maximum(1.0 + REWRITTEN_EACH * worth, 0.0)
    return {
        "model": PALMYRA_MODEL,
        "stated_usd": [own, others],
        "stated_ratio": round(others / own, 3),
        "ratio": summarise(ratio),
        "published_speed_ups": [float(gains["low"].min()), float(gains["high"].max())],
        "probability_of_stated": round(float((ratio >= others / own).mean()), 4),
        "tokens_a_parameter_for_stated_usd": summarise(own / (computing + writing) * MILLION / size_of),
    }


def settings() -> dict[str, Any]:
    """Return what shapes the stored result beside its seed: the prices, and how far sides answer to them."""
    priced = scenarios.load(RESPONDING)
    return {"baseline": scenarios.load("baseline").numbers_digest(), RESPONDING: priced.numbers_digest()}


def evaluate(*, progress: Callable[[str], None], jobs: int | None, scheduler: str | None = None) -> dict[str, Any]:
    """Return the prices beside the baseline's futures."""
    return price(options=pipeline.Options(jobs=jobs, scheduler=scheduler), progress=progress)
