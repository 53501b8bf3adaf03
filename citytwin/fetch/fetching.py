"""Bring a source's file from its address, once, and look each time whether there is a newer one."""

import errno
import hashlib
import os
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from citytwin.city.lock import held
from citytwin.city.whole import sync
from citytwin.errors import BusyError, OutputError, SourceError, UnreachableError
from citytwin.fetch.address import file_name, shown
from citytwin.fetch.kept import Register, sha256_of
from citytwin.fetch.partial import Draft, Validators
from citytwin.fetch.patience import Patience
from citytwin.fetch.transfer import Transfer
from citytwin.progress import Progress, silent

#: How long a fetch may take if nobody says otherwise.
PATIENCE = Patience()


def fetched(
    url: str,
    checksum: str,
    downloads: Path,
    *,
    source: str = "",
    report: Progress = silent,
    offline: bool = False,
    patience: Patience | None = None,
) -> Path:
    """Path of the file at an address, as fresh as the network gives it.

    A file with a checksum that is there already is not asked for again. Otherwise the server is
    asked whether it has a newer one. If it cannot be reached, the file that is there serves, and
    a remark says how old it is. The file is kept as the server sends it and never unpacked. With
    the usual patience a fetch takes at most four hours, and five tries without one new byte end it.

    Parameters
    ----------
    url
        ``http``, ``https`` or ``file``.
    checksum
        SHA-256 that the file must have; empty if any will do.
    downloads
        Folder of fetched files; each address has a folder in it.
    source
        Name of the source in the recipe, for messages.
    report
        Called as ``report("fetch", share, note)``; a note is a remark for the log.
    offline
        Never touch the network.
    patience
        How long it may take; ``PATIENCE`` if not given.

    Raises
    ------
    UnreachableError
        If the network or the server is down and no earlier file is there.
    SourceError
        If the server refuses, or the file is not the one of the checksum. An earlier good file
        stays.
    OutputError
        If the file cannot be written.
    """
    patience = patience or PATIENCE
    try:
        parts = urlsplit(url)
        if parts.scheme == "file":
            return _local(url2pathname(parts.path), url, checksum)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise SourceError(f"'{url}' is no address to fetch from: give http, https or file")
        shelf = _Shelf(url, checksum, downloads / hashlib.sha256(url.encode()).hexdigest(), report)
        with held(shelf.folder / ".lock", f"{shown(url)} is being fetched", wait=patience.total):
            return shelf.offline() if offline else shelf.online(patience)
    except BusyError:
        raise
    except (SourceError, OutputError) as error:
        raise type(error)(f"{_name(source)}: {error}{_remedy(source, error)}") from error
    except ValueError as error:
        raise SourceError(f"{_name(source)}: '{url}' is no address ({error})") from error
    except OSError as error:
        raise _unwritable(url, downloads, error) from error


class _Shelf:
    """The folder of one address.

    Parameters
    ----------
    url, checksum
        The address, and what its file must be.
    folder
        Folder of its own.
    report
        Where remarks go.
    """

    def __init__(self, url: str, checksum: str, folder: Path, report: Progress) -> None:
        self.folder = folder
        self.path = folder / file_name(url)
        self._url = url
        self._checksum = checksum
        self._report = report
        self._register = Register(self.path, folder / ".about.json")
        self._draft = Draft(folder / ".part")

    def offline(self) -> Path:
        """The file as it was fetched last."""
        kept = self._register.kept()
        if kept is None or not self._is_right(kept.sha256):
            raise SourceError(
                f"{shown(self._url)} was not fetched yet and the network is switched off: run once "
                "without --offline"
            )
        self._remark(f"not looked for anew (offline), {kept.age()}")
        return self.path

    def online(self, patience: Patience) -> Path:
        """The file as the server has it now."""
        kept = self._register.kept()
        right = kept is not None and self._is_right(kept.sha256)
        if right and self._checksum:
            return self.path
        known = kept.validators if kept and right else Validators()
        transfer = Transfer(self._url, self._draft, known, patience, self._report)
        try:
            found = transfer.run()
            if found is None and kept is not None:
                self._draft.remove()
                self._register.write(kept.sha256, known)
                self._remark("not changed since it was fetched")
                return self.path
            return self._adopt(transfer, found or Validators())
        except UnreachableError as error:
            if kept is None or not right:
                raise
            self._remark(f"{error}; the file fetched before is used, {kept.age()}")
            return self.path
        except OSError:
            self._draft.remove()  # a full disk gets its room back
            raise

    def _adopt(self, transfer: Transfer, found: Validators) -> Path:
        """Put the whole draft in the place of the file, if it is the right one."""
        size, sha256 = self._draft.size(), sha256_of(self._draft.path)
        if not self._is_right(sha256):
            self._draft.remove()
            if transfer.resumed:  # two versions may have been joined: once more from the start
                again = Transfer(self._url, self._draft, patience=transfer.patience)
                return self._adopt(again, again.run() or Validators())
            raise SourceError(
                f"the file at {shown(self._url)} has the SHA-256 {sha256} and the recipe says "
                f"{self._checksum}: it has changed or was damaged on its way, so correct "
                "'checksum' if it is to be trusted"
            )
        sync(self._draft.path)
        self._draft.path.replace(self.path)
        self._draft.remove()
        self._register.write(sha256, found)
        sync(self.folder)
        self._remark("; ".join([f"fetched, {size:,} bytes", *transfer.remarks]))
        return self.path

    def _is_right(self, sha256: str) -> bool:
        return not self._checksum or sha256 == self._checksum

    def _remark(self, words: str) -> None:
        self._report("fetch", 1.0, f"{shown(self._url)}: {words}")


def _local(path: str, url: str, checksum: str) -> Path:
    """A file of this machine; it is used where it lies."""
    place = Path(path)
    if not place.is_file():
        raise SourceError(f"there is no file at {url}")
    if checksum and (sha256 := sha256_of(place)) != checksum:
        raise SourceError(f"the file at {url} has the SHA-256 {sha256}, the recipe says {checksum}")
    return place


def _name(source: str) -> str:
    return f"source '{source}'" if source else "a source"


def _remedy(source: str, error: Exception) -> str:
    if isinstance(error, OutputError):
        return ""
    return f"; or give a file with --path {source or 'ID'}=FILE"


def _unwritable(url: str, downloads: Path, error: OSError) -> OutputError:
    full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    reason = "the disk is full, so free some space" if full else os.strerror(error.errno or 0)
    return OutputError(f"{shown(url)} cannot be kept in {downloads}: {reason}")
