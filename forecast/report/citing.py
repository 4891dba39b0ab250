"""How to cite a forecast: its own identity, and entries for BibTeX, APA and CITATION.cff."""

from __future__ import annotations

import hashlib
import json
import re

from forecast.core.resources import RESOURCES
from forecast.runs.document_types import Document
from forecast.text import json_text, one_line

AUTHOR = "The data-depletion contributors"
"""As in CITATION.cff."""

PROJECT = "data-depletion"

_DIGITS = 12  # of a hash, in print: 48 bits
_LATEX = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{mark: f"\\{mark}" for mark in "{}$&#_%"},
}


def run_id(document: Document) -> str:
    """Return the identity of a run: the same numbers from the same inputs have the same one."""
    provenance = {k: v for k, v in document["provenance"].items() if k not in ("created", "command", "fits")}
    content = {**document, "previous": None, "provenance": provenance}
    return _hash(json.dumps(content, sort_keys=True))


def data_hash(document: Document) -> str:
    """Return one hash of all tables that a run has read."""
    tables = sorted((entry["table"], entry["sha256"]) for entry in document["provenance"]["data"])
    return _hash(json.dumps(tables))


def remake(document: Document) -> str:
    """Return the command that makes the run again."""
    typed = str(document["provenance"]["command"])
    return typed if typed.startswith("forecast ") else "forecast verify RUN"


def question(document: Document) -> str:
    """Return the reader's question, which is the title of every form of the report."""
    return f"When could AI outgrow {RESOURCES[document['resource']].people_words}?"


def title(document: Document) -> str:
    """Return the title of the forecast as a work."""
    return f"{question(document)} Scenario {document['scenario']}, data as of {document['as_of']}"


def apa(document: Document) -> str:
    """Return the entry of a reference list in APA style."""
    made = document["provenance"]
    return (
        f"{AUTHOR}. ({made['created'][:4]}). {title(document)} (version {made['code_version']}, run "
        f"{run_id(document)}, data {data_hash(document)}, seed {made['seed']}) [Forecast]. {PROJECT}."
    )


def bibtex(document: Document) -> str:
    """Return a BibTeX entry."""
    made = document["provenance"]
    note = f"run {run_id(document)}, data {data_hash(document)}, seed {made['seed']}"
    fields = {
        "author": f"{{{AUTHOR}}}",
        "title": f"{{{_latex(title(document))}}}",
        "year": made["created"][:4],
        "version": _latex(made["code_version"]),
        "howpublished": f"Forecast made with {PROJECT}",
        "note": _latex(note),
    }
    lines = ",\n".join(f"  {key} = {{{value}}}" for key, value in fields.items())
    return f"@misc{{{PROJECT}-{run_id(document)},\n{lines}\n}}"


def cff(document: Document) -> str:
    """Return a CITATION.cff for a repository that holds the forecast."""
    made = document["provenance"]
    text = f"{title(document)} (run {run_id(document)}, data {data_hash(document)}, seed {made['seed']})"
    return "\n".join(
        (
            "cff-version: 1.2.0",
            'message: "If you use this forecast, please cite it and the data that it rests on."',
            "type: dataset",
            f"title: {json_text(text)}",
            f'authors:\n  - name: "{AUTHOR}"',
            f"version: {json.dumps(made['code_version'])}",
            f"date-released: {made['created'][:10]}",
        )
    )


def _latex(text: str) -> str:
    return re.sub(r"[\\~^{}$&#_%]", lambda found: _LATEX[found[0]], one_line(text))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]
