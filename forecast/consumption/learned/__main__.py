"""Learn the priors from the learning half of the histories and keep them in ``data/learned_priors.json``."""

from forecast.consumption.learned.numbers import make

if __name__ == "__main__":
    print(make(progress=print, cores=2))
