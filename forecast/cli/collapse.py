"""``forecast collapse``: the model-collapse laboratory, and what a synthetic token is worth."""

from __future__ import annotations

import importlib
import math
from collections.abc import Callable, Mapping
from dataclasses import Field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from forecast.cli.options import teller, warn
from forecast.cli.printing import say, say_json, say_table, say_text
from forecast.collapse.regimes import REGIMES
from forecast.core.files import check_writable
from forecast.core.seeds import DEFAULT_SEED
from forecast.errors import InputError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

app = typer.Typer(
    no_args_is_help=True,
    help="What becomes of models that are trained on what models wrote, with closed forms beside every simulation.",
)


def regime_names() -> str:
    """Return every regime with the settings that it takes, as the command line reads them.

    Examples
    --------
    >>> regime_names().split(", ")[3:5]
    ['keep:SHARE', 'fresh:SHARE']
    """
    named = []
    for name, regime in REGIMES.known():  # of other packages help says nothing: it would wait for them
        given: Mapping[str, Field[Any]] = getattr(regime, "__dataclass_fields__", {})
        numbers = [key.upper() for key, field in given.items() if field.type in ("float", float)]
        named.append(f"{name}:{'/'.join(numbers)}" if numbers else name)
    return ", ".join(named)


Samples = Annotated[int, typer.Option("--samples", metavar="N", help="Samples of the original, human data set.")]
Generations = Annotated[int, typer.Option("--generations", metavar="N", help="Fits, the first on human data alone.")]
Replicates = Annotated[int, typer.Option("--replicates", metavar="N", help="Histories that are averaged.")]
Regimes = Annotated[
    list[str] | None,
    typer.Option(
        "--regime",
        metavar="NAME[:SETTING]",
        help=f"What each generation reads; may be repeated. {regime_names()}.",
    ),
]
Steps = Annotated[int, typer.Option("--steps", metavar="N", help="Updates of each fit.")]
Seed = Annotated[int, typer.Option("--seed", metavar="N", min=0, help="The one seed of the run.")]
Out = Annotated[
    Path | None,
    typer.Option("--out", metavar="FIGURE", help="A .svg, .png or .pdf file, or a folder for figure and data."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="No progress, only the result.")]


@app.command("gaussian")
def gaussian(
    samples: Samples = 100,
    generations: Generations = 200,
    replicates: Replicates = 1000,
    regime: Regimes = None,
    seed: Seed = DEFAULT_SEED,
    out: Out = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Refit a Gaussian on its own samples, by maximum likelihood and without bias."""
    _simulate("gaussian", **locals())


@app.command("mixture")
def mixture(
    samples: Samples = 1000,
    generations: Generations = 2000,
    components: Annotated[
        int, typer.Option("--components", metavar="N", help="Components, of the truth and of every fit.")
    ] = 2,
    regime: Regimes = None,
    seed: Seed = DEFAULT_SEED,
    out: Out = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Fit a mixture of Gaussians on its own samples for 2,000 generations."""
    _simulate("mixture", **locals())


@app.command("ngram")
def ngram(
    samples: Samples = 20_000,
    generations: Generations = 30,
    replicates: Replicates = 3,
    regime: Regimes = None,
    order: Annotated[int, typer.Option("--order", metavar="N", help="Words in the longest n-gram, 1 to 4.")] = 2,
    words: Annotated[int | None, typer.Option("--words", metavar="N", help="Vocabulary; by default 500.")] = None,
    text: Annotated[
        Path | None, typer.Option("--text", metavar="FILE", help="A text of your own instead of a generated language.")
    ] = None,
    seed: Seed = DEFAULT_SEED,
    out: Out = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Train an n-gram language model on its own text: perplexity, rare words, vocabulary."""
    _simulate("ngram", **locals())


@app.command("regression")
def regression(
    samples: Samples = 111,
    generations: Generations = 10,
    replicates: Replicates = 1000,
    regime: Regimes = None,
    dimension: Annotated[int, typer.Option("--dimension", metavar="N", help="Number of coefficients.")] = 10,
    seed: Seed = DEFAULT_SEED,
    out: Out = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Fit a regression on labels that earlier fits wrote; contamination's floor and verification's break-even."""
    _simulate("regression", **locals())


@app.command("dice")
def dice(
    samples: Samples = 100,
    generations: Generations = 50,
    replicates: Replicates = 2000,
    regime: Regimes = None,
    seed: Seed = DEFAULT_SEED,
    out: Out = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Rebuild a loaded die from its own throws, until its rare faces are lost."""
    _simulate("dice", **locals())


@app.command("transformer")
def transformer(
    samples: Annotated[int, typer.Option("--samples", metavar="N", help="Letters of the original text.")] = 64_000,
    generations: Generations = 10,
    replicates: Replicates = 2,
    regime: Regimes = None,
    steps: Steps = 400,
    width: Annotated[int, typer.Option("--width", metavar="N", help="Width of the transformer.")] = 48,
    layers: Annotated[int, typer.Option("--layers", metavar="N", help="Its layers.")] = 2,
    temperature: Annotated[
        float, typer.Option("--temperature", metavar="X", help="Below 1 it writes what is likely too often.")
    ] = 1.0,
    text: Annotated[
        str | None,
        typer.Option(
            "--text", metavar="FILE", help="A text of your own, or shakespeare, instead of a generated language."
        ),
    ] = None,
    seed: Seed = DEFAULT_SEED,
    out: Out = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Train a small transformer on its own text: perplexity, rare words, diversity, its sentences. Needs the extra lab."""
    _simulate("transformer", **locals())


@app.command("vae")
def vae(
    samples: Samples = 2000,
    generations: Generations = 10,
    replicates: Replicates = 4,
    regime: Regimes = None,
    steps: Steps = 1500,
    seed: Seed = DEFAULT_SEED,
    out: Out = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Train a variational autoencoder on what it wrote: its spread, its codes. Needs the extra lab."""
    _simulate("vae", **locals())


@app.command("capacity")
def capacity(
    samples: Annotated[int, typer.Option("--samples", metavar="N", help="Letters of the short text.")] = 12_000,
    replicates: Replicates = 2,
    steps: Steps = 800,
    seed: Seed = DEFAULT_SEED,
    out: Out = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Train transformers of four sizes: what they cannot express, and what a short text does not say. Needs the extra lab."""
    _check_target(out)
    tell = teller(quiet or as_json)
    from forecast.collapse.learners.capacity import simulate_capacity

    result = simulate_capacity(
        samples, replicates, seed=seed, steps=steps, progress=lambda width: tell(f"capacity: width {width}")
    )
    document = result.to_json()
    _save(document, out, lambda plots: plots.draw_capacity(result))
    if as_json:
        _print_json(document)
        return
    say_text("Loss above the entropy of the language, in nats a letter, and its parts:", "")
    rows = [
        [chain["title"], *(f"{chain['simulation'][part][0]:.3f}" for part in ("approximation", "sampling"))]
        for chain in document["chains"]
    ]
    say_table(["", "function approximation", "sampling"], rows, right=(1, 2))
    _say_where(out)


@app.command("anchors")
def anchors(as_json: AsJson = False) -> None:
    """Hold the stored results of the learners against what is published; nothing is computed."""
    from forecast.collapse.anchors import compare
    from forecast.evaluate import stored

    kept = stored("learners")
    rows = compare(kept.content)
    if as_json:
        _print_json({"schema": "collapse/1", "experiment": "anchors", "rows": rows})
        return
    for row in rows:
        say_text(f"{row['published']}: {row['verdict']}", hang=2)
        say_text(f"  published: {row['stated']}", f"  here: {row['here']}", hang=4)
    say_text("", kept.sentence())


@app.command("verifiers")
def verifiers(
    samples: Samples = 100,
    generations: Generations = 20,
    replicates: Replicates = 500,
    regime: Regimes = None,
    reads: Annotated[
        int, typer.Option("--reads", metavar="N", help="Human tokens that a learned verifier has of its own.")
    ] = 200,
    bias: Annotated[
        float, typer.Option("--bias", metavar="X", help="Distance of a biased verifier from the truth, in its sd.")
    ] = 0.2,
    seed: Seed = DEFAULT_SEED,
    out: Out = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Retrain on what a verifier passes: true, erring, learned, biased, the model itself; what each is worth."""
    _tabulate(
        "verifiers", regimes=regime or ("replace", "accumulate"), **{k: v for k, v in locals().items() if k != "regime"}
    )


def _lesson(experiment: str, said: str) -> None:
    """Add the command of an experiment that is stored for readers without the extra."""

    def command(seed: Seed = DEFAULT_SEED, out: Out = None, as_json: AsJson = False, quiet: Quiet = False) -> None:
        _tabulate(experiment, seed=seed, out=out, as_json=as_json, quiet=quiet)

    app.command(experiment, help=f"{said} Made anew with the extra lab, else as stored.")(command)


_LESSONS = {
    "distillation": "Teach small transformers by others that read more: what a teacher is worth.",
    "passes": "Read the same text again, or new text: what passes are worth.",
    "adaptation": "Learn a language from a start that was learnt on its relatives: what the start is worth.",
}
for _name, _said in _LESSONS.items():
    _lesson(_name, _said)


@app.command("yield")
def synthetic_yield(
    regime: Annotated[
        str, typer.Option("--regime", metavar="NAME", help="keep, fresh, accumulate or contamination.")
    ] = "keep",
    draws: Annotated[int, typer.Option("--draws", metavar="N", help="Draws of each yield.")] = 4000,
    seed: Seed = DEFAULT_SEED,
    out: Out = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Say what a synthetic token is worth in human tokens, and what that rests on."""
    _check_target(out)
    tell = teller(quiet or as_json)
    from forecast.collapse.curves import simulate_yield_curve

    tell("drawing yields: half a minute")
    curve = simulate_yield_curve(regime, seed=seed, size=draws)
    document = curve.to_json()
    _save(document, out, lambda plots: plots.draw_yield(curve))
    if as_json:
        _print_json(document)
        return
    from forecast.collapse.tables import ledger_rows, yield_rows

    say_text("What one more synthetic token is worth in human tokens, by its share of the mix:", "")
    columns = ("share", "generations", "verified", "median", "80% interval", "P(harm)")
    say_table(columns, yield_rows(document), right=(0, 1))
    say_text("", "Ingredients of the last row:", "")
    ledger = ledger_rows(document)
    say_table(("ingredient", "kind", "median", "80% interval"), [row[:-1] for row in ledger])
    say_text("", "Their sources:")
    say_text(*(f"  {row[0]}: {row[-1]}" for row in ledger), hang=2)
    say_text("", yield_finding(document))
    _say_where(out)


def _simulate(
    experiment: str, *, regime: list[str] | None, out: Path | None, as_json: bool, quiet: bool, **settings: Any
) -> None:
    """Run an experiment with its command's options, show what it came to, and save figure and data where asked."""
    _check_target(out)
    tell = teller(quiet or as_json)
    learner = importlib.import_module(f"forecast.collapse.learners.{_ROOMS.get(experiment, experiment)}")
    told_every = getattr(learner, "TOLD_EVERY", _TOLD_EVERY)

    def advance(generation: int) -> None:
        if generation % told_every == 0:
            tell(f"{experiment}: generation {generation:,}")

    chosen = regime or learner.DEFAULT_REGIMES
    result = getattr(learner, f"simulate_{experiment}")(regimes=chosen, progress=advance, **settings)
    if getattr(result, "by_character", False) and not quiet:
        warn("note: the text puts no spaces between words: it is counted by character")
    document = result.to_json()
    _save(document, out, lambda plots: getattr(plots, f"draw_{experiment}")(result))
    if as_json:
        _print_json(document)
        return
    from forecast.collapse.tables import shown_generations, wide_rows

    shown = shown_generations(document["generations"])
    say_text("Simulation and, in brackets, closed form, by generation n:", "")
    rows: list[list[str]] = []
    title = None
    for row in wide_rows(document, shown):
        if row[0] != title:
            title = row[0]
            rows.append([title, *[""] * len(shown)])
        rows.append([f"  {row[1]}", *row[2:]])
    say_table(["", *(f"n = {n:,}" for n in shown)], rows)
    for chain in document["chains"]:
        for generation, words in chain.get("continued", {}).items():
            say_text(f"{chain['title']}, n = {generation}: {' / '.join(words.splitlines())}", hang=2)
    say_text("", finding(document))
    _say_where(out)


def _tabulate(experiment: str, *, out: Path | None, as_json: bool, quiet: bool, **settings: Any) -> None:
    """Run an experiment whose result brings its own table and finding, and save figure and data where asked."""
    _check_target(out)
    tell = teller(quiet or as_json)
    room = importlib.import_module(
        "forecast.collapse.learners." + ("lessons" if experiment in _LESSONS else experiment)
    )
    made = 0

    def advance(_: int) -> None:
        nonlocal made
        made += 1
        if experiment in _LESSONS or made % _TOLD_EVERY == 0:
            tell(f"{experiment}: {made:,} fits made")

    if experiment in _LESSONS and not room.transformer.installed():
        from forecast.evaluate import stored

        kept = stored("lessons")
        warn(f"note: as stored, with default settings; the extra 'lab' makes it anew. {kept.sentence()}")
        result = room.Lesson.from_json(kept.content[experiment])
    else:
        result = getattr(room, f"simulate_{experiment}")(progress=advance, **settings)
    document = result.to_json()
    _save(document, out, lambda plots: getattr(plots, f"draw_{experiment}")(result))
    if as_json:
        _print_json(document)
        return
    columns, rows = result.table
    say_table(columns, rows, right=range(1, len(columns)))
    say_text("", result.finding)
    _say_where(out)


_TOLD_EVERY = 10
"""Generations between two words of progress where the learner names no other (count)."""

_ROOMS = {"transformer": "transformers"}
"""Modules of experiments that are not called like them."""

_MEASURES = {
    "gaussian": ("mean_variance", "the variance"),
    "mixture": ("within", "the spread within components"),
    "ngram": ("vocabulary", "the vocabulary"),
    "regression": ("error", "the error"),
    "dice": ("faces", "the number of faces"),
    "transformer": ("perplexity", "the perplexity"),
    "vae": ("variance", "the variance"),
}
"""What an experiment is about, by its name: the measure, and how a sentence calls it."""


def finding(document: Mapping[str, Any]) -> str:
    """Say in one sentence what an experiment shows: with a model's own data alone, and with what changes least."""
    measure, words = _MEASURES[document["experiment"]]
    last = f"after {document['generations']:,} generations"
    found = []
    for chain in document["chains"]:
        told = [value for value in chain["simulation"].get(measure, []) if value is not None]
        if len(told) > 1 and told[0] > 0 and told[-1] > 0:
            theory = chain["theory"].get(measure)
            form = f" (closed form {theory[-1] / theory[0]:.3g})" if theory and theory[0] and theory[-1] else ""
            found.append((abs(math.log(told[-1] / told[0])), f"{told[-1] / told[0]:.3g} times", form, chain["title"]))
    if not found:
        return f"What it shows: {last} nothing is left to compare."
    alone = next((one for one in found if one[-1] == "replace"), max(found))
    _, ratio, form, title = alone
    said = f"What it shows: {last} {words} is {ratio} what it was at first{form} with the regime '{title}'"
    others = [one for one in found if one[-1] != title]
    if not others:
        return f"{said}."
    _, ratio, form, title = min(others)
    return f"{said}, and {ratio}{form} with '{title}'."


def yield_finding(document: Mapping[str, Any]) -> str:
    """Say in one sentence what a synthetic token is worth in the middle of the mixes."""
    shares = sorted({one["share"] for one in document["yields"]})
    middle = shares[(len(shares) - 1) // 2]
    first, *_, last = [one for one in document["yields"] if one["share"] == middle] * 2

    def words(one: Mapping[str, Any]) -> str:
        low, high = one["yield"]["intervals"]["0.8"]
        checked = "unverified" if one["verification"] is None else "verified"
        worth = f"{one['yield']['median']:.2g} ({low:.2g} to {high:.2g}, 80%)"
        return f"{worth} {checked} after {one['generations']} generations"

    both = words(first) if first == last else f"{words(first)}, and {words(last)}"
    return f"What it shows: where {100 * middle:.0f}% of the mix is synthetic, a synthetic token is worth {both}, in human tokens."


def _check_target(out: Path | None) -> None:
    # Before anything is simulated: a bad --out should not cost a minute.
    if out is not None and out.suffix and out.suffix.lower() not in {".svg", ".png", ".pdf"} and not out.is_dir():
        raise InputError(f"--out {out}", "a .svg, .png or .pdf file, or a folder", "choose one of these endings")
    if out is not None:
        check_writable(out.parent if out.suffix and not out.is_dir() else out)


def _save(document: dict[str, Any], out: Path | None, draw: Callable[[Any], Figure]) -> None:
    if out is None:
        return
    from forecast.plots import collapse as plots

    plots.save_figure(draw(plots), document, out)


def _say_where(out: Path | None) -> None:
    if out is not None:
        say(f"Written to {out}")


def _print_json(document: dict[str, Any]) -> None:
    say_json(document, allow_nan=False)
