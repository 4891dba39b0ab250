"""Kept fits: found again, whole or absent, shared by runs that know nothing of each other."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest

from forecast.core import fingerprints
from forecast.fits import kept as cache


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    """Give every test a cache of its own."""
    monkeypatch.setenv("FORECAST_CACHE", str(tmp_path / "cache"))


def tree(value: float = 1.0, size: int = 20_000):
    """Return something to keep."""
    import xarray as xr

    data = xr.Dataset({"x": (("chain", "draw"), np.full((2, size), value))})
    return xr.DataTree.from_dict({"/posterior": data})


def test_what_is_kept_is_found_again_with_its_facts():
    assert cache.load("k") is None
    cache.store("k", tree(), {"diagnostics": {"verdict": "PASS", "p": 0.5}})
    found = cache.load("k")
    assert found["posterior"]["x"].values.shape == (2, 20_000)
    assert json.loads(found.attrs["diagnostics"]) == {"verdict": "PASS", "p": 0.5}


@pytest.mark.parametrize("keep", [0.0, 0.3, 0.9])
def test_a_truncated_entry_counts_as_absent_and_makes_room(keep):
    cache.store("k", tree(), {})
    path = cache.cache_folder() / "fits" / "k.nc"
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * keep)])
    assert cache.load("k") is None
    cache.store("k", tree(2.0), {})
    assert float(cache.load("k")["posterior"]["x"][0, 0]) == 2.0


def test_an_entry_that_is_no_fit_counts_as_absent():
    path = cache.cache_folder() / "fits" / "k.nc"
    path.parent.mkdir(parents=True)
    path.write_text("<html>not a fit</html>")
    assert cache.load("k") is None
    assert not path.exists()


@pytest.mark.parametrize("where", ["head", "checksum", "padding", "body", "end"])
def test_one_other_byte_anywhere_makes_an_entry_absent(where):
    cache.store("k", tree(size=100), {})
    path = cache.cache_folder() / "fits" / "k.nc"
    content = bytearray(path.read_bytes())
    at = {"head": 0, "checksum": 20, "padding": 400, "body": len(content) // 2, "end": len(content) - 1}[where]
    content[at] ^= 1
    path.write_bytes(content)
    assert cache.packed("k") is None
    assert not path.exists()


@pytest.mark.parametrize("change", [lambda content: content[:-1], lambda content: content + b"x", lambda _: b""])
def test_an_entry_of_another_length_is_absent(change):
    cache.store("k", tree(size=100), {})
    path = cache.cache_folder() / "fits" / "k.nc"
    path.write_bytes(change(path.read_bytes()))
    assert cache.load("k") is None
    assert not path.exists()


def test_a_number_changed_with_a_tool_for_such_files_makes_the_entry_absent():
    """It stays a file that the tool reads: only the checksum tells."""
    import h5py

    cache.store("k", tree(size=100), {"diagnostics": {}})
    path = cache.cache_folder() / "fits" / "k.nc"
    with h5py.File(path, "a") as file:
        file["posterior/x"][...] *= 0.6
    with h5py.File(path) as file:
        assert file["posterior/x"][0, 0] == 0.6
    assert cache.load("k") is None


def test_an_entry_under_the_name_of_another_is_absent():
    cache.store("k", tree(1.0), {})
    cache.store("l", tree(2.0), {})
    folder = cache.cache_folder() / "fits"
    (folder / "k.nc").write_bytes((folder / "l.nc").read_bytes())
    assert cache.load("k") is None
    assert float(cache.load("l")["posterior"]["x"][0, 0]) == 2.0


def test_an_entry_that_cannot_be_removed_is_passed_over(monkeypatch):
    cache.store("k", tree(size=100), {})
    path = cache.cache_folder() / "fits" / "k.nc"
    path.write_bytes(b"damaged")

    def refuse(*_, **__):
        raise PermissionError

    with monkeypatch.context() as patched:
        patched.setattr(type(path), "unlink", refuse)
        assert cache.load("k") is None
        assert cache.load("k") is None


def test_a_file_made_of_an_entry_is_plain_netcdf(tmp_path):
    import xarray as xr

    from forecast.core.netcdf import write_tree

    cache.store("k", tree(size=100), {"diagnostics": {}})
    write_tree(cache.load("k"), tmp_path / "plain.nc")
    assert (tmp_path / "plain.nc").read_bytes().startswith(b"\x89HDF")
    with xr.open_datatree(tmp_path / "plain.nc", engine="h5netcdf") as found:
        assert found["posterior"]["x"].shape == (2, 100)


def test_a_key_depends_on_every_part_and_on_nothing_else():
    parts = {"table": "t", "member": "m", "priors": {"a": 1}, "sampling": {"draws": 1}, "seed": 1}
    key = cache.fit_key(**parts)
    assert key == cache.fit_key(**dict(reversed(parts.items())))
    others = {cache.fit_key(**{**parts, name: "other"}) for name in parts}
    assert len(others | {key}) == 1 + len(parts)


def test_another_sampler_or_another_version_of_what_shapes_fits_finds_nothing(monkeypatch):
    key = cache.fit_key(table="t")
    real, installed = fingerprints.version, cache.versions(("nutpie", "pymc", "pytensor", "numpy"))
    for package, number in installed.items():
        major, minor, *_ = number.split(".")
        with monkeypatch.context() as patched:
            patched.setattr(
                cache, "versions", lambda _, p=package, n=f"{major}.{int(minor) + 1}.0": {**installed, p: n}
            )
            assert cache.fit_key(table="t") != key
            patched.setattr(cache, "versions", lambda _, p=package, n=f"{major}.{minor}.999": {**installed, p: n})
            assert cache.fit_key(table="t") == key, "a patch release samples as the one before"
    for part in cache.PARTS:
        with monkeypatch.context() as patched:
            patched.setattr(fingerprints, "version", lambda name, p=part: real(name) + (name == p))
            assert cache.fit_key(table="t") != key
    assert cache.fit_key(table="t") == key


def test_versions_are_read_without_importing():
    found = cache.versions(("pymc", "no-such-package"))
    assert found["no-such-package"] == "absent"
    assert found["pymc"][0].isdigit()


def test_clear_removes_every_entry():
    for key in ("a" * 40, "b" * 40):
        cache.store(key, tree(size=10), {})
    assert cache.clear() == 2
    assert cache.load("a" * 40) is None
    assert cache.clear() == 0


def test_the_folder_is_the_users_own_unless_told_otherwise(monkeypatch, tmp_path):
    assert cache.cache_folder() == tmp_path / "cache"
    monkeypatch.delenv("FORECAST_CACHE")
    assert "data-depletion" in str(cache.cache_folder())


WRITER = """
import sys
sys.path.insert(0, {tests!r})
from test_cache import tree
from forecast.fits import kept as cache
for number in range(40):
    cache.store("k", tree(float(sys.argv[1])), {{}})
    found = cache.load("k")
    assert found is not None, "an entry that was whole is gone"
    assert len(set(found["posterior"]["x"].values.ravel())) == 1
"""


def test_two_writers_at_once_leave_a_whole_entry():
    from pathlib import Path

    code = WRITER.format(tests=str(Path(__file__).parent))
    running = [
        subprocess.Popen([sys.executable, "-c", code, str(n)], stderr=subprocess.PIPE, text=True) for n in (1, 2)
    ]
    for process in running:
        _, said = process.communicate(timeout=120)
        assert process.returncode == 0, said
    assert cache.load("k") is not None
    assert [path.name for path in (cache.cache_folder() / "fits").iterdir()] == ["k.nc"]


# --- as a fit meets it


CONVERGED = {"rhat_max": 1.0, "ess_bulk_min": 4000.0, "ess_tail_min": 4000.0, "divergences": 0, "transitions": 10_000}
MEASURED = {"convergence": CONVERGED, "p_values": {"the record": 0.5}, "overlaps": {"slope": 0.2}, "power_scaling": {}}
"""What is measured of a fit that passes."""


@pytest.fixture
def request_of_a_fit():
    """Return a request whose fit lies in the cache, made up of nothing but its shape."""
    from sampling import SHORT

    from forecast.consumption.fitting import FitRequest
    from forecast.consumption.members import member
    from forecast.core.resources import RESOURCES
    from forecast.runs.inputs import read_inputs

    request = FitRequest(member("windowed_exponential"), read_inputs(RESOURCES["public_text"]).data, sampling=SHORT)
    cache.store(request.key(), attempted(), {"measured": MEASURED})
    return request


def attempted(attempts: int = 1):
    made = tree(size=10)
    made.attrs["attempts"] = attempts
    return made


def test_a_fit_that_is_kept_is_found(request_of_a_fit):
    from forecast.consumption import fitting

    found = fitting._kept(request_of_a_fit)
    assert found.diagnostics["verdict"] == "PASS"
    assert found.diagnostics["overlaps"] == MEASURED["overlaps"]


def edit_measurements(key: str) -> None:
    import h5py

    with h5py.File(cache.cache_folder() / "fits" / f"{key}.nc", "a") as file:
        file.attrs["measured"] = "{"


@pytest.mark.parametrize(
    "spoil",
    [
        edit_measurements,
        lambda key: cache.store(key, attempted(), {}),
        lambda key: cache.store(key, attempted(), {"measured": []}),
        lambda key: cache.store(key, attempted(), {"measured": {"convergence": CONVERGED}}),
        lambda key: cache.store(key, tree(size=10), {"measured": MEASURED}),
        lambda key: cache.store(key, attempted().isel(chain=[0]), {"measured": MEASURED}),
        lambda key: cache.store(key, attempted()["posterior"].copy(), {"measured": MEASURED}),
    ],
)
def test_what_is_no_whole_fit_is_removed_and_counts_as_absent(request_of_a_fit, spoil):
    from forecast.consumption import fitting

    spoil(request_of_a_fit.key())
    assert fitting._kept(request_of_a_fit) is None
    assert list((cache.cache_folder() / "fits").iterdir()) == []
    assert fitting._kept(request_of_a_fit) is None
