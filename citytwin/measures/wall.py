"""A flood wall: nothing passes its line below its crest."""

from typing import ClassVar, Self

import numpy as np
from pydantic import Field, model_validator

from citytwin.arrays import Floats
from citytwin.errors import ScenarioError
from citytwin.grid.window import Grid
from citytwin.hazards.flood.edges import crossing, ground_beside
from citytwin.hazards.flood.forcing.works import Barrier, Works
from citytwin.hazards.places import Polyline, about
from citytwin.measures.base import Measure, middle_line
from citytwin.registry import measures


@measures.register
class Wall(Measure):
    """A wall that holds water back until it stands above the crest; it takes no room."""

    kind: ClassVar[str] = "wall"
    title: ClassVar[str] = "Flood wall"
    title_zh: ClassVar[str] = "防洪墙"

    line: Polyline = Field(
        title="Line", description="Points of its line in order: longitude and latitude",
        json_schema_extra=about("degrees", "走线"),
    )  # fmt: skip
    height: float | None = Field(
        None, gt=0, le=500, title="Height",
        description="Height of its crest above the higher ground beside it",
        json_schema_extra=about("m", "墙高"),
    )  # fmt: skip
    crest: float | None = Field(
        None, ge=-500, le=9000, title="Crest level",
        description="Level of its crest above the city's datum, instead of a height",
        json_schema_extra=about("m", "顶高程"),
    )  # fmt: skip

    @model_validator(mode="after")
    def _one_crest(self) -> Self:
        if (self.height is None) == (self.crest is None):
            raise ValueError("give either height or crest")
        return self

    def works(self, grid: Grid, ground: Floats) -> Works:
        """Its crest on the edges that it crosses."""
        edges = crossing(grid, self.line, self.what).edges
        beside = ground_beside(grid, edges, ground)
        level = beside + self.height if self.height else np.full(beside.size, self.crest)
        if not (level > beside).any():
            raise ScenarioError(
                f"{self.what} has its crest at {self.crest:g} m, below the ground all along "
                f"({beside.min():.2f} m and more): give a higher crest, or a height"
            )
        return Works((Barrier(self.what, edges, level),))

    @classmethod
    def example(cls, grid: Grid) -> Self:
        """One of 2 m through the middle."""
        return cls(line=middle_line(grid), height=2.0)
