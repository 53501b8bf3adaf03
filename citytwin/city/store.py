"""DuckDB as the city's file: connections, the spatial extension from its wheel, numbered SQL."""

from importlib import resources
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import duckdb
import geopandas as gpd
import numpy as np
import pyarrow as pa
import shapely

from citytwin.errors import CityTwinError

#: Version of the layout of a city file; another version is refused.
FORMAT = 3
#: Rows whose geometry is turned into bytes at a time.
_ROWS = 65_536
#: Memory of DuckDB; beyond it, DuckDB uses files beside the city's.
_MEMORY = "2GB"


def connect_new(path: Path | None) -> duckdb.DuckDBPyConnection:
    """Open a new city file for writing, or a database in memory, with the spatial extension.

    One thread: sums of floating-point numbers then come out the same every time.
    """
    config: dict[str, Any] = {"threads": 1} | ({"memory_limit": _MEMORY} if path else {})
    connection = duckdb.connect(str(path or ":memory:"), config=config)
    connection.execute("SET enable_progress_bar = false")
    connection.execute(f"LOAD '{_spatial_extension()}'")
    return connection


def _spatial_extension() -> Path:
    """The extension's file inside its wheel: loaded from there, nothing is written or fetched."""
    spec = find_spec("duckdb_extension_spatial")
    places = spec.submodule_search_locations if spec is not None else None
    pattern = f"extensions/v{duckdb.__version__}/spatial.duckdb_extension"
    for place in places or ():
        path = Path(place) / pattern
        if path.is_file():
            return path
    raise CityTwinError(
        "DuckDB's spatial extension is missing: install duckdb-extension-spatial "
        f"{duckdb.__version__}"
    )


def attach(path: Path) -> duckdb.DuckDBPyConnection:
    """Open a city file for reading only.

    The file is attached to a database of our own in memory: two readers of one path never share a
    stale copy after a new build has replaced the file.
    """
    connection = duckdb.connect()
    try:
        quoted = str(path).replace("'", "''")
        connection.execute("SET enable_progress_bar = false")
        connection.execute(f"ATTACH '{quoted}' AS city (READ_ONLY)")
        connection.execute("USE city")
    except duckdb.Error:
        connection.close()
        raise
    return connection


def run_sql(
    connection: duckdb.DuckDBPyConnection, step: str, parameters: dict[str, Any] | None = None
) -> None:
    """Run one numbered SQL file, given by its name without the ending.

    Parameters of the file are DuckDB variables, read in it with ``getvariable``.
    """
    for name, value in (parameters or {}).items():
        connection.execute(f"SET VARIABLE {name} = $value", {"value": value})
    text = resources.files("citytwin.city").joinpath("sql", f"{step}.sql").read_text("utf-8")
    connection.execute(text)


def write_layer(connection: duckdb.DuckDBPyConnection, name: str, table: gpd.GeoDataFrame) -> None:
    """Write a layer as a table with a GEOMETRY column in EPSG:4326."""
    arrow = pa.Table.from_pandas(table.drop(columns="geometry"), preserve_index=False)
    geometry = np.asarray(table.geometry)
    wkb = pa.chunked_array(
        [
            pa.array(shapely.to_wkb(geometry[start : start + _ROWS]), pa.binary())
            for start in range(0, len(geometry), _ROWS)
        ],
        pa.binary(),
    )
    connection.register("incoming", arrow.append_column("wkb", wkb))
    connection.execute(
        f'CREATE TABLE "{name}" AS SELECT * EXCLUDE (wkb), '  # noqa: S608 names are ours
        "ST_SetCRS(ST_GeomFromWKB(wkb), 'EPSG:4326') AS geometry FROM incoming"
    )
    connection.unregister("incoming")


def read_layer(connection: duckdb.DuckDBPyConnection, name: str) -> gpd.GeoDataFrame:
    """Read a layer in the order in which it was written."""
    arrow = connection.execute(
        f'SELECT * EXCLUDE (geometry), ST_AsWKB(geometry) AS wkb FROM "{name}" '  # noqa: S608
        "ORDER BY id"
    ).to_arrow_table()
    geometry = shapely.from_wkb(arrow.column("wkb").to_numpy(zero_copy_only=False))
    plain = arrow.drop_columns("wkb").to_pandas()
    return gpd.GeoDataFrame(plain, geometry=geometry, crs="EPSG:4326")


def write_columns(
    connection: duckdb.DuckDBPyConnection, name: str, columns: dict[str, Any]
) -> None:
    """Write arrays of one length as a table."""
    connection.register("incoming", pa.table(columns))
    connection.execute(f'CREATE TABLE "{name}" AS SELECT * FROM incoming')  # noqa: S608
    connection.unregister("incoming")
