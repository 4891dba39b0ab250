"""Verifiers of what models write, and what each is worth in human tokens, in a world that has closed forms.

Human data are N(0, I) and a model knows nothing but a mean, so that an error is a number of tokens: d / n of them where n
were read. A verifier keeps what lies near a centre, or what looks human to it. What is read then moves towards that
centre, and retraining ends with what the verifier knew: n tokens, if its centre is as good as the mean of n.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from scipy.special import expit

from forecast.collapse import theory
from forecast.collapse.engine import Chain, Filter, Regime, run_chain
from forecast.collapse.regimes import parse_regimes
from forecast.collapse.validate import affordable, positive, whole_number
from forecast.core.registry import Registry
from forecast.core.seeds import DEFAULT_SEED, generator
from forecast.errors import InputError

DEFAULT_REGIMES = ("replace", "accumulate")
"""Regimes that are compared where none is named."""

PULL = 0.5
"""Part of the way to its centre that an unerring verifier moves what is kept (share): a Gaussian window as wide as the
data, or odds of being kept that are those of being human (first order)."""

_NEWTON = 6
"""Newton steps of a logistic regression (count); it starts at 0, close to where it ends."""


@dataclass(frozen=True)
class Verifier:
    """A way to judge what a model wrote.

    Parameters
    ----------
    title : str
        Its name in figures and tables.
    centre : {"truth", "beside", "reads", "original", "model"}, optional
        What it judges by: the truth, a point beside it, human tokens of its own, those that the first model read, or the
        model that wrote; None passes everything.
    window : bool, default True
        Whether it keeps what lies near its centre; otherwise it keeps by odds that are linear in the data.
    filter : Filter
        Errors on top.
    learned : bool, default False
        Whether the odds come from a logistic regression of human against machine data; otherwise each sample is weighed
        by what a step towards it gains on the human data, to first order.
    """

    title: str
    centre: str | None
    window: bool = True
    filter: Filter = Filter(1.0, 0.0)
    learned: bool = False


VERIFIERS: Registry[Verifier] = Registry(
    "verifier",
    {
        "none": Verifier("no verifier", None),
        "truth": Verifier("the truth", "truth"),
        "erring": Verifier("the truth, with errors at random", "truth", filter=Filter(0.9, 0.3)),
        "learned": Verifier("learned from human text", "reads", window=False, learned=True),
        "held_out": Verifier("gain on held-out text", "reads", window=False),
        "biased": Verifier("biased", "beside"),
        "relearned": Verifier("learned from the model's own text", "original", window=False, learned=True),
        "self": Verifier("the model itself", "model"),
    },
)
"""The verifiers by name."""


class VerifiedLearner:
    """Human data are N(0, I), a model is a mean, and a verifier says what may be read.

    Parameters
    ----------
    replicates : int
        Histories side by side.
    rng : numpy.random.Generator
        Source of randomness.
    verifier : Verifier
        Who judges.
    dimension : int
        Coordinates.
    reads : int
        Human tokens that a verifier of its own reading has.
    bias : float
        Distance of a biased verifier's centre from the truth.
    """

    def __init__(
        self, replicates: int, rng: np.random.Generator, verifier: Verifier, dimension: int, reads: int, bias: float
    ) -> None:
        self.replicates, self._rng, self._verifier, self._dimension = replicates, rng, verifier, dimension
        self._centre = np.zeros((replicates, dimension))
        self._centre[:, 0] = bias if verifier.centre == "beside" else 0.0
        self._read: np.ndarray | None = None
        if verifier.centre == "reads":
            self._read = self.human(reads)
        self._latest: np.ndarray | None = None

    def human(self, count: int) -> np.ndarray:
        """Return human data, shape (replicate, count, coordinate)."""
        data = self._rng.standard_normal((self.replicates, count, self._dimension))
        if self._read is None and self._verifier.centre == "original":
            self._read = data
        return data

    def write(self, model: np.ndarray, count: int) -> np.ndarray:
        """Return what a model writes; its verifier gets to know a new model first."""
        data = model[:, None] + self._rng.standard_normal((self.replicates, count, self._dimension))
        if self._latest is not model:
            self._latest = model
            self._odds = self._learn(model)
        return data

    def is_right(self, data: np.ndarray) -> np.ndarray:
        """Return what the verifier passes."""
        if self._verifier.window:
            centre = self._latest if self._verifier.centre == "model" else self._centre
            assert centre is not None, "judged before anything was written"
            return self._rng.random(data.shape[:2]) < np.exp(-0.5 * ((data - centre[:, None]) ** 2).sum(axis=2))
        slope, constant = self._odds
        return self._rng.random(data.shape[:2]) < expit((data @ slope[..., None])[..., 0] + constant[:, None])

    def digest(self, data: np.ndarray) -> tuple[int, np.ndarray]:
        """Return count and mean."""
        return data.shape[1], data.mean(axis=1)

    def merge(self, digests: Sequence[tuple[int, np.ndarray]]) -> tuple[int, np.ndarray]:
        """Return count and mean of several data sets together."""
        counts = [digest[0] for digest in digests]
        return sum(counts), np.average([digest[1] for digest in digests], axis=0, weights=counts)

    def fit(self, digest: tuple[int, np.ndarray]) -> np.ndarray:
        """Return the mean, shape (replicate, coordinate)."""
        return digest[1]

    def measure(self, model: np.ndarray) -> Mapping[str, np.ndarray]:
        """Return the squared distance to the truth, a coordinate: 1 / n where n human tokens were read."""
        return {"error": (model**2).mean(axis=1)}

    def _learn(self, model: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return slope and constant of the log odds that a sample is kept."""
        human = self._read
        if human is None:
            return model, np.zeros(len(model))
        if not self._verifier.learned:
            gain = human.mean(axis=1) - model  # of the held-out log likelihood, by a step along the sample's own
            return gain, -(gain * model).sum(axis=1)
        machine = model[:, None] + self._rng.standard_normal(human.shape)
        data = np.concatenate([human, machine], axis=1)
        data = np.concatenate([data, np.ones((*data.shape[:2], 1))], axis=2)
        labels = np.arange(data.shape[1]) < human.shape[1]
        found = np.zeros((len(model), data.shape[2]))
        for _ in range(_NEWTON):
            odds = expit((data @ found[..., None])[..., 0])
            slope = np.einsum("rsi,rs->ri", data, labels - odds)
            curve = np.swapaxes(data * (odds * (1 - odds))[..., None], 1, 2) @ data
            found = found + np.linalg.solve(curve, slope[..., None])[..., 0]
        return found[:, :-1], found[:, -1]


@dataclass(frozen=True)
class VerifierResult:
    """Histories of means that are refitted on what a verifier passes.

    Parameters
    ----------
    samples, dimension, generations, replicates, reads, seed : int
        Settings.
    bias : float
        Distance of the biased verifier's centre from the truth.
    chains : mapping of (verifier, regime name) to Chain
        What happened.
    """

    samples: int
    dimension: int
    generations: int
    replicates: int
    reads: int
    bias: float
    seed: int
    chains: Mapping[tuple[str, str], Chain]

    def curve(self, verifier: str, regime: str) -> np.ndarray:
        """Return the mean error by generation, in units of the error that theory gives generation 1."""
        return self.chains[verifier, regime].metrics["error"].mean(axis=1) * self.samples

    def standard_error(self, verifier: str, regime: str) -> np.ndarray:
        """Return the Monte Carlo standard error of `curve`."""
        found = self.chains[verifier, regime].metrics["error"]
        return found.std(axis=1) * self.samples / np.sqrt(self.replicates)

    def knows(self, verifier: str) -> float:
        """Return how many human tokens a verifier knows beyond those of the model."""
        told = {"truth": np.inf, "reads": float(self.reads), "beside": self.dimension / self.bias**2}
        return told.get(VERIFIERS[verifier].centre or "", 0.0)

    def theory(self, verifier: str, regime: str) -> np.ndarray | None:
        """Return the closed form beside `curve`, or None where there is none."""
        name, _, setting = regime.partition(":")
        if name not in DEFAULT_REGIMES:
            return None
        judge, growth = VERIFIERS[verifier], float(setting or 1.0)
        n = np.arange(1, self.generations)
        steps = np.ones(len(n)) if name == "replace" else growth / (1 + growth * n)
        passed = judge.filter.keep_wrong / judge.filter.keep_right
        # A window as wide as the data keeps 2^(-d / 2) of them; what passes by error comes from everywhere.
        judged = (1 - passed) * 2.0 ** (-self.dimension / 2)
        pull = PULL * judged / (judged + passed) if judge.centre else 0.0
        spread = 1 - pull if judge.window else 1.0
        noise = spread / (self.samples * (growth if name == "accumulate" else 1.0))
        if judge.learned:
            noise += PULL**2 / (self.samples if judge.centre == "original" else self.reads)
        own, known = judge.centre in ("original", "model"), self.knows(verifier)
        found = theory.verified_error(steps, pull, 0.0 if own or not known else 1 / known, noise, 1 / self.samples)
        if own:  # the centre moves along with the model, or is where the model began
            found = 1 / self.samples + theory.verified_error(steps, pull * (judge.centre != "model"), 0.0, noise, 0.0)
        return found * self.samples

    def worth(self, verifier: str, regime: str = "accumulate") -> tuple[float, float]:
        """Return what a token that was read is worth in human tokens at the last generation, with its standard error.

        The human tokens that the last model is as good as, less those of the first, by tokens written and read.
        """
        chain = self.curve(verifier, regime)[-1]
        written = self.generations - 1
        return (1 / chain - 1) / written, self.standard_error(verifier, regime)[-1] / chain**2 / written

    @property
    def table(self) -> tuple[Sequence[str], list[list[str]]]:
        """Return columns and printed rows: what each verifier knows, and what it is worth."""
        regimes = list(dict.fromkeys(regime for _, regime in self.chains))
        rows = []
        for name in dict.fromkeys(verifier for verifier, _ in self.chains):
            tokens = (f"{self.samples / self.curve(name, regime)[-1]:,.0f}" for regime in regimes)
            worth = ["{:.3f} ± {:.3f}".format(*self.worth(name))] if (name, "accumulate") in self.chains else [""]
            rows.append([VERIFIERS[name].title, f"{self.knows(name):,.0f}".replace("inf", "all"), *tokens, *worth])
        ends = (f"{regime}: tokens at the end" for regime in regimes)
        return ("verifier", "tokens it knows", *ends, "worth of a verified token"), rows

    @property
    def finding(self) -> str:
        """Say in one sentence what the verifiers are worth."""
        read = dict.fromkeys(verifier for verifier, regime in self.chains if regime == "accumulate")
        told = [f"{self.worth(name)[0]:.2f} ({VERIFIERS[name].title})" for name in read]
        after = f"after {self.generations:,} generations that accumulate"
        if not told:
            return f"What it shows: {after.removesuffix(' that accumulate')} no verified token was added to human ones."
        return f"What it shows: {after}, a verified token is worth, in human ones, {', '.join(told)}."

    def to_json(self) -> dict[str, Any]:
        """Return settings, curves, theory and worth as plain numbers."""
        chains, worth = [], []
        for (verifier, regime), chain in self.chains.items():
            form, entry = self.theory(verifier, regime), {"regime": regime, "title": chain.title, "estimator": verifier}
            curves = {"simulation": {"error": self.curve(verifier, regime).tolist()}}
            chains.append({**entry, **curves, "theory": {} if form is None else {"error": form.tolist()}})
            if regime == "accumulate":
                known, (found, error) = self.knows(verifier), self.worth(verifier)
                told = {"verifier": verifier, "knows": known if np.isfinite(known) else None}
                worth.append({**told, "worth": found, "standard_error": error})
        settings = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "chains"}
        return {"schema": "collapse/1", "experiment": "verifiers", **settings, "chains": chains, "worth": worth}


def simulate_verifiers(
    samples: int = 100,
    generations: int = 20,
    replicates: int = 500,
    regimes: Sequence[str | Regime] = DEFAULT_REGIMES,
    verifiers: Sequence[str] | None = None,
    seed: int = DEFAULT_SEED,
    dimension: int = 2,
    reads: int = 200,
    bias: float = 0.2,
    progress: Callable[[int], None] | None = None,
) -> VerifierResult:
    """Refit a mean on what verifiers pass, one verifier and one regime after the other.

    Parameters
    ----------
    samples : int, default 100
        Human tokens of the first model.
    generations : int, default 20
        Number of fits; at least 2.
    replicates : int, default 500
        Histories side by side.
    regimes : sequence of str or Regime
        Regimes in which something is written: replace, accumulate, keep, fresh, contamination, accumulate_subsample.
    verifiers : sequence of str, optional
        Names of `VERIFIERS`; by default all.
    seed : int
        The run's seed.
    dimension : int, default 2
        Coordinates of a token.
    reads : int, default 200
        Human tokens of a verifier's own, which the model has not read.
    bias : float, default 0.2
        Distance of the biased verifier's centre from the truth, in standard deviations of the data.
    progress : callable, optional
        Called with the generation after each fit.

    Returns
    -------
    VerifierResult
        Errors by generation, and what each verifier is worth.

    Raises
    ------
    UnknownNameError, InputError
        If a setting makes no sense.

    Examples
    --------
    >>> result = simulate_verifiers(generations=3, replicates=400, verifiers=["none", "truth"])
    >>> bool(result.curve("truth", "replace")[-1] < result.curve("none", "replace")[-1])
    True
    """
    for name, value, least in (("samples", samples, 2), ("generations", generations, 2), ("replicates", replicates, 2),
                               ("coordinates", dimension, 1), ("human tokens of a verifier", reads, dimension + 2)):  # fmt: skip
        whole_number(name, value, least)
    affordable(max(samples, 2 * reads), generations, replicates, each=dimension + 1)
    positive("bias", bias)
    chains = {}
    for name in VERIFIERS.shipped if verifiers is None else verifiers:
        judge = VERIFIERS[name]
        for regime in parse_regimes(regimes):
            if "filter" not in {part.name for part in fields(regime)}:  # type: ignore[arg-type]
                raise InputError(f"the regime {regime.name!r} for verifiers", "one that takes them", "use accumulate")
            verified = replace(regime, filter=judge.filter if judge.centre else None)  # type: ignore[type-var]
            rng = generator(seed, "collapse", "verifiers", name, regime.name)
            learner = VerifiedLearner(replicates, rng, judge, dimension, reads, bias)
            chains[name, regime.name] = run_chain(learner, verified, samples, generations, rng, progress=progress)
    return VerifierResult(samples, dimension, generations, replicates, reads, bias, seed, chains)
