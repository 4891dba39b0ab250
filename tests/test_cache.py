"""Kept fits: found again, whole or absent, shared by runs that know nothing of each other."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest

from forecast import fingerprints
from forecast.inference import cache


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
    for key in ("a", "b"):
        cache.store(key, tree(size=10), {})
    assert cache.clear() == 2
    assert cache.load("a") is None
    assert cache.clear() == 0


def test_the_folder_is_the_users_own_unless_told_otherwise(monkeypatch, tmp_path):
    assert cache.cache_folder() == tmp_path / "cache"
    monkeypatch.delenv("FORECAST_CACHE")
    assert "data-depletion" in str(cache.cache_folder())


WRITER = """
import sys
sys.path.insert(0, {tests!r})
from test_cache import tree
from forecast import fingerprints
from forecast.inference import cache
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
