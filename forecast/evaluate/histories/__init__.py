"""Histories of technologies as tests: what was known at an origin, rivals that forecast from it, and their scores."""
