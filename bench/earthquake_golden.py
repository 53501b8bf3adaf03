"""Golden tables of the earthquake, made by OpenQuake's hazardlib.

Run with an interpreter that has openquake-engine 3.26.2: python bench/earthquake_golden.py FOLDER
It writes bssa14.csv, distances.csv and sizes.csv; they lie in citytwin/hazards/earthquake/verification,
so that ``citytwin verify`` finds them in an installation, too.
"""

import csv
import sys
from importlib.metadata import version
from pathlib import Path

import numpy as np
from openquake.hazardlib.geo import Point
from openquake.hazardlib.geo.mesh import Mesh
from openquake.hazardlib.geo.surface import PlanarSurface
from openquake.hazardlib.gsim.boore_2014 import (
    BooreEtAl2014,
    BooreEtAl2014HighQ,
    BooreEtAl2014LowQ,
)
from openquake.hazardlib.imt import from_string
from openquake.hazardlib.scalerel.wc1994 import WC1994

MEASURES = {"pga": "PGA", "pgv": "PGV", "sa0.3": "SA(0.3)", "sa1": "SA(1.0)", "sa3": "SA(3.0)"}
RAKES = {"strike_slip": 0.0, "normal": -90.0, "reverse": 90.0, "unspecified": 0.0}
REGIONS = {
    "global": BooreEtAl2014,
    "china_turkey": BooreEtAl2014HighQ,
    "italy_japan": BooreEtAl2014LowQ,
}
BASINS = {"none": "nobasin", "california": "CAL", "japan": "JPN"}
MAKER = f"OpenQuake hazardlib {version('openquake-engine')} by bench/earthquake_golden.py"


def write(folder, name, head, columns, rows):
    """Write a table with its comments."""
    with (folder / name).open("w", encoding="utf-8", newline="") as file:
        file.writelines(f"# {line}\n" for line in head)
        table = csv.writer(file, lineterminator="\n")
        table.writerow(columns)
        table.writerows(rows)


def motions(rng):
    """1,000 sites, each with a magnitude, a mechanism, a region and a basin of its own."""
    rows = []
    imts = [from_string(name) for name in MEASURES.values()]
    for number in range(1000):
        mechanism = list(RAKES)[number % 4]
        region = list(REGIONS)[(number // 4) % 3]
        # hazardlib's table for Italy and Japan rounds the coefficients of basins.
        basin = list(BASINS)[(number // 12) % 3] if region != "italy_japan" else "none"
        magnitude = round(rng.uniform(3.0, 8.5), 3)
        rjb = round(float(rng.choice([0.0, rng.uniform(0, 20), rng.uniform(0, 400)])), 4)
        vs30, z1 = round(rng.uniform(150, 1500), 2), round(rng.uniform(0, 2000), 2)
        model = REGIONS[region](region=BASINS[basin], sof=mechanism != "unspecified")
        rec = np.rec.array(
            [(magnitude, RAKES[mechanism], rjb, vs30, z1)],
            dtype=[(n, float) for n in ("mag", "rake", "rjb", "vs30", "z1pt0")],
        )
        out = np.zeros((4, len(imts), 1))
        model.compute(rec, imts, *out)
        mean, sigma, tau, phi = out[..., 0]
        numbers = [f"{value:.10g}" for trio in zip(mean, tau, phi, strict=True) for value in trio]
        rows.append([magnitude, mechanism, rjb, vs30, region, basin, z1, *numbers])
        assert np.allclose(sigma, np.hypot(tau, phi))
    columns = ["magnitude", "mechanism", "rjb_km", "vs30", "region", "basin", "z1_m"]
    columns += [f"{part}_{name}" for name in MEASURES for part in ("ln", "tau", "phi")]
    return columns, rows


def surfaces():
    """A vertical plane and a dipping one."""
    for name, lon, lat, magnitude, aspect, strike, dip, rake in (
        ("vertical", -122.6, 37.7, 7.0, 4.0, 330.0, 90.0, 0.0),
        ("dipping", -122.3, 37.9, 7.2, 1.5, 60.0, 40.0, 90.0),
    ):
        focus = Point(lon, lat, 15.0)
        yield (
            name,
            dip,
            PlanarSurface.from_hypocenter(focus, WC1994(), magnitude, aspect, strike, dip, rake),
        )


def distances(rng):
    """Distances to planes of points up to 120 km away, with the corners that hazardlib made."""
    rows = []
    for name, dip, surface in surfaces():
        corners = np.stack(
            [surface.corner_lons, surface.corner_lats, surface.corner_depths], axis=1
        )
        lon, lat = rng.uniform(-123.6, -121.4, 150), rng.uniform(36.9, 38.6, 150)
        mesh = Mesh(lon, lat)
        rjb, rrup = surface.get_joyner_boore_distance(mesh), surface.get_min_distance(mesh)
        shape = [f"{value:.8f}" for value in corners.ravel()]
        for k in range(lon.size):
            rows.append(
                [
                    name,
                    dip,
                    *shape,
                    f"{lon[k]:.8f}",
                    f"{lat[k]:.8f}",
                    f"{rjb[k]:.8g}",
                    f"{rrup[k]:.8g}",
                ]
            )
    order = ("top_left", "top_right", "bottom_left", "bottom_right")
    columns = ["plane", "dip"] + [
        f"{part}_{c}" for c in order for part in ("lon", "lat", "depth_km")
    ]
    return [*columns, "lon", "lat", "rjb_km", "rrup_km"], rows


def sizes():
    """Lengths and widths by magnitude and mechanism."""
    rows = []
    for mechanism, rake in {**RAKES, "unspecified": None}.items():
        for magnitude in np.arange(4.0, 8.6, 0.5):
            length = WC1994().get_median_rld(magnitude, rake)
            width = WC1994().get_median_rw(magnitude, rake)
            rows.append([mechanism, magnitude, f"{length:.12g}", f"{width:.12g}"])
    return ["mechanism", "magnitude", "length_km", "width_km"], rows


def main():
    """Write the tables."""
    folder = Path(sys.argv[1])
    rng = np.random.default_rng(2014)
    about = "ln of the median in g (pga, sa) or cm/s (pgv), tau and phi of the natural logarithm"
    write(folder, "bssa14.csv", [f"Boore et al. 2014 by {MAKER}", about], *motions(rng))
    about = "distances on a sphere of 6,371 km to planes with the corners given"
    write(folder, "distances.csv", [f"Distances to ruptures by {MAKER}", about], *distances(rng))
    write(folder, "sizes.csv", [f"Wells & Coppersmith 1994 by {MAKER}"], *sizes())


main()
