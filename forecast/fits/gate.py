"""The diagnostics gate: thresholds, one sentence and one advice for each case, in one place.

PASS means that nothing is known against the numbers; REVIEW that a reader should look; FAIL that no headline is
printed. What was not measured counts as FAIL.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

Status = Literal["PASS", "REVIEW", "FAIL", "PRIOR-DRIVEN"]

RHAT_BELOW = 1.01
"""Largest rank-normalised split R-hat allowed (no unit); Vehtari et al. 2021, doi:10.1214/20-BA1221."""

ESS_ABOVE = 400.0
"""Smallest bulk and tail effective sample size allowed (draws); Vehtari et al. 2021, doi:10.1214/20-BA1221."""

DIVERGENT_SHARE = 0.001
"""Largest share of divergent transitions allowed after the reruns (no unit); judgement."""

PREDICTIVE_RANGE = (0.01, 0.99)
"""Range in which posterior predictive p values must lie (no unit); judgement."""


@dataclass(frozen=True)
class Check:
    """One line of the gate.

    Parameters
    ----------
    name : str
        What was looked at.
    status : {"PASS", "REVIEW", "FAIL", "PRIOR-DRIVEN"}
        What came out.
    sentence : str
        What was found, with the number.
    advice : str
        What to do about it; empty when it passed.
    """

    name: str
    status: Status
    sentence: str
    advice: str

    def to_dict(self) -> dict[str, str]:
        """Return the check as plain text fields."""
        return asdict(self)


@dataclass(frozen=True)
class Convergence:
    """What the sampler's own diagnostics say; a value of None was not measured.

    Parameters
    ----------
    rhat_max, ess_bulk_min, ess_tail_min : float or None
        Worst value over all parameters.
    divergences : int or None
        Divergent transitions.
    transitions : int
        Transitions in all.
    """

    rhat_max: float | None
    ess_bulk_min: float | None
    ess_tail_min: float | None
    divergences: int | None
    transitions: int

    @property
    def holds(self) -> bool:
        """Whether every threshold is kept."""
        return self.mixed and self.stable

    @property
    def mixed(self) -> bool:
        """Whether the chains agree, on draws that are worth enough."""
        return all(check.status == "PASS" for check in convergence_checks(self, "")[:-1])

    @property
    def stable(self) -> bool:
        """Whether few enough transitions diverged."""
        return convergence_checks(self, "")[-1].status == "PASS"


def convergence(tree: Any) -> Convergence:
    """Measure R-hat, effective sample sizes and divergences of a fit."""
    import arviz as az

    posterior = tree["posterior"].to_dataset()
    names = [n for n in posterior.data_vars if not str(n).endswith("__") and n != "log_density"]
    group = posterior[names]
    rhat, bulk, tail = az.rhat(group), az.ess(group, method="bulk"), az.ess(group, method="tail")

    def worst(values: Any, of: Any) -> float | None:
        found = np.concatenate([np.ravel(values[n].values) for n in names])
        varies = np.concatenate([np.ravel(np.ptp(group[n].values, axis=(0, 1)) > 0) for n in names])
        measured = found[varies]
        return float(of(measured)) if measured.size and np.isfinite(measured).all() else None

    statistics = tree["sample_stats"].to_dataset()
    divergent = statistics["diverging"].values if "diverging" in statistics else None
    return Convergence(
        worst(rhat, np.max),
        worst(bulk, np.min),
        worst(tail, np.min),
        None if divergent is None else int(divergent.sum()),
        int(next(iter(group.data_vars.values())).shape[0] * next(iter(group.data_vars.values())).shape[1]),
    )


def convergence_checks(found: Convergence, who: str) -> list[Check]:
    """Judge a fit's convergence."""
    share = None if found.divergences is None else found.divergences / max(found.transitions, 1)
    longer = "sample longer, or look at the priors of this member"
    return [
        _threshold(f"{who} R-hat", found.rhat_max, lambda v: v < RHAT_BELOW, "largest R-hat {:.3f}", longer),
        _threshold(f"{who} bulk ESS", found.ess_bulk_min, lambda v: v > ESS_ABOVE, "smallest {:.0f} draws", longer),
        _threshold(f"{who} tail ESS", found.ess_tail_min, lambda v: v > ESS_ABOVE, "smallest {:.0f} draws", longer),
        _threshold(
            f"{who} divergences",
            share,
            lambda v: v <= DIVERGENT_SHARE,
            "{:.2%} of transitions diverged",
            "the posterior has a corner that the sampler cannot reach: reparametrise or tighten a prior",
        ),
    ]


_PREDICTS = "predicts"


def posterior_found(checks: Iterable[Mapping[str, str]]) -> bool:
    """Return whether sampling held in every check; whether the member then predicts what was observed is another question.

    Examples
    --------
    >>> posterior_found([{"name": "damped predicts the record", "status": "FAIL"}])
    True
    >>> posterior_found([{"name": "damped R-hat", "status": "FAIL"}])
    False
    """
    return all(check["status"] != "FAIL" or f" {_PREDICTS} " in check["name"] for check in checks)


def predictive_checks(p_values: Mapping[str, float], who: str) -> list[Check]:
    """Judge posterior predictive p values."""
    low, high = PREDICTIVE_RANGE
    if not p_values:
        return [_threshold(f"{who} posterior predictive", None, bool, "", "")]
    return [
        _threshold(
            f"{who} {_PREDICTS} {name}",
            p if np.isfinite(p) else None,
            lambda v: low <= v <= high,
            "posterior predictive p {:.3f}",
            "the member cannot produce what was observed: it is left out",
        )
        for name, p in p_values.items()
    ]


def prior_driven_checks(overlaps: Mapping[str, float], who: str, above: float) -> list[Check]:
    """Name the parameters that the data left nearly as the prior had them."""
    lines = []
    for name, overlap in overlaps.items():
        driven = overlap >= above
        sentence = f"prior and posterior overlap by {overlap:.0%}"
        advice = "what this member says beyond a few years rests on a judgement: see the table over it"
        lines.append(Check(f"{who} {name}", "PRIOR-DRIVEN" if driven else "PASS", sentence, advice if driven else ""))
    return lines


def verdict(checks: Iterable[Check]) -> Literal["PASS", "REVIEW", "FAIL"]:
    """Return the verdict over many checks: the worst, and FAIL when there is none.

    Examples
    --------
    >>> verdict([])
    'FAIL'
    """
    statuses = {check.status for check in checks}
    if not statuses or "FAIL" in statuses:
        return "FAIL"
    return "REVIEW" if "REVIEW" in statuses else "PASS"


def _threshold(name: str, value: float | None, holds: Any, sentence: str, advice: str) -> Check:
    name = name.strip()
    if value is None:
        return Check(name, "FAIL", "was not measured", "find out why: what is not measured does not pass")
    if holds(value):
        return Check(name, "PASS", sentence.format(value), "")
    return Check(name, "FAIL", sentence.format(value), advice)
