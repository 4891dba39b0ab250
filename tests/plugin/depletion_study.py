"""A study on the parts of this package: from a table to files that others read. `depletion-study TABLE FOLDER` runs it."""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd
from depletion_example import Constant

import forecast as fc


def study(table: str | Path | pd.DataFrame, folder: str | Path) -> fc.Forecast:
    """Make a forecast from a table of models, ask it, compare it, and leave it in a folder.

    Parameters
    ----------
    table : str, pathlib.Path or pandas.DataFrame
        Models with their dates and sizes.
    folder : str or pathlib.Path
        Where the files go.

    Returns
    -------
    forecast.Forecast
        With the growth model and the lever of this package.
    """
    slower = fc.Prior.lognormal(0.25, 0.60, "log10 per year", "judgement: 1.3 to 4 times a year")
    scenario = fc.scenario.load("baseline").replace(
        members=["damped", Constant(slope=slower)],
        libraries={"factor": (1.0, 1.5), "start": 2028.0, "ramp_years": 2.0},
    )
    made = fc.run(scenario, models=table)
    known = made.given(libraries=(1.2, None), member="constant")
    other = fc.run(scenario.replace(libraries=3.0), models=table)
    print(made, known, fc.compare(made, other).total, sep="\n")
    out = Path(folder)
    out.mkdir(parents=True, exist_ok=True)
    made.save(out / "run")
    fc.exchange.to_csv(made, out / "futures.csv")
    fc.exchange.to_metaculus(made, out / "questions.json")
    return made


def main() -> None:
    """Run the study on a table, into a folder."""
    study(*sys.argv[1:3])
