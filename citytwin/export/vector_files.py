"""GeoPackage and FlatGeobuf, written by GDAL."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import shapely

from citytwin.city.schema import LAYERS, POINT, POLYGON
from citytwin.errors import OutputError
from citytwin.export.columns import CELLS
from citytwin.export.dates import content_dates
from citytwin.export.files import File
from citytwin.export.selection import Selection, Table

_KINDS = ("MultiPoint", "MultiLineString", "MultiPolygon")


def write_geopackage(selection: Selection, folder: Path) -> list[File]:
    """Write all layers to ``geopackage/layers.gpkg``.

    The file states when it was changed; that is set to the date of the city, so that the same city
    gives the same bytes.
    """
    (folder / "geopackage").mkdir()
    path = folder / "geopackage" / "layers.gpkg"
    tables = selection.tables()
    with _dated(selection):
        for table in tables:
            options = {"IDENTIFIER": table.name, "DESCRIPTION": table.description}
            _write(table, path, "GPKG", layer=table.name, layer_options=options)
    return [
        File(
            path="geopackage/layers.gpkg",
            format="gpkg",
            media_type="application/geopackage+sqlite3",
            title="all layers in one GeoPackage",
            layers=tuple(table.name for table in tables),
            rows=sum(len(table.frame) for table in tables),
        )
    ]


def write_flatgeobuf(selection: Selection, folder: Path) -> list[File]:
    """Write each layer to ``flatgeobuf/<layer>.fgb``."""
    (folder / "flatgeobuf").mkdir()
    return [_flatgeobuf(table, folder) for table in selection.tables()]


def _flatgeobuf(table: Table, folder: Path) -> File:
    path = f"flatgeobuf/{table.name}.fgb"
    options = {"TITLE": table.name, "DESCRIPTION": table.description}
    _write(table, folder / path, "FlatGeobuf", layer=table.name, layer_options=options)
    return File(
        path=path,
        format="flatgeobuf",
        media_type="application/vnd.flatgeobuf",
        title=f"{table.name}: {table.description}",
        layers=(table.name,),
        rows=len(table.frame),
        columns=table.columns,
    )


def _write(
    table: Table, path: Path, driver: str, *, layer: str, layer_options: dict[str, str]
) -> None:
    """Write one layer as multi-geometries of one dimension, then count what arrived."""
    frame, kind = _of_one_kind(table)
    pyogrio.write_dataframe(
        frame,
        path,
        layer=layer,
        driver=driver,
        geometry_type=kind,
        promote_to_multi=True,
        layer_options=layer_options,
    )
    if int(pyogrio.read_info(path, layer=layer, force_feature_count=True)["features"]) != len(
        frame
    ):
        raise OutputError(f"{path.name} lost features while it was written: export again")


def _of_one_kind(table: Table) -> tuple[gpd.GeoDataFrame, str]:
    """The table, and the geometry type that holds all its features."""
    geometry = np.asarray(table.frame.geometry)
    dimensions = set(shapely.get_dimensions(geometry).tolist()) - {-1}
    mixed = bool((shapely.get_type_id(geometry) == shapely.GeometryType.GEOMETRYCOLLECTION).any())
    if table.name == CELLS:
        dimension = POLYGON
    elif table.name in LAYERS:
        dimension = LAYERS[table.name].dimension
    else:
        dimension = min(dimensions, default=POINT)
    return table.frame, _KINDS[dimension] if dimensions <= {dimension} and not mixed else "Unknown"


@contextmanager
def _dated(selection: Selection) -> Iterator[None]:
    """Make GDAL write the city's date where a file states when it was changed."""
    option = "OGR_CURRENT_DATE"
    before = pyogrio.get_gdal_config_option(option)
    last = content_dates(selection.city).last
    pyogrio.set_gdal_config_options({option: last.strftime("%Y-%m-%dT%H:%M:%S.000Z")})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({option: before})
