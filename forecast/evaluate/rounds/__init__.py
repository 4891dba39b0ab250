"""Rounds: forecasts of checkable quantities, frozen with a hash before anything is known, resolved by the tables later."""
