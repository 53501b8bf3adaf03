"""How fast the plume's kernel is: cells and pieces a second, against all pairs in plain numpy."""

import time
from typing import Any

import numba
import numpy as np

from citytwin.arrays import Floats
from citytwin.grid.lattice import regular_lattice
from citytwin.hazards.plume.air import Puffing, Sky
from citytwin.hazards.plume.carrying import air_of
from citytwin.hazards.plume.chain import Release, at_moment
from citytwin.hazards.plume.field import Elements, Field, make_field
from citytwin.hazards.plume.sources import steady
from citytwin.hazards.plume.stability import stability_of
from citytwin.hazards.wind import wind_of

#: Wind that turns, so that pieces lie in many directions.
_ROWS = ((0.0, 3.0, 240.0), (1.0, 4.0, 300.0))
_SIDE = 6000.0
_REPEATS = 5


def square(cells: int) -> Field:
    """Square of a side of 6 km with about so many hexagons, the origin in the west of its middle."""
    side = round(cells**0.5)
    step = _SIDE / side
    lattice = regular_lattice(step)
    row, col = (v.ravel() for v in np.meshgrid(np.arange(side), np.arange(side), indexing="ij"))
    x = step * (col - 0.5 * row + 0.5 * (row // 2 * 2)) - 0.1 * _SIDE
    y = np.sqrt(0.75) * step * (row - side / 2)
    shift = row // 2
    first = np.arange(side + 1) * side
    return make_field(x, y, (col + shift).astype(np.int64), first, np.arange(row.size), lattice)


def plume() -> Release:
    """Continuous release in class D in a wind that turns."""
    sky = Sky(np.zeros(1), (stability_of("D", "urban"),), np.array([800.0]), "urban")
    air = air_of(wind_of(0.0, 0.0, _ROWS), sky, 2.0, 3600.0)
    return Release("bench", 0.0, 0.0, air, Puffing(2.0, 0.5, 0.5), steady(1.0, 0.0, 3600.0))


def elements(cells: Field) -> Elements:
    """What of it reaches the cells after an hour."""
    return cells.in_reach(at_moment(plume(), 3600.0).elements)


def all_pairs(cells: Field, parts: Elements, some: slice) -> Floats:
    """Concentration of some cells in plain numpy: every piece on each of them, in one go."""
    from scipy.special import erf  # noqa: PLC0415  (only for the benchmark)

    pieces = parts.pieces
    dx = cells.x[some, None] - pieces[:, 0]
    dy = cells.y[some, None] - pieces[:, 1]
    along = dx * pieces[:, 2] + dy * pieces[:, 3]
    across = dy * pieces[:, 2] - dx * pieces[:, 3]
    way = pieces[:, 8] + along
    wide, near = np.interp(way, parts.way, parts.wide), np.interp(way, parts.way, parts.near)
    root = np.sqrt(2.0)
    ends = erf(along / (root * pieces[:, 5])) - erf((along - pieces[:, 4]) / (root * pieces[:, 6]))
    side = np.exp(-0.5 * (across / wide) ** 2) / (np.sqrt(2.0 * np.pi) * wide)
    return np.asarray((0.5 * pieces[:, 7] * near * side * ends).sum(axis=1))


def measure(cells: int) -> dict[str, Any]:
    """Cells × pieces a second of the kernel, whether in reach or not; and of numpy on a part."""
    field = square(cells)
    parts = elements(field)
    count = len(parts.pieces) * field.x.size
    field.concentration(parts)
    some = slice(0, min(field.x.size, 20_000))
    rates, naive = [], []
    for _ in range(_REPEATS):
        start = time.perf_counter()
        field.concentration(parts)
        rates.append(count / (time.perf_counter() - start))
        start = time.perf_counter()
        all_pairs(field, parts, some)
        naive.append(len(parts.pieces) * (some.stop - some.start) / (time.perf_counter() - start))
    rate, plain = float(np.median(rates)), float(np.median(naive))
    return {
        "model": "plume",
        "cells": int(field.x.size),
        "pieces": len(parts.pieces),
        "cell_pieces_per_s": rate,
        "numpy_all_pairs_per_s": plain,
        "ratio": rate / plain,
        "seconds_for_a_moment": count / rate,
        "threads": numba.get_num_threads(),
        "precision": "float64",
    }
