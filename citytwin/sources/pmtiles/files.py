"""Archives of vector tiles in one file: PMTiles version 3 and MBTiles, read tile by tile."""

import mmap
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from citytwin.errors import SourceError
from citytwin.sources.base import Box
from citytwin.sources.vector_tiles.decode import TileFile

#: Tiles in the box above which the recipe is taken to be wrong.
MOST_TILES = 100_000
#: Latitude at which the square world of vector tiles ends [degrees].
_TOP = 85.0511


class Archive(Protocol):
    """An open archive of tiles."""

    zooms: tuple[int, int]

    def content(self, zoom: int, column: int, row: int) -> bytes | None:
        """Bytes of a tile, rows counted from the north; ``None`` if there is none."""

    def close(self) -> None:
        """Let go of the file."""


class PMTilesFile:
    """An archive in PMTiles version 3.

    Raises
    ------
    SourceError
        If the file is none, or holds other tiles than vector tiles, or compressed in a way that is
        not read here.
    """

    def __init__(self, path: Path) -> None:
        try:
            from pmtiles import tile  # noqa: PLC0415 an optional extra
        except ModuleNotFoundError as error:
            raise SourceError(
                "reading PMTiles needs the package pmtiles: pip install 'citytwin[export]'"
            ) from error
        self._tile: Any = tile
        with path.open("rb") as file:
            self._bytes = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        head = tile.deserialize_header(self._bytes[0:127])
        if head["tile_type"] != tile.TileType.MVT:
            raise SourceError(f"{path} holds no vector tiles but {head['tile_type'].name.lower()}")
        known = (tile.Compression.NONE, tile.Compression.GZIP)
        if head["tile_compression"] not in known or head["internal_compression"] not in known:
            raise SourceError(
                f"{path} is compressed with {head['tile_compression'].name.lower()}: "
                "write it again with gzip"
            )
        self._head = head
        self.zooms = (int(head["min_zoom"]), int(head["max_zoom"]))
        self._directory = lru_cache(maxsize=64)(self._read_directory)

    def _read_directory(self, offset: int, length: int) -> Any:
        content = self._bytes[offset : offset + length]
        return self._tile.deserialize_directory(content)

    def content(self, zoom: int, column: int, row: int) -> bytes | None:
        """Bytes of a tile; see :class:`Archive`."""
        number = self._tile.zxy_to_tileid(zoom, column, row)
        offset, length = self._head["root_offset"], self._head["root_length"]
        for _ in range(4):
            entry = self._tile.find_tile(self._directory(offset, length), number)
            if entry is None:
                return None
            if entry.run_length:
                start = self._head["tile_data_offset"] + entry.offset
                return self._bytes[start : start + entry.length]
            offset, length = self._head["leaf_directory_offset"] + entry.offset, entry.length
        return None

    def close(self) -> None:
        """Let go of the file."""
        self._directory.cache_clear()
        self._bytes.close()


class MBTilesFile:
    """An archive in MBTiles: a SQLite file whose rows count from the south."""

    def __init__(self, path: Path) -> None:
        self._file = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)
        first, last = self._file.execute(
            "SELECT min(zoom_level), max(zoom_level) FROM tiles"
        ).fetchone()
        if first is None:
            raise SourceError(f"{path} holds no tiles: get it again from its source")
        self.zooms = (int(first), int(last))

    def content(self, zoom: int, column: int, row: int) -> bytes | None:
        """Bytes of a tile; see :class:`Archive`."""
        found = self._file.execute(
            "SELECT tile_data FROM tiles WHERE zoom_level = ? AND tile_column = ? AND tile_row = ?",
            (zoom, column, 2**zoom - 1 - row),
        ).fetchone()
        return None if found is None else bytes(found[0])

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()


def tiles_in_box(path: Path, archive: Archive, box: Box, zoom: int) -> Iterator[TileFile]:
    """Every tile of one zoom that meets a box, empty ones left out.

    Raises
    ------
    SourceError
        If the archive has no tiles of this zoom, or far too many of them lie in the box.
    """
    low, high = archive.zooms
    if not low <= zoom <= high:
        raise SourceError(f"{path} has tiles of zoom {low} to {high}: set 'zoom' within that")
    west, north = _tile(box[0], box[3], zoom)
    east, south = _tile(box[2], box[1], zoom)
    if (east - west + 1) * (south - north + 1) > MOST_TILES:
        raise SourceError(
            f"more than {MOST_TILES} tiles of zoom {zoom} lie in the box: set a lower 'zoom'"
        )
    for column in range(west, east + 1):
        for row in range(north, south + 1):
            content = archive.content(zoom, column, row)
            if content:
                yield TileFile(zoom, column, row, path / f"{zoom}/{column}/{row}", content)


def _tile(lon: float, lat: float, zoom: int) -> tuple[int, int]:
    """Column and row of the tile that a place lies in."""
    count = 2**zoom
    x = (lon + 180.0) / 360.0 * count
    angle = np.radians(np.clip(lat, -_TOP, _TOP))
    y = (1.0 - np.arcsinh(np.tan(angle)) / np.pi) / 2.0 * count
    return tuple(int(np.clip(np.floor(place), 0, count - 1)) for place in (x, y))  # type: ignore[return-value]


def open_archive(path: Path) -> closing[Archive]:
    """Open an archive by its ending: ``.mbtiles``, else PMTiles; to be used in a ``with``.

    Raises
    ------
    SourceError
        If the file is missing or no archive.
    """
    if not path.is_file():
        raise SourceError(f"the archive {path} does not exist: check 'path' in the recipe")
    kind = MBTilesFile if path.suffix.lower() == ".mbtiles" else PMTilesFile
    try:
        archive: Archive = kind(path)
    except SourceError:
        raise
    except Exception as error:  # readers raise anything on a broken file
        raise SourceError(
            f"{path} cannot be read as an archive of tiles: it is cut short or broken, "
            "so get it again from its source"
        ) from error
    return closing(archive)
