"""Coordinates of any stated system to longitude and latitude, and what is said when they cannot be.

A system is named as ``EPSG:3067``, as WKT, as a PROJ string, or as ``GCJ-02`` or ``BD-09``. Axes are
always east before north, whatever the system's own order.
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError

from citytwin.arrays import Bools, Floats
from citytwin.errors import SourceError
from citytwin.sources.antimeridian import cut_at_antimeridian
from citytwin.sources.base import Box, Fault
from citytwin.sources.gcj02 import LARGEST_SHIFT, bd09_to_wgs84, gcj02_to_wgs84

#: Systems without an entry in EPSG, by their name in capitals without signs.
SHIFTED: dict[str, Callable[[Floats], Floats]] = {
    "GCJ02": gcj02_to_wgs84,
    "BD09": bd09_to_wgs84,
}
#: How near the antimeridian a box must be that files are read without a filter [degrees].
_NEAR_ANTIMERIDIAN = 1.0


@dataclass(frozen=True)
class System:
    """A coordinate system.

    Attributes
    ----------
    name
        As people call it.
    crs
        The system; for a shifted one WGS 84.
    shifted
        From the shifted coordinates to WGS 84, if it is one of :data:`SHIFTED`.
    """

    name: str
    crs: CRS
    shifted: Callable[[Floats], Floats] | None = None


def coordinate_system(stated: object, where: str) -> System:
    """The system of a file.

    Parameters
    ----------
    stated
        What the recipe or the file says: a name, WKT, a PROJ string, a ``pyproj.CRS``, or nothing.
    where
        The file, for messages.

    Raises
    ------
    SourceError
        If nothing is stated, or no system of this name is known, or it is none of the Earth's map.
    """
    if stated is None or stated == "":
        raise SourceError(
            f"{where} does not say its coordinate system: "
            'add crs = "EPSG:…" to its [[sources]] table in the recipe'
        )
    key = "".join(sign for sign in str(stated).upper() if sign.isalnum())
    if key in SHIFTED:
        return System(str(stated), CRS.from_epsg(4326), SHIFTED[key])
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            crs = _flat(CRS.from_user_input(stated))
    except (CRSError, ValueError, TypeError) as error:
        raise SourceError(
            f"the coordinate system '{_short(str(stated))}' of {where} is not known: "
            'give crs as "EPSG:…", as WKT, as a PROJ string, or as "GCJ-02" or "BD-09"'
        ) from error
    if not (crs.is_geographic or crs.is_projected):
        raise SourceError(
            f"the coordinate system '{_short(crs.name)}' of {where} has no place on the map: "
            'give the right one as crs = "EPSG:…" in its [[sources]] table'
        )
    code = crs.to_epsg()
    return System(f"EPSG:{code}" if code else _short(crs.name), crs)


def _flat(crs: CRS) -> CRS:
    """The horizontal part of a system."""
    if crs.is_compound:
        crs = crs.sub_crs_list[0]
    if crs.is_geographic or crs.is_projected:
        crs = crs.to_2d()
    return crs


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 60 else text[:57] + "…"


def box_in(system: System, box: Box) -> Box | None:
    """A box of degrees as a filter in another system, or ``None`` where a filter could lose places.

    Near the antimeridian there is none, since files count beyond 180 degrees in different ways.
    """
    west, south, east, north = box
    if min(180.0 + west, 180.0 - east) < _NEAR_ANTIMERIDIAN:
        return None
    if system.shifted is not None:
        return (
            west - LARGEST_SHIFT,
            south - LARGEST_SHIFT,
            east + LARGEST_SHIFT,
            north + LARGEST_SHIFT,
        )
    try:
        bounds = Transformer.from_crs(4326, system.crs, always_xy=True).transform_bounds(*box)
    except ProjError:
        return None
    ordered = bounds[0] <= bounds[2] and bounds[1] <= bounds[3]
    return bounds if ordered and np.isfinite(bounds).all() else None


def to_lonlat(
    table: gpd.GeoDataFrame, system: System, where: str, layer: str
) -> tuple[gpd.GeoDataFrame, list[Fault]]:
    """Table in EPSG:4326; what crosses the antimeridian is cut there.

    Parameters
    ----------
    table
        Geometries in the system; a column ``source_id`` names them in messages.
    system
        The system of the geometries.
    where, layer
        File and layer, for messages.

    Returns
    -------
    table
        The same rows without those that have no place on the map.
    faults
        Rows left out.

    Raises
    ------
    SourceError
        If the coordinates cannot be in this system.
    """
    geometry = np.asarray(table.geometry.values, dtype=object)
    finite = _finite(geometry)
    if system.crs.is_geographic and finite.any():
        _check_degrees(shapely.total_bounds(geometry[finite]), system, where)
    moved = geometry.copy()
    moved[finite] = _moved(geometry[finite], system)
    lost = finite & ~_finite(moved)
    if lost.any() and not (finite & ~lost).any():
        raise SourceError(
            f"no coordinate of {where} lies where {system.name} is defined: check its 'crs'"
        )
    moved[finite & ~lost] = cut_at_antimeridian(moved[finite & ~lost])
    tangled = finite & ~lost & shapely.is_missing(moved)
    keep = ~(lost | tangled)
    kept = table.loc[keep].set_geometry(
        gpd.GeoSeries(moved[keep], index=table.index[keep], crs="EPSG:4326")
    )
    faults = _faults(table, lost, f"its coordinates lie where {system.name} is not defined", layer)
    return kept, faults + _faults(table, tangled, "it crosses the antimeridian too often", layer)


def _finite(geometry: NDArray[np.object_]) -> Bools:
    """Geometries that have coordinates, all of them finite."""
    return np.asarray(np.isfinite(shapely.bounds(geometry)).reshape(-1, 4).all(axis=1))


def _moved(geometry: NDArray[np.object_], system: System) -> NDArray[np.object_]:
    if system.shifted is not None:
        return np.asarray(shapely.transform(geometry, system.shifted), dtype=object)
    if system.crs.equals(CRS.from_epsg(4326), ignore_axis_order=True):
        return geometry
    change = Transformer.from_crs(system.crs, 4326, always_xy=True)

    def lonlat(points: Floats) -> Floats:
        return np.stack(change.transform(points[:, 0], points[:, 1]), axis=1)

    return np.asarray(shapely.transform(geometry, lonlat), dtype=object)


def _check_degrees(bounds: Floats, system: System, where: str) -> None:
    """Coordinates of a geographic system must be angles on the Earth."""
    west, south, east, north = bounds.tolist()
    if max(abs(west), abs(east)) <= 360.0 and max(abs(south), abs(north)) <= 90.0:
        return
    if np.isnan(bounds).any():
        return
    if max(abs(west), abs(east)) <= 90.0 and max(abs(south), abs(north)) <= 180.0:
        raise SourceError(
            f"the latitudes of {where} reach {_far(south, north):g}: "
            "latitude and longitude are the wrong way round there, so swap them in the file"
        )
    raise SourceError(
        f"the coordinates of {where} reach x = {_far(west, east):g}, y = {_far(south, north):g}, "
        f'which are no degrees of {system.name}: give the right system as crs = "EPSG:…"'
    )


def _far(low: float, high: float) -> float:
    return low if abs(low) > abs(high) else high


def _faults(table: gpd.GeoDataFrame, lost: Bools, reason: str, layer: str) -> list[Fault]:
    names = table["source_id"] if "source_id" in table.columns else table.index
    return [Fault(layer, str(name), reason, "dropped") for name in names[lost]]


def explain_absence(bounds: Floats, system: System, box: Box, where: str) -> str:
    """Why nothing of a file lies in the box: a line for the log, or an error if it is a mistake.

    Parameters
    ----------
    bounds
        West, south, east, north of the whole file in its own numbers; NaN if it is empty.
    system
        The system that the file or the recipe states.
    box
        West, south, east, north of the city [degrees].
    where
        The file, for messages.

    Raises
    ------
    SourceError
        If the numbers would lie in the box with latitude and longitude swapped or as plain degrees.
    """
    if np.isnan(bounds).any():
        return f"{where} holds no features"
    if system.crs.is_geographic:
        _check_degrees(bounds, system, where)
    west, south, east, north = bounds.tolist()
    if _within((west, south, east, north), box) and not system.crs.is_geographic:
        raise SourceError(
            f"the coordinates of {where} are not those of {system.name} but degrees: "
            'give crs = "EPSG:4326" in its [[sources]] table'
        )
    if _within((south, west, north, east), box) and system.crs.is_geographic:
        raise SourceError(
            f"latitude and longitude of {where} are the wrong way round: swap them in the file"
        )
    return f"nothing of {where} lies in the box of the city"


def _within(bounds: Box, box: Box) -> bool:
    """Whether the middle of some bounds lies in a box, or the middle of the box in them."""
    x, y = (bounds[0] + bounds[2]) / 2.0, (bounds[1] + bounds[3]) / 2.0
    if box[0] <= x <= box[2] and box[1] <= y <= box[3]:
        return True
    small = bounds[2] - bounds[0] < 5.0 and bounds[3] - bounds[1] < 5.0
    x, y = (box[0] + box[2]) / 2.0, (box[1] + box[3]) / 2.0
    return small and bounds[0] <= x <= bounds[2] and bounds[1] <= y <= bounds[3]
