"""How far a building sways: the capacity-spectrum method of Hazus (chapter 5).

The curve of what the structure can bear (straight to the yield point, an ellipse to the ultimate point,
then flat) is cut with the spectrum of the shaking, lowered for the damping that the structure gains as
it degrades.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from citytwin.arrays import Floats, Ints
from citytwin.hazards.earthquake.bssa14 import GRAVITY
from citytwin.impact.hazus.fragility import damage_by_drift
from citytwin.impact.hazus.tables import LEVELS, filled, types
from citytwin.tables import number, read_rows, table_path

_INCH = 0.0254
_COLUMNS = ("yield_in", "yield_g", "ultimate_in", "ultimate_g", "modal_height_in", "damping",
            "kappa_short", "kappa_moderate", "kappa_long")  # fmt: skip
#: Magnitude up to which shaking counts as short, and from which on as long (Hazus 5.1, below Table
#: 5-33, as SimCenter's program reads it).
_SHORT, _LONG = 5.5, 7.5
#: Least and greatest displacement that is looked for [m]; halvings of the range between.
_LEAST, _GREATEST, _HALVINGS = 1e-5, 20.0, 50


@dataclass(frozen=True, eq=False)
class Capacity:
    """Capacity of buildings in SI: (b,) displacements [m], accelerations [m/s²], shares [1]."""

    yield_at: Floats
    yield_strength: Floats
    ultimate_at: Floats
    ultimate_strength: Floats
    modal_height: Floats
    damping: Floats
    kappa: Floats

    def strength(self, displacement: Floats) -> Floats:
        """(b,) acceleration that the structures bear at a displacement [m/s²]."""
        stiffness = self.yield_strength / self.yield_at
        gain, run = self.ultimate_strength - self.yield_strength, self.ultimate_at - self.yield_at
        # The ellipse leaves the straight line without a corner and ends flat.
        part = 1.0 / (stiffness * run / gain - 1.0)
        height = gain / (1.0 - part)
        inside = np.clip((self.ultimate_at - displacement) / run, 0.0, 1.0)
        bent = self.ultimate_strength - height * (
            1.0 - np.sqrt(np.maximum(1.0 - inside**2 * (1.0 - part**2), 0.0))
        )
        return np.where(displacement <= self.yield_at, stiffness * displacement, bent)


@lru_cache(maxsize=4)
def _table() -> Floats:
    """(c, l, 9) numbers of the table by type and level; where a level is missing, the nearest below."""
    path = table_path("hazus_capacity.csv")
    found = np.full((len(types()), len(LEVELS), len(_COLUMNS)), np.nan)
    for row in read_rows(path, ("class", "level", *_COLUMNS, "verified")):
        values = [number(row, name, path) for name in _COLUMNS]
        found[types()[row["class"]], LEVELS.index(row["level"])] = values
    return filled(found)


def capacity_of(structure: Ints, level: Ints, magnitude: float) -> Capacity:
    """Capacity of buildings, degraded by shaking as long as the magnitude lets expect."""
    rows = _table()[structure, level]
    kappa = rows[:, 6] if magnitude <= _SHORT else rows[:, 7] if magnitude < _LONG else rows[:, 8]
    return Capacity(
        rows[:, 0] * _INCH, rows[:, 1] * GRAVITY, rows[:, 2] * _INCH, rows[:, 3] * GRAVITY,
        rows[:, 4] * _INCH, rows[:, 5], kappa,
    )  # fmt: skip


def _demand(sa03: Floats, sa10: Floats, period: Floats, damping: Floats, corner: float) -> Floats:
    """Spectral acceleration of the shaking at periods [s], with a damping [1]."""
    percent = np.log(100.0 * damping)
    short = sa03 * (3.21 - 0.68 * percent) / 2.12
    long = sa10 * (2.31 - 0.41 * percent) / 1.65
    falling = np.where(period <= corner, long / period, long * corner / period**2)
    return np.minimum(short, falling)


def displacements(sa03: Floats, sa10: Floats, capacity: Capacity, magnitude: float) -> Floats:
    """(b,) spectral displacement at which capacity and demand meet [m].

    Parameters
    ----------
    sa03, sa10
        (b,) spectral acceleration at 0.3 and at 1 s, 5 % damped [m/s²].
    capacity
        Capacity of the buildings.
    magnitude
        Moment magnitude: the longest periods fall off beyond 10^((M − 5) / 2) s.
    """
    corner = 10.0 ** ((magnitude - 5.0) / 2.0)
    low = np.full(sa03.size, np.log(_LEAST))
    high = np.full(sa03.size, np.log(_GREATEST))
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        at = np.exp(middle)
        strength = capacity.strength(at)
        elastic = strength * capacity.yield_at / capacity.yield_strength
        # Area of the hysteresis loop, 4 A (D − elastic part), over 2 π D A.
        loop = 2.0 / np.pi * np.maximum(1.0 - elastic / at, 0.0)
        damping = capacity.damping + capacity.kappa * loop
        period = 2.0 * np.pi * np.sqrt(at / strength)
        more = _demand(sa03, sa10, period, damping, corner) > strength
        low, high = np.where(more, middle, low), np.where(more, high, middle)
    return np.asarray(np.exp(0.5 * (low + high)))


def damage_by_spectrum(
    sa03: Floats, sa10: Floats, structure: Ints, level: Ints, magnitude: float
) -> Floats:
    """(b, 5) probability of each damage state by the capacity-spectrum method.

    Parameters
    ----------
    sa03, sa10
        (b,) spectral acceleration at 0.3 and at 1 s, 5 % damped [m/s²].
    structure, level
        (b,) structural type and level of design.
    magnitude
        Moment magnitude of the earthquake.
    """
    capacity = capacity_of(structure, level, magnitude)
    sway = displacements(sa03, sa10, capacity, magnitude)
    return damage_by_drift(sway / capacity.modal_height, structure, level)
