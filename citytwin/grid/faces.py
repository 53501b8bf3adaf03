"""Centres and corners of many H3 cells at once, from the lattice on the icosahedron's faces.

H3 draws its lattice on each of the twenty faces of an icosahedron and carries it to the sphere by
the gnomonic projection. So, on one face, the directions from the middle of the Earth to the cells
are a plane lattice: d(row, col) is parallel to a + b row + c col, corners at thirds of the steps.
"""

from collections.abc import Iterable
from functools import cache
from typing import Any

import h3.api.basic_int as h3
import numpy as np

from citytwin.arrays import Cells, Floats, Ints

#: Corners as thirds of a row and of a column from the centre, anticlockwise, in H3's own order: each
#: is the mean of the cell and of two neighbours that touch.
CORNERS = ((2, 1), (1, 2), (-1, 1), (-2, -1), (-1, -2), (1, -1))
#: Number of cells by which the lattice of a window is fitted and checked.
_SAMPLE = 500
#: Largest angle between H3's own centres and the lattice's [rad]: 60 µm on the ground.
_TOLERANCE = 1e-11


def face_lattice(cells: Cells, row: Ints, col: Ints) -> Floats | None:
    """Lattice of the face on which all the cells lie; ``None`` if no face holds them all.

    Parameters
    ----------
    cells
        (n,) H3 indexes of one resolution.
    row, col
        (n,) their lattice coordinates.

    Returns
    -------
    (3, 3) vectors a, b, c as columns: the cell at (row, col) lies in the direction
    a + b row + c col from the middle of the Earth.
    """
    some = _sample(row, col)
    latlng = np.array([h3.cell_to_latlng(cell) for cell in cells[some].tolist()])
    directions = _unit(np.radians(latlng[:, 0]), np.radians(latlng[:, 1]))
    nearness = _faces() @ directions.mean(axis=0)
    order = np.argsort(-nearness)
    face, beside = _faces()[order[0]], _faces()[order[1:4]]
    design = np.column_stack([np.ones(some.size), row[some], col[some]])
    on_face = directions / (directions @ face)[:, None]
    solution, *_ = np.linalg.lstsq(design, on_face, rcond=None)
    fitted = design @ solution
    fitted /= np.linalg.norm(fitted, axis=1)[:, None]
    lattice = np.ascontiguousarray(solution.T)
    if np.linalg.norm(fitted - directions, axis=1).max() > _TOLERANCE:
        return None
    return lattice if _all_within(lattice, face - beside, row, col) else None


def lattice_lonlat(
    lattice: Floats, row: Ints, col: Ints, corner: tuple[int, int] = (0, 0)
) -> tuple[Floats, Floats]:
    """Longitude and latitude [degrees] of the cells' centres, or of one of their corners.

    Parameters
    ----------
    lattice
        (3, 3) as of ``face_lattice``.
    row, col
        (n,) lattice coordinates.
    corner
        One of ``CORNERS``; the centre if not given. A corner that cells share is the same from
        each of them.
    """
    down, right = 3.0 * row + corner[0], 3.0 * col + corner[1]
    x, y, z = (a + b / 3.0 * down + c / 3.0 * right for a, b, c in lattice)
    return np.degrees(np.arctan2(y, x)), np.degrees(np.arctan2(z, np.sqrt(x * x + y * y)))


def local_places(cells: Cells, origin: int) -> Ints:
    """(n, 2) rows and columns of cells in the local lattice of one of them, by H3."""
    places = (h3.cell_to_local_ij(origin, cell) for cell in cells.tolist())
    found: Ints = _pairs(places, cells.size, np.int64)
    return found


def centres_one_by_one(cells: Cells) -> tuple[Floats, Floats]:
    """Longitude and latitude [degrees] of the cells' centres by H3, for cells on several faces."""
    latlng = _pairs((h3.cell_to_latlng(cell) for cell in cells.tolist()), cells.size, np.float64)
    return latlng[:, 1], latlng[:, 0]


def corners_one_by_one(cells: Cells) -> Floats:
    """(n, 6, 2) longitude and latitude of the corners [degrees] by H3, for several faces."""
    corners = np.empty((cells.size, 6, 2))
    for position, cell in enumerate(cells.tolist()):
        corners[position] = _six_corners(h3.cell_to_boundary(cell))
    return np.ascontiguousarray(corners[..., ::-1])


def _pairs(pairs: Iterable[tuple[Any, Any]], count: int, kind: type) -> Any:
    """(count, 2) numbers of pairs, taken one by one: a list of them would need much memory."""
    return np.fromiter(pairs, dtype=np.dtype((kind, 2)), count=count)


def _six_corners(boundary: tuple[tuple[float, float], ...]) -> tuple[tuple[float, float], ...]:
    """Boundary of a cell without the extra vertices that H3 adds where it crosses an icosahedron edge.

    Those lie within millimetres of the straight side, so the sides farthest from straight are kept.
    """
    while len(boundary) > 6:
        ring = np.asarray(boundary)
        before, after = ring - np.roll(ring, 1, axis=0), np.roll(ring, -1, axis=0) - ring
        turn = np.abs(before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0])
        drop = int(np.argmin(turn))
        boundary = boundary[:drop] + boundary[drop + 1 :]
    return boundary


def _sample(row: Ints, col: Ints) -> Ints:
    """Positions of cells spread over the window, its outermost ones among them."""
    spread = np.linspace(0, row.size - 1, min(_SAMPLE, row.size)).astype(np.int64)
    ways = (row, col, row + col, row - col)
    ends = [end for way in ways for end in (int(np.argmin(way)), int(np.argmax(way)))]
    return np.unique(np.concatenate([spread, ends]))


def _all_within(lattice: Floats, inward: Floats, row: Ints, col: Ints) -> bool:
    """Whether all cells lie on the right side of a face's edges, one cell or more away.

    ``inward`` (3, 3): normals of the planes through the middle of the Earth and each edge.
    """
    for start, down, right in inward @ lattice:
        nearest = (start + down * row + right * col).min()
        if nearest <= abs(down) + abs(right):
            return False
    return True


def _unit(lat: Floats, lon: Floats) -> Floats:
    """(n, 3) unit vectors from latitude and longitude [rad]."""
    return np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])


@cache
def _faces() -> Floats:
    """(20, 3) middles of the faces. The icosahedron's corners are the twelve H3 pentagons."""
    lat, lon = np.radians([h3.cell_to_latlng(cell) for cell in h3.get_pentagons(0)]).T
    corners = _unit(lat, lon)
    beside = corners @ corners.T > 0.3
    near = [
        corners[[a, b, c]].mean(axis=0)
        for a in range(12)
        for b in range(a + 1, 12)
        for c in range(b + 1, 12)
        if beside[a, b] and beside[b, c] and beside[a, c]
    ]
    middles = np.array(near)
    return np.asarray(middles / np.linalg.norm(middles, axis=1)[:, None])
