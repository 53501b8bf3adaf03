"""How a puff widens: Briggs's formulas by Pasquill class, and its profile between ground and lid."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from citytwin.arrays import Floats
from citytwin.hazards.plume.tables import doubtful, number, rows_of, table_path

#: Pasquill classes, from very unstable to stable.
CLASSES = ("A", "B", "C", "D", "E", "F")
_TABLE = "dispersion_coefficients.csv"
_COLUMNS = ("surroundings", "class", "axis", "a", "b", "p")
#: Distance that stands for "as far as one likes" [m].
_FAR = 1e9
#: Images of the source above the lid and below the ground, on each side.
_IMAGES = 4
#: Vertical width over the mixing height from which the layer counts as well mixed: the sum of the
#: images differs from that by less than 2 exp(−π² 1.2² / 2), 0.2 %.
WELL_MIXED = 1.2
#: Least vertical width [m].
_THIN = 0.02


@dataclass(frozen=True)
class Widening:
    """One width by distance: σ = a x (1 + b x)^p [m]."""

    a: float
    b: float
    p: float

    def width(self, distance: Floats) -> Floats:
        """Width after a distance from a point [m]."""
        return np.asarray(self.a * distance * (1.0 + self.b * distance) ** self.p)

    def distance(self, width: Floats) -> Floats:
        """Distance from the point that would give a width [m]; very far where no distance does."""
        if self.b == 0.0 or self.p == 0.0:
            return np.asarray(width / self.a)
        if self.p == -1.0:
            room = self.a - width * self.b
            return np.where(room > width / _FAR, width / np.maximum(room, width / _FAR), _FAR)
        if self.p == -0.5:
            half = width**2 * self.b / (2.0 * self.a**2)
            return np.asarray(half + np.sqrt(half**2 + (width / self.a) ** 2))
        return self._by_newton(width)

    def _by_newton(self, width: Floats) -> Floats:
        """For p = ½: (σ/a)² = x² (1 + b x), from the right, where it falls without a turn."""
        goal = (width / self.a) ** 2
        x = np.sqrt(goal)
        for _ in range(30):
            x = x - (x * x * (1.0 + self.b * x) - goal) / np.maximum(
                2.0 * x + 3.0 * self.b * x * x, 1e-30
            )
        return np.asarray(x)

    def grown(self, width: Floats, distance: Floats) -> Floats:
        """Width after a further distance, from where this class would have given the width so far."""
        further = self.width(np.minimum(self.distance(width) + distance, _FAR))
        return np.where(distance > 0.0, np.maximum(further, width), width)


@cache
def widening(surroundings: str, letter: str, axis: str) -> Widening:
    """Formula of a width.

    Parameters
    ----------
    surroundings
        ``open`` or ``urban``.
    letter
        Pasquill class.
    axis
        ``y`` across the wind, ``z`` upward.
    """
    path = table_path(_TABLE)
    (row,) = (
        row
        for row in rows_of(_TABLE, _COLUMNS)
        if (row["surroundings"], row["class"], row["axis"]) == (surroundings, letter, axis)
    )
    return Widening(*(number(row, name, path) for name in ("a", "b", "p")))


def unverified() -> bool:
    """True if a coefficient of the widths was not verified."""
    return doubtful(rows_of(_TABLE, _COLUMNS))


def vertical_share(height: float, centre: Floats, width: Floats, lid: Floats) -> Floats:
    """Share of a puff's mass in each metre of height, with reflection at the ground and at the lid.

    Parameters
    ----------
    height
        Where it is wanted [m].
    centre, width
        Height of the puff's centre and its vertical width [m], any shape.
    lid
        Mixing height [m].

    Returns
    -------
    Shares [1/m]; its integral from the ground to the lid is 1. Zero where the centre is above the lid.
    """
    width = np.maximum(width, _THIN)
    total = np.zeros(np.broadcast(centre, width, lid).shape)
    for image in range(-_IMAGES, _IMAGES + 1):
        for sign in (-1.0, 1.0):
            off = (height + sign * centre + 2.0 * image * lid) / width
            total += np.exp(-0.5 * off**2)
    spread = total / (np.sqrt(2.0 * np.pi) * width)
    mixed = np.where(width > WELL_MIXED * lid, 1.0 / lid, spread)
    return np.where(np.asarray(centre) <= lid, mixed, 0.0)
