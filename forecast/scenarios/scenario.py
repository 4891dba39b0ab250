"""Named assumptions: a scenario is a TOML file that says what a forecast assumes.

A scenario may extend another one and change some of it. Every number that it changes carries a source, which is a
publication, a table of this package, or the word "judgement" with a reason. Nothing here has a hidden default: what a
scenario does not say comes from the one that it extends, in the end from ``baseline``, which names every lever.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from forecast.consumption.member import Member
from forecast.consumption.members import MEMBERS
from forecast.core.display import display
from forecast.core.distributions import LogNormal
from forecast.core.resources import RESOURCES
from forecast.core.seeds import generator
from forecast.errors import InputError, unknown_name
from forecast.production import ESTIMATORS, Estimator, Given, Synthesis
from forecast.production.lineages import BY_INPUTS, DRAWINGS
from forecast.production.synthesis import check_left_out
from forecast.scenarios.growth import Changes, check_members, check_weights, with_changes
from forecast.scenarios.levers import LEVERS
from forecast.scenarios.levers.dependence import OUTCOME, WITH_STOCK, ranks
from forecast.scenarios.parse import JOINT, SHIPPED, is_there, joined, names
from forecast.scenarios.plain import numbers, plain, plain_stock, sha256_of_values
from forecast.scenarios.replacing import replaced_levers, replaced_parts
from forecast.scenarios.values import LeverValue, completed

__all__ = ["SHIPPED", "LeverValue", "Scenario", "load", "names"]

CHANGED = " (changed)"
"""How the name of a scenario ends that was changed in Python, once or more often."""


@dataclass(frozen=True)
class Scenario:
    """What a forecast assumes: the resource, how its stock is estimated, the levers, and the growth members.

    Parameters
    ----------
    name, title, description : str
        Its name, its title, and one sentence that says what it assumes.
    resource_name : str
        The resource in question.
    estimator : str
        Stock estimator.
    levers : mapping of str to LeverValue
        The levers that act, in the order in which they are applied.
    members : tuple of str
        Growth members, weighted equally where `weights` says nothing else.
    include_undisclosed : bool
        Whether the true frontier may lie above the disclosed one.
    raw : LogNormal, optional
        Raw stock in 2024, given outright instead of by the estimator.
    raw_source : str
        Where that number comes from.
    idle : mapping of str to LeverValue
        The levers that stand where they change nothing.
    leave_out : tuple of str
        Estimators, published figures or lineages that the synthesis of the stock goes without.
    lineages : str
        How the synthesis of the stock draws its lineages: a name of `forecast.production.lineages.DRAWINGS`.
    priors : mapping of str to mapping
        Priors and windows of growth members that are not the package's own, by member and parameter.
    weights : mapping of str to float
        Weights of the growth members in their mixture, relative to each other; empty where all weigh the same.
    weights_source : str
        Where these come from.

    Examples
    --------
    >>> import forecast as fc
    >>> scenario = fc.scenario.load("baseline")
    >>> scenario.resource_name, "damped" in scenario.members
    ('public_text', True)
    """

    name: str
    title: str
    description: str
    resource_name: str
    estimator: str
    levers: Mapping[str, LeverValue]
    members: tuple[str, ...]
    include_undisclosed: bool = True
    raw: LogNormal | None = None
    raw_source: str = ""
    idle: Mapping[str, LeverValue] = field(default_factory=dict)
    leave_out: tuple[str, ...] = ()
    lineages: str = BY_INPUTS
    priors: Mapping[str, Changes] = field(default_factory=dict)
    weights: Mapping[str, float] = field(default_factory=dict)
    weights_source: str = ""

    def __repr__(self) -> str:
        return (
            f"Scenario({self.name!r}: {self.resource_name!r} by {'a given number' if self.raw else repr(self.estimator)}, "
            f"levers {', '.join(self.levers) or 'none'}; growth by {', '.join(self.members)})"
        )

    def __hash__(self) -> int:
        return hash((self.name, self.resource_name, self.estimator, self.members, self.leave_out, self.lineages))

    @property
    def world(self) -> str:
        """The description, by its old name."""
        return self.description

    def stock(self) -> Estimator:
        """Return the estimator of the raw stock: the named one, or the scenario's own number.

        Returns
        -------
        Estimator
            With its inputs as fields.

        Examples
        --------
        >>> import forecast as fc
        >>> scenario = fc.scenario.load("baseline")
        >>> scenario.replace(estimator="indexed_web").stock().name
        'indexed_web'
        """
        if self.raw is not None:
            return Given(self.raw, self.raw_source)
        estimator = ESTIMATORS[self.estimator]
        return Synthesis(self.leave_out, lineages=self.lineages) if estimator is Synthesis else estimator()

    def growth(self, name: str) -> Member:
        """Return one of the growth members with the priors that the scenario gives it.

        Parameters
        ----------
        name : str
            The member's name.

        Returns
        -------
        Member
            For text; other resources have priors of their own.

        Examples
        --------
        >>> load("baseline").growth("damped").damping.unit
        'per year'
        """
        return with_changes(MEMBERS[name](), self.priors.get(name, {}))

    def largest_share(self) -> float:
        """Return the largest share of one growth member in the mixture.

        Returns
        -------
        float
            One over their number, where all weigh the same.

        Examples
        --------
        >>> load("baseline").largest_share()
        0.25
        """
        return max(self.weights.values()) / sum(self.weights.values()) if self.weights else 1 / len(self.members)

    def without(self, names: str | Iterable[str]) -> Scenario:
        """Return the scenario with a synthesis of the stock that goes without some of its estimators.

        Parameters
        ----------
        names : str or iterable of str
            Estimators, published figures or lineages.

        Returns
        -------
        Scenario
            The same otherwise.

        Raises
        ------
        InputError
            If the stock is not a synthesis.
        UnknownNameError
            If a name is not part of it.

        Examples
        --------
        >>> load("baseline").without("people").leave_out
        ('people',)
        """
        left = tuple(dict.fromkeys([names] if isinstance(names, str) else names))
        if left and (self.raw is not None or self.estimator != Synthesis.name):
            stated = "a raw stock given outright" if self.raw is not None else f"the estimator {self.estimator}"
            raise InputError(
                f"{', '.join(left)} to be left out of {stated}",
                f"the estimator {Synthesis.name}, which combines others",
                f'set stock.estimator = "{Synthesis.name}", or leave nothing out',
            )
        check_left_out(left)
        return replace(self, leave_out=left)

    def setting(self, name: str) -> LeverValue | None:
        """Return a lever's setting, whether it acts or not.

        Parameters
        ----------
        name : str
            The lever's name.

        Returns
        -------
        LeverValue or None
            None where the scenario does not name it.

        Examples
        --------
        >>> import forecast as fc
        >>> scenario = fc.scenario.load("baseline")
        >>> sorted(scenario.setting("quality").quantities)
        ['loosening', 'ramp_years', 'start', 'usable_share']
        """
        return self.levers.get(name, self.idle.get(name))

    def replace(
        self,
        *,
        estimator: str | None = None,
        members: str | Member | Iterable[str | Member] | None = None,
        weights: Mapping[str, float] | None = None,
        **levers: float | tuple[float, float] | LogNormal | Mapping[str, Any],
    ) -> Scenario:
        """Return this scenario with some levers, its stock estimator or its growth members changed.

        Parameters
        ----------
        estimator : str, optional
            A stock estimator by its name; it takes the place of a raw stock that the scenario gives.
        members : str, Member or an iterable of them, optional
            Growth members by their names, or as objects with priors of their own; weighted equally.
        weights : mapping of str to float, optional
            A weight for each growth member, relative to the others; empty for equal ones.
        **levers : float, (low, high), LogNormal or mapping
            The main setting of a lever by the lever's name: a number, the ends of a 95 % interval, or a distribution; or
            several of its settings by their names, each one of these, a word, or quantiles as a file states them.

        Returns
        -------
        Scenario
            A new scenario; its source says that the value was set by the caller.

        Raises
        ------
        UnknownNameError
            If there is no such lever, estimator or member.
        InputError
            If a value is impossible, or a scenario says it only in its file.

        Examples
        --------
        >>> s = load("baseline").replace(repetition=(2, 5))
        >>> round(float(s.levers["repetition"].quantities["passes"].quantile(0.975)), 3)
        5.0
        """
        settings = {**self.idle, **self.levers} | replaced_levers(self, levers)
        changes = replaced_parts(self, estimator, members, weights)
        return replace(self.with_levers(settings, name=f"{self.name.removesuffix(CHANGED)}{CHANGED}"), **changes)

    def with_levers(self, settings: Mapping[str, LeverValue], name: str | None = None) -> Scenario:
        """Return this scenario with other levers.

        Parameters
        ----------
        settings : mapping of str to LeverValue
            All levers of the new scenario; those that change nothing are told apart here.
        name : str, optional
            Its name; by default the same.

        Returns
        -------
        Scenario
            A new scenario.

        Examples
        --------
        >>> import forecast as fc
        >>> scenario = fc.scenario.load("baseline")
        >>> scenario.with_levers({}, name="bare").levers
        {}
        """
        ordered = {name: completed(LEVERS[name], settings[name]) for name in LEVERS.in_order(settings)}
        idle = {k: s for k, s in ordered.items() if LEVERS[k].is_idle(s.quantities, s.choices)}
        acting = {k: s for k, s in ordered.items() if k not in idle}
        return replace(self, name=self.name if name is None else name, levers=acting, idle=idle)

    def draw_lever(self, name: str, *, seed: int, size: int) -> dict[str, np.ndarray]:
        """Draw a lever's settings, jointly with those of other levers where a dependence says so.

        Parameters
        ----------
        name : str
            A lever that the scenario names.
        seed : int
            The run's seed.
        size : int
            Number of draws.

        Returns
        -------
        dict of str to numpy.ndarray
            Each setting's draws, shape (draw,), and what the lever derives from them.

        Examples
        --------
        >>> import forecast as fc
        >>> scenario = fc.scenario.load("baseline")
        >>> scenario.draw_lever("quality", seed=1, size=3)["usable_share"].shape
        (3,)
        """
        setting = self.setting(name)
        if setting is None:
            raise unknown_name(f"lever of the scenario {self.name}", name, (*self.levers, *self.idle))
        draws = {
            key: value.quantile(self.ranks(name, key, seed=seed, size=size))
            if value.sd_low or value.sd_high
            else np.full(size, value.median)
            for key, value in setting.quantities.items()
        }
        outcome = self.ranks(name, OUTCOME, seed=seed, size=size)
        rng = generator(seed, "levers", name, "derived")
        return {**draws, **LEVERS[name].derive(draws, setting.choices, outcome, rng)}

    def ranks(self, lever: str, setting: str, *, seed: int, size: int) -> np.ndarray:
        """Return the ranks of a setting's draws in its distribution.

        A synthesis estimates the usable share jointly with the stock, so that a future's share lies in what the
        scenario says of it where it lies in the synthesis's prior. What depends on the share follows.

        Parameters
        ----------
        lever, setting : str
            What is drawn.
        seed : int
            The run's seed.
        size : int
            Number of draws.

        Returns
        -------
        numpy.ndarray
            Ranks between 0 and 1, shape (draw,).

        Examples
        --------
        >>> import forecast as fc
        >>> scenario = fc.scenario.load("baseline")
        >>> ranks = scenario.ranks("quality", "usable_share", seed=1, size=3)
        >>> bool(((0 <= ranks) & (ranks <= 1)).all())
        True
        """
        stock = self.stock()
        known = {}
        if isinstance(stock, Synthesis) and self.resource_name == stock.resource_name:
            known = {WITH_STOCK: lambda: stock.share_ranks(seed=seed, size=size)}
        return ranks(lever, setting, seed=seed, size=size, known=known)

    def digest(self) -> str:
        """Return a hash of all that the scenario says.

        Returns
        -------
        str
            64 hexadecimal digits.

        Examples
        --------
        >>> import forecast as fc
        >>> scenario = fc.scenario.load("baseline")
        >>> scenario.digest() == fc.scenario.load("baseline").digest()
        True
        """
        return sha256_of_values(self.to_dict())

    def numbers_digest(self) -> str:
        """Return a hash of what can change a number: words, sources and levers at rest are not part of it.

        Returns
        -------
        str
            64 hexadecimal digits.

        Examples
        --------
        >>> import forecast as fc
        >>> scenario = fc.scenario.load("baseline")
        >>> scenario.replace(quality=0.1).numbers_digest() == scenario.numbers_digest()
        False
        """
        return sha256_of_values(numbers(self))

    def to_dict(self) -> dict[str, Any]:
        """Return the scenario as plain values.

        Returns
        -------
        dict
            JSON-ready; `idle` names the levers that change nothing.

        Examples
        --------
        >>> import forecast as fc
        >>> scenario = fc.scenario.load("baseline")
        >>> scenario.to_dict()["name"]
        'baseline'
        """
        return plain(self)

    def stock_to_dict(self) -> dict[str, Any]:
        """Return what the scenario says of the stock, as plain values; what is as by default is not named.

        Examples
        --------
        >>> import forecast as fc
        >>> scenario = fc.scenario.load("baseline")
        >>> scenario.replace(estimator="indexed_web").stock_to_dict()
        {'estimator': 'indexed_web'}
        """
        return plain_stock(self)

    def _repr_html_(self) -> str:
        return display("scenario_card", self)


def load(name: str | Path) -> Scenario:
    """Read a scenario.

    Parameters
    ----------
    name : str or pathlib.Path
        A shipped name, a path that ends in ``.toml``, or several of these joined by ``+``, such as
        ``closed_web+compute_stalls``: what they change is changed together.

    Returns
    -------
    Scenario
        Complete: what it does not say comes from what it extends.

    Raises
    ------
    UnknownNameError, MissingFileError, InputError
        If it is not there, or says something impossible.

    Examples
    --------
    >>> "damped" in load("baseline").members
    True
    """
    name = str(name)
    parts = [name] if is_there(Path(name)) else name.split(JOINT)
    return _scenario(JOINT.join(Path(part).stem if part.endswith(".toml") else part for part in parts), joined(name))


def _scenario(name: str, content: Mapping[str, Any]) -> Scenario:
    stock = content.get("stock", {})
    resource = RESOURCES[content.get("resource", "")]
    estimator = stock.get("estimator", "")
    if "raw" not in stock:
        estimator = ESTIMATORS[estimator].name
    consumption = content.get("consumption", {})
    members, weights = check_members(consumption.get("members", ())), consumption.get("weights", {})
    bare = Scenario(
        name,
        str(content["title"]),
        str(content["description"]),
        resource.name,
        estimator,
        {},
        members,
        bool(consumption["include_undisclosed"]),
        stock.get("raw"),
        str(stock.get("source", "")),
        lineages=DRAWINGS[stock.get("lineages", BY_INPUTS)].name,
        priors={name: said for name, said in consumption.get("priors", {}).items() if said},
        weights=check_weights({key: each for key, each in weights.items() if key != "source"}, members),
        weights_source=" ".join(str(weights.get("source", "")).split()),
    )
    return bare.with_levers(content.get("levers", {})).without(stock.get("leave_out", ()))
