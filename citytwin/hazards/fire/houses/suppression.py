"""Engines of the fire brigade: nearest to the least developed fire first."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from citytwin.arrays import Floats, Ints
from citytwin.hazards.fire.houses.states import BURNING, FREE, HEAT, Houses
from citytwin.hazards.fire.houses.tables import coefficients

#: Streets are longer than the straight line by this much; judged.
_DETOUR = 1.3
_IDLE = -1
#: Share of its heat that a fire keeps when an engine begins: below 1, so that it grows no more.
_HELD = 0.999
#: What of ``Engines`` changes in a run.
_KEPT = ("target", "_arrival", "_at_x", "_at_y", "_working", "_metres")


@dataclass(frozen=True)
class Brigade:
    """What fights the fire.

    Attributes
    ----------
    engines
        Number of engines.
    power
        Heat release that one engine with all its water can hold down [W].
    water_share
        Share of their water that engines have.
    response
        Time from the first ignition until engines move [s].
    x, y
        Where they stand at first [m].
    """

    engines: int
    power: float
    water_share: float
    response: float
    x: float
    y: float


class Engines:
    """Engines of a run.

    An engine goes to one burning building that releases no more heat than it can hold. From then
    on the fire grows no more, and goes down in a straight line over the table's time, and the
    engine is free again. A fire that has outgrown it when
    it comes is left.

    Parameters
    ----------
    brigade
        What fights the fire.
    x, y
        (b,) centres of the buildings [m].

    Attributes
    ----------
    target
        (e,) building each engine goes to or is at; −1 where it is free.
    line
        Line held against burning plants [m].
    """

    def __init__(self, brigade: Brigade, x: Floats, y: Floats) -> None:
        self.brigade, self._x, self._y = brigade, x, y
        self._power = brigade.power * brigade.water_share
        names, count = coefficients(), brigade.engines
        self._speed, self._hold = names["engine_speed"] / _DETOUR, names["engine_hold"] * 60.0
        self.target = np.full(count, _IDLE, np.int64)
        self._arrival = np.zeros(count)
        self._at_x, self._at_y = np.full(count, brigade.x), np.full(count, brigade.y)
        self._working = np.zeros(count, dtype=np.bool_)
        self._metres, self.line = np.zeros(count), 0.0

    def hold(self, ahead: Ints, x: Floats, y: Floats, width: float, seconds: float) -> Ints:
        """Cells that engines without a building keep from burning.

        Parameters
        ----------
        ahead
            (m,) cells ahead of the front.
        x, y
            (m,) their centres [m].
        width
            Line that one cell takes [m].
        seconds
            Time since the last call [s].

        Returns
        -------
        Ints
            The nearest ones to each free engine, as many as it has held line for.
        """
        free = np.flatnonzero(self.target == _IDLE)
        rate = coefficients()["engine_line"] / 3600.0 * self.brigade.water_share
        self._metres[free] += rate * seconds
        held: list[int] = []
        for engine in free.tolist():
            number = int(self._metres[engine] / width)
            if not number:
                continue
            away = np.hypot(self._at_x[engine] - x, self._at_y[engine] - y)
            away[held] = np.inf
            chosen = np.lexsort((ahead, away))[: min(number, ahead.size - len(held))].tolist()
            held += chosen
            self._metres[engine] -= number * width
            self.line += len(chosen) * width
        return ahead[np.array(held, np.int64)]

    @property
    def at_work(self) -> int:
        """Engines that are not free."""
        return int((self.target != _IDLE).sum())

    def step(self, houses: Houses, first: float, now: float) -> None:
        """Arrive, hold, put out, and send those that are free.

        Parameters
        ----------
        houses
            Buildings, burnt up to ``now``.
        first
            Time of the first ignition [s].
        now
            End of the step [s].
        """
        for engine in np.flatnonzero(self.target != _IDLE).tolist():
            self._work(engine, houses, now)
        if now >= first + self.brigade.response:
            self._send(houses, now)

    def _work(self, engine: int, houses: Houses, now: float) -> None:
        building, arrival = int(self.target[engine]), self._arrival[engine]
        if now < arrival:
            return
        self._at_x[engine], self._at_y[engine] = self._x[building], self._y[building]
        if houses.state[building] != BURNING:
            self._let_go(engine)
            return
        if not self._working[engine]:
            if houses.house[building, HEAT] > self._power:
                self._let_go(engine)
                return
            self._working[engine] = True
        left = 1.0 - (now - arrival) / self._hold
        houses.house[building, FREE] = min(max(left, 0.0), _HELD)
        if left <= 0.0:
            houses.put_out(building, now)
            self._let_go(engine)

    def _let_go(self, engine: int) -> None:
        self.target[engine], self._working[engine] = _IDLE, False

    def _send(self, houses: Houses, now: float) -> None:
        free = np.flatnonzero(self.target == _IDLE)
        small = houses.house[:, HEAT] <= self._power
        alone = np.ones(len(houses), dtype=np.bool_)
        alone[self.target[self.target != _IDLE]] = False
        fires = np.flatnonzero((houses.state == BURNING) & small & alone)
        order = np.lexsort((fires, houses.progress[fires]))
        for building in fires[order][: free.size].tolist():
            away = np.hypot(
                self._at_x[free] - self._x[building], self._at_y[free] - self._y[building]
            )
            nearest = int(np.argmin(away))
            engine = int(free[nearest])
            self.target[engine] = building
            self._arrival[engine] = now + away[nearest] / self._speed
            free = np.delete(free, nearest)

    def save(self) -> dict[str, Any]:
        """All that they need to go on later to the same bit."""
        return {**{name: getattr(self, name).copy() for name in _KEPT}, "line": self.line}

    def restore(self, kept: dict[str, Any]) -> None:
        """Go on from what ``save`` gave."""
        for name in (*_KEPT, "line"):
            setattr(self, name, kept[name])
