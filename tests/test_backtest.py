"""Backtests: the protocol, what each method says, scores against closed forms, comparisons. Fits are stood in for."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from forecast.cli.backtest import pair_rows, passing_lines, summary_rows
from forecast.consumption import fitting
from forecast.consumption.fit import Fit
from forecast.consumption.frontier_data import BLOCK_YEARS, FIRST_KNOT, frontier_data
from forecast.consumption.members import DEFAULT_MEMBERS, member
from forecast.consumption.members.damped import Damped
from forecast.core import fingerprints
from forecast.errors import InputError, ModelError
from forecast.evaluate.backtest import protocol, skill
from forecast.evaluate.backtest import run as made
from forecast.evaluate.backtest.predictions import (
    DRAWS,
    Prediction,
    combined,
    from_baseline,
    from_fit,
    from_published,
    joint_score,
    others,
)
from forecast.evaluate.backtest.protocol import Plan
from forecast.evaluate.backtest.scoring import Truth, firm_models, scored, smoothed_log_score, truths

AS_OF = 2024.2
DENSITY = (0.05, 0.001, 8.0)


@pytest.fixture(scope="module")
def corpora():
    """Four corpora per half-year, scattered about a straight line."""
    starts = np.arange(FIRST_KNOT + 0.05, AS_OF, BLOCK_YEARS)
    year = (starts[:, None] + 0.03 * np.arange(4)).ravel()
    size = 10 + 0.4 * (year - 2018) - np.tile(0.15 * np.arange(4), len(starts)) + 0.15 * np.sin(40 * year)
    rows = pd.DataFrame(
        {"model": [f"m{y:.2f}" for y in year], "year": year, "log10_size": size, "measurement_sd": 0.05}
    )
    return rows[rows["year"] <= AS_OF].reset_index(drop=True)


def stand_in(request, verdict: str = "PASS", draws: int = 400) -> Fit:
    """Return a fit whose frontier lies a little above a straight line and grows on along it."""
    import xarray as xr

    data, shape = request.data, (4, draws // 4)
    rng = np.random.default_rng(1)
    path = 10.3 + 0.4 * (data.knots - 2018) + 0.05 * rng.standard_normal((*shape, 1))
    values = {"jump": 0.02, "spread": 0.3, "shape_excess": 0.8, "slope": 0.4, "damping": 0.01, "slope_mean": 0.4,
              "slope_sd": 0.1, "reversion": 0.4}  # fmt: skip
    tree = xr.Dataset(
        {name: (("chain", "draw"), np.full(shape, value)) for name, value in values.items()}
        | {"frontier": (("chain", "draw", "knot"), path)}
    )
    checks = [{"name": "damped predicts the record", "status": "FAIL", "sentence": "p 0.001", "advice": ""}]
    diagnostics = {"verdict": verdict, "checks": checks if verdict == "FAIL" else []}
    return Fit(request.member, data, xr.DataTree.from_dict({"/posterior": tree}), diagnostics, request.seed)


def fitted_by(patch: pytest.MonkeyPatch, fit_member) -> None:
    """Let this make a backtest's fits, those that are made ahead of scoring and their verdicts too."""
    for module in (made, fitting):
        patch.setattr(module, "fit_member", fit_member)


SMALL = Plan(
    origins=(2020.0, 2021.0, 2022.0),
    horizons=(0.5, 1.0, 2.0),
    members=(member("damped"), member("windowed_exponential")),
    engine="nuts",
)


@pytest.fixture(scope="module")
def content(corpora):
    """A backtest of two members with stand-in fits."""
    with pytest.MonkeyPatch.context() as patch:
        fitted_by(patch, stand_in)
        firm = [name for name in corpora["model"] if not name.startswith("m2021")]
        return made.backtest(corpora, AS_OF, firm, plan=SMALL, jobs=1)


# --- the protocol


def test_the_protocol_is_that_of_the_issue():
    plan = Plan()
    assert plan.origins[0] == 2019.0
    assert plan.origins[-1] == 2025.5
    assert set(np.diff(plan.origins)) == {0.5}
    assert (min(plan.horizons), max(plan.horizons)) == (0.5, 4.0)
    assert tuple(who.name for who in plan.members) == DEFAULT_MEMBERS


@pytest.mark.parametrize("change", ["row", "prior", "origin", "seed", "sampling"])
def test_whatever_shapes_a_score_makes_another_protocol(corpora, change):
    before = protocol.protocol(SMALL, corpora, AS_OF)
    assert protocol.digest(before) == protocol.digest(json.loads(json.dumps(before)))
    rows, plan = corpora, SMALL
    if change == "row":
        rows = corpora.assign(log10_size=corpora["log10_size"] + 0.01 * (corpora.index == 7))
    elif change == "prior":
        prior = dataclasses.replace(Damped().damping, centre=Damped().damping.centre + 0.01)
        plan = dataclasses.replace(plan, members=(Damped(damping=prior), plan.members[1]))
    elif change == "origin":
        plan = dataclasses.replace(plan, origins=plan.origins[1:])
    elif change == "seed":
        plan = dataclasses.replace(plan, seed=1)
    else:
        plan = dataclasses.replace(plan, sampling=dataclasses.replace(plan.sampling, draws=9))
    after = protocol.protocol(plan, rows, AS_OF)
    assert protocol.digest(after) != protocol.digest(before)
    named = protocol.changed_parts(before, after)
    assert named == {"row": ["rows"], "prior": ["members damped"], "origin": ["origins"]}.get(change, [change])


def test_the_order_of_rows_makes_no_other_protocol(corpora):
    assert protocol.rows_digest(corpora) == protocol.rows_digest(corpora.iloc[::-1])


def test_a_frozen_protocol_stays_and_a_changed_one_stands_beside_it(corpora):
    first = protocol.protocol(SMALL, corpora, AS_OF)
    second = protocol.protocol(dataclasses.replace(SMALL, seed=2), corpora, AS_OF)
    one = protocol.with_frozen([], first)
    assert protocol.with_frozen(one, first) == one
    both = protocol.with_frozen(one, second)
    assert both[0] == one[0]
    assert both[1]["changed"] == ["seed"]
    assert protocol.frozen(both, first)["sha256"] == one[0]["sha256"]
    assert protocol.frozen(one, second) is None


def test_what_ships_was_frozen_whole():
    stored = protocol.load()
    assert stored
    for entry in stored:
        assert protocol.digest(entry["content"]) == entry["sha256"], "a frozen protocol is never edited"
    assert len({entry["sha256"] for entry in stored}) == len(stored)


def test_a_protocol_names_what_shapes_scores_by_its_fingerprints(corpora, monkeypatch):
    named = protocol.protocol(SMALL, corpora, AS_OF)["fingerprints"]
    assert {"judging/scores", "judging/predictions", "growth/observation", "rivals/epoch2024"} <= set(named)
    assert {name for name in named if name.startswith("members/")} == {f"members/{who.name}" for who in SMALL.members}
    known = {**fingerprints.kept(), "members/new": {"version": 1, "sha256": "0" * 64}}
    monkeypatch.setattr(fingerprints, "kept", lambda: known)
    assert protocol.protocol(SMALL, corpora, AS_OF)["fingerprints"] == named, "a new member forecasts nothing yet"


# --- what came


def test_truths_are_the_maxima_and_the_running_record(corpora):
    came = truths(frontier_data(corpora, AS_OF), ["m2020.05"])
    assert max(came) == 2024.0, "a half-year that is not over is no target"
    one = came[2020.5]
    inside = corpora[(corpora["year"] >= 2020.0) & (corpora["year"] < 2020.5)]["log10_size"]
    assert one.name == "2020H1"
    assert one.sizes == pytest.approx(sorted(inside, reverse=True)[:3])
    assert one.record == pytest.approx(corpora[corpora["year"] < 2020.5]["log10_size"].max())
    assert one.firm
    assert not came[2021.0].firm


def test_an_old_record_stands_while_nothing_exceeds_it(corpora):
    lower = corpora.assign(log10_size=np.where(corpora["year"] < 2018.5, 15.0, corpora["log10_size"]))
    came = truths(frontier_data(lower, AS_OF), [])
    assert {truth.record for truth in came.values()} == {15.0}
    assert len({truth.model for truth in came.values()}) == len(came)


# --- what each method says


def test_a_members_record_is_that_of_its_fit_and_published_sizes_follow_the_law(corpora):
    request = made.FitRequest(member("damped"), frontier_data(corpora, 2021.0), 1)
    fit = stand_in(request, draws=2 * DRAWS)
    later = frontier_data(corpora, AS_OF)
    said = from_fit(fit, (0.5, 1.0, 4.0), later)
    assert said.record.shape == (3, DRAWS)
    assert said.largest.shape == (3, 3, DRAWS)
    assert np.all(np.diff(said.largest, axis=1) <= 0)
    assert np.all(np.diff(said.record, axis=0) >= 0)
    frontier = fit.project(np.array([2021.25])).values[:, 0]
    # The mean deficit of the best corpus is spread x Gamma(1 + 1 / shape); its error averages out but for the choice.
    from scipy.special import gamma

    assert np.mean(frontier) - np.mean(said.largest[0, 0]) == pytest.approx(0.3 * gamma(1 + 1 / 1.8), abs=0.03)
    assert np.isfinite(joint_score(said)[:2]).all()
    assert np.isnan(joint_score(said)[2]), "what has not come has no density"


def test_a_member_of_the_record_alone_says_nothing_else_of_a_half_year(corpora):
    request = made.FitRequest(member("record_drift"), frontier_data(corpora, 2021.0), 1)
    fit = stand_in(request, draws=2 * DRAWS)
    said = from_fit(fit, (0.5, 1.0, 4.0), frontier_data(corpora, AS_OF))
    assert (said.largest, said.joint) == (None, None)
    assert said.record == pytest.approx(fit.thinned(DRAWS).project_record(said.ends).values.T)
    came = truths(frontier_data(corpora, AS_OF), [])
    assert {row["quantity"] for row in scored(said, came, (0.8,), DENSITY, 1)} == {"record"}
    law = from_fit(
        stand_in(dataclasses.replace(request, member=Damped())), (0.5, 1.0, 4.0), frontier_data(corpora, AS_OF)
    )
    mixed = combined([said, law])
    assert mixed.record.shape[1] == said.record.shape[1] + law.record.shape[1]
    assert np.array_equal(mixed.largest, law.largest)
    assert (combined([said]).largest, combined([said]).joint) == (None, None)


def test_what_came_later_changes_no_forecast(corpora):
    request = made.FitRequest(member("damped"), frontier_data(corpora, 2021.0), 1)
    other = corpora.assign(log10_size=np.where(corpora["year"] > 2021.0, 14.0, corpora["log10_size"]))
    one, two = (from_fit(stand_in(request), (0.5, 1.0), frontier_data(rows, AS_OF)) for rows in (corpora, other))
    assert np.array_equal(one.record, two.record)
    assert np.array_equal(one.largest, two.largest)
    first, second = (others(rows, 2021.0, (0.5, 1.0), 1)[0] for rows in (corpora, other))
    for said, again in zip(first, second, strict=True):
        assert np.array_equal(said.record, again.record), said.method


def test_the_combination_gives_every_member_the_same_weight():
    parts = [
        Prediction(name, "member", 2021.0, np.array([2021.5]), np.full((1, 10), value), np.full((1, 3, 10), value),
                   np.full((1, 10), np.log(density)))
        for name, value, density in (("a", 1.0, 0.1), ("b", 3.0, 0.3))
    ]  # fmt: skip
    mixed = combined(parts)
    assert mixed.record.mean() == 2.0
    assert joint_score(mixed)[0] == pytest.approx(np.log(0.2))
    with pytest.raises(InputError, match="passes the gate"):
        combined([])


def test_baselines_are_those_of_the_variants_table(corpora):
    from forecast.consumption.alternatives.baselines import BASELINES

    said = from_baseline("quantile", corpora, 2022.0, (0.5, 1.0, 2.0), 3)
    whole = BASELINES["quantile"]().forecast(
        corpora, np.array([2022.5, 2023.0, 2024.0]), as_of=2022.0, seed=3, draws=DRAWS
    )
    assert said.record == pytest.approx(whole.values.T)


def test_published_procedures_start_at_the_record_since_2018(corpora):
    # An n-gram corpus of 2007 and one of 2013, both larger than anything since: neither lifts the level.
    old = pd.DataFrame({"model": ["old", "older"], "year": [2013.0, 2007.0], "log10_size": 12.9, "measurement_sd": 0.1})
    rows = pd.concat([corpora, old], ignore_index=True)
    record = corpora.loc[corpora["year"] <= 2021.0, "log10_size"].max()
    plain = from_published("epoch2024", rows, 2021.0, (0.5,), 1)
    floored = from_published("epoch2024_floored", rows, 2021.0, (0.5,), 1)
    assert np.median(plain.record) == pytest.approx(record + 0.2, abs=0.1)
    assert (plain.record < record).any()
    assert np.array_equal(floored.record, np.maximum(plain.record, record))
    assert from_published("epoch2022", rows, 2021.0, (0.5,), 1).record.min() > record


def test_a_method_that_cannot_forecast_is_named_and_not_scored(corpora):
    said, silent = others(corpora, 2019.0, (0.5,), 1)
    assert "ols" in silent, "a line through two maxima has no residual"
    assert "ols" not in {one.method for one in said}


# --- scores


def test_scores_of_a_normal_forecast_are_the_closed_forms():
    rng = np.random.default_rng(3)
    draws = 12.0 + 0.3 * rng.standard_normal((1, 40_000))
    said = Prediction("a", "baseline", 2021.0, np.array([2021.5]), draws)
    came = {2021.5: Truth("2021H1", np.array([12.5]), "m", True, 12.5, "m", True)}
    (row,) = scored(said, came, (0.5, 0.8, 0.95), DENSITY, 1)
    z = 0.5 / 0.3
    crps = 0.3 * (z * (2 * norm.cdf(z) - 1) + 2 * norm.pdf(z) - 1 / np.sqrt(np.pi))
    assert row["crps"] == pytest.approx(crps, abs=0.004)
    assert row["log_score"] == pytest.approx(norm.logpdf(0.5, scale=np.hypot(0.3, 0.05)), abs=0.03)
    assert row["pit"] == pytest.approx(norm.cdf(z), abs=0.01)
    assert row["covered"] == {"0.5": False, "0.8": False, "0.95": True}
    assert (row["target"], row["horizon"]) == ("2021H1", 0.5)


def test_no_surprise_costs_more_than_the_floor():
    assert smoothed_log_score(np.zeros(5), 7.0, DENSITY) == pytest.approx(np.log(0.001 / 8.0))


# --- summary, pairs, goals


def test_the_document_has_the_shape_of_the_contract(content):
    text = json.dumps(content, allow_nan=False)
    assert json.loads(text) == content
    ours = content["summary"]["combination"]
    for name, entry in content["summary"].items():
        assert entry["kind"] in ("combination", "member", "baseline", "published"), name
        assert set(entry["coverage"]) == {"0.5", "0.8", "0.95"}
        assert {"crps", "wis", "n", "n_effective"} <= set(entry)
        assert 0 < entry["n_effective"] <= entry["n"]
    assert {"epoch2022", "epoch2024", "ols", "quantile", "damped_holt", "unobserved_components", "damped"} <= set(
        content["summary"]
    )
    assert ours["n"] == 9
    for pair in content["pairs"]:
        assert {"against", "crps_ratio", "interval_0.9", "rows"} <= set(pair)
        assert pair["rows"] in ("audited", "all")
        assert pair["interval_0.9"][0] <= pair["interval_0.9"][1]
    assert len({(pair["against"], pair["rows"]) for pair in content["pairs"]}) == len(content["pairs"])


def test_a_ratio_is_that_of_mean_scores_on_common_rows(content):
    rows = {(r["method"], r["origin"], r["target"]): r["crps"] for r in content["rows"] if r["quantity"] == "record"}
    pair = next(p for p in content["pairs"] if p["against"] == "epoch2024" and p["rows"] == "all")
    keys = [key[1:] for key in rows if key[0] == "epoch2024"]
    ours, theirs = (sum(rows[(name, *key)] for key in keys) for name in ("combination", "epoch2024"))
    assert pair["crps_ratio"] == pytest.approx(ours / theirs, abs=1e-3)
    assert pair["n"] == len(keys)


def test_firm_targets_are_fewer(content):
    n = {pair["rows"]: pair["n"] for pair in content["pairs"] if pair["against"] == "damped_holt"}
    assert 0 < n["audited"] < n["all"]


def test_no_size_that_is_wide_or_the_cap_on_passes_is_held_for_firm():
    audit = pd.DataFrame(
        {
            "model": ["stated", "leaked", "read sixty times", "left out"],
            "use": ["counts", "wide_error", "counts", "exclude"],
            "sized_by": ["tokens seen", "tokens seen", "cap of passes", None],
        }
    )
    assert firm_models(audit) == ["stated"]


def test_an_influential_target_is_left_out_and_said_so(content, monkeypatch):
    record = [row for row in content["rows"] if row["quantity"] == "record"]
    name = record[0]["model"]
    monkeypatch.setattr(skill, "INFLUENTIAL", (name, "nobody"))
    (line,) = skill.paired(record, "damped_holt", 1)["without_influential"]
    assert line["model"] == name
    left = [r for r in record if r["model"] != name]
    assert line["crps_ratio"] == skill.paired(left, "damped_holt", 1)["crps_ratio"]


@pytest.mark.parametrize(("better", "reached"), [(0.001, True), (10.0, False)])
def test_goals_are_reached_only_when_they_are(content, better, reached):
    rows = [
        {**row, "crps": row["crps"] * (better if row["method"] == "combination" else 1.0) + 1e-6,
         "covered": dict.fromkeys(row.get("covered", {}), True)}
        for row in content["rows"] if row["quantity"] == "record"
    ]  # fmt: skip
    found = {goal["name"]: goal["reached"] for goal in skill.goals(rows, 1)}
    assert found["epoch2024"] is reached
    assert found["statsmodels"] is reached
    missed = [{**row, "covered": dict.fromkeys(row["covered"], False)} for row in rows]
    assert not next(goal for goal in skill.goals(missed, 1) if goal["name"] == "coverage")["reached"]


def test_a_member_that_fails_is_out_of_the_mixture_at_that_origin(corpora, monkeypatch):
    def fit_member(request):
        bad = request.member.name == "damped" and request.data.as_of == 2021.0
        return stand_in(request, "FAIL" if bad else "PASS")

    fitted_by(monkeypatch, fit_member)
    found = made.backtest(corpora, AS_OF, [], plan=SMALL, jobs=1)
    (line,) = [one for one in found["out"] if one["method"] == "damped"]
    assert line["origin"] == 2021.0
    assert "predicts the record" in line["reasons"][0]
    rows = [row for row in found["rows"] if row["quantity"] == "record"]
    record = {(row["method"], row["origin"], row["horizon"]): (row["median"], row["crps"]) for row in rows}
    assert record["combination", 2021.0, 1.0] == record["windowed_exponential", 2021.0, 1.0]
    assert record["combination", 2020.0, 1.0] != record["windowed_exponential", 2020.0, 1.0]
    # Its own scores are shown both ways.
    whole = found["summary"]["damped"]
    assert (whole["n"], whole["passing_only"]["n"]) == (9, 6)
    pair = next(p for p in found["pairs"] if p["against"] == "damped" and p["rows"] == "all")
    assert pair["passing_only"]["n"] == 6
    assert "6 of 9" in passing_lines(found)[0]
    assert "passing_only" not in found["summary"]["combination"]


def test_draws_that_are_not_of_the_posterior_are_not_scored(corpora, monkeypatch):
    """Chains that did not meet once had a score of 4.35, printed as if a member had forecast so."""

    def fit_member(request):
        if request.member.name != "damped" or request.data.as_of != 2021.0:
            return stand_in(request)
        astray = [{"name": "damped R-hat", "status": "FAIL", "sentence": "largest R-hat 3.2", "advice": ""}]
        return dataclasses.replace(stand_in(request), diagnostics={"verdict": "FAIL", "checks": astray})

    fitted_by(monkeypatch, fit_member)
    found = made.backtest(corpora, AS_OF, [], plan=SMALL, jobs=1)
    assert {row["origin"] for row in found["rows"] if row["method"] == "damped"} == {2020.0, 2022.0}
    assert [(one["method"], one["origin"], one["reasons"]) for one in found["out"] if one["method"] == "damped"] == [
        ("damped", 2021.0, ["damped R-hat: largest R-hat 3.2"])
    ]


def test_a_member_that_cannot_be_sampled_is_out(corpora, monkeypatch):
    def fit_member(request):
        if request.member.name == "damped":
            raise ModelError("no start", "a start", "look")
        return stand_in(request)

    fitted_by(monkeypatch, fit_member)
    found = made.backtest(corpora, AS_OF, [], plan=SMALL, jobs=1)
    assert sum(line["method"] == "damped" for line in found["out"]) == len(SMALL.origins)
    assert "damped" not in found["summary"]


# --- commands and figures


def test_tables_have_a_line_a_method_and_a_comparison(content):
    assert len(summary_rows(content["summary"])) == len(content["summary"])
    assert len(pair_rows(content["pairs"])) == len(content["pairs"])


def test_figures_and_their_words_hold_the_numbers(content, tmp_path):
    from forecast.plots import backtest as plots
    from forecast.plots.saving import save_result

    words = plots.backtest_text(content)
    for pair in content["pairs"]:
        if pair["rows"] == "all":
            assert f"{pair['crps_ratio']:.2f}" in words
    table = plots.backtest_table(content)
    assert len(table) == len(content["rows"])
    figures = {
        "backtest": (plots.backtest(content), words),
        "pit": (plots.pit_histogram(content), plots.pit_histogram_text(content)),
    }
    written = save_result("backtest", content, figures, table, tmp_path)
    assert sorted(path.name for path in written) == ["backtest.csv", "backtest.json", "backtest.svg", "pit.svg"]
    assert json.loads((tmp_path / "backtest.json").read_text()) == content


def test_stored_rows_come_back_as_they_were(content):
    assert made.unpacked(json.loads(json.dumps(made.packed(content)))) == content


def test_the_scores_that_ship_were_made_after_their_protocol_was_frozen():
    found = made.read_stored()
    entry = next(one for one in protocol.load() if one["sha256"] == found.content["protocol"])
    assert entry["frozen"] <= found.made
    assert found.content["frozen"] == entry["frozen"]
    assert {row["origin"] for row in found.content["rows"]} <= set(entry["content"]["origins"])
    words = made.sentences(found.content)
    assert len(words) == 1 + len(found.content["goals"])
    assert str(found.content["summary"]["combination"]["n"]) in words[0]


def test_an_unknown_row_to_leave_out_is_refused():
    with pytest.raises(InputError, match="--without"):
        made.from_shipped(without=["No such model"])
