"""What versions promise: the parts give what they gave, and what gives something else cannot keep its version."""

import json

import numpy as np
import pytest

from forecast.core import fingerprints
from forecast.errors import InputError, UnknownNameError
from forecast.evaluate import fingerprints as probing
from forecast.evaluate.fingerprints.probe import Probe, flat, measured
from forecast.ingest import catalog


def test_every_part_gives_what_its_version_promises():
    listed = [probe for probe in probing.probes() if not probe.slow]
    kept, now = fingerprints.kept(), probing.measure(listed)
    assert probing.broken(kept, now, listed) == []
    behind = [name for name in now if kept.get(name) != now[name]]
    assert behind == [], "run `make fingerprints`"


@pytest.mark.slow
def test_the_parts_that_take_longer_do_too():
    listed = [probe for probe in probing.probes() if probe.slow]
    assert listed
    kept, now = fingerprints.kept(), probing.measure(listed)
    assert probing.broken(kept, now, listed) == []
    assert [name for name in now if kept.get(name) != now[name]] == [], "run `make fingerprints`"


def test_every_part_is_kept_and_nothing_else():
    listed = probing.probes()
    assert len({probe.name for probe in listed}) == len(listed)
    assert {probe.name for probe in listed} == set(fingerprints.kept())
    known = {probe.name for probe in listed}
    for probe in listed:
        assert set(probe.rests_on) <= known, probe.name
        assert set(probe.tables) <= {entry.name for entry in catalog.tables()}


def probe(value=1.0, version=1, name="a/a", rests_on=(), tables=()):
    return Probe(name, version, lambda: value, "version of A", rests_on, tables)


def kept_of(*listed, tables=None):
    return {each.name: measured(each, tables or {}) for each in listed}


@pytest.mark.parametrize(
    ("now", "wrong"),
    [
        (probe(1.0), 0),
        (probe(1.0 + 1e-12), 0),
        (probe(1.0 + 1e-6), 1),
        (probe(2.0, version=2), 0),
        (probe(1.0, version=0), 1),
    ],
)
def test_what_gives_something_else_needs_another_version(now, wrong):
    found = probing.broken(kept_of(probe()), kept_of(now), [now])
    assert len(found) == wrong
    assert all("version" in sentence for sentence in found)


def test_a_part_may_follow_one_that_it_rests_on_and_tables_that_it_reads():
    before = [probe(), probe(3.0, name="a/b", rests_on=("a/a",)), probe(5.0, name="a/c", rests_on=("a/b",))]
    kept = kept_of(*before)
    raised = [
        probe(2.0, version=2),
        probe(4.0, name="a/b", rests_on=("a/a",)),
        probe(6.0, name="a/c", rests_on=("a/b",)),
    ]
    assert probing.broken(kept, kept_of(*raised), raised) == []
    silent = [probe(2.0), *raised[1:]]
    (only,) = probing.broken(kept, kept_of(*silent), silent)
    assert only.startswith("a/a gives something else than its version 1 promises: raise the version (version of A)")
    alone = [probe(), *raised[1:]]
    assert [sentence[:3] for sentence in probing.broken(kept, kept_of(*alone), alone)] == ["a/b"]
    read = probe(1.0, tables=("t",))
    other = probe(2.0, tables=("t",))
    assert probing.broken(kept_of(read, tables={"t": "x"}), kept_of(other, tables={"t": "y"}), [other]) == []
    assert len(probing.broken(kept_of(read, tables={"t": "x"}), kept_of(other, tables={"t": "x"}), [other])) == 1


def test_renewing_refuses_what_kept_its_version_and_writes_what_is_raised(tmp_path, monkeypatch):
    file = tmp_path / "fingerprints.json"
    kept = kept_of(probe())
    file.write_text(json.dumps({"schema": fingerprints.FORMAT, "parts": kept}))
    monkeypatch.setattr(fingerprints, "kept", _cached(kept))
    monkeypatch.setattr(probing, "probes", lambda: [probe(2.0)])
    before = file.read_bytes()
    with pytest.raises(InputError, match="raise the version"):
        probing.renew(file)
    assert file.read_bytes() == before
    monkeypatch.setattr(probing, "probes", lambda: [probe(2.0, version=2), probe(7.0, name="b/b")])
    assert probing.renew(file) == ["a/a", "b/b"]
    assert json.loads(file.read_text())["parts"]["a/a"]["version"] == 2


def _cached(value):
    def kept():
        return value

    kept.cache_clear = lambda: None
    return kept


def test_values_count_to_nine_digits_whatever_holds_them():
    assert list(flat([1 / 3, np.float64(1 / 3), np.array([1 / 3 + 1e-12])])) == ["3.33333333e-01"] * 3
    assert list(flat({"b": {3, 1, 2}, "c": (True, None, 1e-17, np.inf)})) == [
        *("b", "1", "2", "3", "c", "True", "None", "0.00000000e+00", "inf")
    ]


def test_a_version_is_asked_for_by_a_name_that_exists():
    assert fingerprints.version("core/streams") >= 1
    with pytest.raises(UnknownNameError, match="core/streams"):
        fingerprints.version("core/stream")
