"""Which pixel of a raster of rain a place lies in."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from citytwin.arrays import Floats, Ints
from citytwin.errors import SourceError

if TYPE_CHECKING:
    import xarray

Plane = Callable[[Floats, Floats], tuple[Floats, Floats]]


@dataclass(frozen=True, eq=False)
class Axis:
    """Centres of the pixels along one direction, rising or falling.

    Attributes
    ----------
    name, unit
        Of the coordinate; ``degrees`` or what the file says.
    centres
        (m,) coordinates.
    """

    name: str
    unit: str
    centres: Floats

    @property
    def size(self) -> int:
        """Number of pixels."""
        return self.centres.size

    @property
    def step(self) -> float:
        """Mean distance between centres, negative if they fall."""
        return float((self.centres[-1] - self.centres[0]) / (self.size - 1))

    @property
    def edges(self) -> Floats:
        """(m + 1,) edges half-way between the centres, and as far outside the last ones."""
        middle = 0.5 * (self.centres[1:] + self.centres[:-1])
        first, last = 2.0 * self.centres[0] - middle[0], 2.0 * self.centres[-1] - middle[-1]
        return np.concatenate(([first], middle, [last]))


def axes_of(
    data: "xarray.Dataset", rain: "xarray.DataArray", y_name: str, x_name: str, where: str
) -> tuple[tuple[Axis, Axis], Plane]:
    """Axes y and x of the rain, and how longitude and latitude become x and y on them.

    Raises
    ------
    SourceError
        If a coordinate is missing, has one pixel or does not rise or fall throughout, or if the
        axes are neither degrees nor those of a projection that is named.
    """
    y, x = _axis(rain, y_name, where), _axis(rain, x_name, where)
    if y.unit == x.unit == "degrees":
        return (y, x), _on_meridian(x)
    projection = _projection(data, rain, where)

    def to_plane(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
        from pyproj import Transformer  # noqa: PLC0415  (slow to import)

        transformer = Transformer.from_crs("EPSG:4326", projection, always_xy=True)
        along, up = transformer.transform(lon, lat)
        return np.asarray(along), np.asarray(up)

    return (y, x), to_plane


def locate(axes: tuple[Axis, Axis], places: tuple[Floats, Floats], where: str) -> tuple[Ints, Ints]:
    """Row and column of the pixel that each place lies in.

    Parameters
    ----------
    axes
        Axes y and x.
    places
        (n,) x and (n,) y on them.
    where
        The file, for the message.

    Raises
    ------
    SourceError
        If a place lies outside the pixels.
    """
    y, x = axes
    cols, rows = _indices(x, places[0]), _indices(y, places[1])
    outside = (cols < 0) | (rows < 0)
    if outside.any():
        raise SourceError(
            f"{where} does not cover the city: {outside.sum():,} of {outside.size:,} cells lie "
            f"outside its {_span(x)} and {_span(y)}, so give a file that reaches farther"
        )
    return rows, cols


def _span(axis: Axis) -> str:
    low, high = sorted((axis.edges[0], axis.edges[-1]))
    return f"{axis.name} from {low:.6g} to {high:.6g}"


def _indices(axis: Axis, places: Floats) -> Ints:
    """(n,) pixel along an axis, -1 outside."""
    edges = axis.edges
    sign = 1.0 if axis.step > 0.0 else -1.0
    found = np.searchsorted(sign * edges, sign * places, side="right") - 1
    found = np.where(places == edges[-1], axis.size - 1, found)
    good = np.isfinite(places) & (found >= 0) & (found < axis.size)
    return np.where(good, found, -1).astype(np.int64)


def _axis(rain: "xarray.DataArray", name: str, where: str) -> Axis:
    if name not in rain.coords:
        raise SourceError(
            f"the dimension '{name}' of '{rain.name}' in {where} has no coordinate: add one"
        )
    centres = np.asarray(rain.coords[name].values, np.float64)
    steps = np.diff(centres)
    if centres.size < 2 or not (np.all(steps > 0.0) or np.all(steps < 0.0)):
        raise SourceError(
            f"'{name}' of {where} must have two pixels or more whose centres rise or fall "
            "throughout: mend it"
        )
    attributes = rain.coords[name].attrs
    unit = str(attributes.get("units", ""))
    standard = str(attributes.get("standard_name", ""))
    if unit.lower().startswith("degree") or standard in {"latitude", "longitude"}:
        unit = "degrees"
    return Axis(name, unit, centres)


def _on_meridian(x: Axis) -> Plane:
    """Longitudes as the file counts them, from -180 or from 0."""

    def to_plane(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
        low = min(x.edges[0], x.edges[-1])
        return low + np.mod(np.asarray(lon) - low, 360.0), np.asarray(lat)

    return to_plane


def _projection(data: "xarray.Dataset", rain: "xarray.DataArray", where: str) -> str:
    """Projection as WKT, from the grid mapping."""
    from pyproj import CRS  # noqa: PLC0415  (slow to import)
    from pyproj.exceptions import CRSError  # noqa: PLC0415

    named = str(rain.attrs.get("grid_mapping", rain.encoding.get("grid_mapping", "")))
    name = named.split(":", maxsplit=1)[0].strip()
    if name not in data.variables:
        raise SourceError(
            f"'{rain.name}' of {where} is neither on latitude and longitude in degrees nor names a "
            "'grid_mapping' that is in the file: add one with 'crs_wkt'"
        )
    attributes = dict(data[name].attrs)
    try:
        text = attributes.get("crs_wkt") or attributes.get("spatial_ref")
        crs = CRS.from_wkt(str(text)) if text else CRS.from_cf(attributes)
    except (CRSError, KeyError, ValueError, TypeError) as error:
        raise SourceError(
            f"the grid mapping '{name}' of {where} is no projection that is understood: give it "
            "'crs_wkt'"
        ) from error
    return crs.to_wkt()
