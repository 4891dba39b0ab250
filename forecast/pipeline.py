"""From a scenario to a forecast: data, fits, gate, trajectories, first passage, document."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast import __version__, production
from forecast import scenario as scenarios
from forecast.consumption.fitting import FitRequest, fit_members
from forecast.consumption.frontier_data import BLOCK_YEARS, FIRST_KNOT, FrontierData, frontier_data
from forecast.consumption.member import Fit
from forecast.consumption.registry import member
from forecast.consumption.undisclosed import Undisclosed, tipping_points
from forecast.document import FRONTIER_YEARS, HEADLINE_YEAR, exhaustion_block, headline, levels, validate
from forecast.errors import InputError, MissingFileError
from forecast.exhaustion import FirstPassage, apply_levers, first_passage
from forecast.inference.cache import versions
from forecast.inference.gate import Check, verdict
from forecast.inference.settings import Sampling
from forecast.ingest.corpora import COUNTED_PASSES
from forecast.nouns import DRAW, YEAR, Forecast, make_trajectory, resource
from forecast.seeds import DEFAULT_SEED
from forecast.summaries import summarise
from forecast.units import calendar_date, decimal_year

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from forecast.scenario import Scenario

DEFAULT_HORIZON = 2100
"""Last calendar year that is looked at."""

DEFAULT_DRAWS = 4000
"""Posterior draws kept in all (draws)."""

_PACKAGES = ("arviz", "numpy", "nutpie", "pandas", "pymc", "pytensor", "scipy", "xarray")


@dataclass(frozen=True)
class Options:
    """What a run can be told besides its scenario.

    Parameters
    ----------
    models : str or pathlib.Path, optional
        A model table of the user's own, or ``latest`` for the fetched one; by default the shipped one with its audit.
    as_of : str, optional
        ISO date; only rows published by then count. By default the newest snapshot's date.
    horizon : int
        Last calendar year that is looked at.
    seed : int
        The run's seed.
    draws : int
        Posterior draws kept in all.
    jobs : int, optional
        Processes; by default one a processor.
    resource : str, optional
        Instead of the scenario's own.
    command : str
        How the run was asked for, for the record.
    sampling : Sampling
        Length and care of sampling.
    """

    models: str | Path | None = None
    as_of: str | None = None
    horizon: int = DEFAULT_HORIZON
    seed: int = DEFAULT_SEED
    draws: int = DEFAULT_DRAWS
    jobs: int | None = None
    resource: str | None = None
    command: str = "forecast.run"
    sampling: Sampling = field(default_factory=Sampling)


def run(
    scenario: str | Path | Scenario = "baseline",
    *,
    progress: Callable[[str], None] = lambda _: None,
    options: Options | None = None,
    **settings: Any,
) -> Forecast:
    """Make a forecast.

    Parameters
    ----------
    scenario : str, pathlib.Path or Scenario, default "baseline"
        A shipped name, a TOML file, or a scenario already loaded.
    progress : callable, optional
        Told, in a few words, of each step.
    options : Options, optional
        All settings at once.
    **settings : Any
        Fields of `Options` by name: ``models``, ``as_of``, ``horizon``, ``seed``, ``draws``, ``jobs``, ``resource``,
        ``sampling``.

    Returns
    -------
    Forecast
        The exhaustion year by draw, both trajectories, and the document.

    Raises
    ------
    ForecastError
        If an input cannot be used; nothing has been written then.

    Examples
    --------
    >>> f = run("baseline", draws=1000)  # doctest: +SKIP
    >>> 0 < f.probability(by=2030) < 1  # doctest: +SKIP
    True
    """
    chosen = options or Options(**settings)
    world = scenarios.load(scenario) if isinstance(scenario, str | Path) else scenario
    what = _check(world, chosen)
    data, rows, sources = _data(chosen)
    requests = [FitRequest(member(name), data, chosen.seed, chosen.sampling) for name in world.members]
    fits = fit_members(requests, chosen.jobs, progress)
    held = [fit for fit in fits if fit.diagnostics["verdict"] != "FAIL"] or fits
    years = _years(data, chosen.horizon)
    frontier = _mixture(held, years, chosen.draws)
    stock = production.draw_estimator(world.stock(), seed=chosen.seed, size=frontier.sizes[DRAW])
    raw = stock.project(years)
    effective, layers = apply_levers(raw, world, seed=chosen.seed)
    shift = Undisclosed()
    delta = shift.draw(seed=chosen.seed, size=frontier.sizes[DRAW]) * world.include_undisclosed
    disclosed = frontier
    frontier, _ = apply_levers(shift.add(disclosed, delta), world, seed=chosen.seed)
    passage = first_passage(frontier, effective)
    progress("computed first passage")
    document = {
        "schema": "forecast/1",
        "resource": what.name,
        "unit": what.unit,
        "scenario": world.name,
        "as_of": calendar_date(data.as_of).isoformat(),
        "horizon": chosen.horizon,
        "definition": (
            f"The exhaustion year is the first time at which the frontier, the largest training set that somebody "
            f"would practicably run, in {what.unit} of human-made data seen, reaches the effective stock of "
            f"{what.title}: the raw stock times the share worth training on times the useful passes over it. Passes of a "
            f"training run over the same text count up to {COUNTED_PASSES:g}, as many as the stock is granted at most."
        ),
        "exhaustion_year": exhaustion_block(
            passage.year, as_of=data.as_of, horizon=chosen.horizon, never=passage.never
        ),
        "consumption": {
            **_consumption(fits, held, frontier, passage, effective, data, chosen),
            "record": {"log10_size": round(data.record(), 4), "rows": rows},
            "undisclosed": {
                "included": world.include_undisclosed,
                "delta": summarise(delta),
                "tipping": tipping_points(disclosed, effective, shift),
                "source": shift.delta.source,
            },
        },
        "stock": {
            "raw": levels(raw, (2024, 2030)),
            "effective": levels(effective, (2024, 2030)),
            "layers": [
                {
                    "name": layer["name"],
                    "title": layer["title"],
                    "factor": summarise(10 ** layer["log10_factor"][:, 0]),
                    "source": layer["source"],
                }
                for layer in layers
            ],
            "estimators": [
                {
                    "name": stock.estimator.name,
                    "title": stock.estimator.title,
                    "lineage": stock.estimator.lineage,
                    "raw_2024": summarise(10 ** stock.project(np.array([2024.0])).values[:, 0]),
                    "source": "; ".join(stock.estimator.sources),
                }
            ],
        },
        "utilisation": levels(frontier - effective, (2026, 2028, 2030)),
        "diagnostics": _diagnostics(fits, held),
        "sentence": None,
        "previous": None,
        "provenance": {
            "data": sources,
            "scenario_sha256": world.digest(),
            "code_version": __version__,
            "packages": versions(_PACKAGES),
            "seed": chosen.seed,
            "command": chosen.command,
            "created": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        },
    }
    document["consumption"] |= _stored_variants(world, chosen)
    document["sentence"] = headline(document, what.title)
    validate(document)
    return Forecast(passage.year, frontier, effective, document, {fit.member.name: fit.posterior for fit in fits})


def _check(world: Scenario, options: Options) -> Any:
    """Refuse what cannot work before anything is read or sampled."""
    what = resource(options.resource or world.resource_name)
    estimated = world.stock().resource_name
    if what.name != estimated:
        raise InputError(
            f"the resource {what.name!r} with the stock of {estimated}",
            f"a stock estimate of {what.title}",
            f"choose --resource {estimated}, or a scenario for {what.name}",
        )
    if not 100 <= options.draws <= 1_000_000:
        raise InputError(f"{options.draws} draws", "100 to 1,000,000", "choose --draws in that range")
    if options.seed < 0:
        raise InputError(f"the seed {options.seed}", "a whole number from 0 on", "choose another --seed")
    if options.jobs is not None and options.jobs < 1:
        raise InputError(f"{options.jobs} jobs", "1 or more", "choose another --jobs")
    return what


def _data(options: Options) -> tuple[FrontierData, list[dict[str, Any]], list[dict[str, str]]]:
    """Read models and audit; return the largest corpora, as arrays and as rows, and where they come from."""
    from forecast.files import sha256_of
    from forecast.ingest.catalog import table
    from forecast.ingest.corpora import audited_as_of, text_corpora
    from forecast.ingest.models import LATEST, read_models

    newest = audited_as_of()
    models = read_models(options.models)
    last_row = float(models.rows["year"].max())
    # The fetched table takes the shipped one's place under the audit, and may speak of later days.
    fetched = options.models == LATEST
    if fetched:
        newest = max(newest, last_row)
    # A table of the user's own speaks up to its last row: half-years after it are not seen, rather than empty.
    last = newest if options.models is None or fetched else min(newest, last_row)
    as_of = last if options.as_of is None else decimal_year(options.as_of)
    if not FIRST_KNOT + 1 <= as_of <= newest + 1:
        raise InputError(
            f"the date {options.as_of}", f"a date from 2019-01-01 to {calendar_date(newest + 1)}", "choose --as-of"
        )
    nearest = max(int(as_of) + 4, HEADLINE_YEAR)
    if not nearest <= options.horizon <= 2200:
        raise InputError(
            f"a horizon of {options.horizon}", f"a year from {nearest} to 2200", "choose another --horizon"
        )
    corpora = text_corpora(models.rows, complete=options.models is None or fetched)
    used = [table(name) for name in ("epoch_models", "record_audit")]
    if fetched:
        sources = [models.rows.attrs["source"], _source(used[1])]
    elif options.models is not None:
        path = Path(options.models)
        own = {"table": path.name, "sha256": sha256_of(path), "snapshot": "not stated", "licence": "the user's own"}
        sources = [own, _source(used[1])]
    else:
        sources = [_source(entry) for entry in used]
    data = frontier_data(corpora, as_of)
    return data, _rows(data, corpora), sources


def _rows(data: FrontierData, corpora: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the largest corpora of each half-year as the document shows them."""
    known = {row["model"]: row for row in corpora.to_dict("records")}
    shown = []
    for block, labels in enumerate(data.labels):
        for place, label in enumerate(labels):
            row = known[label]
            shown.append(
                {
                    "model": label,
                    "organization": str(row["organization"]),
                    "year": round(float(data.time[block, place]), 3),
                    "log10_size": round(float(data.size[block, place]), 4),
                    "measurement_sd": round(float(data.sd[block, place]), 4),
                    "audited": bool(row["audited"]),
                    "open_weights": bool(row["open_weights"]) if row["open_weights"] in (True, False) else None,
                    "source_url": str(row["source_url"]),
                }
            )
    return shown


def _source(entry: Any) -> dict[str, str]:
    return {
        "table": entry.name,
        "title": entry.title,
        "publisher": entry.publisher,
        "sha256": entry.sha256,
        "snapshot": str(entry.snapshot),
        "licence": entry.licence,
        "attribution": entry.attribution or "",
    }


def _years(data: FrontierData, horizon: int) -> np.ndarray:
    """Return the grid: every half-year from five years before the as-of date to the end of the horizon's year."""
    start = max(FIRST_KNOT, np.floor((data.as_of - 5.0) / BLOCK_YEARS) * BLOCK_YEARS)
    return np.arange(start, horizon + 1 + BLOCK_YEARS / 2, BLOCK_YEARS)


def _mixture(fits: Sequence[Fit], years: np.ndarray, draws: int) -> xr.DataArray:
    """Return one trajectory in which every fit has the same number of draws, evenly thinned."""
    each = max(1, draws // len(fits))
    stacked = np.concatenate([fit.thinned(each).project(years).values for fit in fits])
    what = fits[0].data.resource_name
    return make_trajectory(
        stacked, years, resource_name=what, role="consumption", source=" + ".join(fit.member.name for fit in fits)
    )


def _consumption(
    fits: Sequence[Fit],
    held: Sequence[Fit],
    frontier: xr.DataArray,
    passage: FirstPassage,
    effective: xr.DataArray,
    data: FrontierData,
    options: Options,
) -> dict[str, Any]:
    """Return the consumption part: growth now, the mixture's frontier, and each member's own answer."""
    each = frontier.sizes[DRAW] // len(held)
    growth = np.concatenate([fit.thinned(each).growth_now() for fit in held])
    position = {fit.member.name: index for index, fit in enumerate(held)}
    members = []
    for fit in fits:
        index = position.get(fit.member.name)
        if index is not None:
            at = slice(index * each, (index + 1) * each)
            own, years = frontier.isel({DRAW: at}), passage.year[at]
            never = first_passage(own, effective.isel({DRAW: at})).never
        else:
            own = _mixture([fit], frontier[YEAR].values, each)
            alone = first_passage(own, effective.isel({DRAW: slice(0, each)}))
            years, never = alone.year, alone.never
        members.append(
            {
                "name": fit.member.name,
                "title": fit.member.title,
                "weight": 0.0 if index is None else round(1 / len(held), 6),
                "exhaustion_year": exhaustion_block(years, as_of=data.as_of, horizon=options.horizon, never=never),
                "frontier_2030": levels(own, (2030,))["2030"],
                "verdict": fit.diagnostics["verdict"],
            }
        )
    return {
        "growth_oom_per_year": summarise(growth),
        "frontier": levels(frontier, FRONTIER_YEARS),
        "members": members,
    }


def _stored_variants(world: Scenario, options: Options) -> dict[str, Any]:
    """Return the variants of the baseline as they were last evaluated; nothing where they were not, or do not apply."""
    from forecast.ingest import results

    if world.name != "baseline" or options.models is not None or options.as_of is not None:
        return {}
    try:
        found = results.stored("variants", results.made_from("variants", {"scenario": world.digest()}))
    except MissingFileError:
        return {}
    rows = [row for row in found.content["variants"] if "exhaustion_year" in row]
    return {"variants": rows, "variants_state": found.sentence()} if rows else {}


def _diagnostics(fits: Sequence[Fit], held: Sequence[Fit]) -> dict[str, Any]:
    """Gather the gate over all fits: a member that fails is out, and the rest is to be reviewed."""
    lines = [Check(**line) for fit in fits for line in fit.diagnostics["checks"]]
    kept = verdict(Check(**line) for fit in held for line in fit.diagnostics["checks"])
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
        "checks": [line.to_dict() for line in lines],
    }
