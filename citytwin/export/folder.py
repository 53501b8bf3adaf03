"""Publish a folder whole or not at all."""

import errno
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import duckdb
import pyogrio.errors
import rasterio.errors

from citytwin.city.whole import is_running, sync
from citytwin.errors import CityTwinError, OutputError

#: List of the files of an export, in its folder: only a folder with one is ever replaced.
MANIFEST = "manifest.json"
_DRAFT, _OLD = ".exporting", ".replaced"
_WRITING = (
    OSError,
    duckdb.Error,
    rasterio.errors.RasterioError,
    pyogrio.errors.DataSourceError,
    pyogrio.errors.DataLayerError,
)
#: Less room than this [bytes] after a failure that names no reason means that the disk is full.
_NO_ROOM = 1 << 24


@contextmanager
def published(target: Path, *, overwrite: bool) -> Iterator[Path]:
    """Give a draft folder beside the target; rename it to the target if all went well.

    If anything goes wrong, the target is as it was and nothing else stays. While an older export
    is replaced, there is no folder of that name for the instant between two renamings.

    Raises
    ------
    OutputError
        If the target exists and may not be replaced, the place cannot be written, or the disk is
        full.
    """
    target = Path(os.path.abspath(target))  # noqa: PTH100 resolve would follow a link
    draft = target.parent / f".{target.name}.{os.getpid()}{_DRAFT}"
    with _as_output_error(target):
        _tidy(target)
        _refuse(target, overwrite=overwrite)
        target.parent.mkdir(parents=True, exist_ok=True)
        draft.mkdir()
    try:
        with _as_output_error(target):
            yield draft
            for path in sorted(draft.rglob("*")):
                sync(path)
            _swap(draft, target)
    finally:
        with suppress(OSError):
            shutil.rmtree(draft)


def write_listing(folder: Path, facts: dict[str, Any]) -> None:
    """Write what a folder holds: facts about it, and the list of its files.

    Parameters
    ----------
    folder
        A draft whose other files are all there.
    facts
        What else is known of it.
    """
    paths = (path for path in folder.rglob("*") if not path.is_dir())
    files = sorted(path.relative_to(folder).as_posix() for path in paths)
    text = json.dumps({**facts, "written": [*files, MANIFEST]}, ensure_ascii=False, indent=2)
    (folder / MANIFEST).write_text(text + "\n", encoding="utf-8")


def _refuse(target: Path, *, overwrite: bool) -> None:
    if not os.path.lexists(target):
        return
    if not overwrite:
        raise OutputError(f"{target} exists: name another folder with --to, or add --overwrite")
    if not target.is_dir() or target.is_symlink():
        raise OutputError(f"{target} is not a folder: name another with --to")
    strange = _strangers(target)
    if strange:
        raise OutputError(
            f"{target} is not overwritten, because it holds {strange[0]}, which no export wrote: "
            "name another folder with --to"
        )


def _strangers(target: Path) -> list[str]:
    """Files in a folder that its manifest does not list; all of them if it has none."""
    found = {
        path.relative_to(target).as_posix()
        for path in target.rglob("*")
        if path.is_symlink() or not path.is_dir()
    }
    try:
        manifest = json.loads((target / MANIFEST).read_text(encoding="utf-8"))
        known = {str(path) for path in manifest["written"]}
    except (OSError, ValueError, KeyError, TypeError):
        known = set()
    return sorted(found - known)


def _swap(draft: Path, target: Path) -> None:
    old = target.parent / f".{target.name}.{os.getpid()}{_OLD}"
    replaced = target.exists()
    if replaced:
        target.rename(old)
    try:
        draft.rename(target)
    except OSError:
        if replaced:
            old.rename(target)
        raise
    sync(target.parent)
    if replaced:
        shutil.rmtree(old)


def _tidy(target: Path) -> None:
    """Remove what killed exports left; put back what one of them was about to replace."""
    for rest in sorted(target.parent.glob(f".{target.name}.*")):
        number = rest.name.removeprefix(f".{target.name}.").split(".")[0]
        ours = rest.suffix in {_DRAFT, _OLD} and number.isdigit()
        if not ours or is_running(int(number)):
            continue
        if rest.suffix == _OLD and not os.path.lexists(target):
            rest.rename(target)
        else:
            shutil.rmtree(rest)


@contextmanager
def _as_output_error(target: Path) -> Iterator[None]:
    try:
        yield
    except CityTwinError:
        raise
    except _WRITING as error:
        raise OutputError(_sentence(target, error)) from error


def _sentence(target: Path, error: Exception) -> str:
    """One sentence: what cannot be written, why, what to do."""
    number, text = getattr(error, "errno", None), str(error)
    full = number in (errno.ENOSPC, errno.EDQUOT) or "No space left" in text
    locked = number in (errno.EROFS, errno.EACCES, errno.EPERM)
    if locked or "Read-only file system" in text or "ermission denied" in text:
        return (
            f"the export {target} cannot be written: the folder is read-only, "
            "so choose another with --to"
        )
    if full or _is_full(target):
        return f"the export {target} cannot be written: the disk is full, so free some space"
    return (
        f"the export {target} cannot be written there ({_first_line(text)}): choose another place "
        "with --to"
    )


def _is_full(target: Path) -> bool:
    place = next((p for p in target.parents if p.is_dir()), None)
    return place is not None and shutil.disk_usage(place).free < _NO_ROOM


def _first_line(text: str) -> str:
    return text.strip().splitlines()[0][:200] if text.strip() else "no reason given"
