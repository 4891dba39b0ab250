"""Figures of a published analysis: what was published, what the re-run gives, and how the two compare.

The published side is the table ``epoch_published`` (`forecast.replicate.targets`): median and interval, the tolerance
within which a re-run has to land, and whether it can be reproduced at all. Every other figure says why it differs.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from forecast.core.summaries import plain, quantiles, shares_within
from forecast.errors import unknown_name
from forecast.replicate.targets import Target, quantile_key

LEVELS = (0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975)
"""Probabilities whose quantiles every figure carries."""

Status = Literal["matched", "explained", "not reproducible", "missed"]
"""``missed`` is a target that can be reproduced and was not: the command then ends with exit code 1."""


@dataclass(frozen=True)
class PublishedNumber:
    """One figure of a re-run beside the published one.

    Parameters
    ----------
    name, unit : str
        Such as ``"stock.raw.2024"`` in ``"tokens"``.
    quantiles : mapping of str to float, or None
        Ours by probability; a value beyond the horizon is None; None in all where nothing can be computed.
    published : Target or None
        The published figure, if there is one.
    status : {"matched", "explained", "not reproducible", "missed"}
        How the two compare.
    reason : str
        One or two sentences that say why.
    rebuilt : bool
        Whether it rests on the compute projection that had to be rebuilt from its description.
    """

    name: str
    unit: str
    quantiles: Mapping[str, float | None] | None
    published: Target | None
    status: Status
    reason: str
    rebuilt: bool = False

    @property
    def median(self) -> float | None:
        """Our median; None where there is none within the horizon."""
        return None if self.quantiles is None else self.quantiles["0.5"]

    def interval(self, level: float = 0.8) -> tuple[float | None, float | None]:
        """Return our equal-tailed interval."""
        if self.quantiles is None:
            return None, None
        (inside,) = shares_within(level)
        return self.quantiles[quantile_key((1 - inside) / 2)], self.quantiles[quantile_key((1 + inside) / 2)]

    def difference(self) -> str:
        """Return how far our median lies from the published one, in words."""
        if self.published is None or self.median is None:
            return ""
        gap = self.median - self.published.median
        if self.unit == "year":
            return f"{gap:+.1f} years"
        if self.unit.endswith("per year"):
            return f"{gap:+.3f}"
        return f"{gap / self.published.median:+.1%}"

    def to_json(self) -> dict[str, Any]:
        """Return the figure as JSON-ready numbers and texts."""
        return {
            "name": self.name,
            "unit": self.unit,
            "quantiles": None if self.quantiles is None else dict(self.quantiles),
            "published": None if self.published is None else self.published.to_json(),
            "status": self.status,
            "reason": self.reason,
            "rebuilt": self.rebuilt,
        }


@dataclass(frozen=True)
class Analysis:
    """A published analysis, re-run.

    Parameters
    ----------
    name, title : str
        Name on the command line, and how it is called.
    figures : tuple of PublishedNumber
        Every figure, in the order of the argument.
    seed, draws : int
        What the run used.
    interval : float
        Probability inside the intervals that the analysis prints.
    credits : tuple of str
        What has to be printed where these data are used.
    bridge : tuple of forecast.replicate.bridge.BridgeStep
        Their procedure corrected one step at a time; empty unless asked for.

    Examples
    --------
    >>> Analysis("epoch2024", "example", (), seed=1, draws=1000).to_json()["figures"]
    []
    """

    name: str
    title: str
    figures: tuple[PublishedNumber, ...]
    seed: int
    draws: int
    interval: float = 0.8
    credits: tuple[str, ...] = ()
    bridge: tuple[Any, ...] = field(default=())

    def __getitem__(self, name: str) -> PublishedNumber:
        """Return a figure by its name."""
        for one in self.figures:
            if one.name == name:
                return one
        raise unknown_name("figure", name, [one.name for one in self.figures])

    @property
    def holds(self) -> bool:
        """Whether every target that can be reproduced was matched."""
        return all(one.status != "missed" for one in self.figures)

    def to_json(self) -> dict[str, Any]:
        """Return the whole analysis as one JSON-ready document."""
        document: dict[str, Any] = {
            "analysis": self.name,
            "title": self.title,
            "seed": self.seed,
            "draws": self.draws,
            "figures": [one.to_json() for one in self.figures],
            "credits": list(self.credits),
        }
        if self.bridge:
            document["bridge"] = [step.to_json() for step in self.bridge]
        return document

    def to_text(self) -> str:
        """Return the document as JSON text."""
        return json.dumps(self.to_json(), indent=1, ensure_ascii=False, allow_nan=False)


def quantile_map(values: Sequence[float] | np.ndarray) -> dict[str, float | None]:
    """Name quantiles by their probability.

    Examples
    --------
    >>> quantile_map([1.0] * 8 + [float("inf")])["0.975"] is None
    True
    """
    return {quantile_key(level): plain(float(value)) for level, value in zip(LEVELS, values, strict=True)}


def summarise_draws(draws: np.ndarray) -> dict[str, float | None]:
    """Return the quantiles of draws at `LEVELS`."""
    return quantile_map(quantiles(draws, LEVELS))


def compare(
    name: str,
    unit: str,
    ours: Mapping[str, float | None] | None,
    targets: Mapping[str, Target],
    *,
    reason: str = "",
    otherwise: Status = "explained",
    rebuilt: bool = False,
) -> PublishedNumber:
    """Set a figure of ours beside the published one and judge it."""
    target = targets.get(name)
    within = None if target is None or ours is None else target.within(ours)
    if target is None:
        status, said = otherwise, reason or "Not published; our run of the published inputs."
    elif within and not rebuilt:
        status, said = "matched", f"Within the tolerance ({target.tolerance}). {reason}".strip()
    elif target.reproducible and within is False:
        status, said = "missed", f"Outside the tolerance ({target.tolerance}) with this seed and these draws. {reason}"
    else:
        status, said = otherwise, reason
    return PublishedNumber(name, target.unit if target else unit, ours, target, status, said.strip(), rebuilt)


def show(value: float | None, unit: str) -> str:
    """Write a number as it is read in its unit.

    Examples
    --------
    >>> show(2029.04, "year"), show(5.06e14, "tokens"), show(14.8685, "log10 words"), show(None, "year")
    ('2029.0', '5.1e14', '14.87', 'later')
    """
    if value is None:
        return "later"
    if unit == "year":
        return f"{value:.1f}"
    if unit.startswith("log10 ") and not unit.endswith("per year"):
        return f"{value:.2f}"
    if unit.endswith("per year"):
        return f"{value:.3f}"
    return f"{value:.1e}".replace("e+", "e")
