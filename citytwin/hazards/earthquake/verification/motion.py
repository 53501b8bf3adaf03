"""Ground motion against hazardlib, ruptures against closed forms, intensity at published points."""

from typing import Any, cast

import numpy as np
from pyproj import Transformer

from citytwin.arrays import Floats
from citytwin.hazards.cases import Law, Measured, Site
from citytwin.hazards.earthquake.bssa14 import GRAVITY, Basin, Mechanism, Region, ground_motion
from citytwin.hazards.earthquake.intensity import intensity_by
from citytwin.hazards.earthquake.residuals import PERIODS
from citytwin.hazards.earthquake.rupture import Rupture, distances, size_of, trace_rupture
from citytwin.hazards.earthquake.verification.tables import golden, numbers

MEASURES = tuple(PERIODS)
_RADIUS = 6_371_000.0
_CENTRE = (-122.45, 37.75)


def ground_motion_of(row: dict[str, str]) -> tuple[Floats, Floats, Floats]:
    """(k,) logarithm of the median in the paper's units, tau and phi of one row."""
    found = ground_motion(
        MEASURES, float(row["magnitude"]), cast("Mechanism", row["mechanism"]),
        np.array([1e3 * float(row["rjb_km"])]), np.array([float(row["vs30"])]),
        region=cast("Region", row["region"]), basin=cast("Basin", row["basin"]),
        z1=float(row["z1_m"]), parallel=False,
    )  # fmt: skip
    units = np.log([0.01 if name == "pgv" else GRAVITY for name in MEASURES])
    return found.median[:, 0] - units, found.tau, found.phi[:, 0]


def off_hazardlib(_: Site | None) -> Measured:
    """Largest relative difference of medians from hazardlib's; a law for the spreads."""
    rows = golden("bssa14.csv")
    ours = np.array([np.stack(ground_motion_of(row)) for row in rows])
    theirs = np.array(
        [[numbers(rows, f"{part}_{name}") for name in MEASURES] for part in ("ln", "tau", "phi")]
    ).transpose(2, 0, 1)
    median = np.abs(np.expm1(ours[:, 0] - theirs[:, 0])).max()
    spread = np.abs(ours[:, 1:] / theirs[:, 1:] - 1.0).max()
    total = np.hypot(ours[:, 1], ours[:, 2]) / np.hypot(theirs[:, 1], theirs[:, 2])
    laws = (
        Law("tau and phi off hazardlib's", float(spread), 1e-6),
        Law("sigma off hazardlib's", float(np.abs(total - 1.0).max()), 1e-6),
        Law("rows short of 1,000", float(max(1000 - len(rows), 0)), 0.0),
    )
    return Measured(float(median), laws)


def _plane() -> Transformer:
    """Equal-area plane of a sphere, as hazardlib's earth is one."""
    lon, lat = _CENTRE
    target = f"+proj=laea +lat_0={lat} +lon_0={lon} +R={_RADIUS:.0f} +units=m"
    return Transformer.from_crs(f"+proj=longlat +R={_RADIUS:.0f}", target, always_xy=True)


def _vectors(lon: Floats, lat: Floats) -> Floats:
    a, b = np.radians(lon), np.radians(lat)
    return np.stack([np.cos(b) * np.cos(a), np.cos(b) * np.sin(a), np.sin(b)], axis=-1)


def to_arc(lon: Floats, lat: Floats, start: Floats, end: Floats) -> Floats:
    """(n,) distance on a sphere from points to a piece of a great circle, in closed form [m]."""
    p, a, b = _vectors(lon, lat), _vectors(*start), _vectors(*end)
    normal = np.cross(a, b)
    normal /= np.linalg.norm(normal)
    beside = (np.cross(normal, a) @ p.T > 0.0) & (np.cross(b, normal) @ p.T > 0.0)
    ends = [np.arctan2(np.linalg.norm(np.cross(p, q), axis=1), p @ q) for q in (a, b)]
    return np.asarray(_RADIUS * np.where(beside, np.abs(np.arcsin(p @ normal)), np.minimum(*ends)))


def off_closed_form(_: Site | None) -> Measured:
    """Largest relative difference of distances to a vertical fault from those on a sphere.

    Points up to 130 km from the city's middle and 1 km and more from the fault.
    """
    rng = np.random.default_rng(3)
    start, end = np.array([-122.95, 38.1]), np.array([-122.2, 37.2])
    lon, lat = rng.uniform(-123.6, -121.3, 4000), rng.uniform(36.9, 38.6, 4000)
    known = to_arc(lon, lat, start, end)
    plane = _plane()
    x, y = plane.transform(lon, lat)
    ex, ey = plane.transform(*np.stack([start, end], axis=1))
    rupture = trace_rupture(np.asarray(ex), np.asarray(ey), 0.0, 90.0, 12e3)
    found = distances(rupture, np.asarray(x), np.asarray(y))
    far = known > 1e3
    off = np.abs(found[far] / known[far] - 1.0).max()
    return Measured(float(off), _hazardlib_planes(plane))


def _hazardlib_planes(plane: Any) -> tuple[Law, ...]:
    """Distances to hazardlib's planes; it takes chords of the earth, so that some 100 m may differ."""
    laws = []
    for name in ("vertical", "dipping"):
        rows = [row for row in golden("distances.csv") if row["plane"] == name]
        corners = []
        for part in ("top_left", "top_right", "bottom_left"):
            east, north = plane.transform(
                float(rows[0][f"lon_{part}"]), float(rows[0][f"lat_{part}"])
            )
            corners.append(np.array([east, north, 1e3 * float(rows[0][f"depth_km_{part}"])]))
        first, right, below = corners
        rupture = Rupture(first[None], (right - first)[None], (below - first)[None])
        x, y = plane.transform(numbers(rows, "lon"), numbers(rows, "lat"))
        for flat, column in ((True, "rjb_km"), (False, "rrup_km")):
            known = 1e3 * numbers(rows, column)
            off = np.abs(distances(rupture, np.asarray(x), np.asarray(y), flat=flat) - known)
            share = float((off / np.maximum(known, 20e3)).max())
            laws.append(Law(f"{column[:-3]} of a {name} plane off hazardlib's", share, 0.01))
    return tuple(laws)


def off_scaling(_: Site | None) -> float:
    """Largest relative difference of lengths and widths from hazardlib's Wells & Coppersmith."""
    worst = 0.0
    for row in golden("sizes.csv"):
        found = size_of(float(row["magnitude"]), cast("Mechanism", row["mechanism"]))
        known = 1e3 * float(row["length_km"]), 1e3 * float(row["width_km"])
        worst = max(worst, *(abs(a / b - 1.0) for a, b in zip(found, known, strict=True)))
    return worst


#: Motion [cm/s² or cm/s, as log10] at which the published lines meet, and the intensity there.
MEETING = {
    "pga": (1.57, 4.22),
    "pgv": (0.53, 4.56),
    "sa03": (2.21, 4.99),
    "sa10": (1.65, 4.98),
    "sa30": (0.99, 4.96),
}


def off_intensity(_: Site | None) -> Measured:
    """Largest difference of intensity from the published one where the lines meet."""
    off, jump = 0.0, 0.0
    for measure, (place, known) in MEETING.items():
        x = np.array([place - 1e-9, place + 1e-9])
        both = intensity_by(measure, 0.01 * 10.0**x)
        off = max(off, float(np.abs(both - known).max()))
        jump = max(jump, float(abs(both[1] - both[0])))
    strong = intensity_by("pga", np.array([0.0, 1e-6, 50.0]))
    law = Law("outside 1 to 10", float(max(1.0 - strong.min(), strong.max() - 10.0, 0.0)), 0.0)
    return Measured(off, (law, Law("jump where lines meet", jump, 0.02)))
