"""Paints the ground of the model: parks, streets, water, and the light on them."""

import io
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import shapely
from PIL import Image, ImageChops, ImageDraw

from citytwin.arrays import Floats, Floats32
from scene.frame import Frame
from scene.relief import cast_shadow, hillshade, hollows

Colour = tuple[int, int, int]

PAPER: Colour = (243, 238, 228)
WATER: Colour = (142, 180, 201)
FOOTPRINT: Colour = (212, 205, 192)
PAVEMENT: Colour = (236, 231, 221)
STREET: Colour = (255, 254, 251)
FOOTPATH: Colour = (250, 247, 239)
BASE: Colour = (201, 190, 172)
COVER: dict[str, Colour] = {
    "crop": (229, 230, 204),
    "grass": (224, 228, 199),
    "park": (208, 219, 181),
    "cemetery": (212, 219, 190),
    "scrub": (209, 214, 178),
    "wood": (176, 199, 158),
    "pitch": (192, 211, 167),
    "sand": (243, 232, 203),
    "rock": (222, 214, 202),
    "school": (240, 230, 211),
    "hospital": (240, 226, 215),
    "parking": (228, 225, 218),
}
STREET_WIDTH = {
    "motorway": 16.0,
    "motorway_link": 8.0,
    "trunk": 15.0,
    "primary": 14.0,
    "secondary": 13.0,
    "tertiary": 11.5,
    "link": 8.0,
    "street": 10.0,
    "street_limited": 8.0,
    "pedestrian": 5.0,
    "service": 4.5,
    "driveway": 3.0,
    "track": 3.0,
    "path": 2.2,
}
UNPAVED = ("path", "track", "service", "driveway", "pedestrian")
FLAT_LIGHT = 0.93
GREYED = 0.8  # how grey the ground is where all of it is assumed
HATCH = 16  # width of the hatching's repeat [pixels]


class Canvas:
    """A picture of the frame, drawn at twice its size so that edges come out smooth.

    Parameters
    ----------
    frame
        Box of the map.
    shape
        Rows and columns of the finished picture.
    """

    def __init__(self, frame: Frame, shape: tuple[int, int]) -> None:
        self._frame = frame
        self._size = (shape[1] * 2, shape[0] * 2)
        self._image = Image.new("RGB", self._size, PAPER)
        self._draw = ImageDraw.Draw(self._image)

    def polygons(self, geometries: Iterable[Any], colour: Colour) -> None:
        """Fill polygons (longitude and latitude) with a colour; holes stay as they were."""
        holed = []
        for polygon in _polygons(geometries):
            if len(polygon.interiors):
                holed.append(polygon)
            else:
                self._draw.polygon(self._ring(polygon.exterior), fill=colour)
        if holed:
            mask = Image.new("L", self._size, 0)
            draw = ImageDraw.Draw(mask)
            for polygon in holed:
                draw.polygon(self._ring(polygon.exterior), fill=255)
                for hole in polygon.interiors:
                    draw.polygon(self._ring(hole), fill=0)
            self._image.paste(colour, mask=mask)

    def lines(self, geometries: Sequence[Any], widths: Sequence[float], colour: Colour) -> None:
        """Draw lines (longitude and latitude) with widths [m], round at their ends."""
        per_metre = self._size[0] / self._frame.size[0]
        for geometry, width in zip(geometries, widths, strict=True):
            thick = max(1, round(width * per_metre))
            for line in getattr(geometry, "geoms", [geometry]):
                points = self._ring(line)
                self._draw.line(points, fill=colour, width=thick, joint="curve")
                for x, y in (points[0], points[-1]):
                    r = thick / 2.0
                    self._draw.ellipse((x - r, y - r, x + r, y + r), fill=colour)

    def finish(self, light: Floats32) -> bytes:
        """The picture times the light (rows, cols), 1 the brightest, as a JPEG file."""
        cool = np.stack([light**1.08, light, light**0.88], axis=-1)
        rays = Image.fromarray((np.clip(cool, 0.0, 1.0) * 255.0).astype(np.uint8), "RGB")
        half = (self._size[0] // 2, self._size[1] // 2)
        if rays.size != half:
            rays = rays.resize(half, Image.Resampling.BILINEAR)
        picture = ImageChops.multiply(self._image.reduce(2), rays)
        file = io.BytesIO()
        picture.save(file, "JPEG", quality=86)
        return file.getvalue()

    def _ring(self, line: Any) -> list[tuple[float, float]]:
        lonlat = shapely.get_coordinates(line)
        u, v = self._frame.share(lonlat[:, 0], lonlat[:, 1])
        xy = np.stack([u * self._size[0], v * self._size[1]], axis=1)
        return [(float(x), float(y)) for x, y in xy]


def grey_out(picture: bytes, share: Floats) -> bytes:
    """A picture without its colours, darker and hatched, where it rests on assumption.

    Parameters
    ----------
    picture
        JPEG file.
    share
        (rows, cols) share that is assumed, 0 to 1; stretched over the picture.
    """
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    mask = Image.fromarray((np.clip(share, 0.0, 1.0) * GREYED * 255.0).astype(np.uint8), "L")
    hatch = np.add.outer(np.arange(HATCH), np.arange(HATCH)) % HATCH < HATCH // 4
    stripe = Image.fromarray(np.where(hatch, 125, 190).astype(np.uint8), "L")
    lines = Image.new("L", image.size)
    for left in range(0, image.width, HATCH):
        lines.paste(stripe, (left, 0))
    band = lines.crop((0, 0, image.width, HATCH))
    for top in range(HATCH, image.height, HATCH):
        lines.paste(band, (0, top))
    dull = ImageChops.multiply(image.convert("L"), lines).convert("RGB")
    image.paste(dull, mask=mask.resize(image.size, Image.Resampling.NEAREST))
    file = io.BytesIO()
    image.save(file, "JPEG", quality=86)
    return file.getvalue()


def raise_buildings(
    frame: Frame, shape: tuple[int, int], polygons: Sequence[Any], heights: Sequence[float]
) -> Floats32:
    """(rows, cols) height of buildings above the ground [m], 0 in the open."""
    image = Image.new("F", (shape[1], shape[0]), 0)
    draw = ImageDraw.Draw(image)
    for at in np.argsort(np.asarray(heights)):
        for polygon in _polygons([polygons[int(at)]]):
            lonlat = shapely.get_coordinates(polygon.exterior)
            u, v = frame.share(lonlat[:, 0], lonlat[:, 1])
            ring = [(float(x), float(y)) for x, y in zip(u * shape[1], v * shape[0], strict=True)]
            draw.polygon(ring, fill=float(heights[int(at)]))
    return np.asarray(image, dtype=np.float32)


def light_on(ground: Floats32, buildings: Floats32, pixel: float) -> Floats32:
    """Light on the ground, 0 to 1: slope, shadows of houses and hills, narrow places darker.

    Parameters
    ----------
    ground
        (rows, cols) height of the ground [m].
    buildings
        (rows, cols) height of buildings above it [m].
    pixel
        Side of a pixel [m].
    """
    surface = ground + buildings
    shade = hillshade(ground, pixel)
    shadow = cast_shadow(ground, surface, pixel, reach=90.0)
    closed = hollows(ground, surface, pixel)
    bright = np.clip(0.42 + 0.58 * shade, 0.45, 1.08) * FLAT_LIGHT
    lit = bright * (1.0 - 0.34 * shadow) * (1.0 - 0.30 * closed)
    return np.asarray(np.clip(lit, 0.0, 1.0), dtype=np.float32)


def _polygons(geometries: Iterable[Any]) -> Iterable[Any]:
    for geometry in geometries:
        for part in getattr(geometry, "geoms", [geometry]):
            if part.geom_type == "Polygon" and not part.is_empty:
                yield part
