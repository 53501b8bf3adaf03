"""Shapes of fires that are known: ellipse, circle, slope, a wind that turns."""

import numpy as np

from citytwin.arrays import Floats
from citytwin.grid.lattice import Lattice
from citytwin.hazards.cases import Law, Measured
from citytwin.hazards.fire.ellipse import spread
from citytwin.hazards.fire.front import Front, Spread
from citytwin.hazards.fire.verification.scene import MODERATE, Plane, level_bed, plane
from citytwin.hazards.wind import Wind, wind_of

#: Moderate load, dry climate grass.
GRASS = 104
_ENOUGH = 1e7
#: Nearer to the ignition a step of the lattice is too much of the way [cells].
_NEAR = 5.0


def lit(grid: Plane, wind: Wind, elevation: Floats | None = None, until: float = _ENOUGH) -> Front:
    """Fire in even grass from the middle of a window."""
    found = Spread(np.array(MODERATE), elevation)
    front = Front(grid, np.full(len(grid), GRASS), found, wind, end=until)
    front.ignite(np.array([grid.middle]), np.array([0.0]))
    front.advance(until)
    return front


def ellipse_time(grid: Plane, speed: float, from_deg: float, rise: tuple[float, float]) -> Floats:
    """(n,) time from the middle by the polar form R (1 − e) / (1 − e cos φ) of the ellipse [s].

    Directions and lengths are those on the ground.
    """
    row = np.array(level_bed(GRASS).row())
    wind = wind_of(speed, from_deg, ())
    rate, e, head_x, head_y = spread(row, wind.east[0], wind.north[0], *rise, limited=True)
    way = np.stack([grid.x, grid.y, grid.x * rise[0] + grid.y * rise[1]])
    head = np.array([head_x, head_y, head_x * rise[0] + head_y * rise[1]])
    length = np.sqrt((way**2).sum(axis=0))
    return np.asarray((length - e * (head @ way)) / (rate * (1.0 - e)))


def length_to_width(speed: float) -> float:
    """Length to width of the ellipse of even grass on level ground."""
    _, e, _, _ = spread(np.array(level_bed(GRASS).row()), speed, 0.0, 0.0, 0.0, limited=True)
    return float(1.0 / np.sqrt(1.0 - e * e))


def errors(
    lattice: Lattice, speed: float, from_deg: float, reach: int = 100
) -> tuple[Floats, Floats]:
    """Direction from the ignition [radians] and relative error of the arrival there, of each cell."""
    grid = plane(lattice, 2 * reach + 1, 2 * reach + 1)
    front = lit(grid, wind_of(speed, from_deg, ()))
    far = np.hypot(grid.x, grid.y) > _NEAR * lattice.lengths.mean()
    exact = ellipse_time(grid, speed, from_deg, (0.0, 0.0))
    return np.arctan2(grid.y, grid.x)[far], front.arrival[far] / exact[far] - 1.0


def ellipse(lattice: Lattice, speed: float, winds_deg: tuple[float, ...]) -> Measured:
    """Greatest relative error of the arrival in any direction, for winds from several directions."""
    worst = max(float(np.abs(errors(lattice, speed, deg)[1]).max()) for deg in winds_deg)
    return Measured(worst, (Law("1 over length to width", 1.0 / length_to_width(speed), 0.25),))


def circle(lattice: Lattice) -> Measured:
    """Greatest relative error of the arrival in still air."""
    return Measured(float(np.abs(errors(lattice, 0.0, 0.0)[1]).max()))


def slope(lattice: Lattice, speed: float, from_deg: float, rise: tuple[float, float]) -> Measured:
    """Error of the arrival on a plane that rises, in any direction."""
    grid = plane(lattice, 201, 201)
    front = lit(grid, wind_of(speed, from_deg, ()), grid.x * rise[0] + grid.y * rise[1])
    inside = (np.minimum(grid.row, grid.col) > 0) & (np.maximum(grid.row, grid.col) < 200)
    far = inside & (np.hypot(grid.x, grid.y) > _NEAR * lattice.lengths.mean())
    exact = ellipse_time(grid, speed, from_deg, rise)
    return Measured(float(np.abs(front.arrival[far] / exact[far] - 1.0).max()))


def wavelets(wind: tuple[float, float], duration: float, count: int = 1500) -> Floats:
    """(count, 2) points that fire from the origin reaches in a steady wind [m]."""
    row = np.array(level_bed(GRASS).row())
    rate, e, head_x, head_y = spread(row, wind[0], wind[1], 0.0, 0.0, limited=True)
    angle = np.linspace(0.0, 2.0 * np.pi, count, endpoint=False)
    out = rate * (1.0 - e) / (1.0 - e * np.cos(angle)) * duration
    heading = angle + np.arctan2(head_y, head_x)
    return np.stack([out * np.cos(heading), out * np.sin(heading)], axis=1)


def turning(lattice: Lattice, speed: float, by_deg: float) -> Measured:
    """Distance between the front and Huygens's, where the wind turns after 25 minutes [cells].

    Each of the 1500 points of the first front is the origin of an ellipse of the second wind;
    their envelope is convex, and so is found from its reach in 720 directions.
    """
    hours, deg = 1500.0 / 3600.0, 250.0
    rows = ((0.0, speed, deg), (hours, speed, deg), (hours + 1e-9, speed, deg + by_deg))
    wind = wind_of(0.0, 0.0, rows)
    half = hours * 3600.0
    grid = plane(lattice, 241, 241)
    front = lit(grid, wind, until=2.0 * half)
    angle = np.linspace(0.0, 2.0 * np.pi, 720, endpoint=False)
    normals = np.stack([np.cos(angle), np.sin(angle)])
    parts = [wavelets(wind.at(t), half) @ normals for t in (0.0, 2.0 * half)]
    reach = parts[0].max(axis=0) + parts[1].max(axis=0)
    burnt = np.isfinite(front.arrival)
    x, y = grid.x, grid.y
    depth = np.full(len(grid), np.inf)
    for far, (east, north) in zip(reach, normals.T, strict=True):
        np.minimum(depth, far - east * x - north * y, out=depth)
    off = max(float(-depth[burnt].min()), float(depth[~burnt].max()), 0.0)
    edge = (grid.row % 240 == 0) | (grid.col % 240 == 0)
    return Measured(
        off / float(lattice.lengths.mean()),
        (Law("burnt cells at the edge of the window", float((burnt & edge).sum()), 0.0),),
    )
