"""The ground of the model: a mesh of the terrain with the painted map on it, on a plinth."""

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import map_coordinates

from citytwin.arrays import Floats32
from scene.glb import Mesh
from scene.paint import BASE
from scene.relief import Relief

STRIP = 96  # rows added below the map for the colours of the plinth
PLINTH = 40.0  # depth of the plinth below the lowest ground [m]
SIDES = (0.97, 0.86, 0.78, 0.90)  # light on the north, east, south and west side


def ground_mesh(relief: Relief, picture: bytes, *, spacing: float) -> Mesh:
    """Terrain and plinth as one mesh.

    Parameters
    ----------
    relief
        Heights of the ground.
    picture
        Painted map of the same frame, JPEG.
    spacing
        Distance of the mesh's vertices [m].
    """
    painted, share = _with_strip(picture)
    top, uv = _surface(relief, spacing)
    rows, cols = top.shape[:2]
    uv[..., 1] *= share
    index = np.arange(rows * cols, dtype=np.uint32).reshape(rows, cols)
    corner = (index[:-1, :-1], index[:-1, 1:], index[1:, :-1], index[1:, 1:])
    a, b, c, d = (part.ravel() for part in corner)
    triangles = np.stack([np.stack([a, c, b], axis=1), np.stack([b, c, d], axis=1)], axis=1)
    side_positions, side_uv, side_triangles = _plinth(top, share)
    return Mesh(
        positions=np.concatenate([top.reshape(-1, 3), side_positions]),
        uv=np.concatenate([uv.reshape(-1, 2), side_uv]),
        triangles=np.concatenate(
            [triangles.reshape(-1, 3), side_triangles + np.uint32(index.size)]
        ),
        picture=painted,
    )


def _surface(relief: Relief, spacing: float) -> tuple[Floats32, Floats32]:
    """(rows, cols, 3) positions [m] and (rows, cols, 2) places in the picture."""
    width, height = relief.frame.size
    rows, cols = (count + 1 for count in relief.frame.shape(spacing))
    u, v = np.meshgrid(np.linspace(0.0, 1.0, cols), np.linspace(0.0, 1.0, rows))
    heights = _sample(relief.heights, u, v)
    positions = np.stack([(u - 0.5) * width, (0.5 - v) * height, heights], axis=-1)
    return positions.astype(np.float32), np.stack([u, v], axis=-1).astype(np.float32)


def _sample(heights: Floats32, u: NDArray[np.float64], v: NDArray[np.float64]) -> Floats32:
    rows, cols = heights.shape
    place = [v * rows - 0.5, u * cols - 0.5]
    return np.asarray(map_coordinates(heights, place, order=1, mode="nearest"), dtype=np.float32)


def _with_strip(picture: bytes) -> tuple[bytes, float]:
    """The picture with the plinth's colours below it, and the map's share of its height."""
    image = Image.open(io.BytesIO(picture))
    whole = Image.new("RGB", (image.width, image.height + STRIP))
    whole.paste(image, (0, 0))
    fade = np.linspace(1.0, 0.80, STRIP - 16)[:, None]
    sides = np.repeat(np.asarray(SIDES), image.width // len(SIDES))[None, :]
    light = np.concatenate([np.repeat(fade[:1], 16, axis=0), fade]) * sides
    colours = (light[..., None] * np.asarray(BASE)).astype(np.uint8)
    whole.paste(Image.fromarray(colours, "RGB"), (0, image.height))
    file = io.BytesIO()
    whole.save(file, "JPEG", quality=86)
    return file.getvalue(), image.height / whole.height


def _plinth(top: Floats32, share: float) -> tuple[Floats32, Floats32, NDArray[np.uint32]]:
    """Four walls from the edge of the terrain down to the table."""
    floor = float(top[..., 2].min()) - PLINTH
    edges = (top[0], top[:, -1], top[-1, ::-1], top[::-1, 0])
    positions, places, triangles = [], [], []
    start = 0
    for side, edge in enumerate(edges):
        foot = edge.copy()
        foot[:, 2] = floor
        n = len(edge)
        u = np.full(n, (side + 0.5) / len(SIDES), dtype=np.float32)
        v = np.float32(share) + np.float32(1.0 - share) * np.repeat(
            np.array([0.3, 0.97], np.float32), n
        )
        positions.append(np.concatenate([edge, foot]))
        places.append(np.stack([np.concatenate([u, u]), v], axis=1))
        i = np.arange(n - 1, dtype=np.uint32) + np.uint32(start)
        down = np.uint32(n)
        triangles.append(np.stack([i, i + 1, i + down], axis=1))
        triangles.append(np.stack([i + 1, i + down + 1, i + down], axis=1))
        start += 2 * n
    return np.concatenate(positions), np.concatenate(places), np.concatenate(triangles)
