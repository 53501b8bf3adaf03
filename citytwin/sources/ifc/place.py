"""Where an IFC model stands: from its map conversion, its site, or the recipe."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from citytwin.arrays import Floats
from citytwin.errors import SourceError
from citytwin.sources.coordinates import System, coordinate_system

Move = Callable[[Floats], Floats]


@dataclass(frozen=True)
class Stand:
    """A model's place on the map.

    Attributes
    ----------
    system
        Coordinate system of the moved points.
    move
        From the model's x and y (n, 2) [m] to coordinates (n, 2) of the system.
    basis
        What it was taken from, for the log.
    """

    system: System
    move: Move
    basis: str


def given_stand(lon: float, lat: float, bearing: float, where: str) -> Stand:
    """Place of a model whose origin and direction the recipe gives.

    Parameters
    ----------
    lon, lat
        Of the model's origin [degrees].
    bearing
        Of the model's y axis, clockwise from north [degrees].
    where
        The file, for messages.
    """
    angle = math.radians(bearing)
    return _on_plane(
        lon, lat, (-math.sin(angle), math.cos(angle)), np.zeros(2), where, "the recipe"
    )


def found_stand(model: Any, unit: float, crs: str, where: str) -> Stand:
    """Place of a model as it says itself.

    Parameters
    ----------
    model
        An open IFC file.
    unit
        Metres in its unit of length.
    crs
        Coordinate system instead of that of its map conversion, ``""`` for that.
    where
        The file, for messages.

    Raises
    ------
    SourceError
        If it has neither a map conversion with a coordinate system nor a site with a latitude.
    """
    from ifcopenshell.util import geolocation  # noqa: PLC0415 an optional extra

    conversion = geolocation.get_helmert_transformation_parameters(model)
    stated = crs or (geolocation.get_crs(model) or {}).get("Name") or ""
    if conversion is not None and (conversion.e or conversion.n):
        system = coordinate_system(stated, where)
        return Stand(system, _helmert(conversion, system, unit, model), "its map conversion")
    for site in model.by_type("IfcSite"):
        if site.RefLatitude and site.RefLongitude:
            lon, lat = _angle(site.RefLongitude), _angle(site.RefLatitude)
            origin = _site_origin(site, unit)
            return _on_plane(lon, lat, _true_north(model), origin, where, "its site")
    raise SourceError(
        f"{where} does not say where it stands (no IfcMapConversion, no latitude of IfcSite): "
        "give 'anchor' in the recipe"
    )


def _helmert(conversion: Any, system: System, unit: float, model: Any) -> Move:
    """Turn, stretch and shift as IfcMapConversion says.

    Its scale is taken only where it is close to that of the units: files often leave it out
    though the model is in millimetres, and nothing but its units can stretch a building.
    """
    from ifcopenshell.util import geolocation  # noqa: PLC0415 an optional extra

    wcs = geolocation.get_wcs(model)
    base = np.eye(4) if wcs is None else np.asarray(wcs, dtype=np.float64)
    stretch = conversion.scale * conversion.factor_x / unit
    stretch = stretch if abs(stretch - 1.0) < 0.01 else 1.0
    metre = 1.0 / float(system.crs.axis_info[0].unit_conversion_factor or 1.0)
    length = math.hypot(conversion.xaa, conversion.xao)
    cos, sin = conversion.xaa / length, conversion.xao / length

    def move(points: Floats) -> Floats:
        local = (points - base[:2, 3] * unit) @ base[:2, :2]
        x, y = (local * stretch * metre).T
        return np.stack(
            [conversion.e + cos * x - sin * y, conversion.n + sin * x + cos * y], axis=1
        )

    return move


def _on_plane(
    lon: float,
    lat: float,
    north: tuple[float, float],
    origin: Floats,
    where: str,
    basis: str,
) -> Stand:
    """A model on a plane that touches the Earth at a place, with north as a vector of the model."""
    if not (-180.0 <= lon <= 180.0 and -90.0 <= lat <= 90.0):
        raise SourceError(f"{where} stands at {lon:g}, {lat:g}, which is no place on the Earth")
    plane = f"+proj=tmerc +lat_0={lat!r} +lon_0={lon!r} +ellps=WGS84 +units=m +type=crs"
    across, along = north
    turn = np.array([[along, across], [-across, along]])

    def move(points: Floats) -> Floats:
        return np.asarray((points - origin) @ turn)

    return Stand(coordinate_system(plane, where), move, basis)


def _angle(parts: Any) -> float:
    """Degrees from degrees, minutes, seconds and millionths of a second of one sign."""
    values = [float(part) for part in parts] + [0.0] * (4 - len(parts))
    return values[0] + values[1] / 60.0 + values[2] / 3600.0 + values[3] / 3.6e9


def _site_origin(site: Any, unit: float) -> Floats:
    """Place of the site in the model [m]."""
    from ifcopenshell.util import placement  # noqa: PLC0415 an optional extra

    if site.ObjectPlacement is None:
        return np.zeros(2)
    matrix = np.asarray(placement.get_local_placement(site.ObjectPlacement), dtype=np.float64)
    return np.asarray(matrix[:2, 3] * unit)


def _true_north(model: Any) -> tuple[float, float]:
    """True north as a unit vector of the model's axes; its y axis if it does not say."""
    for context in model.by_type("IfcGeometricRepresentationContext", include_subtypes=False):
        if context.TrueNorth:
            x, y = (float(value) for value in context.TrueNorth.DirectionRatios[:2])
            length = math.hypot(x, y)
            if length > 0.0:
                return x / length, y / length
    return 0.0, 1.0
