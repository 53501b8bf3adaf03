"""The buildings of the model as one mesh, with the light painted on."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from PIL import Image

from citytwin.arrays import Bools, Floats, Floats32, Ints
from scene.glb import Mesh
from scene.relief import Relief, sun

TONES = np.array(  # wood, card and plaster of an architect's model
    [
        (250, 247, 240),
        (247, 241, 230),
        (244, 237, 225),
        (249, 244, 236),
        (240, 234, 222),
        (246, 239, 226),
        (251, 249, 245),
        (243, 235, 221),
    ]
)
GREY = np.array([(152, 154, 158)])  # of buildings whose height is assumed
ROOF_LIGHT, FOOT_LIGHT = 0.99, 0.72
SINK = 1.5  # how far walls go below the lowest ground at the building [m]


@dataclass(frozen=True)
class Blocks:
    """Footprints standing on the ground.

    Attributes
    ----------
    polygons
        (n,) footprints, longitude and latitude, one part each.
    item
        (n,) position of the building in the city's table.
    foot, roof
        (n,) height of the lowest ground and of the roof above sea [m].
    """

    polygons: NDArray[np.object_]
    item: Ints
    foot: Floats
    roof: Floats


def stand_blocks(relief: Relief, geometries: Sequence[Any], heights: Floats) -> Blocks:
    """Put buildings on the ground: the roof is its height above the mean ground at the walls.

    Parameters
    ----------
    relief
        Heights of the ground.
    geometries
        (m,) footprints, longitude and latitude.
    heights
        (m,) heights of the buildings [m].
    """
    parts, item = shapely.get_parts(np.asarray(geometries, dtype=object), return_index=True)
    solid = (shapely.get_type_id(parts) == shapely.GeometryType.POLYGON) & ~shapely.is_empty(parts)
    parts, item = parts[solid], item[solid]
    rings = shapely.get_exterior_ring(parts)
    lonlat, ring = shapely.get_coordinates(rings, return_index=True)
    ground = relief.at(lonlat[:, 0], lonlat[:, 1]).astype(np.float64)
    count = np.bincount(ring, minlength=len(parts))
    mean = np.bincount(ring, ground, minlength=len(parts)) / count
    lowest = np.full(len(parts), np.inf)
    np.minimum.at(lowest, ring, ground)
    return Blocks(parts, item.astype(np.int64), lowest, mean + np.asarray(heights)[item])


def building_mesh(relief: Relief, blocks: Blocks, guessed: Bools) -> Mesh:
    """All buildings as one mesh; walls lit by the sun's direction, darker at their foot.

    Parameters
    ----------
    relief
        Heights of the ground.
    blocks
        The buildings; at least one.
    guessed
        (n,) blocks to be drawn in grey.
    """
    tone = (np.arange(len(blocks.item)) * 2654435761 >> 7) % len(TONES)
    tone[guessed] = len(TONES)
    roofs = _roofs(relief, blocks, tone)
    walls = _walls(relief, blocks, tone)
    shift = np.uint32(len(roofs[0]))
    return Mesh(
        positions=np.concatenate([roofs[0], walls[0]]),
        uv=np.concatenate([roofs[1], walls[1]]),
        triangles=np.concatenate([roofs[2], walls[2] + shift]),
        picture=_palette(),
        mipmap=False,
    )


def _palette() -> bytes:
    """Light from 0 to 1 along the picture, one band for each tone."""
    light = (np.arange(256) / 255.0)[None, :, None]
    warm = np.concatenate([light**1.06, light, light**0.90], axis=2)
    tones = np.concatenate([TONES, GREY])
    bands = np.repeat(tones[:, None, :] * warm, 8, axis=0)
    file = io.BytesIO()
    Image.fromarray(bands.astype(np.uint8), "RGB").save(file, "PNG")
    return file.getvalue()


def _place(tone: Ints, light: Floats) -> Floats32:
    """Place in the palette of vertices of given tones with given light."""
    u = (np.clip(light, 0.0, 1.0) * 255.0 + 0.5) / 256.0
    return np.stack([u, (tone + 0.5) / (len(TONES) + 1)], axis=1).astype(np.float32)


def _roofs(
    relief: Relief, blocks: Blocks, tone: Ints
) -> tuple[Floats32, Floats32, NDArray[np.uint32]]:
    pieces = shapely.constrained_delaunay_triangles(blocks.polygons)
    triangles, block = shapely.get_parts(pieces, return_index=True)
    lonlat = shapely.get_coordinates(triangles).reshape(-1, 4, 2)[:, :3].reshape(-1, 2)
    owner = np.repeat(block, 3)
    x, y = relief.frame.offsets(lonlat[:, 0], lonlat[:, 1])
    positions = np.stack([x, y, blocks.roof[owner]], axis=1).astype(np.float32)
    uv = _place(tone[owner], np.full(len(owner), ROOF_LIGHT))
    return positions, uv, np.arange(len(owner), dtype=np.uint32).reshape(-1, 3)


def _walls(
    relief: Relief, blocks: Blocks, tone: Ints
) -> tuple[Floats32, Floats32, NDArray[np.uint32]]:
    """One rectangle for each side of each footprint."""
    turned = shapely.orient_polygons(blocks.polygons)
    rings, owner_of_ring = shapely.get_rings(turned, return_index=True)
    lonlat, ring = shapely.get_coordinates(rings, return_index=True)
    x, y = relief.frame.offsets(lonlat[:, 0], lonlat[:, 1])
    side = np.flatnonzero(ring[1:] == ring[:-1])
    owner = owner_of_ring[ring[side]]
    east, north = x[side + 1] - x[side], y[side + 1] - y[side]
    length = np.maximum(np.hypot(east, north), 1e-6)
    lx, ly, _ = sun()
    facing = (north * lx - east * ly) / length / np.hypot(lx, ly)
    light = 0.74 + 0.13 * facing + 0.07 * np.clip(facing, 0.0, None)
    corners = np.stack([side, side + 1, side + 1, side], axis=1)
    z = np.stack([blocks.foot[owner] - SINK] * 2 + [blocks.roof[owner]] * 2, axis=1)
    positions = np.stack([x[corners], y[corners], z], axis=-1).reshape(-1, 3)
    shade = np.stack([light * FOOT_LIGHT] * 2 + [light] * 2, axis=1).ravel()
    uv = _place(np.repeat(tone[owner], 4), shade)
    first = np.arange(len(side), dtype=np.uint32)[:, None] * np.uint32(4)
    two = np.array([[0, 1, 2, 0, 2, 3]], dtype=np.uint32)
    return positions.astype(np.float32), uv, (first + two).reshape(-1, 3)
