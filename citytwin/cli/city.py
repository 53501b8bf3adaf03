"""Commands about cities: demo, build, info, app."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from citytwin.cli.console import Voice
from citytwin.cli.hazard import ran
from citytwin.cli.launch import launch_app
from citytwin.cli.options import (
    WORKSPACE,
    AsJson,
    SourcePaths,
    Workspace,
    city_file,
    source_paths,
)
from citytwin.cli.share import share

if TYPE_CHECKING:
    from citytwin.city import City

EMBEDDED = "san-francisco"


def demo(
    workspace: Workspace = WORKSPACE,
    no_app: Annotated[bool, typer.Option("--no-app", help="Stop before the 3D sandbox.")] = False,
    as_json: AsJson = False,
) -> None:
    """Build the embedded city, run a cloudburst on it, say what happened, open the 3D sandbox."""
    from citytwin.cli import words

    voice = Voice(as_json=as_json)
    with built(share("pipelines", f"{EMBEDDED}.toml"), None, workspace, voice) as city:
        voice.lines(words.city_lines(city))
        voice.say()
        results = ran(share("pipelines", "scenarios", "cloudburst.toml"), city, workspace, voice)
        voice.lines(words.run_lines(results))
        voice.give({**words.city_facts(city), "run": words.run_facts(results)})
        path = city.path
    if not no_app:
        launch_app(path, workspace, port=None, browser=True)


def build(
    recipe: Annotated[Path, typer.Argument(help="Recipe of the city (TOML).")],
    output: Annotated[Path | None, typer.Option(help="City file to write.")] = None,
    path: SourcePaths = None,
    workspace: Workspace = WORKSPACE,
    as_json: AsJson = False,
) -> None:
    """Build a city file from a recipe; the file appears whole or not at all."""
    from citytwin.cli import words

    voice = Voice(as_json=as_json)
    with built(recipe, output, workspace, voice, source_paths(path)) as city:
        voice.lines(words.city_lines(city))
        voice.say(f"Written     {city.path}")
        voice.give(words.city_facts(city))


def info(
    city: Annotated[Path | None, typer.Argument(help="City file.")] = None,
    workspace: Workspace = WORKSPACE,
    as_json: AsJson = False,
) -> None:
    """Say what a city file holds and where it comes from."""
    from citytwin.city import City
    from citytwin.cli import words

    voice = Voice(as_json=as_json)
    with City.open(city_file(city, workspace)) as opened:
        voice.lines(words.city_lines(opened))
        for row in opened.sources:
            voice.say(f"Source      {row['path']}  {row['licence']}  sha256 {row['sha256'][:16]}")
        voice.give({**words.city_facts(opened), "sources": opened.sources})


def app(
    city: Annotated[Path | None, typer.Argument(help="City file.")] = None,
    workspace: Workspace = WORKSPACE,
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="Port; a free one if left out.")
    ] = None,
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help="Do not open a browser.")
    ] = False,
) -> None:
    """Open the 3D sandbox of a city in the browser."""
    from citytwin.city import City

    path = city_file(city, workspace)
    City.open(path).close()
    launch_app(path, workspace, port=port, browser=not no_browser)


def built(
    recipe: Path,
    output: Path | None,
    workspace: Path,
    voice: Voice,
    paths: dict[str, Path] | None = None,
) -> "City":
    """Build a city with progress for people."""
    from citytwin.pipeline import build as build_city

    target = output or workspace / "cities" / f"{recipe.stem}.duckdb"
    with voice.task("build") as task:
        return build_city(
            recipe, target, progress=task.step, paths=paths, downloads=workspace / "downloads"
        )
