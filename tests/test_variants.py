"""Variants: closed forms and limits, what each leaves out, and slopes recovered."""

import dataclasses
import json

import numpy as np
import pandas as pd
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from forecast.consumption.alternatives import MEMBER_VARIANTS, ROUTES
from forecast.consumption.alternatives.baselines import BASELINES
from forecast.consumption.alternatives.changepoint import Changepoint
from forecast.consumption.alternatives.compute_route import (
    ComputeRoute,
    allocation_exponent,
    compute_paths,
    compute_runs,
    faded,
)
from forecast.consumption.alternatives.envelope import Envelope, all_corpora, envelope_density
from forecast.consumption.alternatives.full_exponential import FullExponential
from forecast.consumption.alternatives.logistic import Logistic
from forecast.consumption.alternatives.mean_of_all import MeanOfAll
from forecast.consumption.alternatives.route import regression_draws
from forecast.consumption.fitting import FitRequest, fit_member
from forecast.consumption.frontier_data import frontier_data
from forecast.consumption.judged import JUDGED
from forecast.consumption.members import MEMBERS
from forecast.consumption.members.damped import Damped
from forecast.consumption.members.record_drift import RecordDrift
from forecast.consumption.members.windowed_exponential import WindowedExponential
from forecast.core.summaries import INTERVAL_LEVELS
from forecast.core.trajectory import make_trajectory
from forecast.errors import InputError, UnknownNameError
from forecast.evaluate import EVALUATIONS, evaluation, store
from forecast.evaluate.__main__ import main
from forecast.evaluate.row_filters import long_records, uncapped
from forecast.evaluate.variants import VARIANTS, prepare, run_variants
from forecast.fits.sampling import Sampling
from forecast.ingest.stored import read
from forecast.production.lineages import BY_INPUTS, DRAWINGS
from forecast.runs.pipeline import Options

SHORT = Sampling(chains=2, draws=250, tune=300, target_accept=0.9, rerun_target_accept=0.9)


def simulated(slope=0.4, after=None, bend=2024.0, seed=1, end=2026.5, a_block=12):
    """Corpora below a frontier that is at 13 in 2024 and grows by `slope`, from `bend` on by `after`."""
    rng = np.random.default_rng(seed)
    year = np.concatenate([start + 0.5 * rng.uniform(size=a_block) for start in np.arange(2018.0, end, 0.5)])
    later = np.maximum(year - bend, 0) * ((slope if after is None else after) - slope)
    deficit = np.where(
        rng.uniform(size=len(year)) < 0.5, rng.exponential(0.4, len(year)), rng.exponential(2, len(year))
    )
    return pd.DataFrame(
        {
            "model": [f"m{i}" for i in range(len(year))],
            "year": year,
            "log10_size": 13 + slope * (year - 2024) + later - deficit,
            "measurement_sd": 0.05,
        }
    ).sort_values("year", ignore_index=True)


@pytest.fixture(scope="module")
def baseline():
    return prepare(Options(draws=400))


# closed forms and limits


def test_a_changepoint_is_one_slope_before_and_another_after():
    grow = Changepoint().expected_growth
    rates = {"slope_before": 0.5, "slope_after": 0.2, "bend": -1.0}
    assert grow(-6.0, -4.0, rates, np) == pytest.approx(1.0, abs=1e-6)
    assert grow(2.0, 4.0, rates, np) == pytest.approx(0.4, abs=1e-6)
    assert grow(-3.0, 1.0, rates, np) == pytest.approx(2 * 0.5 + 2 * 0.2, abs=1e-6)
    parts = grow(-3.0, -0.9, rates, np) + grow(-0.9, 1.0, rates, np)
    assert parts == pytest.approx(grow(-3.0, 1.0, rates, np))
    assert np.isfinite(grow(-6.0, 76.0, rates | {"bend": 300.0}, np))


def test_a_changepoint_with_equal_slopes_is_an_exponential():
    rates = {"slope_before": 0.3, "slope_after": 0.3, "bend": 0.1}
    t = np.linspace(-6, 20, 50)
    plain = WindowedExponential().expected_growth(t[:-1], t[1:], {"slope": 0.3}, np)
    assert Changepoint().expected_growth(t[:-1], t[1:], rates, np) == pytest.approx(plain)


def test_a_logistic_ends_where_its_room_ends_and_is_steepest_in_the_middle():
    grow = Logistic().expected_growth
    curve = {"room": 2.0, "steepness": 0.6, "midpoint": 1.5}
    assert grow(0.0, 500.0, curve, np) == pytest.approx(2.0)
    assert grow(0.0, 3.0, curve, np) + grow(3.0, 500.0, curve, np) == pytest.approx(2.0)
    yearly = grow(np.arange(-20.0, 20.0), np.arange(-19.0, 21.0), curve, np)
    assert (yearly > 0).all()
    assert np.arange(-20.0, 20.0)[yearly.argmax()] + 0.5 == pytest.approx(1.5)
    # Far from its asymptote a logistic grows as an exponential of rate k.
    early = {"room": 1e6, "steepness": 0.3, "midpoint": 60.0}
    assert grow(1.0, 2.0, early, np) / grow(0.0, 1.0, early, np) == pytest.approx(np.exp(0.3), rel=1e-3)
    assert np.isfinite(grow(-6.0, 76.0, {"room": 1.0, "steepness": 9.0, "midpoint": -40.0}, np))


def test_the_full_exponential_is_the_windowed_one_without_its_window():
    data = frontier_data(simulated(), 2026.4)
    assert FullExponential().sees(data).sum() == data.blocks
    assert WindowedExponential().sees(data).sum() < data.blocks
    assert FullExponential().structure() == WindowedExponential().structure()


@pytest.mark.parametrize("name", sorted(MEMBER_VARIANTS))
def test_a_variant_says_what_it_is_and_where_its_priors_come_from(name):
    chosen = MEMBER_VARIANTS[name]()
    priors = dict(chosen.priors())
    assert name not in MEMBERS
    assert set(chosen.tail_parameters) <= set(priors)
    assert all(prior.unit and len(prior.source) > 10 for prior in priors.values())


def test_the_envelope_density_is_the_convolution_that_it_claims():
    deficit, error, near, far, share = 0.15, 0.2, 0.4, 1.8, 0.35

    def integrand(e):
        density = share / near * np.exp(-e / near) + (1 - share) / far * np.exp(-e / far)
        return density * norm.pdf(deficit - e, scale=error)

    numeric = quad(integrand, 0, 20, points=[deficit], epsabs=1e-12)[0]
    assert np.exp(envelope_density(deficit, error, near, far, share)) == pytest.approx(numeric, rel=1e-6)
    above = envelope_density(np.array([-1.0, 0.5]), 0.05, near, far, share)
    assert above[0] < above[1] - 100  # twenty standard errors above the frontier


def test_the_envelope_sees_every_row():
    rows = simulated()
    one, two = (all_corpora(r, 2026.4) for r in (rows, rows.drop(index=rows["log10_size"].idxmin())))
    assert len(one.all_size) == (rows["year"] <= 2026.4).sum()
    assert (
        frontier_data(rows, 2026.4).digest()
        == frontier_data(rows.drop(index=rows["log10_size"].idxmin()), 2026.4).digest()
    )
    assert one.digest() != two.digest()
    inputs = Envelope().inputs(one)
    assert inputs["reading"].sum(axis=1) == pytest.approx(1.0)
    truth = 13 + 0.4 * (one.knots - 2024)
    at = inputs["reading"] @ truth
    assert at == pytest.approx(13 + 0.4 * (one.all_time - 2024))
    assert inputs["member_of"].sum(axis=0) == pytest.approx(1.0)


# routes


def test_regression_draws_have_the_known_distribution():
    rng = np.random.default_rng(1)
    x = np.linspace(-3, 3, 200)
    y = 1 + 2 * x + 0.5 * rng.standard_normal(200)
    line, sd = regression_draws(np.column_stack([np.ones(200), x]), y, rng, 4000)
    assert line.mean(axis=0) == pytest.approx([1, 2], abs=0.1)
    assert sd.mean() == pytest.approx(0.5, abs=0.06)
    assert line[:, 1].std() == pytest.approx(0.5 / np.sqrt(np.sum(x**2)), rel=0.2)


def test_the_mean_of_all_is_the_line_of_the_typical_model():
    rows = simulated(slope=0.4)
    path = MeanOfAll().forecast(rows, np.array([2024.0, 2030.0]), as_of=2026.4, seed=1, draws=2000)
    growth = (path.values[:, 1] - path.values[:, 0]) / 6
    assert np.quantile(growth, 0.01) < 0.4 < np.quantile(growth, 0.99)
    assert path.values[:, 0].mean() == pytest.approx(13 - 0.5 * 0.4 - 0.5 * 2, abs=0.25)
    with pytest.raises(InputError, match="5 corpora"):
        MeanOfAll().forecast(rows.head(5), np.array([2030.0]), as_of=2026.4, seed=1, draws=10)


def test_compute_is_held_by_the_published_limits():
    runs = compute_runs(2026.5)
    years = np.arange(2024.0, 2101.0, 0.5)
    paths = compute_paths(runs, years, 2026.5, np.random.default_rng(1), 3000)
    assert (np.diff(paths, axis=1) >= -1e-12).all()
    in_2030 = paths[:, years == 2030.0]
    assert np.quantile(in_2030, 0.9) < 30.05
    assert np.quantile(paths[:, -1], 0.9) < 35  # no exponential to 2100
    assert paths[:, years == 2026.5].mean() == pytest.approx(runs["compute"].max(), abs=0.05)


def test_the_compute_route_is_held_by_the_limits_of_the_baseline():
    from forecast.consumption.alternatives import compute_route as route
    from forecast.scenarios.scenario import load

    cap = load("baseline").levers["compute_cap"].quantities
    pairs = (("limit_2030", route.LIMIT), ("later_growth", route.LATER_GROWTH), ("later_fading", route.LATER_FADING))
    p = np.array([0.05, 0.5, 0.95])
    for name, own in pairs:
        assert own.quantile(p) == pytest.approx(cap[name].quantile(p), rel=1e-9), name


def test_more_tokens_a_parameter_mean_more_tokens_by_the_square_root(monkeypatch):
    from forecast.consumption.alternatives import compute_route

    years = np.array([2026.0, 2028.0])
    monkeypatch.setattr(compute_route, "ratio_paths", lambda *a: np.zeros((500, 2)))
    one = ComputeRoute().forecast(None, years, as_of=2026.5, seed=1, draws=500).values
    monkeypatch.setattr(compute_route, "ratio_paths", lambda *a: np.full((500, 2), 2.0))
    two = ComputeRoute().forecast(None, years, as_of=2026.5, seed=1, draws=500).values
    assert two - one == pytest.approx(1.0)


def test_the_exponent_is_drawn_as_published():
    drawn = allocation_exponent(np.random.default_rng(1), 20_000)
    assert 0.45 < np.quantile(drawn, 0.01) < 0.49
    assert 0.53 < np.quantile(drawn, 0.99) < 0.56


def test_a_fading_trend_starts_at_its_pace_and_comes_to_rest():
    assert faded(np.array(1e-6), np.array(0.3)) == pytest.approx(1e-6)
    assert faded(np.array(1e6), np.array(0.25)) == pytest.approx(4.0)


# rows


def test_a_record_that_stood_for_years_is_found_and_the_one_beneath_it_too():
    rows = pd.DataFrame(
        {
            "model": ["a", "giant", "under", "b", "b2", "c", "now"],
            "year": [2018.1, 2018.5, 2018.6, 2019.5, 2021.0, 2022.0, 2023.0],
            "log10_size": [10.0, 12.5, 12.0, 11.0, 11.5, 12.7, 13.0],
        }
    )
    assert long_records(rows) == ["giant", "under"]
    assert long_records(rows, longer_than=5.0) == []


def test_without_the_cap_only_rows_of_many_passes_grow(baseline):
    open_ended = uncapped(baseline.corpora, baseline.models)
    more = open_ended["log10_size"] - baseline.corpora["log10_size"]
    assert (more >= 0).all()
    assert open_ended["measurement_sd"][more == 0].equals(baseline.corpora["measurement_sd"][more == 0])
    sd = dict(zip(open_ended["model"], open_ended["measurement_sd"], strict=True))
    assert sd["T5-11B"] == pytest.approx(0.05), "the error of the cap goes with the cap"
    grown = set(baseline.corpora["model"][more > 0.01])
    assert "GPT-3 175B (davinci)" not in grown
    assert "Galactica" not in grown  # four passes
    assert grown


ROWS = [name for name, variant in VARIANTS.items() if variant.kind == "rows"]


@pytest.mark.parametrize("name", ROWS)
def test_other_rows_really_are_others(baseline, name):
    requests = VARIANTS[name].requests(baseline)
    assert [request.member.name for request in requests] == list(baseline.scenario.members)
    if name != "uncapped":  # passes beyond the cap belong to small corpora
        assert all(request.data.digest() != baseline.data.digest() for request in requests)


def test_single_pass_compares_unique_tokens_with_a_stock_that_is_read_once(baseline):
    unique = VARIANTS["unique"].requests(baseline)[0].data
    assert unique.record() < baseline.data.record()
    assert "repetition" in baseline.scenario.levers
    once = dataclasses.replace(
        baseline.scenario, levers={k: v for k, v in baseline.scenario.levers.items() if k != "repetition"}
    )
    assert "repetition" not in once.levers


# priors


def test_judged_priors_are_of_the_same_members_and_learned_from_nothing(baseline):
    requests = VARIANTS["judged_priors"].requests(baseline)
    assert [request.member.name for request in requests] == list(baseline.scenario.members)
    for request, usual in zip(requests, baseline.defaults(baseline.corpora), strict=True):
        own, before = dict(request.member.priors()), dict(usual.member.priors())
        assert request.data.digest() == usual.data.digest()
        assert request.member.pace_ratio is None
        assert before.keys() - own.keys() == {"pace_ratio"}
        for name, prior in own.items():
            assert prior == JUDGED.get(name, before[name]), name
            assert "histories" not in prior.source or name not in JUDGED


# rules


class Published:
    """A fit whose frontier is straight and whose half-years publish it, less a tenth for each further rank."""

    def __init__(self, member, data, *, verdict="PASS"):
        self.member, self.data, self.draws = member, data, {}
        self.diagnostics = {"verdict": verdict, "checks": []}
        self.count = 40

    def thinned(self, count):
        self.count = count
        return self

    def project(self, years):
        paths = np.broadcast_to(
            self.data.record() + 1.0 + 0.2 * (years - self.data.last_knot), (self.count, len(years))
        )
        return make_trajectory(paths, years, resource_name="public_text", role="consumption", source="example")


class OfRows(Damped):
    def published(self, frontier, exposure, sd, draws, rng, largest=1):
        return frontier[:, :, None] - 0.1 * np.arange(largest)


def test_a_member_of_the_record_alone_says_nothing_of_the_three_largest(baseline):
    fits = [Published(OfRows(), baseline.data), Published(RecordDrift(), baseline.data)]
    alone = Published(RecordDrift(), baseline.data)
    at = baseline.years == 2030.0
    one, three = (VARIANTS[name].outcome(baseline, fits).frontier for name in ("record", "top_three"))
    assert len(one) == len(three) == 400
    of_rows = slice(0, 200)
    assert (one.values - three.values)[of_rows, at] == pytest.approx(0.1), (
        "the mean of three is a tenth below the first"
    )
    assert one.source == "damped + record_drift"
    assert three.source == "damped"
    assert VARIANTS["record"].outcome(baseline, [alone]).frontier.source == "record_drift"
    with pytest.raises(InputError, match="of the record alone"):
        VARIANTS["top_three"].outcome(baseline, [alone])


# the table


def test_every_member_route_and_baseline_has_its_line():
    names = set(VARIANTS)
    assert set(MEMBER_VARIANTS) | set(ROUTES) | set(BASELINES) <= names
    assert {"record", "top_three", "text_only", "without_record", "without_gpt4", "unique", "judged_priors"} <= names
    assert next(iter(VARIANTS)) == "latent"
    titles = [variant.title for variant in VARIANTS.values()]
    assert len(set(titles)) == len(titles)
    assert all(variant.sentence.endswith(".") for variant in VARIANTS.values())


def test_lineages_drawn_otherwise_change_the_stock_alone(baseline):
    drawn = [name for name, variant in VARIANTS.items() if variant.kind == "stock"]
    assert drawn == [f"lineages_{name}" for name in DRAWINGS if name != BY_INPUTS]
    other = dataclasses.replace(baseline, scenario=dataclasses.replace(baseline.scenario, lineages="by_method"))
    assert VARIANTS["lineages_by_method"].requests(baseline)[0].key() == baseline.defaults(baseline.corpora)[0].key()
    assert other.effective.values[:, 0].std() > 1.03 * baseline.effective.values[:, 0].std()
    left = dataclasses.replace(baseline, scenario=baseline.scenario.without(["people"]))
    assert not np.array_equal(left.raw.values, baseline.raw.values)


def test_unsampled_variants_make_whole_rows(tmp_path):
    names = [*ROUTES, "damped_holt"]
    rows = run_variants(names, Options(draws=400))
    assert [row["name"] for row in rows] == names
    for row in rows:
        year = row["exhaustion_year"]
        assert set(year["intervals"]) == {f"{level:g}" for level in INTERVAL_LEVELS}
        assert 0 <= year["probability_by"]["2030"] <= year["probability_by"]["2050"] <= 1
        assert row["frontier_2030"]["median"] > 1e13
        assert row["verdict"] is None
    store.keep("variants", {"variants": rows}, directory=tmp_path)
    assert read("variants", None, directory=tmp_path).content["variants"] == json.loads(json.dumps(rows))


def test_what_cannot_be_made_says_why_and_the_others_are_made():
    rows = run_variants(["compute_route", "ols"], Options(draws=200, as_of="2021-06-01"))
    assert "exhaustion_year" not in rows[0]
    assert "tokens and parameters" in rows[0]["note"]
    assert "exhaustion_year" in rows[1]


def test_an_unknown_variant_names_the_nearest():
    with pytest.raises(UnknownNameError, match="envelope"):
        run_variants(["envelop"])


def test_evaluations_are_found_and_named_like_what_they_store(capsys):
    assert all(callable(evaluation(name)) for name in EVALUATIONS)
    assert main(["variant"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("error: ")
    assert captured.err.count("\n") == 1


# known truth


@pytest.mark.slow
@pytest.mark.parametrize("name", ["full_exponential", "changepoint", "logistic", "envelope"])
def test_a_variant_recovers_the_growth_of_a_known_frontier(name):
    rows = simulated(slope=0.4, seed=5)
    data = (all_corpora if name == "envelope" else frontier_data)(rows, 2026.4)
    fit = fit_member(FitRequest(MEMBER_VARIANTS[name](), data, 1, SHORT))
    path = fit.project(np.array([2019.0, 2024.0, 2026.0]))
    growth = (path.sel(year=2024.0) - path.sel(year=2019.0)).values / 5
    assert np.mean(growth) == pytest.approx(0.4, abs=0.1)
    assert np.quantile(growth, 0.02) < 0.4 < np.quantile(growth, 0.98)
    assert path.sel(year=2026.0).values.mean() == pytest.approx(13.8, abs=0.35)


@pytest.mark.slow
def test_a_changepoint_finds_a_bend_that_is_there():
    # With thirty corpora per half-year, noise of the frontier and a jump explain the data as well as a bend does.
    rows = simulated(slope=0.7, after=0.1, bend=2022.0, seed=6, a_block=100)
    settings = Sampling(chains=4, draws=200, tune=200)
    fit = fit_member(FitRequest(Changepoint(), frontier_data(rows, 2026.4), 1, settings))
    assert np.quantile(fit.draws["slope_after"], 0.9) < np.quantile(fit.draws["slope_before"], 0.1)
    assert np.median(fit.draws["bend"]) + 2024 == pytest.approx(2022.0, abs=1.0)


@pytest.mark.slow
def test_rules_that_project_what_is_published_lie_below_the_frontier():
    options = Options(draws=400, sampling=SHORT, jobs=1)
    rows = {row["name"]: row for row in run_variants(["latent", "record", "top_three"], options)}
    levels = [rows[name]["frontier_2030"]["median"] for name in ("latent", "record", "top_three")]
    assert levels == sorted(levels, reverse=True)
    by_2030 = [rows[name]["exhaustion_year"]["probability_by"]["2030"] for name in ("latent", "record", "top_three")]
    assert by_2030[0] > by_2030[2]
    assert rows["latent"]["verdict"] in ("PASS", "REVIEW", "FAIL")
