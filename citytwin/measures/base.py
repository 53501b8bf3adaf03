"""What every measure has in common: its face, its cost, and what it makes of a city."""

from abc import ABC
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from citytwin.arrays import Floats
from citytwin.errors import InputError, ScenarioError
from citytwin.grid.window import Grid
from citytwin.hazards.base import Layers

if TYPE_CHECKING:
    from citytwin.hazards.flood.forcing.works import Works

Lonlat = tuple[float, float]
#: Fields that say nothing of the physics.
WORDS = ("name", "cost")


class Cost(BaseModel):
    """What a measure costs to build."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    amount: float = Field(
        ge=0, le=1e15, title="Amount", description="Money, in whole units of the currency",
        json_schema_extra={"unit": "money", "title_zh": "金额"},
    )  # fmt: skip
    currency: str = Field(
        pattern="^[A-Z]{3}$", title="Currency", description="Code of ISO 4217, for example CNY",
        json_schema_extra={"unit": "", "title_zh": "币种"},
    )  # fmt: skip
    year: int = Field(
        ge=1900, le=2200, title="Year", description="Year of the prices",
        json_schema_extra={"unit": "a", "title_zh": "价格年份"},
    )  # fmt: skip


class Measure(BaseModel, ABC):
    """Something that people build or do. Its fields say where it lies and how large it is.

    A subclass in its own file, registered with ``registry.measures.register``, can stand in a scenario
    and is tested with all others.

    Attributes
    ----------
    kind
        Word by which scenarios call it.
    title, title_zh
        What people read.
    version
        Changes whenever the same fields have another effect.
    acts_on
        Names of the hazards that it changes.
    references
        Where its numbers come from: DOI, page.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    kind: ClassVar[str]
    title: ClassVar[str]
    title_zh: ClassVar[str]
    version: ClassVar[str] = "1"
    acts_on: ClassVar[tuple[str, ...]] = ("flood",)
    references: ClassVar[tuple[str, ...]] = ()

    name: str = Field(
        "", max_length=80, title="Name", description="What people call it",
        json_schema_extra={"unit": "", "title_zh": "名称"},
    )  # fmt: skip
    cost: Cost | None = Field(
        None, title="Cost", description="What it costs: amount, currency, year of the prices",
        json_schema_extra={"unit": "", "title_zh": "造价", "advanced": True},
    )  # fmt: skip

    @property
    def what(self) -> str:
        """It, as a complaint names it."""
        word = self.title.lower()
        return f"the {word} '{self.name}'" if self.name else f"the {word} without a name"

    def change_layers(self, grid: Grid, layers: Layers) -> dict[str, Floats]:
        """The (n,) layers that it changes, by name; those given stay as they are.

        Parameters
        ----------
        grid, layers
            Cells of the city and their layers, as the measures before have left them.
        """
        del grid, layers
        return {}

    def works(self, grid: Grid, ground: Floats) -> "Works":
        """What it puts in the way of water, or does with it.

        Parameters
        ----------
        grid
            Cells of the solver.
        ground
            (n,) their ground, as all measures have left it [m].
        """
        from citytwin.hazards.flood.forcing.works import Works  # noqa: PLC0415  (only for a run)

        del grid, ground
        return Works()

    def runs_on(self) -> tuple[str, ...]:
        """Names of the city's lifelines that it runs on."""
        return ()

    def physics(self) -> dict[str, Any]:
        """All that counts when scenarios are compared, as plain values."""
        fields = self.model_dump(mode="json", exclude=set(WORDS))
        return {"kind": self.kind, "version": self.version, **fields}

    @classmethod
    def example(cls, grid: Grid) -> Self:
        """One that makes a difference in the middle of any city; for tests and for forms."""
        raise InputError(f"the measure '{cls.kind}' has no example for {len(grid)} cells")


def refuse_idle(measures: Sequence[Measure], hazard: str) -> None:
    """Refuse measures that do nothing about a hazard.

    Raises
    ------
    ScenarioError
        That names the first.
    """
    for measure in measures:
        if hazard not in measure.acts_on:
            raise ScenarioError(
                f"{measure.what} does not act on the hazard '{hazard}', only on "
                f"{', '.join(measure.acts_on)}: take it away"
            )


def refuse_unknown_supply(measures: Sequence[Measure], lifelines: Sequence[str]) -> None:
    """Refuse measures that run on what no lifeline of the city is called.

    Raises
    ------
    ScenarioError
        That names the first.
    """
    for measure in measures:
        for name in measure.runs_on():
            if name not in lifelines:
                known = f"choose from {', '.join(lifelines)}" if lifelines else "it has none"
                raise ScenarioError(
                    f"'supply' of {measure.what} is '{name}', which no lifeline of the city is called: "
                    f"{known}, or leave it out"
                )


def layer(layers: Layers, name: str) -> Floats:
    """(n,) layer as a new array.

    Raises
    ------
    InputError
        If it is missing.
    """
    if name not in layers:
        raise InputError(
            f"the layer '{name}' is missing: build the city again with a source that gives it"
        )
    return np.array(layers[name], np.float64)


def middle_point(grid: Grid, *, aside: float = 0.0) -> Lonlat:
    """Centre of a cell in the middle of a city, or some share of the city's width to its east."""
    x = grid.x.mean() + aside * np.ptp(grid.x)
    nearest = int(np.argmin(np.hypot(grid.x - x, grid.y - grid.y.mean())))
    lon, lat = grid.unproject(grid.x[[nearest]], grid.y[[nearest]])
    return float(lon[0]), float(lat[0])


def middle_line(grid: Grid) -> tuple[Lonlat, ...]:
    """A line from south to north through the middle of a city and beyond."""
    reach = 2.0 * float(grid.lattice.lengths.max())
    y = np.array([grid.y.min() - reach, grid.y.max() + reach])
    lon, lat = grid.unproject(np.full(2, grid.x.mean()), y)
    return tuple(zip(lon.tolist(), lat.tolist(), strict=True))


def middle_area(grid: Grid) -> tuple[Lonlat, ...]:
    """Corners of a box round the middle of a city, half as wide and high as it is."""
    (west, east), (south, north) = (
        (v.mean() - np.ptp(v) / 4.0, v.mean() + np.ptp(v) / 4.0) for v in (grid.x, grid.y)
    )
    lon, lat = grid.unproject(
        np.array([west, east, east, west]), np.array([south, south, north, north])
    )
    return tuple(zip(lon.tolist(), lat.tolist(), strict=True))
