"""Stored results that are stale on purpose: what takes hours to make follows the tables later, and says so meanwhile."""

WAITING = frozenset[str]()
"""Their names; none now. Report, README and notebooks call one that is here stale, and no slice of it is compared."""
