"""The equations that a run has solved, written from its configuration, with the values of their symbols."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from forecast.report.brief_blocks import BriefTable, Equation, Paragraph
from forecast.report.brief_words import factor_range, factor_words, median_and_range, order_range, order_words
from forecast.runs.document_types import Document, LayerBlock

_SYMBOLS = {
    "contamination": "h",
    "access": "a",
    "languages": "l",
    "quality": "q",
    "repetition": "p",
    "synthetic": "z",
    "private": "v",
    "multimodal": "m",
    "compute_cap": "c",
}
"""Letters of levers in the equations; a lever without one is k with its name."""


def equations(document: Document) -> tuple[Any, ...]:
    """Return the equations that this run has solved: as many factors as its scenario has levers."""
    stock, consumption = document["stock"], document["consumption"]
    taken: set[str] = set("FSTDRPu")
    on_stock = [(_symbol(layer, taken), layer) for layer in stock["layers"]]
    on_frontier = [(_symbol(layer, taken), layer) for layer in consumption["levers"]]
    hidden = consumption["undisclosed"]
    frontier: list[dict[str, str]] = [_of_t("F"), {"sign": "equals"}, _of_t("D")]
    meanings: list[tuple[str, ...]] = [
        ("D(t)", "largest feasible run by disclosed sizes, a mixture of the growth models", "", "")
    ]
    if hidden["included"]:
        frontier += [{"sign": "times"}, {"ten": "u"}]
        delta = hidden["delta"]
        meanings.append(
            (
                "u",
                "runs of undisclosed size, in orders of magnitude",
                order_words(delta["median"]),
                order_range(delta),
            )
        )
    for symbol, layer in on_frontier:
        frontier += [{"sign": "times"}, {**symbol, "of": "t"}]
        meanings.append(_meaning(symbol, layer))
    effective: list[dict[str, str]] = [_of_t("S"), {"sign": "equals"}, _of_t("R")]
    meanings.append(("R(t)", f"raw stock ({document['unit']})", *median_and_range(stock["raw"].get("2030"))))
    for symbol, layer in on_stock:
        effective += [{"sign": "times"}, {**symbol, "of": "t"}]
        meanings.append(_meaning(symbol, layer))
    mixture: list[dict[str, str]] = [{"symbol": "P", "of": "T ≤ y"}, {"sign": "equals"}]
    held = [member for member in consumption["members"] if member["weight"] > 0]
    for place, member in enumerate(held):
        mixture += [{"sign": "plus"}] if place else []
        mixture += [{"words": f"{member['weight']:.3g}"}, {"symbol": "P", "sub": str(place + 1), "of": "T ≤ y"}]
    names = "; ".join(f"{place + 1}: {member['title']}" for place, member in enumerate(held))
    return (
        Paragraph(
            "Written from the configuration of this run: the factors are the levers that its scenario sets. One posterior "
            "draw is one future; a future in which the two paths never meet has no exhaustion year."
        ),
        Equation(
            (
                {"symbol": "T"},
                {"sign": "equals"},
                {"sign": "first"},
                {"sign": "open"},
                {"symbol": "t"},
                {"sign": "such"},
                _of_t("F"),
                {"sign": "reaches"},
                _of_t("S"),
                {"sign": "close"},
            )
        ),
        Equation(tuple(frontier)),
        Equation(tuple(effective)),
        Equation(tuple(mixture)),
        Paragraph(f"Growth models: {names}."),
        BriefTable(
            "What the symbols mean, with their values on 1 January 2030",
            ("symbol", "meaning", "median", "80% interval"),
            tuple(meanings),
            (0.8, 3.6, 1.4, 2.2),
            "llrr",
        ),
    )


def _of_t(letter: str) -> dict[str, str]:
    return {"symbol": letter, "of": "t"}


def _symbol(layer: LayerBlock, taken: set[str]) -> dict[str, str]:
    """Return a letter for a lever, its name's first one where that is free, else k with the name below it."""
    letter = _SYMBOLS.get(layer["name"], "")
    if letter and letter not in taken:
        taken.add(letter)
        return {"symbol": letter}
    return {"symbol": "k", "sub": str(layer["name"]).replace("_", " ")}


def _meaning(symbol: Mapping[str, str], layer: LayerBlock) -> tuple[str, ...]:
    factor = layer.get("factor_by_year", {}).get("2030", layer["factor"])
    letter = symbol["symbol"] + (f" {symbol['sub']}" if symbol.get("sub") else "")
    return f"{letter}(t)", str(layer["title"]), factor_words(factor["median"]), factor_range(factor)
