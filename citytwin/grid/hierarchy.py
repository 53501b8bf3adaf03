"""Parents of a city's cells: the same city on a coarser H3 resolution, and which cell lies in which.

H3 children of a cell lie in the same pattern around its centre wherever it is, and the centre of a
parent is that of its middle child. So the two dense windows are related by whole numbers: a step in the
coarse window is a fixed step in the fine one, and a parent's children are at fixed places around it.
"""

from dataclasses import dataclass

import h3 as h3_errors
import h3.api.basic_int as h3
import numpy as np

from citytwin.arrays import Cells, Floats, Ints
from citytwin.errors import InputError
from citytwin.grid.faces import local_places
from citytwin.grid.lattice import Lattice, lattice_of
from citytwin.grid.window import Grid, from_cells

#: An H3 index holds its resolution in four bits from this one on, and three bits a level below 45.
_RESOLUTION_BIT = 52
_LEVELS = 15


@dataclass(frozen=True, eq=False)
class Hierarchy:
    """A grid and the grid of its cells' parents.

    Attributes
    ----------
    fine, coarse
        Cells of the city, and their parents. Parents at its border reach beyond it.
    parent
        (n,) position in ``coarse.cells`` of each fine cell's parent.
    steps
        (2, 2) steps in the fine window, as rows and columns, that lead to the parent's neighbour in the
        next row and in the next column of the coarse window.
    origin
        (2,) place in the fine window of the middle of the coarse window's cell (0, 0).
    children
        (k, 2) places of the children of a cell around its middle.
    """

    fine: Grid
    coarse: Grid
    parent: Ints
    steps: Ints
    origin: Ints
    children: Ints

    @property
    def lattice(self) -> Lattice:
        """Lattice of the parents that fits that of the fine cells exactly."""
        right, down = self.fine.lattice.vectors[0], self.fine.lattice.vectors[1]
        row, col = (step[0] * down + step[1] * right for step in self.steps)
        return lattice_of(col, row)

    def middles(self, row: Ints, col: Ints) -> tuple[Ints, Ints]:
        """Places in the fine window of the middles of coarse places, any shape."""
        fine_row = self.origin[0] + self.steps[0, 0] * row + self.steps[1, 0] * col
        fine_col = self.origin[1] + self.steps[0, 1] * row + self.steps[1, 1] * col
        return fine_row, fine_col

    def owners(self, frame: int) -> Ints:
        """Coarse cell in which each fine place lies.

        Parameters
        ----------
        frame
            Rows and columns of a frame around both windows.

        Returns
        -------
        (rows + 2 frame, cols + 2 frame) flat places in the coarse window with its frame; −1 in corners
        that no coarse cell of that window holds.
        """
        rows, cols = (size + 2 * frame for size in self.fine.shape)
        coarse_cols = self.coarse.shape[1] + 2 * frame
        found = np.full(rows * cols, -1, np.int64)
        row, col = np.indices([size + 2 * frame for size in self.coarse.shape])
        middle_row, middle_col = self.middles(row.ravel() - frame, col.ravel() - frame)
        for down, right in self.children:
            r, c = middle_row + down + frame, middle_col + right + frame
            inside = (r >= 0) & (c >= 0) & (r < rows) & (c < cols)
            places = row.ravel()[inside] * coarse_cols + col.ravel()[inside]
            found[r[inside] * cols + c[inside]] = places
        return found.reshape(rows, cols)

    def means(self, values: Floats, weights: Floats) -> Floats:
        """(m,) weighted means over the children that lie in the city; 0 where the weights are.

        Parameters
        ----------
        values, weights
            (n,) of the fine cells.
        """
        size = len(self.coarse)
        total = np.bincount(self.parent, weights, size)
        return np.divide(
            np.bincount(self.parent, weights * values, size),
            total,
            out=np.zeros(size),
            where=total > 0.0,
        )


def parent_cells(cells: Cells, resolution: int) -> Cells:
    """(n,) H3 indexes of the parents at a coarser resolution.

    Parameters
    ----------
    cells
        (n,) H3 indexes of one resolution.
    resolution
        H3 resolution of the parents, at most that of the cells.
    """
    finest = h3.get_resolution(int(cells[0]))
    parents = cells & ~np.uint64(_LEVELS << _RESOLUTION_BIT)
    parents |= np.uint64(resolution << _RESOLUTION_BIT)
    for level in range(resolution + 1, finest + 1):
        parents |= np.uint64(7 << 3 * (_LEVELS - level))
    return parents


def hierarchy(fine: Grid, resolution: int) -> Hierarchy:
    """The grid of the parents at a resolution, and how the two windows are related.

    Parameters
    ----------
    fine
        Cells of the city.
    resolution
        H3 resolution of the parents, 0 to that of the cells.

    Raises
    ------
    InputError
        If the resolution is not coarser, if so few parents remain that they form a single row, or if
        the cells lie where H3's lattice bends too much for one window.
    """
    if not 0 <= resolution <= fine.resolution:
        raise InputError(
            f"cells of resolution {fine.resolution} have no parents of resolution {resolution}: give "
            f"0 to {fine.resolution}"
        )
    parents, position = np.unique(parent_cells(fine.cells, resolution), return_inverse=True)
    coarse = from_cells(parents, fine.crs)
    order = np.argsort(coarse.cells)
    parent = order[position].astype(np.int64)
    result = _related(fine, coarse, parent)
    row, col = (np.asarray(place) for place in np.divmod(result.owners(0), coarse.shape[1]))
    same = (row[fine.row, fine.col] == coarse.row[parent]) & (
        col[fine.row, fine.col] == coarse.col[parent]
    )
    if not same.all():
        raise InputError(
            "the city lies across a fold of H3's lattice, where parents and children do not fit one "
            "window: move or shrink the box, or run it at its own resolution"
        )
    return result


def _related(fine: Grid, coarse: Grid, parent: Ints) -> Hierarchy:
    """Steps, origin and children, found with H3 around one parent that has neighbours."""
    index = np.pad(coarse.window_index, ((0, 1), (0, 1)), constant_values=-1)
    below, right = index[coarse.row + 1, coarse.col], index[coarse.row, coarse.col + 1]
    able = np.nonzero((below >= 0) & (right >= 0))[0]
    if not able.size:
        raise InputError(
            f"too few cells of resolution {coarse.resolution} hold the city: give a finer resolution"
        )
    here = int(able[able.size // 2])
    near = int(np.argmax(parent == here))
    trio = [here, int(below[here]), int(right[here])]
    middles = [h3.cell_to_center_child(int(coarse.cells[k]), fine.resolution) for k in trio]
    family = np.array(h3.cell_to_children(int(coarse.cells[here]), fine.resolution), np.uint64)
    known = np.array([fine.cells[near], *middles], np.uint64)
    try:
        places = local_places(np.concatenate([known, family]), int(fine.cells[near]))
    except h3_errors.H3BaseException as error:
        raise InputError(
            "the city lies around one of the twelve H3 pentagons, where its parents form no dense "
            "window: move or shrink the box"
        ) from error
    places = places - places[0] + np.array([fine.row[near], fine.col[near]])
    middle = places[1]
    steps = places[2:4] - middle
    origin = middle - coarse.row[here] * steps[0] - coarse.col[here] * steps[1]
    return Hierarchy(fine, coarse, parent, steps, origin, places[4:] - middle)
