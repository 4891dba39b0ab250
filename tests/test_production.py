"""Stock estimators: the published figures they stand for, and paths that hold together."""

from __future__ import annotations

import functools
import gc
import re

import numpy as np
import pytest

from forecast import production
from forecast.errors import UnknownNameError
from forecast.ingest.catalog import table
from forecast.production import ESTIMATORS
from forecast.production.estimators.indexed_web import IndexedWeb
from forecast.scenarios.levers import LEVERS


def test_the_indexed_web_of_2024_is_the_published_one():
    """Villalobos et al. 2024, arXiv 2211.04325v2: 510 trillion tokens, 130 to 2100 trillion at 95 %."""
    stock = production.fit("indexed_web", draws=200_000).project(np.array([2024.0]))
    low, middle, high = 10 ** np.quantile(stock.values[:, 0], [0.025, 0.5, 0.975])
    assert middle == pytest.approx(5.1e14, rel=0.03)
    assert (low, high) == pytest.approx((1.3e14, 2.1e15), rel=0.05)


def test_a_token_has_one_to_six_bytes():
    draws = IndexedWeb().draw(np.random.default_rng(1), 100_000)["bytes_per_token"]
    assert draws.min() >= 1.0
    assert draws.max() <= 6.0
    assert np.median(draws) == pytest.approx(4.0, rel=0.01)


@pytest.mark.parametrize("name", list(ESTIMATORS))
def test_a_future_keeps_its_own_growth(name):
    stock = production.fit(name, draws=300)
    coarse, fine = stock.project(np.array([2024.0, 2030.0])), stock.project(np.arange(2024.0, 2030.5, 0.5))
    assert coarse.values[:, 1] == pytest.approx(fine.values[:, -1])
    assert np.array_equal(coarse.values, production.fit(name, draws=300).project(coarse["year"].values).values)
    assert not np.array_equal(coarse.values, production.fit(name, draws=300, seed=7).project(coarse["year"].values))


@pytest.mark.parametrize("name", list(ESTIMATORS))
def test_an_estimator_says_who_it_is(name):
    fitted = production.fit(name, draws=100)
    path = fitted.project(np.array([2024.0, 2025.0]))
    assert fitted.estimator.name == name
    assert fitted.estimator.title
    assert fitted.estimator.lineage
    assert fitted.estimator.sources
    assert path.dims == ("draw", "year")
    assert (path.attrs["role"], path.attrs["source"]) == ("stock", name)
    assert np.isfinite(path.values).all()


def test_the_indexed_web_is_pages_times_bytes_over_bytes_a_token():
    inputs = {"pages": 2e11, "bytes_per_page": 7e3, "bytes_per_token": 4.0, "growth": 1.1}
    draws = {name: np.array([value]) for name, value in inputs.items()}
    found = IndexedWeb().log10_stock(draws, np.array([2024.0, 2026.0]))
    assert 10 ** found[0] == pytest.approx([2e11 * 7e3 / 4.0, 2e11 * 7e3 / 4.0 * 1.21])


def test_an_unknown_estimator_is_named_with_the_nearest():
    with pytest.raises(UnknownNameError, match="did you mean 'indexed_web'"):
        production.fit("index_web")


@pytest.mark.parametrize("name", list(ESTIMATORS))
def test_an_estimator_names_the_tables_that_it_reads(name, monkeypatch):
    """The forecast lists them with their hashes and licences: a table that is read and not named would be missing."""
    read = set()

    def spied(table_name, *rest):
        read.add(table_name)
        return table(table_name, *rest)

    monkeypatch.setattr("forecast.production.tables.table", spied)
    monkeypatch.setattr("forecast.ingest.catalog.table", spied)
    # What was read before must be read again to be seen.
    for kept in gc.get_objects():
        if type(kept) is functools._lru_cache_wrapper and str(kept.__module__).startswith("forecast.production"):
            kept.cache_clear()
    production.fit(name, draws=20).project(np.array([2024.0, 2030.0]))
    estimator = ESTIMATORS[name]()
    named = set(re.findall(r"\btable (\w+)", " ".join(estimator.sources)))  # read by hand: numbers stand in the code
    assert read <= set(estimator.tables) <= read | named


def test_the_lever_on_machine_text_and_that_on_access_name_their_tables():
    assert LEVERS["contamination"].tables == ("synthetic_share",)
    assert LEVERS["access"].tables == ("access_restrictions", "access_shocks")
