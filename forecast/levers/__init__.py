"""The levers by name: a new one is one file and one line here.

Examples
--------
>>> from forecast import levers
>>> levers.LEVERS["quality"].side
'stock'
"""

from __future__ import annotations

from collections.abc import Mapping

from forecast.levers.access import Access
from forecast.levers.compute_cap import ComputeCap
from forecast.levers.contamination import Contamination
from forecast.levers.data_efficiency import DataEfficiency
from forecast.levers.dependence import DEPENDENCES
from forecast.levers.distillation import Distillation
from forecast.levers.language_share import LanguageShare
from forecast.levers.lever import Lever, Setting
from forecast.levers.meta_learning import MetaLearning
from forecast.levers.multimodal import Multimodal
from forecast.levers.overtraining import Overtraining
from forecast.levers.private import Private
from forecast.levers.quality import Quality
from forecast.levers.repetition import Repetition
from forecast.levers.rl_share import RLShare
from forecast.levers.synthetic import Synthetic
from forecast.levers.undertraining import Undertraining

LEVERS: Mapping[str, Lever] = {
    lever.name: lever
    for lever in (
        Contamination(),
        LanguageShare(),
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
    )
}
"""In the order in which they are applied and shown: from the raw stock to the effective one, then the frontier's."""

__all__ = ["DEPENDENCES", "LEVERS", "Lever", "Setting"]
