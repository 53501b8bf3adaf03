"""citytwin: a city digital sandbox and emergency risk platform."""

import os

# Threads that spin while they wait make two cores slower than one on a shared machine.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

from citytwin.build import build
from citytwin.city import City
from citytwin.errors import CityTwinError
from citytwin.grid.window import Grid
from citytwin.hazards.base import Hazard, HazardModel, Verification
from citytwin.hazards.flood import Flood
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
