"""One writer at a time: a lock of the operating system, which a crash cannot leave behind."""

import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from citytwin.errors import BusyError, OutputError

#: Time between two tries to get a lock [s].
_EVERY = 0.1


@contextmanager
def held(path: Path, what: str, *, wait: float = 0.0) -> Iterator[None]:
    """Hold a lock while the block runs.

    The lock belongs to the open file, so the system frees it when its holder ends, however it
    ends. A small file beside it says who holds it; it is words only and may be out of date.

    Parameters
    ----------
    path
        File of the lock; made if it is not there, and left there.
    what
        What is locked, for the message: ``the city monaco is being refreshed``.
    wait
        How long to wait for another holder [s].

    Raises
    ------
    BusyError
        If another process holds it for longer than that.
    OutputError
        If the folder cannot be written.
    """
    holder = path.with_name(f"{path.name}.json")
    lock = FileLock(path, poll_interval=_EVERY)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=max(wait, 0.0))
    except Timeout as error:
        raise BusyError(f"{what} {_by(holder)}: wait for it, or use --wait SECONDS") from error
    except OSError as error:
        raise OutputError(
            f"the lock {path} cannot be taken ({error.strerror or error}): "
            "choose a folder that can be written"
        ) from error
    try:
        _sign(holder)
        yield
    finally:
        with suppress(OSError):
            holder.unlink(missing_ok=True)
        lock.release()


def _sign(holder: Path) -> None:
    """Say who holds the lock, and since when."""
    facts = {
        "process": os.getpid(),
        "machine": socket.gethostname(),
        "since": datetime.fromtimestamp(time.time(), UTC).isoformat(timespec="seconds"),
    }
    draft = holder.with_name(f"{holder.name}.{os.getpid()}")
    with suppress(OSError):  # words only: a full disk must not stop what needs no room
        draft.write_text(json.dumps(facts), encoding="utf-8")
        draft.replace(holder)


def _by(holder: Path) -> str:
    try:
        facts = json.loads(holder.read_text(encoding="utf-8"))
        return f"by process {facts['process']} on {facts['machine']} since {facts['since']}"
    except (OSError, ValueError, KeyError, TypeError):
        return "by another process"
