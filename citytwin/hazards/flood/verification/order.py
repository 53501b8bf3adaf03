"""Order of convergence: how fast an error falls as the cells get smaller."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from citytwin.grid.lattice import Lattice, regular_lattice
from citytwin.hazards.flood.solver import Solver
from citytwin.hazards.flood.verification import bowls, channels
from citytwin.hazards.flood.verification.scene import shanghai_lattice
from citytwin.hazards.flood.verification.water import Run, measured


@dataclass(frozen=True, eq=False)
class Refined:
    """Errors on finer and finer lattices.

    Attributes
    ----------
    spacings
        Mean distance of the cells [m].
    errors
        Errors on them.
    waters
        The solvers.
    """

    spacings: tuple[float, ...]
    errors: tuple[float, ...]
    waters: tuple[Solver, ...]

    @property
    def orders(self) -> tuple[float, ...]:
        """Observed order between each lattice and the next [1]."""
        e, d = np.log(self.errors), np.log(self.spacings)
        return tuple(float(p) for p in np.diff(e) / np.diff(d))


def refined(lattices: Sequence[Lattice], run: Callable[[Lattice], tuple[float, Solver]]) -> Refined:
    """Run something on lattices, from coarse to fine."""
    found = [run(lattice) for lattice in lattices]
    return Refined(
        tuple(float(lattice.lengths.mean()) for lattice in lattices),
        tuple(error for error, _ in found),
        tuple(water for _, water in found),
    )


def shanghai_lattices(resolutions: Sequence[int]) -> list[Lattice]:
    """The H3 lattices in the centre of Shanghai."""
    return [shanghai_lattice(resolution) for resolution in resolutions]


def vortex_over(solver: str, lattices: Sequence[Lattice]) -> Refined:
    """Errors of the vortex after one turn."""

    def run(lattice: Lattice) -> tuple[float, Solver]:
        found = bowls.vortex(solver, lattice, 1.0)
        return bowls.vortex_error(found), found.water

    return refined(lattices, run)


def planar_over(solver: str, lattices: Sequence[Lattice]) -> Refined:
    """Errors of Thacker's planar bowl after one period."""

    def run(lattice: Lattice) -> tuple[float, Solver]:
        found = bowls.planar_bowl(solver, lattice, 1.0)
        return found.error, found.water

    return refined(lattices, run)


def channel_refined(solver: str, spacings: Sequence[float]) -> Refined:
    """Errors in a channel like MacDonald's that is steady in the local inertial equations."""

    def run(lattice: Lattice) -> tuple[float, Solver]:
        bed = channels.Bed(rainy=False, advection=False)
        found = channels.macdonald(solver, lattice, bed, dtype=np.float64)
        return found.error, found.water

    return refined([regular_lattice(spacing) for spacing in spacings], run)


def _missing(expected: float, found: Refined) -> Run:
    return measured(max(expected - found.orders[-1], 0.0), *found.waters)


def vortex_order_missing(solver: str, expected: float, resolutions: Sequence[int]) -> Run:
    """How much the order on the vortex falls short of an expected one [1]."""
    return _missing(expected, vortex_over(solver, shanghai_lattices(resolutions)))


def bowl_order_missing(solver: str, expected: float, resolutions: Sequence[int]) -> Run:
    """How much the order in Thacker's planar bowl falls short of an expected one [1]."""
    return _missing(expected, planar_over(solver, shanghai_lattices(resolutions)))


def channel_order_missing(solver: str, expected: float, spacings: Sequence[float]) -> Run:
    """How much the order in a channel of the local inertial equations falls short [1]."""
    return _missing(expected, channel_refined(solver, spacings))


def bowl_error(
    which: Callable[..., bowls.Bowl], solver: str, resolution: int, periods: float
) -> Run:
    """Mean absolute error of the depth in one of Thacker's bowls over its mean depth [1]."""
    found = which(solver, shanghai_lattice(resolution), periods)
    return measured(found.error, found.water)
