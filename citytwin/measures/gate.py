"""A flood gate with its rule."""

from typing import ClassVar, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from citytwin.arrays import Floats
from citytwin.grid.finding import cell_at
from citytwin.grid.window import Grid
from citytwin.hazards.flood.edges import crossing, place_of
from citytwin.hazards.flood.forcing.gate import Gate as Moving
from citytwin.hazards.flood.forcing.gate import Rule, shut_between, shut_by_level
from citytwin.hazards.flood.forcing.series import HOUR
from citytwin.hazards.flood.forcing.works import Works
from citytwin.hazards.flood.solver import CLOSED, NO_CREST
from citytwin.hazards.places import Point, Polyline, Times, about
from citytwin.measures.base import Measure, middle_line
from citytwin.registry import measures


@measures.register
class Gate(Measure):
    """A gate that shuts and opens in an instant; where it lies in a wall it takes the wall's place."""

    kind: ClassVar[str] = "gate"
    title: ClassVar[str] = "Flood gate"
    title_zh: ClassVar[str] = "防洪闸"

    line: Polyline = Field(
        title="Line", description="Points of its line in order: longitude and latitude",
        json_schema_extra=about("degrees", "走线"),
    )  # fmt: skip
    crest: float | None = Field(
        None, ge=-500, le=9000, title="Crest level",
        description="Level of its crest when it is shut; nothing passes at all if left out",
        json_schema_extra=about("m", "闸顶高程"),
    )  # fmt: skip
    sill: float | None = Field(
        None, ge=-500, le=9000, title="Sill level",
        description="Level of its sill when it is open; the ground if left out",
        json_schema_extra=about("m", "闸底高程"),
    )  # fmt: skip
    rule: Literal["above", "below", "times"] = Field(
        "above", title="Rule",
        description="Shut while the water at a point is above a level, or below it, or between times",
        json_schema_extra=about("", "启闭规则"),
    )  # fmt: skip
    point: Point | None = Field(
        None, title="Point", description="Where the level is read: longitude and latitude",
        json_schema_extra=about("degrees", "控制点"),
    )  # fmt: skip
    level: float | None = Field(
        None, ge=-500, le=9000, title="Level", description="Level at the point at which it shuts",
        json_schema_extra=about("m", "控制水位"),
    )  # fmt: skip
    margin: float = Field(
        0.05, ge=0, le=50, title="Margin",
        description="It opens again when the level has passed its own by so much the other way",
        json_schema_extra=about("m", "回差", advanced=True),
    )  # fmt: skip
    shut_h: Times = Field(
        (), title="Shut", description="Pairs of hours after the start, from and to, for times",
        json_schema_extra=about("h", "关闭时段"),
    )  # fmt: skip
    supply: str = Field(
        "", max_length=80, title="Runs on",
        description="Lifeline of the city that it runs on; it stays as it is when that fails",
        json_schema_extra=about("", "供电的生命线", advanced=True),
    )  # fmt: skip

    @model_validator(mode="after")
    def _has_what_its_rule_takes(self) -> Self:
        by_level = (self.point is not None, self.level is not None)
        if self.rule == "times":
            if any(by_level) or not self.shut_h:
                raise ValueError("the rule 'times' takes shut_h, and neither point nor level")
            if any(first >= last for first, last in self.shut_h):
                raise ValueError("a pair of shut_h does not rise: give from and to, in this order")
        elif not all(by_level) or self.shut_h:
            raise ValueError(f"the rule '{self.rule}' takes point and level, and no shut_h")
        if self.crest is not None and self.sill is not None and self.sill >= self.crest:
            raise ValueError("sill is not below crest: lower it")
        return self

    def works(self, grid: Grid, ground: Floats) -> Works:
        """Itself, on the edges that it crosses."""
        del ground
        edges = crossing(grid, self.line, self.what).edges
        shut = CLOSED if self.crest is None else self.crest
        open_ = NO_CREST if self.sill is None else self.sill
        count = edges[0].size
        shuts, opens = np.full(count, shut), np.full(count, open_)
        gate = Moving(edges, shuts, opens, self._rule(grid), supply=self.supply)
        return Works(forcings=(gate,))

    def runs_on(self) -> tuple[str, ...]:
        """Its lifeline."""
        return (self.supply,) if self.supply else ()

    def _rule(self, grid: Grid) -> Rule:
        if self.point is None or self.level is None:
            return shut_between(tuple((first * HOUR, last * HOUR) for first, last in self.shut_h))
        place = place_of(grid, np.array([cell_at(grid, self.point, f"the point of {self.what}")]))
        return shut_by_level(place, self.level, self.margin, above=self.rule == "above")

    @classmethod
    def example(cls, grid: Grid) -> Self:
        """One through the middle, shut for ten hours."""
        return cls(line=middle_line(grid), rule="times", shut_h=((0.0, 10.0),))
