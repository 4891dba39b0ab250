"""A made result of the evaluation `scale`: every axis at its own sizes, by a law that is known."""

from __future__ import annotations

from typing import Any

from forecast.evaluate.scale.axes import AXES

LAWS = {
    "reading": (1.7, 7.5e-5, 1.0),
    "rows": (3.2, 7.5e-5, 1.0),
    "draws": (1.5, 2.2e-4, 1.0),
    "horizon": (1.6, 7e-3, 1.0),
    "histories": (3.0, 1.2, 1.0),
    "judging": (0.6, 2.5e-4, 1.0),
    "worlds": (6.0, 1.1, 1.0),
    "worlds_on_cluster": (9.0, 1.1, 1.0),
}
"""Start and scale (seconds) and slope of each axis."""


def made(**laws: tuple[float, float, float]) -> dict[str, Any]:
    """Return the result, other laws in place of some."""
    from forecast.evaluate.scale.run import law_of

    axes = {}
    for name, axis in AXES.items():
        start, scale, slope = (LAWS | laws)[name]
        points = [
            {"size": size, "clock": seconds, "processor": seconds, "megabytes": 180}
            for size in axis.sizes
            for seconds in [round(start + scale * size**slope, 3)]
        ]
        axes[name] = {"points": points, **law_of(points, axis.most)}
    return {
        "machine": {"processors": 2, "python": "3.13.0", "system": "Linux x86_64"},
        "axes": axes,
        "repeated": {"memory": [[10, 260.0], [100, 261.0], [200, 261.5]], "growth": 1.5},
    }


CONTENT = made()
