"""Generated languages of known entropy, and how small transformers are trained and compared in them.

The two letters before decide on the next; a replicate is a language, or a family of related ones. The extra ``lab`` is
needed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from scipy.special import xlogy

from forecast.collapse.learners import transformer
from forecast.collapse.learners.lesson import Lesson, Point
from forecast.collapse.validate import positive, whole_number
from forecast.core.seeds import generator, integer_seed

LETTERS, CONTEXT = 10, 16
"""Alphabet of the generated languages, and letters of a passage (counts)."""

SPARSE = 0.15
"""Concentration of what may follow two letters (Dirichlet, a letter): few of the ten."""

STUDENT = transformer.Shape(LETTERS, CONTEXT, width=32, layers=2, heads=4)
"""The size of all models, teachers too (25 thousand weights)."""

STEPS, BATCH, RATE = (50, 150, 400), 32, 1e-2
"""Updates, of which the best number is taken by validation text, passages of each (counts), and the learning rate."""

HELD_OUT = 256
"""Passages of validation, and of test (count)."""

Progress = Callable[[int], None]


class Languages:
    """Languages, a family of them a replicate, and how models are trained and compared in them."""

    def __init__(
        self,
        name: str,
        tokens: int,
        replicates: int,
        seed: int,
        progress: Progress | None,
        relatives: int = 0,
        kinship: float = 1.0,
    ) -> None:
        transformer.needed()
        self.passages = whole_number("tokens", tokens, minimum=CONTEXT * BATCH) // CONTEXT
        self.replicates, self._name, self._seed = whole_number("replicates", replicates, minimum=2), name, seed
        self._progress, self._rng, self._trained = progress, generator(seed, "collapse", name), 0
        self.root = self._rng.dirichlet(np.full(LETTERS, SPARSE), (replicates, LETTERS**2))
        around = positive("kinship", kinship) * self.root + 1e-3
        spread = self._rng.standard_gamma(around, (relatives + 1, *around.shape)) + 1e-12
        family = spread / spread.sum(axis=-1, keepdims=True)
        self._tables = family[0] if relatives else self.root
        self.valid, self.test = self.text(HELD_OUT), self.text(HELD_OUT)
        self.relatives = np.concatenate(
            [self.text(self.passages, table) for table in family[1:]] or [self.valid], axis=1
        )

    def text(self, passages: int, tables: np.ndarray | None = None) -> np.ndarray:
        """Return new human text, shape (replicate, passage, CONTEXT)."""
        steps = np.cumsum(self._tables if tables is None else tables, axis=2)
        pair = self._rng.integers(0, LETTERS**2, (self.replicates, passages))
        rows, text = np.arange(self.replicates)[:, None], []
        for _ in range(2 * CONTEXT):  # the first half is read by nobody: the chain has to forget its start
            letter = np.minimum((steps[rows, pair] < self._rng.random((*pair.shape, 1))).sum(axis=2), LETTERS - 1)
            pair = (pair * LETTERS + letter) % LETTERS**2
            text.append(letter)
        return np.stack(text[CONTEXT:], axis=2)

    def key(self, word: str) -> int:
        """Return a seed of its own."""
        return integer_seed(self._seed, "collapse", self._name, word)

    def train(self, text: np.ndarray, steps: int, **how: Any) -> transformer.Model:
        """Return models that have read a text from scratch, or from a given start."""
        self._trained += 1
        # All of a replicate begin alike, so that they differ by what they read.
        new = repeated(transformer.start(STUDENT, self.replicates, self.key("start")), len(text) // self.replicates)
        made = transformer.train(new, text, steps, self.key(f"order {self._trained}"), rate=RATE, **how)
        if self._progress is not None:
            self._progress(self._trained)
        return made

    def losses(self, model: transformer.Model, text: np.ndarray | None = None) -> np.ndarray:
        """Return losses on the test text or another one a replicate, shape (replicate, model)."""
        times = model.replicates // self.replicates
        text = np.repeat(self.test if text is None else text, times, axis=0)
        return -transformer.log_likelihood(model, text).mean(axis=(1, 2)).reshape(self.replicates, times)

    def learn(self, text: np.ndarray, **how: Any) -> transformer.Model:
        """Return models after the number of updates that is best for each by validation text."""
        return self.best_of([self.train(text, steps, batch=BATCH, **how) for steps in STEPS])

    def best_of(self, made: Sequence[transformer.Model]) -> transformer.Model:
        """Return of each model, trained in several ways, the one with the least loss on validation text."""
        best = np.argmin([self.losses(one, self.valid).ravel() for one in made], axis=0)
        weights = {
            name: np.stack([np.asarray(one.weights[name]) for one in made])[best, np.arange(len(best))]
            for name in made[0].weights
        }
        return transformer.Model(made[0].shape, weights)

    def human(self, multiples: Sequence[float]) -> dict[int, np.ndarray]:
        """Return the test losses of students of human text alone, by tokens read."""
        sizes = [max(round(multiple * self.passages), 1) for multiple in multiples]
        losses = self.losses(self.learn(by_size(self.text(max(sizes)), sizes)))
        return {size * CONTEXT: losses[:, place] for place, size in enumerate(sizes)}

    def point(
        self, series: str, x: float, tokens: int, losses: np.ndarray, human: Mapping[int, np.ndarray], law: float
    ) -> Point:
        """Hold the losses of a lesson against those of human text, a replicate against its own."""
        curve = np.minimum.accumulate(np.stack([human[n] for n in sorted(human)]), axis=0)[::-1]
        sizes = np.log(sorted(human))[::-1]
        worth = np.exp([np.interp(losses[r], curve[:, r], sizes) for r in range(self.replicates)]) / tokens
        error = float(worth.std(ddof=1) / np.sqrt(self.replicates))
        beyond = bool((losses < curve[0]).any())
        return Point(series, float(x), int(tokens), float(losses.mean()), float(worth.mean()), error, beyond, law)

    def entropies(self) -> tuple[float, float]:
        """Return the entropy of passages and of single letters (nats a letter), averaged over languages."""
        pairs = np.full((self.replicates, LETTERS**2), LETTERS**-2.0)
        for _ in range(500):  # to the frequencies of pairs, which a chain this sparse reaches long before
            pairs = (
                (pairs[..., None] * self._tables)
                .reshape(-1, LETTERS, LETTERS, LETTERS)
                .sum(axis=1)
                .reshape(pairs.shape)
            )
        after = -(pairs * xlogy(self._tables, self._tables).sum(axis=2)).sum(axis=1).mean()
        # A passage begins anew: nothing is before its first two letters.
        entropy = (-xlogy(pairs, pairs).sum(axis=1).mean() + (CONTEXT - 2) * after) / CONTEXT
        single = pairs.reshape(-1, LETTERS, LETTERS).sum(axis=1)
        return float(entropy), float(-xlogy(single, single).sum(axis=1).mean())

    def lesson(self, human: Mapping[int, np.ndarray], points: Sequence[Point]) -> Lesson:
        """Return the result, with the entropies of the language."""
        curve = tuple((n, float(human[n].mean())) for n in sorted(human))
        return Lesson(self._name, self._seed, self.replicates, *self.entropies(), curve, tuple(points))


def tiled(text: np.ndarray, passages: int, total: int) -> np.ndarray:
    """Return the first passages of texts, again and again: all students then read arrays of one size."""
    return np.take(text, np.arange(total) % passages, axis=-2)


def by_size(text: np.ndarray, sizes: Sequence[int]) -> np.ndarray:
    """Return of each replicate's text, one after the other, what students of each size read."""
    return np.stack([tiled(one, size, text.shape[1]) for one in text for size in sizes])


def repeated(model: transformer.Model, times: int) -> transformer.Model:
    """Return every model several times."""
    weights = {name: np.repeat(np.asarray(one), times, axis=0) for name, one in model.weights.items()}
    return transformer.Model(model.shape, weights)
