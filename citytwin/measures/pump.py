"""A pump with its capacity."""

from typing import ClassVar, Self

import numpy as np
from pydantic import Field, model_validator

from citytwin.arrays import Floats
from citytwin.errors import ScenarioError
from citytwin.grid.finding import cell_at
from citytwin.grid.window import Grid
from citytwin.hazards.flood.edges import place_of
from citytwin.hazards.flood.forcing.pump import Pump as Lifting
from citytwin.hazards.flood.forcing.works import Works
from citytwin.hazards.places import Point, about
from citytwin.measures.base import Measure, middle_point
from citytwin.registry import measures


@measures.register
class Pump(Measure):
    """A pump that lifts water from one place to another, or out of the city."""

    kind: ClassVar[str] = "pump"
    title: ClassVar[str] = "Pump"
    title_zh: ClassVar[str] = "泵站"

    at: Point = Field(
        title="Takes at", description="Where it takes water: longitude and latitude",
        json_schema_extra=about("degrees", "取水点"),
    )  # fmt: skip
    to: Point | None = Field(
        None, title="Gives at",
        description="Where the water goes: longitude and latitude; out of the city if left out",
        json_schema_extra=about("degrees", "排水点"),
    )  # fmt: skip
    capacity: float = Field(
        gt=0, le=10_000, title="Capacity", description="Most that it lifts",
        json_schema_extra=about("m³/s", "流量"),
    )  # fmt: skip
    starts: float = Field(
        0.2, ge=0, le=50, title="Starts at", description="Depth at its inlet at which it goes on",
        json_schema_extra=about("m", "起泵水深"),
    )  # fmt: skip
    stops: float = Field(
        0.05, ge=0, le=50, title="Stops at", description="Depth at its inlet at which it goes off",
        json_schema_extra=about("m", "停泵水深"),
    )  # fmt: skip
    supply: str = Field(
        "", max_length=80, title="Runs on",
        description="Lifeline of the city that it runs on; it stops when that fails",
        json_schema_extra=about("", "供电的生命线", advanced=True),
    )  # fmt: skip

    @model_validator(mode="after")
    def _starts_above_its_stop(self) -> Self:
        if self.starts < self.stops:
            raise ValueError("starts is below stops: raise it")
        return self

    def works(self, grid: Grid, ground: Floats) -> Works:
        """Itself, on its cells."""
        del ground
        source = cell_at(grid, self.at, self.what)
        target = None
        if self.to is not None:
            there = cell_at(grid, self.to, f"the outlet of {self.what}")
            if there == source:
                raise ScenarioError(
                    f"{self.what} gives its water to the cell that it takes it from: move its outlet"
                )
            target = place_of(grid, np.array([there]))
        inlet = place_of(grid, np.array([source]))
        lifting = Lifting(inlet, target, self.capacity, self.starts, self.stops, supply=self.supply)
        return Works(forcings=(lifting,))

    def runs_on(self) -> tuple[str, ...]:
        """Its lifeline."""
        return (self.supply,) if self.supply else ()

    @classmethod
    def example(cls, grid: Grid) -> Self:
        """One of 1 m³/s in the middle that starts with the first water."""
        return cls(at=middle_point(grid), capacity=1.0, starts=0.01, stops=0.0)
