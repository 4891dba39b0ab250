"""State-space models of statsmodels on the best so far, with their own ``simulate``: Holt, automatic ETS, local trend."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from forecast.errors import InputError
from forecast.evaluate.histories.rivals.base import Rival
from forecast.ingest.known import Known

ITERATIONS = 100
"""Most steps of an optimiser (count)."""

ETS_FORMS: tuple[dict[str, Any], ...] = (
    {"trend": None},
    {"trend": "add"},
    {"trend": "add", "damped_trend": True},
)
"""Forms among which the automatic ETS chooses by AICc; errors add, since the values are logarithms."""


@dataclass(frozen=True)
class DampedHolt(Rival):
    """Exponential smoothing with a trend that fades."""

    name: ClassVar[str] = "damped_holt"
    sentence: ClassVar[str] = "Exponential smoothing with a damped trend, fitted and simulated by statsmodels."

    def paths(self, known: Known, steps: int, rng: np.random.Generator, draws: int) -> np.ndarray:
        """Return simulated values."""
        return _simulated(_ets(known.value, ETS_FORMS[2]), steps, rng, draws)


@dataclass(frozen=True)
class AutomaticETS(Rival):
    """The form of exponential smoothing with the lowest AICc."""

    name: ClassVar[str] = "ets"
    sentence: ClassVar[str] = (
        "Exponential smoothing without a trend, with one, or with a damped one, whichever has the lowest AICc; fitted and "
        "simulated by statsmodels."
    )

    def paths(self, known: Known, steps: int, rng: np.random.Generator, draws: int) -> np.ndarray:
        """Return simulated values."""
        fits = [_ets(known.value, form) for form in ETS_FORMS]
        scored = [fit for fit in fits if np.isfinite(fit.aicc)]
        return _simulated(min(scored or fits, key=lambda fit: fit.aicc), steps, rng, draws)


@dataclass(frozen=True)
class UnobservedComponents(Rival):
    """A local linear trend: level and slope both wander."""

    name: ClassVar[str] = "unobserved_components"
    sentence: ClassVar[str] = "A local linear trend by maximum likelihood, fitted and simulated by statsmodels."

    def paths(self, known: Known, steps: int, rng: np.random.Generator, draws: int) -> np.ndarray:
        """Return simulated values."""
        from statsmodels.tsa.statespace.structural import UnobservedComponents as Components

        # In units of the typical change: the optimiser starts at variances of that size.
        size = max(float(np.std(known.changes(), ddof=1)), 1e-3)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            fit = Components((known.value - known.record) / size, "lltrend").fit(disp=0, maxiter=ITERATIONS)
            return known.record + size * _simulated(fit, steps, rng, draws)


def _ets(value: np.ndarray, form: dict[str, Any]) -> Any:
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    if np.ptp(value) == 0:
        raise InputError("values that never changed", "values to fit", "choose a later origin")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ETSModel(value, error="add", **form).fit(disp=False, maxiter=ITERATIONS)


def _simulated(fit: Any, steps: int, rng: np.random.Generator, draws: int) -> np.ndarray:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = fit.simulate(steps, anchor="end", repetitions=draws, rng=rng)
    return np.asarray(made).reshape(steps, draws).T
