"""An underpass that is closed: nothing passes its doors."""

from typing import ClassVar, Self

import numpy as np
from pydantic import Field, model_validator

from citytwin.arrays import Floats
from citytwin.grid.window import Grid
from citytwin.hazards.flood.edges import crossing
from citytwin.hazards.flood.forcing.works import Barrier, Works
from citytwin.hazards.flood.solver import CLOSED
from citytwin.hazards.places import Polyline, Ring, about
from citytwin.measures.base import Measure, middle_area
from citytwin.registry import measures


@measures.register
class ClosedUnderpass(Measure):
    """An underpass with doors that are shut: no water goes through the line, in or out of the area.

    The people's way through it is closed, too.
    """

    kind: ClassVar[str] = "closed_underpass"
    title: ClassVar[str] = "Closed underpass"
    title_zh: ClassVar[str] = "封闭下穿通道"

    line: Polyline | None = Field(
        None, title="Line", description="Line of its doors: longitude and latitude",
        json_schema_extra=about("degrees", "挡水线"),
    )  # fmt: skip
    area: Ring | None = Field(
        None, title="Area",
        description="Corners of an area that is closed all round, instead of a line",
        json_schema_extra=about("degrees", "范围"),
    )  # fmt: skip

    @model_validator(mode="after")
    def _line_or_area(self) -> Self:
        if (self.line is None) == (self.area is None):
            raise ValueError("give either line or area")
        return self

    def works(self, grid: Grid, ground: Floats) -> Works:
        """Doors on the edges that it crosses."""
        del ground
        line = self.line or (*(self.area or ()), *(self.area or ())[:1])
        edges = crossing(grid, line, self.what).edges
        level = np.full(edges[0].size, CLOSED)
        return Works((Barrier(self.what, edges, level, breaches=False),))

    @classmethod
    def example(cls, grid: Grid) -> Self:
        """An area in the middle."""
        return cls(area=middle_area(grid))
