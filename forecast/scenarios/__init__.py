"""Scenarios: what a forecast assumes, read, recorded and listed."""
