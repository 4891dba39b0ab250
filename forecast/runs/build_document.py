"""From results to the document: every part of ``forecast.json``, from the fits and paths of one run."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from forecast import __version__
from forecast.consumption.fit import Fit
from forecast.consumption.frontier_data import FrontierData
from forecast.consumption.mixture import blocks, mixture, thinned
from forecast.consumption.undisclosed import Undisclosed, tipping_points
from forecast.core import fingerprints
from forecast.core.resources import Resource
from forecast.core.summaries import summarise
from forecast.core.trajectory import DRAW, YEAR
from forecast.core.units import calendar_date
from forecast.errors import MissingFileError
from forecast.fits.gate import Check, verdict
from forecast.fits.kept import versions
from forecast.fits.kept_parts import kept_part
from forecast.ingest.corpora import COUNTED_PASSES
from forecast.ingest.measurement import record_row
from forecast.production import StockFit, Synthesis
from forecast.runs.checks import mixture_checks, record_checks, row_checks, stock_checks
from forecast.runs.document import FRONTIER_YEARS, STOCK_YEARS, exhaustion_block, levels, levels_of, validate
from forecast.runs.document_types import (
    CheckBlock,
    ConsumptionBlock,
    DiagnosticsBlock,
    Document,
    EstimatorBlock,
    Evaluations,
    Evidence,
    ExhaustionYear,
    FactorByYear,
    Filtered,
    FitBlock,
    LayerBlock,
    MemberBlock,
    StockBlock,
)
from forecast.runs.events import DEFINITIONS, MAIN, UNION_SOURCE
from forecast.runs.headline import READINGS, headline_again
from forecast.runs.headline_sources import checkable, growth_range
from forecast.runs.inputs import TEXT, sources
from forecast.runs.monte_carlo import blocks_of, monte_carlo_error
from forecast.runs.passage import FirstPassage, Layer, first_passage
from forecast.runs.sentence import HEADLINE_HORIZON
from forecast.scenarios.levers import LEVERS
from forecast.scenarios.own_parts import own_parts
from forecast.scenarios.record import recorded

if TYPE_CHECKING:
    from forecast.production.synthesis import EstimatorEntry
    from forecast.runs.results import Results
    from forecast.scenarios.scenario import Scenario

_PACKAGES = ("arviz", "numpy", "nutpie", "pandas", "pymc", "pytensor", "scipy", "xarray")


def assemble(
    results: Results,
    *,
    horizon: int,
    seed: int,
    command: str,
    evaluations: Evaluations | None = None,
    shipped_rows: bool = False,
    options: Mapping[str, Any] | None = None,
) -> Document:
    """Return the document of a run, held against the schema.

    Only of a run on the shipped rows, all of them, do stored results speak: its headline takes from them.
    """
    resource, data = results.resource, results.inputs.data

    def block(passage: FirstPassage) -> ExhaustionYear:
        return exhaustion_block(passage.year, as_of=data.as_of, horizon=horizon, never=passage.never)

    own = own_parts(results.scenario)
    stock, as_of = _stock(results, seed), calendar_date(data.as_of).isoformat()
    document: Document = {
        "schema": "forecast/1",
        "resource": resource.name,
        "unit": resource.unit,
        "scenario": results.scenario.name,
        "as_of": as_of,
        "horizon": horizon,
        "definition": _definition(resource),
        "exhaustion_year": block(results.passages[MAIN]),
        "definitions": [
            {
                "name": name,
                "title": definition.title,
                "sentence": definition.describe(resource),
                "exhaustion_year": block(results.passages[name]),
            }
            for name, definition in DEFINITIONS.items()
        ],
        "levers_idle": [
            lever.title
            for name, lever in LEVERS.items()
            # What another package brings is left out only by a scenario that names it.
            if (name in LEVERS.shipped or name in results.scenario.idle)
            and name not in results.scenario.levers
            and resource.name in lever.applies_to
        ],
        "consumption": {**_consumption(results, block), **(evaluations or {})},
        "stock": stock,
        "utilisation": levels_of(
            results.frontier.values - results.effective.values,
            results.frontier[YEAR].values,
            range(int(data.as_of), HEADLINE_HORIZON + 1),
        ),
        "diagnostics": _diagnostics(
            results.fits,
            results.held,
            [*stock_checks(stock["estimators"]), *row_checks(results.inputs.rows, results.inputs.contradicted)],
        ),
        "sentence": None,
        "headline": {
            "sentence": None,
            "short": None,
            "growth_range": growth_range(results.scenario, as_of) if shipped_rows else None,
            "checkable": checkable(results.scenario, as_of) if shipped_rows else None,
            "readings": [],
        },
        "monte_carlo_error": monte_carlo_error(
            results.passages[MAIN].year,
            data.as_of,
            blocks_of(results.held, results.frontier.sizes[DRAW]),
            {name: results.passages[name].year for name in READINGS},
        ),
        "previous": None,
        "provenance": {
            "data": sources(results.resource, results.scenario, results.inputs),
            "scenario_sha256": results.scenario.digest(),
            "scenario": recorded(results.scenario),
            "options": dict(options or {}),
            "code_version": __version__,
            "code_sha256": fingerprints.digest(),
            "fits": fits_of(results.fits),
            "packages": {
                **versions(_PACKAGES),
                **{part["package"]: part["version"] for part in own if part["package"]},
            },
            "seed": seed,
            "command": command,
            "created": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        },
    }
    if own:
        document["provenance"]["parts"] = own
    document["headline"] = headline_again(document, document["headline"])
    document["sentence"] = document["headline"]["sentence"]
    validate(document)
    return document


def fits_of(fits: Sequence[Fit]) -> list[FitBlock]:
    """Return under which key each fit is kept or shipped, what sampled it, and when."""
    release = ".".join(versions(("nutpie",))["nutpie"].split(".")[:2])  # of which the key holds as much
    found: list[FitBlock] = []
    for fit in fits:
        key, made = (
            str(fit.posterior.encoding.get("key", "")),
            str(fit.posterior["posterior"].attrs.get("created_at", "")),
        )
        found.append({"member": fit.member.name, "key": key, "engine": "nutpie", "version": release, "made": made[:10]})
    return found


def _definition(resource: Resource) -> str:
    """Return the main event in one sentence, and what counts as use."""
    text = resource.name in TEXT
    counted = f"{resource.unit} of human-made data seen" if text else f"{resource.unit}"
    stock = (
        "the human part of the raw stock, as far as it is open to training, times the share worth training on times "
        "the useful passes over it"
        if text
        else "what there is of it, after the levers of the scenario"
    )
    passes = (
        f"Passes of a training run over the same text count up to {COUNTED_PASSES:g}, as many as the stock is granted "
        "at most."
        if text
        else "A data set counts once, however often it is read."
    )
    return (
        f"The exhaustion year is the first time at which the frontier, the largest training set that somebody would "
        f"practicably run, in {counted}, reaches the effective stock of {resource.title}: {stock}. {passes}"
    )


def _consumption(results: Results, block: Callable[[FirstPassage], ExhaustionYear]) -> ConsumptionBlock:
    """Return growth now, the mixture's frontier, each member's own answer, the record and what was not disclosed."""
    frontier, effective, held = results.frontier, results.effective, results.held
    size = frontier.sizes[DRAW]
    each, places = size // len(held), blocks(held, size)
    growth = np.concatenate([fit.growth_now() for fit in thinned(held, size)])
    position = {fit.member.name: index for index, fit in enumerate(held)}
    members: list[MemberBlock] = []
    for fit in results.fits:
        index = position.get(fit.member.name)
        if index is None:
            own, at = mixture([fit], frontier[YEAR].values, each), slice(0, each)
        else:
            at = places[index]
            own = frontier.isel({DRAW: at})
        members.append(
            {
                "name": fit.member.name,
                "title": fit.member.title,
                "weight": 0.0 if index is None else round((at.stop - at.start) / size, 6),
                "exhaustion_year": block(first_passage(own, effective.isel({DRAW: at}))),
                "frontier_2030": levels(own, (2030,))["2030"],
                "verdict": fit.diagnostics["verdict"],
            }
        )
    shift = Undisclosed()
    evidence: Evidence = {} if results.inputs.evidence is None else {"evidence": results.inputs.evidence}
    return {
        "growth_oom_per_year": summarise(growth),
        "frontier": levels(frontier, FRONTIER_YEARS),
        "members": members,
        "levers": [_layer(layer, results.frontier[YEAR].values) for layer in results.demand],
        "record": {"log10_size": _record(results.inputs.data), "rows": results.inputs.rows},
        "passes": {**summarise(results.passes), "source": results.inputs.passes.source},
        "union_over_largest": {**summarise(results.union), "source": UNION_SOURCE},
        "undisclosed": {
            "included": results.scenario.include_undisclosed,
            "delta": summarise(results.delta),
            "tipping": tipping_points(results.disclosed, effective, shift),
            **evidence,
            "source": shift.delta.source,
        },
    }


def _stock(results: Results, seed: int) -> StockBlock:
    """Return raw and effective stock, every layer between them, and the estimators."""
    return {
        "raw": levels(results.raw, STOCK_YEARS),
        "effective": levels(results.effective, STOCK_YEARS),
        "layers": [_layer(layer, results.raw[YEAR].values) for layer in results.layers],
        "estimators": _estimators(results.stock, seed),
    }


def _estimators(stock: StockFit, seed: int) -> list[EstimatorBlock]:
    """Return the estimator in use and, where it combines others, those, each with how far it contradicts the rest."""
    estimator = stock.estimator
    rows: list[EstimatorBlock] = [
        {
            "name": estimator.name,
            "title": estimator.title,
            "lineage": estimator.lineage,
            "raw_2024": summarise(10 ** stock.project(np.array([2024.0])).values[:, 0]),
            "source": "; ".join(estimator.sources),
        }
    ]
    if isinstance(estimator, Synthesis):
        rows[0]["filtered_2024"] = summarise(10 ** (stock.draws["log10_level"] + stock.draws["log10_share"]))
        rows += _combined(seed, estimator.lineages)
    return rows


def _combined(seed: int, lineages: str) -> list[EstimatorBlock]:
    """Return what a synthesis combines, kept once it is made: whatever else a scenario says, these do not ask."""
    from forecast.production.synthesis import estimator_entries, measurements

    def rows() -> list[EstimatorBlock]:
        return [
            {
                "name": entry.name,
                "title": entry.title,
                "lineage": entry.lineage,
                "kind": entry.kind,
                "layer": entry.layer,
                "raw_2024": summarise(entry.raw_2024),
                **_filtered(entry),
                "conflict_p": round(float(entry.conflict_p), 4),
                "source": "; ".join(entry.sources),
            }
            for entry in estimator_entries(seed, lineages=lineages)
        ]

    combined = [repr(one) for one in measurements()]  # an estimator of somebody else's may be among them
    return cast("list[EstimatorBlock]", kept_part("estimators", rows, of=[seed, lineages, combined]))


def _filtered(entry: EstimatorEntry) -> Filtered:
    """Return what was measured after the filter, where it was."""
    return {} if entry.layer == "raw" else {"filtered_2024": summarise(entry.measured_2024)}


def _layer(layer: Layer, years: np.ndarray) -> LayerBlock:
    """Return what a lever does to its side: its factor, by year where that changes, and the level after it."""
    factors = levels_of(layer.log10_factor, years, STOCK_YEARS)
    first, *others = factors
    varies = any(factors[year] != factors[first] for year in others)
    by_year: FactorByYear = {"factor_by_year": factors} if varies else {}
    return {
        "name": layer.name,
        "title": layer.title,
        "factor": factors[first],
        **by_year,
        "level": levels_of(layer.log10_level, years, STOCK_YEARS),
        "source": layer.source,
    }


def stored_evaluations(scenario: Scenario) -> Evaluations:
    """Return the variants and the tables over the priors as they were last evaluated for the baseline."""
    if scenario.name != "baseline" or scenario.resource_name != "public_text" or scenario.leave_out:
        return {}
    rows = _stored("variants", scenario, lambda row: "exhaustion_year" in row)
    return cast(Evaluations, rows | _stored("over_priors", scenario, lambda _: True))


def _stored(name: str, scenario: Scenario, shown: Callable[[Mapping[str, Any]], bool]) -> dict[str, Any]:
    """Return the rows of one stored evaluation and whether it still fits; nothing where there is none."""
    from forecast.ingest.stored import exists, read

    if not exists(name):
        return {}
    try:
        found = read(name, {"scenario": scenario.numbers_digest()})
    except MissingFileError:
        return {}
    rows = [row for row in found.content[name] if shown(row)]
    return {name: rows, f"{name}_state": found.sentence()} if rows else {}


def _record(data: FrontierData) -> float:
    """Return the largest log10 size whose error lets it count as a record."""
    there = data.observed > 0
    pairs = zip(data.size[there], data.sd[there], strict=True)
    largest = record_row({"log10_size": size, "measurement_sd": sd} for size, sd in pairs)
    return round(float(largest["log10_size"]), 4) if largest else float("nan")


def _diagnostics(fits: Sequence[Fit], held: Sequence[Fit], of_stock: Sequence[Check]) -> DiagnosticsBlock:
    """Gather the gate over all fits and the stock: a member that fails is out, and the rest is to be reviewed."""
    of_fits = [Check(**line) for fit in held for line in fit.diagnostics["checks"]]
    of_record = [*record_checks(held), *mixture_checks(held)]
    # Fits that were never checked fail, however well the rest looks.
    kept = verdict([*of_fits, *of_record, *of_stock]) if of_fits else "FAIL"
    lines = [Check(**line) for fit in fits for line in fit.diagnostics["checks"]] + [*of_record, *of_stock]
    names = {fit.member.name for fit in held}
    out = [fit.member.name for fit in fits if fit.member.name not in names]
    why = "failed the gate and is left out of the mixture"
    lines += [Check(name, "REVIEW", why, "see its lines above") for name in out]

    def worst(key: str, of: Callable[[list[float]], float]) -> float | None:
        values = [fit.diagnostics[key] for fit in held]
        return None if any(v is None for v in values) else round(float(of(values)), 4)

    divergences = [fit.diagnostics["divergences"] for fit in held]
    return {
        "verdict": "REVIEW" if out and kept == "PASS" else kept,
        "prior_driven": [line.name for line in lines if line.status == "PRIOR-DRIVEN"],
        "rhat_max": worst("rhat_max", max),
        "ess_bulk_min": worst("ess_bulk_min", min),
        "ess_tail_min": worst("ess_tail_min", min),
        "divergences": None if None in divergences else int(sum(divergences)),
        "checks": [
            CheckBlock(name=line.name, status=line.status, sentence=line.sentence, advice=line.advice) for line in lines
        ],
    }
