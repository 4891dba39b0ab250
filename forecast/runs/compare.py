"""Two runs side by side: what differs in data, scenario and model, and how far each moves the answer.

A move is measured by substitution: the first run is made again with one thing of the second, all else alike. What
cannot be made again here (data of another day, code of another version, fits that are not kept) is said, not guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from forecast.core import fingerprints
from forecast.core.display import display
from forecast.core.summaries import plain
from forecast.errors import ForecastError, InputError
from forecast.fits.kept_parts import kept_part
from forecast.runs.changes import PARTS, Change, Part, is_code, run_changes
from forecast.runs.document_types import Document
from forecast.runs.forecast import Forecast
from forecast.runs.rerun import RerunPlan, rerun_plan
from forecast.runs.scenario_diff import Answer, changes, differences, moved
from forecast.runs.sentence import HEADLINE_YEAR
from forecast.scenarios.own_parts import own_parts
from forecast.scenarios.record import recorded


@dataclass(frozen=True)
class Move:
    """How far one part, or one piece of it, moves the answer.

    Parameters
    ----------
    name : str
        A part; a piece of one after a full stop; ``code``; or ``together``, for what the parts do not do alone.
    median_years : float or None
        Years by which the median moves; infinite from or to never; None where it cannot be told.
    probability : float or None
        By how much the probability by the end of 2030 moves.
    how : str
        How it was measured, or why it cannot be told.
    """

    name: str
    median_years: float | None
    probability: float | None
    how: str

    @property
    def known(self) -> bool:
        """Whether it could be measured."""
        return self.median_years is not None


@dataclass(frozen=True)
class Comparison:
    """Two runs, what differs between them, and what each difference does.

    Parameters
    ----------
    first_name, second_name : str
        What the runs are called.
    first, second : Answer
        Their answers, as recorded.
    changes : tuple of Change
        What differs.
    moves : tuple of Move
        The whole move, then each part and its pieces.
    """

    first_name: str
    second_name: str
    first: Answer
    second: Answer
    changes: tuple[Change, ...]
    moves: tuple[Move, ...]

    @property
    def total(self) -> Move:
        """The whole move from the first run to the second."""
        return self.moves[0]

    def move(self, name: str) -> Move:
        """Return a move by its name.

        Parameters
        ----------
        name : str
            Such as ``"data"``.

        Returns
        -------
        Move
            That move.
        """
        return next(move for move in self.moves if move.name == name)

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain values.

        Returns
        -------
        dict
            JSON-ready; a move that is infinite or unknown is null, and ``how`` says which.
        """
        return {
            "first": {"run": self.first_name, **self.first.to_dict()},
            "second": {"run": self.second_name, **self.second.to_dict()},
            "changes": [asdict(change) for change in self.changes],
            "moves": [
                {
                    "name": move.name,
                    "moves_median_by_years": None if move.median_years is None else plain(move.median_years),
                    "moves_probability_by": None if move.probability is None else plain(move.probability),
                    "how": move.how,
                }
                for move in self.moves
            ],
        }

    def _repr_html_(self) -> str:
        return display("comparison_card", self)


def compare(
    first: Forecast | str | Path,
    second: Forecast | str | Path,
    *,
    progress: Callable[[str], None] = lambda _: None,
    models: Sequence[str | Path] = (),
    sampling: bool = False,
    jobs: int | None = None,
) -> Comparison:
    """Compare two runs.

    Parameters
    ----------
    first, second : Forecast, str or pathlib.Path
        Two runs of one resource: forecasts, or run folders.
    progress : callable, optional
        Told of each step.
    models : sequence of str or pathlib.Path
        Model tables of the user's own that the runs were made from, if they were: a path that a run names is not
        opened.
    sampling : bool, default False
        Whether fits that a substitution needs and that are not kept may be sampled, which takes minutes.
    jobs : int, optional
        Processes for that.

    Returns
    -------
    Comparison
        What differs, and how far each difference alone moves median and probability by 2030.

    Raises
    ------
    InputError
        If the runs are about two resources.
    MissingFileError
        If a folder is not a run folder.

    Examples
    --------
    >>> import forecast as fc
    >>> fc.compare("out", "before").total  # doctest: +SKIP
    Move(name='total', median_years=-1.2, probability=0.11, how='as recorded')
    """
    (one, one_name), (two, two_name) = _loaded(first), _loaded(second)
    try:
        return _compared(
            (one.document, one_name), (two.document, two_name), progress, tuple(models), sampling=sampling, jobs=jobs
        )
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        if isinstance(error, ForecastError) or (isinstance(first, Forecast) and isinstance(second, Forecast)):
            raise
        # The shape of what was loaded was looked at, what it says in free fields was not.
        raise InputError(
            f"run folders that cannot be compared ({type(error).__name__}: {error})",
            "what forecast run wrote",
            "make the runs again with: forecast run",
        ) from error


def _compared(
    first: tuple[Document, str],
    second: tuple[Document, str],
    progress: Callable[[str], None],
    models: tuple[str | Path, ...],
    *,
    sampling: bool,
    jobs: int | None,
) -> Comparison:
    (a, one_name), (b, two_name) = first, second
    if a["resource"] != b["resource"]:
        raise InputError(
            f"runs of {a['resource']} and of {b['resource']}", "two runs of one resource", "compare others"
        )
    found = run_changes(a, b)
    answers = _recorded(a), _recorded(b)
    total = _move("total", answers[0], answers[1], "as recorded")
    substitution = _Substitution(a, b, found, answers, progress, models, sampling, jobs)
    return Comparison(one_name, two_name, *answers, found, (total, *substitution.moves(total)))


@dataclass(frozen=True)
class _Substitution:
    """What is needed to measure each part's own move."""

    first: Document
    second: Document
    found: tuple[Change, ...]
    answers: tuple[Answer, Answer]
    progress: Callable[[str], None]
    models: tuple[str | Path, ...]
    sampling: bool
    jobs: int | None

    def moves(self, total: Move) -> list[Move]:
        differing = {change.part for change in self.found}
        if not differing:
            return [_nothing(part) for part in PARTS]
        one, two = (rerun_plan(document, self.models) for document in (self.first, self.second))
        if isinstance(one, str) or isinstance(two, str):
            why = f"the first run: {one}" if isinstance(one, str) else f"the second run: {two}"
            return self._untold(differing, why)
        # The first run is where to start from; where it cannot be made here, the second one, looking back.
        forward = one.obstacle(sampling=self.sampling)
        back = None if forward is None else two.obstacle(sampling=self.sampling)
        if forward is not None and back is not None:
            return self._untold(differing, f"neither run can be made again here: {forward}; {back}")
        base, other, sign = (one, two, 1) if forward is None else (two, one, -1)
        self.progress("making the runs again")
        start = self._answer(base)
        told = []
        for part in PARTS:
            told += self._part(part, base, other, start, sign) if part in differing else [_nothing(part)]
        told += self._code(start, sign)
        return [*told, *_rest(total, told)]

    def _untold(self, differing: set[Part], why: str) -> list[Move]:
        """Return what can be said without making anything: one part that differs alone has the whole move."""
        if len(differing) == 1 and not any(is_code(change) for change in self.found):
            whole = _move("", *self.answers, "as recorded: nothing else differs")
            return [replace(whole, name=part) if part in differing else _nothing(part) for part in PARTS]
        return [
            Move(part, None, None, f"not separated: {why}") if part in differing else _nothing(part) for part in PARTS
        ]

    def _part(self, part: Part, base: RerunPlan, other: RerunPlan, start: Answer, sign: int) -> list[Move]:
        """Measure one part: the base run with that part of the other."""
        changed = _substituted(part, base, other)
        if changed == base:
            return [Move(part, 0.0, 0.0, "only the code and the versions differ")]
        obstacle = changed.obstacle(sampling=self.sampling)
        if obstacle is not None:
            return [Move(part, None, None, f"not separated: {obstacle}")]
        whose = (
            "the first run with this of the second"
            if sign > 0
            else "the second run against itself with this of the first"
        )
        move = _signed(part, start, self._answer(changed), sign, f"{whose}, all else alike")
        if part != "scenario":
            return [move]
        return [move, *self._pieces(base, changed, sign)]

    def _pieces(self, base: RerunPlan, changed: RerunPlan, sign: int) -> list[Move]:
        """Measure what each difference of the scenarios does alone."""
        if len(changes(base.scenario, changed.scenario)) < 2:
            return []
        options = base.options
        found = differences(
            base.scenario,
            changed.scenario,
            seed=options.seed,
            draws=options.draws,
            horizon=options.horizon,
            models=options.models,
            as_of=options.as_of,
            add=options.add,
            sampling=options.sampling,
            jobs=self.jobs,
        )
        return [
            _signed(f"scenario.{piece.name}", found.first_answer, piece.alone, sign, "alone; pieces need not add up")
            for piece in found.differences
        ]

    def _code(self, start: Answer, sign: int) -> list[Move]:
        """Measure what another code does: the base run as recorded against the same made with the code here."""
        recorded, far = (self.answers[0], self.second) if sign > 0 else (self.answers[1], self.first)
        move = _signed("code", recorded, start, sign, "the same run made again with the code and the versions here")
        if not any(is_code(change) for change in self.found):
            if move.median_years == 0 and move.probability == 0:
                return []
            return [replace(move, median_years=None, probability=None, how=_OTHER_CODE)]
        if far["provenance"].get("code_sha256") == fingerprints.digest():
            return [move]
        return [replace(move, median_years=None, probability=None, how=_OTHER_CODE)]

    def _answer(self, made_from: RerunPlan) -> Answer:
        def made() -> list[float]:
            answer = _recorded(made_from.make(self.progress, jobs=self.jobs).document)
            return [answer.median, answer.probability]

        scenario, options = made_from.scenario, made_from.options
        if own_parts(scenario):  # no key knows of what is registered in somebody's code
            return Answer(*made())
        asked = {"scenario": recorded(scenario), "options": options.recorded(), "seed": options.seed}
        return Answer(*kept_part("answer", made, **asked, tables=dict(made_from.tables)))


_OTHER_CODE = "not separated: the code or the versions that made the runs are not the ones here"


def _substituted(part: Part, base: RerunPlan, other: RerunPlan) -> RerunPlan:
    if part == "data":
        return base.with_data_of(other)
    if part == "scenario":
        return replace(base, scenario=replace(other.scenario, members=base.scenario.members))
    told = other.options
    options = replace(base.options, seed=told.seed, draws=told.draws, horizon=told.horizon, sampling=told.sampling)
    return replace(base, scenario=replace(base.scenario, members=other.scenario.members), options=options)


def _rest(total: Move, told: list[Move]) -> list[Move]:
    """Return what the parts do not do alone, where all of them are known."""
    parts = [move for move in told if "." not in move.name]
    unknown = [move.name for move in parts if not move.known]
    assert total.median_years is not None, "recorded answers are known"
    assert total.probability is not None, "recorded answers are known"
    moves = [move.median_years for move in parts if move.median_years]
    # Infinite moves cannot be taken from each other; but one that is the whole move leaves nothing.
    finite = all(abs(years) < float("inf") for years in (total.median_years, *moves))
    years = total.median_years - sum(moves) if finite else 0.0 if moves == [total.median_years] else None
    share = total.probability - sum(move.probability or 0.0 for move in parts)
    words = (
        f"what is left of the whole move: {' and '.join(unknown)}, and what parts do only together"
        if unknown
        else ("what the parts do only together: each works on what the others leave")
    )
    return [Move("together", years, share, words)]


def _signed(name: str, before: Answer, after: Answer, sign: int, how: str) -> Move:
    return _move(name, before, after, how) if sign > 0 else _move(name, after, before, how)


def _move(name: str, before: Answer, after: Answer, how: str) -> Move:
    return Move(name, moved(after.median, before.median), after.probability - before.probability, how)


def _nothing(part: str) -> Move:
    return Move(part, 0.0, 0.0, "does not differ")


def _recorded(document: Document) -> Answer:
    year = document["exhaustion_year"]
    median = float("inf") if year["median"] is None else float(year["median"])
    return Answer(median, float(year["probability_by"][str(HEADLINE_YEAR)]))


def _loaded(run: Forecast | str | Path) -> tuple[Forecast, str]:
    if isinstance(run, Forecast):
        return run, f"{run.scenario}, data as of {run.document['as_of']}"
    return Forecast.load(run), str(run)
