"""What one release has become at a moment: a chain of pieces, or a puff."""

from dataclasses import dataclass, field

import numpy as np

from citytwin.arrays import Bools, Floats
from citytwin.hazards.plume.air import Air, Puffing
from citytwin.hazards.plume.field import Elements
from citytwin.hazards.plume.growing import kept_of, moved_since, spread_of
from citytwin.hazards.plume.puffs import no_pieces, no_puffs
from citytwin.hazards.plume.sources import Emission

#: First way of the table of a line [m], and by how much each is longer than the one before.
FIRST, RATIO = 1.0, 1.02
#: Ways of the table in a piece: long ones where nothing is lost on the way, as pieces of one line add
#: up exactly whatever their length; shorter ones where the mass fades along them.
LONG, SHORT = 30, 9
#: Width with which straight pieces meet, in widths of the plume, and bend [rad] or change of mass
#: from which pieces meet with the plume's own width.
LEAST_BLUR, BLURS = 0.3, 0.2
#: Width of an end over the length of the plume, at most.
SOFTEST = 0.35
#: Distance of a piece's ends over its way from which on it counts as folded back on itself.
FOLDED = 0.7
#: Widths by which the table reaches beyond the oldest end, and shortest time between two ends [s].
_BEYOND, _APART = 6.0, 1e-3


@dataclass(frozen=True, eq=False)
class Release:
    """One release.

    Attributes
    ----------
    name
        Its name.
    x, y
        Place [m].
    air
        Air that carries it.
    puff
        How its puffs begin.
    emission
        Mass by time.
    """

    name: str
    x: float
    y: float
    air: Air
    puff: Puffing
    emission: Emission


@dataclass(frozen=True, eq=False)
class Moment:
    """A release at a moment: its elements, and where its mass is [kg].

    Attributes
    ----------
    elements
        Pieces and puffs.
    released, in_air
        Mass that was released, and that is still in the air.
    puff_masses
        (q,) mass of each puff, whatever the height.
    """

    elements: Elements
    released: float
    in_air: float
    puff_masses: Floats = field(default_factory=lambda: np.zeros(0))


def at_moment(release: Release, time: float) -> Moment:
    """What a release has become at a time [s]."""
    if time <= release.emission.start:
        return Moment(_nothing(), 0.0, 0.0)
    if release.emission.at_once:
        return _one_puff(release, time)
    return _chain(release, time)


def _nothing() -> Elements:
    return Elements(
        no_pieces()[0], no_pieces()[2], np.zeros(0), np.zeros(0), np.zeros(0), no_puffs()[0]
    )


def _one_puff(release: Release, time: float) -> Moment:
    air, puff, born = release.air, release.puff, np.array([release.emission.start])
    found = spread_of(air, puff, born, np.array([time]))
    mass = float(release.emission.mass(np.array([time]))[0])
    kept = mass * float(kept_of(air, puff, born, time)[0])
    x, y = _places(release, born, time)
    row = [x[0], y[0], puff.wide(found)[0], kept * puff.near(found)[0], 0.0]
    nothing = _nothing()
    elements = Elements(
        nothing.pieces, nothing.lines, nothing.way, nothing.wide, nothing.near, np.array([row])
    )
    return Moment(elements, mass, kept, np.array([kept]))


def _places(release: Release, born: Floats, time: float) -> tuple[Floats, Floats]:
    """Where what was released at times is now [m]."""
    east, north = moved_since(release.air, release.puff, born, time)
    return release.x + east, release.y + north


def _chain(release: Release, time: float) -> Moment:
    air, puff, emission = release.air, release.puff, release.emission
    last = min(time, emission.end)
    oldest = float(air.length(np.array(time)) - air.length(np.array(emission.start)))
    way = _ways(oldest)
    born = air.when(air.length(np.array(time)) - way)
    found = spread_of(air, puff, born, np.full(born.size, time))
    wide, near = puff.wide(found), puff.near(found)
    regular = born[:: LONG if puff.still else SHORT]
    ends = _ends(release, regular, last, time, way, wide)
    behind = air.length(np.array(time)) - air.length(ends)
    x, y = _places(release, ends, time)
    mass = -np.diff(emission.mass(ends))
    kept = kept_of(air, puff, ends, time)
    left = mass * 0.5 * (kept[1:] + kept[:-1])
    dx, dy = np.diff(x), np.diff(y)
    length = np.maximum(np.hypot(dx, dy), 1e-9)
    # Where the wind turns back, the ends of a short piece lie near to one another: a puff is what it is.
    folded = length < FOLDED * np.diff(behind)
    width = np.interp(behind, way, wide)
    inner = width * _blur(dx / length, dy / length, left / length, folded)
    # Ends softer than the plume is long would take back more than there is.
    inner = np.minimum(inner, SOFTEST * (behind[-1] - behind[0]))
    beyond = np.interp(behind[1:] + 4.0 * width[1:], way, wide)
    pieces = np.column_stack([
        x[:-1], y[:-1], dx / length, dy / length, length, inner[:-1], inner[1:], left / length,
        behind[:-1], np.zeros(length.size), beyond,
    ])  # fmt: skip
    guess = np.clip(np.searchsorted(way, behind[:-1]) - 1, 0, way.size - 2)
    lines = np.column_stack([np.zeros_like(guess), np.full_like(guess, way.size), guess])
    full, round_ones = (left > 0.0) & ~folded, (left > 0.0) & folded
    middle = 0.5 * (behind[1:] + behind[:-1])[round_ones]
    puffs = np.column_stack([
        0.5 * (x[1:] + x[:-1])[round_ones], 0.5 * (y[1:] + y[:-1])[round_ones],
        np.interp(middle, way, wide), left[round_ones] * np.interp(middle, way, near),
        np.zeros(middle.size),
    ])  # fmt: skip
    elements = Elements(pieces[full], lines[full], way, wide, near, puffs)
    return Moment(elements, float(mass.sum()), float(left.sum()), left[round_ones])


def _blur(east: Floats, north: Floats, density: Floats, folded: Bools) -> Floats:
    """(p + 1,) widths with which pieces meet, in widths of the plume there.

    Any will do where one piece goes on as the one before: they add up to one. Where the line bends,
    turns back or its mass changes from one to the next, and at its ends, the plume's own width hides it.
    """
    turn = np.abs(east[1:] * north[:-1] - north[1:] * east[:-1])
    back = (east[1:] * east[:-1] + north[1:] * north[:-1] < 0.0) | folded[1:] | folded[:-1]
    change = np.abs(np.diff(density)) / np.maximum(np.maximum(density[1:], density[:-1]), 1e-300)
    between = np.where(back, 1.0, np.minimum(LEAST_BLUR + (turn + change) / BLURS, 1.0))
    return np.concatenate([[1.0], between, [1.0]])


def _ways(oldest: float) -> Floats:
    """Ways of the table of a line [m], from the source to beyond its oldest end."""
    # No width grows faster than by 0.4 of the way.
    far = (oldest + FIRST) * (1.0 + 0.4 * _BEYOND)
    count = int(np.ceil(np.log(far / FIRST) / np.log(RATIO))) + 2
    return np.concatenate([[0.0], FIRST * RATIO ** np.arange(count)])


def _ends(
    release: Release, regular: Floats, last: float, time: float, way: Floats, wide: Floats
) -> Floats:
    """Times of release between the pieces, from the youngest to the oldest [s].

    Where the wind turns or the rate changes a piece ends, too, if it is at least as long as the plume
    is wide there: what is shorter is smoothed away.
    """
    start, air = release.emission.start, release.air
    more = np.concatenate([air.bends, release.emission.changes])
    times = np.concatenate([regular, more])
    fixed = np.concatenate([np.ones(regular.size, bool), np.zeros(more.size, bool)])
    inside = (times > start + _APART) & (times < last - _APART)
    order = np.argsort(-times[inside], kind="stable")
    times, fixed = times[inside][order], fixed[inside][order]
    now = float(air.length(np.array(time)))
    behind = now - air.length(np.append(times, start))
    width = np.interp(behind, way, wide)
    kept, before = [last], now - float(air.length(np.array(last)))
    for k in range(times.size):
        short = behind[k] - before < width[k]
        close = kept[-1] - times[k] < _APART
        if not close and (fixed[k] or not short):
            kept.append(float(times[k]))
            before = float(behind[k])
    return np.array([*kept, start])
