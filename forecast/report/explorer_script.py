"""Formulas as functions of the explorer's script: what `forecast.core.formulas` wrote down, in the browser's language.

A function takes what the names of a formula stand for and gives a path: of a knot, then of a future. What does not hang on
the future is computed once a knot, what does not hang on the knot once a future.
"""

from __future__ import annotations

from collections.abc import Sequence

from forecast.core.formulas import Step
from forecast.report.explorer_formulas import DEMAND_PATH, OF_ALL, PATH, YEAR

WRITTEN = {
    "add": "({} + {})",
    "subtract": "({} - {})",
    "multiply": "({} * {})",
    "divide": "({} / {})",
    "power": "({} ** {})",
    "negative": "(0 - {})",
    "minimum": "Math.min({}, {})",
    "maximum": "Math.max({}, {})",
    "log10": "Math.log10({})",
    "expm1": "Math.expm1({})",
    "ndtri": "normalQuantile({})",
    "greater": "({} > {})",
    "greater_equal": "({} >= {})",
    "equal": "({} === {})",
    "where": "({} ? {} : {})",
}
"""How a step of NumPy's name is written; `interp` and `path_at` have helpers in the script."""

_KNOT, _FUTURE = 1, 2
"""What a step hangs on: the bits of its level."""


def javascript(steps: Sequence[Step]) -> str:
    """Return a formula as a function of the names in it and of the packed paths.

    Examples
    --------
    >>> import numpy as np
    >>> from forecast.core.formulas import steps, symbol
    >>> print(javascript(steps(symbol("path") + np.log10(symbol("quality.usable_share")))))
    (of, rows) => {
    const s1 = of("quality.usable_share"), n = s1.length;
    const v2 = new Float64Array(n);
    for (let d = 0; d < n; d++) { v2[d] = Math.log10(s1[d]); }
    return (k) => { const p0 = rows.path[k]; return (d) => { return (p0[d] + v2[d]); }; };
    }
    """
    return _Written(steps).text()


class _Written:
    """A formula on its way into the script."""

    def __init__(self, steps: Sequence[Step]) -> None:
        self.steps = steps
        self.level = [0] * len(steps)
        users: list[list[int]] = [[] for _ in steps]
        for place, step in enumerate(steps):
            for taken in _taken(step):
                users[taken].append(place)
            self.level[place] = self._level(step)
        last = len(steps) - 1
        # A step has a name of its own where it is asked for twice, or by one that hangs on more.
        self.own = {
            place
            for place, step in enumerate(steps)
            if place != last
            and _taken(step)
            and (len(users[place]) > 1 or any(self.level[place] != self.level[user] for user in users[place]))
        }

    def _level(self, step: Step) -> int:
        name, *rest = step
        if name == "number":
            return 0
        if name == "symbol":
            said = str(rest[0])
            if said in (PATH, DEMAND_PATH):
                return _KNOT | _FUTURE
            return _KNOT if said == YEAR else 0 if said.startswith(OF_ALL) else _FUTURE
        found = 0
        for taken in _taken(step):
            found |= self.level[taken]
        if name == "path_at":
            assert not found & _KNOT, "an instant that hangs on the knot"
            found |= _FUTURE
        return found

    def text(self) -> str:
        names = [(place, str(step[1])) for place, step in enumerate(self.steps) if step[0] == "symbol"]
        paths = [(place, name) for place, name in names if name in (PATH, DEMAND_PATH)]
        given = [(place, name) for place, name in names if name not in (PATH, DEMAND_PATH, YEAR)]
        first = [f's{place} = of("{name}")' for place, name in given]
        each = next((place for place, _ in given if self.level[place] == _FUTURE), None)
        first += [] if each is None else [f"n = s{each}.length"]
        first += [f"c{place} = {self._step(place)}" for place in self._owned(0)]
        reached = [place for place, step in enumerate(self.steps) if step[0] == "path_at"]
        first += [f"f{place} = ({javascript(self.steps[: self._path(place) + 1])})(of, rows)" for place in reached]
        lines = [f"const {', '.join(first)};"] if first else []
        futures = self._owned(_FUTURE)
        if futures:
            lines.append(f"const {', '.join(f'v{place} = new Float64Array(n)' for place in futures)};")
            made = " ".join(f"v{place}[d] = {self._step(place)};" for place in futures)
            lines.append(f"for (let d = 0; d < n; d++) {{ {made} }}")
        knot = [f"p{place} = rows.{name}[k]" for place, name in paths]
        knot += [f"y{place} = data.years[k]" for place, name in names if name == YEAR]
        knot += [f"k{place} = {self._step(place)}" for place in self._owned(_KNOT)]
        both = [f"x{place} = {self._step(place)}" for place in self._owned(_KNOT | _FUTURE)]
        lines.append(
            f"return (k) => {{ {_constants(knot)}return (d) => {{ {_constants(both)}return {self._value(len(self.steps) - 1)}; }}; }};"
        )
        return "\n".join(["(of, rows) => {", *lines, "}"])

    def _owned(self, level: int) -> list[int]:
        return [place for place in sorted(self.own) if self.level[place] == level]

    def _path(self, place: int) -> int:
        return int(self.steps[place][1])

    def _value(self, place: int) -> str:
        """Return how a step is referred to."""
        step, level = self.steps[place], self.level[place]
        if place in self.own:
            return f"{'ckvx'[level]}{place}" + ("[d]" if level == _FUTURE else "")
        if step[0] == "number":
            return _number(float(step[1]))
        if step[0] == "symbol":
            if step[1] == YEAR:
                return f"y{place}"
            return f"p{place}[d]" if level == _KNOT | _FUTURE else f"s{place}" + ("[d]" if level == _FUTURE else "")
        return self._step(place)

    def _step(self, place: int) -> str:
        name, *_ = self.steps[place]
        takes = [self._value(taken) for taken in _taken(self.steps[place])]
        if name == "interp":
            knots = takes[1:]
            half = len(knots) // 2
            return f"along({takes[0]}, [{', '.join(knots[:half])}], [{', '.join(knots[half:])}])"
        if name == "path_at":
            return f"pathAt(f{place}, {takes[0]}, d)"
        return WRITTEN[str(name)].format(*takes)


def _taken(step: Step) -> list[int]:
    """Return the steps that one takes; of a path at an instant, the instant, as the path has a function of its own."""
    if step[0] in ("number", "symbol"):
        return []
    return [int(step[3])] if step[0] == "path_at" else [int(place) for place in step[1:]]


def _constants(found: list[str]) -> str:
    return f"const {', '.join(found)}; " if found else ""


def _number(value: float) -> str:
    text = repr(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return f"({text})" if value < 0 else text


__all__ = ["WRITTEN", "javascript"]
