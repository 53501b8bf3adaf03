"""The flood as an event: what people choose, in fields that files, forms and the command line share."""

from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, TypeVar

from pydantic import BeforeValidator, Field, model_validator

from citytwin.grid.window import Grid
from citytwin.hazards.base import Given, Hazard, HazardModel, Layers, Picture
from citytwin.hazards.cases import Verification
from citytwin.hazards.flood.forcing import Breach, Burst, Gauge, Inflow, Line, Part, Pool, Shore
from citytwin.hazards.flood.pictures import PICTURES
from citytwin.hazards.flood.rain.base import Rain
from citytwin.hazards.flood.rain.formulas import read_formulas
from citytwin.hazards.flood.sewers.event import Sewers
from citytwin.hazards.flood.soil import GROUPS, TEXTURES
from citytwin.hazards.flood.storm import BY_FORMULA, rain_of
from citytwin.hazards.paths import FileName
from citytwin.hazards.places import tuples
from citytwin.hazards.watch import Watch
from citytwin.registry import hazards

#: Most pictures that a run may store.
MOST_PICTURES = 300

#: Fields that do not go with coarser cells, and why.
_HIDDEN = {
    "breaches": "hide the wall that a breach opens",
    "sewers": "hide the streets in which inlets lie",
    "pools": "have no one level where their ground falls",
    "shores": "have no one level where their ground falls",
}

_Part = TypeVar("_Part")
#: Parts of one kind, a list of tables in a file.
_Parts = Annotated[tuple[_Part, ...], BeforeValidator(tuples)]


def _about(unit: str, zh: str, *, advanced: bool = False, choices: Any = None) -> dict[str, Any]:
    more = {} if choices is None else {"enum": list(choices)}
    return {"unit": unit, "title_zh": zh, "advanced": advanced, **more}


@hazards.register
class Flood(HazardModel):
    """Water in the city: rain, rivers, the sea, breaches and bursts; it ponds, flows and drains away."""

    name: ClassVar[str] = "flood"
    title: ClassVar[str] = "Flood"
    title_zh: ClassVar[str] = "洪涝"
    version: ClassVar[str] = "6"
    inputs: ClassVar[tuple[str, ...]] = (
        "ground_elevation",
        "building_cover",
        "manning",
        "pervious_share",
    )
    output: ClassVar[str] = "depth"
    pictures: ClassVar[tuple[Picture, ...]] = PICTURES
    references: ClassVar[tuple[str, ...]] = (
        "Bates, Horritt & Fewtrell 2010, J. Hydrol. 387, doi:10.1016/j.jhydrol.2010.03.027",
        "de Almeida, Bates, Freer & Souvignet 2012, Water Resour. Res. 48, doi:10.1029/2011WR011570",
        "de Almeida & Bates 2013, Water Resour. Res. 49, 4833-4844, doi:10.1002/wrcr.20366",
        "Audusse et al. 2004, SIAM J. Sci. Comput. 25, 2050-2065, doi:10.1137/S1064827503431090",
    )

    rain_mm: float = Field(
        80.0, ge=0, le=2000, title="Rain",
        description="Rain that falls in the whole storm, where neither a formula nor a file gives it",
        json_schema_extra=_about("mm", "总雨量"),
    )  # fmt: skip
    rain_h: float = Field(
        1.0, gt=0, le=72, title="Storm lasts", description="Time in which it falls",
        json_schema_extra=_about("h", "降雨历时"),
    )  # fmt: skip
    shape: Literal[
        "peaked", "even", "chicago", "alternating", "scs_i", "scs_ia", "scs_ii", "scs_iii"
    ] = Field(
        "peaked", title="Storm shape",
        description="Peaked rises to a peak and falls in straight lines; even is constant; chicago and "
        "alternating follow a storm formula; scs are 24-hour storms of the United States",
        json_schema_extra=_about("", "雨型"),
    )  # fmt: skip
    peak: float = Field(
        0.4, ge=0, le=1, title="Peak at",
        description="When the peak falls, as a share of the storm; not for even and scs storms",
        json_schema_extra=_about("1", "雨峰系数"),
    )  # fmt: skip
    formula: str = Field(
        "", title="Storm formula",
        description="Formula of a city that gives the depth; empty takes the rain above",
        json_schema_extra=_about("", "暴雨强度公式", choices=("", *read_formulas())),
    )  # fmt: skip
    return_period_y: float = Field(
        20.0, gt=0, le=1000, title="Return period", description="Of the storm, for a formula",
        json_schema_extra=_about("a", "重现期"),
    )  # fmt: skip
    rain_file: FileName = Field(
        "", title="Measured rain",
        description="File with a measured series (CSV), or with rain in time and space (CF-NetCDF); it "
        "takes the place of the storm",
        examples=["rain.csv"],
        json_schema_extra=_about("", "实测降雨文件", advanced=True),
    )  # fmt: skip
    simulated_h: float = Field(
        2.0, gt=0, le=720, title="Watch for", description="Time to simulate from the start",
        json_schema_extra=_about("h", "模拟时长"),
    )  # fmt: skip
    losses: Literal["constant", "horton", "green_ampt"] = Field(
        "constant", title="Infiltration by", description="How the ground takes water",
        json_schema_extra=_about("", "下渗模型", advanced=True),
    )  # fmt: skip
    infiltration_mm_h: float = Field(
        10.0, ge=0, le=500, title="Ground takes",
        description="Rate at which open, pervious ground takes water; an assumption; for constant only",
        json_schema_extra=_about("mm/h", "土壤下渗率"),
    )  # fmt: skip
    soil: str = Field(
        "loam", title="Soil", description="Texture class of the soil, for green_ampt",
        json_schema_extra=_about("", "土壤质地", advanced=True, choices=TEXTURES),
    )  # fmt: skip
    soil_group: str = Field(
        "B", title="Soil group", description="Hydrologic soil group, for horton",
        json_schema_extra=_about("", "水文土壤组", advanced=True, choices=GROUPS),
    )  # fmt: skip
    dryness: float = Field(
        0.5, ge=0, le=1, title="Dryness",
        description="Share of the soil's pores empty at the start, for green_ampt; an assumption",
        json_schema_extra=_about("1", "初始干燥度", advanced=True),
    )  # fmt: skip
    sewer_mm_h: float = Field(
        0.0, ge=0, le=500, title="Sewers take",
        description="Rate at which sewers that nobody knows are assumed to take water off paved ground",
        json_schema_extra=_about("mm/h", "假定排水能力"),
    )  # fmt: skip
    sewers: Sewers | None = Field(
        None, title="Sewers", description="Network that takes water and gives it back when it is full",
        examples=[{"swmm_file": "network.inp"}],
        json_schema_extra=_about("", "排水管网", advanced=True),
    )  # fmt: skip
    inflows: _Parts[Inflow] = Field(
        (), title="Rivers", description="Rivers that bring water, with their hydrographs",
        examples=[[{"name": "a", "place": [0.0, 50.0], "hydrograph": [[0.0, 1.0], [1.0, 2.0]]}]],
        json_schema_extra=_about("", "河流入流", advanced=True),
    )  # fmt: skip
    shores: _Parts[Shore] = Field(
        (), title="Shores", description="Shorelines with the level of the sea: tide and surge",
        examples=[[{"name": "a", "line": [[0.0, 50.0], [0.1, 50.0]], "mean_level": 1.0}]],
        json_schema_extra=_about("", "海岸潮位", advanced=True),
    )  # fmt: skip
    pools: _Parts[Pool] = Field(
        (), title="Pools", description="Water that stands there at the start, as behind a dam",
        examples=[[{"name": "a", "area": [[0.0, 50.0], [0.1, 50.0], [0.1, 50.1]], "level": 1.0}]],
        json_schema_extra=_about("", "初始蓄水", advanced=True),
    )  # fmt: skip
    breaches: _Parts[Breach] = Field(
        (), title="Breaches", description="Gaps that open in a wall, levee or dam of the measures",
        examples=[[{"name": "a", "at": [0.0, 50.0], "width": 30.0, "forms_h": 1.0}]],
        json_schema_extra=_about("", "溃口", advanced=True),
    )  # fmt: skip
    bursts: _Parts[Burst] = Field(
        (), title="Burst mains", description="Water mains that burst",
        examples=[[{"name": "a", "at": [0.0, 50.0], "rate": 0.5}]],
        json_schema_extra=_about("", "爆管", advanced=True),
    )  # fmt: skip
    gauges: _Parts[Gauge] = Field(
        (), title="Gauges", description="Points where depth, level and speed are kept over time",
        examples=[[{"name": "a", "at": [0.0, 50.0]}]],
        json_schema_extra=_about("", "水位测点", advanced=True),
    )  # fmt: skip
    lines: _Parts[Line] = Field(
        (), title="Flow lines", description="Lines across which the flow is kept over time",
        examples=[[{"name": "a", "line": [[0.0, 50.0], [0.1, 50.0]]}]],
        json_schema_extra=_about("", "过流断面", advanced=True),
    )  # fmt: skip
    solver: Literal["auto", "inertial", "full"] = Field(
        "auto", title="Solver",
        description="Inertial leaves out the advection of momentum and is fast; full has it; auto "
        "takes the second where the flow asks for it, and says so",
        json_schema_extra=_about("", "求解器", advanced=True),
    )  # fmt: skip
    order: int = Field(
        2, ge=1, le=2, title="Order",
        description="Order of accuracy of the full solver in space: the second keeps fronts sharp and "
        "on time, the first takes two thirds of the time",
        json_schema_extra=_about("1", "空间精度阶数", advanced=True),
    )  # fmt: skip
    coarser: int = Field(
        0, ge=0, le=3, title="Coarser by",
        description="Resolutions by which the flow is computed on coarser cells, with tables of the "
        "fine ground in them; faster, less exact; only inertial",
        json_schema_extra=_about("1", "计算网格放粗级数", advanced=True),
    )  # fmt: skip
    buildings: Literal["porous", "obstacles", "raised"] = Field(
        "porous", title="Buildings are",
        description="Porous cells that leak a little, obstacles without water, or raised ground",
        json_schema_extra=_about("", "建筑处理方式", advanced=True),
    )  # fmt: skip
    gaps: float = Field(
        0.1, ge=0, le=1, title="Gaps in buildings",
        description="Share of a wholly built cell that lets water through: doors, passages, alleys; "
        "an assumption, 0 makes solid walls; for porous only",
        json_schema_extra=_about("1", "建筑透水占比", advanced=True),
    )  # fmt: skip
    output_min: float = Field(
        5.0, ge=0.5, le=1440, title="A picture every", description="Time between stored pictures",
        json_schema_extra=_about("min", "输出间隔", advanced=True),
    )  # fmt: skip
    wet_depth: float = Field(
        0.05, gt=0, le=1, title="Wet from", description="Depth that counts as wet for arrival",
        json_schema_extra=_about("m", "判湿水深", advanced=True),
    )  # fmt: skip
    precision: Literal["float32", "float64"] = Field(
        "float32", title="Precision", description="Arithmetic of the flow",
        json_schema_extra=_about("", "计算精度", advanced=True),
    )  # fmt: skip

    @model_validator(mode="after")
    def _pictures_fit(self) -> "Flood":
        if self.output_min > self.simulated_h * 60.0:
            raise ValueError("output_min is longer than simulated_h: lower it")
        if self.simulated_h * 60.0 / self.output_min > MOST_PICTURES:
            raise ValueError(f"output_min gives more than {MOST_PICTURES} pictures: raise it")
        return self

    @model_validator(mode="after")
    def _storm_is_whole(self) -> "Flood":
        known = read_formulas()
        if self.formula and self.formula not in known:
            raise ValueError(f"formula must be one of {', '.join(known)}")
        if self.shape in BY_FORMULA and not (self.formula or self.rain_file):
            raise ValueError(f"shape '{self.shape}' needs a formula: name one in 'formula'")
        for field, allowed in (("soil", TEXTURES), ("soil_group", GROUPS)):
            if getattr(self, field) not in allowed:
                raise ValueError(f"{field} must be one of {', '.join(allowed)}")
        return self

    @model_validator(mode="after")
    def _solver_fits(self) -> "Flood":
        if self.sewers and self.sewer_mm_h > 0.0:
            raise ValueError("sewers and sewer_mm_h count the drains twice: leave one of them out")
        if self.coarser and self.solver == "full":
            raise ValueError("coarser works with the inertial solver only: set 'coarser' to 0")
        for field, why in _HIDDEN.items():
            if self.coarser and getattr(self, field):
                raise ValueError(f"coarser cells {why}: leave out '{field}', or set 'coarser' to 0")
        return self

    def rain(self, grid: Grid | None = None) -> Rain:
        """Rain of the event; ``grid`` is needed where it varies in space."""
        return rain_of(self, grid)

    def files(self) -> tuple[Path, ...]:
        """Files that the event reads."""
        rain = (Path(self.rain_file),) if self.rain_file else ()
        return rain + (self.sewers.files() if self.sewers else ())

    @property
    def parts(self) -> tuple[Part, ...]:
        """What happens at single places, in the order in which it acts."""
        return (*self.pools, *self.inflows, *self.bursts, *self.breaches, *self.shores)

    def _simulate_given(self, grid: Grid, layers: Layers, progress: Watch, given: Given) -> Hazard:
        from citytwin.hazards.flood.simulation import simulate  # noqa: PLC0415  (it imports us)

        return simulate(self, grid, layers, progress, given)

    @classmethod
    def verification(cls) -> tuple[Verification, ...]:
        """Conservation, rest, closed forms, published benchmarks."""
        from citytwin.hazards.flood.sewers.verification import CASES as DRAINS  # noqa: PLC0415
        from citytwin.hazards.flood.verification import CASES  # noqa: PLC0415  (it imports us)

        return CASES + DRAINS

    @classmethod
    def benchmark(cls, cells: int) -> dict[str, Any]:
        """Cell-steps a second of the kernel, every cell wet, against the STREAM triad."""
        from citytwin.hazards.flood.speed import measure  # noqa: PLC0415  (only for the benchmark)

        return measure(cells)
