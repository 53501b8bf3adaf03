"""GDAL without a word on stderr: what it cannot read becomes one sentence."""

import logging
import os
import sys
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import rasterio
from pyproj.exceptions import ProjError
from rasterio.errors import NotGeoreferencedWarning, RasterioError

from citytwin.errors import SourceError

# GDAL's complaints go to this logger; without a handler Python would print them on stderr.
logging.getLogger("rasterio").addHandler(logging.NullHandler())

#: Memory for blocks that may be needed again [bytes].
_CACHE = 2**27
#: One thread at a time turns stderr off.
_MUTING = threading.Lock()
#: What reading a broken file raises; GDAL's own errors are RuntimeErrors or plain Exceptions.
_BROKEN = (RasterioError, OSError, ValueError, OverflowError, MemoryError, ProjError, RuntimeError)


@contextmanager
def quiet(path: Path) -> Iterator[None]:
    """Reading a file: GDAL keeps silent, and whatever it cannot read is a :class:`SourceError`."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            with rasterio.Env(GDAL_CACHEMAX=_CACHE):
                yield
    except SourceError:
        raise
    except _BROKEN as error:
        raise SourceError(
            f"{shown(path)} cannot be read as a raster: fetch it again, it may be cut off or broken"
        ) from error


def opened(path: Path) -> Any:
    """An open raster file; call it inside ``quiet``.

    Libraries below GDAL write to stderr themselves while they read the head of a broken file, and
    rasterio's logging fails on messages that are not UTF-8, so stderr is off for that moment.
    """
    with _MUTING:
        hook, sys.unraisablehook = sys.unraisablehook, _ignore
        try:
            kept = os.dup(2)
        except OSError:  # there is no stderr
            kept = -1
        nowhere = os.open(os.devnull, os.O_WRONLY)
        try:
            if kept >= 0:
                os.dup2(nowhere, 2)
            return rasterio.open(path)
        finally:
            if kept >= 0:
                os.dup2(kept, 2)
                os.close(kept)
            os.close(nowhere)
            sys.unraisablehook = hook


def _ignore(_: Any) -> None:
    """Take an exception that nobody can catch, and say nothing."""


def shown(path: Path) -> str:
    """Path as people write it."""
    return str(path).removeprefix("/vsizip/").replace("{", "").replace("}", "")
