"""Wind at the height of a release, cut into steps in each of which it is steady."""

import numpy as np

from citytwin.arrays import Floats
from citytwin.hazards.plume.air import Air, Sky
from citytwin.hazards.wind import Wind, WindRows, wind_of

#: Slowest wind that carries a plume [m/s]: below it the formulas have no meaning.
CALM = 0.5
#: Height to which the wind of a forecast refers, and least height at which it carries a plume [m].
REFERENCE, LOWEST = 10.0, 2.0
#: Longest step of the wind [s], and its largest turn within a step and within a piece of plume [rad].
STEP, TURN, BEND = 60.0, np.radians(1.0), np.radians(4.0)
#: Largest change of the speed within a piece, as a share.
PACE = 0.07
#: Time before the start to which its wind is carried back [s].
_BEFORE = 1e6
#: Speed of air that stands still but has a direction [m/s].
_BREATH = 1e-6


def carrying_wind(speed: float, from_deg: float, rows: WindRows) -> Wind:
    """Wind of an event, as ``wind_of``; one that is calm from first to last keeps its direction."""
    still = not any(row[1] for row in rows) if rows else speed == 0.0
    if not still:
        return wind_of(speed, from_deg, rows)
    return wind_of(_BREATH, rows[0][2] if rows else from_deg, ())


def air_of(wind: Wind, sky: Sky, height: float, end: float) -> Air:
    """Air at the height of a release.

    Parameters
    ----------
    wind
        Wind at 10 m.
    sky
        Classes of stability.
    height
        Of the release [m]; below 2 m the wind of 2 m carries the plume.
    end
        Until when [s].
    """
    times = _steps(wind, sky, end)
    middle = 0.5 * (times[1:] + times[:-1])
    east, north = _carried(wind, middle)
    factor = np.array([sky.classes[sky.at(time)].profile for time in middle])
    factor = (max(height, LOWEST) / REFERENCE) ** factor
    east, north = _not_calm(east * factor, north * factor)
    step = np.diff(times)
    speed = np.hypot(east, north)
    times = np.concatenate([[-_BEFORE], times, [times[-1] + _BEFORE]])
    east_way, north_way, way = (_summed(value, step) for value in (east, north, speed))
    return Air(sky, times, east_way, north_way, way, _bends(times[1:-1], east, north))


def _summed(speed: Floats, step: Floats) -> Floats:
    """Way by speeds in steps [m], carried on long before and after them."""
    whole = np.concatenate([[0.0], np.cumsum(speed * step)])
    return np.concatenate([[-speed[0] * _BEFORE], whole, [whole[-1] + speed[-1] * _BEFORE]])


def _carried(wind: Wind, times: Floats) -> tuple[Floats, Floats]:
    return np.interp(times, wind.times, wind.east), np.interp(times, wind.times, wind.north)


def _not_calm(east: Floats, north: Floats) -> tuple[Floats, Floats]:
    """The wind, raised to the slowest that carries a plume; a calm goes on in the last direction."""
    speed = np.hypot(east, north)
    known = speed > 1e-9
    last = np.maximum.accumulate(np.where(known, np.arange(speed.size), -1))
    last = np.where(last < 0, int(np.argmax(known)) if known.any() else 0, last)
    scale = np.maximum(speed, CALM) / np.maximum(speed[last], 1e-12)
    if not known.any():
        return np.full(speed.size, CALM), np.zeros(speed.size)
    return east[last] * scale, north[last] * scale


def _steps(wind: Wind, sky: Sky, end: float) -> Floats:
    """Bounds of steps in which the wind hardly changes and the class does not [s]."""
    coarse = np.unique(np.concatenate([
        np.arange(0.0, end, STEP), [end],
        wind.times[(wind.times > 0.0) & (wind.times < end)],
        sky.starts[(sky.starts > 0.0) & (sky.starts < end)],
    ]))  # fmt: skip
    east, north = _carried(wind, coarse)
    angle = np.arctan2(north, east)
    turn = np.abs(np.angle(np.exp(1j * np.diff(angle))))
    parts = np.clip(np.ceil(turn / TURN), 1, 200).astype(int)
    pieces = [
        np.linspace(a, b, n, endpoint=False)
        for a, b, n in zip(coarse[:-1], coarse[1:], parts, strict=True)
    ]
    return np.append(np.concatenate(pieces), end)


def _bends(times: Floats, east: Floats, north: Floats) -> Floats:
    """Times between which the wind turns and changes no more than it may along a piece of plume."""
    angle = np.unwrap(np.arctan2(north, east))
    change = np.abs(np.diff(angle)) / BEND + np.abs(np.diff(np.log(np.hypot(east, north)))) / PACE
    changed = np.concatenate([[0.0], np.cumsum(change)])
    cuts = np.flatnonzero(np.diff(np.floor(changed)) > 0.0) + 1
    return np.asarray(times[cuts])
