"""How high the sun stands: latitude, longitude, date and hour."""

from datetime import UTC, date, datetime, timedelta

import numpy as np

_DAY = 86400.0
#: Julian day of 2000-01-01 12:00 UTC.
_EPOCH = datetime(2000, 1, 1, 12, tzinfo=UTC)


def utc_of(day: date, hour: float, offset: float) -> datetime:
    """Moment in UTC of an hour of the clock in a zone [h east of Greenwich]."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return midnight + timedelta(hours=hour - offset)


def solar_elevation(moment: datetime, lon: float, lat: float) -> float:
    """Height of the sun's centre above the horizon, without refraction [degrees].

    The low-precision formulas of the Astronomical Almanac (Michalsky 1988, Solar Energy 40, 227-235,
    doi:10.1016/0038-092X(88)90045-X): 0.01° from 1950 to 2050.

    Parameters
    ----------
    moment
        In UTC.
    lon, lat
        Place [degrees].
    """
    days = (moment - _EPOCH).total_seconds() / _DAY
    mean = np.radians((280.460 + 0.9856474 * days) % 360.0)
    anomaly = np.radians((357.528 + 0.9856003 * days) % 360.0)
    ecliptic = mean + np.radians(1.915 * np.sin(anomaly) + 0.020 * np.sin(2.0 * anomaly))
    tilt = np.radians(23.439 - 0.0000004 * days)
    ascension = np.arctan2(np.cos(tilt) * np.sin(ecliptic), np.cos(ecliptic))
    declination = np.arcsin(np.sin(tilt) * np.sin(ecliptic))
    hours = moment.hour + moment.minute / 60.0 + moment.second / 3600.0
    sidereal = np.radians((6.697375 + 0.0657098242 * days + hours) * 15.0 + lon)
    angle = sidereal - ascension
    place = np.radians(lat)
    sine = np.sin(declination) * np.sin(place)
    sine += np.cos(declination) * np.cos(place) * np.cos(angle)
    return float(np.degrees(np.arcsin(np.clip(sine, -1.0, 1.0))))
