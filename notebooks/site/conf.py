"""The documentation site, which `make docs` builds: every page lies where the repository has it, so one text serves both."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from docutils.nodes import SkipNode
from latex2mathml.converter import convert
from sphinx.util.docutils import SphinxDirective

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

import generated

import forecast

project = "data-depletion"
author = "The data-depletion contributors"
version = release = forecast.__version__
language = "en"
smartquotes = False  # what is typed into the search, and options, are as they are written

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx_copybutton"]
root_doc = "README"
include_patterns = [
    "README.md",
    "METHODS.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "data/README.md",
    "forecast/**/README.md",
    "notebooks/*.ipynb",
    "notebooks/site/*.md",
]
exclude_patterns = [".*", "build", "dist", "out", "tests", "**/.ipynb_checkpoints"]

# Notebooks are shown with the outputs that they were stored with; `make notebooks` runs them.
nb_execution_mode = "off"
myst_enable_extensions = ["dollarmath", "colon_fence"]
myst_fence_as_directive = ["math"]
myst_heading_anchors = 4

autodoc_typehints = "none"  # the docstrings say them, with units and shapes
autodoc_preserve_defaults = True
toc_object_entries_show_parents = "hide"
autodoc_member_order = "bysource"
default_role = "py:obj"
napoleon_google_docstring = False
napoleon_use_rtype = False

html_theme = "furo"
html_title = "data-depletion"
html_copy_source = False
html_static_path = ["site.css"]
html_css_files = ["site.css"]
html_search_scorer = str(HERE / "search.js")
html_math_renderer = "mathml"
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#0b5a8a", "color-brand-content": "#0b5a8a"},
    "dark_css_variables": {"color-brand-primary": "#7cc0ec", "color-brand-content": "#7cc0ec"},
}


class Generated(SphinxDirective):
    """Puts the Markdown of an entry of `generated.PARTS` in the place of the directive."""

    required_arguments = 1

    def run(self) -> list[Any]:
        """Return its nodes."""
        return self.parse_text_to_nodes(generated.PARTS[self.arguments[0]](), allow_section_headings=True)


def _inline(writer: Any, node: Any) -> None:
    writer.body.append(convert(node.astext()))
    raise SkipNode


def _display(writer: Any, node: Any) -> None:
    writer.body.append(f'<div class="math">{convert(node.astext(), display="block")}</div>')
    raise SkipNode


def _with_contents(app: Any, page: str, source: list[str]) -> None:
    """Give the front page, which is the repository's own, the contents of the site."""
    if page == app.config.root_doc:
        source[0] += "\n\n" + (HERE / "contents.txt").read_text(encoding="utf-8")


def _with_index(app: Any, failure: Exception | None) -> None:
    """Lead from the folder to the front page."""
    if failure is None:
        onward = f'<meta http-equiv="refresh" content="0; url={root_doc}.html"><a href="{root_doc}.html">{project}</a>'
        page = f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{project}</title>{onward}</html>\n'
        (Path(app.outdir) / "index.html").write_text(page, encoding="utf-8")


def setup(app: Any) -> None:
    """Draw equations as MathML, which browsers know, so that a page fetches nothing; and what is said above."""
    app.add_directive("generated", Generated)
    app.add_html_math_renderer("mathml", (_inline, None), (_display, None))
    app.connect("source-read", _with_contents)
    app.connect("build-finished", _with_index)
