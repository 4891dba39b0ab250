"""Seeded random attacks on whatever comes from outside: what may be thrown at the package, and what counts as a failure.

`make fuzz` runs 4,000 cases, the fast suite a few hundred; FORECAST_FUZZ_CASES and FORECAST_FUZZ_SEED say how many and
which. A case is plain values: its repr is what reproduces it.
"""
