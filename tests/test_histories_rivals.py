"""Rivals on histories: closed forms, made series, and nothing later than the origin."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import t

from forecast.errors import InputError
from forecast.evaluate.histories.rivals import RIVALS
from forecast.evaluate.histories.rivals.farmer_lafond import error_factor, walk
from forecast.evaluate.histories.rivals.neighbours import Neighbours
from forecast.evaluate.histories.rivals.record_plus_drift import RecordPlusDrift
from forecast.evaluate.histories.rivals.record_plus_drift_fitted import RecordPlusDriftFitted
from forecast.ingest.histories import History
from forecast.ingest.known import Known, came, known_at, origins

HORIZONS = (1.0, 2.0, 3.0, 5.0)


def made(log10, name="made", kind="record", first=2000.0, **more):
    year = first + np.arange(float(len(log10)))
    value = 10.0 ** np.asarray(log10, dtype=float)
    return History(name, name, kind, "made", "", "", "higher", year, value, float(year[-1]), **more)


def known(log10, kind="record"):
    value = np.maximum.accumulate(np.asarray(log10, dtype=float))
    return Known("made", "made", kind, "made", 2020.0, value)


def grown(steps, rng, mean=0.2, jump=0.3):
    return np.cumsum(jump * rng.gamma(mean / jump, size=steps))


def test_the_unit_is_the_formula():
    value = np.cumsum([0.0, 0.1, 0.3, 0.2, 0.0, 0.4, 0.1, 0.2, 0.0, 0.1, 0.5, 0.3])
    one = known(value)
    p5, p10 = (value[-1] - value[-6]) / 5, (value[-1] - value[-11]) / 10
    expected = 0.5 * p10 + 0.5 * p5 + 0.5 * np.std(np.diff(value[-11:]), ddof=1)
    assert one.unit() == pytest.approx(expected)
    assert known([1.0] * 8).unit() == 0.005


def test_half_years_have_the_same_pace_and_unit_as_years():
    yearly = known(0.2 * np.arange(12.0))
    halves = replace(yearly, value=0.1 * np.arange(23.0), step=0.5)
    assert halves.pace(5) == pytest.approx(yearly.pace(5))
    assert halves.unit() == pytest.approx(yearly.unit())


def test_nothing_later_than_the_origin_is_known():
    history = made(grown(20, np.random.default_rng(1)))
    later = replace(history, value=np.where(history.year > 2010, history.value * 1e6, history.value))
    assert np.array_equal(known_at(history, 2010.0).value, known_at(later, 2010.0).value)


def test_what_came_is_told_only_as_long_as_the_series_was_followed():
    history = made([0, 1, 2, 3, 4, 5, 6, 7, 8])
    assert origins(history) == [2005.0, 2006.0, 2007.0]
    assert np.array_equal(came(history, 2006.0, HORIZONS), [7, 8, np.nan, np.nan], equal_nan=True)


def test_too_little_to_forecast_from_is_refused():
    with pytest.raises(InputError, match="at least 6"):
        known_at(made(range(9)), 2003.0)


@pytest.mark.parametrize("name", list(RIVALS))
def test_no_rival_falls_below_the_record_and_the_same_seed_gives_the_same_draws(name):
    rng = np.random.default_rng(5)
    others = [made(grown(25, rng), f"other {number}") for number in range(6)]
    rival, one = RIVALS[name]().learn(others), known(grown(15, rng))
    first, again = (rival.forecast(one, HORIZONS, np.random.default_rng(6), 200) for _ in range(2))
    assert first.shape == (4, 200)
    assert np.isfinite(first).all()
    assert (first >= one.record).all()
    assert np.array_equal(first, again)


def test_record_plus_drift_has_the_mean_of_its_prior():
    drawn = RecordPlusDrift().forecast(known(range(8)), [2.0], np.random.default_rng(7), 40_000)[0] - 7
    width = np.log(0.45 / 0.20) / (2 * 1.6448536)
    assert drawn.mean() == pytest.approx(2 * 0.3 * np.exp(width**2 / 2), rel=0.02)


def test_a_steady_series_goes_on_as_it_went_when_fitted():
    drawn = RecordPlusDriftFitted().forecast(known(0.2 * np.arange(12.0)), [5.0], np.random.default_rng(8), 500)[0]
    assert drawn.mean() == pytest.approx(0.2 * 11 + 1.0, abs=0.01)
    assert drawn.std() < 0.05


def test_fitted_drift_covers_series_of_its_own_kind():
    rng, held = np.random.default_rng(9), []
    for _ in range(300):
        path = grown(13, rng)
        low, high = np.quantile(RecordPlusDriftFitted().forecast(known(path[:11]), [2.0], rng, 300)[0], [0.1, 0.9])
        held.append(low <= path[12] <= high)
    assert np.mean(held) == pytest.approx(0.8, abs=0.08)


@pytest.mark.parametrize(("theta", "steps"), [(0.0, 1), (0.0, 5), (0.63, 1), (0.63, 5)])
def test_the_geometric_walk_has_the_published_error(theta, steps):
    changes = np.random.default_rng(10).normal(0.1, 0.2, size=12)
    drawn = walk(changes, theta, steps, np.random.default_rng(11), 60_000)[:, -1] - steps * changes.mean()
    scale = changes.std(ddof=1) * np.sqrt(error_factor(theta, 12, steps) / (1 + theta**2))
    for level in (0.05, 0.25, 0.75, 0.95):
        assert np.mean(drawn <= scale * t.ppf(level, 11)) == pytest.approx(level, abs=0.008)


def test_neighbours_say_what_others_like_it_did_in_their_own_units():
    steady = [made(pace * np.arange(20.0), f"steady {pace}") for pace in (0.05, 0.1, 0.4)]
    drawn = Neighbours().learn(steady).forecast(known(0.2 * np.arange(12.0)), [5.0], np.random.default_rng(12), 100)[0]
    assert drawn == pytest.approx(np.full(100, 0.2 * 11 + 1.0))


def test_neighbours_never_learn_from_the_family_they_forecast():
    rng = np.random.default_rng(13)
    alone = Neighbours().learn([made(grown(20, rng))])
    with pytest.raises(InputError, match="no case to learn"):
        alone.forecast(known(grown(12, rng)), HORIZONS, rng)
    with pytest.raises(InputError, match="learned nothing"):
        Neighbours().forecast(known(grown(12, rng)), HORIZONS, rng)
