"""The headline in every case: other resources and scenarios, ends beyond 2050, a failure, and what it takes from before."""

from __future__ import annotations

import copy
import json
from dataclasses import replace

import numpy as np
import pytest

from forecast.core.resources import RESOURCES
from forecast.core.summaries import summarise
from forecast.ingest import rounds, stored
from forecast.runs import headline_sources
from forecast.runs.headline import DOES_NOT_MEAN, event, headline, headline_again, range_words
from forecast.runs.headline_sources import checkable, growth_range, question_of
from forecast.runs.monte_carlo import Block, monte_carlo_error, share_error
from forecast.scenarios import scenario as scenarios


def layer(name: str, factor: float, title: str = "") -> dict:
    return {"name": name, "title": title or name, "factor": {"median": factor}}


def year(share=0.79, already=0.18, never=0.04, median=2028.4, interval=(2026.2, 2033.9)) -> dict:
    return {
        "probability_by": {"2030": share},
        "probability_already": already,
        "probability_after_horizon": never,
        "median": median,
        "intervals": {"0.8": list(interval)},
    }


def document(**changes) -> dict:
    """Return as much of a document as the headline reads."""
    return {
        "resource": "public_text",
        "scenario": "baseline",
        "as_of": "2026-11-21",
        "horizon": 2100,
        "exhaustion_year": year(),
        "definitions": [
            {"name": "single_pass", "exhaustion_year": year(0.95, median=2026.9)},
            {"name": "used_once", "exhaustion_year": year(0.99, median=2025.1)},
        ],
        "stock": {"layers": [layer("quality", 0.2), layer("repetition", 3.1)]},
        "diagnostics": {"verdict": "PASS"},
        "provenance": {},
    } | changes


def test_the_sentence_of_the_baseline_word_for_word():
    said = headline(document(), [0.45, 0.91], None)
    assert said["sentence"] == (
        "On data to 21 November 2026, the model gives about four-in-five odds (79%) that by the end of 2030 the largest "
        "feasible training run would need as much text as all usable public human writing can supply, even read about "
        "three times. Central estimate: mid-2028; eight in ten futures fall between early 2026 and late 2033; about one in "
        "six say it has already happened, one in 25 say never this century. Under other assumptions about growth the odds "
        "run from 45 to 91 in a hundred."
    )
    assert said["short"] == (
        "About four in five (79%) by the end of 2030, central estimate mid-2028: when the largest feasible training run "
        "outgrows all usable public human writing."
    )
    assert said["growth_range"] == [0.45, 0.91]


def test_without_a_range_nothing_is_said_of_growth():
    said = headline(document(), None, None)
    assert said["growth_range"] is None
    assert "growth" not in said["sentence"]


def test_a_failure_has_no_sentences_and_asks_nothing():
    asked = {"sentence": "It does.", "probability": 0.5, "round": "2026H2"}
    said = headline(document(diagnostics={"verdict": "FAIL"}), [0.4, 0.9], asked)
    assert (said["sentence"], said["short"], said["checkable"]) == (None, None, None)
    assert len(said["readings"]) == 3


@pytest.mark.parametrize(
    ("layers", "words"),
    [
        ([], ""),
        ([layer("repetition", 1.0)], ""),
        ([layer("repetition", 1.4)], ""),
        ([layer("repetition", 2.2)], ", even read about twice"),
        ([layer("repetition", 3.1)], ", even read about three times"),
        ([layer("repetition", 15.6)], ", even read about 16 times"),
    ],
)
def test_how_often_the_text_counts_is_the_scenarios(layers, words):
    said = document(stock={"layers": layers})
    assert event(said) == f"as much text as all usable public human writing can supply{words}"
    assert ("repeated" in headline(said, None, None)["readings"][-1]["plain_name"]) == bool(words)


def test_what_a_lever_adds_to_the_supply_is_said_from_the_year_of_the_headline():
    added = {**layer("private", 1.0, "private text within reach"), "factor_by_year": {"2030": {"median": 1.3}}}
    layers = [layer("repetition", 3.0), added, layer("synthetic", 1.0, "synthetic text")]
    assert event(document(stock={"layers": layers})) == (
        "as much text as all usable public human writing, together with private text within reach, can supply, even read "
        "about three times"
    )


@pytest.mark.parametrize("name", sorted(RESOURCES.names() if hasattr(RESOURCES, "names") else RESOURCES))
def test_every_resource_has_its_own_words(name):
    said = headline(document(resource=name, stock={"layers": []}), None, None)
    assert f"would need {event(document(resource=name, stock={'layers': []}))}. Central" in said["sentence"]
    assert RESOURCES[name].supply_words in said["short"]
    assert ("text" in said["sentence"] or "writing" in said["sentence"]) == name.endswith("text")
    assert "read about" not in said["sentence"]
    assert "writing" not in json.dumps(said) or name.endswith("text")


def test_another_scenario_is_named_by_its_title_and_else_by_its_name():
    titled = document(scenario="mine", provenance={"scenario": {"title": "Doors close"}})
    assert "2026 and in the scenario “Doors close”, the model" in headline(titled, None, None)["sentence"]
    assert "in the scenario “mine”, the model" in headline(document(scenario="mine"), None, None)["sentence"]
    changed = scenarios.load("baseline").replace(repetition=(2, 5))
    told = document(scenario=changed.name, provenance={"scenario": {"title": changed.title}})
    assert f"“{changed.title}”, some settings changed, the model" in headline(told, None, None)["sentence"]


@pytest.mark.parametrize(
    ("ends", "words"),
    [
        ((2026.2, 2033.9), "eight in ten futures fall between early 2026 and late 2033"),
        ((2026.4, 2026.6), "eight in ten futures fall in mid-2026"),
        ((2031.1, None), "nine in ten futures fall after early 2031, at least one in ten after 2050"),
        ((2031.1, 2060.0), "nine in ten futures fall after early 2031, at least one in ten after 2050"),
        ((2051.0, 2060.0), "nine in ten futures fall after 2050"),
        ((None, None), "nine in ten futures fall after 2050"),
    ],
)
def test_intervals(ends, words):
    assert range_words(*ends) == words


def test_what_is_nearly_certain_or_nearly_impossible_is_said_so():
    sure = headline(document(exhaustion_year=year(1.0, 0.997, 0.0, 2024.2, (2023.1, 2025.0))), None, None)["sentence"]
    assert "the model calls it nearly certain (more than 99%) that by the end of 2030" in sure
    assert "nearly all say it has already happened, almost none say never this century." in sure
    never = headline(document(exhaustion_year=year(0.0, 0.0, 1.0, None, (None, None)), horizon=2060), None, None)
    assert "the model sees almost no chance (less than 1%) that by" in never["sentence"]
    assert "Central estimate: after 2050; nine in ten futures fall after 2050;" in never["sentence"]
    assert never["sentence"].endswith("almost none say it has already happened, nearly all say not by 2060.")


def test_a_larger_error_takes_a_digit():
    rough = document(monte_carlo_error={"probability_by": {"2030": 0.0064}, "readings": {}})
    assert "odds (about 80%) that" in headline(rough, None, None)["sentence"]
    assert headline(rough, None, None)["short"].startswith("About four in five (about 80%)")


def test_what_it_does_not_mean_is_three_short_lines():
    assert len(DOES_NOT_MEAN) == 3
    assert DOES_NOT_MEAN[0].startswith("That progress stops")
    assert all(len(line) < 120 for line in DOES_NOT_MEAN)


# --- what it takes from before


def test_the_range_is_that_of_the_stored_table_and_of_no_other_forecast(monkeypatch):
    baseline = scenarios.load("baseline")
    content = {
        "as_of": "2026-09-22",
        "together": [{"probability_by": {"2030": share}} for share in (0.62, 0.75, 0.92)],
    }
    kept = stored.StoredResult("over_priors", content, "2026-11-28", {}, ())
    asked = []

    def read(name, settings):
        asked.append(settings)
        return kept

    monkeypatch.setattr(headline_sources.stored, "exists", lambda name: True)
    monkeypatch.setattr(headline_sources.stored, "read", read)
    assert growth_range(baseline, "2026-09-22") == [0.62, 0.92]
    assert asked == [{"scenario": baseline.numbers_digest()}]
    assert growth_range(baseline, "2026-09-21") is None
    kept = replace(kept, changed=("scenario",))
    assert growth_range(baseline, "2026-09-22") is None
    monkeypatch.setattr(headline_sources.stored, "exists", lambda name: False)
    assert growth_range(baseline, "2026-09-22") is None


def a_round(shares: dict[str, float], *, trial: bool = False) -> dict:
    def question(name, resolves, measure, arguments, **ours):
        told = {"probability": None, "quantiles": {}} | ours
        return {"name": name, "resolves": resolves, "measure": measure, "arguments": arguments, "us": told}

    questions = [
        question(f"any_{day}", day, "runs_above", {"tokens": 1e14, "at_least": 1}, probability=share)
        for day, share in shares.items()
    ]
    sizes = {"2026-12-31": 5.27e13, "2028-12-31": 2.42e14}
    questions += [
        question(f"largest_{day}", day, "largest_run", {"basis": "stated"}, quantiles={"0.5": size})
        for day, size in sizes.items()
    ]
    return {
        "round": "2026H2", "trial": trial, "frozen": "2026-11-28", "run": {"draws": 4000}, "questions": questions,
    }  # fmt: skip


def test_the_question_is_the_open_one_nearest_to_an_even_chance():
    found = question_of(a_round({"2026-12-31": 0.118, "2028-12-31": 0.75225}), "2026-09-22")
    assert found == {
        "sentence": "The part that can be checked: the model gives about three-in-four odds (about 75%) that a published "
        "text training set is larger than 100 trillion tokens by 31 December 2028 (round 2026H2, frozen on 28 November "
        "2026).",
        "probability": 0.75225,
        "round": "2026H2",
    }


def test_without_an_open_question_half_of_the_futures_lie_above_the_median():
    found = question_of(a_round({"2026-12-31": 0.02, "2028-12-31": 0.95}), "2026-09-22")
    assert found["probability"] == 0.5
    assert "about even odds (50%) that a published text training set is larger than 52.7 trillion" in found["sentence"]
    later = question_of(a_round({"2026-12-31": 0.5}), "2027-01-05")
    assert "242 trillion tokens by 31 December 2028" in later["sentence"]
    assert question_of(a_round({"2026-12-31": 0.5}), "2029-01-05") is None


def test_a_trial_says_that_it_is_one():
    assert (
        "(round 2026H2, a trial, frozen on"
        in question_of(a_round({"2028-12-31": 0.5}, trial=True), "2026-09-22")["sentence"]
    )


def test_the_shipped_round_is_asked_for_the_baseline_alone():
    baseline = scenarios.load("baseline")
    found = checkable(baseline, "2026-09-22")
    assert found["round"] == rounds.newest()["round"]
    assert 0.1 <= found["probability"] <= 0.9
    assert checkable(scenarios.load("closed_web"), "2026-09-22") is None
    assert checkable(replace(baseline, resource_name="images"), "2026-09-22") is None
    assert checkable(baseline.without(("people",)), "2026-09-22") is None


def test_the_newest_round_that_counts_comes_before_a_newer_trial(tmp_path):
    for name, trial in (("2026H2", False), ("trial-2027H1", True)):
        content = {"schema": rounds.FORMAT, "round": name, "trial": trial}
        told = json.dumps({**content, "sha256": rounds.digest(content)})
        (tmp_path / f"{name}.json").write_text(told, encoding="utf-8")
    assert rounds.newest(tmp_path)["round"] == "2026H2"
    (tmp_path / "2026H2.json").unlink()
    assert rounds.newest(tmp_path)["round"] == "trial-2027H1"
    (tmp_path / "trial-2027H1.json").unlink()
    assert rounds.newest(tmp_path) is None


# --- Monte Carlo errors


def test_the_error_of_a_share_is_the_binomial_one_within_blocks():
    flags = np.r_[np.repeat([True, False], [30, 70]), np.repeat([True, False], [90, 10])]
    one, other = 0.3 * 0.7 / 100, 0.9 * 0.1 / 100
    blocks = [Block(slice(0, 100)), Block(slice(100, 200))]
    assert share_error(flags, blocks) == pytest.approx(np.sqrt((one + other) / 4))
    worth = [Block(slice(0, 100), 25.0), Block(slice(100, 200), 1000.0)]
    assert share_error(flags, worth) == pytest.approx(np.sqrt((4 * one + other) / 4))


def test_the_errors_are_those_of_many_repetitions():
    rng, size = np.random.default_rng(5), 1000
    many = 2026.0 + rng.gamma(2.0, 1.5, size=(400, size))
    many[rng.uniform(size=many.shape) < 0.04] = np.inf
    found = monte_carlo_error(many[0], 2027.0, [Block(slice(0, size))], {"main": many[0]})
    assert found["probability_by"]["2030"] == pytest.approx(np.std((many < 2031).mean(axis=1)), rel=0.15)
    assert found["readings"]["main"] == found["probability_by"]["2030"]
    assert found["probability_already"] == pytest.approx(np.std((many <= 2027).mean(axis=1)), rel=0.15)
    assert found["probability_after_horizon"] == pytest.approx(np.std(np.isinf(many).mean(axis=1)), rel=0.25)
    medians = [summarise(drawn)["median"] for drawn in many]
    assert found["median"] == pytest.approx(np.std(medians), rel=0.3)


def test_an_end_beyond_the_horizon_has_no_error():
    years = np.r_[np.linspace(2027, 2040, 88), np.full(12, np.inf)]
    found = monte_carlo_error(years, 2026.5, [Block(slice(0, 100))], {})
    assert found["intervals"]["0.8"][0] > 0
    assert found["intervals"]["0.8"][1] is None


# --- held against its document


def test_a_sentence_that_does_not_say_what_the_numbers_say_is_found():
    from forecast.report.verify import _own_headline

    made = document()
    made["headline"] = headline(made, [0.4, 0.9], None)
    made["sentence"] = made["headline"]["sentence"]
    assert _own_headline(made) == []
    assert headline_again(made, made["headline"]) == made["headline"]
    for change in (
        {"sentence": "Surely soon."},
        {"headline": {**made["headline"], "growth_range": [0.8, 0.9]}},
        {"exhaustion_year": year(0.5)},
    ):
        assert _own_headline({**copy.deepcopy(made), **change})
    assert _own_headline(document()) == []


def test_a_run_made_again_takes_what_the_kept_one_took():
    from forecast.report.verify import _beside_the_same

    kept, made = document(), document()
    kept["headline"], made["headline"] = headline(kept, [0.4, 0.9], None), headline(made, [0.5, 0.8], None)
    again = _beside_the_same(made, kept)
    assert again["headline"] == kept["headline"]
    assert again["sentence"] == kept["headline"]["sentence"]
    assert _beside_the_same(made, document()) is made
