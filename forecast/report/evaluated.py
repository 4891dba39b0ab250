"""Sections of the report that show a stored evaluation: its figure, the data behind it, and whether it still fits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from forecast.nouns import Forecast

Content = Mapping[str, Any]


def sensitivity(forecast: Forecast) -> dict[str, Any] | None:
    """Return what the section on sensitivity shows; None where nothing is stored for this forecast.

    Parameters
    ----------
    forecast : Forecast
        The forecast.

    Returns
    -------
    dict or None
        ``figure``, ``state`` and ``sentences``.
    """
    from forecast.plots import sensitivity as plots
    from forecast.sensitivity import inputs

    return _section(forecast, "sensitivity", inputs, plots.sensitivity, plots.sensitivity_text, plots.sensitivity_table)


def vintages(forecast: Forecast) -> dict[str, Any] | None:
    """Return what the section on vintages shows; None where nothing is stored for this forecast.

    Parameters
    ----------
    forecast : Forecast
        The forecast.

    Returns
    -------
    dict or None
        ``figure``, ``state`` and ``sentences``.
    """
    from forecast import scenario as scenarios
    from forecast.evaluate.vintages import inputs_digest
    from forecast.plots import vintages as plots

    def inputs() -> Mapping[str, str]:
        return inputs_digest(scenarios.load("baseline"))

    return _section(forecast, "vintages", inputs, plots.vintages, plots.vintages_text, plots.vintages_table)


def backtest(forecast: Forecast) -> dict[str, Any] | None:
    """Return what the section on backtests shows; None where nothing is stored for this forecast.

    Parameters
    ----------
    forecast : Forecast
        The forecast.

    Returns
    -------
    dict or None
        ``figure``, ``state`` and ``sentences``.
    """
    from forecast.evaluate.backtest import inputs, sentences, unpacked
    from forecast.plots import backtest as plots

    return _section(
        forecast,
        "backtest",
        inputs,
        plots.backtest,
        plots.backtest_text,
        _scores,
        unpack=unpacked,
        say=sentences,
    )


def claims(forecast: Forecast) -> dict[str, Any] | None:
    """Return what the section on claims shows; None where nothing is stored for this forecast.

    Parameters
    ----------
    forecast : Forecast
        The forecast.

    Returns
    -------
    dict or None
        ``figure``, ``state`` and ``sentences``.
    """
    from forecast.evaluate.claims import inputs
    from forecast.plots import claims as plots

    return _section(forecast, "claims", inputs, plots.claims, plots.claims_text, plots.claims_table)


def _scores(content: Content) -> Any:
    """Return one line a method: the rows behind them are thousands, and stand in the stored result."""
    import pandas as pd

    return pd.DataFrame(
        [
            {
                "method": name,
                "kind": row["kind"],
                "CRPS": row["crps"],
                "WIS": row["wis"],
                **{f"coverage of {float(level):.0%}": share for level, share in row["coverage"].items()},
                "forecasts": row["n"],
                "effective number": row["n_effective"],
            }
            for name, row in content["summary"].items()
            if "crps" in row
        ]
    )


def _section(
    forecast: Forecast,
    name: str,
    inputs: Callable[[], Mapping[str, str]],
    draw: Callable[[Content], Any],
    text: Callable[[Content], str],
    table: Callable[[Content], Any],
    *,
    unpack: Callable[[Content], Content] = lambda content: content,
    say: Callable[[Content], list[str]] = lambda _: [],
) -> dict[str, Any] | None:
    from forecast.ingest import results

    document = forecast.document
    # Evaluations speak of the baseline: a report about anything else does without them.
    if document["scenario"] != "baseline" or document["resource"] != "public_text" or not results.is_stored(name):
        return None
    found = results.stored(name, inputs())
    content = unpack(found.content)

    from forecast.report import figure_of

    words = text(content)
    return {
        "figure": figure_of(draw(content), name, name.capitalize(), words, table(content)),
        "state": found.sentence(),
        "sentences": say(content),
    }
