"""Claims: what the forecast gives to each public claim now and would have given then, beside what the claim states."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from forecast.core.wording import date_words
from forecast.plots.style import BLACK, BLUE, ORANGE, QUIET, VERMILION, new_axes, style, titled

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

_LABEL = 74
"""Letters of a row's label; what is longer ends in dots."""

_WIDTH = 8.2
"""Width of a new figure (inches)."""

_WORDS = {
    "main": "a run as large as the stock",
    "single_pass": "a run as large, one reading",
    "share_10": "a run of a tenth of the stock",
    "share_50": "a run of half the stock",
    "used_once": "all used once by somebody",
    "record": "a published run as large",
    "flow": "use outgrows production",
}
_RESOURCES = {"public_text": "text", "high_quality_text": "high-quality text", "images": "images"}
_HAPPENED = {
    "reached": "reached",
    "reached before": "reached before",
    "not reached": "not reached",
    "cannot be told": "cannot be told",
}
"""What published training sets did by the claim's date."""


def claims(content: Mapping[str, Any], ax: Axes | None = None) -> Axes:
    """Draw the claims that are mapped to an event, those whose time has passed above, the others below.

    Parameters
    ----------
    content : mapping
        The ledger, as `forecast.evaluate.claims.run.ledger` gives it.
    ax : matplotlib.axes.Axes, optional
        Where; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        Probability across, one row per claim; what happened is at the right.
    """
    gone, open_ = _rows(content)
    with style():
        own = ax is None
        ax = new_axes(ax, height=1.7 + 0.36 * (len(gone) + len(open_) + 2))
        if own:
            # The labels of the rows take as much room as the rows.
            ax.get_figure(root=True).set_figwidth(_WIDTH)  # type: ignore[union-attr]
        labels, places, at = [], [], 0.0
        for heading, rows in (("Time has passed", gone), ("Still open", open_)):
            if not rows:
                continue
            ax.annotate(
                heading,
                (0, at),
                xycoords=("axes fraction", "data"),
                xytext=(-6, 0),
                textcoords="offset points",
                weight="bold",
                ha="right",
                va="center",
                annotation_clip=False,
            )
            if rows is gone:
                ax.annotate(
                    "by published\nsets alone",
                    (1, at),
                    xycoords=("axes fraction", "data"),
                    xytext=(6, 0),
                    textcoords="offset points",
                    va="center",
                    fontsize=8.5,
                    annotation_clip=False,
                )
            for entry in rows:
                at += 1
                places.append(at)
                labels.append(_label(entry))
                _row(ax, at, entry)
            at += 1.3
        ax.set_ylim(at - 0.6, -1.4)
        ax.set_xlim(-2, 102)
        ax.set_yticks(places, labels, fontsize=8.5)
        for label in ax.get_yticklabels():
            label.set_parse_math(False)
        ax.grid(visible=False, axis="y")
        ax.grid(visible=True, axis="x")
        ax.set_xlabel("probability that the claimed event holds, %\n(runs that were never published count, too)")
        _key(ax)
        seen = f"seen from {date_words(content['as_of'])}" if content["as_of"] else "without a forecast"
        titled(ax, f"The time of {len(gone)} of {len(gone) + len(open_)} public claims has passed ({seen})")
    return ax


def _rows(content: Mapping[str, Any]) -> tuple[list[Mapping[str, Any]], list[Mapping[str, Any]]]:
    known = [
        entry for entry in content["claims"] if entry["event"] is not None and entry["probability_now"] is not None
    ]
    return [e for e in known if e["outcome"] is not None], [e for e in known if e["outcome"] is None]


def _label(entry: Mapping[str, Any]) -> str:
    event = entry["event"]
    who = f"{entry['claimant']}, {_month(entry)}"
    mark = " *" if entry["secondary_reading"] else ""
    what = f"{event['words']}: {_WORDS[event['definition']]} ({_RESOURCES[event['resource']]})"
    return (
        f"{textwrap.shorten(who, _LABEL, placeholder=' …')}{mark}\n{textwrap.shorten(what, _LABEL, placeholder=' …')}"
    )


def _month(entry: Mapping[str, Any]) -> str:
    return str(entry["date"])[: 4 if entry["date_precision"] == "year" else 7]


def _row(ax: Axes, at: float, entry: Mapping[str, Any]) -> None:
    now, then, stated = (
        None if entry[key] is None else 100.0 * float(entry[key])
        for key in ("probability_now", "probability_then", "stated_probability")
    )
    assert now is not None, "only claims with a probability are drawn"
    if then is not None:
        ax.annotate("", (now, at), (then, at), arrowprops={"arrowstyle": "->", "color": BLUE, "linewidth": 1.0})
        ax.plot([then], [at], "o", color="white", markeredgecolor=BLUE, markersize=6.5, zorder=3)
    ax.plot([now], [at], "o", color=BLUE, markersize=6.5, zorder=4)
    if stated is not None:
        ax.plot(
            [stated], [at], "D", color="white", markeredgecolor=ORANGE, markeredgewidth=1.6, markersize=6.5, zorder=3
        )
    happened = "" if entry["outcome"] is None else _HAPPENED[entry["outcome"]["status"]]
    ax.annotate(
        happened,
        (1, at),
        xycoords=("axes fraction", "data"),
        xytext=(6, 0),
        textcoords="offset points",
        va="center",
        fontsize=8.5,
        color=VERMILION if happened == "reached" else QUIET,
        annotation_clip=False,
    )


def _key(ax: Axes) -> None:
    """Say what the marks mean, above the rows."""
    from matplotlib.lines import Line2D

    def mark(label: str, shape: str, face: str, edge: str) -> Line2D:
        return Line2D([], [], linestyle="", marker=shape, color=face, markeredgecolor=edge, markersize=6.5, label=label)

    marks = [
        mark("our forecast now", "o", BLUE, BLUE),
        mark("our forecast with the rows known then", "o", "white", BLUE),
        mark("stated by the claim", "D", "white", ORANGE),
        mark("* read second hand", "", BLACK, BLACK),
    ]
    ax.legend(
        handles=marks,
        loc="upper center",
        bbox_to_anchor=(0.2, -0.075 if len(ax.get_yticks()) > 12 else -0.16),
        ncols=2,
        frameon=False,
        fontsize=8.5,
    )


def claims_text(content: Mapping[str, Any]) -> str:
    """Return the figure in words."""
    gone, open_ = _rows(content)
    counts = content["counts"]
    said = [
        f"Dot plot of {len(gone) + len(open_)} public claims that can be mapped to an event of the forecast, of "
        f"{counts['claims']} in the ledger."
    ]
    if gone:
        said.append(
            f"The time of {len(gone)} has passed: published training sets had reached the limit in "
            f"{counts['reached'] + counts['reached before']}, had not in {counts['not reached']}, and in "
            f"{counts['cannot be told']} it cannot be told."
        )
    for entry in (*gone, *open_):
        then = (
            "" if entry["probability_then"] is None else f", with the rows known then {entry['probability_then']:.0%}"
        )
        stated = "" if entry["stated_probability"] is None else f", stated {entry['stated_probability']:.0%}"
        event = entry["event"]
        said.append(
            f"{entry['claimant']} ({_month(entry)}), {_WORDS[event['definition']]}, {event['words']}: "
            f"now {entry['probability_now']:.0%}{then}{stated}."
        )
    return " ".join(said)


def claims_table(content: Mapping[str, Any]) -> pd.DataFrame:
    """Return the data behind the figure: the whole ledger, the claims that cannot be mapped too."""
    from forecast.evaluate.claims.run import claims_table as table

    return table(content)
