"""The character-level transformer: what it learns, what it writes, and that it needs an extra."""

from __future__ import annotations

import numpy as np
import pytest

from forecast.collapse.learners import transformer
from forecast.collapse.learners.transformer import Shape, passages
from forecast.errors import InputError, ModelError

TINY = Shape(letters=5, context=8, width=16, layers=1, heads=2)


def chain(replicates: int, count: int, stay: float = 0.75) -> np.ndarray:
    """Return passages of a Markov chain on the letters of `TINY` that goes on to the next letter or leaps."""
    rng = np.random.default_rng(3)
    steps = np.where(rng.random((replicates, count, 8)) < stay, 1, rng.integers(0, 5, (replicates, count, 8)))
    return np.cumsum(steps, axis=2) % 5


@pytest.fixture(scope="module")
def trained():
    pytest.importorskip("optax")
    return transformer.train(transformer.start(TINY, 2, 1), chain(2, 400), 150, 2, progress=lambda _: None)


def test_its_parameters_are_counted():
    pytest.importorskip("optax")
    weights = transformer.start(TINY, 3, 1).weights
    assert sum(one.size for one in weights.values()) == 3 * TINY.parameters


def test_no_loss_is_below_the_entropy_of_its_language(trained):
    move = np.full(5, 0.05)
    move[1] += 0.75
    entropy = -(move * np.log(move)).sum()
    text = chain(2, 4000)
    loss = -transformer.log_likelihood(trained, text).mean(axis=(1, 2))
    assert loss == pytest.approx(entropy, abs=0.06)
    assert loss.min() > entropy - 0.01
    assert transformer.perplexity(trained, text) == pytest.approx(np.exp(loss), rel=1e-5)


def test_each_letter_is_foretold_by_those_before_it_alone(trained):
    text = chain(2, 20)
    other = text.copy()
    other[:, :, 5] = (other[:, :, 5] + 2) % 5
    one, two = transformer.logits(trained, text), transformer.logits(trained, other)
    assert one[:, :, :6] == pytest.approx(two[:, :, :6], abs=1e-5)
    assert np.abs(one[:, :, 6] - two[:, :, 6]).max() > 0.1
    likely = np.exp(transformer.log_likelihood(trained, text))
    shares = np.exp(one) / np.exp(one).sum(axis=-1, keepdims=True)
    assert np.take_along_axis(shares, text[..., None], axis=-1)[..., 0] == pytest.approx(likely, abs=1e-5)


def test_it_writes_what_it_believes(trained):
    text = passages(transformer.write(trained, 8 * 4000, 4), 8)
    believed = -transformer.log_likelihood(trained, text).mean()
    logits = transformer.logits(trained, text[:, :200])
    shares = np.exp(logits) / np.exp(logits).sum(axis=-1, keepdims=True)
    assert believed == pytest.approx(-(shares * np.log(shares)).sum(axis=-1).mean(), abs=0.03)
    cold = transformer.log_likelihood(trained, passages(transformer.write(trained, 8 * 400, 4, temperature=0.3), 8))
    assert -cold.mean() < believed - 0.2


def test_a_prompt_is_kept_and_replicates_differ(trained):
    text = passages(transformer.write(trained, 800, 4, prompt=np.array([3, 4, 0])), 8)
    assert (text[:, :, :3] == [3, 4, 0]).all()
    assert (text[0] != text[1]).any()
    assert transformer.write(trained, 13, 4).shape == (2, 13)


def test_a_replicate_reads_its_own_text_alone(trained):
    text = chain(2, 64)
    both = transformer.train(transformer.start(TINY, 2, 1), text, 10, 2)
    text[1] = 0
    again = transformer.train(transformer.start(TINY, 2, 1), text, 10, 2)
    assert np.array_equal(both.weights["read"][0], again.weights["read"][0])
    assert not np.array_equal(both.weights["read"][1], again.weights["read"][1])


def test_a_teachers_logits_teach_and_training_can_begin_elsewhere(trained):
    text = chain(2, 64)
    begun = transformer.start(TINY, 2, 9)
    student = transformer.train(begun, text, 100, 2, soft=transformer.logits(trained, text), weight_decay=0.0)
    unread = chain(2, 3000)[:, 1000:]
    assert (transformer.perplexity(student, unread) < 0.8 * transformer.perplexity(begun, unread)).all()
    further = transformer.train(begun, text, 1, 2, start=trained, rate=1e-5)
    assert transformer.perplexity(further, unread) == pytest.approx(transformer.perplexity(trained, unread), rel=0.01)


def test_a_text_too_short_and_heads_that_do_not_fit_are_refused():
    with pytest.raises(InputError, match="7 letters"):
        passages(np.zeros((1, 7), int), 8)
    with pytest.raises(InputError, match="3 heads"):
        Shape(letters=5, width=16, heads=3)


def test_without_the_extra_it_says_what_to_install(monkeypatch):
    monkeypatch.setattr(transformer, "jax", None)
    with pytest.raises(ModelError, match=r'pip install "data-depletion\[lab\]"'):
        transformer.start(TINY, 1, 1)
