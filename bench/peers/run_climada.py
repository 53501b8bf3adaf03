"""CLIMADA's side of bench/impact.py: needs climada.

Run by bench/impact.py with: PYTHON run_climada.py FOLDER. Reads case.npz of the folder and writes
climada.npz with the losses and the seconds of each turn.
"""

import logging
import sys
import time
from importlib.metadata import version
from pathlib import Path

import geopandas as gpd
import numpy as np
from climada.engine import ImpactCalc
from climada.entity import Exposures, ImpactFunc, ImpactFuncSet
from climada.hazard import Centroids, Hazard
from scipy import sparse

logging.getLogger("climada").setLevel(logging.ERROR)


def main(folder):
    """Compute the losses some times over."""
    held = np.load(folder / "case.npz")
    depth, cell = held["depth"], held["cell"]
    count = cell.size
    side = int(np.ceil(np.sqrt(count)))
    lat, lon = np.divmod(np.arange(count), side)
    lat, lon = 40.0 + lat * 1e-4, 10.0 + lon * 1e-4
    hazard = Hazard(
        "FL", units="m", centroids=Centroids(lat=lat, lon=lon), event_id=np.arange(1, len(depth) + 1),
        event_name=[str(n) for n in range(len(depth))], date=np.arange(1, len(depth) + 1),
        orig=np.ones(len(depth), bool), frequency=held["frequency"],
        intensity=sparse.csr_matrix(depth), fraction=sparse.csr_matrix(depth.shape),
    )  # fmt: skip
    curve = ImpactFunc(
        "FL", 1, held["curve_at"], held["curve_share"], np.ones(held["curve_at"].size), "m", "JRC"
    )
    points = gpd.points_from_xy(lon[cell], lat[cell])
    table = gpd.GeoDataFrame(
        {"value": held["value"], "impf_FL": 1, "centr_FL": cell}, geometry=points, crs="EPSG:4326"
    )
    exposures = Exposures(table)
    functions = ImpactFuncSet([curve])
    seconds = []
    for _ in range(int(held["repeats"]) + 1):
        start = time.perf_counter()
        found = ImpactCalc(exposures, functions, hazard).impact(
            save_mat=False, assign_centroids=False
        )
        seconds.append(time.perf_counter() - start)
    np.savez(
        folder / "climada.npz", by_event=found.at_event, by_asset=found.eai_exp, seconds=seconds[1:],
        version=version("climada"),
    )  # fmt: skip


main(Path(sys.argv[1]))
