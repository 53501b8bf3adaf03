"""What has been built in the water's way: walls with their crests, and what acts at single places."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np

from citytwin.arrays import Floats, Ints
from citytwin.hazards.flood.layout import level_step
from citytwin.hazards.flood.solver import CLOSED, NO_CREST, Edges, Forcing, Solver


@dataclass(frozen=True, eq=False)
class Barrier:
    """A wall, levee or the like: edges that nothing passes below a level.

    Attributes
    ----------
    name
        What people call it.
    edges
        (k,) edges of the solver's window, each once.
    level
        (k,) level of its crest at each [m].
    breaches
        Whether a breach can open it.
    """

    name: str
    edges: Edges
    level: Floats
    breaches: bool = True


@runtime_checkable
class Driven(Protocol):
    """Something that runs on a lifeline."""

    def darken(self, outages: Mapping[str, float]) -> None:
        """Learn from when on lifelines are out of service [s], by name."""


@dataclass(frozen=True, eq=False)
class Works:
    """All that has been built on the cells of one solver.

    Attributes
    ----------
    barriers
        Walls and the like.
    forcings
        Gates, pumps and other things that act while the water flows.
    """

    barriers: tuple[Barrier, ...] = ()
    forcings: tuple[Forcing, ...] = ()

    def breachable(self) -> "Works":
        """Only the barriers that a breach can open."""
        return Works(tuple(barrier for barrier in self.barriers if barrier.breaches))

    def crests(self) -> tuple[Edges, Floats]:
        """Edges that any barrier stands on, each once, and the highest crest on each [m]."""
        if not self.barriers:
            none = np.empty(0, np.int64)
            return (none, none, none), np.empty(0)
        edges = np.concatenate([np.stack(b.edges) for b in self.barriers], axis=1)
        level = np.concatenate([b.level for b in self.barriers])
        found, which = np.unique(edges, axis=1, return_inverse=True)
        highest = np.full(found.shape[1], NO_CREST)
        np.maximum.at(highest, which.ravel(), level)
        return (found[0], found[1], found[2]), level_step(highest)

    def crest_at(self, edges: Edges) -> Floats:
        """(k,) highest crest on some edges [m], ``NO_CREST`` where no barrier stands."""
        known, level = self.crests()
        order = {edge: k for k, edge in enumerate(_listed(known))}
        level = np.append(level, NO_CREST)
        return np.asarray(level[[order.get(edge, -1) for edge in _listed(edges)]])

    def darken(self, outages: Mapping[str, float]) -> None:
        """Tell what runs on a lifeline from when on it is out of service [s]."""
        for forcing in self.forcings:
            if isinstance(forcing, Driven):
                forcing.darken(outages)

    def build(self, water: Solver) -> None:
        """Raise the crests in a solver that has just been made."""
        if self.barriers:
            water.set_crest(*self.crests())


def shut(water: Solver, edges: Edges) -> None:
    """Let nothing pass some edges; where there are none, the solver keeps no crests for them."""
    if edges[0].size:
        water.set_crest(edges, CLOSED)


def together(parts: list[Works]) -> Works:
    """Works of several measures as one, in their order."""
    return Works(
        tuple(barrier for part in parts for barrier in part.barriers),
        tuple(forcing for part in parts for forcing in part.forcings),
    )


def _listed(edges: tuple[Ints, ...]) -> list[tuple[int, ...]]:
    return [tuple(edge) for edge in np.stack(edges, axis=1).tolist()]
