"""Coarse cells with tables of the fine ground against fine cells: error and time, one page.

    python bench/flood_subgrid.py [--finest 14] [--share 0.5] [--cities DIR] [--page FILE]

Writes bench/results/flood_subgrid.md and a picture in bench/img; every number on the page is computed by
this run. The embedded city is built at each resolution first (kept in --cities, else thrown away). With
--share it is cut to a box of that share of its width and height. Needs matplotlib
(`pip install -e '.[bench]'`).
"""

import argparse
import os
import platform
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import flood_plots as plots
import numba
import numpy as np

from citytwin.city import City
from citytwin.grid.hierarchy import parent_cells
from citytwin.grid.window import Grid, from_cells
from citytwin.hazards.flood import Flood
from citytwin.hazards.flood.domain import PlainView, View
from citytwin.hazards.flood.inertial.solver import InertialSolver
from citytwin.hazards.flood.solver import Solver
from citytwin.hazards.flood.subgrid.fine import FineView
from citytwin.hazards.flood.subgrid.solver import SubgridSolver
from citytwin.hazards.flood.subgrid.tables import tables_of
from citytwin.hazards.flood.terrain import Terrain, flood_terrain
from citytwin.pipeline import build

HERE = Path(__file__).parent
RECIPE = HERE.parent / "pipelines" / "san-francisco.toml"
RESOLUTIONS = (10, 11, 12, 13)
#: Cells of this resolution are taken whole when the city is cut, so that all resolutions cover one area.
CUT = 10
#: A coarse cell has tables of ground at most so many resolutions finer.
FINER = 3
#: Times of the pictures that are compared [s].
MOMENTS = (1800.0, 2700.0, 3600.0, 4500.0)
#: Depths from which a cell is flooded, and from which it counts in the mean error [m].
FLOODED, WET = 0.15, 0.05
LOAD = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")


@dataclass(frozen=True)
class Answer:
    """One run: greatest depth (n,) [m] on the cells of a grid, and what it took [s]; (t, n) depth at
    MOMENTS, and what the tables alone say of it."""  # noqa: D205, D209

    name: str
    grid: Grid
    depth: Any
    seconds: float
    tables: float
    view: float
    steps: int
    balance: float
    moments: Any
    tables_alone: Any = None


def storm(start: float, end: float) -> float:
    """Rain of 100 mm in the first hour [m]."""
    return 0.1 * (min(end, 3600.0) - min(start, 3600.0)) / 3600.0


def city_of(resolution: int, folder: Path, share: float) -> tuple[Grid, Terrain]:
    """Cells and ground of the embedded city, or of a box in its middle."""
    path = folder / f"san-francisco-{resolution}.duckdb"
    if not path.exists():
        recipe = folder / f"san-francisco-{resolution}.toml"
        text = RECIPE.read_text(encoding="utf-8")
        for old, new in (
            ("resolution = 13", f"resolution = {resolution}"),
            ("../data", f"{RECIPE.parents[1]}/data"),
        ):
            if old not in text:
                raise SystemExit(f"{RECIPE} holds no {old!r}: mend this script")
            text = text.replace(old, new)
        recipe.write_text(text, encoding="utf-8")
        build(recipe, path).close()
    with City.open(path) as city:
        whole, layers = city.grid, {name: np.array(city.layers[name]) for name in Flood.inputs}
    if share >= 1.0:
        return whole, flood_terrain(whole, layers, 0.1, 10.0 / 3.6e6)
    parents, which = np.unique(parent_cells(whole.cells, CUT), return_inverse=True)
    count = np.bincount(which)
    x, y = (np.bincount(which, v) / count for v in (whole.x, whole.y))
    inside = np.ones(parents.size, bool)
    for place, own in ((x, whole.x), (y, whole.y)):
        middle, half = (own.max() + own.min()) / 2.0, (own.max() - own.min()) / 2.0
        inside &= np.abs(place - middle) < share * half
    kept = whole.cells[inside[which]]
    grid = from_cells(np.sort(kept), whole.crs)
    order = np.argsort(whole.cells)
    at = order[np.searchsorted(whole.cells, grid.cells, sorter=order)]
    return grid, flood_terrain(
        grid, {name: values[at] for name, values in layers.items()}, 0.1, 10.0 / 3.6e6
    )


def follow(water: Solver, view: View, end: float) -> Any:
    """Run to the end; (t, 2, k) what the view keeps at MOMENTS."""
    kept = []
    for moment in MOMENTS:
        if moment < end:
            water.run(moment, storm)
            kept.append(view.moment(water))
    water.run(end, storm)
    return np.stack(kept or [view.moment(water)])


def plain(name: str, grid: Grid, ground: Terrain, end: float) -> Answer:
    """A run on the cells themselves."""
    water = InertialSolver(
        grid.lattice, ground.elevation, ground.storage, ground.manning, drains=ground.drains,
        rain_factor=ground.rain_factor, losses=ground.losses,
    )  # fmt: skip
    view = PlainView(grid)
    start = time.perf_counter()
    moments = follow(water, view, end)
    seconds = time.perf_counter() - start
    record = view.record(water)
    shown, _ = view.seen(water, record, moments)
    return Answer(
        name, grid, record["depth_max"], seconds, 0.0, 0.0, water.steps, water.balance.error, shown
    )


def with_tables(name: str, fine: Grid, ground: Terrain, resolution: int, end: float) -> Answer:
    """A run on the parents of the cells, with tables of their ground."""
    times = [time.perf_counter()]
    tables = tables_of(fine, ground, resolution)
    water = SubgridSolver(tables)
    times.append(time.perf_counter())
    view = FineView(tables)
    kept = follow(water, view, end)
    times.append(time.perf_counter())
    record = view.record(water)
    moments, _ = view.seen(water, record, kept)
    times.append(time.perf_counter())
    made, ran, seen = np.diff(times)
    alone = FineView(tables, settles=False)
    tables_alone, _ = alone.seen(water, alone.record(water), kept)
    return Answer(
        name, fine, record["depth_max"], ran, made, seen, water.steps, water.balance.error, moments,
        tables_alone,
    )  # fmt: skip


def on(reference: Grid, answer: Answer, depth: Any) -> Any:
    """(n,) depths of an answer on the cells of a finer grid, each that of its parent."""
    parents = parent_cells(reference.cells, answer.grid.resolution)
    order = np.argsort(answer.grid.cells)
    at = np.searchsorted(answer.grid.cells, parents, sorter=order)
    at = order[np.minimum(at, order.size - 1)]
    return np.where(answer.grid.cells[at] == parents, depth[at], 0.0)


def shared(area: Any, depth: Any, truth: Any) -> float:
    """Area flooded in both of two runs over that in either."""
    ours, theirs = depth >= FLOODED, truth >= FLOODED
    return float(area[ours & theirs].sum() / area[ours | theirs].sum())


def moments(answers: list[Answer], truth: Answer) -> list[str]:
    """How much of the flooded area runs share with the reference at single moments."""
    grid = truth.grid
    lines = [
        "## Moments", "",
        f"*CSI* with resolution {grid.resolution} at single moments. Each cell of a run with tables has "
        "the share of its greatest depth that the tables give it of theirs; beside it what the tables "
        "alone say.", "",
        "| | " + " | ".join(f"{moment / 60.0:.0f} min" for moment in MOMENTS) + " |",
        "|---|" + "---:|" * len(MOMENTS),
    ]  # fmt: skip
    for answer in answers:
        for depths, more in ((answer.moments, ""), (answer.tables_alone, ", tables alone")):
            if depths is None:
                continue
            found = [
                shared(grid.area, on(grid, answer, ours), theirs)
                for ours, theirs in zip(depths, truth.moments, strict=True)
            ]
            lines.append(f"| {answer.name}{more} | " + " | ".join(f"{v:.2f}" for v in found) + " |")
    return [*lines, ""]


def row(answer: Answer, truth: Answer) -> str:
    """One line of the table."""
    area, depth = truth.grid.area, on(truth.grid, answer, answer.depth)
    ours = depth >= FLOODED
    csi = shared(area, depth, truth.depth)
    wet = (depth >= WET) | (truth.depth >= WET)
    apart = np.average(depth[wet] - truth.depth[wet], weights=area[wet])
    error = np.average(np.abs(depth[wet] - truth.depth[wet]), weights=area[wet])
    more = f"{answer.tables:.1f} + {answer.view:.1f}" if answer.tables else ""
    return (
        f"| {answer.name} | {csi:.2f} | {error:.3f} | {apart:+.3f} | {area[ours].sum() / 1e4:.1f} | "
        f"{answer.steps:,} | {answer.seconds:.1f} | {more} | {abs(answer.balance):.0e} |"
    )


def picture(truth: Answer, shown: list[Answer]) -> str:
    """Greatest depths side by side."""
    grid = truth.grid
    x, y = (np.linspace(v.min(), v.max(), 700) for v in (grid.x, grid.y))
    pixel_x, pixel_y = (v.ravel() for v in np.meshgrid(x, y))
    at = grid.locate(pixel_x, pixel_y)
    figure, axes = plots.panels(1, len(shown), 4.4 * len(shown), 4.4)
    for axis, answer in zip(axes[0], shown, strict=True):
        depth = np.where(at >= 0, on(grid, answer, answer.depth)[at], np.nan).reshape(700, 700)
        axis.imshow(
            np.where(depth >= WET, depth, np.nan), origin="lower", cmap="viridis_r", vmin=0.0,
            vmax=1.0, extent=(x[0], x[-1], y[0], y[-1]), interpolation="nearest",
        )  # fmt: skip
        axis.set(title=answer.name, xlabel="x [m]")
        axis.grid(visible=False)
    axes[0, 0].set_ylabel("y [m]")
    figure.colorbar(axes[0, -1].images[0], ax=axes[0, -1], label="greatest depth [m]", shrink=0.8)
    return plots.save(figure, "subgrid")


def head(truth: Answer, share: float) -> list[str]:
    """What was compared, and where."""
    part = "the whole city" if share >= 1.0 else f"a box of {share:g} of its width and height"
    finest = truth.grid.resolution
    return [
        "# Coarse cells with tables of the fine ground", "",
        "Made by `python bench/flood_subgrid.py"
        + (f" --finest {finest}" if finest != 14 else "")
        + (f" --share {share:g}" if share < 1.0 else "") + "`: every number was computed in that run. "
        f"{os.cpu_count()} cores, {numba.get_num_threads()} threads, {platform.machine()}; load when "
        f"it began {LOAD:.1f} (seconds are those of a quiet machine only if that is below 0.5).", "",
        f"The embedded city ({part}), 100 mm of rain in an hour and half an hour after, float32, "
        f"inertial equations. Reference: resolution {finest}, {len(truth.grid):,} cells, each computed. "
        "*CSI*: area flooded by 0.15 m and more in both over that in either. *Error*: mean absolute "
        "difference of greatest depth where either is 0.05 m and more, and the mean difference. *Area*: "
        "flooded by 0.15 m and more. *Seconds*: the run; beside it making the tables, and bringing the "
        "answer back to the fine cells.", "",
        "| | CSI | error [m] | mean [m] | area [ha] | steps | seconds | tables + view | balance off |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]  # fmt: skip


def warm(folder: Path) -> None:
    """Compile everything, so that no seconds hold it."""
    grid, ground = city_of(11, folder, 1.0)
    plain("", grid, ground, 30.0)
    with_tables("", grid, ground, 10, 30.0)


def compare(folder: Path, finest: int, share: float) -> list[str]:
    """The table and its picture."""
    cities = {r: city_of(r, folder, share) for r in (*RESOLUTIONS, finest)}
    end = 5400.0
    answers: dict[str, Answer] = {}

    def add(answer: Answer) -> None:
        answers[answer.name] = answer
        print(f"{answer.seconds:7.1f} s  {answer.name}", file=sys.stderr, flush=True)

    for resolution in RESOLUTIONS:
        if resolution < finest:
            add(plain(f"{resolution} plain", *cities[resolution], end))
    for resolution in RESOLUTIONS:
        fine = min(finest, resolution + FINER)
        if resolution < finest:
            name = f"{resolution} with tables of {fine}"
            add(with_tables(name, *cities[fine], resolution, end))
    truth = plain(f"{finest} plain", *cities[finest], end)
    add(truth)
    tabled = next(name for name in answers if name.startswith("11 with"))
    image = picture(truth, [truth, answers[tabled], answers["11 plain"]])
    return [
        *head(truth, share),
        *(row(answer, truth) for answer in answers.values()), "",
        f"![Greatest depths](../img/{image})", "",
        f"Greatest depths of 0.05 m and more: {truth.name}, {tabled}, 11 plain.", "",
        *moments([answer for answer in answers.values() if answer is not truth], truth),
    ]  # fmt: skip


def two_hours(folder: Path) -> list[str]:
    """Two hours on the whole city."""
    lines = [
        "## Two hours on the whole city", "",
        "The same storm, two hours of it, on the whole embedded city.", "",
        "| | cells | steps | seconds | tables + view |", "|---|---:|---:|---:|---:|",
    ]  # fmt: skip
    fine, coarse = city_of(13, folder, 1.0), city_of(12, folder, 1.0)
    for answer, count in (
        (with_tables("11 with tables of 13", *fine, 11, 7200.0), ""),
        (with_tables("12 with tables of 13", *fine, 12, 7200.0), len(coarse[0])),
        (plain("12 plain", *coarse, 7200.0), len(coarse[0])),
        (plain("13 plain", *fine, 7200.0), len(fine[0])),
    ):
        more = f"{answer.tables:.1f} + {answer.view:.1f}" if answer.tables else ""
        lines.append(
            f"| {answer.name} | {count:,} | {answer.steps:,} | {answer.seconds:.1f} | {more} |"
            if count
            else f"| {answer.name} | | {answer.steps:,} | {answer.seconds:.1f} | {more} |"
        )
    return [*lines, ""]


def main() -> None:
    """Compute all of it and write the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--finest", type=int, default=14)
    parser.add_argument("--share", type=float, default=1.0)
    parser.add_argument("--cities", type=Path)
    parser.add_argument("--page", type=Path, default=HERE / "results" / "flood_subgrid.md")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as thrown_away:
        folder = wanted.cities or Path(thrown_away)
        folder.mkdir(parents=True, exist_ok=True)
        warm(folder)
        lines = compare(folder, wanted.finest, wanted.share) + two_hours(folder)
    wanted.page.write_text("\n".join(lines).rstrip() + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
