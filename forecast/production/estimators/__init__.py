"""The stock estimators, one a file."""
