"""``forecast collapse``: tables, JSON, figures, errors, and what importing it costs."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

import pytest
from typer.testing import CliRunner

from forecast.cli.collapse import app
from forecast.cli.collapse_shown import finding
from forecast.errors import ForecastError

SMALL = {
    "dice": ["--samples", "20", "--generations", "6", "--replicates", "20"],
    "gaussian": ["--samples", "20", "--generations", "6", "--replicates", "20", "--regime", "replace"],
    "mixture": ["--samples", "60", "--generations", "6"],
    "ngram": ["--samples", "1000", "--generations", "3", "--replicates", "1", "--words", "60"],
    "regression": ["--generations", "4", "--replicates", "20"],
}


def run(*arguments):
    return CliRunner().invoke(app, list(arguments), catch_exceptions=True)


@pytest.mark.parametrize("experiment", sorted(SMALL))
def test_json_is_one_document(experiment):
    result = run(experiment, *SMALL[experiment], "--json")
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    assert document["schema"] == "collapse/1"
    assert document["experiment"] == experiment
    assert all(chain["simulation"] for chain in document["chains"])
    assert any(chain["theory"] for chain in document["chains"])


def test_the_table_shows_theory_beside_simulation():
    result = run("gaussian", *SMALL["gaussian"], "--quiet")
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    line = lines[lines.index("replace, ml") + 1]
    assert "mean variance" in line
    assert f"({0.95**6:.3g})" in line


@pytest.mark.parametrize("experiment", sorted(SMALL))
def test_it_ends_with_what_it_shows(experiment):
    result = run(experiment, *SMALL[experiment], "--quiet")
    said = result.stdout.splitlines()[-1]
    assert said.startswith("What it shows: after ")
    assert " times what it was at first" in said


def test_what_it_shows_is_the_ratio_of_last_to_first():
    chains = [
        {
            "regime": "replace",
            "title": "replace",
            "simulation": {"error": [2.0, 20.0]},
            "theory": {"error": [1.0, 9.0]},
        },
        {"regime": "keep", "title": "kept", "simulation": {"error": [2.0, 3.0]}, "theory": {}},
        {"regime": "worse", "title": "worse", "simulation": {"error": [2.0, 80.0]}, "theory": {}},
    ]
    assert finding({"experiment": "regression", "generations": 10, "chains": chains}) == (
        "What it shows: after 10 generations the error is 10 times what it was at first (closed form 9) with the regime "
        "'replace', and 1.5 times with 'kept'."
    )


@pytest.mark.parametrize("experiment", sorted(SMALL))
def test_a_folder_gets_figure_and_data(experiment, tmp_path):
    result = run(experiment, *SMALL[experiment], "--quiet", "--out", str(tmp_path / "new"))
    assert result.exit_code == 0, result.output
    stem = tmp_path / "new" / f"collapse_{experiment}"
    picture = ElementTree.parse(stem.with_suffix(".svg")).getroot()
    description = [node.text for node in picture.iter() if node.tag.endswith("description")]
    assert any(text and ("generation" in text.lower() or "refitted" in text) for text in description)
    with stem.with_suffix(".csv").open(encoding="utf-8") as handle:
        rows = list(csv.DictReader(handle))
    document = json.loads(stem.with_suffix(".json").read_text(encoding="utf-8"))
    assert {row["regime"] for row in rows} == {chain["regime"] for chain in document["chains"]}
    assert sorted(path.name for path in stem.parent.iterdir()) == sorted(
        f"{stem.name}.{ending}" for ending in ("csv", "json", "svg")
    )


def test_the_same_seed_writes_the_same_picture(tmp_path):
    for name in ("one.svg", "two.svg"):
        assert run("gaussian", *SMALL["gaussian"], "--quiet", "--out", str(tmp_path / name)).exit_code == 0
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "two.svg").read_bytes()


def test_png(tmp_path):
    result = run("gaussian", *SMALL["gaussian"], "--quiet", "--out", str(tmp_path / "figure.png"))
    assert result.exit_code == 0, result.output
    assert (tmp_path / "figure.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    "arguments",
    [
        ["gaussian", "--samples", "0"],
        ["gaussian", "--generations", "-3"],
        ["gaussian", "--regime", "keep:2"],
        ["gaussian", "--out", "figure.bmp"],
        ["mixture", "--samples", "5", "--components", "9"],
        ["ngram", "--text", "nowhere.txt"],
        ["regression", "--regime", "replacement"],
        ["yield", "--regime", "isolation"],
        ["yield", "--regime", "replace"],
        # What would not fit into memory, and what would not end.
        ["gaussian", "--samples", "1000000000"],
        ["gaussian", "--generations", "1000000000"],
        ["mixture", "--generations", "1000000000"],
        ["ngram", "--samples", "1000000000"],
        ["regression", "--replicates", "1000000000"],
    ],
)
def test_bad_settings_raise_our_error_before_work(arguments):
    result = run(*arguments)
    assert isinstance(result.exception, ForecastError)
    assert "\n" not in str(result.exception)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "0 words in text.txt"),
        (b"hello", "1 word in text.txt"),
        (bytes(range(256)), "no UTF-8 text"),
        ("na\u00efve ".encode("latin-1") * 1000, "no UTF-8 text"),
    ],
)
def test_a_text_that_cannot_be_used_is_refused_in_one_line(content, said, tmp_path):
    path = tmp_path / "text.txt"
    path.write_bytes(content)
    result = run("ngram", "--text", str(path))
    assert isinstance(result.exception, ForecastError)
    assert said in str(result.exception)
    assert "\n" not in str(result.exception)


def test_a_text_of_the_users_own_is_read(tmp_path):
    path = tmp_path / "text.txt"
    path.write_text("\ufeffThe cat sees a dog; the dog sees the na\u00efve bird. " * 200, encoding="utf-8")
    result = run("ngram", "--text", str(path), "--generations", "2", "--replicates", "1", "--samples", "800", "--json")
    assert result.exit_code == 0, result.output
    first = json.loads(result.stdout)["chains"][0]["simulation"]["vocabulary"][0]
    assert first == 7  # the, cat, sees, a, dog, naive, bird


def test_a_regime_that_is_named_twice_counts_once():
    result = run("gaussian", *SMALL["gaussian"], "--regime", "replace", "--json")
    assert result.exit_code == 0, result.output
    chains = json.loads(result.stdout)["chains"]
    assert [(chain["regime"], chain["estimator"]) for chain in chains] == [("replace", "ml"), ("replace", "unbiased")]


def test_yield_prints_the_ledger(monkeypatch):
    from forecast.collapse import curves

    monkeypatch.setattr(curves.simulate_yield_curve, "__defaults__", ("keep", (0.5,), ((2, None),), 1, 200))
    result = run("yield", "--draws", "200", "--quiet")
    assert result.exit_code == 0, result.output
    for kind in ("measured", "borrowed", "judgement"):
        assert kind in result.stdout
    assert result.stdout.splitlines()[-1].startswith("What it shows: where 50% of the mix is synthetic")


def test_importing_the_command_loads_neither_sklearn_nor_matplotlib():
    code = (
        "import sys, forecast.cli.collapse, forecast.collapse;"
        "print([m for m in ('sklearn', 'matplotlib', 'pymc', 'scipy', 'pandas') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
