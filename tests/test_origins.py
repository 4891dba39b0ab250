"""The gate at origins: dates, what is refused, what is said of a failure. Fits are stood in for."""

from types import SimpleNamespace

import numpy as np
import pytest

from forecast.errors import ModelError
from forecast.evaluate.backtest import origins
from forecast.evaluate.backtest.origins import OriginTask, attempts, check_origin, gate, origin_tasks


@pytest.fixture(scope="module")
def corpora():
    import pandas as pd

    year = np.arange(2018.1, 2021.0, 0.1)
    return pd.DataFrame(
        {
            "model": [f"m{y:.1f}" for y in year],
            "year": year,
            "log10_size": 10 + 0.4 * (year - 2018),
            "measurement_sd": 0.05,
        }
    )


def stand_in(verdict: str):
    """Return a fit_member that samples nothing."""

    class Stand:
        def __init__(self, request) -> None:
            status = "PASS" if verdict == "PASS" else "FAIL"
            self.diagnostics = {
                "verdict": verdict,
                "checks": [{"name": "R-hat", "status": status, "sentence": "largest R-hat 1.2", "advice": ""}],
                "p_values": {"the record": 0.4, "the maximum of 2020H1": 0.02},
                "rhat_max": 1.2,
                "ess_bulk_min": 500.0,
                "ess_tail_min": 500.0,
                "divergences": 0,
                "transitions": 6000,
            }
            self.posterior = SimpleNamespace(attrs={"attempts": 2})

        def project(self, years: np.ndarray):
            return SimpleNamespace(values=np.tile([12.0, 13.0], (50, 1)))

    return Stand


def test_origins_are_half_years_and_stop_in_time() -> None:
    found = origins.origins(2026.64)
    assert found[0] == 2019.0
    assert found[-1] == 2026.5
    assert set(np.diff(found)) == {0.5}


def test_an_origin_sees_nothing_that_came_later(corpora) -> None:
    listed, _ = origin_tasks(corpora, 2020.9, ("damped",))
    for task in listed:
        assert task.data.time[task.data.observed > 0].max() <= task.origin
    assert [task.shipped for task in listed].count(True) == 1


def test_too_few_half_years_are_refused_with_the_reason(corpora) -> None:
    late = corpora[corpora["year"] > 2018.5]
    listed, refused = origin_tasks(late, 2020.9, ("damped",))
    assert 2019.0 in [item["origin"] for item in refused]
    assert "half-years" in refused[0]["reason"]
    assert 2019.0 not in [task.origin for task in listed]


def test_a_member_that_fails_is_out_with_its_reason(corpora, monkeypatch: pytest.MonkeyPatch) -> None:
    listed, refused = origin_tasks(corpora, 2020.9, ("damped",))
    monkeypatch.setattr(origins, "fit_member", stand_in("FAIL"))
    content = gate([check_origin(task) for task in listed], refused)
    assert len(content["out"]) == len(listed)
    assert content["out"][0]["reasons"] == ["R-hat: largest R-hat 1.2"]
    assert content["members"][0]["hold"] == 0
    assert content["members"][0]["shipped"] == "FAIL"
    assert content["members"][0]["rerun"] == len(listed)


def test_a_member_that_holds_is_in(corpora, monkeypatch: pytest.MonkeyPatch) -> None:
    listed, _ = origin_tasks(corpora, 2020.9, ("damped",))
    monkeypatch.setattr(origins, "fit_member", stand_in("PASS"))
    row = check_origin(listed[0])
    assert (row["verdict"], row["p_lowest"], row["p_highest"], row["attempts"]) == ("PASS", 0.02, 0.4, 2)
    assert row["frontier"]["median"] == pytest.approx(1e12)
    content = gate([row], [])
    assert content["out"] == []


def test_a_sampler_that_breaks_off_is_a_failure(corpora, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(request):
        raise ModelError("a sampler that broke off", "a posterior", "check the table")

    monkeypatch.setattr(origins, "fit_member", broken)
    listed, _ = origin_tasks(corpora, 2020.9, ("damped",))
    row = check_origin(listed[0])
    assert row["verdict"] == "FAIL"
    assert "broke off" in row["reasons"][0]
    assert gate([row], [])["rows"][0]["verdict"] == "FAIL"


def test_what_was_not_noted_is_not_claimed() -> None:
    assert attempts(SimpleNamespace(attrs={})) is None
    assert attempts(SimpleNamespace(attrs={"attempts": 1})) == 1


def test_a_task_can_be_sent_to_a_worker(corpora) -> None:
    import pickle

    listed, _ = origin_tasks(corpora, 2020.9)
    again = pickle.loads(pickle.dumps(listed[0]))
    assert isinstance(again, OriginTask)
    assert again.data.digest() == listed[0].data.digest()
