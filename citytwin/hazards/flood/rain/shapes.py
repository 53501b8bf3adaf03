"""Shapes of storms in time, each by the exact depth that has fallen until a time."""

from dataclasses import dataclass

import numpy as np

from citytwin.arrays import Floats
from citytwin.hazards.flood.rain.base import UniformRain
from citytwin.hazards.flood.rain.formulas import Terms


@dataclass(frozen=True, eq=False)
class Steps(UniformRain):
    """Rain whose rate is constant between given times.

    Attributes
    ----------
    times, fallen
        (k,) times that rise [s], and the depth fallen until each, never falling [m].
    words
        What rain this is.
    """

    times: Floats
    fallen: Floats
    words: str

    @property
    def total(self) -> float:
        """Depth from the start of the simulation on [m]."""
        return float(self.fallen[-1]) - self.until(0.0)

    def until(self, time: float) -> float:
        """Depth that has fallen until a time [m]."""
        return float(np.interp(time, self.times, self.fallen))


@dataclass(frozen=True)
class Triangle(UniformRain):
    """Rain that rises in a straight line to its peak and falls in one to its end.

    Attributes
    ----------
    total, duration
        Depth [m] and duration [s].
    peak
        Share of the duration before the peak, 0 to 1.
    words
        What rain this is.
    """

    total: float
    duration: float
    peak: float
    words: str

    def until(self, time: float) -> float:
        """Depth that has fallen until a time [m]."""
        share = min(max(time / self.duration, 0.0), 1.0)
        if share <= self.peak and self.peak > 0.0:
            return self.total * share * share / self.peak
        if self.peak >= 1.0:
            return self.total
        return self.total * (1.0 - (1.0 - share) ** 2 / (1.0 - self.peak))


@dataclass(frozen=True)
class Chicago(UniformRain):
    """Storm in which the heaviest rain of every duration has the depth of the formula.

    With the depth H(d) = a d / (d + b)^n of a duration d, r the peak's share and D the duration,
    the depth in the τ before the peak is r H(τ / r), in the τ after it (1 - r) H(τ / (1 - r)).
    Below the shortest duration of the formula H is taken to go on as written.

    Attributes
    ----------
    terms
        Formula of the return period.
    duration
        Of the storm [s].
    peak
        Share r of the duration before the peak, 0 to 1.
    words
        What rain this is.

    Keifer & Chu 1957, J. Hydraul. Div. ASCE 83(4), 1332, doi:10.1061/JYCEAJ.0000104.
    """

    terms: Terms
    duration: float
    peak: float
    words: str

    @property
    def total(self) -> float:
        """Depth of the formula for the whole duration [m]."""
        return self.terms.depth(self.duration)

    def until(self, time: float) -> float:
        """Depth that has fallen until a time [m]."""
        share = min(max(time / self.duration, 0.0), 1.0)
        if share <= self.peak:
            if self.peak == 0.0:
                return 0.0
            left = self.terms.depth(self.duration * (1.0 - share / self.peak))
            return self.peak * (self.total - left)
        after = self.duration * (share - self.peak) / (1.0 - self.peak)
        return self.peak * self.total + (1.0 - self.peak) * self.terms.depth(after)


def alternating_blocks(terms: Terms, duration: float, block: float, peak: float) -> Steps:
    """Storm of equal blocks, the heaviest at the peak, the next ones put beside it in turn.

    The heaviest j blocks always lie side by side, so that the heaviest rain of j blocks has the
    depth of the formula for that duration.

    Parameters
    ----------
    terms
        Formula of the return period.
    duration, block
        Of the storm and of a block [s]; the block goes into the storm a whole number of times.
    peak
        Share of the other blocks that lie before the heaviest one, 0 to 1.

    Returns
    -------
    Depth until the edges of the blocks; its ``words`` are empty.

    Chow, Maidment & Mays 1988, Applied Hydrology.
    """
    count = round(duration / block)
    edges = np.linspace(0.0, duration, count + 1)
    depths = np.diff([terms.depth(edge) for edge in edges])
    room = {"before": round(peak * (count - 1))}
    room["after"] = count - 1 - room["before"]
    before: list[float] = []
    after = [float(depths[0])]
    for depth in depths[1:]:
        left, right = len(before), len(after) - 1
        # The next block goes after the peak unless that side is full or ahead of its share.
        ahead = right * room["before"] > left * room["after"]
        if right == room["after"] or (left < room["before"] and ahead):
            before.append(float(depth))
        else:
            after.append(float(depth))
    fallen = np.concatenate(([0.0], np.cumsum(before[::-1] + after)))
    return Steps(edges, fallen, "")
