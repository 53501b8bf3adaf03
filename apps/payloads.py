"""What the browser fetches of a city: meshes and rows to click on, as gzipped bytes."""

import gzip
import json
from collections.abc import Callable
from typing import Any

import h3.api.basic_int as h3
import numpy as np
import shapely
import store
from scene.buildings import Blocks, building_mesh, stand_blocks
from scene.frame import Frame
from scene.glb import write_glb
from scene.ground import ground_mesh
from scene.paint import (
    COVER,
    FOOTPATH,
    FOOTPRINT,
    PAVEMENT,
    STREET,
    STREET_WIDTH,
    UNPAVED,
    WATER,
    Canvas,
    grey_out,
    light_on,
    raise_buildings,
)
from scene.relief import Relief, relief_from_cells
from scene.sheet import Sheet, lay_sheet

from citytwin.arrays import Floats, Ints

LOOK = "v3"  # changes when the drawing changes, so that old files are not shown
MOST_PIXELS = 4096
PIXEL, POST, SPACING = 0.7, 4.0, 9.0  # of the picture, of the heights and of the mesh [m]
MOST_POSTS = 700  # of the ground's mesh along its longer side
MOST_PARENTS = 40_000  # hexagons to click on
MOST_SHARES = 1536  # pixels of the picture of what is assumed, along its longer side
COVER_ORDER = ("crop", "grass", "scrub", "wood")
USE_ORDER = ("school", "hospital", "park", "cemetery", "grass", "scrub", "wood", "sand", "rock")
USE_ON_TOP = ("parking", "pitch")


@store.per_city
def frame() -> Frame:
    """Box of the city."""
    return Frame(*store.city().bounds)


@store.per_city
def relief() -> Relief:
    """Heights of the city's ground, as the model draws them."""
    city = store.city()
    lon, lat = city.grid.unproject(city.grid.x, city.grid.y)
    apart = float(np.sqrt(city.grid.area.mean() * 2.0 / np.sqrt(3.0)))
    step = max(POST, apart / 3.0)
    return relief_from_cells(frame(), lon, lat, store.ground(), step=step, apart=apart)


@store.per_city
def sheet() -> Sheet:
    """The city's cells as a sheet for water."""
    city = store.city()
    return lay_sheet(relief(), city.grid.corners_lonlat(), store.ground())


@store.per_city
def blocks() -> Blocks:
    """The city's buildings standing on its ground."""
    table = store.table("buildings")
    return stand_blocks(relief(), table.geometry.to_numpy(), table["height"].to_numpy())


def city_file(name: str) -> bytes:
    """One of the files that show the city, gzipped: kept on disk once made."""
    make = CITY_FILES[name]
    path = f"{store.city().fingerprint}-{LOOK}/{name}.gz"
    return store.keep(path, lambda: gzip.compress(make(), 5))


def picture() -> bytes:
    """The painted map with its light, JPEG."""
    pixel = max(PIXEL, max(frame().size) / MOST_PIXELS)
    return _paint(pixel).finish(_light(2.0 * pixel))


def ground() -> bytes:
    """The terrain with the painted map, as glTF."""
    return _ground(gzip.decompress(city_file("ground.jpg")))


def _ground(painted: bytes) -> bytes:
    spacing = max(SPACING, max(frame().size) / MOST_POSTS)
    return write_glb(ground_mesh(relief(), painted, spacing=spacing))


def ground_assumed() -> bytes:
    """The terrain, grey and hatched where the city rests on assumption."""
    grid, shape = store.city().grid, frame().shape(max(frame().size) / MOST_SHARES)
    west, north = frame().west, frame().north
    lon = west + (np.arange(shape[1]) + 0.5) / shape[1] * (frame().east - west)
    lat = north - (np.arange(shape[0]) + 0.5) / shape[0] * (north - frame().south)
    spots = np.meshgrid(lon, lat)
    cell = grid.locate(*grid.project(spots[0].ravel(), spots[1].ravel()))
    share = np.append(store.city().layers["assumed"], 0.0)[cell].reshape(shape)
    return _ground(grey_out(gzip.decompress(city_file("ground.jpg")), share))


def _paint(pixel: float) -> Canvas:
    """The map without its light."""
    canvas = Canvas(frame(), frame().shape(pixel))
    cover, use, roads = store.table("landcover"), store.table("landuse"), store.table("roads")
    for kind in COVER_ORDER:
        canvas.polygons(cover.geometry[cover["class"] == kind], COVER[kind])
    for kind in USE_ORDER + USE_ON_TOP:
        canvas.polygons(use.geometry[use["class"] == kind], COVER[kind])
    canvas.polygons(store.table("water").geometry, WATER)
    roads = roads[roads["class"].isin(list(STREET_WIDTH)) & (roads["structure"] != "tunnel")]
    width = roads["class"].map(STREET_WIDTH)
    path = roads["class"].isin(UNPAVED)
    canvas.lines(list(roads.geometry[path]), list(width[path]), FOOTPATH)
    canvas.lines(list(roads.geometry[~path]), list(width[~path] + 5.0), PAVEMENT)
    canvas.lines(list(roads.geometry[~path]), list(width[~path]), STREET)
    canvas.polygons(store.table("buildings").geometry, FOOTPRINT)
    return canvas


def _light(pixel: float) -> Any:
    shape = frame().shape(pixel)
    table = store.table("buildings")
    heights = raise_buildings(frame(), shape, list(table.geometry), list(table["height"]))
    return light_on(relief().resized(shape), heights, pixel)


def buildings() -> bytes:
    """The buildings, as glTF."""
    none = np.zeros(len(blocks().item), dtype=np.bool_)
    return write_glb(building_mesh(relief(), blocks(), none))


def buildings_assumed() -> bytes:
    """The buildings, those with an assumed height in grey."""
    guessed = (store.table("buildings")["height_from"] == "assumed").to_numpy(dtype=np.bool_)
    return write_glb(building_mesh(relief(), blocks(), guessed[blocks().item]))


def _rows(rows: list[dict[str, Any]]) -> bytes:
    return json.dumps(rows, separators=(",", ":")).encode()


def _prisms(*, simplify: float, grow: float) -> list[str]:
    """Buildings as upright prisms: ring at its foot, height, position in the city's table."""
    standing = blocks()
    if not len(standing.item):
        return []
    shapes = standing.polygons
    if grow:
        shapes = shapely.buffer(shapes, grow, join_style="mitre")
    rings = shapely.get_exterior_ring(shapely.simplify(shapes, simplify))
    lonlat, owner = shapely.get_coordinates(rings, return_index=True)
    foot = np.round(standing.foot - 1.0, 1)
    spots = np.concatenate([np.round(lonlat, 6), foot[owner][:, None]], axis=1)
    ends = np.searchsorted(owner, np.arange(1, len(rings)))
    height = np.round(standing.roof - foot + (0.5 if grow else 0.0), 1).tolist()
    parts = zip(np.split(spots, ends), height, standing.item.tolist(), strict=True)
    return [
        json.dumps({"p": ring.tolist(), "h": tall, "i": item}, separators=(",", ":"))
        for ring, tall, item in parts
    ]


def buildings_to_pick() -> bytes:
    """Prisms that are clicked on, unseen."""
    return ("[" + ",".join(_prisms(simplify=4e-6, grow=0.0)) + "]").encode()


@store.per_city
def _large_prisms() -> list[str]:
    return _prisms(simplify=1e-6, grow=3e-6)


def large_prisms(marks: Ints) -> str:
    """JSON of prisms a hand's breadth larger than the marked buildings, with ``k``: mark minus one.

    Parameters
    ----------
    marks
        (b,) mark of each building of the city, 0 for none.
    """
    mark = marks[blocks().item]
    prisms = _large_prisms()
    rows = [f'{prisms[block][:-1]},"k":{mark[block] - 1}}}' for block in np.flatnonzero(mark)]
    return "[" + ",".join(rows) + "]"


@store.per_city
def street_pieces() -> tuple[list[Floats], Ints]:
    """Corners of each street [degrees, degrees, m] and its position in the city's table."""
    roads = store.table("roads")
    roads = roads[roads["structure"] != "tunnel"]
    parts, owner = shapely.get_parts(roads.geometry.to_numpy(), return_index=True)
    if not len(parts):
        return [], np.empty(0, dtype=np.int64)
    fine = shapely.segmentize(parts, 1.2e-4)
    lonlat, line = shapely.get_coordinates(fine, return_index=True)
    height = np.round(relief().at(lonlat[:, 0], lonlat[:, 1]).astype(np.float64) + 1.0, 1)
    spots = np.concatenate([np.round(lonlat, 6), height[:, None]], axis=1)
    ends = np.searchsorted(line, np.arange(1, len(parts)))
    position = np.flatnonzero(store.table("roads")["structure"].to_numpy() != "tunnel")
    return np.split(spots, ends), position[owner].astype(np.int64)


def streets_to_pick() -> bytes:
    """Lines that are clicked on, unseen."""
    lines, owner = street_pieces()
    rows = zip(lines, owner.tolist(), strict=True)
    return _rows([{"p": line.tolist(), "i": item} for line, item in rows])


@store.per_city
def parents() -> list[int]:
    """Coarser cells, few enough to click on, in the order of ``ground_to_pick``."""
    grid = store.city().grid
    found: list[int] = grid.cells.tolist()
    coarse = grid.resolution - 1
    while coarse >= 0:
        found = sorted({h3.cell_to_parent(cell, coarse) for cell in found})
        if len(found) <= MOST_PARENTS:
            break
        coarse -= 1
    return found


@store.per_city
def parent_sheet() -> Sheet:
    """The coarser cells, lying on the ground, in the order of ``parents``."""
    rings = [h3.cell_to_boundary(cell) for cell in parents()]
    corners = np.asarray([ring[:6] for ring in rings])[:, :, ::-1]
    return lay_sheet(relief(), corners, np.zeros(len(rings)))


def ground_to_pick() -> bytes:
    """Hexagons to click on where it is dry, one for each coarser cell, just below the ground."""
    cells = parent_sheet()
    everywhere = np.ones(len(cells.corner), dtype=np.bool_)
    centre, height = cells.hexagons(cells.ground - 0.3, everywhere)
    rows = zip(centre.tolist(), height.tolist(), strict=True)
    return _rows([{"x": x, "y": y, "z": z} for (x, y), z in rows])


CITY_FILES: dict[str, Callable[[], bytes]] = {
    "ground.jpg": picture,
    "ground.glb": ground,
    "buildings.glb": buildings,
    "buildings.json": buildings_to_pick,
    "streets.json": streets_to_pick,
    "cells.json": ground_to_pick,
    "ground-assumed.glb": ground_assumed,
    "buildings-assumed.glb": buildings_assumed,
}
