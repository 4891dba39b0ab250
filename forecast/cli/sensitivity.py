"""``forecast sensitivity``: which assumption moves the year, which measurement would narrow it, what one fact would tell."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any

import typer

from forecast.cli.evaluations import DEFAULT_DRAWS, Folder, Fresh, of_a_run, present
from forecast.cli.options import AsJson, AsOf, Draws, Jobs, Models, Quiet, ScenarioName, Scheduler, Seed, teller
from forecast.cli.printing import say_table, say_text
from forecast.core.files import check_writable
from forecast.core.seeds import DEFAULT_SEED
from forecast.core.wording import percent_words, year_tenth
from forecast.runs.sentence import HEADLINE_YEAR

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
    tell = teller(quiet or as_json)
    from importlib import import_module

    from forecast.evaluate.over_priors import stored_together
    from forecast.runs.pipeline import Options

    name = "disclosures" if if_ else "sensitivity"
    room = import_module(f"forecast.evaluate.{name}.run")
    options = Options(models=models, as_of=as_of, seed=seed, draws=draws, jobs=jobs, scheduler=scheduler)
    content, other = of_a_run(room, name, scenario, options, fresh=fresh, tell=tell)
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
    from forecast.evaluate.disclosures.premium import check_of

    answer = content["answer"]
    known = [row for row in content["if"] if not row["note"]]
    if known:
        low, high = (_odds(end(known, key=_by_2030)) for end in (min, max))
        say_text(
            f"The odds by the end of {HEADLINE_YEAR} are {_odds(answer)}; if one of these facts were known, they would be "
            f"{low} at the lowest and {high} at the highest.",
            "",
        )
    first = {"sentence": "Nothing more", "note": None, **answer}
    say_table(
        ("if we knew", f"by {HEADLINE_YEAR}", "median", "already", "futures"),
        [
            (
                row["sentence"].rstrip("."),
                row["note"] or percent_words(row["probability_by_2030"]),
                "" if row["note"] else _year(row["median"]),
                "" if row["note"] else percent_words(row["already"]),
                f"{row['n_effective']:.0f}",
            )
            for row in (first, *content["if"])
        ],
        right=range(1, 5),
    )
    premium = content["premium"]
    fast = content["answer_by_particles"]
    say_text(
        "",
        f"Futures: how many the answer is worth; fewer than {content['settings']['floor']:.0f} give no answer. Where few "
        "agree with a stated size, and for a share, the growth models are fitted again by the fast engine"
        + (f", which says {percent_words(fast['probability_by_2030'])} without them." if fast else "."),
        "",
        f"The largest feasible run is inferred at {10 ** premium['log10']:.1f} times the published record "
        f"({premium['record']['model']}):",
    )
    say_table(
        ("part", "factor", "could be checked by"),
        [(one["title"], f"x{10 ** one['log10']:.2f}", check_of(one)) for one in premium["parts"]],
    )


def show(content: Mapping[str, Any], together: Sequence[Mapping[str, Any]] = ()) -> None:
    """Print what moves the answer most, how far each input does, what would narrow it, and the pace of all models."""
    inputs, answer, error = content["inputs"], content["answer"], content["expected_error"]
    if inputs:
        most = max(inputs, key=lambda one: abs(_by_2030(one["tornado"]["high"]) - _by_2030(one["tornado"]["low"])))
        say_text(
            f"What moves the answer most: {most['title']}. Between its 10% and its 90% point the odds by the end of "
            f"{HEADLINE_YEAR} go from {_ends(most, _odds)} and the median from {_ends(most, _median)}; as it is they are "
            f"{_odds(answer)} and {_median(answer)}.",
            "",
        )
    say_table(("input", "median", f"by {HEADLINE_YEAR}", "gain", "half"), [_moves(one) for one in inputs])
    say_text(
        "",
        f"Median and by {HEADLINE_YEAR}: with the input at its 10% and its 90% point, all others as they are. Gain: years "
        "of expected error that go if the input is known, and if it is half as uncertain; below about 0.01 it is noise. "
        f"Expected error now: {error['crps_years']:.2f} years (CRPS of the year, cut at 2050), Brier score "
        f"{error['brier']:.3f}.",
        "",
        "Each input's share of the uncertainty:",
    )
    say_table(
        ("input", "gap on 1 January 2030", f"by {HEADLINE_YEAR}"),
        [(one["title"], _index(one["sobol"]["log_gap_2030"]), _index(one["sobol"]["by_2030"])) for one in inputs],
    )
    say_text(
        "",
        "Shares: first Sobol index and, in brackets, total; of the log10 of the largest feasible run over the usable text, "
        f"and of the odds by the end of {HEADLINE_YEAR}.",
        "",
        "What would narrow it, the most first:",
    )
    say_text(*(f"  {one['title']}: {one['measurement']}" for one in inputs), hang=2)
    if together:
        say_text("", "All growth models together, the centres of their priors on growth at the same place:")
        say_table(
            ("growth", "median", f"by {HEADLINE_YEAR}"),
            [
                (
                    f"x{10 ** row['centre']:.1f} a year ({row['centre']:g} {row['unit']})",
                    _year(row["median"]),
                    percent_words(row["probability_by"][str(HEADLINE_YEAR)]),
                )
                for row in together
            ],
            right=(1, 2),
        )


def _moves(one: Mapping[str, Any]) -> tuple[str, ...]:
    known, half = one["information"]["known"], one["information"]["half"]
    gained = ["" if part is None else f"{part['crps_years']:.2f}" for part in (known, half)]
    return one["title"], _ends(one, _median), _ends(one, _odds), *gained


def _ends(one: Mapping[str, Any], words: Callable[[Mapping[str, Any]], str]) -> str:
    """Return an answer with an input at its 10% and at its 90% point, in that order."""
    return f"{words(one['tornado']['low'])} to {words(one['tornado']['high'])}"


def _odds(answer: Mapping[str, Any]) -> str:
    return percent_words(_by_2030(answer))


def _median(answer: Mapping[str, Any]) -> str:
    return _year(answer["median"])


def _by_2030(answer: Mapping[str, Any]) -> float:
    return float(answer["probability_by_2030"])


def _year(value: float | None) -> str:
    return "never" if value is None else year_tenth(value)


def _index(found: Mapping[str, float]) -> str:
    # An index is a share; an estimate a little below zero is zero.
    return f"{max(found['first'], 0.0):.2f} ({max(found['total'], 0.0):.2f})"
