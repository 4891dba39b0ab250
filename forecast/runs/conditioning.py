r"""What is known of a future, as weights of the futures of a forecast.

A range keeps the futures in it. A figure with an error weighs them: with futures :math:`\theta_i` drawn alike and a
figure of likelihood :math:`L(\theta)`, the weights are :math:`w_i = L(\theta_i) / \sum_j L(\theta_j)`, worth
:math:`1 / \sum_i w_i^2` futures (Kish 1965).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast.core.distributions import LogNormal
from forecast.core.resources import RESOURCES
from forecast.core.trajectory import MEMBER, plain_at
from forecast.errors import InputError, unknown_name
from forecast.scenarios.levers import LEVERS

if TYPE_CHECKING:
    import xarray as xr

FEWEST_EFFECTIVE = 100.0
"""Fewest futures that an answer may rest on (effective count); judgement: a share of a half is then known to 5 points."""

_LEVEL = re.compile(r"(frontier|stock|utilisation)_(\d{4})")
"""A level on 1 January of a year."""

_LEVELS = {"frontier": "the frontier", "stock": "the effective stock", "utilisation": "the frontier over the stock"}


@dataclass(frozen=True)
class Drawn:
    """What conditions are held against.

    Parameters
    ----------
    exhaustion_year : array, shape (draw,)
        Decimal years; ``inf`` for never.
    consumption, stock : xarray.DataArray
        log10 paths, dims ``(draw, year)``.
    levers : mapping of str to array
        Values by draw, by ``lever.setting``.
    """

    exhaustion_year: np.ndarray
    consumption: xr.DataArray
    stock: xr.DataArray
    levers: Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Condition:
    """One thing that is known.

    Parameters
    ----------
    key : str
        As the caller names it.
    words : str
        For a reader.
    weights : array, shape (draw,)
        Likelihood of each future, from 0 to 1.
    """

    key: str
    words: str
    weights: np.ndarray

    def worth(self) -> float:
        """Return how many futures it leaves."""
        return n_effective(self.weights)


def conditions(drawn: Drawn, said: Mapping[str, Any]) -> list[Condition]:
    """Return what is said of the futures, each held against them."""
    if not said:
        raise InputError("no condition", "at least one, such as frontier_2028=(1e14, None)", "name one")
    return [
        _of_member(drawn, wanted) if key == MEMBER else _of_number(drawn, key, wanted) for key, wanted in said.items()
    ]


def n_effective(weights: np.ndarray) -> float:
    """Return how many futures of equal weight would say as much.

    Examples
    --------
    >>> n_effective(np.array([1.0, 1.0, 0.0])), n_effective(np.zeros(4))
    (2.0, 0.0)
    """
    square = float(np.sum(weights**2))
    return float(np.sum(weights)) ** 2 / square if square > 0 else 0.0


def together(found: Iterable[Condition], before: np.ndarray | None, count: int) -> np.ndarray:
    """Return the weights that conditions leave, which sum to 1; refuse where they leave too few futures."""
    every = list(found)
    weights = np.ones(count) if before is None else before
    for one in every:
        weights = weights * one.weights
    worth = n_effective(weights)
    if worth < FEWEST_EFFECTIVE:
        rarest = min(every, key=Condition.worth)
        raise InputError(
            f"{', '.join(one.words for one in every)}: {worth:.0f} effective futures of {count:,}",
            f"at least {FEWEST_EFFECTIVE:.0f}",
            f"widen {rarest.key}, or make a run with more draws",
        )
    return weights / weights.sum()


def _of_member(drawn: Drawn, wanted: Any) -> Condition:
    if MEMBER not in drawn.consumption.coords:
        raise _not_kept("growth member")
    names = [wanted] if isinstance(wanted, str) else list(wanted)
    there = np.asarray(drawn.consumption[MEMBER].values, dtype=str)
    known = list(dict.fromkeys(there.tolist()))
    for name in names:
        if name not in known:
            raise unknown_name("growth member of the forecast", str(name), known)
    return Condition(MEMBER, f"growth as in {' or '.join(names)}", np.isin(there, names).astype(float))


def _of_number(drawn: Drawn, key: str, wanted: Any) -> Condition:
    values, title, unit = _values(drawn, key)
    if isinstance(wanted, LogNormal):
        if not (wanted.sd_low > 0 and wanted.sd_high > 0):
            raise InputError(
                f"{key} = {wanted.median:g} without a width", "a figure with its error", "give both widths"
            )
        with np.errstate(divide="ignore"):
            miss = np.log10(values) - np.log10(wanted.median)
        miss = miss / np.where(miss < 0, wanted.sd_low, wanted.sd_high)
        inside = (values >= wanted.lower) & (values <= wanted.upper)
        return Condition(key, f"{title} about {wanted.median:g}{unit}", np.exp(-0.5 * miss**2) * inside)
    low, high = _range(key, wanted)
    lowest, highest = -np.inf if low is None else low, np.inf if high is None else high
    if low is None:
        words = f"at most {high:g}{unit}"
    elif high is None:
        words = f"at least {low:g}{unit}"
    else:
        words = f"from {low:g} to {high:g}{unit}"
    return Condition(key, f"{title} {words}", ((values >= lowest) & (values <= highest)).astype(float))


def _values(drawn: Drawn, key: str) -> tuple[np.ndarray, str, str]:
    """Return what a key names, by draw: its values in plain units, its title and its unit."""
    unit = f" {RESOURCES[drawn.consumption.attrs['resource']].unit}"
    if key == "exhaustion_year":
        return drawn.exhaustion_year, "the exhaustion year", ""
    if level := _LEVEL.fullmatch(key):
        side, year = level[1], np.array([float(level[2])])
        paths = {"frontier": (drawn.consumption,), "stock": (drawn.stock,)}.get(side, (drawn.consumption, drawn.stock))
        found = [plain_at(path, year).values[:, 0] for path in paths]
        values = found[0] if len(found) == 1 else found[0] / found[1]
        return values, f"{_LEVELS[side]} on 1 January {level[2]}", "" if side == "utilisation" else unit
    name, _, setting = key.partition(".")
    if name not in LEVERS:
        known = (MEMBER, "exhaustion_year", "frontier_2028", "stock_2028", "utilisation_2028")
        raise unknown_name("condition", key, (*known, *dict.fromkeys(each.partition(".")[0] for each in drawn.levers)))
    full = key if setting else f"{name}.{LEVERS[name].main_setting}"
    if full not in drawn.levers:
        if not drawn.levers:
            raise _not_kept("values of levers")
        own = [each for each in drawn.levers if each.startswith(f"{name}.")]
        if not own:
            raise InputError(f"a condition on {key}", "a lever that acts in the forecast", "choose another condition")
        raise unknown_name(f"value of {name} in the forecast", full, own)
    parameter = LEVERS[name].settings.get(full.partition(".")[2])
    return drawn.levers[full].astype(float), full, "" if parameter is None else f" ({parameter.unit})"


def _range(key: str, wanted: Any) -> tuple[float | None, float | None]:
    """Return the ends of a range, None where it is open."""
    do = "write (low, high), with None for no bound"
    if isinstance(wanted, str) or not hasattr(wanted, "__len__") or len(wanted) != 2:
        raise InputError(f"{key} = {wanted!r}", "a range such as (1e14, None), or a LogNormal with its error", do)
    try:
        low, high = (None if end is None else float(end) for end in wanted)
    except (TypeError, ValueError):
        raise InputError(f"{key} = {wanted!r}", "numbers at its ends", do) from None
    ends = [end for end in (low, high) if end is not None]
    if not ends or np.isnan(ends).any() or ends != sorted(ends):
        raise InputError(f"{key} = {wanted!r}", "a range with one end at least, the lower one first", do)
    return low, high


def _not_kept(what: str) -> InputError:
    return InputError(
        f"a forecast without the {what} of each future",
        "a run of this version",
        "make the run again with: forecast run",
    )
