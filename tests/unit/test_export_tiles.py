"""Exported vector tiles against the tables that they were cut from."""

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h3
import mapbox_vector_tile
import numpy as np
import pytest
import shapely
from pmtiles.reader import MmapSource, Reader, all_tiles
from pmtiles.tile import Compression, TileType

from citytwin.city import City
from citytwin.errors import InputError
from citytwin.export import Exported, export
from citytwin.export.coarse_cells import coarse_cells, parents
from citytwin.export.tiles import HALF, first_zooms
from citytwin.variables import VARIABLES
from tests.unit.test_export_tables import changed

Tiles = dict[tuple[int, int, int], dict[str, Any]]


@pytest.fixture(scope="module")
def exported(city: City, tmp_path_factory: pytest.TempPathFactory) -> Exported:
    return export(city, tmp_path_factory.mktemp("tiles") / "out", formats=("pmtiles",))


@pytest.fixture(scope="module")
def reader(exported: Exported) -> Iterator[Reader]:
    with (exported.folder / "pmtiles" / "map.pmtiles").open("rb") as stream:
        yield Reader(MmapSource(stream))


@pytest.fixture(scope="module")
def tiles(reader: Reader) -> Tiles:
    return {
        place: mapbox_vector_tile.decode(gzip.decompress(content))
        for place, content in all_tiles(reader.get_bytes)
    }


def at_zoom(tiles: Tiles, zoom: int, layer: str) -> Iterator[tuple[int, int, dict[str, Any]]]:
    for (z, x, y), content in tiles.items():
        if z == zoom and layer in content:
            yield from ((x, y, feature) for feature in content[layer]["features"])


def test_header_and_metadata(reader: Reader, city: City) -> None:
    header, metadata = reader.header(), reader.metadata()
    assert (header["min_zoom"], header["max_zoom"]) == (10, 15)
    assert header["tile_type"] == TileType.MVT
    assert header["tile_compression"] == Compression.GZIP
    assert header["clustered"]
    box = [header[side] / 1e7 for side in ("min_lon_e7", "min_lat_e7", "max_lon_e7", "max_lat_e7")]
    assert box == pytest.approx(city.bounds, abs=1e-7)
    assert metadata["attribution"] == city.attribution
    layers = {layer["id"]: layer for layer in metadata["vector_layers"]}
    assert sorted(layers) == ["buildings", "cells", "landuse", "roads", "water"]
    assert layers["buildings"]["fields"]["height"] == "Number"
    assert layers["roads"]["fields"]["oneway"] == "Boolean"
    assert layers["roads"]["fields"]["name"] == "String"


def test_the_highest_zoom_has_every_feature(tiles: Tiles, city: City) -> None:
    """All but those that are smaller than a step of a tile, 0.3 m on the map."""
    step = 2.0 * HALF / 2**15 / 4096
    for layer in ("buildings", "roads", "water", "landuse"):
        seen = {feature["id"] for _, _, feature in at_zoom(tiles, 15, layer)}
        flat = city.table(layer).to_crs(3857).set_index("id")
        missing = flat.geometry.loc[sorted(set(flat.index) - seen)]
        assert (np.ptp(missing.bounds.to_numpy().reshape(-1, 2, 2), axis=1) < step).all()
        assert len(missing) < 0.01 * len(flat)
    seen = {feature["properties"]["h3"] for _, _, feature in at_zoom(tiles, 15, "cells")}
    assert seen == {format(int(cell), "x") for cell in city.grid.cells}


def test_features_are_those_of_the_table(tiles: Tiles, city: City) -> None:
    """Parts of a feature in its tiles: no larger than it, together its area, with its values."""
    frame = city.table("buildings").set_index("id")
    flat = frame.to_crs(3857)
    side = 2.0 * HALF / 2**15
    step = side / 4096
    area: dict[int, float] = {}
    for x, y, feature in at_zoom(tiles, 15, "buildings"):
        row = frame.loc[feature["id"]]
        shape = shapely.from_geojson(
            str(feature["geometry"]).replace("'", '"').replace("(", "[").replace(")", "]")
        )
        inside = shapely.intersection(shape, shapely.box(0, 0, 4096, 4096))
        placed = shapely.transform(
            shape,
            lambda p, x=x, y=y: np.column_stack(
                [x * side - HALF + p[:, 0] * step, HALF - (y + 1) * side + p[:, 1] * step]
            ),
        )
        whole = flat.geometry.loc[feature["id"]]
        assert (
            shapely.distance(shapely.points(placed.representative_point().coords[0]), whole)
            < 2 * step
        )
        area[feature["id"]] = area.get(feature["id"], 0.0) + inside.area * step**2
        properties = feature["properties"]
        assert properties["height"] == pytest.approx(row["height"], rel=1e-6)
        assert properties["levels"] == row["levels"]
        assert properties["kind"] == row["kind"]
        assert ("min_height" in properties) == bool(np.isfinite(row["min_height"]))
    wanted = shapely.area(np.asarray(flat.geometry.loc[list(area)]))
    lengths = shapely.length(np.asarray(flat.geometry.loc[list(area)]))
    # Corners move to whole steps: at most 0.71 of a step along the outline.
    assert (np.abs(np.array(list(area.values())) - wanted) <= 0.71 * step * lengths + step**2).all()


def test_lower_zooms_show_what_can_be_seen(tiles: Tiles, city: City) -> None:
    shown = [len({f["id"] for _, _, f in at_zoom(tiles, zoom, "roads")}) for zoom in range(10, 16)]
    assert shown == sorted(shown)
    assert 0 < shown[0] < shown[-1] <= city.counts["roads"]
    classes = {f["properties"]["class"] for _, _, f in at_zoom(tiles, 10, "roads")}
    assert classes <= {"motorway", "trunk", "primary"}
    frame = city.table("buildings")
    zooms = first_zooms(frame, 10, 15)
    area = np.asarray(frame.to_crs(3857).area)
    assert zooms[np.argmax(area)] <= zooms[np.argmin(area)]
    assert (zooms >= 10).all()
    assert (zooms <= 15).all()


def test_cells_of_lower_zooms_keep_sums_and_means(tiles: Tiles, city: City) -> None:
    for zoom in (10, 12, 13):
        cells = {
            f["properties"]["h3"]: f["properties"] for _, _, f in at_zoom(tiles, zoom, "cells")
        }
        assert {h3.get_resolution(cell) for cell in cells} == {zoom - 3}
        for name in ("people", "floor_area"):
            total = sum(cell[name] for cell in cells.values())
            assert total == pytest.approx(city.layers[name].sum(), rel=1e-5)
        area = np.array([cell["area"] for cell in cells.values()])
        ground = np.array([cell["ground_elevation"] for cell in cells.values()])
        mean = np.average(city.layers["ground_elevation"], weights=city.grid.area)
        assert np.average(ground, weights=area) == pytest.approx(mean, rel=1e-5)


def test_parents_are_those_of_h3(city: City) -> None:
    for resolution in range(11):
        mine = parents(city.grid.cells[::37], resolution)
        assert [format(int(cell), "x") for cell in mine] == [
            h3.cell_to_parent(format(int(cell), "x"), resolution) for cell in city.grid.cells[::37]
        ]


def test_coarse_cells_have_every_variable(city: City) -> None:
    frame = coarse_cells(city.grid, city.layers, 9)
    assert list(frame.columns) == ["h3", "area", *city.layers, "geometry"]
    for name in city.layers:
        if VARIABLES[name].extensive:
            assert frame[name].sum() == pytest.approx(city.layers[name].sum())


def test_other_layers_if_chosen(city: City, tmp_path: Path) -> None:
    done = export(city, tmp_path / "out", formats=("pmtiles",), layers=("pois", "contours"))
    with (done.folder / "pmtiles" / "map.pmtiles").open("rb") as stream:
        reader = Reader(MmapSource(stream))
        names = {layer["id"] for layer in reader.metadata()["vector_layers"]}
        seen = set()
        for _, content in all_tiles(reader.get_bytes):
            layers = mapbox_vector_tile.decode(gzip.decompress(content))
            seen |= {f["id"] for f in layers.get("pois", {"features": []})["features"]}
    assert names == {"pois", "contours"}
    assert seen == set(city.table("pois")["id"].tolist())


def test_nothing_to_show(tile_file: Path, tmp_path: Path) -> None:
    path = changed(tile_file, tmp_path, "DELETE FROM pois")
    with (
        City.open(path) as opened,
        pytest.raises(InputError, match="nothing to show: choose a layer with features"),
    ):
        export(opened, tmp_path / "out", formats=("pmtiles",), layers=("pois",))
