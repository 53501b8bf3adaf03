"""Storage for water: a tank under the ground, or ground that lies lower."""

from typing import ClassVar, Self

from pydantic import Field, model_validator

from citytwin.arrays import Floats
from citytwin.grid.finding import shares_within
from citytwin.grid.window import Grid
from citytwin.hazards.base import Layers
from citytwin.hazards.flood.edges import place_of
from citytwin.hazards.flood.forcing.store import Tank
from citytwin.hazards.flood.forcing.works import Works
from citytwin.hazards.places import Ring, about
from citytwin.measures.base import Measure, layer, middle_area
from citytwin.registry import measures


@measures.register
class Storage(Measure):
    """A tank that inlets fill, or a basin: ground that is dug out."""

    kind: ClassVar[str] = "storage"
    title: ClassVar[str] = "Storage"
    title_zh: ClassVar[str] = "调蓄设施"

    area: Ring = Field(
        title="Area", description="Corners of the area: longitude and latitude",
        json_schema_extra=about("degrees", "范围"),
    )  # fmt: skip
    volume: float | None = Field(
        None, gt=0, le=1e9, title="Tank", description="Water that the tank holds",
        json_schema_extra=about("m³", "调蓄容积"),
    )  # fmt: skip
    inlet_rate: float | None = Field(
        None, gt=0, le=10_000, title="Inlets take",
        description="Most that all inlets of the tank take together",
        json_schema_extra=about("m³/s", "进水流量"),
    )  # fmt: skip
    dug: float | None = Field(
        None, gt=0, le=50, title="Dug out",
        description="Depth by which the ground of the area is lowered, instead of a tank",
        json_schema_extra=about("m", "下挖深度"),
    )  # fmt: skip

    @model_validator(mode="after")
    def _tank_or_basin(self) -> Self:
        tank = (self.volume is not None, self.inlet_rate is not None)
        if (self.dug is not None) == any(tank) or any(tank) != all(tank):
            raise ValueError("give either volume and inlet_rate, or dug")
        return self

    def change_layers(self, grid: Grid, layers: Layers) -> dict[str, Floats]:
        """The lower ground of a basin; a cell that is in it in part is lowered in part."""
        if self.dug is None:
            return {}
        cells, share = shares_within(grid, self.area, self.what)
        ground = layer(layers, "ground_elevation")
        ground[cells] -= share * self.dug
        return {"ground_elevation": ground}

    def works(self, grid: Grid, ground: Floats) -> Works:
        """The tank."""
        del ground
        if self.volume is None or self.inlet_rate is None:
            return Works()
        cells, share = shares_within(grid, self.area, self.what)
        return Works(forcings=(Tank(place_of(grid, cells), share, self.volume, self.inlet_rate),))

    @classmethod
    def example(cls, grid: Grid) -> Self:
        """A tank in the middle."""
        return cls(area=middle_area(grid), volume=1000.0, inlet_rate=1.0)
