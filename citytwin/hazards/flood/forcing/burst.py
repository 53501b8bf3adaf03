"""A burst main: water from a pipe, at a rate that is known or follows from its pressure."""

from math import pi, sqrt
from typing import ClassVar

import numpy as np
from pydantic import Field, model_validator

from citytwin.grid.finding import cell_at
from citytwin.grid.window import Grid
from citytwin.hazards.flood.edges import outward, place_of
from citytwin.hazards.flood.forcing.coefficients import coefficients
from citytwin.hazards.flood.forcing.part import Acting
from citytwin.hazards.flood.forcing.series import HOUR
from citytwin.hazards.flood.forcing.source import Source
from citytwin.hazards.flood.forcing.works import Works
from citytwin.hazards.flood.solver import GRAVITY, Forcing
from citytwin.hazards.places import Point, about


class Burst(Acting):
    """A burst main.

    Its rate is given, or that of an orifice: c π d²/4 √(2 g h), with the diameter d of the opening, the
    pressure head h above the ground, and c from the table.
    """

    word: ClassVar[str] = "burst main"
    title: ClassVar[str] = "Burst main"
    title_zh: ClassVar[str] = "管道爆裂"

    at: Point = Field(
        title="Where", description="Longitude and latitude",
        json_schema_extra=about("degrees", "位置"),
    )  # fmt: skip
    rate: float | None = Field(
        None, ge=0, le=100, title="Rate", description="Water that comes out",
        json_schema_extra=about("m³/s", "流量"),
    )  # fmt: skip
    diameter: float | None = Field(
        None, gt=0, le=10, title="Opening",
        description="Diameter of the opening, instead of a rate; a pipe that is torn off opens wholly",
        json_schema_extra=about("m", "破口直径"),
    )  # fmt: skip
    pressure_head: float | None = Field(
        None, gt=0, le=500, title="Pressure head",
        description="Pressure in the pipe as a column of water above the ground, with the diameter",
        json_schema_extra=about("m", "压力水头"),
    )  # fmt: skip
    from_h: float = Field(
        0.0, ge=0, le=10_000, title="From", description="When it bursts, hours after the start",
        json_schema_extra=about("h", "开始时间"),
    )  # fmt: skip
    to_h: float = Field(
        10_000.0, gt=0, le=10_000, title="To", description="When it is shut off",
        json_schema_extra=about("h", "关闭时间"),
    )  # fmt: skip

    @model_validator(mode="after")
    def _one_rate(self) -> "Burst":
        orifice = (self.diameter is not None, self.pressure_head is not None)
        if (self.rate is not None) == any(orifice) or any(orifice) != all(orifice):
            raise ValueError("give either rate, or diameter and pressure_head")
        if self.to_h <= self.from_h:
            raise ValueError("to_h does not come after from_h: raise it")
        return self

    @property
    def discharge(self) -> float:
        """Water that comes out while it is open [m³/s]."""
        if self.diameter is None or self.pressure_head is None:
            return self.rate or 0.0
        share = coefficients("orifice")["discharge"]
        return share * pi * self.diameter**2 / 4.0 * sqrt(2.0 * GRAVITY * self.pressure_head)

    def until(self, time: float) -> float:
        """Volume that has come out until a time [s], in m³."""
        open_h = min(max(time / HOUR, self.from_h), self.to_h) - self.from_h
        return self.discharge * open_h * HOUR

    def forcing(self, grid: Grid, works: Works) -> Forcing:
        """The water that comes out, on its cell."""
        del works
        cell = np.array([cell_at(grid, self.at, self.what)])
        place, border = place_of(grid, cell), outward(grid, cell[:0])
        return Source(self.what, place, self.until, "main", border)
