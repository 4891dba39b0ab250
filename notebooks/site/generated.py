"""What the pages take from the package itself: commands, settings, columns, registries and the public names.

A page says ```` ```{generated} NAME ```` and gets the Markdown that the entry NAME of `PARTS` returns.
"""

from __future__ import annotations

import importlib
import inspect
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import typer

import forecast as fc
from forecast.ingest import stored
from forecast.ingest.headers import BYTES, SCALES, UNITS
from forecast.ingest.layouts import _COLUMNS

WHAT_COLUMNS_MEAN = {
    "model": "Name of the model. **Required.** Rows of a name that the hand audit knows take the audit's numbers",
    "publication_date": "Day of publication, `2026-06-15` at best. **Required**; rows without a date are left out",
    "organization": "Who made it. Rows of the same organisation, size and half-year count once, as one corpus",
    "domain": "Kind of data: `Language`, `Multimodal`, `Vision` ... Without the column every row counts as text",
    "modality": "The same in this package's own words: `text`, `multimodal`, `image` ...",
    "task": "What the model does; helps to tell the kind of data",
    "notes": "Notes on the size. Read for a unit, and for amounts that the number can be held against",
    "dataset_notes": "More such notes, where a table has two columns of them",
    "compute_notes": "Notes on compute, read for the same",
    "unit": "Unit of the size, where it has a cell of its own: `tokens`, `billion tokens`, `words`",
    "unit_stated": "Whether that unit is stated or guessed; only in rows that `load_models` gave",
    "size_field": "Epoch's field that the size came from; only in the shipped table",
    "confidence": "`Confident`, `Likely`, `Speculative` ...: how large the error of the size is",
    "epochs": "How often the data were read. The size is that of the data, and passes count up to five",
    "parameters": "Parameters of the model (count), to check the size against compute",
    "parameters_notes": "Notes on the number of parameters",
    "active_parameters": "Parameters used for each token, of models that switch on a part of themselves",
    "training_compute_flop": "Compute of the training run (FLOP), to check the size",
    "open_weights": "Whether the weights are published",
    "accessibility": "The same, in Epoch's words",
    "country": "Country of the organisation",
    "link": "Address of the source",
    "base_model": "Model that it was made from. Fine-tunes do not count",
    "finetune_compute": "Compute of fine-tuning (FLOP); where there is any, the row is a fine-tune",
    "is_finetune": "Whether it is a fine-tune",
    "stage": "`pretraining` or `finetune`; only in rows that `load_models` gave",
    "measurement_sd": "Error of the size (standard deviation of log10); by default it is worked out for each row",
}
"""For the reader, each column of a model table that is read; a new one without a line here stops the build."""

TOPICS: dict[str, tuple[str, ...]] = {
    "Make and keep forecasts": ("run", "load", "stack", "compare", "verify"),
    "Ask a forecast": ("Forecast", "ConditionalForecast"),
    "Tables": ("load_models", "load_table", "data_status"),
    "Paths and first passage": ("make_trajectory", "first_passage", "Resource"),
    "Parts of your own": ("Member", "Prior", "Estimator", "LogNormal", "Lever", "LeverParameter"),
}
"""The public names of `forecast` by what they are for; a new one that no topic names is shown under "More"."""

ROOMS: dict[str, tuple[str, ...]] = {
    "forecast.scenarios.scenario": ("load", "names", "Scenario"),
    "forecast.scenarios.settings": ("settings",),
    "forecast.consumption": ("fit",),
    "forecast.production": ("fit", "default_estimator"),
    "forecast.collapse": tuple(fc.collapse.__all__),
    "forecast.report": ("write_report", "render"),
    "forecast.core.registry": ("Registry",),
}
"""What users call in the rooms, by module."""


def commands() -> str:
    """Return every command with its arguments and options."""
    from forecast.cli.main import app

    top = typer.main.get_command(app)
    return "\n".join(_command(top, "forecast", level=0))


def _command(command: Any, path: str, level: int) -> Iterator[str]:
    context = command.context_class(command, info_name=path)
    subcommands = getattr(command, "commands", {})
    if level:
        yield f"\n{'#' * (level + 1)} {path}\n"
        yield _plain(inspect.cleandoc(command.help or ""))
        if not subcommands:
            yield f"\n```text\n{context.get_usage().removeprefix('Usage: ')}\n```\n"
        records = [record for one in command.get_params(context) if (record := one.get_help_record(context))]
        rows = [(_code(left), _plain(right)) for left, right in records if "--help" not in left]
        if rows:
            yield _table(("", "what"), rows)
    for name, one in subcommands.items():
        if not one.hidden:
            yield from _command(one, f"{path} {name}", level + 1)


def settings() -> str:
    """Return what a scenario can set, as `forecast scenario settings` lists it, one table for each lever and member."""
    from forecast.scenarios.settings import settings as listed

    groups: dict[str, list[Mapping[str, Any]]] = {}
    for row in listed(fc.scenario.load("baseline")):
        groups.setdefault(row["setting"].rpartition(".")[0], []).append(row)
    heading = ("setting", "unit", "from", "to", "neutral", "baseline", "what it is")
    made = []
    for table, rows in groups.items():
        made.append(f"\n### `[{table}]`\n\n{_titled(table)}\n")
        made.append(_table(heading, [_setting(row) for row in rows]))
    return "\n".join(made)


def _titled(table: str) -> str:
    kind, _, name = table.rpartition(".")
    if kind == "levers":
        lever = fc.levers.LEVERS[name]
        return f"{_sentence(lever.title)} Acts on {lever.side}."
    return _sentence(fc.consumption.MEMBERS[name].title) if kind else "The stock, where no estimator is to give it."


def _setting(row: Mapping[str, Any]) -> tuple[str, ...]:
    ends = ["" if row[end] is None else f"{row[end]:g}" for end in ("lower", "upper")]
    star = " \\*" if row["main"] else ""
    words = f" ({', '.join(row['choices'])})" if row["choices"] else ""
    name = row["setting"].rpartition(".")[2]
    return (
        f"`{name}`{star}",
        _plain(row["unit"]),
        *ends,
        *(_value(row[key]) for key in ("neutral", "value")),
        _plain(f"{row['description']}{words}"),
    )


def _value(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Mapping):
        return "<br>".join(f"{name} {_value(end)}" for name, end in value.items())
    return f"{value:.4g}" if isinstance(value, float) else _plain(str(value))


def columns() -> str:
    """Return the columns of a user's own table that are read, with every name under which they are found."""
    rows = [
        (", ".join(f"`{name}`" for name in names), WHAT_COLUMNS_MEAN[ours])
        for ours, names in sorted(_COLUMNS.items(), key=lambda item: list(WHAT_COLUMNS_MEAN).index(item[0]))
    ]
    size = (
        "`training dataset size (total)`, `tokens`, `tokens (billions)`, `dataset size (words)` ...",
        "Size of the training set, in the unit and scale that the name states. **Required**",
    )
    return _table(("names", "what it holds"), [rows[0], size, *rows[1:]])


def sizes() -> str:
    """Return the words that the name of a size column may hold."""
    by_unit: dict[str, list[str]] = {}
    for word, (unit, per) in UNITS.items():
        by_unit.setdefault(unit if per == 1 else f"{unit}, times {per:g}", []).append(word)
    rows = [(_code(*words), unit) for unit, words in by_unit.items()]
    powers: dict[int, list[str]] = {}
    for word, power in SCALES.items():
        powers.setdefault(power, []).append(word)
    rows += [(_code(*words), f"times 10^{power}") for power, words in powers.items()]
    rows.append((_code(*sorted(BYTES)), "refused: how many make a token depends on the text"))
    return _table(("words in the name", "read as"), rows)


def members() -> str:
    """Return the growth members, with what they say and whether the baseline holds them."""
    default = fc.scenario.load("baseline").members
    return _table(
        ("name", "title", "baseline"),
        [(f"`{name}`", _plain(one.title), "yes" if name in default else "") for name, one in _items("consumption")],
    )


def estimators() -> str:
    """Return the estimators of a stock."""
    rows = [(f"`{name}`", _plain(one.title), f"`{one.resource_name}`") for name, one in _items("production")]
    return _table(("name", "title", "resource"), rows)


def levers() -> str:
    """Return the levers, in the order in which they are applied."""
    rows = [
        (f"`{name}`", _plain(one.title), one.side, f"`{one.main_setting}`") for name, one in fc.levers.LEVERS.items()
    ]
    return _table(("name", "title", "side", "what `replace` sets"), rows)


def scenarios() -> str:
    """Return the shipped scenarios."""
    loaded = [(name, fc.scenario.load(name)) for name in fc.scenario.names()]
    return _table(
        ("name", "title", "what it assumes"),
        [(f"`{name}`", _plain(one.title), _plain(one.description)) for name, one in loaded],
    )


def figures() -> str:
    """Return the figures, each with the first line of its function's docstring."""
    rows = []
    for name, figure in fc.plots.FIGURES.items():
        draw = getattr(figure, "draw", figure)
        rows.append((f"`fc.plots.{draw.__name__}`", _plain((inspect.getdoc(draw) or name).splitlines()[0])))
    return _table(("function", "what it shows"), rows)


def document() -> str:
    """Return the fields of ``forecast.json``, down to the second level."""
    import json
    from importlib.resources import files

    schema = json.loads((files("forecast") / "forecast.schema.json").read_text(encoding="utf-8"))
    rows = []
    for name, one in schema["properties"].items():
        rows.append((f"`{name}`", _kind(one), "yes" if name in schema["required"] else ""))
        inner = one.get("properties", {})
        rows += [
            (f"`{name}.{key}`", _kind(two), "yes" if key in one.get("required", ()) else "")
            for key, two in inner.items()
        ]
    return _table(("field", "type", "always there"), rows)


def _kind(one: Mapping[str, Any]) -> str:
    if "$ref" in one:
        return one["$ref"].rpartition("/")[2]
    if "const" in one:
        return f"`{one['const']}`"
    said = one.get("type", "")
    return " or ".join(said) if isinstance(said, list) else said


def why() -> str:
    """Return how the headline has moved, under the question why it is not what it was."""
    from forecast.plots.headline_history import headline_history_rows

    rows = headline_history_rows()
    now, before = (round(100 * row["probability_by_2030_share"]) for row in (rows[-1], rows[0]))
    shown = [
        (
            _plain(row["step"]),
            f"{100 * row['probability_by_2030_share']:.3g} %",
            f"{row['median_year']:.1f}",
            _plain(row["cause"]),
        )
        for row in rows
    ]
    # Who remembers another number asks with that one: a search finds numbers in headings and in the index alone.
    shares = [math.floor(100 * row["probability_by_2030_share"]) for row in rows]
    other = 5 * round(before / 5)
    asked = ", ".join(f"why {one} and not {other}" for one in range(min(shares), max(shares) + 2) if one != other)
    return f"""## Why {now} and not {other}?

```{{index}} {asked}
```

Version {rows[0]["version"]} said about {before} % by the end of 2030. Since then each step has moved the number, which is why
it is {now} and not {other}; [the changelog](../../CHANGELOG.md) has the whole table. Other assumptions about growth
give other numbers: the sentence states their range.

""" + _table(("step", "by the end of 2030", "median", "why"), shown)


def api() -> str:
    """Return the public names of the package, by topic and then by room."""
    named = {name for names in TOPICS.values() for name in names}
    rest = tuple(name for name in fc._PUBLIC if name not in named and name not in ("RESOURCES", "ForecastError"))
    made = []
    for topic, names in {**TOPICS, **({"More": rest} if rest else {})}.items():
        made.append(f"\n## {topic}\n")
        made += [_documented("forecast", name) for name in names]
    made.append("\n## Errors\n\nEvery error that is meant for the user derives from `ForecastError`.\n")
    made += [
        _documented("forecast.errors", name, members=False)
        for name, one in vars(importlib.import_module("forecast.errors")).items()
        if inspect.isclass(one) and one.__module__ == "forecast.errors"
    ]
    for module, names in ROOMS.items():
        alias = {found.__name__: name for name in fc._ROOMS if (found := getattr(fc, name))}.get(module)
        made.append(f"\n## {module}\n")
        if alias:
            made.append(f"Reached as `fc.{alias}`.\n")
        made += [_documented(module, name) for name in names]
    return "\n".join(made)


def scale() -> str:
    """Return how cost grows, as it was measured last: the finding, the figure and the table."""
    from forecast.evaluate.processes import machine_words
    from forecast.evaluate.scale import run as room
    from forecast.plots.scale import scale as draw
    from forecast.plots.scale import scale_text

    if not stored.exists(room.NAME):
        return _not_measured(room.NAME)
    found = room.read_stored()
    content = found.content
    return "\n".join(
        [
            f"{room.finding(content)}. {room.memory_sentence(content)} Measured on {found.made[:10]}: "
            f"{machine_words(content['machine'])}.\n",
            _figure(draw(content).figure, room.NAME, "How cost grows with size", scale_text(content)),
            _table(room.COLUMNS, room.table_rows(content)),
        ]
    )


def speed() -> str:
    """Return what the commands take, as it was measured last, beside what is promised."""
    from forecast.evaluate import speed as room
    from forecast.evaluate.processes import machine_words

    if not stored.exists(room.NAME):
        return _not_measured(room.NAME)
    found = room.read_stored()
    said = f"{room.sentence(found.content)} Measured on {found.made[:10]}: {machine_words(found.content['machine'])}.\n"
    return f"{said}\n{_table(room.COLUMNS, room.table_rows(found.content))}"


def _not_measured(name: str) -> str:
    return f"*Not measured yet: run* `python -m forecast.evaluate {name}`.\n"


def _figure(canvas: Any, name: str, title: str, text: str) -> str:
    """Return a figure in the page's colours, by light and by night; its words are its alternative text."""
    from forecast.plots.fonts import embedded
    from forecast.report.themes import dark_rules, themed

    drawn = themed(fc.report.svg_element(canvas, name, title, text))
    night = re.sub(r".*:root\{(.*?)\}.*", r"\1", dark_rules([drawn]))
    rules = (
        f'body[data-theme="dark"]{{{night}}}'
        f'@media (prefers-color-scheme:dark){{body:not([data-theme="light"]){{{night}}}}}'
    )
    return f'```{{raw}} html\n<style>{rules}</style>\n<figure class="wide">{embedded(drawn)}</figure>\n```\n'


def _documented(module: str, name: str, *, members: bool = True) -> str:
    one = getattr(importlib.import_module(module), name)
    kind = "class" if inspect.isclass(one) else "function" if callable(one) else "data"
    options = "\n   :members:\n   :inherited-members: ABC, Mapping" if kind == "class" and members else ""
    return f"```{{eval-rst}}\n.. auto{kind}:: {module}.{name}{options}\n```\n"


def _items(room: str) -> Iterable[tuple[str, Any]]:
    registry = fc.consumption.MEMBERS if room == "consumption" else fc.production.ESTIMATORS
    return registry.items()


def _table(heading: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heading, ["---"] * len(heading), *rows]
    return "\n".join("| " + " | ".join(" ".join(cell.split()) for cell in row) + " |" for row in lines) + "\n"


def _plain(text: str) -> str:
    """Return text that Markdown leaves alone, with what the package's texts mark as code as code."""
    parts = re.split(r"``?([^`]+)``?", text)
    return "".join(
        f"`{part}`" if number % 2 else re.sub(r"([|*_<>\[\]\\])", r"\\\1", part) for number, part in enumerate(parts)
    )


def _code(*words: str) -> str:
    return ", ".join(f"`{word}`" for word in words).replace("|", "\\|")


def _sentence(text: str) -> str:
    return _plain(text[:1].upper() + text[1:]).rstrip(".") + "."


PARTS: dict[str, Callable[[], str]] = {
    part.__name__: part
    for part in (
        api, columns, commands, document, estimators, figures, levers, members, scale, scenarios, settings, sizes, speed, why,
    )
}  # fmt: skip
"""What a page can ask for."""
