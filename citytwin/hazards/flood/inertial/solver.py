"""The local inertial solver: drives its kernel with a step from the fastest wave."""

from typing import Any, ClassVar

import numpy as np

from citytwin.arrays import AnyFloats
from citytwin.grid.lattice import Lattice
from citytwin.hazards.flood.inertial import kernel
from citytwin.hazards.flood.layout import PAD
from citytwin.hazards.flood.solver import GRAVITY, NO_CREST, Edges, Solver

#: Weight of the old flux against the flow around it (after de Almeida et al. 2012;
#: the value is ours, not compared with the paper).
THETA = 0.8
#: Part of the stable wave step that is taken (after Bates et al. 2010; the value was not
#: compared with the paper).
COURANT = 0.7
#: Thinner water than this does not flow [m].
THINNEST = 1e-5


class InertialSolver(Solver):
    """Shallow water without the advection of momentum; see ``Solver`` for the parameters."""

    name: ClassVar[str] = "inertial"
    moving: ClassVar[int] = kernel.MOVING
    depth_part: ClassVar[int] = kernel.DEPTH
    flow_parts: ClassVar[tuple[int, int]] = (kernel.FLOW, kernel.FLOW)

    def _prepare(self) -> None:
        count, cols = self._bands.size - 1, self._state.shape[2]
        self._halo, self._ring, self._share = kernel.scratch(count, cols, self._dtype)
        self._find_walls()

    def set_crest(self, edges: Edges, level: AnyFloats | float) -> None:
        """Set the level [m] below which nothing passes some edges, for walls, gates and breaches."""
        super().set_crest(edges, level)
        self._walls[edges[1] + PAD] = True

    def restore(self, kept: dict[str, Any]) -> None:
        """Go on from what ``save`` gave; this solver must have been made in the same way."""
        super().restore(kept)
        self._find_walls()

    def _find_walls(self) -> None:
        """See which rows have a crest."""
        found = (self._crest > 0.5 * NO_CREST).any(axis=(1, 2))
        self._walls = np.broadcast_to(found, self._low.shape).copy()

    def _wave_step(self) -> float:
        """Part of the stable step of the fastest wave, |u| + √(g h) [s]."""
        fastest = max(self._fastest, np.sqrt(GRAVITY * 1e-3))
        return float(COURANT * 2.0 / (fastest * np.sqrt(self.lattice.largest_eigenvalue)))

    def _flow(self, step: float, count: int) -> None:
        steps = kernel.steps_parallel if self._parallel else kernel.steps_serial
        edge, turn = _constants(self.lattice, step, self._dtype)
        steps(
            self._state, self._ground, self._crest, self._walls, self._crossed, self._bands,
            self._halo, self._low, self._high, edge, turn, self._ring, self._share, count,
        )  # fmt: skip


def _constants(lattice: Lattice, step: float, dtype: Any) -> tuple[AnyFloats, AnyFloats]:
    """Constants of ``kernel`` for one time step [s]: those of the edges, those of the flow vector.

    θ belongs to the full step of a wave in water of the edge's own depth; a shorter step smooths
    less, so that neither the step nor deep water elsewhere changes a flow.
    """
    blend = (1.0 - THETA) * step * np.sqrt(GRAVITY * lattice.largest_eigenvalue) / (2.0 * COURANT)
    crossing = lattice.edges * step / lattice.cell_area
    edge = np.zeros((3, 10))
    edge[:, 0] = GRAVITY * step / lattice.lengths
    edge[:, 1], edge[:, 2], edge[:, 3] = step / 2.0, blend / 2.0, THINNEST
    edge[:, 4], edge[:, 5], edge[:, 6] = crossing, 0.0, 1.0
    edge[:, 7] = (2.0 / 3.0) ** 1.5 * np.sqrt(GRAVITY)
    edge[:, 8] = 1.0 / np.sqrt(GRAVITY)
    edge[:, 9] = 2.0 / (step * np.sqrt(GRAVITY * lattice.largest_eigenvalue))
    turn = 0.25 * (lattice.weights * lattice.lengths)[:, None] * lattice.vectors
    return edge.astype(dtype), turn.T.ravel().astype(dtype)
