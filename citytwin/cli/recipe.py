"""Commands about recipes: write one, check one, print the schema."""

import json
from pathlib import Path
from typing import Annotated

import typer

from citytwin.cli.console import Voice
from citytwin.cli.options import AsJson
from citytwin.cli.share import share
from citytwin.errors import InputError, OutputError

recipes = typer.Typer(help="Write and check the recipes of cities.", no_args_is_help=True)


@recipes.command()
def new(
    name: Annotated[str, typer.Argument(help="Name of the city in files: a-z, 0-9 and hyphens.")],
    bbox: Annotated[
        tuple[float, float, float, float],
        typer.Option(help="West, south, east, north in degrees."),
    ],
    osm: Annotated[str, typer.Option(help="Path or URL of an OpenStreetMap extract (.osm.pbf).")],
    title: Annotated[str, typer.Option(help="Name for people.")] = "",
    country: Annotated[
        str, typer.Option(help="ISO 3166 code of three letters, for people counted by WorldPop.")
    ] = "",
    resolution: Annotated[int | None, typer.Option(min=8, max=14, help="H3 resolution.")] = None,
    output: Annotated[
        Path | None, typer.Option(help="File to write; NAME.toml if left out.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write a recipe for a box, from an OpenStreetMap extract and public rasters of the world."""
    from citytwin.pipeline.recipe import read_recipe
    from citytwin.pipeline.recipe_new import new_recipe, tables_from

    voice = Voice(as_json=as_json)
    path = output or Path(f"{name}.toml")
    tables = tables_from(path, share("data", "tables", "land_cover.csv").parent)
    text = new_recipe(
        name,
        title or name,
        bbox,
        osm=osm,
        resolution=resolution,
        country=country,
        tables=tables,
    )
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as error:
        raise InputError(f"{path} is there already: choose another with --output") from error
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror}") from error
    try:
        recipe = read_recipe(path)
    except InputError:
        path.unlink()
        raise
    voice.say(f"Written     {path}")
    voice.say(f"Next        citytwin build {path}")
    voice.give({"recipe": str(path), "name": recipe.name, "resolution": recipe.resolution})


@recipes.command()
def check(
    recipe: Annotated[Path, typer.Argument(help="Recipe of the city (TOML).")],
    as_json: AsJson = False,
) -> None:
    """Check a recipe without reading its data."""
    from citytwin.pipeline.recipe import read_recipe

    voice = Voice(as_json=as_json)
    read = read_recipe(recipe)
    voice.say(f"Recipe      {read.title}, H3 resolution {read.resolution}")
    for source in read.sources:
        voice.say(f"Source      {source.id} ({source.name}): {source.url or source.path}")
    voice.give({"name": read.name, "sources": [source.id for source in read.sources]})


@recipes.command()
def schema() -> None:
    """Print the JSON Schema of a recipe, for editors."""
    from citytwin.pipeline.recipe_schema import recipe_schema

    typer.echo(json.dumps(recipe_schema(), indent=2, ensure_ascii=False))
