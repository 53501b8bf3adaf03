"""A gate that opens and shuts by its rule."""

from collections.abc import Callable, Mapping
from math import inf
from typing import Any

import numpy as np

from citytwin.arrays import Floats
from citytwin.hazards.flood.solver import Edges, Place, Solver

#: Shallower water than this has no level [m].
_WET = 1e-3

#: Whether a gate is shut, from the water, the time [s], and whether it was before (none at the start).
Rule = Callable[[Solver, float, bool | None], bool]


def shut_between(spans: tuple[tuple[float, float], ...]) -> Rule:
    """Rule of a gate that is shut between pairs of times [s]."""

    def shut(water: Solver, time: float, before: bool | None) -> bool:  # noqa: FBT001
        del water, before
        return any(first <= time < last for first, last in spans)

    return shut


def shut_by_level(place: Place, threshold: float, margin: float, *, above: bool) -> Rule:
    """Rule of a gate that is shut while the water at a place is above a level, or below it.

    Parameters
    ----------
    place
        One cell; where it is dry the water is below any level.
    threshold
        Level [m] at which the gate shuts.
    margin
        It opens again when the level has passed the threshold by so much the other way [m].
    above
        Shut above, else below.
    """

    def shut(water: Solver, time: float, before: bool | None) -> bool:  # noqa: FBT001
        del time
        wet = float(water.depth_at(place)[0]) > _WET
        level = float(water.level_at(place)[0]) if wet else -np.inf
        if above:
            return level > threshold - (margin if before else 0.0)
        return level < threshold + (margin if before else 0.0)

    return shut


class Gate:
    """Edges whose crest goes up when the gate shuts and down when it opens.

    Parameters
    ----------
    edges
        (k,) edges.
    shut_crest, open_crest
        (k,) their crests when it is shut and when it is open [m].
    rule
        When it is shut.
    supply
        Lifeline that moves it: from the moment at which that is out of service it stays as it is.
    """

    def __init__(
        self,
        edges: Edges,
        shut_crest: Floats,
        open_crest: Floats,
        rule: Rule,
        *,
        supply: str = "",
    ) -> None:
        self._edges = edges
        self._crests = {True: shut_crest, False: open_crest}
        self._rule = rule
        self._shut: bool | None = None
        self._supply, self._dark = supply, inf

    def darken(self, outages: Mapping[str, float]) -> None:
        """Learn from when on its lifeline is out of service [s]."""
        self._dark = outages.get(self._supply, inf)

    def apply(self, water: Solver, start: float, end: float) -> None:
        """Move the gate if its rule says so at ``start``."""
        del end
        if start >= self._dark and self._shut is not None:
            return
        shut = self._rule(water, start, self._shut)
        if shut != self._shut:
            self._shut = shut
            water.set_crest(self._edges, self._crests[shut])

    def state(self) -> dict[str, Any]:
        """Whether it is shut."""
        return {"shut": self._shut}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from what ``state`` gave; the crests are the water's."""
        self._shut = state["shut"]
