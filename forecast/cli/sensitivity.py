"""``forecast sensitivity``: which assumption moves the year, which measurement would narrow it, what one fact would tell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from forecast.cli.evaluations import Folder, Fresh, present, print_table, stored_or_new
from forecast.cli.options import AsJson, AsOf, Draws, Jobs, Models, Quiet, ScenarioName, Scheduler, Seed, teller
from forecast.cli.printing import say
from forecast.core.files import check_writable
from forecast.core.seeds import DEFAULT_SEED

DEFAULT_DRAWS = 4000
"""Draws of the stored result."""

If = Annotated[
    bool, typer.Option("--if", help="Instead, the answer given each of a list of facts that somebody could state.")
]


def sensitivity(
    scenario: ScenarioName = "baseline",
    if_: If = False,
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
    """Show how far each input moves the year, its share of the uncertainty, and what knowing it would be worth."""
    if out is not None:
        check_writable(out)
    from importlib import import_module

    from forecast.evaluate.over_priors import stored_together
    from forecast.runs.pipeline import Options

    name = "disclosures" if if_ else "sensitivity"
    room = import_module(f"forecast.evaluate.{name}.run")
    tell = teller(quiet or as_json)
    options = Options(models=models, as_of=as_of, seed=seed, draws=draws, jobs=jobs, scheduler=scheduler)

    def make() -> dict[str, Any]:
        found: dict[str, Any] = getattr(room, name)(scenario, options=options, progress=tell)
        return found

    other = (scenario, models, as_of, seed, draws) != ("baseline", None, None, DEFAULT_SEED, DEFAULT_DRAWS)
    content = stored_or_new(name, room.settings, make, fresh=fresh or other, tell=tell)
    if if_:
        present(name, content, lambda: show_if(content), out=out, as_json=as_json, tell=tell)
    else:
        together = None if other else stored_together()
        present(
            name,
            content,
            lambda: show(content, together["together"] if together else ()),
            out=out,
            as_json=as_json,
            tell=tell,
        )


def show_if(content: Mapping[str, Any]) -> None:
    """Print the answer as it is, the answer given each fact, and the parts of the premium."""
    import pandas as pd

    from forecast.evaluate.disclosures.premium import check_of
    from forecast.runs.sentence import percent

    first = {"sentence": "nothing more", "note": None, **content["answer"]}
    rows = [
        {
            "if we knew": row["sentence"],
            "by 2030": row["note"] or percent(row["probability_by_2030"]),
            "median": "" if row["note"] else _year(row["median"]),
            "already": "" if row["note"] else percent(row["already"]),
            "futures": f"{row['n_effective']:.0f}",
        }
        for row in (first, *content["if"])
    ]
    print_table(pd.DataFrame(rows), wide=("if we knew",))
    premium = content["premium"]
    say(
        "",
        f"Futures: how many the answer is worth; fewer than {content['settings']['floor']:.0f} give no answer. Where few "
        "agree with a stated size, and for a share, the growth models are fitted again by the fast engine"
        + (
            f", which says {percent(content['answer_by_particles']['probability_by_2030'])} without them."
            if content["answer_by_particles"]
            else "."
        ),
        "",
        f"The frontier is inferred at {10 ** premium['log10']:.1f} times the published record ({premium['record']['model']}):",
    )
    print_table(
        pd.DataFrame(
            [
                {"part": one["title"], "factor": f"x{10 ** one['log10']:.2f}", "could be checked by": check_of(one)}
                for one in premium["parts"]
            ]
        ),
        wide=("part", "could be checked by"),
    )


def show(content: Mapping[str, Any], together: Sequence[Mapping[str, Any]] = ()) -> None:
    """Print the three answers as one table, what they mean, and the answer over the pace of all growth models."""
    import pandas as pd

    from forecast.runs.sentence import percent

    rows = []
    for one in content["inputs"]:
        low, high = one["tornado"]["low"], one["tornado"]["high"]
        gap, by = one["sobol"]["log_gap_2030"], one["sobol"]["by_2030"]
        known, half = one["information"]["known"], one["information"]["half"]
        rows.append(
            {
                "input": one["title"],
                "median": f"{_year(high['median'])} to {_year(low['median'])}",
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
        f"As it is: median {_year(answer['median'])}, by 2030 {percent(answer['probability_by_2030'])}, expected error "
        f"{error['crps_years']:.2f} years (CRPS of the year, cut at 2050), Brier score {error['brier']:.3f}.",
        "Median and by 2030: with the input near its 10 % and its 90 % point, all others as they are. Alone (all): first "
        "and total Sobol index, of the log gap on 1 January 2030 and of {by the end of 2030}. Years gained: expected "
        "error that goes if the input is known, and if it is half as uncertain; below about 0.01 it is noise.",
    )
    if together:
        say("", "All growth models together, the centres of their priors on growth at the same place:")
        print_table(
            pd.DataFrame(
                [
                    {
                        "growth": f"x{10 ** row['centre']:.1f} a year ({row['centre']:g} {row['unit']})",
                        "median": _year(row["median"]),
                        "by 2030": percent(row["probability_by"]["2030"]),
                    }
                    for row in together
                ]
            )
        )


def _year(value: float | None) -> str:
    return "never" if value is None else f"{value:.1f}"


def _index(found: Mapping[str, float]) -> str:
    # An index is a share; an estimate a little below zero is zero.
    return f"{max(found['first'], 0.0):.2f} ({max(found['total'], 0.0):.2f})"
