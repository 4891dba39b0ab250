"""What must hold across the columns of a table: conditions that a description of single columns cannot say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

ROUNDING = 0.006
"""Printed scaling-law values carry two decimals, so that one may lie this far outside its printed interval."""

ENTERING = ("estimate", "lower bound", "upper bound")
"""Uses of a published stock that enter the synthesis."""

TWINS = ("name", "quantity", "unit", "low", "median", "high", "reference_date", "source_url")
"""Columns in which no two rows of published stocks are the same."""


@dataclass(frozen=True)
class CrossCheck:
    """A condition on every row that spans several columns.

    Parameters
    ----------
    problem : str
        What to say where it does not hold.
    holds : callable
        From the typed table to one boolean a row.
    needs : tuple of str
        Columns without which it cannot be asked.

    Examples
    --------
    >>> from forecast.ingest.catalog import load_table
    >>> all(check.holds(load_table("claims")).all() for check in CROSS_CHECKS["claims"])
    True
    """

    problem: str
    holds: Callable[[pd.DataFrame], pd.Series]
    needs: tuple[str, ...]


def _ordered(*names: str, slack: float = 0.0) -> CrossCheck:
    """Columns that must not fall from left to right, empty cells aside."""

    def holds(frame: pd.DataFrame) -> pd.Series:
        numbers = frame[list(names)].astype("float64")
        # Going left to right, the largest so far must not exceed the value: empty cells neither raise nor fail it.
        return (numbers.cummax(axis=1) - numbers <= slack).where(numbers.notna(), True).all(axis=1)

    return CrossCheck(f"{' <= '.join(names)} does not hold", holds, names)


def _any_of(*names: str) -> CrossCheck:
    return CrossCheck(
        f"none of {', '.join(names)} is given", lambda frame: frame[list(names)].notna().any(axis=1), names
    )


def _together(one: str, other: str) -> CrossCheck:
    return CrossCheck(
        f"{one} and {other} do not come together",
        lambda frame: frame[one].notna() == frame[other].notna(),
        (one, other),
    )


def _with(value: str, reason: str) -> CrossCheck:
    return CrossCheck(
        f"{value} is given without {reason}",
        lambda frame: frame[value].isna() | frame[reason].notna(),
        (value, reason),
    )


def _basis(value: str) -> CrossCheck:
    """Say that a value has a known basis, and an unknown basis no value."""
    basis = f"{value}_basis"
    return CrossCheck(
        f"{value} and {basis} contradict each other",
        lambda frame: frame[value].notna() == (frame[basis] != "unknown"),
        (value, basis),
    )


def _fractions_of(unit: str, word: str, *names: str) -> CrossCheck:
    """Where the unit says fraction, the values lie between 0 and 1."""

    def holds(frame: pd.DataFrame) -> pd.Series:
        numbers = frame[list(names)].astype("float64")
        return (frame[unit] != word) | (numbers.isna() | ((numbers >= 0) & (numbers <= 1))).all(axis=1)

    return CrossCheck(f"a {word} lies outside 0 to 1", holds, (unit, *names))


def _ratio(share: str, part: str, whole: str, tolerance: float) -> CrossCheck:
    return CrossCheck(
        f"{share} is not {part} / {whole}",
        lambda frame: (frame[part] / frame[whole] - frame[share]).abs() <= tolerance,
        (share, part, whole),
    )


def _whole_number_of(total: str, parts: tuple[str, ...], tolerance: float) -> CrossCheck:
    def holds(frame: pd.DataFrame) -> pd.Series:
        whole = frame[total].astype("float64")
        gap = (whole - frame[list(parts)].astype("float64").sum(axis=1)).abs()
        return whole.isna() | (gap <= tolerance * whole)

    return CrossCheck(f"{total} is not the sum of its parts", holds, (total, *parts))


def _rising(name: str) -> CrossCheck:
    return CrossCheck(f"{name} falls from one row to the next", lambda frame: ~(frame[name].diff() < 0), (name,))


def _half_years(dates: pd.Series) -> pd.Series:
    half = (dates.dt.month > 6).map({False: "H1", True: "H2"})
    return dates.dt.year.astype("Int64").astype("str") + half


_FETCHED = tuple(f"fetch_{way}_urls" for way in ("success", "redirect", "notmodified", "failed", "denied", "skipped"))

CROSS_CHECKS: dict[str, tuple[CrossCheck, ...]] = {
    "epoch_models": (
        _together("dataset_size", "dataset_unit"),
        _together("dataset_size", "dataset_size_field"),
        _together("active_parameters", "active_parameters_basis"),
        _ordered("active_parameters", "parameters"),
    ),
    "record_audit": (
        *(_basis(name) for name in ("tokens_seen", "tokens_unique", "epochs", "text_share", "synthetic_share")),
        _together("epoch_dataset_size", "epoch_dataset_unit"),
        _ordered("tokens_unique", "tokens_seen"),
        CrossCheck(
            "half_year is not that of the date",
            lambda frame: frame["half_year"] == _half_years(frame["publication_date"]),
            ("half_year", "publication_date"),
        ),
    ),
    "common_crawl_monthly": (
        _ordered("unique_urls", "pages", "cumulative_pages"),
        _rising("cumulative_pages"),
        _with("uncompressed_bytes", "bytes_secondary_reading"),
        _with("wet_compressed_bytes", "wet_source_url"),
        # The published totals differ slightly from the sum of their parts (at most 0.08 %).
        _whole_number_of("fetch_total_urls", _FETCHED, 1e-3),
    ),
    "common_crawl_overlap": (
        _ratio("union_over_sum_ratio", "union_unique_urls_estim", "sum_unique_urls", 1e-6),
        CrossCheck(
            "first_date is not before date", lambda frame: frame["first_date"] < frame["date"], ("first_date", "date")
        ),
    ),
    "common_crawl_languages": (_ratio("share_of_pages", "pages", "crawl_pages_total", 1e-6),),
    "fineweb2_languages": (
        CrossCheck(
            "words are given for removed documents",
            lambda frame: frame["words"].isna() | (frame["part"] == "kept"),
            ("words", "part"),
        ),
    ),
    "world_population": (
        CrossCheck(
            "estimates end in 2023 and projections begin in 2024",
            lambda frame: (frame["variant"] == "estimate") == (frame["year"] <= 2023),
            ("variant", "year"),
        ),
    ),
    "internet_users": (
        CrossCheck(
            "users and share imply a world population outside 5 to 9 thousand million",
            lambda frame: (frame["internet_users_people"] / frame["share_of_population"]).between(5e9, 9e9),
            ("internet_users_people", "share_of_population"),
        ),
    ),
    "text_corpora": (_any_of("tokens", "words", "bytes"), _together("bytes", "bytes_basis")),
    "stock_estimates": (
        _ordered("low", "median", "high"),
        _any_of("low", "median", "high"),
        _fractions_of("unit", "fraction", "low", "median", "high"),
        CrossCheck(
            "twin rows: one figure of one source stands twice",
            lambda frame: ~frame.duplicated(TWINS, keep=False),
            TWINS,
        ),
    ),
    "stock_mapping": (
        CrossCheck(
            "a row that enters has no lineage or no conversion, or one that does not enter has a conversion",
            lambda frame: (
                (frame["use"].isin(ENTERING) == frame["conversion"].notna())
                & ((frame["use"] == "not comparable") == frame["lineage"].isna())
            ),
            ("use", "lineage", "conversion"),
        ),
        _together("lineage", "layer"),
        _together("lineage", "publisher"),
        CrossCheck(
            "twin rows enter: one figure in two units or of two dates",
            lambda frame: (
                ~(entering := frame["name"].where(frame["use"].isin(ENTERING))).duplicated(keep=False) | entering.isna()
            ),
            ("name", "use"),
        ),
    ),
    "access_restrictions": (
        _ordered("low_share", "value_share", "high_share"),
        _any_of("value_share", "low_share", "high_share"),
    ),
    "synthetic_share": (
        _ordered("low_share", "share", "high_share"),
        _any_of("share", "low_share", "value"),
    ),
    "scaling_laws": (_ordered("low", "value", "high", slack=ROUNDING), _together("low", "high")),
    "claims": (
        _ordered("claimed_earliest_year", "claimed_median_year", "claimed_latest_year"),
        _together("event_definition", "event_resource"),
        _ordered("event_from_year", "event_to_year"),
        CrossCheck(
            "an event has no date, or a date no event",
            lambda frame: (
                frame[["event_from_year", "event_to_year"]].notna().any(axis=1) == frame["event_definition"].notna()
            ),
            ("event_definition", "event_from_year", "event_to_year"),
        ),
    ),
    "collapse_anchors": (_any_of("value", "value_as_stated"),),
    "epoch_published": (_ordered("low", "median", "high"), _together("low", "interval_level_share")),
    "lever_estimates": (_ordered("low", "median", "high"), _fractions_of("unit", "fraction", "low", "median", "high")),
    "dataset_size_history": (
        _ordered("tokens_low", "tokens", "tokens_high"),
        CrossCheck(
            "a size is given for exactly the disclosed models",
            lambda frame: (
                frame[["tokens", "tokens_low", "words"]].notna().any(axis=1)
                == (frame["tokens_kind"] != "not disclosed")
            ),
            ("tokens", "tokens_low", "words", "tokens_kind"),
        ),
    ),
}
"""Conditions that span several columns, by table."""
