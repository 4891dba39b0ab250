"""``forecast cache``: the kept fits."""

from __future__ import annotations

import typer

from forecast.cli.printing import say

app = typer.Typer(no_args_is_help=True, help="The kept fits.")


@app.command("clear")
def clear_cache() -> None:
    """Remove every kept fit; the next run samples again."""
    from forecast.fits import kept as cache

    say(f"removed {cache.clear()} fits from {cache.cache_folder()}")


@app.command("where")
def where_cache() -> None:
    """Print the folder of the cache."""
    from forecast.fits import kept as cache

    say(str(cache.cache_folder()))
