"""The notebooks: whole, honest about their numbers, made of public names; and what Jupyter shows of our results."""

import ast
import importlib
import io
import json
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from make_notebooks import FOLDER, METADATA, ROOT, cleaned, executed, noise, notebooks

import forecast as fc
from forecast.cli import notebook

NAMES = (
    "01_first_forecast",
    "02_consumption_models",
    "03_stock_and_levers",
    "04_make_a_scenario",
    "05_is_it_any_good",
    "06_model_collapse",
    "07_your_own_data",
    "08_all_of_your_own",
)
LARGEST = 700_000
"""Bytes of a notebook at most."""

OWN_PLACE = re.compile(r"(?<![\w.:/<])/(?:tmp|home|root|usr|Users|var|opt|private|work)/|\b[A-Z]:\\\\|\b0x[0-9a-f]{6,}")
LEVELS = {"50", "80", "90", "95"}
"""Levels of intervals, which are settings and no results (%)."""

RESULT = re.compile(r"\b\d+\.\d+|\b(?:19|20)[2-9]\d\b|\d ?(?:million|billion|trillion|quadrillion|tokens)\b")
EARLIEST = {"2020", "2022", "2024"}

every = pytest.mark.parametrize("name", NAMES)


def read(name: str) -> dict:
    return json.loads((FOLDER / f"{name}.ipynb").read_text(encoding="utf-8"))


def source(cell: dict) -> str:
    return "".join(cell["source"])


def cells(name: str, kind: str) -> list[dict]:
    return [cell for cell in read(name)["cells"] if cell["cell_type"] == kind]


def shown(cell: dict) -> str:
    return json.dumps(
        [{key: value for key, value in o.get("data", o).items() if key != "image/png"} for o in cell["outputs"]]
    )


def code(name: str) -> ast.Module:
    return ast.parse("\n".join(source(cell) for cell in cells(name, "code")))


def kinds(cell: dict) -> list[str]:
    """What kinds of output a cell has; lines of a stream count once."""
    found = [sorted(o["data"]) if "data" in o else [o["output_type"]] for o in cell["outputs"]]
    return sorted({kind for one in found for kind in one})


def test_those_named_are_there_and_no_other():
    assert [path.stem for path in notebooks()] == list(NAMES)


@every
def test_it_says_what_it_is_how_long_it_takes_and_what_comes_next(name):
    prose = [source(cell) for cell in cells(name, "markdown")]
    number = int(name[:2])
    assert prose[0].startswith(f"# {number}. ")
    assert "**You will learn**" in prose[0]
    assert "**Takes**" in prose[0]
    assert "**Read next**" in prose[-1]


@every
def test_its_outputs_are_there_in_order_and_without_a_fault(name):
    found = cells(name, "code")
    assert [cell["execution_count"] for cell in found] == list(range(1, len(found) + 1))
    for cell in found:
        assert {o["output_type"] for o in cell["outputs"]} <= {"execute_result", "display_data", "stream"}
        assert not any(o.get("name") == "stderr" for o in cell["outputs"])
        last = ast.parse(source(cell)).body[-1]
        if isinstance(last, ast.Expr) and "os.chdir" not in source(cell):
            assert cell["outputs"], source(cell)


@every
def test_it_holds_nothing_of_the_machine_that_made_it(name):
    written = read(name)
    assert written["metadata"] == METADATA
    assert (FOLDER / f"{name}.ipynb").stat().st_size < LARGEST
    for place, cell in enumerate(written["cells"], 1):
        assert cell["metadata"] == {}
        assert cell["id"] == f"cell-{place:02}"
    for cell in cells(name, "code"):
        assert not OWN_PLACE.search(shown(cell)), OWN_PLACE.search(shown(cell))


@every
def test_its_maker_would_leave_it_as_it_is(name):
    nbformat = pytest.importorskip("nbformat", reason="notebooks need the extra 'notebook'")
    node = nbformat.read(FOLDER / f"{name}.ipynb", as_version=4)
    nbformat.validate(node)
    before = nbformat.writes(node)
    assert nbformat.writes(cleaned(node)) == before


def test_cleaning_takes_out_progress_ids_and_counts():
    v4 = pytest.importorskip("nbformat", reason="notebooks need the extra 'notebook'").v4
    tag = "3f0c5b1e-7a57-4c1e-9d5e-0123456789ab"
    outputs = [
        v4.new_output("display_data", {"text/html": "<progress>"}, metadata=notebook.PROGRESS),
        v4.new_output("execute_result", {"text/html": f"<i id={tag}></i><b for={tag}></b>"}, execution_count=9),
    ]
    cell = v4.new_code_cell("1", outputs=outputs, execution_count=9, metadata={"execution": {"started": "now"}})
    node = cleaned(
        v4.new_notebook(cells=[v4.new_markdown_cell("a"), cell], metadata={"authors": [{"name": "somebody"}]})
    )
    assert node.metadata == METADATA
    assert [one.id for one in node.cells] == ["cell-01", "cell-02"]
    assert node.cells[1].metadata == {}
    assert node.cells[1].execution_count == 1
    assert [one.data["text/html"] for one in node.cells[1].outputs] == ["<i id=part-0></i><b for=part-0></b>"]


@every
def test_its_prose_types_no_result(name):
    for cell in cells(name, "markdown"):
        text = re.sub(r"`[^`]*`|\]\([^)]*\)|CC BY 4\.0|^#+ \d\. |\[\d\. ", "", source(cell), flags=re.MULTILINE)
        assert set(re.findall(r"(\d+(?:\.\d+)?) ?%", text)) <= LEVELS, text
        assert not [found for found in RESULT.findall(text) if found not in EARLIEST], text


@every
def test_it_imports_public_names_and_every_name_exists(name):
    tree = code(name)
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.partition(".")[0] == "forecast":
            module = importlib.import_module(node.module)
            for one in (alias.name for alias in node.names):
                assert not one.startswith("_")
                found = getattr(module, one, None) or importlib.import_module(f"{node.module}.{one}")
                assert found.__doc__ or one.isupper()
            assert not any(part.startswith("_") for part in node.module.split("."))
        if isinstance(node, ast.Import):
            assert {alias.name.partition(".")[0] for alias in node.names} <= {
                *("forecast", "numpy", "os", "pandas", "preliz", "tempfile"),
            }
    chains = {chain for node in ast.walk(tree) if (chain := dotted(node)).startswith("fc.")}
    assert chains
    for chain in chains:
        here: object = fc
        for part in chain.split(".")[1:]:
            assert not part.startswith("_"), chain
            here = getattr(here, part)


def dotted(node: ast.AST) -> str:
    """Return ``a.b.c`` for a chain of attributes, else nothing."""
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *parts[::-1]]) if isinstance(node, ast.Name) and parts else ""


@every
def test_the_commands_and_pages_that_it_names_exist(name):
    from typer.main import get_command

    from forecast.cli.main import app

    prose = "\n".join(source(cell) for cell in cells(name, "markdown"))
    for command in re.findall(r"`forecast ([^`]*)`", prose):
        here = get_command(app)
        for word in command.split():
            if not hasattr(here, "commands") or word.startswith("-"):
                break
            assert word in here.commands, command
            here = here.commands[word]
        options = {option for parameter in here.params for option in parameter.opts} | {"--help"}
        assert set(re.findall(r"--[\w-]+", command)) <= options, command
    for target in re.findall(r"\]\(([^)]*)\)", prose):
        assert (FOLDER / target).is_file(), target


def test_the_makers_target_runs_it():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert "make notebooks" in makefile
    assert "tests/make_notebooks.py" in makefile


# --- how results show themselves


def made_fit(sentence: str = "prior and posterior overlap by 81%"):
    """A fit with draws made by hand."""
    import pandas as pd
    import xarray as xr

    rng = np.random.default_rng(1)
    rows = pd.DataFrame(
        {"model": list("abcd"), "year": [2023.2, 2023.7, 2024.2, 2024.7], "log10_size": [12.0, 12.5, 13, 13.2]}
    )
    data = fc.consumption.frontier_data(rows.assign(measurement_sd=0.1), 2024.9)
    draws = {"slope": rng.normal(0.3, 0.1, (2, 50)), "damping": np.full((2, 50), 0.125)}
    posterior = {"posterior": xr.Dataset({k: (("chain", "draw"), v) for k, v in draws.items()})}
    check = {"name": "damped damping", "status": "PRIOR-DRIVEN", "sentence": sentence, "advice": ""}
    found = {"verdict": "PASS", "checks": [check], "rhat_max": 1.0021, "ess_bulk_min": 1450.0, "ess_tail_min": 1478.0}
    return fc.consumption.Fit(
        fc.consumption.member("damped"), data, posterior, {**found, "divergences": 1, "transitions": 10000}, seed=1
    )


def test_a_fit_shows_verdict_formula_parameters_and_diagnostics():
    from forecast.report.cards import fit_card

    card = fit_card(made_fit())
    assert "Growth that slows, as histories do (damped): PASS" in card
    assert r"\frac{1 - e^{-rt}}{r}" in card
    assert ">0.125<" in card
    assert "0.125 to 0.125" in card
    assert "per year" in card
    assert "4 corpora" in card
    assert "R-hat 1.002 at most" in card
    assert "1 of 10000 transitions diverged" in card
    assert "PRIOR-DRIVEN" in card


def test_a_fits_words_are_escaped():
    from forecast.report.cards import fit_card

    card = fit_card(made_fit("<script>alert(1)</script>"))
    assert "<script>" not in card
    assert "&lt;script&gt;" in card


def test_the_cards_need_no_sampler():
    probe = "import sys, forecast.report.cards, forecast.cli.notebook; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", probe], check=True, capture_output=True, text=True).stdout.split()
    assert {"pymc", "arviz", "matplotlib", "IPython"}.isdisjoint(loaded)


def shell():
    """What of IPython's shell shows results."""
    formatters = pytest.importorskip("IPython.core.formatters", reason="notebooks need the extra 'notebook'")
    return SimpleNamespace(display_formatter=formatters.DisplayFormatter(), kernel=object())


def test_ipython_shows_fits_figures_and_few_words():
    running = shell()
    notebook.register(running)
    found, _ = running.display_formatter.format(made_fit())
    assert "Growth that slows, as histories do (damped): PASS" in found["text/html"]
    assert found["text/plain"] == "Growth that slows, as histories do: PASS"
    ax = fc.plots.style.new_axes(None)
    found, size = running.display_formatter.format(ax)
    assert found["image/png"].startswith(b"\x89PNG")
    assert size["image/png"]["width"] <= notebook.WIDEST
    found, _ = running.display_formatter.format(fc.scenario.load("baseline"))
    assert found["text/plain"] == "baseline: Business as usual"
    assert "levers.repetition" in found["text/html"]


def test_a_wide_figure_is_shown_no_wider_than_the_page():
    from PIL import Image

    ax = fc.plots.style.new_axes(None)
    ax.get_figure().set_size_inches(14, 4)
    data, size = notebook.axes_png(ax)
    assert size["width"] == notebook.WIDEST
    with Image.open(io.BytesIO(data)) as picture:
        assert picture.width > size["width"]
        assert picture.width / picture.height == pytest.approx(size["width"] / size["height"], rel=0.01)


def test_figures_of_pyplot_are_left_to_pyplot():
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots()
    assert notebook.axes_png(ax) is None
    plt.close(figure)


def test_a_forecast_in_words_is_short():
    from forecast.runs.forecast import Forecast

    years = np.array([2026.0, 2027.0])
    path = fc.make_trajectory(np.zeros((3, 2)), years, resource_name="public_text", role="stock", source="x")
    assert "secret" not in repr(Forecast(np.full(3, 2030.0), path, path, {"sentence": "secret" * 10_000}))


# --- progress


def long(words: list[str], *, progress=lambda _: None) -> str:
    """Something that takes long."""
    for one in words:
        progress(one)
    return "done"


def displayed(monkeypatch) -> list[dict]:
    """Make this process look like a notebook's kernel; return what it displays."""
    display = pytest.importorskip("IPython.display", reason="notebooks need the extra 'notebook'")
    outputs: list[dict] = []
    monkeypatch.setattr(notebook, "in_notebook", lambda: True)
    monkeypatch.setattr(display, "display", lambda data, **more: outputs.append({**data, **more}))
    return outputs


def test_a_notebook_sees_progress_in_one_place_and_a_line_at_the_end(monkeypatch):
    outputs = displayed(monkeypatch)
    assert notebook.telling(long)(["fitted <a>", "fitted b"]) == "done"
    assert len({one["display_id"] for one in outputs}) == 1
    assert [one["update"] for one in outputs] == [False, True, True, True]
    assert ["<progress>" in one["text/html"] for one in outputs] == [True, True, True, False]
    assert "fitted &lt;a&gt;; fitted b" in outputs[-1]["text/html"]
    assert all(one["metadata"] == notebook.PROGRESS for one in outputs)


def test_progress_ends_with_a_fault(monkeypatch):
    outputs = displayed(monkeypatch)

    def fails(*, progress):
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        notebook.telling(fails)()
    assert "<progress>" not in outputs[-1]["text/html"]


def test_a_callers_own_progress_goes_first(monkeypatch):
    outputs, said = displayed(monkeypatch), []
    notebook.telling(long)(["a"], progress=said.append)
    assert (said, outputs) == (["a"], [])


def test_elsewhere_it_is_quiet(capsys):
    assert not notebook.in_notebook()
    assert notebook.telling(long)(["a"]) == "done"
    assert capsys.readouterr() == ("", "")
    notebook.register()


# --- execution


FIRST = f"""\
import functools, sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
import forecast.consumption
from forecast.runs import pipeline
from sampling import SHORT, passing
def short(*given, real=pipeline.Options, **named):
    return real(*given, **named | {{"sampling": SHORT, "draws": 400, "jobs": 1}})
pipeline.Options = short
forecast.consumption.FitRequest = functools.partial(forecast.consumption.FitRequest, sampling=SHORT)
kept_open = passing()
kept_open.__enter__()
"""
"""Runs before a notebook's first cell: short sampling in its own process, which compiles each model once, and fits that
pass the gate all the same."""


@pytest.mark.slow
@pytest.mark.timeout(1200)
@every
def test_it_runs_from_top_to_bottom(name):
    for module in ("nbclient", "ipykernel", "nbformat"):
        pytest.importorskip(module, reason="notebooks need the extra 'notebook'")
    node = executed(FOLDER / f"{name}.ipynb", first=FIRST)
    assert noise(node) == []
    again = [cell for cell in node.cells if cell.cell_type == "code"]
    for before, after in zip(cells(name, "code"), again, strict=True):
        assert kinds(after) == kinds(before), source(before)
