"""How cost grows: laws are recovered, every size rests on one fit, and reading, draws and runs in a row stay cheap."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest
from scale_content import CONTENT, made

from forecast.consumption.frontier_data import frontier_data
from forecast.errors import InputError, ModelError
from forecast.evaluate import speed, store
from forecast.evaluate.histories.run import origins
from forecast.evaluate.processes import Cost, cost_of
from forecast.evaluate.scale import axes, repeated, run
from forecast.evaluate.scale.axes import AXES
from forecast.evaluate.scale.law import fitted
from forecast.fits.sampling import Sampling
from forecast.ingest import stored
from forecast.ingest.catalog import data_directory
from forecast.ingest.corpora import text_corpora
from forecast.ingest.histories import load_histories
from forecast.ingest.models import read_models
from forecast.plots.scale import WORDS, scale, scale_table, scale_text
from forecast.runs.pipeline import MOST_DRAWS

ROOT = Path(__file__).parents[1]

needs_wait4 = pytest.mark.skipif(sys.platform == "win32", reason="no wait4")


@pytest.fixture
def results(tmp_path, monkeypatch):
    """Stored results in a folder of the test's own."""
    monkeypatch.setattr(stored, "path_of", lambda name, directory=None: (directory or tmp_path) / f"{name}.json")
    monkeypatch.setattr(store, "path_of", stored.path_of)
    return tmp_path


@pytest.fixture(scope="module")
def site():
    spec = importlib.util.spec_from_file_location("generated", ROOT / "notebooks" / "site" / "generated.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# --- the law


@pytest.mark.parametrize("slope", [0.5, 1.0, 1.6])
def test_a_law_is_recovered_with_its_start(slope):
    sizes = np.array([10, 100, 1000, 10_000, 50_000])
    law, between = fitted(sizes, 1.5 + 2e-3 * sizes**slope)
    assert law.slope == pytest.approx(slope, abs=0.02)
    assert law.start == pytest.approx(1.5, rel=0.05)
    assert between[0] <= law.slope + 0.02
    assert between[1] >= law.slope - 0.02
    assert law.at(200_000) == pytest.approx(1.5 + 2e-3 * 200_000**slope, rel=0.1)


def test_errors_of_some_per_cent_move_the_slope_by_less_than_a_tenth_on_average():
    rng, sizes = np.random.default_rng(1), np.array([200, 2_000, 20_000, 60_000, 200_000])
    slopes = [
        fitted(sizes, (1.7 + 7.5e-5 * sizes) * np.exp(rng.normal(0, 0.03, sizes.size))).law.slope for _ in range(20)
    ]
    assert np.mean(slopes) == pytest.approx(1.0, abs=0.05)
    assert np.std(slopes) < 0.1


def test_a_size_that_hardly_matters_has_no_slope():
    assert fitted([1, 10, 100, 1000], [2.0, 2.1, 2.0, 2.4]) is None
    with pytest.raises(InputError, match="3 sizes"):
        fitted([1, 10, 100], [1.0, 2.0, 3.0])


def test_sizes_reach_what_a_user_can_ask_for():
    assert AXES["reading"].sizes[-1] == AXES["rows"].most == 200_000
    assert AXES["draws"].sizes[-1] == 4 * Sampling().kept == 16_000 < MOST_DRAWS
    assert axes.FIRST_YEAR + AXES["horizon"].sizes[-1] == 2200
    assert AXES["histories"].most == AXES["worlds"].most == AXES["worlds_on_cluster"].most == 10_000
    assert repeated.RUNS == 200
    assert all(len(axis.sizes) >= 4 and list(axis.sizes) == sorted(axis.sizes) for axis in AXES.values())


# --- what is measured


def test_rows_that_are_added_change_no_corpus_that_a_fit_sees(tmp_path):
    def seen(size):
        path = tmp_path / f"{size}.csv"
        axes.lay_models(size, path)
        read = read_models(path)
        assert len(read.rows) == size
        return frontier_data(text_corpora(read.rows, complete=False), float(read.rows["year"].max())).digest()

    assert seen(200) == seen(1500)


def test_every_made_history_has_three_origins(tmp_path):
    axes.lay_histories(7, tmp_path / "histories.csv")
    histories = load_histories(tmp_path / "histories.csv")
    assert [len(origins(history)) for history in histories] == [3] * 7
    assert len({history.family for history in histories}) == 4


@needs_wait4
def test_a_process_is_measured_with_the_memory_that_it_took():
    small, large = (cost_of(["-c", f"x = b'1' * {size}"]) for size in (1, 150_000_000))
    assert 130 < large.megabytes - small.megabytes < 170
    with pytest.raises(ModelError, match=r"ended with 3: so it is"):
        cost_of(["-c", "import sys; print('so it is', file=sys.stderr); sys.exit(3)"])
    assert cost_of(["-c", "import sys; sys.exit(3)"], ends=(0, 3)).clock > 0


def test_beyond_what_was_measured_the_time_is_what_the_law_expects():
    found = CONTENT["axes"]["worlds"]
    assert found["expected"] == pytest.approx(6.0 + 1.1 * 10_000, rel=0.03)
    assert CONTENT["axes"]["reading"]["expected"] == CONTENT["axes"]["reading"]["points"][-1]["clock"]


# --- how it is told


def test_the_finding_names_what_grows_faster_than_in_proportion():
    assert run.finding(CONTENT) == "No cost grows faster than in proportion"
    steep = made(judging=(0.5, 1e-7, 2.0))
    assert run.finding(steep) == "Faster than in proportion: comparing scores (slope 2.00)"
    assert scale(steep).get_title(loc="left").endswith("comparing scores (slope 2.00)")


def test_the_table_states_what_was_measured_apart_from_what_is_expected():
    rows = {row[0]: row for row in run.table_rows(CONTENT)}
    assert len(rows) == len(AXES)
    worlds = rows[AXES["worlds"].title]
    assert worlds[1] == "5 to 40 worlds"
    assert worlds[-1].startswith("10,000: 3.")
    assert worlds[-1].endswith(" hours")
    assert rows[AXES["reading"].title][-1] == ""
    flat = run.table_rows(made(horizon=(2.0, 0.0, 1.0)))
    assert "too small to see" in {row[4] for row in flat}


def test_every_line_of_the_figure_ends_at_its_name():
    ax = scale(CONTENT)
    assert set(WORDS) == set(AXES)
    assert {text.get_text().partition(":")[0] for text in ax.texts} == set(WORDS.values())
    assert "memory is 262 MB, 2 MB more" in scale_text(CONTENT)
    table = scale_table(CONTENT)
    assert len(table) == sum(len(axis.sizes) for axis in AXES.values())


def test_the_page_shows_what_is_stored_and_says_where_nothing_is(results, site):
    assert "python -m forecast.evaluate scale" in site.scale()
    assert "python -m forecast.evaluate speed" in site.speed()
    store.keep(run.NAME, CONTENT, directory=results)
    page = site.scale()
    assert page.startswith("No cost grows faster than in proportion. After 200 runs in one process")
    assert "2 processors, Linux x86_64, Python 3.13.0" in page
    assert page.count("<svg") == 1
    assert "var(--figure-" in page
    assert 'body[data-theme="dark"]{--figure-' in page
    assert page.count("\n| ") == len(AXES) + 2  # heading and rule
    assert not run.read_stored().stale


# --- the promises


def test_a_promise_is_broken_by_time_and_by_memory():
    quick, slow, large = Cost(0.4, 0.3, 90.0), Cost(0.9, 0.3, 90.0), Cost(0.4, 0.3, 301.0)
    assert speed._row("x", 0.5, [quick, quick, slow], 300.0)["reached"]
    assert not speed._row("x", 0.5, [quick, slow, slow], 300.0)["reached"]
    assert not speed._row("x", 0.5, [quick, large], 300.0)["reached"]
    assert speed._row("x", None, [slow, large], 300.0)["reached"]


def test_the_benchmark_keeps_its_table_for_the_page(results, site, monkeypatch, capsys):
    spec = importlib.util.spec_from_file_location("bench", ROOT / "tests" / "benchmarks" / "speed.py")
    bench = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(bench)
    rows = [
        speed._row("import forecast", 0.1, [Cost(0.05, 0.05, 12.0)] * 5, speed.WARM),
        speed._row("report, again", 3.0, [Cost(4.2, 3.0, 200.0)] * 5, speed.WARM),
    ]
    monkeypatch.setattr(speed, "measure", lambda firsts, others, beside, progress: rows)
    monkeypatch.setattr(sys, "argv", ["speed.py", "--store", str(results)])
    assert bench.main() == 1
    assert "4.20      3.0    200   broken" in capsys.readouterr().out
    page = site.speed()
    assert page.startswith("1 of 2 promises are reached. Measured on ")
    assert "| report, again | 4.20 (4.20 to 4.20) | 3 | 200 MB of 300 | no |" in page
    assert not speed.read_stored().stale
    monkeypatch.setattr(sys, "argv", ["speed.py", "--others", "1", "--store", str(results)])
    bench.main()
    assert speed.read_stored().changed == ("others",), "fewer runs than those of the page"


# --- measured here, loosely


@needs_wait4
@pytest.mark.slow
@pytest.mark.parametrize(("name", "size"), [("reading", 2_000), ("judging", 1_000)])
def test_ten_times_as_much_costs_at_most_fifteen_times(name, size, tmp_path):
    seconds = []
    for many in (size, 10 * size):
        AXES[name].lay(many, tmp_path / "table.csv")
        seconds.append(cost_of(["-m", axes.__name__, name, many, tmp_path / "table.csv"]).processor)
    assert seconds[1] < 15 * seconds[0]


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.skipif(not repeated._STATM.is_file(), reason="the system does not tell its memory")
def test_thirty_runs_in_one_process_leave_its_memory_as_it_was():
    found = repeated.memory_of_runs(30)
    assert [count for count, _ in found] == [10, 20, 30]
    assert abs(repeated.growth(found)) < repeated.GROWTH


def test_a_table_of_ones_own_lacks_the_oldest_rows_alone(tmp_path):
    rows = [speed.own_table(tmp_path, without).read_text().splitlines() for without in (1, 2)]
    shipped = (data_directory() / "epoch_models.csv").read_text().splitlines()
    assert [len(shipped) - len(each) for each in rows] == [1, 2]
    assert set(rows[1]) < set(rows[0]) < set(shipped)
