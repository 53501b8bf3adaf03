"""Embers: thrown by fires, carried downwind, fallen on roofs and plants until one catches.

What falls is followed as an expected deposit on square bins. Chance is in the receiver: it ignites when
the deposit, against what ignites it, reaches an exponential random number of its own. So neither the
order of things nor the length of the steps matters.
"""

import math
from typing import Any

import numpy as np
from numba import njit

from citytwin.arrays import Floats, Ints
from citytwin.hazards.fire.houses.tables import coefficients

#: Side of the bins [m].
BIN = 8.0
#: Standard deviations at which flights are cut: one end along the wind, both ends across.
_FAR, _WIDE = 2.33, 2.58
_GRAVITY = 9.81


class Embers:
    """Deposit of embers over a city, against what ignites wood.

    Parameters
    ----------
    x, y
        Places that the bins have to hold [m].

    Attributes
    ----------
    fallen
        (rows, cols) sum over time of the deposit over the one that ignites wood in that wind [1].
    mass
        Mass that fell on the bins [kg].
    """

    def __init__(self, x: Floats, y: Floats) -> None:
        self._x, self._y = float(x.min()) - BIN, float(y.min()) - BIN
        rows = int((y.max() - self._y) / BIN) + 2
        cols = int((x.max() - self._x) / BIN) + 2
        self.fallen = np.zeros((rows, cols))
        self.mass = 0.0

    def at(self, x: Floats, y: Floats) -> tuple[Ints, Ints]:
        """Row and column of the bins of places; places outside go to the nearest bin."""
        rows, cols = self.fallen.shape
        row = np.clip((y - self._y) / BIN, 0, rows - 1).astype(np.int64)
        return row, np.clip((x - self._x) / BIN, 0, cols - 1).astype(np.int64)

    def fall(self, thrown: Floats, wind: Floats) -> None:
        """Let embers fall.

        Parameters
        ----------
        thrown
            (m, 7) place [m] and mass [kg] of each fire, mean and standard deviation of the logarithm
            of the flight [m], standard deviation across the wind, and where flights begin [m].
        wind
            (3,) speed [m/s], and east and north of where the air goes.
        """
        critical = critical_deposit(wind[0])
        if thrown.size and wind[0] > 0.0 and math.isfinite(critical):
            place = np.array([self._x, self._y, BIN])
            self.mass += _fall(thrown, wind, critical, place, self.fallen)

    def save(self) -> dict[str, Any]:
        """All that they need to go on later to the same bit."""
        return {"fallen": self.fallen.copy(), "mass": self.mass}

    def restore(self, kept: dict[str, Any]) -> None:
        """Go on from what ``save`` gave."""
        self.fallen, self.mass = kept["fallen"], kept["mass"]


def critical_deposit(wind: float) -> float:
    """Deposit of embers that ignites wood in a wind at 10 m [kg/m²]; infinite where none does."""
    names = coefficients()
    near = names["ember_near_ground"] * wind
    slow, fast = near - names["ember_low"], names["ember_high"] - near
    return names["ember_critical"] / (slow * fast) if fast > 0.0 else math.inf


def from_buildings(x: Floats, y: Floats, area: Floats, heat: Floats, wind: float) -> Floats:
    """Embers of burning buildings, as ``Embers.fall`` takes them.

    Parameters
    ----------
    x, y, area
        (m,) centre [m] and area of the outline [m²].
    heat
        (m, 2) heat released since the last fall [J], and heat release now [W].
    wind
        Speed [m/s].

    Source: Himoto & Tanaka 2008, Fire Safety J. 43, 477-494, doi:10.1016/j.firesaf.2007.12.008.
    """
    names = coefficients()
    side = np.sqrt(area)
    air = names["air_density"] * names["air_heat"] * names["air_temperature"]
    number = (
        wind / np.sqrt(_GRAVITY * side)
        * (names["ember_density"] * names["ember_size"] / (names["air_density"] * side)) ** -0.75
        * np.sqrt(heat[:, 1] / (air * math.sqrt(_GRAVITY) * side**2.5))
    )  # fmt: skip
    number = np.maximum(number, 1e-6)
    mean = names["ember_mean"] * number ** (2.0 / 3.0)
    wide = np.log1p((names["ember_spread"] * number ** (1.0 / 3.0) / mean) ** 2)
    mass = names["ember_rate"] * names["ember_mass"] * heat[:, 0] / 1e6
    return np.stack(
        [x, y, mass, np.log(mean * side) - wide / 2.0, np.sqrt(wide),
         names["ember_across"] * side, side / 2.0],
        axis=1,
    )  # fmt: skip


def from_plants(x: Floats, y: Floats, intensity: Floats, heat: Floats, wind: float) -> Floats:
    """Embers of burning plants, as ``Embers.fall`` takes them.

    Parameters
    ----------
    x, y
        (m,) centres of the cells [m].
    intensity
        (m,) fireline intensity [W/m].
    heat
        (m,) heat that the cells release [J].
    wind
        Speed [m/s].

    Source: Sardoy et al. 2008, Combust. Flame 154, 478-488.
    """
    names = coefficients()
    line = np.maximum(intensity / 1e6, 1e-6)
    air = names["air_density"] * names["air_heat"] * names["air_temperature"]
    length = (line * 1e6 / (air * math.sqrt(_GRAVITY))) ** (2.0 / 3.0)
    slow = wind <= np.sqrt(_GRAVITY * length)
    mean = np.where(slow, _sardoy("slow_mean", line, wind), _sardoy("fast_mean", line, wind))
    wide = np.where(slow, _sardoy("slow_spread", line, wind), _sardoy("fast_spread", line, wind))
    mass = names["ember_rate_plants"] * names["ember_mass"] * heat / 1e6
    mass = np.where(intensity < names["ember_least_intensity"] * 1e3, 0.0, mass)
    across = names["ember_across"] * length
    zero = np.zeros(line.size)
    return np.stack([x, y, mass, mean, np.maximum(wide, 0.1), across, zero], axis=1)


def _sardoy(which: str, line: Floats, wind: float) -> Floats:
    factor, power, speed, rest = (
        coefficients()[f"sardoy_{which}{end}"] for end in ("", "_i", "_v", "_0")
    )
    return np.asarray(factor * line**power * max(wind, 1e-6) ** speed + rest)


@njit(cache=True, nogil=True)
def _fall(thrown: Floats, wind: Floats, critical: float, place: Floats, fallen: Floats) -> float:
    """Let each fire's embers fall on the bins downwind of it; gives the mass that found one [kg]."""
    rows, cols = fallen.shape
    side, total = place[2], 0.0
    box = np.zeros(4, np.int64)
    for i in range(thrown.shape[0]):
        if thrown[i, 2] <= 0.0:
            continue
        _box(thrown[i], wind, place, box)
        share = np.zeros((box[1] - box[0], box[3] - box[2]))
        whole = _share(thrown[i], wind, place, box, share)
        if whole <= 0.0:
            continue
        for row in range(max(box[0], 0), min(box[1], rows)):
            for col in range(max(box[2], 0), min(box[3], cols)):
                part = thrown[i, 2] / whole * share[row - box[0], col - box[2]]
                fallen[row, col] += part / (side * side * critical)
                total += part
    return total


@njit(cache=True, nogil=True)
def _box(fire: Floats, wind: Floats, place: Floats, box: Ints) -> None:
    """First and last rows and columns of the bins that a fire's embers can reach."""
    far = fire[6] + math.exp(fire[3] + _FAR * fire[4])
    half = _WIDE * max(fire[5], 0.5 * place[2])
    low_x, high_x, low_y, high_y = math.inf, -math.inf, math.inf, -math.inf
    for k in range(4):
        along = fire[6] if k < 2 else far
        off = half if k % 2 else -half
        x = fire[0] + along * wind[1] - off * wind[2]
        y = fire[1] + along * wind[2] + off * wind[1]
        low_x, high_x = min(low_x, x), max(high_x, x)
        low_y, high_y = min(low_y, y), max(high_y, y)
    box[0] = math.floor((low_y - place[1]) / place[2])
    box[1] = math.floor((high_y - place[1]) / place[2]) + 1
    box[2] = math.floor((low_x - place[0]) / place[2])
    box[3] = math.floor((high_x - place[0]) / place[2]) + 1


@njit(cache=True, nogil=True)
def _share(fire: Floats, wind: Floats, place: Floats, box: Ints, share: Floats) -> float:
    """Density of a fire's embers at the middles of the bins, not yet scaled; gives its sum."""
    side, across, whole = place[2], max(fire[5], 0.5 * place[2]), 0.0
    for row in range(box[0], box[1]):
        for col in range(box[2], box[3]):
            east = place[0] + (col + 0.5) * side - fire[0]
            north = place[1] + (row + 0.5) * side - fire[1]
            along = east * wind[1] + north * wind[2] - fire[6]
            off = (north * wind[1] - east * wind[2]) / across
            if along <= 0.0 or abs(off) > _WIDE:
                continue
            log = (math.log(along) - fire[3]) / fire[4]
            if log > _FAR:
                continue
            value = math.exp(-0.5 * (log * log + off * off)) / along
            share[row - box[0], col - box[2]] = value
            whole += value
    return whole
