"""Where a raster lies, how large its pixels are, and how much of a city's box it fills."""

import numpy as np
from pyproj import Transformer

from citytwin.arrays import Bools, Floats, Ints
from citytwin.grid.window import local_plane
from citytwin.sources.base import Box, Raster
from citytwin.sources.raster.files import RasterFile
from citytwin.sources.raster.lattice import Lattice, lattices
from citytwin.sources.raster.reader import Reader

#: Points along each side of the box at which the raster is looked up.
_SIDE = 32
#: Pixels that are read at once for that, rather than one by one.
_WINDOW = 2**20


def extent(file: RasterFile) -> Box:
    """West, south, east, north [degrees] of a file, by points along its edges."""
    rows, cols = file.shape
    side = np.linspace(0.0, 1.0, 21)
    x = np.concatenate([side * 0.0, side * 0.0 + 1.0, side, side])
    y = np.concatenate([side, side, side * 0.0, side * 0.0 + 1.0])
    places = lattices([file])[0].coordinates(x * cols, y * rows)
    lon, lat = Transformer.from_crs(file.crs, "EPSG:4326", always_xy=True).transform(*places)
    return float(np.min(lon)), float(np.min(lat)), float(np.max(lon)), float(np.max(lat))


def touches(file: RasterFile, box: Box) -> bool:
    """Whether a file may hold pixels of a box; true rather than false where it is close."""
    col, row = _pixels(lattices([file])[0], *_points(box))
    known = np.isfinite(col) & np.isfinite(row)
    if not known.any():
        return False
    rows, cols = file.shape
    beside = col[known].max() < 0.0 or col[known].min() > cols
    return not (beside or row[known].max() < 0.0 or row[known].min() > rows)


def pixel_size(file: RasterFile, box: Box) -> tuple[float, float]:
    """Width and height of a pixel in the middle of a box [m]."""
    lon, lat = (box[0] + box[2]) / 2.0, (box[1] + box[3]) / 2.0
    lattice = lattices([file])[0]
    col, row = _pixels(lattice, np.array([lon]), np.array([lat]))
    x, y = lattice.coordinates(col + np.array([0.0, 1.0, 0.0]), row + np.array([0.0, 0.0, 1.0]))
    to_plane = Transformer.from_crs(file.crs, local_plane(lon, lat), always_xy=True)
    px, py = to_plane.transform(x, y)
    with np.errstate(invalid="ignore"):  # a place outside the projection is at infinity
        size = np.hypot(np.subtract(px[1:], px[0]), np.subtract(py[1:], py[0]))
    return float(size[0]), float(size[1])


def covered(raster: Raster, files: list[RasterFile], box: Box) -> tuple[float, float]:
    """Share of a box that lies in the files, and share of that without a value, by a sample.

    Parameters
    ----------
    raster
        How to read the files.
    files
        Files.
    box
        West, south, east, north [degrees].

    Raises
    ------
    SourceError
        If a block that the sample meets is broken.
    """
    lon, lat = _points(box)
    inside, known = np.zeros(lon.size, np.bool_), np.zeros(lon.size, np.bool_)
    reader = Reader(raster)
    try:
        for lattice in lattices(files):
            col, row = _pixels(lattice, lon, lat)
            here = _within(lattice, col, row)
            inside |= here
            todo = np.flatnonzero(here & ~known)
            x, y = (np.floor(place[todo]).astype(np.int64) for place in (col, row))
            known[todo] = np.isfinite(_at(reader, lattice, y, x))
    finally:
        reader.close()
    return float(inside.mean()), 1.0 - float(known.sum()) / max(int(inside.sum()), 1)


def _at(reader: Reader, lattice: Lattice, row: Ints, col: Ints) -> Floats:
    """Values of single pixels: out of one window if that is small, else one by one."""
    if not row.size:
        return np.empty(0)
    low, left = int(row.min()), int(col.min())
    high, right = int(row.max()) + 1, int(col.max()) + 1
    if (high - low) * (right - left) <= _WINDOW:
        return np.asarray(reader.read(lattice, (low, high, left, right))[row - low, col - left])
    places = zip(row.tolist(), col.tolist(), strict=True)
    return np.array([reader.read(lattice, (r, r + 1, c, c + 1))[0, 0] for r, c in places])


def _within(lattice: Lattice, col: Floats, row: Floats) -> Bools:
    """Which points lie in a file of the lattice."""
    result = np.zeros(col.shape, np.bool_)
    for low, high, left, right in lattice.places.tolist():
        result |= (row >= low) & (row < high) & (col >= left) & (col < right)
    return result


def _points(box: Box) -> tuple[Floats, Floats]:
    """Longitude and latitude of evenly spread points of a box, its edges included."""
    west, south, east, north = box
    lon, lat = np.meshgrid(np.linspace(west, east, _SIDE), np.linspace(south, north, _SIDE))
    return lon.ravel(), lat.ravel()


def _pixels(lattice: Lattice, lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Column and row of points [degrees]."""
    to_raster = Transformer.from_crs("EPSG:4326", lattice.crs, always_xy=True)
    return lattice.pixels(*to_raster.transform(lon, lat))
