"""What changed between two cities as files for a map: one GeoJSON a layer, one for the cells."""

import json
from pathlib import Path

import duckdb
import geopandas as gpd
import h3
import numpy as np
import pandas as pd
import shapely

from citytwin.errors import OutputError
from citytwin.refresh.diff import Diff, attached


def write_changes(found: Diff, folder: Path) -> list[Path]:
    """Write ``diff.json``, ``<layer>.geojson`` and ``cells.geojson`` of what changed.

    Each feature says in ``change`` whether it was ``added``, ``removed`` or ``changed``; a changed
    one has its new geometry.

    Raises
    ------
    OutputError
        If the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "diff.json"
        text = json.dumps(found.full(), ensure_ascii=False, indent=1)
        path.write_text(text + "\n", encoding="utf-8")
        files = [path]
        with attached(Path(found.a["path"]), Path(found.b["path"])) as both:
            for name, layer in found.layers.items():
                if layer.any:
                    files.append(_write(_features(both, found, name), folder / f"{name}.geojson"))
        if found.cells is not None and len(found.cells.table):
            files.append(_write(_cells(found.cells.table), folder / "cells.geojson"))
    except OSError as error:
        raise OutputError(
            f"the changes cannot be written to {folder} ({error.strerror or error}): choose "
            "another folder with --to"
        ) from error
    return files


def _features(both: duckdb.DuckDBPyConnection, found: Diff, name: str) -> gpd.GeoDataFrame:
    layer = found.layers[name]
    attributes = layer.changed["attributes"].map(", ".join)
    moved = np.where(layer.changed["geometry"], "geometry", "")
    words = [", ".join(filter(None, pair)) for pair in zip(moved, attributes, strict=True)]
    changed = layer.changed.assign(id=layer.changed["b"], what=words)
    parts = [
        _geometry(both, city, name, rows.assign(change=change))
        for city, change, rows in (
            ("a", "removed", layer.removed),
            ("b", "added", layer.added),
            ("b", "changed", changed[["id", "source_id", "what"]]),
        )
        if len(rows)
    ]
    return gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), crs="EPSG:4326")


def _geometry(
    both: duckdb.DuckDBPyConnection, city: str, name: str, rows: pd.DataFrame
) -> gpd.GeoDataFrame:
    both.register("wanted", rows[["id"]])
    shapes = both.execute(
        f'SELECT id, ST_AsWKB(geometry) AS wkb FROM {city}."{name}" JOIN wanted USING (id)'  # noqa: S608
    ).df()
    both.unregister("wanted")
    wkb = rows[["id"]].merge(shapes, on="id", how="left")["wkb"]
    geometry = shapely.from_wkb(wkb.map(bytes).to_numpy())
    return gpd.GeoDataFrame(rows, geometry=geometry, crs="EPSG:4326")


def _cells(table: pd.DataFrame) -> gpd.GeoDataFrame:
    names = [f"{cell:x}" for cell in table["cell"].tolist()]
    corners = [[(lon, lat) for lat, lon in h3.cell_to_boundary(name)] for name in names]
    shapes = [shapely.Polygon(ring) for ring in corners]
    return gpd.GeoDataFrame(table.assign(cell=names), geometry=shapes, crs="EPSG:4326")


def _write(table: gpd.GeoDataFrame, path: Path) -> Path:
    table.to_file(path, driver="GeoJSON")
    return path
