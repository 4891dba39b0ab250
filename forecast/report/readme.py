"""The sentence and the figure of the README, taken from a run: ``python -m forecast.report.readme out``."""

from __future__ import annotations

import sys
from pathlib import Path

from forecast.core.files import atomic_file
from forecast.errors import ForecastError, InputError
from forecast.plots import FIGURES
from forecast.plots.style import legible, save, style
from forecast.report.evidence import carrying
from forecast.runs.forecast import Forecast

BEGIN, END = "<!-- begin generated: headline -->", "<!-- end generated: headline -->"
SKILL_BEGIN, SKILL_END = "<!-- begin generated: skill -->", "<!-- end generated: skill -->"
COST_BEGIN, COST_END = "<!-- begin generated: cost -->", "<!-- end generated: cost -->"
FIGURE = Path("data/results/consumption_against_stock.svg")
"""Where the README's figure lies, relative to the README."""


def headline_block(forecast: Forecast) -> str:
    """Return what is between the README's two marks."""
    document = forecast.document
    figure = FIGURES["consumption_against_stock"]
    made = document["provenance"]
    return "\n".join(
        [
            f"> {forecast.sentence() or 'No headline: the diagnostics say FAIL.'}",
            "",
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
        f"probability is {most['hangs']}. The report names ten numbers that carry the answer, each with its grade and "
        "address.",
        "",
    ]


def skill_block() -> str:
    """Return what the stored backtest found, and how often the intervals held on made worlds."""
    from forecast.evaluate.backtest import run as backtest
    from forecast.evaluate.worlds import run as worlds

    found, made = backtest.read_stored(), worlds.read_stored()
    first, *goals = backtest.sentences(found.content)
    stale, made_stale = ([one.sentence()] if one.stale else [] for one in (found, made))
    lines = [" ".join([first, *stale]), "", *(f"- {goal}" for goal in goals)]
    return "\n".join([*lines, "", " ".join([*worlds.sentences(made.content), *made_stale])])


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
    for begin, end, block in ((SKILL_BEGIN, SKILL_END, skill_block), (COST_BEGIN, COST_END, cost_block)):
        if begin in text and end in text:
            text = f"{text.split(begin, 1)[0]}{begin}\n{block()}\n{end}{text.split(end, 1)[1]}"
    text = f"{text.split(BEGIN, 1)[0]}{BEGIN}\n{headline_block(forecast)}\n{END}{text.split(END, 1)[1]}"
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
