"""Any vector file: formats, mapping of columns, coordinate systems, and mistakes in the recipe."""

import json
import shutil
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from pydantic import ValidationError

from citytwin.errors import SourceError
from citytwin.sources.gcj02 import wgs84_to_gcj02
from citytwin.sources.mapped.geoparquet import near_groups
from citytwin.sources.vector_file import VectorFile

ROOT = Path("/")
SHARED = Path(__file__).parents[3] / "shared" / "data"
BOX = (24.93, 60.15, 24.97, 60.18)
FAR = (2.0, 48.0, 2.1, 48.1)

needs_astana = pytest.mark.skipif(
    not (SHARED / "astana").is_dir(), reason="../shared/data/astana is not there"
)
needs_tokyo = pytest.mark.skipif(
    not (SHARED / "tokyo-plateau").is_dir(), reason="../shared/data/tokyo-plateau is not there"
)


def source(path: Path, **changes: Any) -> VectorFile:
    settings: dict[str, Any] = {
        "path": path,
        "layer": "buildings",
        "licence": "CC0-1.0",
        "attribution": "x",
    }
    return VectorFile.model_validate(settings | changes)


def houses() -> gpd.GeoDataFrame:
    """Three houses in Helsinki and one in Paris, named in several scripts."""
    boxes = [shapely.box(24.94 + i / 500, 60.16, 24.941 + i / 500, 60.161) for i in range(3)]
    return gpd.GeoDataFrame(
        {
            "hoehe": [10.0, np.nan, 33.5],
            "text": ["12", "12 m", "3;4"],
            "art": ["house", None, "church"],
            "名前": ["塔", "Ελλάδα", "مسجد"],
        }
        | {name: [None, "yes", "no"] for name in ("flag", "other")},
        geometry=boxes,
        crs="EPSG:4326",
    )


def everywhere() -> gpd.GeoDataFrame:
    paris = houses().iloc[[0]].set_geometry([shapely.box(2.01, 48.01, 2.02, 48.02)], crs=4326)
    return pd.concat([houses(), paris], ignore_index=True)


def written(folder: Path, ending: str, table: gpd.GeoDataFrame) -> Path:
    path = folder / f"houses{ending}"
    if ending == ".parquet":
        table.to_parquet(path)
    elif ending == ".covering.parquet":
        table.to_parquet(path, write_covering_bbox=True, schema_version="1.1.0")
    elif ending == ".zip":
        inner = folder / "inner"
        inner.mkdir()
        table.to_file(inner / "houses.shp", encoding="utf-8")
        shutil.make_archive(str(path.with_suffix("")), "zip", inner)
    else:
        drivers = {".kml": "KML", ".gml": "GML", ".fgb": "FlatGeobuf"}
        table.to_file(path, driver=drivers.get(ending))
    return path


COLUMNS = {"height": "hoehe", "kind": "art", "name": "名前"}
FORMATS = (".gpkg", ".fgb", ".shp", ".zip", ".geojson", ".gml", ".kml", ".parquet")


@pytest.mark.filterwarnings("ignore:Non-conformant content:RuntimeWarning")
@pytest.mark.parametrize("ending", [*FORMATS, ".covering.parquet"])
def test_every_format_gives_the_same(ending: str, tmp_path: Path) -> None:
    path = written(tmp_path, ending, everywhere())
    before = sorted(path.name for path in tmp_path.rglob("*"))
    reading = source(path, columns=COLUMNS).read(ROOT, BOX)
    table = reading.layers["buildings"].sort_values("name").reset_index(drop=True)
    want = houses().sort_values("名前").reset_index(drop=True)
    assert table["name"].tolist() == want["名前"].tolist()
    assert table["height"].tolist() == pytest.approx(want["hoehe"].tolist(), nan_ok=True)
    assert table["kind"].tolist() == want["art"].fillna("").tolist()
    assert table.crs == "EPSG:4326"
    assert shapely.area(table.geometry.values).sum() == pytest.approx(3e-6, rel=1e-6)
    assert sorted(path.name for path in tmp_path.rglob("*")) == before


@pytest.mark.parametrize("ending", [".gpkg", ".parquet", ".covering.parquet"])
def test_a_projected_file_is_filtered_in_its_own_system(ending: str, tmp_path: Path) -> None:
    path = written(tmp_path, ending, houses().to_crs("EPSG:3067"))
    table = source(path, columns=COLUMNS).read(ROOT, BOX).layers["buildings"]
    assert len(table) == 3
    assert table.total_bounds == pytest.approx(houses().total_bounds, abs=1e-8)
    few = source(path).read(ROOT, (24.939, 60.159, 24.9415, 60.162))
    assert len(few.layers["buildings"]) == 1


def test_only_groups_of_rows_near_the_box_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    settings = {"write_covering_bbox": True, "schema_version": "1.1.0", "row_group_size": 1}
    everywhere().to_parquet(path, **settings)
    covering = {side: ["bbox", side] for side in ("xmin", "ymin", "xmax", "ymax")}
    assert near_groups(path, covering, BOX) == [0, 1, 2]
    assert near_groups(path, covering, (24.9, 60.1, 24.9405, 60.2)) == [0]
    assert near_groups(path, covering, FAR) == [3]
    assert near_groups(path, None, FAR) is None
    columns = {"name": "名前"}
    assert len(source(path, columns=columns).read(ROOT, FAR).layers["buildings"]) == 1


def test_plain_parquet_with_wkb(tmp_path: Path) -> None:
    plain = pd.DataFrame(houses().drop(columns="geometry"))
    plain["geom"] = houses().geometry.to_wkb()
    path = tmp_path / "plain.parquet"
    plain.to_parquet(path)
    with pytest.raises(SourceError, match='add crs = "EPSG:…"'):
        source(path).read(ROOT, BOX)
    table = source(path, crs="EPSG:4326", columns=COLUMNS).read(ROOT, BOX).layers["buildings"]
    assert table["name"].tolist() == houses()["名前"].tolist()
    plain.rename(columns={"geom": "shape"}).to_parquet(path)
    with pytest.raises(SourceError, match="does not say which column is its geometry"):
        source(path, crs="EPSG:4326").read(ROOT, BOX)
    assert len(source(path, crs="EPSG:4326", table="shape").read(ROOT, BOX).layers["buildings"])


def test_chinese_coordinates_declared_in_the_recipe(tmp_path: Path) -> None:
    house = shapely.box(121.470, 31.230, 121.471, 31.231)
    shifted = shapely.transform(house, wgs84_to_gcj02)
    path = tmp_path / "a.geojson"
    gpd.GeoDataFrame(geometry=[shifted], crs=4326).to_file(path)
    tight = (121.4699, 31.2299, 121.4711, 31.2311)
    read = source(path, crs="GCJ-02").read(ROOT, tight).layers["buildings"].geometry.iloc[0]
    assert shapely.hausdorff_distance(read, house) < 1e-7


def test_numbers_words_factors_and_constants(tmp_path: Path) -> None:
    path = written(tmp_path, ".gpkg", houses())
    reading = source(
        path,
        columns={"height": ["hoehe", "text"], "kind": "art", "levels": "text"},
        values={"kind": {"church": "sacred", "": "unknown", "*": "other"}},
        factors={"height": 0.5},
        constants={"material": "brick", "levels": 2.0},
    ).read(ROOT, BOX)
    table = reading.layers["buildings"]
    assert table["height"].tolist() == pytest.approx([5.0, np.nan, 16.75], nan_ok=True)
    assert table["levels"].tolist() == [12.0, 2.0, 2.0]
    assert table["kind"].tolist() == ["other", "unknown", "sacred"]
    assert set(table["material"]) == {"brick"}
    assert [
        remark for remark in reading.remarks if "2 values for 'levels' are no numbers" in remark
    ]


def test_numbers_as_people_tag_them(tmp_path: Path) -> None:
    path = written(tmp_path, ".gpkg", houses())
    columns = {"height": "text", "levels": "text"}
    table = source(path, columns=columns, parse="osm").read(ROOT, BOX).layers["buildings"]
    assert table["height"].tolist() == pytest.approx([12.0, 12.0, 4.0])
    assert table["levels"].tolist() == pytest.approx([12.0, np.nan, 4.0], nan_ok=True)


def test_rows_to_keep_and_to_leave_out(tmp_path: Path) -> None:
    path = written(tmp_path, ".gpkg", houses())

    def names(**changes: Any) -> list[str]:
        columns = {"name": "名前"}
        layer = source(path, columns=columns, **changes).read(ROOT, BOX).layers["buildings"]
        return sorted(layer["name"])

    assert names(where={"art": ["church", "mill"]}) == ["مسجد"]
    assert names(where={"art": ["*"]}) == sorted(["塔", "مسجد"])
    assert names(where_not={"art": ["*"]}) == ["Ελλάδα"]
    assert names(where={"art": ["*"]}, where_not={"art": ["house"]}) == ["مسجد"]
    reading = source(path, where={"art": ["mill"]}).read(ROOT, BOX)
    assert reading.remarks == [
        f"'where' in the recipe keeps nothing that the file {path} has in the box"
    ]


def test_flags_become_words(tmp_path: Path) -> None:
    path = written(tmp_path, ".gpkg", houses())
    flags = {"hazards": {"flood": "flag", "fire": "other"}}
    layer = source(path, layer="shelters", flags=flags).read(ROOT, BOX).layers["shelters"]
    assert layer["hazards"].tolist() == ["", "flood,fire", ""]


def test_streets(tmp_path: Path) -> None:
    lines = [shapely.LineString([(24.94, 60.16), (24.95, y)]) for y in (60.16, 60.17, 60.175)]
    raw = gpd.GeoDataFrame(
        {
            "highway": ["residential", "footway", "primary"],
            "oneway": ["yes", "-1", None],
            "bridge": ["viaduct", "no", None],
            "tunnel": [None, "yes", None],
            "maxspeed": ["50", "30 mph", "signals"],
        },
        geometry=lines,
        crs=4326,
    )
    path = written(tmp_path, ".gpkg", raw)
    settings: dict[str, Any] = {
        "layer": "roads",
        "columns": {"class": "highway", "oneway": "oneway", "speed_limit": "maxspeed"},
        "values": {"class": {"primary": "primary", "footway": "path", "*": "street"}},
        "flags": {"structure": {"bridge": "bridge", "tunnel": "tunnel"}},
        "constants": {"structure": "none"},
        "parse": "osm",
    }
    table = source(path, **settings).read(ROOT, BOX).layers["roads"]
    assert table["class"].tolist() == ["street", "path", "primary"]
    assert table["structure"].tolist() == ["bridge", "tunnel", "none"]
    assert table["oneway"].tolist() == [True, True, False]
    assert shapely.equals(table.geometry.iloc[1], shapely.reverse(lines[1]))
    assert table.geometry.iloc[1].coords[0] == lines[1].coords[-1]
    speeds = [50 / 3.6, 30 * 0.44704, np.nan]
    assert table["speed_limit"].tolist() == pytest.approx(speeds, nan_ok=True)
    with pytest.raises(SourceError, match="roads of class 'footway', 'residential', which is none"):
        source(path, layer="roads", columns={"class": "highway"}).read(ROOT, BOX)


def test_streets_are_cut_where_they_meet(tmp_path: Path) -> None:
    east = shapely.LineString([(24.94, 60.16), (24.95, 60.16), (24.96, 60.16)])
    north = shapely.LineString([(24.95, 60.16), (24.95, 60.17)])
    bridge = shapely.LineString([(24.945, 60.155), (24.945, 60.165)])
    pair = shapely.MultiLineString(
        [[(24.94, 60.17), (24.95, 60.17)], [(24.96, 60.17), (24.97, 60.17)]]
    )
    raw = gpd.GeoDataFrame(
        {"n": list("enbpx"), "bridge": ["no", "no", "yes", "no", "no"]},
        geometry=[east, north, bridge, pair, None],
        crs=4326,
    )
    raw.to_parquet(tmp_path / "a.parquet")
    settings: dict[str, Any] = {
        "layer": "roads",
        "columns": {"name": "n"},
        "flags": {"structure": {"bridge": "bridge"}},
        "constants": {"structure": "none"},
    }
    table = source(tmp_path / "a.parquet", **settings).read(ROOT, BOX).layers["roads"]
    assert table["name"].tolist() == list("eenbppx")
    ends = [line.coords[-1] for line in table.geometry[:3]]
    assert ends == [(24.95, 60.16), (24.96, 60.16), (24.95, 60.17)]
    whole = source(tmp_path / "a.parquet", split_crossings=False, **settings).read(ROOT, BOX)
    assert len(whole.layers["roads"]) == 5


def test_areas_become_points_in_a_layer_of_points(tmp_path: Path) -> None:
    ring = shapely.Polygon([(24.94, 60.16), (24.95, 60.16), (24.95, 60.17), (24.949, 60.161)])
    path = written(tmp_path, ".gpkg", gpd.GeoDataFrame({"a": ["x"]}, geometry=[ring], crs=4326))
    table = source(path, layer="pois", columns={"kind": "a"}).read(ROOT, BOX).layers["pois"]
    assert table.geom_type.tolist() == ["Point"]
    assert shapely.contains(ring, table.geometry.iloc[0])


def test_pieces_with_one_id_become_one(tmp_path: Path) -> None:
    left, right = shapely.box(24.94, 60.16, 24.945, 60.17), shapely.box(24.945, 60.16, 24.95, 60.17)
    raw = gpd.GeoDataFrame(
        {"kind": ["way", "way", "node"], "id": [7, 7, 7]}, geometry=[left, right, left], crs=4326
    )
    path = written(tmp_path, ".gpkg", raw)
    columns = {"source_id": ["kind", "id"]}
    table = source(path, columns=columns, join_pieces=True).read(ROOT, BOX).layers["buildings"]
    assert table["source_id"].tolist() == ["way/7", "node/7"]
    assert shapely.equals(table.geometry.iloc[0], shapely.box(24.94, 60.16, 24.95, 60.17))


def test_several_files_by_a_pattern(tmp_path: Path) -> None:
    for number, table in enumerate((houses().iloc[:2], houses().iloc[2:])):
        table.to_file(tmp_path / f"ward{number}.gpkg")
    files = source(tmp_path / "ward*.gpkg").files(ROOT)
    assert [path.name for path in files] == ["ward0.gpkg", "ward1.gpkg"]
    table = source(tmp_path / "ward*.gpkg").read(ROOT, BOX).layers["buildings"]
    assert table["source_id"].tolist() == [
        "row 1 of ward0.gpkg",
        "row 2 of ward0.gpkg",
        "row 1 of ward1.gpkg",
    ]
    missing = source(tmp_path / "district*.gpkg")
    assert missing.files(ROOT) == [tmp_path / "district*.gpkg"]
    with pytest.raises(SourceError, match=r"district\*.gpkg does not exist"):
        missing.read(ROOT, BOX)


def test_a_shapefile_is_all_its_files(tmp_path: Path) -> None:
    path = written(tmp_path, ".shp", houses())
    names = {path.suffix for path in source(path).files(ROOT)}
    assert names == {".shp", ".shx", ".dbf", ".prj", ".cpg"}


def test_an_old_shapefile_in_another_encoding(tmp_path: Path) -> None:
    table = houses()[["名前", "geometry"]].iloc[:1].rename(columns={"名前": "name"})
    table.to_file(tmp_path / "a.shp", encoding="gb18030")
    (tmp_path / "a.cpg").unlink()
    columns = {"name": "name"}
    path = tmp_path / "a.shp"
    read = source(path, columns=columns, encoding="gb18030").read(ROOT, BOX).layers["buildings"]
    assert read["name"].tolist() == ["塔"]


def test_missing_empty_and_deep_geometries_are_left_to_the_build(tmp_path: Path) -> None:
    deep = shapely.Polygon([(24.94, 60.16, 5.0), (24.95, 60.16, 6.0), (24.95, 60.17, 7.0)])
    bow = shapely.Polygon([(24.94, 60.16), (24.95, 60.17), (24.95, 60.16), (24.94, 60.17)])
    raw = gpd.GeoDataFrame(
        {"n": list("abcd")}, geometry=[deep, None, shapely.Polygon(), bow], crs=4326
    )
    path = tmp_path / "a.parquet"
    raw.to_parquet(path)
    table = source(path, columns={"name": "n"}).read(ROOT, BOX).layers["buildings"]
    assert table["name"].tolist() == list("abcd")


def test_why_nothing_came(tmp_path: Path) -> None:
    path = written(tmp_path, ".gpkg", houses())
    reading = source(path).read(ROOT, FAR)
    assert reading.layers["buildings"].empty
    assert reading.remarks == [f"nothing of the file {path} lies in the box of the city"]
    swapped = shapely.transform(houses().geometry.values, lambda points: points[:, ::-1])
    written(tmp_path, ".gpkg", houses().set_geometry(swapped, crs=4326))
    with pytest.raises(SourceError, match="wrong way round"):
        source(path).read(ROOT, BOX)
    written(tmp_path, ".gpkg", houses().to_crs(3067).set_crs(4326, allow_override=True))
    with pytest.raises(SourceError, match="no degrees of EPSG:4326"):
        source(path).read(ROOT, BOX)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"columns": {"height": "hohe"}}, r"no column 'hohe', which 'columns.height'.*'hoehe'"),
        ({"where": {"Art": ["x"]}}, "no column 'Art', which 'where' in the recipe names"),
        ({"table": "roofs"}, "has no table 'roofs': 'table' in the recipe must be one of houses"),
        ({"crs": "EPSG:99"}, "'EPSG:99' of the file .* is not known"),
    ],
)
def test_mistakes_against_the_file(changes: Any, words: str, tmp_path: Path) -> None:
    path = written(tmp_path, ".gpkg", houses())
    with pytest.raises(SourceError, match=words):
        source(path, **changes).read(ROOT, BOX)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"layer": "building"}, "there is no layer 'building': did you mean 'buildings'"),
        ({"columns": {"heigth": "h"}}, "'heigth', which the layer buildings does not have: did"),
        ({"constants": {"height": "high"}}, "'high' for 'height' is no number"),
        ({"values": {"kind": {"a": "b"}}}, "'values' names 'kind', which 'columns' does not"),
        ({"factors": {"kind": 2.0}}, "'factors' names 'kind', which is no number"),
        ({"flags": {"height": {"a": "b"}}}, "'flags' names 'height', which is no text"),
        ({"join_pieces": True}, "'join_pieces' needs 'columns.source_id'"),
        ({"parse": "words"}, "Input should be 'plain' or 'osm'"),
    ],
)
def test_mistakes_in_the_recipe(changes: Any, words: str, tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match=words):
        source(tmp_path, **changes)


def test_several_tables_and_none(tmp_path: Path) -> None:
    path = tmp_path / "two.gpkg"
    houses().to_file(path, layer="one")
    houses().to_file(path, layer="two")
    with pytest.raises(SourceError, match="several tables: choose one of one, two"):
        source(path).read(ROOT, BOX)
    assert len(source(path, table="two").read(ROOT, BOX).layers["buildings"]) == 3
    bare = tmp_path / "bare.gpkg"
    pyogrio.write_dataframe(pd.DataFrame({"a": [1]}), bare)
    with pytest.raises(SourceError, match="no table with geometry"):
        source(bare).read(ROOT, BOX)


def test_broken_and_missing_files(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="does not exist: check 'path'"):
        source(tmp_path / "a.gpkg").read(ROOT, BOX)
    for ending in (".gpkg", ".parquet", ".geojson", ".shp"):
        path = tmp_path / f"b{ending}"
        path.write_bytes(b"not a map")
        with pytest.raises(SourceError, match="cannot be read: it is cut short, broken"):
            source(path).read(ROOT, BOX)
    bare = tmp_path / "c.geojson"
    bare.write_text(json.dumps({"type": "FeatureCollection", "features": []}), encoding="utf-8")
    assert source(bare).read(ROOT, BOX).layers["buildings"].empty


@needs_astana
def test_astana_from_the_tiles_of_2017() -> None:
    box = (71.2, 51.0, 71.7, 51.3)
    reading = source(
        SHARED / "astana" / "buildings.parquet",
        columns={
            "source_id": ["@type", "@id"],
            "height": "height",
            "levels": "building:levels",
            "kind": ["amenity", "building"],
            "name": "name",
        },
        values={"kind": {"yes": "building"}},
        join_pieces=True,
        parse="osm",
    ).read(ROOT, box)
    table = reading.layers["buildings"]
    assert len(table) == 32_056
    assert table["source_id"].is_unique
    assert table["levels"].notna().mean() == pytest.approx(0.63, abs=0.01)
    facilities = source(
        SHARED / "astana" / "pois.parquet",
        layer="facilities",
        columns={"class": "amenity", "name": "name", "source_id": ["@type", "@id"]},
        where={"amenity": ["hospital", "fire_station", "police"]},
        join_pieces=True,
    ).read(ROOT, box)
    count = facilities.layers["facilities"]["class"].value_counts().to_dict()
    assert count == {"hospital": 33, "police": 14, "fire_station": 2}


@needs_tokyo
def test_tokyo_with_measured_heights() -> None:
    path = SHARED / "tokyo-plateau" / "tokyo_central_buildings.parquet"
    columns = {"source_id": "building_id", "height": "height_m"}
    table = source(path, columns=columns).read(ROOT, (139.6, 35.5, 139.9, 35.8)).layers["buildings"]
    assert len(table) == 57_841
    assert table["height"].isna().sum() == 1
    assert table["source_id"].is_unique
