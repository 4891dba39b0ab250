"""Parts of a scenario that this package does not ship: where each is from, and which of a run's are missing here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from forecast.consumption.members import MEMBERS
from forecast.core.registry import Origin, Registry
from forecast.errors import UnknownNameError
from forecast.production import ESTIMATORS
from forecast.scenarios.levers import LEVERS
from forecast.text import one_line, shortened

if TYPE_CHECKING:
    from forecast.scenarios.scenario import Scenario

_REGISTRIES: dict[str, Registry[Any]] = {registry.kind: registry for registry in (MEMBERS, LEVERS, ESTIMATORS)}


def own_parts(scenario: Scenario) -> list[dict[str, str]]:
    """Return the growth members, levers and estimators of a scenario that are not shipped, with where they are from."""
    used: list[tuple[Registry[Any], str]] = [(MEMBERS, name) for name in scenario.members]
    used += [(LEVERS, name) for name in (*scenario.levers, *scenario.idle)]
    used += [(ESTIMATORS, scenario.estimator)] if scenario.raw is None else []
    origins = [(registry.kind, name, registry.origin(name)) for registry, name in used]
    return [{"kind": kind, "name": name, **asdict(origin)} for kind, name, origin in origins if origin is not None]


def missing_parts(document: Mapping[str, Any]) -> list[str]:
    """Say which parts of a run are not here, and what brings them."""
    return [words for words, _ in _missing(document["provenance"].get("parts", ()))]


def require_parts(document: Mapping[str, Any]) -> None:
    """Raise where a run has a part that is not here."""
    for words, do in _missing(document.get("provenance", {}).get("parts", ())):
        raise UnknownNameError(f"a run of which {words}", "all parts of the run here", do)


def _missing(parts: Sequence[Mapping[str, str]]) -> Iterator[tuple[str, str]]:
    """Yield what is missing, in words, and what to do about it."""
    for part in parts:
        known = _REGISTRIES.get(part["kind"])
        if known is None or part["name"] in known:
            continue
        said = {key: shortened(one_line(value)) for key, value in part.items()}
        origin = Origin(said["package"], said["version"], said["module"])
        who = f"the {said['kind']} {said['name']!r} is of {origin.words()}"
        if part["name"] in known.broken:
            yield f"the {said['kind']} {said['name']!r} is {known.broken[part['name']]}", f"update {said['package']}"
        elif origin.package:
            yield f"{who}, which is not installed here", f"install {origin.package}"
        else:
            yield f"{who}, which has not registered it here", "register it, and use fc in that program"
