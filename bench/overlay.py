"""Buildings to cells by exact area: citytwin beside tobler and a plain geopandas overlay.

Run with: python bench/overlay.py [--peers PYTHON]    (writes bench/results/overlay.md)

PYTHON is an interpreter with geopandas and tobler (or the variable CITYTWIN_PEERS); without it
only geopandas of this interpreter is measured. Needs ../shared/data/tokyo-plateau.
"""

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import geopandas as gpd
import numba
import numpy as np
import shapely

from citytwin.grid.overlay import polygon_shares
from citytwin.grid.window import Grid, cover

HERE = Path(__file__).parent
DATA = HERE.parents[1] / "shared/data/tokyo-plateau/tokyo_central_buildings.parquet"
RESOLUTION, REPEATS = 12, 9


def tokyo():
    """Grid of central Tokyo and its buildings in the grid's plane."""
    table = gpd.read_parquet(DATA)
    table = table[~(table.geometry.isna() | table.geometry.is_empty)]
    grid = cover(tuple(table.total_bounds), RESOLUTION)
    return grid, shapely.make_valid(np.asarray(table.geometry.to_crs(grid.crs)))


def ours(grid: Grid, polygons):
    """Our shares and the median seconds; corners are made before, as are the peers' hexagons."""
    grid.corners()
    shares = polygon_shares(grid, polygons)
    seconds = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        shares = polygon_shares(grid, polygons)
        seconds.append(time.perf_counter() - start)
    return shares, float(np.median(seconds))


def theirs(grid: Grid, polygons, interpreter: str) -> dict[str, dict[str, np.ndarray]]:
    """Pairs, areas and seconds of each peer."""
    with tempfile.TemporaryDirectory() as folder:
        for name, column, shapes in (
            ("buildings", "item", polygons),
            ("cells", "cell", shapely.polygons(grid.corners())),
        ):
            table = gpd.GeoDataFrame(
                {column: np.arange(len(shapes))}, geometry=shapes, crs=grid.crs
            )
            table.to_parquet(Path(folder) / f"{name}.parquet")
        subprocess.run([interpreter, str(HERE / "overlay_peers.py"), folder], check=True)
        return {
            path.stem: dict(np.load(path).items()) for path in sorted(Path(folder).glob("*.npz"))
        }


def differences(grid: Grid, polygons, shares, peer) -> tuple[float, float, float]:
    """Largest differences from a peer: of a pair [m²], of a building and of a cell [relative]."""
    width = len(grid)
    keys = [shares.item * width + shares.cell, peer["item"].astype(np.int64) * width + peer["cell"]]
    _, place = np.unique(np.concatenate(keys), return_inverse=True)
    signed = np.concatenate([shares.amount, -peer["amount"].astype(np.float64)])
    pair = float(np.abs(np.bincount(place, signed)).max())
    item = np.bincount(shares.item, shares.amount, len(polygons))
    cell = np.bincount(shares.cell, shares.amount, width)
    item_off = np.abs(item - np.bincount(peer["item"], peer["amount"], len(polygons)))
    cell_off = np.abs(cell - np.bincount(peer["cell"], peer["amount"], width))
    return (
        pair,
        float((item_off / np.maximum(item, 1.0)).max()),
        float((cell_off / np.maximum(cell, 1.0)).max()),
    )


def report(grid: Grid, polygons, shares, seconds: float, peers) -> str:
    """The table as Markdown."""
    lines = [
        "# Buildings to cells by exact area",
        "",
        f"{len(polygons):,} buildings of central Tokyo (PLATEAU), {len(grid):,} H3 cells of "
        f"resolution {RESOLUTION}, {len(shares.item):,} pairs that share an area; "
        f"{platform.machine()}, {numba.get_num_threads()} threads. Medians in one run, the "
        f"machine's load at its end {os.getloadavg()[0]:.1f}; made by `python bench/overlay.py`.",
        "",
        "| | seconds | times slower | largest difference of a pair | of a building's area "
        "| of a cell's area |",
        "|---|---|---|---|---|---|",
        f"| citytwin | {seconds:.3f} | 1 | | | |",
    ]
    for name, peer in peers.items():
        took = float(np.median(peer["seconds"]))
        pair, item, cell = differences(grid, polygons, shares, peer)
        lines.append(
            f"| {name} | {took:.2f} | {took / seconds:.0f} | {pair:.0e} m² | {item:.0e} "
            f"| {cell:.0e} |"
        )
    area = float(shapely.area(polygons).sum())
    off = abs(shares.amount.sum() - area) / area
    lines += [
        "",
        f"Our areas add up to those of the buildings, {area:,.0f} m², to {off:.0e}. Relative "
        "differences count areas below 1 m² as 1 m². Tobler keeps areas as float32. Compiling the "
        "kernels, reading, and making the hexagons are not in the times of any.",
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peers", default=os.environ.get("CITYTWIN_PEERS", sys.executable))
    interpreter = parser.parse_args().peers
    if not DATA.exists():
        sys.exit(f"{DATA} is missing: the benchmark needs central Tokyo's buildings")
    grid, polygons = tokyo()
    shares, seconds = ours(grid, polygons)
    text = report(grid, polygons, shares, seconds, theirs(grid, polygons, interpreter))
    (HERE / "results" / "overlay.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
