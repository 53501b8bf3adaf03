"""What the last refresh saw, so that the next one knows within milliseconds that nothing changed.

A file counts as the same if its size, its times and its number on the disk are (as git does it);
only the kernel sets the time of the last change of a file, so an edit that keeps size and date
shows as well. Every doubt leads to the full comparison by content. Imports nothing heavy.
"""

import hashlib
import json
import os
import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

#: A file that changed less than this before it was looked at may change again within one tick [ns].
_TICK = 2_000_000_000
#: A folder with more names than this is compared by the full comparison only.
_MOST_NAMES = 20_000
_PACKAGE = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Ledger:
    """What a city was made from, as it looked then.

    Attributes
    ----------
    key
        Key of its inputs.
    snapshot
        ID of its snapshot.
    paths
        Files given on the command line, by source.
    program
        Version of our code, of plug-ins and of the libraries.
    files
        Path to the looks of every file: size, times, number; empty for one that is missing.
    folders
        Path, whether folders below it count, and hash of the names there, of every folder in which
        a new file would be read or stands beside one that is.
    fetched
        ID, address, checksum and local path of every source that comes from an address.
    seen
        When that was written down [ns since 1970].
    """

    key: str
    snapshot: str
    paths: dict[str, str]
    program: str
    files: dict[str, list[int]]
    folders: list[tuple[str, bool, str]]
    fetched: list[list[str]]
    seen: int

    @classmethod
    def read(cls, path: Path) -> "Ledger | None":
        """The ledger of a file; nothing if there is none, or one of another version."""
        try:
            return cls(**json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    def write(self, path: Path) -> None:
        """Write it whole or not at all."""
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        draft.write_text(json.dumps(asdict(self)), encoding="utf-8")
        draft.replace(path)

    def holds(self, paths: Mapping[str, str]) -> bool:
        """Whether certainly nothing changed, addresses aside; false says only that it may have."""
        return (
            self.paths == dict(paths)
            and self.program == program()
            and all(looks(Path(path)) == found for path, found in self.files.items())
            and all(self.seen - found[2] > _TICK for found in self.files.values() if found)
            and all(names(Path(path), deep=deep) == found for path, deep, found in self.folders)
        )


def looks(path: Path) -> list[int]:
    """Size, time of writing, time of change [ns], number on the disk; empty if it is missing."""
    try:
        status = path.stat()
    except OSError:
        return []
    return [status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino]


def folder_of(place: Path) -> tuple[str, bool, str]:
    """The folder that matters for what a source reads: a folder, a file or a pattern."""
    deep = not place.is_file()
    folder = place.parent if not deep else place
    while not folder.is_dir() or any(sign in str(folder) for sign in "*?["):
        folder = folder.parent
    return str(folder), deep, names(folder, deep=deep)


def names(folder: Path, *, deep: bool) -> str:
    """Hash of the names in a folder, with all below it if deep; random if they are too many."""
    digest = hashlib.sha256()
    count = 0
    for place, folders, files in os.walk(folder):
        count += len(files)
        if count > _MOST_NAMES:
            return os.urandom(8).hex()
        digest.update("\0".join([place, *sorted(files)]).encode(errors="surrogateescape"))
        folders[:] = sorted(folders) if deep else []
    return digest.hexdigest()


def program() -> str:
    """Hash of our code, of plug-ins in folders, and of the names of all installed packages."""
    digest = hashlib.sha256(sys.version.encode())
    plugins = [Path(p) for p in os.environ.get("CITYTWIN_PLUGINS", "").split(os.pathsep) if p]
    for path in (*_sources(_PACKAGE), *(p for folder in plugins for p in folder.glob("*.py"))):
        digest.update(str(path).encode() + b"\0" + path.read_bytes())
    for place in sys.path:
        if os.path.isdir(place):  # noqa: PTH112 entries of sys.path are text
            digest.update("\0".join(_installed(place)).encode())
    return digest.hexdigest()


def now() -> int:
    """Time [ns since 1970]."""
    return time.time_ns()


def _sources(folder: Path) -> Iterable[Path]:
    return sorted(path for ending in ("py", "sql") for path in folder.rglob(f"*.{ending}"))


def _installed(place: str) -> list[str]:
    return sorted(n for n in os.listdir(place) if n.endswith((".dist-info", ".egg-info")))  # noqa: PTH208
