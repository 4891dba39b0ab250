"""Pictures that are not drawn again: kept by what they show, their words, and the looks that the user has chosen."""

from __future__ import annotations

import base64
import functools
import hashlib
import json
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast.fits.kept_parts import kept_part
from forecast.report.citing import run_id

if TYPE_CHECKING:
    import pandas as pd

    from forecast.runs.forecast import Forecast


@dataclass(frozen=True)
class Drawn:
    """A picture in its three forms; the one for a phone is empty where the wide one does."""

    svg: str
    narrow: str
    png: bytes


def kept_picture(draw: Callable[[], Drawn], **numbers: Any) -> Drawn:
    """Return a picture: as it is kept, else drawn now and kept; `numbers` are all that it shows."""

    def packed() -> list[str]:
        drawn = draw()
        return [drawn.svg, drawn.narrow, base64.b64encode(drawn.png).decode()]

    svg, narrow, png = kept_part("picture", packed, looks=_looks(), **numbers)
    return Drawn(svg, narrow, base64.b64decode(png))


def kept_words(say: Callable[[], tuple[str, pd.DataFrame]], **numbers: Any) -> tuple[str, pd.DataFrame]:
    """Return a figure in words and the table behind it: as they are kept, else made now and kept."""
    import pandas as pd

    def packed() -> list[Any]:
        text, table = say()
        return [text, table.to_dict(orient="split")]

    text, table = kept_part("words of a figure", packed, **numbers)
    return text, pd.DataFrame(**table)


def numbers_of(forecast: Forecast) -> list[str]:
    """Return what tells a forecast from every other: the identity of its run, its dates and all its draws."""
    return _numbers_of(forecast, tuple(sorted(forecast.posterior)))


@functools.lru_cache(maxsize=4)
def _numbers_of(forecast: Forecast, fitted: tuple[str, ...]) -> list[str]:
    document, found = forecast.document, hashlib.blake2b(digest_size=20)
    posteriors = [forecast.posterior[name]["posterior"]["frontier"].values for name in fitted]
    for numbers in (forecast.exhaustion_year, forecast.consumption.values, forecast.stock.values, *posteriors):
        found.update(np.ascontiguousarray(numbers, dtype=float))
    made = [document["provenance"]["created"][:10], json.dumps(document["previous"])]
    return [run_id(document), *made, found.hexdigest()]


def _looks() -> list[list[str]]:
    """Return the settings of Matplotlib that the user has changed: this package's style keeps some of them."""
    if "matplotlib" not in sys.modules and not any(path.is_file() for path in _settings_files()):
        return []  # to ask it, it would have to be imported, which takes longer than to read every picture
    import matplotlib as mpl

    given, usual = mpl.rcParams, mpl.rcParamsDefault
    return sorted([name, repr(given[name])] for name in given if name != "backend" and given[name] != usual[name])


def _settings_files() -> Iterator[Path]:
    """Yield every file that Matplotlib may take settings from, on any system."""
    yield Path("matplotlibrc")
    if named := os.environ.get("MATPLOTLIBRC"):
        yield from (Path(named), Path(named, "matplotlibrc"))
    if folder := os.environ.get("MPLCONFIGDIR"):
        yield Path(folder, "matplotlibrc")
    for name in ("XDG_CONFIG_HOME", "LOCALAPPDATA"):
        if folder := os.environ.get(name):
            yield Path(folder, "matplotlib", "matplotlibrc")
    for folder in ("~/.config/matplotlib", "~/.matplotlib"):
        yield Path(os.path.expanduser(folder), "matplotlibrc")


__all__ = ["Drawn", "kept_picture", "kept_words", "numbers_of"]
