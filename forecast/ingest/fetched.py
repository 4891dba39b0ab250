"""The model table that was fetched: where it lies, which one holds, and where it came from."""

from __future__ import annotations

import datetime as dt
import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from forecast.core.files import sha256_of
from forecast.errors import InputError, MissingFileError

LATEST = "latest"
"""The word that stands for the fetched table wherever a model table can be named."""

HOLDS, WAITS = "latest.json", "waiting.json"
"""Records in the folder of fetched tables: of the one that holds, and of one that waits to be accepted."""

PUBLISHER = "epoch.ai"
"""Where tables come from that carry Epoch AI's own licence."""


@dataclass(frozen=True)
class Kept:
    """A fetched table that is kept.

    Parameters
    ----------
    path : pathlib.Path
        The CSV file.
    address : str
        Where it was fetched, without secrets.
    fetched : str
        When, ISO 8601 in UTC.
    sha256 : str
        Hash of the file, 64 hexadecimal digits.
    """

    path: Path
    address: str
    fetched: str
    sha256: str

    @property
    def source(self) -> dict[str, str]:
        """Credit and provenance, in the words that every result uses."""
        day, place = self.fetched[:10], urlsplit(self.address).hostname or ""
        here = {"table": LATEST, "sha256": self.sha256, "snapshot": day, "address": self.address}
        if place != PUBLISHER and not place.endswith(f".{PUBLISHER}"):
            title = f"model table fetched from {self.address}, {day}"
            return here | {
                "title": title,
                "publisher": place,
                "licence": "not stated",
                "attribution": f"{title}; rows of Epoch AI's: {credit()}",
            }
        return here | {
            "title": f"Epoch AI: data on AI models (fetched {day})",
            "publisher": "Epoch AI",
            "licence": "CC BY 4.0",
            "attribution": f"{credit()} Fetched {day}.",
        }


def data_folder() -> Path:
    """Return the folder of fetched data: ``FORECAST_DATA`` if set, else the user's data folder."""
    if given := os.environ.get("FORECAST_DATA"):
        return Path(given)
    import platformdirs

    return Path(platformdirs.user_data_dir("data-depletion", appauthor=False))


def latest() -> Kept:
    """Return the fetched table that holds."""
    return read_record(HOLDS, "fetch it: forecast data update")


def read_record(name: str, again: str) -> Kept:
    """Read a record of a fetch, and check that its table is what was fetched."""
    from forecast.ingest.download import without_secrets  # which starts what speaks to servers

    record = folder() / name
    try:
        said = json.loads(record.read_text(encoding="utf-8"))
        kept = Kept(
            table_path(said["sha256"]), without_secrets(str(said["address"])), str(said["fetched"]), said["sha256"]
        )
        dt.datetime.fromisoformat(kept.fetched)
    except FileNotFoundError:
        raise MissingFileError("no fetched model table", f"one in {folder()}", again) from None
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        raise InputError(f"{record}, which cannot be read", "the record of a fetch", again) from None
    if not kept.path.is_file() or sha256_of(kept.path) != kept.sha256:
        raise InputError(f"{kept.path}, which is not what was fetched", f"SHA-256 {kept.sha256}", again)
    return kept


def folder() -> Path:
    """Return the folder of fetched tables."""
    return data_folder() / "models"


def table_path(digest: str) -> Path:
    """Return where the table of a SHA-256 lies."""
    if not re.fullmatch(r"[0-9a-f]{64}", digest):
        raise ValueError(f"{digest!r} is no SHA-256")
    return folder() / f"{digest}.csv"


def credit() -> str:
    """Return the credit that Epoch AI asks for."""
    return (
        "Epoch AI, 'Data on AI Models', https://epoch.ai/data/ai-models, licensed under CC BY 4.0 "
        "(https://creativecommons.org/licenses/by/4.0/); rows selected, units stated and audited by this project."
    )
