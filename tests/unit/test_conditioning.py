"""Ground made fit for water: bridges, tunnels, culverts, dykes, and hollows real and false."""

from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely

from citytwin.grid.window import Grid, cover
from citytwin.pipeline.ground.conditioning import Conditioning, condition, conditioning_remarks

#: Only what a test is about.
NOTHING = Conditioning(bridges=False, culverts=False, vertical_error=0.0)


@pytest.fixture(scope="module", params=[(7.410, 43.730), (121.470, 31.230)])
def grid(request: pytest.FixtureRequest) -> Grid:
    west, south = request.param
    return cover((west, south, west + 0.006, south + 0.005), 12)


def layer(shapes: list[Any], **columns: Any) -> gpd.GeoDataFrame:
    names = [f"way/{number}" for number in range(1, len(shapes) + 1)]
    return gpd.GeoDataFrame({"source_id": names, **columns}, geometry=shapes)


def road(*points: tuple[float, float], structure: str, lanes: float = np.nan) -> gpd.GeoDataFrame:
    return layer([shapely.LineString(points)], structure=[structure], lanes=[lanes])


def valley(grid: Grid) -> Any:
    """A valley that falls to the south, 6 m deep, its sides rising east and west."""
    return 20.0 + 0.01 * grid.y + 6.0 * np.clip(np.abs(grid.x) / 60.0, 0.0, 1.0)


def dam(grid: Grid, ground: Any, y: float = 0.0, half: float = 14.0) -> Any:
    """The same with a wall of the valley's height across it, as a deck or a road's fill."""
    return np.where(np.abs(grid.y - y) < half, np.maximum(ground, 26.0), ground)


def ways_out(grid: Grid, ground: Any, start: int) -> float:
    """Least height that water must reach to leave from a cell to the rim (a plain search)."""
    import heapq

    around = grid.neighbours()
    level = np.full(len(grid), np.inf)
    queue = [(float(ground[start]), start)]
    while queue:
        height, cell = heapq.heappop(queue)
        if level[cell] <= height:
            continue
        level[cell] = height
        for other in around[cell]:
            if other < 0:
                return height
            if height < level[other] or ground[other] < level[other]:
                reach = max(height, float(ground[other]))
                if reach < level[other]:
                    heapq.heappush(queue, (reach, int(other)))
    return np.inf


def upstream(grid: Grid) -> int:
    return int(np.argmin(np.hypot(grid.x, grid.y - 80.0)))


def test_nothing_to_do_changes_nothing(grid: Grid) -> None:
    ground = 20.0 + 0.01 * grid.y + 0.02 * grid.x
    before = ground.copy()
    done = condition(grid, ground, {}, Conditioning())
    assert np.array_equal(ground, before)
    assert np.array_equal(done.elevation, before)
    assert not done.changed.any()
    assert done.figures["cells_changed"] == 0
    assert done.figures["structures"] == []


@pytest.mark.parametrize("name", ["roads", "railways"])
def test_a_bridge_is_opened_down_to_its_sides(grid: Grid, name: str) -> None:
    ground = dam(grid, valley(grid))
    bridge = road((-70.0, 0.0), (70.0, 0.0), structure="bridge", lanes=4.0)
    settings = NOTHING.model_copy(update={"bridges": True})
    start = upstream(grid)
    assert ways_out(grid, ground, start) > 23.0
    done = condition(grid, ground, {name: bridge}, settings)
    assert ways_out(grid, done.elevation, start) < 22.0
    assert np.abs(done.elevation - np.minimum(ground, valley(grid)))[done.changed].max() < 2.0
    assert (done.elevation <= ground).all()
    far = np.abs(grid.y) > 40.0
    assert np.array_equal(done.elevation[far], ground[far])
    (entry,) = done.figures["structures"]
    assert (entry["kind"], entry["layer"], entry["id"]) == ("bridge", name, "way/1")
    volume = ((ground - done.elevation) * grid.area).sum()
    assert entry["m3"] == pytest.approx(volume)
    assert done.figures["cut_m3"] == pytest.approx(volume)
    assert done.figures["filled_m3"] == 0.0
    assert entry["cells"] == done.changed.sum()
    assert any("1 bridge(s) opened" in line for line in conditioning_remarks(done.figures))


def test_two_bridges_side_by_side_open_together(grid: Grid) -> None:
    ground = dam(grid, valley(grid), half=30.0)
    shapes = [shapely.LineString([(-70.0, y), (70.0, y)]) for y in (-14.0, 14.0)]
    bridges = layer(shapes, structure=["bridge"] * 2, lanes=[9.0] * 2)
    done = condition(grid, ground, {"roads": bridges}, NOTHING.model_copy(update={"bridges": True}))
    assert ways_out(grid, done.elevation, upstream(grid)) < 22.0
    assert {entry["id"] for entry in done.figures["structures"]} == {"way/1", "way/2"}


def test_a_street_on_the_ground_stays(grid: Grid) -> None:
    ground = dam(grid, valley(grid))
    street = road((-70.0, 0.0), (70.0, 0.0), structure="none")
    done = condition(grid, ground, {"roads": street}, NOTHING.model_copy(update={"bridges": True}))
    assert np.array_equal(done.elevation, ground)


def test_a_bridge_over_open_ground_changes_nothing(grid: Grid) -> None:
    """Bare-earth models have no decks."""
    ground = 20.0 + 0.02 * grid.y + 0.03 * grid.x
    bridge = road((-70.0, 20.0), (70.0, -20.0), structure="bridge")
    done = condition(grid, ground, {"roads": bridge}, Conditioning())
    assert np.array_equal(done.elevation, ground)


@pytest.mark.parametrize("structure", ["culvert", "tunnel"])
@pytest.mark.parametrize("turned", [1, -1])
def test_a_culvert_falls_evenly_through_its_dam(grid: Grid, structure: str, turned: int) -> None:
    ground = dam(grid, valley(grid))
    points = [(0.0, 40.0), (3.0, 5.0), (0.0, -40.0)][::turned]
    culvert = layer([shapely.LineString(points)], structure=[structure])
    settings = NOTHING.model_copy(update={"culverts": True})
    done = condition(grid, ground, {"waterways": culvert}, settings)
    assert ways_out(grid, done.elevation, upstream(grid)) < 22.0
    cells = np.flatnonzero(done.changed)
    order = cells[np.argsort(-grid.y[cells])]
    assert len(order) >= 2
    assert (np.diff(done.elevation[order]) < 1e-9).all()
    # The dam stays beside it.
    beside = (np.abs(grid.x) > 40.0) & (np.abs(grid.y) < 14.0)
    assert np.array_equal(done.elevation[beside], ground[beside])
    assert done.figures["structures"][0]["kind"] == "culvert"


def test_long_culverts_and_tunnels_are_left_and_named(grid: Grid) -> None:
    ground = dam(grid, valley(grid))
    line = shapely.LineString([(0.0, 100.0), (0.0, -110.0)])
    layers = {
        "waterways": layer([line], structure=["culvert"]),
        "roads": layer([line, line], structure=["tunnel", "none"]),
    }
    done = condition(grid, ground, layers, NOTHING.model_copy(update={"culverts": True}))
    assert np.array_equal(done.elevation, ground)
    kinds = {(entry["kind"], entry["id"]) for entry in done.figures["left"]}
    assert kinds == {("culvert", "way/1"), ("tunnel", "way/1")}
    short = NOTHING.model_copy(update={"culverts": True, "longest_opening": 300.0})
    assert condition(grid, ground, layers, short).figures["left"] == []


def test_pieces_of_one_tunnel_count_together(grid: Grid) -> None:
    """Streets are split where they meet: two short pieces end to end are one long tunnel."""
    ground = dam(grid, valley(grid))
    pieces = [
        shapely.LineString([(0.0, 120.0), (0.0, 0.0)]),
        shapely.LineString([(0.0, 0.0), (0.0, -120.0)]),
        shapely.LineString([(300.0, 20.0), (300.0, -20.0)]),
    ]
    tunnel = layer(pieces, structure=["tunnel"] * 3)
    settings = NOTHING.model_copy(update={"culverts": True})
    done = condition(grid, ground, {"roads": tunnel}, settings)
    assert [entry["id"] for entry in done.figures["left"]] == ["way/1"]
    assert np.array_equal(done.elevation, ground)
    both = settings.model_copy(update={"longest_opening": 250.0})
    done = condition(grid, ground, {"roads": tunnel}, both)
    assert [entry["id"] for entry in done.figures["structures"]] == ["way/1"]
    assert ways_out(grid, done.elevation, upstream(grid)) < 22.0
    branch = layer(
        [*pieces[:2], shapely.LineString([(0.0, 0.0), (60.0, 0.0)])], structure=["tunnel"] * 3
    )
    left = condition(
        grid, ground, {"roads": branch}, both.model_copy(update={"longest_opening": 999.0})
    )
    assert left.figures["left"][0]["reason"] == "branches underground"


def test_a_tunnel_under_a_hill_is_left(grid: Grid) -> None:
    ground = 20.0 + 30.0 * np.exp(-((grid.y / 40.0) ** 2)) + 0.0 * grid.x
    tunnel = road((0.0, 90.0), (0.0, -90.0), structure="tunnel")
    done = condition(grid, ground, {"roads": tunnel}, NOTHING.model_copy(update={"culverts": True}))
    assert np.array_equal(done.elevation, ground)
    assert done.figures["left"][0]["reason"] == "more than 8 m of ground above it"


def test_an_underpass_is_opened(grid: Grid) -> None:
    ground = dam(grid, valley(grid))
    tunnel = road((0.0, 40.0), (0.0, -40.0), structure="tunnel")
    done = condition(grid, ground, {"railways": tunnel}, Conditioning())
    assert ways_out(grid, done.elevation, upstream(grid)) < 22.0
    assert done.figures["structures"][0]["kind"] == "tunnel"


def test_dykes_are_kept_or_raised(grid: Grid) -> None:
    ground = valley(grid)
    line = shapely.LineString([(-200.0, 0.0), (200.0, 5.0)])
    dyke = layer([line], **{"class": ["dyke"]})
    kept = condition(grid, ground, {"barriers": dyke}, NOTHING)
    assert np.array_equal(kept.elevation, ground)
    raised = NOTHING.model_copy(update={"embankments": "raise", "crest_height": 3.0})
    done = condition(grid, ground, {"barriers": dyke}, raised)
    assert (done.elevation >= ground).all()
    # Watertight: from above, water must climb the crest.
    assert ways_out(grid, done.elevation, upstream(grid)) > 22.5
    given = layer([line], **{"class": ["levee"], "crest": [30.0]})
    done = condition(grid, ground, {"barriers": given}, raised)
    assert done.elevation[done.changed] == pytest.approx(30.0)
    assert done.figures["structures"][0]["kind"] == "dyke"
    fence = layer([line], **{"class": ["fence"]})
    assert not condition(grid, ground, {"barriers": fence}, raised).changed.any()


def pits(grid: Grid) -> tuple[Any, int, int]:
    """A slope with a pit of 0.3 m and one of 3 m."""
    ground = 20.0 + 0.02 * grid.y
    shallow = int(np.argmin(np.hypot(grid.x + 70.0, grid.y)))
    deep = int(np.argmin(np.hypot(grid.x - 70.0, grid.y)))
    around = grid.neighbours()
    for cell, depth in ((shallow, 0.3), (deep, 3.0)):
        ground[cell] = ground[around[cell]].min() - depth
    return ground, shallow, deep


def test_false_hollows_go_and_real_ones_stay(grid: Grid) -> None:
    ground, shallow, deep = pits(grid)
    done = condition(grid, ground, {}, Conditioning(vertical_error=0.5))
    assert done.elevation[deep] == ground[deep]
    assert ways_out(grid, done.elevation, shallow) == pytest.approx(
        done.elevation[shallow], abs=0.01
    )
    assert done.figures["hollows"]["kept"] == 1
    assert 0 < done.changed.sum() < 4
    everything = condition(grid, ground, {}, Conditioning(vertical_error=5.0))
    assert ways_out(grid, everything.elevation, deep) == pytest.approx(
        everything.elevation[deep], abs=0.01
    )
    exact = condition(grid, ground, {}, Conditioning(vertical_error=0.0))
    assert np.array_equal(exact.elevation, ground)


def test_a_pond_is_real_however_shallow(grid: Grid) -> None:
    ground, shallow, _ = pits(grid)
    pond = layer(
        [shapely.Point(grid.x[shallow], grid.y[shallow]).buffer(12.0)], **{"class": ["lake"]}
    )
    done = condition(grid, ground, {"water": pond}, Conditioning(vertical_error=0.5))
    assert done.elevation[shallow] == ground[shallow]


def test_flats_stay_flat(grid: Grid) -> None:
    """Lakes and whole-metre data are not given a slope that they do not have."""
    ground = np.round(20.0 + 0.02 * grid.y)
    done = condition(grid, ground, {}, Conditioning(vertical_error=1.0))
    assert np.array_equal(done.elevation, ground)
    sunk = np.where(np.hypot(grid.x, grid.y) < 60.0, 15.0, ground)
    level = condition(grid, sunk, {}, Conditioning(vertical_error=10.0))
    assert len(np.unique(level.elevation)) <= len(np.unique(ground)) + 20
