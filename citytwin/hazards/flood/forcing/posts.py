"""Places where the water is watched: gauges and lines."""

from typing import ClassVar

from pydantic import Field

from citytwin.grid.finding import cell_at
from citytwin.grid.window import Grid
from citytwin.hazards.flood.edges import Crossing, crossing
from citytwin.hazards.places import Part, Point, Polyline, about


class Gauge(Part):
    """A gauge: depth, level and speed over time at a point."""

    word: ClassVar[str] = "gauge"
    title: ClassVar[str] = "Gauge"
    title_zh: ClassVar[str] = "水位测点"

    at: Point = Field(
        title="Where", description="Longitude and latitude",
        json_schema_extra=about("degrees", "位置"),
    )  # fmt: skip

    def cell(self, grid: Grid) -> int:
        """Position of its cell in a grid."""
        return cell_at(grid, self.at, self.what)


class Line(Part):
    """A line: flow across it over time, positive to its left as it is drawn.

    Drawn from the left bank to the right bank, looking downstream, it counts flow downstream positive.
    """

    word: ClassVar[str] = "line"
    title: ClassVar[str] = "Flow line"
    title_zh: ClassVar[str] = "过流断面"

    line: Polyline = Field(
        title="Line", description="Points in order: longitude and latitude",
        json_schema_extra=about("degrees", "断面线"),
    )  # fmt: skip

    def crossing(self, grid: Grid) -> Crossing:
        """Edges that it crosses: the flow is the sum of side · discharge(edges)."""
        return crossing(grid, self.line, self.what)
