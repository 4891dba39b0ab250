"""A scenario as a run keeps it: exact, so that its levers can be drawn again from the run folder alone.

What a reader is shown of a quantity is rounded; here its own parameters stand.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from forecast.distributions import LogNormal
from forecast.scenario import LeverSetting, Scenario


def record(world: Scenario) -> dict[str, Any]:
    """Return a scenario as plain values that lose nothing.

    Parameters
    ----------
    world : Scenario
        The scenario.

    Returns
    -------
    dict
        JSON-ready; `restored` reads it.

    Examples
    --------
    >>> from forecast import scenario
    >>> world = scenario.load("baseline")
    >>> restored(record(world)) == world
    True
    """
    settings = {**world.levers, **world.idle}
    return {
        "name": world.name,
        "title": world.title,
        "world": world.world,
        "resource": world.resource_name,
        "estimator": world.estimator,
        "leave_out": list(world.leave_out),
        "raw": None if world.raw is None else _plain(world.raw),
        "raw_source": world.raw_source,
        "members": list(world.members),
        "include_undisclosed": world.include_undisclosed,
        "levers": {
            name: {
                "quantities": {key: _plain(value) for key, value in setting.quantities.items()},
                "choices": dict(setting.choices),
                "sources": dict(setting.sources),
            }
            for name, setting in settings.items()
        },
    }


def restored(content: Mapping[str, Any]) -> Scenario:
    """Return the scenario that `record` has written down.

    Parameters
    ----------
    content : mapping
        What `record` returned.

    Returns
    -------
    Scenario
        Equal to the one recorded.

    Raises
    ------
    KeyError
        If something is missing.
    """
    bare = Scenario(
        content["name"],
        content["title"],
        content["world"],
        content["resource"],
        content["estimator"],
        {},
        tuple(content["members"]),
        content["include_undisclosed"],
        None if content["raw"] is None else _quantity(content["raw"]),
        content["raw_source"],
        leave_out=tuple(content["leave_out"]),
    )
    return bare.with_levers(
        {
            name: LeverSetting(
                {key: _quantity(value) for key, value in said["quantities"].items()}, said["sources"], said["choices"]
            )
            for name, said in content["levers"].items()
        }
    )


def _plain(value: LogNormal) -> list[float | None]:
    """Return median, both widths and both bounds; an infinite upper bound as null."""
    upper = None if value.upper == np.inf else float(value.upper)
    return [float(value.median), float(value.sd_low), float(value.sd_high), float(value.lower), upper]


def _quantity(numbers: list[float | None]) -> LogNormal:
    *first, upper = numbers
    return LogNormal(*(float(number or 0.0) for number in first), upper=np.inf if upper is None else float(upper))
