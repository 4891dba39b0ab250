r"""What every growth member shares: the frontier as a non-decreasing process.

The frontier F, log10 of the largest training set that somebody would practicably run, moves by a gamma process: over
a stretch of time in which a member expects it to grow by m, it grows by Gamma(shape m / j, scale j). It never
falls, its mean is exactly the member's growth, *jump* j (log10 units) says how unevenly it moves, and it comes to
rest when the member's growth does, so that "never" remains possible. A member says one thing: how much growth it
expects between two dates. See Singpurwalla (1995), doi:10.1214/ss/1177010132, on gamma processes.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any, ClassVar

import numpy as np

from forecast.consumption.below_frontier import BelowFrontier
from forecast.consumption.frontier_data import BLOCK_YEARS, FrontierData
from forecast.consumption.gamma_steps import gamma_steps
from forecast.consumption.observation import along, seen_positions
from forecast.consumption.own_methods import methods_of_its_own
from forecast.core.priors import Prior
from forecast.core.units import REFERENCE_YEAR


@dataclass(frozen=True)
class Member(BelowFrontier, ABC):
    """A growth member: priors as fields, and the growth that it expects between dates.

    Parameters
    ----------
    level : Prior
        log10 size of the frontier at the middle of the data that the member sees.
    jump : Prior
        Scale of the process increments.
    pace_ratio : Prior, optional
        Growth after the data over what the past leads one to expect, which no row tells; by default it goes on as expected.
    spread, shape_excess : Prior
        Observation law: distance of a half-year's best corpus from the frontier; how much its shape exceeds 1.

    Examples
    --------
    >>> import forecast as fc
    >>> from dataclasses import dataclass
    >>> @dataclass(frozen=True)
    ... class Straight(fc.Member):
    ...     name = "straight"
    ...     title = "Straight growth"
    ...     formula = "b t"
    ...     tail_parameters = ("slope",)
    ...     slope: fc.Prior = fc.Prior.lognormal(0.35, 0.75, "log10 per year", "judgement: an example")
    ...
    ...     def expected_growth(self, start, end, parameters, math):
    ...         return parameters["slope"] * (end - start)
    >>> Straight().expected_growth(2.0, 4.0, {"slope": 0.5}, np)
    1.0
    """

    name: ClassVar[str]
    title: ClassVar[str]
    formula: ClassVar[str]
    tail_parameters: ClassVar[tuple[str, ...]]
    version: ClassVar[int] = 1
    """Raised whenever the same priors and data would give another posterior or other paths."""
    left: ClassVar[str] = ""
    """Version of the package in which the member left the shipped mixture; empty where it did not."""
    shocks: ClassVar[tuple[str, ...]] = ()
    """Standard normal random numbers, one a step, that `parameters` makes beside the priors."""

    level: Prior = Prior("normal", 12.0, 1.5, "log10 tokens", "judgement: 1e9 to 1e15 tokens at 95 %, all that was run")
    jump: Prior = Prior.lognormal(
        0.15, 0.40, "log10", "judgement: typical half-yearly moves are 0.05 to 0.5 log10, 12 % to threefold"
    )
    spread: Prior = Prior.lognormal(
        0.35,
        0.70,
        "log10",
        "judgement: the best published corpus of a half-year is within a factor of 1.5 to 5 of the frontier",
    )
    shape_excess: Prior = Prior.lognormal(
        0.8, 1.9, "none", "judgement: between evenly spread (0) and clearly sparse (2) just below the frontier"
    )
    pace_ratio: Prior | None = None

    def parameters(self) -> Mapping[str, Any]:
        """Create the member's own random variables, inside a PyMC model with the dims ``knot`` and ``step``.

        By default one for each prior that it adds, in their order.

        Examples
        --------
        >>> import forecast as fc
        >>> damped = fc.consumption.member("damped")
        >>> import pymc as pm
        >>> with pm.Model(coords={"knot": [0, 1], "step": [0]}):
        ...     sorted(damped.parameters())
        ['damping', 'slope']
        """
        shared = {item.name for item in fields(Member)} | set(self.of_rows)
        return {name: prior.random_variable(name) for name, prior in self.priors() if name not in shared}

    def parameters_in_numpy(self, values: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Return what `parameters` returns, for many draws at once.

        A member with `parameters` of its own may leave this out: its expressions are then evaluated, more slowly.

        Parameters
        ----------
        values : mapping of str to array
            Draws of the priors, shape (draw, 1), and of the `shocks`, shape (draw, step).

        Returns
        -------
        dict of str to numpy.ndarray
            Shapes (draw, 1) or (draw, step).

        Examples
        --------
        >>> import forecast as fc
        >>> damped = fc.consumption.member("damped")
        >>> sorted(damped.parameters_in_numpy({"slope": np.ones((2, 1)), "damping": np.ones((2, 1))}))
        ['damping', 'slope']
        """
        return dict(values)

    def log_density(self, data: FrontierData, draws: Mapping[str, np.ndarray]) -> np.ndarray:
        """Return the log density of each block's largest corpora under posterior draws.

        Parameters
        ----------
        data : FrontierData
            The corpora, which need not be those of the fit but have the same knots.
        draws : mapping of str to array
            Draws of ``frontier``, ``spread`` and ``shape_excess``, shape (draw, ...).

        Returns
        -------
        numpy.ndarray
            Shape (draw, block).

        Examples
        --------
        >>> import forecast as fc
        >>> f = fc.load("out")
        >>> fit = f.fits()["damped"]
        >>> posterior = fit.posterior["posterior"]
        >>> draws = {name: posterior[name].values[0] for name in ("frontier", "spread", "shape_excess")}
        >>> fit.member.log_density(fit.data, draws).shape == (len(draws["spread"]), len(fit.data.exposure))
        True
        """
        d = self.inputs(data)
        at_rows = along(draws["frontier"], d["position"])
        within = along(draws["frontier"], seen_positions(d["exposure"]))
        return np.asarray(self.rows_density(at_rows, within, d, draws, np))

    @abstractmethod
    def expected_growth(self, start: Any, end: Any, parameters: Mapping[str, Any], math: Any) -> Any:
        """Return the expected growth of log10 size from `start` to `end`.

        Parameters
        ----------
        start, end : array
            Years since 2024.0; broadcast against the parameters.
        parameters : mapping of str to array or tensor
            Draws of the member's own parameters.
        math : module
            ``numpy`` or ``pytensor.tensor``.

        Returns
        -------
        array or tensor
            log10 units.

        Examples
        --------
        >>> import forecast as fc
        >>> damped = fc.consumption.member("damped")
        >>> growth = damped.expected_growth(2.0, 4.0, {"slope": np.array(0.5), "damping": np.array(0.1)}, np)
        >>> bool(0 < growth < 1.0)
        True
        """

    def sees(self, data: FrontierData) -> np.ndarray:
        """Return which blocks the member is fitted to.

        Parameters
        ----------
        data : FrontierData
            The corpora.

        Returns
        -------
        numpy.ndarray
            Shape (block,), 1 or 0; by default every block up to the as-of date.

        Examples
        --------
        >>> import forecast as fc
        >>> f = fc.load("out")
        >>> fit = f.fits()["damped"]
        >>> fit.member.sees(fit.data).shape == fit.data.exposure.shape
        True
        """
        return (data.exposure > 0).astype(float)

    def started(self, draws: Mapping[str, np.ndarray], rng: np.random.Generator) -> dict[str, np.ndarray]:
        """Return what `future_growth` asks for beside the priors, where nothing is known yet; nothing by default.

        Parameters
        ----------
        draws : mapping of str to array
            Draws of the priors, shape (draw,).
        rng : numpy.random.Generator
            Source of randomness.

        Returns
        -------
        dict of str to numpy.ndarray
            States of the first step, shape (draw, 1).

        Examples
        --------
        >>> import forecast as fc
        >>> damped = fc.consumption.member("damped")
        >>> damped.started({}, np.random.default_rng(1))
        {}
        """
        del draws, rng
        return {}

    def future_growth(
        self, posterior: Mapping[str, np.ndarray], knots: np.ndarray, rng: np.random.Generator
    ) -> np.ndarray:
        """Return the expected growth over each step between future knots.

        Parameters
        ----------
        posterior : mapping of str to array
            Draws of every parameter, shape (draw, ...).
        knots : array, shape (knot,)
            Decimal years.
        rng : numpy.random.Generator
            Source of randomness for members whose growth is itself a process.

        Returns
        -------
        numpy.ndarray
            Shape (draw, knot - 1), log10 units.

        Examples
        --------
        >>> import forecast as fc
        >>> f = fc.load("out")
        >>> fit = f.fits()["damped"]
        >>> knots = np.array([2027.0, 2027.5, 2028.0])
        >>> growth = fit.member.future_growth(fit.draws, knots, np.random.default_rng(1))
        >>> growth.shape == (len(fit.draws["level"]), 2)
        True
        """
        del rng
        t = knots - REFERENCE_YEAR
        own = {name: values[:, None] for name, values in posterior.items() if values.ndim == 1}
        return np.broadcast_to(
            self.expected_growth(t[None, :-1], t[None, 1:], own, np), (len(posterior["jump"]), len(knots) - 1)
        )

    def priors(self) -> Iterator[tuple[str, Prior]]:
        """Yield every prior with its name.

        Yields
        ------
        tuple of str and Prior
            Field name and prior.

        Examples
        --------
        >>> import forecast as fc
        >>> damped = fc.consumption.member("damped")
        >>> dict(damped.priors())["damping"].unit
        'per year'
        """
        for item in fields(self):
            value = getattr(self, item.name)
            if isinstance(value, Prior):
                yield item.name, value

    def reads(self, data: FrontierData) -> FrontierData:
        """Return the corpora as the member reads them: all of them by default.

        Parameters
        ----------
        data : FrontierData
            The corpora.

        Returns
        -------
        FrontierData
            Of the same knots.

        Examples
        --------
        >>> import forecast as fc
        >>> f = fc.load("out")
        >>> fit = f.fits()["damped"]
        >>> fit.member.reads(fit.data).blocks == fit.data.blocks
        True
        """
        return data

    def inputs(self, data: FrontierData) -> dict[str, np.ndarray]:
        """Return the arrays that enter the compiled model as data.

        Parameters
        ----------
        data : FrontierData
            The corpora.

        Returns
        -------
        dict of str to numpy.ndarray
            Everything that may change from fit to fit without compiling again.

        Examples
        --------
        >>> import forecast as fc
        >>> f = fc.load("out")
        >>> fit = f.fits()["damped"]
        >>> "exposure" in fit.member.inputs(fit.data)
        True
        """
        seen, data = self.sees(data), self.reads(data)
        blocks = np.flatnonzero(seen)
        anchor = np.zeros(len(data.knots))
        anchor[(blocks[0] + blocks[-1] + 1) // 2] = 1.0
        position = (data.time - data.knots[:-1, None]) / BLOCK_YEARS
        active = np.zeros(len(seen))
        active[blocks[0] : blocks[-1] + 1] = 1.0
        return {
            "size": data.size,
            "sd": data.sd,
            "observed": data.observed * seen[:, None],
            "exposure": data.exposure * seen,
            "position": np.clip(position, 0.0, 1.0),
            "anchor": anchor,
            "active": active,
            **{f"prior_{name}": prior.as_array() for name, prior in self.priors()},
        }

    def identity(self) -> dict[str, Any]:
        """Return what a kept fit knows the member by: name, version and the numbers of its fields, JSON-ready.

        A member of a user's own answers to nobody's fingerprints, so that its methods are part of it.

        Examples
        --------
        >>> import forecast as fc
        >>> damped = fc.consumption.member("damped")
        >>> damped.identity()["name"]
        'damped'
        """
        found: dict[str, Any] = {"name": self.name, "version": self.version}
        for item in fields(self):
            value = getattr(self, item.name)
            found[item.name] = [value.family, value.centre, value.spread] if isinstance(value, Prior) else value
        own = methods_of_its_own(type(self))
        return found | {"methods": own} if own else found

    def structure(self) -> tuple[Any, ...]:
        """Return what the compiled model depends on: not the data, nor where the priors are centred.

        A notebook may define a class again, so that the methods of a user's own are part of it.

        Examples
        --------
        >>> import forecast as fc
        >>> damped = fc.consumption.member("damped")
        >>> damped.structure() == fc.consumption.member("damped").structure()
        True
        """
        values = ((item.name, getattr(self, item.name)) for item in fields(self))
        return (
            type(self).__qualname__,
            *((name, value.family if isinstance(value, Prior) else value) for name, value in values),
            *self.identity().get("methods", ()),
        )

    def model(self, data: FrontierData) -> Any:
        """Build the PyMC model.

        Parameters
        ----------
        data : FrontierData
            The corpora; only the number of knots is fixed by it, the rest can be replaced.

        Returns
        -------
        pymc.Model
            The model, not yet compiled.

        Examples
        --------
        >>> import forecast as fc
        >>> f = fc.load("out")
        >>> fit = f.fits()["damped"]
        >>> "damping" in [one.name for one in fit.member.model(fit.data).free_RVs]
        True
        """
        import pymc as pm
        import pytensor.tensor as pt

        knots = data.knots
        with pm.Model(coords={"knot": knots, "step": knots[:-1]}, check_bounds=False) as model:
            # Shapes that are known when compiling save a third of the time that it takes.
            given = self.inputs(data).items()
            d = {n: pm.Data(n, value, shape=value.shape) for n, value in given if not n.startswith("prior_")}
            level = self.level.random_variable("level")
            jump = self.jump.random_variable("jump")
            priors = dict(self.priors())
            rows = {name: priors[name].random_variable(name) for name in self.of_rows}
            if self.pace_ratio is not None:
                self.pace_ratio.random_variable("pace_ratio")
            t = knots - REFERENCE_YEAR
            growth = self.expected_growth(t[:-1], t[1:], self.parameters(), pt)
            # Steps that the member does not see are cut off from its parameters: they would only add funnels.
            seen = d["active"] > 0
            shape = pt.where(seen, growth / jump, 1.0)
            increment = gamma_steps("increment", shape, pt.where(seen, jump, 0.1))
            path = pt.concatenate([pt.zeros(1), pt.cumsum(increment)])
            frontier = pm.Deterministic("frontier", level + path - pt.sum(path * d["anchor"]), dims="knot")
            at_rows, within = along(frontier, d["position"]), along(frontier, seen_positions(d["exposure"]))
            by_block = self.rows_density(at_rows, within, d, rows, pt)
            pm.Potential("largest_corpora", pt.sum(by_block))
        return model
