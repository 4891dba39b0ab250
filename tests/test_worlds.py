"""The frozen worlds: the same for ever, their truths consistent, their faults really there."""

from dataclasses import replace

import numpy as np
import pytest

from forecast.consumption import MEMBERS, member
from forecast.consumption.frontier_data import FIRST_KNOT, FrontierData, frontier_data
from forecast.core.priors import Prior
from forecast.evaluate.calibration import worlds as made
from forecast.evaluate.calibration.worlds import (
    GROWTHS,
    PUBLICATIONS,
    World,
    adversarial_worlds,
    digest_of,
    own_world,
    own_worlds,
)

FROZEN = "3992e59838d3f90ea8b022c7dada2847383519ca602e1f987103b83cd9f5398e"


@pytest.fixture(scope="module")
def worlds() -> list[World]:
    return adversarial_worlds()


@pytest.fixture(scope="module")
def template() -> FrontierData:
    """Three rows a half-year with gaps: one row in 2020H1, none in 2022H1."""
    import pandas as pd

    rng = np.random.default_rng(5)
    year = np.sort(rng.uniform(2018.0, 2026.6, size=160))
    year = year[~((year >= 2022.0) & (year < 2022.5))]
    inside = np.flatnonzero((year >= 2020.0) & (year < 2020.5))
    year = np.delete(year, inside[1:])
    rows = pd.DataFrame(
        {
            "model": [f"model {index}" for index in range(len(year))],
            "year": year,
            "log10_size": 10.0 + 0.4 * (year - 2018.0) - rng.exponential(0.3, size=len(year)),
            "measurement_sd": rng.choice([0.03, 0.25], size=len(year)),
        }
    )
    return frontier_data(rows, 2026.6)


def test_the_worlds_are_frozen(worlds: list[World]) -> None:
    assert digest_of(worlds) == FROZEN, "the frozen worlds have changed: published coverage no longer belongs to them"


def test_a_changed_row_changes_the_hash(worlds: list[World]) -> None:
    first = worlds[0]
    moved = World(**{**vars(first), "size": first.size + 0.01})
    assert moved.digest() != first.digest()


def test_every_pair_of_growth_and_publication_comes_five_times(worlds: list[World]) -> None:
    assert len({world.name for world in worlds}) == 200
    for start in range(0, 200, 40):
        pairs = {world.families for world in worlds[start : start + 40]}
        assert pairs == {(f"growth: {g}", f"publication: {p}") for g in GROWTHS for p in PUBLICATIONS}


def test_truths_never_fall_and_the_record_stays_below_the_frontier(worlds: list[World]) -> None:
    for world in worlds:
        assert np.diff(world.frontier).min() >= -1e-12, world.name
        assert np.diff(world.record).min() >= 0, world.name
        assert np.all(world.record <= world.frontier + 1e-9), world.name
        assert world.years[0] == FIRST_KNOT, world.name
        assert world.years[-1] >= world.as_of + 4.0, world.name


def test_no_row_from_after_the_as_of_date_is_shown(worlds: list[World]) -> None:
    for world in worlds:
        assert world.year.max() <= world.as_of, world.name
        assert np.all(np.diff(world.year) >= 0), world.name
        assert world.sd.min() > 0, world.name


def test_every_world_can_be_fitted_by_one_compiled_model(worlds: list[World]) -> None:
    sizes = {len(world.data().knots) for world in worlds[::20]}
    assert sizes == {20}


def test_smooth_frontiers_are_smooth_and_jumpy_ones_jump(worlds: list[World]) -> None:
    for world in worlds:
        largest = np.diff(world.frontier).max()
        if world.families[0] in {"growth: exponential", "growth: damped", "growth: bend", "growth: plateau"}:
            assert largest < 0.14, world.name
        if world.families[0] in {"growth: steps", "growth: jumps"}:
            assert largest > 0.2, world.name


def test_a_plateau_stands_still_and_goes_on() -> None:
    for number in range(5):
        steps = np.diff(made.adversarial_world("plateau", "plain", number).frontier)
        assert (steps == 0).sum() >= 9 or steps[-1] == 0
        assert steps.max() > 0.02


def test_disclosure_falls_and_hides_the_largest(worlds: list[World]) -> None:
    late = {"publication: plain": [], "publication: disclosure": []}
    gap = {"publication: plain": [], "publication: disclosure": []}
    for world in worlds:
        how = world.families[1]
        if how in late:
            inside = world.year >= 2025.0
            late[how].append(inside.sum())
            last = world.year >= 2025.5
            # Against the run that set the record, published or not, less what errors of measurement add.
            gap[how].append(world.truth(world.year[last]).max() - np.max(world.size[last] - 2 * world.sd[last]))
    assert np.mean(late["publication: disclosure"]) < 0.5 * np.mean(late["publication: plain"])
    assert np.mean(gap["publication: disclosure"]) > np.mean(gap["publication: plain"]) + 0.1


def test_units_are_wrong_by_a_thousand(worlds: list[World]) -> None:
    for world in worlds:
        if world.families[1] == "publication: units":
            above = world.size - world.truth(world.year)
            assert (above > 1.0).any() == (int(world.name[-1]) % 2 == 1) or above.max() > 0, world.name
    odd = made.adversarial_world("exponential", "units", 1)
    assert (odd.size - odd.truth(odd.year)).max() > 1.0


def test_sisters_crowd_the_blocks() -> None:
    world = made.adversarial_world("exponential", "sisters", 0)
    plain = made.adversarial_world("exponential", "plain", 0)
    assert len(world.year) > 2 * len(plain.year)
    data = world.data()
    spread = np.ptp(data.size[2:17], axis=1)
    assert np.median(spread) < 0.06


def test_few_rows_come_late() -> None:
    for growth in GROWTHS:
        world = made.adversarial_world(growth, "late", 2)
        assert (world.year >= 2025.0).sum() <= 8
        assert (world.year < 2025.0).sum() > 50


def test_own_worlds_take_over_dates_gaps_and_errors(template: FrontierData) -> None:
    for name in MEMBERS:
        who = member(name)
        data = own_world(who, template, 0).data()
        shown = template.observed.copy()
        shown[:, 1:] *= not who.record_alone
        assert np.array_equal(data.observed, shown), name
        for block in np.flatnonzero(data.observed[:, 0]):
            theirs = set(zip(template.time[block].round(6), template.sd[block].round(6), strict=True))
            shown = data.observed[block] > 0
            assert set(zip(data.time[block, shown].round(6), data.sd[block, shown].round(6), strict=True)) <= theirs
        assert data.as_of == template.as_of


def test_own_worlds_differ_from_each_other_and_not_from_themselves(template: FrontierData) -> None:
    first, second = own_worlds(member("damped"), template, 2)
    assert first.digest() == own_world(member("damped"), template, 0).digest()
    assert first.digest() != second.digest()
    assert first.digest() != own_world(member("windowed_exponential"), template, 0).digest()


def test_own_parameters_follow_the_priors(template: FrontierData) -> None:
    who = member("local_trend")
    many = own_worlds(who, template, 150)
    for name, prior in who.priors():
        places = prior.cdf(np.array([world.parameters[name] for world in many]))
        assert abs(places.mean() - 0.5) < 0.08, name
        assert abs(np.mean(np.abs(places - 0.5) < 0.25) - 0.5) < 0.12, name


def test_own_frontiers_grow_as_the_member_expects(template: FrontierData) -> None:
    from forecast.core.units import REFERENCE_YEAR

    who = member("windowed_exponential")
    many = own_worlds(who, template, 300)
    grown = np.array([world.frontier[-1] - world.frontier[0] for world in many])
    span = many[0].years[-1] - many[0].years[0]
    expected = np.array([world.parameters["slope"] for world in many]) * span
    assert grown.mean() == pytest.approx(expected.mean(), rel=0.05)
    middle = np.array([np.interp(REFERENCE_YEAR, world.years, world.frontier) for world in many])
    level = np.array([world.parameters["level"] for world in many])
    assert np.corrcoef(middle, level)[0, 1] > 0.9


def test_own_rows_lie_below_the_frontier_by_the_law(template: FrontierData) -> None:
    who = member("damped")
    deficits, spreads = [], []
    for world in own_worlds(who, template, 60):
        data = world.data()
        best = (world.truth(data.time[:, 0]) - data.size[:, 0])[(data.observed[:, 0] > 0) & (data.exposure == 1)]
        deficits.append(np.mean(best))
        spreads.append(world.parameters["spread"])
    # The distance of the best of three or more is of the order of the spread; the error makes it only noisier.
    ratio = np.array(deficits) / np.array(spreads)
    assert 0.4 < np.median(ratio) < 1.1


def test_a_world_of_the_record_alone_has_one_row_a_half_year_at_the_frontier_of_its_end(template: FrontierData) -> None:
    misses = []
    for world in own_worlds(member("record_drift"), template, 60):
        data = world.data()
        seen = data.observed[:, 0] > 0
        ends = data.knots[:-1] + 0.5 * data.exposure
        misses.append((world.truth(ends[seen]) - data.size[seen, 0]) / np.hypot(data.sd[seen, 0], 0.02))
    found = np.concatenate(misses)
    assert found.mean() == pytest.approx(0.0, abs=0.12)
    assert found.std() == pytest.approx(1.0, abs=0.1)


def test_own_frontiers_grow_ahead_by_the_pace_ratio(template: FrontierData) -> None:
    who = replace(member("windowed_exponential"), pace_ratio=Prior.lognormal(3.0, 3.001, "none", "as an example"))
    many = own_worlds(who, template, 300)
    slope = np.array([world.parameters["slope"] for world in many])
    years, now = many[0].years, template.last_knot
    level = np.array([world.truth(np.array([years[0], now, years[-1]])) for world in many])
    before, ahead = np.diff(level, axis=1).T
    assert before.mean() == pytest.approx((slope * (now - years[0])).mean(), rel=0.05)
    assert ahead.mean() == pytest.approx(3 * (slope * (years[-1] - now)).mean(), rel=0.07)
