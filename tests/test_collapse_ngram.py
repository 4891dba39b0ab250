"""The n-gram experiment: a language of known entropy, models that lose its rare words, the user's own text."""

from __future__ import annotations

import re
import unicodedata

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast.collapse.learners.language import SENTENCE, TextLanguage, ZipfLanguage, rare_words
from forecast.collapse.learners.ngram import FLOOR, NgramLearner, simulate_ngram
from forecast.collapse.words import words_of
from forecast.errors import InputError, MissingFileError


@pytest.fixture(scope="module")
def language():
    return ZipfLanguage(np.random.default_rng(1), words=100)


def test_frequencies_follow_zipf_exactly(language):
    assert language.frequencies[9] / language.frequencies[0] == pytest.approx(0.1)
    sentences = language.sentences(20_000, np.random.default_rng(2))
    for place in (0, SENTENCE - 1):  # the grammar leaves frequencies alone at every place of a sentence
        seen = np.bincount(sentences[:, place], minlength=100) / len(sentences)
        assert seen == pytest.approx(language.frequencies, abs=0.012)


def test_the_entropy_is_what_a_model_with_ample_data_reaches():
    language = ZipfLanguage(np.random.default_rng(3), words=30, classes=6)
    rng = np.random.default_rng(4)
    pairs = np.zeros((30, 30))
    train, test = language.sentences(60_000, rng), language.sentences(5_000, rng)
    np.add.at(pairs, (train[:, :-1].ravel(), train[:, 1:].ravel()), 1)
    steps = (pairs + 1e-3) / (pairs + 1e-3).sum(axis=1, keepdims=True)
    inside = -np.log(steps[test[:, :-1], test[:, 1:]]).mean()
    first = -np.log(language.frequencies[test[:, 0]]).mean()
    assert (inside * (SENTENCE - 1) + first) / SENTENCE == pytest.approx(language.entropy, abs=0.02)


def test_its_own_sentences_are_licensed_and_shuffled_ones_mostly_not(language):
    rng = np.random.default_rng(5)
    sentences = language.sentences(500, rng)
    assert language.licensed(sentences).all()
    assert language.licensed(rng.permuted(sentences, axis=1)).mean() < 0.5


@pytest.mark.parametrize("order", [1, 2, 3])
def test_probabilities_of_the_next_word_sum_to_one(language, order):
    rng = np.random.default_rng(6)
    learner = NgramLearner(language, rng, order)
    model = learner.fit(learner.digest(learner.human(30)))
    every = np.tile(learner.human(1)[0], (100, 1))
    every[:, 4] = np.arange(100)
    assert learner._probability(model, every)[:, 4].sum() == pytest.approx(1.0)


def test_a_model_writes_what_its_probabilities_say(language):
    rng = np.random.default_rng(7)
    learner = NgramLearner(language, rng, 2)
    model = learner.fit(learner.digest(learner.human(40)))
    first = learner.write(model, 20_000)[0, :, 0]
    every = np.zeros((100, SENTENCE), dtype=np.int64)
    every[:, 0] = np.arange(100)
    expected = (learner._probability(model, every)[:, 0] - FLOOR / 100) / (1 - FLOOR)
    assert np.bincount(first, minlength=100) / 20_000 == pytest.approx(expected, abs=0.015)


def test_uniform_words_disappear_at_the_published_rate():
    result = simulate_ngram(
        samples=1000, generations=10, replicates=10, regimes=["replace"], order=1, words=1000, exponent=0.0, seed=1
    )
    found = result.curve("replace", "vocabulary")
    assert found[0] == pytest.approx(632.3, abs=15)
    # Another simulation's single runs: 640, 275, 167.
    assert found[[0, 4, 9]] == pytest.approx([640, 275, 167], rel=0.1)
    assert found == pytest.approx(result.theory(), rel=0.06)


def test_rare_words_go_first_and_keeping_half_saves_them():
    result = simulate_ngram(4000, 10, 1, ["replace", "keep:0.5", "accumulate"], seed=2, words=200)
    for regime in result.chains:
        assert (result.curve(regime, "perplexity") > np.exp(result.entropy)).all()
    lost, kept, all_kept = (result.curve(r, "vocabulary")[-1] for r in ("replace", "keep:0.5", "accumulate"))
    assert lost < kept <= all_kept <= 200
    for measure in ("perplexity", "rare_loss"):
        assert result.curve("replace", measure)[-1] > result.curve("accumulate", measure)[-1]


def test_rare_words_make_up_a_tenth(language):
    rare = rare_words(language.frequencies)
    assert 0.05 < language.frequencies[rare].sum() <= 0.1
    assert language.frequencies[rare].max() <= language.frequencies[~rare].min()


def test_a_text_of_the_users_own(tmp_path):
    path = tmp_path / "text.txt"
    words = np.random.default_rng(1).zipf(1.6, 5000) % 300
    path.write_text(" ".join(f"word{number}" for number in words), encoding="utf-8")
    result = simulate_ngram(1000, 3, 1, ["replace", "verification:0.9/0.3"], text=path, seed=1)
    assert result.entropy is None
    assert result.language == "text.txt"
    assert result.curve("replace", "vocabulary")[2] <= result.curve("replace", "vocabulary")[0]


HINDI = ["पानी", "दरवाज़ा", "खिड़की", "मित्र", "भाषा", "हिन्दी", "रात", "किताब", "नदी", "विद्यालय"]
FRENCH = ["côté", "mère", "père", "déjà", "élève", "hôtel", "fenêtre", "très", "rivière", "été"]


@pytest.mark.parametrize(
    ("words", "form"),
    [(HINDI, "NFC"), (HINDI, "NFD"), (FRENCH, "NFC"), (FRENCH, "NFD"), (["می\u200cخواهم", "بروم"], "NFC")],
)
def test_marks_belong_to_their_words_in_either_normal_form(tmp_path, words, form):
    path = tmp_path / "text.txt"
    path.write_text(unicodedata.normalize(form, " ".join(words * 400)), encoding="utf-8")
    result = simulate_ngram(800, 1, 1, ["replace"], text=path)
    assert (result.words, result.language, result.by_character) == (len(words), "text.txt", False)


@pytest.mark.parametrize(
    "text", ["我喜欢机器学习。", "日本語のテキスト。", "ภาษาไทย ", "ភាសាខ្មែរ ", "ພາສາລາວ ", "မြန်မာစာ "]
)
def test_texts_without_spaces_are_said_to_be_counted_by_character(tmp_path, text):
    path = tmp_path / "text.txt"
    path.write_text(text * 300, encoding="utf-8")
    result = simulate_ngram(800, 1, 1, ["replace"], text=path)
    assert result.language == "text.txt, counted by character"
    letters = {mark for mark in text if unicodedata.category(mark)[0] == "L"}
    assert result.words >= len(letters)


def test_words_between_spaces_stay_words_among_characters():
    assert words_of("我用 GPT4 写字，很好。") == (["我", "用", "gpt4", "写", "字", "很", "好"], True)
    assert words_of("The word 机器学习 in an English sentence") == (
        ["the", "word", "机器学习", "in", "an", "english", "sentence"], False,
    )  # fmt: skip
    assert words_of("한국어 문장") == (["한국어", "문장"], False)


@given(st.text(st.characters(max_codepoint=0x17F), max_size=80))
def test_words_of_latin_letters_are_those_of_the_engine(text):
    plain = unicodedata.normalize("NFC", text.lower())
    if not any(unicodedata.combining(mark) for mark in plain):
        assert words_of(text) == (re.findall(r"\w+", plain), False)


def test_rare_words_of_a_text_become_one(tmp_path):
    path = tmp_path / "text.txt"
    path.write_text("the cat sat on the mat and the dog ate it " * 300, encoding="utf-8")
    language = TextLanguage(path, words=4)
    assert language.words == 4
    assert language.frequencies[0] == pytest.approx(3 / 11)
    assert language.licensed(language.sentences(5, np.random.default_rng(1))).all()


def test_texts_that_cannot_be_used(tmp_path):
    with pytest.raises(MissingFileError, match="text file"):
        TextLanguage(tmp_path / "none.txt")
    short, binary = tmp_path / "short.txt", tmp_path / "binary.txt"
    short.write_text("too short", encoding="utf-8")
    binary.write_bytes(bytes(range(128, 256)))
    with pytest.raises(InputError, match="2 words"):
        TextLanguage(short)
    with pytest.raises(InputError, match="no UTF-8"):
        TextLanguage(binary)
    with pytest.raises(MissingFileError):
        TextLanguage(tmp_path)
