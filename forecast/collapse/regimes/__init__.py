"""Regimes: what the next generation is trained on. The eight standard ones share a file; a new one is a file and a line.

A regime is named on the command line as ``name`` or ``name:setting``, such as ``keep:0.1`` (10 % of the original
data kept) or ``verification:0.9/0.3`` (a verifier that keeps 90 % of the right samples and 30 % of the wrong).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from forecast.collapse.engine import Regime
from forecast.collapse.regimes.standard import (
    Accumulate,
    AccumulateSubsample,
    Contamination,
    Fresh,
    Isolation,
    Keep,
    Replace,
    Verification,
)
from forecast.core.registry import Registry
from forecast.errors import InputError

REGIMES = Registry[Callable[..., Regime]](
    "regime",
    {
        "replace": Replace,
        "accumulate": Accumulate,
        "accumulate_subsample": AccumulateSubsample,
        "keep": Keep,
        "fresh": Fresh,
        "verification": Verification,
        "isolation": Isolation,
        "contamination": Contamination,
    },
    group="regimes",
)
"""Every regime by its name; a new one is a new file and a line here."""

__all__ = [
    "REGIMES",
    "Accumulate",
    "AccumulateSubsample",
    "Contamination",
    "Fresh",
    "Isolation",
    "Keep",
    "Replace",
    "Verification",
    "parse_regime",
    "parse_regimes",
]


def parse_regime(text: str) -> Regime:
    """Build a regime from its name and setting.

    Parameters
    ----------
    text : str
        ``name``, ``name:number`` or ``name:number/number``.

    Returns
    -------
    Regime
        The regime, with its defaults where no setting is given.

    Raises
    ------
    UnknownNameError
        If no regime has that name.
    InputError
        If the setting is no number, or outside its range.

    Examples
    --------
    >>> parse_regime("keep:0.1").title
    '10 % of the original kept'
    """
    name, _, setting = text.partition(":")
    try:
        numbers = [float(part) for part in setting.split("/")] if setting else []
        return REGIMES[name](*numbers)
    except InputError:
        raise
    except (TypeError, ValueError):
        raise InputError(
            f"the regime {text!r}", "name, name:number or name:number/number", "see keep:0.1 or verification:0.9/0.3"
        ) from None


def parse_regimes(regimes: Iterable[str | Regime]) -> list[Regime]:
    """Build several regimes; one that is named twice comes once.

    Parameters
    ----------
    regimes : iterable of str or Regime
        As for `parse_regime`, or built already.

    Returns
    -------
    list of Regime
        In the order given.

    Raises
    ------
    UnknownNameError, InputError
        As `parse_regime` does.

    Examples
    --------
    >>> [regime.name for regime in parse_regimes(["replace", "keep:0.1", "replace"])]
    ['replace', 'keep:0.1']
    """
    built = [parse_regime(regime) if isinstance(regime, str) else regime for regime in regimes]
    return list({regime.name: regime for regime in built}.values())
