"""What everything is built on: resources, trajectories, distributions, seeds, units, files."""
