"""Verification of the drains: what SWMM and the street must agree on, and flows known in closed form."""

from pathlib import Path

import numpy as np

from citytwin.errors import AbsentError
from citytwin.grid.lattice import regular_lattice
from citytwin.hazards.cases import Law, Measured, Site, Verification
from citytwin.hazards.flood.inertial.solver import InertialSolver
from citytwin.hazards.flood.sewers.event import Sewers
from citytwin.hazards.flood.sewers.forcing import TERM, SewerForcing
from citytwin.hazards.flood.sewers.inp import swmm_of
from citytwin.hazards.flood.sewers.placing import Spots
from citytwin.hazards.flood.sewers.swmm import MISSING, is_installed
from citytwin.hazards.flood.solver import Solver

#: Nodes A and B in the middle of the left and the right half of the window, and an outfall O.
_NETWORK = """
[OPTIONS]
FLOW_UNITS CMS
FLOW_ROUTING DYNWAVE
[JUNCTIONS]
A {a} 0 {start_a}
B {b} 0 {start_b}
[OUTFALLS]
O {o} {outfall}
[CONDUITS]
AB A B {length} {manning} 0 0
BO B O {length} {manning} 0 0
[XSECTIONS]
AB CIRCULAR {wide_ab} 0 0 0
BO CIRCULAR {wide_bo} 0 0 0
"""
_USUAL = {
    "a": 8.0, "b": 7.5, "o": 7.0, "start_a": 0.0, "start_b": 0.0, "outfall": "FREE", "length": 100.0,
    "manning": 0.013, "wide_ab": 0.5, "wide_bo": 0.5,
}  # fmt: skip
_ROWS, _COLS, _SPACING = 9, 17, 5.0
_MIDDLE = _COLS // 2


def street(
    left: float, right: float, depth: tuple[float, float], dtype: type[np.floating] = np.float64
) -> Solver:
    """Two flat streets with walls around them, at two levels and with two depths of water [m]."""
    shape = (_ROWS, _COLS)
    is_left = np.broadcast_to(np.arange(_COLS) < _MIDDLE, shape)
    storage = np.zeros(shape)
    storage[1:-1, 1:-1] = 1.0
    storage[:, _MIDDLE] = 0.0
    water = np.where(storage > 0.0, np.where(is_left, *depth), 0.0)
    return InertialSolver(
        regular_lattice(_SPACING),
        np.where(is_left, left, right),
        storage,
        np.full(shape, 0.03),
        depth=water,
        dtype=dtype,
        parallel=False,
    )


def drains(water: Solver, event: dict[str, float] | None = None, **network: object) -> SewerForcing:
    """A network of two nodes, one in the middle of each street.

    Raises
    ------
    AbsentError
        If SWMM is not installed.
    """
    if not is_installed():
        raise AbsentError(MISSING)
    file = swmm_of(Path("two_nodes.inp"), _NETWORK.format(**{**_USUAL, **network}))
    row = np.array([_ROWS // 2, _ROWS // 2])
    col = np.array([_MIDDLE // 2, _MIDDLE + 1 + _MIDDLE // 2])
    told = Sewers(swmm_file="two_nodes.inp", **(event or {}))  # type: ignore[arg-type]
    return SewerForcing(told, file, Spots(("A", "B"), row, col), water)


def one_water(site: Site | None) -> Measured:
    """Water that street and SWMM count differently, as a share of what went down.

    A street above drains into the network; its pipe on is too small, so that it comes up again in
    the street below. The street's ledger is set against SWMM's own totals.
    """
    del site
    water = street(12.0, 10.0, (0.3, 0.0))
    with drains(water, wide_ab=0.6, wide_bo=0.1) as sewers:
        water.run(900.0, forcings=(sewers,))
        totals = sewers.swmm.totals()
        net = -water.balance.terms[TERM]
        came = totals.came - totals.went + sewers.drained
        off = abs(net - sewers.held - came) / sewers.taken
        swmm = Law("SWMM's own continuity error [1]", abs(totals.error), 0.01)
        street_law = Law("street's balance [1]", abs(water.balance.error), 1e-12)
        surcharged = Law("surcharge missing [1]", float(sewers.returned < 0.7 * sewers.taken), 0.0)
    return Measured(off, (swmm, street_law, surcharged))


def full_pipe(site: Site | None) -> float:
    """Relative error of the flow in a drowned pipe against Manning's formula for a full one.

    SWMM's slot widens a pipe under pressure: by 1.3 % of its area for each diameter of head above
    its crown.
    """
    del site
    water = street(9.0, 8.7, (0.0, 0.6))
    # The outfall is drowned, so that the pipe runs full along its whole length.
    with drains(water, {"series_s": 1.0}, outfall="FIXED 7.7", wide_ab=0.1) as sewers:
        water.run(300.0, forcings=(sewers,))
        network = sewers.record.network
    flow = network.flow[-60:, network.pipes.index("BO")]
    head = 7.5 + network.depth[-60:, network.nodes.index("B")] - 7.7
    expected = manning_flow(0.5, float(head.mean()) / 100.0, 0.013)
    return abs(float(flow.mean()) / expected - 1.0)


def manning_flow(diameter: float, slope: float, roughness: float) -> float:
    """Flow of a full round pipe [m³/s]: A R^(2/3) S^(1/2) / n, R = D/4."""
    area = np.pi * diameter**2 / 4.0
    return float(area * (diameter / 4.0) ** (2.0 / 3.0) * np.sqrt(slope) / roughness)


def rest(site: Site | None) -> float:
    """Greatest exchange [m³/s] in ten minutes, where street, network and tide stand at one level."""
    del site
    water = street(10.0, 10.0, (0.5, 0.5))
    level = {"start_a": 2.5, "start_b": 3.0, "outfall": "FIXED 10.5"}
    with drains(water, {"series_s": 1.0}, **level) as sewers:
        water.run(600.0, forcings=(sewers,))
        found = sewers.record.network
        return float(max(np.abs(found.flow_in).max(), np.abs(found.flow).max()))


def joined_streets(site: Site | None) -> Measured:
    """Difference of the levels [m] of two streets that only a sewer joins, 0.4 m at the start.

    They swing about the common level, ever less.

    The outfall is shut by its flap gate, so the level is known: the water of both streets, less what
    fills pipes and shafts, over their area.
    """
    del site
    water = street(10.0, 10.0, (0.6, 0.2))
    before = float(water.balance.before)
    area = before / float(water.depth.sum()) * int(np.count_nonzero(water.depth))
    with drains(water, wide_ab=0.8, outfall="FIXED 12.0 YES", wide_bo=0.2) as sewers:
        water.run(1200.0, forcings=(sewers,))
        stored = sewers.swmm.totals().stored + sewers.held
    left, right = (float(water.level[_ROWS // 2, k]) for k in (_MIDDLE // 2, _COLS - 4))
    expected = 10.0 + (before - stored) / area
    off = abs((left + right) / 2.0 - expected)
    return Measured(abs(left - right), (Law("level against the water there is [m]", off, 0.01),))


CASES = (
    Verification(
        "drains: street and SWMM count the same water",
        one_water, 1e-9, "1", "Conservation; SWMM 5.2's own routing totals",
    ),
    Verification(
        "drains: a full pipe carries Manning's flow",
        full_pipe, 0.03, "1", "Manning's formula for a full round pipe, R = D/4",
    ),
    Verification(
        "drains: street, network and tide rest at one level",
        rest, 1e-9, "m3/s", "Hydrostatics",
    ),
    Verification(
        "drains: a sewer levels two streets",
        joined_streets, 0.02, "m", "Communicating vessels",
    ),
)  # fmt: skip
