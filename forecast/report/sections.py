"""The sections of the report, in its order: a new one is one partial in ``templates/sections`` and one line here.

Examples
--------
>>> from forecast.report.sections import SECTIONS
>>> list(SECTIONS)[:2]
['summary', 'explorer']
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from forecast.core.registry import Registry
from forecast.report import evidence, section_facts, stored_evaluations
from forecast.report.bridge import TITLE as BRIDGE
from forecast.report.bridge import bridge
from forecast.report.disclosures import TITLE as CHANGES
from forecast.report.disclosures import disclosures, premium
from forecast.report.explorer import explorer
from forecast.report.rounds import TITLE as ROUNDS
from forecast.report.rounds import rounds
from forecast.report.synthetic import synthetic
from forecast.runs.forecast import Forecast


def _nothing(forecast: Forecast) -> Mapping[str, Any]:
    """Return no facts: the partial needs the document alone."""
    del forecast
    return {}


def _titles(forecast: Forecast) -> Mapping[str, Any]:
    """Return the members' titles by their names, the answer over growth, and the parts of the premium."""
    members = forecast.document["consumption"]["members"]
    titles = {member["name"]: member["title"] for member in members}
    return {
        "member_titles": titles,
        "growth": evidence.over_growth(forecast.document),
        "premium": premium(forecast.document),
    }


@dataclass(frozen=True)
class Section:
    """A section of the report.

    Parameters
    ----------
    name : str
        Its address in the page, and its partial, ``sections/<name>.html.j2``.
    title : str
        Heading and entry of the table of contents; the section that opens the page has none.
    figures : tuple of str
        Names of its figures; the partial places them by ``pictures()``.
    facts : callable
        What the partial needs beside the document, as its variable ``facts``; None leaves the section out.
    partial : str, optional
        The partial's name, where several sections share one.
    """

    name: str
    title: str
    figures: tuple[str, ...] = ()
    facts: Callable[[Forecast], Mapping[str, Any] | None] = _nothing
    partial: str = ""

    @property
    def template(self) -> str:
        """Name of the partial."""
        return f"sections/{self.partial or self.name}.html.j2"


SECTIONS = Registry[Section](
    "section",
    (
        Section("summary", "", ("probability_by_year",), section_facts.page_one),
        Section("explorer", "Move the levers yourself", facts=explorer),
        Section("evidence", evidence.TITLE, facts=lambda forecast: evidence.carrying(forecast.document)),
        Section("against_stock", "Consumption against stock", ("consumption_against_stock",)),
        Section("definitions", "What is meant by exhaustion", ("definitions",)),
        Section(
            "consumption",
            "Consumption: how the frontier may go on",
            ("growth_rate", "members_side_by_side", "variants"),
        ),
        Section(
            "stock", "Stock: from all there is to what can be used", ("stock_estimators", "access_path", "waterfall")
        ),
        Section("judgement", "What rests on judgement", facts=_titles),
        Section("synthetic", "What synthetic data is worth", facts=synthetic),
        Section("bridge", BRIDGE, facts=bridge),
        Section("scenarios", "Scenarios side by side", ("scenarios",), section_facts.scenarios),
        Section(
            "sensitivity", "Which assumption moves the year", facts=stored_evaluations.SENSITIVITY, partial="evaluation"
        ),
        Section("disclosures", CHANGES, facts=disclosures),
        Section(
            "vintages",
            "What this model would have said since 2019",
            facts=stored_evaluations.VINTAGES,
            partial="evaluation",
        ),
        Section("claims", "What others have said", facts=stored_evaluations.CLAIMS, partial="evaluation"),
        Section("backtest", "Track record", facts=stored_evaluations.BACKTEST, partial="evaluation"),
        Section("rounds", ROUNDS, facts=rounds),
        Section(
            "worlds",
            "How often it is right where the truth is known",
            facts=stored_evaluations.WORLDS,
            partial="evaluation",
        ),
        Section(
            "calibration",
            "Check on simulated data",
            facts=stored_evaluations.CALIBRATION,
            partial="evaluation",
        ),
        Section("assumptions", "What is assumed, and what is left out"),
        Section("ledger", "Elicitation ledger", facts=section_facts.ledger),
        Section("diagnostics", "Diagnostics", ("tail_parameters", "prior_predictive", "posterior_predictive")),
        Section("provenance", "Data", facts=lambda forecast: {"ages": evidence.ages(forecast.document)}),
        Section("equations", "The equations of this run", facts=section_facts.equations),
        Section("cite", "How to cite, and how to reproduce this", facts=section_facts.citation),
    ),
)
"""In the order of reading. Figures that no section names come together in a last one."""

FURTHER = Section("further_figures", "Further figures")
"""The section of figures that no other names."""


def placed() -> frozenset[str]:
    """Return the names of all figures that have a section of their own."""
    return frozenset(name for section in SECTIONS.values() for name in section.figures)
