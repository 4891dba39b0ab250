"""What a case is: a command or a call, the files that it finds, and what was done to the run or the fits that lie there."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis.internal.conjecture.providers import AVAILABLE_PROVIDERS, HypothesisProvider

CASES = int(os.environ.get("FORECAST_FUZZ_CASES", "200"))
"""Cases in all (count); `make fuzz` asks for 4,000."""

SEED = int(os.environ.get("FORECAST_FUZZ_SEED", "20261128"))
"""Seed of all cases; another one explores others."""

SHARES = {"table": 0.37, "scenario": 0.27, "run folder": 0.1, "kept fit": 0.06, "command line": 0.2}
"""Part of the cases by kind (share): folders and fits are dear, since a whole forecast may hang on them."""

SHARDS = max(1, CASES // 500)
"""Tests that the cases of one kind are spread over, so that two processes end together (count)."""

RUN, KEPT, SCENARIO = "made", "kept", "short.toml"
"""Names in a case's folder: the run folder, the folder of kept fits, the scenario of the short run."""


class Apart(HypothesisProvider):
    """Draws as usual. Being a backend of its own is what keeps cases apart: by default most repeat parts of others."""


AVAILABLE_PROVIDERS["apart"] = f"{__name__}.Apart"
DRAWN = settings(
    backend="apart",
    database=None,
    deadline=None,
    derandomize=False,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
"""How cases are drawn; with a seed they are the same every time."""


def count(kind: str) -> int:
    """Return the cases of one kind in one shard."""
    return max(1, round(CASES * SHARES[kind] / SHARDS))


@dataclass(frozen=True)
class Change:
    """One thing done to a folder before the case runs.

    ``how`` is one of `HOW`; ``name`` a file in the folder, ``what`` and ``value`` as that way of changing reads them.
    """

    how: str
    name: str
    what: Any = None
    value: Any = None


@dataclass(frozen=True)
class Case:
    """A command (or ``api:`` and a call), the files beside it by name, and changes to the run or the kept fits."""

    arguments: tuple[str, ...]
    files: tuple[tuple[str, bytes], ...] = ()
    changes: tuple[Change, ...] = ()
    changed: str = RUN


def shown(case: Case) -> str:
    """Return what reproduces a case, long repetitions written short."""
    return re.sub(r"(.{1,12}?)\1{30,}", lambda m: f"{m[1]}<{len(m[0]) // len(m[1])} times>", repr(case))


def smaller(case: Case) -> Iterator[Case]:
    """Yield cases that lack one thing of this one: a change, a word, a part of a file; large parts first."""
    for field in ("changes", "arguments", "files"):
        whole = getattr(case, field)
        for place in range(len(whole) - 1, -1, -1):
            yield replace(case, **{field: whole[:place] + whole[place + 1 :]})
    for number, (name, content) in enumerate(case.files):
        size = len(content) // 2
        while size:
            for start in range(0, len(content), size):
                less = (name, content[:start] + content[start + size :])
                yield replace(case, files=(*case.files[:number], less, *case.files[number + 1 :]))
            size //= 2


def lay_out(case: Case, folder: Path, base: Path) -> set[str]:
    """Fill a folder for a case; return the names of what a stranger left in the run folder."""
    if any(word in case.arguments for word in (RUN, "other", SCENARIO)) or case.changes:
        shutil.copytree(base / RUN, folder / RUN)
        shutil.copyfile(base / SCENARIO, folder / SCENARIO)
        shutil.copytree(base / RUN, folder / "other")
    if case.changed == KEPT:
        shutil.copytree(base / KEPT, folder / KEPT)
    for name, content in case.files:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    before = _names(folder / case.changed)
    for change in case.changes:
        HOW[change.how](folder / case.changed, change)
    return {f"{case.changed}/{name}" for name in _names(folder / case.changed) - before}


def _names(folder: Path) -> set[str]:
    return {p.relative_to(folder).as_posix() for p in folder.rglob("*")} if folder.is_dir() else set()


def _file(folder: Path, name: str) -> Path | None:
    """Return a file by its name, or by its place among the sorted ones where the name is a number."""
    if name.isdigit():
        files = sorted(p for p in folder.rglob("*.nc") if p.is_file())
        return files[int(name) % len(files)] if files else None
    return path if (path := folder / name).is_file() else None


def _rewrite(folder: Path, change: Change, rewrite: Callable[[bytes], bytes]) -> None:
    if (path := _file(folder, change.name)) is not None:
        path.write_bytes(rewrite(path.read_bytes()))


def _flip(folder: Path, change: Change) -> None:
    def flipped(content: bytes) -> bytes:
        place = int(change.what * (len(content) - 1))
        return content[:place] + bytes([content[place] ^ change.value]) + content[place + 1 :] if content else content

    _rewrite(folder, change, flipped)


def _set(folder: Path, change: Change) -> None:
    """Replace or drop what stands at a path in a JSON file; a number in the path chooses among what is there."""

    def replaced(content: bytes) -> bytes:
        try:
            document = node = json.loads(content)
        except ValueError:
            return content
        holder: Any = None
        for step in change.what:
            if isinstance(step, str) and isinstance(node, dict):
                holder, key = node, step
                node = node.get(step)
            elif isinstance(step, int) and isinstance(node, dict | list) and node:
                holder, key = node, sorted(node)[step % len(node)] if isinstance(node, dict) else step % len(node)
                node = node[key]
            else:
                break
        if holder is None:
            document = change.value
        elif change.how == "set":
            holder[key] = change.value
        elif not isinstance(holder, dict) or key in holder:
            del holder[key]
        return json.dumps(document, ensure_ascii=False).encode("utf-8", "surrogatepass")

    _rewrite(folder, change, replaced)


def _remove(folder: Path, change: Change) -> None:
    path = _file(folder, change.name) or folder / change.name
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _add(folder: Path, change: Change) -> None:
    path = folder / change.name
    if not path.exists() and not path.parent.is_symlink():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(change.value)


def _link(folder: Path, change: Change) -> None:
    _remove(folder, change)
    (folder / change.name).symlink_to(change.value)


def _pipe(folder: Path, change: Change) -> None:
    _remove(folder, change)
    os.mkfifo(folder / change.name)


def _attribute(folder: Path, change: Change) -> None:
    """Set an attribute of a netCDF file, or one of its arrays to a multiple of itself, as somebody with h5py would."""
    import h5py

    if (path := _file(folder, change.name)) is None:
        return
    try:
        with h5py.File(path, "r+") as file:
            if isinstance(change.value, float):
                arrays: list[Any] = []
                file.visititems(lambda _, item: arrays.append(item) if item.dtype.kind == "f" else None)
                chosen = arrays[change.what % len(arrays)]
                chosen[...] = chosen[...] * change.value
            else:
                file.attrs[change.what] = change.value
    except (ArithmeticError, AttributeError, OSError, RuntimeError, ValueError):
        return  # damaged before, by another change


def _rehash(folder: Path, change: Change) -> None:
    """Make the manifest fit whatever was changed."""

    def fitting(content: bytes) -> bytes:
        try:
            listed = json.loads(content)
            names = [name for name in listed["files"] if (folder / name).is_file()]
            listed["files"] = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in names}
        except (ValueError, KeyError, TypeError, OSError):
            return content
        return json.dumps(listed).encode()

    _rewrite(folder, change, fitting)


HOW: dict[str, Callable[[Path, Change], None]] = {
    "flip": _flip,
    "cut": lambda folder, c: _rewrite(folder, c, lambda content: content[: int(c.what * len(content))]),
    "write": lambda folder, c: _rewrite(folder, c, lambda _: c.value),
    "set": _set,
    "drop": _set,
    "remove": _remove,
    "add": _add,
    "link": _link,
    "pipe": _pipe,
    "attribute": _attribute,
    "rehash": _rehash,
}
"""Ways to change a folder, by name."""
