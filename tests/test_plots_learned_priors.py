"""Figures of what is learned from histories."""

import numpy as np
import pytest
from matplotlib.lines import Line2D

from forecast.core.priors import Prior
from forecast.plots.learned_priors import TITLES, learned_priors, learned_priors_text, predictive_checks

PRIORS = {name: Prior.lognormal(0.3, 0.6, "per year", "test") for name in TITLES}
JUDGED = {name: prior for name, prior in PRIORS.items() if name not in ("stall", "resumption")}


@pytest.mark.parametrize(("scale", "title"), [(0.5, "slower growth"), (2.0, "faster growth")])
def test_the_title_says_which_way_the_learned_growth_lies(scale, title):
    learned = {name: scale * prior.quantile(np.linspace(0.01, 0.99, 99)) for name, prior in PRIORS.items()}
    ax = learned_priors(learned, JUDGED)
    texts = [text.get_text() for text in ax.figure.findobj(lambda part: hasattr(part, "get_text"))]
    assert any(title in text for text in texts)
    assert f"learned {0.3 * scale:.2f}" in texts
    assert f"growth {0.3 * scale:.2f} [" in learned_priors_text(learned, JUDGED)
    assert sum("judged" in text for text in texts) == len(JUDGED)


def test_distributions_over_series_end_at_one():
    values = {name: np.arange(1.0, 9.0) for name in "abc"}
    ax = predictive_checks(values, values, values)
    lines = [line for line in ax.figure.findobj(Line2D) if len(line.get_ydata()) == 8]
    assert len(lines) == 9
    assert all(line.get_ydata()[-1] == 1.0 for line in lines)
