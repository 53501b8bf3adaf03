"""Water that stands somewhere when the event starts: a lake, a reservoir, the sea off the shore."""

from typing import Any, ClassVar

from pydantic import Field

from citytwin.grid.finding import shares_within
from citytwin.grid.window import Grid
from citytwin.hazards.flood.edges import outward, place_of
from citytwin.hazards.flood.forcing.part import Acting
from citytwin.hazards.flood.forcing.works import Works, shut
from citytwin.hazards.flood.solver import Edges, Forcing, Place, Solver
from citytwin.hazards.places import Ring, about


class Pool(Acting):
    """Standing water: cells at least half inside the area are filled to the level, once.

    Where the area reaches the border of the city, the border is shut: its water goes on beyond.
    """

    word: ClassVar[str] = "pool"
    title: ClassVar[str] = "Standing water"
    title_zh: ClassVar[str] = "初始水体"

    area: Ring = Field(
        title="Area", description="Corners of the area: longitude and latitude",
        json_schema_extra=about("degrees", "范围"),
    )  # fmt: skip
    level: float = Field(
        ge=-500, le=9000, title="Level", description="Level of the water, above the city's datum",
        json_schema_extra=about("m", "水位"),
    )  # fmt: skip

    def forcing(self, grid: Grid, works: Works) -> Forcing:
        """The filling of the cells."""
        del works
        cells, share = shares_within(grid, self.area, self.what)
        inside = cells[share >= min(0.5, float(share.max()))]
        return Filling(place_of(grid, inside), self.level, outward(grid, inside))


class Filling:
    """Cells filled to a level when they are first looked at; ground above it stays dry.

    Parameters
    ----------
    place
        Cells.
    level
        Level [m].
    border
        Edges out of the city that are shut.
    """

    def __init__(self, place: Place, level: float, border: Edges) -> None:
        self._place = place
        self._border = border
        self._level = level
        self._done = False

    def apply(self, water: Solver, start: float, end: float) -> None:
        """Fill the cells, the first time."""
        del start, end
        if not self._done:
            self._done = True
            shut(water, self._border)
            water.hold_level(self._place, self._level, "pool")

    def state(self) -> dict[str, Any]:
        """Whether it is done."""
        return {"done": self._done}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from what ``state`` gave."""
        self._done = bool(state["done"])
