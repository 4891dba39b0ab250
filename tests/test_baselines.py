"""Baselines: honest intervals on a trend that is known, no look ahead, the contract's shape."""

import numpy as np
import pandas as pd
import pytest

from forecast.consumption.alternatives.baselines import BASELINES
from forecast.core.trajectory import DRAW, YEAR
from forecast.errors import InputError, UnknownNameError

AS_OF = 2026.0
YEARS = np.arange(2020.0, 2036.5, 0.5)


def simulated(seed, slope=0.4, end=AS_OF, a_block=12):
    """Corpora below a straight frontier: the best of a half-year is half an order below it, at random."""
    rng = np.random.default_rng(seed)
    year = np.concatenate([start + 0.5 * rng.uniform(size=a_block) for start in np.arange(2018.0, end, 0.5)])
    deficit = 1.5 * rng.weibull(1.3, size=len(year))
    return pd.DataFrame(
        {
            "model": [f"m{i}" for i in range(len(year))],
            "year": year,
            "log10_size": 12 + slope * (year - 2024) - deficit,
            "measurement_sd": 0.05,
        }
    ).sort_values("year", ignore_index=True)


@pytest.mark.parametrize("name", sorted(BASELINES))
def test_paths_are_records_in_the_shape_of_a_trajectory(name):
    rows = simulated(1)
    path = BASELINES[name]().forecast(rows, YEARS, as_of=AS_OF, seed=1, draws=300)
    assert path.dims == (DRAW, YEAR)
    assert path.shape == (300, len(YEARS))
    assert path.attrs["role"] == "consumption"
    assert (np.diff(path.values, axis=1) >= 0).all()
    known = rows.loc[rows["year"] <= 2023.0, "log10_size"].max()
    assert path.sel(year=2023.0).values == pytest.approx(known)
    assert path.sel(year=2030.0).values.std() > path.sel(year=2026.5).values.std() > 0


@pytest.mark.parametrize("name", sorted(BASELINES))
def test_rows_after_the_date_are_not_looked_at(name):
    rows = simulated(2, end=2026.0)
    early = rows[rows["year"] <= 2023.25]
    one, two = (BASELINES[name]().forecast(r, YEARS, as_of=2023.25, seed=1, draws=50).values for r in (rows, early))
    assert np.array_equal(one, two)


@pytest.mark.parametrize("name", sorted(BASELINES))
def test_the_same_seed_gives_the_same_paths_and_another_others(name):
    rows = simulated(3)
    one, two, three = (
        BASELINES[name]().forecast(rows, YEARS, as_of=AS_OF, seed=seed, draws=40).values for seed in (1, 1, 2)
    )
    assert np.array_equal(one, two)
    assert not np.array_equal(one, three)


@pytest.mark.parametrize("name", sorted(BASELINES))
def test_half_years_without_a_corpus_are_borne(name):
    rows = simulated(4)
    gaps = rows[~rows["year"].between(2021.0, 2022.0) & ~rows["year"].between(2025.0, 2025.5)]
    path = BASELINES[name]().forecast(gaps, YEARS, as_of=AS_OF, seed=1, draws=50)
    assert np.isfinite(path.values).all()


def test_unknown_and_too_few():
    with pytest.raises(UnknownNameError, match="ols"):
        BASELINES["olds"]()
    with pytest.raises(InputError):
        BASELINES["ols"]().forecast(simulated(5).head(2), YEARS, as_of=AS_OF, seed=1, draws=10)


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(BASELINES))
def test_intervals_cover_the_record_of_a_straight_trend(name):
    """80 % intervals of the record two years on, in 40 worlds: neither a coin toss nor everything."""
    inside = []
    for seed in range(40):
        rows = simulated(100 + seed, end=2028.0)
        truth = rows["log10_size"].max()
        path = BASELINES[name]().forecast(rows, np.array([2027.0, 2028.0]), as_of=AS_OF, seed=seed, draws=400)
        low, high = np.quantile(path.sel(year=2028.0).values, [0.1, 0.9])
        inside.append(low <= truth <= high)
    assert 0.60 <= np.mean(inside) <= 0.98
