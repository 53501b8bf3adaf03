"""Rows of one feature type of Overture Maps that meet a box, through DuckDB."""

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from citytwin.errors import SourceError
from citytwin.sources.base import Box

#: Columns that every Overture file has.
REQUIRED = ("id", "geometry", "bbox")
#: Columns in other columns, by the name they get here.
INSIDE = {
    "name": ("names", "names.primary"),
    "category": ("categories", "categories.primary"),
    "taxonomic": ("taxonomy", "taxonomy.primary"),
}


@dataclass(frozen=True)
class Place:
    """Where the files of one feature type are.

    Attributes
    ----------
    files
        Paths or addresses; a pattern with ``*`` where the store can list itself.
    remote
        Whether they come over HTTP or S3.
    region
        Region of the S3 bucket.
    """

    files: tuple[str, ...]
    remote: bool
    region: str = "us-west-2"


def read_rows(
    place: Place, box: Box, columns: tuple[str, ...]
) -> tuple[NDArray[np.object_], pd.DataFrame]:
    """Features whose own box meets a box, in the order of their ids.

    Parameters
    ----------
    place
        Files of one feature type.
    box
        West, south, east, north [degrees].
    columns
        Columns to read; those that a release does not have are all ``None``.

    Returns
    -------
    geometry
        (n,) geometries in degrees.
    rows
        (n,) rows of the columns and of ``id``; nested ones as lists and dictionaries.

    Raises
    ------
    SourceError
        If a file is missing, cannot be reached, or is no file of Overture.
    """
    connection = duckdb.connect()
    try:
        if place.remote:
            _load_httpfs(connection, place.region)
        table = connection.execute(*_query(connection, place, box, columns)).to_arrow_table()
    except duckdb.Error as error:
        reason = str(error).strip().splitlines()[0][:200]
        raise SourceError(
            f"the Overture files {place.files[0]} cannot be read: check 'path', 'url' and "
            f"'release' in the recipe ({reason})"
        ) from error
    finally:
        connection.close()
    shapes = shapely.from_wkb(
        np.array(table.column("wkb").to_pylist(), dtype=object), on_invalid="ignore"
    )
    names = [name for name in table.column_names if name != "wkb"]
    rows = {name: pd.Series(table.column(name).to_pylist(), dtype=object) for name in names}
    return np.asarray(shapes, dtype=object), pd.DataFrame(rows)


def _query(
    connection: duckdb.DuckDBPyConnection, place: Place, box: Box, columns: tuple[str, ...]
) -> tuple[str, list[Any]]:
    """SQL and its parameters: the box is compared with the statistics of the files first."""
    source = "read_parquet($1, hive_partitioning = false, union_by_name = true)"
    files = list(place.files)
    described = connection.execute(f"DESCRIBE SELECT * FROM {source}", [files])  # noqa: S608
    kinds = {str(row[0]): str(row[1]) for row in described.fetchall()}
    for name in REQUIRED:
        if name not in kinds:
            raise SourceError(
                f"{place.files[0]} has no column '{name}', so it is no file of Overture Maps: "
                "check 'path' in the recipe"
            )
    wkb = "ST_AsWKB(geometry)" if kinds["geometry"].startswith("GEOMETRY") else "geometry"
    picked = ", ".join(f"{_expression(name, kinds)} AS {name}" for name in columns)
    text = (
        f"SELECT id, {wkb} AS wkb{', ' + picked if picked else ''} FROM {source} "  # noqa: S608
        "WHERE bbox.xmin <= $2 AND bbox.xmax >= $3 AND bbox.ymin <= $4 AND bbox.ymax >= $5 "
        "ORDER BY id"
    )
    # Boxes in the files are single precision: a little more is asked for, the build clips.
    margin = 2e-5
    west, south, east, north = box
    return text, [files, east + margin, west - margin, north + margin, south - margin]


def _expression(name: str, kinds: dict[str, str]) -> str:
    """SQL for one column, ``NULL`` where the release does not have it."""
    if name in INSIDE:
        outer, inner = INSIDE[name]
        return inner if "primary" in kinds.get(outer, "") else "NULL"
    return f'"{name}"' if name in kinds else "NULL"


def _load_httpfs(connection: duckdb.DuckDBPyConnection, region: str) -> None:
    """Load DuckDB's extension for HTTP and S3 from its wheel, so that nothing is fetched."""
    spec = find_spec("duckdb_extension_httpfs")
    pattern = f"extensions/v{duckdb.__version__}/httpfs.duckdb_extension"
    for folder in (spec.submodule_search_locations if spec is not None else None) or ():
        path = Path(folder) / pattern
        if path.is_file():
            connection.execute("LOAD '" + str(path).replace("'", "''") + "'")
            connection.execute("SET s3_region = $1", [region])
            connection.execute("SET http_timeout = 30")
            return
    raise SourceError(
        "reading Overture Maps over HTTP or S3 needs an extension of DuckDB: "
        "pip install 'citytwin[overture]'"
    )
