"""Lines and areas on the lattice: watertight, with the right side, and refused outside the city."""

from collections import deque
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from citytwin.arrays import Floats
from citytwin.errors import ScenarioError
from citytwin.grid.finding import cell_at, cells_along, shares_beside, shares_within
from citytwin.grid.lattice import STEPS
from citytwin.grid.window import Grid, cover
from citytwin.hazards.flood.edges import (
    Crossing,
    crossing,
    ends_in_window,
    ends_of,
    ground_beside,
    middles,
    place_of,
)
from citytwin.hazards.flood.terrain import FRAME

#: Around San Francisco the lattice is nearly regular, around Shanghai it is skewed.
GRIDS = {
    "San Francisco": cover((-122.450, 37.7540, -122.444, 37.7590), 11),
    "Shanghai": cover((121.470, 31.2300, 121.477, 31.2360), 11),
}
CITY = pytest.mark.parametrize("city", GRIDS)
Lonlats = list[tuple[float, float]]


def lonlat(grid: Grid, points: Floats) -> Lonlats:
    """Points in the plane [m] as longitudes and latitudes."""
    lon, lat = grid.unproject(*np.asarray(points, np.float64).T)
    return list(zip(lon.tolist(), lat.tolist(), strict=True))


def reached(grid: Grid, start: int, wall: Crossing) -> set[int]:
    """Cells that water from a cell can reach where it passes no edge of the wall."""
    shut = set(zip(*(part.tolist() for part in wall.edges), strict=True))
    at = {
        (r, c): k for k, (r, c) in enumerate(zip(grid.row.tolist(), grid.col.tolist(), strict=True))
    }
    seen, queue = {start}, deque([start])
    while queue:
        here = queue.popleft()
        r, c = int(grid.row[here]), int(grid.col[here])
        for way, (down, right) in enumerate(STEPS):
            for sign in (1, -1):
                there = at.get((r + sign * down, c + sign * right))
                first = (r, c) if sign == 1 else (r - down, c - right)
                edge = (way, first[0] + FRAME, first[1] + FRAME)
                if there is not None and there not in seen and edge not in shut:
                    seen.add(there)
                    queue.append(there)
    return seen


def inside(grid: Grid, ring: Floats) -> set[int]:
    polygon = shapely.Polygon(ring)
    return set(np.nonzero(shapely.contains_xy(polygon, grid.x, grid.y))[0].tolist())


@CITY
@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_no_path_of_cells_leads_out_of_a_closed_wall(city: str, seed: int) -> None:
    grid = GRIDS[city]
    rng = np.random.default_rng(seed)
    angles = np.sort(rng.uniform(0.0, 2.0 * np.pi, rng.integers(3, 12)))
    radius = rng.uniform(40.0, 220.0, angles.size)
    ring = np.stack([radius * np.cos(angles), radius * np.sin(angles)], axis=1)
    ring += [grid.x.mean(), grid.y.mean()]
    kept = inside(grid, ring)
    wall = crossing(grid, lonlat(grid, np.vstack([ring, ring[:1]])), "the wall")
    for start in list(kept)[:3]:
        assert reached(grid, start, wall) <= kept
    others = sorted(set(range(len(grid))) - kept)
    if others:
        assert not reached(grid, others[0], wall) & kept


@CITY
@pytest.mark.parametrize("way", range(3))
def test_a_line_through_the_very_centres_is_watertight(city: str, way: int) -> None:
    grid = GRIDS[city]
    middle = int(np.argmin(np.hypot(grid.x - grid.x.mean(), grid.y - grid.y.mean())))
    down, right = STEPS[way]
    # Corner after corner on the centres of a whole row of cells, and well beyond the city.
    steps = np.arange(-40, 41)
    index = {
        (r, c): k for k, (r, c) in enumerate(zip(grid.row.tolist(), grid.col.tolist(), strict=True))
    }
    on = [
        index.get((int(grid.row[middle]) + k * down, int(grid.col[middle]) + k * right))
        for k in steps
    ]
    row = [k for k in on if k is not None]
    vector = grid.lattice.vectors[way]
    points = np.stack([grid.x[row], grid.y[row]], axis=1)
    line = np.vstack([points[0] - 40.0 * vector, points, points[-1] + 40.0 * vector])
    wall = crossing(grid, lonlat(grid, line), "the wall")
    start = int(
        np.argmax(np.abs((grid.x - points[0, 0]) * vector[1] - (grid.y - points[0, 1]) * vector[0]))
    )
    wet = reached(grid, start, wall)
    dry = set(range(len(grid))) - wet
    assert min(len(wet), len(dry)) > len(grid) // 5
    assert not reached(grid, dry.pop(), wall) & wet


@CITY
def test_the_side_is_the_left_of_the_line(city: str) -> None:
    grid = GRIDS[city]
    x, y = grid.x.mean(), grid.y.mean()
    # From west to east: north is to the left.
    wall = crossing(grid, lonlat(grid, np.array([[x - 900.0, y], [x + 900.0, y]])), "the wall")
    before, behind = ends_of(grid, wall.edges)
    both = (before >= 0) & (behind >= 0)
    northward = np.sign(grid.y[behind[both]] - grid.y[before[both]])
    assert (wall.side[both] == northward).all()
    back = crossing(grid, lonlat(grid, np.array([[x + 900.0, y], [x - 900.0, y]])), "the wall")
    assert all((a == b).all() for a, b in zip(wall.edges, back.edges, strict=True))
    assert (back.side == -wall.side).all()


@CITY
def test_a_uniform_flow_across_a_line_is_its_width_times_the_flow(city: str) -> None:
    grid = GRIDS[city]
    middle = np.array([grid.x.mean(), grid.y.mean()])
    for angle in np.linspace(0.0, np.pi, 7):
        along = 150.0 * np.array([np.cos(angle), np.sin(angle)])
        line = crossing(grid, lonlat(grid, np.stack([middle - along, middle + along])), "the line")
        left = np.array([-np.sin(angle), np.cos(angle)])
        # A flow of 1 m²/s to the left: through an edge its component along the edge's normal.
        through = grid.lattice.edges * (grid.lattice.directions @ left)
        total = float(np.sum(line.side * through[line.edges[0]]))
        # The ends of the line fall between centres: off by a cell's width at most.
        assert total == pytest.approx(300.0, abs=grid.lattice.lengths.max())


@CITY
def test_an_edge_crossed_there_and_back_has_no_side(city: str) -> None:
    grid = GRIDS[city]
    cell = int(np.argmin(np.hypot(grid.x - grid.x.mean(), grid.y - grid.y.mean())))
    here = np.array([grid.x[cell], grid.y[cell]])
    vector = grid.lattice.vectors[0]
    across = np.array([-vector[1], vector[0]])
    # A spike between two centres: from below up between them and down again.
    spike = np.array([here + 0.4 * vector - 0.3 * across, here + 0.5 * vector + 0.2 * across,
                      here + 0.6 * vector - 0.3 * across])  # fmt: skip
    found = crossing(grid, lonlat(grid, spike), "the wall")
    assert found.side.tolist() == [0.0]
    assert reached(grid, cell, found) == set(range(len(grid)))


def test_a_wall_along_the_border_stops_water_on_its_way_out() -> None:
    grid = GRIDS["Shanghai"]
    margin = grid.lattice.lengths.max()
    box = shapely.box(grid.x.min() - margin / 2, grid.y.min() - margin / 2,
                      grid.x.max() + margin / 2, grid.y.max() + margin / 2)  # fmt: skip
    ring = np.array(box.exterior.coords)
    wall = crossing(grid, lonlat(grid, ring), "the wall")
    before, behind = ends_of(grid, wall.edges)
    assert ((before < 0) ^ (behind < 0)).all(), "every edge leads out of the city"


def test_edges_lie_in_the_framed_window() -> None:
    grid = GRIDS["San Francisco"]
    x, y = grid.x.mean(), grid.y.mean()
    wall = crossing(grid, lonlat(grid, np.array([[x, y - 80.0], [x, y + 80.0]])), "the wall")
    before, behind = ends_of(grid, wall.edges)
    one, other = ends_in_window(wall.edges)
    for place, cells in ((one, before), (other, behind)):
        assert (place[0] == place_of(grid, cells)[0]).all()
        assert (place[1] == place_of(grid, cells)[1]).all()
        assert (place[0] == grid.row[cells] + 1).all()
    middle = middles(grid, wall.edges)
    assert np.allclose(middle[:, 0], (grid.x[before] + grid.x[behind]) / 2.0, atol=2e-3)
    assert np.abs(middle[:, 0] - x).max() < grid.lattice.lengths.max()
    ground = np.arange(float(len(grid)))
    assert (ground_beside(grid, wall.edges, ground) == np.maximum(before, behind)).all()


@CITY
def test_cells_along_a_line_are_a_chain_of_neighbours(city: str) -> None:
    grid = GRIDS[city]
    x, y = grid.x.mean(), grid.y.mean()
    cells = cells_along(
        grid, lonlat(grid, np.array([[x - 150.0, y - 40.0], [x + 150.0, y + 60.0]])), "it"
    )
    chain = set(cells.tolist())
    seen, queue = {cells[0]}, deque([int(cells[0])])
    neighbours = grid.neighbours()
    while queue:
        for there in set(neighbours[queue.popleft()].tolist()) & chain - seen:
            seen.add(there)
            queue.append(there)
    assert seen == chain
    assert cell_at(grid, lonlat(grid, np.array([[x - 150.0, y - 40.0]]))[0], "it") in chain


@CITY
def test_shares_of_an_area_add_up_to_it(city: str) -> None:
    grid = GRIDS[city]
    x, y = grid.x.mean(), grid.y.mean()
    square = np.array([[x, y], [x + 130.0, y], [x + 130.0, y + 90.0], [x, y + 90.0]])
    cells, share = shares_within(grid, lonlat(grid, square), "the area")
    assert np.sum(share * grid.area[cells]) == pytest.approx(130.0 * 90.0, rel=1e-6)
    assert share.max() == pytest.approx(1.0)
    cells, share = shares_beside(grid, lonlat(grid, square[:2]), 12.0, "the road")
    assert np.sum(share * grid.area[cells]) == pytest.approx(130.0 * 12.0, rel=1e-3)


FAR: Any = [(10.0, 45.0), (10.1, 45.1), (10.2, 45.0)]


@pytest.mark.parametrize(
    "find",
    [
        lambda grid: cell_at(grid, FAR[0], "the gauge 'Bridge'"),
        lambda grid: cells_along(grid, FAR, "the gauge 'Bridge'"),
        lambda grid: crossing(grid, FAR, "the gauge 'Bridge'"),
        lambda grid: shares_within(grid, FAR, "the gauge 'Bridge'"),
    ],
)
def test_what_lies_outside_is_named_with_its_place(find: Any) -> None:
    grid = GRIDS["Shanghai"]
    wanted = (
        r"^the gauge 'Bridge' (at 10, 45|from 10, 45 to 10\.2, 45) lies outside the city: move it"
    )
    with pytest.raises(ScenarioError, match=wanted) as caught:
        find(grid)
    assert "between 121.4" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_is_too_short_or_crosses_itself_is_refused() -> None:
    grid = GRIDS["Shanghai"]
    # At a corner, where three cells meet, as far as can be from the lines between their centres.
    cell = grid.corners()[40, 0]
    short = lonlat(grid, np.array([cell, cell + 1.0]))
    with pytest.raises(ScenarioError, match=r"the wall parts no two cells, which are 4\d m apart"):
        crossing(grid, short, "the wall")
    bow = lonlat(grid, cell + np.array([[0.0, 0.0], [90.0, 90.0], [90.0, 0.0], [0.0, 90.0]]))
    with pytest.raises(ScenarioError, match="outline of the pond crosses itself"):
        shares_within(grid, bow, "the pond")


def test_a_line_beyond_the_horizon_is_cut_at_the_city() -> None:
    grid = GRIDS["Shanghai"]
    x, y = grid.x.mean(), grid.y.mean()
    near = crossing(grid, lonlat(grid, np.array([[x, y - 900.0], [x, y + 900.0]])), "the wall")
    far = crossing(grid, lonlat(grid, np.array([[x, y - 3e5], [x, y + 3e5]])), "the wall")
    assert all((a == b).all() for a, b in zip(near.edges, far.edges, strict=True))
