"""Hazardlib's side of bench/ground_motion.py: needs openquake-engine.

Run by bench/ground_motion.py with: PYTHON run_hazardlib.py FOLDER. Reads sites.npz of the folder and
writes hazardlib.npz with the means and the seconds of each turn.
"""

import sys
import time
from importlib.metadata import version
from pathlib import Path

import numpy as np
from openquake.hazardlib.gsim.boore_2014 import BooreEtAl2014
from openquake.hazardlib.imt import from_string

REPEATS = 9


def main(folder):
    """Compute the motion at all sites, some times over."""
    sites = np.load(folder / "sites.npz")
    count = sites["rjb"].size
    names = ("mag", "rake", "rjb", "vs30")
    rec = np.rec.array(np.zeros(count, dtype=[(name, np.float64) for name in names]))
    rec.mag, rec.rake = float(sites["magnitude"]), 0.0
    rec.rjb, rec.vs30 = sites["rjb"] / 1e3, sites["vs30"]
    imts = [from_string(name) for name in ("PGA", "SA(0.3)", "SA(1.0)")]
    model, seconds = BooreEtAl2014(), []
    for _ in range(REPEATS + 1):
        out = np.zeros((4, len(imts), count))
        start = time.perf_counter()
        model.compute(rec, imts, *out)
        seconds.append(time.perf_counter() - start)
    np.savez(
        folder / "hazardlib.npz", mean=out[0], tau=out[2], phi=out[3], seconds=seconds[1:],
        version=version("openquake-engine"),
    )  # fmt: skip


main(Path(sys.argv[1]))
