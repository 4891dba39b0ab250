"""Results that take long to make: stored with the hashes of what made them, read back, and told when they are stale.

A stored result is ``data/results/<name>.json``. It ships with the package, so that a report can show it at once. Its
inputs are hashes by name: tables, the code of members and priors, the version. Where one of them no longer fits, the
result is still shown, as stale, with what to run.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from forecast.errors import InputError, MissingFileError, unknown_name
from forecast.files import atomic_file
from forecast.ingest.catalog import data_directory, table
from forecast.ingest.code_hash import code_hash

__all__ = [
    "FOLDER",
    "FORMAT",
    "MADE_FROM",
    "MAKE",
    "MadeFrom",
    "StoredResult",
    "code_hash",
    "inputs_of",
    "is_stored",
    "made_from",
    "store",
    "stored",
]

FORMAT = "result/1"
"""Layout of a stored result."""

MAKE = "make evaluate"
"""What makes stored results anew."""

FOLDER = "results"
"""Folder of the stored results, inside the folder of the tables."""


@dataclass(frozen=True)
class MadeFrom:
    """What a result is made from.

    Parameters
    ----------
    tables : tuple of str
        Tables of the package.
    code : tuple of str
        Modules and folders of the package, relative to it.
    """

    tables: tuple[str, ...]
    code: tuple[str, ...]


_FITS = (
    *("priors.py", "distributions.py", "consumption"),
    *("inference/sampling.py", "inference/gate.py", "inference/settings.py"),
)
_STOCK = ("production", "levers", "exhaustion.py")
_RUN = ("pipeline.py", "mixture.py", "definitions.py", "inputs.py")
_ROWS = ("ingest/models.py", "ingest/cells.py", "ingest/layouts.py", "ingest/measurement.py", "ingest/corpora.py")
_BACKTEST = (
    *("replicate/epoch2022.py", "replicate/epoch2024.py", "replicate/trend.py", "replicate/passage.py"),
    *("evaluate/scores.py", "evaluate/comparison.py", "evaluate/predictions.py", "evaluate/scoring.py"),
)

_STOCK_TABLES = (
    *("access_restrictions", "common_crawl_monthly", "internet_users", "stock_estimates", "stock_mapping"),
    *("synthetic_share", "text_corpora", "world_population"),
)

MADE_FROM: Mapping[str, MadeFrom] = {
    "bridge": MadeFrom(
        ("epoch_models", "record_audit", "epoch_2024_dataset_sizes", *_STOCK_TABLES),
        (*_FITS, *_STOCK, *_ROWS, "definitions.py", "scenario.py", "pipeline.py", "replicate"),
    ),
    "variants": MadeFrom(
        ("epoch_models", "record_audit", "scaling_laws", *_STOCK_TABLES),
        (
            *_FITS,
            *_STOCK,
            *_ROWS,
            *(f"evaluate/{name}.py" for name in ("variants", "setting", "other_rows", "weights")),
        ),
    ),
    "over_priors": MadeFrom(
        ("epoch_models", "record_audit", *_STOCK_TABLES),
        (*_FITS, *_STOCK, *_ROWS, "evaluate/over_priors.py", "evaluate/setting.py"),
    ),
    "synthetic_worth": MadeFrom((), ("collapse", "distributions.py", "evaluate/synthetic_worth.py")),
    "origins": MadeFrom(("epoch_models", "record_audit"), (*_FITS, *_ROWS, "evaluate/origins.py")),
    "recovery": MadeFrom(
        ("epoch_models", "record_audit"),
        (*_FITS, *_ROWS, *(f"evaluate/{name}.py" for name in ("worlds", "recovery", "coverage", "scores"))),
    ),
    "protocol": MadeFrom(("epoch_models", "record_audit"), (*_FITS, *_ROWS, *_BACKTEST, "evaluate/protocol.py")),
    "backtest": MadeFrom(
        ("epoch_models", "record_audit"),
        (*_FITS, *_ROWS, *_BACKTEST, *(f"evaluate/{name}.py" for name in ("protocol", "backtest", "skill"))),
    ),
    "vintages": MadeFrom(
        ("epoch_models", "record_audit", "epoch_published"),
        (*_FITS, *_STOCK, *_ROWS, "scenario.py", "pipeline.py", "revision.py", "evaluate/vintages.py"),
    ),
    "claims": MadeFrom(
        ("claims", "epoch_models", "record_audit", *_STOCK_TABLES),
        (*_FITS, *_STOCK, *_ROWS, *_RUN, *(f"evaluate/{name}.py" for name in ("claims", "events", "outlooks"))),
    ),
    "calibration": MadeFrom(
        ("epoch_models", "record_audit", *_STOCK_TABLES),
        (
            *(*_FITS, *_STOCK, *_ROWS, "evaluate/worlds.py", "evaluate/recovery.py", "evaluate/calibration.py"),
            *("evaluate/places.py", "evaluate/true_years.py", "evaluate/uniformity.py"),
        ),
    ),
    "spreading": MadeFrom(
        ("epoch_models", "record_audit"),
        (*_FITS, "inference/executor.py", "inference/cluster.py", "evaluate/spreading.py"),
    ),
    "sensitivity": MadeFrom(
        ("epoch_models", "record_audit", *_STOCK_TABLES), (*_FITS, *_STOCK, *_ROWS, *_RUN, "sensitivity")
    ),
    "scenarios": MadeFrom(
        (
            *("epoch_models", "record_audit", "stock_estimates", "stock_mapping", "common_crawl_monthly"),
            *("internet_users", "world_population", "synthetic_share", "text_corpora"),
        ),
        (*_FITS, *_STOCK, *_ROWS, "collapse/yields.py", "evaluate/scenarios.py"),
    ),
}
"""What each stored result is made from: a new one is one line here."""


@dataclass(frozen=True)
class StoredResult:
    """A stored result and whether it still fits.

    Parameters
    ----------
    name : str
        Its name.
    content : Any
        What was stored, JSON-ready.
    made : str
        ISO date and time of its making.
    inputs : mapping of str to str
        What it was made from: hashes by name.
    changed : tuple of str
        Names of the inputs that are not what they were.
    """

    name: str
    content: Any
    made: str
    inputs: Mapping[str, str]
    changed: tuple[str, ...]

    @property
    def stale(self) -> bool:
        """Whether any input has changed since."""
        return bool(self.changed)

    def sentence(self) -> str:
        """Say when it was made and, where it is stale, why and what to run.

        Returns
        -------
        str
            One sentence.
        """
        made = f"The stored result {self.name}, made on {self.made[:10]}"
        if not self.stale:
            return f"{made}, fits the data and the code in use."
        return f"{made}, is stale ({', '.join(self.changed)} changed since): run {MAKE}."


def store(name: str, content: Any, inputs: Mapping[str, str], *, directory: Path | None = None) -> Path:
    """Store a result with what made it.

    Parameters
    ----------
    name : str
        Its name: letters, digits, hyphens and underscores.
    content : Any
        JSON-ready; NaN and infinity are refused.
    inputs : mapping of str to str
        Hashes by name, such as `inputs_of` gives them.
    directory : pathlib.Path, optional
        Folder of the results; by default the one beside the tables.

    Returns
    -------
    pathlib.Path
        The file, written whole or not at all.

    Raises
    ------
    InputError
        If the name or the content cannot be stored.
    OutputError
        If the folder cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = store("example", {"year": 2029.5}, {"code": "a"}, directory=Path(folder))
    ...     stored("example", {"code": "b"}, directory=Path(folder)).changed
    ('code',)
    """
    path = _path(name, directory)
    document = {
        "schema": FORMAT,
        "name": name,
        "made": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "make": MAKE,
        "inputs": dict(sorted(inputs.items())),
        "content": content,
    }
    try:
        text = json.dumps(document, ensure_ascii=False, allow_nan=False, indent=1)
    except (TypeError, ValueError) as error:
        raise InputError(
            f"a result {name!r} that JSON cannot hold ({error})", "plain numbers, texts, lists and mappings", "mend it"
        ) from None
    with atomic_file(path) as temporary:
        temporary.write_text(text + "\n", encoding="utf-8")
    return path


def stored(name: str, inputs: Mapping[str, str], *, directory: Path | None = None) -> StoredResult:
    """Read a stored result and hold it against what is in use now.

    Parameters
    ----------
    name : str
        Its name.
    inputs : mapping of str to str
        The hashes of now; one that the result lacks, or the other way round, counts as changed.
    directory : pathlib.Path, optional
        Folder of the results; by default the one beside the tables.

    Returns
    -------
    StoredResult
        The content, stale or not.

    Raises
    ------
    MissingFileError
        If there is no such result.
    InputError
        If the file is not one.
    """
    path = _path(name, directory)
    if not path.is_file():
        raise MissingFileError(f"no stored result {name!r} ({path})", "one that was made before", f"run `{MAKE}`")
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        if document["schema"] != FORMAT:
            raise ValueError
        before, made, content = dict(document["inputs"]), str(document["made"]), document["content"]
    except (OSError, ValueError, KeyError, TypeError):
        raise InputError(f"{path}, which cannot be read", f"a result of layout {FORMAT}", f"run `{MAKE}`") from None
    changed = tuple(sorted(key for key in {*before, *inputs} if before.get(key) != inputs.get(key)))
    return StoredResult(name, content, made, before, changed)


def inputs_of(
    table_names: Iterable[str], code: Iterable[str], settings: Mapping[str, Any] | None = None
) -> dict[str, str]:
    """Return the hashes of what a result is made from.

    Parameters
    ----------
    table_names : iterable of str
        Tables of the package.
    code : iterable of str
        Modules or folders of the package, relative to it, such as ``"priors.py"`` or ``"consumption"``.
    settings : mapping of str to Any, optional
        Further JSON-ready facts that shape the result, such as a seed or a scenario's hash.

    Returns
    -------
    dict of str to str
        ``table NAME``, ``code PART``, each setting, and ``version``.

    Raises
    ------
    UnknownNameError
        If there is no such table.

    Examples
    --------
    >>> sorted(inputs_of(["claims"], ["priors.py"], {"seed": 1}))
    ['code priors.py', 'seed', 'table claims', 'version']
    """
    from forecast import __version__

    return {
        **{f"table {name}": table(name).sha256 for name in table_names},
        **{f"code {part}": code_hash(part) for part in code},
        **{name: json.dumps(value, sort_keys=True, default=str) for name, value in (settings or {}).items()},
        "version": __version__,
    }


def made_from(name: str, settings: Mapping[str, Any] | None = None) -> dict[str, str]:
    """Return the hashes, as they are now, of what a result is made from.

    Parameters
    ----------
    name : str
        A name of `MADE_FROM`.
    settings : mapping of str to Any, optional
        Further JSON-ready facts that shape the result, such as a scenario's hash.

    Returns
    -------
    dict of str to str
        As `inputs_of` gives them.

    Raises
    ------
    UnknownNameError
        If there is none of that name.

    Examples
    --------
    >>> "table epoch_models" in made_from("variants")
    True
    """
    if name not in MADE_FROM:
        raise unknown_name("stored result", name, MADE_FROM)
    return inputs_of(MADE_FROM[name].tables, MADE_FROM[name].code, settings)


def is_stored(name: str, directory: Path | None = None) -> bool:
    """Return whether a result is stored, without asking whether it is still good.

    Parameters
    ----------
    name : str
        The result's name.
    directory : pathlib.Path, optional
        As in `stored`.

    Returns
    -------
    bool
        True when its file is there.
    """
    return _path(name, directory).is_file()


def _path(name: str, directory: Path | None) -> Path:
    if not name.replace("_", "").replace("-", "").isalnum():
        raise InputError(f"a result named {name!r}", "letters, digits, hyphens and underscores", "choose another name")
    return (data_directory() / FOLDER if directory is None else directory) / f"{name}.json"
