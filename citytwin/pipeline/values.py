"""What steps of a build give each other: tables, arrays and plain facts, each with its digest."""

import hashlib
import json
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

#: Rows that are hashed at a time: they bound the memory.
_ROWS = 65_536
#: Name to a GeoDataFrame, a DataFrame, an array or what JSON can hold.
Values = dict[str, Any]


def digest(value: Any) -> str:
    """SHA-256 of a value's content: the same on every machine and in every run."""
    sums = hashlib.sha256()
    if isinstance(value, gpd.GeoDataFrame):
        geometry = np.asarray(value.geometry, dtype=object)
        for start in range(0, len(geometry), _ROWS):
            wkb = shapely.to_wkb(geometry[start : start + _ROWS])
            sums.update(b"".join(shape or b"\0" for shape in wkb))
        _add_columns(sums, value.drop(columns="geometry"))
    elif isinstance(value, pd.DataFrame):
        _add_columns(sums, value)
    elif isinstance(value, np.ndarray):
        sums.update(str(value.shape).encode())
        sums.update(_bytes(value))
    else:
        sums.update(json.dumps(value, sort_keys=True, ensure_ascii=False).encode())
    return sums.hexdigest()


def _add_columns(sums: Any, table: pd.DataFrame) -> None:
    sums.update(f"rows {len(table)}".encode())
    for column in sorted(table.columns):
        sums.update(f"column {column}".encode())
        for start in range(0, len(table), _ROWS):
            sums.update(_bytes(table[column].iloc[start : start + _ROWS].to_numpy()))


def _bytes(values: Any) -> bytes:
    """Bytes that do not depend on the machine's order of bytes."""
    if values.dtype.kind in "iub":
        return bytes(values.astype("<i8").tobytes())
    if values.dtype.kind == "f":
        return bytes(values.astype("<f8").tobytes())
    return "\0".join(map(str, values.tolist())).encode() + b"\0"
