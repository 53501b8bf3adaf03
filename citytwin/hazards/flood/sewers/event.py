"""The drains as part of a flood event: which network, and how it meets the street."""

from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from citytwin.hazards.paths import FileName


def _unit(unit: str, zh: str, *, advanced: bool = False) -> dict[str, Any]:
    return {"unit": unit, "title_zh": zh, "advanced": advanced}


class Sewers(BaseModel):
    """A drainage network that takes water from the street and gives it back when it is full.

    The defaults of the inlets and of the two coefficients stand in ``data/tables/sewer_inlets.csv``
    with their sources; they are assumptions wherever the inlets of a city are not known.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    swmm_file: FileName = Field(
        min_length=1, title="Network", description="Path of a SWMM 5 input file (.inp)",
        json_schema_extra=_unit("", "管网文件"),
    )  # fmt: skip
    epsg: int = Field(
        4326, ge=1024, le=32767, title="Coordinates",
        description="EPSG number of the file's coordinates; 4326 is longitude and latitude",
        json_schema_extra=_unit("", "坐标系"),
    )  # fmt: skip
    datum_m: float = Field(
        0.0, ge=-500, le=500, title="Datum", description="What is added to the file's elevations to "
        "reach those of the city's ground",
        json_schema_extra=_unit("m", "高程基准差", advanced=True),
    )  # fmt: skip
    rim: Literal["ground", "file"] = Field(
        "ground", title="Manholes reach up to",
        description="The city's ground, or the depth that the file gives them",
        json_schema_extra=_unit("", "井口高程取自", advanced=True),
    )  # fmt: skip
    outside: Literal["refuse", "closed"] = Field(
        "refuse", title="Nodes outside the city",
        description="Refuse the file, or keep them without exchange with the street",
        json_schema_extra=_unit("", "城外节点", advanced=True),
    )  # fmt: skip
    takes: Literal["junctions", "listed"] = Field(
        "junctions", title="Water enters at",
        description="All junctions in the city, or only those that inlets_file lists",
        json_schema_extra=_unit("", "进水节点"),
    )  # fmt: skip
    inlets_file: FileName = Field(
        "", title="Inlets", description="CSV file with the columns node, length_m, area_m2: length "
        "of the edge over which water falls in, and open area; an area of 0 closes a node",
        json_schema_extra=_unit("", "雨水口表", advanced=True),
    )  # fmt: skip
    inlet_length_m: float = Field(
        3.3, ge=0, le=1000, title="Edge of an inlet", description="Length over which water falls "
        "into a node that inlets_file does not list; an assumption",
        json_schema_extra=_unit("m", "雨水口堰长"),
    )  # fmt: skip
    inlet_area_m2: float = Field(
        0.3, gt=0, le=1000, title="Opening of an inlet", description="Open area of a node that "
        "inlets_file does not list; an assumption",
        json_schema_extra=_unit("m2", "雨水口开口面积"),
    )  # fmt: skip
    weir_coefficient: float = Field(
        0.375, gt=0, le=1, title="Weir coefficient", description="Of water that falls over the "
        "inlet's edge",
        json_schema_extra=_unit("1", "堰流系数", advanced=True),
    )  # fmt: skip
    orifice_coefficient: float = Field(
        0.67, gt=0, le=1, title="Orifice coefficient", description="Of the drowned inlet, and of "
        "water that comes out",
        json_schema_extra=_unit("1", "孔流系数", advanced=True),
    )  # fmt: skip
    shaft_area_m2: float = Field(
        1.167, ge=0.1, le=100, title="Manhole", description="Horizontal area of a manhole's shaft",
        json_schema_extra=_unit("m2", "检查井面积", advanced=True),
    )  # fmt: skip
    outfalls: Literal["file", "sea"] = Field(
        "file", title="Outfalls", description="As the file has them, or all at the level of the sea",
        json_schema_extra=_unit("", "排口水位", advanced=True),
    )  # fmt: skip
    sewer_step_s: float = Field(
        1.0, ge=0.05, le=10, title="Sewer step", description="Longest time step of the network",
        json_schema_extra=_unit("s", "管网步长", advanced=True),
    )  # fmt: skip
    series_s: float = Field(
        60.0, gt=0, le=3600, title="Series every", description="Time between stored values of the "
        "network",
        json_schema_extra=_unit("s", "管网输出间隔", advanced=True),
    )  # fmt: skip

    @model_validator(mode="after")
    def _listed_inlets_are_listed(self) -> "Sewers":
        if self.takes == "listed" and not self.inlets_file:
            raise ValueError(
                "takes = 'listed' needs inlets_file: give it, or let all junctions take"
            )
        return self

    def files(self) -> tuple[Path, ...]:
        """Files that the drains are read from."""
        names = (self.swmm_file, self.inlets_file)
        return tuple(Path(name) for name in names if name)
