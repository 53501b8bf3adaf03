"""Footprint and height of buildings from an IFC file."""

import math
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pydantic import Field

from citytwin.arrays import Floats
from citytwin.errors import SourceError
from citytwin.registry import sources
from citytwin.sources.base import Box, Fault, Reading, Source
from citytwin.sources.coordinates import explain_absence, to_lonlat
from citytwin.sources.ifc.place import Stand, found_stand, given_stand
from citytwin.sources.mapped.mapped_reading import meets

#: Elements that are built but do not make the outline of a building.
LEFT_OUT = ("IfcFooting", "IfcPile", "IfcRailing", "IfcDoor", "IfcWindow")
#: Triangles whose plan is smaller stand upright [m²].
_UPRIGHT = 1e-8
#: A storey counts if so much of the building is above its floor [m].
_ROOM = 1.5


@sources.register
class Ifc(Source):
    """Buildings of an IFC file as outlines with a height, by ifcopenshell.

    The outline is what walls, slabs, roofs and the like cover as seen from above, without what
    lies below the ground. The ground is the floor of the storey whose elevation is nearest to
    zero, unless ``ground`` says it. The place comes from IfcMapConversion, else from the latitude
    and longitude of IfcSite and true north, unless ``anchor`` says it.
    """

    name: ClassVar[str] = "ifc"

    anchor: tuple[float, float] | None = Field(
        default=None, description="Longitude and latitude of the model's origin [degrees]"
    )
    bearing: float = Field(
        default=0.0,
        ge=-360.0,
        le=360.0,
        description="Direction of the model's y axis with 'anchor', clockwise from north [degrees]",
    )
    crs: str = Field(
        default="", description="Coordinate system of IfcMapConversion, if the file does not say it"
    )
    ground: float | None = Field(
        default=None, description="Height of the ground in the model's coordinates [m]"
    )

    def read(self, folder: Path, box: Box) -> Reading:
        """Read the buildings; see :class:`Source`."""
        path = self.place(folder)
        where = f"the file {path}"
        model = _opened(path, where)
        try:
            stand, rows, faults = self._outlines(model, where)
        except SourceError:
            raise
        except Exception as error:  # the library raises anything on a broken file
            raise SourceError(
                f"{where} cannot be read as IFC: it is broken, so get it again "
                f"({type(error).__name__})"
            ) from error
        if not rows:
            raise SourceError(f"{where} holds no building with a shape: check 'path' in the recipe")
        table = gpd.GeoDataFrame(rows, geometry="geometry")
        bounds = np.asarray(table.total_bounds)
        table, lost = to_lonlat(table, stand.system, where, "buildings")
        table = table.loc[meets(table, box)].reset_index(drop=True)
        remarks = [f"{where} was placed by {stand.basis}"]
        if table.empty:
            remarks.append(explain_absence(bounds, stand.system, box, where))
        return Reading({"buildings": table}, faults=faults + lost, remarks=remarks)

    def _outlines(self, model: Any, where: str) -> tuple[Stand, list[dict[str, Any]], list[Fault]]:
        """Place of the model, its buildings in coordinates of the map, and what is broken."""
        from ifcopenshell.util.unit import calculate_unit_scale  # noqa: PLC0415 optional

        unit = float(calculate_unit_scale(model))
        if self.anchor is not None:
            stand = given_stand(*self.anchor, self.bearing, where)
        else:
            stand = found_stand(model, unit, self.crs, where)
        faults: list[Fault] = []
        found = [
            _row(building, self.ground, unit, faults) for building in model.by_type("IfcBuilding")
        ]
        rows = [
            row | {"geometry": shapely.transform(row["geometry"], stand.move)}
            for row in found
            if row is not None
        ]
        return stand, rows, faults


def _opened(path: Path, where: str) -> Any:
    """The open file."""
    if not path.is_file():
        raise SourceError(f"{where} does not exist: check 'path' in the recipe")
    try:
        import ifcopenshell  # noqa: PLC0415 an optional extra
    except ModuleNotFoundError as error:
        raise SourceError(
            "reading IFC needs the package ifcopenshell: pip install 'citytwin[ifc]'"
        ) from error
    try:
        return ifcopenshell.open(str(path))
    except Exception as error:  # the library raises anything on a broken file
        raise SourceError(
            f"{where} cannot be read as IFC: it is cut short or broken, so get it again"
        ) from error


def _row(
    building: Any, ground: float | None, unit: float, faults: list[Fault]
) -> dict[str, Any] | None:
    """Columns and outline of one building in the model's metres; ``None`` if it has no shape."""
    from ifcopenshell.util.element import get_decomposition, get_pset  # noqa: PLC0415 optional

    elements = [each for each in get_decomposition(building) if _is_built(each)]
    floors = _floors(building, unit)
    if ground is None and floors:
        ground = min(floors, key=abs)
    meshes = [_mesh(each, faults) for each in sorted(elements, key=lambda each: each.id())]
    known = [mesh for mesh in meshes if mesh is not None]
    if not known:
        return None
    lowest = min(float(points[:, 2].min()) for points, _ in known)
    level = lowest if ground is None else ground
    above = [mesh for mesh in known if mesh[0][:, 2].max() > level + 0.01] or known
    top = max(float(points[:, 2].max()) for points, _ in above)
    common = get_pset(building, "Pset_BuildingCommon") or {}
    return {
        "source_id": str(building.GlobalId),
        "name": str(building.LongName or building.Name or ""),
        "height": top - level if top > level else math.nan,
        "levels": float(sum(level - 0.01 <= floor < top - _ROOM for floor in floors)) or math.nan,
        "year": _year(common.get("YearOfConstruction")),
        "geometry": shapely.union_all(np.concatenate([_plan(*mesh) for mesh in above])),
    }


def _is_built(element: Any) -> bool:
    """Whether an element is part of the outline of a building."""
    built = "IfcBuiltElement" if "4X3" in element.file.schema else "IfcBuildingElement"
    return bool(element.is_a(built)) and not any(element.is_a(kind) for kind in LEFT_OUT)


def _floors(building: Any, unit: float) -> list[float]:
    """Elevations of the storeys of a building in the model [m], sorted."""
    from ifcopenshell.util.element import get_decomposition  # noqa: PLC0415 optional
    from ifcopenshell.util.placement import get_storey_elevation  # noqa: PLC0415 optional

    inner: list[Any] = list(get_decomposition(building))
    storeys = [each for each in inner if each.is_a("IfcBuildingStorey")]
    return sorted(float(get_storey_elevation(storey)) * unit for storey in storeys)


def _mesh(element: Any, faults: list[Fault]) -> tuple[Floats, NDArray[np.int64]] | None:
    """Vertices (n, 3) [m] and triangles (m, 3) of an element; ``None`` if it has no shape."""
    if element.Representation is None:
        return None
    geom: Any = import_module("ifcopenshell.geom")
    settings = geom.settings()
    settings.set("use-world-coords", True)  # noqa: FBT003 the library's way
    try:
        shape = geom.create_shape(settings, element)
    except RuntimeError:
        name = f"{element.is_a()}/{element.GlobalId}"
        faults.append(Fault("buildings", name, "its shape cannot be made", "dropped"))
        return None
    points = np.asarray(shape.geometry.verts, dtype=np.float64).reshape(-1, 3)
    faces = np.asarray(shape.geometry.faces, dtype=np.int64).reshape(-1, 3)
    return (points, faces) if len(faces) else None


def _plan(points: Floats, faces: NDArray[np.int64]) -> NDArray[Any]:
    """What each element covers as seen from above, as one shape in an array."""
    corners = points[faces, :2]
    one, other = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    doubled = np.abs(one[:, 0] * other[:, 1] - one[:, 1] * other[:, 0])
    flat = corners[doubled > 2.0 * _UPRIGHT]
    if not len(flat):
        return np.empty(0, dtype=object)
    return np.array([shapely.union_all(shapely.polygons(flat))], dtype=object)


def _year(value: Any) -> float:
    text = str(value or "")[:4]
    return float(text) if text.isdecimal() else math.nan
