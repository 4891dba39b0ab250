"""What a model cannot express, apart from what its sample did not tell it: transformers of four sizes on one language.

Trained on sentences that never repeat, a model's loss above the entropy of the language is what its size, and training
of this length, cannot reach (function-approximation error). What the same model loses further when it reads a short
text again and again is sampling error.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from forecast.collapse.learners import transformer
from forecast.collapse.learners.neural import Curves, beats, bounded, kept_arrays
from forecast.collapse.learners.texts import text_of
from forecast.collapse.learners.transformer import Model, Shape
from forecast.collapse.learners.transformers import unigram_loss
from forecast.collapse.validate import affordable, whole_number
from forecast.core.seeds import DEFAULT_SEED, generator

WIDTHS = (8, 16, 32, 64)
"""Widths of the transformers (count)."""


def simulate_capacity(
    samples: int = 12_000,
    replicates: int = 2,
    widths: Sequence[int] = WIDTHS,
    seed: int = DEFAULT_SEED,
    steps: int = 800,
    progress: Callable[[int], None] | None = None,
) -> Curves:
    """Train transformers of several sizes on the same generated language, without end and on a short text.

    Parameters
    ----------
    samples : int, default 12000
        Letters of the short text.
    replicates : int, default 2
        Models of each size and texts that are averaged.
    widths : sequence of int
        Widths of the transformers.
    seed : int
        The run's seed.
    steps : int, default 800
        Updates of each fit.
    progress : callable, optional
        Called with the width after each size.

    Returns
    -------
    Curves
        One chain for each size, of one generation: loss, function-approximation error and sampling error in nats.

    Raises
    ------
    InputError
        If a setting makes no sense.
    ModelError
        If the extra ``lab`` is not installed, or a model hardly beats the letters' frequencies.

    Examples
    --------
    >>> found = simulate_capacity(samples=3000, widths=(8, 16), steps=100)  # doctest: +SKIP
    >>> sorted(found.chains)  # doctest: +SKIP
    """
    transformer.needed()
    whole_number("replicates", replicates)
    affordable(samples, 1, replicates)
    bounded("updates (--steps)", steps)
    rng = generator(seed, "collapse", "capacity")
    text = text_of(None, rng)
    context = text.held.shape[1]
    short = text.human(replicates, whole_number("letters (--samples)", samples, minimum=context) // context, rng)
    endless = text.human(replicates, steps * transformer.BATCH, rng)
    held = np.broadcast_to(text.held, (replicates, *text.held.shape))
    trivial, chains = unigram_loss(text, rng), []
    for width in widths:
        shape = Shape(len(text.alphabet), context, width)

        def loss(read: np.ndarray, shape: Shape = shape) -> np.ndarray:
            def make() -> Any:
                return transformer.train(transformer.start(shape, replicates, seed), read, steps, seed).weights

            kept = kept_arrays(make, read, shape=str(shape), steps=steps, key=seed)
            return -transformer.log_likelihood(Model(shape, kept), held).mean(axis=(1, 2))

        best, found = loss(endless), loss(short)
        beats(best, trivial, "the letters' frequencies")
        parts = {"loss": found, "approximation": best - text.entropy, "sampling": found - best}
        title = f"width {width}, {shape.parameters:,} weights"
        means = {name: [round(float(one.mean()), 5)] for name, one in parts.items()}
        spread = {name: [round(float(one.std() / np.sqrt(max(replicates - 1, 1))), 5)] for name, one in parts.items()}
        chains.append({"regime": str(width), "title": title, "simulation": means, "error": spread, "theory": {}})
        if progress is not None:
            progress(width)
    head = {"schema": "collapse/1", "experiment": "capacity", "seed": seed, "generations": 1, "samples": samples}
    settings = {"replicates": replicates, "steps": steps, "entropy_nats": text.entropy, "trivial_nats": trivial}
    return Curves({**head, **settings, "language": text.title, "chains": chains})
