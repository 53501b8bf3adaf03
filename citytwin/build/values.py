"""What steps of a build give each other: tables, arrays and plain facts, each with its digest."""

import hashlib
import json
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

#: Name to a GeoDataFrame, a DataFrame, an array or what JSON can hold.
Values = dict[str, Any]


def digest(value: Any) -> str:
    """SHA-256 of a value's content: the same on every machine and in every run."""
    sums = hashlib.sha256()
    if isinstance(value, gpd.GeoDataFrame):
        sums.update(b"".join(shapely.to_wkb(np.asarray(value.geometry)).tolist()))
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
        sums.update(_bytes(table[column].to_numpy()))


def _bytes(values: Any) -> bytes:
    """Bytes that do not depend on the machine's order of bytes."""
    if values.dtype.kind in "iub":
        return bytes(values.astype("<i8").tobytes())
    if values.dtype.kind == "f":
        return bytes(values.astype("<f8").tobytes())
    return "\0".join(str(value) for value in values).encode()
