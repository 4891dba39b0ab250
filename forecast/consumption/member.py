r"""What every growth member shares: the frontier as a non-decreasing process.

The frontier F, log10 of the largest training set that somebody would practicably run, moves by a gamma process: over
a stretch of time in which a member expects it to grow by m, it grows by Gamma(shape m / j, scale j). It never
falls, its mean is exactly the member's growth, *jump* j (log10 units) says how unevenly it moves, and it comes to
rest when the member's growth does, so that "never" remains possible. A member says one thing: how much growth it
expects between two dates. See Singpurwalla (1995), doi:10.1214/ss/1177010132, on gamma processes.
"""

from __future__ import annotations

import hashlib
import inspect
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from types import CodeType, FunctionType
from typing import Any, ClassVar

import numpy as np

from forecast.consumption.frontier_data import BLOCK_YEARS, FrontierData
from forecast.consumption.gamma_steps import gamma_steps
from forecast.consumption.observation import (
    LARGEST_SHAPE,
    along,
    expected_deficit,
    log_density,
    seen_positions,
    simulate_published,
)
from forecast.core.priors import Prior
from forecast.core.units import REFERENCE_YEAR

_SHIPPED = (__name__.partition(".")[0], "abc", "typing")
"""Packages whose classes need no further description."""

_PLAIN = (bool, int, float, str)
_NO_BEHAVIOUR = ("__doc__", "__module__", "__qualname__", "__firstlineno__", "title", "formula")


@dataclass(frozen=True)
class Member(ABC):
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
    of_rows: ClassVar[tuple[str, ...]] = ("spread", "shape_excess")
    """Parameters of the law by which corpora lie below the frontier."""
    left: ClassVar[str] = ""
    """Version of the package in which the member left the shipped mixture; empty where it did not."""
    record_alone: ClassVar[bool] = False
    """Whether the member speaks of the record alone: of no other corpora of a half-year, nor of how many there are."""
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

    def more_density(self, at_rows: Any, data: Mapping[str, Any], math: Any) -> Any | None:
        """Return a further log density by block, beyond the observation law; None for most members.

        Parameters
        ----------
        at_rows : array or tensor, shape (..., block, row)
            log10 frontier at the rows' dates.
        data : mapping of str to array or tensor
            What `inputs` gave.
        math : module
            ``numpy`` or ``pytensor.tensor``.

        Returns
        -------
        array or tensor, shape (..., block), or None
            Added to the observation law's.

        Examples
        --------
        >>> import forecast as fc
        >>> damped = fc.consumption.member("damped")
        >>> damped.more_density(np.zeros((1, 1, 1)), {}, np) is None
        True
        """
        del at_rows, data, math
        return None

    def rows_density(
        self, at_rows: Any, within: Any, data: Mapping[str, Any], parameters: Mapping[str, Any], math: Any
    ) -> Any:
        """Return the log density of each half-year's largest corpora; the observation law and `more_density` by default.

        Parameters
        ----------
        at_rows : array or tensor, shape (..., block, row)
            log10 frontier at the rows' dates.
        within : array or tensor, shape (..., block, place)
            log10 frontier at `observation.seen_positions`.
        data : mapping of str to array or tensor
            ``size``, ``sd``, ``observed``, shape (block, row), and ``exposure``, shape (block,).
        parameters : mapping of str to array or tensor
            Those of `of_rows`, shape (...,).
        math : module
            ``numpy`` or ``pytensor.tensor``.

        Returns
        -------
        array or tensor, shape (..., block)
            Log densities.

        Examples
        --------
        >>> import forecast as fc
        >>> f = fc.load("out")
        >>> fit = f.fits()["damped"]
        >>> d, draws = fit.member.inputs(fit.data), {"spread": np.array([0.4]), "shape_excess": np.array([1.0])}
        >>> high = np.full((1, *d["size"].shape), 20.0)
        >>> fit.member.rows_density(high, high[..., :2], d, draws, np).shape == (1, len(d["exposure"]))
        True
        """
        law = log_density(
            at_rows,
            data["size"],
            data["sd"],
            data["observed"],
            data["exposure"],
            parameters["spread"],
            1.0 + parameters["shape_excess"],
            None if math is np else math,
            within,
        )
        more = self.more_density(at_rows, data, math)
        return law if more is None else law + more

    def published(
        self,
        frontier: np.ndarray,
        exposure: np.ndarray,
        sd: np.ndarray,
        draws: Mapping[str, np.ndarray],
        rng: np.random.Generator,
        largest: int = 1,
    ) -> np.ndarray:
        """Draw the largest published sizes of half-years, as `rows_density` has them.

        Parameters
        ----------
        frontier : array, shape (draw, block)
            log10 frontier.
        exposure, sd : array, shape (block,)
            Share of the half-year that is seen; error of a published size (log10).
        draws : mapping of str to array
            Draws of `of_rows`, shape (draw,).
        rng : numpy.random.Generator
            Source of randomness.
        largest : int, default 1
            Sizes of each half-year.

        Returns
        -------
        numpy.ndarray
            Shape (draw, block, largest), log10.

        Examples
        --------
        >>> import forecast as fc
        >>> damped = fc.consumption.member("damped")
        >>> draws = {"spread": np.array([0.4]), "shape_excess": np.array([1.0])}
        >>> damped.published(np.full((1, 2), 13.0), np.ones(2), np.full(2, 0.05), draws, np.random.default_rng(1)).shape
        (1, 2, 1)
        """
        return simulate_published(frontier, exposure, sd, draws["spread"], 1 + draws["shape_excess"], rng, largest)

    def published_under(self, first: Any, last: Any) -> Any:
        """Return the frontier under which a half-year's runs are published, of those at its first and last instant.

        Examples
        --------
        >>> import forecast as fc
        >>> damped = fc.consumption.member("damped")
        >>> damped.published_under(13.0, 14.0)
        13.5
        """
        return last if self.record_alone else (first + last) / 2

    def mean_above(self, gap: np.ndarray, draws: Mapping[str, np.ndarray]) -> np.ndarray:
        """Return the mean number of a whole half-year's corpora above a size; not asked where `record_alone`.

        Parameters
        ----------
        gap : array, shape (draw, ...)
            log10 of the frontier over that size; below zero there is none.
        draws : mapping of str to array
            Draws of `of_rows`, shape (draw,).

        Returns
        -------
        numpy.ndarray
            Shape of `gap`.

        Examples
        --------
        >>> import forecast as fc
        >>> damped = fc.consumption.member("damped")
        >>> damped.mean_above(np.array([[0.4]]), {"spread": np.array([0.4]), "shape_excess": np.array([1.0])})
        array([[1.]])
        """
        beside = (-1,) + (1,) * (gap.ndim - 1)
        spread, shape = draws["spread"].reshape(beside), 1 + draws["shape_excess"].reshape(beside)
        return np.asarray((np.maximum(gap, 0.0) / spread) ** np.minimum(shape, LARGEST_SHAPE))

    def deficit(self, gap: np.ndarray, sd: float, draws: Mapping[str, np.ndarray]) -> np.ndarray:
        """Return how far below the frontier a corpus truly lies, expected given how far below it was published.

        Parameters
        ----------
        gap : array, shape (draw,)
            log10 of the frontier over the published size.
        sd : float
            Error of that size (log10).
        draws : mapping of str to array
            Draws of `of_rows`, shape (draw,).

        Returns
        -------
        numpy.ndarray
            Shape (draw,), log10.

        Examples
        --------
        >>> import forecast as fc
        >>> damped = fc.consumption.member("damped")
        >>> draws = {"spread": np.array([0.4]), "shape_excess": np.array([1.0])}
        >>> bool(damped.deficit(np.array([0.5]), 0.01, draws).round(1)[0] == 0.5)
        True
        """
        return expected_deficit(gap, sd, 1 + draws["shape_excess"])

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
        own = [kind for kind in type(self).__mro__ if kind.__module__.partition(".")[0] not in (*_SHIPPED, "builtins")]
        return found | {"methods": [method_digest(kind) for kind in own]} if own else found

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


def method_digest(kind: type) -> str:
    """Return a hash of what a class's own methods do.

    It is taken of their compiled code, without docstrings, and of the plain values that they and the class name:
    constants of the notebook or the module around them.
    """

    def parts(code: CodeType, docstring: str | None) -> list[Any]:
        constants = [c for c in code.co_consts if not isinstance(c, str) or c != docstring]
        plain = [sorted(map(repr, c)) if isinstance(c, frozenset) else c for c in constants]
        inner = [parts(c, None) if isinstance(c, CodeType) else repr(c) for c in plain]
        return [code.co_code.hex(), code.co_names, *inner]

    found: list[Any] = []
    for name, value in sorted(vars(kind).items()):
        function = getattr(value, "__func__", value)
        if isinstance(function, FunctionType):
            around = inspect.getclosurevars(function)
            named = {**around.globals, **around.nonlocals}
            values = sorted((key, named[key]) for key in named if isinstance(named[key], _PLAIN))
            found.append([name, parts(function.__code__, function.__doc__), values])
        elif isinstance(value, _PLAIN) and name not in _NO_BEHAVIOUR:
            found.append([name, value])
    return hashlib.sha256(repr(found).encode()).hexdigest()[:16]
