"""Mapbox vector tiles of the schemas mapbox-streets-v7 and mapbox-terrain-v2, from a folder."""

from collections.abc import Callable, Hashable
from pathlib import Path
from typing import Any, ClassVar

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pydantic import Field

from citytwin.registry import sources
from citytwin.sources.base import Box, Layers, Reading, Source
from citytwin.sources.vector_tiles.contours import contour_lines
from citytwin.sources.vector_tiles.decode import (
    Features,
    check_sums,
    decode,
    find_tiles,
    lonlat,
    tile_paths,
)
from citytwin.sources.vector_tiles.joins import clip, join_lines, join_polygons
from citytwin.sources.vector_tiles.roads import names_along, split_at_crossings

Properties = dict[str, Any]
Columns = dict[str, Any]
Key = Callable[[Properties], tuple[Hashable, ...]]

#: Classes of the road layer that are rails, and those that are marks on a street and not a street.
RAILS = ("major_rail", "minor_rail", "aerialway")
MARKS = ("level_crossing", "turning_circle", "turning_loop", "golf", "mini_roundabout")

#: Our layer: tile layer, dimension and the columns taken from each feature's attributes.
SIMPLE: dict[str, tuple[str, int, Key, tuple[str, ...]]] = {
    "landuse": ("landuse", 2, lambda p: (_text(p, "class"), _text(p, "type")), ("class", "kind")),
    "landcover": ("landcover", 2, lambda p: (_text(p, "class"),), ("class",)),
    "water": ("water", 2, lambda _: (), ()),
    "waterways": ("waterway", 1, lambda p: (_text(p, "class"),), ("class",)),
    "barriers": ("barrier_line", 1, lambda p: (_text(p, "class"),), ("class",)),
    "peaks": (
        "mountain_peak_label",
        0,
        lambda p: (_number(p, "elevation_m"), _text(p, "name")),
        ("elevation", "name"),
    ),
    "pois": (
        "poi_label",
        0,
        lambda p: (_text(p, "name"), _text(p, "type"), _text(p, "maki")),
        ("name", "kind", "maki"),
    ),
    "places": (
        "place_label",
        0,
        lambda p: (_text(p, "name"), _text(p, "name_zh-Hans"), _text(p, "type")),
        ("name", "name_zh", "kind"),
    ),
}


@sources.register
class VectorTiles(Source):
    """A rectangle of Mapbox vector tiles in a folder, one file a tile.

    Reads buildings, roads, railways, landuse, landcover, water, waterways, barriers, contours,
    peaks, pois and places. Features that tile edges cut are joined again.
    """

    name: ClassVar[str] = "vector_tiles"

    zoom: int = Field(ge=0, le=22, description="Zoom of the tiles")
    columns: tuple[int, int] = Field(description="First and last column of tiles, both included")
    rows: tuple[int, int] = Field(description="First and last row of tiles, both included")
    sha256: str = Field(default="", description="Name of a list of checksums in the folder")

    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north [degrees] of the rectangle of tiles."""
        corners = np.array(
            [[self.columns[0], self.rows[0]], [self.columns[1] + 1, self.rows[1] + 1]], np.float64
        )
        (west, north), (east, south) = lonlat(corners * 4096, self.zoom).tolist()
        return west, south, east, north

    def files(self, folder: Path) -> list[Path]:
        """All tiles in the folder, and the list of checksums."""
        place = self.place(folder)
        found = tile_paths(place) if place.is_dir() else [place]
        return found + ([place / self.sha256] if self.sha256 else [])

    def read(self, folder: Path, box: Box) -> Reading:
        """Decode all tiles and join their features; see :class:`Source`."""
        del box  # the rectangle of tiles is the recipe's own choice
        place = self.place(folder)
        tiles = find_tiles(place, self.zoom, self.columns, self.rows)
        raw = decode(tiles)
        if self.sha256:
            check_sums(tiles, place / self.sha256)
        layers = self._layers(raw)
        return Reading(layers, remarks=_remarks(raw, layers))

    def _layers(self, raw: dict[str, Features]) -> Layers:
        parts: dict[str, tuple[NDArray[Any], Columns]] = {}
        if "building" in raw:
            parts["buildings"] = _buildings(raw["building"])
        if "road" in raw:
            parts |= _roads(raw["road"], raw.get("road_label"))
        if "contour" in raw:
            lines, elevation = contour_lines(raw["contour"])
            parts["contours"] = lines, {"elevation": elevation}
        for layer, (tile_layer, dimension, key, columns) in SIMPLE.items():
            if tile_layer in raw:
                parts[layer] = _simple(raw[tile_layer], dimension, key, columns)
        return {name: _table(*part, self.zoom) for name, part in parts.items()}


def _text(properties: Properties, name: str) -> str:
    return str(properties.get(name) or "")


def _number(properties: Properties, name: str) -> float | None:
    value = properties.get(name)
    try:
        return None if value is None else float(value)
    except (TypeError, ValueError):
        return None


def _columns(keys: list[Hashable], names: tuple[str, ...]) -> Columns:
    """Columns from the attributes of each feature, numbers as floats."""
    table = np.empty((len(keys), len(names)), dtype=object)
    for number, key in enumerate(keys):
        table[number] = key
    columns: Columns = {}
    for position, name in enumerate(names):
        values = table[:, position]
        numeric = name in ("elevation", "height", "min_height")
        columns[name] = values.astype(np.float64) if numeric else values
    return columns


def _simple(
    features: Features,
    dimension: int,
    key: Key,
    names: tuple[str, ...],
) -> tuple[NDArray[Any], Columns]:
    pieces = clip(features, key, dimension)
    if dimension == 2:
        geometry, keys = join_polygons(pieces)
    elif dimension == 1:
        geometry, keys = join_lines(pieces)
    else:
        geometry, keys = pieces.geometry, list(pieces.key)
    return geometry, _columns(keys, names)


def _buildings(features: Features) -> tuple[NDArray[Any], Columns]:
    above = [p.get("underground") not in ("true", True) for p in features.properties]
    index = np.flatnonzero(above)
    kept = Features(
        features.geometry[index], features.tile[index], [features.properties[i] for i in index]
    )
    names = ("height", "min_height", "kind")
    return _simple(
        kept,
        2,
        lambda p: (_number(p, "height"), _number(p, "min_height"), _text(p, "type")),
        names,
    )


def _roads(features: Features, labels: Features | None) -> dict[str, tuple[NDArray[Any], Columns]]:
    names = ("class", "kind", "oneway", "structure", "level")
    geometry, columns = _simple(
        features,
        1,
        lambda p: (
            _text(p, "class"),
            _text(p, "type"),
            p.get("oneway") in ("true", True),
            _text(p, "structure") or "none",
            int(_number(p, "layer") or 0),
        ),
        names,
    )
    rail = np.isin(columns["class"].astype(str), RAILS)
    mark = np.isin(columns["class"].astype(str), MARKS)
    street = ~rail & ~mark
    level = columns["level"][street].astype(np.int64)
    segments, owner = split_at_crossings(geometry[street], level)
    roads = {name: columns[name][street][owner] for name in names[:4]}
    roads["oneway"] = roads["oneway"].astype(bool)
    roads["name"] = names_along(segments, *_labels(labels))
    railways = {name: columns[name][rail] for name in ("class", "kind", "structure")}
    return {"roads": (segments, roads), "railways": (geometry[rail], railways)}


def _labels(features: Features | None) -> tuple[NDArray[Any], list[str]]:
    if features is None:
        return np.empty(0, dtype=object), []
    parts, owner = shapely.get_parts(features.geometry, return_index=True)
    keep = (shapely.get_dimensions(parts) == 1) & (shapely.length(parts) > 0.0)
    return parts[keep], [_text(features.properties[i], "name") for i in owner[keep]]


def _table(geometry: NDArray[Any], columns: Columns, zoom: int) -> gpd.GeoDataFrame:
    """Table in EPSG:4326 with ids that depend on place only, not on the order of tiles."""
    moved = shapely.transform(geometry, lambda points: lonlat(points, zoom))
    moved = shapely.normalize(moved) if _are_polygons(moved) else moved
    if _are_polygons(moved):
        moved = shapely.orient_polygons(moved)
    order = _order(geometry, moved, columns)
    table = gpd.GeoDataFrame(
        {"id": np.arange(1, len(order) + 1), **{k: v[order] for k, v in columns.items()}},
        geometry=moved[order],
        crs="EPSG:4326",
    )
    return table.reset_index(drop=True)


def _are_polygons(geometry: NDArray[Any]) -> bool:
    return bool(len(geometry)) and bool((shapely.get_dimensions(geometry) == 2).all())


def _order(pixels: NDArray[Any], moved: NDArray[Any], columns: Columns) -> NDArray[np.int64]:
    """Order by place in blocks of a quarter tile, then by shape and attributes: neighbours near."""
    box = shapely.bounds(pixels).reshape(-1, 4)
    block = np.floor((box[:, :2] + box[:, 2:]) / 2.0 / 1024.0).astype(np.int64)
    text = [repr(row) for row in zip(*columns.values(), strict=True)] or [""] * len(moved)
    rank = sorted(range(len(moved)), key=lambda i: (*block[i].tolist(), *box[i].tolist(), text[i]))
    return np.array(rank, dtype=np.int64)


def _remarks(raw: dict[str, Features], layers: Layers) -> list[str]:
    """What joining did, in numbers."""
    remarks = []
    for layer, tile_layer in (("buildings", "building"), ("landuse", "landuse")):
        if layer in layers:
            pieces, whole = len(raw[tile_layer]), len(layers[layer])
            remarks.append(f"{pieces} {tile_layer} pieces in all tiles, {whole} {layer} joined")
    unknown = sorted(set(raw) - _KNOWN)
    if unknown:
        remarks.append(f"tile layers not used: {', '.join(unknown)}")
    return remarks


_KNOWN = {"building", "road", "road_label", "contour"} | {row[0] for row in SIMPLE.values()}
