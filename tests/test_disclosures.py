"""One fact alone: weighing is that of a closed form, a row is a row, and what draws already hold changes nothing."""

import json
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.stats import norm, truncnorm

from forecast.cli.main import main
from forecast.consumption.frontier_data import frontier_data
from forecast.consumption.members import MEMBERS
from forecast.consumption.members.record_drift import RecordDrift
from forecast.consumption.observation import SMALLEST_ERROR, expected_deficit
from forecast.core.trajectory import make_trajectory
from forecast.errors import InputError
from forecast.evaluate.disclosures import facts, premium
from forecast.evaluate.disclosures import run as room
from forecast.evaluate.disclosures.conditioning import FLOOR, given, log_read, median, n_effective, weights_of
from forecast.evaluate.disclosures.facts import FACTS, Ground, with_row
from forecast.evaluate.sensitivity import tornado
from forecast.fits.particles.sweep import Care
from forecast.ingest.corpora import UNSTATED_HUMAN_SHARE, Unstated, text_corpora
from forecast.ingest.models import load_models
from forecast.runs.passage import apply_levers, first_passage
from forecast.runs.pipeline import Options
from forecast.runs.sentence import percent
from forecast.scenarios import scenario as scenarios

YEARS = np.arange(2021.5, 2101.5, 0.5)
EACH = 300
PASSED = {"main": SimpleNamespace(year=np.full(240, 2029.0))}


@pytest.fixture(scope="module")
def data():
    return frontier_data(text_corpora(load_models()), 2026.72)


class FakeFit:
    """A growth model whose posterior is made: paths about a level, and the parameters of the observation law."""

    def __init__(self, member, data, level, seed):
        rng = np.random.default_rng(seed)
        self.member, self.data, self.diagnostics, self.weight = member, data, {}, None
        paths = level + 0.15 * rng.standard_normal((EACH, 1)) + 0.25 * (data.knots - 2026.5)
        self.draws = {
            "frontier": paths,
            "spread": 0.3 * np.exp(0.2 * rng.standard_normal(EACH)),
            "shape_excess": 0.6 * np.exp(0.2 * rng.standard_normal(EACH)),
        }

    def thinned(self, _):
        return self


@pytest.fixture(scope="module")
def ground(data):
    """Two growth models with made paths, against a made stock, with the baseline's levers."""
    rng = np.random.default_rng(5)
    members = [kind() for kind in list(MEMBERS.values())[:2]]
    held = [FakeFit(member, data, 13.9, place) for place, member in enumerate(members)]
    scenario = replace(scenarios.load("baseline"), members=tuple(member.name for member in members))
    make = {"resource_name": "public_text", "source": "test"}
    paths = np.concatenate([fit.draws["frontier"][:, :1] + 0.25 * (YEARS - fit.data.knots[0]) for fit in held])
    disclosed = make_trajectory(paths, YEARS, role="consumption", **make)
    frontier = make_trajectory(paths + 0.1, YEARS, role="consumption", **make)
    raw = make_trajectory(
        14.7 + 0.3 * rng.standard_normal((2 * EACH, 1)) + 0.03 * (YEARS - 2026.5), YEARS, role="stock", **make
    )
    passage = first_passage(frontier, apply_levers(raw, scenario, seed=1)[0])
    results = SimpleNamespace(
        scenario=scenario,
        held=held,
        disclosed=disclosed,
        frontier=frontier,
        raw=raw,
        passages={"main": passage},
        inputs=SimpleNamespace(data=data),
    )
    return Ground(results, Options(seed=1))


def replace_held(ground, member):
    """Return the run with its first growth model replaced, paths and draws as they were."""
    first, *others = ground.results.held
    other = FakeFit(member, first.data, 13.9, 0)
    return Ground(SimpleNamespace(**{**vars(ground.results), "held": [other, *others]}), ground.options)


class TestWeighing:
    def test_a_stated_normal_quantity_gives_the_normal_posterior(self):
        theta = norm.ppf((np.arange(40_000) + 0.5) / 40_000)
        years, stated, error = 2030.0 - 2.0 * theta, 1.0, 0.5
        weights = weights_of(-0.5 * ((stated - theta) / error) ** 2)
        middle, sd = stated / (1 + error**2), error / np.sqrt(1 + error**2)
        found = given(years, weights, 2026.5)
        assert found.median == pytest.approx(2030.0 - 2.0 * middle, abs=0.01)
        # T < 2031 is theta > -0.5; T <= 2026.5 is theta >= 1.75.
        assert found.probability_by_2030 == pytest.approx(norm.sf(-0.5, middle, sd), abs=1e-3)
        assert found.already == pytest.approx(norm.sf(1.75, middle, sd), abs=1e-3)
        # (sum w)^2 / sum w^2 of a normal likelihood under a normal prior, in closed form.
        likelihood = norm.pdf(stated, 0, np.sqrt(1 + error**2))
        square = norm.pdf(stated, 0, np.sqrt(1 + error**2 / 2)) / (2 * error * np.sqrt(np.pi))
        assert found.n_effective / 40_000 == pytest.approx(likelihood**2 / square, rel=0.01)

    def test_what_all_futures_hold_alike_changes_nothing(self):
        years = np.append(np.random.default_rng(1).normal(2029, 3, 999), np.inf)
        weights = weights_of(np.full(1000, -7.3))
        assert weights.sum() == pytest.approx(1.0)
        found, base = given(years, weights, 2026.7), tornado.answer(years)
        assert found.median == base.median
        assert found.probability_by_2030 == pytest.approx(base.probability, abs=1e-12)
        assert found.n_effective == pytest.approx(1000)

    def test_where_too_few_agree_no_number_is_given(self):
        log_likelihood = np.full(4000, -np.inf)
        log_likelihood[:99] = 0.0
        found = given(np.full(4000, 2029.0), weights_of(log_likelihood), 2026.0)
        assert FLOOR == 100.0
        assert found.to_dict() == {
            "probability_by_2030": None, "median": None, "already": None, "n_effective": 99.0
        }  # fmt: skip
        none = weights_of(np.full(3, -np.inf))
        assert n_effective(none) == 0.0
        assert given(np.zeros(3), none, 2026.0).median is None

    def test_a_median_of_futures_that_never_come_is_never(self):
        assert median(np.array([2028.0, np.inf, np.inf]), np.full(3, 1 / 3)) == np.inf
        assert given(np.full(200, np.inf), np.full(200, 0.005), 2026.0).to_dict()["median"] is None


class TestPasses:
    def test_reading_once_is_needing_no_more_than_one_pass(self):
        needed, error = np.array([-0.4, 0.0, 0.4]), 0.2
        # log10 r = max(0, needed + error): simulated.
        noise = error * np.random.default_rng(2).standard_normal((200_000, 1))
        share = (needed + noise <= 0).mean(axis=0)
        np.testing.assert_allclose(np.exp(log_read(1.0, needed, error)), share, atol=0.004)

    def test_further_passes_are_most_likely_where_they_are_needed(self):
        needed = np.linspace(-1, 1, 201)
        assert needed[np.argmax(log_read(2.5, needed, 0.2))] == pytest.approx(np.log10(2.5), abs=0.01)

    def test_a_text_read_once_puts_the_answer_off_and_sets_the_passes_of_a_run(self, ground):
        once, more = (room.weighed(ground, facts.read(times)) for times in (1.0, 2.5))
        base = given(ground.results.passages["main"].year, np.full(2 * EACH, 1 / (2 * EACH)), ground.as_of)
        assert once.probability_by_2030 < base.probability_by_2030 < more.probability_by_2030
        assert once.already < base.already
        assert once.median > base.median > more.median
        stated = facts.read(2.5).scenario(ground.results.scenario)
        assert stated.draw_lever("repetition", seed=1, size=3)["run_epochs"].tolist() == [2.5] * 3
        said = scenarios.load("baseline").replace(repetition=(2, 5))
        assert facts.read(2.5).scenario(said) is said


class TestRows:
    def test_a_row_takes_its_place_in_the_half_year_of_the_data(self, data):
        block, place = data.blocks - 1, np.log10(60e12)
        made = with_row(data, place, 0.05)
        assert made.size[block, 0] == place
        assert made.time[block, 0] == data.as_of
        assert made.labels[block] == ("the statement", *data.labels[block][:2])
        assert (np.diff(made.size[block]) <= 0).all()
        np.testing.assert_array_equal(made.size[:block], data.size[:block])
        np.testing.assert_array_equal(made.knots, data.knots)

    def test_a_row_below_the_largest_of_a_full_half_year_is_no_news(self, data):
        made = with_row(data, 10.0, 0.05)
        np.testing.assert_array_equal(made.size, data.size)
        assert made.digest() == data.digest()

    def test_a_half_year_that_is_not_full_gets_a_row(self, data):
        block = data.blocks - 1
        observed = data.observed.copy()
        observed[block, 1:] = 0.0
        few = replace(data, observed=observed, labels=(*data.labels[:block], data.labels[block][:1]))
        assert with_row(few, 10.0, 0.05).observed[block].tolist() == [1.0, 1.0, 0.0]

    @pytest.mark.parametrize("law", ["largest", "row"])
    def test_a_larger_run_moves_the_frontier_up_by_weighing(self, ground, data, law):
        now = ground.at(ground.results.frontier.values, ground.as_of)
        levels = []
        for trillions in (34.0, 60.0, 120.0):
            size = np.log10(trillions * 1e12)
            found = (
                facts.log_largest(ground.results, ground.as_of, size)
                if law == "largest"
                else room.log_change(ground.results, data, with_row(data, size, 0.05))
            )
            weights, worth = room.shares_kept(ground.results, found)
            assert weights.sum() == pytest.approx(1.0)
            assert weights[:EACH].sum() == pytest.approx(0.5), "each growth model keeps its share"
            assert worth == pytest.approx(n_effective(weights))
            levels.append(float(weights @ now))
        assert levels == sorted(levels)
        assert room.log_change(ground.results, data, data).tolist() == [0.0] * (2 * EACH)

    def test_the_largest_run_of_a_laboratory_has_the_law_of_a_half_years_largest(self, ground):
        size, sd = 13.2, 1e-6
        gap = ground.at(ground.results.frontier.values, ground.as_of) - size
        draws = [fit.draws for fit in ground.results.held]
        s, alpha = (np.concatenate([of[name] for of in draws]) for name in ("spread", "shape_excess"))
        alpha = 1 + alpha
        # The density of a Weibull law; the floor of the error smooths it a little.
        expected = np.log(alpha / s) + (alpha - 1) * np.log(gap / s) - (gap / s) ** alpha
        far = gap > 0.2
        np.testing.assert_allclose(
            facts.log_largest(ground.results, ground.as_of, size, sd)[far], expected[far], atol=0.05
        )

    def test_where_the_record_is_the_frontier_the_largest_run_is_at_it(self, ground):
        size, sd = 14.2, 0.3
        found = facts.log_largest(replace_held(ground, RecordDrift()).results, ground.as_of, size, sd)
        frontier = ground.at(ground.results.frontier.values, ground.as_of)
        expected = norm.logpdf(size, frontier[:EACH], np.hypot(sd, SMALLEST_ERROR))
        np.testing.assert_allclose(found[:EACH], expected)
        np.testing.assert_array_equal(found[EACH:], facts.log_largest(ground.results, ground.as_of, size, sd)[EACH:])

    def test_a_larger_run_moves_the_frontier_up_by_fitting_again(self, data):
        from forecast.consumption.fitting import FitRequest
        from forecast.consumption.particles import particle_fits

        few = frontier_data(text_corpora(load_models()), 2019.9)
        who = next(iter(MEMBERS.values()))()
        sizes = [few.record(), few.record() + 1.0]
        fits = particle_fits(
            [FitRequest(who, with_row(few, size, 0.05), 1) for size in sizes],
            Care(particles=60, clouds=2, sweeps=(1, 1), last_sweeps=(3, 3)),
            1,
        )
        low, high = (np.median(fit.draws["frontier"][:, few.blocks]) for fit in fits)
        assert high > low + 0.3
        made = SimpleNamespace(held=[fit.thinned(120) for fit in fits], frontier=np.zeros((240, 1)))
        assert 1 <= room.as_it_is(SimpleNamespace(**vars(made), passages=PASSED), 2019.9).n_effective <= 240

    @pytest.mark.parametrize(
        ("by_clouds", "expected"),
        [((400.0, 100.0), 4 / (1 / 400 + 1 / 100)), ((900.0, 900.0), 1000.0), ((None, 500.0), 4.0)],
    )
    def test_what_models_of_unequal_precision_are_worth(self, by_clouds, expected):
        held = [SimpleNamespace(diagnostics={"effective": value}, weight=None) for value in by_clouds]
        run = SimpleNamespace(held=held, frontier=np.zeros((1000, 1)))
        weights, worth = room.shares_kept(run, np.zeros(1000))
        assert worth == pytest.approx(expected, rel=0.01)
        np.testing.assert_allclose(weights, 0.001)
        none = np.append(np.zeros(500), np.full(500, -np.inf))
        assert room.shares_kept(run, none)[1] == 0.0

    def test_a_stated_share_concerns_rows_since_2024_that_state_none(self):
        as_read, half = (
            text_corpora(load_models(), human_share=share).set_index("model")["log10_size"]
            for share in (UNSTATED_HUMAN_SHARE, Unstated(0.5, 0.0, "test"))
        )
        change = (half - as_read.reindex(half.index)).round(6)
        assert set(change) == {0.0, round(np.log10(0.5 / 0.85), 6)}
        assert change["Qwen3-Max"] < 0
        assert change["MAI-Thinking-1"] == 0.0, "its share is stated"
        assert change["GPT-3 175B (davinci)"] == 0.0, "older than 2024"


def test_a_year_without_a_record_is_one_in_which_the_record_stands(ground, monkeypatch):
    until = ground.quiet_until
    assert until == 2028.0
    rises = np.linspace(0, 1, 2 * EACH) > 0.25
    paths = np.where(YEARS[None] < until, 13.5, 13.5 + 0.2 * rises[:, None])
    late = np.where(YEARS[None] <= until, 13.5, 13.9) + np.zeros((2 * EACH, 1))
    for record, expected in ((paths, ~rises), (late, np.ones(2 * EACH, bool))):
        monkeypatch.setattr(facts, "mixture", lambda *_, record=record, **__: SimpleNamespace(values=record))
        weights = weights_of(FACTS["no_record"].log_likelihood(Ground(ground.results, ground.options)))
        np.testing.assert_array_equal(weights > 0, expected)


class TestPremium:
    def test_the_parts_add_up_to_the_median_frontier_over_the_record(self, ground):
        found = premium.premium(ground)
        whole = np.median(ground.at(ground.results.frontier.values, ground.as_of)) - found["record"]["log10_size"]
        assert sum(part["log10"] for part in found["parts"]) == pytest.approx(found["log10"], abs=3e-4)
        assert found["log10"] == pytest.approx(whole, abs=2e-3)
        parts = {part["name"]: part["log10"] for part in found["parts"]}
        assert parts["undisclosed"] == pytest.approx(0.1, abs=1e-4)
        assert parts["growth"] == pytest.approx(0.25 * (ground.as_of - found["record"]["year"]), abs=1e-3)
        assert parts["machine_written"] == 0.0, "the record's run states its share"
        assert all(part["check"] for part in found["parts"])

    def test_an_unstated_share_has_its_part_of_the_error(self, ground):
        parts = premium.parts_of(ground, 13.5, 0.1, 2026.4, 0.36)
        np.testing.assert_allclose(parts["machine_written"], 0.36 / 0.64 * parts["error"])

    def test_evenly_spread_runs_leave_a_truncated_normal(self):
        gap, sd = 0.08, 0.1
        expected = truncnorm.mean(-gap / sd, np.inf, gap, sd)
        assert expected_deficit(np.array([gap]), sd, np.array([1.0]))[0] == pytest.approx(expected, rel=1e-6)
        assert expected_deficit(np.array([gap]), SMALLEST_ERROR, np.array([2.0]))[0] > gap
        ended, beyond = (expected_deficit(np.array([gap]), sd, np.array([shape])) for shape in (4.0, 9.0))
        assert ended == beyond, "the law's shape ends at 4"

    def test_where_the_record_is_the_frontier_all_distance_from_it_is_error(self, ground):
        of_record = replace_held(ground, RecordDrift())
        parts = premium.parts_of(of_record, 13.5, 0.1, 2026.4, 0.36)
        distance = of_record.at(ground.results.disclosed.values, 2026.4) - 13.5
        np.testing.assert_array_equal(parts["law"][:EACH], 0.0)
        np.testing.assert_allclose((parts["error"] + parts["machine_written"])[:EACH], distance[:EACH])
        assert (parts["law"][EACH:] > 0).all(), "the other growth model keeps its law"

    def test_parts_of_a_skewed_sum_add_up_to_its_median(self):
        rng = np.random.default_rng(4)
        parts = [rng.exponential(size=501), rng.standard_normal(501), np.full(501, 0.3)]
        assert sum(premium.at_median(parts)) == pytest.approx(np.median(np.sum(parts, axis=0)))


@pytest.fixture
def content(ground, monkeypatch):
    record = np.where(YEARS[None] < 2028.0, 13.5, 13.6) + np.zeros((2 * EACH, 1))
    monkeypatch.setattr(facts, "mixture", lambda *_, **__: SimpleNamespace(values=record))
    run = ground.results

    def refits(_, sizes, *__):
        made = {
            name: SimpleNamespace(**{**vars(run), "inputs": SimpleNamespace(data=data)}) for name, data in sizes.items()
        }
        return {"": run, **made}

    monkeypatch.setattr(room, "refits", refits)
    return room.told(Ground(ground.results, ground.options), list(FACTS.values()), compare=True)


def test_the_document_is_that_of_the_contract(content):
    json.dumps(content, allow_nan=False)
    fields = {"name", "sentence", "probability_by_2030", "median", "already", "n_effective"}
    assert all(fields <= set(row) for row in content["if"])
    rows = {row["name"]: row for row in content["if"]}
    assert list(rows) == list(FACTS)
    assert rows["no_record"]["probability_by_2030"] is None, "no made future agrees"
    assert rows["no_record"]["note"] == room.TOO_FEW
    assert "20 September 2026" in rows["states_34"]["sentence"]
    assert "1 January 2028" in rows["no_record"]["sentence"]
    assert {one["as_a_row"]["n_effective"] for one in content["compared"]} == {2.0 * EACH}
    assert {one["name"] for one in content["compared"]} == {f"states_{size:g}" for size in facts.SIZES}


def test_command_figure_and_section_say_the_same(content, monkeypatch, capsys, tmp_path):
    from forecast.plots import disclosures as figure
    from forecast.report import disclosures as section
    from forecast.report import figure_of

    monkeypatch.setattr(room, "disclosures", lambda *_, **__: content)
    assert main(["sensitivity", "--if", "--new", "--json", "--quiet"]) == 0
    assert json.loads(capsys.readouterr().out)["if"] == content["if"]
    assert main(["sensitivity", "--if", "--new", "--out", str(tmp_path / "out"), "--quiet"]) == 0
    said = capsys.readouterr().out
    assert said.lower().index("nothing more") < said.lower().index("read their text once")
    assert room.TOO_FEW in said
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "disclosures.csv", "disclosures.json", "disclosures.svg"
    ]  # fmt: skip
    title = " ".join(figure.disclosures(content).get_title(loc="left").split())
    known = [row["probability_by_2030"] for row in content["if"] if row["probability_by_2030"] is not None]
    low, high = (percent(share).removesuffix("%") for share in (min(known), max(known)))
    assert f"from {low} to {high} in a hundred" in title
    assert room.TOO_FEW in figure.disclosures_text(content)
    shown = figure_of(figure.disclosures(content), "disclosures", "d", "words", figure.disclosures_table(content))
    assert "var(--figure-333a42,#333a42)" in shown.drawings[0][1], "its words can be read on dark paper"
    lines = section.rows(content)
    assert len(lines) == 1 + len(FACTS)
    assert lines[-1][1:4] == (room.TOO_FEW, "", "")


def test_models_are_fitted_again_only_where_weighing_starves(ground, monkeypatch):
    asked = []

    def refits(_, sizes, *__):
        asked.extend(sizes)
        return {"": ground.results, **{name: SimpleNamespace(**vars(ground.results)) for name in sizes}}

    monkeypatch.setattr(room, "refits", refits)
    found = room.told(ground, [facts.states(60.0), facts.states(3000.0)])
    assert asked == ["states_3000"]
    assert [one["name"] for one in found["compared"]] == ["states_3000"]
    assert found["if"][0]["way"] == room.WEIGHED


def test_disclosures_are_about_text(tmp_path):
    images = replace(scenarios.load("baseline"), resource_name="images")
    with pytest.raises(InputError, match="disclosures about images"):
        room.disclosures(images)


def test_the_sizes_begin_at_the_record_and_shares_at_what_is_stated(data):
    assert facts.SIZES[0] == pytest.approx(10 ** data.record() / 1e12, rel=0.03)
    from forecast.ingest.catalog import load_table

    audit = load_table("record_audit")
    late = audit[audit["publication_date"].astype(str) >= "2024"]["synthetic_share"].dropna()
    assert (late.min(), late.max()) == facts.MACHINE_SHARES
