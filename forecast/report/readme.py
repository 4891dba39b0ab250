"""The sentence and the figure of the README, taken from a run: ``python -m forecast.report.readme out``."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from forecast.core.files import atomic_file
from forecast.core.wording import tight
from forecast.errors import ForecastError, InputError
from forecast.plots import FIGURES
from forecast.plots.style import legible, save, style
from forecast.report import headline_blocks
from forecast.report.evidence import carrying
from forecast.report.rounds import readme_block as rounds_block
from forecast.runs.forecast import Forecast

if TYPE_CHECKING:
    from forecast.ingest.stored import StoredResult

BEGIN, END = "<!-- begin generated: headline -->", "<!-- end generated: headline -->"
SKILL_BEGIN, SKILL_END = "<!-- begin generated: skill -->", "<!-- end generated: skill -->"
COST_BEGIN, COST_END = "<!-- begin generated: cost -->", "<!-- end generated: cost -->"
ROUNDS_BEGIN, ROUNDS_END = "<!-- begin generated: rounds -->", "<!-- end generated: rounds -->"
FIGURE = Path("data/results/consumption_against_stock.svg")
"""Where the README's figure lies, relative to the README."""


def headline_block(forecast: Forecast) -> str:
    """Return what is between the README's two marks."""
    document = forecast.document
    figure = FIGURES["consumption_against_stock"]
    made = document["provenance"]
    return "\n".join(
        [
            *headline_blocks.lines(document),
            *_hangs_on(forecast),
            f"![{figure.text(forecast)}]({FIGURE.as_posix()})",
            "",
            f"Made on {made['created'][:10]} by `{made['command']}`, seed {made['seed']}, "
            f"diagnostics {document['diagnostics']['verdict']}. Data: Epoch AI, "
            "[Data on AI Models](https://epoch.ai/data/ai-models), CC BY 4.0, audited by hand.",
        ]
    )


def _hangs_on(forecast: Forecast) -> list[str]:
    """Say which number moves the answer most, where that is stored for this forecast."""
    found = carrying(forecast.document)
    if found is None:
        return []
    most = found["rows"][0]
    return [
        f"It depends most on {most['name'][0].lower()}{most['name'][1:]}, {most['value']}. At the ends of that interval the "
        f"probability is {most['hangs']}. The report names ten numbers that carry the answer, each with its grade "
        "and address.",
        "",
    ]


_ASKED = "On histories of technologies, each in its own unit; growth models have learned from the other half of them."


def skill_block() -> str:
    """Return what backtests on text and on histories found, how often intervals held on made worlds, and what made them."""
    from forecast.evaluate.backtest import run as backtest
    from forecast.evaluate.histories import run as histories
    from forecast.evaluate.worlds import run as worlds

    text, technologies, made = backtest.read_stored(), histories.read_stored(), worlds.read_stored()
    first, *goals = backtest.sentences(text.content)
    blocks = [
        _said([first], text),
        "\n".join(f"- {goal}" for goal in goals),
        _said([_ASKED, *histories.known(technologies.content)], technologies),
        _said(worlds.sentences(made.content), made),
        _engines(),
    ]
    return "\n\n".join(filter(None, blocks))


def _said(sentences: Sequence[str], found: StoredResult) -> str:
    """Join sentences on a stored result, and say so where it is stale."""
    return " ".join([*sentences, *([found.sentence()] if found.stale else [])])


def _engines() -> str:
    """Say how far particles, which make the posteriors of tests, agree with NUTS, which makes those of the forecast."""
    from forecast.evaluate import engines
    from forecast.ingest.stored import read

    found = read(engines.NAME, engines.settings())
    return _said([engines.sentence(found.content)], found)


def cost_block() -> str:
    """Return what many fits cost, as it was measured last."""
    from forecast.evaluate import scaling_cost as spreading
    from forecast.ingest.stored import read

    found = read(spreading.NAME, spreading.settings())
    return f"{spreading.sentence(found.content)} {found.sentence()}"


def update_readme(run: Path, readme: Path) -> None:
    """Write sentence and figure of a run into the README."""
    forecast = Forecast.load(run)
    text = readme.read_text(encoding="utf-8")
    if BEGIN not in text or END not in text:
        raise InputError(f"{readme} without the marks", f"{BEGIN} and {END}", "put them back")
    for begin, end, block in (
        (SKILL_BEGIN, SKILL_END, skill_block),
        (ROUNDS_BEGIN, ROUNDS_END, rounds_block),
        (COST_BEGIN, COST_END, cost_block),
    ):
        if begin in text and end in text:
            text = f"{text.split(begin, 1)[0]}{begin}\n{tight(block())}\n{end}{text.split(end, 1)[1]}"
    text = f"{text.split(BEGIN, 1)[0]}{BEGIN}\n{tight(headline_block(forecast))}\n{END}{text.split(END, 1)[1]}"
    target = readme.parent / FIGURE
    canvas = FIGURES["consumption_against_stock"].draw(forecast).get_figure(root=True)
    assert canvas is not None, "axes always belong to a figure"
    with style(), legible(canvas), atomic_file(target) as temporary:
        save(canvas, temporary, "svg", facecolor="white", metadata={"Date": None, "Creator": None})
    with atomic_file(readme) as temporary:
        temporary.write_text(text, encoding="utf-8")


def main(arguments: list[str]) -> int:
    """Update the README of the working folder from a run folder."""
    try:
        update_readme(Path(arguments[0] if arguments else "out"), Path("README.md"))
    except ForecastError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
