"""The flood against laws and closed forms: the cases of ``citytwin verify``, and that they can fail."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from scipy.spatial import Delaunay

from citytwin.arrays import Floats
from citytwin.grid.lattice import Lattice
from citytwin.hazards.base import Site, Verification, verify
from citytwin.hazards.flood import Flood, solver, verification
from citytwin.hazards.flood.solver import Solver

CASES = {case.name: case for case in Flood.verification()}
EA_TEST_4 = Path(__file__).resolve().parents[3] / "shared" / "bench" / "ea_test4"


def case_of(words: str) -> Verification:
    (found,) = (case for name, case in CASES.items() if words in name)
    return found


@pytest.mark.parametrize("name", CASES)
def test_the_figure_keeps_to_its_bound(name: str, request: pytest.FixtureRequest) -> None:
    case = CASES[name]
    site: Site | None = request.getfixturevalue("site") if case.needs_site else None
    (outcome,) = verify((case,), site)
    assert outcome.figure >= 0.0
    assert outcome.passed, f"{outcome.figure:.3g} {case.unit}, at most {case.bound:g}"


def test_the_issue_s_bounds_are_the_bounds() -> None:
    bounds = {
        "storm on rough, walled ground, float32": 1e-5,
        "storm on rough, walled ground, float64": 1e-9,
        "storm on the city, float32": 1e-5,
        "slope at 0°": 0.01,
        "slope at 25°": 0.01,
        "slope at 90°": 0.01,
        "stays round, regular": 0.02,
        "stays round, Shanghai": 0.02,
    }
    for words, bound in bounds.items():
        assert case_of(words).bound == bound
    assert case_of("lake at rest over the city").needs_site
    assert all(case.source and case.unit for case in CASES.values())


def test_cases_that_need_a_city_are_left_out_without_one() -> None:
    quick = tuple(case for case in CASES.values() if case.needs_site)
    assert quick
    assert verify(quick, None) == []


def fails(words: str, site: Site | None = None) -> bool:
    (outcome,) = verify((case_of(words),), site)
    return not outcome.passed


def with_other_start(monkeypatch: pytest.MonkeyPatch, change: Callable[[Solver], None]) -> None:
    """Let every solver start with something changed."""
    start = Solver.__init__

    def begin(self: Solver, *args: object, **options: object) -> None:
        start(self, *args, **options)  # type: ignore[arg-type]
        change(self)

    monkeypatch.setattr(Solver, "__init__", begin)


def test_manning_s_depth_fails_with_three_per_cent_more_friction(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Depth goes with n^(3/5); friction holds n².
    def rougher(self: Solver) -> None:
        self._ground[:, solver.kernel.FRICTION] *= 1.03**2

    with_other_start(monkeypatch, rougher)
    assert fails("slope at 25°")


def test_manning_s_depth_fails_on_a_skewed_lattice_with_naive_edges(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def naive(self: Lattice) -> np.ndarray:
        return np.full(3, np.sqrt(2.0 * self.cell_area / np.sqrt(27.0)))

    monkeypatch.setattr(Lattice, "edges", property(naive))
    assert fails("slope at 90°")


def test_roundness_fails_with_equal_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    def equal() -> Lattice:
        true = verification_lattice()
        same = np.full(3, true.weights.mean())
        return Lattice(true.vectors, true.lengths, same, true.cell_area)

    verification_lattice = verification.skewed_lattice
    monkeypatch.setattr(verification, "skewed_lattice", equal)
    case = case_of("stays round, Shanghai")
    assert verification.roundness(equal) > case.bound


def test_rest_fails_if_the_ground_moves_by_a_millimetre(monkeypatch: pytest.MonkeyPatch) -> None:
    def uneven(self: Solver) -> None:
        self._ground[20, solver.kernel.ELEVATION] += 1e-3

    with_other_start(monkeypatch, uneven)
    assert fails("lake at rest over rough ground")


def test_the_balance_fails_if_drains_are_not_counted(
    monkeypatch: pytest.MonkeyPatch, site: Site
) -> None:
    def forget(self: Solver) -> None:
        row, col = self._drains
        self._state[row, :, col] = 0.0

    monkeypatch.setattr(Solver, "_empty_drains", forget)
    assert fails("storm on the city, float32", site)


def test_the_wave_fails_with_a_tenth_less_roughness(monkeypatch: pytest.MonkeyPatch) -> None:
    def smoother(self: Solver) -> None:
        self._ground[:, solver.kernel.FRICTION] *= 0.9**2

    with_other_start(monkeypatch, smoother)
    assert fails("50 m cells, against its own equations")


def test_bands_fail_if_their_number_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    flow = Solver._flow

    def late(self: Solver, step: float, count: int) -> None:
        flow(self, step * (1.0 + 1e-6 * self._bands.size), count)

    monkeypatch.setattr(Solver, "_flow", late)
    assert fails("one band equals many")


def table(name: str) -> Floats:
    return np.loadtxt(EA_TEST_4 / name, delimiter=",", skiprows=1)


@pytest.mark.skipif(not EA_TEST_4.is_dir(), reason="the published benchmarks are not here")
def test_a_front_over_a_plain_meets_another_program() -> None:
    """EA 2D test 4: depth at six points against LISFLOOD-FP 8.0 DG2 on 5 m, for three hours.

    Local inertial solvers on 5 m squares are published with 2 to 3 mm. Ours runs on 10 m hexagons.
    """
    reference = table("ref_lisflood_dg2_5m.csv")
    reference = reference[reference[:, 0] <= 10_800.0]
    lattice = verification.skewed_lattice(0.6)
    x, y = verification.positions(lattice, 285, 285)
    x, y = x + 500.0, y + 1000.0
    inside = (x > 0.0) & (x < 1000.0) & (y > 0.0) & (y < 2000.0)
    mouth = inside & (np.abs(y - 1000.0) <= 10.0) & (x < lattice.lengths.mean())
    seconds, flow = table("inflow.csv").T
    each = np.arange(0.0, 10_801.0)
    volume = np.concatenate([[0.0], np.cumsum(np.interp(each[:-1] + 0.5, seconds, flow))])
    plain = Solver(lattice, np.zeros(x.shape), inside.astype(np.float64), np.full(x.shape, 0.05))
    fed = [0.0]

    def feed(running: Solver) -> None:
        now = float(np.interp(running.time, each, volume))
        running.depth[mouth] += (now - fed[0]) / (lattice.cell_area * mouth.sum())
        fed[0] = now

    between = interpolation(np.column_stack([x[inside], y[inside]]), table("points.csv")[:, 1:])
    depths = []
    for time in reference[:, 0]:
        plain.run(time, each_span=feed)
        depths.append(between(np.asarray(plain.depth, np.float64)[inside]))
    error = np.sqrt(np.mean((np.array(depths) - reference[:, 1:]) ** 2, axis=0))
    assert (error < 0.01).all(), error
    assert (error[1:] < 0.008).all(), error


def interpolation(nodes: Floats, points: Floats) -> Callable[[Floats], Floats]:
    """Linear interpolation from nodes to fixed points."""
    triangles = Delaunay(nodes)
    found = triangles.find_simplex(points)
    to = triangles.transform[found]
    part = np.einsum("ijk,ik->ij", to[:, :2], points - to[:, 2])
    weights = np.column_stack([part, 1.0 - part.sum(axis=1)])
    corners = triangles.simplices[found]
    return lambda values: (values[corners] * weights).sum(axis=1)
