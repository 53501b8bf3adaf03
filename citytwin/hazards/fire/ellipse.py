"""The ellipse of spread: how long fire takes to travel a way, in closed form.

Fire from a point in even fuel burns an ellipse that grows about the point as its rear focus. The time
to travel a vector v is then F(v) = s |v| − w·v: a slowness s without direction and a covector w that
wind and slope give. With eccentricity e and head rate R, s = 1 / (R (1 − e)) and w = e s along the
heading. On a slope lengths are those on the ground.
"""

import numpy as np
from numba import njit

from citytwin.arrays import Floats

#: Columns of a row of ``Bed.row``.
BED = (
    "rate",
    "wind_factor",
    "wind_power",
    "slope_factor",
    "wind_limit",
    "adjustment",
    "heat",
    "stay",
)
_LONGEST = 8.0


@njit(cache=True, nogil=True, error_model="numpy")
def eccentricity(wind: float) -> float:
    """Eccentricity of the ellipse in an effective wind at midflame height [m/s].

    Length to width of Anderson 1983 as in Finney 1998 (RMRS-RP-4), at most 8.
    """
    longer = 0.936 * np.exp(0.2566 * wind) + 0.461 * np.exp(-0.1548 * wind) - 0.397
    longer = min(max(longer, 1.0), _LONGEST)
    return float(np.sqrt(longer * longer - 1.0) / longer)


@njit(cache=True, nogil=True, error_model="numpy")
def spread(
    bed: Floats,
    east: float,
    north: float,
    rise_x: float,
    rise_y: float,
    limited: bool,  # noqa: FBT001
) -> tuple[float, float, float, float]:
    """Head of a fire.

    Parameters
    ----------
    bed
        Row of ``Bed.row``.
    east, north
        Wind at 10 m [m/s], where the air goes to.
    rise_x, rise_y
        Gradient of the ground.
    limited
        Whether the effective wind is limited by the reaction intensity.

    Returns
    -------
    Head rate along the ground [m/s], eccentricity, and the horizontal part of the unit vector along
    the ground to which it heads.
    """
    u, v = bed[5] * east, bed[5] * north
    lift = rise_x * u + rise_y * v
    speed = np.sqrt(u * u + v * v + lift * lift)
    steep = rise_x * rise_x + rise_y * rise_y
    px, py = 0.0, 0.0
    if speed > 0.0:
        push = bed[1] * speed ** bed[2] / speed
        px, py = push * u, push * v
    if steep > 0.0:
        push = bed[3] * steep / np.sqrt(steep * (1.0 + steep))
        px, py = px + push * rise_x, py + push * rise_y
    pz = rise_x * px + rise_y * py
    more = np.sqrt(px * px + py * py + pz * pz)
    if more <= 0.0:
        return bed[0], 0.0, 0.0, 0.0
    head_x, head_y = px / more, py / more
    wind = (more / bed[1]) ** (1.0 / bed[2])
    if limited and wind > bed[4]:
        wind = bed[4]
        more = bed[1] * wind ** bed[2]
    return bed[0] * (1.0 + more), eccentricity(wind), head_x, head_y


@njit(cache=True, nogil=True, error_model="numpy")
def slowness(
    bed: Floats,
    east: float,
    north: float,
    rise_x: float,
    rise_y: float,
    limited: bool,  # noqa: FBT001
) -> tuple[float, float, float]:
    """Slowness s [s/m] and covector w [s/m] of the time to travel; arguments as of ``spread``."""
    rate, e, head_x, head_y = spread(bed, east, north, rise_x, rise_y, limited)
    s = 1.0 / (rate * (1.0 - e))
    head_z = rise_x * head_x + rise_y * head_y
    return s, e * s * (head_x + rise_x * head_z), e * s * (head_y + rise_y * head_z)


@njit(cache=True, nogil=True, error_model="numpy")
def travel(
    s: float, wx: float, wy: float, rise_x: float, rise_y: float, x: float, y: float
) -> float:
    """Time to travel the vector (x, y) [s]."""
    lift = rise_x * x + rise_y * y
    return float(s * np.sqrt(x * x + y * y + lift * lift) - wx * x - wy * y)
