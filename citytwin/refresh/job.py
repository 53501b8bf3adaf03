"""One refresh of one city: what was asked for, what was remarked, what came out."""

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from citytwin.progress import Progress
from citytwin.refresh.snapshots import Snapshots


@dataclass(frozen=True)
class Refreshed:
    """Outcome of a refresh.

    Attributes
    ----------
    status
        ``unchanged`` or ``published``.
    city
        The city file.
    snapshot
        ID of the snapshot that it is.
    seconds
        Time that it took, imports of the program left out [s].
    steps
        Steps of the build: name, rows, seconds, whether the result was reused, remarks.
    changes
        What changed against the city before, as :meth:`citytwin.refresh.diff.Diff.summary` says it;
        nothing if there was none or if nothing was built.
    remarks
        What a person should know.
    pruned
        IDs of the snapshots that were removed.
    """

    status: str
    city: Path
    snapshot: str
    seconds: float
    steps: list[dict[str, Any]] = field(default_factory=list)
    changes: dict[str, Any] | None = None
    remarks: list[str] = field(default_factory=list)
    pruned: list[str] = field(default_factory=list)

    @property
    def recomputed(self) -> list[str]:
        """Names of the steps that ran."""
        return [step["name"] for step in self.steps if not step["reused"]]

    @property
    def reused(self) -> list[str]:
        """Names of the steps whose result was there already."""
        return [step["name"] for step in self.steps if step["reused"]]


@dataclass
class Job:
    """What was asked for. Whoever works on it holds the city's lock.

    Attributes
    ----------
    recipe
        The recipe, as an absolute path.
    snapshots
        Snapshots of the city.
    keep, offline, loss, progress
        As :func:`citytwin.refresh.refreshing.refresh` has them.
    paths
        Files given by the source's id, as absolute paths.
    downloads
        Folder of fetched files.
    remarks
        What a person should know, as it comes up.
    """

    recipe: Path
    snapshots: Snapshots
    keep: int
    paths: dict[str, Path]
    downloads: Path
    offline: bool
    loss: float | None
    progress: Progress
    remarks: list[str] = field(default_factory=list)
    start: float = field(default_factory=time.perf_counter)

    @property
    def ledger(self) -> Path:
        """File of what the last refresh saw."""
        return self.snapshots.folder / "ledger.json"

    def fetch(self, source: str, url: str, checksum: str) -> Path:
        """File of a source that comes from an address."""
        from citytwin.fetch.fetching import fetched  # noqa: PLC0415 only where there is a url

        return fetched(
            url,
            checksum,
            self.downloads.absolute(),
            source=source,
            report=self._report,
            offline=self.offline,
        )

    def _report(self, step: str, done: float, note: str) -> None:
        self.progress(step, done, note)
        if note:
            self.remarks.append(note)

    def unchanged(self, snapshot: str) -> Refreshed:
        """Outcome where no input changed since a snapshot was published."""
        current = self.snapshots.current()
        if current is not None and current.id != snapshot:
            self.remarks.append(
                f"the snapshot {current.id} was restored by hand and stays until an input changes"
            )
            snapshot = current.id
        # A kill between publishing and pruning left one too many.
        pruned = [removed.id for removed in self.snapshots.prune(self.keep)]
        return self.outcome("unchanged", snapshot, pruned=pruned)

    def outcome(self, status: str, snapshot: str, **more: Any) -> Refreshed:
        """Outcome, with the remarks and the time."""
        seconds = time.perf_counter() - self.start
        city = self.snapshots.city
        return Refreshed(status, city, snapshot, seconds, remarks=self.remarks, **more)
