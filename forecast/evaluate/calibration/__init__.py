"""Simulated truths, and whether the intervals hold them."""
