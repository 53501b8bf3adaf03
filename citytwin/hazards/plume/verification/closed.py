"""Closed forms: the Gaussian plume and puff, a lid, and what settles."""

from itertools import product
from math import erf

import numpy as np

from citytwin.arrays import Floats
from citytwin.hazards.cases import Law, Measured
from citytwin.hazards.plume.dispersion import CLASSES
from citytwin.hazards.plume.exposure import LOAD, Breathing
from citytwin.hazards.plume.instants import instants
from citytwin.hazards.plume.sources import at_once
from citytwin.hazards.plume.verification.scene import (
    NO_LID,
    air_by,
    at_points,
    long_one,
    release,
    sky_of,
)

#: Briggs 1973, written out a second time, apart from the table: σ = a x (1 + b x)^p.
_ACROSS = {
    "open": {c: (a, 1e-4, -0.5) for c, a in zip(CLASSES, (.22, .16, .11, .08, .06, .04), strict=True)},
    "urban": {c: (a, 4e-4, -0.5) for c, a in zip(CLASSES, (.32, .32, .22, .16, .11, .11), strict=True)},
}  # fmt: skip
_UPWARD = {
    "open": {
        "A": (0.2, 0.0, 0.0), "B": (0.12, 0.0, 0.0), "C": (0.08, 2e-4, -0.5),
        "D": (0.06, 1.5e-3, -0.5), "E": (0.03, 3e-4, -1.0), "F": (0.016, 3e-4, -1.0),
    },
    "urban": {
        "A": (0.24, 1e-3, 0.5), "B": (0.24, 1e-3, 0.5), "C": (0.2, 0.0, 0.0),
        "D": (0.14, 3e-4, -0.5), "E": (0.08, 1.5e-3, -0.5), "F": (0.08, 1.5e-3, -0.5),
    },
}  # fmt: skip
#: Height at which people breathe [m].
_LOW = 1.5
_SPEED = 4.0


def widths(surroundings: str, letter: str, x: Floats) -> tuple[Floats, Floats]:
    """Widths across and upward after a distance [m], by Briggs."""
    found = []
    for table in (_ACROSS, _UPWARD):
        a, b, p = table[surroundings][letter]
        found.append(a * x * (1.0 + b * x) ** p)
    return found[0], found[1]


def upward_share(height: float, width: Floats, lid: float) -> Floats:
    """Share of the mass in a metre of height at 1.5 m [1/m].

    The series of cosines between ground and lid, or without a lid the source and its image.
    """
    if lid >= NO_LID:
        off = (np.exp(-0.5 * ((_LOW + s * height) / width) ** 2) for s in (-1.0, 1.0))
        return np.asarray(sum(off) / (np.sqrt(2.0 * np.pi) * width))
    total = np.ones(width.shape)
    for k in range(1, 400):
        wave = k * np.pi / lid
        fade = np.exp(-0.5 * (wave * width) ** 2)
        total += 2.0 * np.cos(wave * _LOW) * np.cos(wave * height) * fade
    return np.asarray(total / lid)


def plume_error(surroundings: str, lid: float) -> Measured:
    """Largest relative error against the Gaussian plume, over classes, heights, distances and sides.

    Points to two widths beside the middle where the concentration is at least a thousandth of the
    greatest at that distance, as a plume far above the ground gives none there.
    """
    worst, points = 0.0, 0
    for letter, height in product(CLASSES, (1.0, 20.0, 60.0)):
        sky = sky_of(letter, surroundings, lid)
        air, speed = air_by(sky, _SPEED, height, 20_000.0)
        source = long_one(air, height, 2.0, 20_000.0)
        x = np.geomspace(40.0, 10_000.0, 23)
        across, upward = widths(surroundings, letter, x)
        share = upward_share(height, upward, lid)
        for side in (0.0, 0.5, 1.0, -1.5, 2.0):
            expected = 2.0 / speed * share / (np.sqrt(2.0 * np.pi) * across)
            most = 2.0 / speed / (2.0 * np.pi * across * upward)
            some = expected > 1e-3 * most
            expected = expected * np.exp(-0.5 * side**2)
            found = at_points(source, 20_000.0, x, side * across)
            error = np.abs(found / np.maximum(expected, 1e-300) - 1.0)[some]
            worst, points = max(worst, float(error.max(initial=0.0))), points + int(some.sum())
    return Measured(worst, (Law("fewer points than 500", 500.0 - points, 0.0),))


def puff_error() -> Measured:
    """Largest error against the Gaussian puff, relative to its middle, over classes and times."""
    worst = 0.0
    for letter, time in product(CLASSES, (30.0, 200.0, 1500.0)):
        air, speed = air_by(sky_of(letter, "open", NO_LID), _SPEED, 10.0, 4000.0)
        source = release(air, 10.0, at_once(100.0, 0.0))
        way = speed * time
        across, upward = (float(v) for v in widths("open", letter, np.array(way)))
        side = np.linspace(-3.0, 3.0, 13)
        x, y = (v.ravel() for v in np.meshgrid(way + side * across, side * across))
        share = float(upward_share(10.0, np.array(upward), NO_LID))
        middle = 100.0 * share / (2.0 * np.pi * across**2)
        expected = middle * np.exp(-0.5 * ((x - way) ** 2 + y**2) / across**2)
        error = np.abs(at_points(source, time, x, y) - expected).max() / middle
        worst = max(worst, float(error))
    return Measured(worst)


def passing_error() -> Measured:
    """Toxic load of a puff that passes, in the steps of a run, against a fine integral: relative.

    On the axis at 60 m to 1.2 km, with an exponent of 2, classes B and F.
    """
    worst = 0.0
    x = np.geomspace(60.0, 1200.0, 12)
    for letter in "BF":
        air, speed = air_by(sky_of(letter, "open", NO_LID), _SPEED, 2.0, 1200.0)
        source = release(air, 2.0, at_once(100.0, 60.0))
        people = Breathing(x.size, 2.0, 0.0, 1.0, 1.0)
        for time in instants((source,), np.array([0.0, 1200.0])):
            people.go_on(at_points(source, float(time), x, np.zeros(x.size)), float(time))
        way = np.linspace(0.5, speed * 1140.0, 200_001)
        across, upward = widths("open", letter, way)
        middle = 100.0 * upward_share(2.0, upward, NO_LID) / (2.0 * np.pi * across**2)
        for k, place in enumerate(x):
            passing = (middle * np.exp(-0.5 * ((way - place) / across) ** 2)) ** 2
            expected = float(passing.sum()) * (way[1] - way[0]) / speed
            worst = max(worst, abs(people.state[LOAD, k] / expected - 1.0))
    return Measured(worst)


def mixed_error() -> Measured:
    """Far away under a lid: q / (√(2π) σ_y u L), whatever the height of the release."""
    worst = 0.0
    for height in (1.0, 150.0):
        air, speed = air_by(sky_of("B", "open", 300.0), _SPEED, height, 40_000.0)
        source = long_one(air, height, 2.0, 40_000.0)
        x = np.array([5000.0, 10_000.0, 20_000.0])
        across, _ = widths("open", "B", x)
        expected = 2.0 / (np.sqrt(2.0 * np.pi) * across * speed * 300.0)
        found = at_points(source, 40_000.0, x, np.zeros(3))
        worst = max(worst, float(np.abs(found / expected - 1.0).max()))
    return Measured(worst)


def front_error() -> Measured:
    """A release that has just begun: the front is the plume's own width along the wind.

    Against ½ (1 + erf((u t − x) / √2 σ)) times the steady plume, σ the width at the front, relative to
    the steady plume at the front.
    """
    letter, time = "D", 400.0
    air, speed = air_by(sky_of(letter, "open", NO_LID), _SPEED, 1.0, 4000.0)
    source = long_one(air, 1.0, 2.0, 4000.0)
    front = speed * time
    across, upward = (float(v) for v in widths("open", letter, np.array(front)))
    x = front + across * np.linspace(-3.0, 3.0, 13)
    wide, high = widths("open", letter, x)
    steady = 2.0 / speed * upward_share(1.0, high, NO_LID) / (np.sqrt(2.0 * np.pi) * wide)
    part = np.array([0.5 * (1.0 + erf((front - v) / (np.sqrt(2.0) * across))) for v in x])
    scale = 2.0 / speed / (np.pi * across * upward)
    found = at_points(source, time, x, np.zeros(x.size))
    return Measured(float(np.abs(found - part * steady).max()) / scale)
