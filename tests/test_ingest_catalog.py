"""The package of tables: complete, described, current, and free of what may not be in it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from forecast.collapse.learners.texts import SHAKESPEARE_FILE
from forecast.errors import InputError, MissingFileError, UnknownNameError
from forecast.ingest import catalog, reading, readme

DATA = catalog.data_directory()
NAMES = [entry.name for entry in catalog.tables()]
TYPES = {"string", "integer", "number", "boolean", "date"}


def all_text() -> dict[str, str]:
    """Every text of the folder that this project wrote, by file name."""
    ours = (path for path in sorted(DATA.iterdir()) if path.is_file() and path.name != SHAKESPEARE_FILE)
    return {path.name: path.read_text(encoding="utf-8") for path in ours}


def test_every_csv_is_described_and_every_described_one_is_there():
    assert {f"{name}.csv" for name in NAMES} == {path.name for path in DATA.glob("*.csv")}
    assert len(set(NAMES)) == len(NAMES)


def test_package_has_what_frictionless_asks_for():
    package = json.loads((DATA / catalog.PACKAGE_FILE).read_text(encoding="utf-8"))
    assert package["$schema"] == "https://datapackage.org/profiles/2.0/datapackage.json"
    for resource in package["resources"]:
        assert re.fullmatch(r"[-a-z0-9._/]+", resource["name"])
        assert not Path(resource["path"]).is_absolute()
        assert resource["type"] == "table"
        assert re.fullmatch(r"sha256:[0-9a-f]{64}", resource["hash"])
        assert re.fullmatch(r"\d{4}-\d\d-\d\d", resource["snapshot"])
        assert resource["bytes"] == (DATA / resource["path"]).stat().st_size
        for key in ("title", "description", "attribution", "homepage", "licenses", "sources", "contributors"):
            assert resource[key], (resource["name"], key)
        assert all(licence["title"] and licence["path"].startswith("https://") for licence in resource["licenses"])
        assert all(source["title"] and source["path"].startswith("https://") for source in resource["sources"])
        fields = [field["name"] for field in resource["schema"]["fields"]]
        assert set(resource["schema"].get("primaryKey", [])) <= set(fields)
        assert set().union(*resource["schema"]["fields"]) <= {"name", "type", "unit", "description", "constraints"}


@pytest.mark.parametrize("name", NAMES)
def test_every_column_is_described_with_a_unit(name):
    entry = catalog.table(name)
    header = entry.path.read_text(encoding="utf-8").split("\n", 1)[0].split(",")
    assert header == [column.name for column in entry.columns]
    for column in entry.columns:
        assert column.type in TYPES
        assert column.unit.strip(), column.name
        assert len(column.description.split()) >= 3, column.name
        assert column.description.endswith("."), column.name
        assert column.description.split() != column.name.replace("_", " ").split()


def test_readme_is_made_from_the_description_as_it_stands():
    text = (DATA / readme.README_FILE).read_text(encoding="utf-8")
    assert text == readme.render(catalog.read_package(DATA)), "run: python -m forecast.ingest.readme"


def test_readme_names_the_licences_and_the_credit():
    text = (DATA / readme.README_FILE).read_text(encoding="utf-8")
    assert "Apache-2.0" in text
    assert catalog.attributions(["epoch_models"])[0] in text


@pytest.mark.parametrize("name", NAMES)
def test_files_are_utf8_with_lf_and_no_mark(name):
    content = catalog.table(name).path.read_bytes()
    content.decode("utf-8")
    assert not content.startswith(b"\xef\xbb\xbf")
    assert b"\r" not in content
    assert content.endswith(b"\n")
    assert not content.endswith(b"\n\n")


# Written so that this file does not hold the words that it looks for.
FORBIDDEN = [
    r"/w[o]rk/", r"/t[m]p/", r"\bseed: ", r"\bseed['’]s\b", r"\bseeds['’]", r"text ind[e]x", r"\bsitt[i]ng",
    r"own Monte Car[l]o", r"own re[r]un", r"secondary no[t]es", r"study no[t]es", r"GitHub no[t]es",
    r"in the sto[r]e", r"acquisition led[g]er", r"\bissue [A-Z]\b", r"not fetc[h]ed",
]  # fmt: skip


@pytest.mark.parametrize("word", FORBIDDEN)
def test_no_private_place_is_mentioned(word):
    for name, text in all_text().items():
        found = re.search(word, text)
        assert found is None, (name, text[max(0, found.start() - 40) : found.end() + 40])


def test_only_the_headline_of_the_source_that_forbids_derivatives_is_cited():
    frame = catalog.load_table("synthetic_share")
    theirs = frame[frame.apply(lambda row: "2604.26965" in str(row.tolist()) or "Dolezal" in str(row.tolist()), axis=1)]
    assert theirs["share"].tolist() == [0.35]
    assert theirs[["low_share", "high_share", "value"]].isna().all(axis=None)
    for name, text in all_text().items():
        for trace in ("prevalence.csv", "ai-on-the-internet.github.io", "Wilson 95", "1/17", "Internet Archive sample"):
            assert trace not in text, (name, trace)


def test_compiled_tables_mark_second_hand_readings():
    compiled = [t.name for t in catalog.tables() if "quoted as facts" in t.licence]
    assert len(compiled) >= 8
    for name in compiled:
        marks = catalog.load_table(name)["secondary_reading"]
        assert marks.dtype == bool
    assert catalog.load_table("scaling_laws")["secondary_reading"].sum() > 70


def test_unknown_table_gives_the_nearest_name():
    with pytest.raises(UnknownNameError, match="did you mean 'common_crawl_monthly'"):
        catalog.table("common_crawl_montly")
    with pytest.raises(LookupError):
        catalog.load_table("nothing like it")


def test_load_table_types_and_source():
    frame = catalog.load_table("common_crawl_monthly")
    assert len(frame) == 126
    assert frame["pages"].dtype == np.int64
    assert str(frame["uncompressed_bytes"].dtype) == "Int64"
    assert frame["date"].dt.year.max() == 2026
    assert frame["cumulative_pages"].iloc[-1] == 335521023801
    source = frame.attrs["source"]
    assert set(source) >= {"title", "publisher", "licence", "snapshot", "sha256"}
    assert source["publisher"] == "Common Crawl Foundation"


def test_language_code_nan_is_min_nan_and_not_missing():
    frame = catalog.load_table("fineweb2_languages")
    assert frame["language_iso639_3"].notna().all()
    assert "Min Nan Chinese" in set(frame.loc[frame["language_iso639_3"] == "nan", "language"])


def test_models_table_is_in_the_unit_that_it_states():
    frame = catalog.load_table("epoch_2024_dataset_sizes").set_index("model")
    assert frame.loc["Llama 2-70B" if "Llama 2-70B" in frame.index else "Llama 2", "dataset_size_words"] == 1.5e12


def test_attributions_come_once_and_in_order():
    lines = catalog.attributions(["epoch_models", "world_population", "epoch_models"])
    assert len(lines) == 2
    assert "CC BY 4.0" in lines[0]
    assert "https://creativecommons.org/licenses/by/4.0/" in lines[0]
    assert "United Nations" in lines[1]


def test_a_file_that_is_no_csv_is_one_error(tmp_path):
    binary = tmp_path / "claims.csv"
    binary.write_bytes(bytes(range(128, 256)) * 50)
    with pytest.raises(InputError, match="not UTF-8"):
        reading.read_text(binary)
    with pytest.raises(MissingFileError):
        reading.read_text(tmp_path / "absent.csv")
    (tmp_path / catalog.PACKAGE_FILE).write_text("[1]", encoding="utf-8")
    with pytest.raises(InputError, match="data package"):
        catalog.read_package(tmp_path)


def test_refresh_updates_hash_rows_and_readme(tmp_path):
    for name in NAMES:
        (tmp_path / f"{name}.csv").write_bytes(catalog.table(name).path.read_bytes())
    (tmp_path / catalog.PACKAGE_FILE).write_bytes((DATA / catalog.PACKAGE_FILE).read_bytes())
    assert readme.refresh(tmp_path) == []
    assert (tmp_path / readme.README_FILE).read_bytes() == (DATA / readme.README_FILE).read_bytes()
    lines = (tmp_path / "claims.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    (tmp_path / "claims.csv").write_text("".join(lines[:-1]), encoding="utf-8", newline="\n")
    before = catalog.table("claims")
    assert readme.refresh(tmp_path) == ["claims"]
    after = next(r for r in catalog.read_package(tmp_path)["resources"] if r["name"] == "claims")
    assert after["rows"] == before.rows - 1
    assert after["hash"] != f"sha256:{before.sha256}"


def test_catalogue_needs_no_pandas():
    code = (
        "import sys; from forecast import ingest; ingest.tables(); ingest.attributions(['claims']);"
        "print(sorted({'pandas', 'pandera', 'numpy', 'pymc', 'matplotlib'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
