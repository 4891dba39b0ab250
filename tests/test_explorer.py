"""The explorer: what is packed is what was computed, and the browser's answers are Python's."""

from __future__ import annotations

import base64
import json
import re
import shutil
import subprocess
import time
import zlib
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sampling import passing_run, short_run

from forecast import production
from forecast.core.repetition import EXPONENT, LAWS
from forecast.core.summaries import quantiles
from forecast.core.trajectory import YEAR
from forecast.core.wording import odds_told, percent_words, year_phrase
from forecast.plots.style import INKS
from forecast.report import explorer as rooms
from forecast.report import render, themes
from forecast.report.explorer import SLIDERS, explorer, lever_draws, moved, script_hash
from forecast.report.explorer_packing import STEP, Pack
from forecast.runs.headline import range_words
from forecast.runs.passage import apply_levers, crossing_years
from forecast.scenarios import scenario as scenarios
from forecast.scenarios.levers import LEVERS
from forecast.scenarios.record import restored

SEED = 20260822


def unpacked(where: dict, text: str, draws: int, knots: int) -> np.ndarray:
    """Read packed paths as the browser does."""
    bytes_ = np.frombuffer(zlib.decompress(base64.b64decode(text)), np.uint8)
    count, at = draws * knots, where["at"]
    values = (bytes_[at : at + count].astype(int) | bytes_[at + count : at + 2 * count].astype(int) << 8).reshape(
        knots, draws
    )
    change = np.where(values % 2, -(values + 1) // 2, values // 2)
    change[0] = values[0] + where["low"]
    return np.cumsum(change, axis=0).T * STEP


# --- what is packed


@given(st.integers(1, 7), st.integers(1, 9), st.integers(0, 2**32 - 1))
def test_paths_come_back_within_half_a_step(draws, knots, seed):
    paths = 13 + np.cumsum(np.random.default_rng(seed).normal(0.1, 2.0, (draws, knots)), axis=1)
    pack = Pack()
    where = pack.paths(paths)
    assert np.abs(unpacked(where, pack.text(), draws, knots) - paths).max() <= STEP / 2 + 1e-9


def test_what_is_packed_twice_stands_once():
    pack = Pack()
    values = np.linspace(0, 1, 50, endpoint=False)
    assert pack.ranks(values) == pack.ranks(values.copy())
    assert pack.ranks(values) != pack.numbers(values)


def test_paths_that_cannot_be_packed_are_refused():
    with pytest.raises(ValueError, match="leap"):
        Pack().paths(np.array([[0.0, 1000.0]]))


def test_knots_hold_the_ends_and_every_half_year_that_matters():
    years = np.arange(2021.5, 2101.25, 0.5)
    frontier, stock = rooms._knots(years)
    for knots in (frontier, stock):
        assert knots[0] == 0
        assert knots[-1] == len(years) - 1
        assert (np.diff(knots) > 0).all()
    assert np.diff(years[frontier])[years[frontier][:-1] < 2041].max() == 0.5
    assert np.diff(years[frontier]).max() <= 5
    assert set(years[stock]) <= set(years[frontier]) | set(years)


def test_thinned_futures_keep_the_quantiles_of_all():
    rng = np.random.default_rng(1)
    years = np.concatenate([2030 + rng.gamma(2, 3, 30_000), 2028 + rng.gamma(1, 9, 30_000)])
    years[::17] = np.inf
    members = [{"name": name, "title": name, "weight": 0.5} for name in ("a", "b")]
    one = SimpleNamespace(
        exhaustion_year=years,
        consumption=SimpleNamespace(sizes={"draw": len(years)}),
        document={"consumption": {"members": members}},
    )
    keep = rooms._kept(one)
    assert len(keep) == rooms.MOST_DRAWS
    assert (keep[: len(keep) // 2] < 30_000).all()
    for p in (0.1, 0.5, 0.9):
        assert quantiles(years[keep], [p])[0] == pytest.approx(quantiles(years, [p])[0], abs=0.05)
    assert np.mean(years[keep] < 2031) == pytest.approx(np.mean(years < 2031), abs=0.005)


@pytest.mark.parametrize(("name", "lever"), [("private_unlocked", "private"), ("multimodal", "multimodal")])
def test_what_the_browser_adds_is_what_the_lever_adds(name, lever):
    scenario, size_, years = scenarios.load(name), 40, np.array([2024.0, 2027.25, 2028.0, 2050.0])
    one = SimpleNamespace(provenance={"seed": SEED}, consumption=SimpleNamespace(sizes={"draw": size_}))
    pack = Pack()
    (found,) = rooms._added(scenario, one, pack, np.arange(size_))
    bytes_ = b"".join(pack._parts)
    amount, start, length = (
        np.frombuffer(bytes_, "<f4", size_, found[key]).astype(float)[:, None] for key in ("amount", "start", "ramp")
    )
    path = np.full((size_, len(years)), 14.0)
    expected = LEVERS[lever].apply(path, scenario.draw_lever(lever, seed=SEED, size=size_), years)
    assert (amount > 0).all()
    risen = np.clip((years - start) / length, 0, 1)
    assert path + np.log10(1 + amount * risen * 10.0**-path) == pytest.approx(expected, abs=1e-6)


# --- what a slider means


@pytest.mark.parametrize(
    "slider",
    [s for s in rooms._sliders(scenarios.load("baseline")) if s.setting != "yield"],
    ids=lambda s: s.name,
)
def test_a_slider_moves_the_median_and_keeps_widths_bounds_and_ranks(slider):
    scenario = scenarios.load("baseline")
    before = scenario.setting(slider.lever).quantities[slider.setting]
    target = before.median * 1.2 + 0.01
    after = moved(scenario, {slider.name: target}).setting(slider.lever).quantities[slider.setting]
    assert after.median == target
    assert (after.sd_low, after.sd_high, after.lower, after.upper) == (
        before.sd_low,
        before.sd_high,
        before.lower,
        before.upper,
    )
    draws = [
        w.draw_lever(slider.lever, seed=SEED, size=500)[slider.setting]
        for w in (scenario, moved(scenario, {slider.name: target}))
    ]
    order = np.argsort(draws[0], kind="stable")
    assert (np.diff(draws[1][order]) >= 0).all()


def test_a_scenario_moved_to_where_it_stands_is_the_same():
    scenario = scenarios.load("baseline")
    rest = {
        s.name: scenario.setting(s.lever).quantities[s.setting].median
        for s in rooms._sliders(scenario)
        if s.setting != "yield"
    }
    assert moved(scenario, rest) == scenario


def test_every_slider_is_a_setting_of_its_lever_within_its_bounds():
    for slider in SLIDERS:
        if slider.setting == "yield":
            continue
        setting = LEVERS[slider.lever].settings[slider.setting]
        assert setting.lower <= slider.low < slider.high <= setting.upper
        assert slider.scale == "linear" or slider.low > 0


def test_alternatives_give_one_slider():
    names = [s.name for s in rooms._sliders(scenarios.load("baseline"))]
    assert "repetition.epochs" in names
    assert "repetition.passes" not in names
    other = [s.name for s in rooms._sliders(scenarios.load("baseline").replace(repetition=3.0))]
    assert "repetition.passes" in other
    assert "repetition.epochs" not in other


# --- the page


def test_without_a_headline_there_is_no_explorer():
    assert explorer(short_run()) is None
    assert "explorer-panel" not in render(short_run())


def test_draws_that_cannot_be_made_again_give_no_explorer():
    import dataclasses

    run = passing_run()
    assert explorer(dataclasses.replace(run, stock=run.stock + 0.1)) is None
    document = json.loads(run.to_json())
    document["provenance"]["scenario_sha256"] = "0" * 64
    assert explorer(dataclasses.replace(run, document=document)) is None


def test_at_rest_the_packed_paths_give_the_reports_median():
    run = passing_run()
    found = explorer(run)
    data = json.loads(found["data"])
    scenario = restored(run.provenance["scenario"])
    draws, knots = data["draws"], np.array(data["years"])
    frontier = unpacked(data["frontier"], data["packed"], draws, len(knots))
    stock = unpacked(data["stock"], data["packed"], draws, len(data["stockYears"]))
    stock = np.array([np.interp(knots, data["stockYears"], path) for path in stock])
    for name in ("access", "quality", "repetition"):
        if name in scenario.levers:
            stock = stock + LEVERS[name].log10_factor(
                scenario.draw_lever(name, seed=run.provenance["seed"], size=draws), knots
            )
    years = crossing_years(frontier, stock, knots)
    assert quantiles(years, [0.5])[0] == pytest.approx(run.median(), abs=0.05)
    assert np.mean(years < 2031) == pytest.approx(run.probability(by=2030), abs=0.005)


def test_the_policy_of_the_page_allows_its_own_script_alone():
    text = render(passing_run())
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', text)[1]
    assert "default-src &#39;none&#39;" in policy or "default-src 'none'" in policy
    script = re.search(r"<script>(.*?)</script>", text, re.DOTALL)[1]
    import hashlib

    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert script_hash() == f"sha256-{digest}"
    assert f"sha256-{digest}" in policy.replace("&#43;", "+")
    assert len(text) < 3_000_000


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, WCAG 2.2."""

    def light(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in parts]
        return float(np.dot([0.2126, 0.7152, 0.0722], linear))

    a, b = sorted((light(one), light(other)), reverse=True)
    return (a + 0.05) / (b + 0.05)


def test_words_have_enough_contrast_on_light_and_dark_paper():
    css = (Path(rooms.SCRIPT).with_name("report.css")).read_text(encoding="utf-8")
    light, dark = (dict(re.findall(r"--([a-z-]+):(#[0-9a-f]{3,6})", part)) for part in css.split("@media", 2)[:2])
    for paper in (light, dark):
        full = {
            name: value if len(value) == 7 else "#" + "".join(2 * x for x in value[1:]) for name, value in paper.items()
        }
        for name in ("ink", "quiet", "accent", "now", "rest"):
            assert contrast(full[name], full["paper"]) >= 4.5, name
            assert contrast(full[name], full["tint"]) >= 4.5, name
    assert dark["paper"] == themes.PAPER
    for _, ink in INKS.values():
        assert contrast(ink, "#ffffff") >= 4.5, ink
        assert contrast(themes.dark(ink), themes.PAPER) >= 4.5, ink


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
@pytest.mark.parametrize(
    ("address", "moved"),
    [
        ("", None),
        ("#%", None),
        ("#%E0%A4%A", None),
        ("#explorer&a.b=%zz", None),
        ("#explorer&a.b=2", 2),
        ("#explorer&a.b=1e999&__proto__=1&=&weights=x", 1),
        ("#explorer&a.b=%32", 2),
    ],
)
def test_an_address_of_any_kind_is_read_or_left(address, moved):
    """The page's own function, run by itself: what it cannot read leaves the explorer as it is."""
    (function,) = re.findall(
        r"^function fromAddress\(\) \{.*?^\}", rooms.SCRIPT.read_text(encoding="utf-8"), re.M | re.S
    )
    code = (
        f"const location = {{ hash: {json.dumps(address)} }};"
        "const data = { sliders: [{ name: 'a.b', low: 0, high: 3 }], members: [0] };"
        "const atRest = () => ({ values: { 'a.b': 1 }, weights: [1], narrow: false });"
        f"{function}\nconsole.log(JSON.stringify(fromAddress()));"
    )
    done = subprocess.run(["node", "-e", code], capture_output=True, text=True, check=True)
    read = json.loads(done.stdout)
    assert (read and read["values"]["a.b"]) == moved


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
def test_the_page_reads_text_again_by_the_same_laws():
    """The page's own function of the lever, on futures of every law."""
    script = rooms.SCRIPT.read_text(encoding="utf-8")
    (laws,) = re.findall(r"^const laws = \[.*?^\];", script, re.M | re.S)
    (function,) = re.findall(r"^function repetition\(state\) \{.*?^\}", script, re.M | re.S)
    law = np.repeat(np.arange(len(LAWS)), 4)
    draws = {
        "epochs": np.tile([1.0, 2.0, 5.0, 30.0], len(LAWS)),
        "run_epochs": np.tile([1.0, 1.1, 4.0, 5.0], len(LAWS)),
        **{each.setting: np.full(len(law), each.scale) for each in LAWS.values()},
        "law": law,
    }
    code = (
        f"const told = {json.dumps({key: values.tolist() for key, values in draws.items()})};"
        f"const data = {{ settings: {{ repetition: told }}, draws: {len(law)}, exponent: {EXPONENT} }};"
        "const draws = (lever, key) => Float64Array.from(told[key]), log10Share = Math.log10;"
        f"{laws}\n{function}\nconst at = repetition({{}})(2030);"
        "console.log(JSON.stringify(told.law.map((_, d) => at(d))));"
    )
    done = subprocess.run(["node", "-e", code], capture_output=True, text=True, check=True)
    expected = LEVERS["repetition"].log10_factor(draws, np.array([2030.0]))[:, 0]
    assert json.loads(done.stdout) == pytest.approx(expected.tolist(), abs=1e-12)


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
@pytest.mark.parametrize("changed", [{}, {"restricted_share_2030": np.array([0.4, 0.0, 1.0])}, {"network_share": None}])
def test_the_page_closes_doors_as_the_lever_does(changed):
    """The page's own function, run by itself: a path, a stated end, and a run recorded before networks refused."""
    draws = scenarios.load("baseline").draw_lever("access", seed=4, size=3) | changed
    if "restricted_share_2030" in changed:
        del draws["restricted_growth_2030"]
    draws = {key: values for key, values in draws.items() if values is not None}
    years = np.arange(2021.0, 2061.0, 0.5)
    (function,) = re.findall(
        r"^function access\(state\) \{.*?^\}", rooms.SCRIPT.read_text(encoding="utf-8"), re.M | re.S
    )
    settings = {key: values.tolist() for key, values in draws.items()}
    code = (
        f"const data = {{ settings: {{ access: {json.dumps(settings)} }}, access: {json.dumps(rooms.access_dates())} }};"
        "const draws = (lever, key) => data.settings[lever][key];"
        "const log10Share = (x) => Math.log10(Math.max(x, 1e-12));"
        f"{function}\nconst at = access(null);"
        f"console.log(JSON.stringify([0, 1, 2].map((d) => {json.dumps(years.tolist())}.map((year) => at(year)(d)))));"
    )
    done = subprocess.run(["node", "-e", code], capture_output=True, text=True, check=True)
    assert np.array(json.loads(done.stdout)) == pytest.approx(LEVERS["access"].log10_factor(draws, years), abs=1e-12)


# --- in a browser


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    page = tmp_path_factory.mktemp("page") / "report.html"
    page.write_text(render(passing_run()), encoding="utf-8")
    options = webdriver.ChromeOptions()
    for word in ("--headless=new", "--no-sandbox", "--disable-gpu"):
        options.add_argument(word)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))
    try:
        size(driver, 1200)
        driver.get(page.as_uri())
        wait_for(driver, "return document.getElementById('explorer-panel').dataset.state === 'ready'")
        driver.execute_script("document.querySelectorAll('#explorer details').forEach(folded => folded.open = true)")
        yield driver
    finally:
        driver.quit()


def size(driver, width: int) -> None:
    driver.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500},
    )


def wait_for(driver, script: str, seconds: float = 60.0) -> None:
    until = time.monotonic() + seconds
    while not driver.execute_script(script):
        assert time.monotonic() < until, script
        time.sleep(0.05)


def shown(driver) -> dict[str, str]:
    return json.loads(driver.execute_script("return JSON.stringify(document.getElementById('explorer-panel').dataset)"))


def address(driver, words: str) -> dict[str, str]:
    """Set the address, as a reader does who opens a link; return what the explorer then says."""
    driver.execute_script(
        "document.getElementById('explorer-panel').dataset.median = ''; location.hash = ''; location.hash = arguments[0]",
        words,
    )
    wait_for(driver, "return document.getElementById('explorer-panel').dataset.median !== ''")
    return shown(driver)


def press(driver, name: str, keys: str) -> None:
    from selenium.webdriver.common.by import By

    driver.find_element(By.ID, name).send_keys(keys)


@pytest.mark.browser
@pytest.mark.slow
def test_at_rest_the_explorer_says_what_the_report_says(browser):
    said, run = address(browser, "explorer&"), passing_run()
    assert float(said["median"]) == pytest.approx(run.document["exhaustion_year"]["median"], abs=0.05)
    assert float(said["by"]) == pytest.approx(run.document["exhaustion_year"]["probability_by"]["2030"], abs=0.005)
    assert browser.execute_script("return document.getElementById('explorer-sentence').textContent") == run.sentence()
    assert browser.execute_script("return document.getElementById('explorer-reset').disabled")


@pytest.mark.browser
@pytest.mark.slow
def test_a_moved_lever_gives_the_same_sentence_with_its_own_numbers(browser):
    said = address(browser, "explorer&quality.usable_share=0.9&repetition.epochs=1.2")
    sentence = browser.execute_script("return document.getElementById('explorer-sentence').textContent")
    share, median = float(said["by"]), float(said["median"])
    error = np.sqrt(share * (1 - share) / json.loads(explorer(passing_run())["data"])["draws"])
    assert sentence.startswith(
        "On data to 22 September 2026 and in the scenario “A short scenario”, changed by a reader ("
    )
    assert (
        f"the model {odds_told(share, error).of_the_model()} ({percent_words(share, error)}) that by the end of 2030"
        in sentence
    )
    assert (
        f"Central estimate: {year_phrase(median)}; {range_words(float(said['low']), float(said['high']))};" in sentence
    )
    assert "can supply. Central" in sentence, "how often the text counts is the reader's own"
    assert sentence.endswith("say never this century.")


@pytest.mark.browser
@pytest.mark.slow
def test_nothing_is_asked_of_any_server_and_the_console_is_empty(browser):
    asked = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    sent = [m["params"]["request"]["url"] for m in asked if m["method"] == "Network.requestWillBeSent"]
    assert all(url.startswith("file://") and url.split("#")[0].endswith("report.html") for url in sent), sent
    assert browser.get_log("browser") == []


DIRECTIONS = [
    ("repetition.epochs", "later"),
    ("quality.usable_share", "later"),
    ("access.restricted_growth_2030", "earlier"),
    ("access.restricted_share_2030", "earlier"),
    ("access.compliance_2030", "earlier"),
    ("overtraining.ratio", "earlier"),
    ("synthetic.share", "later"),
    ("data_efficiency.gain_per_year", "later"),
]


@pytest.mark.browser
@pytest.mark.slow
def test_each_slider_moves_the_answer_the_right_way_by_keyboard_alone(browser):
    from selenium.webdriver.common.keys import Keys

    def answers() -> np.ndarray:
        """Quantiles and the probability: what must not move the wrong way, and of which one must move."""
        said = shown(browser)
        numbers = [float(said[key].replace("Infinity", "inf")) for key in ("low", "median", "high")]
        return np.array([*numbers, -float(said["by"])])

    present = {s.name for s in rooms._sliders(restored(passing_run().provenance["scenario"]))}
    tried = [(name, way) for name, way in DIRECTIONS if name in present]
    assert tried
    for name, way in tried:
        address(browser, "explorer&")
        before = answers()
        press(browser, f"explorer-{name}", Keys.END)
        after = answers()
        with np.errstate(invalid="ignore"):
            move = np.where(before == after, 0.0, after - before)
        assert (move >= 0).all() if way == "later" else (move <= 0).all(), (name, before, after)
        assert move.any(), name
        assert f"{name}=" in browser.execute_script("return location.hash")
        press(browser, f"explorer-{name}", Keys.TAB)
        press(browser, "explorer-reset", Keys.ENTER)
        assert answers() == pytest.approx(before)
        assert "=" not in browser.execute_script("return location.hash")


@pytest.mark.browser
@pytest.mark.slow
def test_ten_random_settings_agree_with_the_levers_of_the_pipeline(browser):
    run = passing_run()
    scenario, years = restored(run.provenance["scenario"]), run.consumption[YEAR].values
    seed, size_ = run.provenance["seed"], run.consumption.shape[0]
    raw = production.draw_estimator(scenario.stock(), seed=seed, size=size_).project(years)
    frontier, _, _ = rooms._without_levers(run, scenario)
    sliders = rooms._sliders(scenario)
    members = [m for m in run.document["consumption"]["members"] if m["weight"] > 0]
    rng = np.random.default_rng(7)
    compared = 0
    for _ in range(10):
        part = rng.uniform(0.05, 0.6, len(sliders))
        said = {
            s.name: float(s.low * (s.high / s.low) ** x if s.scale == "log" else s.low + (s.high - s.low) * x)
            for s, x in zip(sliders, part, strict=True)
        }
        weights = rng.integers(1, 5, len(members)).astype(float)
        other = moved(scenario, said)
        stock, _ = apply_levers(raw, other, seed=seed, leave_out=("synthetic",))
        draws = lever_draws(other, "synthetic", seed=seed, size=size_)
        draws["yield"] = draws["yield"] + said["synthetic.yield"] - quantiles(draws["yield"], [0.5])[0]
        limit = LEVERS["synthetic"].apply(stock.values, draws, years)
        use = frontier + sum(
            LEVERS[name].log10_factor(other.draw_lever(name, seed=seed, size=size_), years)
            for name in ("overtraining", "data_efficiency")
        )
        when = crossing_years(use, limit, years)
        share = np.repeat(weights, size_ // len(members))
        order = np.argsort(when, kind="stable")
        cumulated = np.cumsum(share[order]) / share.sum()
        median = when[order][np.searchsorted(cumulated, 0.5 - 1e-9)]
        link = "&".join(f"{name}={value!r}" for name, value in said.items())
        answer = address(browser, f"explorer&{link}&weights={','.join(map(str, weights))}")
        if np.isinf(median):
            assert answer["median"] == "Infinity"
        else:
            compared += 1
            assert float(answer["median"]) == pytest.approx(median, abs=0.1)
        assert float(answer["by"]) == pytest.approx(share[when < 2031].sum() / share.sum(), abs=0.005)
    assert compared >= 5


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize("width", [360, 768, 1200])
def test_nothing_stands_out_of_the_page_at_any_width(browser, width):
    size(browser, width)
    wide = browser.execute_script("return document.documentElement.scrollWidth")
    assert wide <= width
    labels = browser.execute_script(
        "return [...document.querySelectorAll('#explorer input')].map((i) => i.labels.length && i.type)"
    )
    assert labels
    assert all(labels)
    size(browser, 1200)


@pytest.mark.browser
@pytest.mark.slow
def test_a_link_with_nonsense_leaves_the_report_as_it_is(browser):
    rest = address(browser, "explorer&")
    for words in (
        "explorer&quality.usable_share=x&weights=0,0",
        "explorer&nobody=3&weights=a,b",
        "explorer&spread=some",
    ):
        assert address(browser, words)["median"] == rest["median"]
