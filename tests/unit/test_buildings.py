"""Heights, levels and floor area of buildings, and where each figure is from."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from citytwin.pipeline.buildings import buildings
from citytwin.pipeline.repair import sound_layer

BOX = (0.0, 0.0, 0.01, 0.01)
PLANE = "+proj=laea +lat_0=0 +lon_0=0 +datum=WGS84 +units=m +no_defs"
SETTINGS = {"storey_height": 3.0, "default_height": 7.0, "smallest_home": 30.0}
KINDS = pd.DataFrame({"kind": ["yes", "*"], "home_share": [0.5, 0.0]})
NAN = np.nan


def houses(**columns: list[object]) -> gpd.GeoDataFrame:
    count = len(next(iter(columns.values())))
    shapes = [shapely.box(0.001 * n, 0, 0.001 * n + 0.0005, 0.0005) for n in range(count)]
    names = [f"way/{n}" for n in range(count)]
    table = gpd.GeoDataFrame({"source_id": names, **columns}, geometry=shapes, crs="EPSG:4326")
    return sound_layer("buildings", [table], BOX)["table"].sort_values("source_id")


def built(table: gpd.GeoDataFrame, parts: gpd.GeoDataFrame | None = None) -> pd.DataFrame:
    values = buildings(table, parts, None, KINDS, PLANE, SETTINGS)
    return values["table"].sort_values("source_id").reset_index(drop=True)


def test_each_height_says_where_it_is_from() -> None:
    table = houses(
        height=[20.0, NAN, NAN, 0.0, 20.0, NAN],
        levels=[NAN, 4, NAN, NAN, 9, 1],
        min_height=[NAN] * 6,
    )
    part = gpd.GeoDataFrame(
        {"height": [33.0, 12.0], "levels": [NAN, NAN]},
        geometry=[table.geometry.iloc[2].buffer(-1e-5), shapely.Point(0.009, 0.009).buffer(1e-4)],
        crs="EPSG:4326",
    )
    done = built(table, part)
    assert done["height_from"].to_list() == [
        "source", "levels", "parts", "assumed", "source", "levels",
    ]  # fmt: skip
    assert done["height"].to_list() == [20.0, 12.0, 33.0, 7.0, 20.0, 3.0]
    assert done["levels"].to_list() == [7, 4, 11, 2, 9, 1]
    assert done["levels_from"].to_list() == [
        "height", "source", "height", "assumed", "source", "source",
    ]  # fmt: skip


def test_a_building_on_stilts_has_fewer_levels() -> None:
    done = built(houses(height=[30.0], levels=[NAN], min_height=[15.0]))
    assert done["levels"].to_list() == [5]


def test_heights_that_no_building_has_are_faults() -> None:
    table = houses(height=[5000.0, -2.0, 0.2, 10.0], levels=[NAN, NAN, NAN, 9000.0])
    values = buildings(table, None, None, KINDS, PLANE, SETTINGS)
    found = dict(zip(values["faults"]["source_id"], values["faults"]["fault"], strict=True))
    assert found == {
        "way/0": "height 5000 is no height of a building",
        "way/1": "height -2 is no height of a building",
        "way/2": "height 0.2 is no height of a building",
        "way/3": "levels 9000 is no levels of a building",
    }
    rows = values["table"].sort_values("source_id")
    assert rows["height_from"].to_list() == ["assumed"] * 3 + ["source"]


def test_floor_area_is_footprint_times_levels() -> None:
    done = built(houses(levels=[4, 1], kind=["yes", "school"]))
    side = 0.0005 * 111_319.49
    assert done["area"].iloc[0] == pytest.approx(side**2, rel=0.01)
    assert np.allclose(done["floor_area"], done["area"] * done["levels"])
    assert done["home_share"].to_list() == [0.5, 0.0]
