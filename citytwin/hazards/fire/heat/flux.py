"""Radiant heat on people in the open, from burning buildings and from a front through plants.

Heat comes from several sides at once, and a person has one front. So each source of flux E in the
direction d gives a surface that faces f the part E max(d·f, 0), and the flux that counts is the
greatest over sixteen ways to face, or the strongest source alone faced straight. As all view factors
together are 1 at most, none is more than what flames radiate.
"""

import math

import numpy as np
from numba import njit

from citytwin.arrays import Bools, Floats, Ints
from citytwin.hazards.fire.heat.places import EYE, NEAREST, at, hidden
from citytwin.hazards.fire.houses.radiation import flame, quickening
from citytwin.hazards.fire.houses.views import view

_WAYS = 16
#: (16, 2) directions that a person may face.
FACES = np.stack(
    [
        np.cos(2.0 * np.pi * np.arange(_WAYS) / _WAYS),
        np.sin(2.0 * np.pi * np.arange(_WAYS) / _WAYS),
    ],
    axis=1,
)


@njit(cache=True, nogil=True)
def _add(sums: Floats, faces: Floats, east: float, north: float, flux: float) -> None:
    """Add a source to the sums by the way that a person faces."""
    for k in range(faces.shape[0]):
        part = east * faces[k, 0] + north * faces[k, 1]
        sums[k] += flux * max(part, 0.0)


@njit(cache=True, nogil=True)
def from_buildings(
    active: Ints,
    first: Ints,
    count: Ints,
    cell: Ints,
    shape: Floats,
    progress: Floats,
    house: Floats,
    wind: Floats,
    gain: float,
    law: Floats,
    faces: Floats,
    slot: Ints,
    most: Floats,
) -> None:
    """Heat of all burning buildings on the places that see them.

    Parameters
    ----------
    active
        (m,) burning buildings, rising.
    first, count, cell, shape
        As of ``sight.Sight``.
    progress, house, law
        As of ``states.Houses`` and ``radiation.expose``.
    wind
        (3,) speed [m/s], east and north of where the air goes, of length 1.
    gain
        Mean over all directions of how much faster than in still air fires grow.
    faces
        ``FACES``.
    slot
        (n,) work space, −1 everywhere; left so.
    most
        (n,) greatest flux so far [kW/m²]; raised where this one is greater.
    """
    touched, seen = np.empty(most.size, np.int64), 0
    for i in active:
        for k in range(first[i], first[i] + count[i]):
            if slot[cell[k]] < 0:
                slot[cell[k]] = seen
                touched[seen] = cell[k]
                seen += 1
    sums, best = np.zeros((seen, faces.shape[0])), np.zeros(seen)
    for i in active:
        height, left = house[i, 0], house[i, 5] * house[i, 6]
        length, upright, tilt = flame(house[i, 4], house[i, 1], wind[0], law[1], law[2], law[3])
        top = height + length * upright
        for k in range(first[i], first[i] + count[i]):
            # From the building to the place.
            cosine = -(shape[k, 1] * wind[1] + shape[k, 2] * wind[2])
            grown = progress[i] * quickening(wind[0], cosine, law[0]) / gain
            near = max(shape[k, 0] - length * tilt * max(cosine, 0.0), NEAREST)
            sheet = view(shape[k, 3], shape[k, 4], height - EYE, top - EYE, near)
            flux = min(grown, 1.0) ** 2 * left * (house[i, 3] * shape[k, 5] + law[4] * sheet)
            s = slot[cell[k]]
            best[s] = max(best[s], flux)
            _add(sums[s], faces, shape[k, 1], shape[k, 2], flux)
    for s in range(seen):
        c = touched[s]
        slot[c] = -1
        most[c] = max(most[c], min(max(best[s], sums[s].max()), law[4]))


@njit(cache=True, nogil=True)
def panel(length: float, width: float, away: float, emission: float) -> float:
    """Heat of the flames of one cell on somebody who faces them [kW/m²].

    Parameters
    ----------
    length
        Of the flames [m]; they stand upright.
    width
        Of the cell [m].
    away
        Distance from the cell's edge [m].
    emission
        What the flames radiate [kW/m²].
    """
    eye = min(EYE, 0.5 * length)
    half = 0.5 * width
    return emission * view(-half, half, -eye, length - eye, max(away, NEAREST))


@njit(cache=True, nogil=True)
def from_plants(
    fresh: Ints,
    length: Floats,
    width: Floats,
    emission: float,
    row: Ints,
    col: Ints,
    window: Ints,
    disc: Ints,
    centres: tuple[Floats, Floats],
    x: Floats,
    y: Floats,
    covered: Bools,
    first: Ints,
    building: Ints,
    corner: Floats,
    part: Ints,
    faces: Floats,
    slot: Ints,
    most: Floats,
) -> None:
    """Heat of all plants that flame at once on the places near those newly reached.

    Parameters
    ----------
    fresh
        (m,) cells that the front has just reached.
    length
        (n,) length of the flames [m]; 0 where nothing flames now.
    width
        (n,) width of the cells [m].
    emission
        What the flames radiate [kW/m²].
    row, col, window
        Place of each cell in the window, and (rows, cols) cell at each place or −1.
    disc
        (d, 2) steps in rows and columns to all cells near enough, the cell itself first.
    centres
        (n,) centres of the cells [m].
    x, y, covered, first, building, corner, part
        As of ``places.Places``.
    faces, slot, most
        As of ``from_buildings``.
    """
    sums, line = np.zeros(faces.shape[0]), np.zeros(4)
    touched, seen = np.empty(fresh.size * disc.shape[0], np.int64), 0
    for one in fresh:
        for j in range(disc.shape[0]):
            t = at(window, row[one] + disc[j, 0], col[one] + disc[j, 1])
            if t < 0 or slot[t] >= 0 or covered[t]:
                continue
            slot[t] = 0
            touched[seen] = t
            seen += 1
    for s in range(seen):
        t = touched[s]
        slot[t] = -1
        sums[:] = 0.0
        best = 0.0
        for j in range(disc.shape[0]):
            c = at(window, row[t] + disc[j, 0], col[t] + disc[j, 1])
            if c < 0 or length[c] <= 0.0:
                continue
            dx, dy = centres[0][c] - x[t], centres[1][c] - y[t]
            away = math.sqrt(dx * dx + dy * dy)
            gap = away - 0.5 * width[c]
            flux = panel(length[c], width[c], gap, emission)
            if c == t or gap <= 0.0:
                # In the fire itself: on every side.
                sums += flux
                best = max(best, flux)
                continue
            line[0], line[1] = x[t], y[t]
            line[2], line[3] = x[t] + dx * gap / away, y[t] + dy * gap / away
            if hidden(
                line, t, first, building, corner, part, row, col, window, disc, centres, width[t]
            ):
                continue
            best = max(best, flux)
            _add(sums, faces, dx / away, dy / away, flux)
        most[t] = max(most[t], min(max(best, sums.max()), emission))
