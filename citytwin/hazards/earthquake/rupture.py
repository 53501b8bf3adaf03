"""The fault that breaks: a point or planes, from few numbers, and distances to it."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
from numba import prange

from citytwin.arrays import Floats
from citytwin.kernels.both import both
from citytwin.tables import number, read_rows, table_path

Mechanism = Literal["strike_slip", "normal", "reverse", "unspecified"]


@dataclass(frozen=True, eq=False)
class Rupture:
    """Parallelograms of a rupture in the city's plane; a point is one without sides.

    Attributes
    ----------
    corner
        (m, 3) one upper corner of each: easting, northing, depth [m].
    along
        (m, 3) its upper edge.
    down
        (m, 3) its side, down the dip.
    """

    corner: Floats
    along: Floats
    down: Floats

    @property
    def length(self) -> float:
        """Length of the upper edges together [m]."""
        return float(np.linalg.norm(self.along, axis=1).sum())

    @property
    def width(self) -> float:
        """Width down the dip [m]."""
        return float(np.linalg.norm(self.down[0]))

    @property
    def top(self) -> float:
        """Depth of the upper edge [m]."""
        return float(self.corner[:, 2].min())


@lru_cache(maxsize=4)
def _scaling() -> dict[tuple[str, str], tuple[float, float]]:
    path = table_path("rupture_scaling.csv")
    rows = read_rows(path, ("mechanism", "quantity", "a", "b", "verified"))
    return {
        (row["mechanism"], row["quantity"]): (number(row, "a", path), number(row, "b", path))
        for row in rows
    }


def size_of(magnitude: float, mechanism: Mechanism) -> tuple[float, float]:
    """Median length and width of a rupture [m]: Wells & Coppersmith 1994, table 2A."""
    both_sides = []
    for quantity in ("length", "width"):
        a, b = _scaling()[mechanism, quantity]
        both_sides.append(1e3 * 10.0 ** (a + b * magnitude))
    return both_sides[0], both_sides[1]


def point_rupture(x: float, y: float, depth: float) -> Rupture:
    """Rupture without extent: easting, northing and depth of its focus [m]."""
    none = np.zeros((1, 3))
    return Rupture(np.array([[x, y, depth]]), none, none)


def plane_rupture(
    middle: tuple[float, float, float],
    strike_deg: float,
    dip_deg: float,
    length: float,
    width: float,
) -> Rupture:
    """One rectangular plane about a focus in its middle.

    Parameters
    ----------
    middle
        Easting, northing and depth of the middle [m]; where the plane would stick out of the ground,
        it is moved down its dip until its upper edge lies at the surface.
    strike_deg
        Direction of the upper edge, clockwise from north [degrees]; the plane dips to its right.
    dip_deg
        Angle of the plane with the horizontal [degrees].
    length, width
        Sides along the strike and down the dip [m].
    """
    strike, dip = np.radians(strike_deg), np.radians(dip_deg)
    along = length * np.array([np.sin(strike), np.cos(strike), 0.0])
    slope = np.array([np.cos(strike) * np.cos(dip), -np.sin(strike) * np.cos(dip), np.sin(dip)])
    above = min(width / 2.0, middle[2] / np.sin(dip))
    corner = np.array(middle) - along / 2.0 - above * slope
    corner[2] = max(corner[2], 0.0)
    return Rupture(corner[None], along[None], (width * slope)[None])


def trace_rupture(x: Floats, y: Floats, top: float, dip_deg: float, width: float) -> Rupture:
    """Planes below a line, all dipping across the line from its first to its last point.

    Parameters
    ----------
    x, y
        (m + 1,) points of the upper edge in order [m]; the planes dip to the right of it.
    top
        Depth of the upper edge [m].
    dip_deg
        Angle with the horizontal [degrees].
    width
        Width down the dip [m].
    """
    dip = np.radians(dip_deg)
    run = np.array([x[-1] - x[0], y[-1] - y[0]])
    size = float(np.hypot(*run))
    run = run / size if size > 0.0 else np.array([0.0, 1.0])
    slope = np.array([run[1] * np.cos(dip), -run[0] * np.cos(dip), np.sin(dip)])
    corner = np.stack([x[:-1], y[:-1], np.full(x.size - 1, top)], axis=1)
    along = np.stack([np.diff(x), np.diff(y), np.zeros(x.size - 1)], axis=1)
    return Rupture(corner, along, np.broadcast_to(width * slope, along.shape).copy())


def _nearest(
    x: Floats, y: Floats, corner: Floats, along: Floats, down: Floats, keep: float, out: Floats
) -> None:
    """Distance to the nearest parallelogram; depths count ``keep`` times, 0 or 1."""
    for i in prange(x.size):
        best = np.inf
        for m in range(corner.shape[0]):
            ax, ay, az = along[m, 0], along[m, 1], keep * along[m, 2]
            bx, by, bz = down[m, 0], down[m, 1], keep * down[m, 2]
            px, py, pz = x[i] - corner[m, 0], y[i] - corner[m, 1], -keep * corner[m, 2]
            aa, bb = ax * ax + ay * ay + az * az, bx * bx + by * by + bz * bz
            ab = ax * bx + ay * by + az * bz
            pa, pb = px * ax + py * ay + pz * az, px * bx + py * by + pz * bz
            square = aa * bb - ab * ab
            inside = False
            if square > 1e-9 * aa * bb:
                s, t = (bb * pa - ab * pb) / square, (aa * pb - ab * pa) / square
                if 0.0 <= s <= 1.0 and 0.0 <= t <= 1.0:
                    inside = True
                    dx, dy, dz = px - s * ax - t * bx, py - s * ay - t * by, pz - s * az - t * bz
                    best = min(best, dx * dx + dy * dy + dz * dz)
            if not inside:
                for side in range(4):
                    # Upper and lower edge, then left and right side.
                    first = side < 2
                    shift = float(side % 2)
                    ox, oy, oz = (
                        (shift * bx, shift * by, shift * bz)
                        if first
                        else (shift * ax, shift * ay, shift * az)
                    )
                    ex, ey, ez = (ax, ay, az) if first else (bx, by, bz)
                    size = aa if first else bb
                    qx, qy, qz = px - ox, py - oy, pz - oz
                    t = (qx * ex + qy * ey + qz * ez) / size if size > 0.0 else 0.0
                    t = min(max(t, 0.0), 1.0)
                    dx, dy, dz = qx - t * ex, qy - t * ey, qz - t * ez
                    best = min(best, dx * dx + dy * dy + dz * dz)
        out[i] = np.sqrt(best)


_serial, _parallel = both(_nearest)


def distances(rupture: Rupture, x: Floats, y: Floats, *, flat: bool = True) -> Floats:
    """(n,) distance of points of the surface to a rupture [m].

    Parameters
    ----------
    rupture
        The rupture, in the same plane.
    x, y
        (n,) points [m].
    flat
        To its projection on the surface (Joyner and Boore); otherwise to the rupture itself.
    """
    out = np.empty(x.size)
    _parallel(x, y, rupture.corner, rupture.along, rupture.down, 0.0 if flat else 1.0, out)
    return out
