"""The steps of a build, in order. Each step runs through the memo, so that nothing is done twice."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from citytwin.city import City
from citytwin.city.store import connect_new
from citytwin.errors import OutputError, RecipeError
from citytwin.pipeline import overlays
from citytwin.pipeline.buildings import buildings
from citytwin.pipeline.code import code_version
from citytwin.pipeline.cover.pixels import COLUMNS as CODE_COLUMNS
from citytwin.pipeline.cover.step import cover
from citytwin.pipeline.ground.step import contour_ground, raster_ground
from citytwin.pipeline.inputs import inputs, settings
from citytwin.pipeline.lifelines import refuse_outside
from citytwin.pipeline.memo import Memo, Result
from citytwin.pipeline.people import step as residents
from citytwin.pipeline.people.units import chosen as chosen_counts
from citytwin.pipeline.publish import published
from citytwin.pipeline.readings import cell_values, rasters, reading
from citytwin.pipeline.repair import sound_layer
from citytwin.pipeline.values import Values
from citytwin.pipeline.work import Work
from citytwin.pipeline.write import write_city
from citytwin.progress import Log, Progress, Step, silent
from citytwin.sources.base import Source

#: Steps in order, with their usual seconds for the embedded city.
STEPS = {
    "sources": 1.5,
    "grid": 0.5,
    "layers": 0.5,
    "buildings": 1.0,
    "overlay": 0.5,
    "land cover": 1.0,
    "ground": 3.0,
    "people": 0.2,
    "cells": 0.5,
    "totals": 0.2,
    "quality": 0.3,
    "write": 0.5,
}
#: Remarks of one source in the log.
_MOST_REMARKS = 6
#: Layers that shape a ground from rasters.
SHAPERS = ("buildings", "roads", "railways", "waterways", "water", "barriers")
#: Layers that decide the roughness of the ground.
COVERS = ("water", "roads", "landuse", "landcover")


def build(
    recipe_path: Path | str,
    output: Path | str | None = None,
    *,
    progress: Progress = silent,
    paths: Mapping[str, Path] | None = None,
    downloads: Path | None = None,
    memo: Memo | None = None,
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
    paths
        File or folder to read instead of what the recipe names, by the source's id.
    downloads
        Folder for files that the recipe names by URL.
    memo
        Where results of steps are kept and found again; nothing is kept if not given.

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
    found = inputs(recipe_path, paths=paths, downloads=downloads)
    target = Path(output) if output is not None else Path(f"{found.recipe.name}.duckdb")
    if "?" in str(target):
        raise OutputError(
            f"the city {target} cannot be written: DuckDB takes no '?' in a path, so choose another "
            "with --output"
        )
    log = Log(progress, STEPS)
    work = Work(found, found.recipe.box(), memo or Memo())
    with published(target) as draft:
        connection = connect_new(draft)  # first: a folder that cannot be written is said at once
        try:
            _steps(work, log)
            write_city(connection, work, log)
        finally:
            connection.close()
    return City.open(target)


def _steps(work: Work, log: Log) -> None:
    with log.step("sources") as step:
        _read(work, step)
    with log.step("grid") as step:
        box, resolution = work.box, work.inputs.recipe.resolution
        result = work.memo.run(
            "grid", overlays.lattice, {}, [box, resolution], lambda: (box, resolution)
        )
        work.results["grid"] = result
        step.rows, step.reused = len(work.grid), result.reused
        step.remarks = [f"{work.grid.area.sum() / 1e6:.2f} km²"]
        refuse_outside(work.inputs.recipe.lifelines, work.grid)
    with log.step("layers") as step:
        _layers(work, step)
    with log.step("buildings") as step:
        _buildings(work, step)
    with log.step("overlay") as step:
        _overlay(work, step)
    with log.step("land cover") as step:
        _cover(work, step)
    with log.step("ground") as step:
        _ground(work, step)
    with log.step("people") as step:
        _people(work, step)


def _read(work: Work, step: Step) -> None:
    for source in work.inputs.recipe.sources:
        result = _read_one(work, source)
        work.readings[source.id] = result
        step.remarks += _few(result["remarks"])
    step.rows = sum(len(r.digests) for r in work.readings.values())
    step.reused = all(r.reused for r in work.readings.values())


def _few(remarks: list[str]) -> list[str]:
    """The first remarks of one source, and how many more there are."""
    more = len(remarks) - _MOST_REMARKS
    return remarks[:_MOST_REMARKS] + ([f"and {more} more remarks"] if more > 0 else [])


def _read_one(work: Work, source: Source) -> Result:
    folder, sums = work.inputs.folder, work.inputs.of(source.id)
    version = code_version(type(source).__module__)
    return work.memo.run(
        f"source {source.id}",
        reading,
        sums,
        [source.name, settings(source), work.box, version],
        lambda: (source, folder, work.box, sums),
    )


def _layers(work: Work, step: Step) -> None:
    names = {n.removeprefix("layer ") for r in work.readings.values() for n in r.names("layer ")}
    if not names & {"buildings", "roads"}:
        raise RecipeError("no source of the recipe has buildings or roads: add one that has")
    expected = "buildings" in names
    names.add("buildings")
    for name in sorted(names):
        work.layers[name] = _layer(work, name)
    faults = [work.layers[name]["faults"] for name in sorted(names)]
    faults += [result["faults"] for result in work.readings.values()]
    work.faults = pd.concat(faults, ignore_index=True)
    step.rows = sum(len(work.table(name)) for name in names)
    step.remarks = [f"{len(work.faults)} features repaired or dropped"] if len(work.faults) else []
    step.reused = all(work.layers[name].reused for name in names)
    if not expected:
        step.remarks.append("no source has buildings: the city has none")
    elif not len(work.table("buildings")):
        raise RecipeError(
            "no building of any source lies in the box of the city: check 'bounds' in the recipe"
        )


def _layer(work: Work, name: str) -> Result:
    """One layer from all sources that have it."""
    raw = f"layer {name}"
    given = {key: result for key, result in work.readings.items() if raw in result}
    layer = work.memo.run(
        raw,
        sound_layer,
        {key: result.digests[raw] for key, result in given.items()},
        [name, work.box, list(given)],
        lambda: (name, [result[raw] for result in given.values()], work.box),
    )
    for result in given.values():
        result.forget(raw)
    return layer


def _buildings(work: Work, step: Step) -> None:
    recipe = work.inputs.recipe
    values = recipe.buildings.model_dump() | {"smallest_home": recipe.population.smallest_home}
    kinds = work.coefficients("population", "kinds", ("kind", "home_share"))
    result = work.memo.run(
        "buildings",
        buildings,
        work.digests("buildings", "building_parts", "landuse"),
        [values, work.sums("population.kinds")],
        lambda: (
            work.table("buildings"),
            work.table("building_parts"),
            work.table("landuse"),
            kinds,
            work.crs,
            values,
        ),
    )
    work.layers["buildings"].forget("table")
    work.layers["buildings"] = result
    work.faults = pd.concat([work.faults, result["faults"]], ignore_index=True)
    if "roads" in work.layers:
        roads = work.layers["roads"]
        work.layers["roads"] = work.memo.run(
            "roads",
            overlays.with_length,
            work.digests("roads"),
            [],
            lambda: (roads["table"], work.crs),
        )
    step.rows, step.reused = len(work.table("buildings")), result.reused


def _overlay(work: Work, step: Step) -> None:
    _shares(work, "buildings", overlays.polygons_to_cells)
    _shares(work, "roads", overlays.lines_to_cells)
    done = [work.results[f"overlay {name}"] for name in ("buildings", "roads")]
    step.rows, step.reused = sum(len(r["item"]) for r in done), all(r.reused for r in done)


def _shares(work: Work, name: str, function: Callable[..., Values]) -> None:
    """How much of each feature of a layer lies in each cell."""
    work.results[f"overlay {name}"] = work.memo.run(
        f"overlay {name}",
        function,
        work.digests(name),
        [],
        lambda: (work.grid, work.flat(name) if name in work.layers else np.empty(0, object)),
    )


def _cover(work: Work, step: Step) -> None:
    chosen = work.inputs.recipe.land_cover
    columns = ("name", "layer", "class", "manning", "pervious_share", "water")
    table = work.coefficients("land_cover", "table", columns)
    widths = work.coefficients("land_cover", "street_widths", ("class", "width_m"))
    if chosen.default not in set(table["name"]) or "*" not in set(widths["class"]):
        raise RecipeError(
            f"'land_cover.default' is '{chosen.default}', which must be a row of "
            f"{chosen.table}, and {chosen.street_widths} must have a row '*'"
        )
    shares = work.results["overlay buildings"]
    found = rasters(work.readings.values(), "land_cover")
    codes = work.coefficients("land_cover", "raster_table", CODE_COLUMNS) if found else None
    result = work.memo.run(
        "land cover",
        cover,
        work.digests(*COVERS) | _prefixed("shares", shares.digests) | _rasters(work),
        [
            chosen.default,
            work.sums("land_cover.table", "land_cover.street_widths", "land_cover.raster_table"),
        ],
        lambda: (
            work.grid,
            work.flat_layers(COVERS),
            overlays.shares_of(shares).per_cell(work.grid),
            table,
            widths,
            chosen.default,
            found[0] if found else None,
            codes,
            chosen.raster_table.name,
        ),
    )
    work.results["land cover"] = result
    step.rows, step.reused = len(work.grid), result.reused


def _ground(work: Work, step: Step) -> None:
    terrain = work.inputs.recipe.terrain
    found = rasters(work.readings.values(), "elevation")
    if found and terrain.method != "raster":
        raise RecipeError(
            f"a source offers elevation, but 'terrain.method' is '{terrain.method}': set it to "
            "'raster', or leave the source out"
        )
    if terrain.method == "none":
        step.remarks = ["the recipe has no ground: hazards that need one refuse"]
        return
    if terrain.method == "contours":
        result = work.memo.run(
            "ground",
            contour_ground,
            work.digests("contours", "peaks"),
            terrain.model_dump(mode="json", exclude={"conditioning"}),
            lambda: (work.grid, work.flat_layers(("contours", "peaks")), terrain),
        )
    else:
        result = work.memo.run(
            "ground",
            raster_ground,
            work.digests(*SHAPERS) | _rasters(work),
            terrain.conditioning.model_dump(mode="json"),
            lambda: (work.grid, work.flat_layers(SHAPERS), found, terrain.conditioning),
        )
    work.results["ground"] = result
    step.rows, step.reused = len(work.grid), result.reused
    step.remarks = result["remarks"]


def _rasters(work: Work) -> dict[str, str]:
    """Digests of all rasters of all sources, in the order of the recipe, for the first counts."""
    return {
        f"{number:04d} {key} {name}": result.digests[name]
        for number, (key, result) in enumerate(work.readings.items())
        for name in result.names("raster ")
    }


def _prefixed(prefix: str, digests: dict[str, str]) -> dict[str, str]:
    return {f"{prefix} {name}": value for name, value in digests.items()}


def _people(work: Work, step: Step) -> None:
    chosen = work.inputs.recipe.population
    table = work.table("buildings")
    homes = table["floor_area"].to_numpy() * table["home_share"].to_numpy()
    per_person = chosen.floor_area_per_person
    if chosen.method == "floor_area":
        _refuse_unused_counts(work)
        result = work.memo.run(
            "people",
            residents.modelled,
            work.digests("buildings"),
            [per_person],
            lambda: (work.grid, work.flat("buildings"), homes, per_person),
        )
    else:
        counts, digests = _counts(work)
        modelled = per_person if chosen.uncounted == "floor_area" else None
        cover = work.results["land cover"]
        result = work.memo.run(
            "people",
            residents.counted,
            work.digests("buildings") | digests | {"water": cover.digests["water_share"]},
            [work.box, chosen.least_floor_area, modelled],
            lambda: (
                work.grid,
                work.box,
                work.flat("buildings"),
                homes,
                counts,
                cover["water_share"],
                chosen.least_floor_area,
                modelled,
            ),
        )
    work.results["people"] = result
    step.rows, step.reused, step.remarks = len(table), result.reused, result["remarks"]


def _refuse_unused_counts(work: Work) -> None:
    """People that a source counts shall not be left out in silence."""
    readings = work.readings.values()
    offered = bool(rasters(readings, "people") or cell_values(readings, "people"))
    if offered or "population" in work.layers:
        raise RecipeError(
            "a source counts people, but 'population.method' is 'floor_area': set it to 'counts', "
            "or leave the source out"
        )


def _counts(work: Work) -> tuple[Any, dict[str, str]]:
    """The one number of people that the sources offer, and its digests."""
    readings = work.readings.values()
    counts = chosen_counts(
        rasters(readings, "people"), cell_values(readings, "people"), work.table("population")
    )
    digests = {
        f"{key} {name}": result.digests[name]
        for key, result in work.readings.items()
        for name in (*result.names("raster "), *result.names("cells people"))
    }
    return counts, digests | work.digests("population")
