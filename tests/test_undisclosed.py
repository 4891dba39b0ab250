"""Undisclosed models: the shift and its tipping points in closed form, and what published compute says about them."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import halfnorm

from forecast.consumption.undisclosed import (
    CIRCULAR_WITHIN,
    Undisclosed,
    evidence,
    evidence_rows,
    imputed_sizes,
    tipping_points,
)
from forecast.core.trajectory import make_trajectory
from forecast.ingest.catalog import load_table

YEARS = np.arange(2024.0, 2061.0, 0.5)


def path(level, slope, role):
    draws = np.repeat((level + slope * (YEARS - 2026.0))[None, :], 40, axis=0)
    return make_trajectory(draws, YEARS, resource_name="public_text", role=role, source="example")


def table(rows=30, hidden=(), seed=1):
    """A model table whose sizes follow log10 D = 12.5 + 0.4 (t - 2024) + 0.3 (log10 C - 24.5), with noise."""
    rng = np.random.default_rng(seed)
    year = rng.uniform(2022.1, 2026.4, rows)
    compute = rng.uniform(23.0, 26.0, rows)
    size = 12.5 + 0.4 * (year - 2024) + 0.3 * (compute - 24.5) + rng.normal(0, 0.05, rows)
    dates = pd.to_datetime("2022-01-01") + pd.to_timedelta((year - 2022) * 365.25, unit="D")
    known = pd.DataFrame({"model": [f"m{i}" for i in range(rows)], "organization": "A", "publication_date": dates})
    known["training_compute_flop"] = 10.0**compute
    known["dataset_size"] = 10.0**size
    known["compute_over_6nd"] = 10 ** rng.uniform(0.05, 0.5, rows)
    new = pd.DataFrame(list(hidden)).assign(publication_date=pd.Timestamp("2025-07-02"))
    frame = pd.concat([known, new], ignore_index=True) if len(new) else known
    for name in ("active_parameters", "dataset_size", "training_compute_flop"):
        frame[name] = frame.get(name, pd.Series(np.nan, index=frame.index)).astype(float)
    return frame.assign(domain_group="language", is_finetune=False, dataset_unit="tokens", confidence="Likely")


def test_a_certain_shift_moves_a_straight_frontier_by_shift_over_slope():
    frontier, stock = path(13.0, 0.25, "consumption"), path(15.0, 0.0, "stock")
    for tip in tipping_points(frontier, stock, Undisclosed()):
        assert tip["delta"] == pytest.approx(0.25 * tip["years_earlier"], abs=0.026)  # steps of 0.025
        assert tip["factor"] == pytest.approx(10 ** tip["delta"], rel=0.01)


def test_a_frontier_that_never_crosses_has_no_tipping_point():
    tips = tipping_points(path(13.0, 0.0, "consumption"), path(20.0, 0.0, "stock"), Undisclosed())
    assert [tip["delta"] for tip in tips] == [None, None, None]


def test_the_shift_grows_from_nothing_to_all_of_it():
    frontier = make_trajectory(
        np.zeros((3, 4)), np.array([2020.0, 2022.0, 2023.75, 2030.0]),
        resource_name="public_text", role="consumption", source="example",
    )  # fmt: skip
    moved = Undisclosed().add(frontier, np.array([0.0, 0.1, 0.4])).values
    assert moved[2] == pytest.approx([0.0, 0.0, 0.2, 0.4])
    assert moved[0] == pytest.approx(np.zeros(4))


def test_half_of_the_futures_have_no_shift_the_others_a_half_normal():
    drawn = Undisclosed().draw(seed=7, size=100_000)
    assert np.mean(drawn == 0) == pytest.approx(0.5, abs=0.005)
    levels = np.array([0.1, 0.5, 0.9])
    assert np.quantile(drawn[drawn > 0], levels) == pytest.approx(halfnorm(scale=0.60).ppf(levels), rel=0.03)
    assert np.array_equal(drawn, Undisclosed().draw(seed=7, size=100_000))


@pytest.mark.parametrize(
    ("year", "share"), [(2020.0, 0.0), (2022.0, 0.0), (2023.75, 0.5), (2025.5, 1.0), (2060.0, 1.0)]
)
def test_the_shift_ramps_up_in_a_straight_line(year, share):
    assert Undisclosed().grown(np.array([year])) == pytest.approx([share])


def test_known_parameters_give_the_size_and_others_the_line_through_the_disclosed():
    hidden = [
        {"model": "by parameters", "organization": "B", "training_compute_flop": 6e24, "active_parameters": 1e11},
        {"model": "by the line", "organization": "B", "training_compute_flop": 10**25.5},
    ]
    found = imputed_sizes(table(60, hidden)).set_index("model")
    assert found.loc["by parameters", "log10_tokens"] == pytest.approx(13.0)
    assert found.loc["by parameters", "route"] == "active parameters"
    assert found.loc["by the line", "log10_tokens"] == pytest.approx(12.5 + 0.4 * 1.5 + 0.3, abs=0.1)
    assert set(found.index) == {"by parameters", "by the line"}


def test_circular_rows_tell_the_line_nothing():
    honest = table(60, [{"model": "x", "organization": "B", "training_compute_flop": 1e25}])
    lying = honest.copy()
    lying.loc[:9, ["dataset_size", "compute_over_6nd"]] = [1e15, 10 ** (CIRCULAR_WITHIN / 2)]
    one, other = (imputed_sizes(frame)["log10_tokens"][0] for frame in (honest, lying))
    assert other == pytest.approx(one, abs=0.1)


def test_a_size_that_repeats_a_stated_one_of_the_same_organisation_is_circular():
    compute = 6 * 5e10 * 3.3e13
    hidden = [
        {"model": "copy", "organization": "B", "training_compute_flop": compute, "active_parameters": 5e10},
        {"model": "stranger", "organization": "C", "training_compute_flop": compute, "active_parameters": 5e10},
        {"model": "stated", "organization": "B", "training_compute_flop": 6e24, "active_parameters": 1e11},
    ]
    audit = pd.DataFrame(
        {"model": ["stated"], "organization": ["B"], "tokens_seen": [3.3e13], "tokens_unique": [np.nan], "reason": [""]}
    )
    assert set(imputed_sizes(table(30, hidden), audit)["model"]) == {"stranger"}
    assert set(imputed_sizes(table(30, hidden))["model"]) == {"copy", "stranger", "stated"}


def test_with_too_few_rows_only_known_parameters_tell():
    hidden = [
        {"model": "by parameters", "organization": "B", "training_compute_flop": 6e24, "active_parameters": 1e11},
        {"model": "by the line", "organization": "B", "training_compute_flop": 1e25},
    ]
    assert imputed_sizes(table(5, hidden))["model"].tolist() == ["by parameters"]


def test_the_shipped_evidence_holds_no_model_whose_size_is_stated():
    block = evidence(13.5, 2027.0, most=1000)
    assert block["models"] == len(block["rows"]) > 20
    assert block["above_record"] == sum(row["factor_to_record"] > 1 for row in block["rows"])
    sizes = [row["tokens"] for row in block["rows"]]
    assert sizes == sorted(sizes, reverse=True)
    audit = load_table("record_audit")
    stated = set(audit.loc[audit["tokens_seen"].notna() | audit["tokens_unique"].notna(), "model"])
    assert not stated & {row["model"] for row in block["rows"]}
    assert evidence(13.5, 2021.0) == {"models": 0, "above_record": 0, "rows": []}
    assert all(row["date"] < "2025-01-01" for row in evidence(13.5, 2025.0)["rows"])


def test_rows_say_how_far_above_the_record_they_stand():
    imputed = imputed_sizes(
        table(30, [{"model": "x", "organization": "B", "training_compute_flop": 6e24, "active_parameters": 1e11}])
    )
    [row] = evidence_rows(imputed, 12.5)
    assert row["factor_to_record"] == pytest.approx(10**0.5, rel=0.01)
    assert row["sd_log10"] == 0.3
    assert row["note"] == ""
