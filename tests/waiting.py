"""Stored results that are stale on purpose: what takes hours to make follows the tables later, and says so meanwhile."""

WAITING = frozenset[str]()
"""What many fits cost: measured on an idle machine. Report, README and notebooks call it stale, and no slice of it is compared."""
