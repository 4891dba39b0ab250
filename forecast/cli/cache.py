"""``forecast cache``: the kept fits, runs and parts of reports."""

from __future__ import annotations

import typer

from forecast.cli.printing import say

app = typer.Typer(no_args_is_help=True, help="The kept fits, runs and parts of reports.")


@app.command("clear")
def clear_cache() -> None:
    """Remove every kept fit, run and part of a report; the next run samples again what does not travel with the package."""
    from forecast.fits import kept as cache
    from forecast.fits import kept_parts
    from forecast.runs import kept_runs

    counted = {"fits": cache.clear(), "runs": kept_runs.clear(), "parts of reports": kept_parts.clear()}
    removed = [f"{count} {what}" for what, count in counted.items() if count or what == "fits"]
    say(f"removed {' and '.join(removed)} from {cache.cache_folder()}")


@app.command("where")
def where_cache() -> None:
    """Print the folder of the cache."""
    from forecast.fits import kept as cache

    say(str(cache.cache_folder()))
