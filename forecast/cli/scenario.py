"""``forecast scenario``: which worlds there are, what one says, whether a file of your own holds."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from forecast.cli.options import AsJson

app = typer.Typer(no_args_is_help=True, help="Scenarios: list them, show one, check a file of your own.")


@app.command("list")
def list_scenarios(as_json: AsJson = False) -> None:
    """List the shipped scenarios, each with the world that it describes."""
    from forecast import scenario as scenarios

    loaded = [scenarios.load(name) for name in scenarios.names()]
    if as_json:
        typer.echo(json.dumps([{"name": s.name, "title": s.title, "world": s.world} for s in loaded], indent=1))
        return
    width = max(len(s.name) for s in loaded)
    for world in loaded:
        typer.echo(f"{world.name.ljust(width)}  {world.title}: {world.world}")


@app.command("show")
def show_scenario(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A shipped name, or a path that ends in .toml.")],
) -> None:
    """Show a scenario with everything that it takes over from others."""
    from forecast import scenario as scenarios

    typer.echo(json.dumps(scenarios.load(name).to_dict(), indent=1, ensure_ascii=False))


@app.command("check")
def check_scenario(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A path that ends in .toml.")],
) -> None:
    """Check a scenario file; what is wrong is said in one line."""
    from forecast import scenario as scenarios

    world = scenarios.load(file)
    typer.echo(f"{file} holds: {world.title}, {len(world.levers)} levers, {len(world.members)} members")
