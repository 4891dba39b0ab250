"""`check_table` and `check_all` find what is broken, in every table, and nothing where all is well."""

from __future__ import annotations

import shutil

import pandas as pd
import pytest

from forecast.errors import InputError, MissingFileError, UnknownNameError
from forecast.ingest import catalog, conditions, reading, schema

NAMES = [entry.name for entry in catalog.tables()]
LINE = 2  # the first row below the header


def small(name: str, rows: int = 4) -> pd.DataFrame:
    """The first rows of a table as text."""
    return reading.read_text(catalog.table(name).path).head(rows).copy()


def second(name: str, *wanted: str, row: int = 1) -> dict[str, str | None]:
    """Cells of another row, to make a twin of it."""
    return dict(small(name).loc[row, list(wanted)])


def columns(name: str, *types: str) -> list[catalog.Column]:
    return [column for column in catalog.table(name).columns if column.type in types]


def reported(findings: list[schema.Finding], line: int = LINE) -> set[str | None]:
    return {finding.column for finding in findings if finding.line == line}


def test_the_shipped_tables_and_hashes_hold():
    assert schema.check_all() == []


@pytest.mark.parametrize("name", NAMES)
def test_a_small_copy_holds(name):
    assert schema.check_table(name, small(name)) == []


@pytest.mark.parametrize("name", NAMES)
def test_a_typed_table_holds_as_well(name):
    assert schema.check_table(name, catalog.load_table(name)) == []


@pytest.mark.parametrize("name", NAMES)
def test_empty_cells_are_found_where_a_value_is_required(name):
    frame = small(name)
    wanted = [column.name for column in catalog.table(name).columns if column.required]
    frame.loc[0, wanted] = None
    assert wanted
    empty = {f.column for f in schema.check_table(name, frame) if f.problem == "is empty" and f.line == LINE}
    assert empty == set(wanted)


@pytest.mark.parametrize("text", ["NaN", "1e400", "12 million", "1,000", "-inf"])
@pytest.mark.parametrize("name", NAMES)
def test_cells_that_are_no_number_are_found(name, text):
    numbers = [column.name for column in columns(name, "number", "integer")]
    if not numbers:
        pytest.fail(f"{name} has no number")
    frame = small(name)
    frame.loc[0, numbers] = text
    assert reported(schema.check_table(name, frame)) >= set(numbers)


@pytest.mark.parametrize("name", NAMES)
def test_values_below_their_range_are_found(name):
    bounded = [c for c in columns(name, "number", "integer") if {"minimum", "exclusiveMinimum"} & set(c.constraints)]
    frame = small(name)
    for column in bounded:
        frame.loc[0, column.name] = "-7" if "minimum" in column.constraints else "0"
    found = reported(schema.check_table(name, frame))
    assert found >= {column.name for column in bounded}


@pytest.mark.parametrize("name", NAMES)
def test_shares_above_one_and_years_too_late_are_found(name):
    bounded = [c for c in columns(name, "number", "integer") if "maximum" in c.constraints]
    frame = small(name)
    for column in bounded:
        frame.loc[0, column.name] = str(column.constraints["maximum"] + 1)
    assert reported(schema.check_table(name, frame)) >= {column.name for column in bounded}


@pytest.mark.parametrize("name", NAMES)
def test_words_outside_the_list_and_odd_patterns_are_found(name):
    limited = [c.name for c in columns(name, "string") if {"enum", "pattern"} & set(c.constraints)]
    frame = small(name)
    frame.loc[0, limited] = "no such word, ever!"
    assert reported(schema.check_table(name, frame)) >= set(limited)


@pytest.mark.parametrize("name", [n for n in NAMES if columns(n, "date", "boolean")])
def test_odd_dates_and_booleans_are_found(name):
    frame = small(name)
    for column in columns(name, "date"):
        frame.loc[0, column.name] = "2024-13-01"
    for column in columns(name, "boolean"):
        frame.loc[0, column.name] = "perhaps"
    assert reported(schema.check_table(name, frame)) >= {c.name for c in columns(name, "date", "boolean")}


@pytest.mark.parametrize("name", [n for n in NAMES if catalog.table(n).primary_key])
def test_a_row_that_comes_twice_is_found(name):
    frame = small(name)
    frame = pd.concat([frame, frame.head(1)], ignore_index=True)
    problems = " ".join(finding.problem for finding in schema.check_table(name, frame))
    assert "more than one row" in problems


@pytest.mark.parametrize("name", NAMES)
def test_a_column_in_another_unit_is_found_by_its_name(name):
    frame = small(name)
    column = frame.columns[-1]
    findings = schema.check_table(name, frame.rename(columns={column: f"{column}_millions"}))
    assert {(f.column, f.problem) for f in findings} == {
        (column, "the column is missing"),
        (f"{column}_millions", "the column is not described"),
    }


def test_columns_in_another_order_and_no_rows_are_found():
    frame = small("claims")
    swapped = frame[[*reversed(frame.columns)]]
    assert "order" in schema.check_table("claims", swapped)[0].problem
    assert schema.check_table("claims", frame.head(0))[0].problem == "has no rows"


BREAKS = {
    "epoch_models": [
        ({"publication_date": "2027-01-01"}, "publication_date is later than the table"),
        ({"dataset_size": None}, "dataset_size and dataset_unit do not come together"),
        ({"dataset_size_field": None}, "dataset_size and dataset_size_field do not come together"),
        ({"active_parameters": "5"}, "active_parameters and active_parameters_basis do not come together"),
        (
            {"active_parameters": "99999", "active_parameters_basis": "name", "parameters": "10"},
            "active_parameters <= parameters",
        ),
    ],
    "record_audit": [
        ({"text_share": "0.5", "text_share_basis": "unknown"}, "text_share and text_share_basis contradict"),
        ({"text_share": None, "text_share_basis": "stated"}, "text_share and text_share_basis contradict"),
        (
            {"tokens_seen": None, "tokens_seen_basis": "stated"},
            "tokens_seen and tokens_seen_basis contradict",
        ),
        ({"half_year": "2031H2"}, "half_year is not that of the date"),
        ({"epoch_dataset_size": "5", "epoch_dataset_unit": None}, "epoch_dataset_size and epoch_dataset_unit"),
        ({"tokens_unique": "9e20", "tokens_seen": "5"}, "tokens_unique <= tokens_seen"),
        ({"publication_date": "2027-01-01"}, "publication_date is later than the table"),
        ({"date_precision": "month"}, "publication_date and date_precision contradict"),
        ({"publication_date": "2017-01-31"}, "publication_date and date_precision contradict"),
        ({"use": "exclude"}, "the role of a row"),
        ({"role": "undisclosed"}, "the role of a row"),
        ({"sized_by": "cap of passes"}, "sized_by is not what tokens and passes say"),
        ({"tokens_unique": "1e10", "epochs": "13"}, "sized_by is not what tokens and passes say"),
        (
            {"publication_date": "2025-01-23", "synthetic_share": None, "synthetic_share_basis": "unknown"},
            "a default share is not in the note",
        ),
    ],
    "common_crawl_monthly": [
        ({"unique_urls": "9999999999"}, "unique_urls <= pages"),
        ({"uncompressed_bytes": "5", "bytes_secondary_reading": None}, "uncompressed_bytes is given without"),
        ({"wet_compressed_bytes": "5"}, "wet_compressed_bytes is given without"),
        ({"fetch_total_urls": "5"}, "fetch_total_urls is not the sum"),
        ({"cumulative_pages": "999999999999"}, "cumulative_pages falls"),
    ],
    "common_crawl_overlap": [
        ({"union_over_sum_ratio": "0.2"}, "union_over_sum_ratio is not"),
        ({"first_date": "2030-01-01"}, "first_date is not before date"),
    ],
    "common_crawl_languages": [({"share_of_pages": "0.9999"}, "share_of_pages is not")],
    "fineweb2_languages": [({"part": "removed_by_filters"}, "words are given for removed documents")],
    "world_population": [({"variant": "medium"}, "estimates end in 2023")],
    "internet_users": [({"share_of_population": "0.9"}, "world population outside")],
    "text_corpora": [
        ({"tokens": None, "words": None, "bytes": None, "bytes_basis": None}, "none of tokens, words, bytes"),
        ({"bytes_basis": None}, "bytes and bytes_basis do not come together"),
        ({"release_date": "2027-01-01"}, "release_date is later than the table"),
    ],
    "media_corpora": [({"source_url": None}, "source_url is empty without a reason")],
    "stock_estimates": [
        ({"low": "9000", "median": "8000", "high": "9500"}, "low <= median <= high"),
        ({"low": "9000", "median": None, "high": "8000"}, "low <= median <= high"),
        ({"low": None, "median": None, "high": None}, "none of low, median, high"),
        ({"unit": "fraction"}, "a fraction lies outside 0 to 1"),
        (second("stock_estimates", *conditions.TWINS), "twin rows: one figure of one source stands twice"),
    ],
    "stock_mapping": [
        ({"use": "not comparable", "lineage": "epoch"}, "a row that enters has no lineage"),
        ({"use": "estimate", "lineage": "epoch", "conversion": None}, "a row that enters has no lineage"),
        ({"layer": "raw", "lineage": None}, "lineage and layer do not come together"),
        ({"publisher": "epoch", "lineage": None}, "lineage and publisher do not come together"),
        ({**second("stock_mapping", "name", row=2), "use": "estimate"}, "twin rows enter"),
    ],
    "access_restrictions": [
        ({"low_share": "0.9", "value_share": "0.5", "high_share": "0.95"}, "low_share <= value_share <= high_share"),
        ({"value_share": None, "low_share": None, "high_share": None}, "none of value_share"),
        ({"date": "2027-01-01"}, "date is later than the table"),
        ({"date": "2024-12-31", "date_precision": "day"}, "date and date_precision contradict"),
    ],
    "access_shocks": [
        ({"low_share": "0.9", "mid_share": "0.5"}, "low_share <= mid_share <= high_share"),
        ({"date": "2031-01-01", "enters": "own term"}, "date is later than the table"),
        ({"direction": "gives back", "enters": "level"}, "what gives back enters other than by the licences"),
        ({"date": "2026-09-15", "enters": "pace", "direction": "tightens"}, "an event counts twice or not at all"),
    ],
    "synthetic_share": [
        ({"low_share": "0.9", "share": "0.1"}, "low_share <= share"),
        ({"share": None, "low_share": None, "value": None}, "none of share, low_share, value"),
        ({"kind": "measured_share", "date": "2027-01-01"}, "date is later than the table"),
        ({"date": "2024-12-31", "date_precision": "day"}, "date and date_precision contradict"),
    ],
    "scaling_laws": [
        ({"low": "5", "value": "4", "high": "6"}, "low <= value <= high"),
        ({"low": "1", "high": None}, "low and high do not come together"),
    ],
    "claims": [
        ({"claimed_earliest_year": "2050", "claimed_latest_year": "2040"}, "claimed_earliest_year <="),
        ({"event_resource": None}, "event_definition and event_resource do not come together"),
        ({"event_from_year": "2030", "event_to_year": "2029"}, "event_from_year <= event_to_year"),
        ({"event_from_year": None, "event_to_year": None}, "an event has no date"),
        ({"date_of_claim": "2099-01-01"}, "is later than the table"),
        ({"date_precision": "month"}, "date_of_claim and date_precision contradict"),
        ({"measure": "web_share"}, "measure and measure_amount do not come together"),
        ({"measure_from_year": "2025", "measure_to_year": "2024"}, "measure_from_year <= measure_to_year"),
        ({"measure": "web_share", "measure_amount": "0.5"}, "both an event and held against an amount"),
        ({"measure": "web_share", "measure_amount": "60"}, "a share is above 1"),
        ({"not_to_be_cited": "true"}, "not marked as a secondary reading"),
        ({"read_at_url": "https://a.org", "not_to_be_cited": "true"}, "an original is given"),
        ({"date_of_claim": "2024-12-31"}, "date_of_claim and date_precision contradict"),
    ],
    "embodied": [
        ({"date": "2099-01-01"}, "is later than the table"),
        ({"date_precision": "year"}, "date and date_precision contradict"),
        ({"hours": None}, "none of hours, hours_low"),
        ({"hours_low": "1"}, "hours_low and hours_high do not come together"),
        ({"hours_low": "3", "hours_high": "2"}, "hours_low <= hours"),
        ({"hours_basis": "estimated"}, "an estimate has no range"),
    ],
    "collapse_anchors": [
        ({"value": None, "value_as_stated": None}, "none of value, value_as_stated"),
        ({"source_url": None, "source_type": "paper"}, "source_url is empty without a reason"),
    ],
    "epoch_published": [
        ({"low": "9e20"}, "low <= median <= high"),
        ({"interval_level_share": None}, "low and interval_level_share"),
    ],
    "lever_estimates": [
        ({"low": "9e20"}, "low <= median <= high"),
        ({"unit": "fraction"}, "a fraction lies outside 0 to 1"),
        ({"source_url": None}, "source_url is empty without a reason"),
    ],
    "dataset_size_history": [
        ({"release_date": "2027-01-31"}, "release_date is later than the table"),
        ({"release_date": "2018-06-29"}, "release_date and date_precision contradict"),
        ({"source_url": None}, "source_url is empty without a reason"),
        ({"tokens_low": "3", "tokens": "2"}, "tokens_low <= tokens"),
        ({"tokens_kind": "not disclosed"}, "a size is given for exactly the disclosed models"),
    ],
    "token_prices": [
        ({"amount_low": "9e20"}, "amount_low <= amount_mid"),
        ({"amount_mid": None}, "none of amount_low"),
        ({"dollars_of": "2019"}, "dollars are of another year"),
        ({"tokens_per_unit": "5", "unit": "times the cost of training"}, "something other than dollars"),
        ({"secondary_reading": "false"}, "a primary source is marked"),
    ],
    "technology_frontiers": (
        HISTORIES := [
            ({"as_of": "1900-01-01"}, "as_of is before the date"),
            ({"better": "lower"}, "lower is better for costs alone"),
            ({"date": "2019-01-01"}, "the date falls from one row of a series"),
            ({"value": "9e30"}, "a record falls from one row to the next"),
        ]
    ),
    "technology_frontiers_share_alike": HISTORIES,
    "technology_frontiers_unlicensed": [],
    "technology_frontiers_series": [({"licence": "CC BY-SA 4.0"}, "the table is not the one of such a licence")],
}
CASES = [(name, edit, words) for name, edits in BREAKS.items() for edit, words in edits]


@pytest.mark.parametrize(("name", "edit", "words"), CASES, ids=[f"{n}-{w}" for n, _, w in CASES])
def test_each_condition_across_columns_can_fail(name, edit, words):
    frame = small(name)
    if name == "common_crawl_monthly" and "fetch_total_urls" in edit:
        frame = reading.read_text(catalog.table(name).path).tail(2).reset_index(drop=True)
    for column, value in edit.items():
        frame.loc[0, column] = value
    hits = [finding for finding in schema.check_table(name, frame) if words in finding.problem]
    assert hits
    assert hits[0].column is None
    assert hits[0].line == (LINE + 1 if "falls" in words else LINE)
    assert len({(finding.problem, finding.line) for finding in hits}) == len(hits)


def test_a_row_without_an_address_may_say_why():
    frame = small("dataset_size_history")
    frame.loc[0, ["source_url", "note"]] = [None, "A talk. No address: it was not recorded"]
    assert schema.check_table("dataset_size_history", frame) == []
    frame = small("collapse_anchors")
    frame.loc[0, ["source_url", "source_type"]] = [None, "computed"]
    assert schema.check_table("collapse_anchors", frame) == []


def test_the_last_day_of_a_month_may_be_the_day_that_the_note_names():
    frame = small("claims")
    frame.loc[0, ["date_of_claim", "date_precision", "note"]] = ["2024-12-31", "day", "Said on 31 December 2024."]
    assert schema.check_table("claims", frame) == []


def test_every_cross_check_is_about_described_columns_and_is_broken_once():
    for name, checks in conditions.CROSS_CHECKS.items():
        described = {column.name for column in catalog.table(name).columns}
        for check in checks:
            assert set(check.needs) <= described
            if "_basis contradict" not in check.problem:  # five alike, of which two are broken
                known = BREAKS[name] or BREAKS["technology_frontiers"]  # the same conditions
                assert any(words in check.problem for _, words in known), check.problem


def test_many_findings_are_counted_and_not_listed():
    frame = reading.read_text(catalog.table("world_population").path).head(100)
    frame["variant"] = "guess"
    findings = [f for f in schema.check_table("world_population", frame) if f.column == "variant"]
    assert len(findings) == schema.MAX_PER_CHECK + 1
    assert findings[-1].problem.endswith("80 more")


@pytest.fixture
def copied(tmp_path):
    folder = tmp_path / "tables"
    folder.mkdir()
    for entry in catalog.tables():
        shutil.copyfile(entry.path, folder / entry.path.name)
    return folder


def test_a_copy_of_the_folder_holds(copied):
    assert schema.check_all(copied) == []


@pytest.mark.skipif(not catalog.unlicensed(), reason="only the repository holds unlicensed tables")
def test_tables_outside_the_package_are_checked_where_they_are(copied):
    place = copied / catalog.UNLICENSED
    place.mkdir()
    for entry in catalog.unlicensed():
        shutil.copyfile(entry.path, place / entry.path.name)
    assert schema.check_all(copied) == []
    (place / catalog.unlicensed()[0].path.name).write_text("series\nx\n", encoding="utf-8")
    assert {finding.table for finding in schema.check_all(copied)} == {"technology_frontiers_unlicensed"}


def test_a_changed_value_is_found_by_its_hash(copied):
    path = copied / "claims.csv"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("2032.4", "2032.5", 1), encoding="utf-8", newline="\n")
    findings = schema.check_all(copied)
    assert [(f.table, "hash" in f.problem) for f in findings] == [("claims", True)]


def test_missing_strange_and_spoilt_files_are_found(copied):
    (copied / "claims.csv").unlink()
    (copied / "mine.csv").write_text("a\n1\n", encoding="utf-8")
    (copied / "scaling_laws.csv").write_bytes(bytes(range(128, 256)) * 20)
    (copied / "media_corpora.csv").write_text("<html><body>gone</body></html>\n", encoding="utf-8")
    (copied / "text_corpora.csv").write_bytes(b"")
    path = copied / "internet_users.csv"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    by_table: dict[str, str] = {}
    for finding in schema.check_all(copied):
        by_table[finding.table] = f"{by_table.get(finding.table, '')} {finding.sentence()}"
    assert set(by_table) == {"claims", "mine", "scaling_laws", "media_corpora", "text_corpora", "internet_users"}
    assert "missing" in by_table["claims"]
    assert "not described" in by_table["mine"]
    assert "not UTF-8" in by_table["scaling_laws"]
    assert "column is missing" in by_table["media_corpora"]
    assert "cannot be read" in by_table["text_corpora"]
    assert "byte-order mark" in by_table["internet_users"]
    assert "line ends" in by_table["internet_users"]


def test_a_folder_without_tables_is_an_error(tmp_path):
    with pytest.raises(InputError, match="none of the tables"):
        schema.check_all(tmp_path)
    with pytest.raises(MissingFileError):
        schema.check_all(tmp_path / "absent")
    with pytest.raises(UnknownNameError):
        schema.check_table("clams", small("claims"))


def test_a_role_that_the_size_does_not_give_and_an_older_newest_row_are_found(tmp_path):
    entry = catalog.table("record_audit")
    frame = reading.read_text(entry.path)
    place = frame.index[frame["model"] == "XLNet"][0]
    frame.loc[place, "role"] = "runner_up"
    frame[frame["publication_date"] != entry.snapshot].to_csv(tmp_path / "record_audit.csv", index=False)
    found = [f for f in schema.check_file("record_audit", tmp_path / "record_audit.csv") if "hash" not in f.problem]
    assert [(f.column, f.line, f.value) for f in found if f.column] == [("role", place + 2, "runner_up")]
    assert any("the newest row is not of the day of the table" in f.problem for f in found)
