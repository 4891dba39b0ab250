"""The standard regimes: each says in samples what a generation is trained on.

A new regime is one more file like this one, with one or several, and its name in the registry of this folder.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from forecast.collapse.engine import Filter, TrainingMix
from forecast.collapse.validate import positive
from forecast.collapse.validate import share as check_share
from forecast.errors import InputError


@dataclass(frozen=True)
class _Share:
    """Regimes with one setting, a share; their name has it."""

    share: float = 0.1
    filter: Filter | None = None
    kind: ClassVar[str]
    setting: ClassVar[str]

    def __post_init__(self) -> None:
        """Check the share."""
        check_share(self.setting, self.share)

    @property
    def name(self) -> str:
        """Name in the registry, with its setting."""
        return f"{self.kind}:{self.share:g}"


@dataclass(frozen=True)
class Replace:
    """Nothing but the last model's text.

    Parameters
    ----------
    filter : Filter, optional
        Verifier of what is written.

    Examples
    --------
    >>> Replace().mix(2, 100, np.random.default_rng(1)).latest
    100
    """

    filter: Filter | None = None

    @property
    def name(self) -> str:
        """Name in the registry."""
        return "replace"

    @property
    def title(self) -> str:
        """Name in figures and tables."""
        return "replace"

    def mix(self, generation: int, samples: int, rng: np.random.Generator) -> TrainingMix:  # noqa: ARG002
        """Return what a generation reads."""
        return TrainingMix(latest=samples, filter=self.filter)


@dataclass(frozen=True)
class Accumulate:
    """The pool grows and nothing is thrown away.

    Parameters
    ----------
    growth : float, default 1
        Samples that each generation adds, as a multiple of the original set.
    filter : Filter, optional
        Verifier of what is written.

    Examples
    --------
    >>> Accumulate().mix(5, 100, np.random.default_rng(1)).everything
    True
    """

    growth: float = 1.0
    filter: Filter | None = None

    def __post_init__(self) -> None:
        """Check the growth."""
        positive("growth of the pool", self.growth)

    @property
    def name(self) -> str:
        """Name in the registry, with its setting."""
        return "accumulate" if self.growth == 1 else f"accumulate:{self.growth:g}"

    @property
    def title(self) -> str:
        """Name in figures and tables."""
        return "accumulate" if self.growth == 1 else f"accumulate, {self.growth:g} x a generation"

    def mix(self, generation: int, samples: int, rng: np.random.Generator) -> TrainingMix:  # noqa: ARG002
        """Return what a generation reads."""
        written = max(round(self.growth * samples), 1)
        return TrainingMix(original=samples, latest=written, everything=True, filter=self.filter)


@dataclass(frozen=True)
class AccumulateSubsample:
    """A fixed budget drawn at random from all data so far.

    Parameters
    ----------
    filter : Filter, optional
        Verifier of what is written.

    References
    ----------
    Kazdan et al. 2024, arXiv:2410.16713.

    Examples
    --------
    >>> recipe = AccumulateSubsample().mix(2, 100, np.random.default_rng(1))
    >>> recipe.original + recipe.earlier
    100
    """

    filter: Filter | None = None

    @property
    def name(self) -> str:
        """Name in the registry."""
        return "accumulate_subsample"

    @property
    def title(self) -> str:
        """Name in figures and tables."""
        return "accumulate and subsample"

    def mix(self, generation: int, samples: int, rng: np.random.Generator) -> TrainingMix:
        """Return what a generation reads."""
        original = int(rng.hypergeometric(samples, samples * (generation - 1), samples))
        return TrainingMix(original=original, stored=samples, earlier=samples - original, filter=self.filter)


@dataclass(frozen=True)
class Keep(_Share):
    """A random share of the original data in every generation, the rest from the last model.

    Parameters
    ----------
    share : float, default 0.1
        Share of original data.
    filter : Filter, optional
        Verifier of what is written.

    Examples
    --------
    >>> Keep(0.1).mix(2, 100, np.random.default_rng(1))
    TrainingMix(original=10, archive=0, fresh=0, latest=90, stored=0, earlier=0, everything=False, filter=None)
    """

    kind: ClassVar[str] = "keep"
    setting: ClassVar[str] = "kept share"

    @property
    def title(self) -> str:
        """Name in figures and tables."""
        return f"{self.share * 100:g} % of the original kept"

    def mix(self, generation: int, samples: int, rng: np.random.Generator) -> TrainingMix:  # noqa: ARG002
        """Return what a generation reads."""
        original = round(self.share * samples)
        return TrainingMix(original=original, latest=samples - original, filter=self.filter)


@dataclass(frozen=True)
class Fresh(_Share):
    """A share of human data that nobody has seen before, in every generation.

    Parameters
    ----------
    share : float, default 0.1
        Share of new human data.
    filter : Filter, optional
        Verifier of what is written.

    Examples
    --------
    >>> Fresh(0.25).mix(2, 100, np.random.default_rng(1)).fresh
    25
    """

    kind: ClassVar[str] = "fresh"
    setting: ClassVar[str] = "share of fresh human data"

    @property
    def title(self) -> str:
        """Name in figures and tables."""
        return f"{self.share * 100:g} % fresh human data"

    def mix(self, generation: int, samples: int, rng: np.random.Generator) -> TrainingMix:  # noqa: ARG002
        """Return what a generation reads."""
        human = round(self.share * samples)
        return TrainingMix(fresh=human, latest=samples - human, filter=self.filter)


@dataclass(frozen=True)
class Verification:
    """Only what passes a filter is read.

    Parameters
    ----------
    keep_right : float, default 0.9
        P(kept | right).
    keep_wrong : float, default 0.3
        P(kept | wrong).

    References
    ----------
    Feng et al. 2024, arXiv:2406.07515.

    Examples
    --------
    >>> Verification(1.0, 0.0).mix(2, 100, np.random.default_rng(1)).filter.keep_wrong
    0.0
    """

    keep_right: float = 0.9
    keep_wrong: float = 0.3

    def __post_init__(self) -> None:
        """Check both rates."""
        Filter(self.keep_right, self.keep_wrong)

    @property
    def name(self) -> str:
        """Name in the registry, with its setting."""
        return f"verification:{self.keep_right:g}/{self.keep_wrong:g}"

    @property
    def title(self) -> str:
        """Name in figures and tables."""
        return f"verified ({self.keep_right:g} right, {self.keep_wrong:g} wrong kept)"

    def mix(self, generation: int, samples: int, rng: np.random.Generator) -> TrainingMix:  # noqa: ARG002
        """Return what a generation reads."""
        return TrainingMix(latest=samples, filter=Filter(self.keep_right, self.keep_wrong))


@dataclass(frozen=True)
class Isolation:
    """The archive alone: no harm from synthetic data, and no growth.

    Parameters
    ----------
    share : float, default 1
        Size of the archive, as a share of the original set.

    Examples
    --------
    >>> Isolation(0.5).mix(9, 100, np.random.default_rng(1)).archive
    50
    """

    share: float = 1.0

    def __post_init__(self) -> None:
        """Check the share."""
        if check_share("archive's share", self.share) == 0:
            raise InputError("an empty archive", "a share above 0", "set some of the original data apart")

    @property
    def name(self) -> str:
        """Name in the registry, with its setting."""
        return f"isolation:{self.share:g}"

    @property
    def title(self) -> str:
        """Name in figures and tables."""
        return "clean archive alone" if self.share == 1 else f"clean archive of {self.share * 100:g} % alone"

    def mix(self, generation: int, samples: int, rng: np.random.Generator) -> TrainingMix:  # noqa: ARG002
        """Return what a generation reads."""
        return TrainingMix(archive=max(round(self.share * samples), 1))


@dataclass(frozen=True)
class Contamination(_Share):
    """Synthetic text of all earlier models, unnoticed among new human data.

    Parameters
    ----------
    share : float, default 0.1
        Synthetic share of every crawl; pages stay, so any earlier model may have written them.
    filter : Filter, optional
        Verifier of what is written.

    Examples
    --------
    >>> recipe = Contamination(0.3).mix(4, 100, np.random.default_rng(1))
    >>> recipe.fresh, recipe.earlier
    (70, 30)
    """

    kind: ClassVar[str] = "contamination"
    setting: ClassVar[str] = "contaminated share"

    @property
    def title(self) -> str:
        """Name in figures and tables."""
        return f"{self.share * 100:g} % synthetic, unnoticed"

    def mix(self, generation: int, samples: int, rng: np.random.Generator) -> TrainingMix:  # noqa: ARG002
        """Return what a generation reads."""
        synthetic = round(self.share * samples)
        stored = max(synthetic, 1)
        return TrainingMix(fresh=samples - synthetic, stored=stored, earlier=synthetic, filter=self.filter)
