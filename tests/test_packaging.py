"""The package as others get it: its metadata, its lock, what it imports, and the built wheel far from the clone."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest

import forecast

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
CHANGELOG = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
HEAVY = ("arviz", "matplotlib", "nutpie", "pandas", "pandera", "pymc", "pytensor", "sklearn", "statsmodels", "xarray")
# Spelled in parts, so that this file does not hold what it forbids.
REGISTRY = re.compile("|".join(("pythonhosted" + r"\.org", "pypi" + r"\.org/simple", "index-" + "url")))
OWN_MACHINE = re.compile("|".join(("/" + "work/", r"\.\./" + "shared", "/tmp/" + "bash_jobs", "/root/" + r"\w")))


def repository_files() -> list[Path]:
    """Files that git tracks or would track; skips where the tests run outside a clone."""
    command = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    if not (ROOT / ".git").exists() or not shutil.which("git"):
        pytest.skip("not a git clone")
    names = subprocess.run(command, check=True, capture_output=True, text=True, encoding="utf-8").stdout.split("\0")
    return [ROOT / name for name in names if name and (ROOT / name).is_file()]


def lines_that_match(pattern: re.Pattern[str]) -> list[str]:
    found = []
    for path in repository_files():
        content = path.read_bytes()
        if b"\0" not in content:
            lines = content.decode("utf-8", "replace").splitlines()
            found += [f"{path.relative_to(ROOT)}:{n}" for n, line in enumerate(lines, 1) if pattern.search(line)]
    return found


def locked_names() -> set[str]:
    return set(re.findall(r"^([a-z0-9][a-z0-9._-]*)==", LOCK, flags=re.MULTILINE))


def test_names_and_versions_agree():
    project = PROJECT["project"]
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert project["name"] == "data-depletion"
    assert project["scripts"] == {"forecast": "forecast.cli.main:main"}
    assert project["requires-python"].startswith(">=3.12")
    assert project["version"] == forecast.__version__
    assert f"\nversion: {forecast.__version__}\n" in citation


def test_what_an_archive_reads_names_this_release():
    (version, released), *_ = re.findall(r"^## (\S+) \((\S+)\)$", CHANGELOG, flags=re.MULTILINE)
    assert version == forecast.__version__
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"\ndate-released: {released}\n" in citation
    zenodo, codemeta = (
        json.loads((ROOT / name).read_text(encoding="utf-8")) for name in (".zenodo.json", "codemeta.json")
    )
    assert (zenodo["version"], zenodo["publication_date"]) == (version, released)
    assert (codemeta["version"], codemeta["datePublished"]) == (version, released)
    for found in (zenodo, codemeta):
        assert found["description"] in " ".join(citation.split())
        assert found["license"].endswith(PROJECT["project"]["license"])
    assert [one["name"] for one in zenodo["creators"]] == re.findall(
        r"^  - name: \"(.*)\"$", citation, flags=re.MULTILINE
    )


def test_libraries_with_a_known_break_have_an_upper_bound():
    bounds = {re.split(r"[\[<>=]", line)[0]: line for line in PROJECT["project"]["dependencies"]}
    for name, series in {"pymc": ">=6.0,<7", "arviz": ">=1.0,<2", "pandas": ">=3.0,<4"}.items():
        assert bounds[name].endswith(series)


def test_every_extra_is_named_where_a_reader_installs():
    extras = set(PROJECT["project"]["optional-dependencies"])
    start = (ROOT / "notebooks" / "site" / "start.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `(\w+)` \|", start, re.M)) == extras
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    paragraph = readme[readme.index("brings every extra") :].split("\n\n")[0]
    assert set(re.findall(r"`(\w+)`", paragraph)) - {"make"} == extras
    everything = re.search(r"\[(.*)\]", PROJECT["project"]["optional-dependencies"]["dev"][0])[1].split(",")
    assert set(everything) == extras - {"dev"}


def test_lock_names_no_place_and_no_gpu():
    assert not re.search(r"://|file:|^-", LOCK, flags=re.MULTILINE)
    assert not {name for name in locked_names() if re.match(r"torch|nvidia|triton|jax-cuda|tensorflow", name)}


def test_lock_holds_every_requirement_with_hashes():
    groups = [PROJECT["project"]["dependencies"], *PROJECT["project"]["optional-dependencies"].values()]
    wanted = {re.split(r"[\[<>=]", line)[0].strip().lower().replace("_", "-") for group in groups for line in group}
    assert wanted - {"data-depletion"} <= locked_names()
    entries = re.split(r"^(?=[a-z0-9][a-z0-9._-]*==)", LOCK, flags=re.MULTILINE)[1:]
    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []


def test_what_builds_and_tests_is_pinned_exactly():
    workflows = "\n".join(
        p.read_text(encoding="utf-8") for p in sorted((ROOT / ".github" / "workflows").glob("*.y*ml"))
    )
    actions = re.findall(r"\buses:\s*(\S+)(.*)", workflows)
    assert actions
    for action, comment in actions:
        assert re.fullmatch(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}", action), f"{action} is not pinned by commit"
        assert re.fullmatch(r"\s+# v\d+\.\d+\.\d+", comment), f"{action} does not say its version"
    installs = [line for line in re.findall(r"\binstall\b.*", workflows) if re.search(r"\buv\b", line)]
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    pins = [*re.findall(r"'(uv\b[^']*)'", makefile), *(re.search(r"\buv\S*", line)[0] for line in installs)]
    assert len(pins) >= 2
    assert len(set(pins)) == 1
    assert re.fullmatch(r"uv==\d+\.\d+\.\d+", pins[0])
    (backend,) = PROJECT["build-system"]["requires"]
    assert re.fullmatch(r"hatchling==\d+\.\d+\.\d+", backend)


def test_security_policy_travels_with_the_source():
    assert (ROOT / "SECURITY.md").is_file()
    assert "/*.md" in PROJECT["tool"]["hatch"]["build"]["targets"]["sdist"]["include"]


def test_tables_without_a_licence_are_named_by_no_package():
    targets = PROJECT["tool"]["hatch"]["build"]["targets"]
    for name in ("sdist", "wheel"):
        patterns = [pattern for pattern in targets[name]["include"] if pattern.startswith("/data")]
        assert patterns
        assert [pattern for pattern in patterns if pattern in ("/data", "/data/", "/data/*", "/data/**")] == []
        assert "unlicensed" not in str(patterns)


def test_environments_are_ignored_by_git():
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").split()
    assert {".venv/", ".uv/", "out/"} <= set(ignored)


def test_no_file_names_a_registry():
    assert lines_that_match(REGISTRY) == []


def test_no_file_names_a_path_of_one_machine():
    assert lines_that_match(OWN_MACHINE) == []


def test_import_stays_light():
    code = "import sys, forecast; dir(forecast); print(*{name.partition('.')[0] for name in sys.modules})"
    loaded = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()
    assert "forecast" in loaded
    assert set(HEAVY) & set(loaded) == set()


def find_uv() -> str:
    for candidate in (ROOT / ".uv" / "bin" / "uv", ROOT / ".uv" / "Scripts" / "uv.exe", shutil.which("uv")):
        if candidate and Path(candidate).exists():
            return str(candidate)
    pytest.skip("uv is neither in .uv nor on the path")


def call(*command: str | Path, cwd: Path, codes: tuple[int, ...] = (0,)) -> str:
    """Run a command in a bare environment and return its stdout; a failure shows what it said."""
    leave = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "FORECAST_CACHE")
    environment = {name: value for name, value in os.environ.items() if name not in leave}
    environment["FORECAST_CACHE"] = str(cwd / "cache")
    done = subprocess.run(
        list(map(str, command)), cwd=cwd, env=environment, capture_output=True, text=True, timeout=900
    )
    assert done.returncode in codes, f"{command} ended with {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def programs(environment: Path) -> Path:
    return environment / ("Scripts" if os.name == "nt" else "bin")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built through the source archive, so that both are seen to hold what they need."""
    place = tmp_path_factory.mktemp("dist")
    call(find_uv(), "build", "--quiet", "--python", sys.executable, "--out-dir", place, ROOT, cwd=place)
    (built,) = place.glob("data_depletion-*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A plain install (no extras) of the wheel, at the locked versions, in an environment of its own; its folder."""
    place = tmp_path_factory.mktemp("away from the clone")
    environment, uv = place / "environment", find_uv()
    call(uv, "venv", "--quiet", "--no-project", "--python", sys.executable, environment, cwd=place)
    install = (uv, "pip", "install", "--quiet", "--python", environment)
    call(*install, "--constraints", ROOT / "requirements.lock", wheel, cwd=place)
    return place


@pytest.mark.slow
def test_wheel_holds_data_and_resources_and_nothing_else(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    shipped = {
        f"forecast/_data/{path.name}" for ending in ("csv", "txt") for path in (ROOT / "data").glob(f"*.{ending}")
    }
    resources = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "forecast").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert shipped
    assert shipped | resources <= names
    assert "forecast/_data/datapackage.json" in names
    assert [name for name in names if "unlicensed" in name] == []
    assert {name.split("/")[0] for name in names} == {"forecast", f"data_depletion-{forecast.__version__}.dist-info"}
    allowed = (".py", ".typed", ".csv", ".json", ".md", ".toml", ".html", ".j2", ".css", ".js", ".typ", ".svg", ".txt")
    fits = {f"forecast/_data/fits/{path.name}" for path in (ROOT / "data" / "fits").glob("*.nc")}
    assert fits
    assert {n for n in names if n.startswith("forecast/") and not n.endswith(allowed)} == fits


@pytest.mark.slow
def test_archive_leaves_environments_out(wheel):
    (archive,) = wheel.parent.glob("data_depletion-*.tar.gz")
    listing = subprocess.run(["tar", "-tzf", str(archive)], check=True, capture_output=True, text=True).stdout
    assert "/forecast/errors.py" in listing
    assert not re.search(r"/(\.venv|\.uv|out|__pycache__|unlicensed)/", listing)
    assert archive.stat().st_size < 20e6


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_installed_wheel_makes_the_same_forecast(installed):
    away = programs(installed / "environment")
    where = call(away / "python", "-c", "import forecast; print(forecast.__file__)", cwd=installed).strip()
    assert Path(where).is_relative_to(installed)

    assert "report" in call(away / "forecast", "--help", cwd=installed)
    assert call(away / "forecast", "data", "list", cwd=installed) == call(
        programs(Path(sys.prefix)) / "forecast", "data", "list", cwd=installed
    )

    # The whole baseline by the fits that travel with both, and one growth model sampled by both. Few draws may not pass the
    # gate (exit code 1); what is compared is that both say the same.
    one_member = installed / "one.toml"
    one_member.write_text('[consumption]\nmembers = ["damped"]\n', encoding="utf-8")
    documents: dict[str, list[Any]] = {}
    for name, folder in (("wheel", away), ("clone", programs(Path(sys.prefix)))):
        place = installed / name
        place.mkdir()
        for out, what in (("all", ("baseline",)), ("one", (one_member, "--sample", "--seed", "7"))):
            options = ("run", *what, "--json", "--draws", "400", "--out", place / out)
            documents.setdefault(name, []).append(
                json.loads(call(folder / "forecast", *options, cwd=place, codes=(0, 1)))
            )
    for one, other in zip(*documents.values(), strict=True):
        assert one["exhaustion_year"]["median"] is not None
        assert one["exhaustion_year"] == other["exhaustion_year"]
        assert one["provenance"]["data"] == other["provenance"]["data"]
    assert len(list((installed / "wheel" / "cache" / "fits").glob("*.nc"))) == 1, "the baseline's came with the wheel"
