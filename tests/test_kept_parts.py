"""Parts of a report that are kept: made once of the same numbers, made again of others, and the same to the byte."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from sampling import passing_run

from forecast.cli.main import main
from forecast.fits import kept_parts
from forecast.fits.kept_parts import afresh, kept_part
from forecast.production.machine_studies import detector_tests, studies
from forecast.production.machine_text import fit_machine_share, fitted
from forecast.report.kept_pictures import _settings_files, kept_words, numbers_of
from forecast.report.pictures import figure_named, figure_of


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("FORECAST_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "parts"


def counting():
    made = []

    def make():
        made.append(len(made))
        return {"made": len(made), "share": 0.1 + 0.2}

    return make


def test_the_same_numbers_are_made_once(cache):
    make = counting()
    first, second = kept_part("a", make, of=[1.5]), kept_part("a", make, of=[1.5])
    assert first == second == {"made": 1, "share": 0.1 + 0.2}
    assert len(list(cache.iterdir())) == 1


@pytest.mark.parametrize("other", [("b", [1.5]), ("a", [1.25])])
def test_other_numbers_are_made_again(cache, other):
    make = counting()
    kept_part("a", make, of=[1.5])
    assert kept_part(other[0], make, of=other[1])["made"] == 2


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"part', b"\xff"])
def test_a_damaged_part_is_made_again(cache, content):
    make = counting()
    kept_part("a", make)
    (entry,) = cache.iterdir()
    entry.write_bytes(content)
    assert kept_part("a", make)["made"] == 2
    assert kept_part("a", make)["made"] == 2


def test_other_code_makes_it_again(cache, monkeypatch):
    make = counting()
    kept_part("a", make)
    monkeypatch.setattr(kept_parts, "made_by", lambda: "other")
    assert kept_part("a", make)["made"] == 2


def test_code_is_known_by_size_and_time(tmp_path):
    file = tmp_path / "a.py"
    file.write_text("1")
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "a.pyc").write_text("")
    os.utime(file, ns=(5, 5))
    assert list(kept_parts._files(tmp_path)) == [("a.py", 1, 5)]


def test_what_checks_a_report_keeps_nothing_and_finds_nothing(cache):
    make = counting()
    kept_part("a", make)
    with afresh():
        assert kept_part("a", make)["made"] == 2
        assert kept_part("b", make)["made"] == 3
    assert len(list(cache.iterdir())) == 1


def test_a_cache_that_cannot_be_written_costs_only_time(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("FORECAST_CACHE", str(tmp_path / "file"))
    make = counting()
    assert [kept_part("a", make)["made"] for _ in range(2)] == [1, 2]


def test_the_oldest_go_first(cache, monkeypatch):
    monkeypatch.setattr(kept_parts, "MOST", 2)
    make = counting()
    for at in range(3):
        kept_part("a", make, of=at)
        newest = max(cache.iterdir(), key=lambda path: path.stat().st_ctime_ns)
        os.utime(newest, (at, at))
    assert len(list(cache.iterdir())) == 2
    assert kept_part("a", make, of=2)["made"] == 3
    assert kept_part("a", make, of=0)["made"] == 4


def test_the_command_removes_parts_too(cache, capsys):
    kept_part("a", lambda: 1)
    assert main(["cache", "clear"]) == 0
    assert "removed 0 fits and 1 parts of reports" in capsys.readouterr().out
    assert not cache.exists()


def test_a_kept_figure_is_the_drawn_one_to_the_byte(cache):
    run = passing_run()
    with afresh():
        drawn = figure_named(run, "consumption_against_stock")
    kept = [figure_named(run, "consumption_against_stock") for _ in range(2)]
    for one in kept:
        assert (one.svg, one.narrow, one.png, one.text) == (drawn.svg, drawn.narrow, drawn.png, drawn.text)
        assert one.data.equals(drawn.data)
        assert one.data.dtypes.equals(drawn.data.dtypes)


def test_every_table_behind_a_figure_survives_keeping(cache):
    from forecast.plots import FIGURES

    run = passing_run()
    for name, figure in FIGURES.items():
        if figure.shown(run):
            table = figure.table(run)
            for _ in range(2):
                _, kept = kept_words(lambda table=table: ("words", table), name=name)
                assert kept.equals(table), name


def test_draws_that_differ_are_another_forecast():
    import dataclasses

    run = passing_run()
    assert numbers_of(run) != numbers_of(dataclasses.replace(run, stock=run.stock + 1e-9))


def test_looks_of_the_users_own_are_drawn_again(cache):
    import pandas as pd

    drawn = []

    def draw():
        from matplotlib.figure import Figure

        drawn.append(1)
        return Figure().add_subplot()

    table = pd.DataFrame({"a": [1]})
    for _ in range(2):
        figure_of(draw, "a", "A", "words", table)
    with mpl.rc_context({"axes.facecolor": "#eeeeee"}):
        figure_of(draw, "a", "A", "words", table)
    assert len(drawn) == 2


def test_the_kept_share_of_machines_is_the_fitted_one(cache):
    fitted.cache_clear()
    now = fit_machine_share(studies(), detector_tests())
    for _ in range(2):
        found = fitted()
        fitted.cache_clear()
        for name in ("spreads", "weights", "modes", "covariances"):
            assert np.array_equal(getattr(found, name), getattr(now, name))
        assert found.last_year == now.last_year


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have other places")
@pytest.mark.parametrize(
    "place", ["matplotlibrc", "rc/matplotlibrc", "config/matplotlibrc", "home/matplotlib/matplotlibrc"]
)
def test_a_settings_file_is_found_wherever_matplotlib_finds_it(place, tmp_path, monkeypatch):
    """Without one it need not be imported to know that the user's looks are the usual ones."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MATPLOTLIBRC", str(tmp_path / "rc"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    if place.startswith("config"):
        monkeypatch.setenv("MPLCONFIGDIR", str(tmp_path / "config"))
    else:
        monkeypatch.delenv("MPLCONFIGDIR", raising=False)
    for folder in ("rc", "config", "home/matplotlib"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / place).write_text("lines.linewidth: 7\n")
    monkeypatch.setattr(mpl, "get_configdir", mpl.get_configdir.__wrapped__)  # which remembers its first answer
    assert Path(mpl.matplotlib_fname()).resolve() == tmp_path / place
    assert tmp_path / place in [path.resolve() for path in _settings_files() if path.is_file()]
