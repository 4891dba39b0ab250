"""Futures of a forecast as one table, with units and source: as CSV with a description beside it, or as parquet that holds it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from forecast.core.files import atomic_file
from forecast.errors import InputError
from forecast.runs.document import FRONTIER_YEARS, credits_of

if TYPE_CHECKING:
    import pandas as pd

    from forecast.runs.forecast import Forecast

DESCRIPTION = ".schema.json"
"""What the name of the description of a CSV ends in, instead of ``.csv``."""

_COLUMNS = {
    "draw": ("", "number of the future, the same in trajectories.nc"),
    "exhaustion_year": ("decimal year", "when use reaches the effective stock; inf: not by the horizon"),
    "member": ("", "growth model that the future comes from"),
}


def draws(forecast: Forecast, years: Iterable[float] = FRONTIER_YEARS) -> pd.DataFrame:
    """Return one row a future: exhaustion year, growth member, levers, frontier and effective stock.

    Parameters
    ----------
    forecast : Forecast
        A forecast.
    years : iterable of float, optional
        Instants of frontier and stock (decimal years; 2030 is 1 January 2030), as far as the forecast covers them.

    Returns
    -------
    pandas.DataFrame
        In plain units; ``attrs["columns"]`` has unit and words of every column, ``attrs["source"]`` the credits.

    Examples
    --------
    >>> import forecast as fc
    >>> f = fc.load("out")
    >>> table = fc.exchange.draws(f, years=[2028])
    >>> "frontier_2028" in table, len(table)
    (True, 400)
    """
    table = forecast.to_dataframe(list(years)).reset_index()
    columns: dict[Any, Any] = {"columns": {str(name): _told(str(name), forecast) for name in table}}
    table.attrs = columns | _about(forecast)
    return table


def to_csv(forecast: Forecast, path: str | Path, years: Iterable[float] = FRONTIER_YEARS) -> Path:
    """Write `draws` as CSV, and a description of its columns beside it.

    Parameters
    ----------
    forecast : Forecast
        A forecast.
    path : str or pathlib.Path
        The file; the description (a Table Schema of Frictionless) ends in ``.schema.json`` instead.
    years : iterable of float, optional
        As of `draws`.

    Returns
    -------
    pathlib.Path
        The file.

    Examples
    --------
    >>> import forecast as fc
    >>> f = fc.load("out")
    >>> fc.exchange.to_csv(f, "futures.csv").name
    'futures.csv'
    """
    target, table = Path(path), draws(forecast, years)
    types = {name: "string" if table[name].dtype.kind not in "iuf" else "number" for name in table}
    fields = [
        {"name": name, "type": types[name], "unit": unit, "description": words}
        for name, (unit, words) in table.attrs["columns"].items()
    ]
    about = {str(key): value for key, value in table.attrs.items() if key != "columns"}
    with atomic_file(target) as temporary:
        table.to_csv(temporary, index=False, lineterminator="\n", encoding="utf-8")
    with atomic_file(target.with_suffix(DESCRIPTION)) as temporary:
        text = json.dumps({"fields": fields, "missingValues": [""], **about}, ensure_ascii=False, indent=1)
        temporary.write_text(text + "\n", encoding="utf-8")
    return target


def to_parquet(forecast: Forecast, path: str | Path, years: Iterable[float] = FRONTIER_YEARS) -> Path:
    """Write `draws` as parquet; unit and words stand in the metadata of each column, the source in that of the file.

    Parameters
    ----------
    forecast : Forecast
        A forecast.
    path : str or pathlib.Path
        The file.
    years : iterable of float, optional
        As of `draws`.

    Returns
    -------
    pathlib.Path
        The file.

    Raises
    ------
    InputError
        If pyarrow is not installed.

    Examples
    --------
    >>> import forecast as fc
    >>> f = fc.load("out")
    >>> fc.exchange.to_parquet(f, "futures.parquet").name
    'futures.parquet'
    """
    check_parquet()
    import pyarrow as pa
    import pyarrow.parquet as pq

    target, table = Path(path), draws(forecast, years)
    told = table.attrs["columns"]
    about = {key: json.dumps(value, ensure_ascii=False) for key, value in table.attrs.items() if key != "columns"}
    table.attrs = {}
    made = pa.Table.from_pandas(table, preserve_index=False)
    fields = [
        made.schema.field(n).with_metadata(dict(zip(("unit", "description"), told[n], strict=True))) for n in told
    ]
    made = made.cast(pa.schema(fields, metadata={**(made.schema.metadata or {}), **about}))
    with atomic_file(target) as temporary:
        pq.write_table(made, temporary)
    return target


def check_parquet() -> None:
    """Refuse at once where parquet cannot be written."""
    import importlib.util

    if importlib.util.find_spec("pyarrow") is None:
        raise InputError("no pyarrow", "the package that writes parquet", 'pip install "data-depletion[tables]"')


def _about(forecast: Forecast) -> dict[str, Any]:
    document = forecast.document
    return {
        "title": f"Futures of the forecast {document['scenario']} of {document['resource']}, data as of {document['as_of']}",
        "definition": document["definition"],
        "created": document["provenance"]["created"],
        "code_version": document["provenance"]["code_version"],
        "source": credits_of(document),
    }


def _told(name: str, forecast: Forecast) -> tuple[str, str]:
    """Return unit and words of a column."""
    if name in _COLUMNS:
        return _COLUMNS[name]
    unit, (side, _, year) = forecast.document["unit"], name.partition("_")
    if side in ("frontier", "stock") and year.replace(".", "").isdigit():
        what = "largest training set that is practicable" if side == "frontier" else "effective stock"
        return unit, f"{what}, at {year}" if "." in year else f"{what}, on 1 January {year}"
    from forecast.scenarios.levers import LEVERS

    lever, _, setting = name.partition(".")
    known = LEVERS[lever].settings.get(setting) if lever in LEVERS else None
    return ("", "value of a lever") if known is None else (known.unit, known.description)
