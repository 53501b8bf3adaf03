"""Layers of a city from rows of Overture Maps, one function a feature type."""

from collections.abc import Callable, Iterable
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from citytwin.arrays import Bools
from citytwin.sources.base import Layers
from citytwin.sources.mapped.mapping_columns import points_inside
from citytwin.sources.overture.segments import stretches
from citytwin.sources.overture.words import (
    ADMIN_LEVELS,
    BARRIERS,
    COMPONENTS,
    FACILITIES,
    LANDCOVER,
    LANDUSE,
    MAJOR_RAILS,
    NO_LANDUSE,
    NO_WATER,
    WATER,
    WATER_CLASSES,
    WATERWAYS,
)

Shapes = NDArray[np.object_]

#: Columns to read of each feature type.
COLUMNS: dict[str, tuple[str, ...]] = {
    "building": (
        *("height", "min_height", "num_floors", "roof_height", "facade_material"),
        *("class", "subtype", "name", "is_underground"),
    ),
    "building_part": (
        *("height", "min_height", "num_floors", "roof_height"),
        *("building_id", "is_underground"),
    ),
    "segment": (
        *("subtype", "class", "subclass", "name", "connectors", "road_flags", "rail_flags"),
        *("level_rules", "road_surface", "speed_limits", "access_restrictions"),
    ),
    "place": ("name", "category", "taxonomic", "basic_category", "confidence", "operating_status"),
    "land_use": ("subtype", "class", "name"),
    "land": ("subtype", "class"),
    "land_cover": ("subtype",),
    "water": ("subtype", "class", "name"),
    "infrastructure": ("subtype", "class"),
    "division_area": ("subtype", "class", "name"),
}


def _text(column: "pd.Series[Any]") -> "pd.Series[Any]":
    return column.where(column.notna(), "").astype(str).astype(object)


def _number(column: "pd.Series[Any]") -> "pd.Series[Any]":
    return pd.to_numeric(column, errors="coerce").astype(np.float64)


def _yes(column: "pd.Series[Any]") -> Bools:
    return np.asarray([value is True for value in column], dtype=np.bool_)


def _table(shapes: Shapes, rows: pd.DataFrame, keep: Bools, **columns: Any) -> gpd.GeoDataFrame:
    """Rows to keep with our columns."""
    data = {"source_id": _text(rows["id"]), **columns}
    whole = gpd.GeoDataFrame(pd.DataFrame(data), geometry=shapes, crs="EPSG:4326")
    return whole.loc[keep].reset_index(drop=True)


def _dimension(shapes: Shapes) -> NDArray[Any]:
    return np.asarray(shapely.get_dimensions(shapes))


def buildings(shapes: Shapes, rows: pd.DataFrame) -> Layers:
    """Buildings above ground.

    ``height`` is taken as the height of the top above the ground, as the OpenStreetMap tag means
    it from which it comes.
    """
    kind = _text(rows["class"])
    table = _table(
        shapes,
        rows,
        ~_yes(rows["is_underground"]),
        height=_number(rows["height"]),
        min_height=_number(rows["min_height"]),
        levels=_number(rows["num_floors"]),
        roof_height=_number(rows["roof_height"]),
        kind=kind.where(kind != "", _text(rows["subtype"])),
        name=_text(rows["name"]),
        material=_text(rows["facade_material"]),
    )
    return {"buildings": table}


def building_parts(shapes: Shapes, rows: pd.DataFrame) -> Layers:
    """Parts of buildings above ground."""
    table = _table(
        shapes,
        rows,
        ~_yes(rows["is_underground"]),
        height=_number(rows["height"]),
        min_height=_number(rows["min_height"]),
        levels=_number(rows["num_floors"]),
        roof_height=_number(rows["roof_height"]),
    )
    return {"building_parts": table}


def segments(shapes: Shapes, rows: pd.DataFrame) -> Layers:
    """Roads cut at connectors and where rules change, and railways cut where rules change."""
    roads, railways = [], []
    for line, row in zip(shapes, rows.to_dict("records"), strict=True):
        if row["subtype"] == "road":
            roads += list(stretches(line, row, joints=True))
        elif row["subtype"] == "rail":
            railways += list(stretches(line, row, joints=False))
    for rail in railways:
        major = rail.row["kind"] in MAJOR_RAILS
        rail.row["class"] = "major_rail" if major else "minor_rail"
    columns = ("source_id", "class", "kind", "structure")
    return {
        "roads": _of_stretches(roads, tuple(roads[0].row) if roads else columns),
        "railways": _of_stretches(railways, columns),
    }


def _of_stretches(parts: Iterable[Any], columns: tuple[str, ...]) -> gpd.GeoDataFrame:
    found = list(parts)
    data = pd.DataFrame([part.row for part in found], columns=list(columns))
    return gpd.GeoDataFrame(data, geometry=[part.line for part in found], crs="EPSG:4326")


def places(shapes: Shapes, rows: pd.DataFrame) -> Layers:
    """Places that are not closed for good, and those of them that are facilities."""
    kind = _text(rows["category"])
    for other in ("taxonomic", "basic_category"):
        kind = kind.where(kind != "", _text(rows[other]))
    there = (_text(rows["operating_status"]) != "permanently_closed").to_numpy(dtype=np.bool_)
    facility = kind.map(FACILITIES)
    name = _text(rows["name"])
    return {
        "pois": _table(shapes, rows, there, name=name, kind=kind),
        "facilities": _table(
            shapes,
            rows,
            there & facility.notna().to_numpy(dtype=np.bool_),
            **{"class": facility},
            name=name,
        ),
    }


def landuse(shapes: Shapes, rows: pd.DataFrame) -> Layers:
    """Use of the land; protection and danger are none."""
    kind = _text(rows["class"])
    keep = (_dimension(shapes) == 2) & ~kind.isin(NO_LANDUSE).to_numpy(dtype=np.bool_)
    ours = kind.map(LANDUSE)
    return {
        "landuse": _table(
            shapes,
            rows,
            keep,
            **{"class": ours.where(ours.notna(), kind)},
            kind=kind,
            name=_text(rows["name"]),
        )
    }


def landcover(shapes: Shapes, rows: pd.DataFrame) -> Layers:
    """What covers the land, from land or from land_cover."""
    ours = _text(rows["subtype"]).map(LANDCOVER)
    keep = (_dimension(shapes) == 2) & ours.notna().to_numpy(dtype=np.bool_)
    return {"landcover": _table(shapes, rows, keep, **{"class": ours})}


def water(shapes: Shapes, rows: pd.DataFrame) -> Layers:
    """Water by area and by line."""
    kind, subtype = _text(rows["class"]), _text(rows["subtype"])
    area = kind.map(WATER_CLASSES)
    area = area.where(area.notna(), subtype.map(WATER))
    line = kind.map(WATERWAYS)
    dimension = _dimension(shapes)
    there = ~kind.isin(NO_WATER).to_numpy(dtype=np.bool_)
    name = _text(rows["name"])
    areas = there & (dimension == 2) & area.notna().to_numpy(dtype=np.bool_)
    lines = there & (dimension == 1) & line.notna().to_numpy(dtype=np.bool_)
    return {
        "water": _table(shapes, rows, areas, **{"class": area}, name=name),
        "waterways": _table(shapes, rows, lines, **{"class": line}, name=name),
    }


def infrastructure(shapes: Shapes, rows: pd.DataFrame) -> Layers:
    """Small parts of the city as points, and barriers as lines."""
    kind = _text(rows["class"])
    part = kind.map(COMPONENTS)
    points = points_inside(shapes)
    barrier = kind.isin(BARRIERS).to_numpy(dtype=np.bool_) & (_dimension(shapes) == 1)
    return {
        "components": _table(
            points, rows, part.notna().to_numpy(dtype=np.bool_), **{"class": part}, kind=kind
        ),
        "barriers": _table(shapes, rows, barrier, **{"class": kind}),
    }


def divisions(shapes: Shapes, rows: pd.DataFrame) -> Layers:
    """Districts on land."""
    level = _text(rows["subtype"]).map(ADMIN_LEVELS)
    land = (_text(rows["class"]) != "maritime").to_numpy(dtype=np.bool_)
    keep = land & level.notna().to_numpy(dtype=np.bool_)
    name = _text(rows["name"])
    return {"boundaries": _table(shapes, rows, keep, name=name, admin_level=_number(level))}


#: Feature type to the function that makes our layers of it.
MAKERS: dict[str, Callable[[Shapes, pd.DataFrame], Layers]] = {
    "building": buildings,
    "building_part": building_parts,
    "segment": segments,
    "place": places,
    "land_use": landuse,
    "land": landcover,
    "land_cover": landcover,
    "water": water,
    "infrastructure": infrastructure,
    "division_area": divisions,
}
