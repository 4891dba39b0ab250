"""What other models, other rows and other rules would have said, each against the baseline's effective stock.

None of them is in the forecast. Fits are made side by side and kept, so that what the baseline has fitted is used
again; routes and baselines need no sampler. Where the scenario counts undisclosed models, the same shift is added to
every variant that projects the largest disclosed sizes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast.consumption.alternatives import MEMBER_VARIANTS, ROUTES
from forecast.consumption.alternatives.baselines import BASELINES
from forecast.consumption.alternatives.envelope import all_corpora
from forecast.consumption.fit import Fit, interpolate
from forecast.consumption.fitting import FitRequest, fit_member
from forecast.consumption.frontier_data import BLOCK_YEARS, FrontierData
from forecast.consumption.judged import judged
from forecast.consumption.members import member
from forecast.core.registry import Registry
from forecast.core.seeds import generator
from forecast.errors import ForecastError, InputError
from forecast.evaluate.baseline import Baseline, Outcome, Variant, fit_all, mixed, mixture, prepare, table_row
from forecast.evaluate.row_filters import long_records, uncapped
from forecast.production.lineages import BY_INPUTS, DRAWINGS
from forecast.runs.passage import apply_levers
from forecast.runs.pipeline import Options
from forecast.scenarios import scenario as scenarios
from forecast.scenarios.levers import counted_as

if TYPE_CHECKING:
    import pandas as pd

    from forecast.scenarios.scenario import Scenario


def run_variants(
    names: Sequence[str] | None = None,
    options: Options | None = None,
    *,
    scenario: str | Scenario = "baseline",
    progress: Callable[[str], None] = lambda _: None,
) -> list[dict[str, Any]]:
    """Return the variants table."""
    chosen = [VARIANTS[name] for name in (VARIANTS if names is None else names)]
    baseline = prepare(options or Options(), scenario)
    wanted: dict[str, list[FitRequest]] = {}
    notes: dict[str, str] = {}
    for variant in chosen:
        try:
            wanted[variant.name] = variant.requests(baseline)
        except ForecastError as error:
            notes[variant.name] = str(error)
    failed = fit_all([request for requests in wanted.values() for request in requests], baseline, progress)
    rows = []
    for variant in chosen:
        row: dict[str, Any] = {
            "name": variant.name, "title": variant.title, "kind": variant.kind, "sentence": variant.sentence
        }  # fmt: skip
        requests = wanted.get(variant.name, [])
        broken = [failed[key] for request in requests if (key := request.key()) in failed]
        try:
            if variant.name in notes or broken:
                row["note"] = notes.get(variant.name) or broken[0]
            else:
                outcome = variant.outcome(baseline, [fit_member(request) for request in requests])
                row |= table_row(baseline, outcome, disclosed=variant.disclosed)
        except ForecastError as error:
            row["note"] = str(error)
        rows.append(row)
        progress(f"variant: {variant.title}")
    return rows


def settings() -> dict[str, Any]:
    """Return what shapes the stored result beside its seed."""
    return {"scenario": scenarios.load("baseline").numbers_digest()}


def evaluate(*, progress: Callable[[str], None], jobs: int | None, scheduler: str | None = None) -> dict[str, Any]:
    """Make the variants table of the baseline."""
    from forecast.core.units import calendar_date

    options = Options(jobs=jobs, scheduler=scheduler)
    scenario = scenarios.load("baseline")
    rows = run_variants(None, options, scenario=scenario, progress=progress)
    as_of = calendar_date(prepare(options, scenario).as_of).isoformat()
    return {"scenario": "baseline", "as_of": as_of, "seed": options.seed, "variants": rows}


def _largest_rule(baseline: Baseline, fits: Sequence[Fit], *, largest: int) -> Outcome:
    """Project what is published instead of the latent frontier: the running record, or that of the top few's mean.

    A member that speaks of the record alone is left out of the latter.
    """

    def paths(fit: Fit) -> np.ndarray:
        data = fit.data
        horizon = baseline.years[-1]
        knots = data.last_knot + BLOCK_YEARS * np.arange(int(np.ceil((horizon - data.last_knot) / BLOCK_YEARS)) + 1)
        frontier = fit.project(knots).values
        under = fit.member.published_under(frontier[:, :-1], frontier[:, 1:])
        rng = generator(baseline.options.seed, "evaluate", "rule", str(largest), fit.member.name)
        whole = np.ones(under.shape[1])
        published = fit.member.published(under, whole, 0 * whole, fit.draws, rng, largest).mean(axis=2)
        known, when = _known_rule(data, largest)
        ahead = np.maximum.accumulate(np.maximum(published, known[-1]), axis=1)
        now = np.full((len(frontier), 1), known[-1])
        whole = interpolate(np.concatenate([now, ahead], axis=1), knots, baseline.years)
        past = baseline.years <= data.last_knot
        reached = np.searchsorted(when, baseline.years[past], side="right") - 1
        whole[:, past] = known[np.maximum(reached, 0)]
        return whole

    speaking = [fit for fit in fits if largest == 1 or not fit.member.record_alone]
    if not speaking:
        raise InputError(
            "growth models of the record alone", "one that speaks of other corpora", "name one in the scenario"
        )
    return mixed(baseline, speaking, paths)


def _known_rule(data: FrontierData, largest: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the rule's running value and when it was reached, from the rows up to now."""
    full = np.flatnonzero(data.observed[:, :largest].sum(axis=1) == largest)
    means = data.size[full, :largest].mean(axis=1)
    return np.maximum.accumulate(means), data.time[full, :largest].max(axis=1)


def _without(baseline: Baseline, keep: Callable[[pd.DataFrame], np.ndarray]) -> list[FitRequest]:
    """Return the default members on fewer rows."""
    return baseline.defaults(baseline.corpora[keep(baseline.corpora)])


def _text_only(baseline: Baseline) -> list[FitRequest]:
    from forecast.ingest.catalog import load_table

    audit = load_table("record_audit")
    mixed = {
        *baseline.models.loc[baseline.models["modality"] == "multimodal", "model"],
        *audit.loc[audit["domain_group"] == "multimodal", "model"],
    }
    return _without(baseline, lambda rows: ~rows["model"].isin(mixed).to_numpy())


def _unique(baseline: Baseline) -> list[FitRequest]:
    from forecast.ingest.corpora import text_corpora

    return baseline.defaults(text_corpora(baseline.models, basis="unique", complete=baseline.options.models is None))


def _single_pass(baseline: Baseline, fits: Sequence[Fit]) -> Outcome:
    """Compare unique tokens with a stock that is read once."""
    kept = {name: lever for name, lever in baseline.scenario.levers.items() if name not in counted_as("pass")}
    once = replace(baseline.scenario, levers=kept)
    return replace(mixture(baseline, fits), effective=apply_levers(baseline.raw, once, seed=baseline.options.seed)[0])


def _lineages(baseline: Baseline, fits: Sequence[Fit], *, name: str) -> Outcome:
    """Draw the lineages of the stock in another way."""
    other = replace(baseline, scenario=replace(baseline.scenario, lineages=name))
    return replace(mixture(baseline, fits), effective=other.effective)


def _envelope(baseline: Baseline) -> list[FitRequest]:
    # Every row is looked at in every step: shorter runs, which a frontier without jumps bears.
    full = baseline.options.sampling
    short = replace(full, draws=min(full.draws, 600), tune=min(full.tune, 500), target_accept=0.9)
    data = all_corpora(baseline.corpora, baseline.as_of)
    return [FitRequest(MEMBER_VARIANTS["envelope"](), data, baseline.options.seed, short)]


def _route(baseline: Baseline, fits: Sequence[Fit], *, name: str) -> Outcome:
    del fits
    way = ROUTES[name]() if name in ROUTES else BASELINES[name]()
    return Outcome(
        way.forecast(
            baseline.corpora,
            baseline.years,
            as_of=baseline.as_of,
            seed=baseline.options.seed,
            draws=baseline.options.draws,
        )
    )


def _defaults(baseline: Baseline) -> list[FitRequest]:
    return baseline.defaults(baseline.corpora)


def _judged(baseline: Baseline) -> list[FitRequest]:
    return baseline.requests([judged(member(name)) for name in baseline.scenario.members], baseline.data)


def _alone(baseline: Baseline, *, name: str) -> list[FitRequest]:
    return baseline.requests([MEMBER_VARIANTS[name]()], baseline.data)


_SENTENCES = {
    "full_exponential": "One growth rate since 2018, carried on for ever: the steep years before 2024 count in full.",
    "changepoint": "Two growth rates with one bend; the date of the bend is estimated and may lie ahead.",
    "logistic": "An S-curve in log size: how much room is left comes from the prior, not from the data.",
    "envelope": "Every corpus counts, not only the largest: sizes lie below the frontier by heavy-tailed deficits.",
}

_ALL = (
    Variant("latent", "Latent frontier: the forecast itself", "What the others are to be compared with.",
            "rule", mixture, _defaults),
    Variant("record", "Running record instead of the frontier",
            "The largest corpus that gets published, a little below what somebody could run.",
            "rule", partial(_largest_rule, largest=1), _defaults),
    Variant("top_three", "Mean of the three largest instead of the frontier",
            "Log mean of a half-year's three largest published corpora, as a running maximum.",
            "rule", partial(_largest_rule, largest=3), _defaults),
    *(
        Variant(name, kind.title, _SENTENCES[name], "member", mixture,
                _envelope if name == "envelope" else partial(_alone, name=name))
        for name, kind in MEMBER_VARIANTS.items()
    ),
    Variant("judged_priors", "Growth priors as judged, nothing learned",
            "The same members with the priors on pace, slowing and jumps that were judged before histories were learned "
            "from, and a pace that goes on after the data as before.",
            "member", mixture, _judged),
    Variant("text_only", "Text-only rows", "Multimodal runs left out: their share of text is mostly not stated.",
            "rows", mixture, _text_only),
    Variant("without_long_records", "Without rows that held the record for over two years",
            "GPipe and XLM-R read the same multilingual text many times and stood above all others for years.",
            "rows", mixture,
            lambda s: _without(s, lambda rows: ~rows["model"].isin(long_records(rows)).to_numpy())),
    Variant("without_record", "Without the record", "The largest corpus so far left out: what hangs on one row.",
            "rows", mixture,
            lambda s: _without(s, lambda rows: (rows["log10_size"] < rows["log10_size"].max()).to_numpy())),
    Variant("without_gpt4", "Without the leaked size of GPT-4", "That size was never published; it led for a year.",
            "rows", mixture,
            lambda s: _without(s, lambda rows: ~rows["model"].str.match(r"GPT-4(?: \(|$)").to_numpy(dtype=bool))),
    Variant("uncapped", "Every pass counted", "Tokens seen, however often the same text was read: no cap of five passes.",
            "rows", mixture, lambda s: s.defaults(uncapped(s.corpora, s.models))),
    Variant("unique", "Unique tokens, stock read once",
            "Single pass on both sides: unique tokens against the stock without repetition.",
            "rows", _single_pass, _unique),
    *(
        Variant(f"lineages_{name}", drawing.title, drawing.sentence, "stock", partial(_lineages, name=name), _defaults)
        for name, drawing in DRAWINGS.items()
        if name != BY_INPUTS
    ),
    *(
        Variant(name, kind.title, kind.sentence, "route", partial(_route, name=name),
                disclosed=False)
        for name, kind in ROUTES.items()
    ),
    *(
        Variant(name, kind.title, kind.sentence, "baseline", partial(_route, name=name))
        for name, kind in BASELINES.items()
    ),
)  # fmt: skip

VARIANTS = Registry[Variant]("variant", _ALL)
"""The variants by name, in the order of the table: a new one is one line above."""
