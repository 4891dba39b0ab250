"""Access: every page can be read without eyes and used without a mouse, in light and dark, by rule and by axe-core."""

from __future__ import annotations

import importlib.util
import itertools
import json
import re
import time
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import pytest
from sampling import passing_run

from forecast.report import PAGES, render_pages
from forecast.report.access import accessible

AXE = "axe_selenium_python"
"""Package that carries axe-core; its script is run as it is."""

WIDTHS = (360, 1400)
"""A phone and a screen (pixels)."""


class Structure(HTMLParser):
    """Tables, folds, scrolling parts and links of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tables, self.summaries, self.scrolls, self.links, self.headings = [], [], [], [], []
        self._into: list[str] | None = None
        self._table = None
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "table":
            self._table = {"caption": "", "loose": 0, "rows_without_header": 0}
            self.tables.append(self._table)
        elif tag == "th" and given.get("scope") not in ("row", "col", "rowgroup", "colgroup"):
            self._table["loose"] += 1
        elif tag == "caption" or tag == "summary":
            self._into = []
        elif tag == "div" and "scroll" in (given.get("class") or "").split():
            self.scrolls.append(given)
        elif tag == "a":
            self.links.append(given)
        elif re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))

    def handle_data(self, data):
        if self._into is not None:
            self._into.append(data)

    def handle_endtag(self, tag):
        if tag == "caption":
            self._table["caption"] = "".join(self._into).strip()
            self._into = None
        elif tag == "summary":
            self.summaries.append(" ".join("".join(self._into).split()))
            self._into = None


@pytest.fixture(scope="module")
def whole() -> dict[str, str]:
    return render_pages(passing_run())


@pytest.fixture(scope="module")
def structures(whole) -> dict[str, Structure]:
    return {name: Structure(text) for name, text in whole.items()}


@pytest.mark.parametrize("name", PAGES)
def test_every_table_has_a_caption_and_every_header_a_scope(structures, name):
    assert structures[name].tables
    assert [table for table in structures[name].tables if not table["caption"] or table["loose"]] == []


@pytest.mark.parametrize("name", PAGES)
def test_no_two_folds_of_a_page_have_one_name(structures, name):
    counted = Counter(structures[name].summaries)
    assert counted
    assert [said for said, times in counted.items() if times > 1 or not said] == []


@pytest.mark.parametrize("name", PAGES)
def test_what_scrolls_can_be_reached_and_has_a_name(structures, name):
    assert structures[name].scrolls
    assert [s for s in structures[name].scrolls if s.get("tabindex") != "0" or not s.get("aria-label")] == []


@pytest.mark.parametrize("name", PAGES)
def test_links_that_leave_the_page_say_so(structures, name):
    outer = [link for link in structures[name].links if link.get("href", "").startswith("http")]
    assert all(link.get("rel") == "external" for link in outer)
    assert name != "appendix.html" or outer


@pytest.mark.parametrize("name", PAGES)
def test_headings_begin_with_one_title_and_leave_no_level_out(structures, name):
    levels = structures[name].headings
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def test_every_control_has_a_short_label_and_a_long_description(whole):
    text = whole["report.html"]
    for found in re.finditer(r'<input type="range" id="(explorer-[a-z][\w.]*)"[^>]*>', text):
        if found[1].startswith("explorer-weight"):
            continue
        label = re.search(rf'<label for="{re.escape(found[1])}">([^<]+)</label>', text)[1]
        assert len(label) <= 26, label
        described = re.search(r'aria-describedby="([^"]+)"', found[0])[1].split()
        assert all(f'id="{name}"' in text for name in described)


def test_a_name_may_hold_anything():
    text = '<div class="scroll wide">\n<table><caption>A <em>"quoted"</em> &lt;name></caption></table></div>'
    assert 'aria-label="A &#34;quoted&#34; &lt;name>"' in accessible(text)
    assert accessible(accessible(text)) == accessible(text)


@pytest.fixture(scope="module")
def axe() -> str:
    found = importlib.util.find_spec(AXE)
    if found is None or found.origin is None:
        pytest.skip(f"not installed: {AXE}, which carries axe-core")
    return (Path(found.origin).parent / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def driver(whole, tmp_path_factory):
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    folder = tmp_path_factory.mktemp("pages")
    for name, text in whole.items():
        (folder / name).write_text(text, encoding="utf-8")
    options = webdriver.ChromeOptions()
    for word in ("--headless=new", "--no-sandbox", "--disable-gpu"):
        options.add_argument(word)
    made = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))
    made.set_script_timeout(250)
    made.folder = folder
    try:
        yield made
    finally:
        made.quit()


def violations(driver, axe: str, paper: str, width: int) -> list[str]:
    """Return what axe-core finds on the page that is open, everything on it opened."""
    driver.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500},
    )
    driver.execute_cdp_cmd(
        "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": paper}]}
    )
    time.sleep(0.3)
    driver.execute_script(axe)
    found = driver.execute_async_script(
        "axe.run(document, { resultTypes: ['violations'] }).then((r) => arguments[0](JSON.stringify("
        "r.violations.map((v) => [v.id, v.nodes.map((n) => n.html.slice(0, 200)).slice(0, 3)]))))"
    )
    return json.loads(found)


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing(driver, axe, name):
    driver.get((driver.folder / name).as_uri())
    if name == "report.html":
        ready = "return document.getElementById('explorer-panel').dataset.notes === 'done'"
        until = time.monotonic() + 60
        while not driver.execute_script(ready):
            assert time.monotonic() < until
            time.sleep(0.1)
    # A shadow at the edge of what scrolls is a gradient, behind which axe-core cannot tell a contrast; nor can it inside a
    # drawing, whose inks have a test of their own. Rows of one table are alike.
    driver.execute_script(
        "document.querySelectorAll('figure svg text').forEach((words) => words.remove());"
        "document.querySelectorAll('table.data tbody').forEach((b) => [...b.rows].slice(5).forEach((r) => r.remove()));"
        "const rule = document.createElement('style'); rule.textContent = '.scroll { background-image: none !important }';"
        "document.head.append(rule); document.querySelectorAll('details').forEach((fold) => { fold.open = true; });"
    )
    for width in WIDTHS:
        for paper in ("light", "dark"):
            assert violations(driver, axe, paper, width) == [], (name, width, paper)


@pytest.mark.browser
@pytest.mark.slow
def test_on_a_phone_the_page_is_short_and_on_a_screen_nothing_is_folded_that_a_phone_folds(driver):
    driver.get((driver.folder / "report.html").as_uri())
    folds = "return [...document.querySelectorAll('details.phone')].map((fold) => [...fold.children].map((c) => c.checkVisibility()))"
    for width, open_ in ((360, False), (1400, True)):
        driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 500},
        )
        for summary, *rest in driver.execute_script(folds):
            assert summary is not open_
            assert any(rest) is open_
