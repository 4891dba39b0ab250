"""Particles: the posterior of a gamma-process path at every date in one sweep, in NumPy, beside the sampler of `nuts`.

Iterated batch importance sampling (Chopin 2002, doi:10.1093/biomet/89.3.539) with tempered steps: a cloud of
particles, each with its parameters and its whole path, is weighed by a half-year's rows as far as its effective
number allows, resampled, and moved by Metropolis steps that leave its law as it is until it has diversified.
"""
