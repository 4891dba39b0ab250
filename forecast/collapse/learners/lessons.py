"""What a teacher, a further pass and a learnt start are worth in human text, by experiment with small transformers.

Every lesson is held against students of the same shape that read human text alone: the tokens of it that bring them to
the same loss, over the tokens that the lesson took, are what it is worth. Text is of a generated language in which the
two letters before decide on the next, so that its entropy is known. The extra ``lab`` is needed to run a lesson.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from scipy.special import xlogy

from forecast.collapse.learners import transformer
from forecast.collapse.learners.lesson import MARGIN, WORDS, Lesson, Point
from forecast.collapse.validate import positive, whole_number
from forecast.core.repetition import useful_passes
from forecast.core.seeds import DEFAULT_SEED, generator, integer_seed

__all__ = ["MARGIN", "WORDS", "Lesson", "Point", "simulate_adaptation", "simulate_distillation", "simulate_passes"]

LETTERS, CONTEXT = 10, 16
"""Alphabet of the generated languages, and letters of a passage (counts)."""

SPARSE = 0.15
"""Concentration of what may follow two letters (Dirichlet, a letter): few of the ten."""

STUDENT = transformer.Shape(LETTERS, CONTEXT, width=32, layers=2, heads=4)
"""The size of all models, teachers too (25 thousand weights)."""

STEPS, BATCH, RATE = (50, 150, 400), 32, 1e-2
"""Updates, of which the best number is taken by validation text, passages of each (counts), and the learning rate."""

MORE = 8
"""Text that a teacher writes for its student, as a multiple of the student's own."""

HELD_OUT = 256
"""Passages of validation, and of test (count)."""

Progress = Callable[[int], None]


def simulate_distillation(
    tokens: int = 2048,
    teachers: Sequence[int] = (1, 4, 16, 64),
    replicates: int = 3,
    seed: int = DEFAULT_SEED,
    progress: Progress | None = None,
) -> Lesson:
    """Teach students by the logits or the text of teachers that have read more or less.

    Parameters
    ----------
    tokens : int, default 2048
        Human tokens of a student.
    teachers : sequence of int
        Human tokens of its teacher, as a multiple.
    replicates : int, default 3
        Languages that are averaged.
    seed : int
        The run's seed.
    progress : callable, optional
        Called after each training.

    Returns
    -------
    Lesson
        What teachers are worth, by what they have read.
    """
    room = _Room("distillation", tokens, replicates, seed, progress)
    shared = room.text(max(teachers) * room.passages)
    teacher = room.learn(_by_size(shared, [n * room.passages for n in teachers]))
    own = np.repeat(shared[:, : room.passages], len(teachers), axis=0)
    written = transformer.write(teacher, MORE * room.passages * CONTEXT, room.key("writes"))
    written = transformer.passages(written, CONTEXT)
    lessons = {
        "logits on own text": (own, transformer.logits(teacher, own)),
        "as much text by the teacher": (_tiled(written, room.passages, written.shape[1]), None),
        f"{MORE} times as much by the teacher": (written, None),
    }
    human = room.human((0.25, 0.5, 1, 2, 4, 8, 32))
    points = []
    for series, (text, soft) in lessons.items():
        losses = room.losses(room.learn(text, soft=soft))
        points += [room.point(series, n, tokens, losses[:, i], human, float(n)) for i, n in enumerate(teachers)]
    return room.lesson(human, points)


def simulate_passes(
    tokens: int = 12_800,
    passes: Sequence[int] = (1, 2, 4, 8, 16),
    weight_decays: Sequence[float] = (0.1, 1.0),
    replicates: int = 4,
    seed: int = DEFAULT_SEED,
    progress: Progress | None = None,
) -> Lesson:
    """Let students read the same text again, beside others that read as much new text.

    Parameters
    ----------
    tokens : int, default 12800
        Unique tokens of those who repeat.
    passes : sequence of int
        Times that they are read; the first has to be 1.
    weight_decays : sequence of float
        Decoupled weight decay of both.
    replicates : int, default 4
        Languages that are averaged.
    seed : int
        The run's seed.
    progress : callable, optional
        Called after each training.

    Returns
    -------
    Lesson
        What repetition is worth, beside the law of Muennighoff et al. 2023.
    """
    room = _Room("passes", tokens, replicates, seed, progress)
    text = room.text(max(passes) * room.passages)
    losses = {}
    for decay in weight_decays:
        for times in passes:
            long = text[:, : times * room.passages]
            both = np.stack([long, _tiled(text, room.passages, long.shape[1])], axis=1).reshape(-1, *long.shape[1:])
            model = room.train(both, 2 * long.shape[1] // BATCH, batch=BATCH // 2, weight_decay=decay)
            losses[decay, times] = room.losses(model).T
    human = {decay: {times * tokens: losses[decay, times][0] for times in passes} for decay in weight_decays}
    points = [
        room.point(f"weight decay {decay:g}", n, tokens, losses[decay, n][1], human[decay], float(useful_passes(n)))
        for decay in weight_decays
        for n in passes
    ]
    return room.lesson(human[weight_decays[0]], points)


def simulate_adaptation(
    tokens: Sequence[int] = (512, 1024, 2048, 4096, 8192),
    languages: int = 30,
    kinship: float = 4.0,
    replicates: int = 3,
    seed: int = DEFAULT_SEED,
    progress: Progress | None = None,
) -> Lesson:
    """Train on a new language from a start that was learnt on its relatives, beside training from scratch.

    Parameters
    ----------
    tokens : sequence of int
        Tokens of the new language.
    languages : int, default 30
        Relatives that the start has read, as much of each as the longest text.
    kinship : float, default 4
        How alike languages are: tokens a context that knowing their common root is worth.
    replicates : int, default 3
        Families of languages that are averaged.
    seed : int
        The run's seed.
    progress : callable, optional
        Called after each training.

    Returns
    -------
    Lesson
        What the start is worth, by tokens of the new language.
    """
    room = _Room("adaptation", max(tokens), replicates, seed, progress, whole_number("languages", languages), kinship)
    start = room.train(room.relatives, STEPS[-1], batch=BATCH)
    text = room.text(room.passages)
    model = room.learn(_by_size(text, [n // CONTEXT for n in tokens]), start=_repeated(start, len(tokens)))
    losses = room.losses(model)
    human = room.human(sorted({n / max(tokens) for n in tokens} | {2.0, 4.0}))
    root = [1 + kinship * LETTERS**2 / n for n in tokens]
    points = [room.point("from relatives", n, n, losses[:, i], human, root[i]) for i, n in enumerate(tokens)]
    return room.lesson(human, points)


class _Room:
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
        new = _repeated(transformer.start(STUDENT, self.replicates, self.key("start")), len(text) // self.replicates)
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
        made = [self.train(text, steps, batch=BATCH, **how) for steps in STEPS]
        best = np.argmin([self.losses(one, self.valid).ravel() for one in made], axis=0)
        weights = {
            name: np.stack([np.asarray(one.weights[name]) for one in made])[best, np.arange(len(text))]
            for name in made[0].weights
        }
        return transformer.Model(STUDENT, weights)

    def human(self, multiples: Sequence[float]) -> dict[int, np.ndarray]:
        """Return the test losses of students of human text alone, by tokens read."""
        sizes = [max(round(multiple * self.passages), 1) for multiple in multiples]
        losses = self.losses(self.learn(_by_size(self.text(max(sizes)), sizes)))
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

    def lesson(self, human: Mapping[int, np.ndarray], points: Sequence[Point]) -> Lesson:
        """Return the result, with the entropies of the language."""
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
        letters = -xlogy(single, single).sum(axis=1).mean()
        curve = tuple((n, float(human[n].mean())) for n in sorted(human))
        return Lesson(self._name, self._seed, self.replicates, float(entropy), float(letters), curve, tuple(points))


def _tiled(text: np.ndarray, passages: int, total: int) -> np.ndarray:
    """Return the first passages of texts, again and again: all students then read arrays of one size."""
    return np.take(text, np.arange(total) % passages, axis=-2)


def _by_size(text: np.ndarray, sizes: Sequence[int]) -> np.ndarray:
    """Return of each replicate's text, one after the other, what students of each size read."""
    return np.stack([_tiled(one, size, text.shape[1]) for one in text for size in sizes])


def _repeated(model: transformer.Model, times: int) -> transformer.Model:
    """Return every model several times."""
    weights = {name: np.repeat(np.asarray(one), times, axis=0) for name, one in model.weights.items()}
    return transformer.Model(model.shape, weights)
