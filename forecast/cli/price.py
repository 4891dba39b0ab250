"""``forecast price``: what the next token costs, by source, and how far prices could move the year."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from forecast.cli.evaluations import DEFAULT_DRAWS, Folder, Fresh, of_a_run, present
from forecast.cli.options import AsJson, AsOf, Draws, Jobs, Models, Quiet, ScenarioName, Scheduler, Seed, teller
from forecast.cli.printing import say_records, say_text
from forecast.core.files import check_writable
from forecast.core.seeds import DEFAULT_SEED
from forecast.core.wording import year_tenth

SHOWN = (2026, 2030, 2040)
"""Years of the table; the document has more."""


def price(
    scenario: ScenarioName = "baseline",
    models: Models = None,
    as_of: AsOf = None,
    seed: Seed = DEFAULT_SEED,
    draws: Draws = DEFAULT_DRAWS,
    fresh: Fresh = False,
    out: Folder = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
    jobs: Jobs = None,
    scheduler: Scheduler = None,
) -> None:
    """Show what the next token costs, by source and year, the bill of the largest run, and what prices would move."""
    if out is not None:
        check_writable(out)
    from forecast.evaluate import price as room
    from forecast.runs.pipeline import Options

    tell = teller(quiet or as_json)
    options = Options(models=models, as_of=as_of, seed=seed, draws=draws, jobs=jobs, scheduler=scheduler)
    content, _ = of_a_run(room, "price", scenario, options, fresh=fresh, tell=tell)
    present("price", content, lambda: show(content), out=out, as_json=as_json, tell=tell)


def show(content: Mapping[str, Any]) -> None:
    """Print prices by source, bills by year, and what they would move."""
    from forecast.plots.price import dollars, interval_words
    from forecast.runs.sentence import percent

    rows: dict[str, dict[str, str]] = {}
    for row in content["prices"]:
        line = rows.setdefault(row["source"], {"the next token": row["title"]})
        if row["year"] in SHOWN:
            line[str(row["year"])] = interval_words(row["usd_per_million_useful_tokens"])
        if row["year"] == SHOWN[1]:
            line[f"cheapest in {SHOWN[1]}"] = percent(row["cheapest_share"])
        line["cheapest from"] = year(row["cheapest_from"])
    say_records(list(rows.values()), wide=("the next token",))
    say_text(
        "",
        f"In {content['unit']}: median and 80 % interval. Cheapest from: median over futures of the first such date.",
        "",
    )
    bills = [
        {
            "the largest run": year,
            "its text": interval_words(bill),
            "its computing": interval_words(content["frontier_computing_usd"][year]),
            "needs text to order": percent(content["to_order"][year]),
        }
        for year, bill in content["frontier_bill_usd"].items()
        if int(year) in SHOWN
    ]
    say_records(bills)
    half, most = content["licensing"]["half"], content["licensing"]["nine_tenths"]
    still, priced = content["answer"]["as_it_is"], content["answer"]["priced"]
    found = content["check"]
    low, high = found["ratio"]["intervals"]["0.8"]
    say_text(
        "",
        f"Licences bring back half of what is closed at {interval_words(half['usd_per_million_useful_tokens'])}, nine tenths "
        f"at {interval_words(most['usd_per_million_useful_tokens'])}; the first is paid in {percent(half['paid_in_2030'])} of "
        "futures in 2030.",
        f"With demand and supply answering to prices, by 2030: {percent(priced['probability_by_2030'])} instead of "
        f"{percent(still['probability_by_2030'])}; median {year(priced['median'])} instead of {year(still['median'])}.",
        f"Check: {found['model']} is said to have cost {dollars(found['stated_usd'][0])} against "
        f"{dollars(found['stated_usd'][1])}, {found['stated_ratio']:.1f} times less. Published gains of small models are "
        f"{found['published_speed_ups'][0]:g} to {found['published_speed_ups'][1]:g} times; what is taken to reach the "
        f"frontier gives {found['ratio']['median']:.2g} times (80 %: {low:.2g} to {high:.2g}). All its parameters trained "
        f"for that money read {found['tokens_a_parameter_for_stated_usd']['median']:.2g} tokens each, so that it hardly "
        "pays for training from the start.",
    )


def year(value: float | None) -> str:
    """Return a decimal year for a table."""
    return "never" if value is None else year_tenth(value)
