"""A user's script, with types."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd

import forecast as fc


@fc.register
@dataclass(frozen=True)
class Straight(fc.Member):
    name: ClassVar[str] = "straight"
    title: ClassVar[str] = "Straight growth"
    formula: ClassVar[str] = r"b\,t"
    tail_parameters: ClassVar[tuple[str, ...]] = ("slope",)
    slope: fc.Prior = fc.Prior.lognormal(0.35, 0.75, "log10 per year", "judgement: an example")

    def expected_growth(self, start: Any, end: Any, parameters: Mapping[str, Any], math: Any) -> Any:
        return parameters["slope"] * (end - start)


@fc.register
@dataclass(frozen=True)
class Shelves(fc.Estimator):
    name: ClassVar[str] = "shelves"
    lineage: ClassVar[str] = "shelves"
    title: ClassVar[str] = "Text on shelves"
    resource_name: ClassVar[str] = "public_text"
    formula: ClassVar[str] = "n"
    sources: ClassVar[tuple[str, ...]] = ("judgement: an example",)
    tokens: fc.LogNormal = fc.LogNormal.from_interval(1e14, 1e15, 0.95)

    def log10_stock(self, draws: Mapping[str, np.ndarray], years: np.ndarray) -> np.ndarray:
        return np.repeat(np.log10(draws["tokens"])[:, None], len(years), axis=1)


class Hoarding(fc.Lever):
    name: ClassVar[str] = "hoarding"
    title: ClassVar[str] = "text that is read before it is needed"
    side: ClassVar[Literal["stock", "consumption"]] = "consumption"
    main_setting: ClassVar[str] = "factor"
    larger_means: ClassVar[Literal["", "later", "sooner", "neither"]] = "sooner"
    settings: ClassVar[Mapping[str, fc.LeverParameter]] = {
        "factor": fc.LeverParameter("ratio", 0.01, 100.0, "The frontier over the fitted one", neutral=1.0),
        "start": fc.levers.START,
    }

    def log10_factor(self, draws: Mapping[str, np.ndarray], years: np.ndarray) -> np.ndarray:
        return np.log10(draws["factor"])[:, None] * (years > draws["start"][:, None])


fc.register(Hoarding())


def shares(forecast: fc.Forecast | fc.ConditionalForecast) -> np.ndarray:
    return forecast.probability(by=[2028, 2030])


def study(folder: Path, rows: pd.DataFrame) -> pd.DataFrame:
    """Use most of what there is, each with the type that it should have."""
    damping = fc.Prior.from_interval(0.1, 0.4, 0.9, unit="per year", source="judgement: an example")
    damped = fc.consumption.member("damped", damping=damping)
    base: fc.scenario.Scenario = fc.scenario.load("baseline")
    own = base.replace(members=[damped, Straight(), "record_drift"], quality=(0.02, 0.10), estimator="shelves")
    f: fc.Forecast = fc.run(own, models=rows, as_of="2026-06-01", draws=400, seed=7)
    one: float = f.probability(by=2030)
    dated: float = f.probability(by=dt.date(2030, 6, 1)) + f.probability(by="2030-06-01")
    stamped: float = f.probability(by=pd.Timestamp("2030-06-01"))
    years: np.ndarray = f.probability(by=range(2026, 2051))
    low, high = f.interval(0.8)
    ends: list[float] = [low, high, f.median(), f.quantile(0.1), f.cdf(2030.5)]
    deciles: np.ndarray = f.quantile([0.1, 0.5, 0.9])
    sampled: np.ndarray = f.sample(10, seed=3)
    table: pd.DataFrame = f.to_dataframe(years=[2028, 2030])
    summary: pd.DataFrame = f.summary()
    known: fc.ConditionalForecast = f.given(frontier_2028=(1e14, None), member="damped", repetition=(4, None))
    again: fc.ConditionalForecast = known.given({"quality.usable_share": (0.01, 0.2)})
    updated: fc.Forecast = f.update(add=[("Model X", "2026-12-01", 1e14)])
    moved: str | None = updated.moved()
    said: str | None = f.sentence()
    place: Path = f.save(folder / "out")
    loaded: fc.Forecast = fc.load(place)
    same: bool = loaded == f
    both = fc.stack({"mine": f, "given": updated})
    median: float = float(both["exhaustion_year"].sel(scenario="mine").median())
    listed = fc.stack([f, updated])
    compared = fc.compare(f, loaded)
    print(compared, listed)
    checked = fc.verify(place)
    holds: bool = checked.holds
    level: float = float(f.consumption_at(2030.4).median()) / float(f.stock_at("2030-06-01").median())
    by: float = f.document["exhaustion_year"]["probability_by"]["2030"]
    verdict: str = f.diagnostics["verdict"]
    models: pd.DataFrame = fc.load_models(rows)
    text_: fc.Resource = fc.RESOURCES["public_text"]
    unit: str = text_.unit
    status = fc.data_status()
    crawl: pd.DataFrame = fc.load_table("common_crawl_monthly")
    fc.exchange.to_csv(f, folder / "futures.csv")
    fc.exchange.to_parquet(f, folder / "futures.parquet")
    fc.exchange.to_hub(f, folder / "hub")
    fc.exchange.to_metaculus(f, folder / "questions.json")
    text: str = f.to_json()
    fit = fc.consumption.fit("damped")
    path = fit.project([2028.0, 2030.0])
    axes = fc.plots.probability_by_year(f)
    axes.set_title("mine")
    use = fc.make_trajectory(
        np.full((4, 3), 13.0), [2026.0, 2027.0, 2028.0], resource_name="public_text", role="stock", source="mine"
    )
    when = fc.first_passage(use, use)
    try:
        fc.scenario.load("nobody")
    except fc.ForecastError as error:
        print(error, error.args)
    print(one, dated, stamped, years, ends, deciles, sampled, summary, again, moved, said, same, median, holds, level)
    print(unit, status, by, verdict, models, crawl, text, path, when, shares(f), shares(known), fc.__version__)
    return table
