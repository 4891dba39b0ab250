"""Jupyter: figures and fits that show themselves, and the progress of long calls.

`import forecast` registers this where IPython runs, and nowhere else. Outside a notebook nothing here is imported.
Forecasts, fits, scenarios and comparisons carry their own HTML. Trajectories are `xarray.DataArray`, which show
themselves, too, and are not wrapped.
"""

from __future__ import annotations

import contextlib
import functools
import io
import sys
import uuid
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from forecast.runs.sentence import NO_HEADLINE

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PIXELS_PER_INCH, SHARPNESS = 100, 1.5
"""Size of a figure on the page, and how many pixels make one (judgement: sharp enough to read, 50 kB a figure)."""

WIDEST = 780
"""Width of a figure on the page at most (pixels): what a notebook has beside its margin, on a common screen."""

COLOURS = 128
"""Colours of a figure (count; judgement: more cannot be distinguished in flat shapes with soft edges)."""

PROGRESS = {"forecast": "progress"}
"""Metadata of the outputs that only tell of progress, so that a maker of notebooks can leave them out."""


def register(shell: Any = None) -> None:
    """Tell IPython how results show themselves."""
    running = _shell() if shell is None else shell
    if running is None:
        return
    formatters = running.display_formatter.formatters
    formatters["image/png"].for_type_by_name("matplotlib.axes._axes", "Axes", axes_png)
    formatters["image/png"].for_type_by_name("matplotlib.figure", "Figure", figure_png)
    for (module, name), words in _IN_WORDS.items():
        formatters["text/plain"].for_type_by_name(module, name, functools.partial(_print_words, words))


def in_notebook() -> bool:
    """Tell whether this process is the kernel of a notebook.

    Examples
    --------
    >>> in_notebook()
    False
    """
    return getattr(_shell(), "kernel", None) is not None


def telling[R](function: Callable[..., R]) -> Callable[..., R]:
    """Return a function that shows its progress in a notebook unless its caller asks for it in another way.

    Examples
    --------
    >>> telling(lambda *, progress: progress("fitted") or "done")(progress=print)
    fitted
    'done'
    """

    @functools.wraps(function)
    def told(*args: Any, **named: Any) -> R:
        if "progress" in named or not in_notebook():
            return function(*args, **named)
        with steps() as tell:
            return function(*args, progress=tell, **named)

    return told


@contextlib.contextmanager
def steps() -> Iterator[Callable[[str], None]]:
    """Show in a notebook that something goes on, and what has been done; afterwards one line says it."""
    from IPython.display import display

    said: list[str] = []
    place = uuid.uuid4().hex

    def show(running: bool, *, update: bool = True) -> None:
        data = {"text/plain": "; ".join(said), "text/html": _steps_html(said, running=running)}
        display(data, raw=True, metadata=PROGRESS, display_id=place, update=update)

    def tell(words: str) -> None:
        said.append(words)
        show(running=True)

    show(running=True, update=False)
    try:
        yield tell
    finally:
        show(running=False)


def axes_png(ax: Axes) -> tuple[bytes, dict[str, int]] | None:
    """Return the figure that holds axes, as `figure_png`."""
    figure = ax.get_figure(root=True)
    return None if figure is None else figure_png(figure)


def figure_png(figure: Figure) -> tuple[bytes, dict[str, int]] | None:
    """Return a figure as a small PNG, in this package's style."""
    if getattr(figure.canvas, "manager", None) is not None:
        return None
    from PIL import Image

    from forecast.plots.style import legible, style

    drawn = io.BytesIO()
    # Labels may reach beyond the axes that they belong to.
    with style(), legible(figure):
        figure.savefig(drawn, format="png", dpi=PIXELS_PER_INCH * SHARPNESS, bbox_inches="tight")
    small = io.BytesIO()
    with Image.open(drawn) as picture:
        scale = min(1 / SHARPNESS, WIDEST / picture.width)
        width, height = (round(side * scale) for side in picture.size)
        picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(small, format="png", optimize=True)
    return small.getvalue(), {"width": width, "height": height}


_IN_WORDS: dict[tuple[str, str], Callable[[Any], str]] = {
    ("forecast.runs.forecast", "Forecast"): lambda made: made.sentence() or NO_HEADLINE,
    ("forecast.consumption.fit", "Fit"): lambda fit: f"{fit.member.title}: {fit.diagnostics['verdict']}",
    ("forecast.scenarios.scenario", "Scenario"): lambda scenario: f"{scenario.name}: {scenario.title}",
    ("forecast.runs.compare", "Comparison"): lambda both: f"{both.first_name} against {both.second_name}",
}
"""What comes beside the HTML for readers of plain text: a few words instead of every draw."""


def _print_words(words: Callable[[Any], str], value: Any, printer: Any, cycle: bool) -> None:
    del cycle
    printer.text(words(value))


def _steps_html(said: list[str], *, running: bool) -> str:
    from markupsafe import escape

    words = escape(
        "; ".join(said) if not running else said[-1] if said else "at work; fits that are not kept take minutes"
    )
    bar = "<progress></progress> " if running else ""
    return f'<div style="font-family:sans-serif;font-size:90%;color:#5b6470">{bar}{words}</div>'


def _shell() -> Any:
    """Return IPython's shell where one runs; IPython is not imported for that."""
    module = sys.modules.get("IPython")
    return None if module is None else module.get_ipython()
