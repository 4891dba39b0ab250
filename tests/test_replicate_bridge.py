"""The bridge, its figure, and the command."""

import dataclasses
import itertools
import json
import subprocess
import sys

import numpy as np
import pytest
import typer
from sampling import SHORT, scenario_file, short_run
from typer.testing import CliRunner

from forecast.cli.replicate import replicate
from forecast.core.seeds import generator
from forecast.core.trajectory import make_trajectory
from forecast.core.wording import year_tenth
from forecast.errors import ForecastError, InputError
from forecast.replicate import baseline_steps as ours
from forecast.replicate import epoch2024, run_analysis
from forecast.replicate.bridge import LATER, STEPS, BridgeStep, Settings, run_bridge, table_rows
from forecast.replicate.model2024 import draw_stock
from forecast.runs import pipeline
from forecast.runs.passage import first_passage
from forecast.runs.pipeline import DEFAULT_DRAWS, Options
from forecast.scenarios import scenario as scenarios

DRAWS = 20_000
SHORT_OPTIONS = Options(draws=400, jobs=1, sampling=SHORT)


@pytest.fixture(scope="module")
def steps():
    return run_bridge(seed=1, draws=DRAWS)


@pytest.fixture
def command():
    app = typer.Typer()
    app.command()(replicate)
    return lambda *arguments: CliRunner().invoke(app, list(arguments))


def test_every_step_changes_one_thing():
    settings = Settings()
    for name, _, _, change in STEPS:
        after = change(settings)
        changed = [key for key in vars(settings) if getattr(settings, key) != getattr(after, key)]
        assert len(changed) == 1, name
        settings = after
    assert settings == Settings(tokens_per_word=1.25, corrected_bytes=True, fitted=True, paths=True, table="shipped")


def test_the_bridge_starts_at_their_procedure_and_stops_where_nothing_is_wired(steps):
    assert [step.name for step in steps] == ["as published", *(name for name, _, _, _ in STEPS)]
    published = run_analysis("epoch2024", seed=1, draws=1000)["exhaustion.historical"]
    assert dict(steps[0].quantiles) == dict(published.quantiles)
    for before, after in itertools.pairwise(steps):
        assert after.change == pytest.approx(after.median - before.median, abs=1e-3)


def test_what_each_step_moves(steps):
    moved = {step.name: step.change for step in steps}
    assert moved["words to tokens"] == 0  # the level was set by hand
    assert abs(moved["bytes a token"]) < 0.25  # at most the next grid year
    assert 2.2 < moved["level and slope"] < 3.2  # the average model instead of the largest
    assert abs(moved["coherent paths"]) < 0.4
    assert -3.3 < moved["newer table"] < -2.2


def test_words_move_the_year_once_the_level_is_fitted():
    from forecast.replicate.bridge import exhaustion_after

    wrong, right = (
        exhaustion_after(
            Settings(tokens_per_word=ratio, corrected_bytes=True, fitted=True, paths=True), seed=1, draws=DRAWS
        )
        for ratio in (0.8, 1.25)
    )
    # 0.194 log10 units at 0.34 a year
    assert wrong["0.5"] - right["0.5"] == pytest.approx(0.57, abs=0.1)


def test_later_steps_appear_only_when_passed_in_and_in_order(steps):
    names = [name for name, _, _ in LATER]
    later = {names[0]: np.full(100, 2029.0), names[1]: np.full(100, np.inf)}
    longer = run_bridge(seed=1, draws=DRAWS, later=later)
    assert [step.name for step in longer[len(steps) :]] == names[:2]
    assert longer[-2].median == 2029.0
    assert longer[-1].median is None
    assert longer[-1].change is None
    with pytest.raises(InputError, match="pass them in order"):
        run_bridge(seed=1, draws=1000, later={names[1]: np.full(100, 2029.0)})
    with pytest.raises(InputError, match="pass them in order"):
        run_bridge(seed=1, draws=1000, later={"luck": np.full(100, 2029.0)})


def test_the_bridge_ends_at_the_forecast_of_the_same_seed_and_draws():
    made = short_run()
    found = ours.exhaustion_by_step(SHORT_OPTIONS, scenario=scenarios.load(scenario_file()))
    assert list(found) == [name for name, _, _ in LATER]
    np.testing.assert_array_equal(found["stock"], made.exhaustion_year)
    last = run_bridge(seed=1, draws=1000, later=found)[-1]
    written = made.document["exhaustion_year"]
    assert last.median == pytest.approx(written["median"], abs=1e-3)
    assert (last.quantiles["0.1"], last.quantiles["0.9"]) == pytest.approx(tuple(written["intervals"]["0.8"]), abs=1e-3)
    # One member without the undisclosed shift, then all: neither is the other, nor the end.
    assert len({float(np.quantile(years, 0.3)) for years in found.values()}) == 3


def test_a_bridge_over_kept_fits_imports_no_sampler():
    short_run()
    code = (
        "import sys; from forecast.scenarios import scenario; from forecast.fits.sampling import Sampling;"
        "from forecast.runs.pipeline import Options; from forecast.replicate import baseline_steps as ours;"
        f"options = Options(draws=400, jobs=1, sampling={SHORT!r});"
        f"chosen = scenario.load({str(scenario_file())!r});"
        "assert ours.fits_to_make(chosen, options) == 0; ours.exhaustion_by_step(options, scenario=chosen);"
        "print(sorted({'pymc', 'nutpie', 'matplotlib'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout.split() == ["[]"]


@pytest.mark.slow
def test_the_bridge_ends_at_the_baseline():
    options = Options(draws=400, jobs=1)  # by the fits that travel with the package
    made = pipeline.run("baseline", options=options)
    np.testing.assert_array_equal(ours.exhaustion_by_step(options)["stock"], made.exhaustion_year)


class EnoughError(Exception):
    """Raised where a test has seen enough."""


def test_each_later_step_is_a_scenario_that_changes_one_thing(monkeypatch):
    asked = []

    def run(scenario, *, progress, options):
        asked.append((scenario, options))
        if len(asked) == 3:
            raise EnoughError
        years = np.array([2021.5, 2040.0])
        frontier = np.tile([13.0, 16.0], (options.draws, 1))
        return type("Made", (), {"consumption": make_trajectory(
            frontier, years, resource_name="public_text", role="consumption", source="example"
        )})  # fmt: skip

    monkeypatch.setattr(ours, "run", run)
    monkeypatch.setattr(ours, "fits_to_make", lambda *_: 0)
    with pytest.raises(EnoughError):
        ours.whole_bridge(seed=3, draws=100_000)
    (one, _), (several, _), (last, options) = asked
    baseline = scenarios.load("baseline")
    assert last == baseline
    assert (options.seed, options.draws) == (3, DEFAULT_DRAWS)
    assert (one.members, one.include_undisclosed, dict(one.levers)) == ((ours.LIKE_THEIRS,), False, {})
    assert (several.members, several.include_undisclosed) == (baseline.members, baseline.include_undisclosed)
    assert dict(several.levers) == {}


def test_their_stock_is_that_of_the_steps_before_and_a_straight_line():
    years = np.arange(2021.5, 2101.0, 0.5)
    line = np.tile(13.0 + 0.4 * (years - 2024.0), (2000, 1))
    frontier = make_trajectory(line, years, resource_name="public_text", role="consumption", source="example")
    drawn = draw_stock(generator(7, "replicate", "epoch2024", "passage"), 2000, corrected=True)
    gap = np.log10(drawn.tokens("effective", 2024.0)) - 13.0
    exact = 2024.0 + gap / (0.4 - np.log10(drawn.growth))
    inside = (exact > years[0]) & (exact < years[-1])
    assert inside.mean() > 0.99
    found = first_passage(frontier, ours.their_stock(frontier, 7)).year
    np.testing.assert_allclose(found[inside], exact[inside], atol=1e-6)


def test_fits_that_are_missing_are_told_of_before_they_are_made(monkeypatch):
    short_run()
    scenario = scenarios.load(scenario_file())
    assert ours.fits_to_make(scenario, SHORT_OPTIONS) == 0
    elsewhere = dataclasses.replace(SHORT_OPTIONS, seed=99)
    assert ours.fits_to_make(scenario, elsewhere) == 2
    told = []
    monkeypatch.setattr(ours, "run", lambda *_, **__: (_ for _ in ()).throw(EnoughError))
    with pytest.raises(EnoughError):
        ours.exhaustion_by_step(elsewhere, scenario=scenario, progress=told.append)
    assert told == ["fitting 2 growth models first: a few minutes, once; they are kept"]
    with pytest.raises(EnoughError):
        ours.exhaustion_by_step(SHORT_OPTIONS, scenario=scenario, progress=told.append)
    assert len(told) == 1


def test_the_waterfall_shows_every_step(steps):
    import matplotlib.pyplot as plt

    from forecast.plots.bridge import bridge_waterfall, bridge_waterfall_table, bridge_waterfall_text

    _, given = plt.subplots()
    axes = bridge_waterfall(steps, ax=given)
    assert axes is given
    labels = [" ".join(label.get_text().split()) for label in axes.get_yticklabels()]
    assert labels == [step.title for step in steps]
    said = [text.get_text() for text in axes.texts]
    for step in steps:
        assert any(text.startswith(year_tenth(step.median)) for text in said)
        assert step.title in bridge_waterfall_text(steps)
    assert len(axes.patches) == sum(abs(step.change or 0) >= 0.05 for step in steps)
    open_end = run_bridge(seed=1, draws=DRAWS, later={LATER[0][0]: np.full(10, np.inf)})
    assert "beyond the horizon" in " ".join(text.get_text() for text in bridge_waterfall(open_end).texts)
    assert "beyond the horizon" in bridge_waterfall_text(open_end)
    assert bridge_waterfall_table(steps)["change_years"].isna().tolist() == [True, *[False] * len(STEPS)]
    with pytest.raises(InputError):
        bridge_waterfall([])
    plt.close("all")


@pytest.fixture
def fitted(monkeypatch):
    """Let the last three steps come out as if they had been fitted."""
    years = {name: np.full(100, 2029.0 + place) for place, (name, _, _) in enumerate(LATER)}
    monkeypatch.setattr(ours, "exhaustion_by_step", lambda *_, **__: years)


@pytest.mark.usefixtures("fitted")
def test_the_command_prints_one_document(command, tmp_path):
    figure = tmp_path / "bridge.svg"
    result = command("epoch2024", "--json", "--bridge", "--seed", "1", "--draws", "20000", "--out", str(figure))
    assert result.exit_code == 0
    document = json.loads(result.stdout)
    assert document["seed"] == 1
    assert document["draws"] == 20_000
    assert [step["name"] for step in document["bridge"]] == [
        "as published",
        *(name for name, _, _, _ in STEPS),
        *(name for name, _, _ in LATER),
    ]
    assert all(set(step["quantiles"]) >= {"0.1", "0.5", "0.9"} for step in document["bridge"])
    assert [step["quantiles"]["0.5"] for step in document["bridge"]][-3:] == [2029.0, 2030.0, 2031.0]
    drawn = figure.read_text(encoding="utf-8")
    assert LATER[-1][1] in drawn
    assert "2031.0 (+1.0)" in drawn


@pytest.mark.usefixtures("fitted")
def test_steps_come_back_from_what_is_stored():
    steps = ours.whole_bridge(seed=1, draws=1000)
    assert tuple(BridgeStep.from_json(json.loads(json.dumps(step.to_json()))) for step in steps) == steps


def test_the_command_prints_a_table_and_reasons(command):
    result = command("epoch2022", "--draws", "20000")
    assert result.exit_code == 0
    assert "images, historical" in result.stdout
    assert "no published figure" in result.stdout
    assert "exhaustion, year" in result.stdout
    assert "matched" in result.stdout
    assert "never published" in result.stdout
    assert result.stdout.splitlines()[-1] == "Data: 2 sources. Credits: forecast data cite"
    assert result.stderr == ""
    quiet = command("epoch2022", "--draws", "20000", "--quiet")
    assert quiet.stdout == result.stdout
    assert quiet.stderr == ""


def test_the_command_says_no_when_a_target_is_missed(command, monkeypatch):
    published = epoch2024.load_targets

    def elsewhere(name):
        targets = published(name)
        raw = targets["stock.raw.2024"]
        return {**targets, raw.name: type(raw)(**{**vars(raw), "median": 2 * raw.median})}

    monkeypatch.setattr(epoch2024, "load_targets", elsewhere)
    result = command("epoch2024", "--json", "--draws", "1000")
    assert result.exit_code == 1
    assert any(one["status"] == "missed" for one in json.loads(result.stdout)["figures"])


@pytest.mark.parametrize(
    "arguments",
    [
        ("epoch2021",),
        ("epoch2022", "--bridge"),
        ("epoch2024", "--draws", "5"),
        ("epoch2024", "--seed", "-1"),
        ("epoch2024", "--out", "bridge.png"),
        ("epoch2024", "--bridge", "--out", "bridge.gif"),
    ],
)
def test_a_wrong_command_raises_a_one_line_error(command, arguments):
    result = command(*arguments)
    assert isinstance(result.exception, ForecastError)
    assert "\n" not in str(result.exception)


def test_table_rows_are_text(steps):
    rows = table_rows(steps)
    assert len(rows) == len(steps)
    assert rows[0][-1] == ""
    assert all(row[-1].endswith("years") for row in rows[1:])
