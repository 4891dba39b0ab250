"""Files become validated tables: the tables that come with the package, and a user's own model table.

Nothing here imports pandas until a table is loaded, so that ``forecast data list`` answers at once.

Examples
--------
>>> from forecast import ingest
>>> ingest.table("claims").path.name
'claims.csv'
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from forecast.ingest.catalog import Column, Table, attributions, data_directory, load_table, table, tables

if TYPE_CHECKING:
    from forecast.ingest.models import load_models

__all__ = ["Column", "Table", "attributions", "data_directory", "load_models", "load_table", "table", "tables"]


def __getattr__(name: str) -> Any:
    # The reader of model tables needs pandas at import, the catalogue does not.
    if name == "load_models":
        return importlib.import_module("forecast.ingest.models").load_models
    raise AttributeError(f"module 'forecast.ingest' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
