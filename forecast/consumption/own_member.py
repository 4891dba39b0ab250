"""Checks of a user's own growth member, made before anything is sampled; each refusal names the faulty parameter or method."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import numpy as np

from forecast.consumption.frontier_data import FrontierData
from forecast.consumption.growth_in_numpy import ArrayGrowth, growth_of
from forecast.consumption.member import Member
from forecast.core.priors import Prior
from forecast.core.registry import derived
from forecast.core.seeds import generator
from forecast.core.units import half_year_name
from forecast.errors import ForecastError, InputError, ModelError

DRAWS = 400
"""Draws of the priors at which growth is looked at (count)."""

MOST_UNDEFINED = 0.01
"""Share of them in which growth may be no number; the sampler steps around so few (share); judgement."""

MOST_NEGATIVE = 0.01
"""Share of them in which growth may be negative, which counts as none: chains of NUTS stay there (share); judgement."""

_SAID = {
    "name": 'name = "mine"',
    "title": 'title = "Mine"',
    "formula": r'formula = r"b\,t"',
    "tail_parameters": 'tail_parameters = ("slope",), or ()',
}
"""Class variables of every member, each with an example."""

_TAKEN = {"active", "anchor", "exposure", "frontier", "increment", "log_density", "observed", "position", "sd", "size"}
"""Names in the model that no parameter can have."""

_MADE_BY = {
    "largest_corpora": "the density of the rows (rows_density, more_density)",
    "increment_law": "the growth (expected_growth)",
}
"""What a term of the model is made by, where it is no parameter."""


def member_class(kind: Any) -> type[Member]:
    """Return a class that is a growth member, or say what is missing in it."""
    derived(Member)(kind)
    who = f"the growth member {kind.__name__}"
    for name, example in _SAID.items():
        if not hasattr(kind, name):
            raise InputError(f"{who} without {name}", "a class variable of that name", f"add {example}")
    if inspect.isabstract(kind):
        missing = ", ".join(sorted(kind.__abstractmethods__))
        raise InputError(f"{who} without {missing}", "a method of that name", "write it in the class")
    known = {item.name for item in fields(kind)}
    for name, value in ((name, value) for each in kind.__mro__ for name, value in vars(each).items()):
        if isinstance(value, Prior) and name not in known:
            expected = "a field of a dataclass, with its type"
            raise InputError(
                f"the prior {name} of {kind.__name__}, which is no field", expected,
                f"write {name}: fc.Prior = ..., and @dataclass(frozen=True) above the class",
            )  # fmt: skip
    try:
        member: Member = kind()
    except TypeError as error:
        got = f"{who}, which cannot be made ({error})"
        raise InputError(got, "a default for every field", "give each prior in the class") from None
    check_priors(member)
    found: type[Member] = kind
    return found


def check_priors(member: Member) -> None:
    """Raise where a prior of a member is no distribution, naming it."""
    priors = dict(member.priors())
    for name, prior in priors.items():
        if (fault := prior.fault()) is not None:
            raise InputError(f"the prior {name} of {member.name} with {fault[0]}", *fault[1:])
        if name in _TAKEN:
            raise InputError(f"the prior {name} of {member.name}", "a name that the model has not taken", "rename it")
    for name in member.tail_parameters:
        if name not in priors:
            raise InputError(
                f"the tail parameter {name!r} of {member.name}",
                f"one of {', '.join(priors)}",
                "correct tail_parameters",
            )


def is_own(member: Member) -> bool:
    """Tell whether a member was written outside this package."""
    return "methods" in member.identity()


def check_member(member: Member, data: FrontierData) -> None:
    """Raise where a member cannot be sampled, naming what makes it so."""
    check_priors(member)
    if is_own(member):
        check_growth(member, data)


def check_growth(member: Member, data: FrontierData) -> None:
    """Raise where a member's growth under its priors is no growth, naming the parameter that makes it so."""
    who, priors = member.name, dict(member.priors())
    values = {name: prior.sample(generator(0, "own member", name), DRAWS) for name, prior in priors.items()}
    try:
        found = growth_of(member, data.knots)
        if not isinstance(found, ArrayGrowth):  # it has random variables of its own: the model's start is looked at
            return
        with np.errstate(all="ignore"):  # what comes of it is looked at
            growth = found.raw(values, np.zeros((DRAWS, found.extras)))
    except ForecastError:
        raise
    except KeyError as error:
        known = ", ".join(name for name in priors if name not in _shared(member))
        raise ModelError(
            f"the parameter {error} in expected_growth of {who}", f"one of its own: {known or 'none'}",
            "add a prior of that name to the class, or rename it",
        ) from None  # fmt: skip
    except Exception as error:
        words = f"expected_growth of {who}, which fails ({type(error).__name__}: {error})"
        expected = "log10 growth between each start and end, for arrays of both and of the parameters"
        raise ModelError(words, expected, "correct expected_growth") from error
    seen = np.flatnonzero(member.inputs(data)["active"])
    growth = growth[:, seen[0] : seen[-1] + 1]
    for bad, most, expected in (
        (~np.isfinite(growth), MOST_UNDEFINED, "a finite number"),
        (growth < 0, MOST_NEGATIVE, "growth that is not negative"),
    ):
        if bad.any(axis=1).mean() > most:
            draw, step = np.argwhere(bad)[0]
            half = half_year_name(float(data.knots[seen[0] + step]))
            name = _at_fault({key: values[key] for key in values if key not in _shared(member)}, bad.any(axis=1))
            at = f" at {name} = {values[name][draw]:.3g}" if name else ""
            do = f"change the prior of {name}, or expected_growth" if name else "correct expected_growth"
            raise ModelError(f"growth of {who} of {growth[draw, step]:.3g} in {half}{at}", expected, do)


def check_start(model: Any, who: str) -> None:
    """Raise where a model has no density at the point from which chains start, naming the parameter."""
    import pytensor

    names = [variable.name for variable in (*model.basic_RVs, *model.potentials)]
    terms = model.logp(sum=False, jacobian=False)
    by_node = pytensor.compile.mode.Mode(linker="py", optimizer="fast_compile")
    found = pytensor.function(model.value_vars, terms, mode=by_node, on_unused_input="ignore")
    start = model.initial_point()
    for name, term in zip(names, found(*(start[value.name] for value in model.value_vars)), strict=True):
        if not np.isfinite(term).all():
            part = _MADE_BY.get(name, f"the parameter {name}")
            raise ModelError(
                f"{part} of {who}, whose log density is {np.sum(term)} where chains start", "a finite one", "correct it"
            )


def _shared(member: Member) -> set[str]:
    """Return the parameters that are not a member's own."""
    return {item.name for item in fields(Member)} | set(member.of_rows)


def _at_fault(values: Mapping[str, np.ndarray], bad: np.ndarray) -> str:
    """Return the parameter whose values tell bad draws best from good ones; the only one, where all are bad."""
    if bad.all():
        return next(iter(values)) if len(values) == 1 else ""
    ranks = {name: np.argsort(np.argsort(drawn)) for name, drawn in values.items()}
    apart = {name: abs(rank[bad].mean() - rank[~bad].mean()) for name, rank in ranks.items()}
    return max(apart, key=lambda name: apart[name], default="")
