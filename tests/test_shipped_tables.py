"""Every shipped table is read by something other than its checks, and its figure shows what it holds."""

import ast
from pathlib import Path

import numpy as np
import pytest

import forecast
from forecast.ingest import catalog
from forecast.plots import shipped_tables
from forecast.scenarios.source_rows import SHIPPED, named_rows

PACKAGE = Path(forecast.__file__).parent
CHECKS = {"ingest/conditions.py", "ingest/schema.py", "ingest/readme.py", "ingest/catalog.py"}
FIGURES = (
    "training_set_milestones",
    "crawl_novelty",
    "page_languages",
    "words_by_language",
    "released_media",
    "token_prices",
    "published_collapse",
)


def documentation(tree: ast.AST) -> set[int]:
    """Constants that stand alone as a statement: docstrings, which read nothing."""
    return {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}


def readers() -> dict[str, set[str]]:
    """The files of the package that name each table in their code, and the scenarios whose sources name its rows."""
    names = {entry.name: set() for entry in catalog.tables()}
    for path in PACKAGE.rglob("*.py"):
        where = path.relative_to(PACKAGE).as_posix()
        if where in CHECKS:
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        prose = documentation(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and node.value in names and id(node) not in prose:
                names[node.value].add(where)
    for path in SHIPPED.glob("*.toml"):
        for row in named_rows(" ".join(path.read_text(encoding="utf-8").split())):
            names[row.table].add(path.name)
    return names


def test_every_shipped_table_is_read_by_something_other_than_the_checks():
    assert [name for name, places in readers().items() if not places] == []


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_takes_axes_and_returns_axes(name):
    from matplotlib import pyplot
    from matplotlib.figure import Figure

    draw = getattr(shipped_tables, name)
    own = Figure().add_subplot()
    assert draw(own) is own
    assert own.has_data()
    assert draw().get_title(loc="left")
    assert pyplot.get_fignums() == []


def test_milestones_go_from_four_and_a_half_to_570_gigabytes():
    rows = shipped_tables.milestones()
    assert rows["bytes"].tolist() == [4.5e9, 4.0e10, 5.7e11]
    assert "filtered Common Crawl only" in rows["size_as_quoted"].iloc[-1]
    assert shipped_tables.training_set_milestones().get_title(loc="left").startswith("127 times")


def test_media_are_in_hours():
    rows = catalog.load_table("media_corpora").set_index("name")
    assert rows.loc["hd-vila-100m", "hours"] == 371_500
    assert rows.loc["hd-vila-100m", "note"]


def test_prices_of_a_million_tokens_follow_from_what_is_bought():
    rows = shipped_tables.data_prices().set_index("item")
    assert rows.loc["GPT-4o, output", "middle"] == 15
    assert rows.loc["HarperCollins book to Microsoft, per title", "middle"] == pytest.approx(5000 / 0.12)
    assert rows.loc["Translation by a person", ["low", "high"]].tolist() == pytest.approx([75_000, 150_000])
    own = rows.loc["FinePhrase: 486e9 tokens by a 1.7B model"]
    assert own[["low", "middle", "high"]].tolist() == pytest.approx([0.0453, 0.0604, 0.1058], rel=1e-3)
    assert np.all(rows["low"] <= rows["high"])
    assert not [item for item in rows.index if "input only" in item]


def test_published_collapse_begins_at_the_first_generation():
    replaced = shipped_tables.published_collapse().get_lines()[0]
    assert list(replaced.get_xdata()) == [1, 4, 10]
    assert list(replaced.get_ydata()) == [1.82, 2.39, 2.91]
