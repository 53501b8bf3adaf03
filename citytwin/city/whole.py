"""What it takes to publish a file whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from citytwin.errors import CityTwinError, OutputError


def is_running(process: int) -> bool:
    """Whether a process of this machine still runs; false where that cannot be asked."""
    if os.name != "posix":
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def sync(path: Path) -> None:
    """Make sure that a file or folder is on the disk."""
    if path.is_dir() and os.name != "posix":
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def replacing(path: Path, what: str) -> Iterator[Path]:
    """A file to write beside a file, whose place it takes if all goes well; else nothing stays of it.

    Parameters
    ----------
    path
        The file, there already or not.
    what
        What is written, as a complaint names it.

    Raises
    ------
    OutputError
        If it cannot be written.
    """
    part = path.with_name(f".{path.name}-{os.getpid()}.part")
    try:
        yield part
        sync(part)
        part.replace(path)
    except CityTwinError:
        raise
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise OutputError(
            f"{what} cannot be written to {path.parent}: {reason}; choose another folder or make room"
        ) from error
    finally:
        part.unlink(missing_ok=True)
