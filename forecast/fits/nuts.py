"""The one place that calls a sampler. Compiled models are kept and sampled again with new data."""

from __future__ import annotations

import contextlib
import gc
import logging
import warnings
from collections.abc import Callable, Hashable, Iterator, Mapping
from typing import Any

import numpy as np

from forecast.core.seeds import integer_seed
from forecast.errors import ModelError
from forecast.fits.gate import Convergence, convergence
from forecast.fits.lean_wrappers import lean_wrappers
from forecast.fits.sampling import ATTEMPTS, Sampling

_COMPILED: dict[Hashable, Any] = {}


def care(settings: Sampling, attempt: int, before: Convergence | None) -> tuple[float, int]:
    """Return an attempt's target acceptance, and its length as a multiple.

    Parameters
    ----------
    settings : Sampling
        Length and care of the first attempt.
    attempt : int
        0, 1 or 2.
    before : Convergence or None
        What the attempt before came to; None before the first.

    Examples
    --------
    >>> diverged = Convergence(rhat_max=1.003, ess_bulk_min=900.0, ess_tail_min=900.0, divergences=40, transitions=6000)
    >>> care(Sampling(), 1, diverged)
    (0.99, 1)
    """
    if before is None:
        return settings.target_accept, 1
    last = attempt == ATTEMPTS - 1
    careful = last or not before.stable
    longer = last or not before.mixed
    return settings.rerun_target_accept if careful else settings.target_accept, 2 if longer else 1


def sample(
    build: Callable[[], Any],
    inputs: Mapping[str, np.ndarray],
    *,
    key: Hashable,
    stream: str,
    seed: int,
    settings: Sampling,
    cores: int = 1,
    once: bool = False,
) -> tuple[Any, Convergence]:
    """Draw from a model's posterior; unless it is made once, a fit that does not converge is made again with more care."""
    import nutpie
    import pytensor

    logging.getLogger("pymc").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if key not in _COMPILED:
            # Fast arithmetic rounds by what is inlined, which hangs on the compile cache: chains would part.
            with pytensor.config.change_flags(numba__fastmath=False), lean_wrappers(), _uncollected():
                _COMPILED[key] = nutpie.compile_pymc_model(build())
        compiled = _COMPILED[key].with_data(**inputs)
        before: Convergence | None = None
        for attempt in range(1 if once else ATTEMPTS):
            target, longer = care(settings, attempt, before)
            try:
                tree = nutpie.sample(
                    compiled,
                    draws=longer * settings.draws,
                    tune=longer * settings.tune,
                    chains=settings.chains,
                    cores=cores,
                    seed=integer_seed(seed, stream, f"attempt-{attempt}"),
                    target_accept=target,
                    save_warmup=False,
                    progress_bar=False,
                )
            except RuntimeError as error:
                raise ModelError(
                    f"a sampler that broke off at {stream.rpartition('/')[0] or stream} ({str(error)[:120]})",
                    "a posterior",
                    "check the table and the priors",
                ) from error
            before = found = convergence(tree)
            if found.holds:
                break
    kept = slim(tree, settings.keep)
    kept.attrs["attempts"] = attempt + 1
    return kept, found


@contextlib.contextmanager
def _uncollected() -> Iterator[None]:
    """Look for no garbage inside the block: a compiler's many lasting objects make that a tenth of its time."""
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.enable()


def slim(tree: Any, keep: int) -> Any:
    """Keep what later steps read: some draws of the named variables, and the sampler's main statistics."""
    import xarray as xr

    every = tree["posterior"].sizes["draw"]
    chosen = {"draw": np.linspace(0, every - 1, min(keep, every)).round().astype(int)}

    posterior = tree["posterior"].to_dataset()
    hidden = [
        name for name in posterior.data_vars if str(name).endswith(("_log__", "_interval__", "_logodds__", "_place__"))
    ]
    statistics = tree["sample_stats"].to_dataset()
    kept = [name for name in ("diverging", "n_steps", "step_size", "energy", "logp") if name in statistics]
    return xr.DataTree.from_dict(
        {
            "/posterior": posterior.drop_vars(hidden).isel(chosen),
            "/sample_stats": statistics[kept].drop_attrs().isel(chosen),
        }
    )
