"""Who else runs out: how far behind those are who follow, shares of languages, and the order in which they run out."""

from __future__ import annotations

import json
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from forecast.cli.main import main
from forecast.core.trajectory import make_trajectory
from forecast.errors import InputError
from forecast.evaluate import followers as room
from forecast.ingest import stored as results
from forecast.runs.pipeline import Options
from forecast.scenarios import scenario as scenarios

YEARS = np.arange(2021.5, 2101.0, 0.5)


@pytest.fixture(scope="module")
def content():
    """Made futures: the frontier starts at the published record and grows tenfold in five years."""
    size = 400
    frontier = 13.6 + np.linspace(0.1, 0.3, size)[:, None] * (YEARS - 2026.5)[None, :]
    sides = [
        make_trajectory(path, YEARS, resource_name="public_text", role=role, source="test")
        for path, role in ((frontier, "consumption"), (np.full(frontier.shape, 14.4), "stock"))
    ]
    futures = SimpleNamespace(
        frontier=sides[0], effective=sides[1], inputs=SimpleNamespace(data=SimpleNamespace(as_of=2026.7))
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(room.pipeline, "work_out", lambda *_, **__: futures)
        return room.followers()


def test_how_far_behind_is_measured_against_the_record_of_the_day():
    rows = pd.DataFrame(
        {
            "year": [2020.0, 2024.0, 2025.0, 2026.0],
            "log10_size": [12.0, 13.0, 12.0, 12.8],
            "open_weights": [True, False, True, pd.NA],
        }
    )
    behind, follow, open_now = room.standing(rows, 2026.5)
    assert behind == pytest.approx([1.0, 0.1, 10**-0.2])
    assert follow.tolist() == [False, True, False]
    assert open_now == 12.0


def test_shares_of_languages_come_from_both_tables():
    shares = room.language_shares()
    assert list(shares) == list(room.LANGUAGES)
    assert shares["eng"][1] == shares["eng"][2] == pytest.approx(0.406, abs=1e-3)
    for code in ("deu", "pol", "ukr"):
        _, by_pages, by_words = shares[code]
        assert 0.5 < by_words / by_pages < 1
    least = [shares[code][1] for code in room.LANGUAGES]
    assert least == sorted(least, reverse=True)
    assert shares["swh"][1] == shares["swh"][2] > shares["yor"][1]


def test_the_less_text_the_sooner_and_teachers_put_it_off(content):
    json.dumps(content, allow_nan=False)
    by_name = {party["name"]: party for party in content["parties"]}
    order = ["frontier", "open_weights", "typical"]
    chance = [by_name[name]["without_teacher"]["probability_by_2030"] for name in order]
    assert chance == sorted(chance, reverse=True)
    languages = [by_name[code]["without_teacher"]["probability_by_2030"] for code in room.LANGUAGES]
    assert languages == sorted(languages)
    for party in content["parties"][1:]:
        assert party["with_teacher"]["probability_by_2030"] <= party["without_teacher"]["probability_by_2030"]
        assert party["with_teacher"]["already"] == party["without_teacher"]["already"]
    assert "with_teacher" not in by_name["frontier"]


def test_a_run_that_is_a_known_share_behind_crosses_where_it_should(content):
    """Open weights: the largest of the table stays the same share of a frontier that grows in a straight line."""
    corpora = room.text_corpora(room.read_models(None).rows, complete=True)
    _, _, open_now = room.standing(corpora[corpora["year"] <= 2026.7], 2026.7)
    slope = 0.2
    behind = 13.6 - open_now  # at the grid point nearest to the date of the data, where all futures are at 13.6
    expected = 2026.5 + (14.4 - 13.6 + behind) / slope
    found = next(party for party in content["parties"] if party["name"] == "open_weights")["without_teacher"]["median"]
    assert found == pytest.approx(expected, abs=0.1)


def test_the_path_of_those_who_follow_with_and_without_a_teacher(content):
    first, *_, last = content["tokens"]
    assert first["with_teacher"] == first["without_teacher"]
    saving = scenarios.load(room.TAUGHT).levers["distillation"].quantities["follower_saving"]
    ratio = last["without_teacher"]["median"] / last["with_teacher"]["median"]
    assert ratio == pytest.approx(saving.median, rel=0.2)
    assert 0 < content["runs"]["over_frontier"]["median"] < content["runs"]["over_record"]["median"] < 0.5


def test_followers_leave_the_largest_run_as_it_is():
    baseline, taught = scenarios.load("baseline"), scenarios.load(room.TAUGHT)
    assert [name for name in taught.levers if name not in baseline.levers] == ["distillation"]


def test_the_command_and_what_it_refuses(content, monkeypatch, capsys):
    with pytest.raises(InputError, match="followers of images"):
        room.followers("baseline", options=Options(resource="images"))
    monkeypatch.setattr(room, "followers", lambda *_, **__: content)
    assert main(["followers", "--new", "--quiet"]) == 0
    shown = capsys.readouterr().out
    assert "a run that follows, in Icelandic" in shown
    assert "laboratories that publish weights" in shown


@pytest.mark.skipif(not results.exists("followers"), reason="no stored result: make evaluate NAMES=followers")
def test_the_shipped_result_says_that_small_languages_go_first(capsys):
    assert main(["followers", "--json", "--quiet"]) == 0
    by_name = {party["name"]: party["without_teacher"] for party in json.loads(capsys.readouterr().out)["parties"]}
    assert by_name["yor"]["already"] > by_name["ukr"]["already"] > by_name["deu"]["already"]
    assert by_name["frontier"]["probability_by_2030"] > by_name["open_weights"]["probability_by_2030"]
