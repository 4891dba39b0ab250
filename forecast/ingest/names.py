"""Names of models, however they are spelled: the record audit is found under another spelling, and near misses are told.

``GLM 4.5``, ``GLM-4.5`` and ``glm_4.5`` are one name; ``GLM-4.5V``, ``Llama 3.1 8B`` and ``Llama 3.1 70B`` are others.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

NAMED = 3
"""Near misses that are named (count)."""

LONGEST_NAME = 200
"""A longer name is compared as it is (characters)."""

_PIECE = re.compile(r"\d+(?:\.\d+)*|[^\W\d_]+|[+#*]+")
_SIZE = re.compile(r"(?<![\w.])a?\d+(?:\.\d+)?(?:x\d+(?:\.\d+)?)?[kmbt](?!\w)")
_LONG_WORD = 7
"""Letters of a word in which one wrong letter is taken for a slip; in shorter ones it can be another name."""


def spelling(name: str) -> str:
    """Return what the spellings of one name have in common.

    Examples
    --------
    >>> spelling("GLM 4.5") == spelling("glm-4.5"), spelling("PaLM (540B)"), spelling("Llama 3 8B")
    (True, 'palm540b', 'llama3 8b')
    """
    if len(name) > LONGEST_NAME:
        return name
    pieces = _PIECE.findall(unicodedata.normalize("NFKC", name).casefold())
    joined = pieces[:1]
    for before, piece in itertools.pairwise(pieces):
        joined.append(f" {piece}" if before[-1].isdecimal() and piece[0].isdecimal() else piece)
    return "".join(joined)


def other_spellings(names: Iterable[str], known: Iterable[str]) -> dict[str, str]:
    """Find names that are known under another spelling.

    Examples
    --------
    >>> other_spellings(["GLM 4.5", "GLM-4.5V"], ["GLM-4.5"])
    {'GLM 4.5': 'GLM-4.5'}
    """
    theirs, ours = _by_spelling(names), _by_spelling(known)
    return {
        theirs[key][0]: ours[key][0]
        for key in theirs
        if key in ours and len(theirs[key]) == len(ours[key]) == 1 and theirs[key] != ours[key]
    }


def near_misses(names: Iterable[str], known: Iterable[str]) -> dict[str, str]:
    """Find names that are not known but may be meant to be.

    Examples
    --------
    >>> near_misses(["Llama 3.3", "Llama 3.3 8B", "Chinchila"], ["Llama 3.3 70B", "Chinchilla"])
    {'Llama 3.3': 'Llama 3.3 70B', 'Chinchila': 'Chinchilla'}
    """
    known = dict.fromkeys(known)
    spelled = {spelling(name): name for name in known}
    unknown = [name for name in dict.fromkeys(names) if name not in known and len(name) <= LONGEST_NAME]
    found: dict[str, str] = {}
    sized, bare, slips = (defaultdict[str, list[str]](list) for _ in range(3))
    for name in known:
        (sized if _size(name) else bare)[_sizeless(name)].append(name)
        for slip in _slips(spelling(name)):
            slips[slip].append(name)
    for name in unknown:
        spelt = spelling(name)
        others = bare if _size(name) else sized
        near = [spelled[spelt]] if spelt in spelled else others.get(_sizeless(name), [])
        near = near or [one for slip in _slips(spelt) for one in slips.get(slip, [])]
        if near:
            found[name] = near[0]
    return found


def audit_notes(models: pd.DataFrame) -> list[str]:
    """Say which models are found in the record audit under another spelling, and which may be missed there."""
    from forecast.ingest.catalog import load_table

    known = load_table("record_audit", ("model",))["model"]
    names = models.loc[models["modality"].isin(["text", "multimodal"]), "model"]
    found = other_spellings(names, known)
    near = near_misses([name for name in names if name not in found], known)
    notes = []
    for pairs, words in (
        (found, "{} found in the record audit under another spelling: {}"),
        (near, "{} a name near one of the record audit's and not audited: {}"),
    ):
        if pairs:
            shown = [f"{name[:60]!r} ({other!r})" for name, other in list(pairs.items())[:NAMED]]
            more = [f"and {len(pairs) - NAMED} more"] if len(pairs) > NAMED else []
            verb = "is" if pairs is found else "has"
            count = f"1 model {verb}" if len(pairs) == 1 else f"{len(pairs)} models {'are' if verb == 'is' else 'have'}"
            notes.append(words.format(count, ", ".join([*shown, *more])))
    return notes


def _by_spelling(names: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for name in dict.fromkeys(names):
        found[spelling(name)].append(name)
    return found


def _size(name: str) -> bool:
    return _SIZE.search(_plain(name)) is not None


def _sizeless(name: str) -> str:
    return spelling(_SIZE.sub(" ", _plain(name)))


def _plain(name: str) -> str:
    return re.sub(r"[\s_()-]+", " ", name.casefold())


def _slips(spelled: str) -> set[str]:
    """Return a spelling with each letter of its long words left out in turn: two slips of a pen meet here."""
    found = {spelled}
    for word in re.finditer(rf"[^\W\d_]{{{_LONG_WORD},}}", spelled):
        found |= {spelled[:place] + spelled[place + 1 :] for place in range(word.start(), word.end())}
    return found
