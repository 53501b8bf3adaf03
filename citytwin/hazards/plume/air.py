"""The air that carries the gas: where it goes, how far, and how strongly it mixes on its way."""

from dataclasses import dataclass

import numpy as np

from citytwin.arrays import Floats
from citytwin.hazards.plume.britter_mcquaid import Slumping
from citytwin.hazards.plume.dispersion import vertical_share, widening
from citytwin.hazards.plume.stability import Stability

#: A rising plume is as wide as its rise over this, EPA-454/B-95-003b, equation 1-44.
MIXES_RISING = 3.5


@dataclass(frozen=True, eq=False)
class Sky:
    """Classes of stability over time: each holds from its start to that of the next.

    Attributes
    ----------
    starts
        (b,) seconds after the start; the first is 0.
    classes
        (b,) what holds from there.
    lids
        (b,) mixing heights [m].
    surroundings
        ``open`` or ``urban``.
    """

    starts: Floats
    classes: tuple[Stability, ...]
    lids: Floats
    surroundings: str

    def at(self, time: float) -> int:
        """Which of them holds at a time [s]."""
        return max(int(np.searchsorted(self.starts, time, side="right")) - 1, 0)


@dataclass(frozen=True, eq=False)
class Spread:
    """Puffs by the way behind them: way [m], widths across and upward [m], lid above them [m]."""

    way: Floats
    across: Floats
    upward: Floats
    lid: Floats


@dataclass(frozen=True, eq=False)
class Air:
    """Wind at the height of a release, in small steps in each of which it is steady.

    Attributes
    ----------
    sky
        Classes of stability.
    times
        (g,) bounds of the steps [s]; the first lies long before the start.
    east, north
        (g,) way of the air up to there [m].
    way
        (g,) length of that way [m]; it rises.
    bends
        Times between which the wind turns only a little [s].
    """

    sky: Sky
    times: Floats
    east: Floats
    north: Floats
    way: Floats
    bends: Floats

    def moved(self, time: Floats) -> tuple[Floats, Floats]:
        """Way of the air up to a time, to the east and to the north [m]."""
        return np.interp(time, self.times, self.east), np.interp(time, self.times, self.north)

    def length(self, time: Floats) -> Floats:
        """Length of the way up to a time [m]."""
        return np.asarray(np.interp(time, self.times, self.way))

    def when(self, way: Floats) -> Floats:
        """Time at which the way had a length [s]."""
        return np.asarray(np.interp(way, self.way, self.times))

    def speed(self, time: float) -> float:
        """Speed at a time [m/s]."""
        step = min(int(np.searchsorted(self.times, time, side="right")), self.times.size - 1)
        return float(
            (self.way[step] - self.way[step - 1]) / (self.times[step] - self.times[step - 1])
        )

    def spread(self, born: Floats, now: Floats, across: float, upward: float) -> Spread:
        """What has become of puffs.

        A change of class goes on from the distance at which the new class would have given the same
        width, so that nothing jumps. The lid is the highest that a puff has lived under.

        Parameters
        ----------
        born, now
            Times of release and of now, any shape [s].
        across, upward
            Widths at release [m].
        """
        born, now = np.broadcast_arrays(np.asarray(born, float), np.asarray(now, float))
        wide, high = np.full(born.shape, across), np.full(born.shape, upward)
        lid = np.zeros(born.shape)
        sky = self.sky
        ends = np.append(sky.starts[1:], np.inf)
        for k, (state, end) in enumerate(zip(sky.classes, ends, strict=True)):
            start = -np.inf if k == 0 else sky.starts[k]
            way = self._between(born, now, start, float(end))
            y = widening(sky.surroundings, state.letter, "y")
            z = widening(sky.surroundings, state.letter, "z")
            wide, high = y.grown(wide, way), z.grown(high, way)
            lived = (now >= start) & (born < end)
            lid = np.where(lived, np.maximum(lid, sky.lids[k]), lid)
        return Spread(self.length(now) - self.length(born), wide, high, lid)

    def _between(self, born: Floats, now: Floats, start: float, end: float) -> Floats:
        """Way within a span of time [m]."""
        late, early = np.clip(now, start, end), np.clip(born, start, end)
        return np.maximum(self.length(late) - self.length(early), 0.0)


@dataclass(frozen=True, eq=False)
class Puffing:
    """How puffs of one release begin and end.

    Attributes
    ----------
    height
        Where they leave [m].
    across, upward
        Their widths there [m].
    settling
        Deposition velocity [m/s].
    decay
        Rate of decay [1/s].
    low
        Height at which air is breathed and from which it settles [m].
    buoyancy
        Rise by heat: it is ``factor`` · way^(2/3), and at most ``top`` [m].
    heavy
        Widths while the gas is heavy; none where it drifts as air does.
    """

    height: float
    across: float
    upward: float
    settling: float = 0.0
    decay: float = 0.0
    low: float = 1.5
    factor: float = 0.0
    top: float = 0.0
    heavy: Slumping | None = None

    def rise(self, way: Floats) -> Floats:
        """Rise after a way [m]."""
        return np.minimum(self.factor * np.maximum(way, 0.0) ** (2.0 / 3.0), self.top)

    @property
    def still(self) -> bool:
        """True if nothing settles or decays."""
        return self.settling == 0.0 and self.decay == 0.0

    def wide(self, found: "Spread") -> Floats:
        """Widths across the wind [m]; a hot plume mixes while it rises (Pasquill 1976)."""
        return np.hypot(found.across, self.rise(found.way) / MIXES_RISING)

    def near(self, found: "Spread") -> Floats:
        """Share of the mass in each metre of height, where people breathe [1/m]."""
        rise = self.rise(found.way)
        upward = np.hypot(found.upward, rise / MIXES_RISING)
        return vertical_share(self.low, self.height + rise, upward, found.lid)
