"""What AI training uses: growth members on the frontier of training-set size.

Examples
--------
>>> from forecast import consumption
>>> "damped" in consumption.MEMBERS
True
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from forecast.consumption.fit import Fit
from forecast.consumption.fitting import FitRequest, fit_member, fit_members
from forecast.consumption.frontier_data import FrontierData, frontier_data
from forecast.consumption.member import Member
from forecast.consumption.members import MEMBERS, member
from forecast.core.seeds import DEFAULT_SEED

if TYPE_CHECKING:
    import pandas as pd


def fit(name: str, table: pd.DataFrame | None = None, *, as_of: float | None = None, seed: int = DEFAULT_SEED) -> Fit:
    """Fit a growth member.

    Parameters
    ----------
    name : str
        A name of `MEMBERS`.
    table : pandas.DataFrame, optional
        Model rows as ``forecast.load_models`` gives them; by default the shipped table with its audit.
    as_of : float, optional
        Decimal year up to which rows count; by default the date of the newest snapshot.
    seed : int, optional
        The run's seed.

    Returns
    -------
    Fit
        Its ``posterior`` is an ArviZ DataTree, its ``project(years)`` gives a trajectory.

    Raises
    ------
    UnknownNameError
        If there is no such member.
    InputError
        If the table holds too few usable rows.

    Examples
    --------
    >>> import forecast as fc
    >>> fit = fc.consumption.fit("damped")
    >>> fit.project([2028.0, 2030.0]).dims
    ('draw', 'year')
    """
    from forecast.ingest.corpora import audited_as_of, text_corpora
    from forecast.ingest.models import load_models

    chosen = member(name)
    rows = load_models() if table is None else table
    corpora = text_corpora(rows, complete=table is None)
    data = frontier_data(corpora, audited_as_of() if as_of is None else as_of)
    return fit_member(FitRequest(chosen, data, seed))


__all__ = [
    "MEMBERS",
    "Fit",
    "FitRequest",
    "FrontierData",
    "Member",
    "fit",
    "fit_member",
    "fit_members",
    "frontier_data",
    "member",
]
