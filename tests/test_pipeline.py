"""From a scenario to a forecast: what is refused at once, what a failing member does, what a seed decides."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from sampling import SHORT, passing, passing_run, scenario_file, short_run

from forecast.consumption.fitting import diagnostics_of, predictive_p_values
from forecast.consumption.members.windowed_exponential import WindowedExponential
from forecast.core.priors import Prior
from forecast.core.resources import RESOURCES
from forecast.errors import ForecastError, InputError, UnknownNameError
from forecast.fits.gate import convergence_checks, predictive_checks
from forecast.fits.sampling import Sampling
from forecast.runs import pipeline
from forecast.runs.pipeline import Options, run
from forecast.scenarios import scenario as scenarios


def again(**settings):
    """Run the short scenario once more; its fits are kept."""
    return run(scenario_file(), **{"draws": 400, "jobs": 1, "sampling": SHORT, **settings})


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"draws": 99}, "100 to 8,000"),
        ({"draws": 10_000_000}, "100 to 8,000"),
        ({"seed": -1}, "from 0 to"),
        ({"jobs": 0}, "1 or more"),
        ({"horizon": 2027}, "another --horizon"),
        ({"horizon": 9999}, "another --horizon"),
        ({"as_of": "2020-06-01", "horizon": 2026}, "another --horizon"),
        ({"as_of": "2018-06-01"}, "choose --as-of"),
        ({"as_of": "2087-01-01"}, "choose --as-of"),
        ({"as_of": "yesterday"}, "yesterday"),
        ({"as_of": "2024-13-45"}, "2024-13-45"),
        ({"resource": "audio"}, "corpora of audio"),
        ({"resource": "public_txt"}, "did you mean 'public_text'"),
        ({"models": "nowhere.csv"}, "nowhere.csv"),
    ],
)
def test_what_cannot_work_is_refused_before_anything_is_sampled(settings, words, monkeypatch):
    monkeypatch.setattr(pipeline, "fit_members", lambda *a, **k: pytest.fail("nothing may be sampled for it"))
    with pytest.raises(ForecastError) as caught:
        run(scenario_file(), **settings)
    assert words in str(caught.value)


def test_a_member_that_left_the_shipped_mixture_is_noted_and_no_other(monkeypatch):
    said = {}
    for members in (("local_trend", "damped"), ("damped",), None):
        scenario = scenarios.load("baseline")
        scenario = scenario if members is None else dataclasses.replace(scenario, members=members)

        def stop(*_, **__):
            raise InputError("enough", "no fit", "stop here")

        monkeypatch.setattr(pipeline, "fit_members", stop)
        lines = said[members] = []
        with pytest.raises(InputError, match="enough"):
            run(scenario, draws=100, jobs=1, sampling=SHORT, progress=lines.append)
    note = "note: local_trend left the shipped mixture in 0.2.0; it works as before"
    assert said == {("local_trend", "damped"): [note], ("damped",): [], None: []}


def test_an_unknown_scenario_is_refused():
    with pytest.raises(UnknownNameError, match="did you mean 'baseline'"):
        run("basline")


def test_the_same_seed_gives_the_same_document_but_for_its_date():
    one, two = short_run().document, again().document
    without = [{**d, "provenance": {**d["provenance"], "created": ""}} for d in (one, two)]
    assert without[0] == without[1]


def test_the_seed_reaches_stock_levers_and_paths(monkeypatch):
    fits = {}
    real = pipeline.fit_members

    def keep(requests, *args, **named):
        # The fits of the usual seed stand in: only what is drawn after them is looked at here.
        found = real([dataclasses.replace(r, seed=Options().seed) for r in requests], *args, **named)
        fits["now"] = [dataclasses.replace(fit, seed=requests[0].seed) for fit in found]
        return fits["now"]

    monkeypatch.setattr(pipeline, "fit_members", keep)
    one, other = again(), again(seed=5)
    assert not np.array_equal(one.stock.values, other.stock.values)
    assert not np.array_equal(one.consumption.values[:, -1], other.consumption.values[:, -1])
    assert other.document["provenance"]["seed"] == 5


def test_every_member_has_the_same_number_of_draws():
    made = again(draws=300)
    assert made.exhaustion_year.shape == (300,)
    assert made.consumption.shape == made.stock.shape == (300, len(made.consumption["year"]))
    halves = np.split(made.exhaustion_year, 2)
    for member, half in zip(made.document["consumption"]["members"], halves, strict=True):
        assert member["exhaustion_year"]["probability_by"]["2030"] == pytest.approx(np.mean(half < 2031), abs=1e-6)
        assert member["weight"] == 0.5


def test_the_horizon_cuts_what_is_known_and_changes_nothing_before_it():
    far, near = passing_run().document, None
    with passing():
        near = again(horizon=2035).document
    assert list(near["exhaustion_year"]["probability_by"])[-1] == "2035"
    for year, share in near["exhaustion_year"]["probability_by"].items():
        assert share == far["exhaustion_year"]["probability_by"][year]
    assert near["exhaustion_year"]["probability_after_horizon"] >= far["exhaustion_year"]["probability_after_horizon"]
    values = [v for v in near["exhaustion_year"]["quantiles"].values() if v is not None]
    assert max(values) <= 2036


def test_more_repetition_never_brings_it_forward():
    base = scenarios.load(scenario_file())
    few, many = (
        run(base.replace(repetition=passes), draws=400, jobs=1, sampling=SHORT).exhaustion_year for passes in (1.5, 6.0)
    )
    assert np.all(many >= few)
    assert np.median(many) > np.median(few)


def with_verdicts(monkeypatch, **verdicts: str) -> None:
    """Let the fits of members come back with given verdicts."""
    real = pipeline.fit_members

    def fit_members(*args, **named):
        found = []
        for fit in real(*args, **named):
            status = verdicts[fit.member.name]
            checks = [{**fit.diagnostics["checks"][0], "status": status, "advice": "example"}]
            found.append(dataclasses.replace(fit, diagnostics={**fit.diagnostics, "verdict": status, "checks": checks}))
        return found

    monkeypatch.setattr(pipeline, "fit_members", fit_members)


def test_a_member_that_fails_is_out_and_the_forecast_says_so(monkeypatch):
    with_verdicts(monkeypatch, damped="PASS", windowed_exponential="FAIL")
    made = again()
    members = {m["name"]: m for m in made.document["consumption"]["members"]}
    assert (members["damped"]["weight"], members["windowed_exponential"]["weight"]) == (1.0, 0.0)
    assert members["windowed_exponential"]["verdict"] == "FAIL"
    assert members["windowed_exponential"]["exhaustion_year"]["probability_by"]["2050"] > 0, "its own answer stays"
    assert made.diagnostics["verdict"] == "REVIEW"
    assert any("left out" in check["sentence"] for check in made.diagnostics["checks"])
    mixed, alone = made.document["exhaustion_year"], members["damped"]["exhaustion_year"]
    assert mixed["probability_by"] == alone["probability_by"]
    assert made.sentence() is not None


@pytest.mark.parametrize(("one", "overall"), [("PASS", "PASS"), ("REVIEW", "REVIEW"), ("FAIL", "FAIL")])
def test_the_verdict_is_the_worst_of_the_members_held(monkeypatch, one, overall):
    with_verdicts(monkeypatch, damped=one, windowed_exponential=one)
    made = again()
    assert made.diagnostics["verdict"] == overall
    assert (made.sentence() is None) == (overall == "FAIL")


# --- a deliberately bad model


@pytest.mark.parametrize("shift", [-3.0, 3.0])
def test_a_frontier_that_cannot_have_made_the_data_fails(shift):
    from forecast.consumption.fitting import FitRequest, fit_member
    from forecast.consumption.members import member

    data = pipeline.read_inputs(RESOURCES["public_text"]).data
    short_run()
    fit = fit_member(FitRequest(member("damped"), data, sampling=SHORT))
    bad = {**fit.draws, "frontier": fit.draws["frontier"] + shift}
    p_values = predictive_p_values(fit.member, data, bad, seed=1)
    assert {check.status for check in predictive_checks(p_values, "damped")} == {"FAIL"}
    good = predictive_p_values(fit.member, data, fit.draws, seed=1)
    assert "the record" in good
    assert len(good) >= 5


def test_a_fit_of_which_nothing_was_measured_fails():
    from forecast.fits.gate import Convergence

    nothing = Convergence(None, None, None, None, 0)
    found = diagnostics_of(nothing, convergence_checks(nothing, "x") + predictive_checks({}, "x"), {})
    assert found["verdict"] == "FAIL"
    assert {check["status"] for check in found["checks"]} == {"FAIL"}


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_deliberately_bad_model_gets_no_headline(monkeypatch):
    """Priors that contradict the data: the frontier is said to stand at 1e17 tokens, close above what is published."""
    bad = WindowedExponential(
        level=Prior("normal", 17.0, 0.01, "log10 tokens", "wrong on purpose"),
        spread=Prior("lognormal", 0.05, 0.01, "log10", "wrong on purpose"),
        shape_excess=Prior("lognormal", 0.1, 0.01, "none", "wrong on purpose"),
    )
    monkeypatch.setattr(pipeline, "member", lambda name: bad)
    scenario = dataclasses.replace(scenarios.load(scenario_file()), members=("windowed_exponential",))
    made = run(scenario, draws=400, jobs=1, sampling=Sampling(draws=500, tune=500))
    assert made.diagnostics["verdict"] == "FAIL"
    assert made.sentence() is None
    failed = [check["name"] for check in made.diagnostics["checks"] if check["status"] == "FAIL"]
    assert any("predicts" in name for name in failed), "convergence alone does not find it out"


# --- other resources, other tables


def with_an_estimator(monkeypatch, resource_name: str, *names: str) -> None:
    """Let there be stock estimators of a resource, whatever the registry has come to hold."""
    from forecast.production import ESTIMATORS, IndexedWeb

    others = {name: made for name, made in ESTIMATORS.items() if made.resource_name != resource_name}
    for name in names:
        others[name] = type(name, (IndexedWeb,), {"name": name, "resource_name": resource_name})
    monkeypatch.setattr(pipeline.production, "ESTIMATORS", others)
    monkeypatch.setattr(scenarios, "ESTIMATORS", others)


def test_a_resource_is_compared_with_its_own_stock(monkeypatch):
    with_an_estimator(monkeypatch, "images")
    scenario = scenarios.load(scenario_file())
    with pytest.raises(InputError, match="stock"):
        run(dataclasses.replace(scenario, resource_name="images"))
    with pytest.raises(InputError, match="a stock estimate of public images"):
        run(scenario, resource="images")
    with_an_estimator(monkeypatch, "images", "pictures")
    with pytest.raises(InputError, match="name one under"):
        run(dataclasses.replace(scenario, resource_name="images"))


def test_a_resource_that_is_asked_for_brings_its_estimator_and_keeps_what_applies(monkeypatch):
    scenario = scenarios.load("baseline")
    with_an_estimator(monkeypatch, "images", "other", "images")
    images = pipeline.scenario_for(scenario, RESOURCES["images"], asked=True)
    assert (images.resource_name, images.estimator, images.raw) == ("images", "images", None)
    assert {"quality", "repetition"} <= set(scenario.levers)
    assert not {"quality", "repetition"} & set(images.levers)
    assert pipeline.scenario_for(scenario, RESOURCES["public_text"], asked=True) == scenario
    with_an_estimator(monkeypatch, "high_quality_text", "fine")
    fine = pipeline.scenario_for(scenario, RESOURCES["high_quality_text"], asked=True)
    assert fine.estimator == "fine"
    assert "repetition" in fine.levers
    assert "quality" not in fine.levers


@pytest.mark.parametrize(("name", "count"), [("audio", 2), ("video", 0)])
def test_a_resource_with_too_few_corpora_says_so(name, count, monkeypatch):
    with_an_estimator(monkeypatch, name, name)
    monkeypatch.setattr(pipeline, "fit_members", lambda *a, **k: pytest.fail("nothing may be sampled for it"))
    with pytest.raises(InputError, match=f"{count} corpora of {name}"):
        run(scenario_file(), resource=name)


def test_images_are_counted_once_and_in_images(monkeypatch):
    """The fits of the text stand in: what is looked at is what comes after them."""
    short_run()
    text = pipeline.read_inputs(RESOURCES["public_text"]).data
    real, asked = pipeline.fit_members, []

    def stand_in(requests, *args, **named):
        asked.extend(requests)
        shipped = [dataclasses.replace(r, data=text, member=pipeline.member(r.member.name)) for r in requests]
        return [
            dataclasses.replace(fit, data=dataclasses.replace(fit.data, resource_name="images"), member=r.member)
            for fit, r in zip(real(shipped, *args, **named), requests, strict=True)
        ]

    with_an_estimator(monkeypatch, "images", "images")
    monkeypatch.setattr(pipeline, "fit_members", stand_in)
    made = again(resource="images")
    document = made.document
    assert (document["resource"], document["unit"]) == ("images", "images")
    assert made.consumption.attrs["unit"] == made.stock.attrs["unit"] == "log10(images)"
    assert {request.data.resource_name for request in asked} == {"images"}
    assert {request.member.level.unit for request in asked} == {"log10 images"}
    assert document["consumption"]["passes"]["intervals"]["0.95"] == [1.0, 1.0]
    assert document["stock"]["layers"] == []
    assert document["stock"]["effective"] == document["stock"]["raw"]
    single = next(d for d in document["definitions"] if d["name"] == "single_pass")["exhaustion_year"]
    assert single == document["exhaustion_year"], "with every data set counted once the two are the same"
    assert "text" not in document["definition"]
    assert [entry["table"] for entry in document["provenance"]["data"]] == ["epoch_models"]


def test_rows_of_a_table_that_cannot_be_used_are_counted_aloud(tmp_path, monkeypatch):
    lines = ["Model,Organization,Publication date,Domain,Training dataset size (datapoints),Confidence"]
    lines += [
        f"M{i},Nobody,{2018 + i // 6}-{1 + 2 * (i % 6):02}-03,Language,{1e10 * 1.2**i:.0f},Likely" for i in range(48)
    ]
    lines += ["No size,Nobody,2024-01-02,Language,,Likely", "No date,Nobody,,Language,1000000000,Likely"]
    (tmp_path / "mine.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")

    class EnoughError(Exception):
        pass

    def stop(*args, **named):
        raise EnoughError

    monkeypatch.setattr(pipeline, "fit_members", stop)
    said = []
    with pytest.raises(EnoughError):
        run(scenario_file(), models=tmp_path / "mine.csv", progress=said.append)
    note, counted, left = said
    assert note.startswith("note: 1 model has a name near one of the record audit's")
    assert counted.startswith("note: 2 rows of mine.csv cannot be used")
    assert counted.endswith(f"forecast data check {tmp_path / 'mine.csv'} --rejected")
    assert left.startswith("note: windowed_exponential left")


def test_the_command_that_the_note_names_lists_the_rows(tmp_path, capsys):
    import json

    from forecast.cli.main import main

    lines = ["Model,Publication date,Training dataset size (datapoints)", "Good,2024-01-02,1e12", "No size,2024-01-02,"]
    (tmp_path / "mine.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert main(["data", "check", str(tmp_path / "mine.csv"), "--rejected"]) == 0
    printed = capsys.readouterr().out
    assert "1 of 2 rows" in printed
    assert "No size" in printed
    assert main(["data", "check", str(tmp_path / "mine.csv"), "--rejected", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["rows"], found["usable"], len(found["rejected"])) == (2, 1, 1)


def test_the_record_is_the_frontiers_own_and_takes_no_shift():
    """Leaving undisclosed models out moves the frontier's year and not the published record's."""
    scenario = scenarios.load(scenario_file())
    one, two = (
        run(dataclasses.replace(scenario, include_undisclosed=flag), draws=400, jobs=1, sampling=SHORT).document
        for flag in (True, False)
    )
    records = [next(d for d in doc["definitions"] if d["name"] == "record") for doc in (one, two)]
    assert records[0] == records[1]
    assert one["exhaustion_year"] != two["exhaustion_year"]
