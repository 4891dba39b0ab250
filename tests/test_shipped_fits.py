"""The fits that travel with the package: the baseline's, found like any kept fit, and what sampling them again gives."""

from __future__ import annotations

import json

import numpy as np
import pytest

from forecast.cli.main import main
from forecast.consumption import fitting
from forecast.errors import ModelError
from forecast.evaluate.shipped_fits import keys_in_use, ship, shipped_keys
from forecast.fits import kept
from forecast.runs.pipeline import Options, run


@pytest.fixture
def empty(tmp_path, monkeypatch):
    monkeypatch.setenv("FORECAST_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def unsampled(monkeypatch):
    def refuse(*_, **__):
        raise ModelError("sampling", "fits that are shipped", "make fits")

    monkeypatch.setattr(fitting, "sample_member", refuse)


def test_the_default_run_needs_no_sampling_and_no_other_fit_travels(empty, unsampled):
    """Stale after a change of rows, priors, members or sampling: make fits."""
    assert keys_in_use() == shipped_keys()
    assert len(shipped_keys()) == 4


def test_more_samples_are_not_shipped(empty, unsampled):
    from dataclasses import replace

    chosen = Options()
    with pytest.raises(ModelError, match="shipped"):
        run("baseline", options=replace(chosen, jobs=1, sampling=replace(chosen.sampling, draws=2000)))


def test_every_shipped_fit_is_intact_and_says_where_it_is_kept(empty):
    for key in shipped_keys():
        tree = kept.load(key)
        assert tree is not None
        assert tree.encoding["key"] == key
        assert tree["posterior"].sizes["chain"] == 4


def test_a_damaged_one_is_passed_over_and_left(empty, tmp_path, monkeypatch):
    key = "a" * 40
    monkeypatch.setattr(kept, "shipped_folder", lambda: tmp_path / "fits")
    (tmp_path / "fits").mkdir()
    (tmp_path / "fits" / f"{key}.nc").write_bytes(b"no fit")
    assert kept.packed(key) is None
    assert (tmp_path / "fits" / f"{key}.nc").read_bytes() == b"no fit"


def test_inside_the_block_only_what_is_made_there_is_found(empty):
    (key, other, *_) = shipped_keys()
    with kept.sampled_again():
        assert kept.load(key) is None
        kept.note(key)
        assert kept.load(key) is not None
        assert kept.load(other) is None
    assert kept.load(other) is not None


def test_the_document_names_the_fits(empty, unsampled):
    found = run("baseline").document["provenance"]["fits"]
    assert {one["key"] for one in found} == shipped_keys()
    assert {one["engine"] for one in found} == {"nutpie"}
    assert all(len(one["made"]) == 10 for one in found)


def test_shipping_puts_the_fits_in_use_in_place_of_others(empty, tmp_path, monkeypatch):
    entries = {key: kept.packed(key) for key in shipped_keys()}
    for key, entry in entries.items():
        kept.put(key, entry)
        (empty / "fits" / f"{key}.nc").parent.mkdir(parents=True, exist_ok=True)
        (empty / "fits" / f"{key}.nc").write_bytes(entry)
    monkeypatch.setattr(kept, "shipped_folder", lambda: tmp_path / "fits")
    (tmp_path / "fits").mkdir()
    (tmp_path / "fits" / f"{'b' * 40}.nc").write_bytes(b"")
    assert ship() == sorted(entries)
    assert {path.stem: path.read_bytes() for path in (tmp_path / "fits").iterdir()} == entries


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_sampling_again_gives_what_is_shipped(empty, tmp_path):
    """The same seed and versions give the same draws on one machine; on another, the answer within its error."""
    shipped = run("baseline")
    assert main(["run", "--sample", "--quiet", "--out", str(tmp_path / "again")]) == 0
    document = json.loads((tmp_path / "again" / "forecast.json").read_text(encoding="utf-8"))
    then, now = (each["exhaustion_year"]["probability_by"]["2030"] for each in (shipped.document, document))
    assert abs(now - then) <= 4 * shipped.document["monte_carlo_error"]["probability_by"]["2030"]
    assert np.isclose(document["exhaustion_year"]["median"], shipped.document["exhaustion_year"]["median"], atol=0.5)
    assert {one["made"] for one in document["provenance"]["fits"]} != {""}
    assert len(list((empty / "fits").glob("*.nc"))) == 4
