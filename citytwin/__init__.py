"""citytwin: a city digital sandbox and emergency risk platform."""

import os
from typing import TYPE_CHECKING

from citytwin.lazy import lazily

# Threads that spin while they wait make two cores slower than one on a shared machine.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

if TYPE_CHECKING:
    from citytwin.city import City
    from citytwin.errors import CityTwinError
    from citytwin.grid.window import Grid
    from citytwin.hazards.base import Hazard, HazardModel
    from citytwin.hazards.cases import Verification
    from citytwin.hazards.flood import Flood
    from citytwin.pipeline import build
    from citytwin.scenario import Results, Scenario, run

__all__ = [
    "City",
    "CityTwinError",
    "Flood",
    "Grid",
    "Hazard",
    "HazardModel",
    "Results",
    "Scenario",
    "Verification",
    "build",
    "run",
]

__getattr__ = lazily(
    __name__,
    {
        "City": "citytwin.city",
        "CityTwinError": "citytwin.errors",
        "Flood": "citytwin.hazards.flood",
        "Grid": "citytwin.grid.window",
        "Hazard": "citytwin.hazards.base",
        "HazardModel": "citytwin.hazards.base",
        "Results": "citytwin.scenario",
        "Scenario": "citytwin.scenario",
        "Verification": "citytwin.hazards.base",
        "build": "citytwin.pipeline",
        "run": "citytwin.scenario",
    },
)
