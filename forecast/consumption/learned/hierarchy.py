"""Draws of the hierarchy, and of series in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from forecast.consumption.learned.model import GROUPS, NAMES

SHARED = ("mean", "sd_series", *(f"sd_{group}" for group in GROUPS), "reversion", "catch_up")
"""What is drawn for all series together."""

KNOWN = ("kind", "domain")
"""Groups whose effects are kept by name; a family that comes again has its own record to speak for it."""


@dataclass(frozen=True, eq=False)
class Hierarchy:
    """Joint draws of what all series share.

    Parameters
    ----------
    shared : mapping of str to array
        `SHARED`, shape (draw, quantity) or (draw,).
    effects : mapping of str to mapping of str to array
        Effects of each known kind and domain, shape (draw, quantity).
    """

    shared: Mapping[str, np.ndarray]
    effects: Mapping[str, Mapping[str, np.ndarray]]

    @classmethod
    def from_posterior(cls, tree: Any, groups: Mapping[str, tuple[tuple[str, ...], np.ndarray]], draws: int) -> Self:
        """Take evenly spread draws of a fit, or of a prior, from its chains."""

        def of(name: str) -> np.ndarray:
            values = np.asarray(tree[name].values)
            values = values.reshape(-1, *values.shape[2:])
            return values[np.linspace(0, len(values) - 1, min(draws, len(values))).round().astype(int)]

        effects = {
            group: {label: of(f"effect_{group}")[:, place] for place, label in enumerate(groups[group][0])}
            for group in KNOWN
        }
        return cls({name: of(name) for name in SHARED}, effects)

    @property
    def draws(self) -> int:
        """How many joint draws there are."""
        return len(self.shared["mean"])

    def chosen(self, index: np.ndarray) -> Hierarchy:
        """Return the draws of an index."""
        return Hierarchy(
            {name: values[index] for name, values in self.shared.items()},
            {group: {label: v[index] for label, v in of.items()} for group, of in self.effects.items()},
        )

    def without_domain(self, domain: str) -> Hierarchy:
        """Return the hierarchy that does not know a domain."""
        known = {label: values for label, values in self.effects["domain"].items() if label != domain}
        return Hierarchy(self.shared, {**self.effects, "domain": known})

    def centre_and_spread(self, kind: str, domain: str) -> tuple[np.ndarray, np.ndarray]:
        """Return mean and sd of each quantity over new series of a kind and domain, shape (draw, quantity).

        A kind or domain that is not known is one more of its group.
        """
        centre = self.shared["mean"].copy()
        variance = self.shared["sd_series"] ** 2 + self.shared["sd_family"] ** 2
        for group, label in zip(KNOWN, (kind, domain), strict=True):
            if label in self.effects[group]:
                centre = centre + self.effects[group][label]
            else:
                variance = variance + self.shared[f"sd_{group}"] ** 2
        return centre, np.sqrt(variance)


@dataclass(frozen=True, eq=False)
class Series:
    """Draws of single series: where each stands after its last known year.

    Parameters
    ----------
    quantity : mapping of str to array
        Each of `model.NAMES`, shape (draw,).
    reversion, catch_up : array, shape (draw,)
        As the hierarchy has them.
    wander : array, shape (draw,)
        Deviation of the log pace from its trend.
    off_middle : array or float
        Years from the middle of the known years to the last of them.
    since : array of int, shape (draw,)
        Years since the last news, 1 where the last year had some.
    """

    quantity: Mapping[str, np.ndarray]
    reversion: np.ndarray
    catch_up: np.ndarray
    wander: np.ndarray
    off_middle: float
    since: np.ndarray

    def chosen(self, index: np.ndarray) -> Series:
        """Return the draws of an index."""
        return Series(
            {name: values[index] for name, values in self.quantity.items()},
            self.reversion[index],
            self.catch_up[index],
            self.wander[index],
            self.off_middle,
            self.since[index],
        )

    def news_probability(self) -> np.ndarray:
        """Return the probability that the next year has news."""
        logit = np.where(self.since == 1, -self.quantity["stall"], self.quantity["resumption"])
        return 1 / (1 + np.exp(-logit))

    def log_mean(self) -> np.ndarray:
        """Return the log of the mean growth of the year that `wander` and `off_middle` are of, if it has news."""
        trend = self.quantity["growth"] + self.quantity["slowing"] * self.off_middle / 5
        return trend + self.wander + self.catch_up * np.log(self.since)

    def share_moving(self) -> np.ndarray:
        """Return the long-run share of years with news."""
        stall, resumption = (1 / (1 + np.exp(-self.quantity[name])) for name in ("stall", "resumption"))
        return resumption / (stall + resumption)


def new_series(
    hierarchy: Hierarchy, kind: str, domain: str, years: int, rng: np.random.Generator, draws: int
) -> tuple[Series, np.ndarray, np.ndarray]:
    """Return series that have not begun, and mean and sd of their log growth in the hierarchy."""
    row = np.arange(draws) % hierarchy.draws
    centre, spread = (values[row] for values in hierarchy.centre_and_spread(kind, domain))
    return begun(hierarchy, row, centre, spread, years, rng), centre[:, 0], spread[:, 0]


def begun(
    hierarchy: Hierarchy, row: np.ndarray, centre: np.ndarray, spread: np.ndarray, years: int, rng: np.random.Generator
) -> Series:
    """Return series that have not begun: of the draws in some rows, about a centre with a spread."""
    made = centre + spread * rng.standard_normal(centre.shape)
    quantity = {name: made[:, place] for place, name in enumerate(NAMES)}
    return Series(
        quantity,
        hierarchy.shared["reversion"][row],
        hierarchy.shared["catch_up"][row],
        np.exp(quantity["volatility"]) * rng.standard_normal(len(row)),
        -(years - 1) / 2,
        np.ones(len(row), dtype=int),
    )


def next_wander(series: Series, rng: np.random.Generator) -> np.ndarray:
    """Return the deviation of the log pace a year on."""
    keep = np.exp(-series.reversion)
    shock = np.exp(series.quantity["volatility"]) * np.sqrt(1 - keep**2) * rng.standard_normal(len(keep))
    return keep * series.wander + shock
