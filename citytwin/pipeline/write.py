"""Write what the steps of a build gave as one city file."""

import json
import time
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from citytwin.city.store import FORMAT, run_sql, write_columns, write_layer
from citytwin.errors import BalanceError
from citytwin.pipeline.districts import districts
from citytwin.pipeline.overlays import shares_of
from citytwin.pipeline.quality.step import assumed_columns, quality_remarks, quality_tables
from citytwin.pipeline.values import digest
from citytwin.pipeline.work import Work
from citytwin.progress import Log, Step
from citytwin.variables import VARIABLES

#: Relative difference of a total before and after moving to cells above which a build fails.
TOLERANCE = 1e-9


def write_city(connection: duckdb.DuckDBPyConnection, work: Work, log: Log) -> None:
    """Cells, totals, layers, facts and provenance into a new city file.

    Raises
    ------
    BalanceError
        If a total changed while moving to cells.
    """
    with log.step("cells") as step:
        homes = work.table("buildings")
        work.layers["buildings"] = work.layers["buildings"].with_value(
            "table", homes.assign(people=work.results["people"]["of_building"])
        )
        for name in sorted(work.layers):
            write_layer(connection, name, work.table(name))
        _cells(connection, work)
        step.rows = len(work.grid)
    with log.step("totals") as step:
        step.remarks = _totals(connection, work)
        step.rows = len(step.remarks)
        step.remarks += _districts(connection, work)
    with log.step("quality") as step:
        _quality(connection, work, step)
    with log.step("write") as step:
        facts = _facts(connection, work)
        step.rows = len(facts)
    _finish(connection, work, facts, log)


def _cells(connection: duckdb.DuckDBPyConnection, work: Work) -> None:
    for name, key in (("building_cells", "overlay buildings"), ("road_cells", "overlay roads")):
        shares = shares_of(work.results[key])
        rows = {"item": shares.item, "cell": shares.cell, "amount": shares.amount}
        write_columns(connection, name, rows)
    run_sql(connection, "02_cell_totals")
    grid, cover, people = work.grid, work.results["land cover"], work.results["people"]
    columns: dict[str, Any] = {
        "position": np.arange(len(grid)),
        "cell": grid.cells,
        "row": grid.row,
        "col": grid.col,
        "area": grid.area,
        "manning": cover["manning"],
        "pervious_share": cover["pervious_share"],
        "water_share": cover["water_share"],
        **{name: cover[name] for name in ("grass_share", "shrub_share", "tree_share")},
        "people_assumed": people["assumed"],
        "people_elsewhere": people["elsewhere"],
        **assumed_columns(work),
    }
    if "ground" in work.results:
        columns["ground_elevation"] = work.results["ground"]["elevation"]
    write_columns(connection, "lattice", columns)
    run_sql(connection, "03_cells")


def _totals(connection: duckdb.DuckDBPyConnection, work: Work) -> list[str]:
    """Totals from geometry against totals from cells; raises if they differ."""
    homes, roads = work.table("buildings"), work.table("roads")
    before = {
        "building_area": (float(homes["area"].sum()), "m2"),
        "floor_area": (float(homes["floor_area"].sum()), "m2"),
        "people": (float(work.results["people"]["total"]["people"]), "1"),
        "street_length": (0.0 if roads is None else float(roads["length"].sum()), "m"),
    }
    columns = {
        "name": list(before),
        "amount": [amount for amount, _ in before.values()],
        "unit": [unit for _, unit in before.values()],
    }
    write_columns(connection, "before", columns)
    run_sql(connection, "04_totals")
    rows = connection.execute("SELECT name, before, after, unit FROM totals").fetchall()
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


def _districts(connection: duckdb.DuckDBPyConnection, work: Work) -> list[str]:
    """Totals by district, where a source has boundaries; raises if they do not add up."""
    boundaries = work.table("boundaries")
    if boundaries is None:
        return []
    names = [name for name, variable in VARIABLES.items() if variable.extensive]
    wanted = ", ".join(f'"{name}"' for name in names)
    rows = connection.execute(f"SELECT {wanted} FROM cells ORDER BY row, col").fetchnumpy()  # noqa: S608
    layers = {name: np.asarray(rows[name], dtype=np.float64) for name in names}
    found = districts(work.grid, work.box, boundaries, layers, work.flat("buildings"))
    for name, table in (("districts", found.table), ("district_cells", found.shares)):
        write_columns(connection, name, {c: table[c].to_numpy() for c in table.columns})
    return found.remarks


def _quality(connection: duckdb.DuckDBPyConnection, work: Work, step: Step) -> None:
    """The honesty report: tables of their own, and columns of the cells."""
    names = "building_area, street_length, water_share, people, people_assumed, "
    names += "ground_assumed, cover_assumed"
    cells = connection.execute(f"SELECT {names} FROM cells ORDER BY row, col").fetchnumpy()  # noqa: S608
    tables = quality_tables(work, cells)
    for name, table in tables.items():
        write_columns(connection, name, {column: table[column] for column in table.columns})
    step.rows = sum(len(table) for table in tables.values())
    step.remarks = quality_remarks(tables)


def _facts(connection: duckdb.DuckDBPyConnection, work: Work) -> dict[str, Any]:
    """What a reader needs to know first, with the fingerprint of everything."""
    recipe, grid = work.inputs.recipe, work.grid
    rows = connection.execute("SELECT * FROM cells ORDER BY row, col").fetchnumpy()
    facts = {
        "format": FORMAT,
        "name": recipe.name,
        "resolution": recipe.resolution,
        "bounds": list(work.box),
        "shape": list(grid.shape),
        "crs": grid.crs,
        "tables": sorted(work.layers),
        "counts": {name: len(work.table(name)) for name in sorted(work.layers)}
        | {"cells": len(grid)},
        "notes": _notes(work),
    }
    digests = {
        "layers": {name: digest(work.table(name)) for name in sorted(work.layers)},
        "cells": {name: digest(np.asarray(rows[name])) for name in sorted(rows)},
    }
    facts["fingerprint"] = digest([facts, digests])
    titles = {"title": recipe.title, "title_zh": recipe.title_zh}
    return facts | titles | {"inputs_key": work.inputs.key}


def _notes(work: Work) -> dict[str, Any]:
    """What was assumed and measured while building, by topic."""
    recipe = work.inputs.recipe
    notes: dict[str, Any] = {
        "people": work.results["people"]["words"],
        "people_figures": work.results["people"]["figures"],
        "levels": "from source; else height divided by "
        f"{recipe.buildings.storey_height:g} m, at least one",
        "heights": "from source; else from levels or parts; else "
        f"{recipe.buildings.default_height:g} m, and height_from is 'assumed'",
        "land_cover": "coefficients by class; see the verified column of the recipe's table",
        "open_ground_m2": work.results["land cover"]["class_areas"],
        "vulnerability": recipe.vulnerability.model_dump(),
    }
    if recipe.lifelines:
        notes["lifelines"] = [one.model_dump(mode="json") for one in recipe.lifelines]
    if "ground" in work.results:
        notes["ground"] = work.results["ground"]["figures"]
    return notes


def _finish(
    connection: duckdb.DuckDBPyConnection, work: Work, facts: dict[str, Any], log: Log
) -> None:
    """Facts and provenance; then, outside the fingerprint, when and how long."""
    values = {key: json.dumps(value, ensure_ascii=False) for key, value in facts.items()}
    write_columns(connection, "facts", {"key": list(values), "value": list(values.values())})
    files = provenance(work)
    write_columns(connection, "sources", {name: files[name].to_list() for name in files.columns})
    steps = log.steps
    write_columns(
        connection,
        "steps",
        {
            "number": list(range(1, len(steps) + 1)),
            "name": [step.name for step in steps],
            "rows": [step.rows for step in steps],
            "seconds": [step.seconds for step in steps],
            "reused": [step.reused for step in steps],
            "remarks": ["; ".join(step.remarks) for step in steps],
        },
    )
    write_columns(connection, "built", {"unix_time": [time.time()]})
    connection.execute("CHECKPOINT")


def provenance(work: Work) -> pd.DataFrame:
    """One row for each file of each source: where it is from, its licence and checksum."""
    rows = [
        {
            "source": source.id,
            "format": source.name,
            "path": _relative(file.path, work.inputs.folder),
            "sha256": file.sha256,
            "size": file.size,
            "licence": source.licence,
            "attribution": source.attribution,
            "origin": source.origin or source.url,
            "date": source.date or work.readings[source.id]["date"],
            "notes": source.notes,
        }
        for source in work.inputs.recipe.sources
        for file in work.inputs.files
        if file.source == source.id
    ]
    return pd.DataFrame(rows)


def _relative(path: Path, folder: Path) -> str:
    """Path from the recipe's folder if it lies near, else its name: machine paths stay out."""
    try:
        return path.resolve().relative_to(folder.resolve().parent).as_posix()
    except ValueError:
        return path.name
