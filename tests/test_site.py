"""The documentation site: it builds without a warning, every link within it leads somewhere, and what it shows runs."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import socket
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from sampling import environment, prelude, scenario_file

import forecast as fc

ROOT = Path(__file__).resolve().parents[1]
SITE = ROOT / "notebooks" / "site"
PAGES = sorted(SITE.glob("*.md"))

NEEDED = ("furo", "latex2mathml", "myst_nb", "sphinx", "sphinx_copybutton")

QUESTIONS = (
    "columns of my CSV", "change a prior", "what is the unit", "how to cite", "why 75 and not 80", "my lab's row",
    "only news", "on a cluster", "plot in my style", "what changed",
)  # fmt: skip
"""What a new user types into the search."""

OTHER_WORDS = {
    "why 79 and not 80": ("faq",),
    "cite": ("faq",),
    "csv columns": ("own_data", "faq"),
    "units tokens": ("faq", "own_data"),
    "prior": ("own_scenario", "faq"),
    "slurm": ("cluster", "faq"),
    "news only": ("faq", "own_scenario"),
    "add my model": ("faq", "own_data"),
    "matplotlib style": ("posterior", "faq"),
    "changelog": ("CHANGELOG", "faq"),
    "preliz": ("own_scenario",),
    "own package entry points": ("own_package", "own_model"),
}
"""The same and more in fewer or other words, and pages that answer them: one of these is among the first three."""


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.M | re.S)


def shell_lines(text: str) -> list[str]:
    """Lines of indented code that call the command."""
    return [line.strip() for line in text.splitlines() if re.match(r"    forecast ", line)]


@pytest.fixture(scope="module")
def generated() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generated", SITE / "generated.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# --- what the pages say


def test_the_contents_name_every_page_and_every_notebook():
    named = set(re.findall(r"<([\w/]+)>|^([\w/]+)$", (SITE / "contents.txt").read_text(encoding="utf-8"), re.M))
    pages = {first or second for first, second in named}
    own = {
        path.relative_to(ROOT).with_suffix("").as_posix() for path in (*PAGES, *(ROOT / "notebooks").glob("*.ipynb"))
    }
    beside = {path.relative_to(ROOT).with_suffix("").as_posix() for path in (ROOT / "forecast").rglob("README.md")}
    assert pages == own | beside | {"METHODS", "CHANGELOG", "CONTRIBUTING", "SECURITY", "data/README"}


def test_every_part_that_a_page_asks_for_is_there_and_the_other_way_round(generated):
    asked = [name for page in PAGES for name in re.findall(r"^```\{generated\} (\w+)$", page.read_text("utf-8"), re.M)]
    assert sorted(asked) == sorted(generated.PARTS)


def test_every_column_of_a_users_table_is_described(generated):
    from forecast.ingest.layouts import _COLUMNS

    assert set(generated.WHAT_COLUMNS_MEAN) == set(_COLUMNS)
    rows = generated.columns().splitlines()[2:]
    assert len(rows) == len(_COLUMNS) + 1  # the size, whose names are read word by word
    assert [row for row in rows[:3] if "**Required" not in row] == []


def test_settings_are_those_that_the_command_lists(generated):
    from forecast.scenarios.settings import settings

    listed = settings(fc.scenario.load("baseline"))
    text = generated.settings()
    shown = [
        f"{table}.{name}"
        for table, rows in re.findall(r"### `\[(.+?)\]`(.*?)(?=###|\Z)", text, re.S)
        for name in re.findall(r"^\| `(\w+)`", rows, re.M)
    ]
    assert shown == [row["setting"] for row in listed]
    assert "| `epochs` | passes | 1 | 1000 | 1 |" in text


def test_commands_are_shown_with_every_option(generated):
    text = generated.commands()
    headings = re.findall(r"^#+ (forecast .*)$", text, re.M)
    assert {"forecast run", "forecast scenario settings", "forecast collapse gaussian"} <= set(headings)
    assert "| `--leave-out NAME` | Synthesise the stock without this estimator or lineage. |" in text


def test_public_names_are_all_in_the_reference(generated):
    text = generated.api()
    shown = set(re.findall(r"auto\w+:: forecast(?:\.errors)?\.(\w+)\n", text))
    assert {*fc._PUBLIC} - {"RESOURCES"} <= shown


def test_what_changed_the_number_is_asked_with_the_number_of_today(generated):
    from forecast.plots.headline_history import headline_history_rows

    share = headline_history_rows()[-1]["probability_by_2030_share"]
    assert generated.why().startswith(f"## Why {100 * share:.0f} and not ")


@pytest.mark.parametrize("page", [*PAGES, ROOT / "README.md"], ids=lambda page: page.stem)
def test_every_command_shown_is_one(page):
    """With options that it has; what it would do is not tried."""
    import typer

    from forecast.cli.main import app

    for line in shell_lines(page.read_text(encoding="utf-8")):
        words = re.sub(r"\s+#.*|\s*\|.*", "", line).split("&&")[0].split()[1:]
        command: Any = typer.main.get_command(app)
        while words and words[0] in getattr(command, "commands", {}):
            command = command.commands[words.pop(0)]
        assert not getattr(command, "commands", {}) or not words, f"no such command: {line}"
        context = command.context_class(command, info_name="forecast")
        options = {name for one in command.get_params(context) for name in one.opts}
        assert {word for word in words if word.startswith("--")} <= options, line


def scenario_files(text: str) -> dict[str, str]:
    """Scenarios that a page shows, whole or in part; whole ones say their name in the first line."""
    found = {}
    for number, block in enumerate(blocks(text, "toml")):
        name = re.match(r"# (\w+\.toml)\n", block)
        whole = block if name else f'title = "Shown"\ndescription = "Shown in part."\n{block}'
        found[name[1] if name else f"part_{number}.toml"] = whole
    return found


@pytest.mark.parametrize("page", [SITE / "own_scenario.md", ROOT / "forecast" / "scenarios" / "README.md"])
def test_every_scenario_shown_can_be_read(page, tmp_path):
    shown = scenario_files(page.read_text(encoding="utf-8"))
    assert shown
    for name, text in shown.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
        fc.scenario.load(tmp_path / name)


# --- what the pages show runs


@pytest.mark.slow
@pytest.mark.timeout(1500)
@pytest.mark.parametrize(
    "page",
    # The page on clusters has its own test below, in the shell.
    [page for page in PAGES if page.stem != "cluster" and blocks(page.read_text("utf-8"), "python")],
    ids=lambda p: p.stem,
)
def test_the_python_of_a_page_runs_as_one_script(page, tmp_path):
    """From top to bottom; only sampling is shorter. Pages share their fits."""
    text = page.read_text(encoding="utf-8")
    for name, scenario in scenario_files(text).items():
        (tmp_path / name).write_text(scenario, encoding="utf-8")
    after = "".join(f"\nfc.scenario.load({name!r})" for name in scenario_files(text))
    script = "\n".join([prelude(), *blocks(text, "python")]) + after
    (tmp_path / "script.py").write_text(script, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "script.py"],
        cwd=tmp_path,
        env=environment() | {"PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")]), "MPLBACKEND": "Agg"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=1400,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.skipif(sys.platform == "win32", reason="no bash")
def test_the_cluster_shown_runs_on_this_machine(tmp_path):
    """Scheduler and two workers as the page starts them, each with the compile directory that it advises."""
    programs = Path(sys.executable).parent
    if not (programs / "dask").exists():
        pytest.skip("the extra 'cluster' is not installed")
    text = (SITE / "cluster.md").read_text(encoding="utf-8")
    shown = re.search(r"((?:^    .*\n)+)", text[text.index("## Try it on this machine") :], re.M)[1]
    assert shown.count("dask worker") == 2
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    advice = re.search(r'export PYTENSOR_FLAGS=".*"', text[text.index("## Compile directories") :])[0]
    # Two growth models, one for each worker: both compile everything anew in the directory that the page advises.
    short = (
        f'forecast() {{ "{sys.executable}" "{ROOT / "tests" / "sampling.py"}" "$@" "{scenario_file()}" --draws 400; }}'
    )
    script = "\n".join(
        [
            "set -e",
            "trap 'kill $(jobs -p) || true' EXIT",
            advice,
            short,
            re.sub(r"^    ", "", shown.replace("8786", port), flags=re.M),
        ]
    )
    path = os.pathsep.join([str(programs), os.environ["PATH"]])
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=tmp_path,
        env=environment(
            FORECAST_CACHE=str(tmp_path / "cache"), TMPDIR=str(tmp_path), USER="reader", PATH=path, PYTHONSAFEPATH="1"
        ),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=800,
    )
    assert (tmp_path / "out" / "forecast.json").is_file(), f"{done.stdout}\n{done.stderr}"
    (compiled,) = tmp_path.glob("pytensor-reader-*")
    assert any(compiled.iterdir()), "workers keep what they compile where they were told"


# --- the site itself


class Page(HTMLParser):
    """What a page links to, what it loads, and the places in it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.places: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        self.places |= {said[name] for name in ("id", "name") if name in said}
        if tag == "a" and "href" in said:
            self.links.append(said["href"])
        elif tag == "link" and said.get("rel") in ("stylesheet", "icon", "preload"):
            self.loads.append(said["href"])
        elif tag in ("script", "img", "iframe", "source") and "src" in said:
            self.loads.append(said["src"])


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built as `make docs` builds it; where that has been done (`FORECAST_SITE`), the same one."""
    if os.environ.get("FORECAST_SITE"):
        return (ROOT / os.environ["FORECAST_SITE"]).resolve(strict=True)
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        pytest.skip(f"the extra 'docs' is not installed: no {', '.join(missing)}")
    place = tmp_path_factory.mktemp("site")
    line = ["--quiet", "--fail-on-warning", "--keep-going", "-c", SITE, "-d", place / "doctrees", ROOT, place / "html"]
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", *map(str, line)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    return place / "html"


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_every_link_within_the_site_leads_somewhere(site):
    pages = {path: Page(path.read_text(encoding="utf-8")) for path in site.rglob("*.html")}
    assert len(pages) > 20
    broken, elsewhere, followed = [], [], 0
    for path, page in pages.items():
        for address in (*page.links, *page.loads):
            parts = urlsplit(address)
            if parts.scheme or parts.netloc:
                if address in page.loads and parts.scheme != "data":
                    elsewhere.append(f"{path.relative_to(site)}: {address}")
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            target = target / "index.html" if target.is_dir() else target
            followed += 1
            if not target.is_file() or (
                parts.fragment and target in pages and unquote(parts.fragment) not in pages[target].places
            ):
                broken.append(f"{path.relative_to(site)}: {address}")
    assert sorted(set(broken)) == []
    assert sorted(set(elsewhere)) == [], "a page fetches nothing from anywhere"
    assert followed > 1000


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.timeout(900)
def test_the_first_questions_are_answered_by_one_search_each(site):
    """What it finds first is the page of questions, at the heading that asks the same."""
    from selenium import webdriver
    from selenium.webdriver.chrome.options import Options
    from selenium.webdriver.chrome.service import Service
    from selenium.webdriver.support.ui import WebDriverWait

    options = Options()
    options.binary_location = shutil.which("chromium")
    for flag in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--allow-file-access-from-files"):
        options.add_argument(flag)
    browser = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
    try:
        found = {}
        done = "return document.querySelector('#search-results .search-summary')?.textContent || ''"
        for words in (*QUESTIONS, *OTHER_WORDS):
            browser.get(f"{(site / 'search.html').as_uri()}?q={words.replace(' ', '+')}")
            script = "return [...document.querySelectorAll('#search-results li a')].map(a => [a.href, a.textContent])"
            WebDriverWait(browser, 60).until(
                lambda shown: re.search("Search finished|did not match", shown.execute_script(done))
            )
            found[words] = browser.execute_script(script)
    finally:
        browser.quit()
    for words, pages in OTHER_WORDS.items():
        first_three = [Path(urlsplit(address).path).stem for address, _ in found[words][:3]]
        assert set(pages) & set(first_three), (words, found[words][:5])
    for words in QUESTIONS:
        results = found[words]
        first = [title.lower() for address, title in results[:2] if "faq.html" in address]
        assert "faq.html" in results[0][0], (words, results[:3])
        assert any(words.lower() in title for title in first), (words, results[:3])
