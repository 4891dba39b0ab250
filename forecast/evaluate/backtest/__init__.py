"""Forecasts of the past, scored."""
