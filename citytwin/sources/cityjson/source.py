"""Buildings, their parts, water, land use and plants from CityJSON and CityJSONSeq."""

import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pydantic import Field
from pyproj import CRS

from citytwin.errors import SourceError
from citytwin.registry import sources
from citytwin.sources.base import Box, Fault, Reading, Source
from citytwin.sources.cityjson.file import Model, read_cityjson
from citytwin.sources.cityjson.geometry import Body, body, chosen_geometries
from citytwin.sources.coordinates import (
    System,
    box_in,
    coordinate_system,
    explain_absence,
    to_lonlat,
)
from citytwin.sources.mapped.mapped_reading import joined, meets
from citytwin.sources.mapped.matching_files import matching_files

#: Our layer for each kind of object.
LAYERS = {
    "Building": "buildings",
    "BuildingPart": "building_parts",
    "WaterBody": "water",
    "LandUse": "landuse",
    "PlantCover": "landcover",
}
#: Columns of each of our layers, from attributes by their names in CityJSON.
COLUMNS: dict[str, tuple[str, ...]] = {
    "buildings": ("height", "levels", "kind", "name", "year"),
    "building_parts": ("height", "levels", "kind"),
    "water": ("class", "name"),
    "landuse": ("class", "kind", "name"),
    "landcover": ("class",),
}
NUMBERS = ("height", "levels", "year")


@dataclass
class _Gathered:
    """Rows of each layer as they come, in the file's own coordinates."""

    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    unused: dict[str, int] = field(default_factory=dict)


@sources.register
class CityJSON(Source):
    """CityJSON 2.0, 1.1 or 1.0, or a CityJSONSeq (.jsonl); ``path`` may be a pattern.

    A building's footprint is its ground surface, or what its surfaces cover as seen from above;
    a building without a shape of its own has that of its parts. Its height is ``measuredHeight``,
    else the top above the lowest point. Heights are in the unit of the vertical axis of the
    coordinate system, else of its horizontal ones if it is projected, else metres.
    """

    name: ClassVar[str] = "cityjson"

    lod: str = Field(
        default="", description="Level of detail, for example 1.2; the finest if left out"
    )
    crs: str = Field(default="", description="Coordinate system instead of the file's own")

    def files(self, folder: Path) -> list[Path]:
        """The files that the path means."""
        return matching_files(self.place(folder))

    def read(self, folder: Path, box: Box) -> Reading:
        """Read all files; see :class:`Source`."""
        return joined(self._read_one(path, box) for path in matching_files(self.place(folder)))

    def _read_one(self, path: Path, box: Box) -> Reading:
        where = f"the file {path}"
        head, models = read_cityjson(path)
        system = coordinate_system(self.crs or head.system, where)
        unit = _height_unit(self.crs or head.system)
        near = box_in(system, box)
        gathered = _Gathered()
        bounds = np.array([np.inf, np.inf, -np.inf, -np.inf])
        for model in models:
            if len(model.vertices):
                low, high = model.vertices[:, :2].min(axis=0), model.vertices[:, :2].max(axis=0)
                bounds = np.array([*np.minimum(bounds[:2], low), *np.maximum(bounds[2:], high)])
                if near is None or not _apart((*low, *high), near):
                    self._gather(model, unit, gathered)
        reading = self._placed(gathered, system, where, box, head.date)
        if not any(len(table) for table in reading.layers.values()):
            whole = bounds if np.isfinite(bounds).all() else np.full(4, np.nan)
            if gathered.faults and not gathered.rows:
                raise SourceError(f"no object of {where} could be read: {gathered.faults[0].fault}")
            reading.remarks.append(explain_absence(whole, system, box, where))
        return reading

    def _gather(self, model: Model, unit: float, gathered: _Gathered) -> None:
        """Rows of all objects of a model; a broken object becomes a fault."""
        bodies: dict[str, Body] = {}
        for name, item in model.objects.items():
            layer = LAYERS.get(str(item.get("type")))
            if layer is None:
                kind = str(item.get("type"))
                gathered.unused[kind] = gathered.unused.get(kind, 0) + 1
                continue
            try:
                bodies[name] = body(
                    chosen_geometries(list(item.get("geometry") or ()), self.lod), model.vertices
                )
            except (KeyError, TypeError, IndexError, ValueError, AttributeError) as error:
                fault = f"its geometry is broken ({type(error).__name__})"
                gathered.faults.append(Fault(layer, name, fault, "dropped"))
            except shapely.GEOSException:
                fault = "its geometry is broken"
                gathered.faults.append(Fault(layer, name, fault, "dropped"))
        for name in bodies:
            self._add(name, model, bodies, unit, gathered)

    def _add(
        self,
        name: str,
        model: Model,
        bodies: dict[str, Body],
        unit: float,
        gathered: _Gathered,
    ) -> None:
        item = model.objects[name]
        layer = LAYERS[item["type"]]
        whole = _with_parts(name, model, bodies)
        if whole.footprint is None:
            level = f" of level of detail {self.lod}" if self.lod else ""
            gathered.faults.append(Fault(layer, name, f"it has no surfaces{level}", "dropped"))
            return
        attributes = item.get("attributes")
        row = _columns(attributes if isinstance(attributes, dict) else {}, layer)
        if layer == "building_parts":
            row |= _part_heights(name, model, bodies, unit)
        elif layer == "buildings" and math.isnan(row["height"]):
            row["height"] = _positive((whole.top - whole.bottom) * unit)
        row |= {"source_id": name, "geometry": whole.footprint}
        gathered.rows.setdefault(layer, []).append(row)

    def _placed(
        self, gathered: _Gathered, system: System, where: str, box: Box, date: str
    ) -> Reading:
        """Layers in degrees, as far as they meet the box."""
        layers: dict[str, gpd.GeoDataFrame] = {}
        faults = list(gathered.faults)
        for layer, rows in gathered.rows.items():
            data = pd.DataFrame(rows)
            table = gpd.GeoDataFrame(data.drop(columns="geometry"), geometry=data["geometry"])
            table, lost = to_lonlat(table, system, where, layer)
            layers[layer] = table.loc[meets(table, box)].reset_index(drop=True)
            faults += lost
        remarks = [
            f"{number} objects of kind {kind} are not used"
            for kind, number in sorted(gathered.unused.items())
        ]
        return Reading(layers, faults=faults, remarks=remarks, date=date)


def _apart(one: Any, other: Box) -> bool:
    across = one[2] < other[0] or one[0] > other[2]
    return bool(across or one[3] < other[1] or one[1] > other[3])


def _height_unit(stated: str) -> float:
    """Metres in a unit of height of a coordinate system."""
    try:
        crs = CRS.from_user_input(stated)
    except Exception:  # noqa: BLE001 the system itself is judged elsewhere
        return 1.0
    axes = crs.axis_info
    if len(axes) == 3:
        return float(axes[2].unit_conversion_factor or 1.0)
    return float(axes[0].unit_conversion_factor or 1.0) if crs.is_projected else 1.0


def _with_parts(name: str, model: Model, bodies: dict[str, Body]) -> Body:
    """Shape of an object; of a building with parts that of all of them together."""
    children = model.objects[name].get("children") or ()
    known = [bodies[child] for child in children if isinstance(child, str) and child in bodies]
    whole = [each for each in (bodies[name], *known) if each.footprint is not None]
    if not whole:
        return bodies[name]
    return Body(
        shapely.union_all([each.footprint for each in whole])
        if len(whole) > 1
        else whole[0].footprint,
        min(each.bottom for each in whole),
        max(each.top for each in whole),
    )


def _part_heights(
    name: str, model: Model, bodies: dict[str, Body], unit: float
) -> dict[str, float]:
    """Top and bottom of a part above the ground of its building."""
    parents = [each for each in model.objects[name].get("parents") or () if each in bodies]
    own = bodies[name]
    ground = _with_parts(parents[0], model, bodies).bottom if parents else own.bottom
    return {
        "height": _positive((own.top - ground) * unit),
        "min_height": max((own.bottom - ground) * unit, 0.0),
    }


def _positive(height: float) -> float:
    return height if height > 0.0 else math.nan


def _columns(attributes: dict[str, Any], layer: str) -> dict[str, Any]:
    """Our columns from the attributes of an object; what is not there is unknown."""
    known: dict[str, Any] = {
        "height": _positive(_number(attributes.get("measuredHeight"))),
        "levels": _number(attributes.get("storeysAboveGround")),
        "year": _year(attributes.get("yearOfConstruction")),
        "kind": _text(attributes, "function", "class", "usage"),
        "class": _text(attributes, "class", "function", "usage"),
        "name": _text(attributes, "name", "gml:name"),
    }
    row = {name: known[name] for name in COLUMNS[layer]}
    if layer == "water" and row["class"] not in {"sea", "river", "lake", "basin"}:
        row["class"] = "water"
    return row


def _number(value: Any) -> float:
    if isinstance(value, dict):
        value = value.get("value")
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return math.nan
    return number if math.isfinite(number) else math.nan


def _year(value: Any) -> float:
    """Year from a number, or from the first four digits of a date."""
    return _number(value[:4] if isinstance(value, str) else value)


def _text(attributes: dict[str, Any], *names: str) -> str:
    """The first of some attributes that is there; of several values the first."""
    for name in names:
        value = attributes.get(name)
        if isinstance(value, list) and value:
            value = value[0]
        if isinstance(value, str | int | float) and value != "":
            return str(value)
    return ""
