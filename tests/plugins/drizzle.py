"""Drizzle: rain that ponds where it falls, as a plug-in of one file. It shows how one is written."""

from typing import Any, ClassVar

import numpy as np
from pydantic import Field

from citytwin.arrays import Floats
from citytwin.grid.window import Grid
from citytwin.hazards.base import Hazard, HazardModel, Layers
from citytwin.hazards.watch import Progress
from citytwin.registry import hazards

_HOUR = 3600.0
_MILLIMETRE = 1e-3


def ponded(rain: Floats, capacity: Floats, times: Floats) -> Floats:
    """Rain in excess of what the ground takes, where it fell.

    Parameters
    ----------
    rain
        (t,) rain that has fallen by each time [m].
    capacity
        (n,) rate at which the ground takes water [m/s].
    times
        (t,) seconds after the first rain.

    Returns
    -------
    (t, n) depth [m].
    """
    return np.maximum(rain[:, None] - capacity[None, :] * times[:, None], 0.0)


@hazards.register
class Drizzle(HazardModel):
    """Steady rain on ground that takes some of it; nothing flows."""

    name: ClassVar[str] = "drizzle"
    title: ClassVar[str] = "Drizzle"
    title_zh: ClassVar[str] = "毛毛雨"
    version: ClassVar[str] = "1"
    inputs: ClassVar[tuple[str, ...]] = ("pervious_share",)
    output: ClassVar[str] = "depth"
    references: ClassVar[tuple[str, ...]] = (
        "Horton 1933, Trans. AGU 14, 446-460, doi:10.1029/TR014i001p00446, rain excess",
    )
    verified: ClassVar[bool] = False

    rain_mm: float = Field(
        20.0, ge=0, le=500, title="Rain", description="Rain that falls in the whole drizzle",
        json_schema_extra={"unit": "mm", "title_zh": "总雨量"},
    )  # fmt: skip
    rain_h: float = Field(
        4.0, gt=0, le=72, title="Lasts", description="Time in which it falls",
        json_schema_extra={"unit": "h", "title_zh": "历时"},
    )  # fmt: skip
    infiltration_mm_h: float = Field(
        3.0, ge=0, le=500, title="Ground takes", description="Rate at which pervious ground takes it",
        json_schema_extra={"unit": "mm/h", "title_zh": "下渗率"},
    )  # fmt: skip

    def _simulate(self, grid: Grid, layers: Layers, progress: Progress) -> Hazard:
        times = np.linspace(0.0, self.rain_h * _HOUR, 5)
        rain = self.rain_mm * _MILLIMETRE * times / times[-1]
        taken = self.infiltration_mm_h * _MILLIMETRE / _HOUR
        depth = ponded(rain, taken * np.asarray(layers["pervious_share"]), times)
        progress(1.0, "rained")
        summary: dict[str, Any] = {"depth_max": depth.max(axis=0).astype(np.float32)}
        fallen = float(rain[-1] * grid.area.sum())
        stored = float((depth[-1] * grid.area).sum())
        report = {"rain_m3": fallen, "stored_m3": stored, "infiltrated_m3": fallen - stored}
        sentence = f"Of {fallen:,.0f} m³ of rain, {stored:,.0f} m³ stand where they fell."
        return Hazard("depth", times, depth.astype(np.float32), summary, report, sentence)
