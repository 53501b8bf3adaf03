"""Cities of growing size for bench/scale.py: central Tokyo laid side by side, with made streets.

The buildings are real (PLATEAU, 57,841 for each time). The data has no streets, water or land use,
so these are made: streets 105 m apart each way (19 km/km²), cut where they cross, a river, and
parks.
"""

from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely

WEST, SOUTH, EAST, NORTH = 139.7570, 35.6572, 139.8231, 35.7020
#: Between streets [degrees]: 105 m each way.
STEP_X, STEP_Y = 0.001162, 0.000946

RECIPE = """
name = "tokyo-{times}"
title = "Tokyo, {times} times"
resolution = 12
bounds = [{west}, {south}, {east}, {north}]

[buildings]
storey_height = 3.5

[terrain]
method = "none"

[population]
kinds = "{tables}/building_kinds.csv"

[land_cover]
table = "{tables}/land_cover.csv"
street_widths = "{tables}/street_widths.csv"
raster_table = "{tables}/worldcover.csv"
"""

SOURCE = """
[[sources]]
name = "vector_file"
id = "{layer}"
layer = "{layer}"
path = "{layer}.parquet"
columns = {{ {columns} }}
licence = "CC-BY-4.0"
attribution = "MLIT Project PLATEAU; streets, water and parks are made for the benchmark"
"""
COLUMNS = {
    "buildings": 'source_id = "building_id", height = "height_m"',
    "roads": 'source_id = "source_id", class = "class", structure = "structure"',
    "water": 'source_id = "source_id", class = "class"',
    "landuse": 'source_id = "source_id", class = "class"',
}


def side_by_side(times: int) -> list[tuple[int, int]]:
    """Column and row of each copy: a block that is as square as can be."""
    columns = int(np.ceil(np.sqrt(times)))
    return [(number % columns, number // columns) for number in range(times)]


def buildings(path: Path, times: int) -> gpd.GeoDataFrame:
    """The buildings of central Tokyo, shifted by its box for each copy."""
    table = gpd.read_parquet(path)[["building_id", "height_m", "geometry"]]
    table = table[~(table.geometry.isna() | table.geometry.is_empty)]
    points = shapely.get_coordinates(table.geometry.values)
    copies, names = [], []
    for column, row in side_by_side(times):
        shift = np.array([column * (EAST - WEST), row * (NORTH - SOUTH)])
        copies.append(shapely.set_coordinates(table.geometry.to_numpy().copy(), points + shift))
        names.append(table["building_id"] + f"-{column}-{row}")
    return gpd.GeoDataFrame(
        {
            "building_id": np.concatenate(names),
            "height_m": np.tile(table["height_m"].to_numpy(), times),
        },
        geometry=np.concatenate(copies),
        crs="EPSG:4326",
    )


def streets(west: float, south: float, east: float, north: float) -> gpd.GeoDataFrame:
    """A net of streets; every fifth is wider."""
    x, y = np.arange(west, east, STEP_X), np.arange(south, north, STEP_Y)
    a, b = np.meshgrid(x, y)
    along = np.stack([a[:, :-1], b[:, :-1], a[:, 1:], b[:, 1:]], axis=-1).reshape(-1, 2, 2)
    up = np.stack([a[:-1], b[:-1], a[1:], b[1:]], axis=-1).reshape(-1, 2, 2)
    lanes = np.concatenate(
        [
            np.repeat(np.arange(len(y)), len(x) - 1),
            np.tile(np.arange(len(x)), len(y) - 1),
        ]
    )
    count = len(along) + len(up)
    return gpd.GeoDataFrame(
        {
            "source_id": np.arange(count).astype(str),
            "class": np.where(lanes % 5 == 0, "secondary", "service"),
            "structure": np.full(count, "none"),
        },
        geometry=shapely.linestrings(np.concatenate([along, up])),
        crs="EPSG:4326",
    )


def river(west: float, south: float, east: float, north: float) -> gpd.GeoDataFrame:
    """One river of many vertices from side to side."""
    x = np.arange(west, east, STEP_X / 4.0)
    y = (south + north) / 2.0 + 0.004 * np.sin((x - west) / 0.008)
    bed = shapely.buffer(shapely.linestrings(np.column_stack([x, y])), 0.0008)
    columns = {"source_id": ["river"], "class": ["river"]}
    return gpd.GeoDataFrame(columns, geometry=[bed], crs="EPSG:4326")


def parks(west: float, south: float, east: float, north: float) -> gpd.GeoDataFrame:
    """A round park every 600 m."""
    a, b = np.meshgrid(np.arange(west, east, 0.0066), np.arange(south, north, 0.0054))
    discs = shapely.buffer(shapely.points(a.ravel(), b.ravel()), 0.001)
    names = {"source_id": np.arange(discs.size).astype(str), "class": np.full(discs.size, "park")}
    return gpd.GeoDataFrame(names, geometry=discs, crs="EPSG:4326")


def write_city(folder: Path, data: Path, tables: Path, times: int) -> Path:
    """Write the files of a city that is ``times`` central Tokyos large; the path of its recipe."""
    places = side_by_side(times)
    east = WEST + (max(column for column, _ in places) + 1) * (EAST - WEST)
    north = SOUTH + (max(row for _, row in places) + 1) * (NORTH - SOUTH)
    box = WEST, SOUTH, east, north
    layers = {
        "buildings": buildings(data, times),
        "roads": streets(*box),
        "water": river(*box),
        "landuse": parks(*box),
    }
    for name, table in layers.items():
        table.to_parquet(folder / f"{name}.parquet", write_covering_bbox=True)
    text = RECIPE.format(
        times=times, west=WEST, south=SOUTH, east=east, north=north, tables=tables.as_posix()
    )
    text += "".join(SOURCE.format(layer=name, columns=COLUMNS[name]) for name in layers)
    recipe = folder / f"tokyo-{times}.toml"
    recipe.write_text(text, encoding="utf-8")
    return recipe
