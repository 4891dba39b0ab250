"""The explorer: what is packed is what was computed, and the browser's answers are Python's."""

from __future__ import annotations

import base64
import json
import re
import shlex
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
from forecast.report import explorer_paths, explorer_scenarios, render, render_pages, themes
from forecast.report.explorer import SLIDERS, explorer, script_hash
from forecast.report.explorer_formulas import frontier_steps, stock_steps
from forecast.report.explorer_packing import STEP, Pack
from forecast.report.explorer_paths import Shifts
from forecast.report.explorer_scenarios import lever_draws, moved
from forecast.report.explorer_script import javascript
from forecast.runs.headline import range_words
from forecast.runs.passage import apply_levers, crossing_years
from forecast.runs.sentence import percent
from forecast.scenarios import scenario as scenarios
from forecast.scenarios.levers import LEVERS
from forecast.scenarios.levers.access import HALF_LIFE
from forecast.scenarios.levers.lever import log10_sum, ramp
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
    change[0] = 0
    if where["smooth"]:
        change = np.cumsum(change, axis=0)
    change[0] = values[0] + where["low"]
    return np.cumsum(change, axis=0).T * STEP


# --- what is packed


@given(st.integers(1, 7), st.integers(1, 9), st.integers(0, 2**32 - 1), st.booleans())
def test_paths_come_back_within_half_a_step(draws, knots, seed, smooth):
    paths = 13 + np.cumsum(np.random.default_rng(seed).normal(0.1, 2.0, (draws, knots)), axis=1)
    pack = Pack()
    where = pack.paths(paths, smooth=smooth)
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
    frontier, stock = explorer_paths.knots(years)
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
    keep = explorer_paths.kept(one)
    assert len(keep) == explorer_paths.MOST_DRAWS
    assert (keep[: len(keep) // 2] < 30_000).all()
    for p in (0.1, 0.5, 0.9):
        assert quantiles(years[keep], [p])[0] == pytest.approx(quantiles(years, [p])[0], abs=0.05)
    assert np.mean(years[keep] < 2031) == pytest.approx(np.mean(years < 2031), abs=0.005)


@pytest.mark.parametrize(("name", "lever"), [("private_unlocked", "private"), ("multimodal", "multimodal")])
def test_what_the_browser_adds_is_what_the_lever_adds(name, lever):
    scenario, size_, years = scenarios.load(name), 40, np.array([2024.0, 2027.25, 2028.0, 2050.0])
    one = SimpleNamespace(provenance={"seed": SEED}, consumption=SimpleNamespace(sizes={"draw": size_}))
    pack = Pack()
    (found,) = explorer_scenarios._added(scenario, one, pack, np.arange(size_))
    bytes_ = b"".join(pack._parts)
    amount, start, length = (
        np.frombuffer(bytes_, "<f4", size_, found[key]).astype(float)[:, None]
        for key in ("amount", "start", "ramp_years")
    )
    path = np.full((size_, len(years)), 14.0)
    expected = LEVERS[lever].apply(path, scenario.draw_lever(lever, seed=SEED, size=size_), years)
    assert (amount > 0).all()
    risen = np.clip((years - start) / length, 0, 1)
    assert path + np.log10(1 + amount * risen * 10.0**-path) == pytest.approx(expected, abs=1e-6)


# --- what a slider means


@pytest.mark.parametrize(
    "slider",
    [s for s in explorer_scenarios.sliders(scenarios.load("baseline")) if s.lever and s.setting != "yield"],
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
        for s in explorer_scenarios.sliders(scenario)
        if s.lever and s.setting != "yield"
    }
    assert moved(scenario, rest) == scenario


def test_every_slider_is_a_setting_of_its_lever_within_its_bounds():
    for slider in SLIDERS:
        if not slider.lever or slider.setting == "yield":
            continue
        setting = LEVERS[slider.lever].settings[slider.setting]
        assert setting.lower <= slider.low < slider.high <= setting.upper
        assert slider.scale == "linear" or slider.low > 0


def test_alternatives_give_one_slider():
    names = [s.name for s in explorer_scenarios.sliders(scenarios.load("baseline"))]
    assert "repetition.epochs" in names
    assert "repetition.passes" not in names
    other = [s.name for s in explorer_scenarios.sliders(scenarios.load("baseline").replace(repetition=3.0))]
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
    scenario, seed = restored(run.provenance["scenario"]), run.provenance["seed"]
    draws, knots = data["draws"], np.array(data["years"])
    free = unpacked(data["frontier"], data["packed"], draws, len(knots))
    frontier = Shifts().frontier(free, knots, explorer_paths.since(run), explorer_paths.places(seed, draws))
    frontier = LEVERS["compute_cap"].apply(frontier, scenario.draw_lever("compute_cap", seed=seed, size=draws), knots)
    stock = unpacked(data["scenarios"][0]["stock"], data["packed"], draws, len(data["stockYears"]))
    stock = np.array([np.interp(knots, data["stockYears"], path) for path in stock])
    for name in ("access", "quality", "repetition"):
        if name in scenario.levers:
            stock = stock + LEVERS[name].log10_factor(scenario.draw_lever(name, seed=seed, size=draws), knots)
    years = crossing_years(frontier, stock, knots)
    assert quantiles(years, [0.5])[0] == pytest.approx(run.median(), abs=0.05)
    assert np.mean(years < 2031) == pytest.approx(run.probability(by=2030), abs=0.005)


def test_a_frontier_that_the_posteriors_do_not_give_is_packed_as_it_is():
    """Growth, premium, undisclosed runs and the limit cannot be moved then; all else can."""
    import dataclasses

    run = dataclasses.replace(passing_run(), posterior={})
    data = json.loads(explorer(run)["data"])
    names = {slider["name"] for slider in data["sliders"]}
    assert not data["free"]
    assert "quality.usable_share" in names
    assert "stock" in names
    assert not names & {"growth", "premium", "undisclosed", "undisclosed_size", "compute_cap.limit_2030"}
    stock = {name for s in data["scenarios"] for name in s["rest"]}
    assert names == stock


def test_every_shipped_scenario_can_be_chosen_and_is_packed_by_what_it_changes():
    data = json.loads(explorer(passing_run())["data"])
    own, *others = data["scenarios"]
    assert {s["name"] for s in others} == set(scenarios.names())
    assert own["reported"]["by"] == passing_run().document["exhaustion_year"]["probability_by"]
    by_name = {s["name"]: s for s in others}
    boom, baseline = (by_name[name]["settings"] for name in ("efficiency_boom", "baseline"))
    assert {lever for lever in boom if boom[lever] != baseline.get(lever)} == {"data_efficiency"}
    assert by_name["epoch2024"]["rest"]["undisclosed"] == 0
    assert by_name["epoch2024"]["settings"]["repetition"]["epochs"] is None
    assert by_name["private_unlocked"]["added"]
    assert "together with" in by_name["private_unlocked"]["need"]
    assert not any(s["whole"] for s in others), "the short run has other growth models"


def test_a_share_of_hidden_runs_keeps_the_order_of_the_futures():
    places = np.random.default_rng(3).uniform(size=2000)
    rest, more, none = (Shifts(hidden=share).delta(places) for share in (Shifts().hidden, 0.8, 0.0))
    assert (none == 0).all()
    assert np.mean(rest > 0) == pytest.approx(0.5, abs=0.03)
    assert np.mean(more > 0) == pytest.approx(0.8, abs=0.03)
    assert (more >= rest).all()
    assert np.median(more[more > 0]) == pytest.approx(Shifts().size, abs=0.03)
    assert np.median(Shifts(size=1.0).delta(places)[rest > 0]) == pytest.approx(1.0, abs=0.05)


def test_growth_is_paced_from_its_date_on_and_the_past_stays():
    years = np.array([2024.0, 2026.0, 2028.0, 2030.0])
    free = np.array([[13.0, 13.4, 13.8, 14.4]])
    places = np.zeros(1)
    twice = Shifts(pace=2.0).frontier(free, years, 2027.0, places)
    assert twice[0] == pytest.approx([13.0, 13.4, 13.6 + 2 * 0.2, 13.6 + 2 * 0.8])
    still = Shifts(pace=0.0, premium=0.1).frontier(free, years, 2027.0, places)
    assert still[0] == pytest.approx([13.1, 13.5, 13.7, 13.7])


def test_the_script_written_by_hand_has_no_lever_and_no_constant_of_the_model():
    """Formulas, dates, laws, limits and thresholds of wording go into the page from Python."""
    script = re.sub(r"//.*", "", rooms.script())
    assert not re.search(r"\b(19|20|21)\d\d(\.\d+)?\b", script), "no year"
    words = rooms._words(passing_run().document)
    for number in (EXPONENT, HALF_LIFE, words["wholePoints"], words["fives"]):
        assert not re.search(rf"(?<![\d.]){re.escape(str(number))}(?![\d.])", script), number
    names = {name for slider in SLIDERS for name in (slider.name, slider.lever, slider.setting) if name} - {"stock"}
    names |= {law.setting for law in LAWS.values()} | {key for lever in MOVED for key in LEVERS[lever].settings}
    told = set(re.findall(r"\w+", script))
    plain = {"growth", "start", "share", "limit"}  # English of the page's own, as in growth models, the start of a line
    assert not {name for name in names if name in told} - plain
    for name in plain:
        assert not re.search(rf"[\"'.]{name}[\"']", script), name


def test_the_policy_of_the_page_allows_its_own_script_alone():
    text = render(passing_run())
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', text)[1]
    assert "default-src &#39;none&#39;" in policy or "default-src 'none'" in policy
    script = re.search(r"<script>(.*?)</script>", text, re.DOTALL)[1]
    import hashlib

    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert script_hash(script) == f"'sha256-{digest}'"
    assert f"script-src 'sha256-{digest}';" in policy
    appendix = render_pages(passing_run(), {})["appendix.html"]
    assert "script-src 'none';" in appendix
    assert "<script" not in appendix
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
    css = (Path(rooms.__file__).with_name("templates") / "report.css").read_text(encoding="utf-8")
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
        ("#explorer&a.b=", 1),
        ("#explorer&a.b=%20&year=&scenario=&weights=&spread=", 1),
        ("#explorer&a.b=9", 3),
        ("#explorer&year=2060&year=x&year=1e3&weights=,", 1),
        ("#explorer&scenario=nobody", 1),
        ("#explorer&scenario=other&a.b=2", 2),
    ],
)
def test_an_address_of_any_kind_is_read_or_left(address, moved):
    """The page's own function, run by itself: what it cannot read leaves the explorer as it is."""
    (function,) = re.findall(r"^function fromAddress\(\) \{.*?^\}", rooms.script(), re.M | re.S)
    code = (
        f"const location = {{ hash: {json.dumps(address)} }};"
        "const data = { sliders: [{ name: 'a.b', low: 0, high: 3 }], members: [0], words: { lastYear: 2050 },"
        "scenarios: [{ name: 'own', reported: { by: { 2030: 0.5, 2060: 0.9 } } }, { name: 'other' }] };"
        "const atRest = (scenario) => ({ scenario, values: { 'a.b': 1 }, weights: [1], narrow: false, year: 2030 });"
        f"{function}\nconsole.log(JSON.stringify(fromAddress()));"
    )
    done = subprocess.run(["node", "-e", code], capture_output=True, text=True, check=True)
    read = json.loads(done.stdout)
    assert (read and read["values"]["a.b"]) == moved
    if moved is not None:
        assert read["scenario"] == ("scenario=other" in address)
        assert read["year"] == 2030
        assert read["weights"] == [1]
        assert not read["narrow"]


NODE = pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
KNOTS = np.array([2021.5, 2023.2, 2024.1, 2025.0, 2026.5, 2026.71, 2027.0, 2028.4, 2030.0, 2033.0, 2041.0, 2100.0])
SHIFTS = ("growth", "premium", "undisclosed", "undisclosed_size")


def in_the_page(steps, named: dict, rows: dict[str, np.ndarray]) -> np.ndarray:
    """Return a formula's path, shape (draw, year), as the page's own script computes it."""
    script = rooms.script()
    helpers = [
        re.search(pattern, script, re.M | re.S)[0]
        for pattern in (
            r"^function normalQuantile\(.*?^\}",
            r"^const along = .*?^\};",
            r"^function pathAt\(.*?^\}",
        )
    ]
    numbers = {key: value.tolist() if isinstance(value, np.ndarray) else value for key, value in named.items()}
    paths = {key: path.T.tolist() for key, path in rows.items()}
    code = (
        f"const data = {{ years: {json.dumps(KNOTS.tolist())} }}, named = {json.dumps(numbers)};"
        f"{' '.join(helpers)}\nconst path = ({javascript(steps)})((name) => named[name], {json.dumps(paths)});"
        f"console.log(JSON.stringify(data.years.map((_, k) => {{ const at = path(k);"
        f" return Array.from({{ length: {len(rows['path'])} }}, (_, d) => at(d)); }})));"
    )
    done = subprocess.run(["node", "-"], input=code, capture_output=True, text=True, check=True)
    return np.array(json.loads(done.stdout)).T


def any_draws(lever: str, rng: np.random.Generator, size: int) -> dict[str, np.ndarray]:
    """Return draws of a lever's settings from all over their bounds, corners among them."""
    found = {}
    for name, setting in LEVERS[lever].settings.items():
        if setting.kind == "choice":
            continue
        low = max(setting.lower, 1e-6)
        high = min(setting.upper, max(1e4, 1e12 * low))
        if name == "start":
            low, high = 2020.0, 2060.0
        values = np.exp(rng.uniform(np.log(low), np.log(high), size))
        values[0] = setting.lower if setting.zero else low
        values[1] = high
        found[name] = values
    if lever == "repetition":
        found["law"] = rng.integers(0, len(LAWS), size)
    if lever == "synthetic":
        found |= {"yield": rng.normal(0.5, 1.0, size), "saturation": 10 ** rng.uniform(11, 15, size)}
        found["replaced"] = rng.integers(0, 2, size).astype(float)
    return found


def without(lever: str) -> list[tuple[str, ...]]:
    """Return which settings a scenario may lack: all but one of alternatives, and what older runs did not record."""
    ways = LEVERS[lever].alternatives
    lacks = [tuple(other for other in ways if other != one) for one in ways] or [()]
    older = {"access": ("network_share",), "repetition": ("run_epochs",)}.get(lever, ())
    return [*lacks, *([(*lacks[0], *older)] if older else [])]


MOVED = sorted({slider.lever for slider in SLIDERS if slider.lever})


@NODE
@pytest.mark.parametrize(("lever", "lacks"), [(name, lacks) for name in MOVED for lacks in without(name)])
@pytest.mark.parametrize("seed", [1, 2])
def test_the_page_computes_every_lever_as_python_does_on_random_settings(lever, lacks, seed):
    rng = np.random.default_rng([seed, MOVED.index(lever)])
    drawn = {key: values for key, values in any_draws(lever, rng, 12).items() if key not in lacks}
    path = 14.0 + np.cumsum(rng.normal(0.1, 0.3, (12, len(KNOTS))), axis=1)
    named = {f"{lever}.{key}": values for key, values in drawn.items()}
    side, settings = LEVERS[lever].side, {lever: list(drawn)}
    if side == "stock":
        steps, named = stock_steps(settings, 0), named | {"now.stock": 3e14, "rest.stock": 1e14}
        before = path + np.log10(3.0)
    else:
        steps, before = frontier_steps(settings, 2027.0, (), demand=False), path
    expected = LEVERS[lever].apply(before, drawn, KNOTS)
    assert np.isfinite(expected).all()
    # The inverse of the normal distribution apart, both sides do the same steps.
    assert in_the_page(steps, named, {"path": path}) == pytest.approx(expected, abs=1e-9)


@NODE
@pytest.mark.parametrize("hidden", [0.0, 0.3, 1.0])
def test_the_page_shifts_and_limits_the_frontier_as_python_does(hidden):
    """Everything at once, in the order of the pipeline: shifts, the limit on what they give, what multiplies."""
    rng, size_, since = np.random.default_rng(5), 30, 2026.9
    free = 13.0 + np.cumsum(rng.uniform(0.0, 0.6, (size_, len(KNOTS))), axis=1)
    demand = rng.normal(0, 0.2, free.shape)
    drawn = {name: any_draws(name, rng, size_) for name in ("compute_cap", "overtraining", "data_efficiency")}
    drawn["compute_cap"]["limit_2030"] = 10 ** rng.uniform(27, 32, size_)
    now = {"growth": 2.5, "premium": 9.0, "undisclosed": hidden, "undisclosed_size": 6.0}
    rest = {"growth": 1.6, "premium": 3.0, "undisclosed": 0.5, "undisclosed_size": 2.5}
    places = rng.uniform(size=size_)
    expected = Shifts.of(now, rest).frontier(free, KNOTS, since, places)
    expected = LEVERS["compute_cap"].apply(expected, drawn["compute_cap"], KNOTS) + demand
    for name in ("overtraining", "data_efficiency"):
        expected = LEVERS[name].apply(expected, drawn[name], KNOTS)
    named = {f"{lever}.{key}": values for lever, found in drawn.items() for key, values in found.items()}
    named |= {f"now.{key}": value for key, value in now.items()} | {f"rest.{key}": value for key, value in rest.items()}
    steps = frontier_steps({name: list(found) for name, found in drawn.items()}, since, SHIFTS, demand=True)
    found = in_the_page(steps, named | {"place": places}, {"path": free, "demand": demand})
    assert found == pytest.approx(expected, abs=1e-8)


@NODE
def test_the_page_adds_what_the_levers_add_along_their_ramp():
    rng = np.random.default_rng(6)
    path = rng.normal(14, 1, (8, len(KNOTS)))
    drawn = {
        "amount": 10 ** rng.uniform(12, 15, 8),
        "start": rng.uniform(2022, 2040, 8),
        "ramp_years": rng.uniform(0, 9, 8),
    }
    drawn["ramp_years"][0] = 0.0
    expected = log10_sum(path, drawn["amount"][:, None] * ramp(drawn, KNOTS))
    named = {f"added.0.{key}": values for key, values in drawn.items()} | {"now.stock": 1e14, "rest.stock": 1e14}
    assert in_the_page(stock_steps({}, 1), named, {"path": path}) == pytest.approx(expected, abs=1e-9)


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
        "On data to 22 September 2026 and in the scenario “A short scenario” and with a reader's changes ("
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
    sent = [url for url in sent if not url.startswith("data:")]  # letters that travel inside the page
    assert all(url.startswith("file://") and url.split("#")[0].endswith("report.html") for url in sent), sent
    assert browser.get_log("browser") == []


DIRECTIONS = [
    ("growth", "earlier"),
    ("premium", "earlier"),
    ("stock", "later"),
    ("undisclosed", "earlier"),
    ("undisclosed_size", "earlier"),
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

    present = {s.name for s in explorer_scenarios.sliders(restored(passing_run().provenance["scenario"]))}
    tried = [(name, way) for name, way in DIRECTIONS if name in present]
    assert tried
    for name, way in tried:
        address(browser, "explorer&")
        before = answers()
        press(browser, f"explorer-{name}", Keys.END)
        after = answers()
        with np.errstate(invalid="ignore"):
            # At rest the document's own numbers are shown, which come of paths that are not rounded.
            move = np.where((before == after) | (abs(after - before) < 0.01), 0.0, after - before)
        assert (move >= 0).all() if way == "later" else (move <= 0).all(), (name, before, after)
        assert move.any(), name
        assert f"{name}=" in browser.execute_script("return location.hash")
        press(browser, f"explorer-undo-{name}", Keys.ENTER)
        assert answers() == pytest.approx(before)
        assert browser.switch_to.active_element.get_attribute("id") == f"explorer-{name}"
        assert "=" not in browser.execute_script("return location.hash")


def by_the_pipeline(run, scenario, said, rest, weights) -> tuple[float, float, tuple[float, float]]:
    """Return median and probability by the end of 2030 as Python has them, the frontier shifted as `Shifts` says.

    And the years between which the median lies when futures at it cross earlier or later: as many as `agrees` allows.
    """
    own, years = restored(run.provenance["scenario"]), run.consumption[YEAR].values
    seed, size_ = run.provenance["seed"], run.consumption.shape[0]
    other = moved(scenario, said)
    hidden = Shifts().hidden * scenario.include_undisclosed
    shifts = Shifts.of(
        {"undisclosed": hidden, **{name: said[name] for name in (*SHIFTS, "stock") if name in said}}, rest
    )
    free = explorer_paths.paths(run, own).frontier
    use = shifts.frontier(free, years, explorer_paths.since(run), explorer_paths.places(seed, size_))
    use = LEVERS["compute_cap"].apply(use, other.draw_lever("compute_cap", seed=seed, size=size_), years)
    for name in ("overtraining", "data_efficiency"):
        use = use + LEVERS[name].log10_factor(other.draw_lever(name, seed=seed, size=size_), years)
    raw = production.draw_estimator(scenario.stock(), seed=seed, size=size_).project(years) + shifts.stock
    raw.attrs = production.draw_estimator(scenario.stock(), seed=seed, size=size_).project(years).attrs
    stock, _ = apply_levers(raw, other, seed=seed, leave_out=("synthetic",))
    draws = lever_draws(other, "synthetic", seed=seed, size=size_)
    if "synthetic.yield" in said:
        draws["yield"] = draws["yield"] + said["synthetic.yield"] - quantiles(draws["yield"], [0.5])[0]
    limit = LEVERS["synthetic"].apply(stock.values, draws, years)
    when = crossing_years(use, limit, years)
    share = np.repeat(np.asarray(weights, float), size_ // len(weights))
    order = np.argsort(when, kind="stable")
    cumulated = np.cumsum(share[order]) / share.sum()
    low, median, high = (
        float(when[order][np.searchsorted(cumulated, 0.5 + more - 1e-9)]) for more in (-FEW_FUTURES, 0.0, FEW_FUTURES)
    )
    return median, float(share[when < 2031].sum() / share.sum()), (low, high)


FEW_FUTURES = 2.5 / 400
"""Paths are rounded: of the 400 futures one or two that cross at a border may fall on its other side."""


def agrees(answer: dict[str, str], median: float, by: float, between: tuple[float, float] | None = None) -> bool:
    """Compare what the page says with Python's numbers; return whether there is a median."""
    assert float(answer["by"]) == pytest.approx(by, abs=FEW_FUTURES)
    if np.isinf(median):
        assert answer["median"] == "Infinity"
        return False
    if between is None or not between[0] <= float(answer["median"]) <= between[1]:  # where futures are few, years apart
        assert float(answer["median"]) == pytest.approx(median, abs=0.1)
    return True


@pytest.mark.browser
@pytest.mark.slow
def test_ten_random_settings_agree_with_the_levers_of_the_pipeline(browser):
    run = passing_run()
    scenario = restored(run.provenance["scenario"])
    data = json.loads(explorer(run)["data"])
    rest = {**data["rest"], **data["scenarios"][0]["rest"]}
    sliders = explorer_scenarios.sliders(scenario)
    rng = np.random.default_rng(7)
    compared = 0
    for _ in range(10):
        part = rng.uniform(0.05, 0.6, len(sliders))
        said = {
            s.name: float(s.low * (s.high / s.low) ** x if s.scale == "log" else s.low + (s.high - s.low) * x)
            for s, x in zip(sliders, part, strict=True)
        }
        weights = rng.integers(1, 5, len(run.document["consumption"]["members"])).astype(float)
        link = "&".join(f"{name}={value!r}" for name, value in said.items())
        answer = address(browser, f"explorer&{link}&weights={','.join(map(str, weights))}")
        compared += agrees(answer, *by_the_pipeline(run, scenario, said, rest, weights))
    assert compared >= 5


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize("name", scenarios.names())
def test_a_chosen_scenario_agrees_with_the_levers_of_the_pipeline(browser, name):
    run = passing_run()
    rest, weights = json.loads(explorer(run)["data"])["rest"], [1.0] * len(run.document["consumption"]["members"])
    agrees(
        address(browser, f"explorer&scenario={name}"), *by_the_pipeline(run, scenarios.load(name), {}, rest, weights)
    )
    said = {"growth": 1.4, "repetition.epochs": 6.0}
    if name == "epoch2024":
        del said["repetition.epochs"]
    link = "&".join(f"{key}={value}" for key, value in said.items())
    agrees(
        address(browser, f"explorer&scenario={name}&{link}"),
        *by_the_pipeline(run, scenarios.load(name), said, rest, weights),
    )


@pytest.mark.browser
@pytest.mark.slow
def test_at_rest_every_cell_is_the_reports_own_in_every_year(browser):
    address(browser, "explorer&")
    rows = browser.execute_script(
        "return [...document.querySelectorAll('#explorer table tbody tr')]"
        ".map((row) => [...row.querySelectorAll('td')].map((cell) => cell.textContent.trim()))"
    )
    assert len(rows) > 5
    assert all(own == report for own, report in rows)
    by = passing_run().document["exhaustion_year"]["probability_by"]
    for year in (2026, 2035, 2050):
        address(browser, f"explorer&year={year}")
        assert text(browser, "readout") == f"By the end of {year}: {percent(by[str(year)])}"
        assert f"by the end of {year}" in text(browser, "sentence")
        assert f"by the end of {year}" in text(browser, "lead")


def text(driver, name: str) -> str:
    return driver.execute_script(f"return document.getElementById('explorer-{name}').textContent")


@pytest.mark.browser
@pytest.mark.slow
def test_the_pattern_filled_with_the_reports_numbers_is_the_reports_sentence(browser):
    """The year apart, the sentence of another year is the report's: one pattern, one set of numbers."""
    address(browser, "explorer&year=2031")
    run = passing_run()
    after = run.sentence().split("Central estimate:")[1]
    assert text(browser, "sentence").split("Central estimate:")[1] == after


@pytest.mark.browser
@pytest.mark.slow
def test_the_chart_is_read_and_the_year_is_chosen_by_keyboard(browser):
    from selenium.webdriver.common.keys import Keys

    address(browser, "explorer&")
    for key, year in ((Keys.ARROW_RIGHT, 2031), (Keys.PAGE_UP, 2036), (Keys.HOME, 2026), (Keys.END, 2050)):
        press(browser, "explorer-plot", key)
        plot = browser.execute_script(
            "const p = document.getElementById('explorer-plot'); return [p.getAttribute('aria-valuenow'), "
            "p.getAttribute('aria-valuetext'), location.hash, document.getElementById('explorer-year').value]"
        )
        assert plot[0] == plot[3] == str(year)
        assert plot[1].startswith(f"By the end of {year}: ")
        assert plot[2].endswith(f"year={year}")


@pytest.mark.browser
@pytest.mark.slow
def test_a_hundred_dots_are_a_hundred_and_say_what_they_show(browser):
    for words in ("explorer&", "explorer&growth=1.02&year=2040", "explorer&stock=5e13"):
        address(browser, words)
        shown_ = browser.execute_script(
            "return ['already', 'soon', 'later', 'never'].map((k) => document.querySelectorAll(`.dots .${k}`).length)"
        )
        assert sum(shown_) == 100
        assert [
            int(n) for n in re.findall(r"(?<!\()\b(\d{1,3}) (?:are|more|later|not)", text(browser, "hundred"))
        ] == shown_


@pytest.mark.browser
@pytest.mark.slow
def test_a_slider_that_moves_nothing_or_is_at_its_end_says_so(browser):
    def note(words: str, name: str) -> str:
        address(browser, words)
        wait_for(browser, "return document.getElementById('explorer-panel').dataset.notes === 'done'")
        return text(browser, f"note-{name}")

    assert "Moves nothing here: the synthetic share is nothing" in note("explorer&", "synthetic.yield")
    assert "no future holds undisclosed runs" in note("explorer&undisclosed=0", "undisclosed_size")
    assert note("explorer&", "stock") == ""
    assert "ceiling" in note("explorer&compute_cap.limit_2030=9e31&premium=1", "compute_cap.limit_2030")
    assert "its bounds hold the middle at" in note("explorer&quality.usable_share=0.97", "quality.usable_share")


@pytest.mark.browser
@pytest.mark.slow
def test_a_curve_of_ones_own_rises_and_is_compared(browser):
    from selenium.webdriver.common.keys import Keys

    address(browser, "explorer&")
    press(browser, "explorer-draw", Keys.ENTER)
    assert browser.switch_to.active_element.get_attribute("id") == "explorer-plot"
    assert browser.execute_script("return document.querySelectorAll('.chart .now, .chart .rest').length") == 0
    assert not browser.find_element("id", "explorer-lead").is_displayed()
    for key in (Keys.ARROW_UP, Keys.ARROW_UP, Keys.PAGE_UP, *[Keys.ARROW_UP] * 9, Keys.ARROW_RIGHT, Keys.ARROW_DOWN):
        press(browser, "explorer-plot", key)
    press(browser, "explorer-show", Keys.ENTER)
    said = text(browser, "compared")
    assert said.startswith("You reach even odds by the end of 2035; the report's central estimate is ")
    assert browser.find_element("id", "explorer-lead").is_displayed()
    press(browser, "explorer-draw", Keys.ENTER)
    press(browser, "explorer-show", Keys.ENTER)
    assert not browser.find_element("id", "explorer-compared").is_displayed()


@pytest.mark.browser
@pytest.mark.slow
def test_what_can_be_taken_along(browser):
    address(browser, "explorer&growth=1.3")
    browser.execute_script(
        "window.saved = []; window.copied = [];"
        "const make = URL.createObjectURL; URL.createObjectURL = (blob) => { window.saved.push(blob); return make(blob); };"
        "Object.defineProperty(navigator, 'clipboard', { configurable: true, value: "
        "{ writeText: async (words) => { window.copied.push(words); } } });"
        "for (const name of ['copy', 'link', 'csv', 'png']) document.getElementById(`explorer-${name}`).click();"
    )
    wait_for(browser, "return window.saved.length === 2")
    sentence, link = browser.execute_script("return window.copied")
    assert sentence == text(browser, "sentence")
    assert link.endswith("#explorer&growth=1.3")
    kinds = browser.execute_script("return window.saved.map((blob) => blob.type)")
    assert sorted(kinds) == ["image/png", "text/csv"]
    table = browser.execute_async_script("window.saved.find((b) => b.type === 'text/csv').text().then(arguments[0])")
    lines = table.strip().split("\n")
    assert lines[0] == "by_end_of,setting,report"
    values = {line.split(",")[0]: line.split(",")[1:] for line in lines[1:]}
    assert float(values["2030"][0]) == pytest.approx(float(shown(browser)["by"]), abs=1e-4)
    assert float(values["2030"][1]) == pytest.approx(passing_run().probability(by=2030), abs=1e-4)
    width = browser.execute_async_script(
        "createImageBitmap(window.saved.find((b) => b.type === 'image/png')).then((i) => arguments[0](i.width))"
    )
    assert width == 1600


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize(("width", "height"), [(360, 800), (1000, 800), (1400, 900)])
def test_sentence_and_chart_stay_in_view_beside_the_controls(browser, width, height):
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500},
    )
    address(browser, "explorer&")
    for name in ("growth", "compute_cap.limit_2030", "data_efficiency.gain_per_year"):
        browser.execute_script(
            "document.getElementById(arguments[0]).scrollIntoView({ block: 'center' })", f"explorer-{name}"
        )
        time.sleep(0.2)
        inside = browser.execute_script(
            "const seen = (id) => { const b = document.getElementById(id).getBoundingClientRect();"
            "return b.top >= 0 && b.bottom <= innerHeight && b.height > 0; };"
            "return ['explorer-lead', 'explorer-chart', arguments[0]].map(seen)",
            f"explorer-{name}",
        )
        assert all(inside), (name, inside)
    size(browser, 1200)


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
        "explorer&growth=&stock=&scenario=&year=",
        "explorer&scenario=nobody&year=1999",
    ):
        assert address(browser, words)["median"] == rest["median"]


@pytest.mark.browser
@pytest.mark.slow
def test_a_known_frontier_leaves_the_futures_that_python_keeps(browser):
    """By the address, the answer is that of `given`; the sentence says so, and a reset takes it back."""
    from selenium.webdriver.common.keys import Keys

    run = passing_run()
    rest = address(browser, "explorer&")
    low = float(f"{run.consumption_at(2028).quantile(0.4).item():.3g}")
    answer, known = address(browser, f"explorer&frontier_2028={low}.."), run.given(frontier_2028=(low, None))
    assert agrees(answer, known.median(), known.probability(by=2030))
    assert answer["by"] != rest["by"]
    left = int(re.match(r"(\d+) of 400 futures agree", text(browser, "given-note"))[1])
    assert left == pytest.approx(len(known.exhaustion_year), abs=3)
    assert "given a largest feasible run of at least" in text(browser, "sentence")
    assert "tokens on 1 January 2028" in text(browser, "sentence")
    assert text(browser, "whose") == "Your setting, not the report's forecast"
    high = float(f"{run.consumption_at(2028).quantile(0.9).item():.3g}")
    between = address(browser, f"explorer&frontier_2028={low}..{high}")
    known = run.given(frontier_2028=(low, high))
    assert agrees(between, known.median(), known.probability(by=2030))
    press(browser, "explorer-given-reset", Keys.ENTER)
    assert shown(browser)["median"] == rest["median"]
    assert "frontier" not in browser.execute_script("return location.hash")


@pytest.mark.browser
@pytest.mark.slow
def test_a_known_frontier_that_too_few_futures_have_is_not_used(browser):
    from selenium.webdriver.common.keys import Keys

    rest = address(browser, "explorer&")
    press(browser, "explorer-given-low", Keys.END)
    assert re.match(r"Not used: only \d+ of 400 futures agree .* \(at least 50\)", text(browser, "given-note"))
    assert shown(browser)["median"] == rest["median"]
    assert text(browser, "sentence") == passing_run().sentence()
    assert "frontier_2028=" in browser.execute_script("return location.hash")
    for words in ("explorer&frontier_2028=x..y", "explorer&frontier_2028=2e14..1e14", "explorer&frontier_1999=1e14.."):
        assert address(browser, words)["median"] == rest["median"]
        assert text(browser, "given-note") == ""


@pytest.mark.browser
@pytest.mark.slow
def test_a_new_row_is_answered_by_the_command_that_fits_it(browser):
    from forecast.ingest.added_rows import added_row

    address(browser, "explorer&scenario=baseline")
    assert text(browser, "added-line") == ""
    for name, value in (("model", 'Model "X"; $(x)'), ("day", "2026-12-01"), ("tokens", "1.2e14")):
        browser.execute_script(
            "const field = document.getElementById(arguments[0]); field.value = arguments[1];"
            "field.dispatchEvent(new Event('input'))",
            f"explorer-added-{name}",
            value,
        )
    line = text(browser, "added-line")
    assert line.startswith("forecast run baseline --add ")
    row = added_row(shlex.split(line)[4])
    assert (row.model, row.date, row.tokens) == ("Model X x", "2026-12-01", 1.2e14)
    assert browser.execute_script("return !document.getElementById('explorer-added-copy').disabled")
