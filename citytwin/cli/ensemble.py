"""Command about ensembles: many runs of one scenario whose parameters are uncertain."""

from pathlib import Path
from typing import Annotated

import typer

from citytwin.cli.console import Voice
from citytwin.cli.options import (
    WORKSPACE,
    AsJson,
    CityFile,
    Dask,
    Workers,
    Workspace,
    city_file,
)
from citytwin.cli.stopping import STOPPED, asked_to_stop


def ensemble(
    scenario: Annotated[
        Path, typer.Argument(help="Scenario or chain (TOML) with a table of its ensemble.")
    ],
    city: CityFile = None,
    workers: Workers = 2,
    dask: Dask = "",
    workspace: Workspace = WORKSPACE,
    as_json: AsJson = False,
) -> None:
    """Run a scenario many times with uncertain parameters; members that are there are not run again."""
    from citytwin.city import City
    from citytwin.cli import words
    from citytwin.ensemble import Ensemble, run_ensemble
    from citytwin.ensemble.running import read_manifest

    voice = Voice(as_json=as_json)
    loaded = Ensemble.load(scenario)
    with (
        City.open(city_file(city, workspace)) as opened,
        voice.task("ensemble") as task,
        asked_to_stop() as stopped,
    ):
        folder = run_ensemble(
            loaded,
            opened,
            folder=workspace / "ensembles",
            workers=workers,
            scheduler=dask,
            runs=workspace / "runs",
            progress=task.share,
            stopped=stopped,
        )
    manifest = read_manifest(folder)
    voice.lines(words.ensemble_lines(manifest, folder))
    voice.give({"folder": str(folder), **manifest})
    if not manifest["complete"]:
        raise typer.Exit(STOPPED)
