"""The flood against published benchmarks: what ``citytwin verify`` runs whole, smaller here."""

import numpy as np
import pytest

from citytwin.cli.published import published_in
from citytwin.errors import AbsentError
from citytwin.hazards.flood.verification import building, ea
from citytwin.hazards.flood.verification.water import FULL1, FULL2, INERTIAL


def published(*names: str) -> list[str]:
    try:
        return [published_in(None)(name) for name in names]
    except AbsentError as absent:
        pytest.skip(str(absent))


def test_the_bump_is_the_published_terrain() -> None:
    (text,) = published("ea_test3/test3DEM.asc")
    rows = np.array([line.split() for line in text.splitlines()[6:]], dtype=np.float64)
    x = -49.0 + 2.0 * np.arange(rows.shape[1])
    np.testing.assert_allclose(rows, np.broadcast_to(ea.bump_ground(x), rows.shape), atol=3e-4)


def test_the_bump_s_hydrograph_is_the_published_one() -> None:
    (text,) = published("ea_test3/Test3BC.csv")
    known = np.array([line.split(",") for line in text.split("\n")[1:] if line], dtype=np.float64)
    np.testing.assert_array_equal(known.T, [ea.TIMES, ea.FLOW])
    assert np.trapezoid(known[:, 1], known[:, 0]) == ea.POURED


def test_without_advection_the_water_is_kept_but_not_where_it_belongs() -> None:
    found = ea.momentum_over_bump(INERTIAL, 5.0)
    assert found.water.balance.entered["inflow"] == pytest.approx(1310.0, abs=1e-3)
    assert abs(found.water.balance.error) < 1e-6
    assert abs(ea.settled(found)[1] - 0.059) > 0.03, "FV1 has 0.059 m there"


@pytest.mark.parametrize(
    ("solver", "bound"),
    [
        # On hexagons four times as large as those of the whole case; the first order runs late.
        (INERTIAL, 0.006),
        (FULL1, 0.025),
        (FULL2, 0.006),
    ],
)
def test_a_front_over_a_plain_meets_another_program(solver: str, bound: float) -> None:
    """EA test 4 for its first hour on hexagons of 100 m²: worst point against LISFLOOD-FP 8.0 DG2."""
    texts = published(*ea.FILES_4)
    found = ea.quick_plain(solver, 100.0, 3600.0, None, *texts)
    assert found.figure < bound
    assert all(law.holds for law in found.laws)


def test_axis_and_diagonal_agree() -> None:
    """Points 5 and 6 keep the ratio of the axisymmetric solution's depths within 2 %."""
    known = ea.reference(*published(*ea.FILES_4))
    found = ea.front_over_plain(INERTIAL, ea.hexagons_of(100.0), known, until=7200.0)
    ratio = 1.0 + found.off_radial(known) / known.radial[:, 2]
    assert abs(ratio[5] / ratio[4] - 1.0) < 0.02
    assert np.abs(found.late_radial(known)).max() < 60.0


def test_the_flume_reads_as_measured() -> None:
    known = building.flume(*published(*building.FILES))
    assert known.gauges.shape == (6, 2)
    assert known.depth.shape == (3001, 6)
    assert known.depth[0, 5] == 0.4
    assert known.velocity.shape[1] == 11
    assert [round(block.area, 3) for block in known.blocks] == [1.04, 1.04, 0.32]


def test_only_the_full_solver_knows_the_dam_break_at_a_building() -> None:
    known = building.flume(*published(*building.FILES))
    lattice = building.building_lattice(9)
    errors = {
        solver: building.dam_break_on_building(solver, lattice, known, until=12.0).rmse(known)
        for solver in (INERTIAL, FULL2)
    }
    assert errors[FULL2].max() < 0.035
    assert errors[INERTIAL].max() > 0.1
