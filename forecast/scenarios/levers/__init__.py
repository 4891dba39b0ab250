"""The levers by name: a new one is one file and one line here.

Examples
--------
>>> from forecast import levers
>>> levers.LEVERS["quality"].side
'stock'
"""

from __future__ import annotations

from forecast.core.registry import Registry, derived
from forecast.scenarios.levers.access import Access
from forecast.scenarios.levers.compute_cap import ComputeCap
from forecast.scenarios.levers.contamination import Contamination
from forecast.scenarios.levers.data_efficiency import DataEfficiency
from forecast.scenarios.levers.dependence import DEPENDENCES
from forecast.scenarios.levers.distillation import Distillation
from forecast.scenarios.levers.language_share import LanguageShare
from forecast.scenarios.levers.lever import RAMP_YEARS, START, CountsAs, Lever, LeverParameter, ramp
from forecast.scenarios.levers.meta_learning import MetaLearning
from forecast.scenarios.levers.multimodal import Multimodal
from forecast.scenarios.levers.overtraining import Overtraining
from forecast.scenarios.levers.private import Private
from forecast.scenarios.levers.quality import Quality
from forecast.scenarios.levers.repetition import Repetition
from forecast.scenarios.levers.rl_share import RLShare
from forecast.scenarios.levers.selection import Selection
from forecast.scenarios.levers.synthetic import Synthetic
from forecast.scenarios.levers.token_market import TokenMarket
from forecast.scenarios.levers.undertraining import Undertraining

LEVERS: Registry[Lever] = Registry(
    "lever",
    (
        Contamination(),
        LanguageShare(),
        Selection(),
        Access(),
        Quality(),
        Repetition(),
        Synthetic(),
        Private(),
        Multimodal(),
        ComputeCap(),
        RLShare(),
        Overtraining(),
        Undertraining(),
        DataEfficiency(),
        Distillation(),
        MetaLearning(),
        TokenMarket(),
    ),
    group="levers",
    check=derived(Lever, made=True),
)
"""In the order in which they are applied and shown: from the raw stock to the effective one, then the frontier's."""


def counted_as(kind: CountsAs) -> tuple[str, ...]:
    """Return the levers that count as passes over the same data, or as additions of other data.

    Examples
    --------
    >>> counted_as("pass"), counted_as("addition")
    (('repetition',), ('synthetic', 'private', 'multimodal'))
    """
    return tuple(name for name, lever in LEVERS.items() if lever.counts_as == kind)


__all__ = ["DEPENDENCES", "LEVERS", "RAMP_YEARS", "START", "Lever", "LeverParameter", "counted_as", "ramp"]
