"""Lessons of small transformers: known entropies, what worth means, bounds, and what readers without jax see."""

from __future__ import annotations

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from forecast.cli.collapse import app
from forecast.collapse.learners import generated_languages, lessons, transformer
from forecast.collapse.learners.lessons import Lesson, Point
from forecast.errors import ModelError
from forecast.evaluate import stored
from forecast.plots import collapse as plots

MADE = {name: Lesson.from_json(document) for name, document in stored("lessons").content.items()}


@pytest.fixture
def tiny(monkeypatch):
    """Let models read little and briefly."""
    pytest.importorskip("jax")
    monkeypatch.setattr(generated_languages, "HELD_OUT", 32)
    for module in (generated_languages, lessons):
        monkeypatch.setattr(module, "STEPS", (4, 8))
        monkeypatch.setattr(module, "BATCH", 8)


def room(monkeypatch, replicates=2, **how):
    monkeypatch.setattr(transformer, "needed", lambda: None)
    return generated_languages.Languages("test", 2048, replicates, 1, None, **how)


def test_the_entropy_is_that_of_the_text_that_is_written(monkeypatch):
    home = room(monkeypatch)
    found = home.lesson({1: np.zeros(2)}, [])
    text = home.text(40_000)
    # Loss of an ideal reader, who knows the table and the frequencies of pairs, on long text.
    pair = text[..., :-1] * generated_languages.LETTERS + text[..., 1:]
    counts = (
        np.stack([np.bincount(one, minlength=generated_languages.LETTERS**2) for one in pair[..., 0]]) / text.shape[1]
    )
    first = -np.take_along_axis(np.log(np.maximum(counts, 1e-12)), pair[..., 0], axis=1).mean()
    table = home._tables[np.arange(2)[:, None, None], pair[..., :-1], text[..., 2:]]
    assert (first - np.log(table).sum(axis=2).mean()) / generated_languages.CONTEXT == pytest.approx(
        found.entropy, rel=0.01
    )
    assert found.entropy < found.letters < np.log(generated_languages.LETTERS)


def test_worth_is_the_human_tokens_of_the_same_loss(monkeypatch):
    home = room(monkeypatch)
    human = {n: np.full(2, 3.0 - np.log2(n / 1000)) for n in (1000, 2000, 4000)}
    at = home.point("a", 1, 1000, np.full(2, 2.0), human, 1.0)
    between = home.point("a", 1, 1000, np.full(2, 1.5), human, 1.0)
    past = home.point("a", 1, 1000, np.full(2, 0.5), human, 1.0)
    assert (at.worth, at.beyond, past.worth, past.beyond) == (pytest.approx(2.0), False, pytest.approx(4.0), True)
    assert between.worth == pytest.approx(2**1.5)


def test_relatives_are_the_more_alike_the_closer_their_kin(monkeypatch):
    def distance(kinship):
        home = room(monkeypatch, relatives=2, kinship=kinship)
        return np.abs(home._tables - home.root).mean()

    assert distance(100.0) < distance(4.0) < distance(0.5)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("passes", marks=pytest.mark.slow),
        pytest.param("distillation", marks=pytest.mark.slow),
        "adaptation",
    ],
)
def test_a_lesson_runs_and_comes_back_from_json(tiny, name):
    sizes = {
        "passes": {"tokens": 256, "passes": (1, 2)},
        "distillation": {"tokens": 256, "teachers": (1, 2)},
        "adaptation": {"tokens": (128, 256), "languages": 2},
    }[name]
    told = []
    result = getattr(lessons, f"simulate_{name}")(**sizes, replicates=2, progress=told.append)
    assert told
    assert all(np.isfinite([p.loss, p.worth]).all() for p in result.points)
    assert result.finding.startswith("What it shows" if result.passed else "FAIL")
    assert Lesson.from_json(json.loads(json.dumps(result.to_json()))) == result


@pytest.mark.parametrize("name", sorted(MADE))
def test_stored_students_learnt_and_none_beats_the_entropy(name):
    result = MADE[name]
    assert result.passed
    losses = [loss for _, loss in result.human]
    assert min(*losses, *(p.loss for p in result.points)) > result.entropy
    assert losses[-1] < losses[0]


def test_stored_teachers_are_worth_more_the_more_they_read_and_their_text_alone_no_more_than_human_text():
    worth = {(p.series, p.x): p for p in MADE["distillation"].points}
    by_logits = [p.worth for p in MADE["distillation"].points if p.series == "logits on own text"]
    assert by_logits[0] < by_logits[1] < by_logits[-1]
    for (series, x), point in worth.items():
        assert point.worth < (x if series != "as much text by the teacher" else 1.0) + 3 * point.error + 0.1


def test_stored_passes_are_worth_less_than_new_text_and_weight_decay_helps():
    points = MADE["passes"].points
    plain, decayed = ([p for p in points if p.series == f"weight decay {decay}"] for decay in ("0.1", "1"))
    for point in points:
        assert point.worth < point.x + 3 * point.error + 0.1
    assert plain[-1].worth / plain[-1].x < plain[1].worth / plain[1].x
    assert sum(p.worth for p in decayed) > sum(p.worth for p in plain)


def test_a_stored_start_is_worth_more_than_none():
    for point in MADE["adaptation"].points:
        assert point.worth > 1 - 2 * point.error


def test_without_the_extra_the_command_shows_what_is_stored(monkeypatch, tmp_path):
    monkeypatch.setattr(transformer, "jax", None)
    with pytest.raises(ModelError, match="data-depletion"):
        lessons.simulate_passes()
    said = CliRunner().invoke(app, ["passes", "--out", str(tmp_path)])
    assert said.exit_code == 0, said.output
    assert "as stored" in said.output
    assert MADE["passes"].finding.split(":")[0] in said.output
    document = json.loads((tmp_path / "collapse_passes.json").read_text(encoding="utf-8"))
    assert Lesson.from_json(document) == MADE["passes"]


@pytest.mark.parametrize("name", sorted(MADE))
def test_the_figure_says_its_numbers(name):
    figure = getattr(plots, f"draw_{name}")(MADE[name])
    assert f"standard error {MADE[name].points[-1].error:.2g}" in figure.get_label()


def test_students_who_know_no_more_than_the_letters_are_asked_nothing():
    made = Lesson("passes", 1, 2, 0.9, 2.0, ((10, 1.9), (20, 1.85)), ())
    assert made.finding.startswith("FAIL")
    assert made.to_json()["verdict"] == "FAIL"


def test_a_bound_is_told_as_one():
    point = Point("start", 1.0, 10, 1.0, 3.0, 0.1, beyond=True)
    made = Lesson("adaptation", 1, 2, 0.9, 2.0, ((10, 1.5), (20, 1.1)), (point,))
    assert "over 3 (start)" in made.finding
    assert "over 3.00 ± 0.10" in made.table[1][0]
