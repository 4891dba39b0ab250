"""A character-level transformer, small enough for two cores, with replicates that train side by side.

Text is an array of letters (whole numbers) of shape ``(replicate, passage, context)``: passages are read and written
one by one, each from its own beginning, so that a model's text has the same shape as what it learnt from. A text of
shape ``(replicate, length)`` is cut into passages on the way.

The extra ``lab`` (jax, optax) is needed for everything but `Shape` and `passages`.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from forecast.collapse.validate import positive, whole_number
from forecast.errors import InputError, ModelError

try:
    import jax
    import jax.numpy as jnp
    import optax
except ImportError:  # said by `needed` where somebody wants to train
    jax = jnp = optax = None

BATCH = 16
"""Passages in one step of training (count)."""

RATE = 1e-2
"""Highest learning rate of Adam; a warm-up over a tenth of the steps leads to it, a cosine down from it (judgement)."""

WEIGHT_DECAY = 0.1
"""Decoupled weight decay where none is given, the usual value of language models (per unit of learning rate)."""

FADING = 0.2
"""How much slower than in the head before it attention falls with distance at the start (judgement)."""

AT_ONCE = 256
"""Passages a replicate that are read or written in one go (count): what bounds the memory."""


@dataclass(frozen=True)
class Shape:
    """The size of a transformer.

    Parameters
    ----------
    letters : int
        Size of the alphabet.
    context : int, default 32
        Letters of a passage: no model looks further back.
    width : int, default 48
        Numbers by which a letter is represented inside; a multiple of `heads`.
    layers : int, default 2
        Blocks of attention and perceptron.
    heads : int, default 2
        Heads of each attention.

    Examples
    --------
    >>> Shape(letters=65).parameters
    61712
    """

    letters: int
    context: int = 32
    width: int = 48
    layers: int = 2
    heads: int = 2

    def __post_init__(self) -> None:
        """Check every count."""
        for name in ("letters", "context", "width", "layers", "heads"):
            whole_number(name, getattr(self, name))
        if self.width % self.heads:
            raise InputError(
                f"{self.heads} heads at width {self.width}", "a divisor of the width", "change one of them"
            )

    @property
    def parameters(self) -> int:
        """Number of weights of one replicate."""
        return sum(math.prod(sizes) for sizes, _ in self.sizes().values())

    def sizes(self) -> dict[str, tuple[tuple[int, ...], float]]:
        """Return the shape of every array of weights, and the standard deviation with which it starts."""
        wide, deep = self.width, self.layers
        out = 1 / math.sqrt(2 * deep)  # what is added to the stream starts small, so that its sum does not grow
        return {
            "letters": ((self.letters + 1, wide), 1.0),  # the last one stands before every passage
            "near": ((deep, self.heads, self.context), 0.0),  # how much a head looks at each distance, see `start`
            "attend": ((deep, wide, 3 * wide), 1 / math.sqrt(wide)),
            "gather": ((deep, wide, wide), out / math.sqrt(wide)),
            "widen": ((deep, wide, 4 * wide), 1 / math.sqrt(wide)),
            "narrow": ((deep, 4 * wide, wide), out / math.sqrt(4 * wide)),
            "read": ((wide, self.letters), 1 / math.sqrt(wide)),
        }


@dataclass(frozen=True)
class Model:
    """Transformers of one shape.

    Parameters
    ----------
    shape : Shape
        Their size.
    weights : mapping of str to array, shape (replicate, ...)
        Their weights.
    """

    shape: Shape
    weights: Mapping[str, Any]

    @property
    def replicates(self) -> int:
        """Number of models side by side."""
        return len(self.weights["read"])


def installed() -> bool:
    """Return whether the extra is there."""
    return jax is not None


def needed() -> None:
    """Raise the one-line error where the extra is not installed."""
    if jax is None:
        raise ModelError("no jax and optax", "the extra 'lab'", 'pip install "data-depletion[lab]"')


def passages(text: np.ndarray, context: int) -> np.ndarray:
    """Return a text cut into passages; what is left at its end is dropped.

    Examples
    --------
    >>> passages(np.arange(14).reshape(2, 7), 3).shape
    (2, 2, 3)
    """
    if text.ndim == 3:
        return text
    whole = text.shape[1] // context * context
    if not whole:
        raise InputError(f"a text of {text.shape[1]} letters", f"at least {context}", "give a longer text")
    return text[:, :whole].reshape(len(text), -1, context)


def start(shape: Shape, replicates: int, key: int) -> Model:
    """Return models that have read nothing, each with weights of its own."""
    needed()
    rng = np.random.default_rng(key)
    weights = {
        name: (spread * rng.standard_normal((replicates, *sizes))).astype(np.float32)
        for name, (sizes, spread) in shape.sizes().items()
    }
    # The first head begins with the letters just before, each further one looks further: it is learnt much sooner so.
    weights["near"] -= FADING ** np.arange(shape.heads)[:, None] * np.arange(shape.context, dtype=np.float32)
    return Model(shape, weights)


def train(
    model: Model,
    text: np.ndarray,
    steps: int,
    key: int,
    *,
    soft: np.ndarray | None = None,
    weight_decay: float = WEIGHT_DECAY,
    start: Model | None = None,
    batch: int = BATCH,
    rate: float = RATE,
    progress: Callable[[int], None] | None = None,
) -> Model:
    """Return models that have read a text.

    Parameters
    ----------
    model : Model
        What training begins from.
    text : array of int, shape (replicate, length) or (replicate, passage, context)
        What each replicate reads.
    steps : int
        Updates, each on `batch` passages; a new pass begins when all have been read.
    key : int
        Seed of the order of reading.
    soft : array, shape (replicate, passage, context, letter), optional
        A teacher's logits, which are learnt instead of the letters.
    weight_decay : float
        Decoupled weight decay.
    start : Model, optional
        Weights to begin from instead of `model`, such as an initialisation that was learnt.
    batch : int
        Passages of an update.
    rate : float
        Highest learning rate.
    progress : callable, optional
        Called with the updates made so far.

    Returns
    -------
    Model
        The trained models.
    """
    needed()
    shape, weights = model.shape, (start or model).weights
    text = passages(np.asarray(text), shape.context)
    rng = np.random.default_rng(key)
    places = np.stack([_order(len(one), steps * batch, rng) for one in text]).reshape(len(text), steps, batch)
    at_once = math.gcd(whole_number("steps", steps), 50)  # one size, hence compiled once
    update, prepare = _trainer(shape, steps, weight_decay, positive("learning rate", rate), soft is not None)
    state, rows = prepare(weights), np.arange(len(text))[:, None, None]
    for first in range(0, steps, at_once):
        chosen = places[:, first : first + at_once]
        targets = None if soft is None else np.asarray(soft)[rows, chosen].swapaxes(0, 1)
        weights, state = update(weights, state, text[rows, chosen].swapaxes(0, 1), targets)
        if progress is not None:
            progress(first + at_once)
    return Model(shape, weights)


def logits(model: Model, text: np.ndarray) -> np.ndarray:
    """Return unnormalised log probabilities, shape (replicate, passage, context, letter): of each letter of a text,
    given those before it in its passage.
    """  # noqa: D205
    return _in_parts(_reader(model.shape), model, text)


def log_likelihood(model: Model, text: np.ndarray) -> np.ndarray:
    """Return the log probability of each letter of a text in nats, shape (replicate, passage, context)."""
    return _in_parts(_judge(model.shape), model, text)


def perplexity(model: Model, text: np.ndarray) -> np.ndarray:
    """Return the perplexity of a letter, shape (replicate,)."""
    return np.exp(-log_likelihood(model, text).mean(axis=(1, 2)))


def write(model: Model, count: int, key: int, prompt: np.ndarray | None = None, temperature: float = 1.0) -> np.ndarray:
    """Return letters that models write, shape (replicate, count), passage after passage.

    Parameters
    ----------
    model : Model
        Who writes.
    count : int
        Letters wanted of each replicate, the prompt among them.
    key : int
        Seed.
    prompt : array of int, shape (letters,), optional
        How each passage begins.
    temperature : float
        Below 1 likely letters are written more often than the model believes, above 1 less often.

    Returns
    -------
    numpy.ndarray of int
        Letters.
    """
    needed()
    shape = model.shape
    given = np.full(shape.context, -1)
    if prompt is not None:
        given[: len(prompt)] = prompt[: shape.context]
    wanted = -(-whole_number("letters", count) // shape.context)
    size = min(AT_ONCE, 2 ** math.ceil(math.log2(wanted)))  # few sizes, hence compiled seldom
    keys = jax.random.split(jax.random.key(key), -(-wanted // size))
    writer = _writer(shape, size, positive("temperature", temperature))
    parts = [np.asarray(writer(model.weights, jax.random.split(one, model.replicates), given)) for one in keys]
    return np.concatenate(parts, axis=1).reshape(model.replicates, -1)[:, :count]


def _order(passages: int, count: int, rng: np.random.Generator) -> np.ndarray:
    return np.concatenate([rng.permutation(passages) for _ in range(-(-count // passages))])[:count]


def _in_parts(reads: Callable[..., Any], model: Model, text: np.ndarray) -> np.ndarray:
    needed()
    text = passages(np.asarray(text), model.shape.context)
    total = text.shape[1]
    size = min(AT_ONCE, total)
    # The last part overlaps with the one before: all have one size, and the function is compiled once.
    starts = [min(first, total - size) for first in range(0, total, size)]
    parts = [np.asarray(reads(model.weights, text[:, first : first + size])) for first in starts]
    parts[-1] = parts[-1][:, size * len(starts) - total :]
    return np.concatenate(parts, axis=1)


def _norm(stream: Any) -> Any:
    return stream * jax.lax.rsqrt(jnp.mean(stream**2, axis=-1, keepdims=True) + 1e-6)


def _embed(shape: Shape, weights: Any, letters: Any) -> Any:
    # A product with indicators: its gradient is a product too, which is faster here than adding row by row.
    return jax.nn.one_hot(letters, shape.letters + 1) @ weights["letters"]


def _block(shape: Shape, weights: Any, layer: int, stream: Any, attend: Callable[..., Any]) -> Any:
    """Return the stream after one block; `attend` turns queries, keys and values into what is gathered."""
    parts = (_norm(stream) @ weights["attend"][layer]).reshape(*stream.shape[:-1], 3, shape.heads, -1)
    found = attend(layer, *(parts[..., part, :, :] for part in range(3)))
    stream = stream + found.reshape(stream.shape) @ weights["gather"][layer]
    return stream + jax.nn.relu(_norm(stream) @ weights["widen"][layer]) ** 2 @ weights["narrow"][layer]


def _logits(shape: Shape, weights: Any, text: Any) -> Any:
    before = jnp.concatenate([jnp.full_like(text[:, :1], shape.letters), text[:, :-1]], axis=1)
    stream = _embed(shape, weights, before)
    back = jnp.arange(text.shape[1])[:, None] - jnp.arange(text.shape[1])

    def attend(layer: int, query: Any, key: Any, value: Any) -> Any:
        scores = jnp.einsum("bqhd,bkhd->bhqk", query, key) / math.sqrt(query.shape[-1])
        scores = scores + weights["near"][layer][:, jnp.maximum(back, 0)]
        shares = jax.nn.softmax(jnp.where(back >= 0, scores, -jnp.inf), axis=-1)
        return jnp.einsum("bhqk,bkhd->bqhd", shares, value)

    for layer in range(shape.layers):
        stream = _block(shape, weights, layer, stream, attend)
    return _norm(stream) @ weights["read"]


def _chosen(logits: Any, text: Any) -> Any:
    return jnp.take_along_axis(jax.nn.log_softmax(logits), text[..., None], axis=-1)[..., 0]


@functools.cache
def _reader(shape: Shape) -> Callable[..., Any]:
    return jax.jit(jax.vmap(functools.partial(_logits, shape)))


@functools.cache
def _judge(shape: Shape) -> Callable[..., Any]:
    return jax.jit(jax.vmap(lambda weights, text: _chosen(_logits(shape, weights, text), text)))


@functools.cache
def _trainer(
    shape: Shape, steps: int, weight_decay: float, rate: float, soft: bool
) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """Return a function that makes several updates of every replicate, and one that prepares its state."""
    schedule = optax.warmup_cosine_decay_schedule(0.0, rate, max(steps // 10, 1), max(steps, 2), 0.05 * rate)
    adam = optax.chain(
        optax.clip_by_global_norm(1.0), optax.adamw(schedule, b1=0.9, b2=0.98, weight_decay=weight_decay)
    )

    def loss(weights: Any, text: Any, targets: Any) -> Any:
        found = _logits(shape, weights, text)
        if soft:
            return -(jax.nn.softmax(targets) * jax.nn.log_softmax(found)).sum(axis=-1).mean()
        return -_chosen(found, text).mean()

    def one(weights: Any, state: Any, text: Any, targets: Any) -> Any:
        change, state = adam.update(jax.grad(loss)(weights, text, targets), state, weights)
        return optax.apply_updates(weights, change), state

    def several(weights: Any, state: Any, text: Any, targets: Any) -> Any:
        def step(carried: Any, read: Any) -> Any:
            return jax.vmap(one)(*carried, *read), None

        return jax.lax.scan(step, (weights, state), (text, targets))[0]

    return jax.jit(several), jax.jit(jax.vmap(adam.init))


@functools.cache
def _writer(shape: Shape, size: int, temperature: float) -> Callable[..., Any]:
    """Return a function that writes `size` passages of every replicate."""
    keys_and_values = (2, shape.layers, size, shape.context, shape.heads, shape.width // shape.heads)

    def passage(weights: Any, key: Any, given: Any) -> Any:
        def step(carried: Any, place: Any) -> Any:
            letter, cache, key = carried
            stream, back = _embed(shape, weights, letter), place - jnp.arange(shape.context)

            def attend(layer: int, query: Any, new_key: Any, new_value: Any) -> Any:
                nonlocal cache
                for kind, new in enumerate((new_key, new_value)):
                    cache = jax.lax.dynamic_update_slice(cache, new[None, None, :, None], (kind, layer, 0, place, 0, 0))
                scores = jnp.einsum("bhd,bkhd->bhk", query, cache[0, layer]) / math.sqrt(query.shape[-1])
                scores = scores + weights["near"][layer][:, jnp.maximum(back, 0)]
                return jnp.einsum(
                    "bhk,bkhd->bhd", jax.nn.softmax(jnp.where(back >= 0, scores, -jnp.inf)), cache[1, layer]
                )

            for layer in range(shape.layers):
                stream = _block(shape, weights, layer, stream, attend)
            key, draw = jax.random.split(key)
            drawn = jax.random.categorical(draw, _norm(stream) @ weights["read"] / temperature)
            letter = jnp.where(given[place] >= 0, given[place], drawn)
            return (letter, cache, key), letter

        begin = (jnp.full(size, shape.letters), jnp.zeros(keys_and_values), key)
        return jax.lax.scan(step, begin, jnp.arange(shape.context))[1].T

    return jax.jit(jax.vmap(passage, in_axes=(0, 0, None)))
