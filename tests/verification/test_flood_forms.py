"""The closed forms of the flood's verification are those that were published, and are met."""

import numpy as np
import pytest

from citytwin.arrays import Floats
from citytwin.cli.published import published_in
from citytwin.errors import AbsentError
from citytwin.grid.lattice import regular_lattice
from citytwin.hazards.flood.verification import bowls, channels, order, sheets
from citytwin.hazards.flood.verification.scene import (
    Probe,
    place_of,
    scene_over,
    shanghai_lattice,
    skewed_lattice,
    turned,
)
from citytwin.hazards.flood.verification.water import FULL1, FULL2, INERTIAL, SOLVERS, Inflow


def published(name: str) -> str:
    try:
        return published_in(None)(name)
    except AbsentError as absent:
        pytest.skip(str(absent))


def plane_table(text: str) -> Floats:
    rows = [line.split() for line in text.splitlines() if line.strip() and line[0] != "#"]
    return np.array(rows, dtype=np.float64)


@pytest.mark.parametrize(
    ("choice", "level", "period"),
    [
        (1, bowls.curved_level, bowls.curved_period()),
        (2, bowls.planar_level, bowls.planar_period()),
    ],
)
def test_thacker_s_bowls_are_those_of_swashes(
    choice: int, level: bowls.Level, period: float
) -> None:
    """SWASHES's bowl has 1 m radius, 0.1 m depth and 2 m to its middle; ours is 600 times wider."""
    known = plane_table(published(f"swashes 2 1 1 {choice} 30 30"))
    x, y = (known[:, 0] - 2.0) * 600.0, (known[:, 1] - 2.0) * 600.0
    ground = bowls.bowl_ground(x, y)
    # The tables have seven digits.
    np.testing.assert_allclose(ground / 60.0, known[:, 6], atol=1e-6)
    # They stand after three whole periods.
    depth = np.maximum(level(x, y, 3.0 * period) - ground, 0.0)
    np.testing.assert_allclose(depth / 60.0, known[:, 2], atol=1e-6)


@pytest.mark.parametrize("rainy", [False, True])
def test_macdonald_s_channel_is_that_of_swashes(rainy: bool) -> None:  # noqa: FBT001
    """SWASHES sums its ground up by Euler's method: with fine steps it comes to ours."""
    x, ground, level = channels.macdonald_file(
        published(f"swashes 1 2 {4 if rainy else 1} 2 20000")
    )
    np.testing.assert_allclose(channels.macdonald_depth(x), level - ground, atol=1e-5)
    np.testing.assert_allclose(channels.macdonald_ground(x, rainy), ground, atol=4e-4)


@pytest.mark.parametrize("rainy", [False, True])
def test_the_published_file_is_swashes_s_table(rainy: bool) -> None:  # noqa: FBT001
    name = "mcdo_rain" if rainy else "mcdo_norain"
    file = channels.macdonald_file(published(f"macdonald/{name}.csv"))
    table = channels.macdonald_file(published(f"swashes 1 2 {4 if rainy else 1} 2 200"))
    for mine, theirs in zip(file, table, strict=True):
        np.testing.assert_allclose(mine, theirs, atol=2e-5)


@pytest.mark.parametrize("solver", [INERTIAL, FULL2])
def test_macdonald_s_channel_on_ten_metres(solver: str) -> None:
    """The issue's bound, on coarser cells than ``citytwin verify`` takes."""
    table = published("swashes 1 2 1 2 200")
    found = channels.macdonald_error(solver, False, np.radians(30.0), 10.0, None, table)  # noqa: FBT003
    assert found.figure < 0.03
    assert all(law.holds for law in found.laws)


def test_inertial_finds_the_steady_level_of_its_own_equations() -> None:
    """With rain the missing advection costs 33 mm; against its own profile 10 m cells cost 12 mm."""
    bed = channels.Bed(rainy=True)
    found = channels.macdonald(INERTIAL, regular_lattice(10.0), bed)
    own = channels.inertial_level(bed, found.x)
    assert np.abs(own - found.expected).mean() > 0.025
    assert np.abs(found.level - own).mean() < 0.012


@pytest.mark.parametrize(("solver", "expected"), [(FULL1, 0.3), (FULL2, 1.6)])
def test_order_on_a_smooth_vortex_over_two_resolutions(solver: str, expected: float) -> None:
    """From resolution 11 to 12 the vortex has but 3 and 9 cells across its core."""
    found = order.vortex_over(solver, order.shanghai_lattices((11, 12)))
    assert found.orders[-1] > expected
    assert all(abs(water.balance.error) < 1e-12 for water in found.waters)


def test_the_second_order_is_the_better_one() -> None:
    lattice = shanghai_lattice(12)
    errors = [bowls.curved_bowl(solver, lattice, 2.0).error for solver in (FULL1, FULL2)]
    assert errors[1] < 0.2 * errors[0]


def test_the_hunter_wave_obeys_its_equation() -> None:
    """h = [7/3 n² u² s]^(3/7) makes the surface's slope the friction's: dh/ds = n² u² h^(−4/3)."""
    behind = np.linspace(50.0, 3000.0, 500)
    slope = np.gradient(sheets.full_wave(behind), behind)
    friction = 0.03**2 * sheets.full_wave(behind) ** (-4.0 / 3.0)
    np.testing.assert_allclose(slope[1:-1], friction[1:-1], rtol=2e-3)


def test_a_probe_is_exact_for_linear_fields() -> None:
    scene = scene_over(turned(skewed_lattice(), 0.7), (0.0, 400.0), (-50.0, 250.0))
    rng = np.random.default_rng(1)
    x, y = rng.uniform(0.0, 400.0, 200), rng.uniform(-50.0, 250.0, 200)
    values = 3.0 + 0.2 * scene.x - 0.7 * scene.y
    np.testing.assert_allclose(Probe(scene, x, y)(values), 3.0 + 0.2 * x - 0.7 * y, atol=1e-10)


def test_the_conveying_width_is_the_width_without_teeth() -> None:
    """Along a line of the lattice each wall costs 1 / 4√3 of the distance of the cells."""
    scene, inside = channels.channel(regular_lattice(10.0), 0.0, (0.0, 2000.0), 200.0)
    area = float(inside.sum()) * scene.lattice.cell_area / 2000.0
    wide = channels.conveying_width(scene.lattice, inside, 2000.0)
    teeth = 10.0 / (4.0 * np.sqrt(3.0))
    # The last edges at both ends are missing, too: about one of 200.
    assert area - wide == pytest.approx(2.0 * teeth + area / 200.0, rel=0.06)


@pytest.mark.parametrize("solver", SOLVERS)
def test_inflow_gives_the_hydrograph_s_integral(solver: str) -> None:
    scene = scene_over(regular_lattice(10.0), (0.0, 200.0), (0.0, 200.0))
    water = SOLVERS[solver](scene.lattice, scene.even(), scene.even(1.0), scene.even(0.03))
    mouth = place_of(scene.box(80.0, 120.0, 80.0, 120.0))
    flow = Inflow(mouth, [0.0, 7.0, 30.0, 31.0], [0.0, 5.0, 5.0, 0.0])
    water.run(50.0, forcings=(flow,))
    assert flow.until(7.0) == 17.5
    assert flow.until(18.0) == 72.5
    assert water.balance.entered["inflow"] == pytest.approx(135.0, abs=1e-4)
    assert float(water.depth.sum()) * scene.lattice.cell_area == pytest.approx(135.0, rel=1e-5)
