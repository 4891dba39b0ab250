"""Futures given something: against selection by hand, Bayes by hand, and what is refused."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from sampling import passing_run

import forecast as fc
from forecast.core.trajectory import make_trajectory, plain_at, with_members
from forecast.errors import InputError, MissingFileError, UnknownNameError
from forecast.evaluate.disclosures.conditioning import FLOOR
from forecast.runs import futures
from forecast.runs.conditioning import FEWEST_EFFECTIVE
from forecast.runs.forecast import Forecast

COUNT = 1000
YEARS = np.array([2026.0, 2028.0, 2032.0])


def made(count: int = COUNT, seed: int = 1) -> Forecast:
    """A forecast of two growth models and one lever, drawn here."""
    rng = np.random.default_rng(seed)
    start, slope = rng.normal(13.5, 0.3, count), rng.uniform(0.0, 0.4, count)
    paths = start[:, None] + slope[:, None] * (YEARS - 2026)
    names = ["slow"] * (count // 2) + ["fast"] * (count - count // 2)
    told = {"resource_name": "public_text", "source": "test"}
    frontier = with_members(make_trajectory(paths, YEARS, role="consumption", **told), names)
    stock = with_members(make_trajectory(np.full_like(paths, 14.2), YEARS, role="stock", **told), names)
    levers = {"repetition.passes": rng.uniform(1, 6, count), "access.compliance_now": rng.uniform(0, 1, count)}
    return Forecast(
        fc.first_passage(frontier, stock).year,
        frontier,
        stock,
        {"scenario": "baseline", "resource": "public_text", "as_of": "2026-09-22"},
        levers=levers,
    )


def test_a_range_is_selection_by_hand():
    f = made()
    level = 10 ** f.consumption.values[:, 1]
    passes, member = f.levers["repetition.passes"], np.array(["slow"] * 500 + ["fast"] * 500)
    kept = (level >= 4e13) & (passes >= 2) & (passes <= 5) & (member == "slow")
    g = f.given(frontier_2028=(4e13, None), repetition=(2, 5), member="slow")
    years = f.exhaustion_year[kept]
    assert 100 < kept.sum() < 500
    assert (g.n_effective, g.of, len(g.exhaustion_year)) == (kept.sum(), COUNT, kept.sum())
    assert g.consumption["draw"].values.tolist() == np.flatnonzero(kept).tolist()
    assert g.probability(by=[2028, 2030, 2031.5]).tolist() == [(years < at).mean() for at in (2029, 2031, 2031.5)]
    levels = [0.1, 0.5, 0.8]
    assert g.quantile(levels).tolist() == np.quantile(years, levels, method="inverted_cdf").tolist()
    assert g.interval(0.8) == tuple(np.quantile(years, [0.1, 0.9], method="inverted_cdf"))
    assert g.cdf(2030) == (years <= 2030).mean()
    assert sorted(g.sample(len(years))) == sorted(years)


def test_conditions_one_after_the_other_are_all_at_once():
    f = made()
    at_once = f.given(exhaustion_year=(2027, None), member=["fast"], stock_2028=(None, 1e15))
    one_by_one = f.given(member="fast").given(stock_2028=(None, 1e15)).given(exhaustion_year=(2027, None))
    assert np.array_equal(at_once.exhaustion_year, one_by_one.exhaustion_year)
    assert one_by_one.of == COUNT
    assert set(at_once.known) == set(one_by_one.known)


def test_a_figure_with_an_error_is_bayes_on_the_log_scale():
    """Prior N(13.5, 0.3) of log10 and a figure of 13.8 with an error of 0.2 give a normal of closed form."""
    f = made(20_000)
    g = f.given(frontier_2026=fc.LogNormal(10**13.8, 0.2, 0.2))
    precision = 1 / 0.3**2 + 1 / 0.2**2
    mean = (13.5 / 0.3**2 + 13.8 / 0.2**2) / precision
    drawn, weights = g.consumption.values[:, 0], g.weights
    assert weights.sum() == pytest.approx(1)
    assert weights @ drawn == pytest.approx(mean, abs=0.01)
    assert weights @ (drawn - mean) ** 2 == pytest.approx(1 / precision, rel=0.05)
    assert g.n_effective == pytest.approx(1 / np.sum(weights**2))
    assert 5_000 < g.n_effective < 20_000
    levels = np.array([0.05, 0.2, 0.4])
    assert g.cdf(2032) > 0.4
    assert g.cdf(g.quantile(levels)) == pytest.approx(levels, abs=0.001)
    assert g.probability(by=2030) == pytest.approx(weights @ (g.exhaustion_year < 2031))
    assert np.mean(g.sample(50_000) <= 2030) == pytest.approx(g.cdf(2030), abs=0.01)
    assert g.to_dataframe()["weight"].sum() == pytest.approx(1)


def test_it_says_what_it_is_given():
    g = made().given({"access.compliance_now": (0.2, None)}, frontier_2028=(None, 1e15), member=["slow", "fast"])
    said = repr(g)
    assert said.startswith("ConditionalForecast(given access.compliance_now at least 0.2")
    assert "the frontier on 1 January 2028 at most 1e+15 tokens and growth as in slow or fast: " in said
    assert f"{len(g.exhaustion_year):,} of 1,000 futures, worth {len(g.exhaustion_year):,})" in said
    assert "\n" not in said
    assert next(iter(g.summary().index)) == "exhaustion year"


@pytest.mark.parametrize(
    ("known", "kind", "told"),
    [
        (
            {"frontier_2028": (1e17, None)},
            InputError,
            "0 effective futures of 1,000, expected at least 100: widen frontier_2028",
        ),
        ({"member": "slow", "repetition": (5.9, None)}, InputError, "widen repetition, or make a run with more draws"),
        ({}, InputError, "got no condition"),
        ({"frontier_2028": 1e14}, InputError, "write (low, high), with None for no bound"),
        ({"frontier_2028": (None, None)}, InputError, "one end at least"),
        ({"frontier_2028": (2, 1)}, InputError, "the lower one first"),
        ({"frontier_2028": ("a", 1)}, InputError, "numbers at its ends"),
        ({"frontier_2028": fc.LogNormal(1e14, 0.0, 0.0)}, InputError, "without a width"),
        ({"frontier_2099": (1, None)}, InputError, "a year that the trajectory covers, 2026 to 2032"),
        ({"member": "slowly"}, UnknownNameError, "did you mean 'slow'?"),
        ({"frontir_2028": (1, None)}, UnknownNameError, "did you mean 'frontier_2028'?"),
        ({"access": (0.2, None)}, UnknownNameError, "expected one of: access.compliance_now"),
        ({"quality": (0.2, None)}, InputError, "a lever that acts in the forecast"),
    ],
)
def test_what_leaves_too_little_or_makes_no_sense_is_refused(known, kind, told):
    with pytest.raises(kind) as caught:
        made().given(known)
    assert told in str(caught.value)


def test_few_futures_are_as_few_here_as_for_disclosures():
    assert FEWEST_EFFECTIVE == FLOOR


def test_a_run_that_kept_neither_members_nor_levers_says_so():
    f = made()
    old = Forecast(f.exhaustion_year, f.consumption.drop_vars("member"), f.stock, f.document)
    for known in ({"member": "slow"}, {"repetition": (2, None)}):
        with pytest.raises(InputError, match="make the run again"):
            old.given(known)
    assert "member" not in old.to_dataframe()


# --- levels in plain units, at any instant


def test_between_the_years_lines_are_straight_in_log10():
    f = made()
    assert f.consumption_at(2030.0).values == pytest.approx(10 ** f.consumption.values[:, 1:].mean(axis=1))
    assert f.consumption_at([2028, 2032]).values == pytest.approx(10 ** f.consumption.values[:, 1:])
    assert f.consumption_at(2028).attrs["unit"] == "tokens"
    assert f.consumption_at(2028)["member"].values.tolist() == ["slow"] * 500 + ["fast"] * 500
    assert f.stock_at(dt.date(2027, 7, 2)).values == pytest.approx(10**14.2)
    for year in (2025.9, "2032-01-02"):
        with pytest.raises(InputError, match="2026 to 2032"):
            f.consumption_at(year)


def test_both_sides_meet_in_the_exhaustion_year():
    f = made()
    there = np.flatnonzero((f.exhaustion_year > 2026) & np.isfinite(f.exhaustion_year))
    for draw in there[:20]:
        year = f.exhaustion_year[draw]
        assert float(f.consumption_at(year)[draw]) == pytest.approx(float(f.stock_at(year)[draw]))


def test_a_path_from_nothing_stays_nothing_until_it_begins():
    path = make_trajectory(np.array([[-np.inf, 13.0]]), YEARS[:2], resource_name="images", role="stock", source="")
    assert plain_at(path, np.array([2026.0, 2027.0, 2028.0])).values[0] == pytest.approx([0.0, 0.0, 1e13])


# --- years and dates alike


@pytest.mark.parametrize(
    "day",
    [
        "2030-07-02",
        dt.date(2030, 7, 2),
        dt.datetime(2030, 7, 2, 15),
        pd.Timestamp("2030-07-02"),
        np.datetime64("2030-07-02"),
    ],
)
def test_a_date_is_an_instant_whatever_holds_it(day):
    f = made()
    assert f.probability(by=day) == f.probability(by=2030 + 182 / 365)
    assert f.cdf([day]).tolist() == [f.cdf(2030 + 182 / 365)]
    assert f.probability(by=pd.DatetimeIndex([day, "2031-01-01"]))[0] == f.probability(by=day)


def test_the_first_of_january_as_a_date_is_no_whole_year():
    f = made()
    assert f.probability(by=dt.date(2031, 1, 1)) == f.probability(by=2030) < f.probability(by=2031)


# --- tables and several forecasts


def test_a_table_has_one_row_a_future():
    f = made()
    table = f.to_dataframe(years=[2028, "2030-01-01", 2050])
    assert table.index.name == "draw"
    assert list(table) == [
        "exhaustion_year", "member", "repetition.passes", "access.compliance_now",
        "frontier_2028", "frontier_2030", "stock_2028", "stock_2030",
    ]  # fmt: skip
    assert len(table) == COUNT
    assert (table["frontier_2030"] > table["stock_2030"]).mean() == pytest.approx(f.cdf(2030.0))


def test_a_summary_is_in_years_and_trillions():
    table = made().summary()
    assert table.loc["effective stock on 1 January 2026 (trillion tokens)", "50%"] == pytest.approx(10**2.2)
    assert 2026 <= table.loc["exhaustion year", "50%"] < 2040


def test_stacked_forecasts_keep_their_own_draws():
    one, two = made(), made(400, seed=2)
    both = fc.stack({"one": one, "two": two})
    assert both["exhaustion_year"].dims == ("scenario", "draw")
    assert both["consumption"].dims == ("scenario", "draw", "year")
    assert both["consumption"].attrs["unit"] == "log10(tokens)"
    assert both["exhaustion_year"].sel(scenario="two").values[:400].tolist() == two.exhaustion_year.tolist()
    assert np.isnan(both["exhaustion_year"].sel(scenario="two").values[400:]).all()
    assert fc.stack([one])["scenario"].values.tolist() == ["baseline"]
    with pytest.raises(InputError, match="give a mapping"):
        fc.stack([one, two])
    with pytest.raises(InputError, match="got no forecast"):
        fc.stack([])


# --- a run and its folder


def test_every_draw_of_a_run_knows_its_member_and_its_levers(tmp_path):
    run = passing_run()
    each = len(run.exhaustion_year) // 2
    assert run.consumption["member"].values.tolist() == ["damped"] * each + ["windowed_exponential"] * each
    for part in run.document["consumption"]["members"]:
        shares = run.given(member=part["name"]).probability(by=2030)
        assert shares == pytest.approx(part["exhaustion_year"]["probability_by"]["2030"], abs=1e-6)
    stock = {layer["name"]: layer["factor"]["median"] for layer in run.document["stock"]["layers"]}
    assert np.median(run.levers["repetition.passes"]) == pytest.approx(stock["repetition"], rel=0.01)
    again = fc.load(run.save(tmp_path / "out") / "forecast.json")
    assert again.consumption["member"].equals(run.consumption["member"])
    assert again.levers.keys() == run.levers.keys()
    for name, values in run.levers.items():
        assert again.levers[name] == pytest.approx(values, rel=1e-6)
    with xr.open_dataset(tmp_path / "out" / "trajectories.nc", group="lever") as levers:
        assert levers["quality.usable_share"].attrs["units"] == "share"
    (tmp_path / "forecast.json").write_bytes((tmp_path / "out" / "forecast.json").read_bytes())
    with pytest.raises(MissingFileError, match=r"trajectories\.nc beside it"):
        fc.load(tmp_path / "forecast.json")


def test_what_is_shown_is_what_the_contract_shows():
    assert set(futures.SHOWN_YEARS) == {2026, 2028, 2030}
