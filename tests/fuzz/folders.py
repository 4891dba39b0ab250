"""Run folders and kept fits that somebody changed: fields, bytes, hashes, links, strangers' files."""

from __future__ import annotations

from hypothesis import strategies as st

from fuzz.cases import KEPT, RUN, SCENARIO, Case, Change
from fuzz.hostile import scalars, words

DOCUMENTS = ["forecast.json", "forecast.json", "forecast.json", "manifest.json"]
ARRAYS = ["trajectories.nc", "0", "1", "2"]
FIELDS = [
    ("provenance", "options", "models"), ("provenance", "options", "draws"), ("provenance", "options", "horizon"),
    ("provenance", "options", "sampling", "chains"), ("provenance", "options", "sampling", "draws"), ("provenance", "seed"),
    ("provenance", "options", "as_of"), ("provenance", "scenario"), ("provenance", "scenario_sha256"), ("provenance", "packages"),
    ("provenance", "command"), ("provenance", "code_version"), ("exhaustion_year", "median"), ("exhaustion_year", "intervals"),
    ("exhaustion_year", "probability_by"), ("resource",), ("schema",), ("horizon",), ("as_of",), ("scenario",), ("sentence",),
    ("diagnostics", "verdict"), ("diagnostics", "checks"), ("files",), ("files", "../other/forecast.json"), ("files", "/etc/hosts"),
    ("definitions",), ("previous",), ("consumption", "members"), ("stock", "layers"),
]  # fmt: skip
STRANGERS = [
    "thesis.docx",
    ".git/config",
    "posterior/mine.nc",
    "figures/x.svg",
    "report.html",
    ".x.old/a",
    "a\x1b[31m.txt",
]
TARGETS = ["/etc/hosts", "../other/forecast.json", "../../..", "nowhere", ".", "/dev/zero", "/dev/stdin", "../other"]

steps = st.one_of(st.sampled_from(FIELDS), st.lists(st.integers(0, 40), min_size=1, max_size=6).map(tuple))
odd = st.one_of(scalars, st.sampled_from(["/etc/passwd", "models.csv", "latest", 10**7, -5, 0, 1e300, "9" * 5_000]))
files = st.sampled_from([*DOCUMENTS, *ARRAYS, "posterior/damped.nc"])
bytes_changed = st.one_of(
    st.builds(Change, st.just("flip"), files, st.floats(0, 1), st.integers(1, 255)),
    st.builds(Change, st.just("cut"), files, st.floats(0, 1)),
    st.builds(
        Change,
        st.just("write"),
        files,
        st.none(),
        st.sampled_from([b"", b"{}", b"[]", b"null", b"[" * 9_000, b"\x89HDF\r\n\x1a\n", b"1" * 5_000]),
    ),
)
arrays_changed = st.one_of(
    st.builds(
        Change,
        st.just("attribute"),
        st.sampled_from(ARRAYS),
        st.integers(0, 20),
        st.sampled_from([0.6, 1.0001, 1e30, float("nan")]),
    ),
    st.builds(
        Change,
        st.just("attribute"),
        st.sampled_from(ARRAYS),
        st.sampled_from(["diagnostics", "unit", "resource", "created_at", "sha256", "coordinates"]),
        st.one_of(
            st.sampled_from(["", "{", "{}", "null", '{"verdict": "PASS"}', "[1]"]),
            words.map(lambda word: word.replace("\0", "")),
        ).map(lambda word: word.encode("utf-8", "replace").decode()[:3_000]),
    ),
)
changes = st.one_of(
    bytes_changed,
    arrays_changed,
    st.builds(Change, st.just("set"), st.sampled_from(DOCUMENTS), steps, odd),
    st.builds(Change, st.just("set"), st.sampled_from(DOCUMENTS), steps, odd),
    st.builds(Change, st.just("drop"), st.sampled_from(DOCUMENTS), steps),
    st.builds(Change, st.just("remove"), st.sampled_from([*DOCUMENTS, *ARRAYS, "posterior"])),
    st.builds(Change, st.just("add"), st.sampled_from(STRANGERS), st.none(), st.sampled_from([b"mine", b"", b"{}"])),
    st.builds(
        Change,
        st.just("link"),
        st.sampled_from([*DOCUMENTS, "trajectories.nc", "posterior"]),
        st.none(),
        st.sampled_from(TARGETS),
    ),
    st.builds(Change, st.just("pipe"), st.sampled_from([*DOCUMENTS, "trajectories.nc", "extra"])),
)


@st.composite
def run_folders(draw: st.DrawFn) -> Case:
    """Return a case about a run folder that is not as it was written."""
    what = draw(st.integers(0, 19))
    if what < 9:
        arguments: tuple[str, ...] = ("verify", RUN, "--jobs", "1", *draw(st.sampled_from([(), ("--json",)])))
    elif what < 16:
        pair = draw(st.sampled_from([(RUN, "other"), ("other", RUN), (RUN, RUN)]))
        arguments = ("compare", *pair, *draw(st.sampled_from([(), ("--json",)])))
    elif what < 17:
        arguments = ("report", RUN, "--out", draw(st.sampled_from(["new", RUN])))
    elif what < 19:
        arguments = ("run", SCENARIO, "--draws", "400", "--jobs", "1", "--out", RUN)
    else:
        arguments = ("api:Forecast.load", RUN)
    done = draw(st.lists(changes, min_size=1, max_size=3))
    if draw(st.integers(0, 2)) == 0:
        done.append(Change("rehash", "manifest.json"))
    return Case(arguments, (), tuple(done))


@st.composite
def kept_fits(draw: st.DrawFn) -> Case:
    """Return a case about kept fits that are not as they were written."""
    done = draw(
        st.lists(
            st.one_of(
                st.builds(Change, st.just("flip"), st.sampled_from("01"), st.floats(0, 1), st.integers(1, 255)),
                st.builds(Change, st.just("cut"), st.sampled_from("01"), st.floats(0, 1)),
                st.builds(
                    Change,
                    st.just("write"),
                    st.sampled_from("01"),
                    st.none(),
                    st.sampled_from([b"", b"<html>", b"\x89HDF\r\n\x1a\n"]),
                ),
                arrays_changed,
            ),
            min_size=1,
            max_size=2,
        )
    )
    arguments = draw(
        st.sampled_from(
            [("api:run", SCENARIO)] * 4 + [("cache", "clear"), ("run", SCENARIO, "--draws", "400", "--jobs", "1")]
        )
    )
    return Case(arguments, (), tuple(done), KEPT)
