"""Which conditions across columns each table has to meet, and those that one table alone needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forecast.ingest import corpora
from forecast.ingest.cross_checks import (
    CrossCheck,
    addressed,
    any_of,
    basis,
    fractions_of,
    not_after_snapshot,
    ordered,
    period_said,
    ratio,
    rising,
    sum_of,
    together,
    with_reason,
)

if TYPE_CHECKING:
    import pandas as pd

ROUNDING = 0.006
"""Printed scaling-law values carry two decimals, so that one may lie this far outside its printed interval."""

LAST_COUNT, LAST_SURVEYS = "2024-04-30", "2026-07-31"
"""Last count of restricted tokens, and last surveys that go on an earlier series (dates): table access_restrictions."""

ENTERING = ("estimate", "lower bound", "upper bound")
"""Uses of a published stock that enter the synthesis."""

TWINS = ("name", "quantity", "unit", "low", "median", "high", "reference_date", "source_url")
"""Columns in which no two rows of published stocks are the same."""


def _half_years(dates: pd.Series) -> pd.Series:
    half = (dates.dt.month > 6).map({False: "H1", True: "H2"})
    return dates.dt.year.astype("Int64").astype("str") + half


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
        not_after_snapshot("epoch_models", "publication_date"),
        together("dataset_size", "dataset_unit"),
        together("dataset_size", "dataset_size_field"),
        together("active_parameters", "active_parameters_basis"),
        ordered("active_parameters", "parameters"),
    ),
    "record_audit": (
        *(basis(name) for name in ("tokens_seen", "tokens_unique", "epochs", "text_share", "synthetic_share")),
        together("epoch_dataset_size", "epoch_dataset_unit"),
        ordered("tokens_unique", "tokens_seen"),
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
        not_after_snapshot("record_audit", "publication_date"),
        period_said("record_audit", "publication_date"),
    ),
    "common_crawl_monthly": (
        ordered("unique_urls", "pages", "cumulative_pages"),
        rising("cumulative_pages"),
        with_reason("uncompressed_bytes", "bytes_secondary_reading"),
        with_reason("wet_compressed_bytes", "wet_source_url"),
        # The published totals differ slightly from the sum of their parts (at most 0.08 %).
        sum_of("fetch_total_urls", _FETCHED, 1e-3),
    ),
    "common_crawl_overlap": (
        ratio("union_over_sum_ratio", "union_unique_urls_estim", "sum_unique_urls", 1e-6),
        CrossCheck(
            "first_date is not before date", lambda frame: frame["first_date"] < frame["date"], ("first_date", "date")
        ),
    ),
    "common_crawl_languages": (ratio("share_of_pages", "pages", "crawl_pages_total", 1e-6),),
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
        any_of("tokens", "words", "bytes"),
        together("bytes", "bytes_basis"),
        not_after_snapshot("text_corpora", "release_date"),
    ),
    "media_corpora": (addressed(),),
    "stock_estimates": (
        ordered("low", "median", "high"),
        any_of("low", "median", "high"),
        fractions_of("unit", "fraction", "low", "median", "high"),
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
        together("lineage", "layer"),
        together("lineage", "publisher"),
        CrossCheck(
            "twin rows enter: one figure in two units or of two dates",
            lambda frame: (
                ~(entering := frame["name"].where(frame["use"].isin(ENTERING))).duplicated(keep=False) | entering.isna()
            ),
            ("name", "use"),
        ),
    ),
    "access_restrictions": (
        ordered("low_share", "value_share", "high_share"),
        any_of("value_share", "low_share", "high_share"),
        not_after_snapshot("access_restrictions", "date"),
        period_said("access_restrictions", "date", dated_to_the_end=False),
    ),
    "access_shocks": (
        ordered("low_share", "mid_share", "high_share"),
        not_after_snapshot("access_shocks", "date"),
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
        ordered("low_share", "share", "high_share"),
        any_of("share", "low_share", "value"),
        not_after_snapshot("synthetic_share", "date", lambda frame: frame["kind"] == "analyst_claim"),
        period_said("synthetic_share", "date", dated_to_the_end=False),
    ),
    "scaling_laws": (ordered("low", "value", "high", slack=ROUNDING), together("low", "high")),
    "claims": (
        ordered("claimed_earliest_year", "claimed_median_year", "claimed_latest_year"),
        together("event_definition", "event_resource"),
        ordered("event_from_year", "event_to_year"),
        CrossCheck(
            "an event has no date, or a date no event",
            lambda frame: (
                frame[["event_from_year", "event_to_year"]].notna().any(axis=1) == frame["event_definition"].notna()
            ),
            ("event_definition", "event_from_year", "event_to_year"),
        ),
        not_after_snapshot("claims", "date_of_claim"),
        period_said("claims", "date_of_claim"),
        together("measure", "measure_amount"),
        ordered("measure_from_year", "measure_to_year"),
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
    ),
    "embodied": (
        not_after_snapshot("embodied", "date"),
        period_said("embodied", "date"),
        any_of("hours", "hours_low"),
        together("hours_low", "hours_high"),
        ordered("hours_low", "hours", "hours_high"),
        CrossCheck(
            "an estimate has no range",
            lambda frame: (frame["hours_basis"] == "stated") | frame["hours_low"].notna(),
            ("hours_basis", "hours_low"),
        ),
    ),
    "collapse_anchors": (any_of("value", "value_as_stated"), addressed("condition", computed=True)),
    "epoch_published": (ordered("low", "median", "high"), together("low", "interval_level_share")),
    "lever_estimates": (
        ordered("low", "median", "high"),
        fractions_of("unit", "fraction", "low", "median", "high"),
        addressed("source_note"),
    ),
    "dataset_size_history": (
        ordered("tokens_low", "tokens", "tokens_high"),
        CrossCheck(
            "a size is given for exactly the disclosed models",
            lambda frame: (
                frame[["tokens", "tokens_low", "words"]].notna().any(axis=1)
                == (frame["tokens_kind"] != "not disclosed")
            ),
            ("tokens", "tokens_low", "words", "tokens_kind"),
        ),
        not_after_snapshot("dataset_size_history", "release_date"),
        period_said("dataset_size_history", "release_date"),
        addressed("note"),
    ),
    "token_prices": (
        ordered("amount_low", "amount_mid", "amount_high"),
        any_of("amount_low", "amount_mid", "amount_high"),
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
