"""Recovery: whether the members' intervals hold what they promise in worlds whose frontier is known.

Every member is fitted to every world with short sampling, and where the true frontier falls among its draws is kept:
the *place*, a number between 0 and 1. An interval of level L holds the truth when the place is within L/2 of one
half, so one number a horizon gives the coverage of every equal-tailed interval. Coverage is a share of worlds and is
shown with its binomial interval.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.stats import rankdata

from forecast.consumption.frontier_data import FrontierData, frontier_data
from forecast.consumption.member import Fit, Member
from forecast.consumption.registry import member
from forecast.evaluate.comparison import wilson
from forecast.evaluate.worlds import World, adversarial_worlds, digest_of, own_worlds
from forecast.files import atomic_file
from forecast.inference import cache
from forecast.inference.executor import run_tasks
from forecast.inference.settings import Sampling
from forecast.seeds import DEFAULT_SEED

if TYPE_CHECKING:
    import pandas as pd

DEFAULT_MEMBERS = ("local_trend", "damped", "windowed_exponential", "record_drift")
"""The members of the default mixture."""

HORIZONS = (0.0, 1.0, 2.0, 4.0)
"""How far beyond the as-of date the frontier is looked at (years)."""

LEVELS = (0.5, 0.8, 0.9, 0.95)
"""Levels of the equal-tailed intervals."""

OWN_WORLDS = 50
"""Worlds of each member's own family."""

FOREIGN_WORLDS = 20
"""How many of them the other members are fitted to."""

ADVERSARIAL_WORLDS = 200
"""Adversarial worlds, each for every member."""

SHORT = Sampling(chains=2, draws=300, tune=150, target_accept=0.8, rerun_target_accept=0.9)
"""Short, since many worlds stand in for many draws; a first attempt this short rarely passes, the second counts."""


@dataclass(frozen=True)
class RecoveryTask:
    """One world for one member.

    Parameters
    ----------
    world : World
        What to fit to, and the truth.
    member : Member
        What to fit.
    sampling : Sampling
        Length and care.
    seed : int
        The run's seed.
    """

    world: World
    member: Member
    sampling: Sampling = SHORT
    seed: int = DEFAULT_SEED

    def key(self) -> str:
        """Return the hash under which this score is kept."""
        return cache.fit_key(
            score="recovery/1",
            world=self.world.digest(),
            member=type(self.member).__qualname__,
            priors=asdict(self.member),
            sampling=asdict(self.sampling),
            seed=self.seed,
        )


def score(task: RecoveryTask) -> dict[str, Any]:
    """Fit a member to a world, or find that it has been done, and say where the truth falls.

    Parameters
    ----------
    task : RecoveryTask
        World and member.

    Returns
    -------
    dict
        world, families, member, places and errors by horizon, places of the parameters, convergence.
    """
    path = cache.cache_folder() / "scores" / f"{task.key()}.json"
    if path.is_file():
        return json.loads(path.read_text(encoding="utf-8"))
    found = _fit_and_score(task)
    with atomic_file(path) as temporary:
        temporary.write_text(json.dumps(found), encoding="utf-8")
    return found


def _fit_and_score(task: RecoveryTask) -> dict[str, Any]:
    from forecast.inference.sampling import sample

    world, who, data = task.world, task.member, task.world.data()
    tree, convergence = sample(
        lambda: who.model(data),
        who.inputs(data),
        key=(*who.structure(), len(data.knots)),
        stream=f"recovery/{who.name}/{world.name}",
        seed=task.seed,
        settings=task.sampling,
    )
    fit = Fit(who, data, tree, {}, task.seed)
    years = world.as_of + np.array(HORIZONS)
    return {
        "world": world.name,
        "families": list(world.families),
        "member": who.name,
        "horizons": score_draws(fit.project(years).values, world.truth(years)),
        "parameters": {
            name: {"place": place(fit.draws[name], value), "truth": value, "median": float(np.median(fit.draws[name]))}
            for name, value in world.parameters.items()
            if name in fit.draws and f"own: {who.name}" in world.families
        },
        "rhat_max": convergence.rhat_max,
        "ess_bulk_min": convergence.ess_bulk_min,
        "divergences": convergence.divergences,
    }


def score_draws(draws: np.ndarray, truth: np.ndarray) -> list[dict[str, float]]:
    """Say where the truth falls among the draws at each horizon.

    Parameters
    ----------
    draws : array, shape (draw, horizon)
        Draws of the log10 frontier.
    truth : array, shape (horizon,)
        The true log10 frontier.

    Returns
    -------
    list of dict
        One a horizon: place (0 to 1), error of the median and width of the 80 % interval (log10).
    """
    low, middle, high = np.quantile(draws, [0.1, 0.5, 0.9], axis=0)
    return [
        {
            "place": place(draws[:, index], float(value)),
            "error": float(middle[index] - value),
            "width_80": float(high[index] - low[index]),
        }
        for index, value in enumerate(truth)
    ]


def place(draws: np.ndarray, truth: float) -> float:
    """Return the share of draws below the truth, half-counted at ties and never quite 0 or 1.

    Parameters
    ----------
    draws : array, shape (draw,)
        Draws.
    truth : float
        The truth.

    Returns
    -------
    float
        Between 0 and 1; uniform over worlds when the intervals hold what they promise.

    Examples
    --------
    >>> place(np.array([1.0, 2.0, 3.0]), 2.5)
    0.625
    """
    below = np.sum(draws < truth) + 0.5 * np.sum(draws == truth)
    return float((below + 0.5) / (len(draws) + 1))


def covered(places: np.ndarray, level: float) -> np.ndarray:
    """Return whether equal-tailed intervals hold the truth.

    Parameters
    ----------
    places : array, shape (world,)
        Where the truth falls among the draws.
    level : float
        Probability of the intervals.

    Returns
    -------
    numpy.ndarray
        Shape (world,), bool.
    """
    return np.abs(np.asarray(places) - 0.5) <= level / 2


def coverage(scores: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Count, for every pair of world family and member, how often the intervals hold the truth.

    Parameters
    ----------
    scores : iterable of mapping
        What `score` gives.

    Returns
    -------
    list of dict
        One a family, member and horizon: n, median error and median width (log10), and by level the share with its
        95 % Wilson interval.
    """
    groups: dict[tuple[str, str, float], list[Mapping[str, float]]] = {}
    for item in scores:
        kinds = (*item["families"], *_gathered(item["families"]))
        for family in kinds:
            for horizon, found in zip(HORIZONS, item["horizons"], strict=True):
                groups.setdefault((family, item["member"], horizon), []).append(found)
    rows = []
    for (family, who, horizon), found in groups.items():
        places = np.array([one["place"] for one in found])
        rows.append(
            {
                "family": family,
                "member": who,
                "horizon": horizon,
                "n": len(found),
                "median_error": round(float(np.median([one["error"] for one in found])), 4),
                "median_width_80": round(float(np.median([one["width_80"] for one in found])), 4),
                "below": round(float(np.mean(places < 0.1)), 4),
                "above": round(float(np.mean(places > 0.9)), 4),
                "coverage": {str(level): _share(covered(places, level)) for level in LEVELS},
            }
        )
    return rows


def _gathered(families: Sequence[str]) -> tuple[str, ...]:
    """Return the family that holds all adversarial worlds, if this is one."""
    return () if any(family.startswith("own: ") for family in families) else ("adversarial",)


def _share(hits: np.ndarray) -> dict[str, Any]:
    low, high = wilson(float(hits.sum()), len(hits))
    return {"share": round(float(hits.mean()), 4), "interval_0.95": [round(low, 4), round(high, 4)]}


def own_family(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Say for each member whether its 80 % intervals hold 80 % of the worlds of its own family.

    Parameters
    ----------
    rows : iterable of mapping
        What `coverage` gives.

    Returns
    -------
    list of dict
        One a member and horizon: share, interval, and whether the interval contains 0.80.
    """
    return [
        {
            "member": row["member"],
            "horizon": row["horizon"],
            "n": row["n"],
            **row["coverage"]["0.8"],
            "holds": row["coverage"]["0.8"]["interval_0.95"][0] <= 0.8 <= row["coverage"]["0.8"]["interval_0.95"][1],
        }
        for row in rows
        if row["family"] == f"own: {row['member']}"
    ]


def parameter_recovery(scores: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Say how well each parameter is found again in worlds of the member's own family.

    Parameters
    ----------
    scores : iterable of mapping
        What `score` gives.

    Returns
    -------
    list of dict
        One a member and parameter: n, coverage of the 80 % interval, rank correlation of truth and posterior median.
    """
    groups: dict[tuple[str, str], list[Mapping[str, float]]] = {}
    for item in scores:
        for name, found in item["parameters"].items():
            groups.setdefault((item["member"], name), []).append(found)
    rows = []
    for (who, name), found in groups.items():
        truth, median = (rankdata(np.array([one[key] for one in found])) for key in ("truth", "median"))
        related = float(np.corrcoef(truth, median)[0, 1]) if len(found) > 2 else None
        rows.append(
            {
                "member": who,
                "parameter": name,
                "n": len(found),
                "coverage_80": _share(covered(np.array([one["place"] for one in found]), 0.8)),
                "rank_correlation": None if related is None else round(related, 3),
            }
        )
    return rows


def tasks(
    members: Sequence[str] = DEFAULT_MEMBERS,
    *,
    own: int = OWN_WORLDS,
    foreign: int = FOREIGN_WORLDS,
    adversarial: int = ADVERSARIAL_WORLDS,
    template: FrontierData | None = None,
    sampling: Sampling = SHORT,
) -> list[RecoveryTask]:
    """Return what there is to fit: each member's own worlds, then the adversarial worlds for every member.

    Parameters
    ----------
    members : sequence of str
        Names of members.
    own : int
        Worlds of each own family.
    foreign : int
        How many of these the other members are fitted to.
    adversarial : int
        How many of the 200 adversarial worlds, in their order.
    template : FrontierData, optional
        Dates, gaps and errors of the own worlds; by default the shipped corpora.
    sampling : Sampling
        Length and care.

    Returns
    -------
    list of RecoveryTask
        A member's own family first, so that an interrupted run has the most telling part.
    """
    shape = shipped_data() if template is None else template
    chosen = [member(name) for name in members]
    families = {who.name: own_worlds(who, shape, own) for who in chosen}
    listed = [RecoveryTask(world, who, sampling) for who in chosen for world in families[who.name]]
    listed += [RecoveryTask(world, who, sampling) for world in adversarial_worlds()[:adversarial] for who in chosen]
    for name, worlds in families.items():
        listed += [
            RecoveryTask(world, who, sampling) for who in chosen if who.name != name for world in worlds[:foreign]
        ]
    return listed


def shipped_data() -> FrontierData:
    """Return the shipped corpora up to the date of the newest snapshot.

    Returns
    -------
    FrontierData
        The largest of each half-year.
    """
    from forecast.ingest.corpora import audited_as_of, text_corpora
    from forecast.ingest.models import load_models

    return frontier_data(text_corpora(load_models()), audited_as_of())


def recover(
    listed: Sequence[RecoveryTask],
    jobs: int | None = None,
    progress: Callable[[str], None] = lambda _: None,
    scheduler: str | None = None,
) -> dict[str, Any]:
    """Fit and score every task.

    Parameters
    ----------
    listed : sequence of RecoveryTask
        What to fit.
    jobs : int, optional
        Processes; by default one a processor.
    scheduler : str, optional
        Address of a Dask scheduler whose workers do it instead.
    progress : callable, optional
        Told how far it is.

    Returns
    -------
    dict
        JSON-ready: settings, coverage, own families, recovery of parameters, and the place of every truth.
    """
    scores: dict[int, dict[str, Any]] = {}
    for position, found in run_tasks(score, listed, jobs, scheduler=scheduler):
        scores[position] = found
        progress(f"world {len(scores)} of {len(listed)}")
    return summarise_scores([scores[position] for position in range(len(listed))], listed)


def summarise_scores(scores: Sequence[Mapping[str, Any]], listed: Sequence[RecoveryTask]) -> dict[str, Any]:
    """Turn scores into the published result.

    Parameters
    ----------
    scores : sequence of mapping
        What `score` gives.
    listed : sequence of RecoveryTask
        The tasks, in the same order.

    Returns
    -------
    dict
        JSON-ready.
    """
    rows = coverage(scores)
    adversarial = {
        task.world.name: task.world for task in listed if "/" in task.world.name and not task.world.parameters
    }
    return {
        "sampling": asdict(listed[0].sampling) if listed else None,
        "seed": listed[0].seed if listed else None,
        "worlds": {
            "adversarial": len(adversarial),
            "own": len({task.world.name for task in listed if task.world.parameters}),
            "adversarial_sha256": digest_of(list(adversarial.values())),
        },
        "own_family": own_family(rows),
        "coverage": rows,
        "parameters": parameter_recovery(scores),
        "convergence": _convergence(scores),
        "places": [
            {
                "world": item["world"],
                "member": item["member"],
                "places": [round(found["place"], 4) for found in item["horizons"]],
                "errors": [round(found["error"], 4) for found in item["horizons"]],
            }
            for item in scores
        ],
    }


def _convergence(scores: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Say by member how far the short chains got: what is short here is stated, not hidden."""
    rows = []
    for who in sorted({item["member"] for item in scores}):
        own = [item for item in scores if item["member"] == who]
        rhat = [item["rhat_max"] for item in own if item["rhat_max"] is not None]
        bulk = [item["ess_bulk_min"] for item in own if item["ess_bulk_min"] is not None]
        rows.append(
            {
                "member": who,
                "n": len(own),
                "rhat_max_median": round(float(np.median(rhat)), 4) if rhat else None,
                "rhat_above_1.05": sum(value > 1.05 for value in rhat) + len(own) - len(rhat),
                "ess_bulk_min_median": round(float(np.median(bulk)), 1) if bulk else None,
                "with_divergences": sum(bool(item["divergences"]) for item in own),
            }
        )
    return rows


def coverage_table(content: Mapping[str, Any], level: float = 0.8) -> pd.DataFrame:
    """Return coverage as a table: one line a family and member, one column a horizon.

    Parameters
    ----------
    content : mapping
        What `recover` gives.
    level : float, default 0.8
        Level of the intervals.

    Returns
    -------
    pandas.DataFrame
        Columns family, member, n, and for each horizon text such as ``"0.80 [0.67, 0.89]"``.
    """
    import pandas as pd

    lines: dict[tuple[str, str], dict[str, Any]] = {}
    for row in content["coverage"]:
        line = lines.setdefault((row["family"], row["member"]), {"n": row["n"]})
        found = row["coverage"][str(level)]
        low, high = found["interval_0.95"]
        line[f"+{row['horizon']:g} years"] = f"{found['share']:.2f} [{low:.2f}, {high:.2f}]"
    return pd.DataFrame([{"family": family, "member": who, **line} for (family, who), line in lines.items()])


def inputs(
    own: int = OWN_WORLDS, foreign: int = FOREIGN_WORLDS, adversarial: int = ADVERSARIAL_WORLDS
) -> dict[str, str]:
    """Return the hashes of what the stored result is made from.

    Parameters
    ----------
    own, foreign, adversarial : int
        How many worlds there were: a result of fewer counts as stale.

    Returns
    -------
    dict of str to str
        Tables, code of members, law and worlds, settings.
    """
    from forecast.ingest.results import made_from

    return made_from("recovery", {"sampling": asdict(SHORT), "worlds": [own, foreign, adversarial]})


def evaluate(
    progress: Callable[[str], None], jobs: int | None = None, scheduler: str | None = None
) -> tuple[dict[str, Any], dict[str, str]]:
    """Fit and score every pair of world and member.

    Parameters
    ----------
    progress : callable
        Told how far it is.
    jobs : int, optional
        Processes; by default one a processor.
    scheduler : str, optional
        Address of a Dask scheduler whose workers do it instead.

    Returns
    -------
    tuple of dict and dict
        What `recover` gives, and what it was made from.
    """
    return recover(tasks(), jobs, progress, scheduler), inputs()
