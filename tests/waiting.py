"""Stored results that are stale on purpose: what takes hours to make follows the tables later, and says so meanwhile."""

WAITING = frozenset(
    {
        "spreading",
        "variants",
    }
)
"""Results of before the evidence of November 2026 (`make evaluate` makes them; then they leave this list). Report, README
and notebooks call them stale, and no slice of them is compared."""
