"""The flood as an event: what people choose, and the run from rain to depth."""

from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field, model_validator

from citytwin.arrays import Floats, Floats32
from citytwin.grid.window import Grid
from citytwin.hazards.base import Hazard, HazardModel, Layers, Progress, Verification
from citytwin.hazards.flood.balance import Balance
from citytwin.hazards.flood.inertial.solver import InertialSolver
from citytwin.hazards.flood.solver import Solver
from citytwin.hazards.flood.terrain import FRAME, flood_terrain
from citytwin.registry import hazards

_HOUR = 3600.0
_MILLIMETRE = 1e-3
#: Share of the water that may appear or vanish before a run is refused, by precision.
BALANCE_TOLERANCE = {"float32": 1e-5, "float64": 1e-9}


#: Most pictures that a run may store.
MOST_PICTURES = 300


def _unit(unit: str, zh: str, *, advanced: bool = False) -> dict[str, Any]:
    return {"unit": unit, "title_zh": zh, "advanced": advanced}


@hazards.register
class Flood(HazardModel):
    """A cloudburst over the city: rain falls, runs off roofs and slopes, ponds and drains away."""

    name: ClassVar[str] = "flood"
    title: ClassVar[str] = "Cloudburst flood"
    title_zh: ClassVar[str] = "暴雨内涝"
    version: ClassVar[str] = "2"
    inputs: ClassVar[tuple[str, ...]] = (
        "ground_elevation",
        "building_cover",
        "manning",
        "pervious_share",
    )
    output: ClassVar[str] = "depth"
    references: ClassVar[tuple[str, ...]] = (
        "Bates, Horritt & Fewtrell 2010, J. Hydrol. 387, doi:10.1016/j.jhydrol.2010.03.027",
        "de Almeida, Bates, Freer & Souvignet 2012, Water Resour. Res. 48, doi:10.1029/2011WR011570",
        "de Almeida & Bates 2013, Water Resour. Res. 49, 4833-4844, doi:10.1002/wrcr.20366",
    )

    rain_mm: float = Field(
        80.0, ge=0, le=2000, title="Rain", description="Rain that falls in the whole storm",
        json_schema_extra=_unit("mm", "总雨量"),
    )  # fmt: skip
    rain_h: float = Field(
        1.0, gt=0, le=72, title="Storm lasts", description="Time in which it falls",
        json_schema_extra=_unit("h", "降雨历时"),
    )  # fmt: skip
    shape: Literal["peaked", "even"] = Field(
        "peaked", title="Storm shape",
        description="Peaked rises to a peak and falls again in straight lines; even is constant",
        json_schema_extra=_unit("", "雨型"),
    )  # fmt: skip
    peak: float = Field(
        0.4, ge=0, le=1, title="Peak at",
        description="When the peak falls, as a share of the storm; only for a peaked storm",
        json_schema_extra=_unit("1", "雨峰系数"),
    )  # fmt: skip
    simulated_h: float = Field(
        2.0, gt=0, le=72, title="Watch for", description="Time to simulate from the first rain",
        json_schema_extra=_unit("h", "模拟时长"),
    )  # fmt: skip
    infiltration_mm_h: float = Field(
        10.0, ge=0, le=500, title="Ground takes",
        description="Rate at which open, pervious ground takes water; an assumption",
        json_schema_extra=_unit("mm/h", "土壤下渗率"),
    )  # fmt: skip
    output_min: float = Field(
        5.0, ge=0.5, le=360, title="A picture every", description="Time between stored pictures",
        json_schema_extra=_unit("min", "输出间隔", advanced=True),
    )  # fmt: skip
    wet_depth: float = Field(
        0.05, gt=0, le=1, title="Wet from", description="Depth that counts as wet for arrival",
        json_schema_extra=_unit("m", "判湿水深", advanced=True),
    )  # fmt: skip
    gaps: float = Field(
        0.1, ge=0, le=1, title="Gaps in buildings",
        description="Share of a wholly built cell that lets water through: doors, passages, alleys; "
        "an assumption, 0 makes solid walls",
        json_schema_extra=_unit("1", "建筑透水占比", advanced=True),
    )  # fmt: skip
    precision: Literal["float32", "float64"] = Field(
        "float32", title="Precision", description="Arithmetic of the flow",
        json_schema_extra=_unit("", "计算精度", advanced=True),
    )  # fmt: skip

    @model_validator(mode="after")
    def _pictures_fit(self) -> "Flood":
        if self.output_min * 60.0 > self.simulated_h * _HOUR:
            raise ValueError("output_min is longer than simulated_h: lower it")
        if self.simulated_h * 60.0 / self.output_min > MOST_PICTURES:
            raise ValueError(f"output_min gives more than {MOST_PICTURES} pictures: raise it")
        return self

    def rain_until(self, time: float) -> float:
        """Rain that has fallen from the start to a time [m].

        Parameters
        ----------
        time
            Seconds after the first rain.
        """
        share = min(max(time / (self.rain_h * _HOUR), 0.0), 1.0)
        if self.shape == "peaked":
            share = _triangle(share, self.peak)
        return self.rain_mm * _MILLIMETRE * share

    def _simulate(self, grid: Grid, layers: Layers, progress: Progress) -> Hazard:
        rate = self.infiltration_mm_h * _MILLIMETRE / _HOUR
        terrain = flood_terrain(grid, layers, self.gaps, rate)
        solver = InertialSolver(
            grid.lattice,
            terrain.elevation,
            terrain.storage,
            terrain.manning,
            drains=terrain.drains,
            rain_factor=terrain.rain_factor,
            losses=terrain.losses,
            dtype=np.dtype(self.precision).type,
            wet=self.wet_depth,
        )
        times = _picture_times(self.simulated_h * _HOUR, self.output_min * 60.0)
        frames = np.zeros((times.size, len(grid)), np.float32)

        def tell(running: Solver) -> None:
            minutes = running.time / 60.0
            progress(running.time / times[-1], f"{minutes:.0f} min after the first rain")

        for k, time in enumerate(times):
            solver.run(time, self._rain_between, tell)
            frames[k] = _gather(grid, solver.depth)
        solver.check(BALANCE_TOLERANCE[self.precision])
        return self._hazard(grid, solver, times, frames)

    def _rain_between(self, start: float, end: float) -> float:
        return self.rain_until(end) - self.rain_until(start)

    def _hazard(self, grid: Grid, solver: Solver, times: Floats, frames: Floats32) -> Hazard:
        record = {name: _gather(grid, values) for name, values in solver.record.items()}
        record["arrival"] = np.where(np.isfinite(record["arrival"]), record["arrival"], np.nan)
        balance = solver.balance
        report = {
            "rain_m3": balance.rain,
            "stored_m3": balance.stored,
            "infiltrated_m3": balance.infiltrated,
            "drained_m3": balance.drained,
            "balance_error": balance.error,
            "flow_steps": float(solver.steps),
            "mean_step_s": float(times[-1]) / max(solver.steps, 1),
        }
        return Hazard("depth", times, frames, record, report, water_sentence(balance))

    @classmethod
    def verification(cls) -> tuple[Verification, ...]:
        """Conservation, rest, Manning's depth, the inertial wave, roundness."""
        from citytwin.hazards.flood.verification import CASES  # noqa: PLC0415  (it imports us)

        return CASES

    @classmethod
    def benchmark(cls, cells: int) -> dict[str, Any]:
        """Cell-steps a second of the kernel, every cell wet, against the STREAM triad."""
        from citytwin.hazards.flood.speed import measure  # noqa: PLC0415  (only for the benchmark)

        return measure(cells)


def water_sentence(balance: Balance) -> str:
    """Where the water went, in words."""
    rain = balance.rain
    if rain <= 0.0:
        return "No rain fell."
    return (
        f"Of {rain:,.0f} m³ of rain, {balance.stored / rain:.0%} stands on the ground, "
        f"{balance.infiltrated / rain:.0%} went into it and {balance.drained / rain:.0%} left the "
        f"area; {abs(balance.error):.0e} of it is unaccounted for."
    )


def _triangle(share: float, peak: float) -> float:
    """Share of the rain fallen after a share of the storm, with its peak at ``peak``."""
    if share <= peak and peak > 0.0:
        return share * share / peak
    if peak >= 1.0:
        return 1.0
    return 1.0 - (1.0 - share) ** 2 / (1.0 - peak)


def _picture_times(end: float, interval: float) -> Floats:
    """(t,) times of the stored pictures [s], the start and the end among them."""
    times = np.arange(0.0, end - 1e-6 * interval, interval)
    return np.append(times, end).astype(np.float64)


def _gather(grid: Grid, framed: np.ndarray) -> Floats32:
    """(n,) values of the city's cells from a window with a frame around it."""
    return grid.gather(framed[FRAME:-FRAME, FRAME:-FRAME]).astype(np.float32)
