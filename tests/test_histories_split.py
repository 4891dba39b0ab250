"""The halves of the histories: by a rule that was written down first, whole families at a time."""

import hashlib
from dataclasses import replace

from forecast.ingest.histories import load_histories
from forecast.ingest.history_split import RULE, SALT, half_of, split


def test_the_rule_is_the_one_that_is_written_down():
    assert SALT in RULE
    for family in ("top500", "disk_price", "qubits_in_papers"):
        first = hashlib.sha256(f"data-depletion/histories/2/{family}".encode()).digest()[0]
        assert half_of(family) == ("held_out" if first % 2 else "learning")


def test_families_are_never_cut_and_every_series_is_in_one_half():
    histories = load_histories()
    halves = split(histories)
    assert sorted(h.series for half in halves.values() for h in half) == sorted(h.series for h in histories)
    families = [{h.family for h in half} for half in halves.values()]
    assert not (families[0] & families[1])
    assert not (families[0] & families[2])
    assert not (families[1] & families[2])


def test_what_is_forecast_here_is_burnt_with_its_family():
    halves = split(load_histories())
    assert {h.series for h in halves["burnt"]} >= {"ai_training_compute", "ai_dataset_size_vision"}
    one = halves["learning"][0]
    twin = replace(one, series="twin", flags="target")
    assert split([one, twin])["burnt"] == [one, twin]


def test_the_halves_are_about_halves():
    names = [f"family {number}" for number in range(2000)]
    share = sum(half_of(name) == "learning" for name in names) / len(names)
    assert abs(share - 0.5) < 0.04  # 3.5 standard deviations
