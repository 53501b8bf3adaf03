"""GeoParquet 1.1: one file a layer, with the box of every feature as covering."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely
from pyproj import CRS

from citytwin.errors import OutputError
from citytwin.export.files import File
from citytwin.export.selection import Selection, Table

_VERSION = "1.1.0"
_BOX = ("xmin", "ymin", "xmax", "ymax")
#: Names of geometry types in the order of their numbers in shapely.
_TYPES = (
    "Point",
    "LineString",
    "LinearRing",
    "Polygon",
    "MultiPoint",
    "MultiLineString",
    "MultiPolygon",
    "GeometryCollection",
)
#: Rows of a row group: few enough that a window of a city is read without the rest.
_GROUP = 50_000


def write_geoparquet(selection: Selection, folder: Path) -> list[File]:
    """Write each layer to ``geoparquet/<layer>.parquet``, along a Hilbert curve, with Zstandard."""
    (folder / "geoparquet").mkdir()
    return [_write(table, selection, folder) for table in selection.tables()]


def _write(table: Table, selection: Selection, folder: Path) -> File:
    path = folder / "geoparquet" / f"{table.name}.parquet"
    arrow = _arrow(table, _about(table, selection))
    pq.write_table(
        arrow, path, compression="zstd", compression_level=9, row_group_size=_GROUP, version="2.6"
    )
    if pq.read_metadata(path).num_rows != len(table.frame):
        raise OutputError(f"{path.name} lost features while it was written: export again")
    return File(
        path=f"geoparquet/{table.name}.parquet",
        format="geoparquet",
        media_type="application/vnd.apache.parquet",
        title=f"{table.name}: {table.description}",
        layers=(table.name,),
        rows=len(table.frame),
        columns=table.columns,
    )


def _arrow(table: Table, about: dict[str, Any]) -> pa.Table:
    """Columns with their descriptions, the geometry as WKB, the box of each feature."""
    geometry = np.asarray(table.frame.geometry)
    arrays, fields = [], []
    for name, column in table.columns.items():
        arrays.append(pa.array(table.frame[name], from_pandas=True))
        notes = {"description": column.description, "unit": column.unit}
        kept = {key: value for key, value in notes.items() if value}
        fields.append(pa.field(name, arrays[-1].type, metadata=kept or None))
    arrays += [pa.array(shapely.to_wkb(geometry).tolist(), pa.binary()), _boxes(geometry)]
    fields += [pa.field("geometry", pa.binary()), pa.field("bbox", arrays[-1].type)]
    metadata = {
        "geo": json.dumps(_geo(geometry), ensure_ascii=False),
        "citytwin": json.dumps(about, ensure_ascii=False),
    }
    return pa.table(arrays, schema=pa.schema(fields, metadata=metadata))


def _boxes(geometry: Any) -> pa.StructArray:
    """Box of each feature; null where there is no geometry."""
    bounds = shapely.bounds(geometry).reshape(-1, 4)
    return pa.StructArray.from_arrays(
        [pa.array(bounds[:, side]) for side in range(4)],
        fields=[pa.field(name, pa.float64(), nullable=False) for name in _BOX],
        mask=pa.array(np.isnan(bounds).any(axis=1)),
    )


def _geo(geometry: Any) -> dict[str, Any]:
    """The file metadata that make a Parquet file a GeoParquet file."""
    found = geometry[~(shapely.is_missing(geometry) | shapely.is_empty(geometry))]
    column: dict[str, Any] = {
        "encoding": "WKB",
        "geometry_types": sorted(_TYPES[kind] for kind in np.unique(shapely.get_type_id(found))),
        "crs": CRS("EPSG:4326").to_json_dict(),
        "orientation": "counterclockwise",
        "edges": "planar",
        "covering": {"bbox": {name: ["bbox", name] for name in _BOX}},
    }
    if len(found):
        column["bbox"] = shapely.total_bounds(found).tolist()
    return {"version": _VERSION, "primary_column": "geometry", "columns": {"geometry": column}}


def _about(table: Table, selection: Selection) -> dict[str, Any]:
    """What the layer is and where it comes from, for readers that look for it."""
    city = selection.city
    return {
        "city": city.name,
        "fingerprint": city.fingerprint,
        "layer": table.name,
        "description": table.description,
        "attribution": city.attribution,
        "licences": sorted({str(row["licence"]) for row in city.sources}),
        "columns": {
            name: {"description": column.description, "unit": column.unit}
            for name, column in table.columns.items()
        },
    }
