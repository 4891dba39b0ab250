"""What a reader can move: the sliders in the order of the page, and what each does to a future, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from forecast.scenarios.levers import LEVERS
from forecast.scenarios.levers.compute_cap import NO_LIMIT

GROWTH, PREMIUM, STOCK, HIDDEN, HIDDEN_SIZE = "growth", "premium", "stock", "undisclosed", "undisclosed_size"
"""Sliders that set no lever: they shift the paths themselves."""


@dataclass(frozen=True)
class Slider:
    """Something that a reader can move.

    Parameters
    ----------
    name : str
        Its name in the address of the page: that of a setting, ``lever.setting``, or one of its own.
    label, help : str
        What it is called, and what it means.
    low, high : float
        Ends of the slider, in its unit.
    scale : {"linear", "log"}
        How its length is laid out.
    form : {"percent", "times", "factor", "worth", "amount", "flop"}
        How its value is written.
    idle : str
        Why it may move nothing, where that depends on something else.
    beyond : float, optional
        What the slider says at its upper end, where that is more than `high`.
    """

    name: str
    label: str
    help: str
    low: float
    high: float
    scale: str = "linear"
    form: str = "percent"
    idle: str = "none of the futures depends on it as the others are set"
    beyond: float | None = None

    @property
    def lever(self) -> str:
        """The lever that it sets; empty where it shifts the paths themselves."""
        return self.name.partition(".")[0] if "." in self.name else ""

    @property
    def setting(self) -> str:
        """The lever's setting."""
        return self.name.partition(".")[2]


FIRST = (
    Slider(GROWTH, "Growth from {since_year}", "expected pace of the largest feasible run from {since} on", 1.0, 6.0, "log", "factor"),
    Slider(
        PREMIUM, "Premium over record", "largest feasible run over the published record ({record}), undisclosed runs as in the report", 1.0, 30.0, "log",
        "times",
    ),
    Slider(STOCK, "Stock", "all public text people have written, {stock_date}, in tokens", 5e13, 5e15, "log", "amount"),
    Slider(HIDDEN, "Undisclosed runs", "share of futures that hold larger runs than any published", 0.0, 1.0),
    Slider(
        "compute_cap.limit_2030", "Compute limit", "largest run that can be computed in 2030", 1e27, 1e32, "log", "flop",
        "no future meets the limit before it runs out of text", NO_LIMIT,
    ),
)  # fmt: skip
"""What matters most, in the order of the page. Ends of growth: none, and twice the highest published pace."""

LEVER_SLIDERS = (
    Slider("repetition.epochs", "Repetition", "times the same text is read", 1.0, 40.0, "log", "times"),
    Slider("repetition.passes", "Repetition", "what repeating is worth, in fresh reads", 1.0, 16.0, "log", "times"),
    Slider("quality.usable_share", "Quality", "share of raw text worth training on", 0.01, 1.0, "log"),
    Slider(
        "access.restricted_growth_2030", "Closing by 2030", "factor on the odds that text is closed, from mid-2026",
        0.2, 100.0, "log", "times", "nothing closes: no restriction is followed",
    ),
    Slider(
        "access.restricted_share_2030", "Closed in 2030", "share of text that robots.txt restricts", 0.01, 0.99,
        idle="nothing closes: no restriction is followed",
    ),
    Slider(
        "access.compliance_2030", "Compliance in 2030", "how far such rules are followed", 0.01, 1.0,
        idle="no text is restricted",
    ),
    Slider(
        HIDDEN_SIZE, "Size of undisclosed runs", "how much larger, in the middle of the futures that hold them", 1.0, 30.0, "log",
        "times", "no future holds undisclosed runs",
    ),
    Slider("overtraining.ratio", "Overtraining", "tokens a parameter, over the fitted path", 1.0, 1000.0, "log", "times"),
    Slider("synthetic.share", "Synthetic share", "part of the training mix, beside human text", 0.0, 0.9),
    Slider(
        "synthetic.yield", "Synthetic yield", "human tokens that one is worth", -1.0, 4.0, "linear", "worth",
        "the synthetic share is nothing",
    ),
    Slider(
        "data_efficiency.gain_per_year", "Efficiency", "fewer tokens for the same model, each year", 1.0, 3.0, "log",
        "factor", "methods save nothing more",
    ),
)  # fmt: skip
"""The levers, in the order of the page; of alternatives, the one that a scenario uses."""

SLIDERS = (*FIRST, *LEVER_SLIDERS)
"""Everything that can be moved."""

_MOVED = [lever for name, lever in LEVERS.items() if name in {slider.lever for slider in SLIDERS}]

MULTIPLYING = tuple(lever.name for lever in _MOVED if lever.side == "stock" and lever.effect == "multiplies")
"""Levers of the stock that the browser multiplies by; all come before those that add."""

DEMAND = tuple(lever.name for lever in _MOVED if lever.side == "consumption" and lever.effect == "multiplies")
"""Levers of the frontier that can be moved and multiply it; they act after all that caps."""

CAP = "compute_cap"
"""The lever that holds the frontier below the largest computation."""

FEWEST_GIVEN = 50
"""Fewest futures that an answer in the page may rest on (effective count); judgement: a share of a half is then known to 7
points. `Forecast.given`, which has every draw of the run, asks for more."""

GIVEN_AHEAD = 10
"""Years after the data whose frontier a reader may take as known (count)."""

GIVEN_DAY = "1 January {year}"
"""When it is known, as in `Forecast.given`."""

FORMULAS: Mapping[str, str] = {
    GROWTH: "Growth: what a future's run grows from {since} on, in log10, is multiplied by one factor, the logarithm of the slider over "
    "that of the report's {growth} a year. The past stays.",
    PREMIUM: "Premium: every future's run is multiplied by the slider over the report's {premium}, at every date.",
    STOCK: "Stock: every future's raw text is multiplied by the slider over the scenario's own ({stock} in the report), at every date.",
    HIDDEN: "Undisclosed runs: a share of the futures holds runs larger than any published. Each future keeps its rank, so that a larger "
    "share adds futures and takes none away; the size slider sets the middle of how much larger.",
    "levers": "Any other slider sets the median of a setting. The width that the scenario gives it stays, as a factor, and so do its "
    "bounds; every future keeps its rank, so that what goes together goes on going together. A setting that the scenario fixes has no "
    "width here either.",
    "repetition": "Repetition counts by the scaling laws of data-constrained training. Restrictions and compliance begin where observation "
    "ends and are complete in 2030. Overtraining, efficiency and synthetic text begin at the scenario's dates and are additional to the "
    "past, which is in the fitted path.",
    "synthetic": "Synthetic text: where a scenario counts none, yield and saturation are those of synthetic_accumulate; the yield slider "
    "shifts all of them by the same amount.",
    "scenarios": "A scenario sets all of its levers, with their widths, at the ranks that the futures have. Untouched, it shows the "
    "numbers of its own full run where the growth models are those of this report.",
    "given": "A size that is known keeps the futures whose run lies in its range on that day, as the other controls have it; nothing "
    "is fitted again. With fewer than {fewest} futures left it is not used.",
    "weights": "Weights are relative. The report weights all growth models equally.",
    "rounding": "Paths are rounded to {step} and are straight lines in log10 between knots: half-years to {half_years:.0f}, years to "
    "{years:.0f}, then five years.",
}
"""What each control does, as the page says it; `explorer_paths.Shifts` and the levers compute it."""

__all__ = [
    "CAP",
    "DEMAND",
    "FEWEST_GIVEN",
    "FIRST",
    "FORMULAS",
    "GIVEN_AHEAD",
    "GIVEN_DAY",
    "GROWTH",
    "HIDDEN",
    "HIDDEN_SIZE",
    "LEVER_SLIDERS",
    "MULTIPLYING",
    "PREMIUM",
    "SLIDERS",
    "STOCK",
    "Slider",
]
