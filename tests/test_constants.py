"""Every constant and prior that METHODS names, as a number: what is changed on purpose is changed here too.

A row is where the number lives, the number, and the section of METHODS (or the page beside the code) that states it.
Nothing here is taken from the package but what is tested. A new member needs its priors in ``PRIORS``, a new lever its
settings in ``SETTINGS`` and, unless it is idle in the baseline, its values in ``BASELINE``: one test asks for what is
missing, each other case asserts its own entry alone.
"""

import importlib
import inspect
import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import forecast

Z = {0.8: 1.2815515655446004, 0.9: 1.6448536269514722, 0.95: 1.959963984540054}
INF = float("inf")


def at(place):
    """Return what lies at ``room.module:name.attribute[key]``."""
    module, _, path = place.partition(":")
    value = importlib.import_module(f"forecast.{module}")
    for step in path.split("."):
        name, _, key = step.rstrip("]").partition("[")
        value = getattr(value, name)
        if key:
            value = value[key]
    return value


def check(rows):
    return pytest.mark.parametrize(
        ("place", "number"), [pytest.param(place, number, id=place) for place, number, _ in rows]
    )


ROWS_READ = [
    ("core.units:WORDS_PER_TOKEN", 0.75, "2, unit"),
    ("core.units:REFERENCE_YEAR", 2024.0, "5, t in years since 2024.0"),
    ("core.units:FIRST_OF_JULY", 0.4952, "2, 1 July belongs to the second half-year"),
    ("ingest.corpora:COUNTED_PASSES", 5.0, "1, both sides count alike"),
    ("ingest.corpora:_ERROR_OF_GRADE", {"A": 0.03, "B": 0.05, "C": 0.15, "D": 0.25}, "2, record audit"),
    ("ingest.corpora:_WIDE_ERROR", 0.25, "2, record audit"),
    ("ingest.corpora:CAPPED_PASSES.sd", 0.20, "2, not stated"),
    ("ingest.corpora:UNSTATED_TEXT_SHARE.middle", 0.75, "2, not stated"),
    ("ingest.corpora:UNSTATED_TEXT_SHARE.sd", 0.10, "2, not stated"),
    ("ingest.corpora:UNSTATED_HUMAN_SHARE.middle", 0.85, "2, not stated"),
    ("ingest.corpora:UNSTATED_HUMAN_SHARE.sd", 0.06, "2, not stated"),
    ("ingest.corpora:UNSTATED_PASSES_EARLY.middle", 2.0, "2, not stated"),
    ("ingest.corpora:UNSTATED_PASSES_EARLY.sd", 0.20, "2, not stated"),
    ("ingest.corpora:UNSTATED_PASSES_LATE.middle", 1.1, "2, not stated; 14, passes"),
    ("ingest.corpora:UNSTATED_PASSES_LATE.sd", 0.05, "2, not stated; 14, passes"),
    ("ingest.corpora:SYNTHETIC_SINCE", 2024.0, "2, not stated: human share from 2024 on"),
    (
        "ingest.measurement:CONFIDENCE_SD",
        {"confident": 0.03, "likely": 0.10, "speculative": 0.30, "unverified": 0.30},
        "2, c",
    ),
    ("ingest.measurement:UNSTATED_CONFIDENCE_SD", 0.15, "2, c"),
    ("ingest.measurement:UNIT_SD[stated in notes]", 0.0, "2, u"),
    ("ingest.measurement:UNIT_SD[layout]", 0.04, "2, u"),
    ("ingest.measurement:UNIT_SD[domain default]", 0.06, "2, u"),
    ("ingest.measurement:WORDS_SD", 0.03, "2, v"),
    ("ingest.measurement:GAP_SHARE", 0.5, "2, half of g counts"),
    ("ingest.measurement:UNCHECKED_GAP", 0.10, "2, g that cannot be computed"),
    ("ingest.other_resources:SECONDS_PER_WORD", pytest.approx(0.2631578947368421), "11, a word of speech"),
    ("ingest.other_resources:SECONDS_PER_WORD_SD", 0.06, "11, a word of speech"),
    ("ingest.embodied:HOURS_SD", 0.1, "11, stated hours"),
    ("ingest.other_resources:LEAST_CORPORA", 8, "11"),
    ("ingest.other_resources:LEAST_HALF_YEARS", 4, "11"),
    ("ingest.other_resources:FAR_BELOW", 2.0, "11, a hundredth of the largest"),
    ("ingest.other_resources:SINCE", 2018.0, "2, what the members see"),
]

GROWTH = [
    ("consumption.frontier_data:FIRST_KNOT", 2018.0, "2, what the members see"),
    ("consumption.frontier_data:BLOCK_YEARS", 0.5, "4, knots"),
    ("consumption.frontier_data:LARGEST", 3, "2, the three largest corpora"),
    ("consumption.gamma_steps:NEGLIGIBLE", 0.01, "5, fitting"),
    ("consumption.gamma_steps:SOFTNESS", 0.5, "5, beside the code"),
    ("consumption.gamma_steps:START", -2.0, "5, beside the code"),
    ("consumption.gamma_steps:SMALLEST_SHAPE", 1e-9, "5, beside the code"),
    ("consumption.observation:SMALLEST_ERROR", 0.02, "3, floor for rounding"),
    ("consumption.observation:RUNNERS_UP", 6, "3, six more than needed"),
    ("consumption.observation:LARGEST_SHAPE", 4.0, "3, a shape above 4"),
    ("consumption.observation:DIGITS_END", -500.0, "3, beside the code"),
    ("consumption.observation:SEEN_AT", (1 / 3, 1.0), "3, at a third and at the end"),
    ("consumption.observation:SEEN_WEIGHT", (0.75, 0.25), "3, weights"),
    ("consumption.fit:MAXIMUM_LOG10", 60.0, "4, paths stop at 1e60"),
    ("consumption.members.compute_led:BEND", 0.5, "5, compute-led demand"),
    ("consumption.members.stall_and_resumption:STEEPNESS", 4.0, "5, stall and resumption"),
    ("consumption.learned_from_histories:STALL", 0.483, "5, threshold and persistence"),
    ("consumption.learned_from_histories:RESUMPTION", 0.788, "5, threshold and persistence"),
    ("consumption.members.windowed_exponential:WindowedExponential.window", 5.0, "beside the code"),
    ("consumption.resource_priors:WIDER", 1.5, "11, spreads are 1.5 times those of text"),
    ("consumption.fitting:RECENT_BLOCKS", 6, "15, the last six half-years"),
    ("consumption.prior_driven:PRIOR_DRIVEN_ABOVE", 0.70, "15, what rests on judgement"),
    ("core.priors:_OVERLAP_BINS", 25, "15, bins of equal prior probability"),
    ("consumption.undisclosed:Undisclosed.from_year", 2022.0, "7"),
    ("consumption.undisclosed:Undisclosed.full_year", 2025.5, "7, 3.5 years later"),
    ("consumption.undisclosed:FLOP_PER_PARAMETER_TOKEN", 6.0, "7, evidence"),
    ("consumption.undisclosed:CIRCULAR_WITHIN", 0.02, "7, evidence"),
    ("consumption.undisclosed:EVIDENCE_SINCE", 2023.0, "7, evidence"),
    ("consumption.undisclosed:_REGRESSION_ROWS", 12, "7, evidence"),
    ("consumption.undisclosed:_COMPUTE_SD[Confident]", 0.15, "7, evidence"),
    ("consumption.undisclosed:_COMPUTE_SD[Likely]", 0.3, "7, evidence"),
    ("consumption.undisclosed:_COMPUTE_SD[Speculative]", 0.5, "7, evidence"),
    ("consumption.bend:BEND_WIDTH", 0.125, "16, variants: w = 1/8 year"),
    ("consumption.alternatives.compute_trend:BEND_AT", 2024.5, "5, compute"),
    ("consumption.alternatives.compute_trend:SINCE", 2022.0, "5, compute"),
    ("consumption.alternatives.compute_trend:LARGEST", 8, "5, compute"),
    ("consumption.alternatives.compute_trend:LEAST_TOKENS", 1e10, "5, compute"),
    ("consumption.alternatives.mean_of_all:EPOCH_SINCE", 2010.0, "16, variants: a line since 2010"),
    ("consumption.alternatives.compute_route:FLOP_PER_PARAMETER_TOKEN", 6.0, "12, compute cap"),
    ("consumption.alternatives.compute_route:LIMIT_YEAR", 2030.0, "12, compute cap"),
    ("consumption.alternatives.baselines:HIGH_QUANTILE", 0.95, "16, variants: quantile regression"),
]

STOCK = [
    ("production.combining:PRIOR_MEAN", 14.5, "8, theta"),
    ("production.combining:PRIOR_SD", 1.0, "8, theta"),
    ("production.combining:LINEAGE_SCALE", 0.30, "8, tau"),
    ("production.combining:OWN_SCALE", 0.10, "8, omega"),
    ("production.combining:ROUNDING_SD", 0.02, "8, own bias"),
    ("production.combining:GRID_POINTS", 16, "8, 16 x 16 points"),
    ("production.combining:CANDIDATES_A_DRAW", 4, "8, four candidates"),
    ("production.combining:LEAST_EFFECTIVE_SHARE", 0.05, "8, below 5 % of the candidates"),
    ("production.estimators.published:UNSTATED_SD", 0.30, "8, a figure without an interval"),
    ("production.estimators.released_corpora:POOL_ENDS", 2023.0, "8, DCLM-Pool"),
    ("production.estimator:HALF_WINDOW", 0.5, "9, half a year before and after"),
    ("production.machine_text:MACHINE_SINCE", pytest.approx(2022.9123287671232), "10, 30 November 2022"),
    ("production.machine_text:NOISE_SD", 0.03, "10"),
    ("production.machine_text:PRIORS[logit cap]", (0.0, 1.0), "10, logit c"),
    ("production.machine_text:PRIORS[log rate]", (pytest.approx(0.6931471805599453), 0.7), "10, ln r"),
    ("production.machine_text:PRIORS[midpoint]", (2023.9, 1.0), "10, t0"),
    ("production.machine_text:PRIORS[logit false]", (pytest.approx(-3.8918202981106265), 0.7), "10, alpha 0.02"),
    ("production.machine_text:PRIORS[logit missed]", (pytest.approx(-2.9444389791664403), 1.0), "10, beta 0.05"),
    ("production.machine_text:SPREAD_SCALE", 0.5, "10, sigma"),
    ("production.machine_text:SPREAD_POINTS", 8, "10, 8 values"),
    ("production.machine_text:DRIFT_SD", 0.05, "10, drift"),
    ("production.machine_text:DETECTOR_TEST_SD", 0.3, "10, a published test"),
    ("production.estimators.high_quality_text:HighQualityText.books.median", 21e12, "11"),
    ("production.estimators.high_quality_text:HighQualityText.articles.median", 1e12, "11"),
    ("production.estimators.high_quality_text:HighQualityText.patents.median", 0.2e12, "11"),
    ("production.estimators.high_quality_text:HighQualityText.court_documents.median", 2.7e12, "11"),
    ("production.estimators.high_quality_text:HighQualityText.books.sd_low", 0.30, "11, a factor of four at 95 %"),
]

RUNS = [
    ("core.seeds:DEFAULT_SEED", 20260822, "17"),
    ("runs.pipeline:DEFAULT_HORIZON", 2100, "1, the end of 2100"),
    ("runs.pipeline:DEFAULT_DRAWS", 4000, "6, 4,000 in all"),
    ("runs.passage:AT_REST", 0.01, "14, never: the frontier saturates"),
    ("runs.passage:_LAST_YEARS", 10.0, "14, never: the last decade"),
    ("runs.passage:REASONS", ("frontier_saturates", "stock_escapes", "horizon"), "14, in this order"),
    ("runs.sentence:HEADLINE_HORIZON", 2050, "14, headline statements go to 2050"),
    ("runs.sentence:HEADLINE_YEAR", 2030, "14"),
    ("core.wording:WHOLE_POINTS", 0.005, "forecast/report/README.md: half a point"),
    ("core.wording:FIVES", 0.025, "forecast/report/README.md: 2.5 points"),
    ("runs.headline_sources:OPEN", (0.1, 0.9), "forecast/report/README.md: 10 to 90 %"),
    ("runs.conditioning:FEWEST_EFFECTIVE", 100.0, "forecast/report/README.md: below 100 there is none"),
    ("ingest.added_rows:FURTHEST_AHEAD", 5.0, "forecast/report/README.md: up to five years ahead"),
    ("scenarios.growth:_WITHIN", 10.0, "a window from a tenth of the model's own to ten times that"),
    ("runs.headline:_ADDS", 1.005, "half a per cent of the supply"),
    ("runs.document:STOCK_YEARS", (2024, 2026, 2030), "14, waterfall"),
    ("runs.inputs:RECENT_YEARS", 3.0, "14, passes: the last three years"),
    ("runs.events:NOTHING", -30.0, "14, flow: a year without growth adds nothing"),
    ("runs.checks:PRIOR_DRAWS", 1000, "15, prior predictive probability"),
    ("core.summaries:QUANTILE_LEVELS", (0.025, 0.05, 0.1, 0.2, 0.25, 0.5, 0.75, 0.8, 0.9, 0.95, 0.975), "16, WIS"),
    ("core.summaries:INTERVAL_LEVELS", (0.5, 0.8, 0.9, 0.95), "16"),
    ("fits.gate:RHAT_BELOW", 1.01, "15, the gate"),
    ("fits.gate:ESS_ABOVE", 400.0, "15, the gate"),
    ("fits.gate:DIVERGENT_SHARE", 0.001, "15, the gate"),
    ("fits.gate:PREDICTIVE_RANGE", (0.01, 0.99), "15, the gate"),
    ("fits.sampling:Sampling.chains", 4, "5, fitting"),
    ("fits.sampling:Sampling.tune", 1000, "5, fitting"),
    ("fits.sampling:Sampling.draws", 1500, "5, fitting"),
    ("fits.sampling:Sampling.keep", 1000, "5, fitting"),
    ("fits.sampling:Sampling.target_accept", 0.95, "5, fitting"),
    ("fits.sampling:Sampling.rerun_target_accept", 0.99, "15, the gate"),
]

LEVERS = [
    ("core.repetition:R_STAR", 15.387756, "12, repetition"),
    ("core.repetition:R_STAR_PARAMETERS", 5.309743, "12, Muennighoff et al. 2023"),
    ("core.repetition:LOG_A", 6.255414, "12, Muennighoff et al. 2023"),
    ("core.repetition:LOG_B", 7.3049974, "12, Muennighoff et al. 2023"),
    ("core.repetition:LOG_E", 0.6254804, "12, Muennighoff et al. 2023"),
    ("core.repetition:EXPONENT", 0.3526596, "12, Muennighoff et al. 2023"),
    ("core.repetition:INFOLAW_RATE", (0.140, 0.018), "12, repetition"),
    ("core.repetition:INFOLAW_TAU", 8.1, "12, repetition"),
    ("core.repetition:TURNING_POINT", 15.0, "12, repetition"),
    ("core.repetition:PENALTY_LEFT", 0.3, "12, repetition"),
    ("scenarios.levers.synthetic:SOURCE_CORPUS", 1e12, "12, synthetic text"),
    ("scenarios.levers.access:FIRST_RULES", (2023.0, 2023.5, 2024.33), "12, access"),
    ("scenarios.levers.access:FIRST_SHARES", (0.0, 0.01, 0.06), "12, access"),
    ("scenarios.levers.access:OBSERVED_UNTIL", 2026.5, "12, access"),
    ("scenarios.levers.access:LATER", 2030.0, "12, access"),
    ("scenarios.levers.access:NETWORK_SINCE", 2026.704, "12, access: 15 September 2026"),
    ("scenarios.levers.access:HALF_LIFE", 3.0, "12, access: the pace halves"),
    ("scenarios.levers.restrictions:LEVEL", (0.05, 0.07), "12, access"),
    ("scenarios.levers.restrictions:LEVEL_DATE", 2024.33, "12, access"),
    ("scenarios.levers.restrictions:SHORTEST", 1.0, "12, access: again at least a year later"),
    ("scenarios.levers.restrictions:PACE_SINCE", 2023.7, "12, access: the first burst"),
    ("scenarios.levers.restrictions:BREAK", 2026.7, "12, access: no slope across September 2026"),
    ("scenarios.levers.restrictions:STEADY_SINCE", 2017.7, "12, access: the wandering"),
    ("scenarios.levers.lever:SMALLEST_SHARE", 1e-12, "12, a share of nothing stays finite"),
    ("scenarios.levers.compute_cap:NO_LIMIT", 1e200, "12, compute cap: none"),
]

EVALUATE = [
    ("evaluate.backtest.comparison:RESAMPLES", 10_000, "16, comparing two forecasts"),
    ("evaluate.backtest.protocol:ORIGINS", (2019.0, 2025.5), "16, backtest"),
    ("evaluate.backtest.protocol:HORIZONS", (0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0), "16, backtest"),
    ("evaluate.backtest.protocol:COVERAGE_LEVELS", (0.5, 0.8, 0.95), "evaluate: scores"),
    ("evaluate.backtest.protocol:COMPARISON_LEVEL", 0.9, "16, 90 % interval"),
    ("evaluate.backtest.protocol:DENSITY_WIDTH", 0.05, "evaluate: log score"),
    ("evaluate.backtest.protocol:DENSITY_FLOOR", 0.001, "evaluate: log score"),
    ("evaluate.backtest.protocol:DENSITY_RANGE", 8.0, "evaluate: log score"),
    ("evaluate.backtest.predictions:DRAWS", 2000, "evaluate: origins"),
    ("evaluate.backtest.predictions:FIRST_PUBLISHED_ROW", 2010.0, "evaluate: rivals"),
    ("evaluate.histories.members:ERA", 4, "evaluate: histories, members and mixture"),
    ("evaluate.histories.members:BEFORE", 12, "evaluate: histories, six years"),
    ("evaluate.histories.members:KNOTS", 20, "evaluate: histories, nine years and a half"),
    ("evaluate.histories.members:READING_ERROR", 0.05, "evaluate: histories, members and mixture"),
    ("evaluate.histories.members:UNIT", 0.35, "16, histories"),
    ("evaluate.histories.members:ROUNDING", 1e-9, "evaluate: histories, members and mixture"),
    ("evaluate.histories.learning:MEDIANS", (0.7, 0.8, 0.9, 1.0, 1.1), "evaluate: pace and weights"),
    ("evaluate.histories.learning:SPREADS", (0.3, 0.6, 0.9), "evaluate: pace and weights"),
    ("evaluate.histories.learning:FLOOR", 0.1, "evaluate: pace and weights"),
    ("evaluate.histories.learning:RESAMPLES", 200, "evaluate: pace and weights"),
    ("evaluate.histories.learning:ERROR_RESAMPLES", 20_000, "evaluate: pace and weights"),
    ("evaluate.calibration.recovery:OWN_WORLDS", 250, "16, own worlds"),
    ("evaluate.calibration.recovery:FOREIGN_WORLDS", 20, "16, own worlds"),
    ("evaluate.calibration.recovery:ADVERSARIAL_WORLDS", 200, "16, adversarial worlds"),
    ("evaluate.calibration.recovery:SHORT.chains", 2, "16, fits are short"),
    ("evaluate.calibration.recovery:SHORT.draws", 300, "16, fits are short"),
    ("evaluate.calibration.coverage:HORIZONS", (0.0, 1.0, 2.0, 4.0), "16, simulated worlds"),
    ("evaluate.calibration.worlds:WORLDS_A_PAIR", 5, "16, adversarial worlds"),
    ("evaluate.calibration.worlds:YEARS_AHEAD", 5.0, "16, a world's truth ends five years after the data"),
    ("evaluate.calibration.run:PIPELINE_WORLDS", 250, "16, calibration"),
    ("evaluate.calibration.uniformity:BINS", 10, "16, calibration"),
    ("evaluate.calibration.uniformity:BAND_LEVEL", 0.95, "16, calibration"),
    ("evaluate.worlds.making:A_PAIR", 25, "evaluate: a thousand frozen worlds"),
    ("evaluate.worlds.making:ORIGINS", (2020.0, 2022.0, 2024.0, 2026.0), "evaluate: a thousand frozen worlds"),
    ("evaluate.worlds.making:AHEAD", 5.0, "evaluate: a thousand frozen worlds"),
    ("evaluate.worlds.publication:LEFT_OVER", 0.05, "evaluate: a thousand frozen worlds"),
    ("evaluate.worlds.scoring:CARE.particles", 100, "evaluate: a thousand frozen worlds"),
    ("evaluate.worlds.scoring:CARE.clouds", 2, "evaluate: a thousand frozen worlds"),
    ("evaluate.worlds.summary:LEVELS", (0.5, 0.8, 0.9), "evaluate: a thousand frozen worlds"),
    ("evaluate.sensitivity.tornado:LOW", 0.1, "16, tornado"),
    ("evaluate.sensitivity.tornado:HIGH", 0.9, "16, tornado"),
    ("evaluate.sensitivity.tornado:BAND", 0.05, "16, tornado: a tenth of the draws"),
    ("evaluate.sensitivity.variance:SAMPLES", 4096, "16, Sobol indices"),
    ("evaluate.sensitivity.variance:RESAMPLES", 100, "16, Sobol indices"),
    ("evaluate.sensitivity.information:OUTER", 64, "16, value of information"),
    ("evaluate.sensitivity.information:INNER", 400, "16, value of information"),
    ("evaluate.sensitivity.population:NEIGHBOURS", 50, "evaluate: sensitivity"),
    ("evaluate.followers:FOLLOWS_BELOW", 0.5, "16, followers"),
    ("evaluate.followers:BY_PAGES", 0.5, "16, followers"),
    ("evaluate.disclosures.conditioning:FLOOR", 100.0, "16, disclosures"),
    ("evaluate.disclosures.facts:READ_ERROR", 0.2, "16, disclosures"),
    ("evaluate.disclosures.facts:STATED_ERROR", 0.05, "16, disclosures"),
    ("evaluate.disclosures.facts:PASSES", (1.0, 2.5), "16, disclosures"),
    ("evaluate.disclosures.facts:SIZES", (34.0, 60.0, 120.0, 300.0), "16, disclosures"),
    ("evaluate.disclosures.facts:MACHINE_SHARES", (0.0, 0.47), "16, disclosures"),
    ("evaluate.disclosures.run:PARTICLES.particles", 250, "evaluate: disclosures"),
    ("evaluate.disclosures.run:PARTICLES.clouds", 8, "evaluate: disclosures"),
    ("evaluate.disclosures.run:PARTICLES.last_sweeps", (12, 40), "evaluate: disclosures"),
    ("evaluate.row_filters:LONG_RECORD", 2.0, "16, variants: records that stood over two years"),
    ("evaluate.claims.events:SURE", 0.9, "evaluate: claims"),
]

PAGES = [
    ("replicate.trend:WORDS_PER_TOKEN", 0.8, "replicate: demand"),
    ("replicate.model2024:BYTES_PER_TOKEN_TOP", 6.0, "replicate: stock"),
    ("replicate.model2024:OVERTRAINING_START", 2025.0, "replicate: run-out"),
    ("replicate.model2024:BINS", 100, "replicate: run-out"),
    ("replicate.model2024:STOCK_DRAWS", 10_000, "replicate: run-out"),
    ("replicate.model2024:DEMAND_DRAWS", 1000, "replicate: run-out"),
    ("replicate.compute:START_YEAR", 2022.26, "replicate: rebuilt projection"),
    ("replicate.compute:WORLD_PRODUCT", 1e14, "replicate: rebuilt projection"),
    ("replicate.compute:LARGEST_SHARE", 0.01, "replicate: rebuilt projection"),
    ("replicate.compute:TOKENS_PER_PARAMETER", 20.0, "replicate: demand"),
    ("replicate.procedure2022:WORDS.level", 2e12, "replicate: 2022"),
    ("production.stocks2022:VISION_WEIGHTS", {"vision_platforms": 0.7, "vision_external": 0.3}, "replicate: 2022"),
    ("collapse.learners.ngram:HIGHEST_WEIGHT", 0.8, "collapse: experiments"),
    ("collapse.learners.ngram:FLOOR", 0.01, "collapse: experiments"),
    ("collapse.learners.language:SENTENCE", 8, "collapse: experiments"),
    ("collapse.learners.language:RARE_MASS", 0.1, "collapse: experiments"),
    ("collapse.learners.mixture:RADIUS", 3.0, "collapse: experiments"),
    ("collapse.learners.mixture:SPREAD", (1.0, 0.45), "collapse: experiments"),
    ("collapse.validate:LARGEST_STORE", 60_000_000, "collapse: regimes"),
    ("collapse.validate:LARGEST_RUN", 1_000_000_000, "collapse: regimes"),
    ("collapse.theory.labels:ACCUMULATE_LIMIT", pytest.approx(1.6449340668482264), "collapse: pi^2 / 6"),
    ("report.explorer_packing:STEP", 0.0025, "report: explorer, 1/400"),
    ("report.explorer_paths:MOST_DRAWS", 4000, "report: explorer"),
    ("report.explorer_paths:STOCK_YEARS_UNTIL", 2035.0, "report: explorer"),
]


@check([*ROWS_READ, *GROWTH, *STOCK, *RUNS, *LEVERS, *EVALUATE, *PAGES])
def test_a_constant_is_what_the_method_says(place, number):
    assert at(place) == number


# Half-way between the borders of a half-year no date falls; a date on either side of it is in the half that it names.
@pytest.mark.parametrize(("date", "half"), [(2023.4938, 2023.0), (2024.4945, 2024.0), (2023.4959, 2023.5)])
def test_where_half_years_part(date, half):
    from forecast.consumption.frontier_data import frontier_data

    rows = {"year": [2019.1, date], "log10_size": [10.0, 11.0], "measurement_sd": 0.1, "model": ["a", "b"]}
    data = frontier_data(pd.DataFrame(rows), 2025.0)
    (block,) = [place for place, names in enumerate(data.labels) if "b" in names]
    assert data.knots[block] == half


# Family, median (scale of a half-normal, mean of a normal), 5 % and 95 %: METHODS, 5, priors; 7; 11.
ANY = {
    "level": ("normal", 12.0, 9.53291, 14.46709),
    "jump": ("lognormal", 0.12, 0.0152704, 0.943),
    "pace_ratio": ("lognormal", 0.80, 0.182857, 3.5),
}
LAW = {"spread": ("lognormal", 0.35, 0.175, 0.70), "shape_excess": ("lognormal", 0.8, 0.336842, 1.9)}
OLD = {"level": ANY["level"], "jump": ("lognormal", 0.15, 0.05625, 0.40), **LAW}
PRIORS = {
    "damped": ANY
    | LAW
    | {"slope": ("lognormal", 0.0569, 0.00763587, 0.424), "damping": ("lognormal", 0.0497, 0.0205841, 0.12)},
    "record_drift": ANY | {"slope": ("lognormal", 0.0569, 0.00763587, 0.424)},
    "stall_and_resumption": ANY
    | LAW
    | {
        "slope": ("lognormal", 0.119, 0.0180395, 0.785),
        "threshold": ("normal", -0.31, -1.296912, 0.676912),
        "persistence": ("lognormal", 0.85, 0.289, 2.5),
    },
    "compute_led": ANY | LAW | {"slope": ("lognormal", 0.31, 0.1922, 0.50), "kept": ("lognormal", 0.40, 0.16, 1.0)},
    "local_trend": OLD
    | {
        "long_run_slope": ("lognormal", 0.30, 0.15, 0.60),
        "reversion": ("lognormal", 0.40, 0.16, 1.0),
        "slope_sd": ("half_normal", 0.5, 0.0313534, 0.979982),
    },
    "windowed_exponential": OLD | {"slope": ("lognormal", 0.35, 0.163333, 0.75)},
}

# What the same parameters were judged to be.
JUDGED = {
    "slope": ("lognormal", 0.35, 0.163333, 0.75),
    "damping": ("lognormal", 0.12, 0.032, 0.45),
    "jump": ("lognormal", 0.15, 0.05625, 0.40),
}


def assert_prior(prior, family, centre, low, high):
    assert (prior.family, prior.centre) == (family, centre)
    assert np.asarray(prior.quantile(np.array([0.05, 0.95]))) == pytest.approx([low, high], rel=1e-4)


@pytest.mark.parametrize("name", PRIORS)
def test_every_prior_of_every_member(name):
    from forecast.consumption.members import MEMBERS

    found = dict(MEMBERS[name]().priors())
    assert found.keys() == PRIORS[name].keys()
    for parameter, numbers in PRIORS[name].items():
        assert_prior(found[parameter], *numbers)


def test_every_prior_as_it_was_judged():
    from forecast.consumption.judged import JUDGED as FOUND

    assert FOUND.keys() == JUDGED.keys()
    for parameter, numbers in JUDGED.items():
        assert_prior(FOUND[parameter], *numbers)


@pytest.mark.parametrize(
    ("resource", "mean", "sd"),
    [("images", 8.5, 1.5), ("video", 8.5, 2.0), ("audio", 8.5, 2.0), ("code", 11.5, 1.5), ("embodied", 4.5, 1.5)],
)
def test_priors_of_other_resources(resource, mean, sd):
    from forecast.consumption.resource_priors import member_for

    member = member_for("local_trend", resource)
    assert (member.level.centre, member.level.spread) == (mean, sd)
    assert member.jump.spread == pytest.approx(1.5 * 0.596306, rel=1e-5)
    assert member.slope_sd.centre == 0.75


def test_the_undisclosed_shift():
    """METHODS, 7: none in half of the futures, a half-normal of 0.60 in the others, complete in 2025.5."""
    from forecast.consumption.undisclosed import OUT_OF_SIGHT, Undisclosed
    from forecast.core.trajectory import make_trajectory

    shift = Undisclosed()
    assert (shift.delta.family, shift.delta.centre, OUT_OF_SIGHT) == ("half_normal", 0.60, 0.5)
    drawn = 10 ** shift.draw(seed=1, size=40_000)
    assert np.quantile(drawn, [0.1, 0.49, 0.9]) == pytest.approx([1.0, 1.0, 5.9], rel=0.03)
    years = np.array([2021.0, 2022.0, 2023.75, 2025.5, 2030.0])
    flat = make_trajectory(np.full((1, 5), 13.0), years, resource_name="public_text", role="consumption", source="flat")
    assert shift.add(flat, np.array([0.2])).values == pytest.approx(np.array([[13.0, 13.0, 13.1, 13.2, 13.2]]))


# Low, high, level, stated median, cut above.
INTERVALS = [
    ("production.estimators.indexed_web:IndexedWeb.pages", (7.5e10, 1e12, 0.95), "8, indexed web"),
    ("production.estimators.indexed_web:IndexedWeb.bytes_per_page", (6100, 8200, 0.95), "8, indexed web"),
    (
        "production.estimators.indexed_web:IndexedWeb.six_less_bytes_per_token",
        (1, 4, 0.95, None, 5.0),
        "8, indexed web",
    ),
    ("production.estimators.indexed_web:IndexedWeb.page_growth", (1.00, 1.10, 0.95), "8, indexed web"),
    ("production.estimators.indexed_web:IndexedWeb.bytes_growth", (1.02, 1.04, 0.95), "8, indexed web"),
    ("production.estimators.indexed_web:IndexedWeb.link_rot", (0.02, 0.16, 0.95, None, 0.9), "8, indexed web"),
    ("production.estimators.people:People.words_per_user_year", (1e4, 1e5, 0.90), "8, people"),
    ("production.estimators.people:People.published_share", (0.05, 0.40, 0.95, None, 1.0), "8, people"),
    ("production.estimators.published:GROWTH", (1.03, 1.10, 0.80, 1.07), "8, published; 11"),
    ("production.combining:USABLE_SHARE", (0.10, 0.40, 0.95), "8, q"),
    ("production.estimators.counted_pages:TOKENS_PER_PAGE", (842, 1750, 0.80), "8, counted pages"),
    ("production.estimators.crawl_pages:CrawlPages.pages", (1.9e11, 6.4e11, 0.80, 4.23e11), "8, counted pages"),
    ("production.estimators.index_testimony:IndexTestimony.pages", (2e11, 8e11, 0.80), "8, counted pages"),
    ("production.estimators.common_crawl:OWN_TEXT_SHARE", (0.50, 0.95, 0.90, None, 1.0), "8, lower bounds"),
    ("production.estimators.released_corpora:ReleasedCorpora.tokeniser", (0.80, 1.25, 0.95), "8, lower bounds"),
    ("production.estimators.media:Images.level", (5e12, 2e13, 0.80, 1e13), "11"),
    ("production.estimators.media:Video.level", (4.31e12, 1.73e13, 0.80, 8.63e12), "11"),
    ("production.estimators.media:Audio.level", (4e11, 1.6e12, 0.80, 8e11), "11"),
    ("production.estimators.code:Code.archive", (11.5e12, 67.5e12, 0.95, 32.1e12), "11"),
    ("production.estimators.code:Code.bytes_per_token", (2.8, 3.6, 0.95), "11"),
    (
        "production.estimators.high_quality_text:HighQualityText.counted_share",
        (0.3, 0.5, 0.90, None, 1.0),
        "11",
    ),
    ("production.estimators.high_quality_text:HighQualityText.growth", (1.02, 1.06, 0.90), "11"),
    ("evaluate.followers:OWN_LANGUAGE", (0.05, 0.5, 0.90, None, 1.0), "16, followers"),
    ("runs.events:UNION_OVER_LARGEST", (1.3, 4.0, 0.90), "14, union"),
    ("collapse.yields:SCALE_TRANSFER", (0.01, 0.3, 0.8), "collapse: kappa"),
    ("collapse.yields:_SATURATION", (3e11, 4e12, 0.8), "collapse: n0"),
    ("replicate.trend:LARGEST_NOW", (3e12, 13e12, 0.90), "replicate: demand"),
    ("replicate.model2024:PAGES", (7.5e10, 1e12, 0.95), "replicate: stock"),
    ("replicate.model2024:BYTES_PER_PAGE", (6100, 8200, 0.95), "replicate: stock"),
    ("replicate.model2024:BYTES_PER_TOKEN_LESS", (1, 4, 0.95), "replicate: stock, uncut"),
    ("replicate.model2024:PAGE_GROWTH", (1.02, 1.04, 0.95), "replicate: stock"),
    ("replicate.model2024:WEB_GROWTH", (1.00, 1.10, 0.95), "replicate: stock"),
    ("replicate.model2024:QUALITY", (0.1, 0.4, 0.95), "replicate: stock"),
    ("replicate.model2024:REPETITION", (2, 5, 0.95), "replicate: stock"),
    ("replicate.compute:FAST_DOUBLING", (5.0, 7.2, 0.9), "replicate: rebuilt projection"),
    ("replicate.compute:REVERSION", (8, 18, 0.9), "replicate: rebuilt projection"),
    ("replicate.compute:SLOW_DOUBLING", (18, 30, 0.9), "replicate: rebuilt projection"),
    ("replicate.compute:WORLD_GROWTH", (1.02, 1.04, 0.9), "replicate: rebuilt projection"),
    ("replicate.compute:FLOP_PER_DOLLAR", (2e17, 2e18, 0.9), "replicate: rebuilt projection"),
    ("replicate.compute:PRICE_DOUBLING", (24, 36, 0.9), "replicate: rebuilt projection"),
    ("replicate.compute:START_FLOP", (2.53e24 / 1.5, 2.53e24 * 1.5, 0.9), "replicate: rebuilt projection"),
]


@check(INTERVALS)
def test_an_interval_is_what_the_method_says(place, number):
    low, high, level, median, upper = (*number, None, None)[:5]
    found = at(place)
    assert found.median == pytest.approx(median or (low * high) ** 0.5, rel=1e-12)
    assert found.median / 10 ** (Z[level] * found.sd_low) == pytest.approx(low, rel=1e-9)
    assert found.median * 10 ** (Z[level] * found.sd_high) == pytest.approx(high, rel=1e-9)
    assert found.upper == (INF if upper is None else upper)


# METHODS, 12, the column "baseline", as the file has it.
BASELINE = {
    "contamination": {
        "machine_share": {"q05": 0.26, "q50": 0.47, "q95": 0.67},
        "human_flow_used": 1.0,
        "start": 2027.0,
        "ramp_years": 2.0,
    },
    "language_share": {"share": 1.0},
    "selection": {"share": 1.0, "weight": 1.0},
    "access": {
        "restricted_share_now": {"q10": 0.058, "q50": 0.18, "q90": 0.57},
        "restricted_growth_2030": {"q10": 0.96, "q50": 4.1, "q90": 30.0},
        "compliance_now": {"q05": 0.30, "q95": 0.87},
        "compliance_2030": {"q05": 0.30, "q95": 0.87},
        "network_share": {"q05": 0.003, "q50": 0.03, "q95": 0.09},
        "terms_share": 0.45,
        "terms_compliance_2030": 0.0,
        "licensed_share_2030": {"q05": 0.027, "q50": 0.082, "q95": 0.27},
    },
    "quality": {"usable_share": {"q025": 0.10, "q975": 0.40}, "loosening": 1.0, "start": 2027.0, "ramp_years": 5.0},
    "repetition": {
        "epochs": {"q025": 2.03, "q975": 5.63},
        "run_epochs": {"q05": 1.01, "q50": 1.1, "q95": 2.0},
        "law": "published",
        "r_star": 15.387756,
        "tau": 8.1,
        "turning_point": 15.0,
    },
    "synthetic": {
        "regime": "none",
        "share": 0.0,
        "generations": 2,
        "keep_right": 1.0,
        "keep_wrong": 1.0,
        "saturation_exponent": {"q10": 0.3, "q90": 0.9},
        "scale_transfer": {"q10": 0.01, "q90": 0.3},
        "start": 2027.0,
        "ramp_years": 3.0,
    },
    "private": {
        "total": {"q05": 6e14, "q95": 6e15},
        "reach_share": 0.0,
        "worth": {"q05": 0.2, "q95": 1.6},
        "start": 2027.0,
        "ramp_years": 2.0,
    },
    "multimodal": {
        "images": {"q10": 5e12, "q90": 2e13},
        "video": {"q10": 4.31e12, "q90": 1.73e13},
        "audio": {"q10": 4e11, "q90": 1.6e12},
        "tokens_each": {"q10": 2, "q50": 22, "q90": 290},
        "text_equivalent_share": 0.0,
        "start": 2027.0,
        "ramp_years": 3.0,
    },
    "compute_cap": {
        "limit_2030": {"q05": 2e28, "q50": 2e29, "q95": 2e30},
        "tokens_per_parameter": {"q05": 20, "q95": 300},
        "later_growth": {"q05": 0.06, "q95": 0.25},
        "later_fading": {"q05": 0.03, "q95": 0.15},
        "start": 2027.0,
    },
    "rl_share": {"extra_share": 0.0, "start": 2027.0, "ramp_years": 3.0},
    "overtraining": {"ratio": 1.0, "start": 2027.0, "ramp_years": 2.0},
    "undertraining": {"ratio": 1.0, "start": 2027.0, "ramp_years": 2.0},
    "data_efficiency": {"gain_per_year": 1.0, "limit": {"q05": 2.4, "q50": 5.17, "q95": 17.5}, "start": 2027.0},
    "distillation": {"follower_saving": 1.0, "start": 2027.0, "ramp_years": 2.0},
    "meta_learning": {"gain": 0.0, "start": 2027.0, "ramp_years": 2.0},
    "token_market": {
        "response": 0.0,
        "public_cost": {"q05": 0.003, "q95": 0.5},
        "asked": {"q05": 20, "q50": 400, "q95": 8000},
        "asked_spread": {"q05": 1.3, "q50": 2.2, "q95": 4.0},
        "written": {"q05": 22500, "q95": 150000},
        "written_growth": {"q05": 0.95, "q95": 1.03},
        "rewriting": {"q05": 0.045, "q50": 0.2, "q95": 1.25},
        "verification": {"q05": 1.3, "q95": 5.0},
        "learning": {"q05": 1.26, "q50": 1.6, "q95": 3.3},
        "compute_learning": {"q05": 1.26, "q95": 1.41},
        "fading": {"q05": 0.05, "q95": 0.30},
        "flop_per_dollar": {"q05": 3.1e17, "q95": 1.4e18},
        "most_paid": {"q05": 0.1, "q95": 10.0},
        "start": 2027.0,
        "ramp_years": 3.0,
    },
}


def baseline_file():
    (path,) = Path(forecast.__file__).parent.rglob("baseline.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("lever", BASELINE)
def test_the_levers_of_the_baseline(lever):
    found = baseline_file()["levers"]
    assert {key: value for key, value in found[lever].items() if key not in ("source", "sources")} == BASELINE[lever]


def test_the_rest_of_the_baseline():
    found = baseline_file()
    assert found["resource"] == "public_text"
    assert found["stock"] == {"estimator": "synthesis"}
    assert found["consumption"] == {
        "members": ["damped", "record_drift", "stall_and_resumption", "compute_led"],
        "include_undisclosed": True,
    }


# Lever and setting: lower bound, upper bound, value that changes nothing, whether exactly 0 is possible.
SHARE, START, RAMP = (0.0, 1.0, None, True), (2000.0, 2200.0, None, False), (0.0, 100.0, None, True)
OFF = (0.0, 1.0, 0.0, True)
DOLLARS = (1e-9, 1e9, None, False)
SETTINGS = {
    "contamination": {
        "machine_share": OFF,
        "human_flow_used": (0.0, 1.0, 1.0, True),
        "start": START,
        "ramp_years": RAMP,
    },
    "language_share": {"share": (0.0, 1.0, 1.0, False)},
    "selection": {"share": (0.0, 1.0, 1.0, False), "weight": (0.0, 100.0, 1.0, False)},
    "access": {
        "restricted_share_now": OFF,
        "restricted_growth_2030": (0.0, 1e6, None, False),
        "restricted_share_2030": OFF,
        "compliance_now": SHARE,
        "compliance_2030": SHARE,
        "network_share": OFF,
        "terms_share": SHARE,
        "terms_compliance_2030": OFF,
        "licensed_share_2030": SHARE,
    },
    "quality": {
        "usable_share": (0.0, 1.0, None, False),
        "loosening": (0.01, 100.0, None, False),
        "start": START,
        "ramp_years": RAMP,
    },
    "repetition": {
        "epochs": (1.0, 1000.0, 1.0, False),
        "passes": (1.0, 100.0, 1.0, False),
        "run_epochs": (1.0, 5.0, None, False),
        "law": (0.0, 0.0, None, False),
        "r_star": (0.1, 1000.0, None, False),
        "tau": (0.1, 1000.0, None, False),
        "turning_point": (0.1, 1000.0, None, False),
    },
    "synthetic": {
        "regime": (0.0, 0.0, "none", False),
        "share": SHARE,
        "generations": (2.0, 50.0, None, False),
        "keep_right": (0.0, 1.0, None, False),
        "keep_wrong": SHARE,
        "saturation_exponent": SHARE,
        "scale_transfer": (0.0, 10.0, None, True),
        "start": START,
        "ramp_years": RAMP,
    },
    "private": {
        "total": (1.0, 1e20, None, False),
        "reach_share": OFF,
        "worth": (0.0, 20.0, None, False),
        "start": START,
        "ramp_years": RAMP,
    },
    "multimodal": {
        "images": (0.0, 1e20, None, True),
        "video": (0.0, 1e20, None, True),
        "audio": (0.0, 1e20, None, True),
        "tokens_each": (0.01, 1e5, None, False),
        "text_equivalent_share": OFF,
        "start": START,
        "ramp_years": RAMP,
    },
    "compute_cap": {
        "limit_2030": (1e20, 1e200, 1e200, False),
        "tokens_per_parameter": (1e-3, 1e6, None, False),
        "later_growth": (0.0, 2.0, None, True),
        "later_fading": (1e-4, 100.0, None, False),
        "start": START,
    },
    "rl_share": {"extra_share": OFF, "start": START, "ramp_years": RAMP},
    "overtraining": {"ratio": (1.0, 1e4, 1.0, False), "start": START, "ramp_years": RAMP},
    "undertraining": {"ratio": (1e-4, 1.0, 1.0, False), "start": START, "ramp_years": RAMP},
    "data_efficiency": {
        "gain_per_year": (1.0, 100.0, 1.0, False),
        "limit": (1.0, 1e6, None, False),
        "start": START,
    },
    "distillation": {"follower_saving": (1.0, 1e4, 1.0, False), "start": START, "ramp_years": RAMP},
    "meta_learning": {"gain": (0.0, 1e4, 0.0, True), "start": START, "ramp_years": RAMP},
    "token_market": {
        "response": OFF,
        "public_cost": DOLLARS,
        "asked": DOLLARS,
        "asked_spread": (0.01, 10.0, None, False),
        "written": DOLLARS,
        "written_growth": (0.5, 2.0, None, False),
        "rewriting": DOLLARS,
        "verification": (1.0, 1e3, None, False),
        "learning": (1.0, 100.0, None, False),
        "compute_learning": (1.0, 100.0, None, False),
        "fading": (1e-4, 100.0, None, False),
        "flop_per_dollar": (1e10, 1e30, None, False),
        "most_paid": (1e-6, 1e6, None, False),
        "start": START,
        "ramp_years": RAMP,
    },
}


@pytest.mark.parametrize("name", SETTINGS)
def test_what_a_scenario_may_say_of_a_lever(name):
    from forecast.scenarios.levers import LEVERS as ALL

    found = {key: (each.lower, each.upper, each.neutral, each.zero) for key, each in ALL[name].settings.items()}
    assert found == SETTINGS[name]


def test_the_order_in_which_levers_act():
    """METHODS, 12: in the order of the table; a lever between them moves none of the others."""
    from forecast.scenarios.levers import LEVERS as ALL

    assert [name for name in ALL if name in SETTINGS] == list(SETTINGS)


def own(registry):
    """Return the names of the package's own entries: others may have registered theirs."""
    kinds = {name: entry if isinstance(entry, type) else type(entry) for name, entry in registry.items()}
    return {name for name, kind in kinds.items() if kind.__module__.partition(".")[0] == forecast.__name__}


def test_every_entry_of_the_package_has_its_numbers_here():
    from forecast.consumption.members import MEMBERS
    from forecast.scenarios import scenario
    from forecast.scenarios.levers import LEVERS as ALL

    acting = own(ALL) & set(scenario.load("baseline").levers)
    wanted = {
        "PRIORS, and its formula and priors to METHODS, section 5": own(MEMBERS) - set(PRIORS),
        "SETTINGS, and its row to METHODS, section 12": own(ALL) - set(SETTINGS),
        "BASELINE, and its row to METHODS, section 12": acting - set(BASELINE),
    }
    missing = [f"{', '.join(sorted(names))}: add its numbers to {where}" for where, names in wanted.items() if names]
    assert not missing, "; ".join(missing)


def test_joint_draws():
    """METHODS, 12, joint draws: Spearman's rank correlations."""
    from forecast.scenarios.levers import DEPENDENCES

    found = {pair: (each.on, each.rank_correlation) for pair, each in DEPENDENCES.items()}
    assert found == {
        ("synthetic", "scale_transfer"): (("repetition", "epochs"), -0.3),
        ("access", "restricted_share_now"): (("quality", "usable_share"), -0.3),
        ("access", "restricted_growth_2030"): (("access", "restricted_share_now"), 0.85),
        ("access", "restricted_share_2030"): (("access", "restricted_share_now"), 1.0),
        ("access", "compliance_2030"): (("access", "compliance_now"), 1.0),
        ("compute_cap", "tokens_per_parameter"): (("compute_cap", "limit_2030"), -0.3),
        ("overtraining", "ratio"): (("compute_cap", "limit_2030"), -0.3),
    }
    score = DEPENDENCES["overtraining", "ratio"].score_correlation
    assert score == pytest.approx(-0.3128689300804617)  # 2 sin(pi rho / 6)


@pytest.mark.parametrize("excess", [0.25, 1.0, 3.0])
def test_the_exponent_of_the_simulated_record(excess, monkeypatch):
    """METHODS, 3: the least deficit of a half-year exceeds e with probability exp(-(e/s)^(1 + excess)), but for errors."""
    from forecast.consumption.fit import Fit
    from forecast.consumption.frontier_data import frontier_data
    from forecast.consumption.members import MEMBERS

    rows = {"year": [2019.1, 2020.1], "log10_size": [1.0, 2.0], "measurement_sd": 0.0, "model": ["a", "b"]}
    data = frontier_data(pd.DataFrame(rows), 2020.5)
    size = 20_000
    # Wide beside the error of what is published, whose floor is 0.02.
    level = {"jump": 1e-3, "spread": 2.0, "shape_excess": excess, "slope": 1e-9}
    posterior = {name: (("chain", "draw"), np.full((1, size), value)) for name, value in level.items()}
    posterior["frontier"] = (("chain", "draw", "knot"), np.full((1, size, len(data.knots)), 14.0))
    tree = xr.DataTree.from_dict({"/posterior": xr.Dataset(posterior)})
    fit = Fit(MEMBERS["windowed_exponential"](), data, tree, {}, 1)
    deficit = 14.0 - fit.project_record(np.array([data.last_knot + 0.5])).values[:, 0]
    for share in (0.25, 0.5, 0.75):
        expected = 2.0 * (-np.log(1 - share)) ** (1 / (1 + excess))
        assert np.quantile(deficit, share) == pytest.approx(expected, rel=0.04)


def test_how_long_the_laboratory_runs():
    """collapse: experiments, the column "model" and what is said of runs."""
    from forecast.collapse.learners import (
        capacity,
        dice,
        gaussian,
        lessons,
        mixes,
        mixture,
        neural,
        ngram,
        regression,
        transformers,
        vae,
        verifiers,
    )
    from forecast.collapse.learners import generated_languages as languages

    def defaults(function, *names):
        return tuple(inspect.signature(function).parameters[name].default for name in names)

    three = ("samples", "generations", "replicates")
    assert defaults(gaussian.simulate_gaussian, *three, "right_within") == (100, 200, 1000, 3.0)
    assert defaults(ngram.simulate_ngram, *three) == (20_000, 30, 3)
    assert defaults(regression.simulate_regression, *three, "dimension") == (111, 10, 1000, 10)
    assert defaults(mixture.simulate_mixture, "samples", "generations") == (1000, 2000)
    assert defaults(dice.simulate_dice, *three) == (100, 50, 2000)
    assert dice.FACES == (0.3, 0.25, 0.2, 0.15, 0.07, 0.03)
    assert defaults(transformers.simulate_transformer, *three, "steps", "width") == (64_000, 10, 2, 400, 48)
    assert defaults(vae.simulate_vae, *three, "steps") == (2000, 10, 4, 1500)
    assert defaults(capacity.simulate_capacity, "samples", "steps", "widths") == (12_000, 800, (8, 16, 32, 64))
    assert neural.MARGIN == 0.1
    assert defaults(verifiers.simulate_verifiers, *three, "dimension", "reads", "bias") == (100, 20, 500, 2, 200, 0.2)
    assert (lessons.STEPS, lessons.MARGIN, lessons.LETTERS) == ((50, 150, 400), 0.2, 10)
    assert (languages.SPARSE, languages.CONTEXT, languages.BATCH, languages.RATE) == (0.15, 16, 32, 1e-2)
    assert (languages.HELD_OUT, 2.4e4 < languages.STUDENT.parameters < 2.6e4) == (256, True)
    assert (mixes.WIDTHS, mixes.POINTS, mixes.REPLICATES, mixes.HUMAN) == ((12, 20, 32), 36, 3, 128)
    assert (mixes.UPDATES, mixes.SHARES, mixes.GENERATIONS) == ((50, 100, 200), (0.2, 0.9), (2, 10))
    assert (mixes.REPLACED, mixes.ALL_BUT_EXCLUDED, mixes.CURVE[-1]) == (0.25, 1e-3, 1024)
    assert defaults(lessons.simulate_distillation, "tokens", "teachers") == (2048, (1, 4, 16, 64))
    assert defaults(lessons.simulate_passes, "tokens", "passes") == (12_800, (1, 2, 4, 8, 16))
    assert defaults(lessons.simulate_adaptation, "languages", "kinship") == (30, 4.0)


def test_tables_over_the_priors():
    """METHODS, 15, tables over the priors."""
    from forecast.evaluate.over_priors import PARTICLES, SWEEPS, TOGETHER

    assert {(sweep.member, sweep.parameter): sweep.centres for sweep in SWEEPS} == {
        ("damped", "damping"): (0.025, 0.05, 0.10, 0.20),
        ("damped", "slope"): (0.03, 0.06, 0.12, 0.38),
        ("record_drift", "slope"): (0.03, 0.06, 0.12, 0.30),
        ("stall_and_resumption", "slope"): (0.06, 0.12, 0.24, 0.45),
        ("compute_led", "kept"): (0.2, 0.4, 0.7, 1.0),
        ("record_drift", "pace_ratio"): (0.4, 0.6, 0.8, 1.0),
    }
    assert TOGETHER == (0.10, 0.15, 0.20, 0.30, 0.45)
    assert (PARTICLES.particles, PARTICLES.clouds) == (250, 8)


def test_words_for_probabilities():
    """report: words for probabilities, both scales."""
    from forecast.report.likelihood_words import SCALES

    assert {word: (low, high) for word, low, high in SCALES["ipcc"].terms} == {
        "virtually certain": (0.99, 1.0),
        "very likely": (0.90, 1.0),
        "likely": (0.66, 1.0),
        "about as likely as not": (0.33, 0.66),
        "unlikely": (0.0, 0.33),
        "very unlikely": (0.0, 0.10),
        "exceptionally unlikely": (0.0, 0.01),
    }


@pytest.mark.parametrize(("name", "gap"), [("main", 0.0), ("share_10", -1.0), ("share_50", -0.3010299956639812)])
def test_first_passage_thresholds(name, gap):
    """METHODS, 14: all, a tenth and half of the stock."""
    from forecast.runs.events import Sides

    years = np.array([2024.0, 2025.0, 2044.0])
    rising, flat, one = np.array([[10.0, 10.25, 15.0]]), np.full((1, 3), 14.0), np.ones(1)
    found = Sides(years, rising, rising, flat, flat, flat, one, one).passages()
    assert found[name].year[0] == pytest.approx(2024.0 + (4.0 + gap) / 0.25)
