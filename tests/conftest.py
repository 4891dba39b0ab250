"""What every test stands on: a cache of its own, no display, plain output."""

import contextlib
import os
import re
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from doctest import SKIP

import pytest
from hypothesis import settings

# A slow machine is no failure, and a test that fails must fail again.
settings.register_profile("steady", deadline=None, derandomize=True)
settings.load_profile("steady")

_SCRATCH = pytest.StashKey[str]()

_LONGEST = (
    "test_ending.py", "test_site.py", "test_notebooks.py", "test_particles.py", "test_explorer.py", "test_remade.py",
    "test_packaging.py", "test_freshness.py", "test_faults.py", "test_variants.py", "test_learned_priors.py",
    "test_members.py", "test_cli.py", "test_executor.py", "test_scripts.py", "test_shipped_fits.py",
)  # fmt: skip
"""Files that take minutes each, the longest first: workers take whole files, and none should be left with one of these."""

collect_ignore = ["typed_study.py"]  # it registers parts where it is imported


class Surroundings:
    """What tests and examples of docstrings find, in all folders, and leave."""

    @pytest.fixture(autouse=True)
    def _no_figure_stays_open(self) -> Iterator[None]:
        """Close what a test or an example has drawn: the next one in this worker may count open figures."""
        yield
        plt = sys.modules.get("matplotlib.pyplot")
        if plt is not None:
            plt.close("all")

    @pytest.fixture(autouse=True)
    def _no_run_is_kept(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Let commands compute within this process: tests change what they compute with, of which no key knows."""
        from forecast.runs import kept_runs

        monkeypatch.setattr(kept_runs, "MOST", 0)

    @pytest.fixture(autouse=True)
    def _beside_a_run(self, request: pytest.FixtureRequest) -> Iterator[None]:
        """Give an example what its readers have: a folder of their own, with a short run in `out`."""
        test = getattr(request.node, "dtest", None)
        used = "" if test is None else "".join(one.source for one in test.examples if not one.options.get(SKIP))
        if "forecast as fc" not in used:
            yield
            return
        monkeypatch, place = request.getfixturevalue("monkeypatch"), request.getfixturevalue("tmp_path")
        monkeypatch.chdir(place)
        with contextlib.ExitStack() as stack:
            if re.search(r"""\("out|fc\.run\(|consumption\.fit\(""", used):
                import sampling

                stack.enter_context(sampling.as_in_examples())
                shutil.copytree(sampling.passing_folder(), place / "out")
            yield


def pytest_configure(config: pytest.Config) -> None:
    """Set the environment before anything of ours is imported; workers and child processes inherit it.

    One cache a session, shared by its workers: that is how two runs at once meet it, too.
    """
    # For all folders: this file alone is asked for its own.
    config.pluginmanager.register(Surroundings(), "surroundings")
    os.environ.update(MPLBACKEND="Agg", NO_COLOR="1")
    for name in ("COLUMNS", "FORCE_COLOR", "PY_COLORS", "PYTHONWARNINGS", "FORECAST_PROGRESS"):
        os.environ.pop(name, None)
    if not hasattr(config, "workerinput"):
        config.stash[_SCRATCH] = tempfile.mkdtemp(prefix="forecast-tests-")
        os.environ["FORECAST_CACHE"] = os.path.join(config.stash[_SCRATCH], "cache")


def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave nothing behind."""
    shutil.rmtree(config.stash.get(_SCRATCH, ""), ignore_errors=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put long files first, then those with many tests; skip what needs a browser where there is none."""
    tests_in = Counter(item.path for item in items)
    place = {name: number for number, name in enumerate(_LONGEST)}
    items.sort(key=lambda item: (place.get(item.path.name, len(place)), -tests_in[item.path], item.path))
    missing = [name for name in ("chromium", "chromedriver") if not shutil.which(name)]
    if missing:
        for item in items:
            if item.get_closest_marker("browser"):
                item.add_marker(pytest.mark.skip(reason=f"not installed: {', '.join(missing)}"))
