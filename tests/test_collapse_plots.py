"""Figures of the laboratory: they return their axes, say what they show, and their labels do not overlap."""

from __future__ import annotations

import itertools

import pytest
from matplotlib.text import Text

from forecast.collapse.curves import simulate_yield_curve
from forecast.collapse.learners.gaussian import simulate_gaussian
from forecast.collapse.learners.mixture import simulate_mixture
from forecast.collapse.learners.ngram import simulate_ngram
from forecast.collapse.learners.regression import simulate_regression
from forecast.plots import collapse as plots


@pytest.fixture(scope="module")
def results():
    return {
        "gaussian": simulate_gaussian(30, 20, 50),
        "mixture": simulate_mixture(60, 20, seed=1),
        "ngram": simulate_ngram(2000, 4, 1, words=100),
        "regression": simulate_regression(replicates=50),
        "yield": simulate_yield_curve(shares=[0.2, 0.5, 0.8], settings=[(2, None)], size=200),
    }


@pytest.mark.parametrize("name", ["gaussian", "mixture", "ngram", "regression", "yield"])
def test_figures_carry_their_words_and_labels_do_not_overlap(results, name):
    figure = getattr(plots, f"draw_{name}")(results[name])
    assert figure.get_label() == getattr(plots, f"{name}_text")(results[name])
    assert len(figure.get_label()) > 80
    figure.canvas.draw()
    for ax in figure.axes:
        boxes = [Text.get_window_extent(text) for text in ax.texts if text.get_text()]  # without leader lines
        for one, other in itertools.combinations(boxes, 2):
            inner = min(one.x1, other.x1) - max(one.x0, other.x0), min(one.y1, other.y1) - max(one.y0, other.y0)
            assert min(inner) < 3, "two labels lie on each other"


def test_words_hold_the_results_own_numbers(results):
    text = plots.regression_text(results["regression"])
    assert f"replace: {results['regression'].curve('replace')[-1]:.2f}" in text
    assert "0.50, 0.75, 0.93" in text


def test_single_pictures_draw_on_the_callers_axes_or_their_own(results):
    from matplotlib.figure import Figure

    ax = Figure().add_subplot()
    assert plots.gaussian_distance(results["gaussian"], ax) is ax
    pictures = [
        plots.gaussian_spread(results["gaussian"]),
        plots.mixture_pictures(results["mixture"]),
        plots.mixture_spread(results["mixture"]),
        plots.ngram_measure(results["ngram"], "rare_loss"),
        plots.regression_error(results["regression"]),
        plots.regression_floor(results["regression"]),
        plots.verification_break_even(results["regression"]),
        plots.yield_shares(results["yield"]),
    ]
    assert all(picture.get_title(loc="left") for picture in pictures)


def test_a_figure_of_regimes_without_replace(results):
    figure = plots.draw_gaussian(simulate_gaussian(30, 5, 20, ["isolation:0.5"]))
    assert len(figure.axes) == 1
    assert "archive" in plots.mixture_text(simulate_mixture(60, 2, ["isolation:1"]))
    assert plots.draw_mixture(simulate_mixture(60, 2, ["isolation:1"])).axes
