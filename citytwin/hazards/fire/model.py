"""The fire as an event: what people choose, in fields that files, forms and the command line share."""

from typing import Annotated, Any, ClassVar, TypeVar

from pydantic import BeforeValidator, Field, model_validator

from citytwin.errors import InputError
from citytwin.grid.window import Grid
from citytwin.hazards.base import Given, Hazard, HazardModel, Layers, Picture
from citytwin.hazards.cases import Verification
from citytwin.hazards.fire.fuels import fuel_models
from citytwin.hazards.fire.parts import Break, Ignition
from citytwin.hazards.fire.pictures import PICTURES
from citytwin.hazards.places import Point, tuples
from citytwin.hazards.watch import Watch
from citytwin.hazards.wind import WindRows
from citytwin.registry import hazards

#: Most pictures that a run may store.
MOST_PICTURES = 300
#: Word for plants that carry no fire.
NO_FUEL = "none"
FUELS = (NO_FUEL, *(model.code for model in fuel_models().values()))

_Part = TypeVar("_Part")
#: Parts of one kind, a list of tables in a file.
_Parts = Annotated[tuple[_Part, ...], BeforeValidator(tuples)]


def _about(unit: str, zh: str, *, advanced: bool = False, choices: Any = None) -> dict[str, Any]:
    more = {} if choices is None else {"enum": list(choices)}
    return {"unit": unit, "title_zh": zh, "advanced": advanced, **more}


def _percent(default: float, title: str, zh: str, text: str) -> Any:
    return Field(
        default, gt=0, le=300, title=title, description=text,
        json_schema_extra=_about("%", zh, advanced=True),
    )  # fmt: skip


@hazards.register
class Fire(HazardModel):
    """Fire from building to building by radiation and embers, and through plants that it lights."""

    name: ClassVar[str] = "fire"
    title: ClassVar[str] = "Fire"
    title_zh: ClassVar[str] = "火灾"
    version: ClassVar[str] = "4"
    inputs: ClassVar[tuple[str, ...]] = (
        "ground_elevation",
        "building_cover",
        "grass_share",
        "shrub_share",
        "tree_share",
    )
    output: ClassVar[str] = "fire_state"
    references: ClassVar[tuple[str, ...]] = (
        "Himoto & Tanaka 2008, Fire Safety J. 43, 477-494, doi:10.1016/j.firesaf.2007.12.008",
        "Cohen 2004, Can. J. For. Res. 34, 1616-1626, doi:10.1139/x04-049",
        "Lee, Davidson, Ohnishi & Scawthorn 2008, Earthq. Spectra 24, 933-967, doi:10.1193/1.2977493",
        "Andrews 2018, The Rothermel surface fire spread model, doi:10.2737/RMRS-GTR-371",
    )
    pictures: ClassVar[tuple[Picture, ...]] = PICTURES
    needs_buildings: ClassVar[bool] = True

    ignitions: _Parts[Ignition] = Field(
        (), title="Ignitions",
        description="Where fires start; without any, in a wooden building in the city's middle",
        examples=[[{"name": "a", "at": [0.0, 50.0]}]],
        json_schema_extra=_about("", "起火点"),
    )  # fmt: skip
    ignition_count: int = Field(
        0, ge=0, le=1000, title="Random ignitions",
        description="Fires that start at once in buildings taken at random, by their floor area",
        json_schema_extra=_about("1", "随机起火数"),
    )  # fmt: skip
    wind_m_s: float = Field(
        8.0, ge=0, le=60, title="Wind", description="Speed at 10 m above open ground",
        json_schema_extra=_about("m/s", "风速"),
    )  # fmt: skip
    wind_deg: float = Field(
        270.0, ge=0, le=360, title="Wind from",
        description="Direction it blows from, clockwise from north: 270 is a west wind",
        json_schema_extra=_about("degrees", "风向"),
    )  # fmt: skip
    simulated_h: float = Field(
        6.0, gt=0, le=168, title="Watch for", description="Time to simulate from the start",
        json_schema_extra=_about("h", "模拟时长"),
    )  # fmt: skip
    wood_share: float | None = Field(
        None, ge=0, le=1, title="Wooden houses",
        description="Share of the low buildings of unknown construction that are of wood, the others "
        "are of brick; if left out, as people build where the city is: an assumption, 0.9 in North "
        "America, far less elsewhere",
        examples=[0.5], json_schema_extra=_about("1", "木结构比例"),
    )  # fmt: skip
    engines: int = Field(
        0, ge=0, le=1000, title="Fire engines",
        description="Engines that fight the fire: young fires in buildings first, then plants",
        json_schema_extra=_about("1", "消防车数量"),
    )  # fmt: skip
    embers: bool = Field(
        default=True, title="Embers", description="Whether fires throw embers that the wind carries",
        json_schema_extra=_about("", "飞火"),
    )  # fmt: skip
    wind: WindRows = Field(
        (), title="Wind over time",
        description="Forecast in rows of hours after the start, speed in m/s and direction it blows "
        "from in degrees; it takes the place of the steady wind",
        examples=[[[0.0, 8.0, 270.0], [3.0, 12.0, 320.0]]],
        json_schema_extra=_about("", "风随时间变化", advanced=True),
    )  # fmt: skip
    seed: int = Field(
        1, ge=0, le=2**31 - 1, title="Chance",
        description="Number that decides which roofs embers light, which buildings are of wood, and "
        "where random ignitions fall",
        json_schema_extra=_about("1", "随机种子", advanced=True),
    )  # fmt: skip
    wood_levels: float = Field(
        4.0, ge=0, le=100, title="Wood up to",
        description="Storeys up to which unknown buildings may be of wood or brick; higher ones are "
        "of concrete; an assumption",
        json_schema_extra=_about("1", "木结构最高层数", advanced=True),
    )  # fmt: skip
    response_min: float = Field(
        10.0, ge=0, le=1440, title="Engines move after",
        description="Time from the first ignition until the engines move",
        json_schema_extra=_about("min", "出动时间", advanced=True),
    )  # fmt: skip
    engine_mw: float = Field(
        25.0, gt=0, le=1000, title="One engine holds",
        description="Heat release of a building that one engine can hold down; a house at full fire "
        "has several times as much",
        json_schema_extra=_about("MW", "单车控火能力", advanced=True),
    )  # fmt: skip
    water_share: float = Field(
        1.0, ge=0, le=1, title="Water left",
        description="Share of their water that engines have, as after an earthquake broke the mains",
        json_schema_extra=_about("1", "可用水量比例", advanced=True),
    )  # fmt: skip
    station: Point | None = Field(
        None, title="Station",
        description="Where the engines stand: longitude and latitude; the city's middle if left out",
        examples=[[0.0, 50.0]],
        json_schema_extra=_about("degrees", "消防站", advanced=True),
    )  # fmt: skip
    breaks: _Parts[Break] = Field(
        (), title="Fire breaks",
        description="Strips on which plants are cut and buildings cleared before the fire",
        examples=[[{"name": "a", "line": [[0.0, 50.0], [0.1, 50.0]], "width": 40.0}]],
        json_schema_extra=_about("", "隔离带", advanced=True),
    )  # fmt: skip
    grass_fuel: str = Field(
        "GR1", title="Grass burns as", description="Standard fuel model of grass; none does not burn",
        json_schema_extra=_about("", "草地燃料模型", advanced=True, choices=FUELS),
    )  # fmt: skip
    shrub_fuel: str = Field(
        "SH2", title="Shrubs burn as", description="Standard fuel model of shrubs",
        json_schema_extra=_about("", "灌木燃料模型", advanced=True, choices=FUELS),
    )  # fmt: skip
    tree_fuel: str = Field(
        "TL6", title="Ground under trees burns as",
        description="Standard fuel model of what lies under trees; crowns do not burn",
        json_schema_extra=_about("", "林下燃料模型", advanced=True, choices=FUELS),
    )  # fmt: skip
    dead_1h_percent: float = _percent(
        6.0,
        "Moisture of fine dead fuel",
        "1 小时死燃料含水率",
        "Blades and needles; of dry weight",
    )
    dead_10h_percent: float = _percent(
        7.0, "Moisture of dead twigs", "10 小时死燃料含水率", "Twigs of up to 25 mm"
    )
    dead_100h_percent: float = _percent(
        8.0, "Moisture of dead branches", "100 小时死燃料含水率", "Branches of up to 76 mm"
    )
    live_herb_percent: float = _percent(
        60.0,
        "Moisture of living herbs",
        "活草本含水率",
        "Grass and herbs: 30 is cured, 120 is fresh",
    )
    live_wood_percent: float = _percent(
        90.0, "Moisture of living shrubs", "活木本含水率", "Leaves and twigs of living shrubs"
    )
    output_min: float = Field(
        10.0, ge=0.5, le=1440, title="A picture every", description="Time between stored pictures",
        json_schema_extra=_about("min", "输出间隔", advanced=True),
    )  # fmt: skip

    @model_validator(mode="after")
    def _pictures_fit(self) -> "Fire":
        if self.output_min > self.simulated_h * 60.0:
            raise ValueError("output_min is longer than simulated_h: lower it")
        if self.simulated_h * 60.0 / self.output_min > MOST_PICTURES:
            raise ValueError(f"output_min gives more than {MOST_PICTURES} pictures: raise it")
        return self

    @model_validator(mode="after")
    def _fuels_are_known(self) -> "Fire":
        for field in ("grass_fuel", "shrub_fuel", "tree_fuel"):
            if getattr(self, field) not in FUELS:
                raise ValueError(f"{field} must be one of {', '.join(FUELS)}")
        return self

    @model_validator(mode="after")
    def _ignitions_are_in_time(self) -> "Fire":
        for one in self.ignitions:
            if one.from_h >= self.simulated_h:
                raise ValueError(f"{one.what} starts after simulated_h: lower its from_h")
        return self

    @property
    def moistures(self) -> tuple[float, float, float, float, float]:
        """Dead fuel of 1 h, 10 h and 100 h, live herbs, live wood [kg/kg]."""
        return (
            self.dead_1h_percent / 100.0,
            self.dead_10h_percent / 100.0,
            self.dead_100h_percent / 100.0,
            self.live_herb_percent / 100.0,
            self.live_wood_percent / 100.0,
        )

    def _simulate_given(self, grid: Grid, layers: Layers, progress: Watch, given: Given) -> Hazard:
        from citytwin.hazards.fire.simulation import simulate  # noqa: PLC0415  (it imports us)

        if given.works is not None:
            raise InputError(f"no measure acts on the hazard '{self.name}': take the measures away")
        return simulate(self, grid, layers, progress, given)

    @classmethod
    def verification(cls) -> tuple[Verification, ...]:
        """Fire through plants against closed forms, buildings against Hamada, the event's laws."""
        from citytwin.hazards.fire.verification import CASES  # noqa: PLC0415  (it imports us)

        return CASES

    @classmethod
    def benchmark(cls, cells: int) -> dict[str, Any]:
        """Buildings and steps a second of a block of so many wooden houses on fire."""
        from citytwin.hazards.fire.speed import measure  # noqa: PLC0415  (only for the benchmark)

        return measure(cells)
