"""The sea, or a river whose level is known, along a shoreline: stage, tide and surge."""

from collections.abc import Callable
from math import cos, pi, radians
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from citytwin.grid.finding import cells_along
from citytwin.grid.window import Grid
from citytwin.hazards.flood.edges import outward, place_of
from citytwin.hazards.flood.forcing.part import Acting
from citytwin.hazards.flood.forcing.series import HOUR, Rows, curve, reader
from citytwin.hazards.flood.forcing.works import Works, shut
from citytwin.hazards.flood.solver import Edges, Forcing, Place, Solver
from citytwin.hazards.places import Polyline, about, tuples

Stage = Annotated[Rows, BeforeValidator(reader("stage_m", "stage", "m", least=None))]


class Constituent(BaseModel):
    """One constituent of a tide: amplitude · cos(2π time / period − phase)."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    amplitude: float = Field(
        ge=0, le=20, title="Amplitude", description="Half of its range",
        json_schema_extra=about("m", "振幅"),
    )  # fmt: skip
    period_h: float = Field(
        gt=0, le=10_000, title="Period", description="Time between two of its high waters",
        json_schema_extra=about("h", "周期"),
    )  # fmt: skip
    phase_deg: float = Field(
        0.0, ge=-360, le=360, title="Phase",
        description="Its high water comes at this share of the period, in degrees, after the start",
        json_schema_extra=about("degrees", "相位"),
    )  # fmt: skip

    def at(self, time: float) -> float:
        """Level that it adds at a time [s], in metres."""
        angle = 2.0 * pi * time / (self.period_h * HOUR) - radians(self.phase_deg)
        return self.amplitude * cos(angle)


Tide = Annotated[tuple[Constituent, ...], BeforeValidator(tuples)]


class Shore(Acting):
    """A shoreline along which the water has a known level.

    Where the line lies on the border of the city, the border is shut: the sea goes on beyond it.

    level = mean level + stage(time) + tide(time) + surge(time), each 0 where it is left out. The surge
    rises and falls as peak · cos²(π (time − time of the peak) / duration).
    """

    word: ClassVar[str] = "shoreline"
    title: ClassVar[str] = "Sea"
    title_zh: ClassVar[str] = "潮位边界"

    line: Polyline = Field(
        title="Shoreline",
        description="Line whose cells have the level: longitude and latitude. Ground above the level "
        "stays dry; water that reaches the line above the level goes into the sea",
        json_schema_extra=about("degrees", "岸线"),
    )
    mean_level: float = Field(
        0.0, ge=-500, le=9000, title="Mean level",
        description="Level about which the water moves, above the city's datum",
        json_schema_extra=about("m", "平均水位"),
    )  # fmt: skip
    stage: Stage | None = Field(
        None, title="Stage",
        description="Rows of hours after the start and level above the mean level in m; or the path "
        "of a CSV file with the columns time_h, time_min or time_s, and stage_m",
        json_schema_extra=about("h, m", "水位过程线"),
    )  # fmt: skip
    tide: Tide = Field(
        (), title="Tide", description="Constituents: amplitude, period and phase",
        json_schema_extra=about("", "潮汐分潮"),
    )  # fmt: skip
    surge_peak: float = Field(
        0.0, ge=-20, le=20, title="Surge", description="Height of the surge at its peak",
        json_schema_extra=about("m", "增水峰值"),
    )  # fmt: skip
    surge_peak_h: float = Field(
        0.0, ge=-1000, le=10_000, title="Surge peaks at",
        description="Time of the surge's peak, hours after the start",
        json_schema_extra=about("h", "增水峰现时间"),
    )  # fmt: skip
    surge_lasts_h: float = Field(
        12.0, gt=0, le=10_000, title="Surge lasts", description="Time from its first rise to its end",
        json_schema_extra=about("h", "增水历时"),
    )  # fmt: skip

    @model_validator(mode="after")
    def _moves(self) -> "Shore":
        if "mean_level" not in self.model_fields_set and self.stage is None:
            raise ValueError("the sea has no level: give mean_level or stage")
        return self

    def level(self, time: float) -> float:
        """Level of the water [m] at a time [s]."""
        level = self.mean_level + sum(constituent.at(time) for constituent in self.tide)
        return level + self._surge(time) + (self._stage(time) if self.stage else 0.0)

    def forcing(self, grid: Grid, works: Works) -> Forcing:
        """The level, on the cells of the shoreline."""
        del works
        cells = cells_along(grid, self.line, self.what)
        return Held(place_of(grid, cells), self.level, "sea", outward(grid, cells))

    def _surge(self, time: float) -> float:
        share = (time / HOUR - self.surge_peak_h) / self.surge_lasts_h
        return self.surge_peak * cos(pi * share) ** 2 if abs(share) < 0.5 else 0.0

    def _stage(self, time: float) -> float:
        return curve(self.stage).at(time) if self.stage else 0.0


class Held:
    """Cells whose water has a known level.

    Parameters
    ----------
    place
        Cells.
    level
        Level [m] at a time [s].
    term
        Name of the water in the balance that comes in or goes out there.
    border
        Edges out of the city that are shut: the water beyond them stands at the same level.
    """

    def __init__(
        self, place: Place, level: Callable[[float], float], term: str, border: Edges
    ) -> None:
        self._place = place
        self._border = border
        self._begun = False
        self._level = level
        self._term = term

    def apply(self, water: Solver, start: float, end: float) -> None:
        """Set the level that the time ``end`` has."""
        del start
        if not self._begun:
            self._begun = True
            shut(water, self._border)
        water.hold_level(self._place, self._level(end), self._term)

    def state(self) -> dict[str, Any]:
        """Nothing: the level follows from the time."""
        return {}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on; there is nothing to remember."""
