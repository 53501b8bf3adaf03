"""The plume as an event: what people choose, in fields that files, forms and the command line share."""

import re
from datetime import date as Date  # noqa: N812
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field, model_validator

from citytwin.grid.window import Grid
from citytwin.hazards.base import Hazard, HazardModel, Layers, Picture
from citytwin.hazards.cases import Verification
from citytwin.hazards.places import Part, Point, about, tuples
from citytwin.hazards.plume.pictures import PICTURES
from citytwin.hazards.plume.substances import names, substance_of
from citytwin.hazards.watch import Watch
from citytwin.hazards.wind import WindRows
from citytwin.registry import hazards

#: Most pictures that a run may store.
MOST_PICTURES = 300
Kind = Literal["continuous", "instantaneous", "pool", "fire"]


class Outlet(Part):
    """One of several releases."""

    word: ClassVar[str] = "release"
    title: ClassVar[str] = "Release"
    title_zh: ClassVar[str] = "泄漏源"

    at: Point = Field(
        title="Place", description="Where it is", json_schema_extra=about("°", "位置")
    )
    kind: Kind = Field(
        "continuous", title="Kind", description="How it is released",
        json_schema_extra=about("", "泄漏方式"),
    )  # fmt: skip
    rate_kg_s: float = Field(
        1.0, gt=0, le=10_000, title="Rate", description="Of a continuous release or a fire's smoke",
        json_schema_extra=about("kg/s", "泄漏速率"),
    )  # fmt: skip
    mass_kg: float = Field(
        1000.0, gt=0, le=1e7, title="Mass", description="Of an instantaneous release or a pool",
        json_schema_extra=about("kg", "泄漏量"),
    )  # fmt: skip
    from_h: float = Field(
        0.0, ge=0, le=720, title="Begins after", description="Time after the start",
        json_schema_extra=about("h", "开始时间"),
    )  # fmt: skip
    duration_min: float = Field(
        30.0, gt=0, le=43_200, title="Lasts", description="Of a continuous release or a fire",
        json_schema_extra=about("min", "持续时间"),
    )  # fmt: skip
    height_m: float = Field(
        1.0, ge=0, le=500, title="Height", description="Above the ground",
        json_schema_extra=about("m", "源高"),
    )  # fmt: skip
    pool_area_m2: float = Field(
        100.0, gt=0, le=1e6, title="Pool", description="Area of a pool at the start",
        json_schema_extra=about("m2", "液池面积"),
    )  # fmt: skip
    heat_mw: float = Field(
        0.0, ge=0, le=100_000, title="Heat", description="That rises with the smoke of a fire",
        json_schema_extra=about("MW", "对流热释放"),
    )  # fmt: skip


@hazards.register
class Plume(HazardModel):
    """Gas or smoke that drifts with the wind: concentration, toxic load, zones, indoors and out."""

    name: ClassVar[str] = "plume"
    title: ClassVar[str] = "Gas and smoke"
    title_zh: ClassVar[str] = "毒气与烟羽"
    version: ClassVar[str] = "3"
    inputs: ClassVar[tuple[str, ...]] = ("building_cover",)
    output: ClassVar[str] = "concentration"
    pictures: ClassVar[tuple[Picture, ...]] = PICTURES
    references: ClassVar[tuple[str, ...]] = (
        "Briggs 1973, Diffusion estimation for small emissions, doi:10.2172/5118833",
        "Turner 1964, J. Appl. Meteorol. 3, doi:10.1175/1520-0450(1964)003<0083:ADMFAU>2.0.CO;2",
        "ten Berge et al. 1986, J. Hazard. Mater. 13, 301-309, doi:10.1016/0304-3894(86)85003-8",
        "Mackay & Matsugu 1973, Can. J. Chem. Eng. 51, 434-439, doi:10.1002/cjce.5450510407",
        "Britter 1989, Annu. Rev. Fluid Mech. 21, 317-344, doi:10.1146/annurev.fl.21.010189.001533",
    )

    substance: str = Field(
        "ammonia", title="Substance", description="What is released",
        json_schema_extra={**about("", "物质"), "enum": list(names())},
    )  # fmt: skip
    kind: Kind = Field(
        "continuous", title="Kind of release",
        description="At a steady rate, all at once, from a pool that evaporates, or a fire's smoke",
        json_schema_extra=about("", "泄漏方式"),
    )  # fmt: skip
    rate_kg_s: float = Field(
        5.0, gt=0, le=10_000, title="Rate", description="Of a continuous release or a fire's smoke",
        json_schema_extra=about("kg/s", "泄漏速率"),
    )  # fmt: skip
    duration_min: float = Field(
        30.0, gt=0, le=43_200, title="Release lasts",
        description="Time for which a continuous release or a fire lasts",
        json_schema_extra=about("min", "泄漏持续时间"),
    )  # fmt: skip
    mass_kg: float = Field(
        1000.0, gt=0, le=1e7, title="Mass", description="Of an instantaneous release or of a pool",
        json_schema_extra=about("kg", "泄漏量"),
    )  # fmt: skip
    wind_m_s: float = Field(
        3.0, ge=0, le=60, title="Wind", description="Steady speed at 10 m, where no forecast is given",
        json_schema_extra=about("m/s", "风速"),
    )  # fmt: skip
    wind_deg: float = Field(
        270.0, ge=0, le=360, title="Wind from",
        description="Direction that the wind blows from, clockwise from north: 270 is from the west",
        json_schema_extra=about("°", "风向"),
    )  # fmt: skip
    hour: float = Field(
        14.0, ge=0, le=24, title="Hour", description="Time of day at the start, by the clock",
        json_schema_extra=about("h", "开始时刻"),
    )  # fmt: skip
    cloud_oktas: float = Field(
        4.0, ge=0, le=8, title="Cloud", description="Eighths of the sky that clouds cover",
        json_schema_extra=about("okta", "云量", advanced=True),
    )  # fmt: skip
    simulated_h: float = Field(
        1.0, gt=0, le=72, title="Watch for", description="Time to simulate from the start",
        json_schema_extra=about("h", "模拟时长"),
    )  # fmt: skip
    air_changes_h: float = Field(
        0.5, ge=0, le=60, title="Air changes indoors",
        description="How often the air of a closed building is replaced in an hour; an assumption",
        json_schema_extra=about("1/h", "室内换气次数", advanced=True),
    )  # fmt: skip
    at: Point | None = Field(
        None, title="Place", description="Longitude and latitude; the middle of the city if left out",
        examples=[(0.0, 50.0)], json_schema_extra=about("°", "位置", advanced=True),
    )  # fmt: skip
    height_m: float = Field(
        1.0, ge=0, le=500, title="Height", description="Of the release above the ground",
        json_schema_extra=about("m", "源高", advanced=True),
    )  # fmt: skip
    from_h: float = Field(
        0.0, ge=0, le=72, title="Begins after", description="Time from the start to the release",
        examples=[0.5],
        json_schema_extra=about("h", "开始泄漏时间", advanced=True),
    )  # fmt: skip
    pool_area_m2: float = Field(
        100.0, gt=0, le=1e6, title="Pool", description="Area of a pool at the start",
        json_schema_extra=about("m2", "液池面积", advanced=True),
    )  # fmt: skip
    heat_mw: float = Field(
        20.0, ge=0, le=100_000, title="Heat of the fire",
        description="Heat that rises with the smoke of a fire",
        json_schema_extra=about("MW", "对流热释放", advanced=True),
    )  # fmt: skip
    wind: WindRows = Field(
        (), title="Wind forecast",
        description="Rows of hours after the start, speed at 10 m [m/s], direction it blows from "
        "[degrees]; takes the place of the steady wind",
        examples=[[[0.0, 3.0, 270.0], [1.0, 4.0, 300.0]]],
        json_schema_extra=about("", "风的预报", advanced=True),
    )  # fmt: skip
    date: str = Field(
        "2026-06-21", title="Date", description="Day of the start, for the height of the sun",
        examples=["2026-01-15"], json_schema_extra=about("", "日期", advanced=True),
    )  # fmt: skip
    utc_offset_h: float | None = Field(
        None, ge=-14, le=14, title="Zone",
        description="Hours of the clock ahead of UTC; the nearest zone by longitude if left out",
        examples=[8.0], json_schema_extra=about("h", "时区", advanced=True),
    )  # fmt: skip
    stability: Literal["auto", "A", "B", "C", "D", "E", "F"] = Field(
        "auto", title="Stability",
        description="Pasquill class, A very unstable to F stable; auto takes sun, cloud and wind",
        json_schema_extra=about("", "大气稳定度", advanced=True),
    )  # fmt: skip
    surroundings: Literal["auto", "open", "urban"] = Field(
        "auto", title="Surroundings",
        description="Open country or city; auto takes the share of the cells under buildings",
        json_schema_extra=about("", "下垫面", advanced=True),
    )  # fmt: skip
    mixing_height_m: float = Field(
        0.0, ge=0, le=10_000, title="Mixing height",
        description="Height of the lid under which air mixes; 0 takes the typical one of the class",
        json_schema_extra=about("m", "混合层高度", advanced=True),
    )  # fmt: skip
    temperature_c: float = Field(
        15.0, ge=-60, le=60, title="Temperature", description="Of air and ground",
        json_schema_extra=about("°C", "气温", advanced=True),
    )  # fmt: skip
    deposition_mm_s: float = Field(
        0.0, ge=0, le=100, title="Settles at",
        description="Deposition velocity: how fast the ground takes it; 0 for none",
        json_schema_extra=about("mm/s", "干沉降速度", advanced=True),
    )  # fmt: skip
    half_life_h: float = Field(
        0.0, ge=0, le=10_000, title="Half-life",
        description="Time in which half of it decays in the air; 0 if it does not",
        json_schema_extra=about("h", "半衰期", advanced=True),
    )  # fmt: skip
    leave_min: float = Field(
        15.0, gt=0, le=1440, title="Leaving takes",
        description="Time in the open of people who leave when they notice it; an assumption",
        json_schema_extra=about("min", "撤离所需时间", advanced=True),
    )  # fmt: skip
    noticed_mg_m3: float = Field(
        0.0, ge=0, le=1e9, title="Counts from",
        description="Concentration from which it counts as arrived; 0 takes the lowest level of harm",
        json_schema_extra=about("mg/m3", "计为到达的浓度", advanced=True),
    )  # fmt: skip
    phase: Literal["auto", "gas", "liquid"] = Field(
        "auto", title="Kept as",
        description="Gas leaves as warm as the air, what boils off a liquid is cold; auto takes a "
        "liquid for all but what is piped as a gas",
        json_schema_extra=about("", "储存相态", advanced=True),
    )  # fmt: skip
    treat_as_passive: bool = Field(
        default=False, title="Treat as passive",
        description="Let a heavy gas drift as if it were no denser than air: wrong near the source",
        json_schema_extra=about("", "按中性气体处理", advanced=True),
    )  # fmt: skip
    releases: Annotated[tuple[Outlet, ...], BeforeValidator(tuples)] = Field(
        (), title="Releases", description="Several releases, in place of the one above",
        examples=[[{"name": "a", "at": (0.0, 50.0)}]],
        json_schema_extra=about("", "多个泄漏源", advanced=True),
    )  # fmt: skip
    output_min: float = Field(
        2.0, ge=0.1, le=1440, title="A picture every", description="Time between stored pictures",
        json_schema_extra=about("min", "输出间隔", advanced=True),
    )  # fmt: skip

    @model_validator(mode="after")
    def _pictures_fit(self) -> "Plume":
        if self.output_min > self.simulated_h * 60.0:
            raise ValueError("output_min is longer than simulated_h: lower it")
        if self.simulated_h * 60.0 / self.output_min > MOST_PICTURES:
            raise ValueError(f"output_min gives more than {MOST_PICTURES} pictures: raise it")
        return self

    @model_validator(mode="after")
    def _words_are_known(self) -> "Plume":
        if self.substance not in names():
            raise ValueError(f"substance must be one of {', '.join(names())}")
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", self.date):
            raise ValueError("date must be a day as 2026-06-21")
        try:
            Date.fromisoformat(self.date)
        except ValueError as error:
            raise ValueError("date must be a day of the calendar, as 2026-06-21") from error
        return self

    @model_validator(mode="after")
    def _releases_fit(self) -> "Plume":
        kinds = {outlet.kind for outlet in self.releases} if self.releases else {self.kind}
        if "pool" in kinds and not substance_of(self.substance).liquid:
            raise ValueError("substance makes no pool: choose another kind of release")
        begins = [outlet.from_h for outlet in self.releases] or [self.from_h]
        if min(begins) >= self.simulated_h:
            raise ValueError("from_h lies after simulated_h: nothing is released; lower it")
        return self

    @property
    def outlets(self) -> tuple["Outlet", ...] | None:
        """Its releases if they have places of their own; none if the event's own fields count."""
        return self.releases or None

    def _simulate(self, grid: Grid, layers: Layers, progress: Watch) -> Hazard:
        from citytwin.hazards.plume.simulation import simulate  # noqa: PLC0415  (it imports us)

        return simulate(self, grid, layers, progress)

    @classmethod
    def verification(cls) -> tuple[Verification, ...]:
        """Closed forms, conservation, a turning wind, Prairie Grass, indoors and toxic load."""
        from citytwin.hazards.plume.verification import CASES  # noqa: PLC0415  (it imports us)

        return CASES

    @classmethod
    def benchmark(cls, cells: int) -> dict[str, Any]:
        """Cells × pieces a second of the kernel, and a continuous release on so many cells."""
        from citytwin.hazards.plume.speed import measure  # noqa: PLC0415  (only for the benchmark)

        return measure(cells)
