"""What a run reads: dates at the edge of a half-year, and what is kept of the shipped tables."""

import datetime as dt
from types import SimpleNamespace

import pytest

from forecast.core.resources import RESOURCES
from forecast.fits.kept_parts import afresh
from forecast.ingest.catalog import touched
from forecast.runs import inputs
from forecast.runs.inputs import read_inputs

HEAD = "Model,Organization,Publication date,Domain,Training dataset size (datapoints),Confidence"


def own_table(folder, newest):
    """Return a table of twelve half-years whose newest and largest row has a date of its own."""
    rows = [
        f"M{i},Nobody,{2020 + i // 6}-{1 + 2 * (i % 6):02}-03,Language,{1e11 * 1.2**i:.0f},Likely" for i in range(36)
    ]
    path = folder / "mine.csv"
    path.write_text(
        "\n".join([HEAD, *rows, f"Newest,Nobody,{newest},Language,{1e15:.0f},Likely"]) + "\n", encoding="utf-8"
    )
    return path


@pytest.mark.parametrize("newest", ["2026-06-30", "2026-07-01", "2026-07-02", "2026-07-03"])
def test_the_newest_row_of_a_table_counts_on_every_day_around_the_middle_of_a_year(tmp_path, newest):
    """1 July lies before the middle of a common year and belongs to the second half all the same."""
    data = read_inputs(RESOURCES["public_text"], own_table(tmp_path, newest)).data
    assert "Newest" in [label for block in data.labels for label in block]
    assert data.record() > 14.9
    assert data.as_of < 2026.51


@pytest.mark.parametrize("as_of", [None, "2024-06-30"])
@pytest.mark.parametrize("resource", ["public_text", "images"])
def test_what_is_kept_of_the_shipped_tables_is_what_they_say_to_the_last_digit(resource, as_of, tmp_path, monkeypatch):
    monkeypatch.setenv("FORECAST_CACHE", str(tmp_path))
    resource = RESOURCES[resource]
    with afresh():
        read = read_inputs(resource, as_of=as_of)
    first, kept = read_inputs(resource, as_of=as_of), read_inputs(resource, as_of=as_of)
    assert repr(kept) == repr(first) == repr(read)
    assert kept.data.digest() == read.data.digest()
    assert len(list((tmp_path / "parts").iterdir())) == 1


def test_whoever_notes_which_tables_are_read_is_told_of_those_of_kept_inputs(tmp_path, monkeypatch):
    monkeypatch.setenv("FORECAST_CACHE", str(tmp_path))
    noted = []
    for _ in range(2):
        with touched() as tables:
            read_inputs(RESOURCES["public_text"])
        noted.append(tables)
    assert noted[0] == noted[1] == {"epoch_models", "record_audit"}


def test_inputs_are_kept_for_the_day_alone(tmp_path, monkeypatch):
    """A row of a day to come does not count, and does once the day is there."""
    monkeypatch.setenv("FORECAST_CACHE", str(tmp_path))
    read_inputs(RESOURCES["public_text"])

    tomorrow = dt.date.today() + dt.timedelta(days=1)
    monkeypatch.setattr(inputs, "dt", SimpleNamespace(date=SimpleNamespace(today=lambda: tomorrow)))
    read_inputs(RESOURCES["public_text"])
    assert len(list((tmp_path / "parts").iterdir())) == 2
