"""Rounds in words and in rows: for the terminal, the report and the README."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from forecast.evaluate.rounds.files import names, read, read_kept
from forecast.evaluate.rounds.scoring import resolve, scoreboard
from forecast.evaluate.rounds.tables import shipped

COLUMNS = ("question", "resolves", "this forecast: median (80 % interval)", "rivals' medians", "came to")
"""Heading of the table of questions."""


def scored_rounds() -> list[dict[str, Any]]:
    """Return every shipped round, resolved as far as the shipped tables go."""
    tables, kept = shipped(), read_kept()
    return [resolve(read(name), tables, kept.get(name)) for name in names()]


def rows(scored: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """Return a round's questions as cells."""
    return [
        (question["name"], question["resolves"], _ours(question), _theirs(question), _came(question))
        for question in scored["questions"]
    ]


def sentence(rounds: Sequence[Mapping[str, Any]]) -> str:
    """Say which rounds are frozen, what counts, and how many questions have resolved."""
    counting = [one for one in rounds if not one["trial"]]
    told = []
    for one in rounds:
        mark = "a trial, which does not count" if one["trial"] else "counts"
        done = sum(question["resolved"] is not None for question in one["questions"])
        told.append(
            f"Round {one['round']}, frozen on {one['frozen']} on data as of {one['as_of']} ({mark}; SHA-256 "
            f"{one['sha256'][:12]}): {len(one['questions'])} questions, {done or 'none'} resolved."
        )
    if not counting:
        told.append("No round that counts has been frozen yet.")
    elif not scoreboard(counting):
        told.append("No question of a round that counts has resolved yet: there is nothing to score.")
    return " ".join(told)


def board_rows(rounds: Sequence[Mapping[str, Any]]) -> list[tuple[str, ...]]:
    """Return the scoreboard as cells; empty while nothing that counts has resolved."""
    return [
        (
            line["measure"],
            line["against"],
            f"{line['us']:.3g}",
            f"{line['theirs']:.3g}",
            "" if line["ratio"] is None else f"{line['ratio']:.2f}",
            str(line["n"]),
        )
        for line in scoreboard(rounds)
    ]


BOARD_COLUMNS = ("measure", "against", "our score", "their score", "ratio", "questions")
"""Heading of the scoreboard."""


def number(value: float, unit: str) -> str:
    """Write a value as a reader takes it.

    Examples
    --------
    >>> number(4.31e13, "tokens"), number(0.503, "share (0 to 1)"), number(62.0, "runs")
    ('43T', '50 %', '62')
    """
    if unit == "tokens":
        trillions = value / 1e12
        return f"{trillions:.0f}T" if trillions >= 9.95 else f"{trillions:.1f}T"
    if unit.startswith("share"):
        return f"{100 * value:.0f} %" if value >= 0.1 else f"{100 * value:.1f} %"
    if unit.startswith("addresses"):
        return f"{value / 1e6:.0f}M"
    return "yes" if unit == "yes or no" and value else "no" if unit == "yes or no" else f"{value:.0f}"


def _middle(said: Mapping[str, Any]) -> float:
    return float(said["quantiles"]["0.5"] if said["probability"] is None else said["probability"])


def _written(value: float, question: Mapping[str, Any]) -> str:
    return f"{100 * value:.0f} %" if question["probability"] is not None else number(value, question["unit"])


def _ours(question: Mapping[str, Any]) -> str:
    middle = _written(_middle(question), question)
    if question["probability"] is not None:
        return middle
    low, high = (number(question["quantiles"][level], question["unit"]) for level in ("0.1", "0.9"))
    return f"{middle} ({low} to {high})"


def _theirs(question: Mapping[str, Any]) -> str:
    middles = sorted(_middle(said) for said in question["rivals"].values())
    if not middles:
        return ""
    low, high = (_written(end, question) for end in (middles[0], middles[-1]))
    return low if low == high else f"{low} to {high}"


def _came(question: Mapping[str, Any]) -> str:
    if question["resolved"] is None:
        return "open"
    came = number(question["resolved"], question["unit"])
    if question["revised"] is None:
        return came
    return f"{came} (now read as {number(question['revised'], question['unit'])})"
