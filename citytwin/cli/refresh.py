"""Commands that keep a city up to date: refresh, snapshots, diff."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from citytwin.cli.changes import diff_lines, refresh_lines
from citytwin.cli.console import Voice
from citytwin.cli.journal import Journal
from citytwin.cli.options import WORKSPACE, AsJson, SourcePaths, Workspace, source_paths
from citytwin.errors import CityFileError, CityTwinError

if TYPE_CHECKING:
    from citytwin.refresh.job import Refreshed
    from citytwin.refresh.snapshots import Snapshots

Wait = Annotated[
    float, typer.Option(min=0.0, help="Seconds to wait for another refresh of this city.")
]


def refresh(
    recipe: Annotated[Path, typer.Argument(help="Recipe of the city (TOML).")],
    path: SourcePaths = None,
    keep: Annotated[int, typer.Option(min=1, help="Snapshots to keep.")] = 5,
    offline: Annotated[bool, typer.Option("--offline", help="Never touch the network.")] = False,
    wait: Wait = 0.0,
    loss: Annotated[
        float,
        typer.Option(min=0.0, max=100.0, help="Most that may be lost of anything, in per cent."),
    ] = 20.0,
    accept_loss: Annotated[
        bool, typer.Option("--accept-loss", help="Publish however much was lost.")
    ] = False,
    log: Annotated[Path | None, typer.Option(help="File for a log of JSON lines.")] = None,
    workspace: Workspace = WORKSPACE,
    as_json: AsJson = False,
) -> None:
    """Bring a city up to date: compute what changed, publish it whole, keep the last snapshots."""
    from citytwin.refresh.refreshing import refresh as refresh_city

    voice, journal = Voice(as_json=as_json), Journal(log)
    given = source_paths(path)
    with _told(journal, recipe), voice.task("refresh") as task:

        def progress(step: str, done: float, note: str) -> None:
            task.step(step, done, note)
            journal.step(step, done, note)

        outcome = refresh_city(
            recipe,
            workspace / "cities",
            keep=keep,
            paths=given,
            downloads=workspace / "downloads",
            offline=offline,
            wait=wait,
            loss=None if accept_loss else loss / 100.0,
            progress=progress,
        )
        _log(journal, outcome)
    voice.lines(refresh_lines(outcome))
    facts = asdict(outcome) | {"recomputed": outcome.recomputed, "reused": outcome.reused}
    voice.give(facts | {"city": str(outcome.city), "run": journal.run})


def snapshots(
    city: Annotated[str, typer.Argument(help="Name of a city of the workspace, or its file.")],
    restore: Annotated[
        str | None, typer.Option(metavar="ID", help="Make this snapshot the city again.")
    ] = None,
    wait: Wait = 0.0,
    workspace: Workspace = WORKSPACE,
    as_json: AsJson = False,
) -> None:
    """List the snapshots of a city, or go back to one; it then stays until an input changes."""
    from citytwin.city.lock import held
    from citytwin.refresh.snapshots import Snapshots

    voice = Voice(as_json=as_json)
    file = Path(city) if city.endswith(".duckdb") else workspace / "cities" / f"{city}.duckdb"
    known = Snapshots(file)
    if not file.exists() and not known.all():
        raise CityFileError(f"there is no city {file}: make one with 'citytwin refresh RECIPE'")
    if restore is not None:
        wanted = known.find(restore)
        with held(known.lock, f"the city {file} is being refreshed", wait=wait):
            known.restore(wanted)
    rows = _rows(known)
    for row in rows:
        mark = "*" if row["current"] else " "
        voice.say(f"{mark} {row['id']}  {row['bytes'] / 1e6:>10,.1f} MB  {row['path']}")
    voice.give({"city": str(file), "snapshots": rows})


def diff(
    a: Annotated[Path, typer.Argument(help="The older city file or snapshot.")],
    b: Annotated[Path, typer.Argument(help="The newer one.")],
    to: Annotated[Path | None, typer.Option(help="Folder for GeoJSON of what changed.")] = None,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="Exit with 1 if anything changed.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Say what changed between two cities: features, totals, cells."""
    from citytwin.refresh.diff import diff as compare
    from citytwin.refresh.diff_files import write_changes

    voice = Voice(as_json=as_json)
    found = compare(a, b)
    voice.lines(diff_lines(found.summary()))
    files = write_changes(found, to) if to is not None else []
    for file in files:
        voice.say(f"Written     {file}")
    if as_json:
        voice.give(found.full() | {"files": [str(file) for file in files]})
    if exit_code and not found.same:
        raise typer.Exit(1)


def _rows(known: "Snapshots") -> list[dict[str, Any]]:
    """Snapshots of a city, oldest first; a refresh may remove one meanwhile."""
    current, rows = known.current(), []
    for snapshot in known.all():
        with suppress(FileNotFoundError):
            rows.append(
                {
                    "id": snapshot.id,
                    "published": snapshot.published.isoformat(),
                    "bytes": snapshot.path.stat().st_size,
                    "path": str(snapshot.path),
                    "current": snapshot == current,
                }
            )
    return rows


@contextmanager
def _told(journal: Journal, recipe: Path) -> Iterator[None]:
    """Write down how a refresh begins and how it fails."""
    journal.event("start", recipe=str(recipe))
    try:
        yield
    except CityTwinError as error:
        kind = type(error).__name__
        journal.event("failed", level=logging.ERROR, error=kind, remarks=[str(error)])
        raise
    except KeyboardInterrupt:
        journal.event("stopped", level=logging.WARNING)
        raise
    except Exception as error:
        journal.event("failed", level=logging.CRITICAL, error=repr(error))
        raise
    finally:
        journal.close()


def _log(journal: Journal, outcome: "Refreshed") -> None:
    for step in outcome.steps:
        journal.event(
            "step",
            step=step["name"],
            rows=step["rows"],
            seconds=round(step["seconds"], 3),
            reused=step["reused"],
            remarks=[step["remarks"]] if step["remarks"] else [],
        )
    journal.event(
        outcome.status,
        city=str(outcome.city),
        snapshot=outcome.snapshot,
        seconds=round(outcome.seconds, 3),
        remarks=outcome.remarks,
        changes=outcome.changes,
        pruned=outcome.pruned,
    )
