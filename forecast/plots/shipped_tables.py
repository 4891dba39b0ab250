"""What single tables of the package show: milestones, the crawl, languages, media, prices, published collapse."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from forecast.ingest.catalog import load_table
from forecast.ingest.dates import decimal_years
from forecast.plots.style import BLACK, BLUE, ORANGE, QUIET, new_axes, quantity_words, style

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

LARGEST_LANGUAGES = 12
"""Languages drawn (count)."""

HOURS_A_YEAR = 8766.0
"""Hours in a mean Julian year."""

ENGLISH = "eng"
"""English in ISO 639-3."""

COLLAPSE = "TinyStories LM"
"""Published experiment whose cross-entropies are drawn: Gerstgrasser et al. 2024, arXiv 2404.01413, read second hand."""

COLLAPSE_MODEL = "GPT-2 9M, T=1.0"
"""Its smallest model at the temperature of plain sampling; T is the temperature."""


def milestones() -> pd.DataFrame:
    """Return training sets of language models whose size in bytes was stated, oldest first.

    Examples
    --------
    >>> milestones()["model"].tolist()
    ['GPT-1', 'GPT-2', 'GPT-3']
    """
    rows = load_table("dataset_size_history").dropna(subset="bytes").sort_values("release_date")
    return rows[["model", "release_date", "bytes", "size_as_quoted", "note"]].reset_index(drop=True)


def training_set_milestones(ax: Axes | None = None) -> Axes:
    """Draw the bytes of text behind GPT-1, GPT-2 and GPT-3.

    Examples
    --------
    >>> training_set_milestones().get_yscale()
    'log'
    """
    rows = milestones()
    years, sizes = decimal_years(rows["release_date"]).to_numpy(), rows["bytes"].to_numpy()
    with style():
        ax = new_axes(ax)
        ax.plot(years, sizes / 1e9, color=BLUE, marker="o", linewidth=2)
        for year, size, model, quoted in zip(years, sizes, rows["model"], rows["size_as_quoted"], strict=True):
            what = quoted.partition("(")[2].partition(")")[0].split(",")[0]
            ax.annotate(
                f"{model}: {size / 1e9:g} GB\n{what}",
                (year, size / 1e9),
                textcoords="offset points",
                xytext=(8, -4) if year < years[-1] else (-8, -4),
                ha="left" if year < years[-1] else "right",
                va="top" if year < years[-1] else "bottom",
            )
        ax.set_yscale("log")
        ax.set_ylim(1, 3000)
        ax.set_xlim(years[0] - 0.2, years[-1] + 0.3)
        ax.set_ylabel("text, GB (bytes as stored)")
        ax.set_title(
            f"{sizes[-1] / sizes[0]:.0f} times the text in {years[-1] - years[0]:.1f} years, from books to the web",
            loc="left",
        )
        return ax


def crawl_novelty(ax: Axes | None = None) -> Axes:
    """Draw which share of a crawl's addresses was in the crawl before it.

    Examples
    --------
    >>> crawl_novelty().get_ylabel()
    'addresses that were in the crawl before, %'
    """
    rows = load_table("common_crawl_overlap").query("n_crawls == 2").sort_values("date")
    years = decimal_years(rows["date"]).to_numpy()
    shares = 100 * rows["share_of_crawl_urls_in_previous_derived"].to_numpy(dtype=float)
    recent = float(np.nanmedian(shares[years >= years[-1] - 2]))
    with style():
        ax = new_axes(ax)
        ax.axhline(0, color=QUIET, linewidth=1)
        ax.plot(years, shares, color=BLUE, marker="o", markersize=4, linewidth=1)
        ax.set_ylabel("addresses that were in the crawl before, %")
        ax.set_title(f"Of 100 addresses of a crawl {recent:.0f} were in the one before (last two years)", loc="left")
        return ax


def page_languages(ax: Axes | None = None) -> Axes:
    """Draw the share of English among the pages of Common Crawl.

    Examples
    --------
    >>> page_languages().get_ylabel()
    'pages in English, %'
    """
    rows = load_table("common_crawl_languages").query("language_iso639_3 == @ENGLISH").sort_values("date")
    years, shares = decimal_years(rows["date"]).to_numpy(), 100 * rows["share_of_pages"].to_numpy(dtype=float)
    with style():
        ax = new_axes(ax)
        ax.plot(years, shares, color=BLUE, marker="o", linewidth=2)
        ax.set_ylim(0, 60)
        ax.set_ylabel("pages in English, %")
        ax.set_title(
            f"English is {shares[-1]:.0f}% of the pages of Common Crawl, {shares[0]:.0f}% in {int(years[0])}",
            loc="left",
        )
        return ax


def words_by_language(ax: Axes | None = None) -> Axes:
    """Draw the words that FineWeb2 keeps in its largest languages, English left out as there.

    Examples
    --------
    >>> len(words_by_language().patches)
    12
    """
    rows = load_table("fineweb2_languages").query("part == 'kept'")
    words = rows.groupby("language")["words"].sum().sort_values(ascending=False)
    shown = words.head(LARGEST_LANGUAGES)[::-1]
    with style():
        ax = new_axes(ax)
        ax.barh(list(shown.index), shown.to_numpy(dtype=float) / 1e9, color=BLUE)
        ax.set_xlabel("words kept after filters, thousand million")
        ax.set_title(
            f"{quantity_words(float(words.sum()))} words in languages other than English, "
            f"{100 * shown.sum() / words.sum():.0f}% of them in {len(shown)}",
            loc="left",
        )
        return ax


def released_media(ax: Axes | None = None) -> Axes:
    """Draw the longest released corpora of video and speech, year by year.

    Examples
    --------
    >>> released_media().get_yscale()
    'log'
    """
    rows = load_table("media_corpora").dropna(subset="hours")
    with style():
        ax = new_axes(ax)
        longest = {}
        for modality, colour, below in (("video", BLUE, 6), ("speech", ORANGE, -16)):
            own = rows[rows["modality"] == modality].groupby("year_released")["hours"].max().cummax()
            ax.step(own.index, own, where="post", color=colour, linewidth=2)
            ax.annotate(
                f"{modality}: {own.iloc[-1]:,.0f} hours",
                (own.index[-1], own.iloc[-1]),
                textcoords="offset points",
                xytext=(0, below),
                ha="right",
                color=colour,
            )
            longest[modality] = float(own.iloc[-1])
        ax.set_yscale("log")
        ax.set_ylim(1, 1e7)
        ax.set_ylabel("hours of the longest corpus released so far")
        ax.set_title(
            f"The longest released corpora: {longest['video'] / HOURS_A_YEAR:.0f} years of video, "
            f"{longest['speech'] / HOURS_A_YEAR:.0f} of speech",
            loc="left",
        )
        return ax


def data_prices() -> pd.DataFrame:
    """Return what a million tokens cost, where what is bought holds a known or assumed number of tokens.

    Returns
    -------
    pandas.DataFrame
        Kind, item and `low`, `middle`, `high` in US dollars of the year in `dollars_of` per million tokens.

    Examples
    --------
    >>> rows = data_prices().set_index("item")
    >>> float(rows.loc["Text, Defined.ai list", "middle"].round())
    750.0
    """
    rows = load_table("token_prices").query("unit == 'USD'").dropna(subset="tokens_per_unit")
    amounts = rows[["amount_low", "amount_mid", "amount_high"]].mul(1e6 / rows["tokens_per_unit"], axis=0)
    amounts.columns = ["low", "middle", "high"]
    middle = amounts["middle"].fillna((amounts["low"] * amounts["high"]) ** 0.5).fillna(amounts["low"])
    amounts = amounts.assign(middle=middle, low=amounts["low"].fillna(middle), high=amounts["high"].fillna(middle))
    return rows[["kind", "item", "dollars_of"]].join(amounts).sort_values("middle", ignore_index=True)


def token_prices(ax: Axes | None = None) -> Axes:
    """Draw what a million tokens cost, machine-written, parsed, licensed and human.

    Examples
    --------
    >>> token_prices().get_xscale()
    'log'
    """
    rows = data_prices()
    human = rows["kind"].isin(["human writing", "licence", "settlement"])
    with style():
        ax = new_axes(ax)
        places = np.arange(len(rows))
        for chosen, colour in ((~human, BLUE), (human, ORANGE)):
            ax.hlines(places[chosen], rows["low"][chosen], rows["high"][chosen], color=colour, linewidth=3)
            ax.plot(rows["middle"][chosen], places[chosen], "o", color=colour)
        ax.set_yticks(places, list(rows["item"].str.slice(0, 40)))
        ax.tick_params(axis="y", labelsize=8)
        ax.set_xscale("log")
        ax.set_xlabel("US dollars of the year per million tokens")
        spans = [f"{rows['low'][c].min():.2g} to {rows['high'][c].max():,.0f}" for c in (~human, human)]
        ax.set_title(f"A million tokens: machines {spans[0]} USD,\npeople {spans[1]} USD", loc="left")
        return ax


def published_collapse(ax: Axes | None = None) -> Axes:
    """Draw the published cross-entropy of a small language model trained on what its predecessors wrote.

    Examples
    --------
    >>> published_collapse().get_xlabel()
    'generation'
    """
    rows = load_table("collapse_anchors").query("experiment == @COLLAPSE and metric == 'cross-entropy'")
    rows = rows[rows["setup"].str.startswith(COLLAPSE_MODEL)].assign(generation=lambda r: r["generation"].astype(int))
    first = rows[rows["generation"] == 1]
    with style():
        ax = new_axes(ax)
        for regime, colour in (("replace", ORANGE), ("accumulate", BLUE)):
            own = rows[rows["setup"] == f"{COLLAPSE_MODEL}, {regime}"]
            points = sorted({(1, float(first["value"].iloc[0])), *zip(own["generation"], own["value"], strict=True)})
            ax.plot(*zip(*points, strict=True), color=colour, marker="o", linewidth=2)
            ax.annotate(regime, points[-1], textcoords="offset points", xytext=(-6, 6), ha="right", color=colour)
        ax.axhline(float(first["value"].iloc[0]), color=BLACK, linewidth=1, linestyle=":")
        ax.set_xlabel("generation")
        ax.set_ylabel("cross-entropy on human text, nats a token")
        ax.set_title("Published: replaced data lead to collapse, added data do not", loc="left")
        return ax
