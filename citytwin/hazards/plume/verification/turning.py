"""A wind that turns: against round puffs that are carried and added up one by one, and on a circle."""

import numpy as np

from citytwin.arrays import Floats
from citytwin.hazards.cases import Law, Measured
from citytwin.hazards.plume.sources import at_once
from citytwin.hazards.plume.verification.closed import upward_share, widths
from citytwin.hazards.plume.verification.scene import (
    NO_LID,
    air_by,
    at_points,
    long_one,
    release,
    sky_of,
)
from citytwin.hazards.wind import WindRows

#: Wind from the west that goes to the north within an hour, and fresher.
_ROWS = ((0.0, 3.0, 270.0), (0.5, 4.0, 300.0), (1.0, 5.0, 350.0))
#: Wind from the west that turns back after half an hour.
_BACK = ((0.0, 3.0, 270.0), (0.5, 3.0, 270.0), (0.5003, 3.0, 90.0), (1.0, 3.0, 90.0))
_PUFFS = 6000


def _carried(
    given: WindRows, time: float, count: int, factor: float
) -> tuple[Floats, Floats, Floats]:
    """Places of puffs released evenly until a time, and the way behind them [m]; own integration."""
    rows = np.array(given)
    angle = np.radians(rows[:, 2])
    at = rows[:, 0] * 3600.0
    steps = np.linspace(0.0, time, 20_001)
    east = np.interp(steps, at, -rows[:, 1] * np.sin(angle)) * factor
    north = np.interp(steps, at, -rows[:, 1] * np.cos(angle)) * factor
    part = np.diff(steps)[0]
    sums = [
        np.concatenate([[0.0], np.cumsum(0.5 * (v[1:] + v[:-1]) * part)])
        for v in (east, north, np.hypot(east, north))
    ]
    born = (np.arange(count) + 0.5) / count * time
    return tuple(v[-1] - np.interp(born, steps, v) for v in sums)


def turning_error(letter: str) -> Measured:
    """Largest difference from round puffs added up, relative to the greatest at that distance.

    Points on arcs of 200 to 4,000 m round the source.
    """
    return _off_puffs(letter, _ROWS, np.arange(-110.0, 30.0, 2.0), 4000.0, 0.04)


def reversing_error(letter: str) -> Measured:
    """The same where the wind turns back within a second, all round the source."""
    return _off_puffs(letter, _BACK, np.arange(-180.0, 180.0, 3.0), 2000.0, 0.1)


def _off_puffs(
    letter: str, given: WindRows, degrees: Floats, furthest: float, bound: float
) -> Measured:
    time, height, rate = 3600.0, 2.0, 1.0
    air, _ = air_by(sky_of(letter, "open", NO_LID), 3.0, height, time, given)
    source = long_one(air, height, rate, time)
    factor = 0.2 ** air.sky.classes[0].profile
    x, y, way = _carried(given, time, _PUFFS, factor)
    across, upward = widths("open", letter, way)
    mass = rate * time / _PUFFS * upward_share(height, upward, NO_LID) / (2.0 * np.pi * across**2)
    angle = np.radians(degrees)
    worst, most = 0.0, 0.0
    for distance in (d for d in (200.0, 500.0, 1000.0, 2000.0, 4000.0) if d <= furthest):
        px, py = distance * np.cos(angle), distance * np.sin(angle)
        off = (px[:, None] - x) ** 2 + (py[:, None] - y) ** 2
        expected = (mass * np.exp(-0.5 * off / across**2)).sum(axis=1)
        found = at_points(source, time, px, py)
        worst = max(worst, float(np.abs(found - expected).max() / expected.max()))
        most = max(most, float(np.abs(found.sum() / expected.sum() - 1.0)))
    return Measured(worst, (Law("sum over an arc, relative difference", most, bound),))


def circle_error() -> Measured:
    """A puff in a wind that turns evenly goes on a circle: error against it at points, relative."""
    speed, height, time = 4.0, 10.0, 1800.0
    turn = np.radians(0.05)
    rows = tuple(
        (t / 3600.0, speed, float(np.degrees(np.radians(270.0) - turn * t) % 360.0))
        for t in np.arange(0.0, time + 20.0, 20.0)
    )
    air, _ = air_by(sky_of("C", "open", NO_LID), speed, height, time, rows)
    source = release(air, height, at_once(10.0, 0.0))
    radius = speed / turn
    x, y = radius * np.sin(turn * time), radius * (1.0 - np.cos(turn * time))
    across, upward = (float(v) for v in widths("open", "C", np.array(speed * time)))
    side = across * np.linspace(-2.0, 2.0, 9)
    px, py = (v.ravel() for v in np.meshgrid(x + side, y + side))
    share = float(upward_share(height, np.array(upward), NO_LID))
    middle = 10.0 * share / (2.0 * np.pi * across**2)
    expected = middle * np.exp(-0.5 * ((px - x) ** 2 + (py - y) ** 2) / across**2)
    return Measured(float(np.abs(at_points(source, time, px, py) - expected).max()) / middle)


def turned_by_a_sixth() -> Measured:
    """A steady wind from another direction gives the same plume, turned: largest relative difference."""
    time = 3000.0
    found = []
    for degrees in (270.0, 30.0):
        air, _ = air_by(sky_of("D", "urban", 500.0), 3.0, 5.0, time, ((0.0, 3.0, degrees),))
        source = long_one(air, 5.0, 1.0, time)
        angle = np.radians(270.0 - degrees)
        x = np.geomspace(30.0, 6000.0, 40)
        y = 0.1 * x
        px, py = np.cos(angle) * x - np.sin(angle) * y, np.sin(angle) * x + np.cos(angle) * y
        found.append(at_points(source, time, px, py))
    return Measured(float(np.abs(found[1] / found[0] - 1.0).max()))


def no_jump() -> Measured:
    """Width of puffs when the class changes, against just before, and that it goes on growing."""
    worst, falls = 0.0, 0.0
    for letters in ("DF", "FA", "AD", "EB", "CE"):
        for kind in ("open", "urban"):
            sky = sky_of(letters, kind, NO_LID, (0.0, 900.0))
            air, _ = air_by(sky, 3.0, 10.0, 3600.0)
            born = np.linspace(0.0, 800.0, 40)
            before = air.spread(born, np.full(40, 900.0 - 1e-5), 0.5, 0.5)
            after = air.spread(born, np.full(40, 900.0 + 1e-5), 0.5, 0.5)
            later = air.spread(born, np.full(40, 1200.0), 0.5, 0.5)
            for name in ("across", "upward"):
                a, b, c = (getattr(found, name) for found in (before, after, later))
                worst = max(worst, float(np.abs(b / a - 1.0).max()))
                falls = max(falls, float((b - c).max()))
    return Measured(worst, (Law("a width that falls [m]", falls, 0.0),))
