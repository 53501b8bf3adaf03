"""Parquet files with geometry, read group by group of rows.

Neither through Arrow's datasets, which with a filter wait for ever on some broken files, nor with
the statistics of columns, which end the whole process on them (pyarrow 26.0.1, found by flipping
bits): the boxes of the features themselves say which groups are near.
"""

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import shapely

from citytwin.arrays import Floats
from citytwin.sources.base import Box

#: Encodings of geometry that are read here; geopandas reads the others, of which there are few.
WKB = "WKB"


def read_columns(path: Path, columns: list[str], groups: list[int] | None = None) -> pd.DataFrame:
    """Columns of a Parquet file, of all groups of rows or of some; text is checked to be text."""
    with pq.ParquetFile(path) as file:
        some = range(file.num_row_groups) if groups is None else groups
        table = file.read_row_groups(list(some), columns=columns)
    frame = table.replace_schema_metadata(None).to_pandas()
    for name, kind in frame.dtypes.items():
        if pd.api.types.is_string_dtype(kind):
            frame[name] = frame[name].astype(object)
    return frame


def read_geoparquet(
    path: Path, columns: list[str], main: str, geo: dict[str, Any], box: Box | None
) -> gpd.GeoDataFrame:
    """Columns and geometry, of the groups of rows that may meet a box.

    Parameters
    ----------
    path
        The file.
    columns
        Columns to read beside the geometry.
    main
        Column of the geometry.
    geo
        What the file says of that column.
    box
        West, south, east, north in the file's own system; ``None`` for all rows.
    """
    if geo.get("encoding", WKB) != WKB:
        frame = gpd.read_parquet(path, columns=[*columns, main])
        return frame.set_geometry(main)
    groups = None if box is None else near_groups(path, geo.get("covering", {}).get("bbox"), box)
    return with_geometry(read_columns(path, [*columns, main], groups), main)


def with_geometry(frame: pd.DataFrame, main: str) -> gpd.GeoDataFrame:
    """A table whose column of WKB became geometry; what is no WKB is missing."""
    shapes = shapely.from_wkb(frame.pop(main).to_numpy(dtype=object), on_invalid="ignore")
    return gpd.GeoDataFrame(frame, geometry=shapes)


def near_groups(path: Path, covering: dict[str, Any] | None, box: Box) -> list[int] | None:
    """Groups of rows with a feature whose box meets a box; ``None`` if features have none.

    Parameters
    ----------
    path
        The file.
    covering
        For each side of the features' boxes the column inside a column that holds it.
    box
        West, south, east, north in the file's own system.
    """
    if not covering:
        return None
    places = [covering[side] for side in ("xmin", "ymin", "xmax", "ymax")]
    # Boxes of features may be single precision, rounded inwards.
    margin = 2.0 * float(np.spacing(np.float32(max(map(abs, box)))))
    found = []
    with pq.ParquetFile(path) as file:
        for number in range(file.num_row_groups):
            table = file.read_row_group(number, columns=[".".join(place) for place in places])
            west, south, east, north = (_side(table, place) for place in places)
            apart = (west > box[2] + margin) | (east < box[0] - margin)
            apart |= (south > box[3] + margin) | (north < box[1] - margin)
            if not apart.all():
                found.append(number)
    return found


def _side(table: pa.Table, place: list[str]) -> Floats:
    """One side of the boxes of all features; NaN where a feature has none."""
    column = table.column(place[0]).combine_chunks()
    for name in place[1:]:
        column = pc.struct_field(column, name)
    return np.asarray(column.to_numpy(zero_copy_only=False), dtype=np.float64)
