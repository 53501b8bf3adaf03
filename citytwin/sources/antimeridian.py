"""Geometries over the antimeridian, cut there, so that none wraps around the world."""

from functools import partial

import numpy as np
import shapely
from numpy.typing import NDArray

from citytwin.arrays import Floats

#: Crossings of the antimeridian above which something is no shape on the Earth.
MOST_CROSSINGS = 1000

_WORLD = [shapely.box(-180.0 + turn, -90.0, 180.0 + turn, 90.0) for turn in (-360.0, 0.0, 360.0)]


def cut_at_antimeridian(geometry: NDArray[np.object_]) -> NDArray[np.object_]:
    """Cut what crosses 180 degrees of longitude into parts on both sides of it.

    Two ways of writing are understood: longitudes that run on beyond 180 (``179.9, 180.1``) and
    longitudes that jump (``179.9, −179.9``). A jump is a step of more than half a turn between
    two neighbouring points, unless it runs from −180 to 180 exactly, as the frame of a world map
    does. A ring around a pole stays as it is.

    Parameters
    ----------
    geometry
        (n,) geometries in degrees, none of them empty or missing.

    Returns
    -------
    geometry
        (n,) the same where nothing crosses, else multi-geometries within ±180 degrees; ``None``
        for what crosses more than :data:`MOST_CROSSINGS` times.
    """
    bounds = shapely.bounds(geometry).reshape(-1, 4)
    wide = bounds[:, 2] - bounds[:, 0] > 180.0
    beyond = (bounds[:, 0] < -180.0) | (bounds[:, 2] > 180.0)
    result = geometry.copy()
    for index in np.flatnonzero(wide | beyond):
        tangled = _crossings(geometry[index]) > MOST_CROSSINGS
        result[index] = None if tangled else _cut(geometry[index])
    return result


def _crossings(shape: shapely.Geometry) -> int:
    """Steps of more than half a turn, and passes over ±180 degrees."""
    lon = shapely.get_coordinates(shape)[:, 0]
    turn = np.floor((lon + 180.0) / 360.0)
    return int(np.sum((np.abs(np.diff(lon)) > 180.0) | (np.diff(turn) != 0.0)))


def _cut(shape: shapely.Geometry) -> shapely.Geometry:
    parts: list[shapely.Geometry] = []
    for part in _simple_parts(shape):
        run_on = _unwrapped(part)
        parts += [part] if run_on is None else _inside_world(run_on)
    if not parts:
        return shape
    return parts[0] if len(parts) == 1 else _collected(parts)


def _simple_parts(shape: shapely.Geometry) -> list[shapely.Geometry]:
    parts = [part for part in shapely.get_parts(shape).tolist() if not part.is_empty]
    nested = [part for part in parts if shapely.get_type_id(part) >= 4]
    flat = [part for part in parts if shapely.get_type_id(part) < 4]
    return flat + [inner for part in nested for inner in _simple_parts(part)]


def _unwrapped(part: shapely.Geometry) -> shapely.Geometry | None:
    """The part with longitudes that run on, or ``None`` for a ring around a pole."""
    if part.geom_type != "Polygon":
        return shapely.transform(part, _run_on)
    shell = _run_on(shapely.get_coordinates(part.exterior))
    if abs(shell[0, 0] - shell[-1, 0]) > 1.0:
        return None
    holes = [_run_on(shapely.get_coordinates(ring)) for ring in part.interiors]
    turned = [_turned(hole, 360.0 * _turns(hole, shell)) for hole in holes]
    return shapely.Polygon(shell, turned)


def _run_on(points: Floats) -> Floats:
    """Points (n, 2) whose longitudes never jump by more than half a turn."""
    step = np.diff(points[:, 0])
    frame = (np.abs(points[:-1, 0]) == 180.0) & (np.abs(points[1:, 0]) == 180.0)
    jump = (np.abs(step) > 180.0) & ~frame
    shift = np.cumsum(np.where(jump, -360.0 * np.sign(step), 0.0))
    moved = points.copy()
    moved[1:, 0] += shift
    return moved


def _turns(hole: Floats, shell: Floats) -> int:
    """Turns by which a hole must move so that it lies within its shell."""
    middle = (hole[:, 0].min() + hole[:, 0].max()) / 2.0
    low, high = shell[:, 0].min(), shell[:, 0].max()
    fitting = [turn for turn in (0, 1, -1) if low <= middle + 360.0 * turn <= high]
    return fitting[0] if fitting else 0


def _turned(points: Floats, by: float) -> Floats:
    """Points (n, 2) moved along by some degrees of longitude."""
    return np.asarray(points + np.array([by, 0.0]))


def _inside_world(part: shapely.Geometry) -> list[shapely.Geometry]:
    """Pieces of a part in each turn of the world, moved into ±180 degrees."""
    dimension = shapely.get_dimensions(part)
    if dimension == 0:
        return [shapely.transform(part, _folded)]
    sound = part if shapely.is_valid(part) else shapely.make_valid(part)
    pieces = []
    for world, turn in zip(_WORLD, (360.0, 0.0, -360.0), strict=True):
        found = _simple_parts(shapely.intersection(sound, world))
        moved = [shapely.transform(piece, partial(_turned, by=turn)) for piece in found]
        pieces += [piece for piece in moved if shapely.get_dimensions(piece) == dimension]
    return pieces


def _folded(points: Floats) -> Floats:
    turned = points.copy()
    turned[:, 0] = (points[:, 0] + 180.0) % 360.0 - 180.0
    return turned


def _collected(parts: list[shapely.Geometry]) -> shapely.Geometry:
    """Parts as one multi-geometry, or as a collection if they are of several kinds."""
    kinds = {part.geom_type.replace("LinearRing", "LineString") for part in parts}
    whole = {
        "Point": shapely.multipoints,
        "LineString": shapely.multilinestrings,
        "Polygon": shapely.multipolygons,
    }
    return whole[kinds.pop()](parts) if len(kinds) == 1 else shapely.geometrycollections(parts)
