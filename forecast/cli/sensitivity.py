"""``forecast sensitivity``: which assumption moves the year, and which measurement would narrow it most."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from forecast.cli.evaluations import Folder, Fresh, present, print_table, stored_or_new
from forecast.cli.options import AsJson, Draws, Jobs, Quiet, ScenarioName, Scheduler, Seed, teller
from forecast.cli.printing import say
from forecast.core.files import check_writable
from forecast.core.seeds import DEFAULT_SEED

DEFAULT_DRAWS = 4000
"""Draws of the stored result."""


def sensitivity(
    scenario: ScenarioName = "baseline",
    seed: Seed = DEFAULT_SEED,
    draws: Draws = DEFAULT_DRAWS,
    fresh: Fresh = False,
    out: Folder = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
    jobs: Jobs = None,
    scheduler: Scheduler = None,
) -> None:
    """Show how far each input moves the year, its share of the uncertainty, and what knowing it would be worth."""
    if out is not None:
        check_writable(out)
    import forecast.evaluate.sensitivity.run as room

    tell = teller(quiet or as_json)

    def make() -> dict[str, Any]:
        return room.sensitivity(scenario, seed=seed, draws=draws, progress=tell, jobs=jobs, scheduler=scheduler)

    other = (scenario, seed, draws) != ("baseline", DEFAULT_SEED, DEFAULT_DRAWS)
    content = stored_or_new("sensitivity", room.settings, make, fresh=fresh or other, tell=tell)
    present("sensitivity", content, lambda: show(content), out=out, as_json=as_json, tell=tell)


def show(content: Mapping[str, Any]) -> None:
    """Print the three answers as one table, and what they mean."""
    import pandas as pd

    from forecast.core.wording import year_tenth as year
    from forecast.runs.sentence import percent

    rows = []
    for one in content["inputs"]:
        low, high = one["tornado"]["low"], one["tornado"]["high"]
        gap, by = one["sobol"]["log_gap_2030"], one["sobol"]["by_2030"]
        known, half = one["information"]["known"], one["information"]["half"]
        rows.append(
            {
                "input": one["title"],
                "median": f"{year(high['median'])} to {year(low['median'])}",
                "by 2030": f"{percent(low['probability_by_2030'])} to {percent(high['probability_by_2030'])}",
                "gap: alone (all)": _index(gap),
                "by 2030: alone (all)": _index(by),
                "years gained": f"{known['crps_years']:.2f}",
                "half": "" if half is None else f"{half['crps_years']:.2f}",
                "by measuring": one["measurement"],
            }
        )
    print_table(pd.DataFrame(rows), wide=("input", "by measuring"))
    answer, error = content["answer"], content["expected_error"]
    say(
        "",
        f"As it is: median {year(answer['median'])}, by 2030 {percent(answer['probability_by_2030'])}, expected error "
        f"{error['crps_years']:.2f} years (CRPS of the year, cut at 2050), Brier score {error['brier']:.3f}.",
        "Median and by 2030: with the input near its 10 % and its 90 % point, all others as they are. Alone (all): first "
        "and total Sobol index, of the log gap on 1 January 2030 and of {by the end of 2030}. Years gained: expected "
        "error that goes if the input is known, and if it is half as uncertain; below about 0.01 it is noise.",
    )


def _index(found: Mapping[str, float]) -> str:
    # An index is a share; an estimate a little below zero is zero.
    return f"{max(found['first'], 0.0):.2f} ({max(found['total'], 0.0):.2f})"
