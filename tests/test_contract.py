"""The contract: names, shapes and meanings that users rely on. What stands here may grow and must not change."""

from __future__ import annotations

import functools
import json
import subprocess
import sys

import numpy as np
import pytest
from sampling import SHORT, command, environment, manifest_holds, passing_run, scenario_file, short_run

import forecast
from forecast.cli.main import main
from forecast.core.resources import RESOURCES
from forecast.core.summaries import INTERVAL_LEVELS, QUANTILE_LEVELS, summarise
from forecast.core.wording import date_words, odds, odds_told, percent_words, year_phrase
from forecast.errors import InputError
from forecast.runs.document import exhaustion_block, schema, validate
from forecast.runs.headline import headline_again, range_words

LEVELS = ["0.025", "0.05", "0.1", "0.2", "0.25", "0.5", "0.75", "0.8", "0.9", "0.95", "0.975"]
INTERVALS = ["0.5", "0.8", "0.9", "0.95"]
HEAVY = {"pymc", "pytensor", "arviz", "nutpie", "matplotlib", "pandas", "pandera", "xarray", "scipy"}


@pytest.fixture(scope="module")
def document():
    return passing_run().document


def quantities(value, path=()):
    """Yield every Q of a document with its place."""
    if isinstance(value, dict):
        if "quantiles" in value:
            yield path, value
        for key, part in value.items():
            yield from quantities(part, (*path, key))
    elif isinstance(value, list):
        for key, part in enumerate(value):
            yield from quantities(part, (*path, key))


def exhaustions(document):
    """Yield every exhaustion year of a document."""
    for path, value in quantities(document):
        if path[-1] == "exhaustion_year":
            yield path, value


# --- forecast.json


def test_a_run_fits_the_shipped_schema(document):
    validate(document)
    validate(short_run().document)
    assert document["schema"] == "forecast/1"
    assert schema()["$id"] == "forecast/1"


def test_the_document_is_json_without_nan_or_infinity(document):
    text = passing_run().to_json()
    assert json.loads(text) == document
    assert "NaN" not in text
    assert "Infinity" not in text


def test_the_fields_at_the_top_stand_in_order(document):
    assert [key for key in document if key in schema()["required"]] == [
        "schema", "resource", "unit", "scenario", "as_of", "horizon", "definition", "exhaustion_year", "definitions",
        "levers_idle", "consumption",
        "stock", "utilisation", "diagnostics", "sentence", "previous", "provenance",
    ]  # fmt: skip
    assert (document["resource"], document["unit"], document["horizon"]) == ("public_text", "tokens", 2100)
    assert document["scenario"] == "short"


@pytest.mark.parametrize("place", [(), ("exhaustion_year",), ("consumption", "members", 0), ("provenance", "data", 0)])
def test_the_schema_misses_what_is_missing(place, document):
    whole = json.loads(json.dumps(document))
    part = whole
    for step in place:
        part = part[step]
    removed = next(key for key in part if key in ("definition", "probability_by", "verdict", "sha256"))
    del part[removed]
    with pytest.raises(InputError, match="schema forecast/1"):
        validate(whole)


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("schema",), "forecast/2"),
        (("as_of",), "today"),
        (("exhaustion_year", "probability_already"), 1.2),
        (("diagnostics", "verdict"), "FINE"),
        (("exhaustion_year", "median"), "never"),
        (("provenance", "data"), []),
    ],
)
def test_the_schema_refuses_what_is_wrong(place, value, document):
    whole = json.loads(json.dumps(document))
    part = whole
    for step in place[:-1]:
        part = part[step]
    part[place[-1]] = value
    with pytest.raises(InputError, match=r"schema forecast/1"):
        validate(whole)


def test_every_uncertain_quantity_has_one_shape(document):
    found = list(quantities(document))
    assert len(found) > 15
    for path, q in found:
        assert list(q["quantiles"]) == LEVELS, path
        assert list(q["intervals"]) == INTERVALS, path
        assert q["median"] == q["quantiles"]["0.5"], path
        for level, low, high in (("0.5", "0.25", "0.75"), ("0.8", "0.1", "0.9"), ("0.9", "0.05", "0.95")):
            assert q["intervals"][level] == [q["quantiles"][low], q["quantiles"][high]], path
        assert q["intervals"]["0.95"] == [q["quantiles"]["0.025"], q["quantiles"]["0.975"]], path
        values = [np.inf if v is None else v for v in q["quantiles"].values()]
        assert values == sorted(values), path


def test_quantiles_are_values_that_were_drawn():
    draws = np.array([2027.0, 2028.5, 2040.25, np.inf])
    q = summarise(draws)
    assert {v for v in q["quantiles"].values() if v is not None} <= set(draws)
    assert q["median"] == 2028.5
    assert q["intervals"]["0.8"] == [2027.0, None]
    assert (len(QUANTILE_LEVELS), len(INTERVAL_LEVELS)) == (11, 4)


def test_an_exhaustion_year_says_by_when_already_and_never(document):
    blocks = list(exhaustions(document))
    assert len(blocks) >= 3
    for _, block in blocks:
        years = list(block["probability_by"])
        assert years == [str(y) for y in range(int(document["as_of"][:4]), document["horizon"] + 1)]
        shares = list(block["probability_by"].values())
        assert shares == sorted(shares)
        assert 0 <= block["probability_already"] <= shares[0]
        for value in (*block["quantiles"].values(), block["median"]):
            assert value is None or 2000 < value <= document["horizon"] + 1
    others = [*document["consumption"]["members"], *document["definitions"]]
    for block in (document["exhaustion_year"], *(other["exhaustion_year"] for other in others)):
        assert list(block["never"]) == ["frontier_saturates", "stock_escapes", "horizon"]
        assert sum(block["never"].values()) == pytest.approx(block["probability_after_horizon"], abs=3e-6)


def test_every_definition_is_there_in_words_and_from_the_same_futures(document):
    found = {entry["name"]: entry for entry in document["definitions"]}
    assert list(found) == ["record", "single_pass", "share_10", "share_50", "used_once", "flow"]
    by = {name: entry["exhaustion_year"]["probability_by"] for name, entry in found.items()}
    main = document["exhaustion_year"]["probability_by"]
    for year, share in main.items():
        assert by["share_10"][year] >= by["share_50"][year] >= share >= by["record"][year]
        assert by["used_once"][year] >= by["single_pass"][year]
    for entry in found.values():
        assert entry["title"]
        assert entry["sentence"].endswith(".")
    for name in ("passes", "union_over_largest"):
        judged = document["consumption"][name]
        assert judged["quantiles"]["0.025"] >= 1.0
        assert judged["source"]


def test_utilisation_is_given_year_by_year(document):
    assert list(document["utilisation"]) == [str(y) for y in range(int(document["as_of"][:4]), 2051)]


def test_the_waterfall_leads_from_the_raw_to_the_effective_stock(document):
    stock = document["stock"]
    for year in ("2024", "2026", "2030"):
        assert year in stock["raw"]
        assert stock["layers"][-1]["level"][year] == stock["effective"][year]
    before = stock["raw"]
    for layer in stock["layers"]:
        up = layer["factor"]["quantiles"]["0.025"] > 1, layer["factor"]["quantiles"]["0.975"] < 1
        for year, level in layer["level"].items():
            if up[0]:
                assert level["median"] > before[year]["median"]
            if up[1]:
                assert level["median"] < before[year]["median"]
        before = layer["level"]


def test_by_a_year_means_by_its_end(document):
    run = passing_run()
    for year in (2026, 2027, 2030, 2050, 2100):
        share = float(np.mean(run.exhaustion_year < year + 1))
        assert document["exhaustion_year"]["probability_by"][str(year)] == pytest.approx(share, abs=1e-6)
        assert run.probability(by=year) == share
    assert run.probability(by=2030.5) == float(np.mean(run.exhaustion_year < 2030.5))
    assert run.probability(by=2030) == run.probability(by=2030.9999999)
    edge = exhaustion_block(np.array([2030.9999, 2031.0, np.inf]), as_of=2026.5, horizon=2100)
    assert edge["probability_by"]["2030"] == pytest.approx(1 / 3, abs=1e-6)
    assert edge["probability_by"]["2031"] == pytest.approx(2 / 3, abs=1e-6)


def test_beyond_the_horizon_is_null_and_never_a_large_number():
    block = exhaustion_block(np.full(10, np.inf), as_of=2026.5, horizon=2100)
    assert block["median"] is None
    assert set(block["quantiles"].values()) == {None}
    assert block["intervals"]["0.95"] == [None, None]
    assert block["probability_after_horizon"] == 1.0
    assert set(block["probability_by"].values()) == {0.0}


def test_levels_are_plain_numbers_on_the_first_of_january(document):
    run = passing_run()
    for place, side in (("frontier", run.consumption), ("effective", run.stock)):
        levels = document["consumption" if place == "frontier" else "stock"][place]
        for year, q in levels.items():
            drawn = 10 ** side.sel(year=float(year)).values
            assert q["median"] == pytest.approx(np.quantile(drawn, 0.5, method="inverted_cdf"), rel=1e-5)
    assert {"2026", "2028", "2030"} <= set(document["consumption"]["frontier"])
    assert set(document["stock"]["raw"]) >= {"2024", "2030"}
    assert set(document["stock"]["effective"]) >= {"2024", "2030"}
    assert {"2026", "2030"} <= set(document["utilisation"])
    for year, q in document["utilisation"].items():
        gap = 10 ** (run.consumption.sel(year=float(year)).values - run.stock.sel(year=float(year)).values)
        assert q["median"] == pytest.approx(np.quantile(gap, 0.5, method="inverted_cdf"), rel=1e-5)


def test_the_sides_say_what_they_rest_on(document):
    members = document["consumption"]["members"]
    assert [m["name"] for m in members] == ["damped", "windowed_exponential"]
    assert sum(m["weight"] for m in members) == pytest.approx(1.0)
    for member in members:
        assert {"name", "weight", "exhaustion_year", "frontier_2030", "verdict"} <= set(member)
    for layer in document["stock"]["layers"]:
        assert {"name", "factor", "source"} <= set(layer)
        assert layer["source"]
    assert {layer["name"] for layer in document["stock"]["layers"]} >= {"quality", "repetition"}
    estimators = {e["name"]: e for e in document["stock"]["estimators"]}
    assert estimators["indexed_web"]["lineage"] == "epoch"


def test_raw_times_the_layers_is_the_effective_stock(document):
    stock = document["stock"]
    factors = np.prod([layer["factor"]["median"] for layer in stock["layers"]])
    assert stock["effective"]["2024"]["median"] == pytest.approx(stock["raw"]["2024"]["median"] * factors, rel=0.35)


def test_provenance_names_data_versions_seed_and_command(document):
    from forecast.ingest.catalog import table

    provenance = document["provenance"]
    named = {entry["table"]: entry for entry in provenance["data"]}
    assert {"epoch_models", "record_audit", "access_restrictions", "synthetic_share"} <= set(named)
    assert len(named) == len(provenance["data"]), "each table once"
    assert named["epoch_models"]["sha256"] == table("epoch_models").sha256
    assert named["epoch_models"]["licence"] == "CC BY 4.0"
    assert len(provenance["scenario_sha256"]) == 64
    assert provenance["code_version"] == forecast.__version__
    assert {"pymc", "numpy", "nutpie"} <= set(provenance["packages"])
    assert provenance["seed"] == 20260822
    assert provenance["created"].endswith("+00:00")
    assert document["previous"] is None


# --- verdicts


def test_a_failing_gate_takes_the_sentence_away():
    failed = short_run().document
    assert failed["diagnostics"]["verdict"] == "FAIL"
    assert failed["sentence"] is None
    assert failed["headline"]["sentence"] is None
    assert failed["headline"]["short"] is None
    assert failed["headline"]["checkable"] is None
    assert short_run().sentence() is None
    quoted = json.loads(json.dumps(failed))
    quoted["sentence"] = "Surely soon."
    with pytest.raises(InputError, match="sentence"):
        validate(quoted)


def test_the_sentences_numbers_are_the_documents(document):
    said, year = document["sentence"], document["exhaustion_year"]
    share, error = year["probability_by"]["2030"], document["monte_carlo_error"]["probability_by"]["2030"]
    assert said.startswith(
        f"On data to {date_words(document['as_of'])} and in the scenario “A short scenario”, the model"
    )
    assert f"{odds_told(share, error).of_the_model()} ({percent_words(share, error)}) that by the end of 2030" in said
    assert f"Central estimate: {year_phrase(year['median'])}; {range_words(*year['intervals']['0.8'])};" in said
    assert f"{odds(year['probability_already']).of_a_crowd()} say it has already happened" in said
    assert said.count("%") <= 2
    assert "effective stock" not in said
    moved = json.loads(json.dumps(document))
    moved["exhaustion_year"]["probability_by"]["2030"] = 0.123
    moved["monte_carlo_error"]["probability_by"]["2030"] = 0.001
    again = headline_again(moved, moved["headline"])["sentence"]
    assert "gives about one-in-eight odds (12%) that by the end of 2030" in again


def test_the_headline_has_its_parts(document):
    found = document["headline"]
    assert list(found) == ["sentence", "short", "growth_range", "checkable", "readings"]
    assert found["sentence"] == document["sentence"] == passing_run().sentence()
    # Stored results and rounds are of the baseline: a scenario of one's own takes nothing from them.
    assert found["growth_range"] is None
    assert found["checkable"] is None
    assert "other assumptions about growth" not in found["sentence"]
    assert [one["name"] for one in found["readings"]] == ["single_pass", "used_once", "main"]
    years = {one["name"]: one["exhaustion_year"] for one in document["definitions"]}
    years["main"] = document["exhaustion_year"]
    for one in found["readings"]:
        assert list(one) == ["name", "plain_name", "sentence", "probability_by_2030", "median"]
        assert one["probability_by_2030"] == years[one["name"]]["probability_by"]["2030"]
        assert one["median"] == years[one["name"]]["median"]
        assert one["sentence"].endswith(".")
        assert one["sentence"].count(". ") == 0


def test_the_monte_carlo_error_of_every_headline_number_is_there(document):
    found = document["monte_carlo_error"]
    shares = [*found["probability_by"].values(), found["probability_already"], found["probability_after_horizon"]]
    assert list(found["probability_by"]) == ["2030"]
    assert list(found["intervals"]) == ["0.8"]
    assert set(found["readings"]) == {"single_pass", "used_once", "main"}
    share = document["exhaustion_year"]["probability_by"]["2030"]
    # Members differ, so that within them there is at most as much to vary as in all draws together.
    assert 0 < found["probability_by"]["2030"] <= np.sqrt(share * (1 - share) / 400) + 1e-6
    assert all(0 <= error < 0.05 for error in (*shares, *found["readings"].values()))
    assert found["readings"]["main"] == found["probability_by"]["2030"]


def test_a_document_of_the_first_version_is_read_without_a_headline(document):
    old = {key: part for key, part in document.items() if key not in ("headline", "monte_carlo_error")}
    validate(old)
    with pytest.raises(InputError, match="headline"):
        validate({**document, "headline": {**document["headline"], "readings": None}})


def test_checks_say_what_was_found_and_what_to_do():
    for verdict, run in (("PASS", passing_run()), ("FAIL", short_run())):
        checks = run.diagnostics["checks"]
        assert run.diagnostics["verdict"] == verdict
        assert all({"name", "status", "sentence", "advice"} == set(check) for check in checks)
        assert all(check["advice"] for check in checks if check["status"] == "FAIL")
    assert any(check["status"] == "FAIL" for check in short_run().diagnostics["checks"])


# --- a run folder


def test_a_run_folder_holds_what_it_says(tmp_path):
    import xarray as xr

    run = passing_run()
    run.save(tmp_path / "out")
    names = {p.relative_to(tmp_path / "out").as_posix() for p in (tmp_path / "out").rglob("*") if p.is_file()}
    posteriors = {"posterior/damped.nc", "posterior/windowed_exponential.nc"}
    assert names >= {"forecast.json", "trajectories.nc", "manifest.json"} | posteriors
    assert manifest_holds(tmp_path / "out")
    with xr.open_dataset(tmp_path / "out" / "trajectories.nc") as data:
        assert {"exhaustion_year", "consumption", "stock"} <= set(data.data_vars)
        assert data["consumption"].dims == ("draw", "year")
        assert data["stock"].dims == ("draw", "year")
        assert data["exhaustion_year"].dims == ("draw",)
        assert set(data["stock"].attrs) >= {"resource", "unit", "role", "source"}
        assert data["consumption"].attrs["units"] == data["stock"].attrs["units"] == "log10(tokens)"
        assert data["stock"].coords["member"].dims == ("draw",)
        assert set(data["member"].values.tolist()) == {"damped", "windowed_exponential"}
    with xr.open_dataset(tmp_path / "out" / "trajectories.nc", group="lever") as levers:
        assert levers["quality.usable_share"].dims == ("draw",)
        assert levers.sizes["draw"] == len(run.exhaustion_year)
    with xr.open_datatree(tmp_path / "out" / "posterior" / "damped.nc") as tree:
        assert {"posterior", "sample_stats"} <= set(tree.children)
        posterior = tree["posterior"]
        assert posterior["frontier"].dims == ("chain", "draw", "knot")
        assert posterior["slope"].dims == ("chain", "draw")
        usual = tree.attrs["attempts"] == 1
        assert posterior.sizes["chain"] == SHORT.chains
        assert posterior.sizes["draw"] in ([SHORT.draws] if usual else [SHORT.draws, 2 * SHORT.draws])
        assert "diverging" in tree["sample_stats"]


def test_a_run_folder_reads_back_as_the_same_forecast(tmp_path):
    run = passing_run()
    again = forecast.Forecast.load(run.save(tmp_path / "out"))
    assert again.document == run.document
    assert np.array_equal(again.exhaustion_year, run.exhaustion_year)
    assert again.consumption.values == pytest.approx(run.consumption.values, abs=1e-5)
    assert again.stock.attrs == run.stock.attrs
    assert set(again.posterior) == set(run.posterior)
    assert again.probability(by=2030) == run.probability(by=2030)
    assert again.interval(0.8) == run.interval(0.8)


# --- Python


def test_public_names():
    assert set(forecast.__all__) >= {
        "Forecast", "Resource", "RESOURCES", "make_trajectory", "load_models", "load_table", "first_passage", "run",
        "ForecastError", "ingest", "inference", "consumption", "production", "levers", "scenario", "plots", "report",
    }  # fmt: skip
    assert set(dir(forecast)) == set(forecast.__all__)
    for name in forecast.__all__:
        if name != "collapse":
            assert getattr(forecast, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'runn'"):
        forecast.runn  # noqa: B018
    assert set(RESOURCES) == {"public_text", "high_quality_text", "images", "video", "audio", "code", "embodied"}


def test_a_forecast_answers_what_the_contract_promises():
    run = passing_run()
    low, high = run.interval(0.8)
    assert low <= run.median() <= high
    assert list(run.summary().columns) == ["5%", "10%", "50%", "90%", "95%"]
    assert run.summary().loc["exhaustion year", "50%"] == run.median()
    assert run.scenario == "short"
    assert run.diagnostics["verdict"] == "PASS"
    assert run.provenance["seed"] == 20260822
    assert run.sentence() in run._repr_html_()


def modules_after(code: str) -> set[str]:
    """Return the modules that are loaded after some code ran in a process of its own."""
    code += "; import sys; print('MODULES', *sorted({n.partition('.')[0] for n in sys.modules}))"
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment(), capture_output=True, text=True, check=True, timeout=120
    )
    return set(done.stdout.rpartition("MODULES")[2].split())


@pytest.mark.parametrize(
    "code",
    [
        "import forecast",
        "from forecast.cli.main import main; main(['--help'])",
        "from forecast.cli.main import main; main(['run', '--help'])",
    ],
)
def test_importing_and_helping_pull_in_nothing_heavy(code):
    loaded = modules_after(code)
    assert "forecast" in loaded
    assert not loaded & HEAVY


def test_listing_data_pulls_in_no_sampler_and_no_plots():
    loaded = modules_after("from forecast.cli.main import main; main(['data', 'list'])")
    assert not loaded & {"pymc", "pytensor", "arviz", "nutpie", "matplotlib"}


# --- the command line


def test_a_second_run_samples_nothing_and_imports_no_sampler(tmp_path):
    short_run()
    done = command(
        "run", scenario_file(), "--draws", 400, "--out", tmp_path / "out", env={"FORECAST_TEST_MODULES": "1"}
    )
    assert done.returncode == 0, done.stderr
    assert "fitted" not in done.stderr
    loaded = set(done.stderr.rpartition("modules:")[2].split())
    assert "numpy" in loaded
    assert not loaded & {"pymc", "pytensor", "arviz", "nutpie", "matplotlib", "dask", "distributed"}


def test_with_json_stdout_is_one_document_and_nothing_else(tmp_path):
    short_run()
    done = command("run", scenario_file(), "--draws", 400, "--out", tmp_path / "out", "--json")
    assert done.returncode == 0, done.stderr
    printed = json.loads(done.stdout)
    assert printed == json.loads((tmp_path / "out" / "forecast.json").read_text(encoding="utf-8"))
    validate(printed)


@pytest.mark.parametrize("name", ["run", "report"])
def test_a_failing_gate_ends_with_1_and_still_writes(name, tmp_path, monkeypatch, capsys):
    from forecast.runs import pipeline

    short_run()
    monkeypatch.setattr(pipeline, "Options", functools.partial(pipeline.Options, sampling=SHORT))
    assert main([name, str(scenario_file()), "--draws", "400", "--out", str(tmp_path / "out")]) == 1
    printed = capsys.readouterr().out
    assert "No headline" in printed
    assert "that by the end of 2030 the largest feasible" not in printed
    written = json.loads((tmp_path / "out" / "forecast.json").read_text(encoding="utf-8"))
    assert written["sentence"] is None
    assert manifest_holds(tmp_path / "out")


def test_a_wrong_command_ends_with_2_and_one_line(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for arguments in (["runn"], ["run", "--horizn", "2050"], ["run", "--horizon", "soon"], ["run", "a", "b"]):
        assert main(arguments) == 2
        said = capsys.readouterr()
        assert said.out == ""
        assert said.err.startswith("error: got ")
        assert said.err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_an_interruption_ends_with_130_and_writes_nothing(tmp_path, monkeypatch, capsys):
    from forecast.runs import pipeline

    def interrupted(*args, **named):
        raise KeyboardInterrupt

    monkeypatch.setattr(pipeline, "fit_members", interrupted)
    assert main(["run", str(scenario_file()), "--out", str(tmp_path / "out")]) == 130
    assert list(tmp_path.iterdir()) == []
    assert "Traceback" not in capsys.readouterr().err


def test_the_words_of_the_contract_are_commands():
    from typer.testing import CliRunner

    from forecast.cli.main import app

    said = CliRunner().invoke(app, ["--help"]).output
    for word in ("run", "report", "scenario", "data", "cache"):
        assert f" {word} " in said
    options = CliRunner().invoke(app, ["run", "--help"]).output
    for word in ("resource", "models", "as-of", "horizon", "seed", "draws", "out", "json", "quiet", "jobs"):
        assert f"--{word}" in options
