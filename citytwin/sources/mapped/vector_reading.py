"""Features of one table of a vector file, with what meets the box only, in the file's own system."""

import json
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyarrow.parquet as pq
import pyogrio

from citytwin.arrays import Floats
from citytwin.errors import SourceError
from citytwin.sources.base import ROW, Box
from citytwin.sources.coordinates import System, box_in, coordinate_system
from citytwin.sources.mapped.geoparquet import read_columns, read_geoparquet, with_geometry

#: Endings of Parquet files, which pyarrow reads and not GDAL.
PARQUET = (".parquet", ".geoparquet", ".pq")
#: Columns that hold geometry as WKB in Parquet files without a note about it.
WKB_COLUMNS = ("geometry", "geom", "wkb", "wkb_geometry", "the_geom")


@dataclass(frozen=True)
class Request:
    """What to read of a file.

    Attributes
    ----------
    path
        The file; a shapefile may be a ``.zip``.
    box
        West, south, east, north [degrees]; what meets it is wanted.
    columns
        Columns that are needed; those that do not exist are left to the mapping to name.
    table
        Layer inside the file, ``""`` for the only one.
    crs
        Coordinate system instead of the file's own, ``""`` for that.
    encoding
        Of text, ``""`` for what the file says.
    """

    path: Path
    box: Box
    columns: tuple[str, ...]
    table: str = ""
    crs: str = ""
    encoding: str = ""

    @property
    def where(self) -> str:
        """The file, for messages."""
        return f"the file {self.path}"


@dataclass(frozen=True, eq=False)
class Features:
    """What a file holds in the box.

    Attributes
    ----------
    table
        Their columns and geometry in their system; ``source_id`` is the row unless the file has one.
    system
        Coordinate system of the geometry.
    names
        All columns that the file has.
    bounds
        West, south, east, north of the whole file in its own system, if nothing was in the box.
    """

    table: gpd.GeoDataFrame
    system: System
    names: list[str]
    bounds: Floats


def read_features(request: Request) -> Features:
    """Read one table of a file.

    Raises
    ------
    SourceError
        If the file is missing, broken, of no known format or without a coordinate system, or if
        it holds several tables and none is chosen.
    """
    if not request.path.exists():
        raise SourceError(f"{request.where} does not exist: check 'path' in the recipe")
    if request.path.suffix.lower() == ".vrt":
        raise SourceError(
            f"{request.where} only points to other files, whose changes would not be seen: name "
            "those files in the recipe"
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if request.path.suffix.lower() in PARQUET:
                return _read_parquet(request)
            return _read_with_gdal(request)
    except SourceError:
        raise
    except Exception as error:  # readers raise anything on a broken file
        raise SourceError(
            f"{request.where} cannot be read: it is cut short, broken or of no known format, "
            f"so get it again from its source ({_first_line(error)})"
        ) from error


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0][:160] if lines else type(error).__name__


def _read_with_gdal(request: Request) -> Features:
    # GDAL writes a file of field types beside a GML file, but not beside one in memory.
    content: Any = request.path.read_bytes() if request.path.suffix.lower() == ".gml" else None
    place = request.path if content is None else content
    table = _chosen_table(place, request)
    info = pyogrio.read_info(place, layer=table, encoding=request.encoding or None)
    system = coordinate_system(request.crs or info["crs"], request.where)
    names = [str(name) for name in info["fields"]]
    frame = pyogrio.read_dataframe(
        place,
        layer=table,
        columns=[name for name in names if name in request.columns],
        bbox=box_in(system, request.box),
        fid_as_index=True,
        encoding=request.encoding or None,
    )
    if not isinstance(frame, gpd.GeoDataFrame):
        raise SourceError(f"the table '{table}' of {request.where} has no geometry: choose another")
    if "source_id" not in names:
        frame["source_id"] = [f"{ROW}{number} of {request.path.name}" for number in frame.index]
    bounds = np.full(4, np.nan)
    if frame.empty:
        whole = pyogrio.read_info(
            place, layer=table, force_total_bounds=True, encoding=request.encoding or None
        )["total_bounds"]
        bounds = bounds if whole is None else np.asarray(whole, dtype=np.float64)
    return Features(frame.reset_index(drop=True), system, names, bounds)


def _chosen_table(place: Any, request: Request) -> str:
    """Name of the layer to read inside a file."""
    listed = pyogrio.list_layers(place)
    names = [str(name) for name, kind in listed if kind is not None]
    every = [str(name) for name, _ in listed]
    if request.table:
        if request.table not in every:
            raise SourceError(
                f"{request.where} has no table '{request.table}': "
                f"'table' in the recipe must be one of {', '.join(every) or 'none'}"
            )
        return request.table
    if not names:
        raise SourceError(f"{request.where} holds no table with geometry: choose another file")
    if len(names) > 1:
        raise SourceError(
            f"{request.where} holds several tables: choose one of {', '.join(names)} "
            "as 'table' in the recipe"
        )
    return names[0]


def _read_parquet(request: Request) -> Features:
    schema = pq.read_schema(request.path)
    note = (schema.metadata or {}).get(b"geo")
    if note is None:
        return _read_plain_parquet(request, schema.names)
    geo = json.loads(note)
    main = geo["primary_column"]
    names = [name for name in schema.names if name not in geo["columns"]]
    column = geo["columns"][main]
    stated: Any = request.crs or column.get("crs", "OGC:CRS84")
    system = coordinate_system(
        json.dumps(stated) if isinstance(stated, dict) else stated, request.where
    )
    wanted = [name for name in names if name in request.columns]
    box = box_in(system, request.box)
    frame = read_geoparquet(request.path, wanted, main, column, box)
    whole = read_geoparquet(request.path, [], main, column, None) if frame.empty else frame
    bounds = np.asarray(whole.total_bounds, dtype=np.float64)
    return Features(frame.reset_index(drop=True), system, names, bounds)


def _read_plain_parquet(request: Request, columns: list[str]) -> Features:
    """A Parquet file with WKB in a column that only its name tells."""
    geometry = request.table or next((name for name in WKB_COLUMNS if name in columns), "")
    if geometry not in columns:
        raise SourceError(
            f"{request.where} does not say which column is its geometry: "
            f"name it as 'table' in the recipe (its columns are {', '.join(columns)})"
        )
    system = coordinate_system(request.crs, request.where)
    names = [name for name in columns if name != geometry]
    wanted = [name for name in names if name in request.columns]
    table = with_geometry(read_columns(request.path, [*wanted, geometry]), geometry)
    return Features(table, system, names, np.asarray(table.total_bounds, dtype=np.float64))
