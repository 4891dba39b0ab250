"""``forecast collapse``: the model-collapse laboratory, and what a synthetic token is worth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import Field
from pathlib import Path
from typing import Annotated, Any

import typer

from forecast.cli.collapse_shown import LESSONS, check_target, present, simulate, tabulate, yield_finding
from forecast.cli.options import AsJson, Quiet, teller
from forecast.cli.printing import say_json, say_table, say_text
from forecast.collapse.regimes import REGIMES
from forecast.core.seeds import DEFAULT_SEED

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
    simulate("gaussian", **locals())


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
    simulate("mixture", **locals())


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
    simulate("ngram", **locals())


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
    simulate("regression", **locals())


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
    simulate("dice", **locals())


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
    rate: Annotated[
        float, typer.Option("--rate", metavar="X", help="Highest learning rate; what is wider wants less.")
    ] = 0.01,
    seed: Seed = DEFAULT_SEED,
    out: Out = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Train a small transformer on its own text: perplexity, rare words, diversity, its sentences. Needs the extra lab."""
    simulate("transformer", **locals())


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
    simulate("vae", **locals())


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
    check_target(out)
    tell = teller(quiet or as_json)
    from forecast.collapse.learners.capacity import simulate_capacity

    result = simulate_capacity(
        samples, replicates, seed=seed, steps=steps, progress=lambda width: tell(f"capacity: width {width}")
    )

    def show(document: Mapping[str, Any]) -> None:
        say_text("Loss above the entropy of the language, in nats a letter, and its parts:", "")
        rows = [
            [chain["title"], *(f"{chain['simulation'][part][0]:.3f}" for part in ("approximation", "sampling"))]
            for chain in document["chains"]
        ]
        say_table(["", "function approximation", "sampling"], rows, right=(1, 2))

    present(result, "draw_capacity", show, out=out, as_json=as_json)


@app.command("anchors")
def anchors(as_json: AsJson = False) -> None:
    """Hold the stored results of the learners against what is published; nothing is computed."""
    from forecast.collapse.anchors import compare
    from forecast.evaluate import stored

    kept = stored("learners")
    rows = compare(kept.content)
    if as_json:
        say_json({"schema": "collapse/1", "experiment": "anchors", "rows": rows}, allow_nan=False)
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
    tabulate(
        "verifiers", regimes=regime or ("replace", "accumulate"), **{k: v for k, v in locals().items() if k != "regime"}
    )


def _lesson(experiment: str, said: str) -> None:
    """Add the command of an experiment that is stored for readers without the extra."""

    def command(seed: Seed = DEFAULT_SEED, out: Out = None, as_json: AsJson = False, quiet: Quiet = False) -> None:
        tabulate(experiment, seed=seed, out=out, as_json=as_json, quiet=quiet)

    app.command(experiment, help=f"{said} Run again where the extra lab is installed, else as stored.")(command)


for _name, _said in LESSONS.items():
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
    check_target(out)
    del quiet
    from forecast.collapse.curves import simulate_yield_curve

    curve = simulate_yield_curve(regime, seed=seed, size=draws)
    present(curve, "draw_yield", _yields, out=out, as_json=as_json)


def _yields(document: Mapping[str, Any]) -> None:
    """Print yields by share, what the last rests on, and what they show."""
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
