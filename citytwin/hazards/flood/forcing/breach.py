"""A breach in a levee or dam that grows in time."""

from math import sqrt
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field, model_validator

from citytwin.arrays import Floats
from citytwin.errors import ScenarioError
from citytwin.grid.finding import cell_at
from citytwin.grid.window import Grid
from citytwin.hazards.flood.edges import middles
from citytwin.hazards.flood.forcing.coefficients import coefficients
from citytwin.hazards.flood.forcing.gap import GrowingGap
from citytwin.hazards.flood.forcing.part import Acting
from citytwin.hazards.flood.forcing.series import HOUR
from citytwin.hazards.flood.forcing.works import Barrier, Works
from citytwin.hazards.flood.solver import GRAVITY, Edges, Forcing
from citytwin.hazards.places import Point, about


class Breach(Acting):
    """A gap in a wall, levee or dam.

    It grows from nothing to its width, and from the crest to its bottom, in straight lines over its time
    of formation. Width and time are given, or follow from Froehlich's regression (2008,
    doi:10.1061/(ASCE)0733-9429(2008)134:12(1708)) on the water behind it.
    """

    word: ClassVar[str] = "breach"
    title: ClassVar[str] = "Breach"
    title_zh: ClassVar[str] = "溃口"

    at: Point = Field(
        title="Where", description="A point on the wall: longitude and latitude",
        json_schema_extra=about("degrees", "位置"),
    )  # fmt: skip
    start_h: float = Field(
        0.0, ge=0, le=10_000, title="Starts", description="When it begins, hours after the start",
        json_schema_extra=about("h", "起溃时间"),
    )  # fmt: skip
    growth: Literal["linear", "froehlich"] = Field(
        "linear", title="Growth",
        description="linear takes width and forms_h; froehlich takes volume and failure instead",
        json_schema_extra=about("", "发展方式"),
    )  # fmt: skip
    width: float | None = Field(
        None, gt=0, le=5000, title="Width", description="Width of the gap when it is formed",
        json_schema_extra=about("m", "最终宽度"),
    )  # fmt: skip
    forms_h: float | None = Field(
        None, ge=0, le=1000, title="Forms in", description="Time from its beginning to its full size",
        json_schema_extra=about("h", "形成历时"),
    )  # fmt: skip
    bottom: float | None = Field(
        None, ge=-500, le=9000, title="Bottom",
        description="Level of its bottom when it is formed; down to the ground if left out",
        json_schema_extra=about("m", "底高程"),
    )  # fmt: skip
    volume: float | None = Field(
        None, gt=0, le=1e12, title="Water behind",
        description="Water above the bottom when it begins, for froehlich",
        json_schema_extra=about("m³", "蓄水量"),
    )  # fmt: skip
    failure: Literal["overtopping", "piping"] = Field(
        "overtopping", title="Failure", description="What makes the dam fail, for froehlich",
        json_schema_extra=about("", "破坏方式"),
    )  # fmt: skip

    @model_validator(mode="after")
    def _has_what_its_growth_takes(self) -> "Breach":
        linear = (self.width is not None, self.forms_h is not None)
        if self.growth == "linear" and (not all(linear) or self.volume is not None):
            raise ValueError("linear growth takes width and forms_h, and no volume")
        if self.growth == "froehlich" and (any(linear) or self.volume is None):
            raise ValueError("froehlich takes volume, and neither width nor forms_h")
        return self

    def size(self, height: float) -> tuple[float, float]:
        """Width [m] and time of formation [s] of a breach of a height [m]."""
        if self.growth == "froehlich":
            return froehlich(self.volume or 0.0, height, self.failure)
        return self.width or 0.0, (self.forms_h or 0.0) * HOUR

    def forcing(self, grid: Grid, works: Works) -> Forcing:
        """The gap, in the nearest wall."""
        walls = works.breachable()
        barrier, away = self._wall(grid, walls)
        order = np.argsort(away, kind="stable")
        edges: Edges = (
            barrier.edges[0][order], barrier.edges[1][order], barrier.edges[2][order],
        )  # fmt: skip
        return GrowingGap(
            self.what, edges, grid.lattice.edges[edges[0]], walls.crest_at(edges), self.bottom,
            self.start_h * HOUR, self.size,
        )  # fmt: skip

    def _wall(self, grid: Grid, walls: Works) -> tuple[Barrier, Floats]:
        """The barrier nearest to the point, and how far each of its edges lies from it [m]."""
        cell_at(grid, self.at, self.what)
        x, y = grid.project(np.array(self.at[0]), np.array(self.at[1]))
        reach = 1.5 * float(grid.lattice.lengths.max())
        nearest: tuple[float, Barrier, Floats] | None = None
        for barrier in walls.barriers:
            away = np.hypot(*(middles(grid, barrier.edges) - np.array([x, y])).T)
            if away.min() <= reach and (nearest is None or away.min() < nearest[0]):
                nearest = float(away.min()), barrier, away
        if nearest is None:
            raise ScenarioError(
                f"{self.what} at {self.at[0]:g}, {self.at[1]:g} has no wall: no wall or levee lies "
                f"within {reach:.0f} m of it; move it onto one, or add one to the measures"
            )
        return nearest[1], nearest[2]


def froehlich(volume: float, height: float, failure: str) -> tuple[float, float]:
    """Mean width [m] and time of formation [s] of a breach in an earth dam (Froehlich 2008).

    Parameters
    ----------
    volume
        Water above the bottom of the breach when it begins [m³].
    height
        From the bottom of the breach to the crest [m].
    failure
        ``overtopping`` or ``piping``.
    """
    c = coefficients("froehlich")
    size = volume ** c["width_volume"] * height ** c["width_height"]
    time = c["time_factor"] * sqrt(volume / (GRAVITY * height**2))
    return c["width_factor"] * c[failure] * size, time
