r"""The hierarchical model of histories, in yearly steps.

Series i stalls in the year after one with news with probability :math:`h_i`, and resumes in the year after one without
with probability :math:`q_i`. A year with news adds a gamma amount of mean :math:`m_{it}` and shape :math:`1/c_i`,

.. math:: \log m_{it} = g_i + s_i (t - \bar t_i) / 5 + u_{it} + \gamma \log w_{it},

where :math:`s_i` is the log ratio of the pace in five years to that now, u reverts to zero at rate :math:`\kappa` with
standard deviation :math:`\tau_i`, and w is the number of years since the last news. Each of :math:`g, s, \log\tau, \log
c, \mathrm{logit}\,h, \mathrm{logit}\,q` is a mean plus effects of kind, domain, family and series; the scales of the
effects are learned, so that an effect for which there is little shrinks to none.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from forecast.consumption.learned.series import Changes, moved, years_since
from forecast.core.seeds import DEFAULT_SEED
from forecast.fits import nuts
from forecast.fits.gate import Convergence
from forecast.fits.sampling import Sampling


@dataclass(frozen=True)
class Quantity:
    """A property that every series has: centre and spread of its mean before the fit, and the scale of its effects."""

    name: str
    unit: str
    centre: float
    spread: float
    scale: float
    why: str


QUANTITIES = (
    Quantity("growth", "log of log10 a year", float(np.log(0.06)), 1.0, 1.0, "1 to 40 % a year is what lists show"),
    Quantity("slowing", "log pace ratio per five years", -0.1, 0.3, 0.4, "a pace that halves or doubles in 5 years is rare"),
    Quantity("volatility", "log of the sd of log pace", float(np.log(0.5)), 0.5, 0.3, "paces wander by a factor of 1.2 to 3"),
    Quantity("jump", "log of the squared CV of a year's growth", float(np.log(0.4)), 0.6, 0.4, "years with news are within a few times their mean"),
    Quantity("stall", "logit a year", -1.0, 1.0, 0.8, "a year with news is followed by one without in 10 to 70 %"),
    Quantity("resumption", "logit a year", -0.5, 1.0, 0.8, "a year without news is followed by one with in 10 to 80 %"),
)  # fmt: skip
"""What every series has; centres, spreads and scales are judgement, wide on purpose."""

NAMES = tuple(quantity.name for quantity in QUANTITIES)

GROUPS = ("kind", "domain", "family")
"""What series share beside the mean."""

GROUP_SCALE = 0.5
"""Scale of the effects of a group over that of the series' own (no unit); judgement: most of it is each series' own."""

REVERSION = (0.4, 0.7)
"""Median and log sd of the rate at which a pace returns to its trend (per year); judgement: half-lives of 0.5 to 6."""

CATCH_UP = 0.5
"""Sd of the exponent by which a year's growth rises with the years since the last news (no unit); judgement."""

SAMPLING = Sampling(chains=4, draws=4000, keep=1000, tune=1500, target_accept=0.95)
"""How the model is sampled: scales of effects mix slowly, and each draw takes a tenth of a millisecond a step."""


@dataclass(frozen=True, eq=False)
class Arrays:
    """A model's data: the cells with news, and counts of stalls and resumptions."""

    inputs: dict[str, np.ndarray]
    groups: dict[str, tuple[tuple[str, ...], np.ndarray]]
    shape: tuple[int, int]


def arrays(data: Changes) -> Arrays:
    """Return the arrays that enter the model."""
    cells, counts = [], []
    for place, growth in enumerate(data.growth):
        news, since = moved(growth), years_since(growth)
        before = np.concatenate([[True], news[:-1]])
        counts.append([(before & ~news).sum(), before.sum(), (~before & news).sum(), (~before).sum()])
        middle = (len(growth) - 1) / 2
        cells += [(place, t, t - middle, np.log(since[t]), growth[t]) for t in np.flatnonzero(news)]
    columns = np.array(cells, dtype=float).reshape(-1, 5)
    every = (data.kinds, data.domains, data.families)
    groups = {}
    for name, labels in zip(GROUPS, every, strict=True):
        known = tuple(dict.fromkeys(labels))
        groups[name] = (known, np.array([known.index(label) for label in labels]))
    return Arrays(
        inputs={
            "off_middle": columns[:, 2],
            "log_since": columns[:, 3],
            "log_growth": np.log(columns[:, 4]),
            "counts": np.array(counts, dtype=float),
            "used": np.ones(len(data.names)),
        },
        groups={**groups, "cell": ((), columns[:, :2].astype(int))},
        shape=(len(data.names), max(len(growth) for growth in data.growth)),
    )


def build(given: Arrays) -> Any:
    """Build the PyMC model; series whose ``used`` is 0 are left out of the likelihood."""
    import pymc as pm
    import pytensor.tensor as pt

    series, cell = given.shape[0], given.groups["cell"][1]
    count, span = len(QUANTITIES), int(cell[:, 1].max()) + 1
    with pm.Model(check_bounds=False) as model:
        d = {name: pm.Data(name, value, shape=value.shape) for name, value in given.inputs.items()}
        centre, spread, scale = (np.array([getattr(q, n) for q in QUANTITIES]) for n in ("centre", "spread", "scale"))
        mean = pm.Normal("mean", centre, spread, shape=count)
        each = mean + pm.HalfNormal("sd_series", scale, shape=count) * pm.Normal("of_series", shape=(series, count))
        for group in GROUPS:
            labels, index = given.groups[group]
            sd = pm.HalfNormal(f"sd_{group}", GROUP_SCALE * scale, shape=count)
            raw = pm.Normal(f"of_{group}", shape=(len(labels), count))
            each = each + pm.Deterministic(f"effect_{group}", sd * raw)[index]
        growth, slowing, volatility, jump, stall, resumption = (each[:, place] for place in range(count))

        reversion = pm.LogNormal("reversion", np.log(REVERSION[0]), REVERSION[1])
        catch_up = pm.Normal("catch_up", 0.0, CATCH_UP)
        keep = pt.exp(-reversion)
        lag = np.subtract.outer(np.arange(span), np.arange(span))
        first = pt.concatenate([pt.ones(1), pt.sqrt(1 - keep**2) * pt.ones(span - 1)])
        decay = pt.where(lag >= 0, keep ** np.maximum(lag, 0), 0.0) * first
        # Shocks up to each series' last news; the others of the table would only be more to sample.
        last = np.array([cell[cell[:, 0] == place, 1].max(initial=-1) for place in range(series)])
        real = np.nonzero(np.arange(span) <= last[:, None])
        shocks = pt.zeros((series, span))[real].set(pm.Normal("shock", shape=len(real[0])))
        wander = pt.exp(volatility)[:, None] * pt.dot(shocks, decay.T)

        row = cell[:, 0]
        mean_log = (
            growth[row] + slowing[row] * d["off_middle"] / 5 + wander[row, cell[:, 1]] + catch_up * d["log_since"]
        )
        shape = pt.exp(-jump)[row]
        log_rate = -mean_log - jump[row]
        news = shape * log_rate + (shape - 1) * d["log_growth"] - pt.exp(d["log_growth"] + log_rate) - pt.gammaln(shape)
        stalls, could_stall, resumed, could_resume = (d["counts"][:, place] for place in range(4))
        turns = stalls * stall - could_stall * pt.softplus(stall)
        turns += resumed * resumption - could_resume * pt.softplus(resumption)
        pm.Potential("news", pt.sum(news * d["used"][row]))
        pm.Potential("turns", pt.sum(turns * d["used"]))
    return model


def fit(
    data: Changes,
    *,
    left_out: tuple[str, ...] = (),
    seed: int = DEFAULT_SEED,
    settings: Sampling = SAMPLING,
    cores: int = 1,
    once: bool = False,
) -> tuple[Any, Arrays, Convergence]:
    """Sample the model; families that are left out have no likelihood and are drawn from the hierarchy."""
    given = arrays(data)
    used = np.array([family not in left_out for family in data.families], dtype=float)
    tree, found = nuts.sample(
        partial(build, given),
        {**given.inputs, "used": used},
        key=("learned", data.names, given.shape),
        stream="learned",
        seed=seed,
        settings=settings,
        cores=cores,
        once=once,
    )
    return tree, given, found
