"""A slice of every stored result, made again: the smallest piece that is worth comparing gives what is stored.

What hangs on libraries (statsmodels, scipy) and on processors is held to a few digits, what a random stream decides to
all of them. What is sampled is held to Monte Carlo error: compiled code that differs in its last digits (another
processor, or functions that PyTensor's Numba cache had compiled before) sends a chain another way. Left out:
`spreading`, `scale` and `speed`, measurements of time.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from waiting import WAITING

from forecast.evaluate import bridge, over_priors, scenarios
from forecast.evaluate.backtest import protocol
from forecast.evaluate.backtest import run as backtest
from forecast.evaluate.calibration import recovery
from forecast.evaluate.calibration import run as calibration
from forecast.evaluate.claims import run as claims
from forecast.ingest.stored import read
from forecast.scenarios.scenario import load

pytestmark = pytest.mark.slow


def content_of(name: str) -> Any:
    """Return the content of a stored result; one that waits to be made again is compared with nothing."""
    if name in WAITING:
        pytest.skip(f"the stored result {name} is stale")
    return read(name, None).content


def same(now: Any, then: Any, tolerance: float = 1e-6) -> None:
    """Assert that two contents are equal, numbers to a relative tolerance."""
    if isinstance(then, dict):
        assert set(now) == set(then)
        for key in then:
            same(now[key], then[key], tolerance)
    elif isinstance(then, list):
        assert len(now) == len(then)
        for one, other in zip(now, then, strict=True):
            same(one, other, tolerance)
    elif isinstance(then, float) and not isinstance(now, bool):
        assert now == pytest.approx(then, rel=tolerance, abs=1e-9)
    else:
        assert now == then


def near(now: Any, then: Any) -> None:
    """Assert that two answers differ by Monte Carlo error at most: the median and the probabilities by year."""
    assert now["median"] == pytest.approx(then["median"], abs=0.3)
    by = [year for year in then["probability_by"] if year in now["probability_by"]]
    assert by
    for year in by:
        assert now["probability_by"][year] == pytest.approx(then["probability_by"][year], abs=0.03)


def test_what_a_synthetic_token_is_worth():
    from forecast.collapse.yields import SCENARIO_SETTINGS, scenario_yield
    from forecast.core.seeds import DEFAULT_SEED, generator
    from forecast.evaluate.synthetic_worth import DRAWS

    then = content_of("synthetic_worth")["scenarios"]
    for name in SCENARIO_SETTINGS:
        rng = generator(DEFAULT_SEED, "evaluate", "synthetic_worth", name)
        same(_plain(scenario_yield(name, rng, DRAWS).summary()), then[name])


def test_the_first_steps_of_the_bridge():
    from forecast.replicate.bridge import run_bridge

    then = content_of("bridge")
    steps = run_bridge(seed=then["seed"], draws=then["draws"])
    same([_plain(step.to_json()) for step in steps], then["steps"][: len(steps)])


def test_variants_that_need_no_sampler():
    from forecast.evaluate.variants import run_variants

    then = {row["name"]: row for row in content_of("variants")["variants"]}
    for row in run_variants([name for name, row in then.items() if row["kind"] in ("route", "baseline")]):
        same(_plain(row), then[row["name"]], tolerance=1e-4)


def test_what_rivals_foretold_from_two_origins():
    content_of("backtest")  # skips where it waits to be made again
    stored = backtest.read_stored().content
    plan = dataclasses.replace(protocol.Plan(), origins=(2020.5, 2024.0), members=())
    made = backtest.backtest(*_shipped(), plan=plan, jobs=1)["rows"]
    assert {row["method"] for row in made} >= {"epoch2022", "epoch2024", "ols"}
    then = {_place(row): row for row in stored["rows"] if row["kind"] not in ("member", "combination")}
    for row in made:
        same(_plain(row), then[_place(row)], tolerance=1e-3)


def test_the_protocol_but_for_how_it_names_what_scores():
    frozen = [entry["content"] for entry in content_of("protocol")["protocols"]]
    then, now = [content for content in frozen if "version" not in content][-1], protocol.current()
    left = {"code", "fingerprints"}
    same(_plain({k: v for k, v in now.items() if k not in left}), {k: v for k, v in then.items() if k not in left})


def test_one_simulated_truth_for_every_member_family(monkeypatch, tmp_path):
    monkeypatch.setenv("FORECAST_CACHE", str(tmp_path))
    then = {(row["world"], row["member"]): row for row in content_of("recovery")["places"]}
    task = next(task for task in recovery.tasks(care=recovery.PARTICLES) if task.member.name == "damped")
    found = recovery.score(task)
    stored = then[task.world.name, task.member.name]
    assert [one["error"] for one in found["horizons"]] == pytest.approx(stored["errors"], abs=0.1)
    assert [one["place"] for one in found["horizons"]] == pytest.approx(stored["places"], abs=0.08)


def test_the_first_of_the_frozen_worlds():
    from forecast.evaluate.worlds import run as worlds
    from forecast.evaluate.worlds.scoring import score_world
    from forecast.evaluate.worlds.shift import of_the_forecast

    then = content_of("worlds")
    assert then["evaluated"] == worlds.EVALUATED
    assert then["frozen"]["sha256"] == worlds.settings()["frozen"]
    found = score_world(worlds.tasks(1)[0])
    for now, stored in zip([*found["rows"], *of_the_forecast(found["tried"])], then["first"], strict=True):
        assert [now[key] for key in ("world", "origin", "who", "horizon")] == [
            stored[key] for key in ("world", "origin", "who", "horizon")
        ]
        assert now["place"] == pytest.approx(stored["place"], abs=0.1)
        assert now["crps"] == pytest.approx(stored["crps"], abs=0.1)


def test_the_true_years_of_the_calibration():
    from forecast.evaluate.calibration.recovery import SHORT, shipped_data
    from forecast.evaluate.calibration.truth import baseline_stocks, true_year

    then = content_of("calibration")
    template, seed = shipped_data(), then["settings"]["seed"]
    stock = baseline_stocks(template.as_of, SHORT.chains * SHORT.draws, seed=seed, name="forecast")
    worlds = {task.world.name: task.world for task in calibration.tasks(template, stock)}
    truths = baseline_stocks(template.as_of, len(worlds), seed=seed, name="truth")
    later = [np.isinf(true_year(world, truths[place])) for place, world in enumerate(worlds.values())]
    assert round(float(np.mean(later)), 4) == then["later_share"]


def test_one_member_at_one_origin():
    from forecast.evaluate.backtest.origins import check_origin, origin_tasks
    from forecast.ingest.corpora import audited_as_of, text_corpora
    from forecast.ingest.models import load_models

    listed, _ = origin_tasks(text_corpora(load_models()), audited_as_of(), ["damped"])
    task = next(task for task in listed if task.origin == 2019.0)
    then = next(row for row in content_of("origins")["rows"] if (row["origin"], row["member"]) == (2019.0, "damped"))
    now = _plain(check_origin(task))
    assert set(now) == set(then)
    for name in ("date", "member", "rows", "blocks", "verdict", "transitions", "record"):
        assert now[name] == then[name]
    for name, p in then["p_values"].items():
        assert now["p_values"][name] == pytest.approx(p, abs=0.03)
    assert np.log10(now["frontier"]["median"]) == pytest.approx(np.log10(then["frontier"]["median"]), abs=0.03)


class TestFromTheBaselinesFits:
    """Slices that rest on the four fits of the baseline, which the first of them makes."""

    def test_a_scenario(self):
        from forecast.runs.pipeline import run

        then = {row["name"]: row for row in content_of("scenarios")["scenarios"]}
        now = scenarios.row_of(run("closed_web"))
        near(now["exhaustion_year"], then["closed_web"]["exhaustion_year"])
        same(now["effective_2030"]["median"], then["closed_web"]["effective_2030"]["median"])

    def test_the_baseline_among_the_tables_over_its_priors(self):
        then = [row for row in content_of("over_priors")["over_priors"] if row["baseline"]]
        sweeps = [dataclasses.replace(sweep, centres=()) for sweep in over_priors.SWEEPS]
        for now, stored in zip(over_priors.run_over_priors(sweeps), then, strict=True):
            assert (now["member"], now["centre"]) == (stored["member"], stored["centre"])
            near(now["mixture"], stored["mixture"])

    def test_a_claim_about_public_text(self):
        from forecast.evaluate.claims.past_forecasts import past_forecasts

        then = next(
            row for row in content_of("claims")["claims"] if (row["event"] or {}).get("resource") == "public_text"
        )
        rows = [row for row in claims.claim_rows() if row["id"] == then["id"]]
        ask = past_forecasts(may_sample=True)
        (now,) = claims.ledger(rows, lambda name, origin: ask(name, None) if origin is None else None)["claims"]
        sampled = ("probability_then", "then_as_of", "probability_now", "outcome")
        same(*({k: v for k, v in _plain(row).items() if k not in sampled} for row in (now, then)))
        assert now["probability_now"] == pytest.approx(then["probability_now"], abs=0.03)

    def test_the_variant_that_is_the_forecast(self):
        from forecast.evaluate.variants import run_variants

        (now,) = run_variants(["latent"])
        then = next(row for row in content_of("variants")["variants"] if row["name"] == "latent")
        near(now["exhaustion_year"], then["exhaustion_year"])

    def test_where_the_bridge_ends(self):
        from forecast.replicate.baseline_steps import exhaustion_by_step

        found = exhaustion_by_step(scenario=load("baseline"))["stock"]
        then = content_of("bridge")["steps"][-1]["quantiles"]["0.5"]
        assert float(np.median(found)) == pytest.approx(then, abs=0.3)
        assert bridge.settings()["scenario"] == load("baseline").numbers_digest()

    def test_the_answer_that_the_sensitivity_starts_from(self):
        from forecast.runs.pipeline import run

        then = content_of("sensitivity")["answer"]
        year = run("baseline").document["exhaustion_year"]
        assert year["median"] == pytest.approx(then["median"], abs=0.3)

    def test_the_last_vintage(self):
        from forecast.runs.pipeline import run

        then = content_of("vintages")["vintages"][-1]["exhaustion_year"]
        assert run("baseline").document["exhaustion_year"]["median"] == pytest.approx(then["median"], abs=0.3)


def _plain(value: Any) -> Any:
    import json

    return json.loads(json.dumps(value))


def _shipped() -> tuple[Any, float, list[str]]:
    from forecast.evaluate.backtest.scoring import firm_models
    from forecast.ingest.catalog import load_table
    from forecast.ingest.corpora import audited_as_of, text_corpora
    from forecast.ingest.models import load_models

    return text_corpora(load_models()), audited_as_of(), firm_models(load_table("record_audit"))


def _place(row: dict[str, Any]) -> tuple[Any, ...]:
    return row["method"], row["origin"], row["horizon"], row["quantity"]
