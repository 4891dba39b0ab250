"""What must hold across the columns of a table: conditions that a description of single columns cannot say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from forecast.ingest import corpora
from forecast.ingest.catalog import table

if TYPE_CHECKING:
    import pandas as pd

NO_ADDRESS = "no address:"
"""How a note begins to say why a row has none."""

ROUNDING = 0.006
"""Printed scaling-law values carry two decimals, so that one may lie this far outside its printed interval."""

LAST_COUNT, LAST_SURVEYS = "2024-04-30", "2026-07-31"
"""Last count of restricted tokens, and last surveys that go on an earlier series (dates): table access_restrictions."""

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


def _not_after_snapshot(
    name: str, column: str, projected: Callable[[pd.DataFrame], pd.Series] | None = None
) -> CrossCheck:
    """Say that nothing is dated after the day up to which its table reaches, projections aside."""

    def holds(frame: pd.DataFrame) -> pd.Series:
        known = frame[column].isna() | (frame[column] <= np.datetime64(table(name).snapshot))
        return known if projected is None else known | projected(frame)

    return CrossCheck(f"{column} is later than the table", holds, (column,))


def _period_said(name: str, column: str, *, dated_to_the_end: bool = True) -> CrossCheck:
    """Say that a date which stands for a period shows it.

    Figures of a month or a year are dated to its last day, or to the table's own while it lasts; a day that happens to be
    the last of a month is named in words, or it reads as a figure of the month.
    """

    def holds(frame: pd.DataFrame) -> pd.Series:
        date, precision = frame[column], frame["date_precision"]
        texts = frame.select_dtypes(exclude=["number", "bool", "datetime"]).fillna("").agg(" ".join, axis=1)
        words = (date.dt.day.astype("Int64").astype("str") + " " + date.dt.month_name()).fillna("")
        named = np.array([bool(day) and day in text for day, text in zip(words, texts, strict=True)], dtype=bool)
        good = date.isna() | (precision != "day") | ~date.dt.is_month_end | named
        ends = {"month": date.dt.is_month_end, "quarter": date.dt.is_quarter_end, "year": date.dt.is_year_end}
        last = date >= np.datetime64(table(name).snapshot)
        for period, end in ends.items() if dated_to_the_end else ():
            good &= (precision != period) | end | last
        return good

    return CrossCheck(f"{column} and date_precision contradict each other", holds, (column, "date_precision"))


def _addressed(*notes: str, computed: bool = False) -> CrossCheck:
    """Say that a row without an address says why, or was computed here."""

    def holds(frame: pd.DataFrame) -> pd.Series:
        good = frame["source_url"].notna()
        for note in notes:
            good |= frame[note].astype("str").str.lower().str.contains(NO_ADDRESS, regex=False)
        return good | (frame["source_type"] == "computed") if computed else good

    return CrossCheck(
        "source_url is empty without a reason", holds, ("source_url", *notes, *(("source_type",) if computed else ()))
    )


def _defaults_noted(frame: pd.DataFrame) -> pd.Series:
    """Whether the note of a row that counts with a default share gives it."""
    note, counts = frame["note"].astype("str"), frame["use"] != "exclude"
    human = frame["synthetic_share"].isna() & (frame["publication_date"].dt.year >= corpora.SYNTHETIC_SINCE)
    text = frame["text_share"].isna() & (frame["domain_group"] == "multimodal")
    good = ~counts
    said = [
        ~missing | note.str.contains(words, regex=False)
        for missing, words in (
            (human, f"default human share of {corpora.UNSTATED_HUMAN_SHARE.middle:g} "),
            (text, f"Text share not stated: the default of {corpora.UNSTATED_TEXT_SHARE.middle:g} "),
        )
    ]
    return good | (said[0] & said[1])


def _table_of_licence(licence: str) -> str:
    """Share-alike series have a file of their own, and those without a licence one that no package carries."""
    if licence.startswith("none stated"):
        return "technology_frontiers_unlicensed"
    return "technology_frontiers_share_alike" if "-SA" in licence else "technology_frontiers"


_HISTORIES = (
    CrossCheck(
        "as_of is before the date",
        lambda frame: frame["date"] <= frame["as_of"],
        ("date", "as_of"),
    ),
    CrossCheck(
        "lower is better for costs alone",
        lambda frame: (frame["kind"] == "cost") == (frame["better"] == "lower"),
        ("kind", "better"),
    ),
    CrossCheck(
        "the date falls from one row of a series to the next",
        lambda frame: ~(frame.groupby("series")["date"].diff().dt.days <= 0),
        ("series", "date"),
    ),
    CrossCheck(
        "a record falls from one row to the next, or stays",
        lambda frame: ~((frame.groupby("series")["value"].diff() <= 0) & (frame["kind"] == "record")),
        ("series", "kind", "value"),
    ),
)

_FETCHED = tuple(f"fetch_{way}_urls" for way in ("success", "redirect", "notmodified", "failed", "denied", "skipped"))

CROSS_CHECKS: dict[str, tuple[CrossCheck, ...]] = {
    "epoch_models": (
        _not_after_snapshot("epoch_models", "publication_date"),
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
        CrossCheck(
            "the role of a row that counts, or of one that does not, is impossible",
            lambda frame: (
                frame["role"].isin(["raw_record", "undisclosed"]) & (frame["use"] == "exclude")
                | frame["role"].isin(["record", "half_year_maximum", "runner_up"]) & (frame["use"] != "exclude")
                | (frame["role"] == "other")
            ),
            ("role", "use"),
        ),
        CrossCheck(
            "sized_by is not what tokens and passes say: a size at the cap needs its wide error",
            lambda frame: frame["sized_by"].fillna("").astype("str") == corpora.sized_by(frame),
            ("sized_by", "tokens_seen", "tokens_unique", "epochs"),
        ),
        CrossCheck(
            "a default share is not in the note",
            _defaults_noted,
            ("note", "use", "synthetic_share", "text_share", "domain_group", "publication_date"),
        ),
        _not_after_snapshot("record_audit", "publication_date"),
        _period_said("record_audit", "publication_date"),
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
    "text_corpora": (
        _any_of("tokens", "words", "bytes"),
        _together("bytes", "bytes_basis"),
        _not_after_snapshot("text_corpora", "release_date"),
    ),
    "media_corpora": (_addressed(),),
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
        _not_after_snapshot("access_restrictions", "date"),
        _period_said("access_restrictions", "date", dated_to_the_end=False),
    ),
    "access_shocks": (
        _ordered("low_share", "mid_share", "high_share"),
        _not_after_snapshot("access_shocks", "date"),
        CrossCheck(
            "what gives back enters other than by the licences, or what moves nothing enters at all",
            lambda frame: (
                ((frame["direction"] == "gives back") == (frame["enters"] == "licences"))
                & ((frame["direction"] == "neither") == (frame["enters"] == "none"))
            ),
            ("direction", "enters"),
        ),
        CrossCheck(
            "an event counts twice or not at all: it does not enter where its date puts it",
            lambda frame: (
                ((frame["enters"] != "level") | (frame["date"] <= LAST_COUNT))
                & ((frame["enters"] != "pace") | frame["date"].between(LAST_COUNT, LAST_SURVEYS))
                & ((frame["enters"] != "own term") | (frame["date"] > LAST_SURVEYS))
            ),
            ("date", "enters"),
        ),
    ),
    "synthetic_share": (
        _ordered("low_share", "share", "high_share"),
        _any_of("share", "low_share", "value"),
        _not_after_snapshot("synthetic_share", "date", lambda frame: frame["kind"] == "analyst_claim"),
        _period_said("synthetic_share", "date", dated_to_the_end=False),
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
        _not_after_snapshot("claims", "date_of_claim"),
        _period_said("claims", "date_of_claim"),
        _together("measure", "measure_amount"),
        _ordered("measure_from_year", "measure_to_year"),
        CrossCheck(
            "a claim is both an event and held against an amount",
            lambda frame: frame["measure"].isna() | frame["event_definition"].isna(),
            ("measure", "event_definition"),
        ),
        CrossCheck(
            "a share is above 1",
            lambda frame: ~(frame["measure"].str.endswith("_share", na=False) & (frame["measure_amount"] > 1)),
            ("measure", "measure_amount"),
        ),
        CrossCheck(
            "read elsewhere or in a copy, and not marked as a secondary reading",
            lambda frame: (frame["read_at_url"].isna() & ~frame["not_to_be_cited"]) | frame["secondary_reading"],
            ("read_at_url", "not_to_be_cited", "secondary_reading"),
        ),
        CrossCheck(
            "an original is given for an address that is not to be cited",
            lambda frame: frame["read_at_url"].isna() | ~frame["not_to_be_cited"],
            ("read_at_url", "not_to_be_cited"),
        ),
        _addressed("note"),
    ),
    "embodied": (
        _not_after_snapshot("embodied", "date"),
        _period_said("embodied", "date"),
        _any_of("hours", "hours_low"),
        _together("hours_low", "hours_high"),
        _ordered("hours_low", "hours", "hours_high"),
        CrossCheck(
            "an estimate has no range",
            lambda frame: (frame["hours_basis"] == "stated") | frame["hours_low"].notna(),
            ("hours_basis", "hours_low"),
        ),
    ),
    "collapse_anchors": (_any_of("value", "value_as_stated"), _addressed("condition", computed=True)),
    "epoch_published": (_ordered("low", "median", "high"), _together("low", "interval_level_share")),
    "lever_estimates": (
        _ordered("low", "median", "high"),
        _fractions_of("unit", "fraction", "low", "median", "high"),
        _addressed("source_note"),
    ),
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
        _not_after_snapshot("dataset_size_history", "release_date"),
        _period_said("dataset_size_history", "release_date"),
        _addressed("note"),
    ),
    "token_prices": (
        _ordered("amount_low", "amount_mid", "amount_high"),
        _any_of("amount_low", "amount_mid", "amount_high"),
        CrossCheck(
            "dollars are of another year than the statement",
            lambda frame: (frame["dollars_of"] == frame["date"].dt.year) | (frame["unit"] != "USD"),
            ("dollars_of", "date", "unit"),
        ),
        CrossCheck(
            "a number of tokens stands beside something other than dollars",
            lambda frame: frame["tokens_per_unit"].isna() | (frame["unit"] == "USD"),
            ("tokens_per_unit", "unit"),
        ),
        CrossCheck(
            "a primary source is marked as read second hand, or the reverse",
            lambda frame: frame["how_read"].str.startswith("primary") != frame["secondary_reading"],
            ("how_read", "secondary_reading"),
        ),
    ),
    "technology_frontiers": _HISTORIES,
    "technology_frontiers_share_alike": _HISTORIES,
    "technology_frontiers_unlicensed": _HISTORIES,
    "technology_frontiers_series": (
        CrossCheck(
            "the table is not the one of such a licence",
            lambda frame: frame["table"] == frame["licence"].map(_table_of_licence),
            ("table", "licence"),
        ),
    ),
}
"""Conditions that span several columns, by table."""
