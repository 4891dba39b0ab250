"""``forecast cache``: the kept fits and parts of reports."""

from __future__ import annotations

import typer

from forecast.cli.printing import say

app = typer.Typer(no_args_is_help=True, help="The kept fits and parts of reports.")


@app.command("clear")
def clear_cache() -> None:
    """Remove every kept fit and part of a report; the next run samples again."""
    from forecast.fits import kept as cache
    from forecast.fits import kept_parts

    fits, parts = cache.clear(), kept_parts.clear()
    say(f"removed {fits} fits{f' and {parts} parts of reports' if parts else ''} from {cache.cache_folder()}")


@app.command("where")
def where_cache() -> None:
    """Print the folder of the cache."""
    from forecast.fits import kept as cache

    say(str(cache.cache_folder()))
