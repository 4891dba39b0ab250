"""A run: first passage, definitions, what a scenario's numbers mean, rows of tables as corpora, and all of it together."""

from __future__ import annotations

import tempfile
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast.core import fingerprints
from forecast.core.distributions import LogNormal
from forecast.core.resources import RESOURCES
from forecast.core.trajectory import make_trajectory
from forecast.evaluate.fingerprints.growth import AS_OF, usual_fit
from forecast.evaluate.fingerprints.probe import Probe
from forecast.ingest.corpora import text_corpora
from forecast.ingest.measurement import corpus_ids, measurement_sd
from forecast.ingest.models import read_models
from forecast.ingest.other_resources import corpora as other_corpora
from forecast.runs.checks import record_checks
from forecast.runs.document import exhaustion_block, levels
from forecast.runs.events import Passes, Sides, draw_union, yearly_difference
from forecast.runs.inputs import Inputs
from forecast.runs.passage import apply_levers, first_passage
from forecast.runs.pipeline import Options, year_grid
from forecast.runs.results import compute
from forecast.scenarios.levers import LeverParameter
from forecast.scenarios.scenario import Scenario, load
from forecast.scenarios.values import LeverValue, quantity

if TYPE_CHECKING:
    import pandas as pd

SEED = 7
GRID = np.arange(2020.0, 2061.0, 0.5)

HEADER = (
    "Model,Organization,Publication date,Domain,Parameters,Training compute (FLOP),Training dataset size ({meaning}),"
    "Dataset size notes,Epochs,Confidence,Link,Base model,Model accessibility\n"
)

ROWS = """\
One,A Lab,2019-06-12,Language,1e9,1e20,1e10,,7,Confident,https://example.org/1,,Open weights
Two,A Lab,2020-07-01,Language,1e10,1e22,3.3e11,3.3e11 words,,Likely,https://example.org/2,,API access
Three,B Lab,2023-02-28,Multimodal,7e10,5e23,1.5e12,,1,Speculative,https://example.org/3,,
Four,B Lab,2024-03-31,Language,7e10,9e24,1.5e13,15T tokens,,Confident,https://example.org/4,,Open weights
Five,B Lab,2024-04-30,Language,8e9,,1.5e13,,,Confident,https://example.org/5,Four,Open weights
Six,D Lab,soon,Language,8e9,,many,,,,https://example.org/6,,
""" + "".join(
    f"I{place},E Lab,{2018 + place // 2}-0{1 + 7 * (place % 2)}-15,Image generation,1e9,1e21,{2 + place}e8,,{1 + place % 3},"
    f"Likely,https://example.org/i{place},,\n"
    for place in range(12)
)
"""A model table as its publisher writes it, with what makes rows hard to read."""


def probes() -> list[Probe]:
    """Return the parts of this room."""
    here = "the probes of forecast/evaluate/fingerprints/run.py"
    law = ("core/streams", "core/summaries", "core/distributions", "run/passage", "run/definitions")
    parts = ("levers/repetition", "levers/private", "levers/overtraining", "levers/dependence", "stock/given")
    more = ("growth/mixture", "growth/undisclosed", "fits/gate", "growth/blocks")
    return [
        Probe("run/passage", 1, passage, here, ()),
        Probe("run/definitions", 1, definitions, here, ("core/streams", "core/distributions", "run/passage")),
        Probe("run/scenario", 1, scenario, here, ("core/distributions", "core/units")),
        Probe("run/options", 1, options, here, ("fits/sampling",)),
        Probe("run/whole", 1, whole, here, (*law, *parts, *more)),
        Probe("rows/models", 1, models, here, ("core/units",)),
        Probe(f"{fingerprints.OWN_TABLES}/layouts", 1, layouts, here, ("core/units",)),
        Probe("rows/text", 2, text, here, ("core/units", "rows/models"), ("record_audit",)),
    ]


def paths() -> tuple[np.ndarray, np.ndarray]:
    """Return frontiers and stocks that cross early, late, at the start, or never: by rest, by escape, still open."""
    t = GRID - 2024.0
    slope = np.array([0.5, 0.1, 0.3, 0.0, 0.05, 0.03, 0.015, 0.009])[:, None]
    start = np.array([12.0, 12.0, 15.0, 12.0, 12.0, 12.0, 12.0, 12.0])[:, None]
    stock = np.array([14.0, 15.0, 14.0, 14.0, 14.0, 14.5, 14.0, 14.0])[:, None]
    growth = np.array([0.02, 0.05, 0.0, 0.0, 0.06, 0.0, 0.0, 0.0])[:, None]
    return start + slope * t, stock + growth * t


def passage() -> Any:
    """First passages and why others do not cross."""
    frontier, stock = paths()
    return first_passage(
        make_trajectory(frontier, GRID, resource_name="public_text", role="consumption", source="fixed"),
        make_trajectory(stock, GRID, resource_name="public_text", role="stock", source="fixed"),
    )


def definitions() -> Any:
    """Every definition of exhaustion on fixed paths."""
    frontier, stock = paths()
    passes = Passes((1.0, 2.0, 4.0), 2, LogNormal(1.1, 0.05, 0.05, 1.0, 4.0), "fixed").draw(seed=SEED, size=8)
    union = draw_union(seed=SEED, size=8)
    sides = Sides(
        GRID, frontier, frontier - 0.2, stock, stock - 0.5, yearly_difference(stock, GRID) + 0.3, passes, union
    )
    return [passes, union, sides.passages()]


def scenario() -> Any:
    """What a scenario's numbers mean: intervals, bounds, dates, words."""
    share, count = LeverParameter("share", 0.0, 1.0, ""), LeverParameter("passes", 1.0, 100.0, "")
    date = LeverParameter("decimal year", 2000.0, 2200.0, "", kind="date")
    return [
        quantity(0.3, share, "a"),
        quantity({"q05": 0.1, "q95": 0.4}, share, "a"),
        quantity({"q025": 2.0, "q50": 3.0, "q975": 9.0}, count, "a"),
        quantity("2027-01-01", date, "a"),
    ]


def options() -> Any:
    """What a run takes where it is told nothing."""
    # Seeds are stated beside stored results; none of these has rows of a caller's own.
    return [
        {k: v for k, v in asdict(Options()).items() if k not in ("seed", "add")},
        year_grid(2026.9, 2100)[[0, 1, -1]],
    ]


def plain_scenario() -> Scenario:
    """Return a fixed scenario: a stock given outright and three levers."""
    since = {"start": LogNormal(2027.0, 0.0, 0.0), "ramp_years": LogNormal(4.0, 0.0, 0.0)}
    levers = {
        "repetition": LeverValue({"passes": LogNormal(3.0, 0.1, 0.1)}, {}),
        "private": LeverValue(
            {
                "total": LogNormal(1e15, 0.2, 0.2),
                "reach_share": LogNormal(0.1, 0.2, 0.2, 0.0, 1.0),
                "worth": LogNormal(0.3, 0.0, 0.0),
                **since,
            },
            {},
        ),
        "overtraining": LeverValue({"ratio": LogNormal(2.0, 0.1, 0.1), **since}, {}),
    }
    return replace(
        load("baseline"),
        name="fixed",
        raw=LogNormal(3e14, 0.3, 0.4),
        raw_source="fixed",
        leave_out=(),
        levers=levers,
        idle={},
        members=("damped", "windowed_exponential"),
        include_undisclosed=True,
    )


def whole() -> Any:
    """Everything that a run computes, from two members at fixed points."""
    chosen = Options(seed=SEED, draws=12, horizon=2060)
    fits = [usual_fit("damped"), usual_fit("windowed_exponential")]
    passes = Passes((1.0, 2.0), 1, LogNormal(1.1, 0.05, 0.05, 1.0, 4.0), "fixed")
    inputs = Inputs(fits[0].data, [], [], passes, {})
    years = year_grid(AS_OF, 2060)
    found = compute(RESOURCES["public_text"], plain_scenario(), inputs, fits, fits, years, chosen)
    main = found.passages["main"]
    return [
        {name: [each.year, each.never] for name, each in found.passages.items()},
        found.frontier[:, ::7],
        found.effective[:, ::7],
        [[layer.name, layer.log10_factor[:, ::9]] for layer in (*found.layers, *found.demand)],
        apply_levers(found.raw, found.scenario, seed=SEED, leave_out=("repetition",))[0][:, ::9],
        exhaustion_block(main.year, as_of=AS_OF, horizon=2060, never=main.never),
        levels(found.frontier, (2030,)),
        [check.to_dict()["status"] for check in record_checks(fits, draws=40)],
    ]


def table(meaning: str) -> pd.DataFrame:
    """Return the fixed model table as it is read, its sizes those of one layout."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "models.csv"
        path.write_text(HEADER.format(meaning=meaning) + ROWS, encoding="utf-8")
        return read_models(path).rows


def shipped() -> pd.DataFrame:
    """Return the fixed model table as it is read in the shipped layout, which states units in a column of its own."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "models.csv"
        lines = ROWS.splitlines()
        units = [("tokens", "stated in notes"), ("words", "layout"), ("tokens_or_words", "domain default")]
        stated = ["dataset unit,unit basis"] + [
            ",".join(units[place % 3] if place < 6 else ("images", "layout")) for place in range(len(lines))
        ]
        rows = [HEADER.format(meaning="total").strip().replace("Training dataset size (total)", "dataset size"), *lines]
        path.write_text("\n".join(f"{row},{more}" for row, more in zip(rows, stated, strict=True)), encoding="utf-8")
        return read_models(path).rows


def models() -> Any:
    """How the shipped table is read: quantities, units, errors, what is one corpus."""
    return _read([shipped()])


def layouts() -> Any:
    """How tables in the layouts of their publisher are read; no stored result reads one."""
    return _read([table("total"), table("datapoints")])


def _read(tables: list[pd.DataFrame]) -> Any:
    found = []
    for rows in tables:
        told = [column for column in sorted(rows.columns) if column not in ("link", "notes")]
        cells = [rows[name] if rows[name].dtype.kind in "fi" else rows[name].astype(str) for name in told]
        found.append([told, [values.to_list() for values in cells], corpus_ids(rows).to_list(), measurement_sd(rows)])
    return found


def text() -> Any:
    """Rows as corpora of human text, with the audit and without, seen and unique; and images."""
    columns = ["model", "year", "log10_size", "measurement_sd"]
    found = [
        text_corpora(shipped(), basis=basis, complete=complete)[columns].to_numpy().tolist()
        for basis in ("seen", "unique")
        for complete in (False, True)
    ]
    return [found, other_corpora(shipped(), "images", as_of=2024.5)[columns].to_numpy().tolist()]
