"""A raised road: ground that lies higher and holds water back."""

from typing import ClassVar, Self

from pydantic import Field, model_validator

from citytwin.arrays import Floats, Ints
from citytwin.grid.finding import shares_beside, shares_within
from citytwin.grid.window import Grid
from citytwin.hazards.base import Layers
from citytwin.hazards.flood.edges import crossing, ground_beside
from citytwin.hazards.flood.forcing.works import Barrier, Works
from citytwin.hazards.places import Polyline, Ring, about
from citytwin.measures.base import Measure, layer, middle_line
from citytwin.registry import measures


@measures.register
class RaisedRoad(Measure):
    """A road on a bank: its ground is raised, and along its line no water passes below its surface.

    A cell that lies in it in part is raised in part; only a road as wide as a cell or wider stays dry on
    all of its cells.
    """

    kind: ClassVar[str] = "raised_road"
    title: ClassVar[str] = "Raised road"
    title_zh: ClassVar[str] = "抬高道路"

    line: Polyline | None = Field(
        None, title="Line", description="Middle of the road: longitude and latitude",
        json_schema_extra=about("degrees", "道路中线"),
    )  # fmt: skip
    width: float | None = Field(
        None, gt=0, le=500, title="Width", description="Width of the road, with its line",
        json_schema_extra=about("m", "宽度"),
    )  # fmt: skip
    area: Ring | None = Field(
        None, title="Area", description="Corners of the area, instead of a line and a width",
        json_schema_extra=about("degrees", "范围"),
    )  # fmt: skip
    height: float = Field(
        gt=0, le=50, title="Height", description="Height by which it is raised",
        json_schema_extra=about("m", "抬高高度"),
    )  # fmt: skip

    @model_validator(mode="after")
    def _line_or_area(self) -> Self:
        line = (self.line is not None, self.width is not None)
        if (self.area is not None) == any(line) or any(line) != all(line):
            raise ValueError("give either line and width, or area")
        return self

    def change_layers(self, grid: Grid, layers: Layers) -> dict[str, Floats]:
        """The higher ground."""
        cells, share = self._shares(grid)
        ground = layer(layers, "ground_elevation")
        ground[cells] += share * self.height
        return {"ground_elevation": ground}

    def works(self, grid: Grid, ground: Floats) -> Works:
        """The crest of the bank along the line: its surface, where cells are raised in part only."""
        if self.line is None:
            return Works()
        cells, share = self._shares(grid)
        surface = ground + self.height
        surface[cells] -= share * self.height
        edges = crossing(grid, self.line, self.what).edges
        return Works((Barrier(self.what, edges, ground_beside(grid, edges, surface)),))

    def _shares(self, grid: Grid) -> tuple[Ints, Floats]:
        if self.line is not None and self.width is not None:
            return shares_beside(grid, self.line, self.width, self.what)
        return shares_within(grid, self.area or (), self.what)

    @classmethod
    def example(cls, grid: Grid) -> Self:
        """One through the middle, 1 m high and as wide as two cells."""
        width = 2.0 * float(grid.lattice.lengths.max())
        return cls(line=middle_line(grid), width=min(width, 500.0), height=1.0)
