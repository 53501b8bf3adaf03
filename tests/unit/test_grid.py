"""The dense window of H3 cells: neighbours, areas, planes, and what it refuses."""

import h3.api.basic_int as h3
import numpy as np
import pytest
import shapely

from citytwin.errors import InputError
from citytwin.grid.faces import _faces
from citytwin.grid.lattice import STEPS
from citytwin.grid.window import Grid, cover, from_cells, local_plane

CITIES = {
    "San Francisco": (-122.44, 37.76),
    "Shanghai": (121.47, 31.23),
    "Helsinki": (24.94, 60.17),
    "Sydney": (151.21, -33.87),
    "Nairobi": (36.82, -1.29),
}


def box(name: str, size: float = 0.004) -> tuple[float, float, float, float]:
    lon, lat = CITIES[name]
    return lon - size, lat - size, lon + size, lat + size


@pytest.mark.parametrize("name", CITIES)
def test_neighbours_are_those_of_h3(name: str) -> None:
    grid = cover(box(name), 11)
    neighbours = grid.neighbours()
    for k, cell in enumerate(grid.cells):
        mine = {int(grid.cells[n]) for n in neighbours[k] if n >= 0}
        ring = {c for c in h3.grid_ring(int(cell), 1) if c in set(grid.cells.tolist())}
        assert mine == ring
    for way in range(3):
        has = neighbours[:, way] >= 0
        assert (neighbours[neighbours[has, way], way + 3] == np.nonzero(has)[0]).all()


@pytest.mark.parametrize("name", CITIES)
def test_the_affine_steps_lead_to_the_neighbours(name: str) -> None:
    grid = cover(box(name), 11)
    vectors = grid.lattice.vectors
    for way, (row, col) in enumerate(STEPS):
        has = grid.neighbours()[:, way] >= 0
        ahead = grid.neighbours()[has, way]
        moved = np.stack([grid.x[ahead] - grid.x[has], grid.y[ahead] - grid.y[has]], axis=1)
        assert np.allclose(moved, row * grid.step_row + col * grid.step_col, atol=0.2)
        assert np.allclose(moved.mean(axis=0), vectors[way], atol=0.05)


@pytest.mark.parametrize("name", CITIES)
@pytest.mark.parametrize(("resolution", "size"), [(9, 0.15), (12, 0.004)])
def test_centres_and_corners_are_those_of_h3(name: str, resolution: int, size: float) -> None:
    grid = cover(box(name, size), resolution)
    assert grid._face is not None
    latlng = np.array([h3.cell_to_latlng(int(cell)) for cell in grid.cells])
    assert np.allclose([grid.x, grid.y], grid.project(*latlng.T[::-1]), rtol=0.0, atol=1e-7)
    boundary = np.array([h3.cell_to_boundary(int(cell)) for cell in grid.cells])
    assert np.allclose(grid.corners_lonlat()[..., ::-1], boundary, rtol=0.0, atol=1e-12)


def test_corners_that_cells_share_are_the_same_number() -> None:
    grid = cover(box("San Francisco"), 12)
    corners = np.unique(grid.corners().reshape(-1, 2), axis=0)
    assert len(corners) == len(np.unique(np.round(grid.corners().reshape(-1, 2), 6), axis=0))


def test_cells_on_two_faces_are_those_of_h3_too() -> None:
    lon, lat = edge_of_two_faces()
    grid = cover((lon - 0.03, lat - 0.02, lon + 0.03, lat + 0.02), 10)
    assert len({tuple(h3.get_icosahedron_faces(int(cell))) for cell in grid.cells}) > 1
    assert grid._face is None
    latlng = np.array([h3.cell_to_latlng(int(cell)) for cell in grid.cells])
    assert np.allclose([grid.x, grid.y], grid.project(*latlng.T[::-1]), rtol=0.0, atol=1e-7)
    assert np.allclose(grid.corners_lonlat().mean(axis=1)[:, ::-1], latlng, rtol=0.0, atol=1e-4)
    polygons = shapely.polygons(grid.corners())
    assert shapely.is_ccw(shapely.get_exterior_ring(polygons)).all()
    assert shapely.union_all(polygons, grid_size=1e-4).area == pytest.approx(grid.area.sum())


def edge_of_two_faces() -> tuple[float, float]:
    """Longitude and latitude [degrees] of the middle of an edge of the icosahedron."""
    middles = _faces()
    middle = middles[0] + middles[1:][np.argmax(middles[1:] @ middles[0])]
    return (
        float(np.degrees(np.arctan2(middle[1], middle[0]))),
        float(np.degrees(np.arctan2(middle[2], np.hypot(middle[0], middle[1])))),
    )


@pytest.mark.parametrize("name", CITIES)
def test_areas_are_true(name: str) -> None:
    grid = cover(box(name), 12)
    sphere = np.array([h3.cell_area(int(cell), unit="m^2") for cell in grid.cells])
    # H3 counts on a sphere, the plane on the ellipsoid: they differ by up to half a per cent.
    assert np.allclose(grid.area, sphere, rtol=0.006)
    assert grid.lattice.cell_area == pytest.approx(grid.area.mean(), rel=1e-4)
    polygons = shapely.polygons(grid.corners())
    assert np.allclose(grid.area, shapely.area(polygons), rtol=1e-9)
    assert shapely.is_ccw(shapely.get_exterior_ring(polygons)).all()
    assert shapely.union_all(polygons, grid_size=1e-6).area == pytest.approx(grid.area.sum())


def test_cells_stand_by_row_then_column_once_each() -> None:
    grid = cover(box("Shanghai"), 11)
    place = grid.row * grid.shape[1] + grid.col
    assert (np.diff(place) > 0).all()
    assert (grid.row.min(), grid.col.min()) == (0, 0)
    assert (grid.row.max() + 1, grid.col.max() + 1) == grid.shape
    assert {h3.get_resolution(int(cell)) for cell in grid.cells} == {11}


def test_a_cover_touches_all_of_its_box() -> None:
    west, south, east, north = box("Helsinki")
    grid = cover((west, south, east, north), 11)
    rng = np.random.default_rng(0)
    lon, lat = rng.uniform(west, east, 500), rng.uniform(south, north, 500)
    inside = {h3.latlng_to_cell(b, a, 11) for a, b in zip(lon, lat, strict=True)}
    assert inside <= set(grid.cells.tolist())
    assert h3.latlng_to_cell(south, west, 11) in grid.cells
    assert (grid.locate(*grid.project(lon, lat)) >= 0).all()


def test_locate_finds_each_cell_from_its_centre_and_nothing_outside() -> None:
    grid = cover(box("Sydney"), 11)
    assert (grid.locate(grid.x, grid.y) == np.arange(len(grid))).all()
    assert (grid.locate(np.array([9e3, -9e3]), np.array([0.0, 9e3])) == -1).all()


def test_locate_gives_the_cell_of_h3() -> None:
    grid = cover(box("Shanghai"), 12)
    rng = np.random.default_rng(1)
    x, y = rng.uniform(-500.0, 500.0, (2, 3000))
    lon, lat = grid.unproject(x, y)
    expected = np.array([h3.latlng_to_cell(b, a, 12) for a, b in zip(lon, lat, strict=True)])
    position = grid.locate(x, y)
    inside = np.isin(expected, grid.cells)
    assert (grid.cells[position[inside]] == expected[inside]).all()
    assert (position[~inside] == -1).all()
    assert 100 < inside.sum() < 3000


def test_locate_of_what_is_no_place_is_outside() -> None:
    grid = cover(box("Sydney"), 11)
    far = np.array([np.nan, np.inf, 1e9, 0.0])
    assert (grid.locate(far, np.zeros(4)) >= 0).tolist() == [False, False, False, True]


def test_planes_there_and_back() -> None:
    grid = cover(box("Nairobi"), 11)
    lon, lat = grid.unproject(grid.x, grid.y)
    x, y = grid.project(lon, lat)
    # PROJ's equal-area latitude is a series: there and back it is good to a fifth of a millimetre.
    assert np.allclose([x, y], [grid.x, grid.y], atol=1e-3)
    assert abs(grid.x.mean()) < 50.0
    assert local_plane(36.82, -1.29) == grid.crs


def test_scatter_and_gather_undo_each_other() -> None:
    grid = cover(box("San Francisco"), 11)
    values = np.random.default_rng(0).normal(size=len(grid))
    window = grid.scatter(values, np.nan)
    assert window.shape == grid.shape
    assert (grid.gather(window) == values).all()
    assert np.isnan(window).sum() == window.size - len(grid)
    assert (grid.gather(grid.window_index) == np.arange(len(grid))).all()


@pytest.mark.parametrize("resolution", [11, 12, 13, 14])
def test_every_resolution_that_a_recipe_may_name_works(resolution: int) -> None:
    size = 0.002 / 2.0 ** (resolution - 11)
    grid = cover(box("San Francisco", size), resolution)
    assert grid.resolution == resolution
    assert 10 < len(grid) < 2000
    assert grid.lattice.lengths.mean() == pytest.approx(
        50.9 / 7 ** ((resolution - 11) / 2), rel=0.02
    )


def test_shuffled_cells_make_the_same_grid() -> None:
    grid = cover(box("Shanghai"), 11)
    shuffled = np.random.default_rng(0).permutation(grid.cells)
    again = from_cells(shuffled, grid.crs)
    for name in ("cells", "row", "col"):
        assert (getattr(again, name) == getattr(grid, name)).all()
    assert again.shape == grid.shape


@pytest.mark.parametrize("bounds", [(1.0, 1.0, 1.0, 2.0), (1.0, 2.0, 2.0, 1.0), (3.0, 0, 2.0, 1)])
def test_an_empty_box_is_refused(bounds: tuple[float, float, float, float]) -> None:
    with pytest.raises(InputError, match="are empty: give west, south, east, north"):
        cover(bounds, 11)


def test_too_many_cells_are_refused_before_they_are_made() -> None:
    with pytest.raises(InputError, match=r"about \d+ million cells .* shrink the box"):
        cover((121.0, 31.0, 122.0, 32.0), 14)


def test_a_pentagon_is_refused_with_the_remedy() -> None:
    pentagon = min(h3.get_pentagons(9))
    around = np.array(h3.grid_disk(pentagon, 4), dtype=np.uint64)
    lat, lon = h3.cell_to_latlng(pentagon)
    with pytest.raises(InputError, match=r"pentagons, .* move or shrink the box"):
        from_cells(around, local_plane(lon, lat))


def test_a_grid_does_not_change() -> None:
    grid = cover(box("Shanghai", 0.001), 11)
    assert isinstance(grid, Grid)
    with pytest.raises(AttributeError):
        grid.resolution = 5  # type: ignore[misc]
