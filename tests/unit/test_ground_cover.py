"""Land cover of cells: precedence, streets, blocks of the plane, and what one union would give."""

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from citytwin.errors import RecipeError
from citytwin.grid import precedence
from citytwin.grid.overlay import polygon_shares
from citytwin.grid.precedence import disjoint_parts
from citytwin.grid.window import cover
from citytwin.pipeline.cover.polygons import GroundCover, ground_cover

GRID = cover((121.4700, 31.2300, 121.4790, 31.2380), 12)
COLUMNS = ("name", "layer", "class", "manning", "pervious_share", "water")
TABLE = pd.DataFrame(
    [
        ("water", "water", "*", 0.03, 0.0, 1),
        ("street", "roads", "*", 0.016, 0.0, 0),
        ("wood", "landuse", "wood", 0.1, 1.0, 0),
        ("park", "landuse", "park", 0.035, 0.9, 0),
        ("urban", "*", "*", 0.04, 0.35, 0),
    ],
    columns=COLUMNS,
)
WIDTHS = pd.DataFrame({"class": ["street", "*"], "width_m": [10.0, 4.0]})
NO_BUILDINGS = np.zeros(len(GRID))


def layer(*shapes: Any, **columns: Any) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=list(shapes), crs=GRID.crs)


def covered(under: Any = NO_BUILDINGS, **layers: gpd.GeoDataFrame) -> GroundCover:
    return ground_cover(GRID, layers, under, table=TABLE, widths=WIDTHS, default="urban")


def random_city(seed: int) -> dict[str, gpd.GeoDataFrame]:
    """Overlapping discs of water, wood and park, and streets that cross them."""
    rng = np.random.default_rng(seed)
    middles = rng.uniform(-350.0, 350.0, (40, 2))
    discs = shapely.buffer(shapely.points(middles), rng.uniform(5.0, 120.0, 40))
    streets = [shapely.LineString(rng.uniform(-400.0, 400.0, (3, 2))) for _ in range(20)]
    kinds = ["street", "path"] * 10
    return {
        "water": layer(*discs[:5], **{"class": ["river"] * 5}),
        "landuse": layer(*discs[5:], **{"class": ["wood", "park", "retail", "park", "wood"] * 7}),
        "roads": layer(
            *streets, structure=["none", "none", "tunnel", "bridge"] * 5, **{"class": kinds}
        ),
    }


def whole_plane(layers: dict[str, gpd.GeoDataFrame]) -> dict[str, Any]:
    """Area of each class in each cell, by unions of the whole plane at once."""
    roads = layers["roads"][layers["roads"]["structure"] == "none"]
    half = np.where(roads["class"] == "street", 5.0, 2.0)
    use = layers["landuse"]
    shapes = {
        "water": layers["water"].geometry.to_numpy(),
        "street": shapely.buffer(roads.geometry.to_numpy(), half, quad_segs=2),
        "wood": use.geometry[use["class"] == "wood"].to_numpy(),
        "park": use.geometry[use["class"] == "park"].to_numpy(),
    }
    taken: Any = shapely.MultiPolygon()
    cells = shapely.polygons(GRID.corners())
    areas = {}
    for name, own in shapes.items():
        union = shapely.union_all(own)
        areas[name] = shapely.area(shapely.intersection(cells, shapely.difference(union, taken)))
        taken = shapely.union(taken, union)
    return areas


@pytest.mark.parametrize("seed", range(4))
def test_blocks_give_what_the_whole_plane_gives(seed: int) -> None:
    city = random_city(seed)
    found, expected = covered(**city), whole_plane(city)
    rest = GRID.area - sum(expected.values())
    names = ("water", "street", "wood", "park")
    manning = sum(expected[n] * m for n, m in zip(names, TABLE["manning"], strict=False))
    pervious = sum(expected[n] * p for n, p in zip(names, TABLE["pervious_share"], strict=False))
    assert np.allclose(found.manning, (manning + rest * 0.04) / GRID.area, rtol=0.0, atol=1e-9)
    assert np.allclose(
        found.pervious_share, (pervious + rest * 0.35) / GRID.area, rtol=0.0, atol=1e-9
    )
    assert np.allclose(found.water_share, expected["water"] / GRID.area, rtol=0.0, atol=1e-9)
    for name in names:
        assert found.class_areas[name] == pytest.approx(expected[name].sum(), rel=1e-9)
    assert sum(found.class_areas.values()) == pytest.approx(GRID.area.sum(), rel=1e-12)


def test_plants_are_shares_of_the_open_ground_and_other_words_are_refused() -> None:
    square = shapely.box(-100.0, -100.0, 100.0, 100.0)
    half = shapely.box(-100.0, -100.0, 0.0, 100.0)
    uses = {"landuse": layer(half, square, **{"class": ["wood", "park"]})}
    table = TABLE.assign(plants=["", "", "tree", "grass", ""])
    under = 0.3 * GRID.area
    found = ground_cover(GRID, uses, under, table=table, widths=WIDTHS, default="urban")
    open_ground = GRID.area - under
    trees = polygon_shares(GRID, np.array([half])).per_cell(GRID)
    grass = polygon_shares(GRID, np.array([square])).per_cell(GRID) - trees
    kept = np.minimum(trees, open_ground)
    assert np.allclose(found.tree_share, kept / open_ground)
    assert np.allclose(found.grass_share, np.minimum(grass, open_ground - kept) / open_ground)
    assert (found.shrub_share == 0.0).all()
    assert (covered(**uses).tree_share == 0.0).all()
    wrong = TABLE.assign(plants=["", "", "oak", "", ""])
    with pytest.raises(RecipeError, match="'oak' in the column 'plants'"):
        ground_cover(GRID, uses, under, table=wrong, widths=WIDTHS, default="urban")


def test_the_first_row_counts_and_no_place_counts_twice() -> None:
    square = shapely.box(-100.0, -100.0, 100.0, 100.0)
    half = shapely.box(-100.0, -100.0, 0.0, 100.0)
    found = covered(
        water=layer(half, half, **{"class": ["lake", "sea"]}),
        landuse=layer(square, square, **{"class": ["park", "wood"]}),
    )
    areas = found.class_areas
    assert areas["water"] == pytest.approx(20_000.0)
    assert areas["wood"] == pytest.approx(20_000.0)
    assert areas["park"] == pytest.approx(0.0, abs=1e-6)


def test_streets_are_as_wide_as_the_table_says() -> None:
    line = shapely.LineString([(-200.0, 3.0), (200.0, 3.0)])
    caps = {"street": 10.0, "lane": 4.0}
    for kind, width in caps.items():
        found = covered(roads=layer(line, structure=["none"], **{"class": [kind]}))
        octagon = shapely.Point(0.0, 0.0).buffer(width / 2.0, 2).area
        assert found.class_areas["street"] == pytest.approx(400.0 * width + octagon, rel=1e-9)
    hidden = layer(line, line, structure=["tunnel", "bridge"], **{"class": ["street"] * 2})
    assert covered(roads=hidden).class_areas["street"] == 0.0


def test_a_long_line_is_the_same_street_in_every_block() -> None:
    """Lines of many vertices are cut to each block before they are widened."""
    x = np.linspace(-400.0, 400.0, 700)
    wave = shapely.LineString(np.column_stack([x, 90.0 * np.sin(x / 40.0)]))
    found = covered(roads=layer(wave, structure=["none"], **{"class": ["street"]}))
    whole = shapely.buffer(wave, 5.0, quad_segs=2).area
    assert found.class_areas["street"] == pytest.approx(whole, rel=1e-3)


def test_ground_under_buildings_is_not_counted() -> None:
    square = shapely.box(-60.0, -60.0, 60.0, 60.0)
    under = polygon_shares(GRID, np.array([square])).per_cell(GRID)
    found = covered(under, landuse=layer(square, **{"class": ["wood"]}))
    inside = under > 0.999 * GRID.area
    assert inside.any()
    assert (found.manning[inside] == 0.04).all()
    assert sum(found.class_areas.values()) == pytest.approx((GRID.area - under).sum(), rel=1e-12)


def test_no_layers_give_the_default_everywhere() -> None:
    found = covered()
    assert np.allclose(found.manning, 0.04, rtol=1e-12)
    assert np.allclose(found.pervious_share, 0.35, rtol=1e-12)
    assert (found.water_share == 0.0).all()
    only_default = ground_cover(
        GRID, {}, NO_BUILDINGS, table=TABLE.iloc[-1:], widths=WIDTHS, default="urban"
    )
    assert only_default.class_areas == {"urban": pytest.approx(GRID.area.sum())}


def test_empty_geometries_cover_nothing() -> None:
    found = covered(
        water=layer(shapely.Polygon(), shapely.MultiPolygon(), **{"class": ["lake", "sea"]}),
        roads=layer(shapely.LineString(), structure=["none"], **{"class": ["street"]}),
    )
    assert found.class_areas["urban"] == pytest.approx(GRID.area.sum())


def test_a_sea_of_many_vertices_is_cut_into_blocks() -> None:
    angle = np.linspace(0.0, 2.0 * np.pi, 5000, endpoint=False)
    reach = 300.0 + 20.0 * np.sin(60.0 * angle)
    sea = shapely.Polygon(np.column_stack([reach * np.cos(angle), reach * np.sin(angle)]))
    assert covered(water=layer(sea, **{"class": ["sea"]})).class_areas["water"] == pytest.approx(
        sea.area, rel=1e-10
    )


@pytest.mark.parametrize("threads", [1, 2, 7])
def test_the_result_does_not_depend_on_the_threads(
    threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    city = random_city(9)
    expected = covered(**city)
    monkeypatch.setattr(precedence.os, "cpu_count", lambda: threads)
    found = covered(**city)
    for name in ("manning", "pervious_share", "water_share"):
        assert (getattr(found, name) == getattr(expected, name)).all()
    assert found.class_areas == expected.class_areas


@pytest.mark.parametrize("side", [60.0, 250.0, 2000.0])
def test_parts_are_disjoint_whatever_the_blocks(
    side: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(precedence, "_SIDE", side)
    city = random_city(5)
    shapes = np.concatenate([city["water"].geometry, city["landuse"].geometry])
    rank = np.repeat([0, 1], [5, 35])
    portions = list(disjoint_parts(shapes, np.zeros(40), rank))
    ranks = np.concatenate([ranks for ranks, _ in portions])
    parts = np.concatenate([parts for _, parts in portions])
    union = shapely.union_all(shapes)
    assert shapely.area(parts).sum() == pytest.approx(union.area, rel=1e-10)
    water = shapely.union_all(shapes[:5])
    assert shapely.area(parts[ranks == 0]).sum() == pytest.approx(water.area, rel=1e-10)
