"""The blocks of ``forecast.json`` as types: what a reader of the document may index, checked by mypy, free at run time.

Keys and whether they are required are those of ``forecast.schema.json``; beyond them stand the keys that every document
of this version has. A key that the schema leaves open is not required here either.
"""

# Annotations are not postponed here: as texts they would hide which keys may be absent from whoever asks a class.
from collections.abc import Mapping, Sequence
from typing import Any, Literal, NotRequired, TypedDict

from forecast.core.summaries import Quantity

type Verdict = Literal["PASS", "REVIEW", "FAIL"]
type ByYear = Mapping[str, Quantity[float]]
"""Quantities on 1 January of a year, by the year's four digits."""


class Never(TypedDict):
    """Shares of the futures that never cross within the horizon, by reason."""

    frontier_saturates: float
    stock_escapes: float
    horizon: float


class ExhaustionYear(Quantity[float | None]):
    """A decimal year as a quantity, None beyond the horizon, with its probabilities."""

    probability_by: Mapping[str, float]
    probability_already: float
    probability_after_horizon: float
    never: NotRequired[Never]


class ShortExhaustionYear(TypedDict):
    """An exhaustion year as tables over priors give it."""

    median: float | None
    intervals: Mapping[str, Sequence[float | None]]
    probability_by: Mapping[str, float]
    verdict: Verdict
    left_out: NotRequired[Sequence[str]]


class DefinitionBlock(TypedDict):
    """One event that may be meant by exhaustion, and when."""

    name: str
    title: str
    sentence: str
    exhaustion_year: ExhaustionYear


class MemberBlock(TypedDict):
    """A growth member's own answer."""

    name: str
    title: str
    weight: float
    exhaustion_year: ExhaustionYear
    frontier_2030: Quantity[float]
    verdict: Verdict


class VariantBlock(TypedDict):
    """A variant of the model or the rows, as stored."""

    name: str
    title: str
    kind: str
    sentence: str
    exhaustion_year: ExhaustionYear
    frontier_2030: Quantity[float]
    verdict: Verdict | None
    left_out: Sequence[str]
    weights: NotRequired[Mapping[str, float]]
    log_densities: NotRequired[Sequence[Mapping[str, float]]]
    alpha: NotRequired[float]
    floor: NotRequired[float]


class PriorBlock(TypedDict):
    """The answer with one prior centred elsewhere, as stored."""

    member: str
    parameter: str
    title: NotRequired[str]
    centre: float
    unit: str
    baseline: bool
    alone: ShortExhaustionYear
    mixture: ShortExhaustionYear


class FactorByYear(TypedDict, total=False):
    """A layer's factor by year, where it is not always the same."""

    factor_by_year: ByYear


class LayerBlock(FactorByYear):
    """What a lever does to its side, and what is left after it."""

    name: str
    title: str
    factor: Quantity[float]
    level: ByYear
    source: str


class RecordRow(TypedDict):
    """One corpus among the largest of its half-year."""

    model: str
    organization: str
    year: float
    log10_size: float
    measurement_sd: float
    audited: bool
    open_weights: bool | None
    source_url: str


class RecordBlock(TypedDict):
    """The published record: log10 of the largest size, and the rows that the members were fitted to."""

    log10_size: float
    rows: Sequence[RecordRow]


class JudgedQuantity(Quantity[float]):
    """A quantity with its source."""

    source: str


class EvidenceRow(TypedDict):
    """A model whose size was not published, and what it may have been."""

    model: str
    date: str
    route: Literal["active parameters", "regression"]
    tokens: float
    factor_to_record: float
    sd_log10: float
    note: NotRequired[str]


class EvidenceBlock(TypedDict):
    """What can be worked out about models whose size was not published."""

    models: int
    above_record: int
    rows: Sequence[EvidenceRow]


class Evidence(TypedDict, total=False):
    """The evidence on the shift, where the run read the package's own table."""

    evidence: EvidenceBlock


class UndisclosedBlock(Evidence):
    """The shift from the disclosed frontier to the true one."""

    included: bool
    delta: Quantity[float]
    tipping: Sequence[Mapping[str, float | None]]
    source: str


class Evaluations(TypedDict, total=False):
    """Stored results that a document of the baseline takes in, each with how fresh it is."""

    variants: Sequence[VariantBlock]
    variants_state: str
    over_priors: Sequence[PriorBlock]
    over_priors_state: str


class ConsumptionBlock(Evaluations):
    """The frontier: growth, path, members, levers, the record."""

    growth_oom_per_year: Quantity[float]
    frontier: ByYear
    members: Sequence[MemberBlock]
    levers: Sequence[LayerBlock]
    record: RecordBlock
    passes: JudgedQuantity
    union_over_largest: JudgedQuantity
    undisclosed: NotRequired[UndisclosedBlock]


class Filtered(TypedDict):
    """What is left of the stock after the quality filter, where that is known or was measured."""

    filtered_2024: NotRequired[Quantity[float]]


class EstimatorBlock(Filtered):
    """An estimator of the stock; kind, layer and conflict where it is one of several that are combined."""

    name: str
    title: str
    lineage: str
    kind: NotRequired[str]
    layer: NotRequired[str]
    raw_2024: Quantity[float]
    conflict_p: NotRequired[float]
    source: str


class StockBlock(TypedDict):
    """The stock: raw, effective, the layers between them, the estimators."""

    raw: ByYear
    effective: ByYear
    layers: Sequence[LayerBlock]
    estimators: Sequence[EstimatorBlock]


class CheckBlock(TypedDict):
    """One line of the diagnostics gate."""

    name: str
    status: Literal["PASS", "REVIEW", "FAIL", "PRIOR-DRIVEN"]
    sentence: str
    advice: str


class DiagnosticsBlock(TypedDict):
    """The verdict of the gate and what it rests on; None was not measured."""

    verdict: Verdict
    prior_driven: Sequence[str]
    rhat_max: float | None
    ess_bulk_min: float | None
    ess_tail_min: float | None
    divergences: int | None
    checks: Sequence[CheckBlock]


class MonteCarloError(TypedDict):
    """Monte Carlo standard errors of the headline's numbers, shaped like an exhaustion year; None beyond the horizon."""

    probability_by: Mapping[str, float]
    probability_already: float
    probability_after_horizon: float
    median: float | None
    intervals: Mapping[str, Sequence[float | None]]
    readings: Mapping[str, float]


class Checkable(TypedDict):
    """What a frozen round says of something that is published."""

    sentence: str
    probability: float
    round: str


class Reading(TypedDict):
    """One of the events that people mean."""

    name: str
    plain_name: str
    sentence: str
    probability_by_2030: float
    median: float | None


class Headline(TypedDict):
    """The quotable sentence and what belongs beside it; both sentences are None where the diagnostics say FAIL."""

    sentence: str | None
    short: str | None
    growth_range: Sequence[float] | None
    checkable: Checkable | None
    readings: Sequence[Reading]


class PreviousBlock(TypedDict):
    """The run before, and why the answer moved."""

    run: str
    moved_by_years: float | None
    because: Sequence[str]


class SourceBlock(TypedDict):
    """A table behind the forecast; credits where it is one of the package's."""

    table: str
    sha256: str
    snapshot: str
    licence: str
    title: NotRequired[str]
    publisher: NotRequired[str]
    address: NotRequired[str]
    attribution: NotRequired[str]


class FitBlock(TypedDict):
    """A fit behind the forecast: under which key it is kept, and what sampled it."""

    member: str
    key: str
    engine: str
    version: str
    made: str


class ProvenanceBlock(TypedDict):
    """What made the forecast; older versions kept neither scenario nor options."""

    data: Sequence[SourceBlock]
    scenario_sha256: str
    scenario: NotRequired[Mapping[str, Any]]
    options: NotRequired[Mapping[str, Any]]
    code_version: str
    code_sha256: NotRequired[str]
    fits: NotRequired[Sequence[FitBlock]]
    packages: Mapping[str, str]
    parts: NotRequired[Sequence[Mapping[str, str]]]
    seed: int
    command: str
    created: str


class Document(TypedDict):
    """What ``forecast.json`` holds; version 0.1.0 had neither headline nor Monte Carlo errors."""

    schema: str
    resource: str
    unit: str
    scenario: str
    as_of: str
    horizon: int
    definition: str
    exhaustion_year: ExhaustionYear
    definitions: Sequence[DefinitionBlock]
    levers_idle: Sequence[str]
    consumption: ConsumptionBlock
    stock: StockBlock
    utilisation: ByYear
    diagnostics: DiagnosticsBlock
    sentence: str | None
    headline: NotRequired[Headline]
    monte_carlo_error: NotRequired[MonteCarloError]
    previous: PreviousBlock | None
    provenance: ProvenanceBlock
