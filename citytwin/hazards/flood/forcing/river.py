"""A river that enters the city with a known discharge."""

from typing import Annotated, ClassVar

from pydantic import BeforeValidator, Field

from citytwin.grid.window import Grid
from citytwin.hazards.flood.edges import outward, place_of
from citytwin.hazards.flood.forcing.part import Acting, cells_of
from citytwin.hazards.flood.forcing.series import Rows, curve, reader
from citytwin.hazards.flood.forcing.source import Source
from citytwin.hazards.flood.forcing.works import Works
from citytwin.hazards.flood.solver import Forcing
from citytwin.hazards.places import PointOrLine, about

Hydrograph = Annotated[
    Rows, BeforeValidator(reader("discharge_m3_s", "hydrograph", "m³/s", least=0.0))
]


class Inflow(Acting):
    """A river or channel that brings water.

    Its discharge is straight between the times of the hydrograph, constant before the first and after
    the last. Where its place lies on the border, the border is shut there.
    """

    word: ClassVar[str] = "inflow"
    title: ClassVar[str] = "River"
    title_zh: ClassVar[str] = "河流入流"

    place: PointOrLine = Field(
        title="Where", description="A point, or a line across the bed: longitude and latitude",
        json_schema_extra=about("degrees", "位置"),
    )  # fmt: skip
    hydrograph: Hydrograph = Field(
        title="Hydrograph",
        description="Rows of hours after the start and discharge in m³/s; or the path of a CSV file "
        "with the columns time_h, time_min or time_s, and discharge_m3_s",
        json_schema_extra=about("h, m³/s", "流量过程线"),
    )

    def forcing(self, grid: Grid, works: Works) -> Forcing:
        """The water that comes in, over the cells of the place."""
        del works
        cells = cells_of(grid, self.place, self.what)
        until = curve(self.hydrograph).until
        return Source(self.what, place_of(grid, cells), until, "inflow", outward(grid, cells))
