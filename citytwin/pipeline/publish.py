"""Publish a city file whole or not at all."""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb

from citytwin.city.whole import is_running, sync
from citytwin.errors import OutputError

_ENDING = ".building"


@contextmanager
def published(path: Path) -> Iterator[Path]:
    """Give a temporary path in the same folder; move it to ``path`` if all went well.

    What killed builds of the same city left behind is removed first. If anything goes wrong, the
    file at ``path`` is as it was and nothing else stays.

    Raises
    ------
    OutputError
        If the folder cannot be written or the disk is full.
    """
    draft = path.parent / f".{path.name}.{os.getpid()}{_ENDING}"
    try:
        with _as_output_error(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            _remove_leftovers(path)
        with _as_output_error(path, only=draft):
            yield draft
        with _as_output_error(path):
            sync(draft)
            draft.replace(path)
            sync(path.parent)
    finally:
        with suppress(OSError):
            for rest in path.parent.glob(f"{draft.name}*"):
                _remove(rest)


@contextmanager
def _as_output_error(path: Path, only: Path | None = None) -> Iterator[None]:
    """Turn errors of writing into OutputError; with ``only``, those that are about that file."""
    try:
        yield
    except (OSError, duckdb.Error) as error:
        if isinstance(error, OutputError) or (only is not None and not _is_about(error, only)):
            raise
        raise OutputError(_sentence(path, error)) from error


def _is_about(error: Exception, path: Path) -> bool:
    """Whether an error came from writing a file: DuckDB names it in the text of its errors."""
    number = getattr(error, "errno", None)
    full = number in (errno.ENOSPC, errno.EDQUOT) or "No space left" in str(error)
    return full or path.name in str(error)


def _remove_leftovers(path: Path) -> None:
    for rest in path.parent.glob(f".{path.name}.*{_ENDING}*"):
        number = rest.name.removeprefix(f".{path.name}.").split(".")[0]
        if not (number.isdigit() and is_running(int(number))):
            _remove(rest)


def _remove(path: Path) -> None:
    """Remove a draft, its log, or the folder into which DuckDB spills."""
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _sentence(path: Path, error: Exception) -> str:
    """One sentence: what cannot be written, why, what to do."""
    text = str(error)
    number = getattr(error, "errno", None)
    if number in (errno.ENOSPC, errno.EDQUOT) or "No space left" in text:
        return f"the city {path} cannot be written: the disk is full, so free some space"
    locked = number in (errno.EROFS, errno.EACCES, errno.EPERM)
    if locked or "Read-only file system" in text or "ermission denied" in text:
        return (
            f"the city {path} cannot be written: the folder is read-only, "
            "so choose another with --output"
        )
    return f"the city {path} cannot be written there: choose another place with --output"
