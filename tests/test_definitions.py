"""What "used up" may mean: closed forms for every definition, and how they must stand to one another."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast.core.distributions import LogNormal
from forecast.core.resources import RESOURCES
from forecast.core.trajectory import make_trajectory
from forecast.runs.events import (
    DEFINITIONS,
    MAIN,
    NOTHING,
    UNION_OVER_LARGEST,
    UNION_SOURCE,
    Passes,
    Sides,
    draw_union,
    produced_in_a_year,
    yearly_difference,
)
from forecast.runs.passage import Layer, apply_levers
from forecast.scenarios import scenario as scenarios

YEARS = np.arange(2021.5, 2101.25, 0.5)


def straight(level, slope, years: np.ndarray = YEARS) -> np.ndarray:
    """Return straight lines in log10, one row per future, with a level in 2026.0."""
    return np.atleast_1d(level)[:, None] + np.atleast_1d(slope)[:, None] * (years - 2026.0)


def made(years: np.ndarray = YEARS, *, unit: float = 0.0, **changed) -> Sides:
    """Return sides of which every passage has a closed form."""
    ones = np.ones(1)
    parts = {
        "frontier": straight(13.6, 0.3, years) + unit,
        "record": straight(13.3, 0.3, years) + unit,
        "effective": straight(14.8, 0.02, years) + unit,
        "once": straight(14.3, 0.02, years) + unit,
        "produced": straight(13.9, 0.01, years) + unit,
        "passes": 1.25 * ones,
        "union": 2.0 * ones,
    }
    return Sides(years, **(parts | changed))


def years_of(sides: Sides) -> dict[str, np.ndarray]:
    return {name: passage.year for name, passage in sides.passages().items()}


# --- closed forms


def test_every_definition_crosses_where_the_closed_form_says():
    found = {name: float(year[0]) for name, year in years_of(made()).items()}
    added = 13.6 + np.log10(1 - 10**-0.3) - np.log10(1.25)
    truth = {
        MAIN: (14.8 - 13.6) / 0.28,
        "record": (14.8 - 13.3) / 0.28,
        "single_pass": (14.3 + np.log10(1.25) - 13.6) / 0.28,
        "share_10": (14.8 - 1 - 13.6) / 0.28,
        "share_50": (14.8 + np.log10(0.5) - 13.6) / 0.28,
        "used_once": (14.3 + np.log10(1.25 / 2) - 13.6) / 0.28,
        "flow": (13.9 - added) / 0.29,
    }
    assert list(found) == [MAIN, *DEFINITIONS]
    for name, year in found.items():
        assert year == pytest.approx(2026.0 + truth[name], abs=1e-6), name


def test_what_was_added_in_a_year_has_its_closed_form():
    added = yearly_difference(straight([13.0, 14.0], [0.3, 1e-9]), YEARS)
    assert added[0, 2:] == pytest.approx(straight(13.0, 0.3)[0, 2:] + np.log10(1 - 10**-0.3))
    assert added[1, 2:] == pytest.approx(14 + np.log10(1e-9 * np.log(10)), abs=1e-3), "no loss of digits"
    assert (added[:, :2] == NOTHING).all(), "a year that begins before the grid"


def test_nothing_is_added_by_what_rests_or_shrinks():
    still = np.array([[13.0] * 6, [13.0, 12.9, 12.8, 12.7, 12.6, 12.5]])
    assert (yearly_difference(still, YEARS[:6]) == NOTHING).all()
    assert np.isfinite(yearly_difference(np.array([[13.0, 13.0, 60.0, 60.0]]), YEARS[:4])).all()


# --- how the definitions stand to one another


@st.composite
def any_sides(draw):
    """Draw non-decreasing frontiers with records below them, and stocks that wander."""
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    shape = (30, len(YEARS))
    frontier = 13.0 + np.cumsum(rng.gamma(0.3, 0.2, shape), axis=1)
    once = 14.0 + np.cumsum(rng.normal(0.01, 0.05, shape), axis=1)
    return made(
        frontier=frontier,
        record=frontier - rng.gamma(1.0, 0.3, (30, 1)),
        effective=once + rng.uniform(0.0, 0.8, (30, 1)),
        once=once,
        produced=once - 1.3,
        passes=rng.uniform(1.0, 5.0, 30),
        union=rng.uniform(1.0, 4.0, 30),
    )


@given(sides=any_sides())
def test_less_stock_is_never_later_and_a_record_never_earlier(sides):
    year = years_of(sides)
    assert (year["share_10"] <= year["share_50"]).all()
    assert (year["share_50"] <= year[MAIN]).all()
    assert (year["used_once"] <= year["single_pass"]).all()
    assert (year["record"] >= year[MAIN]).all()


@given(sides=any_sides(), unit=st.sampled_from([-12.0, -3.0, 3.0]))
def test_a_change_of_unit_moves_no_definition(sides, unit):
    other = Sides(
        sides.years,
        *(path + unit for path in (sides.frontier, sides.record, sides.effective, sides.once, sides.produced)),
        sides.passes,
        sides.union,
    )
    one, two = years_of(sides), years_of(other)
    for name in one:
        assert np.array_equal(np.isinf(one[name]), np.isinf(two[name])), name
        finite = np.isfinite(one[name])
        # Additions are interpolated from NOTHING, which has no unit: rounding apart, at most the end of the step.
        assert two[name][finite] == pytest.approx(one[name][finite], abs=0.5 if name == "flow" else 1e-6), name


@given(sides=any_sides())
def test_all_definitions_count_the_same_futures(sides):
    for passage in sides.passages().values():
        assert passage.year.shape == (30,)
        assert sum(passage.never.values()) == pytest.approx(np.mean(np.isinf(passage.year)))


def test_a_finer_grid_moves_no_definition_by_a_hundredth_of_a_year():
    rng = np.random.default_rng(5)
    a, b, r = rng.normal(13.6, 0.2, 2000), rng.lognormal(np.log(0.35), 0.2, 2000), rng.lognormal(-2.5, 0.3, 2000)
    height = rng.normal(14.6, 0.3, 2000)

    def quantiles(step: float) -> dict[str, np.ndarray]:
        years = np.arange(2021.5, 2101.0 + step / 2, step)
        t = years[None, :] - 2026.0
        frontier = a[:, None] + b[:, None] * (1 - np.exp(-r[:, None] * t)) / r[:, None]
        stock = height[:, None] + 0.02 * t
        sides = made(
            years, frontier=frontier, record=frontier - 0.2, effective=stock, once=stock - 0.5, produced=stock - 0.9,
            passes=np.full(2000, 1.1), union=np.full(2000, 2.0),
        )  # fmt: skip
        levels = [0.1, 0.25, 0.5, 0.75]
        return {n: np.quantile(y, levels, method="inverted_cdf") for n, y in years_of(sides).items()}

    coarse, fine = quantiles(0.5), quantiles(0.5 / 16)
    for name in coarse:
        assert coarse[name] == pytest.approx(fine[name], abs=0.01), name


def test_a_frontier_at_rest_saturates_by_every_definition():
    flat = straight(13.0, 0.0)
    found = made(frontier=flat, record=flat - 0.1, effective=flat + 1.5, once=flat + 1, produced=flat).passages()
    for name, passage in found.items():
        assert passage.never["frontier_saturates"] == 1.0, name


# --- passes, union, production


def test_passes_follow_the_corpora_that_state_them():
    prior = LogNormal(1.1, 0.05, 0.05, lower=1.0, upper=5.0)
    drawn = Passes((1.0, 4.0), 2, prior, "example").draw(seed=1, size=40_000)
    assert drawn.min() == 1.0
    assert np.mean(drawn == 4.0) == pytest.approx(0.25, abs=0.01)
    assert np.mean(drawn == 1.0) == pytest.approx(0.25, abs=0.01)
    assert np.median(drawn[(drawn > 1) & (drawn < 4)]) == pytest.approx(float(prior.quantile(0.5)), abs=0.01)
    assert np.array_equal(drawn, Passes((1.0, 4.0), 2, prior, "example").draw(seed=1, size=40_000))


def test_passes_that_nobody_states_are_the_prior():
    drawn = Passes((), 3, LogNormal(1.1, 0.05, 0.05, lower=1.0), "example").draw(seed=1, size=4000)
    assert len(np.unique(drawn)) == 4000
    assert (drawn >= 1).all()


def test_the_union_lies_between_what_released_corpora_allow():
    """All web corpora the same text, or none of it shared: the ends of the judgement."""
    from forecast.ingest.catalog import load_table

    tokens = load_table("text_corpora").drop_duplicates("name").set_index("name")["tokens"]
    web = tokens[["RedPajama-Data v2 (deduplicated)", "HPLT 3.0", "Essential-Web v1.0", "FineWeb v1.4"]]
    beside = tokens[["FinePDFs (2026)", "Common Corpus (2026)", "The Stack v3.1 train"]].sum()
    same, apart = (web.max() + beside) / web.max(), (web.sum() + beside) / web.max()
    assert (round(same, 1), round(apart, 1)) == (1.3, 3.7)
    for number in (web.max(), web.max() + beside, web.sum() + beside):
        assert f"{number / 1e12:.0f} trillion" in UNION_SOURCE
    drawn = draw_union(seed=1, size=4000)
    assert drawn.min() >= 1.0
    assert np.quantile(drawn, [0.05, 0.95]) == pytest.approx([1.3, 4.0], rel=0.08)
    assert float(UNION_OVER_LARGEST.quantile(0.5)) < apart


class Stock:
    """A stock that knows what is written in a year."""

    def __init__(self, flow: float) -> None:
        self.flow = flow

    def project_flow(self, years):
        assert np.array_equal(years, YEARS - 0.5), "the middle of the year that ends at each point"
        return trajectory(np.full((20, len(years)), self.flow))


def trajectory(draws: np.ndarray):
    return make_trajectory(draws, YEARS, resource_name="public_text", role="stock", source="test")


def test_production_is_filtered_and_not_repeated():
    scenario = scenarios.load("baseline").replace(quality=0.2)
    scenario = scenario.with_levers({name: scenario.levers[name] for name in ("quality", "repetition")})
    raw = trajectory(straight(np.full(20, 14.7), np.full(20, 0.03)))
    _, layers = apply_levers(raw, scenario, seed=1)
    shares = [layer.log10_factor for layer in layers if not layer.counts_as]
    assert produced_in_a_year(Stock(14.3), raw, layers) == pytest.approx(14.3 + sum(shares))
    grown = produced_in_a_year(object(), raw, layers)
    truth = raw.values + np.log10(1 - 10**-0.03) + sum(shares)
    assert grown[:, 2:] == pytest.approx(truth[:, 2:])
    assert (grown[:, :2] == grown[:, 2:3]).all(), "the first year is that of the first known one"


def test_a_lever_that_takes_from_what_is_new_counts_by_what_it_leaves():
    raw = trajectory(straight(np.full(20, 14.0), np.full(20, 0.1)))
    archive = 10 ** raw.values[:, :1]
    human = np.log10(archive + 0.5 * (10**raw.values - archive))
    layer = Layer("contamination", "", "caps", "", human - raw.values, human, "")
    flow = produced_in_a_year(Stock(13.0), raw, [layer])
    assert flow == pytest.approx(13.0 + np.log10(0.5))


def test_a_stock_that_shrinks_produces_next_to_nothing():
    raw = trajectory(straight(np.full(20, 14.0), np.full(20, -0.1)))
    assert (produced_in_a_year(object(), raw, []) == 0.0).all()


@pytest.mark.parametrize("name", list(DEFINITIONS))
def test_a_definition_is_one_sentence_that_names_what_is_used_up(name):
    for resource in RESOURCES.values():
        words = DEFINITIONS[name].describe(resource)
        assert words.endswith(".")
        assert ". " not in words
        assert resource.title in words
        assert "{" not in words
