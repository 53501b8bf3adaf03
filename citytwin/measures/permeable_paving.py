"""Permeable paving: ground that takes water again."""

from typing import ClassVar, Self

import numpy as np
from pydantic import Field, model_validator

from citytwin.arrays import Floats
from citytwin.grid.finding import shares_within
from citytwin.grid.window import Grid
from citytwin.hazards.base import Layers
from citytwin.hazards.flood.edges import place_of
from citytwin.hazards.flood.forcing.store import Bed
from citytwin.hazards.flood.forcing.works import Works
from citytwin.hazards.places import Ring, about
from citytwin.measures.base import Measure, layer, middle_area
from citytwin.registry import measures

_MILLIMETRE_AN_HOUR = 1e-3 / 3600.0
_MILLIMETRE = 1e-3


@measures.register
class PermeablePaving(Measure):
    """Paving that lets water through: into the soil below, or into a bed of stones first, or both.

    The defaults are assumptions; what a product takes is in its data sheet.
    """

    kind: ClassVar[str] = "permeable_paving"
    title: ClassVar[str] = "Permeable paving"
    title_zh: ClassVar[str] = "透水铺装"

    area: Ring = Field(
        title="Area", description="Corners of the area: longitude and latitude",
        json_schema_extra=about("degrees", "范围"),
    )  # fmt: skip
    pervious: float = Field(
        1.0, ge=0, le=1, title="Pervious share",
        description="Share of the open ground in the area through which the soil takes water; ground "
        "that takes more than that already stays as it is",
        json_schema_extra=about("1", "透水率"),
    )  # fmt: skip
    bed_mm: float = Field(
        0.0, ge=0, le=5000, title="Bed holds",
        description="Water that the bed under the paving holds: its depth times its share of voids",
        json_schema_extra=about("mm", "基层蓄水深"),
    )  # fmt: skip
    bed_mm_h: float = Field(
        100.0, gt=0, le=100_000, title="Bed takes",
        description="Rate at which water runs through the paving into the bed",
        json_schema_extra=about("mm/h", "渗透速率"),
    )  # fmt: skip

    @model_validator(mode="after")
    def _takes_some(self) -> Self:
        if self.pervious == 0.0 and self.bed_mm == 0.0:
            raise ValueError("the paving takes no water: give pervious or bed_mm")
        return self

    def change_layers(self, grid: Grid, layers: Layers) -> dict[str, Floats]:
        """The larger pervious share."""
        cells, share = shares_within(grid, self.area, self.what)
        pervious = layer(layers, "pervious_share")
        pervious[cells] += share * np.maximum(self.pervious - pervious[cells], 0.0)
        return {"pervious_share": np.clip(pervious, 0.0, 1.0)}

    def works(self, grid: Grid, ground: Floats) -> Works:
        """The bed."""
        del ground
        if self.bed_mm == 0.0:
            return Works()
        cells, share = shares_within(grid, self.area, self.what)
        area = share * grid.area[cells]
        bed = Bed(
            place_of(grid, cells),
            area * self.bed_mm * _MILLIMETRE,
            area * self.bed_mm_h * _MILLIMETRE_AN_HOUR,
        )
        return Works(forcings=(bed,))

    @classmethod
    def example(cls, grid: Grid) -> Self:
        """One in the middle, with a bed."""
        return cls(area=middle_area(grid), bed_mm=60.0)
