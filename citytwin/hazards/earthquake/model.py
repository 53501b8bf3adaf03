"""The earthquake as an event: what people choose, in fields that files, forms and commands share."""

from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field, model_validator

from citytwin.grid.window import Grid
from citytwin.hazards.base import Hazard, HazardModel, Layers, Picture
from citytwin.hazards.cases import Verification
from citytwin.hazards.earthquake.pictures import PICTURES
from citytwin.hazards.paths import FileName
from citytwin.hazards.places import Point, Polyline, about
from citytwin.hazards.watch import Watch
from citytwin.registry import hazards

#: Least velocity that the ground-motion model takes [m/s].
LEAST_VS30 = 150.0


@hazards.register
class Earthquake(HazardModel):
    """Shaking of the ground by an earthquake: from a rupture, or from a ShakeMap."""

    name: ClassVar[str] = "earthquake"
    title: ClassVar[str] = "Earthquake"
    title_zh: ClassVar[str] = "地震"
    version: ClassVar[str] = "1"
    inputs: ClassVar[tuple[str, ...]] = ("ground_elevation",)
    output: ClassVar[str] = "pga"
    references: ClassVar[tuple[str, ...]] = (
        "Boore et al. 2014, Earthq. Spectra 30, 1057-1085, doi:10.1193/070113EQS184M",
        "Wells & Coppersmith 1994, Bull. Seism. Soc. Am. 84, 974-1002, doi:10.1785/BSSA0840040974",
        "Wald & Allen 2007, Bull. Seism. Soc. Am. 97, 1379-1395, doi:10.1785/0120060267",
        "Allen & Wald 2009, Bull. Seism. Soc. Am. 99, 935-943, doi:10.1785/0120080255",
        "Jayaram & Baker 2009, Earthq. Eng. Struct. Dyn. 38, 1687-1708, doi:10.1002/eqe.922",
        "Baker & Jayaram 2008, Earthq. Spectra 24, 299-317, doi:10.1193/1.2857544",
        "Worden et al. 2012, Bull. Seism. Soc. Am. 102, 204-221, doi:10.1785/0120110156",
    )
    pictures: ClassVar[tuple[Picture, ...]] = PICTURES

    magnitude: float = Field(
        7.0, ge=3, le=8.5, title="Magnitude", description="Moment magnitude",
        json_schema_extra=about("1", "矩震级"),
    )  # fmt: skip
    distance_km: float = Field(
        10.0, ge=0, le=300, title="Distance",
        description="From the city's middle to that of the rupture, where no place is named",
        json_schema_extra=about("km", "距离"),
    )  # fmt: skip
    bearing_deg: float = Field(
        240.0, ge=0, le=360, title="Direction",
        description="From the city's middle to the rupture, clockwise from north, if no place is named",
        json_schema_extra=about("°", "方位角"),
    )  # fmt: skip
    depth_km: float = Field(
        10.0, ge=0, le=100, title="Depth", description="Of the focus, in the middle of the rupture",
        json_schema_extra=about("km", "震源深度"),
    )  # fmt: skip
    mechanism: Literal["strike_slip", "normal", "reverse", "unspecified"] = Field(
        "strike_slip", title="Mechanism", description="How the sides of the fault move",
        json_schema_extra=about("", "断层类型"),
    )  # fmt: skip
    residuals: bool = Field(
        default=False, title="Random differences",
        description="Adds what no model foresees, at random, correlated in space; without, the median",
        json_schema_extra=about("", "随机残差"),
    )  # fmt: skip
    seed: int = Field(
        1, ge=0, le=2**31 - 1, title="Seed", description="Of the random differences",
        json_schema_extra=about("1", "随机种子"),
    )  # fmt: skip
    epicentre: Point | None = Field(
        None, title="Epicentre", description="Middle of the rupture, in place of distance",
        examples=[[0.0, 50.0]],
        json_schema_extra=about("", "震中", advanced=True),
    )  # fmt: skip
    trace: Polyline | None = Field(
        None, title="Trace of the fault",
        description="Upper edge of the rupture from end to end; the fault dips to its right",
        examples=[[[0.0, 50.0], [0.1, 50.1]]],
        json_schema_extra=about("", "断层迹线", advanced=True),
    )  # fmt: skip
    rupture: Literal["plane", "point"] = Field(
        "plane", title="Rupture", description="A plane of the magnitude's size, or a point",
        json_schema_extra=about("", "破裂形式", advanced=True),
    )  # fmt: skip
    strike_deg: float = Field(
        330.0, ge=0, le=360, title="Strike",
        description="Direction of the plane's upper edge, clockwise from north; it dips to the right",
        json_schema_extra=about("°", "走向", advanced=True),
    )  # fmt: skip
    dip_deg: float = Field(
        90.0, ge=5, le=90, title="Dip", description="Angle of the plane with the horizontal",
        json_schema_extra=about("°", "倾角", advanced=True),
    )  # fmt: skip
    length_km: float = Field(
        0.0, ge=0, le=1500, title="Length", description="Of the plane; 0 takes it from the magnitude",
        json_schema_extra=about("km", "破裂长度", advanced=True),
    )  # fmt: skip
    width_km: float = Field(
        0.0, ge=0, le=300, title="Width", description="Down the dip; 0 takes it from the magnitude",
        json_schema_extra=about("km", "破裂宽度", advanced=True),
    )  # fmt: skip
    top_km: float = Field(
        0.0, ge=0, le=100, title="Upper edge", description="Depth of the trace, where one is given",
        json_schema_extra=about("km", "上缘深度", advanced=True),
    )  # fmt: skip
    region: Literal["global", "china_turkey", "italy_japan"] = Field(
        "global", title="Attenuation", description="How waves weaken with distance in a region",
        json_schema_extra=about("", "区域衰减", advanced=True),
    )  # fmt: skip
    vs30: float = Field(
        0.0, ge=0, le=1500, title="Shear-wave velocity",
        description="Of the uppermost 30 m, the same everywhere, 150 and more; 0 takes the slope's",
        examples=[360.0],
        json_schema_extra=about("m/s", "剪切波速", advanced=True),
    )  # fmt: skip
    tectonics: Literal["active", "stable"] = Field(
        "active", title="Tectonics", description="Which relation of slope and velocity holds",
        json_schema_extra=about("", "构造环境", advanced=True),
    )  # fmt: skip
    slope_km: float = Field(
        0.926, ge=0.1, le=5, title="Slope over",
        description="Width over which the slope is taken; the relation is for 30 seconds of arc",
        json_schema_extra=about("km", "坡度尺度", advanced=True),
    )  # fmt: skip
    basin: Literal["none", "california", "japan"] = Field(
        "none", title="Basin", description="Model that the sediments' depth is compared with",
        json_schema_extra=about("", "盆地模型", advanced=True),
    )  # fmt: skip
    basin_m: float = Field(
        500.0, ge=0, le=5000, title="Sediments",
        description="Depth at which shear waves reach 1 km/s, if a basin is chosen",
        json_schema_extra=about("m", "沉积层深度", advanced=True),
    )  # fmt: skip
    event_term: Literal["drawn", "given"] = Field(
        "drawn", title="Event term", description="How it differs from other events: at random or given",
        json_schema_extra=about("", "事件项", advanced=True),
    )  # fmt: skip
    epsilon: float = Field(
        0.0, ge=-4, le=4, title="Epsilon",
        description="The given event term in standard deviations, for every measure",
        json_schema_extra=about("1", "事件项标准差数", advanced=True),
    )  # fmt: skip
    clustered: bool = Field(
        default=True, title="Similar ground goes together",
        description="Whether soft and hard ground lie in patches: longer correlation at short periods",
        json_schema_extra=about("", "场地聚集", advanced=True),
    )  # fmt: skip
    shakemap_file: FileName = Field(
        "", title="ShakeMap",
        description="A grid.xml of the U.S. Geological Survey; it takes the place of rupture and model",
        examples=["grid.xml"],
        json_schema_extra=about("", "ShakeMap 文件", advanced=True),
    )  # fmt: skip

    @model_validator(mode="after")
    def _it_is_one_event(self) -> "Earthquake":
        if 0.0 < self.vs30 < LEAST_VS30:
            raise ValueError(
                f"vs30 lies below {LEAST_VS30:g} m/s, where no model holds: raise it or give 0"
            )
        if self.trace and self.rupture == "point":
            raise ValueError("a trace and a point are two ruptures: leave out 'trace' or 'rupture'")
        if self.trace and self.epicentre:
            raise ValueError(
                "a trace and an epicentre place the rupture twice: leave out one of them"
            )
        if self.trace and _shortest(self.trace) < 100.0:
            raise ValueError("the trace is shorter than 100 m: draw the fault from end to end")
        return self

    def files(self) -> tuple[Path, ...]:
        """Files that the event reads."""
        return (Path(self.shakemap_file),) if self.shakemap_file else ()

    def _simulate(self, grid: Grid, layers: Layers, progress: Watch) -> Hazard:
        from citytwin.hazards.earthquake.simulation import simulate  # noqa: PLC0415  (it imports us)

        return simulate(self, grid, layers, progress)

    @classmethod
    def verification(cls) -> tuple[Verification, ...]:
        """Ground motion, distances, site, random fields, ShakeMap, damage."""
        from citytwin.hazards.earthquake.verification import CASES  # noqa: PLC0415  (it imports us)

        return CASES

    @classmethod
    def benchmark(cls, cells: int) -> dict[str, Any]:
        """Cells a second of the ground motion, three measures."""
        from citytwin.hazards.earthquake.speed import measure  # noqa: PLC0415  (only for the benchmark)

        return measure(cells)


def _shortest(trace: tuple[tuple[float, float], ...]) -> float:
    """Length of a trace [m], roughly."""
    lon, lat = np.array(trace).T
    east = np.diff(lon) * 111_320.0 * np.cos(np.radians(lat.mean()))
    return float(np.hypot(east, np.diff(lat) * 111_320.0).sum())
