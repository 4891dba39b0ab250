"""Undisclosed models: how far the true frontier may lie above the disclosed one.

Sizes are disclosed by 96 % of language models in 2021 and by 5 % in 2026, mostly open weights. What the others use is
not identified by any data, so it is a pattern mixture: the true frontier is the one that members infer from disclosed
sizes plus a shift that grows as disclosure falls. How far it reaches is learned on made worlds, in some of which runs
beyond the published ones are hidden and in others sizes are wrong; a shift downwards brought nothing there. Two imputations from published compute serve as
evidence on it, and a tipping-point table says what shift would move the answer by one, two or five years.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast.core.priors import Prior
from forecast.core.seeds import generator
from forecast.core.trajectory import YEAR, make_trajectory

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

FLOP_PER_PARAMETER_TOKEN = 6.0
"""Floating-point operations of training a parameter on a token (FLOP); Kaplan et al. 2020, arXiv 2001.08361."""

CIRCULAR_WITHIN = 0.02
"""A compute figure this close to 6 N D (log10) was itself derived from D and says nothing about it."""

EVIDENCE_SINCE = 2023.0
"""Undisclosed models from here on count as evidence (decimal year): before, nearly all sizes were disclosed."""

OUT_OF_SIGHT = 0.5
"""Share of futures in which runs larger than the published ones are out of sight (no unit); judgement: nobody can say."""

_REFERENCE_COMPUTE = 24.5
_REGRESSION_ROWS = 12
"""Rows that a line with three coefficients needs at least (count); judgement: four per coefficient."""


@dataclass(frozen=True)
class Undisclosed:
    """The shift from the disclosed to the true frontier.

    In half of the futures runs beyond the published ones are out of sight, in the other half the members know of all.

    Parameters
    ----------
    delta : Prior
        How far out of sight they are, once disclosure has fallen to its floor.
    from_year, full_year : float
        Decimal years between which the shift grows in a straight line from nothing to delta: disclosure was 96 % in
        2021, 54 % in 2025 and 5 % in 2026.
    """

    delta: Prior = Prior(
        "half_normal",
        0.60,
        0.0,
        "log10",
        "judgement: what the growth models lack on made worlds, a fifth of which hide runs 2.5 to 10 times larger than any "
        "published",
    )
    from_year: float = 2022.0
    full_year: float = 2025.5

    def grown(self, years: np.ndarray) -> np.ndarray:
        """Return the part of delta that there is in each year."""
        return np.clip((years - self.from_year) / (self.full_year - self.from_year), 0.0, 1.0)

    def draw(self, *, seed: int, size: int) -> np.ndarray:
        """Draw the shift, zero where nothing is out of sight."""
        place = generator(seed, "consumption", "undisclosed").uniform(size=size)
        return self.delta.quantile(np.maximum(1.0 - (1.0 - place) / OUT_OF_SIGHT, 0.0))

    def add(self, frontier: xr.DataArray, delta: np.ndarray) -> xr.DataArray:
        """Return the true frontier."""
        years = frontier[YEAR].values
        return make_trajectory(
            frontier.values + delta[:, None] * self.grown(years)[None, :],
            years,
            resource_name=frontier.attrs["resource"],
            role="consumption",
            source=f"{frontier.attrs['source']} + undisclosed",
        )


def tipping_points(
    frontier: xr.DataArray, stock: xr.DataArray, shift: Undisclosed, moves: tuple[float, ...] = (1.0, 2.0, 5.0)
) -> list[dict[str, float | None]]:
    """Return what shift would move the median exhaustion year by so many years."""
    years = frontier[YEAR].values
    grown = shift.grown(years)
    gap = (frontier.values - stock.values).T
    # The shift that a future needs to have crossed by a year: the least of what any year up to then asks for.
    with np.errstate(divide="ignore", invalid="ignore"):
        asked = np.where(gap >= 0, -np.inf, -gap / grown[:, None])
    for index in range(1, len(years)):
        np.minimum(asked[index], asked[index - 1], out=asked[index])
    asked.sort(axis=1)

    def median(delta: float) -> float:
        # The median future crosses where half of all futures have: no need to find each one's crossing.
        share = np.array([np.searchsorted(row, delta, side="right") for row in asked]) / asked.shape[1]
        after = int(np.argmax(share >= 0.5))
        if share[after] < 0.5:
            return float("inf")
        if after == 0:
            return float(years[0])
        return float(np.interp(0.5, share[after - 1 : after + 1], years[after - 1 : after + 1]))

    grid = np.linspace(0.0, 3.0, 121)
    medians = np.array([median(delta) for delta in grid])
    found: list[dict[str, float | None]] = []
    for move in moves:
        reached = np.flatnonzero(medians <= medians[0] - move)
        delta = float(grid[reached[0]]) if np.isfinite(medians[0]) and reached.size else None
        found.append(
            {
                "years_earlier": move,
                "delta": None if delta is None else round(delta, 3),
                "factor": None if delta is None else round(10**delta, 2),
            }
        )
    return found


def evidence(record_log10: float, as_of: float, most: int = 10) -> dict[str, Any]:
    """Return what published compute says about undisclosed models, from the shipped tables, JSON-ready."""
    from forecast.ingest.catalog import load_table

    audit = load_table("record_audit", ("model", "organization", "tokens_seen", "tokens_unique", "reason"))
    imputed = imputed_sizes(load_table("epoch_models", _COLUMNS), audit, until=as_of)
    return {
        "models": len(imputed),
        "above_record": int((imputed["log10_tokens"] > record_log10).sum()),
        "rows": evidence_rows(imputed, record_log10, most),
    }


_COLUMNS = (
    *("model", "organization", "publication_date", "domain_group", "is_finetune", "training_compute_flop"),
    *("active_parameters", "dataset_size", "dataset_unit", "compute_over_6nd", "confidence"),
)
"""Columns of the model table that an imputation looks at."""


def imputed_sizes(table: pd.DataFrame, audit: pd.DataFrame | None = None, *, until: float = np.inf) -> pd.DataFrame:
    """Impute the training sets of undisclosed models from their published compute.

    Where active parameters are known, D = C / (6 N). Elsewhere log10 D is read off a joint regression on time and
    log10 C, fitted to rows whose compute was not itself derived from D. A row whose C / (6 N) is a size that the same
    organisation has stated elsewhere is circular likewise and left out.
    """
    import pandas as pd

    rows = language_runs(table)
    rows = rows[(rows["training_compute_flop"] > 0) & (rows["year"] <= until)]
    coefficients, residual_sd = _regression(rows)
    stated = _stated(rows, audit)
    unknown = rows["dataset_size"].isna() & ~rows["model"].isin(stated["model"])
    hidden = rows[unknown & (rows["year"] >= EVIDENCE_SINCE)]
    compute = np.log10(hidden["training_compute_flop"].to_numpy(dtype=float))
    active = hidden["active_parameters"].to_numpy(dtype=float)
    by_parameters = compute - np.log10(FLOP_PER_PARAMETER_TOKEN * active)
    by_regression = _design(hidden["year"].to_numpy(dtype=float), compute) @ coefficients
    known = np.isfinite(by_parameters)
    error = hidden["confidence"].map(_COMPUTE_SD).fillna(0.5).to_numpy(dtype=float)
    slope = coefficients[2]
    notes = _notes(audit)
    found = pd.DataFrame(
        {
            "model": hidden["model"].to_numpy(),
            "publication_date": hidden["publication_date"].to_numpy(),
            "year": hidden["year"].to_numpy(),
            "compute_flop": hidden["training_compute_flop"].to_numpy(),
            "route": np.where(known, "active parameters", "regression"),
            "log10_tokens": np.where(known, by_parameters, by_regression),
            "sd": np.where(known, error, np.hypot(residual_sd, slope * error)),
            "confidence": hidden["confidence"].to_numpy(),
            "note": [notes.get(model, "") for model in hidden["model"]],
        }
    )
    found = found[np.isfinite(found["log10_tokens"]) & ~_repeats(by_parameters, hidden["organization"], stated)]
    return found.sort_values("log10_tokens", ascending=False, ignore_index=True)


def language_runs(table: pd.DataFrame) -> pd.DataFrame:
    """Return the language and multimodal models of a table that are no fine-tunes, with their decimal year."""
    import pandas as pd

    rows = table[table["domain_group"].isin(["language", "multimodal"]) & ~table["is_finetune"].astype(bool)]
    dates = pd.to_datetime(rows["publication_date"])
    return rows.assign(year=dates.dt.year + (dates.dt.day_of_year - 1) / 365.25)


_COMPUTE_SD = {"Confident": 0.15, "Likely": 0.3, "Speculative": 0.5, "Unverified": 0.5, "Unknown": 0.5}
"""Error of a compute figure (log10, sd) by Epoch's confidence: within a factor of 2, 4 and 10 at about 95 %."""


def _stated(rows: pd.DataFrame, audit: pd.DataFrame | None) -> pd.DataFrame:
    """Return every size that is stated, in the table or by the audit: model, organization, log10_tokens."""
    import pandas as pd

    sizes = [(rows, "dataset_size")]
    if audit is not None:
        sizes += [(audit, "tokens_seen"), (audit, "tokens_unique")]
    found = pd.concat(
        [frame[["model", "organization"]].assign(tokens=frame[name]) for frame, name in sizes], ignore_index=True
    )
    found = found[found["tokens"] > 0]
    return found.assign(log10_tokens=np.log10(found["tokens"].to_numpy(dtype=float)))


def _repeats(log10_tokens: np.ndarray, organizations: pd.Series, stated: pd.DataFrame) -> np.ndarray:
    """Return which imputed sizes only repeat one that the same organisation has stated."""
    same = organizations.to_numpy()[:, None] == stated["organization"].to_numpy()[None, :]
    near = np.abs(log10_tokens[:, None] - stated["log10_tokens"].to_numpy()[None, :]) < CIRCULAR_WITHIN
    return (same & near).any(axis=1)


def _notes(audit: pd.DataFrame | None) -> dict[str, str]:
    """Return what the audit says of a model beyond that its size is not disclosed."""
    if audit is None:
        return {}
    said = audit[audit["reason"].notna() & ~audit["reason"].str.startswith("The developer has not disclosed", na=True)]
    return dict(zip(said["model"], said["reason"], strict=True))


def _regression(rows: pd.DataFrame) -> tuple[np.ndarray, float]:
    """Fit log10 D on time and log10 C by least squares; return coefficients and residual sd, NaN for too few rows."""
    size = rows["dataset_size"].to_numpy(dtype=float)
    miss = np.abs(np.log10(rows["compute_over_6nd"].to_numpy(dtype=float)))
    # Far from 6 N D the compute or the size belongs to something else; on it, the compute was derived from the size.
    usable = (
        (rows["year"].to_numpy() >= EVIDENCE_SINCE - 1)
        & rows["dataset_unit"].isin(["tokens", "tokens_or_words"]).to_numpy()
        & (size > 1e10)
        & (miss > CIRCULAR_WITHIN)
        & (miss < 0.7)
    )
    chosen = rows[usable]
    if len(chosen) < _REGRESSION_ROWS:
        return np.full(3, np.nan), float("nan")
    design = _design(
        chosen["year"].to_numpy(dtype=float), np.log10(chosen["training_compute_flop"].to_numpy(dtype=float))
    )
    target = np.log10(chosen["dataset_size"].to_numpy(dtype=float))
    coefficients = np.linalg.lstsq(design, target, rcond=None)[0]
    residual = target - design @ coefficients
    return coefficients, float(np.sqrt(np.sum(residual**2) / (len(target) - 3)))


def _design(year: np.ndarray, log10_compute: np.ndarray) -> np.ndarray:
    return np.column_stack([np.ones_like(year), year - 2024.0, log10_compute - _REFERENCE_COMPUTE])


def evidence_rows(imputed: pd.DataFrame, record_log10: float, most: int = 10) -> list[dict[str, Any]]:
    """Return the largest imputed models beside the disclosed record, JSON-ready."""
    largest = imputed.head(most)
    tokens = 10.0 ** largest["log10_tokens"].to_numpy(dtype=float)
    return [
        {
            "model": str(model),
            "date": str(date)[:10],
            "route": str(route),
            "tokens": float(f"{size:.4g}"),
            "factor_to_record": float(f"{size / 10**record_log10:.3g}"),
            "sd_log10": round(float(sd), 3),
            "note": str(note),
        }
        for model, date, route, size, sd, note in zip(
            *(largest[name] for name in ("model", "publication_date", "route")),
            tokens,
            *(largest[name] for name in ("sd", "note")),
            strict=True,
        )
    ]
