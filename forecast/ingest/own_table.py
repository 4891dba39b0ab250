"""A model table that the caller holds in memory, as the file that every table is read from."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from forecast.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

IN_MEMORY = "data_frame.csv"
"""What the file of a data frame is called, in a folder of its own; a run records this name and the hash."""


@contextlib.contextmanager
def table_file(models: str | Path | pd.DataFrame | None) -> Iterator[str | Path | None]:
    """Give the file of a model table, written for the time being where it is a data frame.

    Examples
    --------
    >>> with table_file("models.csv") as path:
    ...     path
    'models.csv'
    """
    if models is None or isinstance(models, str | Path):
        yield models
        return
    if not hasattr(models, "to_csv"):
        raise InputError(f"models of type {type(models).__name__}", "a path or a data frame", "give one of these")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / IN_MEMORY
        models.to_csv(path, index=False, lineterminator="\n")
        yield path


def recorded_name(models: str | Path) -> str:
    """Return what a run records of the place of its model table.

    Examples
    --------
    >>> recorded_name("mine/models.csv")
    'mine/models.csv'
    """
    path = Path(models)
    return IN_MEMORY if path.name == IN_MEMORY else str(models)
