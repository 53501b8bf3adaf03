"""How far the runs of bench/flood_peers.py are from the finest ones and from a published run."""

import numpy as np
from scipy.spatial import cKDTree

#: Side of the squares over which depths are averaged before they are compared [m].
BLOCK = 20.0
#: Spacing of the points that stand for the area of a square [m].
POINTS = 1.25
#: Depth that counts as an arrival [m].
ARRIVED = 0.01


def gauges_off(result: dict, which: slice, times, depths) -> list[float]:
    """Root mean square error of depth at some gauges [m] against (k, gauges) depths at some times."""
    own = np.asarray(result["series"])[:, which]
    at = [np.interp(times, result["stops"], own[:, k]) for k in range(own.shape[1])]
    return np.sqrt(np.mean((np.array(at).T - depths) ** 2, axis=0)).tolist()


def arrivals(result: dict, which: slice) -> np.ndarray:
    """(gauges,) time at which the water came [s], linear between stops; NaN if it never did."""
    times, found = np.asarray(result["stops"]), []
    for depth in np.asarray(result["series"])[:, which].T:
        over = np.nonzero(depth >= ARRIVED)[0]
        if not over.size or over[0] == 0:
            found.append(np.nan)
            continue
        k = over[0]
        part = (ARRIVED - depth[k - 1]) / (depth[k] - depth[k - 1])
        found.append(times[k - 1] + part * (times[k] - times[k - 1]))
    return np.array(found)


def block_depths(maps: dict, width: float, height: float) -> np.ndarray:
    """(rows, cols) mean depth [m] in squares of a map, each point taking that of its nearest cell."""
    x, y = np.arange(POINTS / 2.0, width, POINTS), np.arange(POINTS / 2.0, height, POINTS)
    tree = cKDTree(np.column_stack([maps["x"], maps["y"]]))
    _, cell = tree.query(np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2))
    depth = np.asarray(maps["depth"])[cell].reshape(y.size, x.size)
    size = round(BLOCK / POINTS)
    rows, cols = y.size // size, x.size // size
    return depth[: rows * size, : cols * size].reshape(rows, size, cols, size).mean(axis=(1, 3))


def rms(values) -> float:
    """Root mean square."""
    return float(np.sqrt(np.mean(np.square(values))))
