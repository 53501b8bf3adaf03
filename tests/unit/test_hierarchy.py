"""Parents and children of cells, against H3's own answers."""

import h3.api.basic_int as h3
import numpy as np
import pytest

from citytwin.errors import InputError
from citytwin.grid.hierarchy import hierarchy, parent_cells
from citytwin.grid.window import Grid, cover

#: San Francisco, Shanghai and Helsinki: three faces of H3's icosahedron.
BOXES = (
    (-122.450, 37.7540, -122.440, 37.7620),
    (121.470, 31.2300, 121.480, 31.2380),
    (24.930, 60.1650, 24.945, 60.1720),
)


@pytest.fixture(scope="module", params=BOXES)
def fine(request: pytest.FixtureRequest) -> Grid:
    return cover(request.param, 13)


@pytest.mark.parametrize("coarser", [0, 1, 2, 3])
def test_parents_are_h3_s(fine: Grid, coarser: int) -> None:
    wanted = [h3.cell_to_parent(cell, 13 - coarser) for cell in fine.cells.tolist()]
    assert (parent_cells(fine.cells, 13 - coarser) == np.array(wanted, np.uint64)).all()
    family = hierarchy(fine, 13 - coarser)
    assert (family.coarse.cells[family.parent] == np.array(wanted, np.uint64)).all()
    assert family.coarse.crs == fine.crs
    assert family.children.shape == (7**coarser, 2)
    assert abs(round(np.linalg.det(family.steps))) == 7**coarser


@pytest.mark.parametrize("frame", [0, 1])
def test_owners_are_the_parents_also_outside_the_city(fine: Grid, frame: int) -> None:
    family = hierarchy(fine, 11)
    owners = family.owners(frame)
    cols = family.coarse.shape[1] + 2 * frame
    row, col = np.divmod(owners[fine.row + frame, fine.col + frame], cols)
    assert (row - frame == family.coarse.row[family.parent]).all()
    assert (col - frame == family.coarse.col[family.parent]).all()
    # A cell beside the city, whose place H3 knows.
    place = int(np.argmin(fine.row))
    origin = int(fine.cells[place])
    i, j = h3.cell_to_local_ij(origin, origin)
    other = h3.local_ij_to_cell(origin, i - 1, j)
    if frame:
        row, col = divmod(int(owners[fine.row[place] - 1 + frame, fine.col[place] + frame]), cols)
        inner = int(family.coarse.cells[family.parent[place]])
        a, b = h3.cell_to_local_ij(inner, inner)
        c, d = h3.cell_to_local_ij(inner, h3.cell_to_parent(other, 11))
        assert row - frame - family.coarse.row[family.parent[place]] == c - a
        assert col - frame - family.coarse.col[family.parent[place]] == d - b


def test_the_middle_of_a_parent_is_that_of_its_middle_child(fine: Grid) -> None:
    family = hierarchy(fine, 11)
    row, col = family.middles(family.coarse.row, family.coarse.col)
    inside = (row >= 0) & (col >= 0) & (row < fine.shape[0]) & (col < fine.shape[1])
    index = fine.window_index[row[inside], col[inside]]
    parents = family.coarse.cells[inside][index >= 0]
    wanted = [h3.cell_to_center_child(cell, 13) for cell in parents.tolist()]
    assert (fine.cells[index[index >= 0]] == np.array(wanted, np.uint64)).all()


def test_the_coarse_lattice_has_the_area_of_its_children(fine: Grid) -> None:
    for resolution in (12, 11, 10):
        family = hierarchy(fine, resolution)
        assert family.lattice.cell_area == pytest.approx(
            fine.lattice.cell_area * 7 ** (13 - resolution), rel=1e-12
        )


def test_means_come_back(fine: Grid) -> None:
    family = hierarchy(fine, 12)
    values = np.arange(len(family.coarse), dtype=np.float64)
    assert family.means(values[family.parent], np.ones(len(fine))) == pytest.approx(values)
    assert (family.means(values[family.parent], np.zeros(len(fine))) == 0.0).all()


def test_what_has_no_parents_is_refused(fine: Grid) -> None:
    with pytest.raises(InputError, match="give 0 to 13"):
        hierarchy(fine, 14)
    with pytest.raises(InputError, match="resolution"):
        hierarchy(fine, 6)
