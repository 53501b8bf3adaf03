"""Rasters to cells: pixels a second and memory, as the raster grows; writes a table to results.

    python bench/raster_cells.py [--largest 80000]

Each case runs in a process of its own, so that its peak memory is its own. The rasters are made
here: a tiled, deflated GeoTIFF of float32 metres over central Shanghai, and one so large that it
does not fit in memory, of which only the tiles under the city are written (sparse).
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import rasterio
from affine import Affine
from rasterio.windows import Window

from citytwin.grid.raster import cell_class_areas, cell_means, cell_totals
from citytwin.grid.window import cover
from citytwin.sources.base import Raster
from citytwin.sources.raster.mosaic import patches

CENTRE = (121.47, 31.23)
#: Metres of a degree of latitude.
DEGREE = 111_320.0
RESULT = Path(__file__).parent / "results" / "raster_cells.md"


def box(side):
    """Box of a side [m] round the centre [degrees]."""
    lon, lat = CENTRE
    tall = side / DEGREE / 2.0
    wide = tall / np.cos(np.radians(lat))
    return lon - wide, lat - tall, lon + wide, lat + tall


def make(path, side, pixel, beyond=1.0):
    """Raster of a side [m]; ``beyond`` times as wide in all, written only in the middle."""
    west, _, east, north = box(side * beyond)
    count = round(side * beyond / pixel)
    step = (east - west) / count, side * beyond / DEGREE / count
    rng = np.random.default_rng(0)
    profile = {
        "driver": "GTiff",
        "height": count,
        "width": count,
        "count": 1,
        "dtype": "float32",
        "crs": "EPSG:4326",
        "transform": Affine(step[0], 0, west, 0, -step[1], north),
        "tiled": True,
        "blockxsize": 512,
        "blockysize": 512,
        "compress": "deflate",
        "BIGTIFF": "YES",
        "SPARSE_OK": "TRUE",
        "nodata": -9999.0,
    }
    first, last = int(count * (0.5 - 0.5 / beyond)), int(np.ceil(count * (0.5 + 0.5 / beyond)))
    start = first // 512 * 512
    with rasterio.open(path, "w", **profile) as file:
        for row in range(start, last, 512):
            for col in range(start, last, 512):
                shape = min(512, count - row), min(512, count - col)
                noise = rng.integers(0, 40, shape) / 8.0
                tile = (10.0 + noise).astype("float32")
                file.write(tile, 1, window=Window(col, row, shape[1], shape[0]))
    return count


def case(name, path, side, resolution):
    """Run one case in this process; figures as a dictionary."""
    grid = cover(box(side), resolution)
    grid.corners(), grid.area, grid.x
    tiny = cover(box(60.0), 13)
    variable = {"means": "elevation", "totals": "people", "classes": "building_height"}[name]
    raster = Raster(variable, (Path(path),))
    work = {"means": cell_means, "totals": cell_totals, "classes": cell_class_areas}[name]
    work(tiny, patches(tiny, raster))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start, used = time.perf_counter(), time.process_time()
    read = 0

    def counted():
        nonlocal read
        for patch in patches(grid, raster):
            read += patch.values.size
            yield patch

    work(grid, counted())
    seconds, processor = time.perf_counter() - start, time.process_time() - used
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "cells": len(grid),
        "pixels": read,
        "seconds": seconds,
        "processor": processor,
        "before": before,
        "peak": peak,
    }


def run(name, path, side, resolution):
    """Run one case in a process of its own."""
    words = [sys.executable, __file__, "--case", name, str(path), str(side), str(resolution)]
    done = subprocess.run(words, check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def main(largest):
    """All cases, and the table of their figures."""
    lines = [
        "| raster | file pixels | step | cells | pixels read | s | s of processor | "
        "million pixels/s | memory before the step [MB] | most [MB] |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    with tempfile.TemporaryDirectory() as folder:
        cases = [("1 m", 1500.0, 1.0, 1.0), ("1 m", 3000.0, 1.0, 1.0), ("1 m", 6000.0, 1.0, 1.0)]
        cases += [("30 m", 12000.0, 30.0, 1.0)]
        cases += [("1 m, 99 % of it outside the city", 6000.0, 1.0, largest / 6000.0)]
        for label, side, pixel, beyond in cases:
            path = Path(folder) / "raster.tif"
            count = make(path, side, pixel, beyond)
            for name in ("means", "totals"):
                found = run(name, path, side * 0.98, 12)
                lines.append(
                    f"| {label} | {count} × {count} | {name} | {found['cells']:,} | "
                    f"{found['pixels']:,} | {found['seconds']:.2f} | {found['processor']:.2f} | "
                    f"{found['pixels'] / found['seconds'] / 1e6:.1f} | "
                    f"{found['before'] / 1024:.0f} | {found['peak'] / 1024:.0f} |"
                )
                print(lines[-1], flush=True)
            path.unlink()
    RESULT.write_text("\n".join(["# Rasters to cells", "", *lines, ""]), encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--largest", type=int, default=80_000, help="side of the sparse raster [m]")
    parser.add_argument("--case", nargs=4)
    given = parser.parse_args()
    if given.case:
        name, path, side, resolution = given.case
        print(json.dumps(case(name, path, float(side), int(resolution))))
    else:
        main(given.largest)
