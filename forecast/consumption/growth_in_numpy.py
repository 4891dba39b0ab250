"""A member's expected growth for many draws at once, in NumPy: what the particles move under.

A member that only adds priors says it itself, since `Member.expected_growth` works on arrays, and so does one that says
its parameters in NumPy as well. One that only has PyMC expressions in `Member.parameters` is taken at these: their graph
is evaluated for all particles together by NumPy, node by node; nothing is compiled.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from forecast.consumption.gamma_steps import SMALLEST_SHAPE
from forecast.consumption.member import Member
from forecast.core.units import REFERENCE_YEAR

Draws = Mapping[str, np.ndarray]


class ArrayGrowth:
    """Growth of a member that says it in arrays."""

    def __init__(self, member: Member, knots: np.ndarray) -> None:
        self.member, self.t, self.steps = member, knots - REFERENCE_YEAR, len(knots) - 1
        self.extras = len(member.shocks) * self.steps

    def __call__(self, values: Draws, extras: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return expected growth by step, and zeros: all shocks are standard normal."""
        found = self.raw(values, extras)
        if (found > 0).all():
            return found, np.zeros(len(extras))
        # As in the compiled model: growth below zero is none, and where it is no number there is no density.
        law = np.where(np.isfinite(found).all(axis=1), 0.0, -np.inf)
        return np.where(found > 0, found, SMALLEST_SHAPE * values["jump"][:, None]), law

    def raw(self, values: Draws, extras: np.ndarray) -> np.ndarray:
        """Return growth by step as the member says it."""
        own = self.member.parameters_in_numpy(self._draws(values, extras))
        found = self.member.expected_growth(self.t[None, :-1], self.t[None, 1:], own, np)
        return np.broadcast_to(found, (len(extras), self.steps))

    def named(self, values: Draws, extras: np.ndarray) -> dict[str, np.ndarray]:
        """Return what a fit has beside the priors: shocks, and what the member makes of them."""
        if not self.extras:
            return {}
        draws = self._draws(values, extras)
        made = {**draws, **self.member.parameters_in_numpy(draws)}
        return {name: value for name, value in made.items() if name not in values}

    def _draws(self, values: Draws, extras: np.ndarray) -> dict[str, np.ndarray]:
        shocks = {n: extras[:, i * self.steps : (i + 1) * self.steps] for i, n in enumerate(self.member.shocks)}
        return {name: value[:, None] for name, value in values.items()} | shocks


class GraphGrowth:
    """Growth of a member with random variables of its own, from the graph of its PyMC expressions."""

    def __init__(self, member: Member, knots: np.ndarray) -> None:
        import pymc as pm
        import pytensor
        import pytensor.tensor as pt
        from pytensor.graph.replace import vectorize_graph

        t = knots - REFERENCE_YEAR
        with pm.Model(coords={"knot": knots, "step": knots[:-1]}, check_bounds=False) as model:
            growth = member.expected_growth(t[:-1], t[1:], member.parameters(), pt)
            growth = pt.broadcast_to(growth, (len(t) - 1,))
        priors = dict(member.priors())
        own = [variable for variable in model.free_RVs if variable.name in priors]
        more = [variable for variable in model.free_RVs if variable.name not in priors]
        named = [*more, *model.deterministics]
        self.names = [str(variable.name) for variable in named]
        self.priors = {str(variable.name): priors[str(variable.name)] for variable in own}
        values = [model.rvs_to_values[variable] for variable in (*own, *more)]
        start = model.initial_point()
        self.shapes = [np.shape(start[value.name]) for value in values[len(own) :]]
        self.extras = sum(int(np.prod(shape)) for shape in self.shapes)
        law = model.logp(vars=more, sum=True, jacobian=True) if more else pt.zeros(())
        every = [pt.tensor(f"{v.name}_many", dtype=v.dtype, shape=(None, *v.type.shape)) for v in values]
        outputs = [law, *model.replace_rvs_by_values([growth, *named])]
        many = vectorize_graph(outputs, dict(zip(values, every, strict=True)))
        by_node = pytensor.compile.mode.Mode(linker="py", optimizer="fast_compile")
        self.evaluate = pytensor.function(every, many, mode=by_node, on_unused_input="ignore")

    def __call__(self, values: Draws, extras: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return expected growth by step, and the log density of the extras over that of standard normal ones."""
        law, growth, *_ = self._all(values, extras)
        return growth, law + 0.5 * (extras**2 + np.log(2 * np.pi)).sum(axis=1)

    def named(self, values: Draws, extras: np.ndarray) -> dict[str, np.ndarray]:
        """Return the member's own random variables and what it named, as a fit has them."""
        return dict(zip(self.names, self._all(values, extras)[2:], strict=True))

    def _all(self, values: Draws, extras: np.ndarray) -> list[np.ndarray]:
        """Evaluate the graph at unconstrained values, as PyMC has them."""
        logs = [values[name] if p.family == "normal" else np.log(values[name]) for name, p in self.priors.items()]
        ends = np.cumsum([0, *(int(np.prod(shape)) for shape in self.shapes)])
        places = zip(ends[:-1], ends[1:], self.shapes, strict=True)
        more = [extras[:, low:high].reshape(len(extras), *shape) for low, high, shape in places]
        law, *rest = self.evaluate(*logs, *more)
        return [np.broadcast_to(law, len(extras)), *(np.broadcast_to(r, (len(extras), *r.shape[1:])) for r in rest)]


def growth_of(member: Member, knots: np.ndarray) -> Any:
    """Return a member's growth for many draws."""
    order = type(member).__mro__
    said = next(kind for kind in order if "parameters" in vars(kind))
    in_arrays = next(kind for kind in order if "parameters_in_numpy" in vars(kind))
    # Whoever says its parameters anew says them in arrays too, or is taken at its graph.
    return (ArrayGrowth if issubclass(in_arrays, said) else GraphGrowth)(member, knots)
