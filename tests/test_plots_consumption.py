"""Figures of the consumption side: the document's numbers in picture, words and table; priors by closed form."""

from __future__ import annotations

import copy
import dataclasses
import functools
import io

import numpy as np
import pytest
from sampling import passing_run

from forecast.consumption.members import MEMBERS
from forecast.consumption.members.stall_and_resumption import moving
from forecast.consumption.prior_predictive import prior_draws, prior_predictive_frontier
from forecast.core.priors import Prior
from forecast.core.summaries import quantiles
from forecast.plots import FIGURES
from forecast.plots.frontier import consumption_against_stock, consumption_against_stock_text
from forecast.plots.growth import growth_rate, growth_rate_table, growth_rate_text
from forecast.plots.member_panels import corpora, fits, held, interval, p_values
from forecast.plots.members import members_side_by_side, members_side_by_side_table, members_side_by_side_text
from forecast.plots.posterior_predictive import posterior_predictive, posterior_predictive_table
from forecast.plots.prior_predictive import (
    prior_predictive,
    prior_predictives_table,
    prior_predictives_text,
    priors_and_posteriors,
    tail_parameters_table,
    tail_parameters_text,
)
from forecast.plots.style import new_axes, quantity_words
from forecast.runs.sentence import percent, year_words

OURS = (
    "consumption_against_stock",
    "growth_rate",
    "members_side_by_side",
    "tail_parameters",
    "prior_predictive",
    "posterior_predictive",
)


def changed(change):
    """Return the short run with a document of its own, changed."""
    document = copy.deepcopy(dict(passing_run().document))
    change(document)
    return dataclasses.replace(passing_run(), document=document)


def words_in(ax):
    """Return all that is written in axes and their panels."""
    from matplotlib.text import Text

    return [text.get_text() for text in ax.findobj(Text) if text.get_text()]


@functools.cache
def data():
    return corpora(passing_run().document)


# --- axes in, axes out


@pytest.mark.parametrize("name", OURS)
def test_a_figure_takes_axes_returns_axes_and_opens_nothing(name):
    from matplotlib import pyplot
    from matplotlib.figure import Figure

    assert name in FIGURES
    own = Figure().add_subplot()
    assert FIGURES[name].draw(passing_run(), ax=own) is own
    assert own.has_data()
    assert FIGURES[name].draw(passing_run()).get_title(loc="left")
    assert pyplot.get_fignums() == []


def test_figures_of_one_member_take_axes_too():
    from matplotlib import pyplot

    fit = fits(passing_run())[0]
    for draw in (priors_and_posteriors, posterior_predictive):
        own = new_axes(None)
        assert draw(fit, ax=own) is own
    own = new_axes(None)
    assert prior_predictive(fit.member, data(), ax=own) is own
    names = {name.replace("_", " ") for name, _ in fit.member.priors()}
    written = words_in(priors_and_posteriors(fit))
    assert all(any(text.startswith(name) for text in written) for name in names)
    assert sum(text.startswith("overlap") for text in written) == len(names)
    assert pyplot.get_fignums() == []


@pytest.mark.parametrize("name", OURS)
def test_nothing_that_is_written_leaves_the_picture(name):
    figure = FIGURES[name].draw(passing_run()).get_figure()
    figure.canvas.draw()
    whole = figure.bbox
    panels = [panel for ax in figure.get_axes() for panel in ax.child_axes]
    for part in [*figure.get_axes(), *panels]:
        box = part.get_tightbbox()
        assert box is None or (box.x0 >= -1 and box.y0 >= -1 and box.x1 <= whole.x1 + 1 and box.y1 <= whole.y1 + 1)


# --- words and tables carry the document's numbers


def test_growth_in_words_is_the_documents():
    def faster(document):
        document["consumption"]["growth_oom_per_year"]["median"] = 0.4771

    words = growth_rate_text(changed(faster))
    assert "0.48 orders of magnitude, a factor of 3" in words
    low, high = passing_run().document["consumption"]["growth_oom_per_year"]["intervals"]["0.8"]
    assert f"80% interval {low:.2g} to {high:.2g}" in words
    assert "0.38 [0.27, 0.48]" in words


def test_growth_is_the_difference_of_the_frontier_over_a_year():
    run = passing_run()
    table = growth_rate_table(run).set_index("year")
    last = data().last_knot
    years = run.consumption["year"].values
    at = np.flatnonzero(years == last + 1)[0]
    ahead = run.consumption.values[:, at + 1] - run.consumption.values[:, at - 1]
    assert table.loc[last + 1, "all_members_q50"] == pytest.approx(quantiles(ahead, [0.5])[0])
    own = ahead[held(run)["damped"]]
    assert table.loc[last + 1, "damped_q50"] == pytest.approx(quantiles(own, [0.5])[0])
    frontier = run.posterior["damped"]["posterior"]["frontier"].values.reshape(-1, len(data().knots))
    knot = np.flatnonzero(data().knots == 2024.0)[0]
    past = frontier[:, knot + 1] - frontier[:, knot - 1]
    # The table's draws are thinned: 3 standard errors of the median of so many.
    error = 3 * 1.2533 * past.std() / np.sqrt(len(own))
    assert table.loc[2024.0, "damped_q50"] == pytest.approx(quantiles(past, [0.5])[0], abs=error)
    assert table.index.is_monotonic_increasing
    assert table.index[-1] == 2035.0
    assert table["windowed_exponential_q50"].isna().any(), "it sees only the last years"
    assert not table["all_members_q50"].isna().any()
    drawn = [line.get_ydata() for line in growth_rate(run).get_lines()]
    assert any(np.array_equal(line, table["all_members_q50"]) for line in drawn)


def test_members_table_and_words_are_the_documents():
    document = passing_run().document
    table = members_side_by_side_table(passing_run()).set_index(["member", "quantity"])
    words = members_side_by_side_text(passing_run())
    for member in document["consumption"]["members"]:
        year = member["exhaustion_year"]
        row = table.loc[(member["name"], "exhaustion_year")]
        assert row["median"] == year["median"]
        assert row["probability_never"] == year["probability_after_horizon"]
        assert (
            table.loc[(member["name"], "frontier_2030_tokens"), "q100"]
            == member["frontier_2030"]["intervals"]["0.8"][0]
        )
        assert f"{member['title']} (weight {100 * member['weight']:.0f}%, gate {member['verdict']})" in words
        assert f"never by 2100 {percent(year['probability_after_horizon'])}" in words
    mixture = table.loc[("all_members", "frontier_2028_tokens")]
    assert mixture["median"] == document["consumption"]["frontier"]["2028"]["median"]
    assert f"exhaustion {year_words(document['exhaustion_year']['median'])}" in words


def test_a_members_draws_are_its_own():
    """Each one's frontier of 2030, read off its share of the mixture, is the one the document reports."""
    run = passing_run()
    at = run.consumption.sel(year=2030.0).values
    for member in run.document["consumption"]["members"]:
        own = quantiles(at[held(run)[member["name"]]], [0.5])[0]
        assert 10**own == pytest.approx(member["frontier_2030"]["median"], rel=1e-4)


def test_a_member_that_is_left_out_is_said_to_be():
    def fails(document):
        first = document["consumption"]["members"][0]
        first["weight"], first["verdict"] = 0.0, "FAIL"
        document["consumption"]["members"][1]["weight"] = 1.0

    run = changed(fails)
    written = words_in(members_side_by_side(run))
    assert "left out, gate FAIL" in written
    assert "weight 100%, gate PASS" in written
    assert list(held(run)) == ["windowed_exponential"]
    assert "(left out, gate FAIL)" in members_side_by_side_text(run)
    assert any(text.endswith("(left out)") for text in words_in(growth_rate(run)))
    quantity = members_side_by_side_table(run).groupby("member")["quantity"].apply(list)
    assert quantity["damped"] == ["frontier_2030_tokens", "exhaustion_year"]


def test_an_interval_without_an_end_gets_an_arrow():
    q = {"median": None, "intervals": {"0.95": [2030.0, None], "0.8": [2031.0, None], "0.5": [2040.0, None]}}
    ax = new_axes(None)
    ax.set_xlim(2024, 2050)
    assert interval(ax, 0.0, q, "black")
    assert ">" in [line.get_marker() for line in ax.get_lines()]
    near = {"median": 2032.0, "intervals": {level: [2030.0, 2040.0] for level in ("0.95", "0.8", "0.5")}}
    ax = new_axes(None)
    ax.set_xlim(2024, 2050)
    assert not interval(ax, 0.0, near, "black")
    assert ">" not in [line.get_marker() for line in ax.get_lines()]


def test_undisclosed_models_are_in_the_caption():
    def without(document):
        document["consumption"]["undisclosed"]["included"] = False

    def twice(document):
        document["consumption"]["undisclosed"] |= {"included": True}
        document["consumption"]["undisclosed"]["delta"]["intervals"]["0.8"] = [0.0, 0.30103]

    assert "undisclosed ones are not included" in consumption_against_stock_text(changed(without))
    words = consumption_against_stock_text(changed(twice))
    assert "The largest feasible run includes runs of undisclosed size: in half of the futures it is what" in words
    assert "in one of ten more than 2 times as much" in words


def test_the_last_records_are_named_once_each():
    rows = passing_run().document["consumption"]["record"]["rows"]
    largest = max(rows, key=lambda row: row["log10_size"])
    written = words_in(consumption_against_stock(passing_run()))
    named = [text for text in written if text.startswith(largest["model"])]
    assert named == [f"{largest['model']}, {int(largest['year'])}"]
    words = consumption_against_stock_text(passing_run())
    assert f"{largest['model']} " in words
    assert quantity_words(10 ** largest["log10_size"]) in words


# --- posterior predictive


def test_the_predicted_record_agrees_with_the_gate():
    """The figure is drawn from the stream of the gate: what it shows and what it prints is one thing."""
    for fit in fits(passing_run()):
        from forecast.plots.posterior_predictive import _predicted

        _, observed, maxima = _predicted(fit)
        gate = p_values(passing_run().document, fit.member.name)
        assert np.mean(maxima.max(axis=1) >= observed.max()) == pytest.approx(gate["the record"], abs=0.02)
    words = FIGURES["posterior_predictive"].text(passing_run())
    assert f"p of the record {gate['the record']:.2f}" in words
    assert any(
        f"p of the record {gate['the record']:.2f}" in text for text in words_in(posterior_predictive(passing_run()))
    )


def test_the_published_record_in_the_table_is_the_documents():
    table = posterior_predictive_table(passing_run())
    largest = max(row["log10_size"] for row in passing_run().document["consumption"]["record"]["rows"])
    for _, rows in table.groupby("member"):
        assert rows["record"].iloc[-1] == pytest.approx(10**largest, rel=1e-3)
        assert rows["record"].is_monotonic_increasing
        for points in ("maximum", "record"):
            columns = [name for name in rows.columns if name.startswith(f"{points}_q")]
            assert (np.diff(rows[columns].to_numpy(), axis=1) >= 0).all()
        assert (rows["record_q500"] >= rows["maximum_q500"] * 0.999).all()


# --- priors


def degenerate(name):
    """Return a member whose priors are points and whose frontier moves without jumps."""
    member = MEMBERS[name]()
    points = {}
    for field, prior in member.priors():
        centre = {"jump": 1e-9, "slope_sd": 1e-12}.get(field, prior.centre)
        points[field] = dataclasses.replace(prior, centre=centre, spread=0.0)
    return dataclasses.replace(member, **points)


@pytest.mark.parametrize("name", ["local_trend", "damped", "windowed_exponential", "record_drift", "compute_led"])
def test_priors_that_are_points_give_the_members_own_curve(name):
    member = degenerate(name)
    drawn = prior_predictive_frontier(member, data(), seed=1, draws=5)
    t = drawn.knots - 2024.0
    if name == "damped":
        slope, rate = member.slope.centre, member.damping.centre
        curve = slope * (1 - np.exp(-rate * t)) / rate
    elif name == "compute_led":
        curve = member.expected_growth(0.0, t, {key: prior.centre for key, prior in member.priors()}, np)
    else:
        curve = (member.long_run_slope if name == "local_trend" else member.slope).centre * t
    seen = np.flatnonzero(member.sees(data()))
    anchor = (seen[0] + seen[-1] + 1) // 2 - seen[0]
    expected = member.level.centre + curve - curve[anchor]
    assert drawn.frontier == pytest.approx(np.tile(expected, (5, 1)), abs=1e-3)


def test_a_prior_far_above_the_record_is_in_conflict_and_one_far_below_too():
    member = MEMBERS["damped"]()
    for centre, p in ((30.0, 1.0), (5.0, 0.0)):
        moved = dataclasses.replace(member, level=Prior("normal", centre, 0.1, "log10 tokens", "a test"))
        drawn = prior_predictive_frontier(moved, data(), seed=1, draws=300)
        assert drawn.p_record == pytest.approx(p, abs=0.02)
        assert drawn.observed_record == data().record()


@pytest.mark.parametrize("name", list(MEMBERS))
def test_prior_frontiers_rise_and_grow_as_expected(name):
    """The mean of a gamma process is the member's own expected growth, whatever its jumps."""
    member = MEMBERS[name]()
    drawn = prior_predictive_frontier(member, data(), seed=3, draws=6000)
    assert (np.diff(drawn.frontier, axis=1) >= 0).all()
    values = prior_draws(member, 3, 6000)
    if name == "local_trend":
        expected = values["long_run_slope"].mean()
    elif name == "damped":
        expected = (
            values["slope"] * (np.exp(2 * values["damping"]) - np.exp(values["damping"])) / values["damping"]
        ).mean()
    elif name in ("windowed_exponential", "record_drift", "compute_led"):
        expected = values["slope"].mean()
    elif name == "stall_and_resumption":
        expected = (values["slope"] * moving(values["state"][:, 0], values["threshold"])).mean()
    else:
        expected = np.mean(member.expected_growth(-2.0, -1.0, values, np))
    at = int(np.flatnonzero(drawn.knots == 2022.0)[0])
    assert (drawn.frontier[:, at + 2] - drawn.frontier[:, at]).mean() == pytest.approx(expected, rel=0.12)
    again = prior_predictive_frontier(member, data(), seed=3, draws=6000)
    assert np.array_equal(again.maxima, drawn.maxima)


def test_prior_words_and_table_hold_the_same_p():
    table = prior_predictives_table(passing_run())
    words = prior_predictives_text(passing_run())
    for entry in passing_run().document["consumption"]["members"]:
        (p,) = set(table.loc[table["member"] == entry["name"], "p_record"])
        assert f"{entry['title']} {p:.2f}" in words
    assert "none is in conflict" in words

    def huge(document):
        for row in document["consumption"]["record"]["rows"][-3:]:
            row["log10_size"] = 24.0

    assert "in conflict for" in prior_predictives_text(changed(huge))


def test_prior_driven_parameters_are_marked_as_the_document_has_them():
    run = passing_run()
    words = tail_parameters_text(run)
    table = tail_parameters_table(run)
    driven = set(run.document["diagnostics"]["prior_driven"])
    for row in table.to_dict("records"):
        name = f"{row['member']} {row['parameter']}"
        assert (row["prior_driven"] == "yes") == (name in driven)
        mark = " (prior-driven)" if name in driven else ""
        assert f"{row['parameter'].replace('_', ' ')} {percent(row['overlap'])}{mark}" in words
        prior = dict(MEMBERS[row["member"]]().priors())[row["parameter"]]
        assert row["prior_q50"] == pytest.approx(float(prior.quantile(np.array([0.5]))[0]))
        draws = run.posterior[row["member"]]["posterior"][row["parameter"]].values.ravel()
        assert row["posterior_q50"] == pytest.approx(quantiles(draws, [0.5])[0])


# --- names from outside


def test_names_with_dollar_signs_are_drawn_as_they_are_written():
    def dollars(document):
        for row in document["consumption"]["record"]["rows"]:
            row["model"] = row["organization"] = r"Big $\frac{Model$"
        for member in document["consumption"]["members"]:
            member["title"] = r"Own $\frac{1$ member"

    run = changed(dollars)
    for name in OURS:
        buffer = io.StringIO()
        FIGURES[name].draw(run).get_figure().savefig(buffer, format="svg")
        assert buffer.getvalue()
