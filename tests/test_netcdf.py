"""Files read and written without detours: the same as through xarray, copied only while they are what was read."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from forecast.core.netcdf import read_tree, write_arrays, write_tree


@pytest.fixture
def kept(tmp_path):
    """Return a file such as the cache holds."""
    posterior = xr.Dataset(
        {"slope": (("chain", "draw"), np.arange(6.0).reshape(2, 3)), "path": (("chain", "draw", "knot"), np.ones((2, 3, 4)))},
        {"chain": [0, 1], "draw": [0, 1, 2], "knot": [2018.0, 2018.5, 2019.0, 2019.5]},
        {"created_by": "somebody", "tuned": 3},
    )  # fmt: skip
    statistics = xr.Dataset({"diverging": (("chain", "draw"), np.array([[True, False, True]] * 2))}, {"chain": [0, 1]})
    tree = xr.DataTree.from_dict({"/posterior": posterior, "/sample_stats": statistics})
    tree.attrs["diagnostics"] = '{"verdict": "PASS"}'
    tree.to_netcdf(tmp_path / "kept.nc", engine="h5netcdf")
    return tmp_path / "kept.nc"


def test_a_tree_is_read_as_xarray_reads_it(kept):
    with xr.open_datatree(kept, engine="h5netcdf") as opened:
        theirs = opened.load()
    ours = read_tree(kept)
    assert ours.identical(theirs)
    assert ours["sample_stats"]["diverging"].dtype == bool
    assert ours.attrs["diagnostics"] == theirs.attrs["diagnostics"]
    assert "draw" not in ours["sample_stats"].coords, "a dimension without values stays one"
    assert float(ours["posterior"]["path"].sel(knot=2018.5).sum()) == 6.0


def test_a_tree_that_was_read_is_copied_and_one_that_was_made_is_written(kept, tmp_path):
    tree = read_tree(kept)
    write_tree(tree, tmp_path / "copy.nc")
    assert (tmp_path / "copy.nc").read_bytes() == kept.read_bytes()
    fresh = xr.DataTree.from_dict({"/posterior": tree["posterior"].to_dataset()})
    write_tree(fresh, tmp_path / "fresh.nc")
    assert read_tree(tmp_path / "fresh.nc")["posterior"].identical(tree["posterior"])


def test_a_file_that_has_changed_or_gone_is_not_copied(kept, tmp_path):
    tree = read_tree(kept)
    other = tree["posterior"].to_dataset() * 2
    xr.DataTree.from_dict({"/posterior": other}).to_netcdf(kept, engine="h5netcdf")
    write_tree(tree, tmp_path / "one.nc")
    kept.unlink()
    write_tree(tree, tmp_path / "two.nc")
    for name in ("one.nc", "two.nc"):
        written = read_tree(tmp_path / name)
        assert np.array_equal(written["posterior"]["slope"], tree["posterior"]["slope"])


@pytest.mark.parametrize("share", [0.0, 0.5, 0.95])
def test_a_damaged_file_raises_what_readers_expect(kept, share):
    content = kept.read_bytes()
    kept.write_bytes(content[: int(share * len(content))])
    with pytest.raises((OSError, ValueError, KeyError, RuntimeError)):
        read_tree(kept)


def test_arrays_are_read_back_by_xarray(tmp_path):
    paths = np.random.default_rng(1).normal(size=(5, 3)).astype(np.float32)
    arrays = {
        "crossed": (("draw",), np.array([2027.0, np.inf, 2030.0, 2031.0, 2028.5]), {"unit": "decimal year"}),
        "stock": (("draw", "year"), paths, {"unit": "tokens", "role": "stock"}),
    }
    write_arrays(tmp_path / "t.nc", arrays, {"year": np.array([2026.0, 2026.5, 2027.0])})
    with xr.open_dataset(tmp_path / "t.nc", engine="h5netcdf") as found:
        assert found["stock"].dims == ("draw", "year")
        assert np.array_equal(found["stock"], paths)
        assert found["stock"].attrs == {"unit": "tokens", "role": "stock"}
        assert found["year"].values.tolist() == [2026.0, 2026.5, 2027.0]
        assert np.isinf(found["crossed"].values[1])
