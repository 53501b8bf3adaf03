"""Footprint and heights of the objects of a CityJSON file, from their surfaces."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from citytwin.arrays import Floats

#: Depth of the list of surfaces in the boundaries of each kind of geometry.
DEPTHS = {
    "MultiSurface": 1,
    "CompositeSurface": 1,
    "Solid": 2,
    "MultiSolid": 3,
    "CompositeSolid": 3,
}
#: Surfaces whose plan is smaller than this stand upright [in the square of the file's unit].
_UPRIGHT = 1e-6


@dataclass(frozen=True)
class Body:
    """Shape of one object in the file's own coordinate system.

    Attributes
    ----------
    footprint
        Polygon or multipolygon; ``None`` if the object has no surfaces.
    bottom, top
        Lowest and highest coordinate [unit of the file's heights]; NaN without surfaces.
    """

    footprint: shapely.Geometry | None
    bottom: float
    top: float


def chosen_geometries(geometries: list[dict[str, Any]], lod: str) -> list[dict[str, Any]]:
    """Geometries of one level of detail: the one asked for, else the finest there is.

    Parameters
    ----------
    geometries
        Of one object, as CityJSON has them.
    lod
        Level of detail, for example ``1.2``; ``""`` for the finest.
    """
    usable = [each for each in geometries if each.get("type") in DEPTHS]
    levels = {str(each.get("lod", "")) for each in usable}
    wanted = lod or max(levels, key=_fineness, default="")
    return [each for each in usable if str(each.get("lod", "")) == wanted]


def _fineness(level: str) -> float:
    try:
        return float(level)
    except ValueError:
        return -1.0


def body(geometries: list[dict[str, Any]], vertices: Floats) -> Body:
    """Footprint and extent of an object.

    The footprint is the union of the ground surfaces where the geometry names them, else what all
    surfaces cover as seen from above.

    Parameters
    ----------
    geometries
        Of one level of detail.
    vertices
        (n, 3) vertices of the file.
    """
    surfaces = [surface for each in geometries for surface in _surfaces(each)]
    indexes = sorted({int(i) for rings, _ in surfaces for ring in rings for i in ring})
    if not indexes:
        return Body(None, math.nan, math.nan)
    heights = vertices[indexes, 2]
    ground = [rings for rings, kind in surfaces if kind == "GroundSurface"]
    plan = [_plan(rings, vertices) for rings in ground or [rings for rings, _ in surfaces]]
    lying = [shape for shape in plan if shape is not None]
    footprint = shapely.union_all(lying) if lying else None
    return Body(footprint, float(heights.min()), float(heights.max()))


def _surfaces(geometry: dict[str, Any]) -> Iterator[tuple[list[list[int]], str]]:
    """Rings of vertex numbers and kind of each surface of a geometry."""
    semantics = geometry.get("semantics") or {}
    kinds = [str(each.get("type", "")) for each in semantics.get("surfaces") or ()]
    depth = DEPTHS[geometry["type"]]
    surfaces = _flat(geometry["boundaries"], depth)
    values = _flat(semantics.get("values"), depth) if semantics.get("values") else []
    for number, rings in enumerate(surfaces):
        value = values[number] if number < len(values) else None
        kind = kinds[value] if isinstance(value, int) and 0 <= value < len(kinds) else ""
        yield rings, kind


def _flat(nested: Any, depth: int) -> list[Any]:
    """A list of lists down to some depth as one list."""
    for _ in range(depth - 1):
        nested = [inner for outer in nested or () for inner in outer or ()]
    return list(nested or ())


def _plan(rings: list[list[int]], vertices: Floats) -> shapely.Geometry | None:
    """A surface as seen from above; ``None`` if it stands upright."""
    if not rings or len(rings[0]) < 3:
        return None
    if min(min(ring, default=0) for ring in rings) < 0:
        raise IndexError("a vertex has a negative number")
    flat = [vertices[np.asarray(ring, dtype=np.int64), :2] for ring in rings if len(ring) >= 3]
    shape = shapely.Polygon(flat[0], flat[1:])
    if not shape.is_valid:
        shape = shapely.make_valid(shape)
    return shape if shape.area > _UPRIGHT else None
