"""Figures: axes in, axes out, and the same numbers in picture, words and table."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from sampling import passing_run

from forecast.core.summaries import quantiles
from forecast.core.wording import year_phrase
from forecast.plots import FIGURES
from forecast.plots.frontier import consumption_against_stock, consumption_against_stock_table
from forecast.plots.probability import probability_by_year, probability_by_year_table
from forecast.plots.style import INKS, legible, new_axes, quantity_words, short_quantity, style
from forecast.runs.sentence import percent, year_words


def run_with(name):
    """Return the short run, given variants where a figure needs them."""
    run = passing_run()
    if FIGURES[name].shown(run):
        return run
    year = run.document["exhaustion_year"]
    rows = [{"name": n, "title": t, "exhaustion_year": year} for n, t in (("latent", "As it is"), ("ols", "Otherwise"))]
    consumption = {**run.document["consumption"], "variants": rows}
    return dataclasses.replace(run, document={**run.document, "consumption": consumption})


@pytest.mark.parametrize("name", list(FIGURES))
def test_a_figure_takes_axes_and_returns_axes(name):
    from matplotlib import pyplot
    from matplotlib.figure import Figure

    drawn = FIGURES[name].draw(run_with(name))
    assert drawn.get_figure() is not None
    assert drawn.get_title(loc="left") or drawn.get_title()
    own = Figure().add_subplot()
    assert FIGURES[name].draw(run_with(name), ax=own) is own
    assert own.has_data()
    assert pyplot.get_fignums() == [], "nothing is left open"


@pytest.mark.parametrize("name", list(FIGURES))
def test_a_figure_leaves_the_callers_settings_alone(name):
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    FIGURES[name].draw(run_with(name))
    assert dict(mpl.rcParams) == before
    with pytest.raises(RuntimeError), style():
        raise RuntimeError
    assert dict(mpl.rcParams) == before


@pytest.mark.parametrize("name", list(FIGURES))
def test_a_figure_has_a_title_words_and_data(name):
    figure = FIGURES[name]
    assert figure.title
    assert len(figure.text(run_with(name))) > 80
    table = figure.table(run_with(name))
    assert table.columns[0] in (
        "year",
        "member",
        "layer",
        "definition",
        "scenario",
        "variant",
        "name",
        "series",
        "reached",
        "version",
    )
    if table.columns[0] == "year":
        assert table["year"].is_monotonic_increasing
    numbers = table.select_dtypes("number")
    assert not numbers.empty
    assert not np.isinf(numbers.to_numpy(dtype=float)).any(), "never is missing, not infinite"
    assert numbers.notna().any().all()


def test_the_lines_of_consumption_against_stock_are_the_medians():
    run = passing_run()
    ax = consumption_against_stock(run)
    table = consumption_against_stock_table(run).set_index("year")
    lines = [line for line in ax.get_lines() if len(line.get_xdata()) == len(table)]
    drawn = dict.fromkeys(("frontier_q50_tokens", "effective_stock_q50_tokens"), False)
    for line in lines:
        for column in drawn:
            drawn[column] |= np.allclose(line.get_ydata(), table[column])
    assert all(drawn.values())
    assert ax.get_yscale() == "log"
    for year, q in run.document["consumption"]["frontier"].items():
        if float(year) in table.index:
            assert table.loc[float(year), "frontier_q50_tokens"] == pytest.approx(q["median"], rel=1e-4)
            assert table.loc[float(year), "frontier_q10_tokens"] == pytest.approx(q["intervals"]["0.8"][0], rel=1e-4)
    stock = run.document["stock"]["effective"]["2030"]
    assert table.loc[2030.0, "effective_stock_q50_tokens"] == pytest.approx(stock["median"], rel=1e-4)
    at = quantiles(run.stock.sel(year=2030.0).values, [0.95])[0]
    assert table.loc[2030.0, "effective_stock_q95_tokens"] == pytest.approx(10**at)


def test_probability_by_year_draws_the_documents_shares():
    run = passing_run()
    ax = probability_by_year(run)
    year = run.document["exhaustion_year"]
    shown = [share for y, share in year["probability_by"].items() if int(y) <= 2050]
    curve = [year["probability_already"], *shown]
    assert any(np.array_equal(line.get_ydata(), curve) for line in ax.get_lines())
    table = probability_by_year_table(run).set_index("year")
    assert table["all_members"].tolist() == shown
    own = [member["exhaustion_year"] for member in run.document["consumption"]["members"]]
    for member, alone in zip(run.document["consumption"]["members"], own, strict=True):
        assert table.loc[2030, member["name"]] == alone["probability_by"]["2030"]
    (band,) = ax.collections
    at_2030 = band.get_paths()[0].vertices
    ends = at_2030[at_2030[:, 0] == 2031.0][:, 1]
    shares = [alone["probability_by"]["2030"] for alone in own]
    assert (ends.min(), ends.max()) == pytest.approx((min(shares), max(shares)))


def test_probability_by_year_shows_todays_date_the_even_odds_and_what_epoch_published():
    run = passing_run()
    said = " ".join(text.get_text() for text in probability_by_year(run).texts)
    assert "today" in said
    assert f"even odds: {year_phrase(run.document['exhaustion_year']['median'])}" in said
    assert "Epoch AI, 2024: 2028 (2026 to 2032)" in said


def test_the_words_carry_the_documents_numbers():
    document = passing_run().document
    words = {name: figure.text(passing_run()) for name, figure in FIGURES.items()}
    year = document["exhaustion_year"]
    assert f"{percent(year['probability_by']['2030'])} by the end of 2030" in words["probability_by_year"]
    assert f"Median {year_words(year['median'])}" in words["probability_by_year"]
    for q in (document["consumption"]["frontier"]["2030"], document["stock"]["effective"]["2030"]):
        assert quantity_words(q["median"]) in words["consumption_against_stock"]
        assert quantity_words(q["intervals"]["0.8"][1]) in words["consumption_against_stock"]


def test_a_horizon_before_the_figures_end_is_drawn_as_far_as_it_goes():
    from sampling import SHORT, passing, scenario_file

    from forecast.runs.pipeline import run

    with passing():
        near = run(scenario_file(), draws=400, jobs=1, sampling=SHORT, horizon=2032)
    for figure in (figure for figure in FIGURES.values() if figure.shown(near)):
        assert figure.draw(near).has_data()
        table = figure.table(near)
        assert "year" not in table or table["year"].max() <= 2033
        assert "2032" not in figure.text(near) or figure.text(near)


def test_names_of_models_are_drawn_as_they_are_written():
    """A dollar sign starts a formula in matplotlib; in a name it is a dollar sign."""
    import dataclasses
    import io
    import json

    document = json.loads(passing_run().to_json())
    rows = document["consumption"]["record"]["rows"]
    max(rows, key=lambda row: row["log10_size"])["model"] = r"Big $\frac{Model$ <b>&amp;"
    figure = consumption_against_stock(dataclasses.replace(passing_run(), document=document)).get_figure()
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg")
    assert "<b>" not in buffer.getvalue()


@pytest.mark.parametrize(
    ("value", "words"),
    [(4.5e13, "45 trillion"), (9.996e14, "1 quadrillion"), (9.99e11, "1 trillion"), (3, "3"), (0.5, "0.5")],
)
def test_quantities_in_words(value, words):
    assert quantity_words(value) == words
    assert short_quantity(value) == words


def test_new_axes_are_not_pyplots():
    from matplotlib import pyplot

    ax = new_axes(None)
    assert ax.get_figure().canvas is not None
    assert new_axes(ax) is ax
    assert pyplot.get_fignums() == []


def test_pale_words_are_written_dark_and_only_while_they_are_saved():
    """WCAG 2.2 AA: 4.5 to 1 on white for every hue that words are written in."""
    from matplotlib.colors import to_hex, to_rgb

    def contrast(colour):
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
        return 1.05 / (np.dot([0.2126, 0.7152, 0.0722], linear) + 0.05)

    ax = new_axes(None)
    words = [ax.text(0.1, 0.1 * n, "word", color=hue) for n, hue in enumerate(INKS)]
    with legible(ax.get_figure()):
        assert all(contrast(word.get_color()) >= 4.5 for word in words)
    assert [to_hex(word.get_color()) for word in words] == list(INKS)
