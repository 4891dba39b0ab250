"""Sources of levers name rows of tables: every row is there, and every number is the row's or says why not."""

import tomllib

import pytest

from forecast.errors import InputError
from forecast.scenarios.source_rows import SHIPPED, named_rows, source_findings


def test_every_named_row_is_there_and_every_number_is_its_own():
    assert [finding.sentence() for finding in source_findings()] == []


def test_no_shipped_source_names_the_table_of_levers_without_a_row():
    for path in SHIPPED.glob("*.toml"):
        text = path.read_text(encoding="utf-8")
        assert text.count("table lever_estimates") == text.count("table lever_estimates ["), path.name


def test_the_law_of_repetition_is_in_the_scenario_as_in_the_table():
    baseline = tomllib.loads((SHIPPED / "baseline.toml").read_text(encoding="utf-8"))
    given = baseline["levers"]["repetition"]
    (row,) = named_rows(given["sources"]["r_star"])
    assert row.numbers == (given["r_star"],)


def test_several_rows_and_their_numbers():
    one, other = named_rows(
        "table lever_estimates [multimodal | Video] [multimodal | Audio]: seconds, and table common_crawl_monthly"
    )
    assert one.numbers == (4.31e12, 8.63e12, 1.73e13)
    assert other.key == ("multimodal", "Audio")


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("table lever_estimates [multimodal | Smell]", "which is not there"),
        ("table lever_estimates [Video]", r"\[lever | parameter\]"),
        ("table no_such_table [a]", "no_such_table"),
    ],
)
def test_a_row_that_is_not_there_is_said(source, words):
    with pytest.raises((InputError, LookupError), match=words.replace("|", r"\|")):
        named_rows(source)


def scenario(tmp_path, value, source):
    (tmp_path / "mine.toml").write_text(
        f'[levers.multimodal]\nimages = {value}\n[levers.multimodal.sources]\nimages = "{source}"\n', encoding="utf-8"
    )
    return [finding.sentence() for finding in source_findings(tmp_path)]


def test_a_number_that_is_not_the_rows_is_found(tmp_path):
    row = "table lever_estimates [multimodal | Images on the internet]"
    assert scenario(tmp_path, "{ q10 = 5e12, q90 = 2e13 }", row) == []
    (found,) = scenario(tmp_path, "{ q10 = 5e12, q90 = 3e13 }", row)
    assert "levers.multimodal.images" in found
    assert "3e+13" in found
    assert scenario(tmp_path, "{ q10 = 5e12, q90 = 3e13 }", f"{row}; judgement for the upper end") == []
    (found,) = scenario(tmp_path, "5e12", "table lever_estimates [multimodal | Smell]")
    assert "which is not there" in found
