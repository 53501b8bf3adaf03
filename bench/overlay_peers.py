"""The peers' side of bench/overlay.py: needs geopandas, and tobler where it is installed.

Run by bench/overlay.py with: PYTHON overlay_peers.py FOLDER. Reads buildings.parquet and
cells.parquet of the folder and writes NAME.npz with item, cell, amount and seconds for each peer.
"""

import sys
import time
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import geopandas as gpd
import numpy as np

REPEATS = 3


def plain_overlay(buildings, cells):
    """Geopandas' overlay, and the areas of its pieces."""
    pieces = gpd.overlay(buildings, cells, how="intersection", keep_geom_type=True)
    return pieces["item"].to_numpy(), pieces["cell"].to_numpy(), pieces.area.to_numpy()


def tobler_tables(name, **options):
    """Tobler's table of areas; its numbers are float32."""

    def areas(buildings, cells):
        module = import_module("tobler.area_weighted.area_interpolate")
        table = getattr(module, name)(buildings, cells, **options).tocoo()
        return table.row, table.col, table.data

    return areas


def peers():
    """Peers that this interpreter has."""
    found = {"geopandas overlay": plain_overlay}
    if find_spec("tobler"):
        found["tobler, one process"] = tobler_tables("_area_tables_binning", spatial_index="auto")
        found["tobler, two processes"] = tobler_tables("_area_tables_binning_parallel", n_jobs=2)
    return found


def main() -> None:
    """Time every peer."""
    folder = Path(sys.argv[1])
    buildings = gpd.read_parquet(folder / "buildings.parquet")
    cells = gpd.read_parquet(folder / "cells.parquet")
    for name, areas in peers().items():
        seconds = []
        for _ in range(REPEATS):
            start = time.perf_counter()
            item, cell, amount = areas(buildings, cells)
            seconds.append(time.perf_counter() - start)
        np.savez(folder / f"{name}.npz", item=item, cell=cell, amount=amount, seconds=seconds)


if __name__ == "__main__":
    main()
