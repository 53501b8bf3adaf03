"""Fire that travels to a cell from a neighbour, or across the edge between two."""

import numpy as np
from numba import njit

from citytwin.arrays import Floats, Floats32
from citytwin.hazards.fire.ellipse import slowness, travel
from citytwin.hazards.fire.front.edge import bends, earliest
from citytwin.hazards.fire.front.state import (
    ACROSS_X,
    ACROSS_Y,
    BED,
    GONE_X,
    GONE_Y,
    SLOW,
    STAMP,
    TIME,
)  # fmt: skip


@njit(cache=True, nogil=True, error_model="numpy")
def measure(
    cells: Floats, rise: Floats32, c: int, beds: Floats, level: Floats, blows: Floats
) -> None:
    """Compute slowness and covector of a cell in this wind."""
    cells[c, STAMP] = blows[2]
    bed = int(cells[c, BED])
    gx, gy = float(rise[c, 0]), float(rise[c, 1])
    s, wx, wy = level[bed, 0], level[bed, 1], level[bed, 2]
    if gx != 0.0 or gy != 0.0:
        s, wx, wy = slowness(beds[bed], blows[0], blows[1], gx, gy, blows[3] > 0.0)
    cells[c, SLOW], cells[c, ACROSS_X], cells[c, ACROSS_Y] = s, wx, wy


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def straight(cells: Floats, rise: Floats32, p: int, x: int, vx: float, vy: float) -> float:
    """Time to travel straight from p to x by the vector v, half in each [s]."""
    s = 0.5 * (cells[x, SLOW] + cells[p, SLOW])
    wx = 0.5 * (cells[x, ACROSS_X] + cells[p, ACROSS_X])
    wy = 0.5 * (cells[x, ACROSS_Y] + cells[p, ACROSS_Y])
    gx, gy = 0.5 * (rise[x, 0] + rise[p, 0]), 0.5 * (rise[x, 1] + rise[p, 1])
    return travel(s, wx, wy, gx, gy, vx, vy)


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def across(
    cells: Floats,
    rise: Floats32,
    p: int,
    q: int,
    x: int,
    vx: float,
    vy: float,
    ex: float,
    ey: float,
) -> tuple[float, float, float]:
    """Earliest arrival at x across the edge from p to q, and the vector by which it comes.

    Half of the way lies in x, half in the nearer of p and q. The vectors v, from p to x, and e, from
    p to q, are in metres.
    """
    chord = cells[q, TIME] - cells[p, TIME]
    first = cells[p, GONE_X] * ex + cells[p, GONE_Y] * ey - chord
    last = cells[q, GONE_X] * ex + cells[q, GONE_Y] * ey - chord
    first, last = bends(first, last)
    near = p
    place, late = 0.0, 0.0
    for attempt in range(2):
        s = 0.5 * (cells[x, SLOW] + cells[near, SLOW])
        wx = 0.5 * (cells[x, ACROSS_X] + cells[near, ACROSS_X])
        wy = 0.5 * (cells[x, ACROSS_Y] + cells[near, ACROSS_Y])
        gx = 0.5 * (rise[x, 0] + rise[near, 0])
        gy = 0.5 * (rise[x, 1] + rise[near, 1])
        lift_v, lift_e = gx * vx + gy * vy, gx * ex + gy * ey
        place, late = earliest(
            chord,
            first,
            last,
            s,
            wx * ex + wy * ey,
            vx * vx + vy * vy + lift_v * lift_v,
            vx * ex + vy * ey + lift_v * lift_e,
            ex * ex + ey * ey + lift_e * lift_e,
        )
        late -= wx * vx + wy * vy
        if attempt == 1 or place <= 0.5 or cells[p, SLOW] == cells[q, SLOW]:
            break
        near = q
    if near == q or first > 0.0:
        # Between fuels, or where fires meet, the best place on the edge may be its start.
        ahead = straight(cells, rise, p, x, vx, vy)
        if ahead < late:
            late, place = ahead, 0.0
    return cells[p, TIME] + late, vx - place * ex, vy - place * ey


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def arrive(cells: Floats, rise: Floats32, x: int, time: float, vx: float, vy: float) -> None:
    """Write an arrival by a vector, and the gradient that belongs to it."""
    gx, gy = rise[x, 0], rise[x, 1]
    lift = gx * vx + gy * vy
    per = cells[x, SLOW] / np.sqrt(vx * vx + vy * vy + lift * lift)
    cells[x, TIME] = time
    cells[x, GONE_X] = per * (vx + gx * lift) - cells[x, ACROSS_X]
    cells[x, GONE_Y] = per * (vy + gy * lift) - cells[x, ACROSS_Y]
