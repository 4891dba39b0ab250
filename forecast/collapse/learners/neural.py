"""What learners of the extra ``lab`` share: results as plain numbers, fits that are kept, a margin to pass."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from forecast.collapse.engine import Chain
from forecast.collapse.validate import whole_number
from forecast.errors import InputError, ModelError
from forecast.fits import kept

MARGIN = 0.1
"""By how much a first fit must beat a trivial predictor before it is asked to collapse (nats; judgement)."""


LARGEST = {"updates (--steps)": 100_000, "weights (--width, --layers)": 5_000_000}
"""What a fit may take: more would not end on two cores (counts; judgement)."""


@dataclass(frozen=True)
class Curves:
    """Measures by regime and generation, as the laboratory prints and stores them.

    Parameters
    ----------
    document : mapping of str to Any
        Settings and curves, JSON-ready; what `to_json` returns.

    Examples
    --------
    >>> Curves({"chains": [{"regime": "replace", "simulation": {"perplexity": [2.5, 2.9]}}]}).chains["replace"]["regime"]
    'replace'
    """

    document: Mapping[str, Any]

    @property
    def chains(self) -> dict[str, Mapping[str, Any]]:
        """Curves by the regime's name."""
        return {chain["regime"]: chain for chain in self.document["chains"]}

    def curve(self, regime: str, measure: str, kind: str = "simulation") -> np.ndarray:
        """Return a measure by generation, averaged over replicates; its standard error with ``kind="error"``.

        Examples
        --------
        >>> found = Curves({"chains": [{"regime": "replace", "simulation": {"perplexity": [2.5, 2.9]}}]})
        >>> found.curve("replace", "perplexity").tolist()
        [2.5, 2.9]
        """
        return np.array(self.chains[regime][kind][measure])

    def to_json(self) -> dict[str, Any]:
        """Return settings, curves and closed forms as plain numbers.

        Examples
        --------
        >>> Curves({"experiment": "dice", "chains": []}).to_json()
        {'experiment': 'dice', 'chains': []}
        """
        return dict(self.document)


def curves(
    experiment: str,
    seed: int,
    chains: Mapping[str, Chain],
    theory: Mapping[str, Mapping[str, np.ndarray]] | None = None,
    extra: Mapping[str, Mapping[str, Any]] | None = None,
    **settings: Any,
) -> Curves:
    """Return what chains came to; `theory` and `extra` hold what is known beside them, by regime."""
    found = []
    for name, chain in chains.items():
        one: dict[str, Any] = {"regime": name, "title": chain.title, "simulation": {}, "error": {}, "theory": {}}
        for measure, values in chain.metrics.items():
            spread = values.std(axis=1, ddof=min(values.shape[1] - 1, 1)) / np.sqrt(values.shape[1])
            one["simulation"][measure] = _rounded(values.mean(axis=1))
            one["error"][measure] = _rounded(spread)
        one["theory"] = {measure: _rounded(form) for measure, form in (theory or {}).get(name, {}).items()}
        found.append({**one, **(extra or {}).get(name, {})})
    generations = len(next(iter(chains.values())).generations)
    head = {"schema": "collapse/1", "experiment": experiment, "seed": seed, "generations": generations}
    return Curves({**head, **settings, "chains": found})


def kept_arrays(make: Callable[[], Mapping[str, np.ndarray]], read: np.ndarray, **parts: Any) -> dict[str, np.ndarray]:
    """Return the weights fitted to what was read: as they were kept before, else made now and kept."""
    import xarray as xr

    packages = kept.versions(("jax", "optax"))
    key = kept.fit_key(learner=packages, read=hashlib.sha256(np.ascontiguousarray(read).data).hexdigest(), **parts)
    tree = kept.load(key)
    if tree is None:
        arrays = {name: np.asarray(one) for name, one in make().items()}
        axes = {name: (tuple(f"{name}_{axis}" for axis in range(one.ndim)), one) for name, one in arrays.items()}
        kept.store(key, xr.DataTree.from_dict({"/weights": xr.Dataset(axes)}), {})
        return arrays
    return {str(name): one.values for name, one in tree["weights"].data_vars.items()}


def bounded(name: str, value: int) -> None:
    """Raise where a fit would not end; `name` is one of `LARGEST`."""
    if whole_number(name, value) > LARGEST[name]:
        raise InputError(f"{value:,} {name}", f"at most {LARGEST[name]:,}", "choose a smaller number")


def beats(loss: np.ndarray, trivial: float, name: str) -> None:
    """Raise where a model that has read human data hardly beats a predictor that needs no model."""
    worst = float(np.max(loss))
    if not worst <= trivial - MARGIN:
        raise ModelError(
            f"FAIL: a loss of {worst:.2f} nats after the first fit",
            f"at most {trivial - MARGIN:.2f} ({MARGIN:g} below {name})",
            "train longer (--steps) or on more (--samples)",
        )


def _rounded(values: np.ndarray) -> list[float]:
    return [float(f"{value:.5g}") for value in values]
