"""Command that compares runs."""

from pathlib import Path
from typing import Annotated

import typer

from citytwin.cli.console import Voice
from citytwin.cli.options import WORKSPACE, AsJson, CityFile, Workspace, city_file
from citytwin.errors import InputError


def compare(
    runs: Annotated[
        list[str], typer.Argument(help="Keys or folders of runs, the first as the base.")
    ],
    city: CityFile = None,
    to: Annotated[
        Path | None, typer.Option(help="Folder for the numbers, the cells and the difference maps.")
    ] = None,
    quantity: Annotated[str, typer.Option(help="Summary that is compared on the cells.")] = "",
    overwrite: Annotated[bool, typer.Option(help="Replace an older folder.")] = False,
    workspace: Workspace = WORKSPACE,
    as_json: AsJson = False,
) -> None:
    """Put runs beside one another: what differs in their scenarios, their impact, and where."""
    from citytwin.city import City
    from citytwin.cli import words
    from citytwin.scenario.comparing import compare as compare_runs
    from citytwin.scenario.comparing import write_comparison
    from citytwin.scenario.results import Results

    voice = Voice(as_json=as_json)
    found = compare_runs([Results.open(_folder(run, workspace)) for run in runs], quantity)
    written = None
    if to is not None:
        with City.open(city_file(city, workspace)) as opened:
            if opened.fingerprint != found.runs[0].manifest["city"]["fingerprint"]:
                raise InputError(
                    f"the runs are of another city than {opened.path}: name theirs with --city"
                )
            written = write_comparison(found, opened, to, overwrite=overwrite)
    voice.lines(words.comparison_lines(found, written))
    voice.give(words.comparison_facts(found, written))


def _folder(run: str, workspace: Path) -> Path:
    """Folder of a run that is named by its folder or its key."""
    from citytwin.scenario.results import Results

    path = Path(run) if Path(run).is_dir() else workspace / "runs" / run
    if path.is_dir() and not Results.is_whole(path):
        raise InputError(f"{path} holds no run: name a run, or a step of a chain by its own key")
    return path
