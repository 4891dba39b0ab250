"""The section of the report, and the block of the README, that show the frozen rounds and the scoreboard."""

from __future__ import annotations

import datetime as dt
from typing import Any

from forecast.fits.kept_parts import kept_part
from forecast.report.brief_blocks import BriefTable
from forecast.runs.document import of_the_baseline
from forecast.runs.forecast import Forecast

TITLE = "Frozen forecasts, and how they came out"
"""Heading of the section."""

WHAT = (
    "Each half-year this package freezes what it expects of quantities that anyone can check, with a hash, and what simple "
    "rivals expect. When the tables reach a question's date, all of them are scored."
)
"""What a reader should know first."""


def rounds(forecast: Forecast) -> dict[str, Any] | None:
    """Return what the section shows: the newest round that counts, else the newest trial; None for other forecasts."""
    if not of_the_baseline(forecast.document):
        return None
    from forecast.evaluate.rounds import board

    # A row counts from its day on: what resolved by the shipped tables is kept for the day.
    found = kept_part("scored rounds", board.scored_rounds, of=[dt.date.today().isoformat()])
    return section(found) if found else None


def section(found: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the section's facts from scored rounds."""
    from forecast.evaluate.rounds import board

    shown = next((one for one in reversed(found) if not one["trial"]), found[-1])
    mark = " (a trial, which does not count)" if shown["trial"] else ""
    questions = BriefTable(
        f"Round {shown['round']}{mark}: {len(shown['questions'])} questions", board.COLUMNS, tuple(board.rows(shown))
    )
    scores = board.board_rows(found)
    return {
        "round": shown["round"],
        "sentences": [WHAT, board.sentence(found)],
        "questions": questions,
        "board": BriefTable(
            "Mean scores over resolved questions; smaller is better", board.BOARD_COLUMNS, tuple(scores)
        )
        if scores
        else None,
    }


def readme_block(found: list[dict[str, Any]] | None = None) -> str:
    """Return the README's block: which rounds there are, and the scoreboard once there is one."""
    from forecast.evaluate.rounds import board

    found = board.scored_rounds() if found is None else found
    lines = [board.sentence(found)]
    if scores := board.board_rows(found):
        lines += ["", _markdown(board.BOARD_COLUMNS), _markdown(["---"] * len(board.BOARD_COLUMNS))]
        lines += [_markdown(row) for row in scores]
    return "\n".join(lines)


def _markdown(cells: Any) -> str:
    return f"| {' | '.join(cells)} |"
