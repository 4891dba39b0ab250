"""Corpora of images, video, audio, code and of robots, each in its own unit: from the model table, or one of their own.

The table holds far fewer of them than of text, and units are often not stated: rows whose unit cannot be turned into
the resource's own are left out and counted. Too few is said, not hidden.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from forecast.core.registry import Registry
from forecast.errors import InputError
from forecast.ingest import embodied

if TYPE_CHECKING:
    import pandas as pd

SECONDS_PER_WORD = 3600 / 13_680
"""Speech (seconds per word): Epoch's table converts hours at 13,680 words, as Whisper's 680,000 hours show."""

SECONDS_PER_WORD_SD = 0.06
"""Error of that conversion (log10): languages and speakers differ, 0.2 to 0.35 seconds per word at 95 %; judgement."""

LEAST_CORPORA = 8
"""Fewer corpora than this bear no trend (count)."""

LEAST_HALF_YEARS = 4
"""Fewer half-years with a corpus than this bear no trend (count)."""

FAR_BELOW = 2.0
"""Rows so far below the largest published until then say nothing of what could be run: most are trained on one small
benchmark on purpose (log10, a hundredth; judgement)."""

SINCE = 2018.0
"""Rows from here on count, as for text (decimal year)."""


@dataclass(frozen=True)
class Conversion:
    """Which rows of the model table hold a resource, and what one unit of theirs is worth.

    Parameters
    ----------
    modalities : tuple of str
        Kinds of data.
    factors : mapping of str to tuple of float
        Unit of a row to its worth in the resource's unit, and that factor's error (log10, sd).
    further : callable, optional
        Returns the corpora of a table of the resource's own, beside those of the shipped model table.
    known : callable, optional
        Says what is known as of a date where there are too few corpora.
    """

    modalities: tuple[str, ...]
    factors: dict[str, tuple[float, float]]
    further: Callable[[], pd.DataFrame] | None = None
    known: Callable[[float], str] | None = None


CONVERSIONS = Registry[Conversion](
    "resource",
    {
        "images": Conversion(("image",), {"images": (1.0, 0.0)}),
        "video": Conversion(("video",), {"seconds": (1.0, 0.0)}),
        "audio": Conversion(("audio",), {"seconds": (1.0, 0.0), "words": (SECONDS_PER_WORD, SECONDS_PER_WORD_SD)}),
        "code": Conversion(("code",), {"tokens": (1.0, 0.0)}),
        "embodied": Conversion(
            ("robotics",), {"seconds": (1 / 3600, 0.0)}, further=embodied.used, known=embodied.what_is_known
        ),
    },
)
"""The other resources: a new one is one line here."""


def corpora(
    models: pd.DataFrame, resource_name: str, *, as_of: float | None = None, complete: bool = True
) -> pd.DataFrame:
    """Return the corpora of a resource, one row per corpus, with the columns of `text_corpora`.

    A model table that is not `complete` is all there is: a resource's own table adds nothing to it.

    Examples
    --------
    >>> from forecast.ingest.models import load_models
    >>> bool((corpora(load_models(), "images")["log10_size"] < 11).all())
    True
    """
    import pandas as pd

    conversion = CONVERSIONS[resource_name]
    rows = models[models["modality"].isin(conversion.modalities) & (models["stage"] == "pretraining")]
    known = rows["unit"].isin(conversion.factors) & (rows["quantity"] > 0)
    kept = rows[known]
    factor = np.array([conversion.factors[unit][0] for unit in kept["unit"]], dtype=float)
    error = np.array([conversion.factors[unit][1] for unit in kept["unit"]], dtype=float)
    found = pd.DataFrame(
        {
            "model": kept["model"].to_numpy(),
            "organization": kept["organization"].to_numpy(),
            "publication_date": pd.to_datetime(kept["publication_date"]).to_numpy(),
            "year": kept["year"].to_numpy(dtype=float),
            "log10_size": np.log10(kept["quantity"].to_numpy(dtype=float) * factor),
            "measurement_sd": np.hypot(kept["measurement_sd"].to_numpy(dtype=float), error),
            "audited": False,
            "open_weights": kept["open_weights"].to_numpy(),
            "source_url": kept["link"].to_numpy(),
            "corpus_id": kept["corpus_id"].to_numpy(),
        }
    )
    if conversion.further is not None and complete:
        own = conversion.further()
        found = pd.concat([found, own], ignore_index=True) if len(found) else own
    # Sister models repeat one corpus.
    found = found.sort_values("log10_size", ascending=False).drop_duplicates("corpus_id")
    found = found.sort_values(["year", "model"], ignore_index=True).drop(columns="corpus_id")
    record = found["log10_size"].cummax()
    small = found["log10_size"] < record - FAR_BELOW
    found = found[~small].reset_index(drop=True)
    found.attrs |= {"other_units": int((~known).sum()), "far_below": int(small.sum())}
    _refuse_too_few(found, resource_name, int((~known).sum()), np.inf if as_of is None else as_of)
    return found


def _refuse_too_few(found: pd.DataFrame, resource_name: str, other_units: int, as_of: float) -> None:
    """Say how many there are where a trend would need more."""
    recent = found[(found["year"] >= SINCE) & (found["year"] <= as_of)]
    half_years = len(set(np.floor(recent["year"].to_numpy(dtype=float) * 2)))
    if len(recent) >= LEAST_CORPORA and half_years >= LEAST_HALF_YEARS:
        return
    more = f" ({other_units} more in units that do not convert)" if other_units else ""
    known = CONVERSIONS[resource_name].known
    told = "" if known is None else f", too few to fit; {known(as_of)}"
    raise InputError(
        f"{len(recent)} corpora of {resource_name} in {half_years} half-years since {SINCE:.0f}{more}{told}",
        f"at least {LEAST_CORPORA} in {LEAST_HALF_YEARS}",
        "choose another --resource, or give a table with more of them",
    )
