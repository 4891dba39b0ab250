"""From thinned draws to the document: no number behind the fits changes unnoticed."""

import json

import pytest
from golden_forecast import HERE, as_json, forecast

MEDIANS = {
    "record": 2029.4687,
    "single_pass": 2026.276,
    "share_10": 2024.3314,
    "share_50": 2026.7721,
    "used_once": 2024.8582,
    "flow": 2023.6066,
}


@pytest.fixture(scope="module")
def both():
    return json.loads((HERE / "numbers.json").read_text(encoding="utf-8")), json.loads(as_json(forecast()))


def flat(value, place=""):
    """Return every single value by its place."""
    if isinstance(value, dict | list):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        return {at: each for key, item in items for at, each in flat(item, f"{place}/{key}").items()}
    return {place: value}


@pytest.mark.parametrize(
    "part", ["document", "exhaustion years", "first futures", "frontier", "raw stock", "effective stock"]
)
def test_the_golden_forecast_stays(both, part):
    kept, now = (flat(each[part]) for each in both)
    assert now.keys() == kept.keys()
    moved = {
        place: (kept[place], now[place])
        for place in kept
        if now[place]
        != (pytest.approx(kept[place], rel=1e-9, abs=1e-12) if type(kept[place]) is float else kept[place])
    }
    assert not moved, (
        f"{len(moved)} of {len(kept)} numbers moved; if they were meant to: tests/golden/golden_forecast.py"
    )


def test_what_the_golden_forecast_says(both):
    """The numbers that a reader would quote, in sight: what 800 of the baseline's draws say."""
    _, now = both
    document = now["document"]
    year = document["exhaustion_year"]
    assert year["intervals"]["0.8"] == [2025.336, 2037.2022]
    assert (year["median"], year["probability_by"]["2030"]) == (2027.7837, 0.78)
    assert year["never"] == {"frontier_saturates": 0.02, "stock_escapes": 0.00125, "horizon": 0.00125}
    medians = {each["name"]: each["exhaustion_year"]["median"] for each in document["definitions"]}
    assert medians == MEDIANS
    assert document["diagnostics"]["verdict"] == "PASS"
