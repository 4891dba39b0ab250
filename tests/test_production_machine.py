"""Machine-written pages: the fit on made-up studies, and what it leaves of a stock."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit

from forecast import production
from forecast.errors import InputError
from forecast.production.machine_studies import Study, detector_tests, studies
from forecast.production.machine_text import (
    MACHINE_SINCE,
    MachineShare,
    draw_machine_share,
    fit_machine_share,
    human_stock,
    split_stock,
)


def constant(share: float):
    return lambda years: np.where(years >= MACHINE_SINCE, share, 0.0)


def made_up(cap: float, rate: float, midpoint: float, wrong: float, missed: float, name: str = "one") -> list[Study]:
    years = np.linspace(2022.95, 2030.0, 15)
    machine = cap * expit(rate * (years - midpoint))
    return [
        Study(name, name, float(year), float(share))
        for year, share in zip(years, (1 - missed) * machine + wrong * (1 - machine), strict=True)
    ]


def test_a_known_curve_comes_back_through_a_detector_that_errs():
    tests = {"one": (0.04, 0.10)}
    found = fit_machine_share(made_up(0.6, 1.5, 2024.5, 0.04, 0.10), tests, noise_sd=0.005, spread_scale=0.01)
    drawn = found.draw(np.random.default_rng(1), 20_000)
    for values, truth in ((drawn.cap, 0.6), (drawn.rate, 1.5), (drawn.midpoint, 2024.5)):
        low, high = np.quantile(values, [0.01, 0.99])
        assert low < truth < high
    assert np.std(drawn.cap) < 0.05


def test_what_a_detector_calls_wrongly_is_not_machine_written():
    share = 0.04
    flat = [Study("p", "d", year, share) for year in np.linspace(2023, 2026, 12)]
    found = fit_machine_share(flat, {"d": (share, 0.05)}, spread_scale=0.01)
    assert np.median(found.draw(np.random.default_rng(1), 4000).share(np.array([2026.0]))) < 0.06
    naive = fit_machine_share([Study("p", "d", s.year, 0.5) for s in flat], {"d": (share, 0.05)}, spread_scale=0.01)
    assert np.median(naive.draw(np.random.default_rng(1), 4000).share(np.array([2026.0]))) == pytest.approx(
        0.5, abs=0.06
    )


def test_populations_that_differ_widen_the_answer():
    one = made_up(0.5, 2.0, 2024.0, 0.02, 0.05, "one")
    alike, apart = (
        fit_machine_share([*one, *made_up(cap, 2.0, 2024.0, 0.02, 0.05, "two")]).draw(np.random.default_rng(1), 8000)
        for cap in (0.5, 0.1)
    )
    assert np.ptp(np.quantile(apart.cap, [0.1, 0.9])) > 1.3 * np.ptp(np.quantile(alike.cap, [0.1, 0.9]))


def test_without_a_study_nothing_is_said():
    with pytest.raises(InputError, match="no study"):
        fit_machine_share([])


def test_the_shipped_studies_are_samples_of_new_pages():
    found = studies()
    assert len(found) == len({(study.detector, study.year) for study in found})
    pages = [study for study in found if study.population == "pages"]
    assert [study.share for study in pages] == pytest.approx([0.205 + 0.1551 + 0.025])
    again = [
        study.share for study in found if study.detector.endswith("three detectors") and 2023.5 < study.year < 2024
    ]
    assert again == pytest.approx([0.359])


def test_the_share_is_zero_before_november_2022_and_fits_the_studies():
    share = draw_machine_share(1, 4000)
    assert (share.share(np.array([2010.0, MACHINE_SINCE - 1e-6])) == 0).all()
    for study in studies():
        low, high = np.quantile(share.share(np.array([study.year])), [0.01, 0.99])
        assert low - 0.08 < study.share < high + 0.08


def test_a_study_that_was_left_out_lies_within_the_answer():
    """Dolezal et al. 2026: 35 % of new websites in mid-2025."""
    low, high = np.quantile(draw_machine_share(1, 4000).share(np.array([2025.5])), [0.05, 0.95])
    assert low < 0.35 < high


def test_the_same_seed_gives_the_same_share():
    at = np.array([2026.0])
    assert np.array_equal(draw_machine_share(3, 50).share(at), draw_machine_share(3, 50).share(at))
    assert not np.array_equal(draw_machine_share(3, 50).share(at), draw_machine_share(4, 50).share(at))


def test_drift_begins_with_the_last_study():
    share = MachineShare(*(np.array([value]) for value in (0.4, 50.0, 2023.0, 0.1)), drift_from=2026.0)
    found = share.share(np.array([2025.0, 2026.0, 2036.0]))[0]
    assert found == pytest.approx([0.4, 0.4, expit(np.log(0.4 / 0.6) + 1.0)])


# What is left of a stock


def test_the_archive_stays_clean():
    years = np.array([2020.0, 2021.0, MACHINE_SINCE, 2030.0])
    raw = np.log10([[1.0, 2.0, 3.0, 10.0]]) + 14
    parts = split_stock(raw, years, constant(0.25))
    assert 10 ** (parts.log10_human - 14) == pytest.approx(np.array([[1.0, 2.0, 3.0, 3.0 + 0.75 * 7.0]]))
    assert np.array_equal(parts.log10_raw, raw)
    assert parts.human_share[0, -1] == pytest.approx(8.25 / 10)


@pytest.mark.parametrize(("share", "left"), [(0.0, 0.0), (1.0, None)])
def test_at_the_ends_nothing_or_everything_new_is_machine_written(share, left):
    years = np.array([2023.0, 2025.0, 2040.0])
    raw = np.array([[14.0, 14.2, 15.0]])
    parts = split_stock(raw, years, constant(share))
    if left is not None:
        assert parts.log10_factor == pytest.approx(np.zeros((1, 3)))
    else:
        # The path is carried back to November 2022 by its first slope, and stays there.
        assert parts.log10_human == pytest.approx(np.full((1, 3), 14.0 - 0.1 * (2023.0 - MACHINE_SINCE)))


@settings(max_examples=40, deadline=None)
@given(
    growth=st.floats(0.0, 0.2),
    share=st.floats(0.0, 1.0),
    more=st.floats(0.0, 1.0),
    first=st.floats(2015.0, 2028.0),
)
def test_more_machine_text_never_leaves_more_human_text(growth, share, more, first):
    years = first + np.arange(0, 30, 0.5)
    raw = (14.0 + growth * (years - 2024.0))[None, :]
    less, many = (split_stock(raw, years, constant(s)).log10_human for s in (share, share + (1 - share) * more))
    assert (many <= less + 1e-9).all()
    assert (less <= raw + 1e-9).all()
    assert (np.diff(many, axis=1) >= -1e-9).all()


def test_a_coarse_grid_agrees_with_a_fine_one():
    machine = draw_machine_share(2, 300)
    stock = production.fit("synthesis", draws=300)
    coarse, fine = np.arange(2021.0, 2050.1, 0.5), np.linspace(2021.0, 2050.0, 581)
    half, full = human_stock(stock, coarse, machine), human_stock(stock, fine, machine)
    assert half.log10_human == pytest.approx(full.log10_human[:, ::10], abs=0.004)


def test_a_share_without_draws_is_enough():
    parts = split_stock(
        np.array([[14.0, 14.5], [15.0, 15.5]]), np.array([2023.0, 2033.0]), lambda t: np.full(len(t), 0.3)
    )
    assert parts.log10_human.shape == (2, 2)


@pytest.mark.parametrize("shape", [(3,), (2, 3)])
def test_paths_of_another_shape_are_refused(shape):
    with pytest.raises(InputError, match="one row per draw"):
        split_stock(np.zeros(shape), np.array([2023.0, 2024.0]), constant(0.1))


def test_the_detector_test_of_the_table_is_used():
    assert detector_tests() == {"articles, detector Surfer": (0.042, 0.006)}
