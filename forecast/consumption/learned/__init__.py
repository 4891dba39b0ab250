"""What histories of technologies say about how a record goes on: a hierarchical model, and its predictive for a record.

`series` reads the learning half of the histories, `model` is fitted to it once, `numbers` keeps what came out
(``data/learned_hierarchy.json``, ``data/learned_priors.json``), `predictive` turns it into draws for a record of a given
age and past pace, and `priors` reads the members' priors. ``python -m forecast.consumption.learned`` makes the numbers
again.
"""
