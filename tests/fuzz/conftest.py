"""The figure that `make fuzz` ends with."""

from __future__ import annotations

from collections import Counter
from typing import Any

from fuzz.cases import SEED


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say how many cases ran, by kind, how many failed, and how long they took."""
    ran: Counter[str] = Counter()
    failed: Counter[str] = Counter()
    seconds = 0.0
    reports = [r for found in terminalreporter.stats.values() for r in found if getattr(r, "when", None) == "call"]
    for report in reports:
        for name, value in report.user_properties:
            if name == "fuzz":
                ran[value["kind"]] += value["ran"]
                failed[value["kind"]] += value["failed"]
                seconds += report.duration
    if ran:
        kinds = ", ".join(f"{number:,} {kind}" for kind, number in ran.items())
        terminalreporter.write_sep("=", "fuzz")
        terminalreporter.write_line(f"{ran.total():,} cases (seed {SEED}): {kinds}")
        terminalreporter.write_line(f"{failed.total():,} failed; {seconds:.0f} s of work, summed over processes")
