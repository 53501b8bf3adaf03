"""Options that several commands share, and where their files lie."""

from pathlib import Path
from typing import Annotated

import typer

from citytwin.errors import InputError

AsJson = Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")]
Workspace = Annotated[
    Path,
    typer.Option(
        "--workspace",
        envvar="CITYTWIN_WORKSPACE",
        help="Folder of cities and runs.",
    ),
]
WORKSPACE = Path("citytwin-workspace")
CityFile = Annotated[
    Path | None,
    typer.Option("--city", help="City file; the workspace's only city if left out."),
]
Workers = Annotated[int, typer.Option(min=1, max=1024, help="Processes that run members.")]
Dask = Annotated[
    str,
    typer.Option(
        help="Address of a Dask scheduler whose workers run the members, or 'local' for a cluster "
        "of this machine; processes without one."
    ),
]
SourcePaths = Annotated[
    list[str] | None,
    typer.Option("--path", help="ID=FILE: read this instead of what the recipe names."),
]


def city_file(city: Path | None, workspace: Path) -> Path:
    """The city that is named, or the only one of the workspace.

    Raises
    ------
    InputError
        If none is named and the workspace has none, or several.
    """
    if city is not None:
        return city
    found = sorted((workspace / "cities").glob("*.duckdb"))
    if len(found) == 1:
        return found[0]
    if not found:
        raise InputError(
            f"there is no city in {workspace / 'cities'}: build one with 'citytwin build RECIPE'"
        )
    names = ", ".join(path.name for path in found)
    raise InputError(f"{workspace / 'cities'} holds several cities ({names}): name one")


def source_paths(given: list[str] | None) -> dict[str, Path]:
    """Paths by the source's id, from words of the form ``ID=FILE``.

    Raises
    ------
    InputError
        If a word has another form or an id comes twice.
    """
    paths: dict[str, Path] = {}
    for word in given or []:
        name, sign, path = word.partition("=")
        if not (name and sign and path) or name in paths:
            raise InputError(
                f"--path {word} is not of the form ID=FILE, each id once: write for example "
                "--path osm=/data/city.osm.pbf"
            )
        paths[name] = Path(path)
    return paths
