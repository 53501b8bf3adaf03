"""The command ``citytwin results``."""

from pathlib import Path
from typing import Annotated

import typer

from citytwin.cli.console import Voice
from citytwin.cli.options import WORKSPACE, AsJson, CityFile, Workspace, city_file

_FORMATS = ("netcdf", "cog", "csv")


def results(
    run: Annotated[
        str, typer.Argument(help="Folder of a run, or the key of one in the workspace.")
    ],
    to: Annotated[Path, typer.Option("--to", help="Folder to write.")],
    formats: Annotated[
        list[str] | None,
        typer.Option("--format", help=f"{', '.join(_FORMATS)}; may be repeated; all if left out."),
    ] = None,
    pixel: Annotated[
        float | None, typer.Option(help="Pixel size for cog in metres; fits the cells if left out.")
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace an older folder.")
    ] = False,
    city: CityFile = None,
    workspace: Workspace = WORKSPACE,
    as_json: AsJson = False,
) -> None:
    """Write the results of a run as CF-NetCDF, cloud-optimised GeoTIFF and CSV."""
    from citytwin.city import City
    from citytwin.scenario import Results
    from citytwin.scenario.outputs import write_outputs

    voice = Voice(as_json=as_json)
    folder = Path(run)
    opened = Results.open(folder if folder.exists() else workspace / "runs" / run)
    with City.open(city_file(city, workspace)) as place:
        written = write_outputs(
            opened, place, to, tuple(formats or _FORMATS), pixel=pixel, overwrite=overwrite
        )
    for path in written:
        voice.say(f"{path.name:<24} {path.stat().st_size:>14,} bytes")
    voice.say(f"Written     {to}")
    voice.give({"folder": str(to), "files": [path.name for path in written]})
