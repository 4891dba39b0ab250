"""Small tables with which results show themselves in a notebook."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast.core.summaries import quantiles
from forecast.core.wording import points_moved, years_moved
from forecast.runs.headline import question
from forecast.runs.sentence import HEADLINE_YEAR, NO_HEADLINE, percent, year_words
from forecast.text import printable

if TYPE_CHECKING:
    from forecast.consumption import Fit
    from forecast.runs.compare import Comparison
    from forecast.runs.forecast import Forecast
    from forecast.scenarios.scenario import Scenario

_POINTS = (0.1, 0.5, 0.9)
_ENDS = np.array([0.1, 0.9])
"""Probabilities of the points that a fit shows: the median and the ends of an 80% interval, equal-tailed."""


def forecast_card(forecast: Forecast) -> str:
    """Return a forecast as HTML: its sentence, the question that can be checked, the answer of each growth model.

    Examples
    --------
    >>> import forecast as fc
    >>> f = fc.load("out")
    >>> "<table" in fc.report.forecast_card(f)
    True
    """
    document = forecast.document
    rows = [("all growth models", *_answer(document["exhaustion_year"]))]
    members = document["consumption"]["members"]
    rows += [(f"{one['title']} ({one['verdict']})", *_answer(one["exhaustion_year"])) for one in members]
    columns = ("", "10%", "median", "90%", f"by the end of {HEADLINE_YEAR}")
    last = f"Diagnostics: {document['diagnostics']['verdict']}. Scenario {document['scenario']}, data as of {document['as_of']}."
    return _card(document["sentence"] or NO_HEADLINE, question(document) or "", columns, rows, last)


def _answer(year: Mapping[str, Any]) -> tuple[str, ...]:
    low, high = year["intervals"]["0.8"]
    return (*map(year_words, (low, year["median"], high)), percent(year["probability_by"][str(HEADLINE_YEAR)]))


def scenario_card(scenario: Scenario) -> str:
    """Return a scenario as HTML: its description, its stock, the levers that act, its members."""
    said = scenario.to_dict()
    rows: list[tuple[str, ...]] = [("resource", said["resource"], "")]
    rows += [(f"stock.{key}", shown(value), "") for key, value in said["stock"].items()]
    for name, setting in scenario.levers.items():
        plain = setting.to_dict()
        sources = plain.pop("sources")
        rows += [(f"levers.{name}.{key}", shown(value), sources.get(key, "")) for key, value in plain.items()]
    rows += [(f"consumption.{key}", shown(value), "") for key, value in said["consumption"].items()]
    idle = f"Levers that change nothing: {', '.join(scenario.idle)}." if scenario.idle else ""
    return _card(f"{scenario.name}: {scenario.title}", scenario.description, ("setting", "value", "source"), rows, idle)


def comparison_card(comparison: Comparison) -> str:
    """Return a comparison of two runs as HTML: both answers, what differs, and what each difference does."""
    rows = [(change.part, change.setting, shown(change.first), shown(change.second)) for change in comparison.changes]
    moves = [
        (move.name, years_moved(move.median_years), points_moved(move.probability), move.how)
        for move in comparison.moves
    ]
    title = f"{comparison.first_name} against {comparison.second_name}"
    first = _card(title, "", ("", "median, years", "by 2030, points", "how"), moves, "")
    columns = ("part", "setting", comparison.first_name, comparison.second_name)
    return first + (_card("What differs", "", columns, rows, "") if rows else "")


def fit_card(fit: Fit) -> str:
    """Return a fit as HTML: its verdict, the member's formula, each parameter beside its prior, the diagnostics."""
    priors = dict(fit.member.priors())
    rows = []
    for name, draws in fit.draws.items():
        if draws.ndim != 1:
            continue
        low, median, high = (f"{value:.3g}" for value in quantiles(draws, _POINTS))
        prior = priors.get(name)
        before = ("", "") if prior is None else ("{:.3g} to {:.3g}".format(*prior.quantile(_ENDS)), prior.unit)
        rows.append((name, median, f"{low} to {high}", *before))
    found = fit.diagnostics
    title = f"{fit.member.title} ({fit.member.name}): {found['verdict']}"
    used = int(fit.member.reads(fit.data).observed[fit.member.sees(fit.data) > 0].sum())
    words = f"${fit.member.formula}$; {used} corpora up to {fit.data.as_of:.1f}."
    columns = ("parameter", "median", "80% interval", "80% interval of the prior", "unit")
    return _card(title, words, columns, rows, diagnostics_words(found))


def diagnostics_words(found: Mapping[str, Any]) -> str:
    """Return a fit's diagnostics in one line."""
    told = (
        f"R-hat {found['rhat_max']:.3f} at most; effective draws {found['ess_bulk_min']:.0f} (bulk) and "
        f"{found['ess_tail_min']:.0f} (tail) at least; {found['divergences']} of {found['transitions']} transitions "
        "diverged."
    )
    rest = [f"{c['status']}: {c['name']}: {c['sentence']}" for c in found["checks"] if c["status"] != "PASS"]
    return " ".join([told, *(f"{line}." for line in rest)])


def _card(title: str, words: str, columns: Sequence[str], rows: Iterable[Sequence[str]], last: str) -> str:
    from markupsafe import escape

    # Jupyter sets cells to the right, cell by cell; a rule for the whole table would not reach them.
    left = ' style="text-align:left"'
    head = "".join(f"<th{left}>{escape(column)}</th>" for column in columns)
    body = "".join(f"<tr>{''.join(f'<td{left}>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
    parts = [f"<p><strong>{escape(title)}</strong> {escape(words)}</p>"]
    parts.append(f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>")
    if last:
        parts.append(f"<p>{escape(last)}</p>")
    return printable(f'<div style="font-family:sans-serif;max-width:60em">{"".join(parts)}</div>')


def shown(value: Any) -> str:
    """Return a setting's value in words."""
    if value is None:
        return "not there"
    if isinstance(value, dict):
        return ", ".join(f"{key} {shown(part)}" for key, part in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(shown, value))
    return f"{value:.6g}" if isinstance(value, float) else str(value)
