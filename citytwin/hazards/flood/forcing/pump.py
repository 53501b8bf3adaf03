"""A pump that lifts water out of a cell, into another or out of the city."""

from collections.abc import Mapping
from math import inf
from typing import Any

import numpy as np

from citytwin.hazards.flood.solver import Place, Solver


class Pump:
    """A pump with a capacity, on from one depth and off at another.

    It takes capacity times time while its cell holds so much. What rounding leaves out is taken in the
    next step; water on its way to the other cell waits in the pipe.

    Parameters
    ----------
    source
        One cell that it takes from.
    target
        One cell that it gives to; none if the water leaves the city.
    capacity
        Most that it takes [m³/s].
    starts, stops
        Depth of its cell at which it goes on and off [m]; it leaves the depth ``stops`` there.
    supply
        Lifeline that it runs on: it takes nothing from the moment at which that is out of service.
    """

    def __init__(
        self,
        source: Place,
        target: Place | None,
        capacity: float,
        starts: float,
        stops: float,
        *,
        supply: str = "",
    ) -> None:
        self._source = source
        self._target = target
        self._capacity = capacity
        self._starts, self._stops = starts, stops
        self._supply, self._dark = supply, inf
        self._on = False
        self._owed = 0.0
        self._pipe = 0.0

    def darken(self, outages: Mapping[str, float]) -> None:
        """Learn from when on its lifeline is out of service [s]."""
        self._dark = outages.get(self._supply, inf)

    def apply(self, water: Solver, start: float, end: float) -> None:
        """Take what the time from ``start`` to ``end`` allows, and give it."""
        end = min(end, self._dark)
        depth = float(water.depth_at(self._source)[0])
        self._on = depth > self._stops if self._on else depth >= self._starts and depth > 0.0
        self._on = self._on and start < end
        if self._on:
            there = max(depth - self._stops, 0.0) * float(water.room_at(self._source)[0])
            wanted = min(self._capacity * (end - start) + self._owed, there)
            taken = -float(water.add(self._source, np.array([-wanted]), self._term)[0])
            self._owed = wanted - taken
            if self._target is not None:
                self._pipe += taken
        if self._target is not None and self._pipe != 0.0:
            given = water.add(self._target, np.array([self._pipe]), self._term)
            self._pipe -= float(given[0])

    @property
    def _term(self) -> str:
        return "pumped" if self._target is None else "moved"

    def state(self) -> dict[str, Any]:
        """Whether it is on, the water owed by rounding and in the pipe [m³]."""
        return {"on": self._on, "owed": self._owed, "pipe": self._pipe}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from what ``state`` gave."""
        self._on = bool(state["on"])
        self._owed, self._pipe = float(state["owed"]), float(state["pipe"])
