"""What a run reads: dates at the edge of a half-year."""

import pytest

from forecast.core.resources import RESOURCES
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
