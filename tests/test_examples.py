"""Every public callable shows how it is called, in an example that the doctests run."""

from __future__ import annotations

import doctest
import inspect
from collections.abc import Iterator
from typing import Any

import pytest

import forecast as fc

NOT_RUN = {
    "collapse.simulate_capacity": "trains for a minute; tests/test_collapse_learners.py runs it small",
    "collapse.simulate_transformer": "likewise",
    "collapse.simulate_vae": "likewise",
    "report.write_report": "makes a PDF; tests/test_report.py runs it",
}
"""Examples that the doctests leave out, and why."""


def ours(entry: Any) -> bool:
    return str(getattr(entry, "__module__", "")).startswith("forecast.")


def methods(name: str, kind: type) -> Iterator[tuple[str, Any]]:
    for key, entry in inspect.getmembers(kind):
        if not key.startswith("_") and (inspect.isfunction(entry) or inspect.ismethod(entry)) and ours(entry):
            if entry.__name__ == "<lambda>":  # the default of a field
                continue
            yield f"{name}.{key}", entry


def public() -> dict[str, Any]:
    """What `fc` offers and what its rooms do, with the methods of classes, each once under its shortest name."""
    top = {name: getattr(fc, name) for name in fc.__all__}
    found = {name: entry for name, entry in top.items() if callable(entry) and ours(entry)}
    for room, module in top.items():
        if inspect.ismodule(module):
            names = getattr(module, "__all__", ())
            found |= {f"{room}.{name}": entry for name in names if callable(entry := getattr(module, name))}
    found = {name: entry for name, entry in found.items() if ours(entry)}
    for name, entry in list(found.items()):
        if inspect.isclass(entry):
            found |= dict(methods(name, entry))
    shortest: dict[Any, str] = {}
    for name in sorted(found, key=lambda one: (one.count("."), one)):
        shortest.setdefault(getattr(found[name], "__func__", found[name]), name)
    return {name: found[name] for name in shortest.values()}


PUBLIC = public()


def test_what_is_public_is_found():
    assert {"run", "ConditionalForecast.given", "Prior.quantile", "exchange.to_hub", "plots.waterfall"} <= set(PUBLIC)
    assert set(NOT_RUN) <= set(PUBLIC)


@pytest.mark.parametrize("name", PUBLIC)
def test_it_has_an_example_that_runs(name):
    shown = doctest.DocTestParser().get_examples(inspect.getdoc(PUBLIC[name]) or "")
    assert shown, f"{name} has no example"
    run = [one for one in shown if not one.options.get(doctest.SKIP)]
    assert bool(run) == (name not in NOT_RUN)
