"""Priors made visible: the frontiers that they allow, and how far the data have moved each parameter."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast.consumption.fit import Fit
from forecast.consumption.frontier_data import FrontierData
from forecast.consumption.member import Member
from forecast.consumption.prior_driven import PRIOR_DRIVEN_ABOVE
from forecast.consumption.prior_predictive import PriorPredictive, prior_predictive_frontier
from forecast.core.seeds import DEFAULT_SEED
from forecast.core.summaries import quantiles
from forecast.core.wording import percent_words
from forecast.plots.member_panels import corpora, fits, frame, grid, overlaps, short_title
from forecast.plots.style import BLACK, BLUE, QUIET, VERMILION, new_axes, short_quantity, style
from forecast.runs.forecast import Forecast
from forecast.runs.sentence import percent
from forecast.scenarios.record import recorded_member

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

CONFLICT = (0.025, 0.975)
"""Range in which the prior predictive p of the record speaks of no conflict (no unit); judgement: a 95% interval."""

_LEVELS = (0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975)
_BANDS = ((0, 6, 0.13), (1, 5, 0.18), (2, 4, 0.25))
_PATHS = 12


def prior_predictive(member: Member, data: FrontierData, ax: Axes | None = None, *, seed: int = DEFAULT_SEED) -> Axes:
    """Draw the frontiers that a member's priors alone allow, against the published corpora.

    Parameters
    ----------
    member : Member
        The member with its priors.
    data : FrontierData
        The corpora.
    ax : matplotlib.axes.Axes, optional
        Where; a new figure by default.
    seed : int, optional
        Seed of the draws.

    Returns
    -------
    matplotlib.axes.Axes
        Years across, size up on a logarithmic scale; bands hold 50, 80 and 95% of the prior frontiers (equal-tailed),
        thin lines are single draws.

    Examples
    --------
    >>> import forecast as fc
    >>> f = fc.load("out")
    >>> fit = f.fits()["damped"]
    >>> axes = fc.plots.prior_predictive(fit.member, fit.data)
    """
    with style():
        ax = new_axes(ax)
        drawn = prior_predictive_frontier(member, data, seed)
        _prior_panel(ax, member, data, drawn, _prior_limits([drawn], data))
        ax.set_title(f"What the priors allow: {short_title(member.title)}", pad=10, parse_math=False)
        ax.set_ylabel("size, logarithmic")
    return ax


def prior_predictives(forecast: Forecast, ax: Axes | None = None) -> Axes:
    """Draw the frontiers that the priors of each member allow, one panel per member.

    Parameters
    ----------
    forecast : Forecast
        The forecast: only its members' names, its corpora and its seed are used.
    ax : matplotlib.axes.Axes, optional
        Where; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        A frame that holds the panels of `prior_predictive`.

    Examples
    --------
    >>> import forecast as fc
    >>> f = fc.load("out")
    >>> axes = fc.plots.prior_predictives(f)
    """
    with style():
        data, members, drawn = _drawn(forecast)
        ax = new_axes(ax, height=1.0 + 2.5 * -(-len(members) // 2))
        shares = [own.p_record for own in drawn]
        frame(
            ax,
            f"Before any data, a record as large as the published one has a chance of {percent_words(min(shares))} to "
            f"{percent_words(max(shares))}",
        )
        panels = grid(ax, len(members), 2)
        limits = _prior_limits(drawn, data)
        for place, (panel, member, own) in enumerate(zip(panels, members, drawn, strict=True)):
            _prior_panel(panel, member, data, own, limits)
            panel.set_title(short_title(member.title), fontsize=9, parse_math=False)
            if place % 2:
                panel.tick_params(labelleft=False)
    return ax


def _drawn(forecast: Forecast) -> tuple[FrontierData, list[Member], list[PriorPredictive]]:
    """Return the corpora, the members, and prior draws of each, from the document alone."""
    document = forecast.document
    data = corpora(document)
    members = [recorded_member(document, entry["name"]) for entry in document["consumption"]["members"]]
    seed = int(document["provenance"]["seed"])
    return data, members, [prior_predictive_frontier(member, data, seed) for member in members]


def _prior_limits(drawn: Sequence[PriorPredictive], data: FrontierData) -> tuple[float, float]:
    """Return limits that hold every corpus, the 80% bands, and the 95% bands at their end (log10).

    The far past of a damped prior reaches below a single token: drawn whole, it would leave no room for the rest.
    """
    sizes = data.size[data.observed > 0]
    ends = [float(sizes.min()), float(sizes.max())]
    for own in drawn:
        low, high = quantiles(own.frontier, [0.1, 0.9])
        ends += [float(low.min()), float(high.max()), *map(float, quantiles(own.frontier[:, -1], [0.025, 0.975]))]
    return min(ends) - 0.3, max(ends) + 0.3


def _prior_panel(
    ax: Axes, member: Member, data: FrontierData, drawn: PriorPredictive, limits: tuple[float, float]
) -> None:
    """Draw one member's prior frontiers with the corpora over them."""
    from matplotlib.ticker import FixedLocator, MaxNLocator, NullLocator

    points = 10 ** quantiles(drawn.frontier, _LEVELS)
    for low, high, alpha in _BANDS:
        ax.fill_between(drawn.knots, points[low], points[high], color=BLUE, alpha=alpha, linewidth=0)
    ax.plot(drawn.knots, points[3], color=BLUE, linewidth=2)
    ax.plot(drawn.knots, 10 ** drawn.frontier[:_PATHS].T, color=QUIET, linewidth=0.6, alpha=0.8)
    seen = (data.observed > 0) & (member.sees(data) > 0)[:, None]
    unseen = (data.observed > 0) & ~seen
    ax.plot(data.time[seen], 10 ** data.size[seen], linestyle="none", marker="o", color=BLACK, markersize=3.2)
    ax.plot(
        data.time[unseen],
        10 ** data.size[unseen],
        linestyle="none",
        marker="o",
        color=BLACK,
        markerfacecolor="white",
        markersize=3.2,
        markeredgewidth=0.7,
    )
    ax.set_yscale("log")
    ax.set_ylim(10 ** limits[0], 10 ** limits[1])
    powers = range(3 * int(np.ceil(limits[0] / 3)), int(limits[1]) + 1, 3)
    ax.yaxis.set_major_locator(FixedLocator([10.0**power for power in powers]))
    ax.yaxis.set_minor_locator(NullLocator())
    ax.yaxis.set_major_formatter(lambda value, _: short_quantity(value))
    ax.set_xlim(float(data.knots[0]), data.last_knot)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=5, prune="upper"))
    ax.annotate(
        f"prior probability of a record\nas large as the published: {drawn.p_record:.2f}",
        (0.98, 0.03),
        xycoords="axes fraction",
        ha="right",
        va="bottom",
        fontsize=9,
    )


def prior_predictives_text(forecast: Forecast) -> str:
    """Return the figure in words, its numbers from the document's corpora, members and seed."""
    _, _, drawn = _drawn(forecast)
    titles = [entry["title"] for entry in forecast.document["consumption"]["members"]]
    parts = [f"{title} {own.p_record:.2f}" for title, own in zip(titles, drawn, strict=True)]
    apart = [t for t, own in zip(titles, drawn, strict=True) if not CONFLICT[0] <= own.p_record <= CONFLICT[1]]
    verdict = f"prior and record are in conflict for {', '.join(apart)}" if apart else "none is in conflict with it"
    return (
        "Frontiers drawn from the priors alone, before any corpus was looked at: medians, 50, 80 and 95% bands and "
        f"{_PATHS} single draws a member, with the published corpora as dots (hollow: not seen by that member; what lies beyond the "
        "panels is in the data). "
        f"Probability that a prior draw has a record as large as the published one: {'; '.join(parts)}; {verdict}."
    )


def prior_predictives_table(forecast: Forecast) -> pd.DataFrame:
    """Return the data behind the figure."""
    import pandas as pd

    _, members, drawn = _drawn(forecast)
    lines: list[dict[str, Any]] = []
    for member, own in zip(members, drawn, strict=True):
        points = 10 ** quantiles(own.frontier, _LEVELS)
        for place, year in enumerate(own.knots):
            line = {"member": member.name, "year": year}
            line |= {f"frontier_q{1000 * level:03.0f}": p for level, p in zip(_LEVELS, points[:, place], strict=True)}
            lines.append(line | {"p_record": own.p_record})
    return pd.DataFrame(lines)


def priors_and_posteriors(fit: Fit, ax: Axes | None = None) -> Axes:
    """Draw every prior of a member with its posterior, one panel per parameter.

    Parameters
    ----------
    fit : Fit
        The fit.
    ax : matplotlib.axes.Axes, optional
        Where; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        A frame that holds the panels; overlaps printed, prior-driven parameters marked.

    Examples
    --------
    >>> import forecast as fc
    >>> f = fc.load("out")
    >>> fit = f.fits()["damped"]
    >>> axes = fc.plots.priors_and_posteriors(fit)
    """
    with style():
        names = [name for name, _ in fit.member.priors()]
        title = f"Priors (dashed) and posteriors (filled): {short_title(fit.member.title)}"
        return _parameter_figure([(fit, name) for name in names], title, ax, with_member=False)


def tail_parameters(forecast: Forecast, ax: Axes | None = None) -> Axes:
    """Draw the parameters on which the years to come rest: prior and posterior of each, over all members.

    Parameters
    ----------
    forecast : Forecast
        The forecast.
    ax : matplotlib.axes.Axes, optional
        Where; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        A frame that holds the panels; overlaps as the gate reports them, prior-driven parameters marked.

    Examples
    --------
    >>> import forecast as fc
    >>> f = fc.load("out")
    >>> axes = fc.plots.tail_parameters(f)
    """
    with style():
        shown = [(fit, name) for fit in fits(forecast) for name in fit.member.tail_parameters]
        driven = sum(_overlap(fit, name) >= PRIOR_DRIVEN_ABOVE for fit, name in shown)
        title = f"{driven} of {len(shown)} long-run parameters rest on judgement: priors (dashed), posteriors (filled)"
        return _parameter_figure(shown, title, ax)


def _parameter_figure(
    shown: Sequence[tuple[Fit, str]], title: str, ax: Axes | None, *, with_member: bool = True
) -> Axes:
    rows = -(-len(shown) // 3)
    ax = new_axes(ax, height=0.7 + (1.95 if with_member else 1.75) * rows)
    frame(ax, title)
    panels = grid(ax, len(shown), 3, gap=0.06, head=0.55 if with_member else 0.36)
    for panel, (fit, name) in zip(panels, shown, strict=True):
        _parameter_panel(panel, fit, name, with_member=with_member)
    return ax


def _parameter_panel(ax: Axes, fit: Fit, name: str, *, with_member: bool) -> None:
    """Draw one prior and its posterior as densities of equal scale."""
    from matplotlib.ticker import MaxNLocator

    prior, draws = dict(fit.member.priors())[name], fit.draws[name]
    overlap = _overlap(fit, name)
    # As the gate says it: of the parameters that decide the years to come, and of no other.
    driven = overlap >= PRIOR_DRIVEN_ABOVE and name in fit.member.tail_parameters
    low = min(*prior.quantile(np.array([0.002])), *quantiles(draws, [0.002]))
    high = max(*prior.quantile(np.array([0.98])), *quantiles(draws, [0.995]))
    at = np.linspace(low, high, 300)
    edges = np.linspace(low, high, 41)
    counts, _ = np.histogram(draws, bins=edges)
    colour = VERMILION if driven else BLUE
    height = counts / len(draws) / np.diff(edges)
    ax.stairs(height, edges, fill=True, color=colour, alpha=0.35)
    ax.stairs(height, edges, color=colour, linewidth=1.0, baseline=None)
    with np.errstate(divide="ignore", invalid="ignore"):
        density = np.nan_to_num(np.exp(prior.log_density(np.maximum(at, 1e-12) if low >= 0 else at)))
    ax.plot(at, density, color=BLACK, linewidth=1.6, linestyle=(0, (5, 2)))
    ax.set_xlim(low, high)
    ax.set_ylim(0, 1.28 * max(float(density.max()), float(height.max())))
    ax.set_yticks([])
    ax.grid(visible=False)
    ax.spines["left"].set_visible(False)
    ax.xaxis.set_major_locator(MaxNLocator(nbins=4))
    words = name.replace("_", " ")
    unit = "" if prior.unit == "none" else f", {prior.unit}"
    member = f"{textwrap.shorten(short_title(fit.member.title), 32, placeholder=' …')}\n" if with_member else ""
    ax.set_title(f"{member}{words}{unit}", fontsize=9, weight="normal", parse_math=False)
    ax.annotate(
        f"overlap {percent(overlap)}" + ("\nprior-driven" if driven else ""),
        (0.99, 0.98),
        xycoords="axes fraction",
        ha="right",
        va="top",
        fontsize=9,
        weight="bold" if driven else "normal",
        color=VERMILION if driven else BLACK,
    )


def _overlap(fit: Fit, name: str) -> float:
    """Return the overlap that the gate reports, else measure it."""
    reported = fit.diagnostics.get("overlaps", {})
    return float(reported[name] if name in reported else dict(fit.member.priors())[name].overlap(fit.draws[name]))


def tail_parameters_text(forecast: Forecast) -> str:
    """Return the figure in words, its numbers from the document."""
    document = forecast.document
    parts = []
    for entry in document["consumption"]["members"]:
        found = overlaps(document, entry["name"], recorded_member(document, entry["name"]).tail_parameters)
        says = [
            f"{name.replace('_', ' ')} {percent(share)}{' (prior-driven)' if share >= PRIOR_DRIVEN_ABOVE else ''}"
            for name, share in found.items()
        ]
        parts.append(f"{entry['title']}: {', '.join(says) or 'no overlap was reported'}")
    return (
        "Prior and posterior density of every parameter that decides the years to come. Overlap of the two, 100% when "
        f"the data changed nothing: {'; '.join(parts)}. From {percent(PRIOR_DRIVEN_ABOVE)} on, a parameter counts as "
        "prior-driven: what it says is a judgement, not a finding."
    )


def tail_parameters_table(forecast: Forecast) -> pd.DataFrame:
    """Return the data behind the figure."""
    import pandas as pd

    lines = []
    for fit in fits(forecast):
        priors = dict(fit.member.priors())
        for name in fit.member.tail_parameters:
            overlap = _overlap(fit, name)
            line: dict[str, Any] = {"member": fit.member.name, "parameter": name, "unit": priors[name].unit}
            line |= {"overlap": overlap, "prior_driven": "yes" if overlap >= PRIOR_DRIVEN_ABOVE else "no"}
            levels = np.array([0.05, 0.5, 0.95])
            both = zip(levels, priors[name].quantile(levels), quantiles(fit.draws[name], list(levels)), strict=True)
            for level, before, after in both:
                line |= {f"prior_q{100 * level:02.0f}": before, f"posterior_q{100 * level:02.0f}": after}
            lines.append(line)
    return pd.DataFrame(lines)
