"""The golden forecast: thinned draws of a baseline run that are checked in, and the numbers that follow from them.

Fits are sampled and may differ from machine to machine; all that comes after them may not. The draws and the corpora
behind them lie in `draws.npz`, 200 of each member of the baseline; `numbers.json` has what a forecast says of them.

    python tests/golden/golden_forecast.py              the numbers again, where they are meant to move
    python tests/golden/golden_forecast.py RUN_FOLDER   draws too, from the posterior/ of a baseline run
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from forecast.consumption.fit import Fit, stacked
from forecast.consumption.fitting import judged, predictive_p_values
from forecast.consumption.frontier_data import FrontierData
from forecast.consumption.members import DEFAULT_MEMBERS, MEMBERS
from forecast.core.distributions import LogNormal
from forecast.core.resources import RESOURCES
from forecast.runs.build_document import assemble
from forecast.runs.events import Passes
from forecast.runs.inputs import Inputs
from forecast.runs.pipeline import Options, year_grid
from forecast.runs.results import compute
from forecast.scenarios.scenario import load

HERE = Path(__file__).parent
KEPT = 200  # draws of each member
NOT_USED = ("level", "increment", "log_density")  # nothing after a fit reads these, nor a member's shocks
ARRAYS = ("knots", "size", "sd", "time", "observed", "exposure", "as_of")
SEED = 20260822
HORIZON = 2100
CONVERGED = {"rhat_max": 1.004, "ess_bulk_min": 900.0, "ess_tail_min": 900.0, "divergences": 2, "transitions": 10_000}
PASSES = Passes((1.0, 1.1, 1.25, 4.0), 12, LogNormal(1.1, 0.05, 0.05, 1.0, 5.0), "checked in")


def fits() -> list[Fit]:
    """Return the members' fits with the draws that are checked in, judged by the gate of now."""
    with np.load(HERE / "draws.npz") as kept:
        arrays = {name: kept[name] for name in kept.files}
    size, observed = arrays["size"], arrays["observed"] > 0
    labels = tuple(tuple(f"model {b}.{r}" for r in np.flatnonzero(observed[b])) for b in range(len(size)))
    data = FrontierData(**{name: arrays[name] for name in ARRAYS[:-1]}, as_of=float(arrays["as_of"]), labels=labels)
    return [_fit(name, data, arrays) for name in DEFAULT_MEMBERS]


def _fit(name: str, data: FrontierData, arrays: dict[str, np.ndarray]) -> Fit:
    member = MEMBERS[name]()
    own = {key.split("/")[1]: value[None] for key, value in arrays.items() if key.startswith(f"{name}/")}
    coords = {"knot": data.knots, "step": data.knots[:-1]}
    along = {len(values): dim for dim, values in coords.items()}
    variables = {
        key: (("chain", "draw", *((along[value.shape[2]],) if value.ndim > 2 else ())), value)
        for key, value in own.items()
    }
    tree = xr.DataTree.from_dict({"/posterior": xr.Dataset(variables, coords)})
    draws = stacked(tree["posterior"])
    priors = dict(member.priors())
    measured = {
        "convergence": CONVERGED,
        "p_values": predictive_p_values(member, data, draws, SEED),
        "overlaps": {key: priors[key].overlap(draws[key]) for key in member.tail_parameters},
        "power_scaling": {},
    }
    return Fit(member, data, tree, judged(member, measured), SEED)


def forecast() -> dict[str, Any]:
    """Return what the baseline says of these draws: every number of the document and, unrounded, what it rests on."""
    held = fits()
    chosen = Options(seed=SEED, draws=KEPT * len(held), horizon=HORIZON)
    inputs = Inputs(held[0].data, [], [], PASSES, {})
    years = year_grid(inputs.data.as_of, HORIZON)
    results = compute(RESOURCES["public_text"], load("baseline"), inputs, held, held, years, chosen)
    document = assemble(results, horizon=HORIZON, seed=SEED, command="golden")
    for place in ("provenance", "sentence", "previous", "schema"):
        del document[place]
    levels = (0.05, 0.25, 0.5, 0.75, 0.95)
    knots = np.searchsorted(years, [2024.0, 2026.5, 2030.0, 2050.0])

    def paths(values: np.ndarray) -> Any:
        return np.quantile(values[:, knots], levels, axis=0).tolist()

    return {
        "document": _numbers(json.loads(json.dumps(document))),
        "exhaustion years": {
            name: np.quantile(each.year, levels, method="inverted_cdf").tolist()
            for name, each in results.passages.items()
        },
        "first futures": results.passages["main"].year[::100].tolist(),
        "frontier": paths(results.frontier.values),
        "raw stock": paths(results.raw.values),
        "effective stock": paths(results.effective.values),
    }


def _numbers(value: Any) -> Any:
    """Return a document without its sentences: names, numbers and verdicts stay."""
    if isinstance(value, dict):
        told = ("definition", "sentence", "title", "source", "advice")
        return {key: _numbers(each) for key, each in value.items() if key not in told}
    return [_numbers(each) for each in value] if isinstance(value, list) else value


def as_json(value: Any) -> str:
    """Return JSON with the infinite as a word, a line for each part."""
    return json.dumps(_finite(value), separators=(",", ":"), indent=None).replace('},"', '},\n"') + "\n"


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_finite(each) for each in value]
    return str(value) if isinstance(value, float) and not np.isfinite(value) else value


def _draws_of(run: Path) -> None:
    from forecast.core.netcdf import read_tree
    from forecast.runs.inputs import read_inputs

    data = read_inputs(RESOURCES["public_text"]).data
    kept: dict[str, Any] = {name: getattr(data, name) for name in ARRAYS}
    for name in DEFAULT_MEMBERS:
        draws = stacked(read_tree(run / "posterior" / f"{name}.nc")["posterior"])
        chosen = np.linspace(0, len(draws["jump"]) - 1, KEPT).round().astype(int)
        used = draws.keys() - {*NOT_USED, *MEMBERS[name].shocks}
        kept |= {f"{name}/{key}": draws[key][chosen] for key in sorted(used)}
    np.savez_compressed(HERE / "draws.npz", **kept)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        _draws_of(Path(sys.argv[1]))
    (HERE / "numbers.json").write_text(as_json(forecast()), encoding="utf-8")
