"""Refresh a city: compute what changed, publish it as a snapshot, keep the last few.

Whatever happens, the city file is a whole old or a whole new city. Nothing heavy is imported
before it is known that something may have changed.
"""

from collections.abc import Mapping
from pathlib import Path

from citytwin.city.lock import held
from citytwin.errors import CityTwinError, OutputError, RecipeError
from citytwin.progress import Progress, silent
from citytwin.refresh.job import Job, Refreshed
from citytwin.refresh.ledger import Ledger, looks
from citytwin.refresh.snapshots import Snapshots

#: Snapshots that are kept.
KEEP = 5
#: Share of the buildings, streets or people that a new city may lack against the old one.
LOSS = 0.2


def refresh(
    recipe_path: Path | str,
    cities: Path | str,
    *,
    keep: int = KEEP,
    paths: Mapping[str, Path] | None = None,
    downloads: Path | None = None,
    offline: bool = False,
    wait: float = 0.0,
    loss: float | None = LOSS,
    progress: Progress = silent,
) -> Refreshed:
    """Bring a city up to date; one refresh of a city runs at a time.

    Parameters
    ----------
    recipe_path
        TOML file; the city is called as the file is.
    cities
        Folder of the city files.
    keep
        Number of snapshots that stay.
    paths
        File or folder to read instead of what the recipe names, by the source's id.
    downloads
        Folder for files that the recipe names by URL; beside ``cities`` if not given.
    offline
        Never touch the network: files that were fetched before serve.
    wait
        How long to wait for another refresh of this city [s].
    loss
        Greatest share of the buildings, of the length of the streets or of the people that may be
        gone against the city before; ``None`` takes any loss.
    progress
        Called at the start and the end of each step, and with remarks on what is fetched.

    Raises
    ------
    BusyError
        If another refresh of this city runs.
    LossError
        If the new city lost too much; it is kept beside the snapshots and not published.
    BalanceError
        If a total changed while moving to cells.
    RecipeError, SourceError, OutputError
        If the recipe or a source is wrong, or something cannot be written. The city stays as it
        was in all these cases.
    """
    recipe = Path(recipe_path).absolute()
    city = Path(cities) / f"{recipe.stem}.duckdb"
    if not _is_file(recipe):
        raise RecipeError(f"the recipe {recipe_path} cannot be read: give the path of a TOML file")
    job = Job(
        recipe=recipe,
        snapshots=Snapshots(city),
        keep=keep,
        paths={name: Path(path).absolute() for name, path in (paths or {}).items()},
        downloads=downloads or Path(cities).parent / "downloads",
        offline=offline,
        loss=loss,
        progress=progress,
    )
    with held(job.snapshots.lock, f"the city {city} is being refreshed", wait=wait):
        try:
            return _quick(job) or _thorough(job)
        except CityTwinError as error:
            left = "stays as it was" if city.exists() else "was not made"
            raise type(error)(f"{error}; the city {city} {left}") from error
        except OSError as error:
            raise OutputError(
                f"the folder {job.snapshots.folder} cannot be written ({error.strerror or error}): "
                f"make room or choose another with --workspace; the city {city} is whole"
            ) from error
        finally:
            job.snapshots.tidy()


def _quick(job: Job) -> Refreshed | None:
    """Outcome if certainly nothing changed, without reading any input."""
    ledger = Ledger.read(job.ledger)
    given = {name: str(path) for name, path in job.paths.items()}
    if ledger is None or str(job.recipe) not in ledger.files or not ledger.holds(given):
        return None
    if job.snapshots.current() is None:
        return None
    for source, url, checksum, path in ledger.fetched:
        found = job.fetch(source, url, checksum)
        if str(found) != path or looks(found) != ledger.files.get(path):
            return None
    return job.unchanged(ledger.snapshot)


def _thorough(job: Job) -> Refreshed:
    from citytwin.refresh.renewal import renewed  # noqa: PLC0415 heavy

    return renewed(job)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # a name too long for the file system, or no name
        return False
