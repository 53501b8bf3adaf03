"""Radiant heat on people in the open, from burning buildings and from a front through plants.

Heat comes from several sides at once, and a person has one front. So each source of flux E in the
direction d gives a surface that faces f the part E max(d·f, 0), and the flux that counts is the
greatest over sixteen ways to face, or the strongest source alone faced straight.
"""

import math

import numpy as np
from numba import njit

from citytwin.arrays import Bools, Floats, Ints
from citytwin.hazards.fire.heat.places import EYE, NEAREST, hides
from citytwin.hazards.fire.houses.radiation import flame, quickening
from citytwin.hazards.fire.houses.states import BURNING
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
        if part > 0.0:
            sums[k] += flux * part


@njit(cache=True, nogil=True)
def flames_of(active: Ints, house: Floats, wind: float, law: Floats, flames: Floats) -> None:
    """Length, cosine and sine of the tilt of the flames of burning buildings, by ``radiation.flame``."""
    for i in active:
        flames[i, 0], flames[i, 1], flames[i, 2] = flame(
            house[i, 4], house[i, 1], wind, law[1], law[2], law[3]
        )


@njit(cache=True, nogil=True)
def from_buildings(
    first: Ints,
    building: Ints,
    shape: Floats,
    seen: Bools,
    state: Ints,
    progress: Floats,
    house: Floats,
    flames: Floats,
    wind: Floats,
    gain: float,
    law: Floats,
    faces: Floats,
    most: Floats,
) -> None:
    """Heat of all burning buildings on the place of each cell.

    Parameters
    ----------
    first, building, shape, seen
        As of ``places.Places``.
    state, progress, house, law
        As of ``states.Houses`` and ``radiation.expose``.
    flames
        (b, 3) from ``flames_of``.
    wind
        (3,) speed [m/s], east and north of where the air goes, of length 1.
    gain
        Mean over all directions of how much faster than in still air fires grow.
    faces
        ``FACES``.
    most
        (n,) greatest flux so far [kW/m²]; raised where this one is greater.
    """
    sums = np.zeros(faces.shape[0])
    for c in range(first.size - 1):
        best = 0.0
        for k in range(first[c], first[c + 1]):
            i = building[k]
            if state[i] != BURNING or not seen[k]:
                continue
            # From the building to the place.
            cosine = -(shape[k, 1] * wind[1] + shape[k, 2] * wind[2])
            grown = progress[i] * quickening(wind[0], cosine, law[0]) / gain
            share = min(grown, 1.0) ** 2 * house[i, 5] * house[i, 6]
            height = house[i, 0]
            top = height + flames[i, 0] * flames[i, 1]
            near = max(shape[k, 0] - flames[i, 0] * flames[i, 2] * max(cosine, 0.0), NEAREST)
            sheet = view(shape[k, 3], shape[k, 4], height - EYE, top - EYE, near)
            flux = share * (house[i, 3] * shape[k, 5] + law[4] * sheet)
            if best == 0.0:
                sums[:] = 0.0
            best = max(best, flux)
            _add(sums, faces, shape[k, 1], shape[k, 2], flux)
        if best > 0.0:
            most[c] = max(most[c], best, sums.max())


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
    lit: Ints,
    flame_length: Floats,
    width: Floats,
    emission: float,
    row: Ints,
    col: Ints,
    window: Ints,
    disc: Ints,
    cells: tuple[Floats, Floats],
    x: Floats,
    y: Floats,
    covered: Bools,
    first: Ints,
    building: Ints,
    shape: Floats,
    corner: Floats,
    part: Ints,
    faces: Floats,
    most: Floats,
) -> None:
    """Heat of all plants that flame at once on the place of each cell near them.

    Parameters
    ----------
    lit
        (m,) cells that flame, rising.
    flame_length
        (n,) length of the flames [m]; 0 where nothing flames now.
    width
        (n,) width of the cells [m].
    emission
        What the flames radiate [kW/m²].
    row, col, window
        Place of each cell in the window, and (rows, cols) cell at each place or −1.
    disc
        (d, 2) steps in rows and columns to all cells near enough, the cell itself first.
    cells
        Centres of the cells [m].
    x, y, covered, first, building, shape, corner, part
        As of ``places.Places``.
    faces
        ``FACES``.
    most
        (n,) greatest flux so far [kW/m²]; raised where this one is greater.
    """
    done = np.zeros(x.size, np.bool_)
    for one in lit:
        for j in range(disc.shape[0]):
            t = _at(window, row[one] + disc[j, 0], col[one] + disc[j, 1])
            if t < 0 or done[t] or covered[t]:
                continue
            done[t] = True
            sums = np.zeros(faces.shape[0])
            best = 0.0
            for m in range(disc.shape[0]):
                c = _at(window, row[t] + disc[m, 0], col[t] + disc[m, 1])
                if c < 0 or flame_length[c] <= 0.0:
                    continue
                dx, dy = cells[0][c] - x[t], cells[1][c] - y[t]
                away = math.sqrt(dx * dx + dy * dy)
                gap = away - 0.5 * width[c]
                flux = panel(flame_length[c], width[c], gap, emission)
                if c == t or gap <= 0.0:
                    # In the fire itself: on every side.
                    sums += flux
                    best = max(best, flux)
                    continue
                far_x, far_y = x[t] + dx * gap / away, y[t] + dy * gap / away
                if hides(first, building, shape, corner, part, t, x[t], y[t], far_x, far_y, gap):
                    continue
                best = max(best, flux)
                _add(sums, faces, dx / away, dy / away, flux)
            most[t] = max(most[t], best, sums.max())


@njit(cache=True, nogil=True)
def _at(window: Ints, row: int, col: int) -> int:
    """Cell at a place of the window, −1 where there is none."""
    if row < 0 or col < 0 or row >= window.shape[0] or col >= window.shape[1]:
        return -1
    return int(window[row, col])
