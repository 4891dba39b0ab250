"""A result in a folder: figures with their words, the data behind them, and the document."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from forecast.core.files import atomic_file, check_writable
from forecast.plots.style import legible, save, style
from forecast.text import json_text, printable, to_csv

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


def save_result(
    name: str,
    content: Mapping[str, Any],
    figures: Mapping[str, tuple[Axes, str]],
    table: pd.DataFrame,
    out: Path,
) -> list[Path]:
    """Write a result into a folder, each file whole or not at all; what else lies there stays."""
    check_writable(out)
    written = []
    for stem, (axes, words) in figures.items():
        written.append(out / f"{stem}.svg")
        # Dates are left out, so that the same seed writes the same file; the words travel with the picture. Labels may
        # reach beyond the axes that they belong to.
        with style(), atomic_file(written[-1]) as temporary:
            figure = axes.get_figure(root=True)
            assert figure is not None, "axes that were drawn on belong to a figure"
            metadata = {"Description": printable(words), "Date": None}
            with legible(figure):
                save(figure, temporary, "svg", bbox_inches="tight", metadata=metadata)
    written += [out / f"{name}.csv", out / f"{name}.json"]
    with atomic_file(written[-2]) as temporary:
        temporary.write_text(to_csv(table), encoding="utf-8", newline="")
    with atomic_file(written[-1]) as temporary:
        temporary.write_text(json_text(content, allow_nan=False, indent=1) + "\n", encoding="utf-8")
    return written
