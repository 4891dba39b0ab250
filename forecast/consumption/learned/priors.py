"""Learned priors for members, as they are kept in ``data/learned_priors.json``: read in milliseconds, nothing sampled.

Members are fitted to rows that tell their pace themselves, so that a prior which had seen that pace would count it twice.
There are therefore two tables:

* `NEW_RECORD`: a record of a domain that the hierarchy has not seen, *whatever its pace*. Rows may sharpen these.
* `AFTERWARDS`: what comes after the last row against what came before: slowing, persistence, stalls. No row tells these.

Neither has seen a row of what is forecast here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from forecast.core.priors import Prior
from forecast.errors import InputError, MissingFileError, unknown_name
from forecast.ingest.catalog import data_directory

FILE = "learned_priors.json"
"""File of the tables and of what they were learned from, beside the tables of data."""

MAKE = "python -m forecast.consumption.learned"
"""What makes it again."""

FORMAT = "learned_priors/1"
"""Layout of the file."""

NEW_RECORD = ("slope", "slope_while_moving", "long_run_slope", "slope_sd", "jump", "jump_over_slope")
"""What a new record is like, whatever its pace."""

AFTERWARDS = ("damping", "damping_while_going", "reversion", "pace_ratio", "stall", "resumption")
"""What comes after the last row against what came before."""


def learned_prior(name: str) -> Prior:
    """Return a prior that histories teach.

    Parameters
    ----------
    name : str
        Of a new record of a domain that is not in the histories, whatever its pace (`NEW_RECORD`; safe beside rows, which
        then tell the pace):

        * ``"slope"``: expected growth, years without news among them (log10 per year);
        * ``"slope_while_moving"``: the same in years with news (log10 per year);
        * ``"long_run_slope"``: growth about which the pace wanders, five years after the middle (log10 per year);
        * ``"slope_sd"``: standard deviation of the log of the pace about that (log);
        * ``"jump"``: variance of a year's growth over its mean, as a gamma process has it (log10);
        * ``"jump_over_slope"``: the same over the slope, which hangs less on the pace (years).

        Of what comes after the last row against what came before (`AFTERWARDS`; told by no row):

        * ``"damping"``: decay of expected growth, stops for good among it (per year);
        * ``"damping_while_going"``: the same without those, for a member that has stops of its own (per year);
        * ``"reversion"``: rate at which a pace returns to its trend (per year);
        * ``"pace_ratio"``: growth of the next five years over that of the five before, where a record moved by 0.1 a year
          (no unit);
        * ``"stall"``, ``"resumption"``: hazards of going still, and of moving again (per year).

    Returns
    -------
    Prior
        The lognormal with the median and the 95 % point of the draws above zero. Its source says what share those are.

    Raises
    ------
    UnknownNameError
        If there is none of that name.

    Examples
    --------
    >>> learned_prior("damping").unit
    'per year'
    """
    document = learned_tables()
    if name not in document["priors"]:
        raise unknown_name("learned prior", name, document["priors"])
    entry, of = document["priors"][name], document["learned_from"]
    share = "" if entry["above_zero"] == 1 else f", given that it is above zero, as in {entry['above_zero']:.0%}"
    seen = "of a new record, whatever its pace" if name in NEW_RECORD else "of what comes after against before"
    middle, high = entry["lognormal"]
    return Prior.lognormal(
        middle,
        high,
        entry["unit"],
        f"learned from {of['series']} histories of {of['families']} technologies, {of['years']} years: {seen}{share}",
    )


@lru_cache(maxsize=2)
def learned_tables(path: Path | None = None) -> dict[str, Any]:
    """Return the file of learned priors.

    Raises
    ------
    MissingFileError
        If there is none.
    InputError
        If it cannot be read, or is of another layout.
    """
    path = data_directory() / FILE if path is None else path
    with kept_in(path, "learned priors", f"priors of layout {FORMAT}"):
        document = json.loads(path.read_text(encoding="utf-8"))
        if document["schema"] != FORMAT or set(document["priors"]) != {*NEW_RECORD, *AFTERWARDS}:
            raise ValueError
        return dict(document)


@contextmanager
def kept_in(path: Path, what: str, expected: str) -> Iterator[None]:
    """Say what is wrong with a file of what was learned, where it is missing or the block cannot read it."""
    if not path.is_file():
        raise MissingFileError(f"no {what} ({path})", "a file that was made before", f"run `{MAKE}`")
    try:
        yield
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise InputError(f"{path}, which cannot be read", expected, f"run `{MAKE}`") from None
