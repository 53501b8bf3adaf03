"""The impact of water: people, buildings and streets by how deep they stand in it.

The people counted are those who live in a building with water of at least the threshold at its
walls, on whatever storey: the deepest in the cells that hold it and, where it fills a cell, in the
cells around. Streets count as impassable from 0.3 m, the depth at which a passenger car
no longer gets through (Pregnolato et al. 2017, 10.1016/j.trd.2017.06.020; read in
secondary sources only, not verified on the page).
"""

from typing import Any

import numpy as np

from citytwin.arrays import AnyFloats
from citytwin.hazards.base import Hazard
from citytwin.impact.exposure import FOOTWAYS, Exposure

#: Changes whenever the same hazard gives another impact.
IMPACT_VERSION = "1"

#: Depths by which people and buildings are counted [m].
THRESHOLDS = (0.15, 0.3, 0.5, 1.0)
#: Depth from which a street is impassable to cars [m].
IMPASSABLE = 0.3


def wet(exposure: Exposure, depth: AnyFloats) -> dict[str, Any]:
    """Impact of one field of depth.

    Parameters
    ----------
    exposure
        What stands in the way.
    depth
        (n,) depth on the cells [m].

    Returns
    -------
    dict
        ``people`` and ``buildings`` by threshold (as text, in metres), and ``roads``: the limit,
        the length in all, the impassable length, and both by class [m]; ``footways`` apart.
    """
    at_walls = exposure.building_depths(depth)
    reached = {f"{limit:g}": at_walls >= limit for limit in THRESHOLDS}
    totals, closed = exposure.road_totals(), exposure.road_lengths(depth, IMPASSABLE)
    streets = [name for name in totals if name not in FOOTWAYS]
    ways = [name for name in totals if name in FOOTWAYS]
    return {
        "people": {key: float(exposure.building_people[on].sum()) for key, on in reached.items()},
        "buildings": {key: int(on.sum()) for key, on in reached.items()},
        "roads": {
            "limit_m": IMPASSABLE,
            "total_m": sum(totals[name] for name in streets),
            "impassable_m": sum(closed[name] for name in streets),
            "by_class": {
                name: {"total_m": totals[name], "impassable_m": closed[name]} for name in streets
            },
            "footways": {
                "total_m": sum(totals[name] for name in ways),
                "under_water_m": sum(closed[name] for name in ways),
            },
        },
    }


def wet_over_time(exposure: Exposure, hazard: Hazard) -> dict[str, Any]:
    """Impact of the greatest depth, with the course over time as ``series``."""
    result = wet(exposure, np.asarray(hazard.summary["depth_max"]))
    frames = [wet(exposure, frame) for frame in hazard.intensity]
    result["series"] = {
        "people": {key: [f["people"][key] for f in frames] for key in result["people"]},
        "buildings": {key: [f["buildings"][key] for f in frames] for key in result["buildings"]},
        "roads_m": [f["roads"]["impassable_m"] for f in frames],
    }
    return result


#: Which impact belongs to which intensity.
IMPACTS = {"depth": wet_over_time}
