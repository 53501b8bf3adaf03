"""Stores under the ground that fill from the water above: tanks with inlets, beds of paving."""

from typing import Any

import numpy as np

from citytwin.arrays import Floats
from citytwin.hazards.flood.solver import Place, Solver


class Tank:
    """One tank under some cells; its inlets take from them in proportion to the water they hold.

    Parameters
    ----------
    place
        Cells.
    share
        (k,) share of each cell that has inlets [1].
    capacity
        Water that it holds [m³].
    rate
        Most that all its inlets take together [m³/s].
    """

    def __init__(self, place: Place, share: Floats, capacity: float, rate: float) -> None:
        self._place = place
        self._share = share
        self._capacity = capacity
        self._rate = rate
        self._held = 0.0

    def apply(self, water: Solver, start: float, end: float) -> None:
        """Take what the inlets and the room in the tank allow."""
        there = water.depth_at(self._place) * water.room_at(self._place) * self._share
        wanted = min(self._rate * (end - start), self._capacity - self._held, float(there.sum()))
        if wanted > 0.0:
            taken = water.add(self._place, -wanted * there / there.sum(), "stored")
            self._held -= float(taken.sum())

    def state(self) -> dict[str, Any]:
        """Water in the tank [m³]."""
        return {"held": self._held}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from what ``state`` gave."""
        self._held = float(state["held"])


class Bed:
    """A bed under each cell that takes water at a rate until it is full.

    Parameters
    ----------
    place
        Cells.
    capacity
        (k,) water that the bed under each holds [m³].
    rate
        (k,) most that each takes [m³/s].
    """

    def __init__(self, place: Place, capacity: Floats, rate: Floats) -> None:
        self._place = place
        self._capacity = capacity
        self._rate = rate
        self._held = np.zeros(capacity.size)

    def apply(self, water: Solver, start: float, end: float) -> None:
        """Take what the rate, the room in the bed and the water on it allow."""
        wanted = np.minimum(self._rate * (end - start), self._capacity - self._held)
        wanted = np.where(water.depth_at(self._place) > 0.0, np.maximum(wanted, 0.0), 0.0)
        if wanted.any():
            self._held -= water.add(self._place, -wanted, "paving")

    def state(self) -> dict[str, Any]:
        """Water in the bed under each cell [m³]."""
        return {"held": self._held.copy()}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from what ``state`` gave."""
        self._held = np.array(state["held"], np.float64)
