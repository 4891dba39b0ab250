"""What lessons came to: what each was worth in human text, as numbers, as a table and in a sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

MARGIN = 0.2
"""A student has to beat the frequencies of letters by as much (nats a letter) to be asked anything (judgement)."""


@dataclass(frozen=True)
class Point:
    """What one lesson came to.

    Parameters
    ----------
    series : str
        The kind of lesson.
    x : float
        What is varied, as the experiment says.
    tokens : int
        Human tokens of the student's own.
    loss, worth, error : float
        Test loss (nats a letter); human tokens that bring to it, over `tokens`; and the standard error of this.
    beyond : bool
        Whether more human tokens would be needed than were tried: `worth` is then a lower bound.
    law : float, optional
        What `worth` is by a published law or a bound.
    """

    series: str
    x: float
    tokens: int
    loss: float
    worth: float
    error: float
    beyond: bool
    law: float | None = None


@dataclass(frozen=True)
class Lesson:
    """Lessons beside the learning curve of those who read human text.

    Parameters
    ----------
    experiment : {"distillation", "passes", "adaptation"}
        What was learnt from.
    seed, replicates : int
        Settings.
    entropy, letters : float
        Of passages, which no test loss can be below, and of single letters (nats a letter).
    human : tuple of (int, float)
        Human tokens read and test loss.
    points : tuple of Point
        The lessons.
    """

    experiment: str
    seed: int
    replicates: int
    entropy: float
    letters: float
    human: tuple[tuple[int, float], ...]
    points: tuple[Point, ...]

    @property
    def passed(self) -> bool:
        """Whether students of the largest text beat the frequencies of letters by `MARGIN`."""
        return self.human[-1][1] < self.letters - MARGIN

    @property
    def table(self) -> tuple[Sequence[str], list[list[str]]]:
        """Return columns and printed rows."""
        words = WORDS[self.experiment]
        rows = [
            [p.series, f"{p.x:,.0f}", f"{p.tokens:,}", f"{p.loss:.3f}",
             f"{'over ' * p.beyond}{p.worth:.2f} ± {p.error:.2f}", "" if p.law is None else f"{p.law:.2f}"]
            for p in self.points
        ]  # fmt: skip
        return ("lesson", words.x, "own tokens", "loss", "worth (times)", words.law), rows

    @property
    def finding(self) -> str:
        """Say in one sentence what the lessons are worth, or that the students learnt too little to say."""
        if not self.passed:
            return f"FAIL: no student beats the frequencies of letters by {MARGIN:g} nats; read more text."
        ends = {p.series: p for p in sorted(self.points, key=lambda one: one.x)}
        told = ", ".join(f"{'over ' * p.beyond}{p.worth:.2g} ({name})" for name, p in ends.items())
        return f"What it shows: {WORDS[self.experiment].said.format(x=max(p.x for p in self.points))}: {told}."

    def to_json(self) -> dict[str, Any]:
        """Return everything as plain numbers."""
        verdict = "PASS" if self.passed else "FAIL"
        return {"schema": "collapse/1", **asdict(self), "verdict": verdict}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Lesson:
        """Return a result from what was stored."""
        parts = {name: document[name] for name in ("experiment", "seed", "replicates", "entropy", "letters")}
        points = tuple(Point(**point) for point in document["points"])
        return cls(**parts, human=tuple((int(n), float(loss)) for n, loss in document["human"]), points=points)


@dataclass(frozen=True)
class Words:
    """How an experiment is told: title, what is varied, the law beside it, and how the finding begins."""

    title: str
    x: str
    law: str
    said: str


WORDS = {
    "distillation": Words(
        "A teacher is worth more the more it has read", "teacher's tokens over the student's", "teacher's tokens",
        "with a teacher that read {x:g} times as much, a token of the student's is worth so many of human text",
    ),
    "passes": Words(
        "Further passes are worth less than new text", "times read", "Muennighoff et al. 2023",
        "a token that is read {x:g} times is worth so many fresh ones",
    ),
    "adaptation": Words(
        "What a learnt start saves fades in long texts", "tokens of the new language", "knowing the root",
        "of {x:,.0f} tokens of a new language, each is worth so many with a start from others",
    ),
}  # fmt: skip
"""Words of every experiment."""
