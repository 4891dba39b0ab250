"""The explorer: the forecast's own futures packed into the page, for the reader's browser to move what they rest on.

What is packed is every future's frontier and stock without what can be moved, and for each setting of the levers its
distribution and every future's rank in it. The browser then takes the quantiles again at the same ranks, follows the
formulas of levers and shifts as `explorer_formulas` has written them down, and looks for the first crossing. Formulas, and
every word of the sentence, go into the page from here: the script has none of its own.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

import numpy as np

from forecast.core.resources import RESOURCES
from forecast.core.summaries import quantiles
from forecast.core.trajectory import YEAR
from forecast.core.units import decimal_year
from forecast.core.wording import FIVES, HEADLINE_HORIZON, MONTHS, ODDS, SIZES, WHOLE_POINTS, date_words, quantity_words
from forecast.fits.kept_parts import kept_part
from forecast.ingest.measurement import record_row
from forecast.report import explorer_paths
from forecast.report.disclosures import premium_log10
from forecast.report.explorer_controls import (
    FEWEST_GIVEN,
    FIRST,
    FORMULAS,
    GIVEN_AHEAD,
    GIVEN_DAY,
    GROWTH,
    HIDDEN,
    HIDDEN_SIZE,
    PREMIUM,
    SLIDERS,
    STOCK,
    Slider,
)
from forecast.report.explorer_packing import STEP, Pack
from forecast.report.explorer_paths import HALF_YEARS_UNTIL, YEARS_UNTIL, Shifts
from forecast.report.explorer_scenarios import choices, stock_year
from forecast.report.explorer_script import javascript
from forecast.report.kept_pictures import numbers_of
from forecast.runs.document_types import Document
from forecast.runs.forecast import Forecast
from forecast.runs.headline import PATTERN, RANGES, fixed_words
from forecast.runs.sentence import HEADLINE_YEAR, percent
from forecast.scenarios.levers import LEVERS
from forecast.scenarios.record import restored
from forecast.text import printable

SCRIPTS = ("arithmetic", "words", "chart", "page")
"""Parts of what runs in the browser, in their order; the formulas come after the first."""

_FOLDER = Path(__file__).with_name("templates") / "explorer"

LEAD = "{odds} ({percent}) by the end of {by}. Central estimate: {centre}; {range}."
"""The answer that stays in view beside the controls."""

TABLE = (2026, 2027, 2028, 2029, 2030, 2032, 2035, 2040, 2050)
"""Years of the explorer's table (calendar years, by their end)."""

STEPS = 200
"""Positions of a slider (count)."""


def explorer(forecast: Forecast) -> dict[str, Any] | None:
    """Return what the explorer needs: controls for the page, data for the browser."""
    return cast("dict[str, Any] | None", kept_part("explorer", lambda: _explorer(forecast), of=numbers_of(forecast)))


def _explorer(forecast: Forecast) -> dict[str, Any] | None:
    document = forecast.document
    content = document["provenance"].get("scenario")
    if content is None or document["sentence"] is None:
        return None
    scenario = restored(content)
    if scenario.weights:  # the page begins with equal ones
        return None
    base = explorer_paths.paths(forecast, scenario)
    if base is None:
        return None
    keep, packed = explorer_paths.kept(forecast), Pack()
    years = forecast.consumption[YEAR].values
    knots, stock_knots = explorer_paths.knots(years)
    rest = _rest(forecast, free=base.free)
    shifts, demand = (*rest, HIDDEN) if base.free else (), base.demand is not None
    found = choices(forecast, scenario, packed, keep, base.stock, stock_knots, shifts=shifts, demand=demand)
    shown = [
        _worded(slider, forecast)
        for slider in SLIDERS
        if slider.name in rest or any(slider.name in one["rest"] for one in found)
    ]
    by = document["exhaustion_year"]["probability_by"]
    seed, size = int(forecast.provenance["seed"]), len(forecast.exhaustion_year)
    formulas: dict[str, int] = {}
    for one in found:
        one["formulas"] = {
            side: formulas.setdefault(javascript(steps), len(formulas)) for side, steps in one["formulas"].items()
        }
    data = {
        "step": STEP,
        "steps": STEPS,
        "sentence": printable(document["sentence"]),
        "words": _words(document),
        "headlineYear": HEADLINE_YEAR,
        "horizon": document["horizon"],
        "tableYears": [year for year in TABLE if str(year) in by],
        "draws": len(keep),
        "years": years[knots].tolist(),
        "stockYears": years[stock_knots].tolist(),
        "free": base.free,
        "members": _members(forecast, keep),
        "sliders": [_for_browser(slider) for slider in shown],
        "rest": rest,
        "scenarios": found,
        "given": _given(forecast),
        "frontier": packed.paths(base.frontier[np.ix_(keep, knots)]),
        "demand": None if base.demand is None else packed.paths(base.demand[np.ix_(keep, knots)]),
        "places": packed.ranks(explorer_paths.places(seed, size)[keep]),
    }
    data["packed"] = packed.text()
    first = {slider.name for slider in FIRST}
    return {
        "first": [asdict(slider) for slider in shown if slider.name in first],
        "more": [asdict(slider) for slider in shown if slider.name not in first],
        "steps": STEPS,
        "members": data["members"],
        "scenarios": [(one["name"], one["title"]) for one in found],
        "draws": len(keep),
        "given": data["given"],
        "years": [year for year in range(int(min(by)), HEADLINE_HORIZON + 1) if str(year) in by],
        "table_years": data["tableYears"],
        "lead": LEAD,
        "formulas": _formulas(forecast, shown, rest),
        "script": script(list(formulas)),
        # "<" as an escape: whatever a name holds, it cannot end the element.
        "data": json.dumps(data, allow_nan=False, separators=(",", ":")).replace("<", "\\u003c"),
    }


def script(formulas: Sequence[str] = ()) -> str:
    """Return what runs in the browser: its parts in one function, so that no name of theirs is the page's."""
    parts = [(_FOLDER / f"{name}.js").read_text(encoding="utf-8") for name in SCRIPTS]
    parts.insert(1, f"const formulas = [{', '.join(formulas)}];\n")
    return '"use strict";\n(() => {\n' + "\n".join(parts) + "})();"


def script_hash(text: str) -> str:
    """Return what a page's content policy allows to run: a script and nothing else."""
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"


def _rest(forecast: Forecast, *, free: bool) -> dict[str, float]:
    """Return where the sliders that set no lever rest, but for those that a scenario sets."""
    document = forecast.document
    rest: dict[str, float] = {}
    if not free:
        return rest
    growth = float(document["consumption"]["growth_oom_per_year"]["median"])
    stated = premium_log10(document)
    above = explorer_paths.premium(forecast) if stated is None else stated
    if growth > 0:
        rest[GROWTH] = 10**growth
    if above is not None:
        rest[PREMIUM] = 10**above
    return rest | {HIDDEN_SIZE: 10 ** Shifts().size}


def _given(forecast: Forecast) -> dict[str, Any]:
    """Return what a reader can take as known: the frontier of which years, within which powers of ten."""
    first = int(np.ceil(explorer_paths.since(forecast)))
    years = [year for year in range(first, first + GIVEN_AHEAD) if year <= forecast.document["horizon"]]
    ends = [forecast.consumption.sel({YEAR: year}).values for year in (years[0], years[-1])]
    return {
        "years": years,
        "year": years[min(1, len(years) - 1)],
        "low": 10.0 ** int(np.floor(quantiles(ends[0], [0.01])[0])),
        "high": 10.0 ** int(np.ceil(quantiles(ends[1], [0.99])[0])),
        "fewest": FEWEST_GIVEN,
        "unit": RESOURCES[forecast.document["resource"]].unit,
        "day": GIVEN_DAY,
    }


def _since_words(forecast: Forecast) -> str:
    year, part = divmod(explorer_paths.since(forecast), 1)
    return f"{MONTHS[0 if part == 0 else 6]} {year:.0f}"


def _worded(slider: Slider, forecast: Forecast) -> Slider:
    """Return a slider whose words name the dates and the record of this run."""
    document = forecast.document
    row = record_row(document["consumption"]["record"]["rows"])
    words = {
        "since": _since_words(forecast),
        "since_year": _since_words(forecast).replace("January ", "").replace("July ", "mid-"),
        "record": printable(str(row["model"])) if row else "",
        "stock_date": f"1 January {stock_year(document)}",
    }
    filled = {"label": slider.label.format(**words), "help": slider.help.format(**words)}
    return Slider(**{**{name: getattr(slider, name) for name in slider.__dataclass_fields__}, **filled})


def _for_browser(slider: Slider) -> dict[str, Any]:
    names = ("name", "label", "low", "high", "scale", "form", "idle", "beyond")
    repeats = slider.lever != "" and LEVERS[slider.lever].counts_as == "pass"
    return {name: getattr(slider, name) for name in names} | {"repeats": repeats}


def _members(forecast: Forecast, keep: np.ndarray) -> list[dict[str, Any]]:
    return [
        {"name": member["name"], "title": member["title"], "draws": int(((keep >= at.start) & (keep < at.stop)).sum())}
        for member, at in explorer_paths.blocks(forecast)
    ]


def _formulas(forecast: Forecast, shown: list[Slider], rest: dict[str, float]) -> list[str]:
    """Return what each control does, in this run's numbers; nothing of those that are not there."""
    there = {slider.name for slider in shown}
    words = {
        "since": _since_words(forecast),
        "growth": f"x{rest.get(GROWTH, 1.0):.2g}",
        "premium": f"{rest.get(PREMIUM, 1.0):.2g} times",
        "stock": quantity_words(forecast.document["stock"]["raw"][stock_year(forecast.document)]["median"]),
        "step": f"{100 * (10**STEP - 1):.1g}%",
        "half_years": HALF_YEARS_UNTIL,
        "years": YEARS_UNTIL,
        "fewest": FEWEST_GIVEN,
    }
    own = (GROWTH, PREMIUM, STOCK, HIDDEN)
    return [said.format(**words) for name, said in FORMULAS.items() if name not in own or name in there]


def _words(document: Document) -> dict[str, Any]:
    """Return the sentence as a pattern that the browser fills, with what it may be filled with."""
    pattern = PATTERN
    fixed = fixed_words(document)
    for name in ("date", "ever"):
        pattern = pattern.replace(f"{{{name}}}", printable(fixed[name]))
    return {
        "pattern": pattern,
        "lead": LEAD,
        "ranges": dict(RANGES),
        "odds": [{"share": one.share, "crowd": one.of_a_crowd(), "lead": one.of_the_model()} for one in ODDS],
        "wholePoints": WHOLE_POINTS,
        "fives": FIVES,
        "percent": [percent(share) for share in (0.0, 0.5, 1.0)],
        "sizes": [list(one) for one in SIZES],
        "lastYear": HEADLINE_HORIZON,
        "asOf": decimal_year(document["as_of"]),
        "source": f"Data to {date_words(document['as_of'])}; data-depletion {document['provenance']['code_version']}",
    }


__all__ = ["SCRIPTS", "SLIDERS", "explorer", "script", "script_hash"]
