r"""The market for text: four sources, what the largest run would buy, and the price at which both meet.

Prices are US dollars of 2026 a million useful tokens, one that is worth what a token of the effective stock is. At a
price p the run reads D(p), and the sources give

    public       S (1 - c / p)          the next unread token costs c / (1 - share read): the search for it grows longer
    licensed     K (G(p) - l) / (1 - l) what is closed, of which a share G(p) of owners ask less than p, l have sold
    rewritten    M (1 - sqrt(m / p))    a token worth y n / (1 + n / n0) with M = y n0, each the dearer the more there are
    to order     any amount             at its own price

The price p solves D(p) = sum of these. D never rises with p and the sum strictly rises, so that there is one such price
and bisection finds it; above the price at which nobody buys it stays there, and the run may go short. With public text
alone and D fixed it is p = c / (1 - D / S).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtr, ndtri

from forecast.consumption.alternatives.compute_route import FLOP_PER_PARAMETER_TOKEN, faded
from forecast.core.repetition import EXPONENT
from forecast.errors import InputError
from forecast.scenarios.levers import LEVERS, ramp
from forecast.scenarios.levers.synthetic import SOURCE_CORPUS
from forecast.scenarios.levers.token_market import DOLLARS_OF

if TYPE_CHECKING:
    from forecast.scenarios.scenario import Scenario

NAME = "token_market"
"""The lever whose settings these are."""

BROUGHT = "what the price of text brings in"
"""What it adds to the stock, for readers: licences and rewriting."""

SOURCES: Mapping[str, str] = {
    "public": "public text",
    "licensed": "licensed text",
    "commissioned": "text written to order",
    "rewritten": "text rewritten by machines, verified",
}
"""Sources of a token by name, as readers see them."""

LOWEST = 1e-9
"""No price is lower (dollars a million tokens): far below any cost of finding text."""

HALVINGS = 60
"""Halvings of the bracket of a price (count): 25 decades to a relative error below 1e-16."""

MILLION = 1e6
"""Tokens that a price is for."""

# At the least dollars a text r times as dear as computing with a token leaves the loss in parts 1 and 1 + r of parameters
# and data (law with equal exponents). Parameters grow to ((2 + r) / 2)^(1/alpha) times what they were, and with them the
# cost of computing, so that the price follows from r, and r from the price by interpolation.
_RATIO = np.geomspace(1e-9, 1e9, 4001)
_DEARER = np.log10(_RATIO) + np.log10((2.0 + _RATIO) / 2.0) / EXPONENT
_SAVED = np.log10((2.0 + _RATIO) / (2.0 + 2.0 * _RATIO)) / EXPONENT


@dataclass(frozen=True)
class Market:
    """What is for sale and what is wanted; all arrays broadcast to (draw, year), amounts are useful tokens.

    Parameters
    ----------
    wanted : array
        What the largest run would read if text cost nothing.
    public, found : array
        Public text, and its price while all is unread.
    closed, asked, spread, sold : array
        Text closed to training, what its median owner asks, the sd of log10 of that among owners, the share of them
        that has sold already.
    most_rewritten, rewritten : array
        Human tokens that rewriting can be worth at most, and the price of the first of them; infinite if worthless.
    written : array
        Price of text that people write to order.
    computing : array
        Cost of computing with a million tokens (dollars).
    most_paid : array
        Price above which nobody buys.
    response : array
        Share of what the price calls for that takes place: licences, rewriting, larger models on fewer tokens.
    """

    wanted: np.ndarray
    public: np.ndarray
    found: np.ndarray
    closed: np.ndarray
    asked: np.ndarray
    spread: np.ndarray
    sold: np.ndarray
    most_rewritten: np.ndarray
    rewritten: np.ndarray
    written: np.ndarray
    computing: np.ndarray
    most_paid: np.ndarray
    response: np.ndarray

    def log10_saved(self, price: np.ndarray) -> np.ndarray:
        """Return log10 of the tokens read over those read for nothing, at the same loss for the least dollars."""
        with np.errstate(divide="ignore"):
            dearer = np.log10(price / self.computing)
        return self.response * np.interp(dearer, _DEARER, _SAVED, left=0.0)

    def licensed(self, price: np.ndarray) -> np.ndarray:
        """Return what owners sell below a price, beyond what they have sold."""
        asking_less = ndtr(np.log10(price / self.asked) / self.spread)
        return self.response * self.closed * np.maximum(asking_less - self.sold, 0.0) / (1.0 - self.sold)

    def made(self, price: np.ndarray) -> np.ndarray:
        """Return what rewriting is worth when it goes on until its next useful token costs the price."""
        return self.response * self.most_rewritten * np.maximum(1.0 - np.sqrt(self.rewritten / price), 0.0)

    def excess(self, price: np.ndarray) -> np.ndarray:
        """Return what is wanted less what is given at a price; it falls strictly."""
        read = self.public * np.maximum(1.0 - self.found / price, 0.0)
        return self.wanted * 10.0 ** self.log10_saved(price) - read - self.licensed(price) - self.made(price)

    def price(self) -> np.ndarray:
        """Return the price at which both meet, or the most that is paid where they do not."""
        top = np.broadcast_to(np.log10(self.most_paid), np.broadcast_shapes(self.wanted.shape, self.public.shape))
        low, high = np.full(top.shape, np.log10(LOWEST)), np.array(top)
        for _ in range(HALVINGS):
            middle = 0.5 * (low + high)
            short = self.excess(10.0**middle) > 0
            low, high = np.where(short, middle, low), np.where(short, high, middle)
        return np.where(self.excess(self.most_paid) > 0, self.most_paid, 10.0 ** (0.5 * (low + high)))

    def settled(self, price: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return what a price adds to log10 of the demand and of the stock."""
        more = (self.licensed(price) + self.made(price)) / self.public
        return self.log10_saved(price), np.log1p(more) / np.log(10.0)

    def next_prices(self) -> dict[str, np.ndarray]:
        """Return what the next token costs by source, beside the run as it is: infinite where there is none."""
        unread = 1.0 - self.wanted / self.public
        return {
            "public": np.divide(self.found, unread, out=np.full(unread.shape, np.inf), where=unread > 0),
            "licensed": np.where(self.closed > 0, self.asked_at(self.sold), np.inf),
            "commissioned": np.broadcast_to(self.written, unread.shape),
            "rewritten": np.broadcast_to(self.rewritten, unread.shape),
        }

    def asked_at(self, share: np.ndarray) -> np.ndarray:
        """Return the price below which a share of owners sells."""
        return self.asked * 10.0 ** (self.spread * ndtri(share))

    def bill(self) -> np.ndarray:
        """Return what the text of the whole run costs, the cheapest token first, the rest to order (dollars)."""
        whole = replace(self, response=np.array(1.0), computing=np.array(np.inf), most_paid=self.written)
        price = whole.price()
        public = whole.public * whole.found * np.log(np.maximum(price / whole.found, 1.0))
        until, since = np.log10(price / whole.asked) / whole.spread, ndtri(whole.sold)
        shift = whole.spread * np.log(10.0)
        below = np.maximum(ndtr(until - shift) - ndtr(since - shift), 0.0)
        licensed = whole.closed / (1.0 - whole.sold) * whole.asked * np.exp(shift**2 / 2.0) * below
        some = np.isfinite(whole.rewritten)
        first = np.where(some, whole.rewritten, 1.0)
        rewritten = some * whole.most_rewritten * first * np.maximum(np.sqrt(price / first) - 1.0, 0.0)
        rest = np.maximum(whole.excess(price), 0.0) * (price >= whole.most_paid) * whole.written
        return (public + licensed + rewritten + rest) / MILLION


def market(
    scenario: Scenario,
    frontier: np.ndarray,
    stock: np.ndarray,
    factors: Mapping[str, np.ndarray],
    years: np.ndarray,
    *,
    seed: int,
) -> Market:
    """Return the market of a scenario from both paths after all other levers (log10), and what each lever multiplied by."""
    size = len(frontier)

    def drawn(lever: str) -> dict[str, np.ndarray]:
        draws = scenario.draw_lever(lever, seed=seed, size=size)
        return {key: draw[:, None] for key, draw in draws.items()}

    own = drawn(NAME)
    passes, open_to_all = (10.0 ** factors.get(name, np.zeros((1, 1))) for name in ("repetition", "access"))
    later = faded(np.maximum(years - DOLLARS_OF, 0.0)[None, :], own["fading"])
    writing = own["rewriting"] * own["verification"] * own["learning"] ** -later
    wanted, public = 10.0**frontier, 10.0**stock
    synthetic = drawn("synthetic")
    worth = np.maximum(own["worth"], 0.0) * synthetic["scale_transfer"]
    larger = np.maximum(public / SOURCE_CORPUS, 1.0) ** synthetic["saturation_exponent"]
    parameters = wanted / drawn("compute_cap")["tokens_per_parameter"]
    a_flop = own["compute_learning"] ** -later / own["flop_per_dollar"]
    computing = MILLION * FLOP_PER_PARAMETER_TOKEN * parameters * a_flop
    sold = drawn("access")["licensed_share_2030"] if "access" in factors else np.zeros((1, 1))
    with np.errstate(divide="ignore"):
        rewritten = writing / worth
    return Market(
        wanted=wanted,
        public=public,
        found=own["public_cost"] / passes,
        closed=public * (1.0 / open_to_all - 1.0),
        asked=own["asked"] / passes,
        spread=own["asked_spread"],
        sold=sold,
        most_rewritten=worth * own["saturation"] * larger,
        rewritten=rewritten,
        written=own["written"] * own["written_growth"] ** np.maximum(years - DOLLARS_OF, 0.0) / passes,
        computing=computing,
        most_paid=own["most_paid"] * computing,
        response=own["response"] * ramp({key: own[key][:, 0] for key in ("start", "ramp_years")}, years),
    )


def acts(scenario: Scenario) -> bool:
    """Return whether a scenario lets demand and supply answer to prices."""
    return any(LEVERS[name].settles for name in scenario.levers)


def check_still(scenario: Scenario, what: str) -> None:
    """Refuse a scenario whose sides answer to prices where each input is moved alone, on one side."""
    if acts(scenario):
        raise InputError(
            f"{what} of {scenario.name}, where demand and supply answer to prices",
            f"a scenario with {NAME}.response = 0",
            f"compare it by: forecast scenario diff baseline {scenario.name}",
        )
