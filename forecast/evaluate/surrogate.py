"""The laboratory's surrogate: a Gaussian process over what pools of human and machine text were worth in small models.

The log of a pool's worth is modelled, the human tokens that bring a model to the same loss over those in the pool's chain:
0 is a pool that is worth its human text, which is also the prior mean. Every point has its own measured noise: the spread
among languages of all points of its kind, over the root of their number. Covariance: Matern 5/2 with a length for each axis.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.special import logsumexp, ndtr
from scipy.stats import norm

from forecast.collapse.learners import mixes
from forecast.collapse.learners.generated_languages import CONTEXT
from forecast.collapse.learners.lesson import MARGIN
from forecast.collapse.surrogate import NONE_LEFT
from forecast.core.seeds import DEFAULT_SEED
from forecast.fits.nuts import sample
from forecast.fits.sampling import Sampling

AXES = ("human", "generations", "quality", "width")
"""What the worth depends on."""

LENGTH, LENGTH_SD = 1.0, 0.7
"""Median of a length, as a multiple of its axis's range, and the standard deviation of its log (judgement)."""

AMPLITUDE = 1.0
"""Scale of the half-normal prior of the process's standard deviation (log worth; judgement)."""

GRID: Mapping[str, Sequence[float]] = {
    "human": (NONE_LEFT, *(round(share / 10, 1) for share in range(2, 10))),
    "generations": (2, 3, 4, 5, 6, 8, 10),
    "quality": (0.0, 0.25, 0.5, 0.75, 1.0),
    "width": mixes.WIDTHS,
}
"""Settings at which the surrogate is kept."""

KEPT = 400
"""Posterior draws of the covariance's parameters over which everything is averaged (count)."""

COVERED = (0.65, 0.95)
"""Share of left-out runs that the 80 % interval must hold: two standard errors about 0.8 with 36 runs (no unit)."""

SAMPLING = Sampling(chains=4, draws=400, keep=400, tune=400, target_accept=0.9)
"""How the posterior is drawn."""

Theta = Mapping[str, np.ndarray]


def coordinates(points: Sequence[Mapping[str, float]]) -> np.ndarray:
    """Return points on axes of length about 1, shape (point, axis).

    Examples
    --------
    >>> coordinates([{"human": 0.5, "generations": 10, "quality": 0.2, "width": 32}]).tolist()
    [[0.5, 1.0, 0.2, 1.0]]
    """
    fits, sizes = np.log(mixes.GENERATIONS), np.log([mixes.WIDTHS[0], mixes.WIDTHS[-1]])
    human = [point["human"] or NONE_LEFT for point in points]
    columns = [
        human,
        (np.log([point["generations"] for point in points]) - fits[0]) / np.ptp(fits),
        [point["quality"] for point in points],
        (np.log([point["width"] for point in points]) - sizes[0]) / np.ptp(sizes),
    ]
    return np.array(columns).T


def covariance(a: np.ndarray, b: np.ndarray, amplitude: float, lengths: np.ndarray) -> np.ndarray:
    """Return the covariance of the process between two sets of places, as PyMC's Matern 5/2 has it.

    Examples
    --------
    >>> covariance(np.zeros((1, 2)), np.zeros((1, 2)), 2.0, np.ones(2)).tolist()
    [[4.0]]
    """
    r = np.sqrt(5 * (((a[:, None] - b[None]) / lengths) ** 2).sum(axis=2))
    return amplitude**2 * (1 + r + r**2 / 3) * np.exp(-r)


def fit(x: np.ndarray, y: np.ndarray, noise: np.ndarray, *, seed: int, settings: Sampling = SAMPLING) -> Any:
    """Return posterior draws of amplitude and lengths, and the sampler's own diagnostics."""

    def build() -> Any:
        import pymc as pm

        with pm.Model() as model:
            amplitude = pm.HalfNormal("amplitude", AMPLITUDE)
            lengths = pm.LogNormal("lengths", np.log(LENGTH), LENGTH_SD, shape=x.shape[1])
            process = pm.gp.Marginal(cov_func=amplitude**2 * pm.gp.cov.Matern52(x.shape[1], ls=lengths))
            process.marginal_likelihood("worth", X=x, y=y, sigma=noise)
        return model

    key = ("surrogate", x.tobytes(), y.tobytes(), noise.tobytes())
    tree, found = sample(build, {}, key=key, stream="collapse/surrogate", seed=seed, settings=settings)
    posterior = tree["posterior"].to_dataset().stack(sample=("chain", "draw"))
    every = posterior.sizes["sample"]
    chosen = np.linspace(0, every - 1, min(KEPT, every)).round().astype(int)
    amplitude = posterior["amplitude"].values[chosen]
    return {"amplitude": amplitude, "lengths": posterior["lengths"].transpose("sample", ...).values[chosen]}, found


def predict(
    theta: Theta, x: np.ndarray, y: np.ndarray, noise: np.ndarray, at: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and standard deviation of the process at places, over all draws of its parameters."""
    means, variances = [], []
    for amplitude, lengths in zip(theta["amplitude"], theta["lengths"], strict=True):
        factor = cho_factor(covariance(x, x, amplitude, lengths) + np.diag(noise**2))
        between = covariance(at, x, amplitude, lengths)
        means.append(between @ cho_solve(factor, y))
        variances.append(amplitude**2 - (between * cho_solve(factor, between.T).T).sum(axis=1))
    return np.mean(means, axis=0), np.sqrt(np.mean(variances, axis=0) + np.var(means, axis=0))


def left_out(theta: Theta, x: np.ndarray, y: np.ndarray, noise: np.ndarray) -> dict[str, np.ndarray]:
    """Return for each run what the others say of it: mean, standard deviation, and the rank of what was measured.

    Closed form for each draw of the parameters (Rasmussen and Williams 2006, equation 5.12), draws weighed by one over
    the density that they give the run, so that they have not seen it (Gelfand 1996).
    """
    means, variances = [], []
    for amplitude, lengths in zip(theta["amplitude"], theta["lengths"], strict=True):
        inverse = np.linalg.inv(covariance(x, x, amplitude, lengths) + np.diag(noise**2))
        variances.append(1 / np.diag(inverse))
        means.append(y - inverse @ y * variances[-1])
    mean, sd = np.array(means), np.sqrt(variances)
    weights = -norm.logpdf(y, mean, sd)
    weights = np.exp(weights - logsumexp(weights, axis=0))
    middle = (weights * mean).sum(axis=0)
    spread = np.sqrt((weights * (sd**2 + (mean - middle) ** 2)).sum(axis=0))
    return {"mean": middle, "sd": spread, "rank": (weights * ndtr((y - mean) / sd)).sum(axis=0)}


def judged(y: np.ndarray, found: Mapping[str, np.ndarray], mixed: np.ndarray) -> dict[str, Any]:
    """Return how well left-out runs are predicted, and the verdict: FAIL where their mean would do better.

    Examples
    --------
    >>> y = np.array([0.0, 1.0, 2.0])
    >>> judged(y, {"mean": y, "sd": y + 1, "rank": 0.4 * y + 0.05}, y < 2)["verdict"]
    'PASS'
    """

    def gained(which: np.ndarray) -> float:
        own, count = y[which], which.sum()
        others = (own.sum() - own) / (count - 1)
        return float(1 - ((own - found["mean"][which]) ** 2).sum() / ((own - others) ** 2).sum())

    every = np.ones(len(y), dtype=bool)
    covered = float(((found["rank"] > 0.1) & (found["rank"] < 0.9)).mean())
    skill = gained(every)
    verdict = "FAIL" if skill <= 0 else "PASS" if COVERED[0] <= covered <= COVERED[1] else "REVIEW"
    z = (y - found["mean"]) / found["sd"]
    return {
        "verdict": verdict, "runs": len(y), "skill": skill, "skill_of_mixes": gained(mixed), "covered": covered,
        "z_mean": float(z.mean()), "z_sd": float(z.std()),
    }  # fmt: skip


def learnt(learners: Sequence[Mapping[str, float]]) -> bool:
    """Return whether every size beats the frequencies of letters by `MARGIN` after a chain's human text.

    Examples
    --------
    >>> learnt([{"loss": 1.9, "letters": 2.2}]), learnt([{"loss": 1.9, "letters": 2.2}, {"loss": 2.1, "letters": 2.2}])
    (True, False)
    """
    return all(one["loss"] < one["letters"] - MARGIN for one in learners)


def surrogate_of(runs: Sequence[Mapping[str, Any]], *, seed: int = DEFAULT_SEED) -> dict[str, Any]:
    """Return the surrogate of some runs, with what it says of each run that it has not seen."""
    x, worth = coordinates(runs), np.array([run["log_worth"] for run in runs])
    mixed = np.array([run["human"] > 0 for run in runs])
    within = worth.var(axis=1, ddof=1)
    noise = np.sqrt(np.where(mixed, within[mixed].mean(), within[~mixed].mean()) / worth.shape[1])
    y = worth.mean(axis=1)
    theta, convergence = fit(x, y, noise, seed=seed)
    told = left_out(theta, x, y, noise)
    mesh = np.meshgrid(*GRID.values(), indexing="ij")
    places = [
        dict(zip(AXES, (max(float(place[0]), 0.0), *map(float, place[1:])), strict=True))
        for place in zip(*(axis.ravel() for axis in mesh), strict=True)
    ]
    mean, sd = predict(theta, x, y, noise, coordinates(places))
    return {
        "left_out": {**judged(y, told, mixed), **{key: np.round(one, 4).tolist() for key, one in told.items()}},
        "noise": {"mixes": float(noise[mixed][0]), "no human text": float(noise[~mixed][0])},
        "parameters": {
            "amplitude": np.quantile(theta["amplitude"], [0.1, 0.5, 0.9]).round(3).tolist(),
            "lengths": dict(zip(AXES, np.quantile(theta["lengths"], [0.1, 0.5, 0.9], axis=0).T.round(3).tolist(), strict=True)),
        },
        "rhat_max": convergence.rhat_max,
        "grid": {**{key: list(axis) for key, axis in GRID.items()}}
        | {"mean": mean.reshape(mesh[0].shape).round(4).tolist(), "sd": sd.reshape(mesh[0].shape).round(4).tolist()},
    }  # fmt: skip


def settings() -> dict[str, Any]:
    """Return what a stored surrogate was made with."""
    return {
        "runs": mixes.POINTS, "languages": mixes.REPLICATES, "widths": list(mixes.WIDTHS), "updates": list(mixes.UPDATES),
        "human_letters": mixes.HUMAN * CONTEXT,
    }  # fmt: skip


def evaluate(*, progress: Callable[[str], None], jobs: int | None, scheduler: str | None = None) -> dict[str, Any]:
    """Run the design, fit the surrogate, and ask it about the runs that it has not seen."""
    del jobs, scheduler
    runs, learners = mixes.run_design(mixes.design(), progress=progress)
    found = surrogate_of(runs)
    if not learnt(learners):
        found["left_out"]["verdict"] = "FAIL"
    progress(
        "{verdict}: left-out runs, skill {skill:.2f}, 80 % intervals hold {covered:.0%}".format(**found["left_out"])
    )
    return {"seed": DEFAULT_SEED, "human_letters": mixes.HUMAN * CONTEXT, "learners": learners, "runs": runs, **found}
