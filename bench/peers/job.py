"""What the runners of bench/flood_peers.py share: the job that comes in, the result that goes out.

Needs NumPy only: it runs under each peer's own interpreter. x runs east from the west wall, y north
from the south wall [m]; walls all round. Arrays of squares are (rows, cols), south row first.
"""

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import metadata
from pathlib import Path
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Job:
    """One run of one program.

    Attributes
    ----------
    cell_area
        Area of a cell [m²]; triangles and hexagons take it as nearly as the walls allow.
    width, height
        Extent of the plain [m].
    terrain
        ``file`` (.npy, (rows, cols) heights [m]) and ``spacing`` [m] of its points, the first at
        (0, 0); flat ground at 0 m if left out.
    manning
        Roughness [s/m^(1/3)].
    inflow
        ``seconds`` and ``discharge`` [m³/s] of a hydrograph that comes in over the west wall,
        ``middle`` and ``width`` of its mouth [m]; none if left out.
    rain
        ``rate`` [m/s] and ``until`` [s]; none if left out.
    stops
        Times at which forcing changes and the gauges are read [s]; the last is the end.
    gauges
        (x, y) [m].
    threads
        Threads to use.
    steep, mostly_dry
        What is known of the case, for programs that have an option for it.
    options
        Of this program only.
    result, maps
        Files to write: the figures (JSON) and the final water (npz).
    """

    cell_area: float
    width: float
    height: float
    manning: float
    stops: list[float]
    threads: int
    result: str
    maps: str
    terrain: dict[str, Any] | None = None
    inflow: dict[str, Any] | None = None
    rain: dict[str, float] | None = None
    gauges: list[list[float]] = field(default_factory=list)
    steep: bool = False
    mostly_dry: bool = False
    options: dict[str, Any] = field(default_factory=dict)

    def ground(self, x, y):
        """Ground [m] at places, between the points of the terrain by bilinear interpolation."""
        if self.terrain is None:
            return np.zeros(np.broadcast_shapes(np.shape(x), np.shape(y)))
        height = np.load(self.terrain["file"])
        col, row = np.asarray(x) / self.terrain["spacing"], np.asarray(y) / self.terrain["spacing"]
        return bilinear(row, col, height.shape)(height)

    def squares(self) -> tuple[float, int, int]:
        """Side [m] of the square cells, rows and columns."""
        side = self.cell_area**0.5
        return side, round(self.height / side), round(self.width / side)

    def square_centres(self):
        """(rows, cols) x and y of the centres of the square cells [m]."""
        side, rows, cols = self.squares()
        return np.meshgrid((np.arange(cols) + 0.5) * side, (np.arange(rows) + 0.5) * side)

    def mouth(self, low, high):
        """Share of the inflow that bands from ``low`` to ``high`` [m] along the west wall take."""
        half = self.inflow["width"] / 2.0
        start, end = self.inflow["middle"] - half, self.inflow["middle"] + half
        part = np.maximum(np.minimum(high, end) - np.maximum(low, start), 0.0)
        return part / part.sum()

    def square_mouth(self):
        """(rows, cols) share of the inflow that each square cell takes, over its area [1/m²]."""
        side, rows, cols = self.squares()
        low = np.arange(rows) * side
        share = np.zeros((rows, cols))
        share[:, 0] = self.mouth(low, low + side) / self.cell_area
        return share

    def inflow_volume(self, start: float, end: float) -> float:
        """Water that comes in between two times [m³]; the hydrograph is linear between its points."""
        if self.inflow is None:
            return 0.0
        known = np.asarray(self.inflow["seconds"], float)
        flow = np.asarray(self.inflow["discharge"], float)
        times = np.concatenate([[start], known[(known > start) & (known < end)], [end]])
        return float(np.trapezoid(np.interp(times, known, flow), times))

    def rain_depth(self, start: float, end: float) -> float:
        """Rain that falls between two times [m]."""
        if self.rain is None:
            return 0.0
        return self.rain["rate"] * max(min(end, self.rain["until"]) - start, 0.0)

    def spans(self) -> Iterator[tuple[float, float]]:
        """Times between two stops [s]."""
        start = 0.0
        for end in self.stops:
            yield start, end
            start = end


def bilinear(row, col, shape: tuple[int, int]) -> Callable:
    """Interpolation from a (rows, cols) array to fixed places by row and column, held at its edge."""
    row, col = np.broadcast_arrays(row, col)
    row, col = np.clip(row, 0.0, shape[0] - 1.0), np.clip(col, 0.0, shape[1] - 1.0)
    r = np.minimum(row.astype(int), shape[0] - 2)
    c = np.minimum(col.astype(int), shape[1] - 2)
    up, right = row - r, col - c

    def at(values):
        south = values[r, c] * (1.0 - right) + values[r, c + 1] * right
        north = values[r + 1, c] * (1.0 - right) + values[r + 1, c + 1] * right
        return south * (1.0 - up) + north * up

    return at


def square_gauges(job: Job) -> Callable:
    """Depth at the gauges from a (rows, cols) array of square cells, south row first."""
    side, rows, cols = job.squares()
    points = np.asarray(job.gauges, float).reshape(-1, 2)
    return bilinear(points[:, 1] / side - 0.5, points[:, 0] / side - 0.5, (rows, cols))


@dataclass
class Log:
    """What a run leaves: filled by its runner while it goes."""

    series: list[list[float]] = field(default_factory=list)
    steps: list[int] = field(default_factory=list)
    seconds: float = 0.0
    processor: float = 0.0
    made: float = field(default_factory=time.perf_counter)
    waited: float = 0.0

    @contextmanager
    def clock(self) -> Iterator[None]:
        """Time what is simulated; what came before is the setup."""
        start, worked = time.perf_counter(), time.process_time()
        self.waited = start - self.made
        yield
        self.seconds = time.perf_counter() - start
        self.processor = time.process_time() - worked

    def stop(self, depths, steps: int) -> None:
        """Note the depth at the gauges [m] and all steps taken until now."""
        self.series.append([float(depth) for depth in depths])
        self.steps.append(int(steps))


def read_job() -> Job:
    """The job whose file the command line names."""
    return Job(**json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))


def write_result(job: Job, log: Log, package: str, maps: dict, **facts) -> None:
    """Write the figures of a run and its final water.

    Parameters
    ----------
    package
        Distribution that has been run, for its version and licence.
    maps
        (n,) ``x``, ``y`` of the centres, ``depth`` [m] and ``area`` [m²] of every cell at the end.
    facts
        Further figures: ``scheme``, ``settings``, and ``before``, the water at the start [m³].
    """
    about = metadata(package)
    entered = job.inflow_volume(0.0, job.stops[-1])
    entered += job.rain_depth(0.0, job.stops[-1]) * float(np.sum(maps["area"]))
    stored = float(np.sum(maps["depth"] * maps["area"], dtype=np.float64))
    before = facts.pop("before", 0.0)
    result = {
        "package": about["Name"],
        "version": about["Version"],
        "licence": about["License-Expression"] or about["License"],
        "cells": int(np.size(maps["depth"])),
        "steps": log.steps[-1],
        "seconds": log.seconds,
        "processor_seconds": log.processor,
        "setup_seconds": log.waited,
        "entered_m3": entered,
        "stored_m3": stored - before,
        "balance_error": (stored - before - entered) / entered,
        "stops": job.stops,
        "steps_until": log.steps,
        "series": log.series,
        **facts,
    }
    np.savez(job.maps, **{name: np.ravel(values) for name, values in maps.items()})
    Path(job.result).write_text(json.dumps(result), encoding="utf-8")
