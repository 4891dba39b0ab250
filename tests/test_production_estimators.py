"""Each estimator against a sum by hand, its table, or the figure that it stands for."""

from __future__ import annotations

import csv
import subprocess
import sys

import numpy as np
import pytest
from scipy.special import expit

from forecast import production
from forecast.core.resources import RESOURCES
from forecast.core.units import decimal_year
from forecast.errors import InputError, UnknownNameError
from forecast.ingest.catalog import load_table, table
from forecast.production import ESTIMATORS, tables
from forecast.production.estimators import common_crawl, people, published, released_corpora
from forecast.production.estimators.people import People, fit_logistic, fit_online, person_years, population_bounds

# People


def curve(z: float, cap: float = 0.9, rate: float = 0.15, midpoint: float = 2016.0) -> dict[str, np.ndarray]:
    inputs = {"population_z": z, "online_cap": cap, "online_rate": rate, "online_midpoint": midpoint}
    return {name: np.array([value]) for name, value in inputs.items()}


def test_cumulated_words_are_the_sum_by_hand():
    population = {
        (int(row["year"]), row["variant"]): float(row["population_1july_people"])
        for row in tables.rows("world_population")
        if row["region"] == "World"
    }
    by_hand = 0.0
    for year in range(1990, 2030):
        people_then = population.get((year, "estimate")) or population[year, "medium"]
        by_hand += people_then * 0.9 / (1 + np.exp(-0.15 * (year + 0.5 - 2016.0)))
    half_a_year = population[2030, "medium"] * 0.9 / (1 + np.exp(-0.15 * (2030.5 - 2016.0))) / 2
    found = person_years(curve(0.0), np.array([2030.0, 2030.5]))
    assert found[0] == pytest.approx([by_hand, by_hand + half_a_year], rel=1e-12)

    draws = {**curve(0.0), "words_per_user_year": np.array([3e4]), "published_share": np.array([0.2])}
    assert 10 ** People().log10_stock(draws, np.array([2030.0])) == pytest.approx(by_hand * 3e4 * 0.2 / 0.75)


@pytest.mark.parametrize(("z", "variant"), [(-1.959964, "lower95"), (1.281552, "upper80"), (0.0, "medium")])
def test_the_population_takes_the_published_bounds(z, variant):
    frame = load_table("world_population")
    rows = frame[(frame["region"] == "World") & (frame["variant"] == variant) & (frame["year"] == 2080)]
    flow = np.diff(person_years(curve(z, cap=1.0, rate=50.0, midpoint=1900.0), np.array([2080.0, 2081.0])))
    assert flow[0, 0] == pytest.approx(float(rows["population_1july_people"].iloc[0]), rel=1e-6)


def test_before_2024_the_population_is_known_and_after_2100_it_stays():
    years, bounds = population_bounds()
    assert (np.ptp(bounds[:, years < 2024], axis=0) == 0).all()
    assert (np.ptp(bounds[:, years > 2030], axis=0) > 0).all()
    assert (bounds[:, years > 2100] == bounds[:, years == 2100]).all()


def test_nothing_is_written_before_the_first_year():
    assert person_years(curve(0.0), np.array([1980.0, 1990.0])).tolist() == [[0.0, 0.0]]


def test_a_known_logistic_curve_comes_back():
    years = np.arange(1990, 2026) + 0.5
    noise = 0.005 * np.random.default_rng(3).standard_normal(len(years))
    found = fit_logistic(years, 0.85 * expit(0.2 * (years - 2012.0)) + noise)
    cap, rate, midpoint = found.draw(np.random.default_rng(1), 20_000)
    for values, truth in ((cap, 0.85), (rate, 0.2), (midpoint, 2012.0)):
        low, high = np.quantile(values, [0.025, 0.975])
        assert low < truth < high
    assert np.ptp(np.quantile(cap, [0.025, 0.975])) < 0.06


def test_the_fit_of_internet_use_lies_near_its_rows():
    frame = load_table("internet_users")
    rows = frame[frame["basis"] != "both_published_later_revised"]
    off = fit_online().share(rows["year"].to_numpy(float) + 0.5) - rows["share_of_population"].to_numpy(float)
    assert np.abs(off).max() < 0.05
    assert fit_online().weights.sum() == pytest.approx(1.0)
    # The cap is hardly in the data: no single value has most of the probability.
    assert fit_online().weights.max() < 0.1


def test_the_flow_of_people_is_what_they_write_in_a_year():
    draws = People().draw(np.random.default_rng(5), 200)
    flow = People().log10_flow(draws, np.array([2026.5]))[:, 0]
    tokens = draws["words_per_user_year"] * draws["published_share"] / 0.75
    online = np.diff(person_years(draws, np.array([2026.0, 2027.0])))[:, 0]
    assert 10**flow == pytest.approx(tokens * online)


# The web


def test_new_text_on_the_web_is_growth_and_what_replaces_vanished_pages():
    web = ESTIMATORS["indexed_web"]()
    draws = web.draw(np.random.default_rng(8), 300)
    at, step = 2030.0, 1e-3
    stock = 10 ** web.log10_stock(draws, np.array([at - step, at, at + step]))
    net = (stock[:, 2] - stock[:, 0]) / (2 * step)
    vanished = -np.log1p(-draws["link_rot"]) * stock[:, 1]
    flow = 10 ** web.log10_flow(draws, np.array([at]))[:, 0]
    assert flow == pytest.approx(net + vanished, rel=1e-5)


def test_new_pages_by_hand():
    inputs = {"pages": 2e11, "bytes_per_page": 7e3, "page_growth": 1.05, "bytes_growth": 1.03, "link_rot": 0.1}
    draws = {name: np.array([value]) for name, value in inputs.items()}
    web, at = ESTIMATORS["indexed_web"](), np.array([2025.0])
    rate = np.log(1.05) + np.log(1 / 0.9)
    assert 10 ** web.new_pages(draws, at)[0, 0] == pytest.approx(2e11 * 1.05 * rate)
    assert 10 ** web.bytes_per_new_page(draws, at)[0, 0] == pytest.approx(7e3 * 1.03 * (1 + np.log(1.03) / rate))


# Lower bounds


def test_common_crawl_counts_every_address_once():
    last = load_table("common_crawl_monthly").iloc[-1]
    inputs = {"bytes_per_page": 7000.0, "bytes_per_token": 4.0, "own_text_share": 0.5}
    draws = {name: np.array([value]) for name, value in inputs.items()}
    found = common_crawl.CommonCrawl().log10_stock(draws, np.array([2000.0, 2090.0]))
    assert 10 ** found[0] == pytest.approx([875.0, last["cumulative_urls_estim"] * 875.0])


def test_a_corpus_bounds_the_stock_from_its_release_on():
    dates, tokens, pool = released_corpora.largest_corpora()
    draws = {"own_text_share": np.array([1.0]), "tokeniser": np.array([1.0])}
    estimator = released_corpora.ReleasedCorpora()
    before, after = estimator.log10_stock(draws, np.array([dates[-1] - 0.01, dates[-1] + 0.01]))[0]
    assert 10**before == pytest.approx(tokens[-2])
    assert 10**after == pytest.approx(tokens[-1])
    assert estimator.log10_stock(draws, np.array([2001.0]))[0, 0] == 0.0
    # 240e12 tokens with every page as often as fetched, 72e9 addresses of 247e9 pages by the end of 2022.
    assert tokens[pool][0] == pytest.approx(240e12 * 72.0 / 246.9, rel=0.01)
    assert np.isneginf(estimator.log10_flow(draws, np.array([2090.0])))


def test_synthetic_tokens_do_not_bound_the_stock_of_human_text(monkeypatch):
    made_up = ({"name": "big", "tokens": "9e15", "synthetic_tokens": "8.999e15", "release_date": "2025-01-01"},)
    rows = released_corpora.rows

    def with_one_more(name: str):
        more = [{**rows(name)[0], **one, "processing": "dedup"} for one in made_up] if name == "text_corpora" else []
        return (*rows(name), *more)

    monkeypatch.setattr(released_corpora, "rows", with_one_more)
    released_corpora.largest_corpora.cache_clear()
    try:
        assert released_corpora.largest_corpora()[1].max() < 1e14
    finally:
        released_corpora.largest_corpora.cache_clear()


# Published figures


def test_every_published_stock_of_text_is_mapped_with_a_reason():
    stocks, mapping = load_table("stock_estimates"), load_table("stock_mapping")
    wanted = stocks[(stocks["modality"] == "text") & stocks["quantity"].isin(["stock", "pages", "quality_fraction"])]
    keys = ["name", "unit", "reference_date"]
    mapped = mapping[mapping["table"] == "stock_estimates"]
    assert set(map(tuple, wanted[keys].to_numpy())) == set(map(tuple, mapped[keys].to_numpy()))
    corpora = set(load_table("text_corpora")["name"])
    assert set(mapping.loc[mapping["table"] == "text_corpora", "name"]) <= corpora
    assert mapping["reason"].str.len().min() > 10


def test_published_figures_enter_where_they_were_measured():
    by_name = {reading.name.split(" (")[0].removesuffix(", in tokens"): reading for reading in published.readings()}
    assert by_name["Indexed web"].stock.median == 5.1e14
    assert by_name["Common Crawl"].kind == "lower bound"
    # 111e9 pages of about 7070 bytes at 4 bytes per token.
    assert by_name["Google index pages, early 2024 estimate"].stock.median == pytest.approx(111e9 * 7070 / 4, rel=0.02)
    # Geometric mean of 60 and 160 trillion after the filter, four months of growth back; no share enters.
    quality = by_name["All high quality web text"]
    assert (quality.layer, quality.lineage, quality.publisher) == ("after_quality_filter", "common_crawl", "cummins")
    assert quality.stock.median == pytest.approx(np.sqrt(60e12 * 160e12) / 1.07 ** (129 / 366), rel=1e-3)
    assert quality.stock.sd_low == pytest.approx(np.log10(160 / 60) / 2 / 1.2816, rel=1e-4)
    captures = by_name["Internet Archive pages incl. recaptures"]
    assert (captures.kind, captures.layer) == ("upper bound", "raw")
    assert captures.stock.median == pytest.approx(1e12 * np.sqrt(842 * 1750) / 1.07**1.806, rel=1e-3)
    assert captures.conversion_sd == pytest.approx(np.log10(1750 / 842) / 2 / 1.2816, rel=1e-3)
    share = by_name["Usable share of exact-distinct pages, MAI"]
    assert (share.kind, share.layer, share.stock.median) == ("lower bound", "usable_share", 0.017)
    corpus = by_name["Nemotron-CC v1"]
    assert corpus.stock.median == pytest.approx(4.4e12 / 1.07**0.92, rel=1e-3)


def test_every_estimate_names_a_lineage_and_a_layer():
    for reading in published.readings():
        assert reading.lineage
        assert reading.publisher
        assert reading.layer in ("raw", "after_quality_filter", "usable_share")


@pytest.mark.parametrize(
    ("name", "row", "median", "counted_at"),
    [
        ("crawl_pages", "MAI crawl, pages after exact deduplication", 4.23e11, 2025.75),
        ("index_testimony", "Google index (trial testimony)", 4e11, 2021.0),
    ],
)
def test_counted_pages_are_those_of_the_table_at_their_date(name, row, median, counted_at):
    stated = tables.row("stock_estimates", name=row)
    estimator = ESTIMATORS[name]()
    assert estimator.pages.median == pytest.approx(median)
    assert float(stated["median"]) == median
    assert decimal_year(stated["reference_date"]) == pytest.approx(counted_at, abs=0.005)
    one = {"pages": 2e11, "tokens_per_page": 1000.0, "page_growth": 1.05, "bytes_growth": 1.03}
    draws = {key: np.array([value]) for key, value in one.items()}
    path = 10 ** estimator.log10_stock(draws, np.array([2024.0, 2026.0]))[0]
    assert path[0] == pytest.approx(2e14 * 1.05 ** (2024.0 - counted_at))
    assert path[1] / path[0] == pytest.approx((1.05 * 1.03) ** 2)


def test_the_pages_of_the_crawl_reach_from_near_duplicates_removed_to_block_lists_kept():
    funnel = {
        step: float(tables.row("stock_estimates", name=f"MAI crawl, pages {step}")["median"])
        for step in ("fetched and parsed", "after policy and block lists", "after exact deduplication",
                     "after fuzzy deduplication")
    }  # fmt: skip
    fetched, allowed, exact, fuzzy = funnel.values()
    pages = ESTIMATORS["crawl_pages"]().pages
    assert float(pages.quantile(0.1)) == pytest.approx(fuzzy)
    assert float(pages.quantile(0.9)) == pytest.approx(exact * fetched / allowed, rel=0.005)
    kept = float(tables.row("stock_estimates", name="MAI web documents kept")["median"])
    share = float(tables.row("stock_estimates", name="Usable share of exact-distinct pages, MAI")["median"])
    assert share == pytest.approx(kept / exact, abs=0.0005)


def test_tokens_a_page_are_those_of_released_corpora():
    known = {one["name"]: one for one in tables.rows("text_corpora")}
    found = {
        name: float(known[name]["tokens"]) / float(known[name]["documents"])
        for name in known
        if name in ("Dolma 3 pool (Common Crawl)", "RedPajama-Data v2 (dedup, five languages)")
    }
    assert sorted(found.values()) == pytest.approx([842, 1462], rel=0.001)


def test_the_pool_of_published_figures_weighs_lineages_equally():
    draws = published.Published().draw(np.random.default_rng(2), 40_000)
    raw = np.log10(draws["raw"])
    means = {}
    for reading in published.readings():
        if (reading.kind, reading.layer) == ("estimate", "raw"):
            z = np.log10(reading.stock.quantile(np.linspace(0.0005, 0.9995, 1000)))
            means.setdefault(reading.lineage, []).append(z.mean())
    assert raw.mean() == pytest.approx(np.mean([np.mean(values) for values in means.values()]), abs=0.01)


# Other resources


@pytest.mark.parametrize("name", list(ESTIMATORS))
def test_an_estimator_has_the_unit_of_its_resource_and_a_flow(name):
    fitted = production.fit(name, draws=400)
    years = np.array([2019.5, 2023.5, 2040.5])
    stock, flow = fitted.project(years), fitted.project_flow(years)
    assert stock.attrs["unit"] == flow.attrs["unit"] == f"log10({RESOURCES[stock.attrs['resource']].unit})"
    assert (flow.attrs["per"], flow.attrs["role"], flow.attrs["source"]) == ("year", "stock", f"{name} flow")
    assert fitted.estimator.kind in ("estimate", "lower bound")
    if fitted.estimator.kind == "estimate":
        assert (flow.values < stock.values + 0.31).all()  # no more in a year than twice what there is
        # Where the published growth allows a stock to shrink, a few futures add nothing.
        assert np.isneginf(flow.values).mean() < 0.03


@pytest.mark.parametrize("name", list(RESOURCES))
def test_every_resource_has_an_estimator(name):
    assert ESTIMATORS[production.default_estimator(name)].resource_name == name


def test_a_resource_without_an_estimator_is_named():
    with pytest.raises(UnknownNameError, match="did you mean 'images'"):
        production.default_estimator("image")


@pytest.mark.parametrize(
    ("name", "row"), [("images", "Images on the internet"), ("video", "Video"), ("audio", "Audio")]
)
def test_media_are_those_of_the_report(name, row):
    stated = tables.row("lever_estimates", lever="multimodal", parameter=row)
    path = production.fit(name, draws=40_000).project(np.array([2024.0]))
    found = 10 ** np.quantile(path.values[:, 0], [0.1, 0.5, 0.9])
    assert found == pytest.approx([tables.number(stated[column]) for column in ("low", "median", "high")], rel=0.02)
    assert path.attrs["unit"] == f"log10({stated['unit']})"


def test_code_is_the_bytes_of_its_corpora():
    known = {row["name"]: row for row in tables.rows("text_corpora")}
    code = ESTIMATORS["code"]()
    kept = known["The Stack v3.1 train (decoded)"]
    assert code.archive.median == float(known["The Stack v2 (dedup)"]["bytes"])
    assert float(code.archive.quantile(0.025)) == pytest.approx(float(kept["bytes"]))
    assert float(code.archive.quantile(0.975)) == pytest.approx(float(known["The Stack v2 (full)"]["bytes"]))
    assert code.bytes_per_token.median == pytest.approx(float(kept["bytes"]) / float(kept["tokens"]), rel=0.01)


def test_high_quality_text_is_the_sum_of_its_parts():
    estimator = ESTIMATORS["high_quality_text"]()
    for part, name in (
        ("books", "Every unique book"),
        ("articles", "Academic articles"),
        ("patents", "Patents"),
        ("court_documents", "US federal court documents"),
    ):
        assert getattr(estimator, part).median == float(
            tables.row("stock_estimates", name=name, unit="tokens")["median"]
        )
    inputs = {
        "books": 2.0,
        "articles": 1.0,
        "patents": 0.5,
        "court_documents": 0.5,
        "counted_share": 0.4,
        "growth": 1.05,
    }
    draws = {name: np.array([value]) for name, value in inputs.items()}
    assert 10 ** estimator.log10_stock(draws, np.array([2024.0, 2025.0]))[0] == pytest.approx([10.0, 10.5])


def test_the_definitions_of_2022_are_kept():
    """Published: 9e12 words of high-quality text, near the mean of the draws; 6.9e13 to 7.1e16 words in all (90 %)."""
    words = 10 ** production.fit("epoch2022_high_quality", draws=20_000).project(np.array([2022.01])).values * 0.75
    assert words.mean() == pytest.approx(9e12, rel=0.05)
    low, high = 10 ** np.quantile(
        production.fit("epoch2022_language", draws=8000).project(np.array([2022.0])).values, [0.05, 0.95]
    )
    assert (low * 0.75, high * 0.75) == pytest.approx((6.9e13, 7.1e16), rel=0.35)


def test_the_definitions_of_2022_grow_with_internet_users():
    years = np.array([2022.0, 2030.0])
    words = np.log10(person_years_2022(2030) / person_years_2022(2022))
    for name in ("epoch2022_language", "epoch2022_images"):
        path = production.fit(name, draws=2000).project(years).values
        assert np.median(path[:, 1] - path[:, 0]) == pytest.approx(words, abs=0.08)


def person_years_2022(year: float) -> float:
    from forecast.production import online_people

    return float(online_people.person_years(online_people.ONLINE_2022, year, first=1951, inclusive=True))


# The light reader


def test_the_light_reader_sees_what_the_validated_one_sees():
    frame = load_table("internet_users")
    assert tables.numbers("internet_users", "share_of_population") == pytest.approx(
        frame["share_of_population"].to_numpy(float)
    )
    with table("stock_mapping").path.open(encoding="utf-8", newline="") as file:
        assert len(tables.rows("stock_mapping")) == len(list(csv.DictReader(file)))
    assert np.isnan(tables.number(""))


def test_a_row_that_is_not_there_is_said():
    with pytest.raises(InputError, match="0 rows of stock_estimates"):
        tables.row("stock_estimates", name="Every lost book", unit="tokens")


def test_production_loads_neither_sampler_nor_tables_library_nor_statistics():
    heavy = "{'pymc', 'arviz', 'pandas', 'matplotlib', 'scipy.stats'}"
    code = f"import sys, numpy; import forecast.production; print(sorted(set(sys.modules) & {heavy}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_bounds_of_people_are_in_the_order_of_their_quantiles():
    assert (np.diff(people.BOUND_Z) > 0).all()
    _, bounds = population_bounds()
    assert (np.diff(bounds, axis=0) >= 0).all()
