"""Hours of robots and cars: what single training runs used, and what is open, from the table ``embodied``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from forecast.core.units import decimal_year

if TYPE_CHECKING:
    import pandas as pd

MODALITIES = ("robot", "driving")
"""Kinds of row that count as the resource; egocentric video of humans is another one, though it teaches robots."""

HOURS_SD = 0.1
"""Error of hours that a maker states (log10; judgement: "about" and "over" a round number)."""


def used(as_of: float = np.inf) -> pd.DataFrame:
    """Return the training runs of robots and cars, with the columns of `forecast.ingest.other_resources.corpora`.

    Examples
    --------
    >>> used()["model"].tolist()
    ['pi-0 pre-training', 'GEN-0 pre-training']
    """
    import pandas as pd

    rows = _rows(as_of)
    rows = rows[(rows["kind"] == "used") & rows["modality"].isin(MODALITIES)]
    return pd.DataFrame(
        {
            "model": rows["name"].to_numpy(),
            "organization": "",
            "publication_date": rows["date"].to_numpy(),
            "year": rows["year"].to_numpy(dtype=float),
            "log10_size": np.log10(rows["hours"].to_numpy(dtype=float)),
            "measurement_sd": HOURS_SD,
            "audited": False,
            "open_weights": None,
            "source_url": rows["source_url"].to_numpy(),
            "corpus_id": rows["name"].to_numpy(),
        }
    )


def what_is_known(as_of: float = np.inf) -> str:
    """Say how many hours are open, used by the largest run and driven by the largest fleet, as published by a date.

    Open collections hold one another, so that the largest stands for all. Egocentric video is said beside the resource.

    Examples
    --------
    >>> what_is_known(2024.9)
    'known hours: robot 9,000 open, 10,000 used (ratio 0.9); driving 1,282 open; egocentric video 100 open'
    """
    rows = _rows(as_of)
    said = []
    for modality in (*MODALITIES, "egocentric_video"):
        own = rows[rows["modality"] == modality]
        most = own.groupby("kind")["most"].max().to_dict()
        words = [f"{most[kind]:,.0f} {kind}" for kind in ("open", "used", "driven") if kind in most]
        ratio = f" (ratio {most['open'] / most['used']:.2g})" if {"open", "used"} <= set(most) else ""
        said.append(f"{modality.replace('_', ' ')} {', '.join(words) or 'none'}{ratio}")
    return f"known hours: {'; '.join(said)}"


def _rows(as_of: float) -> pd.DataFrame:
    from forecast.ingest.catalog import load_table

    rows = load_table("embodied")
    rows = rows.assign(
        year=[decimal_year(date.date()) for date in rows["date"]], most=rows["hours"].fillna(rows["hours_high"])
    )
    return rows[rows["year"] <= as_of]
