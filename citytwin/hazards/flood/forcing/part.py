"""Parts of a flood that lie at single places and act on its water."""

from abc import abstractmethod
from collections.abc import Sequence

import numpy as np

from citytwin.arrays import Ints
from citytwin.errors import ScenarioError
from citytwin.grid.finding import Lonlat, cell_at, cells_along
from citytwin.grid.window import Grid
from citytwin.hazards.flood.forcing.works import Works
from citytwin.hazards.flood.solver import Forcing
from citytwin.hazards.places import Part


class Acting(Part):
    """A part that acts on the water."""

    @abstractmethod
    def forcing(self, grid: Grid, works: Works) -> Forcing:
        """It on the cells of a city.

        Parameters
        ----------
        grid
            Cells of the solver.
        works
            Walls and the like that stand there.

        Raises
        ------
        ScenarioError
            If it does not lie where it can.
        """


def cells_of(grid: Grid, place: Sequence[Lonlat], what: str) -> Ints:
    """Positions of the cells at a point or along a line."""
    if len(set(place)) > 1:
        return cells_along(grid, place, what)
    return np.array([cell_at(grid, place[0], what)])


def forcings(parts: Sequence[Part], grid: Grid, works: Works | None = None) -> list[Forcing]:
    """What acts on the water at single places, in the order in which it acts.

    Parameters
    ----------
    parts
        Parts of an event; gauges and lines among them do nothing.
    grid
        Cells of the solver.
    works
        What measures have built; a breach needs a wall.

    Raises
    ------
    ScenarioError
        If two parts of a kind have one name, or one lies where it cannot.
    """
    seen: set[tuple[str, str]] = set()
    for part in parts:
        if (part.word, part.name) in seen:
            raise ScenarioError(f"two parts of the event are called {part.what}: rename one")
        seen.add((part.word, part.name))
    works = works or Works()
    return [part.forcing(grid, works) for part in parts if isinstance(part, Acting)]
