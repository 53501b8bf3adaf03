"""The times at which a plume is looked at: close together where it changes fast."""

import numpy as np

from citytwin.arrays import Floats
from citytwin.hazards.plume.chain import Release
from citytwin.hazards.plume.growing import spread_of

#: Longest step [s]; way of a puff in a step, in its widths; longest turn of the wind in a step [rad].
LONGEST, PUFF_STEP, TURN = 45.0, 0.25, np.radians(1.25)
#: First step after a release begins or ends [s], and how much longer each next one is.
_FIRST, _LONGER = 2.0, 1.25
#: Most steps of a run: beyond, all become longer.
MOST = 6000


def instants(releases: tuple[Release, ...], pictures: Floats) -> Floats:
    """(s,) times of the steps [s], rising, those of the pictures among them.

    Parameters
    ----------
    releases
        All of them.
    pictures
        (t,) times of the pictures [s].
    """
    end = float(pictures[-1])
    longest = max(LONGEST, end / MOST)
    found = [pictures, np.arange(0.0, end, longest)]
    for release in releases:
        if release.emission.at_once:
            found.append(_of_puff(release, end, longest))
        else:
            found += [
                _after(release.emission.start, longest),
                _after(release.emission.end, longest),
            ]
        found.append(_of_turns(release))
    times = np.unique(np.concatenate(found))
    times = times[(times >= 0.0) & (times <= end)]
    # Pictures stay; another step very near to the one before goes.
    apart = np.concatenate([[True], np.diff(times) > 1e-3])
    return np.asarray(times[apart | np.isin(times, pictures)])


def _after(start: float, longest: float) -> Floats:
    """Times after a change, the steps growing to the longest."""
    count = int(np.ceil(np.log(max(longest / _FIRST, 1.0)) / np.log(_LONGER))) + 1
    return np.concatenate([[start], start + np.cumsum(_FIRST * _LONGER ** np.arange(count))])


def _of_turns(release: Release) -> Floats:
    """Times between which the wind turns by no more than a plume sweeps over itself."""
    times, east, north = release.air.times, release.air.east, release.air.north
    angle = np.unwrap(np.arctan2(np.diff(north), np.diff(east)))
    turned = np.concatenate([[0.0], np.cumsum(np.abs(np.diff(angle)))])
    cuts = np.flatnonzero(np.diff(np.floor(turned / TURN)) > 0.0) + 1
    return np.asarray(times[cuts])


def _of_puff(release: Release, end: float, longest: float) -> Floats:
    """Times at which a puff has gone on by a part of its width, at most the longest step."""
    air, start = release.air, release.emission.start
    ages = np.concatenate([[0.0], np.geomspace(0.01, max(end - start, 0.02), 400)])
    wide = spread_of(air, release.puff, np.array([start]), start + ages).across
    speed = np.array([air.speed(start + age) for age in ages])
    step = np.minimum(PUFF_STEP * np.maximum(wide, 0.05) / speed, longest)
    # Number of steps up to each age: the integral of one over the step.
    count = np.concatenate([[0.0], np.cumsum(0.5 * (1 / step[1:] + 1 / step[:-1]) * np.diff(ages))])
    wanted = np.arange(min(int(count[-1]) + 1, MOST))
    # A puff is looked at just after its release, too.
    return np.concatenate([[start, start + 1e-2], start + np.interp(wanted, count, ages)])
