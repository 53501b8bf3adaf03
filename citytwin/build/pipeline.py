"""The steps of a build, in order."""

import json
import os
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb
import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from citytwin.arrays import Floats
from citytwin.build.fingerprint import fingerprint
from citytwin.build.ground import Ground, ground
from citytwin.build.ground_cover import GroundCover, ground_cover
from citytwin.build.progress import Log, Progress, silent
from citytwin.build.publish import published
from citytwin.build.recipe import Recipe, read_recipe
from citytwin.build.tables import read_table
from citytwin.city import City
from citytwin.city.store import (
    FORMAT,
    connect_new,
    read_layer,
    run_sql,
    write_columns,
    write_layer,
)
from citytwin.errors import BalanceError, RecipeError
from citytwin.grid.overlay import Shares, line_shares, polygon_shares
from citytwin.grid.window import Grid, cover
from citytwin.sources.base import Layers, Provenance

#: Relative difference of a total before and after moving to cells above which a build fails.
TOLERANCE = 1e-9

#: Classes of land use on which people live; schools, hospitals, parks and the like are not.
HOME_GROUNDS = ("residential", "farmland", "village_green")

#: Steps in order, with their usual seconds for the embedded city.
STEPS = {
    "sources": 1.5,
    "grid": 1.5,
    "layers": 1.0,
    "overlay": 1.0,
    "land cover": 2.0,
    "ground": 3.0,
    "cells": 0.5,
    "totals": 0.2,
    "fingerprint": 0.5,
    "publish": 0.3,
}


@dataclass(eq=False)
class _Work:
    """What the steps hand on to each other."""

    recipe: Recipe
    folder: Path
    connection: duckdb.DuckDBPyConnection
    grid: Grid
    layers: Layers
    provenance: list[Provenance]
    notes: dict[str, Any]

    def flat(self) -> Layers:
        """Layers in the city's plane [m]."""
        return {name: table.to_crs(self.grid.crs) for name, table in self.layers.items()}


def build(
    recipe_path: Path | str, output: Path | str | None = None, *, progress: Progress = silent
) -> City:
    """Build a city file.

    Parameters
    ----------
    recipe_path
        TOML file; the paths in it count from its folder.
    output
        Path of the city file; ``<name>.duckdb`` in the current folder if not given.
    progress
        Called at the start and the end of each step with its name, the share of the whole that is
        done, and a note.

    Returns
    -------
    The city, open for reading.

    Raises
    ------
    RecipeError, SourceError
        If the recipe or a source is wrong.
    OutputError
        If the file cannot be written; an older one is then left as it was.
    BalanceError
        If a total changed while moving to cells.
    """
    recipe_path = Path(recipe_path)
    recipe = read_recipe(recipe_path)
    target = Path(output) if output is not None else Path(f"{recipe.name}.duckdb")
    log = Log(progress, STEPS)
    with published(target) as draft:
        connection = connect_new(draft)
        try:
            _run(recipe, recipe_path.parent, connection, log)
        finally:
            connection.close()
    return City.open(target)


def _run(recipe: Recipe, folder: Path, connection: duckdb.DuckDBPyConnection, log: Log) -> None:
    with log.step("sources") as step:
        layers, provenance, step.remarks = _read_sources(recipe, folder)
        step.rows = sum(len(table) for table in layers.values())
    with log.step("grid") as step:
        grid = cover(recipe.box(), recipe.resolution)
        step.rows = len(grid)
        step.remarks = [f"{grid.area.sum() / 1e6:.2f} km²"]
        grid.corners()
    work = _Work(recipe, folder, connection, grid, layers, provenance, _assumptions(recipe))
    with log.step("layers") as step:
        step.rows = _layers(work)
    flat = work.flat()
    with log.step("overlay") as step:
        buildings, roads = _overlay(work, flat)
        step.rows = len(buildings.item) + len(roads.item)
    with log.step("land cover") as step:
        under = buildings.per_cell(grid)
        surface = _ground_cover(work, flat, under)
        step.rows = len(grid)
    with log.step("ground") as step:
        relief = ground(grid, flat, recipe.terrain)
        work.notes["ground"] = relief.figures
        step.rows = len(grid)
        step.remarks = _ground_remarks(relief.figures)
    with log.step("cells") as step:
        _cells(work, surface, relief)
        step.rows = len(grid)
    with log.step("totals") as step:
        step.remarks = _totals(work, flat)
        step.rows = len(step.remarks)
    with log.step("fingerprint") as step:
        facts, step.rows = _facts(work), len(work.layers)
    with log.step("publish") as step:
        step.rows = len(facts)
        _finish(work, facts, log)


def _read_sources(recipe: Recipe, folder: Path) -> tuple[Layers, list[Provenance], list[str]]:
    """Layers of all sources together, clipped to the city's box."""
    parts: dict[str, list[gpd.GeoDataFrame]] = {}
    provenance: list[Provenance] = []
    remarks: list[str] = []
    for source in recipe.sources:
        reading = source.read(folder)
        provenance += reading.provenance
        remarks += reading.remarks
        for name, table in reading.layers.items():
            parts.setdefault(name, []).append(table)
    box = shapely.box(*recipe.box())
    layers = {name: _clip(pd.concat(tables), box) for name, tables in sorted(parts.items())}
    if "buildings" not in layers:
        raise RecipeError("no source of the recipe has buildings: add one that has")
    return layers, provenance, remarks


def _clip(table: gpd.GeoDataFrame, box: Any) -> gpd.GeoDataFrame:
    """Parts of features inside the box, of their own dimension, numbered from one."""
    geometry = np.asarray(table.geometry)
    inside = shapely.covers(box, geometry)
    if not inside.all():
        dimension = shapely.get_dimensions(geometry)
        cut = shapely.intersection(geometry, box)
        keep = inside | ((shapely.get_dimensions(cut) == dimension) & ~shapely.is_empty(cut))
        table = table.set_geometry(np.where(inside, geometry, cut))[keep]
    return table.assign(id=np.arange(1, len(table) + 1)).reset_index(drop=True)


def _assumptions(recipe: Recipe) -> dict[str, Any]:
    people = recipe.population
    return {
        "people": (
            "assumed, not counted: homes' floor area divided by "
            f"{people.floor_area_per_person:g} m² a person"
        ),
        "levels": f"assumed: height divided by {people.storey_height:g} m, at least one",
        "heights": "from source; where it gives none, "
        f"{people.default_height:g} m and height_assumed is true",
        "land_cover": "coefficients by class; see the verified column of the recipe's table",
    }


def _layers(work: _Work) -> int:
    """Write all layers; give buildings levels, floor area and people; give roads their length."""
    area = np.asarray(work.layers["buildings"].geometry.to_crs(work.grid.crs).area)
    if "roads" in work.layers:
        length = np.asarray(work.layers["roads"].geometry.to_crs(work.grid.crs).length)
        work.layers["roads"] = work.layers["roads"].assign(length=length)
    for name, table in work.layers.items():
        write_layer(work.connection, name, table)
    kinds = read_table(
        _beside(work, work.recipe.population.kinds), ("kind", "home_share"), "population.kinds"
    )
    write_columns(
        work.connection,
        "building_kinds",
        {"kind": kinds["kind"].to_list(), "home_share": kinds["home_share"].to_numpy(np.float64)},
    )
    ids = work.layers["buildings"]["id"].to_numpy()
    write_columns(work.connection, "footprints", {"id": ids, "area": area})
    write_layer(work.connection, "grounds", _grounds_without_homes(work.layers))
    run_sql(
        work.connection,
        "01_floor_area",
        work.recipe.population.model_dump(exclude={"method", "kinds"}),
    )
    work.layers["buildings"] = read_layer(work.connection, "buildings")
    return sum(len(table) for table in work.layers.values())


def _grounds_without_homes(layers: Layers) -> gpd.GeoDataFrame:
    """Land use where a building of no stated kind is taken to be no home."""
    if "landuse" not in layers:
        return gpd.GeoDataFrame({"id": []}, geometry=[], crs="EPSG:4326")
    landuse = layers["landuse"]
    return landuse.loc[~landuse["class"].isin(HOME_GROUNDS), ["id", "geometry"]]


def _beside(work: _Work, path: Path) -> Path:
    """Path that counts from the recipe's folder."""
    return Path(os.path.normpath(work.folder / path))


def _overlay(work: _Work, flat: Layers) -> tuple[Shares, Shares]:
    buildings = polygon_shares(work.grid, np.asarray(flat["buildings"].geometry))
    lines = np.asarray(flat["roads"].geometry) if "roads" in flat else np.empty(0, dtype=object)
    roads = line_shares(work.grid, lines)
    for name, shares in (("building_cells", buildings), ("road_cells", roads)):
        columns = {"item": shares.item, "cell": shares.cell, "amount": shares.amount}
        write_columns(work.connection, name, columns)
    run_sql(work.connection, "02_cell_totals")
    return buildings, roads


def _ground_cover(work: _Work, flat: Layers, under: Floats) -> GroundCover:
    settings = work.recipe.land_cover
    table = read_table(
        _beside(work, settings.table),
        ("name", "layer", "class", "manning", "pervious_share", "water"),
        "land_cover.table",
    )
    widths = read_table(
        _beside(work, settings.street_widths), ("class", "width_m"), "land_cover.street_widths"
    )
    if settings.default not in set(table["name"]) or "*" not in set(widths["class"]):
        raise RecipeError(
            f"'land_cover.default' is '{settings.default}', which must be a row of "
            f"{settings.table}, and {settings.street_widths} must have a row '*'"
        )
    result = ground_cover(
        work.grid, flat, under, table=table, widths=widths, default=settings.default
    )
    work.notes["open_ground_m2"] = result.class_areas
    return result


def _ground_remarks(figures: dict[str, Any]) -> list[str]:
    artefacts, real, moved = figures["artefacts"], figures["real"], figures["drained"]
    naive, result = artefacts["triangles"], artefacts["result"]
    hollow = (
        f"hollows that no contour shows: {naive['hollows']} with {naive['volume_m3']:,.0f} m³ "
        f"and {naive['flat_share']:.1%} flat cells by triangles, {result['hollows']} with "
        f"{result['volume_m3']:,.0f} m³ and {result['flat_share']:.1%} here"
    )
    drained = (
        f"drained: {moved['cells_changed']} cells changed, {moved['filled_m3']:,.0f} m³ filled, "
        f"{moved['cut_m3']:,.0f} m³ cut, at most {moved['largest_change_m']:.2f} m"
    )
    return [
        f"contours met to {figures['fit']['rmse_m']:.2f} m (root mean square)",
        hollow,
        drained,
        f"{real['hollows']} hollows that contours show are kept, {real['volume_m3']:,.0f} m³",
    ]


def _cells(work: _Work, surface: GroundCover, relief: Ground) -> None:
    grid = work.grid
    columns = {
        "position": np.arange(len(grid)),
        "cell": grid.cells,
        "row": grid.row,
        "col": grid.col,
        "area": grid.area,
        "ground_elevation": relief.elevation,
        "manning": surface.manning,
        "pervious_share": surface.pervious_share,
        "water_share": surface.water_share,
    }
    write_columns(work.connection, "lattice", columns)
    run_sql(work.connection, "03_cells")


def _totals(work: _Work, flat: Layers) -> list[str]:
    """Totals from geometry against totals from cells; raises if they differ."""
    buildings = flat["buildings"]
    before = {
        "building_area": (float(np.asarray(buildings.geometry.area).sum()), "m2"),
        "floor_area": (float(buildings["floor_area"].sum()), "m2"),
        "people": (float(buildings["people"].sum()), "1"),
        "street_length": (float(flat["roads"].length.sum()) if "roads" in flat else 0.0, "m"),
    }
    columns = {
        "name": list(before),
        "amount": [amount for amount, _ in before.values()],
        "unit": [unit for _, unit in before.values()],
    }
    write_columns(work.connection, "before", columns)
    run_sql(work.connection, "04_totals")
    rows = work.connection.execute("SELECT name, before, after, unit FROM totals").fetchall()
    remarks = []
    for name, start, end, unit in rows:
        off = abs(end - start) / max(abs(start), 1e-300) if start or end else 0.0
        remarks.append(f"{name} {start:,.1f} {unit} before, {end:,.1f} after (off by {off:.1e})")
        if off > TOLERANCE:
            raise BalanceError(
                f"{name} changed from {start:.6f} to {end:.6f} {unit} on the way to cells: this is "
                "a fault of citytwin or of overlapping bounds, please report it with the recipe"
            )
    return remarks


def _facts(work: _Work) -> dict[str, Any]:
    """What a reader needs to know first, with the fingerprint of everything."""
    settings = work.recipe.model_dump(mode="json", exclude={"sources", "title", "title_zh"})
    for part, paths in (("population", ("kinds",)), ("land_cover", ("table", "street_widths"))):
        for path in paths:
            del settings[part][path]
    hashed = {
        "format": FORMAT,
        "recipe": settings,
        "sources": sorted(file.sha256 for file in work.provenance),
        "notes": work.notes,
    }
    rows = work.connection.execute("SELECT * FROM cells ORDER BY row, col").fetchnumpy()
    facts = {
        "format": FORMAT,
        "name": work.recipe.name,
        "title": work.recipe.title,
        "title_zh": work.recipe.title_zh,
        "resolution": work.recipe.resolution,
        "bounds": list(work.recipe.box()),
        "shape": list(work.grid.shape),
        "crs": work.grid.crs,
        "tables": sorted(work.layers),
        "counts": {name: len(table) for name, table in sorted(work.layers.items())}
        | {"cells": len(work.grid)},
        "notes": work.notes,
    }
    facts["fingerprint"] = fingerprint(hashed, work.layers, rows)
    return facts


def _finish(work: _Work, facts: dict[str, Any], log: Log) -> None:
    """Facts and provenance; then, outside the fingerprint, when and how long."""
    values = {key: json.dumps(value, ensure_ascii=False) for key, value in facts.items()}
    write_columns(work.connection, "facts", {"key": list(values), "value": list(values.values())})
    files = pd.DataFrame([asdict(file) for file in work.provenance])
    write_columns(
        work.connection, "sources", {name: files[name].to_list() for name in files.columns}
    )
    steps = log.steps
    write_columns(
        work.connection,
        "steps",
        {
            "number": list(range(1, len(steps) + 1)),
            "name": [step.name for step in steps],
            "rows": [step.rows for step in steps],
            "seconds": [step.seconds for step in steps],
            "remarks": ["; ".join(step.remarks) for step in steps],
        },
    )
    write_columns(work.connection, "built", {"unix_time": [time.time()]})
    work.connection.execute("CHECKPOINT")
