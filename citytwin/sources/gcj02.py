"""GCJ-02 and BD-09, the shifted coordinates of Chinese maps, to WGS 84 and back.

Neither has an official publication. The formulae are those that circulate publicly since about 2010
from reverse engineering; programs of several hands agree on them to the last digits, which the
tests show, but nobody outside can say that they are the law's own: *unverified*.

Where a place lies outside the rectangle of :data:`CHINA`, GCJ-02 is taken as WGS 84, the rule of
the public programs. The rectangle is wider than the country: it covers Korea, the Himalayan states
and most of South-East Asia, whose maps are not shifted, so only declare GCJ-02 where a map says so.

The way back solves the formulae by fixed-point steps until nothing moves. Round trips inside China
were measured to err by less than 1e-13 degrees, for GCJ-02 as for BD-09 (200,000 places); within
1e-9 degrees of the meridian of 105°, where the formulae have a kink, by less than 1e-11 degrees.
"""

from collections.abc import Callable

import numpy as np

from citytwin.arrays import Bools, Floats
from citytwin.errors import InputError

#: West, south, east, north [degrees] within which GCJ-02 differs from WGS 84.
CHINA = (72.004, 0.8293, 137.8347, 55.8271)
#: Krasovsky 1940: semi-major axis [m] and squared eccentricity, as the public programs have them.
SEMI_MAJOR_AXIS = 6_378_245.0
ECCENTRICITY_SQUARED = 0.00669342162296594323

#: Largest shift of GCJ-02 or BD-09 against WGS 84 [degrees], rounded up: 0.017 was seen.
LARGEST_SHIFT = 0.03

_STEPS = 30
_BD_TURN = np.pi * 3000.0 / 180.0


def wgs84_to_gcj02(points: Floats) -> Floats:
    """Longitude and latitude (n, 2) in WGS 84 to GCJ-02 [degrees]."""
    points = np.asarray(points, dtype=np.float64)
    return np.where(in_china(points)[:, None], points + _shift(points), points)


def gcj02_to_wgs84(points: Floats) -> Floats:
    """Longitude and latitude (n, 2) in GCJ-02 to WGS 84 [degrees].

    Raises
    ------
    InputError
        If the way back does not settle, which happens for no place inside China.
    """
    points = np.asarray(points, dtype=np.float64)
    back = _inverse(points, lambda guess: guess + _shift(guess), in_china(points))
    return np.where(in_china(points)[:, None], back, points)


def gcj02_to_bd09(points: Floats) -> Floats:
    """Longitude and latitude (n, 2) in GCJ-02 to BD-09 [degrees]."""
    points = np.asarray(points, dtype=np.float64)
    x, y = points[:, 0], points[:, 1]
    radius = np.hypot(x, y) + 2e-5 * np.sin(y * _BD_TURN)
    angle = np.arctan2(y, x) + 3e-6 * np.cos(x * _BD_TURN)
    return np.stack([radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006], axis=1)


def bd09_to_gcj02(points: Floats) -> Floats:
    """Longitude and latitude (n, 2) in BD-09 to GCJ-02 [degrees]."""
    points = np.asarray(points, dtype=np.float64)
    return _inverse(points, gcj02_to_bd09, np.ones(len(points), dtype=np.bool_))


def wgs84_to_bd09(points: Floats) -> Floats:
    """Longitude and latitude (n, 2) in WGS 84 to BD-09 [degrees]."""
    return gcj02_to_bd09(wgs84_to_gcj02(points))


def bd09_to_wgs84(points: Floats) -> Floats:
    """Longitude and latitude (n, 2) in BD-09 to WGS 84 [degrees]."""
    return gcj02_to_wgs84(bd09_to_gcj02(points))


def in_china(points: Floats) -> Bools:
    """Which of (n, 2) places lie in the rectangle where GCJ-02 is shifted."""
    west, south, east, north = CHINA
    lon, lat = points[:, 0], points[:, 1]
    return np.asarray((lon >= west) & (lon <= east) & (lat >= south) & (lat <= north))


def _shift(points: Floats) -> Floats:
    """GCJ-02 less WGS 84 (n, 2) [degrees]: waves in metres, turned into degrees there."""
    x, y = points[:, 0] - 105.0, points[:, 1] - 35.0
    root = np.sqrt(np.abs(x))
    ripple = 20.0 * np.sin(6.0 * np.pi * x) + 20.0 * np.sin(2.0 * np.pi * x)
    east = ripple + _waves(x, 20.0, 40.0, 150.0, 300.0)
    north = ripple + _waves(y, 20.0, 40.0, 160.0, 320.0)
    east = east * (2.0 / 3.0) + 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    north = north * (2.0 / 3.0) - 100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    latitude = np.radians(points[:, 1])
    flat = 1.0 - ECCENTRICITY_SQUARED * np.sin(latitude) ** 2
    meridian = SEMI_MAJOR_AXIS * (1.0 - ECCENTRICITY_SQUARED) / flat**1.5
    parallel = SEMI_MAJOR_AXIS / np.sqrt(flat) * np.cos(latitude)
    return np.stack([np.degrees(east / parallel), np.degrees(north / meridian)], axis=1)


def _waves(along: Floats, one: float, three: float, twelve: float, thirty: float) -> Floats:
    """Sum of sine waves of 2, 6, 24 and 60 degrees with these amplitudes [m]."""
    turn = np.pi * along
    total = one * np.sin(turn) + three * np.sin(turn / 3.0)
    return np.asarray(total + twelve * np.sin(turn / 12.0) + thirty * np.sin(turn / 30.0))


def _inverse(points: Floats, forward: Callable[[Floats], Floats], wanted: Bools) -> Floats:
    """Places whose image is ``points``: guess, see how far its image is off, correct, repeat."""
    guess = points.copy()
    for _ in range(_STEPS):
        miss = np.where(wanted[:, None] & np.isfinite(points), points - forward(guess), 0.0)
        guess = guess + miss
        if not len(points) or np.abs(miss).max() < 1e-13:
            return guess
    if np.abs(miss).max() < 1e-10:
        return guess
    raise InputError(
        "some places cannot be turned from the shifted Chinese coordinates: check that 'crs' is "
        "right for this file"
    )
