"""Images, video, audio, code and robots: their own units, and too few rows said."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from forecast.consumption.frontier_data import frontier_data
from forecast.consumption.members import MEMBERS, member
from forecast.consumption.resource_priors import LEVELS, member_for
from forecast.core.resources import RESOURCES
from forecast.errors import InputError, UnknownNameError
from forecast.ingest.catalog import load_table
from forecast.ingest.corpora import text_corpora
from forecast.ingest.models import load_models
from forecast.ingest.other_resources import CONVERSIONS, FAR_BELOW, SECONDS_PER_WORD, corpora
from forecast.production import ESTIMATORS


@pytest.fixture(scope="module")
def models():
    return load_models()


def speech(models, **changes):
    """Twelve speech corpora, three a half-year."""
    rows = models.head(12).assign(
        modality="audio", stage="pretraining", unit="words", quantity=np.geomspace(1e6, 1e9, 12), epochs=np.nan,
        year=np.repeat([2020.1, 2020.6, 2021.1, 2021.6], 3), corpus_id=[f"c{i}" for i in range(12)],
        measurement_sd=0.1, model=[f"m{i}" for i in range(12)],
    )  # fmt: skip
    return rows.assign(**changes)


@pytest.mark.parametrize("resource_name", ["images", "code"])
def test_columns_are_those_of_text(models, resource_name):
    found = corpora(models, resource_name)
    assert set(found.columns) == set(text_corpora(models).columns)
    assert found["year"].is_monotonic_increasing
    assert (found["measurement_sd"] > 0).all()
    assert np.isfinite(found["log10_size"]).all()


def test_images_are_counted_in_images_not_in_patches(models):
    found = corpora(models, "images")
    raw = models[models["model"].isin(found["model"]) & (models["modality"] == "image")]
    assert set(raw[raw["stage"] == "pretraining"]["unit"]) >= {"images"}
    assert found["log10_size"].max() < 11  # nobody has published a collection of 1e11 images
    assert found.attrs["other_units"] > 0


def test_a_benchmark_run_long_after_the_record_says_nothing_of_the_frontier(models):
    found = corpora(models, "images")
    assert (found["log10_size"] >= found["log10_size"].cummax() - FAR_BELOW).all()
    assert not found["model"].str.startswith("YOLO").any()
    assert "SigLIP" in set(found["model"])
    assert found.attrs["far_below"] > 0


@pytest.mark.parametrize("resource_name", ["video", "audio"])
def test_too_few_rows_are_said_with_their_number(models, resource_name):
    with pytest.raises(InputError) as caught:
        corpora(models, resource_name)
    assert "\n" not in str(caught.value)
    assert resource_name in caught.value.got
    assert caught.value.got.split()[0].isdigit()


def robots(models):
    """Twelve runs of robots in a user's own table, three a half-year, in seconds as the reader gives them."""
    return speech(models, modality="robotics", unit="seconds", quantity=3600 * np.geomspace(1e2, 1e5, 12))


def test_two_runs_of_robots_are_too_few_and_what_is_known_is_said(models):
    with pytest.raises(InputError) as caught:
        corpora(models, "embodied")
    assert caught.value.got.startswith("2 corpora of embodied in 2 half-years")
    assert "too few to fit" in caught.value.got
    assert "robot 11,000 open, 270,000 used (ratio 0.041)" in caught.value.got
    assert len(caught.value.got) < 400, "longer parts of an error are cut"
    with pytest.raises(InputError, match=r"1 corpora of embodied.*robot 9,000 open, 10,000 used"):
        corpora(models, "embodied", as_of=2025.0)


def test_hours_of_robots_in_a_table_of_ones_own_are_all_there_is(models):
    found = corpora(robots(models), "embodied", complete=False)
    assert np.sort(found["log10_size"]) == pytest.approx(np.linspace(2, 5, 12))
    both = corpora(robots(models), "embodied")
    assert set(both["model"]) - set(found["model"]) == {"pi-0 pre-training", "GEN-0 pre-training"}
    assert both["log10_size"].max() == pytest.approx(np.log10(270_000))
    assert frontier_data(found, 2022.0, resource_name="embodied").record() == pytest.approx(5, abs=0.2)


def test_open_hours_of_robots_are_those_of_the_table():
    rows = load_table("embodied").set_index("name")
    stock = ESTIMATORS["embodied"]()
    low, high = rows.loc["Open X-Embodiment", ["hours_low", "hours_high"]].astype(float)
    assert [float(stock.level.quantile(p)) for p in (0.05, 0.95)] == pytest.approx([low, high])
    later = float(rows.loc["Nine open robot sets, together", "hours"])
    ends = [(later / end) ** (1 / 2.7) for end in (high, low)]
    assert [float(stock.growth.quantile(p)) for p in (0.05, 0.95)] == pytest.approx(ends, abs=0.01)


def test_an_early_as_of_date_counts_only_what_was_there(models):
    corpora(models, "code")
    with pytest.raises(InputError, match="code"):
        corpora(models, "code", as_of=2022.9)


def test_spoken_words_become_seconds_with_an_error_of_their_own(models):
    found = corpora(speech(models), "audio")
    assert found["log10_size"].max() == pytest.approx(9 + np.log10(SECONDS_PER_WORD))
    assert (found["measurement_sd"] > 0.1).all()
    stated = corpora(speech(models, unit="seconds"), "audio")
    assert stated["log10_size"].max() == pytest.approx(9)
    assert stated["measurement_sd"].to_numpy() == pytest.approx(0.1)


def test_sister_models_and_fine_tunes_do_not_count_twice(models):
    one = speech(models)
    tuned = one.assign(stage="finetune", corpus_id=[f"f{i}" for i in range(12)])
    again = one.assign(model="sister")
    found = corpora(pd.concat([one, tuned, again], ignore_index=True), "audio")
    assert len(found) == 12


def test_unknown_resource_names_the_known(models):
    with pytest.raises(UnknownNameError, match="images"):
        corpora(models, "image")


def test_every_other_resource_has_conversion_and_priors():
    others = set(RESOURCES) - {"public_text", "high_quality_text"}
    assert set(CONVERSIONS) == others == set(LEVELS)


@pytest.mark.parametrize("name", list(MEMBERS))
def test_priors_are_wider_and_centred_where_the_resource_stands(models, name):
    plain, other = dict(member(name).priors()), dict(member_for(name, "images").priors())
    assert other["level"] == LEVELS["images"]
    assert set(plain) == set(other)
    for field in set(plain) - {"level"}:
        wide = [np.ptp(prior.quantile(np.array([0.05, 0.95]))) for prior in (plain[field], other[field])]
        assert wide[1] > wide[0]
        if plain[field].family != "half_normal":
            assert other[field].centre == plain[field].centre
    assert member_for(name, "public_text") == member(name)
    record = frontier_data(corpora(models, "images"), 2026.5, resource_name="images").record()
    assert 0.01 < float(LEVELS["images"].cdf(np.array(record))) < 0.99


def test_no_priors_for_an_unknown_resource():
    with pytest.raises(UnknownNameError):
        member_for("damped", "smells")


def test_other_resources_share_the_compiled_model():
    assert member_for("damped", "images").structure() == member("damped").structure()
    assert dataclasses.asdict(member_for("damped", "images")) != dataclasses.asdict(member("damped"))
