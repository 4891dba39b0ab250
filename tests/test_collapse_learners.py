"""Dice, texts, transformers and autoencoders by generation: closed forms, signs, margins, and results that are stored."""

from __future__ import annotations

import json

import numpy as np
import pytest
from typer.testing import CliRunner

import forecast as fc
from forecast.cli.collapse import app
from forecast.collapse import anchors, theory
from forecast.collapse.learners import neural, texts, transformer
from forecast.collapse.learners.dice import simulate_dice
from forecast.collapse.learners.language import rare_words
from forecast.collapse.learners.neural import Curves
from forecast.collapse.learners.transformers import TransformerLearner, simulate_transformer, unigram_loss
from forecast.collapse.learners.vae import simulate_vae
from forecast.errors import ForecastError, InputError, ModelError
from forecast.plots import collapse as figures


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("FORECAST_CACHE", str(tmp_path / "cache"))


@pytest.fixture(scope="module")
def language():
    return texts.SpelledLanguage(np.random.default_rng(1))


@pytest.fixture(scope="module")
def stored():
    return fc.evaluate.stored("learners").content


# Dice


def test_a_face_is_lost_as_often_as_the_exact_chain_says():
    die = simulate_dice(samples=60, generations=20, replicates=4000, regimes=["replace"])
    for p in die.document["faces"]:
        found, form = (die.curve("replace", f"lost_{p:g}", kind) for kind in ("simulation", "theory"))
        assert np.abs(found - form).max() < 4 * np.sqrt(0.25 / 4000)


def test_the_exact_chain_agrees_with_its_first_step_and_its_limits():
    assert theory.lost_exactly(0.03, 100, 1)[1] == pytest.approx(0.97**100)
    assert theory.lost_exactly(0.0005, 1000, 1)[1] == pytest.approx(float(theory.lost_at_once(0.0005, 1000)))
    long = theory.lost_exactly(0.2, 10, 200)
    assert (np.diff(long) >= 0).all()
    assert long[-1] == pytest.approx(0.8, abs=1e-3)  # one face is left, and it is this one with its first probability
    two = np.array([theory.lost_exactly(p, 10, 200)[-1] for p in (0.2, 0.8)])
    assert two.sum() == pytest.approx(1.0, abs=1e-3)


def test_branching_is_the_limit_of_rare_faces_and_many_throws():
    extinct = [0.0]
    for _ in range(6):
        extinct.append(float(np.exp(extinct[-1] - 1)))  # of one throw of a rare face, by generation
    rare = theory.lost_exactly(1 / 1000, 1000, 6)
    assert rare[1:] == pytest.approx(np.exp(np.array(extinct[:-1]) - 1), abs=0.002)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_replacing_loses_most_and_what_accumulates_is_never_lost(seed):
    die = simulate_dice(
        generations=30, replicates=400, regimes=["replace", "keep:0.1", "keep:0.5", "accumulate"], seed=seed
    )
    left = [die.curve(regime, "faces")[-1] for regime in die.chains]
    assert left == sorted(left)
    assert die.curve("accumulate", "faces")[0] == die.curve("accumulate", "faces")[-1]


@pytest.mark.parametrize("faces", [[0.5], [0.5, 0.5], [0.5, -0.1]])
def test_dice_without_two_different_faces_are_refused(faces):
    with pytest.raises(InputError):
        simulate_dice(faces=faces)


def test_more_throws_than_the_exact_chain_holds_are_refused():
    with pytest.raises(InputError, match="2,001 throws"):
        simulate_dice(samples=2001)


# Texts


def test_spelling_adds_no_surprise_and_can_be_read_back(language):
    passages = language.human(2, 50, np.random.default_rng(2))
    assert passages.shape == (2, 50, 24)
    assert language.right(passages).all()
    assert all(len(texts.spell(language, one).split()) == 8 for one in passages[0])
    shuffled = passages[:, :, np.random.default_rng(3).permutation(24)]
    assert language.right(shuffled).mean() < 0.1
    assert language.entropy * 3 == pytest.approx(language._language.entropy)


def test_no_predictor_of_letters_beats_the_entropy(language):
    rng = np.random.default_rng(4)
    train, test = language.human(1, 20_000, rng)[0], language.human(1, 2_000, rng)[0]
    size, loss = len(language.alphabet), []
    for place in range(24):  # the context of a letter: its place and the four letters before it
        before = range(max(place - 4, 0), place)
        codes = [sum(text[:, at].astype(int) * size**n for n, at in enumerate(before)) for text in (train, test)]
        counts = {}
        for code, letter in zip(np.broadcast_to(codes[0], len(train)), train[:, place], strict=True):
            counts.setdefault(int(code), np.full(size, 1e-3))[letter] += 1
        flat = np.full(size, 1.0)
        for code, letter in zip(np.broadcast_to(codes[1], len(test)), test[:, place], strict=True):
            seen = counts.get(int(code), flat)
            loss.append(-np.log(seen[letter] / seen.sum()))
    assert language.entropy < np.mean(loss) < unigram_loss(language, rng) - 1


def test_shakespeare_ships_as_the_page_of_the_data_says():
    text = texts.text_of("shakespeare", np.random.default_rng(1))
    assert len(texts.shakespeare()) == 1_115_394
    assert len(text.alphabet) == 65
    assert text.entropy is None
    assert 0.03 < text.rare.mean() < 0.15
    passages = text.human(2, 30, np.random.default_rng(2))
    assert text.right(passages).all()
    assert not text.right(passages[:, :, ::-1]).all()
    page = (fc.ingest.catalog.data_directory() / "README.md").read_text(encoding="utf-8")
    assert texts.SHAKESPEARE_FILE in page
    assert texts.SHAKESPEARE_SHA256 in page


def test_held_out_text_is_not_read():
    words = [f"w{number}" for number in range(9000)]
    text = texts.HumanText(" ".join(words), "numbers")
    read = {
        word for one in text.human(1, 20_000, np.random.default_rng(1))[0] for word in texts.spell(text, one).split()
    }
    assert {"w10", "w5000"} < read
    assert not {f"w{number}" for number in range(8200, 9000)} & read


def test_a_users_text_in_any_script_and_one_too_short(tmp_path):
    path = tmp_path / "text.txt"
    path.write_text("".join(chr(0x4E00 + (7 * n) % 900) for n in range(30_000)), encoding="utf-8")
    text = texts.text_of(path, np.random.default_rng(1))
    assert len(text.alphabet) == texts.ALPHABET + 1
    assert text.rare.any()
    path.write_text("too short", encoding="utf-8")
    with pytest.raises(InputError, match="9 letters"):
        texts.text_of(path, np.random.default_rng(1))
    for content in ("a" * 30_000, "?!" * 30_000):
        with pytest.raises(InputError, match="words to read"):
            texts.HumanText(content, "a text")


# Neural learners


def test_a_model_that_hardly_beats_a_trivial_one_is_not_asked_to_collapse():
    neural.beats(np.array([1.0, 1.8]), 1.95, "letters")
    for loss in ([1.0, 1.9], [np.nan, 1.0]):
        with pytest.raises(ModelError, match="FAIL"):
            neural.beats(np.array(loss), 1.95, "letters")


def test_a_transformer_that_has_not_learnt_is_said_to_fail():
    pytest.importorskip("optax")
    with pytest.raises(ModelError, match="FAIL: a loss of"):
        simulate_transformer(samples=2400, generations=2, replicates=1, steps=1)


@pytest.mark.parametrize(
    "wrong",
    [
        {"steps": 10**9}, {"width": 10**4}, {"layers": 0}, {"width": 7}, {"samples": 10**10}, {"temperature": 0.0},
        {"samples": 5}, {"text": "nowhere.txt"}, {"regimes": ["keep:2"]},
    ],
)  # fmt: skip
def test_settings_that_make_no_sense_cost_no_training(wrong, monkeypatch):
    pytest.importorskip("optax")
    monkeypatch.setattr(transformer, "train", None)
    with pytest.raises(ForecastError):
        simulate_transformer(**wrong)


def test_fits_are_kept_and_a_run_goes_on_where_it_stopped(monkeypatch, language):
    pytest.importorskip("optax")
    small = {"samples": 4800, "replicates": 1, "steps": 60, "regimes": ["replace"], "width": 16, "layers": 1}
    fitted = []
    train = transformer.train
    monkeypatch.setattr(transformer, "train", lambda *a, **k: fitted.append(1) or train(*a, **k))
    short = simulate_transformer(generations=2, **small)
    assert len(fitted) == 2
    longer = simulate_transformer(generations=3, **small)
    assert len(fitted) == 3
    again = simulate_transformer(generations=3, **small)
    assert len(fitted) == 3
    assert again.to_json() == longer.to_json()
    assert list(longer.curve("replace", "perplexity")[:2]) == list(short.curve("replace", "perplexity"))
    document = json.loads(json.dumps(longer.to_json(), allow_nan=False))
    assert min(document["chains"][0]["simulation"]["perplexity"]) > np.exp(document["entropy_nats"])
    assert all(text.startswith(document["prompt"]) for text in document["chains"][0]["continued"].values())
    options = "--samples 4800 --replicates 1 --steps 60 --width 16 --layers 1 --generations 3 --regime replace --quiet"
    printed = CliRunner().invoke(app, ["transformer", *options.split()], catch_exceptions=False)
    assert len(fitted) == 3
    lines = printed.stdout.splitlines()
    assert [line for line in lines if line.startswith("replace, n = 2: ")]
    assert lines[-1].startswith("What it shows: after 3 generations the perplexity is")


def test_rare_words_cost_more_than_others(language):
    pytest.importorskip("optax")
    rng = np.random.default_rng(5)
    learner = TransformerLearner(language, rng, 1, transformer.Shape(len(language.alphabet), 24, 16, 1), 60)
    found = learner.measure(learner.fit(learner.digest(learner.human(800))))
    assert found["rare_loss"][0] > np.log(found["perplexity"][0])
    assert 0 < found["diversity"][0] <= 1
    rare = rare_words(language._language.frequencies)
    assert language.rare.mean() == pytest.approx(language._language.frequencies[rare].sum(), abs=0.03)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_replace_is_worst_and_accumulation_stays_below_it(seed):
    pytest.importorskip("optax")
    points = simulate_vae(generations=3, replicates=2, steps=400, seed=seed)
    spread = [points.curve(regime, "variance")[-1] for regime in ("replace", "keep:0.1", "accumulate")]
    assert spread == sorted(spread)
    assert spread[0] < 0.5 * points.curve("replace", "variance")[0]
    regimes = ["replace", "accumulate"]
    told = simulate_transformer(samples=12_000, generations=3, steps=150, seed=seed, regimes=regimes, width=16)
    replaced, grown = (np.log(told.curve(regime, "perplexity")) for regime in regimes)
    assert replaced[0] < replaced[1] < replaced[2]
    assert grown[2] - grown[0] < 0.8 * (replaced[2] - replaced[0])


@pytest.mark.slow
def test_larger_models_express_more():
    pytest.importorskip("optax")
    sizes = fc.collapse.simulate_capacity(samples=6000, replicates=1, widths=(8, 32), steps=300)
    small, large = (sizes.chains[width]["simulation"] for width in ("8", "32"))
    assert small["approximation"][0] > large["approximation"][0] > 0
    assert large["sampling"][0] > 0


# What is stored


def test_what_is_stored_beat_its_trivial_predictor_before_it_collapsed(stored):
    for name in ("transformer", "shakespeare", "cold"):
        for chain in stored[name]["chains"]:
            assert np.log(chain["simulation"]["perplexity"][0]) < stored[name]["trivial_nats"] - neural.MARGIN
    assert min(stored["transformer"]["chains"][0]["simulation"]["perplexity"]) > np.exp(
        stored["transformer"]["entropy_nats"]
    )
    for chain in stored["vae"]["chains"]:
        assert chain["simulation"]["loss"][0] < stored["vae"]["trivial_nats"] - neural.MARGIN


def test_stored_signs_are_those_that_are_published(stored):
    rows = anchors.compare(stored)
    assert all(row["verdict"].split(":")[0] in {"matched", "explained", "not reproducible"} for row in rows)
    told = {row["published"]: row["verdict"] for row in rows}
    for exact in ("1,000 draws", "verified text", "verified labels"):
        assert [verdict.split(":")[0] for name, verdict in told.items() if exact in name] == ["matched"]
    for name in ("transformer", "shakespeare"):
        last = {one["regime"]: one["simulation"]["perplexity"][-1] for one in stored[name]["chains"]}
        assert last["replace"] > last["keep:0.1"]
        assert last["replace"] > last["accumulate"]
    lost = [one["simulation"]["approximation"][0] for one in stored["capacity"]["chains"]]
    assert lost == sorted(lost, reverse=True)


def test_anchors_are_printed_from_what_is_stored():
    printed = CliRunner().invoke(app, ["anchors"], catch_exceptions=False)
    assert "OPT-125m" in printed.stdout
    rows = json.loads(CliRunner().invoke(app, ["anchors", "--json"], catch_exceptions=False).stdout)["rows"]
    assert all(set(row) == set(anchors.COLUMNS) for row in rows)


def test_what_is_stored_is_drawn_without_the_extra(stored, monkeypatch):
    monkeypatch.setattr(transformer, "jax", None)
    for name, draw in (
        ("dice", figures.draw_dice),
        ("capacity", figures.draw_capacity),
        ("vae", figures.draw_vae),
        ("transformer", figures.draw_transformer),
        ("shakespeare", figures.draw_transformer),
        ("cold", figures.draw_transformer),
    ):
        figure = draw(Curves(stored[name]))
        assert len(figure.get_label()) > 60
        assert all(ax.get_title(loc="left") for ax in figure.axes)


@pytest.mark.parametrize("simulate", ["transformer", "vae", "capacity"])
def test_without_the_extra_nothing_is_trained(simulate, monkeypatch):
    monkeypatch.setattr(transformer, "jax", None)
    with pytest.raises(ModelError, match=r"data-depletion\[lab\]"):
        getattr(fc.collapse, f"simulate_{simulate}")()
