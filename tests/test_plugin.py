"""Parts of one's own: brought by an installed package, by a module, by a cell; known to every process, or named."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import textwrap
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from executor_tasks import title_of
from sampling import SHORT, environment
from test_extending import ONE, SCENARIO, scenario_toml, stand_in

import forecast as fc
from forecast import report
from forecast.cli.main import main
from forecast.collapse.regimes import REGIMES
from forecast.consumption.fitting import FitRequest, fit_member
from forecast.consumption.members import MEMBERS
from forecast.consumption.own_member import check_member, check_start
from forecast.consumption.particles import particle_fits
from forecast.core import registry as registries
from forecast.core.parts import FAMILIES, registry_of
from forecast.core.priors import Prior
from forecast.core.registry import Registry
from forecast.core.resources import RESOURCES
from forecast.errors import InputError, ModelError, UnknownNameError
from forecast.fits.executor import run_tasks
from forecast.fits.particles.sweep import Care
from forecast.fits.sampling import Sampling
from forecast.fits.worker import exists_elsewhere
from forecast.ingest.histories import HISTORIES, load_histories
from forecast.plots import FIGURES, Figure
from forecast.production import ESTIMATORS
from forecast.runs import pipeline
from forecast.runs.inputs import read_inputs
from forecast.scenarios.levers import LEVERS

PLUGIN = Path(__file__).with_name("plugin")

OWN = """\
title = "With parts of a package"
description = "A member and a lever that an installed package brings."
[stock]
estimator = "indexed_web"
[consumption]
members = ["damped", "constant"]
[levers.libraries]
factor = 4.0
start = 2027.5
ramp_years = 2.0
source = "judgement: an example for this test"
"""

WHEEL = "import sys; from setuptools.build_meta import build_wheel; print(build_wheel(sys.argv[1]))"


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    """The folder in which the template is installed: built by its own backend, and unpacked as an installer does."""
    place = tmp_path_factory.mktemp("plugin")
    source = place / "source"
    source.mkdir()
    for path in PLUGIN.iterdir():
        if path.is_file():
            (source / path.name).write_bytes(path.read_bytes())
    built = subprocess.run(
        [sys.executable, "-c", WHEEL, str(place)], cwd=source, capture_output=True, text=True, timeout=120, check=False
    )
    assert built.returncode == 0, built.stderr
    with zipfile.ZipFile(next(place.glob("*.whl"))) as wheel:
        wheel.extractall(place / "site")
    return place / "site"


@pytest.fixture
def fresh(monkeypatch) -> Iterator[None]:
    """Let every registry be as in a new process, and afterwards as it was."""
    for kind in FAMILIES:
        family = registry_of(kind)
        monkeypatch.setattr(family, "_entries", dict(family._entries))
        monkeypatch.setattr(family, "_looked", False)
        monkeypatch.setattr(family, "_brought", {})
        monkeypatch.setattr(family, "broken", {})
    for name in ("_FROM_NOTEBOOK", "_FROM_MODULES", "_BROUGHT_MODULES"):
        monkeypatch.setattr(registries, name, set())
    for path in PLUGIN.glob("*.py"):  # collecting doctests imports them from here
        monkeypatch.delitem(sys.modules, path.stem, raising=False)
    yield
    for path in PLUGIN.glob("*.py"):
        sys.modules.pop(path.stem, None)


@pytest.fixture
def installed(fresh, site, monkeypatch) -> Path:
    del fresh
    monkeypatch.syspath_prepend(str(site))
    return site


@pytest.fixture
def no_sampling(monkeypatch):
    monkeypatch.setattr(pipeline, "fit_members", lambda requests, *_: [stand_in(one) for one in requests])


@pytest.fixture(scope="module")
def data():
    return read_inputs(RESOURCES["public_text"]).data


# --- a package


def test_what_an_installed_package_brings_is_known_by_name_and_listed(installed):
    assert MEMBERS["constant"].title == "Constant growth"
    assert "libraries" in LEVERS
    assert list(FIGURES)[-1] == "growth_now"
    origin = MEMBERS.origin("constant")
    assert (origin.package, origin.version, origin.module) == ("depletion-example", "1.0", "depletion_example")
    assert origin.words() == "the package depletion-example 1.0"
    assert MEMBERS.origin("damped") is None
    assert "constant" not in MEMBERS.shipped
    with pytest.raises(UnknownNameError, match="did you mean 'constant'"):
        MEMBERS["constnat"]


def test_nothing_is_looked_up_for_what_is_shipped(installed):
    """Help, import, the baseline and its levers ask no other package anything."""
    program = """\
        import contextlib, io, sys
        import forecast as fc
        from forecast.cli.main import main
        with contextlib.redirect_stdout(io.StringIO()):
            for words in (["--help"], ["collapse", "gaussian", "--help"], ["scenario", "list"], ["data", "list"]):
                main(words)
        fc.scenario.load("baseline").replace(repetition=(2, 5)).to_dict()
        from forecast.consumption.members import MEMBERS
        assert MEMBERS["damped"] and "damped" in MEMBERS
        assert "depletion_example" not in sys.modules
        assert "constant" in MEMBERS
        assert "depletion_example" in sys.modules
    """
    path = os.pathsep.join([str(installed), environment()["PYTHONPATH"]])
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        env={**environment(), "PYTHONPATH": path}, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_a_package_that_does_not_load_is_told_and_harms_nothing(fresh, tmp_path, monkeypatch):
    folder = tmp_path / "broken_tides-0.3.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: broken-tides\nVersion: 0.3\n")
    (folder / "entry_points.txt").write_text("[data_depletion.members]\ntides = broken_tides:Tides\n")
    (tmp_path / "broken_tides.py").write_text("import no_such_module\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.warns(
        UserWarning, match=r"left out the member 'tides' of the package broken-tides 0\.3.*no_such_module"
    ):
        assert "tides" not in list(MEMBERS)
    with pytest.raises(UnknownNameError, match=r"the package broken-tides 0\.3, which cannot be loaded.*update it"):
        MEMBERS["tides"]


def test_a_run_records_the_package_and_verify_names_it_where_it_is_missing(
    installed, no_sampling, tmp_path, monkeypatch, capsys
):
    path = scenario_toml(tmp_path, OWN)
    assert main(["scenario", "check", str(path)]) == 0
    out = tmp_path / "out"
    assert main(["run", str(path), "--draws", "400", "--quiet", "--out", str(out)]) == 0
    made = fc.load(out)
    kept = made.document["provenance"]
    told = {"package": "depletion-example", "version": "1.0", "module": "depletion_example"}
    assert kept["parts"] == [
        {"kind": "member", "name": "constant", **told},
        {"kind": "lever", "name": "libraries", **told},
    ]
    assert kept["packages"]["depletion-example"] == "1.0"
    assert fc.verify(out).holds
    assert "books that libraries scan" in report.render_pages(made, ONE)["appendix.html"]
    # Now as where it is not installed.
    monkeypatch.setattr(sys, "path", [place for place in sys.path if place != str(installed)])
    for kind in FAMILIES:
        family = registry_of(kind)
        monkeypatch.setattr(family, "_entries", dict(family.shipped))
        monkeypatch.setattr(family, "_brought", {})
    capsys.readouterr()
    assert main(["verify", str(out)]) == 1
    said = capsys.readouterr().out
    assert "the member 'constant' is of the package depletion-example 1.0, which is not installed here" in said
    assert "depletion-example 1.0 (here absent)" in said
    assert main(["report", str(out), "--out", str(tmp_path / "page")]) == 2
    assert not (tmp_path / "page").exists()
    assert "install depletion-example" in capsys.readouterr().err.splitlines()[-1]
    assert fc.load(out).document["scenario"] == "small", "its numbers can be read all the same"
    assert main(["scenario", "check", str(path)]) == 2
    assert "got the lever 'libraries'" in capsys.readouterr().err


def test_the_study_of_the_template_runs_from_a_table_to_files(installed, no_sampling, tmp_path, monkeypatch, capsys):
    """All that a package of one's own does: table, prior, growth model, condition, comparison, files."""
    import depletion_study

    table = tmp_path / "models.csv"
    rows = [f"Model {year},{year}-03-01,{10 ** (10 + 0.4 * (year - 2018)):g}" for year in range(2018, 2027)]
    table.write_text("\n".join(["model,publication_date,tokens", *rows]) + "\n", encoding="utf-8")
    monkeypatch.setattr(sys, "argv", ["depletion-study", str(table), str(tmp_path / "study")])
    depletion_study.main()
    said = capsys.readouterr().out
    assert "given libraries.factor at least 1.2 (ratio) and growth as in constant" in said
    assert {path.name for path in (tmp_path / "study").iterdir()} >= {"run", "futures.csv", "questions.json"}
    made = fc.load(tmp_path / "study" / "run")
    assert set(made.to_dataframe()["member"]) == {"damped", "constant"}
    assert {one["name"] for one in made.provenance["parts"]} == {"constant", "libraries"}
    assert made.document["consumption"]["record"]["rows"][-1]["model"] == "Model 2026"
    sys.modules.pop("depletion_study")


def test_the_page_on_packages_shows_the_files_of_the_template():
    page = (PLUGIN.parents[1] / "notebooks" / "site" / "own_package.md").read_text(encoding="utf-8")
    shown = re.findall(r"^```\{literalinclude\} \.\./\.\./tests/plugin/(\S+)$", page, re.M)
    assert sorted(shown) == sorted(p.name for p in PLUGIN.iterdir() if p.suffix in (".py", ".toml"))


def test_a_run_on_shipped_parts_records_none(no_sampling, tmp_path):
    made = fc.run(scenario_toml(tmp_path, SCENARIO), draws=400)
    assert "parts" not in made.document["provenance"]


def test_an_installed_lever_that_no_scenario_names_changes_no_document(installed, no_sampling, tmp_path):
    made = fc.run(scenario_toml(tmp_path, SCENARIO), draws=400)
    assert "books that libraries scan" not in made.document["levers_idle"]


def test_settings_without_a_neutral_value_are_asked_for(installed, tmp_path, capsys):
    path = scenario_toml(tmp_path, OWN.replace("start = 2027.5\n", ""))
    assert main(["scenario", "check", str(path)]) == 2
    assert "the lever libraries without start" in capsys.readouterr().err
    with pytest.raises(InputError, match="without start and ramp_years"):
        fc.scenario.load("baseline").replace(libraries=4.0)
    moved = fc.scenario.load("baseline").replace(libraries={"factor": (1, 4), "start": 2028.0, "ramp_years": 1.0})
    assert moved.levers["libraries"].quantities["factor"].quantile(0.975) == pytest.approx(4)


# --- workers


def test_workers_know_what_a_package_brings(installed):
    found = dict(result for _, result in run_tasks(title_of, ["constant"] * 2, jobs=2))
    assert set(found.values()) == {"Constant growth"}
    assert os.getpid() not in found


def test_workers_know_what_a_module_registers(fresh, tmp_path, monkeypatch):
    text = (
        (PLUGIN / "depletion_example.py").read_text(encoding="utf-8").replace("@dataclass", "@fc.register\n@dataclass")
    )
    (tmp_path / "beside.py").write_text(text.replace('"constant"', '"beside"'), encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    import beside  # noqa: F401

    assert registries.registering_modules() == ("beside",)
    found = dict(result for _, result in run_tasks(title_of, ["beside"] * 2, jobs=2))
    assert os.getpid() not in found
    assert MEMBERS.origin("beside").words() == "the module beside"


def test_what_a_cell_registers_is_done_where_it_is_known(fresh):
    cell("slope: fc.Prior = fc.Prior.lognormal(0.35, 0.75, 'log10 per year', 'judgement: an example')")
    assert not exists_elsewhere(title_of, "mine")
    assert exists_elsewhere(title_of, "damped")
    assert {process for _, (process, _) in run_tasks(title_of, ["mine"] * 2, jobs=2)} == {os.getpid()}
    assert MEMBERS.origin("mine").words() == "a notebook or script"


# --- one idiom for all families


def test_every_family_takes_a_newcomer_by_the_same_call(fresh, tmp_path):
    @dataclass(frozen=True)
    class Shelves(fc.Estimator):
        name = lineage = "shelves"
        title, resource_name, formula, sources = "Text on shelves", "public_text", "n", ("judgement",)

        def log10_stock(self, draws, years):
            return np.zeros((1, len(years)))

    class Half(fc.Lever):
        name, title, side, main_setting = "half", "half of it", "stock", "share"
        settings = {"share": fc.LeverParameter("share", 0.0, 1.0, "What is left", neutral=1.0)}

    class Relay:
        @property
        def name(self):
            return "relay:1"

        def mix(self, generation, samples, rng):
            return None

    assert fc.register(Shelves) is Shelves
    assert ESTIMATORS["shelves"] is Shelves
    assert fc.register(Half) is Half
    assert isinstance(LEVERS["half"], Half)
    fc.register(Relay)
    assert REGIMES["relay"] is Relay
    figure = Figure("Tides", len, str, repr)
    fc.register(figure, "tides")
    assert FIGURES["tides"] is figure
    with pytest.raises(InputError, match="without a name"):
        fc.register(figure)
    table = tmp_path / "rivers.csv"
    table.write_text("series,kind,date,value\nRhine,record,2000-01-01,3\nRhine,record,2001-01-01,4\n", encoding="utf-8")
    fc.register(table, "rivers", kind="histories")
    fc.register(load_histories(table)[0])
    assert [history.series for history in load_histories("rivers")] == ["Rhine"]
    assert load_histories("Rhine")[0].value.tolist() == [3, 4]
    assert set(HISTORIES) >= {"rivers", "Rhine"}

    @fc.register(name="quarter")
    class Quarter(Half):
        pass

    assert isinstance(LEVERS["quarter"], Quarter)
    with pytest.raises(InputError, match="expected a Member, Lever"):
        fc.register(3)
    with pytest.raises(UnknownNameError, match=r"kind of part 'member'.*did you mean 'members'"):
        fc.register(3, kind="member")
    with pytest.raises(InputError, match="derives from Member"):
        fc.register(Half, kind="members")
    with pytest.raises(InputError, match="register Shelves itself"):
        fc.register(Shelves())


def test_the_families_are_those_of_the_entry_points():
    assert {registry_of(kind).group for kind in FAMILIES} == set(FAMILIES)
    assert all(isinstance(registry_of(kind), Registry) for kind in FAMILIES)


# --- a member of a cell, and what is said where it cannot be sampled

CELL = """\
import numpy as np
import forecast as fc
from dataclasses import dataclass

@fc.register
@dataclass(frozen=True)
class Mine(fc.Member):
    name = "mine"
    title = "Mine"
    formula = r"b\\,t"
    tail_parameters = {tail}
    {prior}

    def expected_growth(self, start, end, parameters, math):
        return {growth}
"""

SLOPE = "slope: fc.Prior = fc.Prior.lognormal(0.35, 0.75, 'log10 per year', 'judgement: an example')"
NORMAL = "slope: fc.Prior = fc.Prior('normal', 0.35, 0.2, 'log10 per year', 'judgement: an example')"


def cell(prior: str = SLOPE, growth: str = "parameters['slope'] * (end - start)", tail: str = "()"):
    """Run a cell that writes a member, and return the member."""
    exec(compile(CELL.format(prior=prior, growth=growth, tail=tail), "cell", "exec"), found := {"__name__": "__main__"})
    return found["Mine"]()


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"prior": SLOPE.partition(":")[0] + " = " + SLOPE.partition("= ")[2]}, "the prior slope of Mine, which is no field"),
        ({"prior": NORMAL.replace("normal", "lognormal").replace("0.35", "-1.05")}, "the prior slope of mine .* centre -1.05"),
        ({"prior": NORMAL.replace("normal", "gamma")}, "the prior slope of mine with the family 'gamma'"),
        ({"prior": NORMAL.replace("0.2", "0.0")}, "the prior slope of mine with normal spread 0"),
        ({"prior": SLOPE.replace("slope", "size")}, "the prior size of mine, expected a name that the model has not"),
        ({"tail": "('slop',)"}, "the tail parameter 'slop' of mine"),
    ],
)  # fmt: skip
def test_a_class_that_is_no_member_is_refused_when_it_is_registered(changed, told, fresh):
    with pytest.raises(InputError, match=told):
        cell(**changed)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"growth": "parameters['slop'] * (end - start)"}, "the parameter 'slop' in expected_growth of mine"),
        ({"growth": "parameters['slope'] * (start - end)"}, "growth of mine of -.* at slope"),
        ({"growth": "math.log(parameters['slope']) * (end - start)", "prior": NORMAL}, "growth of mine of nan .* at slope = -"),
        ({"growth": "parameters['slope'] * end**1.5"}, "growth of mine of nan in 2018H1"),
        ({"growth": "parameters['slope'] * np.ones(3)"}, "expected_growth of mine, which fails"),
    ],
)  # fmt: skip
def test_growth_that_cannot_be_sampled_names_the_parameter(changed, told, fresh, data):
    member = cell(**changed)
    with pytest.raises(ModelError, match=told):
        check_member(member, data)
    with pytest.raises(ModelError, match=told):
        fit_member(FitRequest(member, data, sampling=SHORT))
    with pytest.raises(ModelError, match=told):
        particle_fits([FitRequest(member, data)], jobs=1)


def test_priors_that_reach_below_zero_a_little_are_not_refused(fresh, data):
    check_member(cell(NORMAL.replace("0.2", "0.1")), data)
    with pytest.raises(ModelError, match=r"growth of mine of -.* at slope = -.*change the prior of slope"):
        check_member(cell(NORMAL), data)
    for prior in (Prior("lognormal", 1.0, -1.0, "", ""), Prior("normal", float("nan"), 1.0, "", "")):
        assert prior.fault() is not None


def test_a_density_that_is_none_where_chains_start_is_named(fresh, data):
    member = cell(
        SLOPE + "\n    def more_density(self, at_rows, data, math): return math.log(-1.0 + 0 * at_rows[:, 0])"
    )
    check_start(cell().model(data), "mine")
    with pytest.raises(ModelError, match=r"density of the rows .* of mine"):
        check_start(member.model(data), "mine")


FIXED = {"prior": "", "growth": "0.35 * (end - start)"}
"""Constant growth at a pace that is no parameter."""


@pytest.mark.parametrize("how", [{"tail": "('slope',)"}, FIXED])
def test_constant_growth_is_fitted_by_particles(how, fresh, data):
    care = Care(particles=100, clouds=2, sweeps=(1, 1), last_sweeps=(2, 3), half_years=4)
    (fit,) = particle_fits([FitRequest(cell(**how), data)], care, jobs=1)
    growth = np.diff(fit.project(np.array([2028.0, 2038.0])).values)[:, 0] / 10
    assert 0.2 < np.median(growth) < 0.6


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("how", [{"tail": "('slope',)"}, FIXED])
def test_constant_growth_is_sampled_by_nuts(how, fresh, data):
    fit = fit_member(FitRequest(cell(**how), data, sampling=Sampling(chains=2, draws=200, tune=300)))
    growth = np.diff(fit.project(np.array([2028.0, 2038.0])).values)[:, 0] / 10
    assert 0.2 < np.median(growth) < 0.6
