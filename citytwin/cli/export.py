"""The command ``citytwin export``."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from citytwin.cli.console import Voice
from citytwin.cli.options import WORKSPACE, AsJson, Workspace, city_file
from citytwin.export.formats import ALL, FORMATS, LEAST_PEOPLE

if TYPE_CHECKING:
    from citytwin.export import Exported

_DEFAULT = "geoparquet"


def export(
    to: Annotated[Path, typer.Option("--to", help="Folder to write.")],
    city: Annotated[Path | None, typer.Argument(help="City file.")] = None,
    formats: Annotated[
        list[str] | None,
        typer.Option(
            "--format",
            help=f"{', '.join(FORMATS)} or {ALL}; may be repeated; {_DEFAULT} if left out.",
        ),
    ] = None,
    layers: Annotated[
        list[str] | None,
        typer.Option("--layer", help="Layer, or cells; may be repeated; all if left out."),
    ] = None,
    variables: Annotated[
        list[str] | None,
        typer.Option("--variable", help="Variable on cells for cog; all if left out."),
    ] = None,
    pixel: Annotated[
        float | None, typer.Option(help="Pixel size for cog in metres; fits the cells if left out.")
    ] = None,
    least_people: Annotated[
        int,
        typer.Option(
            "--k",
            "--least-people",
            help="Fewest people of a group: cells and buildings with fewer are put together; counts "
            "of fewer by a source may still be reckoned from the groups by who knows how people were "
            "put into buildings (docs/export.md); 0 leaves people as they are.",
        ),
    ] = LEAST_PEOPLE,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace an older export.")
    ] = False,
    workspace: Workspace = WORKSPACE,
    as_json: AsJson = False,
) -> None:
    """Write a city in open formats, with metadata; the folder appears whole or not at all."""
    from citytwin.city import City
    from citytwin.export import export as export_city

    voice = Voice(as_json=as_json)
    with City.open(city_file(city, workspace)) as opened:
        with voice.task("export") as task:
            done = export_city(
                opened,
                to,
                formats=tuple(formats or (_DEFAULT,)),
                layers=tuple(layers or ()),
                variables=tuple(variables or ()),
                pixel=pixel,
                least_people=least_people,
                overwrite=overwrite,
                progress=task.step,
            )
        _say(voice, done, opened.attribution)


def _say(voice: Voice, done: "Exported", attribution: str) -> None:
    for file in done.files:
        voice.say(f"{file.path:<36} {file.size:>12,} bytes  {file.title}")
    for name, row in done.figures.items():
        voice.say(f"Total       {name.removeprefix('cog ')} off by {row['relative_error']:.0e}")
    for remark in done.remarks:
        voice.say(f"Remark      {remark}")
    voice.say(f"Data        {attribution}")
    voice.say(f"Written     {done.folder}")
    voice.give(done.facts())
