"""Closed forms about models that are trained on models, each with the condition under which it holds.

Generations are counted by fits: generation 0 is the truth, generation 1 the first fit, made on human data, and
generation n has been fitted n times. Functions take a generation or an array of them.
"""

from forecast.collapse.theory.counts import (
    LARGEST_CHAIN,
    expected_support,
    expected_vocabulary,
    lost_at_once,
    lost_exactly,
)
from forecast.collapse.theory.gaussian import (
    marginal_variance,
    median_variance,
    variance_accumulate_ml,
    variance_fresh_ml,
    variance_ml,
    variance_quantile,
    variance_unbiased,
    wasserstein,
    wasserstein_first_order,
)
from forecast.collapse.theory.labels import (
    ACCUMULATE_LIMIT,
    break_even_error,
    classifier_accuracy,
    contamination_floor,
    regression_accumulate,
    regression_fresh,
    regression_replace,
    regression_unit,
    right_after_filter,
    verified_error,
)

__all__ = [
    "variance_ml",
    "variance_unbiased",
    "median_variance",
    "variance_quantile",
    "marginal_variance",
    "wasserstein",
    "wasserstein_first_order",
    "variance_accumulate_ml",
    "variance_fresh_ml",
    "ACCUMULATE_LIMIT",
    "regression_unit",
    "regression_replace",
    "regression_accumulate",
    "regression_fresh",
    "contamination_floor",
    "break_even_error",
    "right_after_filter",
    "classifier_accuracy",
    "verified_error",
    "expected_support",
    "lost_at_once",
    "lost_exactly",
    "LARGEST_CHAIN",
    "expected_vocabulary",
]
