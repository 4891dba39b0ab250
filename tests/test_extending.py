"""One new file and the lines that CONTRIBUTING names are enough: a newcomer of every kind, used as a user would use it.

Each newcomer is a file of ``tests/newcomers``, as a contributor would write it. It is imported as a module of the room
where it belongs and enters the registry that CONTRIBUTING names; nothing else of the package is touched. Fits are
stand-ins, so that nothing is sampled.
"""

from __future__ import annotations

import csv
import dataclasses
import importlib
import importlib.util
import json
import pickle
import re
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

import forecast as fc
from forecast import plots, production, report
from forecast.cli.collapse import regime_names
from forecast.cli.main import main
from forecast.collapse.regimes import REGIMES
from forecast.consumption.fit import Fit
from forecast.consumption.fitting import FitRequest, fit_member
from forecast.consumption.frontier_data import FrontierData
from forecast.consumption.member import Member
from forecast.consumption.members import MEMBERS, member
from forecast.consumption.prior_predictive import prior_draws, prior_predictive_frontier
from forecast.core.distributions import LogNormal
from forecast.core.registry import Registry
from forecast.core.resources import RESOURCES
from forecast.core.trajectory import make_trajectory
from forecast.errors import InputError, UnknownNameError
from forecast.ingest import catalog, readme
from forecast.plots import FIGURES, Figure
from forecast.production import ESTIMATORS, synthesis
from forecast.replicate import ANALYSES
from forecast.report.sections import SECTIONS, Section
from forecast.runs import events as definitions
from forecast.runs import pipeline
from forecast.runs.forecast import Forecast
from forecast.runs.inputs import read_inputs
from forecast.runs.passage import apply_levers
from forecast.scenarios import parse as scenario_file
from forecast.scenarios import scenario
from forecast.scenarios.levers import LEVERS, Lever, counted_as
from forecast.scenarios.values import LeverValue

ROOT = Path(__file__).parents[1]

NEWCOMERS = Path(__file__).with_name("newcomers")

ONE = {"probability_by_year": "<svg></svg>"}
"""The only figure of pages that are rendered for their words."""

SCENARIO = """\
title = "A small scenario"
description = "Two members and one estimator."
[stock]
estimator = "indexed_web"
[consumption]
members = ["damped", "windowed_exponential"]
"""


@pytest.fixture
def newcomer(monkeypatch):
    """Return a function that imports a file of `NEWCOMERS` as a module of a room.

    ``forecast.scenarios.levers.digitised`` is ``lever_digitised.py``: the files say of which kind they are.
    """

    def imported(name: str):
        room, _, own = name.rpartition(".")
        (path,) = NEWCOMERS.glob(f"*_{own}.py")
        spec = importlib.util.spec_from_file_location(name, path)
        module = importlib.util.module_from_spec(spec)
        monkeypatch.setitem(sys.modules, name, module)
        monkeypatch.setattr(importlib.import_module(room), own, module, raising=False)
        spec.loader.exec_module(module)
        return module

    return imported


@pytest.fixture
def enter(monkeypatch):
    """Return a function that registers an entry as a user would; afterwards the registry is as it was."""

    def entered(registry: Registry, entry, name: str | None = None):
        monkeypatch.setattr(registry, "_entries", dict(registry._entries))
        return registry.register(entry, name)

    return entered


@pytest.fixture
def shipped(tmp_path, monkeypatch) -> Path:
    """Return a copy of the folder of scenarios that stands for it."""
    folder = tmp_path / "scenarios"
    shutil.copytree(scenario_file.SHIPPED, folder)
    monkeypatch.setattr(scenario_file, "SHIPPED", folder)
    return folder


@pytest.fixture(scope="module", autouse=True)
def _no_sampling():
    """Let every run take stand-ins for its fits."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pipeline, "fit_members", lambda requests, *_: [stand_in(one) for one in requests])
        yield


def stand_in(request: FitRequest, draws: int = 200) -> Fit:
    """Return a fit that has learned nothing but a frontier a little above a straight line."""
    import xarray as xr

    data, shape = request.data, (2, draws // 2)
    noise = 0.05 * np.random.default_rng(1).standard_normal((*shape, 1))
    values = prior_draws(request.member, request.seed, draws)
    posterior = xr.Dataset(
        {name: (("chain", "draw"), value.reshape(shape)) for name, value in values.items()}
        | {"frontier": (("chain", "draw", "knot"), 10.3 + 0.4 * (data.knots - 2018) + noise)}
    )
    passed = {"name": f"{request.member.name} R-hat", "status": "PASS", "sentence": "largest R-hat 1.0", "advice": ""}
    diagnostics = {"verdict": "PASS", "checks": [passed], "p_values": {"the record": 0.5}, "divergences": 0}
    diagnostics |= {"rhat_max": 1.0, "ess_bulk_min": 900.0, "ess_tail_min": 900.0}
    return Fit(request.member, data, xr.DataTree.from_dict({"/posterior": posterior}), diagnostics, request.seed)


@pytest.fixture(scope="module")
def data() -> FrontierData:
    return read_inputs(RESOURCES["public_text"]).data


def scenario_toml(folder: Path, text: str = SCENARIO, name: str = "small") -> Path:
    """Write a scenario file."""
    path = folder / f"{name}.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def small(tmp_path_factory) -> Forecast:
    """The small scenario without any newcomer."""
    return fc.run(scenario_toml(tmp_path_factory.mktemp("small")), draws=400)


# --- growth member


@pytest.fixture
def easing(newcomer, enter) -> Member:
    enter(MEMBERS, newcomer("forecast.consumption.members.easing").Easing)
    return member("easing")


def test_a_member_grows_alike_in_numpy_and_in_pytensor(easing, data):
    import pytensor
    import pytensor.tensor as pt

    start, end = np.array([-5.0, 0.0, 2.5, 70.0]), np.array([-4.5, 0.5, 3.0, 76.0])
    found = easing.expected_growth(start, end, {"slope": 0.6, "ease": 8.0}, np)
    for begin, stop, growth in zip(start, end, found, strict=True):
        at = np.linspace(begin, stop, 2001)
        assert growth == pytest.approx(np.trapezoid(0.6 / (1 + (at + 6) / 8.0), at), rel=1e-6)
    slope, ease = pt.dscalars("slope", "ease")
    graph = easing.expected_growth(start, end, {"slope": slope, "ease": ease}, pt)
    compiled = pytensor.function([slope, ease], graph, mode=pytensor.compile.mode.Mode("py", None))
    assert compiled(0.6, 8.0) == pytest.approx(found)
    model = easing.model(data)
    named = {variable.name for variable in model.free_RVs}
    assert named == {"level", "jump", "spread", "shape_excess", "slope", "ease", "increment_place__"}


def test_a_member_has_what_the_tests_over_the_registry_ask_for(easing, data):
    priors = dict(easing.priors())
    assert set(easing.tail_parameters) <= set(priors)
    assert all(prior.unit and len(prior.source) > 10 for prior in priors.values())
    assert all((np.diff(prior.quantile(np.array([0.1, 0.5, 0.9]))) > 0).all() for prior in priors.values())
    drawn = prior_predictive_frontier(easing, data, seed=3, draws=500)
    assert (np.diff(drawn.frontier, axis=1) >= 0).all()
    again = pickle.loads(pickle.dumps(FitRequest(easing, data)))
    assert again.key() == FitRequest(easing, data).key(), "a fit can be made in another process"
    with pytest.raises(UnknownNameError, match="did you mean 'easing'"):
        member("easingg")


def test_a_member_enters_the_mixture_when_a_scenario_names_it(easing, data, tmp_path, small):
    del easing
    text = SCENARIO.replace('"windowed_exponential"]', '"windowed_exponential", "easing"]')
    made = fc.run(scenario_toml(tmp_path, text), draws=600)
    shown = {one["name"]: one for one in made.document["consumption"]["members"]}
    assert {name: round(one["weight"], 3) for name, one in shown.items()} == dict.fromkeys(
        ("damped", "windowed_exponential", "easing"), 0.333
    )
    own = stand_in(FitRequest(member("easing"), data)).project(np.array([2030.0])).values
    assert made.document["sentence"] is not None
    # Above the fit's by the undisclosed shift, which only goes up.
    assert 1 <= shown["easing"]["frontier_2030"]["median"] / np.median(10**own) < 2
    last = made.exhaustion_year[400:]
    assert shown["easing"]["exhaustion_year"]["probability_by"]["2035"] == pytest.approx(np.mean(last < 2036))
    assert not np.array_equal(made.exhaustion_year[:400], small.exhaustion_year)
    page = report.render(made, ONE)
    assert "Easing growth" in page


def test_weights_are_the_shares_of_the_draws(tmp_path, small):
    source = 'source = "judgement: an example for this test"\n'
    weights = f"[consumption.weights]\ndamped = 3\nwindowed_exponential = 1\n{source}"
    made = fc.run(scenario_toml(tmp_path, SCENARIO + weights), draws=240)
    names, many = np.unique(made.consumption["member"].values.astype(str), return_counts=True)
    assert dict(zip(names.tolist(), many.tolist(), strict=True)) == {"damped": 180, "windowed_exponential": 60}
    assert [one["weight"] for one in made.document["consumption"]["members"]] == [0.75, 0.25]
    pages = report.render_pages(made, ONE)
    assert "weighted as the scenario says" in pages["appendix.html"]
    assert "weighted equally" in report.render_pages(small, ONE)["appendix.html"]
    assert '<section id="explorer"' not in pages["report.html"], "it begins with equal weights"
    assert fc.verify(made.save(tmp_path / "out")).holds


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_member_can_be_fitted(easing, data):
    from sampling import SHORT

    fit = fit_member(FitRequest(easing, data, sampling=SHORT))
    assert np.isfinite(fit.project(np.array([2026.0, 2040.0])).values).all()
    assert {"slope", "ease"} <= set(fit.draws)


def test_a_notebook_registers_its_own_member_and_estimator(enter, tmp_path):
    """As the paragraph "In a notebook, without a file" of CONTRIBUTING has it, with the names that ``fc`` gives."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    cell = text[text.index("**In a notebook") :].split("```")[1].removeprefix("python\n")
    for registry in (MEMBERS, ESTIMATORS):
        enter(registry, next(iter(registry.values())))
    exec(compile(cell, "cell", "exec"), found := {"__name__": "__main__"})
    first = found["Straight"]()
    exec(
        compile(cell.replace("(end - start)", "(end - start) / 2"), "cell", "exec"), found
    )  # it is changed and run again
    assert first.structure() != found["Straight"]().structure(), "the compiled model of the first is not taken for it"
    assert found["Straight"].name in MEMBERS
    assert found["Shelves"].name in ESTIMATORS
    made = fc.run(found["scenario"], draws=200)
    assert [one["name"] for one in made.document["consumption"]["members"]] == ["straight"]
    assert [one["name"] for one in made.document["stock"]["estimators"]] == ["shelves"]
    own = scenario_toml(tmp_path, SCENARIO.replace("indexed_web", "shelves").replace("damped", "straight"))
    assert fc.scenario.load(own).members[0] == "straight"


# --- stock estimator


@pytest.fixture
def library(newcomer, enter):
    return enter(ESTIMATORS, newcomer("forecast.production.estimators.library").Library)


def test_an_estimator_is_the_stock_of_a_scenario_that_names_it(library, tmp_path):
    fitted = production.fit("library", draws=20_000)
    raw = fitted.project(np.array([2024.0, 2034.0])).values
    assert np.median(raw[:, 0]) == pytest.approx(np.log10(2e9 * 2e5), abs=0.01)
    assert raw[:, 1] - raw[:, 0] == pytest.approx(10 * np.log10(fitted.draws["growth"]))
    assert np.isfinite(fitted.project_flow(np.array([2030.5])).values).mean() > 0.97
    made = fc.run(scenario_toml(tmp_path, SCENARIO.replace("indexed_web", "library")), draws=400)
    (shown,) = made.document["stock"]["estimators"]
    assert (shown["name"], shown["title"], shown["source"]) == ("library", library.title, library.sources[0])
    assert made.document["stock"]["raw"]["2024"]["median"] == pytest.approx(4e14, rel=0.15)
    assert "Text in libraries" in report.render_pages(made, ONE)["appendix.html"]


def test_an_estimator_enters_the_synthesis_by_its_line_and_can_be_left_out(library, tmp_path, monkeypatch, capsys):
    text = SCENARIO.replace("indexed_web", "synthesis")
    without = fc.run(scenario_toml(tmp_path, text), draws=400)
    synthesis.measurements.cache_clear()
    monkeypatch.setattr(synthesis, "ENTRANTS", (*synthesis.ENTRANTS, library))
    try:
        given = fc.run(scenario_toml(tmp_path, text), draws=400)
        shown = {one["name"]: one for one in given.document["stock"]["estimators"]}
        assert shown["library"]["lineage"] == "library"
        assert 0 <= shown["library"]["conflict_p"] <= 1
        raw, before = (run.document["stock"]["raw"]["2024"]["median"] for run in (given, without))
        assert raw != before
        out = tmp_path / "out"
        words = ["run", str(scenario_toml(tmp_path, text)), "--draws", "400", "--quiet", "--out", str(out)]
        assert main([*words, "--leave-out", "library"]) == 0
        capsys.readouterr()
        left = json.loads((out / "forecast.json").read_text(encoding="utf-8"))
        assert left["provenance"]["scenario"]["leave_out"] == ["library"]
        assert left["stock"]["raw"]["2024"]["median"] == pytest.approx(before)
    finally:
        synthesis.measurements.cache_clear()


# --- levers

RESTING = """
[levers.{name}]
factor = 1.0
start = 2027.5
ramp_years = 2.0
source = "judgement: nothing is known of it; an example for this test"
"""


@pytest.mark.parametrize(
    ("name", "title", "side"),
    [
        ("digitised", "archives that are scanned", "stock"),
        ("hoarding", "text that is read before it is needed", "consumption"),
    ],
)
def test_a_lever_moves_its_side_as_its_formula_says(name, title, side, newcomer, enter, shipped, tmp_path, small):
    enter(LEVERS, getattr(newcomer(f"forecast.scenarios.levers.{name}"), name.title())())
    baseline = shipped / "baseline.toml"
    baseline.write_text(baseline.read_text(encoding="utf-8") + RESTING.format(name=name), encoding="utf-8")
    assert name in scenario.load("baseline").idle
    rest = fc.run(scenario_toml(tmp_path), draws=400)
    assert np.array_equal(rest.exhaustion_year, small.exhaustion_year), "at rest it changes nothing"
    assert title in rest.document["levers_idle"]
    text = SCENARIO + f'[levers.{name}]\nfactor = 4.0\nsource = "judgement: an example for this test"\n'
    assert main(["scenario", "check", str(scenario_toml(tmp_path, text))]) == 0
    made = fc.run(scenario_toml(tmp_path, text), draws=400)
    moved, still = (made.stock, made.consumption) if side == "stock" else (made.consumption, made.stock)
    before, same = (small.stock, small.consumption) if side == "stock" else (small.consumption, small.stock)
    years = moved["year"].values
    assert np.array_equal(still.values, same.values)
    assert moved.values - before.values == pytest.approx(
        np.broadcast_to(np.log10(4.0) * np.clip((years - 2027.5) / 2.0, 0, 1), moved.shape), abs=1e-9
    )
    late = np.isfinite(small.exhaustion_year) & (small.exhaustion_year > 2027.5)
    change = made.exhaustion_year[late] - small.exhaustion_year[late]
    assert ((change > 0) if side == "stock" else (change < 0)).mean() > 0.9
    layers = made.document["stock"]["layers"] if side == "stock" else made.document["consumption"]["levers"]
    assert layers[-1]["title"] == title
    pages = report.render_pages(made, ONE)
    assert title in pages["appendix.html"]
    assert '<section id="explorer"' in pages["report.html"], (
        "the page can still be moved: its futures are those of the run"
    )


def test_a_lever_says_itself_what_it_does_and_what_it_counts_as():
    """No other room keeps a list of levers that multiply, add, or count passes."""
    stock = [lever for lever in LEVERS.values() if lever.side == "stock"]
    assert all(lever.side == "stock" for lever in LEVERS.values() if lever.counts_as)
    assert all(lever.effect == "adds" for lever in stock if lever.counts_as == "addition")
    adding = [lever.effect == "adds" for lever in stock]
    assert adding == sorted(adding), "those that add come last, as the explorer takes them"


def test_a_lever_that_says_another_effect_than_it_has_is_refused():
    def apply(self, path, draws, years):
        return np.minimum(path, 1.0)

    with pytest.raises(InputError, match="set effect"):
        type("Ceiling", (Lever,), {"apply": apply})
    with pytest.raises(InputError, match="set effect"):
        type("Adding", (Lever,), {"effect": "adds"})
    assert type("Ceiling", (Lever,), {"apply": apply, "effect": "caps"}).counts_as == ""


def test_an_addition_without_a_ramp_is_refused():
    """The explorer adds an amount along the ramp: without one it could not."""
    body = {"apply": lambda self, path, draws, years: path, "effect": "adds", "counts_as": "addition"}
    with pytest.raises(InputError, match="without ramp_years and start"):
        type("Adding", (Lever,), {**body, "settings": {}})
    with pytest.raises(InputError, match=r"without ramp_years\b"):
        type("Adding", (Lever,), {**body, "settings": {"start": LEVERS["private"].settings["start"]}})


def test_a_pass_of_a_newcomer_is_absent_where_every_text_counts_once(newcomer, enter):
    """A lever that counts as a pass needs no other line to be left out of the unique stock and of production."""
    lever = type(newcomer("forecast.scenarios.levers.digitised").Digitised())
    reread = type("Reread", (lever,), {"name": "reread", "counts_as": "pass"})()
    enter(LEVERS, reread)
    assert counted_as("pass") == ("repetition", "reread")
    years = np.array([2026.0, 2026.5, 2027.0, 2027.5])
    raw = make_trajectory(
        np.broadcast_to(14.0 + 0.1 * np.arange(4), (3, 4)), years,
        resource_name="public_text", role="stock", source="example",
    )  # fmt: skip
    said = {
        key: LogNormal(value, 0.0, 0.0) for key, value in {"factor": 4.0, "start": 2026.0, "ramp_years": 0.0}.items()
    }
    world = scenario.load("baseline").with_levers({"reread": LeverValue(said, dict.fromkeys(said, "example"))})
    seen, layers = apply_levers(raw, world)
    assert seen.values[:, -1] == pytest.approx(raw.values[:, -1] + np.log10(4.0))
    assert np.array_equal(
        definitions.produced_in_a_year(None, raw, layers), definitions.produced_in_a_year(None, raw, [])
    )


# --- figure and section


def test_a_figure_stands_in_the_report_with_its_words_and_its_data(newcomer, enter, monkeypatch, tmp_path, small):
    room = newcomer("forecast.plots.never")
    enter(FIGURES, Figure("Never", room.never, room.never_text, room.never_table), "never")
    for name in set(FIGURES) - {"never"}:
        # What the others draw is none of this test's matter.
        monkeypatch.setitem(
            FIGURES._entries,
            name,
            dataclasses.replace(FIGURES[name], draw=room.never, text=room.never_text, table=room.never_table),
        )
    monkeypatch.setattr("forecast.report.brief.write_brief", lambda *_, **__: None)
    folder = report.write_report(small, tmp_path / "out")
    page = (folder / "appendix.html").read_text(encoding="utf-8")
    shares = small.document["exhaustion_year"]["never"]
    assert "Further figures" in page
    further = page[page.index('<section id="further_figures"') :]
    assert f'<desc id="never-text">{room.never_text(small)}</desc>' in further
    assert f"<figcaption>{room.never_text(small)}</figcaption>" in further
    assert all(f">{reason}</t" in further for reason in shares)
    with (folder / "figures" / "never.csv").open(encoding="utf-8", newline="") as handle:
        rows = {row["reason"]: float(row["share"]) for row in csv.DictReader(handle)}
    assert rows == pytest.approx(shares)
    assert (folder / "figures" / "never.svg").read_text(encoding="utf-8").startswith("<svg")
    own = plots.FIGURES["never"].draw(small).get_figure().add_subplot()
    assert FIGURES["never"].draw(small, ax=own) is own


def test_a_section_is_one_partial_and_one_line(monkeypatch, tmp_path, small):
    folder = tmp_path / "templates"
    shutil.copytree(report._TEMPLATES, folder)
    shutil.copy(NEWCOMERS / "section_thanks.html.j2", folder / "sections" / "thanks.html.j2")
    thanks = Section("thanks", "Thanks", facts=lambda one: {"draws": len(one.exhaustion_year)})
    sections = list(SECTIONS.values())
    more = Registry("section", (*sections[:2], thanks, *sections[2:]))
    monkeypatch.setattr(report, "_TEMPLATES", folder)
    monkeypatch.setattr(report, "SECTIONS", more)
    monkeypatch.setattr("forecast.report.sections.SECTIONS", more)
    page = report.render(small, ONE)
    assert "<p>Draws: 400.</p>" in page
    page = page[page.index("<nav") :]
    assert page.index('href="#answer"') < page.index('href="#thanks"') < page.index('href="#definitions"')


# --- scenario


def test_a_scenario_is_found_by_its_name(shipped, capsys):
    shutil.copy(NEWCOMERS / "scenario_half_of_it.toml", shipped / "half_of_it.toml")
    assert main(["scenario", "list"]) == 0
    listed = capsys.readouterr().out
    assert "half_of_it" in listed
    assert main(["scenario", "show", "half_of_it"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["title"] == "Half of it"
    assert shown["world"].startswith("Only half of the web is worth it.")
    assert shown["levers"]["quality"]["usable_share"] == 0.5
    assert shown["levers"]["repetition"] == scenario.load("epoch2024").to_dict()["levers"]["repetition"]
    assert main(["scenario", "show", "half_of_id"]) == 2
    assert "did you mean 'half_of_it'" in capsys.readouterr().err


# --- data table


def test_a_table_is_listed_loaded_and_checked_by_its_entry(tmp_path, monkeypatch, capsys):
    folder = tmp_path / "data"
    shutil.copytree(catalog.data_directory(), folder, ignore=shutil.ignore_patterns("results"))
    shutil.copy(NEWCOMERS / "table_tides.csv", folder / "tides.csv")
    package = catalog.read_package(folder)
    package["resources"].append(json.loads((NEWCOMERS / "table_tides.json").read_text(encoding="utf-8")))
    (folder / catalog.PACKAGE_FILE).write_text(json.dumps(package), encoding="utf-8")
    assert readme.refresh(folder) == ["tides"]
    assert "## tides" in (folder / readme.README_FILE).read_text(encoding="utf-8")
    # The package looks for its tables beside itself.
    monkeypatch.setattr(catalog, "__file__", str(tmp_path / "forecast" / "ingest" / "catalog.py"))
    catalog._tables.cache_clear()
    try:
        assert main(["data", "list"]) == 0
        assert "tides" in capsys.readouterr().out
        assert main(["data", "cite", "tides"]) == 0
        assert "Nobody, tides, CC0 1.0." in capsys.readouterr().out
        assert main(["data", "check"]) == 0
        assert f"{len(package['resources'])} of {len(package['resources'])} tables hold" in capsys.readouterr().out
        frame = fc.load_table("tides")
        assert frame["height_metres"].tolist() == [7.5, 0.6]
        assert frame.attrs["source"]["licence"] == "CC0 1.0"
        (folder / "tides.csv").write_text("port,height_metres\nBrest,75\n", encoding="utf-8", newline="\n")
        assert main(["data", "check"]) == 1
        assert "tides, column height_metres, line 2" in capsys.readouterr().out
    finally:
        catalog._tables.cache_clear()


# --- collapse regime


def test_a_regime_runs_in_the_laboratory(newcomer, enter, capsys):
    enter(REGIMES, newcomer("forecast.collapse.regimes.relay").Relay, "relay")
    assert regime_names().endswith(", relay:SHARE"), "the help names it"
    small = ["--samples", "20", "--generations", "6", "--replicates", "4000", "--json"]
    assert main(["collapse", "gaussian", "--regime", "relay:1", "--regime", "relay:0", *small]) == 0
    chains = {chain["regime"]: chain for chain in json.loads(capsys.readouterr().out)["chains"]}
    assert chains["relay:1"]["title"].startswith("relay with 100 % new")
    ends = {name: chain["simulation"]["mean_variance"][-1] for name, chain in chains.items()}
    # A maximum-likelihood variance falls by (n - 1)/n: once on human data alone, at every fit on the last model's.
    assert ends["relay:1"] == pytest.approx(0.95, abs=0.025)
    assert ends["relay:0"] == pytest.approx(0.95**6, abs=0.04)
    assert main(["collapse", "gaussian", "--regime", "relay:2", *small]) == 2
    assert "share of new human data" in capsys.readouterr().err


# --- published analysis


def test_an_analysis_is_run_again_by_its_name(newcomer, enter, capsys):
    newcomer("forecast.replicate.thumb")
    enter(ANALYSES, "forecast.replicate.thumb", "thumb")
    assert main(["replicate", "thumb", "--draws", "20000", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["analysis"] == "thumb"
    median = 2024 + np.log10(np.sqrt(1e14 * 1e15 / (1e13 * 2e13))) / 0.38
    assert document["figures"][0]["quantiles"]["0.5"] == pytest.approx(median, abs=0.03)
    assert main(["replicate", "thumb", "--draws", "2000", "--quiet"]) == 0
    assert "A rule of thumb" in capsys.readouterr().out
    assert main(["replicate", "thumbs"]) == 2
    assert "did you mean 'thumb'" in capsys.readouterr().err


# --- the table in CONTRIBUTING


def promises() -> list[tuple[str, str, str, str]]:
    """Return the rows of the table "What to write": what is new, its file, its line, what it needs besides."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    table = text[text.index("| new | the one file |") :]
    rows = table[: table.index("\n\n")].splitlines()[2:]
    return [tuple(cell.strip() for cell in row.strip("|").split("|")) for row in rows]


def test_the_table_has_a_row_for_every_kind_of_newcomer():
    assert [new for new, *_ in promises()] == [
        "growth member", "stock estimator", "lever", "law of repetition", "figure of the report", "section of the report", "scenario",
        "definition of exhaustion", "variant", "table over a prior", "fact that somebody could state", "evaluation", "question of a round", "data table", "collapse regime",
        "published analysis",
    ]  # fmt: skip


@pytest.mark.parametrize(("new", "file", "line", "besides"), promises())
def test_what_the_table_names_exists(new, file, line, besides):
    named = re.findall(r"`([^`]+)`", f"{file} {line} {besides}")
    for name in (name for name in named if "/" in name):
        place = ROOT / name
        if "<name>" in name:
            assert place.parent.is_dir(), (new, name)
            assert any(place.parent.glob(place.name.replace("<name>", "*"))), (new, name)
        else:
            assert place.is_file(), (new, name)
    rooms = [ROOT / name for name in named if "/" in name and name.endswith(".py") and "<name>" not in name]
    registries = [name for name in re.findall(r"`([^`]+)`", f"{line} {besides}") if "/" not in name]
    for name in registries:
        known = [
            place
            for place in rooms
            if re.search(
                rf"^{name.split('.')[0]}\b|^class {name.split('.')[0]}\b", place.read_text("utf-8"), re.MULTILINE
            )
        ]
        assert known, f"{name} stands in none of {rooms}"
