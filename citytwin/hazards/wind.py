"""Wind over time: one for the whole city, from a speed and a direction or a forecast that turns."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated, Any

import numpy as np
from pydantic import AfterValidator, BeforeValidator, Field

from citytwin.arrays import Floats
from citytwin.hazards.places import tuples

_HOUR = 3600.0


def _rising(rows: tuple[Any, ...]) -> tuple[Any, ...]:
    times = [row[0] for row in rows]
    if any(later <= earlier for earlier, later in pairwise(times)):
        raise ValueError("the times of the wind do not rise: sort its rows, one for each time")
    return rows


_Hour = Annotated[float, Field(ge=0, le=10_000)]
_Speed = Annotated[float, Field(ge=0, le=100)]
_Direction = Annotated[float, Field(ge=0, le=360)]
#: Rows of a forecast: hours after the start, speed at 10 m [m/s], direction it blows from [degrees].
WindRows = Annotated[
    tuple[tuple[_Hour, _Speed, _Direction], ...],
    Field(max_length=10_000),
    BeforeValidator(tuples),
    AfterValidator(_rising),
]


@dataclass(frozen=True, eq=False)
class Wind:
    """Wind at 10 m above open ground over time.

    Between two rows its vector changes in a straight line; before the first and after the last row
    it stays as there.

    Attributes
    ----------
    times
        (t,) seconds after the start, rising.
    east, north
        (t,) components of where the air goes to [m/s].
    """

    times: Floats
    east: Floats
    north: Floats

    def at(self, time: float) -> tuple[float, float]:
        """Components of the wind at a time [s]: to the east and to the north [m/s]."""
        east = float(np.interp(time, self.times, self.east))
        return east, float(np.interp(time, self.times, self.north))


def wind_of(speed: float, from_deg: float, rows: WindRows) -> Wind:
    """Wind of an event.

    Parameters
    ----------
    speed, from_deg
        Steady speed at 10 m [m/s] and direction that it blows from, clockwise from north [degrees];
        not used if there are rows.
    rows
        Forecast, or empty.
    """
    table = np.asarray(rows or [(0.0, speed, from_deg)], np.float64)
    angle = np.radians(table[:, 2])
    east, north = -table[:, 1] * np.sin(angle), -table[:, 1] * np.cos(angle)
    return Wind(table[:, 0] * _HOUR, east, north)
