"""First passage and definitions on paths whose answers can be worked out on paper."""

import numpy as np
import pytest

from forecast.core.distributions import LogNormal
from forecast.core.trajectory import make_trajectory
from forecast.errors import InputError
from forecast.runs.events import Passes, Sides, draw_union, produced_in_a_year, yearly_difference
from forecast.runs.passage import Layer, Pair, crossing_years, first_passage, passages

YEARS = np.arange(2020.0, 2071.0, 0.5)


def lines(slopes, start=10.0):
    return start + np.multiply.outer(np.asarray(slopes, dtype=float), YEARS - 2020.0)


def direct(gap, years):
    """The definition read aloud, one future at a time."""
    if gap[0] >= 0:
        return years[0]
    for i in range(len(gap) - 1):
        if gap[i + 1] >= 0:
            share = 1.0 if np.isinf(gap[i]) else -gap[i] / (gap[i + 1] - gap[i])
            return years[i] + share * (years[i + 1] - years[i])
    return np.inf


@pytest.mark.parametrize("layout", [np.asfortranarray, np.ascontiguousarray])
@pytest.mark.parametrize("count", [1, 2, 7, 60])
@pytest.mark.parametrize("length", [2, 16, 17, 18, 33, 102])
def test_every_crossing_is_the_first_one(layout, count, length):
    rng = np.random.default_rng(count * 1000 + length)
    years = YEARS[:length]
    gap = np.cumsum(rng.normal(0.02, 0.4, (count, length)), axis=1) - 1.0
    limit = rng.normal(14.0, 1.0, (count, length))
    use = layout(gap + limit)
    levels = {"main": 0.0, "low": -1.5, "high": 0.8, "own": rng.normal(0.0, 0.5, count)}
    found = passages([Pair(use, layout(limit), levels)], years)
    for name, level in levels.items():
        wanted = [direct(row, years) for row in (use - limit) - np.broadcast_to(level, count)[:, None]]
        assert found[name].year == pytest.approx(wanted), name
    assert crossing_years(use, limit, years) == pytest.approx(found["main"].year)
    assert found["main"].horizon == years[-1]


def test_from_nothing_it_arrives_at_the_end_of_the_step():
    years = np.array([2024.0, 2026.0, 2028.0])
    use = np.array([[-np.inf, -np.inf, 12.0], [-np.inf, 12.0, 12.0], [9.0, 11.0, 11.0]])
    assert crossing_years(use, np.full((3, 3), 10.0), years).tolist() == [2028.0, 2026.0, 2025.0]


def test_equal_is_reached_and_a_touch_counts():
    years = np.array([2024.0, 2025.0, 2026.0])
    assert crossing_years(np.array([[9.0, 10.0, 9.0]]), np.full((1, 3), 10.0), years).tolist() == [2025.0]
    assert crossing_years(np.array([[10.0, 9.0, 9.0]]), np.full((1, 3), 10.0), years).tolist() == [2024.0]


@pytest.mark.parametrize(
    ("grows", "limit_grows", "reason"),
    [
        (0.0099, 0.0, "frontier_saturates"),
        (0.0099, 0.5, "frontier_saturates"),
        (0.0101, 0.0, "horizon"),
        (0.0101, 0.0100, "horizon"),
        (0.0101, 0.0101, "stock_escapes"),
        (0.0101, 0.0200, "stock_escapes"),
    ],
)
def test_why_a_future_never_crosses(grows, limit_grows, reason):
    pair = Pair(lines([grows]), lines([limit_grows], start=20.0), {"main": 0.0})
    never = passages([pair], YEARS)["main"].never
    assert never == {name: float(name == reason) for name in ("frontier_saturates", "stock_escapes", "horizon")}


def test_rest_is_judged_over_the_last_decade_alone():
    late = np.where(YEARS < 2060.0, 10.0, 10.0 + 0.0101 * (YEARS - 2060.0))[None]
    early = np.where(YEARS < 2060.0, 10.0 + 0.02 * (YEARS - 2060.0), 10.0)[None]
    far = np.full_like(late, 20.0)
    for use, share in ((late, 0.0), (early, 1.0)):
        assert passages([Pair(use, far, {"main": 0.0})], YEARS)["main"].never["frontier_saturates"] == share
    # Where a pace of its own is named, it decides; shares are of all futures, crossed ones too.
    four, limit = np.repeat(late, 4, axis=0), np.full((4, len(YEARS)), 20.0)
    limit[0] = 5.0
    found = passages([Pair(four, limit, {"main": 0.0}, pace=np.repeat(early, 4, axis=0))], YEARS)["main"]
    assert found.never == {"frontier_saturates": 0.75, "stock_escapes": 0.0, "horizon": 0.0}


def test_trajectories_that_cannot_be_compared_are_refused_and_draws_are_paired_from_the_front():
    def make(values, years=YEARS, resource="public_text", role="stock"):
        return make_trajectory(values, years, resource_name=resource, role=role, source="x")

    use = make(lines([0.1, 0.2, 0.4]), role="consumption")
    assert first_passage(use, make(np.full((2, len(YEARS)), 12.0))).year == pytest.approx([2040.0, 2030.0])
    assert first_passage(use, make(np.full((5, len(YEARS)), 12.0))).year == pytest.approx([2040.0, 2030.0, 2025.0])
    with pytest.raises(InputError, match="years"):
        first_passage(use, make(np.full((3, len(YEARS)), 12.0), YEARS + 1))
    with pytest.raises(InputError, match="unit"):
        first_passage(use, make(np.full((3, len(YEARS)), 12.0), resource="images"))


def test_every_definition_by_hand():
    """Frontier 10 + t/10; the stock 14 seen and 13.5 unique; two passes, a union of 3."""
    t = YEARS - 2020.0
    frontier, flat = lines([0.1]), np.zeros((1, len(YEARS)))
    added = np.log10(10 ** (0.1 * 30) - 10 ** (0.1 * 29)) + 10.0  # of the year that ends in 2050, seen
    sides = Sides(
        YEARS,
        frontier,
        frontier - 0.5,
        flat + 14.0,
        flat + 13.5,
        flat + added - np.log10(2.0),
        np.array([2.0]),
        np.array([3.0]),
    )
    found = {name: float(each.year[0]) for name, each in sides.passages().items()}
    assert list(found) == ["main", "record", "single_pass", "share_10", "share_50", "used_once", "flow"]
    at = lambda level: 2020.0 + (level - 10.0) / 0.1  # noqa: E731
    assert found == pytest.approx(
        {
            "main": at(14.0),
            "record": at(14.5),
            "single_pass": at(13.5 + np.log10(2.0)),
            "share_10": at(13.0),
            "share_50": at(14.0 + np.log10(0.5)),
            "used_once": at(13.5 + np.log10(2.0 / 3.0)),
            "flow": 2050.0,
        }
    )
    assert t[0] == 0


@pytest.mark.parametrize("step", [0.25, 0.5, 1.0])
def test_what_a_year_adds(step):
    years = np.arange(2020.0, 2024.01, step)
    plain = 1e12 * 1.5 ** (years - 2020.0)
    plain[-1] = plain[-2] * 0.5  # what shrinks adds nothing
    found = yearly_difference(np.log10(plain)[None], years)[0]
    back = round(1 / step)
    assert found[:back] == pytest.approx(np.full(back, -30.0))
    assert found[back:-1] == pytest.approx(np.log10(plain[back:-1] - plain[: -back - 1]))
    assert found[-1] == -30.0


def test_an_increase_too_small_to_write_down_is_none():
    assert yearly_difference(np.array([[60.0, 60.0, 90.0]]), np.array([0.0, 1.0, 2.0])).tolist() == [[-30, -30, 90.0]]
    least = yearly_difference(np.array([[-40.0, -35.0]]), np.array([0.0, 1.0]))
    assert least.tolist() == [[-30.0, -30.0]]


def test_passes_are_those_of_one_corpus_or_of_the_prior():
    passes = Passes((1.0, 2.0, 4.0), 3, LogNormal(8.0, 0.0, 0.0), "example").draw(seed=3, size=6000)
    values, counts = np.unique(passes, return_counts=True)
    assert values.tolist() == [1.0, 2.0, 4.0, 8.0]
    assert counts / 6000 == pytest.approx([1 / 6, 1 / 6, 1 / 6, 1 / 2], abs=0.02)
    nobody = Passes((), 0, LogNormal(3.0, 0.0, 0.0), "example").draw(seed=3, size=4)
    assert nobody.tolist() == [3.0] * 4
    assert Passes((0.5,), 0, LogNormal(3.0, 0.0, 0.0), "example").draw(seed=3, size=2).tolist() == [1.0, 1.0]


def test_the_union_is_never_smaller_than_the_largest_set():
    drawn = draw_union(seed=1, size=20_000)
    assert drawn.min() >= 1.0
    assert np.median(drawn) == pytest.approx((1.3 * 4.0) ** 0.5, rel=0.03)


class Flowing:
    """A stock that knows its yearly additions: 10 + 0.1 for each year since 2020, for the middle of a year."""

    def project_flow(self, years):
        return make_trajectory(
            (10.0 + 0.1 * (years - 2020.0))[None], years, resource_name="public_text", role="stock", source="x"
        )


def test_the_flow_is_filtered_and_neither_repeated_nor_added_to():
    raw = make_trajectory(lines([0.05], 14.0), YEARS, resource_name="public_text", role="stock", source="x")
    ones = np.ones((1, len(YEARS)))

    def layer(name, factor, level=None, effect="multiplies", counts_as=""):
        return Layer(name, name, effect, counts_as, factor, level, "example")

    layers = [layer("quality", -0.7 * ones), layer("access", -0.1 * ones)]
    layers += [layer("repetition", 0.5 * ones, counts_as="pass")]
    layers += [layer(name, ones, 16 * ones, "adds", "addition") for name in ("synthetic", "private", "multimodal")]
    found = produced_in_a_year(Flowing(), raw, layers)[0]
    assert found == pytest.approx(10.0 + 0.1 * (YEARS - 0.5 - 2020.0) - 0.8)
    # A layer that takes away from new text only counts by what it leaves of the additions: half of them here.
    before = raw.values
    added = 10**before - 10 ** before[:, :1]
    after = np.log10(10 ** before[:, :1] + added / 2)
    halved = produced_in_a_year(Flowing(), raw, [layer("contamination", after - before, after, "caps")])[0]
    assert halved == pytest.approx(10.0 + 0.1 * (YEARS - 0.5 - 2020.0) + np.log10(0.5))
    # Without a flow of its own a stock's growth over the year is it, and the first year has the next one's.
    grown = produced_in_a_year(object(), raw, [])[0]
    wanted = np.log10(10 ** before[0, 2:] - 10 ** before[0, :-2])
    assert grown == pytest.approx(np.r_[wanted[0], wanted[0], wanted])
    assert produced_in_a_year(Flowing(), raw, [layer("quality", -50.0 * ones)]).min() == 0.0
