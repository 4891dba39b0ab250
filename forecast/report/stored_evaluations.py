"""Sections of the report that show a stored evaluation: its figure, the data behind it, and whether it still fits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from forecast.runs.document import of_the_baseline
from forecast.runs.forecast import Forecast

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from forecast.ingest.stored import StoredResult


@dataclass(frozen=True)
class Described:
    """What an evaluation found, in words.

    Parameters
    ----------
    found : StoredResult
        As it is stored.
    text : str
        Its figure in words.
    sentences : tuple of str
        What goes before the figure.
    """

    found: StoredResult
    text: str
    sentences: tuple[str, ...]

    @property
    def state(self) -> str:
        """Whether it still fits, in a sentence."""
        return self.found.sentence()


@dataclass(frozen=True)
class Evaluated:
    """An evaluation as the report shows it; called with a forecast it returns what its section shows.

    Parameters
    ----------
    name : str
        Under which it is stored; ``forecast.plots.<name>`` draws it by ``<name>``, ``<name>_text``, ``<name>_table``.
    intro : str
        What a reader should know before the figure.
    command : str
        Which shows the same.
    table : str
        Function of the plots' module that gives the data behind the figure, where it is another than ``<name>_table``.
    say : callable
        From the content to sentences before the figure.
    """

    name: str
    intro: str
    command: str
    table: str = ""
    say: Callable[[Any], Sequence[str]] = lambda _: ()

    def stored(self) -> StoredResult | None:
        """Return the stored result; None where there is none."""
        from forecast import evaluate
        from forecast.ingest.stored import exists

        return evaluate.stored(self.name) if exists(self.name) else None

    def described(self, forecast: Forecast) -> Described | None:
        """Return what the evaluation found, in words; None where nothing is stored, or the forecast is not the baseline's."""
        # Evaluations speak of the baseline: a report about anything else does without them.
        found = self.stored() if of_the_baseline(forecast.document) else None
        if found is None:
            return None
        words = getattr(import_module(f"forecast.plots.{self.name}"), f"{self.name}_text")(found.content)
        return Described(found, words, (self.intro, *self.say(found.content)))

    def __call__(self, forecast: Forecast) -> dict[str, Any] | None:
        """Return what the section shows; None where there is nothing."""
        described = self.described(forecast)
        if described is None:
            return None
        from forecast.report.pictures import figure_of, stored_source

        found, plots = described.found, import_module(f"forecast.plots.{self.name}")
        table = getattr(plots, self.table or f"{self.name}_table")(found.content)

        def draw() -> Axes | Figure:
            return getattr(plots, self.name)(found.content)

        source = stored_source(found.made)
        return {
            "figure": figure_of(draw, self.name, self.name.capitalize(), described.text, table, source),
            "state": described.state,
            "sentences": described.sentences,
            "command": self.command,
        }


def _sentences_of(name: str) -> Callable[[Any], Sequence[str]]:
    """Return what says in sentences what an evaluation found: its module's own ``sentences``."""

    def say(content: Any) -> Sequence[str]:
        from forecast.evaluate.store import room_of

        found: Sequence[str] = room_of(name).sentences(content)
        return found

    return say


SENSITIVITY = Evaluated(
    "sensitivity",
    "Which assumption moves the year, how much of the uncertainty each one carries, and which measurement would narrow "
    "it most.",
    "forecast sensitivity",
)
VINTAGES = Evaluated(
    "vintages",
    "What this forecast would have said at each half-year since 2019 with the rows published by then. Readings of rows, "
    "priors and the stock are those of now: these are pseudo-vintages, not forecasts made at the time.",
    "forecast vintages",
)
CLAIMS = Evaluated(
    "claims",
    "Public statements about running out of data, each read as an event of this forecast, with the probability that it "
    "has now and would have had when the statement was made. The forecast counts runs that were never published, so that an event "
    "may be likely though no published training set has reached it. Statements that name no date or another event are left out of the "
    "figure and listed in the ledger.",
    "forecast claims",
)
BACKTEST = Evaluated(
    "backtest",
    "",
    "forecast backtest",
    table="methods_table",
    say=_sentences_of("backtest"),
)
CALIBRATION = Evaluated(
    "calibration",
    "Worlds were simulated from the growth models' own assumptions, so that the truth is known, and forecast like ours. Where the "
    "intervals are right, the truth lies anywhere among the draws with equal chance: the bars are level within the band. "
    "This tests the computation, not whether our world is one of these.",
    "forecast calibrate",
    say=lambda content: [
        f"{content['deviate']} of {content['tests']} histograms deviate once their number is allowed for (Holm, 5%)"
        + "".join(f"; {row['who'].replace('_', ' ')}, {row['quantity']}" for row in content["rows"] if row["deviates"])
        + "."
    ],
)


WORLDS = Evaluated(
    "worlds",
    "A thousand worlds were made in which the true frontier is known: eight ways in which it may grow times five ways in which "
    "runs may be published, most of which no growth model expects. Each is forecast from January 2020, 2022, 2024 and 2026.",
    "python -m forecast.evaluate worlds",
    say=_sentences_of("worlds"),
)


def track_record() -> str | None:
    """Return the stored backtest in one line."""
    found = BACKTEST.stored()
    if found is None:
        return None
    content = found.content
    ours = content["summary"]["combination"]
    low, high = ours["coverage_interval"]["0.8"]
    origins = min(row["origin"] for row in content["rows"])
    n_effective = ours["coverage_n_effective"]["0.8"]
    held = (
        f"80% intervals held {ours['coverage']['0.8']:.0%} of {ours['n']} forecasts since {int(origins)} "
        f"({low:.0%} to {high:.0%} at 95%, effective n {n_effective:.0f})"
    )
    pairs = {pair["against"]: pair for pair in content["pairs"] if pair["rows"] == "all"}
    baselines = [name for name in pairs if content["summary"][name]["kind"] == "baseline"]
    hardest = max(baselines, key=lambda name: pairs[name]["crps_ratio"], default=None)
    rivals = ((hardest, "the hardest simple baseline"), ("epoch2024", "Epoch AI 2024"), ("epoch2022", "Epoch AI 2022"))
    ratios = [
        f"{called} {pairs[name]['crps_ratio']:.2f} ({pairs[name]['interval_0.9'][0]:.2f} to "
        f"{pairs[name]['interval_0.9'][1]:.2f}; theirs held {content['summary'][name]['coverage']['0.8']:.0%})"
        for name, called in rivals
        if name in pairs
    ]
    line = f"{held}. Error relative to others, below 1 is better, 90% interval: {', '.join(ratios)}"
    return f"{line}. {found.sentence()}" if found.stale else f"{line}."
