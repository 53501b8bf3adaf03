"""Snapshots of a city: the current file is one of them, swapped in whole; the last few are kept.

Beside ``cities/NAME.duckdb`` lies the folder ``cities/.NAME`` with ``snapshots/ID.duckdb``, where
an ID is the time of publishing and the head of the fingerprint. The current file is a hard link to
its snapshot, a copy where the file system has no links. Readers that have the old one open keep it.
"""

import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from citytwin.city.whole import sync
from citytwin.errors import InputError, OutputError

_STAMP = "%Y%m%dT%H%M%SZ"
_ENDING = ".duckdb"
_ID = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]+")
#: Characters of the fingerprint in an ID.
_HEAD = 12


@dataclass(frozen=True)
class Snapshot:
    """One snapshot.

    Attributes
    ----------
    path
        Its file.
    """

    path: Path

    @property
    def id(self) -> str:
        """Time of publishing and head of the fingerprint."""
        return self.path.name.removesuffix(_ENDING)

    @property
    def published(self) -> datetime:
        """When it was published [UTC]."""
        return datetime.strptime(self.id.partition("-")[0], _STAMP).replace(tzinfo=UTC)

    @property
    def head(self) -> str:
        """First characters of its fingerprint."""
        return self.id.partition("-")[2]


class Snapshots:
    """The snapshots of one city. Whoever changes them must hold the city's lock.

    Parameters
    ----------
    city
        Path of the current city file.
    """

    def __init__(self, city: Path) -> None:
        self.city = city
        self.folder = city.parent / f".{city.name.removesuffix(_ENDING)}"
        self._kept = self.folder / "snapshots"
        self._mark = self.folder / "current.json"

    @property
    def lock(self) -> Path:
        """File of the city's lock."""
        return self.folder / "lock"

    @property
    def drafts(self) -> Path:
        """Folder for files that are not whole yet; emptied by ``tidy``."""
        return self.folder / "draft"

    @property
    def rejected(self) -> Path:
        """The last city that was built and not published."""
        return self.folder / f"rejected{_ENDING}"

    def all(self) -> list[Snapshot]:
        """Every snapshot, oldest first. Files with other names are none of ours."""
        paths = sorted(self._kept.glob(f"*{_ENDING}"))
        return [Snapshot(path) for path in paths if _ID.fullmatch(path.stem)]

    def current(self) -> Snapshot | None:
        """Snapshot that is the current file; nothing if somebody else put another file there."""
        try:
            status = self.city.stat()
        except OSError:
            return None
        for snapshot in reversed(self.all()):
            with suppress(OSError):  # another process may remove it meanwhile
                if os.path.samestat(status, snapshot.path.stat()):
                    return snapshot
        try:
            mark = json.loads(self._mark.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        same = mark.pop("id", ""), mark
        return next((s for s in self.all() if (s.id, _looks(status)) == same), None)

    def find(self, words: str) -> Snapshot:
        """Snapshot by its ID, or by the beginning of its ID or of its fingerprint.

        Raises
        ------
        InputError
            If there is none, or more than one.
        """
        every = self.all()
        hits = [s for s in every if s.id.startswith(words) or s.head.startswith(words)]
        exact = [s for s in every if s.id == words]
        if len(exact or hits) == 1:
            return (exact or hits)[0]
        names = ", ".join(s.id for s in hits or every) or "none: run 'citytwin refresh' first"
        which = "several snapshots" if hits else "no snapshot"
        raise InputError(f"{self.city} has {which} '{words}': there are {names}")

    def publish(self, draft: Path, fingerprint: str) -> Snapshot:
        """Make a whole file the current city, then a snapshot.

        A kill at any moment leaves the old or the new city; ``adopt`` makes up for the snapshot.

        Raises
        ------
        OutputError
            If a folder cannot be written; the old city is then still there.
        """
        with self._writing():
            sync(draft)
            snapshot = Snapshot(self._new_path(fingerprint))
            self._swap_in(draft)
            draft.replace(snapshot.path)
            sync(self._kept)
            self._write_mark(snapshot)
        return snapshot

    def adopt(self, fingerprint: str) -> Snapshot:
        """Make a snapshot of a current file that is none: of a build, or of a killed refresh."""
        with self._writing():
            snapshot = Snapshot(self._new_path(fingerprint, self.city.stat().st_mtime))
            draft = self._draft_of(self.city)
            draft.replace(snapshot.path)
            sync(self._kept)
            self._write_mark(snapshot)
        return snapshot

    def restore(self, snapshot: Snapshot) -> None:
        """Make a snapshot the current city again."""
        with self._writing():
            self._swap_in(snapshot.path)
            self._write_mark(snapshot)

    def prune(self, keep: int) -> list[Snapshot]:
        """Remove all but the newest snapshots and the current one; those that were removed."""
        current = self.current()
        old = [s for s in self.all()[: -max(keep, 1)] if s != current]
        for snapshot in old:
            snapshot.path.unlink(missing_ok=True)
        return old

    def tidy(self) -> None:
        """Remove what killed refreshes left behind."""
        shutil.rmtree(self.drafts, ignore_errors=True)
        for rest in (*self.folder.glob("steps/.*.draft"), *self.folder.glob("*.json.*")):
            shutil.rmtree(rest, ignore_errors=True)
            with suppress(OSError):
                rest.unlink(missing_ok=True)

    def _swap_in(self, path: Path) -> None:
        draft = self._draft_of(path)
        draft.replace(self.city)
        draft.unlink(missing_ok=True)  # a rename onto the same file leaves both names
        sync(self.city.parent)

    def _draft_of(self, path: Path) -> Path:
        """Another name for a file; a copy where the file system has only one for each."""
        self.drafts.mkdir(parents=True, exist_ok=True)
        draft = self.drafts / f"link{_ENDING}"
        draft.unlink(missing_ok=True)
        try:
            os.link(path, draft)
        except OSError:
            shutil.copyfile(path, draft)
            sync(draft)
        return draft

    def _new_path(self, fingerprint: str, seconds: float | None = None) -> Path:
        """Path of a new snapshot, later than all that there are even if the clock went back."""
        self._kept.mkdir(parents=True, exist_ok=True)
        time = datetime.now(UTC) if seconds is None else datetime.fromtimestamp(seconds, UTC)
        every = self.all()
        if every and time < every[-1].published + timedelta(seconds=1):
            time = every[-1].published + timedelta(seconds=1)
        return self._kept / f"{time.strftime(_STAMP)}-{fingerprint[:_HEAD]}{_ENDING}"

    def _write_mark(self, snapshot: Snapshot) -> None:
        mark = {"id": snapshot.id, **_looks(self.city.stat())}
        draft = self._mark.with_name(f"{self._mark.name}.{os.getpid()}")
        draft.write_text(json.dumps(mark), encoding="utf-8")
        draft.replace(self._mark)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise OutputError(
                f"the city {self.city} cannot be put in place ({error.strerror or error}): make "
                "room or choose another folder with --workspace"
            ) from error


def _looks(status: os.stat_result) -> dict[str, int]:
    """By what a file is known again without reading it."""
    return {"size": status.st_size, "written": status.st_mtime_ns, "inode": status.st_ino}
