"""What a verification finds, and the places in which two documents differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from forecast.text import one_line, some

Status = Literal["holds", "differs", "not checked"]

APART = (
    "provenance", "previous", "variants", "variants_state", "over_priors", "over_priors_state", "growth_range",
    "checkable",
)  # fmt: skip
"""Parts of a document that do not come from its own draws: who made it, what came before, stored results."""

_SHOWN = 5  # places or files named in a sentence


@dataclass(frozen=True)
class VerifyFinding:
    """One thing that was looked at.

    Parameters
    ----------
    name : str
        What.
    holds : bool or None
        None where it only tells, and decides nothing.
    sentence : str
        What was found.
    """

    name: str
    holds: bool | None
    sentence: str


@dataclass(frozen=True)
class FileFinding:
    """What was found of one file.

    Parameters
    ----------
    name : str
        Within the run folder.
    status : str
        holds, differs or not checked.
    compared_with : str
        With what, empty where with nothing.
    sentence : str
        How far they agree, or why nothing was compared.
    """

    name: str
    status: Status
    compared_with: str
    sentence: str


@dataclass(frozen=True)
class VerifyResult:
    """Everything that was looked at in a run.

    Parameters
    ----------
    run : str
        The folder.
    findings : tuple of VerifyFinding
        In the order of looking.
    files : tuple of FileFinding
        Every file, the manifest first.
    """

    run: str
    findings: tuple[VerifyFinding, ...]
    files: tuple[FileFinding, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether nothing speaks against the run; what was not checked is in `unchecked`."""
        return all(f.holds is not False for f in self.findings) and all(f.status != "differs" for f in self.files)

    @property
    def unchecked(self) -> tuple[str, ...]:
        """The files of which nothing is known but their hashes."""
        return tuple(file.name for file in self.files if file.status == "not checked")

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain values.

        Returns
        -------
        dict
            JSON-ready.
        """
        lines = [{"name": f.name, "holds": f.holds, "sentence": f.sentence} for f in self.findings]
        files = [asdict(file) for file in self.files]
        return {"run": self.run, "holds": self.holds, "findings": lines, "files": files}


def own_part(value: Any) -> Any:
    """Return a document without the parts that do not come from its draws."""
    if isinstance(value, Mapping):
        return {key: own_part(part) for key, part in value.items() if key not in APART}
    return [own_part(part) for part in value] if isinstance(value, list) else value


def differing(one: Any, other: Any, *, tolerance: float, place: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Yield every place in which two documents differ."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        for key in dict.fromkeys((*one, *other)):
            below = f"{place}.{key}" if place else str(key)
            yield from differing(one.get(key), other.get(key), tolerance=tolerance, place=below)
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for index, (a, b) in enumerate(zip(one, other, strict=True)):
            yield from differing(a, b, tolerance=tolerance, place=f"{place}[{index}]")
    elif _is_number(one) and _is_number(other):
        if abs(one - other) > tolerance:
            yield place, one, other
    elif one != other:
        yield place, one, other


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def some_of(words: list[str]) -> str:
    """Return the first few, and how many more there are."""
    return some(words, _SHOWN, "; ")


def value_words(value: Any) -> str:
    """Return a value for a sentence."""
    return "never" if value is None else f"{value:.8g}" if _is_number(value) else one_line(value)[:80]


def grafted(made: Any, kept: Any) -> Any:
    """Return a document with the parts of another that do not come from its draws."""
    if isinstance(made, Mapping) and isinstance(kept, Mapping):
        parts = {key: grafted(part, kept.get(key)) for key, part in made.items() if key not in APART}
        return parts | {key: kept[key] for key in APART if key in kept}
    if isinstance(made, list) and isinstance(kept, list) and len(made) == len(kept):
        return [grafted(one, other) for one, other in zip(made, kept, strict=True)]
    return made
