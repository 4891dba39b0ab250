"""What one disclosed fact would tell: the answer given each of a list of facts that somebody could state."""
