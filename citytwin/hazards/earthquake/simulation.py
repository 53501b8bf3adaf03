"""From an event to the motion on the cells."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from citytwin.arrays import Floats
from citytwin.errors import InputError
from citytwin.grid.window import Grid
from citytwin.hazards.base import Hazard, Layers
from citytwin.hazards.earthquake.answer import Shaking, hazard_of
from citytwin.hazards.earthquake.bssa14 import coefficients, ground_motion
from citytwin.hazards.earthquake.intensity import intensity_of
from citytwin.hazards.earthquake.residuals import between_events, within_event
from citytwin.hazards.earthquake.rupture import (
    Rupture,
    distances,
    plane_rupture,
    point_rupture,
    size_of,
    trace_rupture,
)
from citytwin.hazards.earthquake.shakemap import read_shakemap
from citytwin.hazards.earthquake.site import slopes, vs30_by_slope
from citytwin.hazards.watch import Watch

if TYPE_CHECKING:
    from citytwin.hazards.earthquake.model import Earthquake

#: Measures that are computed, and what they are called on the cells.
MEASURES: Final = {"pga": "pga", "pgv": "pgv", "sa0.3": "sa03", "sa1": "sa10", "sa3": "sa30"}
#: Greatest motion that ground has been known to bear, in variables' ranges [m/s², m/s].
_MOST = {"pga": 100.0, "pgv": 50.0, "sa03": 200.0, "sa10": 200.0, "sa30": 200.0}
_DRAWN = (
    "random differences follow Jayaram & Baker 2009 in space and Baker & Jayaram 2008 between measures; "
    "PGV is taken to go with the spectral acceleration at 1 s"
)
_KILOMETRE = 1e3
#: Distance up to which the ground-motion model is fitted [m].
_FAR = 400e3


def rupture_of(event: "Earthquake", grid: Grid) -> Rupture:
    """The event's rupture in the city's plane."""
    length, width = size_of(event.magnitude, event.mechanism)
    length = _KILOMETRE * event.length_km or length
    width = _KILOMETRE * event.width_km or width
    if event.trace:
        lon, lat = np.array(event.trace, np.float64).T
        x, y = grid.project(lon, lat)
        if not bool(np.isfinite(x).all() and np.isfinite(y).all()):
            raise InputError(
                "the trace lies on the other side of the earth: move it to the city's side"
            )
        return trace_rupture(x, y, _KILOMETRE * event.top_km, event.dip_deg, width)
    x0, y0 = _middle_of_rupture(event, grid)
    depth = _KILOMETRE * event.depth_km
    if event.rupture == "point":
        return point_rupture(x0, y0, depth)
    return plane_rupture((x0, y0, depth), event.strike_deg, event.dip_deg, length, width)


def _middle_of_rupture(event: "Earthquake", grid: Grid) -> tuple[float, float]:
    if event.epicentre:
        lon, lat = event.epicentre
        x, y = grid.project(np.array([lon]), np.array([lat]))
        if not bool(np.isfinite(x[0]) and np.isfinite(y[0])):
            raise InputError("the epicentre lies on the other side of the earth: move it")
        return float(x[0]), float(y[0])
    middle = [0.5 * float(values.min() + values.max()) for values in (grid.x, grid.y)]
    angle, far = np.radians(event.bearing_deg), _KILOMETRE * event.distance_km
    return middle[0] + far * float(np.sin(angle)), middle[1] + far * float(np.cos(angle))


def vs30_of(event: "Earthquake", grid: Grid, layers: Layers) -> Floats:
    """(n,) velocity of the ground [m/s]."""
    if event.vs30 > 0.0:
        return np.full(len(grid), event.vs30)
    height = np.asarray(layers["ground_elevation"], np.float64)
    spacing = float(np.hypot(*grid.step_col))
    slope = slopes(grid.x, grid.y, height, _KILOMETRE * event.slope_km, spacing)
    return vs30_by_slope(slope, event.tectonics)


@dataclass(frozen=True, eq=False)
class _Parts:
    """Motion by the names of ``MEASURES``, with what was drawn."""

    motion: dict[str, Floats]
    notes: tuple[str, ...]
    report: dict[str, float]


def simulate(event: "Earthquake", grid: Grid, layers: Layers, progress: Watch) -> Hazard:
    """Shaking of the cells by an event."""
    progress(0.0, "looking at the ground")
    if event.shakemap_file:
        return _from_shakemap(event, grid, layers, progress)
    vs30 = vs30_of(event, grid, layers)
    rupture = rupture_of(event, grid)
    rjb = distances(rupture, grid.x, grid.y)
    if float(rjb.min()) > _FAR:
        raise InputError(
            f"the rupture lies {rjb.min() / _KILOMETRE:,.0f} km from the city, where no model holds: "
            "move it to within 400 km"
        )
    progress(0.2, "computing the ground motion")
    parts = _modelled(event, grid, rjb, vs30)
    progress(0.9, "computing the intensity")
    mmi = intensity_of(parts.motion["pga"], parts.motion["pgv"])
    size = {
        "magnitude": event.magnitude,
        "rupture_length_km": rupture.length / _KILOMETRE,
        "rupture_width_km": rupture.width / _KILOMETRE,
        "rupture_top_km": rupture.top / _KILOMETRE,
        "distance_least_km": float(rjb.min()) / _KILOMETRE,
    }
    shaking = Shaking(parts.motion, mmi, vs30, rjb)
    notes = (*_notes(event), *parts.notes)
    found = hazard_of(shaking, size | parts.report, notes, drawn=event.residuals)
    progress(1.0, "shaken")
    return found


def _modelled(event: "Earthquake", grid: Grid, rjb: Floats, vs30: Floats) -> _Parts:
    names = tuple(MEASURES)
    found = ground_motion(
        names, event.magnitude, event.mechanism, rjb, vs30, region=event.region, basin=event.basin,
        z1=event.basin_m,
    )  # fmt: skip
    value = found.median
    if event.event_term == "given":
        terms = np.full(len(names), event.epsilon)
    elif event.residuals:
        terms = between_events(names, event.seed)
    else:
        terms = np.zeros(len(names))
    value += (terms * found.tau)[:, None]
    report = {
        f"event_term_{MEASURES[name]}": float(t) for name, t in zip(names, terms, strict=True)
    }
    notes: tuple[str, ...] = ()
    if event.residuals:
        within = within_event(grid.x, grid.y, names, event.seed, clustered=event.clustered)
        value += within * found.phi
        for k, name in enumerate(names):
            report[f"within_mean_{MEASURES[name]}"] = float(within[k].mean())
        notes = (_DRAWN,)
    motion = {ours: np.exp(value[k]) for k, ours in enumerate(MEASURES.values())}
    over = [name for name in motion if float(motion[name].max()) > _MOST[name]]
    motion = {name: np.minimum(values, _MOST[name]) for name, values in motion.items()}
    if over:
        notes += (f"cut to the largest value that is stored: {', '.join(over)}",)
    return _Parts(motion, notes, report)


def _notes(event: "Earthquake") -> tuple[str, ...]:
    notes = []
    unverified = [name for name in MEASURES if not coefficients()[name].verified]
    if unverified:
        notes.append(f"coefficients not verified: {', '.join(unverified)}")
    if event.vs30 > 0.0:
        notes.append(f"the ground is assumed to be the same everywhere, {event.vs30:g} m/s")
    else:
        notes.append(
            "the velocity of the ground is assumed from the slope of the terrain, water and fill "
            "included: give 'vs30' where it was measured"
        )
    notes.append("liquefaction, landslides and the movement of the fault itself are not computed")
    return tuple(notes)


def _from_shakemap(event: "Earthquake", grid: Grid, layers: Layers, progress: Watch) -> Hazard:
    found = read_shakemap(Path(event.shakemap_file))
    lon, lat = grid.unproject(grid.x, grid.y)
    if not found.covers(lon, lat):
        raise InputError(
            f"the ShakeMap {event.shakemap_file} does not cover the city: give one that does, or leave "
            "out 'shakemap_file'"
        )
    progress(0.5, "reading the ShakeMap on the cells")
    motion = {name: np.minimum(found.at(lon, lat, name), _MOST[name]) for name in MEASURES.values()}
    known = "mmi" in found.fields
    mmi = found.at(lon, lat, "mmi") if known else intensity_of(motion["pga"], motion["pgv"])
    ground = "vs30" in found.fields
    vs30 = found.at(lon, lat, "vs30") if ground else vs30_of(event, grid, layers)
    notes = [
        "shaking is the ShakeMap's, without random differences; the other fields do not count",
        "liquefaction, landslides and the movement of the fault itself are not computed",
    ]
    if not known:
        notes.append("the ShakeMap has no intensity: it is computed from PGA and PGV")
    report = {}
    for name in ("magnitude", "depth"):
        try:
            report[name] = float(found.event[name])
        except (KeyError, ValueError):
            continue
    shaking = Shaking(motion, np.clip(mmi, 0.0, 12.0), vs30, None)
    hazard = hazard_of(shaking, report, tuple(notes), drawn=False)
    progress(1.0, "shaken")
    return hazard
