"""Growth members on histories: what they see, what they recover, and what is said where they fail."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest

from forecast.consumption.fitting import FitRequest
from forecast.consumption.member import Member
from forecast.consumption.members import DEFAULT_MEMBERS, MEMBERS
from forecast.consumption.members.record_drift import RecordDrift
from forecast.consumption.members.windowed_exponential import WindowedExponential
from forecast.consumption.particles import particle_fits
from forecast.evaluate.histories import run
from forecast.evaluate.histories.members import (
    MIXTURE,
    UNGATED,
    Said,
    default_members,
    for_scale,
    frontier_of,
    said_by_members,
    with_mixtures,
)
from forecast.evaluate.histories.rivals.record_plus_drift import RecordPlusDrift
from forecast.evaluate.histories.scoring import HistoryTask, score_history
from forecast.fits.particles.sweep import Care
from forecast.ingest.histories import History
from forecast.ingest.known import known_at

LITTLE = Care(particles=80, clouds=1, sweeps=(1, 1), last_sweeps=(2, 2), half_years=8)


def history(slope=0.4, start=1950.0, years=14, direction="higher", name="steady"):
    """Return a series that grows by so many decades a year, read every half-year."""
    year = start + 0.5 * np.arange(2 * years)
    sign = 1 if direction == "higher" else -1
    value = 10 ** (sign * slope * (year - start))
    return History(name, name, "record", name, "x", "", direction, year, value, float(year[-1]))


@dataclass(frozen=True)
class Broken(WindowedExponential):
    """Knows nothing of data that end after 2024.5."""

    name: ClassVar[str] = "broken"

    def sees(self, data):
        if data.as_of > 2024.5:
            raise KeyError("a year")
        return super().sees(data)


def test_members_see_the_best_known_at_the_end_of_each_half_year_and_nothing_later():
    year = np.array([1990.0, 1991.0, 1993.2, 1996.0, 1999.0])
    series = History("x", "x", "record", "", "", "", "higher", year, 10.0 ** np.array([0, 1, 2, 1.5, 9]), 2002.0)
    data = frontier_of(known_at(series, 1997.0, step=0.5), 1997.0, 12.0)
    seen = data.observed[:, 0] > 0
    assert data.as_of == data.last_knot == 2024.0
    assert data.size[seen, 0].tolist() == [13.0] * 4 + [14.0] * 8
    assert data.time[seen, 0].tolist() == (2018.25 + 0.5 * np.arange(12)).tolist()
    assert RecordDrift().reads(data).size[seen, 0].tolist() == data.size[seen, 0].tolist(), "it is the running record"
    later = frontier_of(known_at(series, 1998.0, step=0.5), 1997.0, 12.0)
    assert later.as_of == 2025.0
    assert np.array_equal(later.size[:12], data.size[:12])


def test_half_years_before_the_series_are_empty():
    data = frontier_of(known_at(history(start=1950.0), 1955.0, step=0.5), 1955.0, 0.0)
    assert data.observed[:, 0].tolist() == [0.0] + [1.0] * 11 + [0.0] * 7


@pytest.mark.parametrize("direction", ["higher", "lower"])
def test_a_member_recovers_the_slope_of_a_steady_series_whatever_its_century_and_direction(direction):
    known = known_at(history(slope=0.8, direction=direction), 1962.0, step=0.5)
    data = frontier_of(known, 1962.0, 12.0 - known.record)
    (fit,) = particle_fits(
        [FitRequest(WindowedExponential(), data, 1)], Care(100, 2, (1, 1), (3, 4), half_years=20), jobs=1
    )
    low, middle, high = np.quantile(fit.draws["slope"], [0.05, 0.5, 0.95])
    assert low < 0.8 < high
    assert middle == pytest.approx(0.8, abs=0.2)


def test_members_and_mixture_are_scored_beside_the_rivals():
    members = (WindowedExponential(), RecordDrift())
    made = score_history(HistoryTask(history(years=8), (RecordPlusDrift(),), 1, members=members, care=LITTLE))
    found = {}
    for row in made.rows:
        found.setdefault((row["origin"], row["horizon"]), set()).add(row["method"])
    assert {"windowed_exponential", "record_drift", UNGATED, "record_plus_drift"} <= set.intersection(*found.values())
    assert any(row["method"] == MIXTURE for row in made.rows)
    median = {row["method"]: row["score"] for row in made.rows if row["horizon"] == 1}
    assert max(median.values()) < 2


def test_the_mixture_has_the_same_number_of_draws_from_each_default_member_that_passes():
    one, two = np.zeros((2, 4)), np.ones((2, 4))
    said = [
        Said(2000.0, "damped", one),
        Said(2000.0, "record_drift", two, "cannot produce the record"),
        Said(2000.0, "mine", 9 * two),
    ]
    found = {each.member: each.draws for each in with_mixtures(said)}
    assert np.array_equal(found[MIXTURE], one)
    assert np.array_equal(found[UNGATED], np.concatenate([one, two], axis=1))
    none = {each.member: each for each in with_mixtures(said[1:])}[MIXTURE]
    assert none.draws is None
    assert none.failure == "no member that passes"


def test_a_member_that_fails_at_one_origin_is_counted_there_and_takes_no_other_with_it():
    said = list(said_by_members(history(years=9), [1957.0, 1958.0], [1.0], [Broken(), RecordDrift()], 1, LITTLE))
    broken = [one for one in said if one.member == "broken"]
    assert [one.draws is None for one in broken] == [False, True]
    assert "KeyError" in broken[1].failure
    drift = [one for one in said if one.member == "record_drift"]
    assert all(one.draws is not None for one in drift)
    made = score_history(HistoryTask(history(years=8), (), 1, members=(Broken(),), care=LITTLE))
    entry = run.counted(made)["methods"]["broken"]
    assert entry["no_forecast"] > 0
    assert entry["by_series"] == {"steady": entry["no_forecast"] + entry["fails_gate"]}
    assert "steady at " in run.failure_lines(run.counted(made))[0]


@pytest.mark.parametrize("scale", [0.2, 1.0, 7.0])
def test_what_priors_say_of_any_record_is_scaled_with_it_and_the_rest_is_not(scale):
    for name in DEFAULT_MEMBERS:
        who = MEMBERS[name]()
        before, after = dict(who.priors()), dict(for_scale(who, scale).priors())
        general = {"jump"} if name == "compute_led" else {"jump", "slope"}
        for parameter, prior in before.items():
            times = scale if parameter in general else 1.0
            assert after[parameter].centre == pytest.approx(times * prior.centre), (name, parameter)
            if prior.family == "lognormal":
                assert after[parameter].spread == prior.spread, "a factor stays a factor"
    assert for_scale(MEMBERS["local_trend"](), scale) == MEMBERS["local_trend"](), "it learned nothing from histories"


def test_members_say_the_same_of_a_series_in_whatever_unit_it_is_counted():
    """Scaling priors with the series leaves what is said, in the series' own unit, where it was."""
    slow, fast = history(slope=0.05, years=9), history(slope=0.8, years=9)
    for who in (WindowedExponential(), RecordDrift()):
        (one,), (other,) = (
            [s for s in said_by_members(h, [1958.0], [2.0], [who], 1, LITTLE) if s.member == who.name]
            for h in (slow, fast)
        )
        grown = [
            np.median(said.draws[0]) - known_at(h, 1958.0, step=0.5).record for said, h in ((one, slow), (other, fast))
        ]
        assert grown[1] / grown[0] == pytest.approx(16.0, rel=0.35)


def test_a_registered_member_takes_part(monkeypatch):
    monkeypatch.setattr(MEMBERS, "_entries", dict(MEMBERS._entries))
    MEMBERS.register(Broken)
    assert isinstance(default_members()[-1], Broken)
    assert issubclass(type(default_members()[0]), Member)


def test_ratios_of_a_table_are_of_the_mixture_and_failures_are_said(tmp_path, monkeypatch):
    monkeypatch.setattr(run, "RIVALS", {name: run.RIVALS[name] for name in ("record_plus_drift", "neighbours")})
    rows = [
        f"s{n},record,{2000 + y}-01-01,{10 ** (0.2 * y + 0.05 * n * (y % 3)):.8g}" for n in (1, 2) for y in range(9)
    ]
    (tmp_path / "mine.csv").write_text("\n".join(["series,kind,date,value", *rows]) + "\n")
    members = (RecordDrift(), Broken())
    content = run.backtest_histories(tmp_path / "mine.csv", members=members, care=LITTLE, jobs=1)
    assert content["of"] == MIXTURE
    assert content["members"] == ["record_drift", "broken"]
    assert {"record_drift", "broken", MIXTURE, UNGATED, "neighbours"} <= set(content["summary"]["user"])
    assert {"record_drift", "record_plus_drift", "neighbours"} <= {pair["against"] for pair in content["pairs"]}
    assert content["failures"]["user"]["methods"]["broken"]["no_forecast"] == 4
    assert run.known(content)[0].startswith("Known, on these series")


def test_without_any_mixture_the_neighbours_are_compared_and_it_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(run, "RIVALS", {name: run.RIVALS[name] for name in ("record_plus_drift", "neighbours")})
    rows = [
        f"s{n},record,{2000 + y}-01-01,{10 ** (0.2 * y + 0.05 * n * (y % 3)):.8g}" for n in (1, 2) for y in range(9)
    ]
    (tmp_path / "mine.csv").write_text("\n".join(["series,kind,date,value", *rows]) + "\n")
    content = run.backtest_histories(tmp_path / "mine.csv", members=(Broken(),), care=LITTLE, jobs=1)
    assert {pair["of"] for pair in content["pairs"]} == {"neighbours"}
    assert "The mixture takes no part" in run.known(content)[1]
    assert "no member" in content["failures"]["user"]["methods"][MIXTURE]["example"]
