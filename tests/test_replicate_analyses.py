"""Both analyses: every target that can be reproduced is matched, whatever the seed; shape, reasons, errors, forecasters."""

import dataclasses
import json
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from forecast.core.seeds import DEFAULT_SEED
from forecast.errors import InputError, UnknownNameError
from forecast.replicate import ANALYSES, epoch2022, epoch2024, run_analysis
from forecast.replicate.analysis import PublishedNumber, compare, quantile_map
from forecast.replicate.targets import Target, load_targets, parse_tolerance

LEVELS = ["0.025", "0.05", "0.1", "0.25", "0.5", "0.75", "0.9", "0.95", "0.975"]
SEEDS = (DEFAULT_SEED, 1, 2, 3)

WANTED = {
    "epoch2024": {
        *(f"stock.{layer}.{year}" for layer in ("raw", "quality", "effective", "internet_users") for year in (2024, 2030)),
        *(f"demand.historical.{year}" for year in (2024, 2026, 2028, 2030)),
        "demand.growth",
        "exhaustion.historical",
        "exhaustion.historical.raw_stock",
        "exhaustion.historical.unique",
        "exhaustion.historical.overtrained_5x",
        "exhaustion.mixture",
        "exhaustion.mixture.overtrained_5x",
        "exhaustion.mixture.overtrained_100x",
    },
    "epoch2022": {
        *(f"stock.{name}.2022" for name in (
            "recorded_speech", "internet_users", "popular_platforms", "common_crawl", "indexed_websites", "high_quality",
            "vision_platforms", "vision_external", "low_quality_text", "images",
        )),
        *(f"exhaustion.{kind}.{way}" for kind in ("low_quality_text", "high_quality_text", "images")
          for way in ("historical", "first_passage")),
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def runs():
    """Both analyses with four seeds; the first with the default draws, the others with fewer."""
    return {
        (name, seed): run_analysis(name, seed=seed, **({} if seed == DEFAULT_SEED else {"draws": 20_000}))
        for name in ANALYSES
        for seed in SEEDS
    }


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", ANALYSES)
def test_every_target_marked_reproducible_is_matched(runs, name, seed):
    analysis, targets = runs[name, seed], load_targets(name)
    reproducible = [one for one in targets.values() if one.reproducible]
    assert len(reproducible) == {"epoch2024": 2, "epoch2022": 3}.get(name, len(reproducible))
    for target in reproducible:
        figure = analysis[target.name]
        assert figure.status == "matched", figure
        tolerance = parse_tolerance(target.tolerance)
        assert tolerance is not None
        for key, published in target.values().items():
            assert tolerance.holds(figure.quantiles[key], published, end=key != "0.5"), (figure.name, key)
    assert analysis.holds


@pytest.mark.parametrize("seed", SEEDS)
def test_growth_and_the_shift_by_overtraining_are_matched_too(runs, seed):
    analysis = runs["epoch2024", seed]
    assert analysis["demand.growth"].status == "matched"
    assert analysis["exhaustion.mixture.overtrained_5x"].status == "matched"


@pytest.mark.parametrize("name", ANALYSES)
def test_every_published_figure_is_there_and_says_why_it_differs(runs, name):
    analysis = runs[name, DEFAULT_SEED]
    names = [one.name for one in analysis.figures]
    assert len(names) == len(set(names))
    assert set(load_targets(name)) | WANTED.get(name, set()) <= set(names)
    for figure in analysis.figures:
        assert figure.status in ("matched", "explained", "not reproducible")
        assert figure.reason.endswith(".")
        assert (figure.published is None) == (figure.name not in load_targets(name))
        if figure.quantiles is None:
            assert figure.status == "not reproducible"


def test_what_rests_on_the_rebuilt_compute_table_is_marked(runs):
    for name in WANTED:
        for figure in runs[name, DEFAULT_SEED].figures:
            assert figure.rebuilt == (".mixture" in figure.name or figure.name.endswith(".compute")), figure.name


@pytest.mark.parametrize("name", ANALYSES)
def test_the_document_has_the_promised_shape(runs, name):
    document = json.loads(runs[name, DEFAULT_SEED].to_text())
    assert document["analysis"] == name
    assert "bridge" not in document
    for figure in document["figures"]:
        assert {"name", "unit", "quantiles", "published", "status", "reason"} <= set(figure)
        if figure["quantiles"] is not None:
            assert list(figure["quantiles"]) == LEVELS
            values = [value for value in figure["quantiles"].values() if value is not None]
            assert values == sorted(values), figure["name"]


def test_known_values_of_2024(runs):
    analysis = runs["epoch2024", DEFAULT_SEED]
    effective = analysis["stock.effective.2024"]
    assert effective.median == pytest.approx(3.22e14, rel=0.02)
    assert effective.interval(0.9) == pytest.approx((8.5e13, 1.28e15), rel=0.03)
    exact = analysis["exhaustion.historical.first_passage"]
    assert [*exact.interval(0.8), exact.median] == pytest.approx([2027.35, 2031.19, 2029.03], abs=0.1)
    for name in ("exhaustion.historical", "exhaustion.historical.unique", "exhaustion.historical.overtrained_5x"):
        early = analysis[f"{name}.first_passage"].median - analysis[name].median
        assert -0.05 < early < 0.33  # the grid year before, and half a point of probability


def test_known_values_of_2022(runs):
    analysis = runs["epoch2022", DEFAULT_SEED]
    low, high = analysis["stock.low_quality_text.2022"].interval(0.9)
    assert (10**low, 10**high) == (pytest.approx(6.9e13, rel=0.03), pytest.approx(7.1e16, rel=0.03))
    stored = analysis["stock.low_quality_text.2022.stored"].interval(0.9)
    assert 10 ** stored[1] == pytest.approx(2e17, rel=0.03)
    late = {
        kind: analysis[f"exhaustion.{kind}.historical"].median - analysis[f"exhaustion.{kind}.first_passage"].median
        for kind in ("low_quality_text", "high_quality_text", "images")
    }
    assert late["high_quality_text"] == pytest.approx(0.5, abs=0.2)
    assert late["low_quality_text"] == pytest.approx(1.5, abs=0.3)
    assert late["images"] == pytest.approx(2.0, abs=0.3)


def test_the_mean_of_the_high_quality_stock_is_what_was_published(runs):
    figure = runs["epoch2022", DEFAULT_SEED]["stock.high_quality_text.2022"]
    assert figure.status == "explained"
    mean = float(figure.reason.split("(")[1].split(" ")[0])
    assert mean == pytest.approx(9e12, rel=0.03)


def test_same_seed_same_numbers_other_seed_others():
    once, again = (run_analysis("epoch2022", seed=5, draws=1000).to_text() for _ in range(2))
    assert once == again
    assert once != run_analysis("epoch2022", seed=6, draws=1000).to_text()


@pytest.mark.parametrize(
    ("arguments", "error", "match"),
    [
        ({"name": "epoch2023"}, UnknownNameError, "did you mean 'epoch202"),
        ({"name": "epoch2022", "bridge": True}, InputError, "--bridge with epoch2024"),
        ({"name": "epoch2024", "draws": 10}, InputError, "at least 1000"),
        ({"name": "epoch2024", "seed": -1}, InputError, "at least 0"),
    ],
)
def test_errors_say_what_to_do(arguments, error, match):
    with pytest.raises(error, match=match):
        run_analysis(**arguments)


def test_a_reproducible_target_outside_its_tolerance_is_missed():
    target = Target(
        "x", "tokens", 100.0, 50.0, 200.0, 0.9, "3 % of the median; 5 % of the ends", "published; reproducible"
    )
    near = quantile_map([40, 51, 60, 80, 102.9, 120, 150, 209, 220])
    assert compare("x", "tokens", near, {"x": target}).status == "matched"
    for key, value in (("0.5", 103.1), ("0.05", 53.0), ("0.95", 211.0), ("0.5", None)):
        assert compare("x", "tokens", {**near, key: value}, {"x": target}, reason="r").status == "missed"
    rounded = dataclasses.replace(target, status="published; rounded")
    assert compare("x", "tokens", {**near, "0.5": 110.0}, {"x": rounded}, reason="r").status == "explained"
    outcast = dataclasses.replace(target, status="published; not reproducible exactly")
    assert not outcast.reproducible
    figure = compare("x", "tokens", near, {"x": target}, rebuilt=True)
    assert isinstance(figure, PublishedNumber)
    assert figure.status == "explained"


def _rows() -> pd.DataFrame:
    years, words = epoch2024.load_dataset_sizes()
    return pd.DataFrame({"year": years, "tokens": words / 0.75})


def test_epoch2024_as_a_forecaster():
    rows = _rows()
    forecast = epoch2024.forecast_from(rows, 2022.0, seed=1, draws=4000)
    record = rows.loc[rows["year"] <= 2022, "tokens"].max()
    assert forecast.record_log10_tokens == pytest.approx(np.log10(record))
    assert forecast.rows == (rows["year"] <= 2022).sum()
    low, middle, high = np.quantile(forecast.at(2022.0), [0.05, 0.5, 0.95])
    assert middle == pytest.approx(forecast.record_log10_tokens, abs=0.02)
    assert high - low == pytest.approx(np.log10(13 / 3), abs=0.03)
    assert np.median(forecast.at(2030.0) - forecast.at(2022.0)) / 8 == pytest.approx(
        np.polyfit(rows["year"][rows["year"] <= 2022], np.log10(rows["tokens"][rows["year"] <= 2022]), 1)[0], abs=0.02
    )
    later = rows.assign(tokens=np.where(rows["year"] > 2022, 1e16, rows["tokens"]))
    again = epoch2024.forecast_from(later, 2022.0, seed=1, draws=4000)
    np.testing.assert_array_equal(again.exhaustion_year, forecast.exhaustion_year)  # nothing after the date is seen


def test_epoch2024_as_a_forecaster_gives_its_own_analysis_from_its_own_level():
    rows = pd.concat([_rows(), pd.DataFrame({"year": [2024.0], "tokens": [np.sqrt(3e12 * 13e12)]})])
    forecast = epoch2024.forecast_from(rows, 2024.0, seed=1, draws=20_000)
    assert np.median(forecast.exhaustion_year) == pytest.approx(2029.0, abs=0.2)


def test_epoch2022_as_a_forecaster():
    rows = _rows()
    forecast = epoch2022.forecast_from(rows, 2022.8, seed=1, draws=4000)
    np.testing.assert_allclose(forecast.at(2022.8), forecast.record_log10_tokens)
    growth = forecast.at(2032.8) - forecast.at(2022.8)
    np.testing.assert_allclose(np.quantile(growth / 10, [0.05, 0.95]), [0.26477, 0.39162], atol=0.006)
    # The exhaustion year and the trajectory belong to the same draws: faster growth, earlier exhaustion.
    assert np.corrcoef(growth, np.minimum(forecast.exhaustion_year, 2100))[0, 1] < -0.2
    with pytest.raises(InputError, match="2017 or later"):
        epoch2022.forecast_from(rows, 2016.0)
    with pytest.raises(InputError, match=r"2022\.80 to 2050\.05"):
        forecast.at(2060.0)


def test_a_record_beyond_the_stock_is_exhausted_at_once():
    rows = _rows().assign(tokens=1e19)
    rows["tokens"] *= np.linspace(1, 1.5, len(rows))
    for module in (epoch2022, epoch2024):
        assert (module.forecast_from(rows, 2024.0, seed=1, draws=500).exhaustion_year == 2024.0).all()


def test_neither_the_command_nor_an_analysis_imports_a_sampler_or_a_plotter():
    code = (
        "import sys; import forecast.cli.replicate; early = set(sys.modules); from forecast.replicate import run_analysis;"
        "from forecast.replicate.bridge import run_bridge;"
        "run_analysis('epoch2022', draws=1000); run_analysis('epoch2024', draws=1000); run_bridge(draws=1000);"
        "heavy = {'pymc', 'arviz', 'nutpie', 'matplotlib', 'sklearn', 'statsmodels'};"
        "print(sorted(heavy & set(sys.modules)), 'pandas' in early)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["[]", "False"]
