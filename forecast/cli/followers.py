"""``forecast followers``: who else runs out of text, and when."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from forecast.cli.evaluations import DEFAULT_DRAWS, Fresh, of_a_run
from forecast.cli.options import AsJson, AsOf, Draws, Jobs, Models, Quiet, ScenarioName, Scheduler, Seed, teller
from forecast.cli.price import year
from forecast.cli.printing import say_json, say_records, say_text
from forecast.core.seeds import DEFAULT_SEED


def followers(
    scenario: ScenarioName = "baseline",
    models: Models = None,
    as_of: AsOf = None,
    seed: Seed = DEFAULT_SEED,
    draws: Draws = DEFAULT_DRAWS,
    fresh: Fresh = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
    jobs: Jobs = None,
    scheduler: Scheduler = None,
) -> None:
    """Show when runs that follow the largest run out of text, and in which languages, with and without a teacher."""
    from forecast.evaluate import followers as room
    from forecast.runs.pipeline import Options

    tell = teller(quiet or as_json)
    options = Options(models=models, as_of=as_of, seed=seed, draws=draws, jobs=jobs, scheduler=scheduler)
    content, _ = of_a_run(room, "followers", scenario, options, fresh=fresh, tell=tell)
    if as_json:
        say_json(content, indent=1, allow_nan=False)
    else:
        show(content)


def show(content: Mapping[str, Any]) -> None:
    """Print when each party runs out, and how far behind those are who follow."""
    from forecast.runs.sentence import percent

    rows = []
    for party in content["parties"]:
        alone, taught = party["without_teacher"], party.get("with_teacher")
        low, high = (_since(end, content) for end in alone["interval_0.8"])
        rows.append(
            {
                "who": party["title"],
                "of the text": f"{float(f'{100 * party["share_of_stock"]:.2g}'):g} %",
                "runs out": _since(alone["median"], content),
                "80 % interval": f"{low} to {high}",
                "by 2030": percent(alone["probability_by_2030"]),
                "already": percent(alone["already"]),
                "with a teacher": "" if taught is None else _since(taught["median"], content),
                "by 2030, taught": "" if taught is None else percent(taught["probability_by_2030"]),
            }
        )
    say_records(rows, wide=("who",))
    runs = content["runs"]
    say_text(
        "",
        f"Since {runs['since']:.1f} {percent(runs['share_that_follow'])} of published runs follow: they are smaller than half "
        f"of the record of their day, {runs['over_record']['median']:.2g} of it in the middle and "
        f"{runs['over_frontier']['median']:.2g} of the largest feasible run. A language's run wants a part of its text in "
        "that language alone; what other languages teach is not counted.",
    )


def _since(value: float | None, content: Mapping[str, Any]) -> str:
    """Return a decimal year; of what had run out when the futures begin, that it may have been earlier."""
    return year(value) + (" or before" if value == content["first_year"] else "")
