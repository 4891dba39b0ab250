"""Words for probabilities: one fixed scale a report, and the number always beside the word.

A word alone is read differently by different people (Budescu et al. 2014, doi:10.1038/nclimate2194), so `in_words`
gives none without its number, and says that it is a probability within the model.
"""

from __future__ import annotations

from dataclasses import dataclass

from forecast.core.registry import Registry
from forecast.core.wording import percent_words

LABEL = "model probability"
"""What every number beside a word is called: the probability that the model gives, if its assumptions hold."""

DEFAULT_SCALE = "ipcc"
"""The scale of a report that asks for none."""


@dataclass(frozen=True)
class Scale:
    """A published scale of likelihood.

    Parameters
    ----------
    title : str
        How it is called in a sentence.
    source : str
        Where it is published.
    terms : tuple of (str, float, float)
        Word and range of probability (shares), both ends in the range. The first whose range holds a share is its
        word: where ranges overlap or touch, the order decides.
    """

    title: str
    source: str
    terms: tuple[tuple[str, float, float], ...]

    def word(self, share: float) -> str:
        """Return the word for a probability."""
        if not 0 <= share <= 1:
            raise ValueError(f"{share} is no probability")
        return next(word for word, low, high in self.terms if low <= share <= high)


SCALES = Registry[Scale](
    "likelihood scale",
    {
        # The ranges overlap: the narrowest that holds a share is its word, and the middle one keeps both of its ends.
        "ipcc": Scale(
            "the IPCC's likelihood scale",
            "Mastrandrea et al. 2010, Guidance Note for Lead Authors of the IPCC Fifth Assessment Report on Consistent "
            "Treatment of Uncertainties, table 1",
            (
                ("exceptionally unlikely", 0.0, 0.01),
                ("virtually certain", 0.99, 1.0),
                ("very unlikely", 0.0, 0.10),
                ("very likely", 0.90, 1.0),
                ("about as likely as not", 0.33, 0.66),
                ("unlikely", 0.0, 0.33),
                ("likely", 0.66, 1.0),
            ),
        ),
        # The ranges touch: the term nearer to an even chance keeps the border. ICD 203 has no term below 1% and above
        # 99%; the outermost ones are used there, beside a number that says so.
        "icd203": Scale(
            "the scale of Intelligence Community Directive 203",
            "Office of the Director of National Intelligence 2015, Intelligence Community Directive 203, Analytic "
            "Standards, section D.6.e(2)(a)",
            (
                ("roughly even chance", 0.45, 0.55),
                ("unlikely", 0.20, 0.45),
                ("likely", 0.55, 0.80),
                ("very unlikely", 0.05, 0.20),
                ("very likely", 0.80, 0.95),
                ("almost no chance", 0.0, 0.05),
                ("almost certain", 0.95, 1.0),
            ),
        ),
    },
)
"""The scales by the name that ``--likelihood`` takes: a new one is one entry here."""


def scale(name: str) -> Scale:
    """Return a scale by its name."""
    return SCALES[name]


def in_words(share: float, name: str = DEFAULT_SCALE, error: float | None = None) -> str:
    """Return a probability as a word with its number, in as many digits as its Monte Carlo error allows.

    Examples
    --------
    >>> in_words(0.78), in_words(0.5, "icd203")
    ('likely (78%, model probability)', 'roughly even chance (50%, model probability)')
    """
    return f"{scale(name).word(share)} ({percent_words(share, error)}, {LABEL})"
