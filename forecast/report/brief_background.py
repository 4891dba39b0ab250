"""What is behind a brief: assumptions, the scenario, the ledger, checks, data, and how to cite."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from forecast.report import citing
from forecast.report.brief_blocks import BriefCode, BriefSection, BriefTable, Bullets, Paragraph
from forecast.report.brief_words import exact_words, number_words, plain_value, short_source, times
from forecast.report.evidence import ages_table
from forecast.runs.document import credits_of
from forecast.runs.document_types import Document
from forecast.scenarios.record import recorded_in
from forecast.text import capital

_HEAD = 12  # digits of a hash
_CHECKS = 15  # lines of checks that did not pass; a broken run has dozens
_KINDS = {
    "published": "published",
    "table": "table of this package",
    "measured": "measured by this package",
    "judgement": "judgement",
    "caller": "set by the caller",
}


def assumptions(document: Document) -> BriefSection:
    """Return what is assumed and what is left out, in a few lines."""
    layers = [*document["stock"]["layers"], *document["consumption"]["levers"]]
    raw = document["stock"]["estimators"][0]
    items = [("Raw stock.", f"{capital(raw['title'])}.")]
    items += [(f"{capital(layer['title'])}.", f"{times(layer)}. {short_source(layer['source'])}") for layer in layers]
    hidden = document["consumption"]["undisclosed"]
    items.append(("Undisclosed models.", short_source(hidden["source"]) if hidden["included"] else "Not counted."))
    idle = document["levers_idle"]
    left_out = "; ".join(idle) if idle else "nothing that the package has a lever for"
    return BriefSection(
        "What is assumed, and what is left out",
        (
            Bullets(tuple(items)),
            Paragraph(f"{left_out}. A scenario can set each of them.", "Left out of this scenario:"),
        ),
    )


def scenario_section(document: Document) -> BriefSection:
    """Return the scenario that the scenario describes, resource it changes in the baseline, and which others there are."""
    from forecast.runs.scenario_diff import changes
    from forecast.scenarios import scenario as scenarios

    scenario = recorded_in(document)
    blocks: list[Any] = []
    if scenario is not None:
        blocks.append(Paragraph(f"{scenario.title}: {scenario.description}", f"Scenario {scenario.name}."))
        rows = []
        if scenario.resource_name == "public_text":
            for name, changed in changes(scenarios.load("baseline"), scenario):
                rows += [(f"{name}.{key}", plain_value(first), plain_value(second)) for key, first, second in changed]
        if rows:
            table = BriefTable(
                "What the scenario changes in the baseline",
                ("setting", "baseline", "here"),
                tuple(rows),
                (2, 2.5, 2.5),
                "lll",
            )
            blocks.append(table)
        elif scenario.name != "baseline":
            blocks.append(Paragraph("It changes nothing in the baseline that moves the answer."))
    others = [name for name in scenarios.names() if name != document["scenario"]]
    blocks.append(
        Paragraph(
            f"Other scenarios that ship with the package: {', '.join(others)}. How far each moves the answer: "
            f"forecast scenario diff {document['scenario']} NAME."
        )
    )
    return BriefSection("Scenario", tuple(blocks))


def judged_of(document: Document) -> tuple[int, int] | None:
    """Return how many of the numbers that act are judgement, at least in part, and how many act; None without a scenario."""
    from forecast.scenarios.ledger import ledger

    scenario = recorded_in(document)
    if scenario is None:
        return None
    acting = [row for row in ledger(scenario) if row["acts"]]
    return sum(row["kind"] == "judgement" for row in acting), len(acting)


def ledger_in_full(document: Document) -> tuple[BriefSection, ...]:
    """Return the elicitation ledger: every number, and how many of them are judgement."""
    from forecast.scenarios.ledger import ledger

    scenario = recorded_in(document)
    if scenario is None:
        return ()
    rows = ledger(scenario)
    acting = [row for row in rows if row["acts"]]
    judged, _ = judged_of(document) or (0, 0)
    count = Paragraph(
        f"{len(rows)} numbers had to be chosen; {len(acting)} of them act in this scenario, and {judged} of those are "
        "judgement in whole or in part, the range of a published value included."
    )
    columns = ("number", "unit", "value: 5%, 50%, 95%", "kind", "source or reason")

    def cells(row: Mapping[str, Any]) -> tuple[str, ...]:
        named = f"{row['lever']}.{row['setting']}"
        return named, str(row["unit"]), _chosen(row), _KINDS.get(row["kind"], row["kind"]), str(row["reason"])

    return (
        BriefSection(
            "Assumptions and elicitation ledger",
            (
                count,
                BriefTable("Every number that acts", columns, tuple(cells(row) for row in acting), sides="lllll"),
                BriefTable(
                    "Numbers at values that change nothing",
                    columns,
                    tuple(cells(row) for row in rows if not row["acts"]),
                    sides="lllll",
                ),
            ),
        ),
    )


def checks(document: Document) -> BriefSection:
    """Return what the gate found: what did not pass, what rests on priors, and how many checks passed."""
    found = document["diagnostics"]
    passed = sum(check["status"] == "PASS" for check in found["checks"])
    driven = [check["name"] for check in found["checks"] if check["status"] == "PRIOR-DRIVEN"]
    rows = [
        (check["name"], check["status"], check["sentence"], check["advice"])
        for check in found["checks"]
        if check["status"] not in ("PASS", "PRIOR-DRIVEN")
    ]
    blocks: list[Any] = [
        Paragraph(
            f"{found['verdict']}: of {len(found['checks'])} checks {passed} passed, {len(driven)} name a parameter that is "
            f"prior-driven, {len(rows) or 'none'} did not pass. Worst R-hat "
            f"{exact_words(found['rhat_max'])}, smallest effective sample size {exact_words(found['ess_bulk_min'])} in the bulk "
            f"and {exact_words(found['ess_tail_min'])} in the tails, divergent transitions {exact_words(found['divergences'])}."
        )
    ]
    if driven:
        blocks.append(
            Paragraph(
                f"{', '.join(driven)}. What these parameters say about later years is a judgement, not a finding.",
                "Prior-driven:",
            )
        )
    if rows:
        more = f" ({len(rows) - _CHECKS} more in forecast.json)" if len(rows) > _CHECKS else ""
        blocks.append(
            BriefTable(
                f"What did not pass{more}",
                ("check", "status", "found", "advice"),
                tuple(rows[:_CHECKS]),
                (2.6, 1.3, 3, 3.4),
                "llll",
                small=True,
            )
        )
    return BriefSection("Diagnostics", tuple(blocks))


def provenance(document: Document) -> BriefSection:
    """Return the tables that were read, with hash, snapshot and licence, the credits, and the software."""
    made = document["provenance"]
    rows = tuple(
        (entry["table"], entry["snapshot"], entry["licence"], f"{entry['sha256'][:_HEAD]}…") for entry in made["data"]
    )
    software = ", ".join(f"{name} {version}" for name, version in made["packages"].items())
    return BriefSection(
        "Data and software",
        (
            BriefTable(
                "Tables that were read", ("table", "snapshot", "licence", "SHA-256"), rows, (2, 1.4, 3.4, 1.7), "llll"
            ),
            *ages_table(document),
            Bullets(tuple(("", line) for line in credits_of(document))),
            Paragraph(f"{citing.PROJECT} {made['code_version']}; {software}.", "Software."),
        ),
    )


def citation(document: Document) -> BriefSection:
    """Return how to cite the forecast and how to make it again."""
    made = document["provenance"]
    return BriefSection(
        "How to cite, and how to reproduce this",
        (
            Paragraph(
                f"Run {citing.run_id(document)}, data {citing.data_hash(document)}, scenario "
                f"{made['scenario_sha256'][:_HEAD]}, version {made['code_version']}, seed {made['seed']}, made "
                f"{made['created']}. Please cite the data as well."
            ),
            Paragraph(citing.apa(document), "APA."),
            BriefCode(citing.remake(document), "The command that makes it again", "shell"),
            Paragraph("forecast verify RUN makes a run folder again and says whether its numbers hold."),
        ),
    )


def citation_in_full(document: Document) -> BriefSection:
    """Return the entries for software that keeps references."""
    return BriefSection(
        "BibTeX and CITATION.cff",
        (
            BriefCode(citing.bibtex(document), "BibTeX", "bibtex"),
            BriefCode(citing.cff(document), "CITATION.cff", "yaml"),
        ),
    )


def _chosen(row: Mapping[str, Any]) -> str:
    if "word" in row:
        return str(row["word"])
    if "value" in row:
        return number_words(row["value"])
    found = row["quantiles"]
    shown = ", ".join(number_words(value) for value in found.values())
    return shown if "q05" in found else f"{shown} (10, 50, 90%)"
