"""Hash of a city's content: equal for equal inputs, whatever the time, the place or the threads."""

import hashlib
import json
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely


def fingerprint(
    facts: dict[str, Any], tables: dict[str, gpd.GeoDataFrame], columns: dict[str, Any]
) -> str:
    """SHA-256 over facts, layers and cells, each by the order of its name.

    Parameters
    ----------
    facts
        What JSON can hold: layout version, recipe, provenance.
    tables
        Layers in the order of their ids.
    columns
        Arrays on the cells.
    """
    digest = hashlib.sha256()
    digest.update(json.dumps(facts, sort_keys=True, ensure_ascii=False).encode())
    for name in sorted(tables):
        digest.update(f"table {name} {len(tables[name])}".encode())
        digest.update(b"".join(shapely.to_wkb(np.asarray(tables[name].geometry)).tolist()))
        plain = pd.DataFrame(tables[name].drop(columns="geometry"))
        for column in sorted(plain.columns):
            digest.update(f"column {column}".encode())
            digest.update(_bytes(plain[column].to_numpy()))
    for name in sorted(columns):
        digest.update(f"cells {name}".encode())
        digest.update(_bytes(np.asarray(columns[name])))
    return digest.hexdigest()


def _bytes(values: Any) -> bytes:
    """Bytes that do not depend on the machine's order of bytes."""
    if values.dtype.kind in "iub":
        return bytes(values.astype("<i8").tobytes())
    if values.dtype.kind == "f":
        return bytes(values.astype("<f8").tobytes())
    return "\0".join(str(value) for value in values).encode()
