"""Small maps of a quantity on the cells, as PNG files made without any drawing library."""

import struct
import zlib

import numpy as np
from numpy.typing import NDArray

from citytwin.arrays import AnyFloats, Floats, Ints
from citytwin.grid.window import Grid

#: Nothing assumed to all assumed; the first colour is the paper beside the city.
PALETTE = (
    (255, 255, 255),
    (239, 233, 220),
    (214, 208, 197),
    (184, 179, 171),
    (150, 147, 142),
    (112, 110, 108),
    (74, 74, 76),
)
#: Upper end of the classes of all colours but the last.
CLASSES = (0.01, 0.2, 0.4, 0.6, 0.8)


def place_cells(grid: Grid, width: int) -> Ints:
    """(rows, cols) cell in the middle of each pixel of a map, −1 outside the city.

    Parameters
    ----------
    grid
        Cells.
    width
        Pixels along the longer side of the map.
    """
    west, east = float(grid.x.min()), float(grid.x.max())
    south, north = float(grid.y.min()), float(grid.y.max())
    step = max(east - west, north - south, 1.0) / width
    x = np.arange(west + step / 2.0, max(east, west + step), step)
    y = np.arange(north - step / 2.0, min(south, north - step), -step)
    east_west, north_south = np.meshgrid(x, y)
    found = grid.locate(east_west.ravel(), north_south.ravel())
    return np.asarray(found, dtype=np.int64).reshape(len(y), len(x))


def map_png(cells: Ints, values: AnyFloats) -> bytes:
    """A map of shares as a PNG file.

    Parameters
    ----------
    cells
        (rows, cols) cell of each pixel, −1 outside.
    values
        (n,) shares, 0 to 1.
    """
    shares: Floats = np.append(np.asarray(values, dtype=np.float64), np.nan)[cells]
    grade = np.searchsorted(np.asarray(CLASSES), np.nan_to_num(shares), side="right") + 1
    return _png(np.where(cells < 0, 0, grade).astype(np.uint8))


def _png(pixels: NDArray[np.uint8]) -> bytes:
    """A picture with a palette (PNG, ISO/IEC 15948)."""
    rows, cols = pixels.shape
    lines = np.concatenate([np.zeros((rows, 1), np.uint8), pixels], axis=1).tobytes()
    head = struct.pack(">IIBBBBB", cols, rows, 8, 3, 0, 0, 0)
    colours = bytes(part for colour in PALETTE for part in colour)
    parts = (
        (b"IHDR", head),
        (b"PLTE", colours),
        (b"IDAT", zlib.compress(lines, 9)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in parts)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
