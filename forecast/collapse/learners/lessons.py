"""What a teacher, a further pass and a learnt start are worth in human text, by experiment with small transformers.

Every lesson is held against students of the same shape that read human text alone: the tokens of it that bring them to
the same loss, over the tokens that the lesson took, are what it is worth. Text is of a generated language in which the
two letters before decide on the next, so that its entropy is known. The extra ``lab`` is needed to run a lesson.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from forecast.collapse.learners import transformer
from forecast.collapse.learners.generated_languages import (
    BATCH,
    CONTEXT,
    LETTERS,
    STEPS,
    Languages,
    Progress,
    by_size,
    repeated,
    tiled,
)  # fmt: skip
from forecast.collapse.learners.lesson import MARGIN, WORDS, Lesson, Point
from forecast.collapse.validate import whole_number
from forecast.core.repetition import useful_passes
from forecast.core.seeds import DEFAULT_SEED

__all__ = ["MARGIN", "WORDS", "Lesson", "Point", "simulate_adaptation", "simulate_distillation", "simulate_passes"]

MORE = 8
"""Text that a teacher writes for its student, as a multiple of the student's own."""


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
    setting = Languages("distillation", tokens, replicates, seed, progress)
    shared = setting.text(max(teachers) * setting.passages)
    teacher = setting.learn(by_size(shared, [n * setting.passages for n in teachers]))
    own = np.repeat(shared[:, : setting.passages], len(teachers), axis=0)
    written = transformer.write(teacher, MORE * setting.passages * CONTEXT, setting.key("writes"))
    written = transformer.passages(written, CONTEXT)
    lessons = {
        "logits on own text": (own, transformer.logits(teacher, own)),
        "as much text by the teacher": (tiled(written, setting.passages, written.shape[1]), None),
        f"{MORE} times as much by the teacher": (written, None),
    }
    human = setting.human((0.25, 0.5, 1, 2, 4, 8, 32))
    points = []
    for series, (text, soft) in lessons.items():
        losses = setting.losses(setting.learn(text, soft=soft))
        points += [setting.point(series, n, tokens, losses[:, i], human, float(n)) for i, n in enumerate(teachers)]
    return setting.lesson(human, points)


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
    setting = Languages("passes", tokens, replicates, seed, progress)
    text = setting.text(max(passes) * setting.passages)
    losses = {}
    for decay in weight_decays:
        for times in passes:
            long = text[:, : times * setting.passages]
            both = np.stack([long, tiled(text, setting.passages, long.shape[1])], axis=1).reshape(-1, *long.shape[1:])
            model = setting.train(both, 2 * long.shape[1] // BATCH, batch=BATCH // 2, weight_decay=decay)
            losses[decay, times] = setting.losses(model).T
    human = {decay: {times * tokens: losses[decay, times][0] for times in passes} for decay in weight_decays}
    points = [
        setting.point(f"weight decay {decay:g}", n, tokens, losses[decay, n][1], human[decay], float(useful_passes(n)))
        for decay in weight_decays
        for n in passes
    ]
    return setting.lesson(human[weight_decays[0]], points)


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
    setting = Languages(
        "adaptation", max(tokens), replicates, seed, progress, whole_number("languages", languages), kinship
    )
    start = setting.train(setting.relatives, STEPS[-1], batch=BATCH)
    text = setting.text(setting.passages)
    model = setting.learn(by_size(text, [n // CONTEXT for n in tokens]), start=repeated(start, len(tokens)))
    losses = setting.losses(model)
    human = setting.human(sorted({n / max(tokens) for n in tokens} | {2.0, 4.0}))
    root = [1 + kinship * LETTERS**2 / n for n in tokens]
    points = [setting.point("from relatives", n, n, losses[:, i], human, root[i]) for i, n in enumerate(tokens)]
    return setting.lesson(human, points)
