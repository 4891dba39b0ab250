"""Pools of human and machine text, over a design of their settings: what small transformers make of them.

A chain keeps its human text whole. Every generation writes beside it, and the last one reads human text and all that was
written; without any human text it reads only what the model before it wrote. A pool is worth the human text that brings
a model of the same size, after as many updates, to the same loss: `human tokens equal to the pool / human tokens in it`,
so that nothing which a model learnt from human text is counted twice. The extra ``lab`` is needed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from scipy.stats import qmc

from forecast.collapse.learners import transformer
from forecast.collapse.learners.generated_languages import (
    BATCH,
    CONTEXT,
    LETTERS,
    RATE,
    Languages,
    by_size,
    repeated,
    tiled,
)
from forecast.collapse.learners.neural import kept_arrays
from forecast.core.seeds import DEFAULT_SEED, integer_seed

WIDTHS = (12, 20, 32)
"""Widths of the transformers (count): 4 to 25 thousand weights."""

POINTS = 36
"""Points of the design (count)."""

REPLICATES = 3
"""Languages in which each point is run (count)."""

HUMAN = 128
"""Human passages of a chain (count): 2,048 letters, a text that teaches half of what is to be learnt."""

UPDATES = (50, 100, 200)
"""Updates of a fit, of which the best number is taken by validation text (count): a short text is learnt by heart sooner."""

CURVE = (8, 16, 32, 64, 96, 128, 192, 256, 512, 1024)
"""Human passages of the loss curve (count)."""

SHARES, GENERATIONS = (0.2, 0.9), (2, 10)
"""Range of the human share of a pool, and of the fits of a chain, in whose logarithm the design is even."""

REPLACED = 0.25
"""Share of the points at which no human text is left."""

ALL_BUT_EXCLUDED = 1e-3
"""A letter less likely than this after the two before it is wrong, and so is its passage (probability; judgement)."""

SIDE_BY_SIDE = 6
"""Points that are trained at once (count)."""

ROUNDS = 40
"""Times that 256 passages are written before a verifier which finds too few is given up (count)."""


def design(seed: int = DEFAULT_SEED) -> list[dict[str, float]]:
    """Return the points: human share, fits, verifier's quality and width, a Latin hypercube.

    A verifier's quality is the share of wrong passages that it removes; it keeps what is right.

    Examples
    --------
    >>> points = design()
    >>> len(points), min(point["human"] for point in points)
    (36, 0.0)
    """
    rng = np.random.default_rng(integer_seed(seed, "collapse", "mixes", "design"))
    points, (few, most), (first, last) = [], SHARES, np.log(GENERATIONS)
    for share, fits, quality, size in qmc.LatinHypercube(4, rng=rng, optimization="random-cd").random(POINTS):
        human = 0.0 if share < REPLACED else few + (most - few) * (share - REPLACED) / (1 - REPLACED)
        point = {"human": human, "generations": np.exp(first + (last - first) * fits), "quality": quality}
        rounded = {name: round(float(value), 3) for name, value in point.items()}
        points.append({**rounded, "generations": round(point["generations"]), "width": WIDTHS[int(size * len(WIDTHS))]})
    return sorted(points, key=lambda point: point["width"])


def run_design(
    points: list[dict[str, float]], seed: int = DEFAULT_SEED, progress: Callable[[str], None] = lambda _: None
) -> tuple[list[dict[str, Any]], list[dict[str, float]]]:
    """Return every point with the log of its worth by replicate, and what each size learns from human text alone.

    Parameters
    ----------
    points : list of dict
        As `design` gives them.
    seed : int
        The run's seed.
    progress : callable, optional
        Told what has been trained.

    Returns
    -------
    runs : list of dict
        ``log_worth`` is the log of human tokens equal to the pool over human tokens in the chain; ``loss`` is behind it.
    learners : list of dict
        For each ``width`` the test ``loss`` after a chain's human text, and what whoever knows how frequent ``letters``
        are comes to (nats a letter).
    """
    found, learners = [], []
    for width in dict.fromkeys(int(point["width"]) for point in points):
        chains = _Mixes(width, seed)
        losses, human = chains.curve()
        progress(f"width {width}: loss curve from {human.mean(axis=0)[0]:.2f} to {human.mean(axis=0)[-1]:.2f} nats")
        learnt = float(human.mean(axis=0)[CURVE.index(HUMAN)])
        learners.append({"width": width, "loss": round(learnt, 4), "letters": round(chains.letters, 4)})
        of_width = [point for point in points if point["width"] == width]
        for point, loss in zip(of_width, chains.ends(of_width, progress), strict=True):
            worth = [np.interp(-one, -curve, losses) for one, curve in zip(loss, human, strict=True)]
            found.append({**point, "log_worth": np.round(worth, 4).tolist(), "loss": np.round(loss, 4).tolist()})
    return found, learners


class _Mixes:
    """One width: its languages, fits that are kept, chains that train side by side."""

    def __init__(self, width: int, seed: int) -> None:
        self._languages = Languages("mixes", HUMAN * CONTEXT, REPLICATES, seed, None)
        self._shape = transformer.Shape(LETTERS, CONTEXT, width, layers=2, heads=4)
        self._rng = np.random.default_rng(integer_seed(seed, "collapse", "mixes", str(width)))
        self._longest = max(max(CURVE), round(HUMAN / SHARES[0]) + 1)
        _, self.letters = self._languages.entropies()
        self._human = self._languages.text(max(CURVE))

    def curve(self) -> tuple[np.ndarray, np.ndarray]:
        """Return log passages over those of a chain, and losses that never rise, shape (replicate, size)."""
        model = self._fit(by_size(self._human, list(CURVE)))
        losses = self._languages.losses(model)
        return np.log(np.array(CURVE) / HUMAN), np.minimum.accumulate(losses, axis=1) - 1e-9 * np.arange(len(CURVE))

    def ends(self, points: list[dict[str, float]], progress: Callable[[str], None]) -> list[np.ndarray]:
        """Return the test losses of the last generation of every point, shape (replicate,) each."""
        own = self._human[:, :HUMAN]
        first = self._fit(np.repeat(own, SIDE_BY_SIDE, axis=0))
        models = [_part(first, 0) for _ in points]
        pools: list[np.ndarray] = [own[:, :0] for _ in points]
        left = np.array([point["generations"] - 1 for point in points])
        while left.any():
            chosen = np.argsort(-left, kind="stable")[:SIDE_BY_SIDE]  # longest first: few fits are for nothing
            together = _joined([models[place] for place in chosen])
            written = self._written(together, [points[place] for place in chosen])
            for place, text in zip(chosen, written, strict=True):
                kept = pools[place] if points[place]["human"] else own[:, :0]
                pools[place] = np.concatenate([kept, text], axis=1)
            read = [
                np.concatenate([own, pools[place]], axis=1) if points[place]["human"] else pools[place]
                for place in chosen
            ]
            model = self._fit(
                np.stack([tiled(one, one.shape[1], self._longest) for one in read], axis=1).reshape(
                    -1, self._longest, CONTEXT
                )
            )
            for slot, place in enumerate(chosen):
                if left[place]:
                    models[place], left[place] = _part(model, slot), left[place] - 1
            progress(f"width {self._shape.width}: {int(left.sum())} fits left")
        ends = [
            self._languages.losses(_joined(models[i : i + SIDE_BY_SIDE])) for i in range(0, len(models), SIDE_BY_SIDE)
        ]
        return [end[:, slot] for end in ends for slot in range(end.shape[1])]

    def _written(self, model: transformer.Model, points: list[dict[str, float]]) -> list[np.ndarray]:
        """Return what each chain adds to its pool, after its verifier, shape (replicate, passage, letter)."""
        wanted = [
            max(round(HUMAN * (1 - p["human"]) / p["human"] / (p["generations"] - 1)), 1) if p["human"] else HUMAN
            for p in points
        ]
        wrong_kept = np.tile([1 - p["quality"] for p in points], REPLICATES)
        passed: list[list[np.ndarray]] = [[] for _ in wrong_kept]
        for _ in range(ROUNDS):
            text = transformer.write(model, transformer.AT_ONCE * CONTEXT, int(self._rng.integers(2**31)))
            text = transformer.passages(text, CONTEXT)
            right = self._right(text.reshape(REPLICATES, -1, CONTEXT)).reshape(text.shape[:2])
            fine = self._rng.random(right.shape) < np.where(right, 1.0, wrong_kept[:, None])
            for place, one in enumerate(text):
                passed[place].extend(one[fine[place]])
            if all(len(one) >= wanted[place % len(points)] for place, one in enumerate(passed)):
                break
        else:  # the last resort of a writer who finds too little: what there is, again
            passed = [one or list(text[place][:1]) for place, one in enumerate(passed)]
        rows = np.arange(REPLICATES) * len(points)
        return [
            np.stack([np.resize(np.array(passed[row + slot]), (count, CONTEXT)) for row in rows])
            for slot, count in enumerate(wanted)
        ]

    def _right(self, text: np.ndarray) -> np.ndarray:
        """Return which passages hold no letter that the language all but excludes, by replicate."""
        tables, rows = self._languages.root, np.arange(REPLICATES)[:, None, None]
        pairs = text[..., :-2] * LETTERS + text[..., 1:-1]
        return (tables[rows, pairs, text[..., 2:]] >= ALL_BUT_EXCLUDED).all(axis=-1)

    def _fit(self, text: np.ndarray) -> transformer.Model:
        """Return models that have read a text each from nothing, each after the updates that are best for it."""
        order = int(self._rng.integers(2**31))
        made = [self._trained(text, order, updates) for updates in UPDATES]
        return self._languages.best_of(made)

    def _trained(self, text: np.ndarray, order: int, updates: int) -> transformer.Model:
        """Return models after so many updates, made now or as they were kept."""

        def make() -> Mapping[str, np.ndarray]:
            blank = transformer.start(self._shape, REPLICATES, self._languages.key("start"))
            blank = repeated(blank, len(text) // REPLICATES)
            return transformer.train(blank, text.astype(np.int32), updates, order, batch=BATCH, rate=RATE).weights

        parts = {
            "shape": str(self._shape),
            "steps": updates,
            "keys": [self._languages.key("start"), order],
            "rate": RATE,
        }
        return transformer.Model(self._shape, kept_arrays(make, text.astype(np.uint8), batch=BATCH, **parts))


def _part(model: transformer.Model, slot: int) -> transformer.Model:
    """Return the replicates of one chain among several side by side."""
    weights = {name: np.asarray(one) for name, one in model.weights.items()}
    times = len(weights["read"]) // REPLICATES
    return transformer.Model(model.shape, {name: one[slot::times] for name, one in weights.items()})


def _joined(models: list[transformer.Model]) -> transformer.Model:
    """Return chains side by side, the replicates of each language together."""
    weights = {
        name: np.stack([one.weights[name] for one in models], axis=1).reshape(-1, *models[0].weights[name].shape[1:])
        for name in models[0].weights
    }
    return transformer.Model(models[0].shape, weights)
