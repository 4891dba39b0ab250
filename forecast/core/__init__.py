"""What everything stands on: resources, trajectories, distributions, seeds, units, files."""
