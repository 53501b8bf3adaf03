"""The part of a refresh that reads: compare the inputs by content, build, publish, compare."""

from pathlib import Path
from typing import Any

from citytwin.city import City
from citytwin.errors import CityFileError, LossError
from citytwin.pipeline.inputs import Inputs, inputs
from citytwin.pipeline.memo import Memo
from citytwin.pipeline.recipe import Recipe, read_recipe
from citytwin.pipeline.steps import build
from citytwin.refresh import ledger as seen
from citytwin.refresh.diff import diff
from citytwin.refresh.job import Job, Refreshed
from citytwin.refresh.ledger import Ledger
from citytwin.refresh.snapshots import Snapshots


def renewed(job: Job) -> Refreshed:
    """Outcome of a refresh whose inputs may have changed.

    Raises
    ------
    CityTwinError
        As :func:`citytwin.refresh.refreshing.refresh` says.
    """
    job.remarks.clear()
    before = _before(job)
    try:
        began, program = seen.now(), seen.program()
        fetched = _fetched(job, read_recipe(job.recipe))
        paths = job.paths | {row[0]: Path(row[-1]) for row in fetched}
        found = inputs(job.recipe, paths=paths, downloads=job.downloads)
        ledger = _ledger(job, found) | {"fetched": fetched, "seen": began, "program": program}
        same = _same(job, found.key, before)
        if same:
            Ledger(key=found.key, snapshot=same, **ledger).write(job.ledger)
            return job.unchanged(same)
        return _publish(job, paths, before, ledger)
    finally:
        if before is not None:
            before.close()


def _before(job: Job) -> City | None:
    """The city as it is, as a snapshot; nothing if there is none that can be read."""
    snapshots = job.snapshots
    if not snapshots.city.exists():
        snapshots.tidy()
        return None
    try:
        city = City.open(snapshots.city)
    except CityFileError as error:
        job.remarks.append(f"no comparison with the city before: {error}")
        return None
    if snapshots.current() is None:
        snapshots.adopt(city.fingerprint)
    snapshots.tidy()
    return city


def _fetched(job: Job, recipe: Recipe) -> list[list[str]]:
    """ID, address, checksum and local path of every source that comes from an address."""
    rows = []
    for source in recipe.sources:
        own = source.id in job.paths or source.path != Path() or source.streams()
        if source.url and not own:
            path = job.fetch(source.id, source.url, source.checksum)
            rows.append([source.id, source.url, source.checksum, str(path)])
    return rows


def _ledger(job: Job, found: Inputs) -> dict[str, Any]:
    """How the inputs look, for the next refresh."""
    local = [source for source in found.recipe.sources if source.path != Path()]
    places = sorted({source.place(found.folder) for source in local})
    return {
        "paths": {name: str(path) for name, path in job.paths.items()},
        "files": {str(file.path): seen.looks(file.path) for file in found.files},
        "folders": [seen.folder_of(place) for place in places],
    }


def _same(job: Job, key: str, before: City | None) -> str:
    """ID of the snapshot that was published from the same inputs, if the city still stands."""
    current = job.snapshots.current()
    if before is None or current is None:
        return ""
    ledger = Ledger.read(job.ledger)
    if ledger is not None and ledger.key == key:
        return ledger.snapshot
    return current.id if _key(before) == key else ""


def _publish(
    job: Job, paths: dict[str, Path], before: City | None, ledger: dict[str, Any]
) -> Refreshed:
    snapshots = job.snapshots
    memo = Memo(snapshots.folder / "steps")
    draft = snapshots.drafts / "city.duckdb"
    with build(
        job.recipe,
        draft,
        progress=job.progress,
        paths=paths,
        downloads=job.downloads,
        memo=memo,
    ) as city:
        key, fingerprint, steps = _key(city), city.fingerprint, city.steps
        lost = _losses(before, city, job.loss)
    if lost:
        raise _rejected(snapshots, draft, lost, job.loss or 0.0)
    old = snapshots.current()
    snapshot = snapshots.publish(draft, fingerprint)
    Ledger(key=key, snapshot=snapshot.id, **ledger).write(job.ledger)
    snapshots.rejected.unlink(missing_ok=True)
    memo.prune()
    changes = None
    if before is not None and old is not None:
        changes = diff(old.path, snapshot.path).summary()
        if before.fingerprint == fingerprint:
            job.remarks.append("the content is the same: only words or code changed")
    pruned = [removed.id for removed in snapshots.prune(job.keep)]
    return job.outcome("published", snapshot.id, steps=steps, changes=changes, pruned=pruned)


def _rejected(snapshots: Snapshots, draft: Path, lost: list[str], most: float) -> LossError:
    draft.replace(snapshots.rejected)
    return LossError(
        f"the new city has {' and '.join(lost)} than the one before, which is more than {most:.0%},"
        f" so it is not published but kept as {snapshots.rejected}: compare both with 'citytwin "
        "diff', and add --accept-loss if it is right"
    )


def _key(city: City) -> str:
    """Key of the inputs that a city was built from."""
    rows = city.query("SELECT value FROM facts WHERE key = 'inputs_key'")["value"].tolist()
    return str(rows[0]).strip('"') if rows else ""


def _losses(old: City | None, new: City, most: float | None) -> list[str]:
    """What a new city lost, in words, as far as it is more than it may be."""
    if old is None or most is None:
        return []
    amounts = {
        "buildings": (old.counts.get("buildings", 0), new.counts.get("buildings", 0)),
        "length of streets": (_total(old, "street_length"), _total(new, "street_length")),
        "people": (_total(old, "people"), _total(new, "people")),
    }
    return [
        f"{1.0 - after / before:.0%} less {name} ({before:,.0f} became {after:,.0f})"
        for name, (before, after) in amounts.items()
        if before > 0.0 and after < before * (1.0 - most)
    ]


def _total(city: City, name: str) -> float:
    return float(city.totals.get(name, {}).get("after", 0.0))
