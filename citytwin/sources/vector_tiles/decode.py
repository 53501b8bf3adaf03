"""Read a rectangle of Mapbox vector tiles from a folder into features in world pixels.

A world pixel is 1/4096 of a tile: x to the east, y to the south, counted from the north-west corner
of the world, so that features of neighbouring tiles fit together without rounding.
"""

import gzip
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mapbox_vector_tile
import numpy as np
import shapely
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
from numpy.typing import NDArray

from citytwin.arrays import Floats, Ints
from citytwin.errors import SourceError

#: Pixels across one tile.
EXTENT = 4096

_NAME = re.compile(r"^(\d+)[-_](\d+)[-_](\d+)\.(?:mvt|pbf)(?:\.gz)?$")


@dataclass(frozen=True, eq=False)
class Features:
    """Features of one tile layer from all tiles.

    Attributes
    ----------
    geometry
        (n,) geometries in world pixels, with the tiles' buffers still on.
    tile
        (n, 2) column and row of the tile that each came from.
    properties
        (n,) attributes as the tile gives them.
    """

    geometry: NDArray[Any]
    tile: Ints
    properties: list[dict[str, Any]]

    def __len__(self) -> int:
        return len(self.properties)


@dataclass(frozen=True)
class TileFile:
    """One tile's place in the pyramid, its file and the bytes in it."""

    zoom: int
    column: int
    row: int
    path: Path
    content: bytes


def find_tiles(
    folder: Path, zoom: int, columns: tuple[int, int], rows: tuple[int, int]
) -> list[TileFile]:
    """Every tile of a rectangle, from the files of a folder.

    Parameters
    ----------
    folder
        Folder with files named ``zoom-column-row.mvt`` (or ``.pbf``, also with ``.gz``).
    zoom
        Zoom of the tiles.
    columns, rows
        First and last column and row, both included.

    Raises
    ------
    SourceError
        If the folder or a tile is missing, or a file has a wrong name or place.
    """
    if not folder.is_dir():
        raise SourceError(f"the tile folder {folder} does not exist: check 'path' in the recipe")
    found = {_place(path): path for path in tile_paths(folder)}
    wanted = [
        (zoom, column, row)
        for column in range(columns[0], columns[1] + 1)
        for row in range(rows[0], rows[1] + 1)
    ]
    for place in wanted:
        if place not in found:
            raise SourceError(
                f"the tile {'-'.join(map(str, place))}.mvt is missing in {folder}: "
                "add it, or change 'columns' and 'rows' in the recipe"
            )
    for place in sorted(set(found) - set(wanted)):
        raise SourceError(
            f"the tile {found[place]} lies outside the rectangle of the recipe: "
            "remove it, or change 'zoom', 'columns' and 'rows' in the recipe"
        )
    return [TileFile(*place, found[place], _read(found[place])) for place in wanted]


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SourceError(
            f"the tile {path} cannot be read: check its permissions ({error.strerror})"
        ) from error


def tile_paths(folder: Path) -> list[Path]:
    """Files of a folder that look like tiles, sorted."""
    return [
        path
        for path in sorted(folder.iterdir())
        if path.is_file() and {".mvt", ".pbf"} & set(path.suffixes)
    ]


def _place(path: Path) -> tuple[int, int, int]:
    match = _NAME.match(path.name)
    if match is None:
        raise SourceError(
            f"the name of {path} does not say which tile it is: call it zoom-column-row.mvt"
        )
    zoom, column, row = (int(part) for part in match.groups())
    return zoom, column, row


def check_sums(tiles: Iterable[TileFile], list_path: Path) -> None:
    """Compare tiles with a list of checksums in the form that ``sha256sum`` writes.

    Raises
    ------
    SourceError
        If the list is missing, or a tile differs from it or does not stand in it.
    """
    if not list_path.is_file():
        raise SourceError(f"the list {list_path} does not exist: check 'sha256' in the recipe")
    lines = (line.split() for line in list_path.read_text(encoding="utf-8").splitlines())
    sums = {parts[1].lstrip("*"): parts[0] for parts in lines if len(parts) == 2}
    for tile in tiles:
        if sums.get(tile.path.name) != hashlib.sha256(tile.content).hexdigest():
            raise SourceError(
                f"the tile {tile.path} differs from its checksum in {list_path.name}: "
                "copy it again from its source, or renew the list"
            )


def decode(tiles: Iterable[TileFile]) -> dict[str, Features]:
    """Layers of all tiles, by the tiles' own layer names.

    Raises
    ------
    SourceError
        If a file is not a vector tile, is cut short or holds nothing.
    """
    parts: dict[str, list[Features]] = {}
    for tile in tiles:
        for name, layer in _decode_one(tile).items():
            parts.setdefault(name, []).append(_features(tile, layer))
    return {name: _concatenate(parts[name]) for name in sorted(parts)}


def _decode_one(tile: TileFile) -> dict[str, Any]:
    try:
        content = tile.content
        if content[:2] == b"\x1f\x8b":
            content = gzip.decompress(content)
        layers: dict[str, Any] = mapbox_vector_tile.decode(
            content, default_options={"y_coord_down": True, "geojson": True}
        )
    except (DecodeError, EOFError, OSError, ValueError, IndexError, AssertionError) as error:
        raise SourceError(
            f"{tile.path} cannot be decoded as a vector tile: it is cut short or not a tile, "
            "so copy it again from its source"
        ) from error
    if not layers:
        raise SourceError(f"the tile {tile.path} is empty: copy it again from its source")
    return layers


def _features(tile: TileFile, layer: dict[str, Any]) -> Features:
    scale = EXTENT / layer["extent"]
    origin = np.array([tile.column, tile.row], dtype=np.float64) * EXTENT
    shapes = [shapely.geometry.shape(feature["geometry"]) for feature in layer["features"]]
    geometry = np.array(shapes, dtype=object)
    moved = shapely.transform(geometry, lambda points: points * scale + origin)
    place = np.tile(np.array([[tile.column, tile.row]], dtype=np.int64), (len(shapes), 1))
    return Features(moved, place, [dict(feature["properties"]) for feature in layer["features"]])


def _concatenate(parts: list[Features]) -> Features:
    return Features(
        np.concatenate([part.geometry for part in parts]),
        np.concatenate([part.tile for part in parts]),
        [properties for part in parts for properties in part.properties],
    )


def lonlat(points: Floats, zoom: int) -> Floats:
    """World pixels (n, 2) to longitude and latitude (n, 2) [degrees]."""
    turns = points / (EXTENT * 2.0**zoom)
    lon = turns[:, 0] * 360.0 - 180.0
    lat = np.degrees(np.arctan(np.sinh(np.pi * (1.0 - 2.0 * turns[:, 1]))))
    return np.stack([lon, lat], axis=1)
