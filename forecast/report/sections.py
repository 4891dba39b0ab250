"""The sections of the report, in its order: a new one is one partial in ``templates/sections`` and one line here.

Examples
--------
>>> from forecast.report.sections import SECTIONS
>>> list(SECTIONS)[:2]
['summary', 'answer']
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from forecast.core.registry import Registry
from forecast.report import evidence, section_facts, stored_evaluations
from forecast.report import glossary as words
from forecast.report.bridge import TITLE as BRIDGE
from forecast.report.bridge import bridge
from forecast.report.disclosures import TITLE as CHANGES
from forecast.report.disclosures import disclosures, premium
from forecast.report.explorer import explorer
from forecast.report.rounds import TITLE as ROUNDS
from forecast.report.rounds import rounds
from forecast.report.rules_in_use import rules_in_use
from forecast.report.synthetic import synthetic
from forecast.runs.folder import APPENDIX, REPORT
from forecast.runs.forecast import Forecast
from forecast.runs.sentence import HEADLINE_YEAR


def _nothing(forecast: Forecast) -> Mapping[str, Any]:
    """Return no facts: the partial needs the document alone."""
    del forecast
    return {}


def _titles(forecast: Forecast) -> Mapping[str, Any]:
    """Return the members' titles by their names, the answer over growth and over priors, and the parts of the premium."""
    members = forecast.document["consumption"]["members"]
    titles = {member["name"]: member["title"] for member in members}
    return {
        "member_titles": titles,
        "growth": evidence.over_growth(forecast.document),
        "premium": premium(forecast.document),
        "rules": rules_in_use(forecast.document),
        "over_priors": [
            row["mixture"]["probability_by"][str(HEADLINE_YEAR)]
            for row in forecast.document["consumption"].get("over_priors", [])
        ],
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
    page : {"report.html", "appendix.html"}
        The page that it belongs to.
    folded : bool, default False
        Whether a phone shows its heading alone until it is asked for.
    """

    name: str
    title: str
    figures: tuple[str, ...] = ()
    facts: Callable[[Forecast], Mapping[str, Any] | None] = _nothing
    partial: str = ""
    page: str = REPORT
    folded: bool = False

    @property
    def template(self) -> str:
        """Name of the partial."""
        return f"sections/{self.partial or self.name}.html.j2"


SECTIONS = Registry[Section](
    "section",
    (
        Section("summary", "", ("probability_by_year",), section_facts.page_one),
        Section("answer", "The answer, year by year", ("consumption_against_stock", "futures"), section_facts.answer),
        Section(
            "definitions", "Other ways to define running out", ("definitions",), section_facts.definitions, folded=True
        ),
        Section("sensitivity", "What moves the date most", facts=stored_evaluations.SENSITIVITY, partial="evaluation"),
        Section("disclosures", CHANGES, facts=disclosures, folded=True),
        Section("scenarios", "All scenarios side by side", ("scenarios",), section_facts.scenarios),
        Section("claims", "What others have said", facts=stored_evaluations.CLAIMS, partial="evaluation", folded=True),
        Section("backtest", "Track record", facts=stored_evaluations.BACKTEST, partial="evaluation"),
        Section("history", "How this answer has moved", ("headline_history",), section_facts.history),
        Section("rounds", ROUNDS, facts=rounds, folded=True),
        Section("explorer", "Move the levers yourself", facts=explorer),
        Section("glossary", words.WORDS, facts=section_facts.glossary),
        Section("questions", words.QUESTIONS, facts=section_facts.questions),
        Section("evidence", evidence.TITLE, facts=lambda forecast: evidence.carrying(forecast.document), page=APPENDIX),
        Section(
            "consumption",
            "How the largest feasible run may go on growing",
            ("growth_rate", "members_side_by_side"),
            page=APPENDIX,
        ),
        Section("variants", "What if we change one choice?", ("variants",), section_facts.variants, page=APPENDIX),
        Section(
            "stock",
            "From all the text there is to usable text",
            ("stock_estimators", "access_path", "waterfall"),
            page=APPENDIX,
        ),
        Section("judgement", "What rests on judgement", facts=_titles, page=APPENDIX),
        Section("synthetic", "What synthetic data is worth", facts=synthetic, page=APPENDIX),
        Section("bridge", BRIDGE, facts=bridge, page=APPENDIX),
        Section(
            "vintages",
            "What this model would have said since 2019",
            facts=stored_evaluations.VINTAGES,
            partial="evaluation",
            page=APPENDIX,
        ),
        Section(
            "worlds",
            "How often it is right where the truth is known",
            facts=stored_evaluations.WORLDS,
            partial="evaluation",
            page=APPENDIX,
        ),
        Section(
            "calibration",
            "Check on simulated data",
            facts=stored_evaluations.CALIBRATION,
            partial="evaluation",
            page=APPENDIX,
        ),
        Section("assumptions", "What is assumed, and what is left out", facts=section_facts.assumed, page=APPENDIX),
        Section("ledger", "Elicitation ledger", facts=section_facts.ledger, partial="blocks", page=APPENDIX),
        Section(
            "diagnostics",
            "Diagnostics",
            ("tail_parameters", "prior_predictive", "posterior_predictive"),
            page=APPENDIX,
        ),
        Section("provenance", "Data", facts=lambda forecast: {"ages": evidence.ages(forecast.document)}, page=APPENDIX),
        Section(
            "equations", "The equations of this run", facts=section_facts.equations, partial="blocks", page=APPENDIX
        ),
        Section(
            "cite",
            "How to cite, and how to reproduce this",
            facts=section_facts.citation,
            partial="blocks",
            page=APPENDIX,
        ),
    ),
)
"""In the order of reading, page by page. Figures that no section names come together in a last one of the appendix."""

FURTHER = Section("further_figures", "Further figures", page=APPENDIX)
"""The section of figures that no other names."""


def placed() -> frozenset[str]:
    """Return the names of all figures that have a section of their own."""
    return frozenset(name for section in SECTIONS.values() for name in section.figures)
