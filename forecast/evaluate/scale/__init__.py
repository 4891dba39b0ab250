"""How cost grows: with rows, draws, horizon, histories and worlds, and with runs in one process; stored as ``scale``."""
