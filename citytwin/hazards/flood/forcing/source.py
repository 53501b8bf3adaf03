"""Water that comes in at a known rate, to the last bit of its volume."""

from collections.abc import Callable
from typing import Any

import numpy as np

from citytwin.arrays import Floats
from citytwin.errors import ScenarioError
from citytwin.hazards.flood.forcing.works import shut
from citytwin.hazards.flood.solver import Edges, Place, Solver


class Source:
    """Water poured into cells; all of them rise alike.

    What rounding of the depths leaves out is added in the next step, so that the volume until any time
    is off by one rounding of one step at most, in single precision too.

    Parameters
    ----------
    what
        What it is, as a complaint names it.
    place
        Cells.
    until
        Volume that has come from 0 to a time [s] in all [m³], never falling.
    term
        Name of this water in the balance.
    border
        Edges out of the city that it comes in by; they are shut, or it would go out again.
    """

    def __init__(
        self, what: str, place: Place, until: Callable[[float], float], term: str, border: Edges
    ) -> None:
        self._what = what
        self._place = place
        self._border = border
        self._until = until
        self._term = term
        self._given = np.zeros(place[0].size)
        self._share: Floats | None = None

    def apply(self, water: Solver, start: float, end: float) -> None:
        """Pour what comes until ``end`` and has not been given yet."""
        del start
        if self._share is None:
            self._share = shares(water, self._place, self._what)
            shut(water, self._border)
        wanted = np.maximum(self._share * self._until(end) - self._given, 0.0)
        if wanted.any():
            self._given += water.add(self._place, wanted, self._term)

    def state(self) -> dict[str, Any]:
        """Volume that each cell was given [m³]."""
        return {"given": self._given.copy()}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from what ``state`` gave."""
        self._given = np.array(state["given"], np.float64)


def shares(water: Solver, place: Place, what: str) -> Floats:
    """(k,) share of each cell in the room that all of them have for water.

    Raises
    ------
    ScenarioError
        If water can enter none of them.
    """
    room = water.room_at(place)
    if not room.any():
        raise ScenarioError(
            f"{what} lies where buildings leave no room for water: move it to open ground"
        )
    return np.asarray(room / room.sum())
