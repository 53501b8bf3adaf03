"""Rivers, the sea, pools, breaches, burst mains: what acts on the water at single places."""

from citytwin.hazards.flood.forcing.breach import Breach
from citytwin.hazards.flood.forcing.burst import Burst
from citytwin.hazards.flood.forcing.part import forcings
from citytwin.hazards.flood.forcing.pool import Pool
from citytwin.hazards.flood.forcing.posts import Gauge, Line
from citytwin.hazards.flood.forcing.river import Inflow
from citytwin.hazards.flood.forcing.sea import Constituent, Shore
from citytwin.hazards.flood.forcing.works import Barrier, Works, together
from citytwin.hazards.places import Part

__all__ = [
    "Barrier",
    "Breach",
    "Burst",
    "Constituent",
    "Gauge",
    "Inflow",
    "Line",
    "Part",
    "Pool",
    "Shore",
    "Works",
    "forcings",
    "together",
]
