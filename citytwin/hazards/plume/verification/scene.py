"""Where a case plays: releases in a simple wind, points, and lattices of hexagons."""

from typing import Any

import numpy as np

from citytwin.arrays import Floats
from citytwin.grid.lattice import Lattice, regular_lattice
from citytwin.hazards.plume.air import Air, Puffing, Sky
from citytwin.hazards.plume.carrying import air_of
from citytwin.hazards.plume.chain import Release, at_moment
from citytwin.hazards.plume.field import Elements, Field, make_field
from citytwin.hazards.plume.simulation import column_of
from citytwin.hazards.plume.sources import Emission, steady
from citytwin.hazards.plume.stability import stability_of
from citytwin.hazards.wind import WindRows, wind_of

#: A mixing height that no plume reaches [m].
NO_LID = 1e6


def sky_of(letters: str, surroundings: str, lid: float, starts: tuple[float, ...] = (0.0,)) -> Sky:
    """Classes one after the other, from given times [s]."""
    found = tuple(stability_of(letter, surroundings) for letter in letters)
    return Sky(np.array(starts), found, np.full(len(found), lid), surroundings)


def air_by(
    sky: Sky, speed: float, height: float, end: float, rows: WindRows = ()
) -> tuple[Air, float]:
    """Air whose wind where it leaves is a speed [m/s] from the west, or as by rows; and that speed."""
    air = air_of(wind_of(speed, 270.0, rows), sky, height, end)
    return air, air.speed(0.0)


def release(
    air: Air, height: float, emission: Emission, *, across: float = 0.0, **more: Any
) -> Release:
    """Release at the origin."""
    puff = Puffing(**{"height": height, "across": across, "upward": across} | more)
    return Release("case", 0.0, 0.0, air, puff, emission)


def long_one(air: Air, height: float, rate: float, end: float, **more: Any) -> Release:
    """Continuous release of a rate [kg/s] through the whole run."""
    return release(air, height, steady(rate, 0.0, end), **more)


def probe(x: Floats, y: Floats) -> Field:
    """Points [m], as cells too small to count."""
    count = np.size(x)
    rows = np.arange(count + 1)
    nothing = np.zeros(count, np.int64)
    place = np.asarray(x, float), np.asarray(y, float)
    return make_field(*place, nothing, rows, np.arange(count), regular_lattice(1e-3))


def at_points(source: Release, time: float, x: Floats, y: Floats) -> Floats:
    """(m,) concentration at points [kg/m³] at a time [s]."""
    points = probe(x, y)
    return points.concentration(points.in_reach(at_moment(source, time).elements))


def columns_of(source: Release, time: float) -> Elements:
    """Elements of the mass over a square metre."""
    return column_of(at_moment(source, time))


def lattice_field(lattice: Lattice, low: tuple[float, float], high: tuple[float, float]) -> Field:
    """Field of the cells of a lattice whose centres lie in a box [m]."""
    corners = np.array([[a, b] for a in (low[0], high[0]) for b in (low[1], high[1])])
    steps = np.stack([lattice.vectors[1], lattice.vectors[0]], axis=1)
    places = np.linalg.solve(steps, corners.T)
    rows = np.arange(int(places[0].min()) - 1, int(places[0].max()) + 2)
    cols = np.arange(int(places[1].min()) - 1, int(places[1].max()) + 2)
    row, col = np.repeat(rows, cols.size), np.tile(cols, rows.size)
    x, y = steps @ np.stack([row, col])
    inside = (x >= low[0]) & (x <= high[0]) & (y >= low[1]) & (y <= high[1])
    x, y, row, col = x[inside], y[inside], row[inside], col[inside]
    first = np.searchsorted(row, np.append(rows, rows[-1] + 1))
    return make_field(x, y, col - col.min(), first.astype(np.int64), np.arange(x.size), lattice)
