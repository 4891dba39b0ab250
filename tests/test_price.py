"""What a token costs: the price that clears the market, its closed forms, what answers to it, and the command."""

from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

from forecast.cli.main import main
from forecast.core.trajectory import make_trajectory
from forecast.errors import InputError
from forecast.evaluate import price as room
from forecast.ingest import stored as results
from forecast.ingest.catalog import load_table
from forecast.plots import price as figure
from forecast.runs.passage import Layer, at_the_price, first_passage
from forecast.runs.pipeline import Options
from forecast.scenarios import market
from forecast.scenarios import scenario as scenarios
from forecast.scenarios.market import SOURCES, Market

YEARS = np.arange(2024.0, 2101.0, 0.5)


def sale(**given_: float) -> Market:
    """A market of one future and one year, with nothing for sale but what is said."""
    nothing = {
        "wanted": 1.0,
        "public": 1e-12,
        "found": 1.0,
        "closed": 0.0,
        "asked": 1.0,
        "spread": 1.0,
        "sold": 0.0,
        "most_rewritten": 0.0,
        "rewritten": np.inf,
        "written": 1e5,
        "computing": np.inf,
        "most_paid": 1e6,
        "response": 1.0,
    }
    return Market(**{key: np.array([[float(value)]]) for key, value in {**nothing, **given_}.items()})


# --- closed forms


@pytest.mark.parametrize("read", [0.01, 0.5, 0.999])
def test_public_text_alone_costs_more_the_less_is_unread(read):
    there = sale(wanted=100 * read, public=100.0, found=0.03)
    assert there.price() == pytest.approx(0.03 / (1 - read))
    assert there.next_prices()["public"] == pytest.approx(0.03 / (1 - read))


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_rewriting_alone_grows_dearer_with_its_own_saturation(share):
    """Worth M n / (n0 + n) at a cost of m a first token: the next costs m / (1 - D/M)^2."""
    there = sale(wanted=8 * share, most_rewritten=8.0, rewritten=0.4)
    assert there.price() == pytest.approx(0.4 / (1 - share) ** 2, rel=1e-6)


def test_licences_alone_bring_back_half_at_what_the_median_owner_asks():
    there = sale(wanted=5.0, closed=10.0, asked=300.0, spread=2.0)
    assert there.price() == pytest.approx(300.0, rel=1e-6)
    assert there.asked_at(np.array(0.5)) == pytest.approx(300.0)
    started = sale(wanted=4.0, closed=8.0, asked=300.0, spread=2.0, sold=0.2)
    assert started.price() == pytest.approx(started.asked_at(np.array(0.6)), rel=1e-6)


@pytest.mark.parametrize("dearer", [0.0, 0.3, 1.0, 20.0])
def test_fewer_tokens_at_the_same_loss_for_the_least_dollars(dearer):
    """Dollars 6 c N D + p D at A N^-a + B D^-a = 1, with the exponent of the law of repetition, by brute force."""
    exponent = market.EXPONENT

    def best(price: float) -> tuple[float, float]:
        """Return the tokens that cost least, and the parameters that go with them: the cost of computing with one."""

        def spent(tokens: float) -> float:
            parameters = (1 - tokens**-exponent) ** (-1 / exponent)
            return tokens * (parameters + price)

        # In units of B^(1/a) tokens and A^(1/a) parameters.
        tokens = minimize_scalar(spent, bounds=(1.0001, 50.0), method="bounded", options={"xatol": 1e-10}).x
        return tokens, (1 - tokens**-exponent) ** (-1 / exponent)

    free, parameters = best(0.0)
    saved = 10 ** float(sale(computing=parameters).log10_saved(np.array(dearer * parameters))[0, 0])
    assert saved == pytest.approx(best(dearer * parameters)[0] / free, rel=1e-4)
    assert saved >= 2 ** (-1 / exponent)


# --- one price, and it is found

POSITIVE = st.floats(-3, 3).map(lambda power: 10.0**power)


@settings(max_examples=60, deadline=None)
@given(
    wanted=POSITIVE, public=POSITIVE, found=POSITIVE, closed=POSITIVE, asked=POSITIVE, spread=st.floats(0.1, 4),
    sold=st.floats(0.01, 0.9), most_rewritten=POSITIVE, rewritten=POSITIVE, computing=POSITIVE, most_paid=POSITIVE,
    response=st.floats(0.0, 1.0),
)  # fmt: skip
def test_there_is_one_price_and_it_clears_the_market(**drawn):
    there = sale(**drawn)
    excess = [float(there.excess(np.array([[price]]))[0, 0]) for price in np.geomspace(1e-8, 1e8, 200)]
    assert (np.diff(excess) <= 1e-9 * drawn["wanted"]).all()
    price = there.price()
    if float(there.excess(there.most_paid)[0, 0]) > 0:
        assert price == there.most_paid
        return
    below, above = (float(there.excess(price * (1 + step))[0, 0]) for step in (-1e-6, 1e-6))
    assert below >= -1e-9 * drawn["wanted"]
    assert above <= 1e-9 * drawn["wanted"]


def test_the_price_is_that_of_the_futures_that_answer_to_it():
    """The fixed point: what the run still reads of public text, after all answers, costs the price that called for them."""
    there = sale(
        wanted=150.0, public=100.0, found=0.02, closed=40.0, asked=30.0, spread=2.0, sold=0.08,
        most_rewritten=25.0, rewritten=0.5, computing=20.0, response=0.6,
    )  # fmt: skip
    price = there.price()
    saved, brought = there.settled(price)
    use, stock = 150.0 * 10**saved, 100.0 * 10**brought
    read = (use - (stock - 100.0)) / 100.0
    assert 0.5 < read < 1
    assert there.found / (1 - read) == pytest.approx(price, rel=1e-9)
    again = replace(there, most_paid=price * 1e3)
    assert again.price() == pytest.approx(price, rel=1e-9)


def test_nobody_pays_more_than_the_most_and_the_run_may_go_short():
    there = sale(wanted=1e4, public=100.0, found=0.02, closed=40.0, sold=0.1, computing=10.0, most_paid=10.0)
    assert there.price() == 10.0
    saved, brought = there.settled(there.price())
    assert 1e4 * 10**saved > 100.0 * 10**brought


@pytest.mark.parametrize("wanted", [20.0, 130.0, 1e3])
def test_the_bill_is_what_each_token_costs_added_up(wanted):
    there = sale(
        wanted=wanted, public=100.0, found=0.02, closed=40.0, asked=30.0, spread=1.5, sold=0.08,
        most_rewritten=25.0, rewritten=0.5, written=1e4,
    )  # fmt: skip
    prices = np.geomspace(1e-6, 1e4, 400_000)[None, :]
    given_ = there.wanted - replace(there, computing=np.array(np.inf)).excess(prices)
    bought = np.minimum(given_, wanted)[0]
    middle = 0.5 * (prices[0, 1:] + prices[0, :-1])
    expected = float((middle * np.diff(bought)).sum() + 1e4 * max(wanted - bought[-1], 0.0)) / 1e6
    assert float(there.bill()[0, 0]) == pytest.approx(expected, rel=1e-3)


# --- what it does to a forecast


def made(size: int = 150) -> tuple:
    """Frontiers that cross their stocks at different dates, or at the start, or never."""
    frontier = 13.5 + np.linspace(0.0, 0.25, size)[:, None] * (YEARS - 2024.0)[None, :]
    stock = 14.4 + 0.01 * np.broadcast_to(YEARS - 2024.0, frontier.shape)
    return (
        make_trajectory(frontier, YEARS, resource_name="public_text", role="consumption", source="test"),
        make_trajectory(stock, YEARS, resource_name="public_text", role="stock", source="test"),
    )


def test_the_baseline_does_not_answer_to_prices():
    baseline, priced = scenarios.load("baseline"), scenarios.load("priced")
    assert market.NAME in baseline.idle
    assert not market.acts(baseline)
    assert market.acts(priced)
    assert at_the_price(*made(), [], [], baseline) == (0.0, 0.0)
    assert first_passage(*made(), baseline, seed=1).year == pytest.approx(
        first_passage(*made(), priced.replace(token_market=0.0), seed=1).year
    )


def test_answers_to_prices_never_bring_exhaustion_forward_and_start_when_they_say():
    baseline, priced = scenarios.load("baseline"), scenarios.load("priced")
    before, after = (first_passage(*made(), one, seed=1).year for one in (baseline, priced))
    assert (after >= before - 1e-6).all()
    assert (after > before).mean() > 0.2
    demand = [Layer(market.NAME, "", "multiplies", "", np.zeros(1), np.zeros(1), "")]
    layers: list[Layer] = []
    saved, brought = at_the_price(*made(), demand, layers, priced, seed=1)
    assert [(layer.title, layer.effect) for layer in layers] == [(market.BROUGHT, "adds")]
    for change in (saved, brought):
        assert (change[:, YEARS <= 2027.0] == 0).all()
        assert np.isfinite(change).all()
    assert saved.min() < -0.1
    assert brought.max() > 0.01
    assert (saved <= 0).all()
    assert (brought >= 0).all()
    assert demand[0].log10_factor is saved


def test_what_owners_ask_is_derived_from_the_tables():
    rows = load_table("token_prices").set_index("item")
    listed = [rows.loc[name] for name in ("Text, Defined.ai list", "HarperCollins book to Microsoft, per title")]
    prices = [row["amount_mid"] / row["tokens_per_unit"] for row in listed]
    # Reddit: 140e12 raw tokens, of which a fifth is usable (table lever_estimates).
    prices.append(rows.loc["Reddit to Google", "amount_mid"] / (0.2 * 1.4e14))
    logs = np.log10(np.array(prices, dtype=float) * 1e6)
    asked = scenarios.load("baseline").idle[market.NAME].quantities
    assert asked["asked"].median == pytest.approx(10 ** logs.mean(), rel=0.05)
    assert asked["asked_spread"].median == pytest.approx(logs.std(ddof=1), rel=0.05)


def test_what_people_and_machines_write_for_is_in_the_table():
    rows = load_table("token_prices").set_index("item")
    each = rows["tokens_per_unit"].astype(float)
    own = scenarios.load("baseline").idle[market.NAME].quantities
    low = 1e6 * rows.loc["Post-editing of machine translation", "amount_low"] / each["Translation by a person"]
    high = 1e6 * rows.loc["Translation by a person", "amount_high"] / each["Translation by a person"]
    assert own["written"].quantile([0.05, 0.95]) == pytest.approx([low, high], rel=1e-3)
    least = 1e6 * rows.loc["FinePhrase: 486e9 tokens by a 1.7B model", "amount_low"] / 4.86e11
    assert own["rewriting"].quantile([0.05, 0.95]) == pytest.approx([least, 1.25], rel=0.01)
    fall = (60 / 15) ** (12 / 14)
    assert float(own["learning"].quantile(0.95)) == pytest.approx(fall, rel=0.01)
    hour = [0.3 * 1e15 * 3600 / 3.5, 0.6 * 1e15 * 3600 / 1.5]
    assert own["flop_per_dollar"].quantile([0.05, 0.95]) == pytest.approx(hour, rel=0.03)


# --- the command


@pytest.fixture(scope="module")
def content():
    """The prices beside made futures: nothing is sampled."""
    frontier, effective = made(400)
    layers = [
        Layer(name, "", "multiplies", "", np.full(frontier.shape, factor), effective.values, "")
        for name, factor in (("access", -0.1), ("repetition", 0.5))
    ]
    futures = SimpleNamespace(
        frontier=frontier,
        effective=effective,
        layers=layers,
        inputs=SimpleNamespace(data=SimpleNamespace(as_of=2026.9)),
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(room.pipeline, "work_out", lambda *_, **__: futures)
        return room.price()


def test_prices_are_told_by_source_and_year(content):
    json.dumps(content, allow_nan=False)
    assert {row["source"] for row in content["prices"]} == set(SOURCES)
    for row in content["prices"]:
        assert list(row["usd_per_million_useful_tokens"]) == ["median", "quantiles", "intervals"]
        assert row["cheapest_from"] is None or 2026 <= row["cheapest_from"] <= 2101
    for year in room.YEARS:
        shares = [row["cheapest_share"] for row in content["prices"] if row["year"] == year]
        assert sum(shares) == pytest.approx(1.0, abs=1e-3)
        assert content["frontier_bill_usd"][str(year)]["median"] > 0
    assert list(content["to_order"].values()) == sorted(content["to_order"].values())
    answers = content["answer"]
    assert answers["priced"]["probability_by_2030"] <= answers["as_it_is"]["probability_by_2030"]
    for one in ("demand_alone", "supply_alone"):
        assert answers["priced"]["probability_by_2030"] <= answers[one]["probability_by_2030"]


def test_writing_to_order_costs_thousands_of_times_more_than_the_rest(content):
    in_2026 = {row["source"]: row["usd_per_million_useful_tokens"] for row in content["prices"] if row["year"] == 2026}
    assert in_2026["commissioned"]["median"] > 1000 * in_2026["licensed"]["median"]
    assert in_2026["commissioned"]["median"] > 1000 * in_2026["rewritten"]["median"]
    half, most = (content["licensing"][name]["usd_per_million_useful_tokens"]["median"] for name in room.BACK)
    assert most > half > in_2026["licensed"]["median"]


def test_palmyra_is_held_against_the_prices(content):
    found = content["check"]
    assert found["stated_usd"] == [7e5, 4.6e6]
    assert found["stated_ratio"] == pytest.approx(4.6 / 0.7, abs=1e-3)
    low, high = found["published_speed_ups"]
    assert low < found["stated_ratio"] < high
    assert found["probability_of_stated"] < 0.05


def test_the_figure_and_the_table_say_what_the_document_says(content, tmp_path, monkeypatch, capsys):
    axes = figure.price(content)
    words = " ".join(axes.get_title(loc="left").split())
    assert "In 2030 the cheapest next token is most often" in words
    assert "text written to order" in figure.price_text(content).lower()
    assert len(figure.price_table(content)) == len(content["prices"])
    monkeypatch.setattr(room, "price", lambda *_, **__: content)
    assert main(["price", "--new", "--out", str(tmp_path), "--quiet"]) == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["price.csv", "price.json", "price.svg"]
    shown = capsys.readouterr().out
    assert "Palmyra X 004" in shown
    assert "$700 thousand" in shown


def test_prices_are_about_text_and_each_input_is_moved_without_them():
    with pytest.raises(InputError, match="prices of images"):
        room.price("baseline", options=Options(resource="images"))
    for words in (["sensitivity", "priced"], ["sensitivity", "priced", "--if"]):
        assert main([*words, "--quiet"]) == 2


@pytest.mark.skipif(not results.exists("price"), reason="no stored result: make evaluate NAMES=price")
def test_the_shipped_prices_are_as_the_contract_says(capsys):
    assert main(["price", "--json", "--quiet"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert {"source", "year", "usd_per_million_useful_tokens", "cheapest_from"} <= set(found["prices"][0])
    assert {"2026", "2030"} <= set(found["frontier_bill_usd"])
    first = {row["source"]: row["cheapest_share"] for row in found["prices"] if row["year"] == 2026}
    assert max(first, key=first.get) == "public"
    assert found["answer"]["priced"]["probability_by_2030"] < found["answer"]["as_it_is"]["probability_by_2030"]
