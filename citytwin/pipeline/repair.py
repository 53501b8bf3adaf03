"""Make any source's layer fit for a city: its columns, sound geometry, the city's box, one order."""

from dataclasses import asdict
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from citytwin.arrays import Bools
from citytwin.city.schema import LAYERS, POLYGON, Layer
from citytwin.pipeline.values import Values
from citytwin.sources.base import ROW, Box, Fault

_WORDS = ("point", "line", "polygon")
#: A polygon wider than this goes round the world the wrong way [degrees].
_WIDEST = 180.0
_COLUMNS = ("layer", "source_id", "fault", "action")


def faults_table(faults: list[Fault]) -> pd.DataFrame:
    """Faults as a table with the columns of :class:`citytwin.sources.base.Fault`."""
    return pd.DataFrame([asdict(fault) for fault in faults], columns=list(_COLUMNS), dtype=str)


def sound_layer(name: str, tables: list[gpd.GeoDataFrame], box: Box) -> Values:
    """One layer from the tables of all sources.

    Parameters
    ----------
    name
        Name of the layer, one of :data:`citytwin.city.schema.LAYERS`.
    tables
        Tables in EPSG:4326 with any geometry.
    box
        West, south, east, north of the city [degrees].

    Returns
    -------
    ``table`` with the layer's columns, ``id`` from one in the order of a Hilbert curve and sound
    geometry inside the box (whole features of layers that are kept whole); ``faults``: what was
    repaired or dropped. Features outside the box are no faults.
    """
    layer = LAYERS[name]
    nothing = gpd.GeoDataFrame(geometry=[], crs="EPSG:4326")
    parts = [_columns(table, layer) for table in tables or [nothing]]
    table = pd.concat(parts, ignore_index=True)
    table = gpd.GeoDataFrame(table, geometry="geometry", crs="EPSG:4326")
    faults: list[pd.DataFrame] = []
    table = _drop(table, _unusable(table), name, faults)
    if shapely.has_z(np.asarray(table.geometry)).any():
        table = table.set_geometry(shapely.force_2d(np.asarray(table.geometry)))
    table = table[shapely.intersects(shapely.box(*box), _boxes(table))]
    table = _of_dimension(table, layer.dimension, name, faults)
    table = table.assign(source_id=_names(table))
    if not layer.whole:  # areas of people that lie on one another are refused, not dropped
        table = _drop(table, _repeated(table), name, faults)
        table = _clip(table, layer.dimension, box)
    every = pd.concat(faults, ignore_index=True) if faults else faults_table([])
    return {"table": _ordered(table, box), "faults": every}


def _columns(table: gpd.GeoDataFrame, layer: Layer) -> pd.DataFrame:
    """The layer's columns with their kinds; what the source does not have is not known."""
    count = len(table)
    given = table["source_id"] if "source_id" in table else pd.Series([""] * count)
    columns: dict[str, Any] = {"source_id": given.fillna("").astype(str).to_numpy(dtype=object)}
    for name, column in layer.columns.items():
        if column.kind == "text":
            values = table[name].fillna("").astype(str) if name in table else [""] * count
            words = np.asarray(values, dtype=object)
            columns[name] = np.where(words == "", column.unknown, words).astype(object)
        elif column.kind == "number":
            values = pd.to_numeric(table[name], errors="coerce") if name in table else np.nan
            filled = np.full(count, np.nan) if name not in table else values
            columns[name] = np.asarray(filled, dtype=np.float64)
        else:
            flags = table[name].fillna(value=False) if name in table else np.zeros(count, bool)
            columns[name] = np.asarray(flags, dtype=bool)
    columns["geometry"] = np.asarray(table.geometry, dtype=object)
    return pd.DataFrame(columns)


def _unusable(table: gpd.GeoDataFrame) -> NDArray[Any]:
    """(m,) what is wrong with a geometry beyond repair, '' if nothing."""
    geometry = np.asarray(table.geometry, dtype=object)
    box = shapely.bounds(geometry).reshape(-1, 4)
    nothing = shapely.is_missing(geometry) | shapely.is_empty(geometry)
    west, south, east, north = box.T
    with np.errstate(invalid="ignore"):
        outside = (west < -180.0) | (east > 180.0) | (south < -90.0) | (north > 90.0)
        wraps = (east - west) > _WIDEST
    infinite = ~np.isfinite(box).all(axis=1) | _not_finite(geometry)
    fault = np.full(len(geometry), "", dtype=object)
    fault[wraps] = "reaches round the world across the antimeridian"
    fault[outside] = "has coordinates that are not longitude and latitude"
    fault[infinite] = "has coordinates that are no numbers"
    fault[nothing] = "has no geometry"
    return fault


def _not_finite(geometry: NDArray[Any]) -> Bools:
    """(m,) whether any coordinate is not a number."""
    points, owner = shapely.get_coordinates(geometry, return_index=True)
    bad = owner[~np.isfinite(points).all(axis=1)]
    flags = np.zeros(len(geometry), dtype=bool)
    flags[bad] = True
    return flags


def _of_dimension(
    table: gpd.GeoDataFrame, dimension: int, name: str, faults: list[pd.DataFrame]
) -> gpd.GeoDataFrame:
    """Geometries of the layer's dimension, polygons made valid."""
    geometry = np.asarray(table.geometry, dtype=object)
    fault = np.full(len(geometry), "", dtype=object)
    if dimension == POLYGON:
        geometry = shapely.orient_polygons(shapely.normalize(geometry))
        broken = ~shapely.is_valid(geometry)
        reason = shapely.is_valid_reason(geometry[broken])
        geometry = geometry.copy()
        geometry[broken] = shapely.make_valid(geometry[broken])
        fault[broken] = [str(text).split("[")[0].strip().lower() for text in reason]
    mixed = shapely.get_type_id(geometry) == 7
    for at in np.flatnonzero(mixed):
        geometry[at] = _parts_of(geometry[at], dimension)
    wrong = (shapely.get_dimensions(geometry) != dimension) | shapely.is_empty(geometry)
    if dimension:
        size = shapely.area(geometry) if dimension == POLYGON else shapely.length(geometry)
        flat = ~wrong & ~(size > 0.0)
    else:
        flat = np.zeros(len(geometry), dtype=bool)
    repaired = (fault != "") & ~wrong & ~flat
    faults.append(_rows(table[repaired], name, fault[repaired], "repaired"))
    table = table.set_geometry(geometry)
    drop = np.full(len(geometry), "", dtype=object)
    drop[flat] = "has no extent"
    drop[wrong] = f"is no {_WORDS[dimension]}"
    drop[wrong & (fault != "")] = f"is no {_WORDS[dimension]} after repair"
    return _drop(table, drop, name, faults)


def _parts_of(collection: Any, dimension: int) -> Any:
    """Parts of one dimension of a collection, as one geometry."""
    parts = shapely.get_parts(shapely.get_parts(collection))
    return shapely.union_all(parts[shapely.get_dimensions(parts) == dimension])


def _names(table: gpd.GeoDataFrame) -> NDArray[Any]:
    """(m,) names of features; a place in a file is none, for it changes with what stands above."""
    names = table["source_id"].to_numpy(dtype=object)
    return np.array(["" if str(name).startswith(ROW) else name for name in names], dtype=object)


def _repeated(table: gpd.GeoDataFrame) -> NDArray[Any]:
    """(m,) a remark for features that stand there twice with all they have."""
    wkb = shapely.to_wkb(shapely.normalize(np.asarray(table.geometry)))
    plain = pd.DataFrame(table.drop(columns="geometry")).assign(wkb=wkb)
    return np.where(plain.duplicated().to_numpy(), "stands there twice", "")


def _drop(
    table: gpd.GeoDataFrame, fault: NDArray[Any], name: str, faults: list[pd.DataFrame]
) -> gpd.GeoDataFrame:
    bad = fault != ""
    if not bad.any():
        return table
    faults.append(_rows(table[bad], name, fault[bad], "dropped"))
    return table[~bad]


def _rows(table: gpd.GeoDataFrame, name: str, fault: NDArray[Any], action: str) -> pd.DataFrame:
    ids = table["source_id"].to_numpy(dtype=object)
    return pd.DataFrame(
        {"layer": name, "source_id": ids, "fault": fault, "action": action}, dtype=str
    )


def _boxes(table: gpd.GeoDataFrame) -> NDArray[Any]:
    return np.asarray(shapely.box(*shapely.bounds(np.asarray(table.geometry)).reshape(-1, 4).T))


def _clip(table: gpd.GeoDataFrame, dimension: int, box: Box) -> gpd.GeoDataFrame:
    """Parts of features inside the box, of their own dimension."""
    geometry = np.asarray(table.geometry, dtype=object)
    city = shapely.box(*box)
    geometry = geometry.copy()
    for at in np.flatnonzero(shapely.get_type_id(geometry) == 4):
        parts = shapely.get_parts(geometry[at])
        inside = shapely.covers(city, parts)
        geometry[at] = parts[int(np.argmax(inside))]
    whole = shapely.covers(city, geometry)
    geometry[~whole] = shapely.intersection(geometry[~whole], city)
    for at in np.flatnonzero(shapely.get_type_id(geometry) == 7):
        geometry[at] = _parts_of(geometry[at], dimension)
    keep = (shapely.get_dimensions(geometry) == dimension) & ~shapely.is_empty(geometry)
    return table.set_geometry(geometry)[keep]


def _ordered(table: gpd.GeoDataFrame, box: Box) -> gpd.GeoDataFrame:
    """Along a Hilbert curve over the box, then by place and name: the same for any input order."""
    if len(table):
        bounds = shapely.bounds(np.asarray(table.geometry)).reshape(-1, 4)
        curve = table.geometry.hilbert_distance(total_bounds=box).to_numpy()
        names = table["source_id"].to_numpy(dtype=str)
        keys = pd.DataFrame({"curve": curve, "name": names} | dict(enumerate(bounds.T)))
        table = table.iloc[np.lexsort((_rank(table, keys), names, *bounds.T[::-1], curve))]
    table = table.reset_index(drop=True)
    table.insert(0, "id", np.arange(1, len(table) + 1))
    return table


def _rank(table: gpd.GeoDataFrame, keys: pd.DataFrame) -> NDArray[np.int64]:
    """Order by all that they have of features whose keys are the same; 0 for all others."""
    rank = np.zeros(len(table), dtype=np.int64)
    same = np.flatnonzero(keys.duplicated(keep=False).to_numpy())
    if same.size:
        rows = table.iloc[same]
        wkb = shapely.to_wkb(np.asarray(rows.geometry))
        plain = rows.drop(columns="geometry").itertuples(index=False, name=None)
        content = [(bytes(shape), repr(row)) for shape, row in zip(wkb, plain, strict=True)]
        rank[same[sorted(range(len(content)), key=content.__getitem__)]] = np.arange(same.size)
    return rank
