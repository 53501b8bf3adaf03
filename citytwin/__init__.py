"""citytwin: a city digital sandbox and emergency risk platform."""

import os

# Threads that spin while they wait make two cores slower than one on a shared machine.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

from citytwin.build import build  # noqa: E402
from citytwin.city import City  # noqa: E402
from citytwin.errors import CityTwinError  # noqa: E402
from citytwin.grid.window import Grid  # noqa: E402
from citytwin.hazards.base import Hazard, HazardModel, Verification  # noqa: E402
from citytwin.hazards.flood import Flood  # noqa: E402
from citytwin.registry import hazards, sources  # noqa: E402
from citytwin.scenario import Results, Scenario, run  # noqa: E402

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
    "hazards",
    "run",
    "sources",
]
