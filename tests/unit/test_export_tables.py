"""Exported layers as other programs read them: GeoParquet, GeoPackage, FlatGeobuf."""

import json
import shutil
from pathlib import Path

import geopandas as gpd
import h3
import numpy as np
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely

from citytwin.city import City
from citytwin.city.schema import LAYERS
from citytwin.city.store import connect_new
from citytwin.export import FORMATS, Exported, export
from citytwin.export.columns import describe_columns
from citytwin.export.writers import WRITERS
from citytwin.variables import VARIABLES


@pytest.fixture(scope="module")
def exported(city: City, tmp_path_factory: pytest.TempPathFactory) -> Exported:
    folder = tmp_path_factory.mktemp("tables") / "out"
    return export(city, folder, formats=("geoparquet", "gpkg", "flatgeobuf"), least_people=0)


def by_id(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    key = "id" if "id" in frame else "h3"
    return frame.sort_values(key).reset_index(drop=True)


def test_every_format_has_a_writer() -> None:
    assert list(FORMATS) == list(WRITERS)


def test_files_are_those_on_disk(exported: Exported, city: City) -> None:
    for name in (*city.tables, "cells"):
        for path in (f"geoparquet/{name}.parquet", f"flatgeobuf/{name}.fgb"):
            file = next(file for file in exported.files if file.path == path)
            assert (exported.folder / path).stat().st_size == file.size
    assert len(exported.files) == 2 * (len(city.tables) + 1) + 1


@pytest.mark.parametrize("name", ["buildings", "roads", "water", "peaks"])
def test_geoparquet_holds_what_the_city_holds(exported: Exported, city: City, name: str) -> None:
    read = by_id(gpd.read_parquet(exported.folder / "geoparquet" / f"{name}.parquet"))
    table = city.table(name)
    assert read.crs.to_epsg() == 4326
    assert list(read.columns) == list(table.columns)
    expected = np.asarray(table.geometry)
    assert shapely.equals(np.asarray(read.geometry), expected).all()
    for column in table.columns.drop("geometry"):
        values, wanted = read[column], table[column]
        if wanted.dtype.kind == "f":
            np.testing.assert_array_equal(values.astype(float), wanted)
        else:
            assert values.astype(wanted.dtype).tolist() == wanted.tolist(), column


def test_cells_are_the_hexagons_with_all_variables(exported: Exported, city: City) -> None:
    read = gpd.read_parquet(exported.folder / "geoparquet" / "cells.parquet")
    read = read.set_index("h3").loc[[format(int(cell), "x") for cell in city.grid.cells]]
    for name in city.layers:
        np.testing.assert_array_equal(read[name].astype(float), city.layers[name])
    np.testing.assert_array_equal(read["area"], city.grid.area)
    sample = read.iloc[::97]
    for cell, shape in zip(sample.index, sample.geometry, strict=True):
        ring = shapely.Polygon([point[::-1] for point in h3.cell_to_boundary(cell)])
        assert shapely.equals_exact(shape.normalize(), ring.normalize(), 1e-9)


def test_geoparquet_metadata(exported: Exported) -> None:
    path = exported.folder / "geoparquet" / "buildings.parquet"
    metadata = pq.read_metadata(path)
    geo = json.loads(metadata.metadata[b"geo"])
    column = geo["columns"]["geometry"]
    assert geo["version"] == "1.1.0"
    assert geo["primary_column"] == "geometry"
    assert column["encoding"] == "WKB"
    assert column["geometry_types"] == ["Polygon"]
    assert column["crs"]["id"] == {"authority": "EPSG", "code": 4326}
    sides = ("xmin", "ymin", "xmax", "ymax")
    assert column["covering"] == {"bbox": {side: ["bbox", side] for side in sides}}
    frame = gpd.read_parquet(path)
    assert column["bbox"] == frame.total_bounds.tolist()
    boxes = pq.read_table(path, columns=["bbox"]).flatten().to_pandas()
    np.testing.assert_array_equal(boxes[[f"bbox.{side}" for side in sides]], frame.geometry.bounds)
    chunk = metadata.row_group(0).column(0)
    assert chunk.compression == "ZSTD"
    assert shapely.is_ccw(frame.geometry.exterior).all()


def test_columns_say_what_they_are(exported: Exported) -> None:
    schema = pq.read_schema(exported.folder / "geoparquet" / "cells.parquet")
    field = schema.field("ground_elevation")
    assert field.metadata[b"description"].decode() == VARIABLES["ground_elevation"].description
    assert field.metadata[b"unit"] == b"m"
    about = json.loads(schema.metadata[b"citytwin"])
    assert about["columns"]["people"]["description"] == VARIABLES["people"].description
    assert "OpenStreetMap" in about["attribution"]
    schema = pq.read_schema(exported.folder / "geoparquet" / "buildings.parquet")
    assert schema.field("height").metadata[b"unit"] == b"m"
    assert "above the ground" in schema.field("height").metadata[b"description"].decode()


def test_every_column_of_the_city_is_described(city: City) -> None:
    for name in city.tables:
        columns = [column for column in city.table(name).columns if column != "geometry"]
        missing = [
            c for c, about in describe_columns(name, columns).items() if not about.description
        ]
        assert missing == [], name


def test_neighbours_in_the_file_are_neighbours_in_the_city(exported: Exported, city: City) -> None:
    """Along a Hilbert curve the steps are far shorter than in a random order."""
    frame = gpd.read_parquet(exported.folder / "geoparquet" / "buildings.parquet")
    points = shapely.get_coordinates(shapely.centroid(np.asarray(frame.geometry)))

    def steps(order: np.ndarray) -> float:
        return float(np.abs(np.diff(points[order], axis=0)).sum())

    shuffled = np.random.default_rng(0).permutation(len(points))
    assert steps(np.arange(len(points))) < 0.1 * steps(shuffled)


def test_duckdb_reads_geoparquet_by_its_covering(exported: Exported, city: City) -> None:
    path = exported.folder / "geoparquet" / "buildings.parquet"
    frame = city.table("buildings")
    west, south, east, north = frame.total_bounds
    x, y = (west + east) / 2, (south + north) / 2
    connection = connect_new(None)
    found = connection.execute(
        f"SELECT count(*), sum(ST_Area(geometry)), min(ST_XMin(geometry)) FROM '{path}' "
        f"WHERE bbox.xmin <= {x} AND bbox.ymin <= {y}"
    ).fetchone()
    connection.close()
    bounds = frame.geometry.bounds
    wanted = frame[(bounds.minx <= x) & (bounds.miny <= y)]
    assert found[0] == len(wanted) > 0
    assert found[1] == pytest.approx(shapely.area(np.asarray(wanted.geometry)).sum(), rel=1e-9)


@pytest.mark.parametrize("name", ["buildings", "roads", "places", "cells"])
def test_geopackage_and_flatgeobuf_hold_the_same(exported: Exported, name: str) -> None:
    whole = by_id(gpd.read_parquet(exported.folder / "geoparquet" / f"{name}.parquet"))
    for path, layer in (
        (exported.folder / "geopackage" / "layers.gpkg", name),
        (exported.folder / "flatgeobuf" / f"{name}.fgb", None),
    ):
        read = by_id(pyogrio.read_dataframe(path, layer=layer))
        assert read.crs.to_epsg() == 4326
        assert set(read.columns) == set(whole.columns)
        assert shapely.equals(np.asarray(read.geometry), np.asarray(whole.geometry)).all()
        for column in read.columns.drop("geometry"):
            if read[column].dtype.kind == "f":
                np.testing.assert_array_equal(read[column], whole[column].astype(float))
            else:
                assert read[column].tolist() == whole[column].tolist(), column


def test_geopackage_says_what_its_layers_are(exported: Exported, city: City) -> None:
    path = exported.folder / "geopackage" / "layers.gpkg"
    layers = pyogrio.list_layers(path)
    assert sorted(layers[:, 0]) == sorted([*city.tables, "cells"])
    info = pyogrio.read_info(path, layer="buildings")
    assert info["geometry_type"] == "MultiPolygon"
    assert info["layer_metadata"]["DESCRIPTION"] == LAYERS["buildings"].description


def changed(file: Path, folder: Path, *statements: str) -> Path:
    """Copy of a city file after SQL statements."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "city.duckdb"
    shutil.copy(file, path)
    connection = connect_new(path)
    try:
        for statement in statements:
            connection.execute(statement)
    finally:
        connection.close()
    return path


def test_empty_layers_are_written_empty(tile_file: Path, tmp_path: Path) -> None:
    path = changed(tile_file, tmp_path, "DELETE FROM roads", "DELETE FROM pois")
    with City.open(path) as opened:
        done = export(
            opened,
            tmp_path / "out",
            formats=("geoparquet", "gpkg", "flatgeobuf"),
            layers=("roads", "pois"),
        )
    for name in ("roads", "pois"):
        frame = gpd.read_parquet(done.folder / "geoparquet" / f"{name}.parquet")
        assert (len(frame), "name" in frame) == (0, True)
        info = pyogrio.read_info(done.folder / "geopackage" / "layers.gpkg", layer=name)
        assert info["features"] == 0
        assert len(pyogrio.read_dataframe(done.folder / "flatgeobuf" / f"{name}.fgb")) == 0


def test_names_in_any_script(tile_file: Path, tmp_path: Path) -> None:
    names = ["上海市 虹口区", "Ελλάδα", "مدينة", "Ðiện Biên 🏠", "line\nbreak", "quote ' \" \\"]
    rows = ", ".join(
        "(" + str(number) + ", '" + name.replace("'", "''") + "')"
        for number, name in enumerate(names, 1)
    )
    path = changed(
        tile_file,
        tmp_path,
        f"CREATE TABLE given AS SELECT * FROM (VALUES {rows}) AS t(id, name)",
        "UPDATE roads SET name = given.name FROM given WHERE roads.id = given.id",
    )
    with City.open(path) as opened:
        done = export(
            opened,
            tmp_path / "out",
            formats=("geoparquet", "gpkg", "flatgeobuf"),
            layers=("roads",),
        )
    read = [
        gpd.read_parquet(done.folder / "geoparquet" / "roads.parquet"),
        pyogrio.read_dataframe(done.folder / "geopackage" / "layers.gpkg", layer="roads"),
        pyogrio.read_dataframe(done.folder / "flatgeobuf" / "roads.fgb"),
    ]
    for frame in read:
        assert by_id(frame)["name"].tolist()[: len(names)] == names


def test_unknown_numbers_are_null(tile_file: Path, tmp_path: Path) -> None:
    path = changed(tile_file, tmp_path, "UPDATE buildings SET min_height = 'nan' WHERE id % 2 = 0")
    with City.open(path) as opened:
        done = export(opened, tmp_path / "out", layers=("buildings",))
        count = len(opened.table("buildings"))
        given = int(opened.table("buildings")["min_height"].notna().sum())
    column = pq.read_table(done.folder / "geoparquet" / "buildings.parquet")["min_height"]
    assert column.null_count == count - given >= count // 2
    assert not np.isnan(column.drop_null().to_numpy()).any()
