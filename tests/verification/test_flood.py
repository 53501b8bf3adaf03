"""The flood against laws and closed forms: the cases of ``citytwin verify``, and that they can fail."""

from collections.abc import Callable

import numpy as np
import pytest

from citytwin.cli.published import BESIDE, published_in
from citytwin.grid.lattice import Lattice
from citytwin.hazards.base import Site, Verification, verify
from citytwin.hazards.flood import Flood, verification
from citytwin.hazards.flood.inertial.solver import InertialSolver
from citytwin.hazards.flood.solver import ELEVATION, FRICTION, Solver
from citytwin.hazards.flood.verification import ea, laws
from citytwin.hazards.flood.verification.water import INERTIAL

CASES = {case.name: case for case in Flood.verification()}
PUBLISHED = published_in(None)
#: Cases that take a minute and more: only ``citytwin verify`` and ``bench/flood.py`` compute them.
LONG = ("EA test 4", "isolated building", "10,000 steps", "steep streets")
QUICK = [name for name in CASES if not name.startswith(LONG) and LONG[2] not in name]


def case_of(words: str) -> Verification:
    (found,) = (case for name, case in CASES.items() if words in name)
    return found


@pytest.mark.parametrize("name", QUICK)
def test_the_figure_keeps_to_its_bound(name: str, request: pytest.FixtureRequest) -> None:
    case = CASES[name]
    site: Site | None = request.getfixturevalue("site") if case.needs_site else None
    (outcome,) = verify((case,), site, PUBLISHED)
    if outcome.skipped:
        pytest.skip(outcome.skipped)
    assert outcome.figure >= 0.0
    assert outcome.passed, f"{outcome.figure:.3g} {case.unit}, at most {case.bound:g}"


def test_the_issue_s_bounds_are_the_bounds() -> None:
    bounds = {
        "storm on rough, walled ground, float32": 1e-5,
        "storm on rough, walled ground, float64": 1e-12,
        "lake at rest": 1e-6,
        "slope at": 0.01,
        "MacDonald's channel without rain": 0.03,
        "MacDonald's channel with rain": 0.035,
        "settled depths off two programs'": 0.01,
        "isolated building": 0.022,
    }
    for words, bound in bounds.items():
        found = [case for name, case in CASES.items() if words in name]
        assert found
        assert {case.bound for case in found} == {bound}, words
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
        self._ground[:, FRICTION] *= 1.03**2

    with_other_start(monkeypatch, rougher)
    assert fails("plane, slope at 25° to the lattice, inertial")


def test_manning_s_depth_fails_on_a_skewed_lattice_with_naive_edges(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def naive(self: Lattice) -> np.ndarray:
        return np.full(3, np.sqrt(2.0 * self.cell_area / np.sqrt(27.0)))

    monkeypatch.setattr(Lattice, "edges", property(naive))
    assert fails("plane, slope at 90° to the lattice, inertial")


def test_roundness_fails_with_equal_weights() -> None:
    true = verification.skewed_lattice()
    same = np.full(3, true.weights.mean())
    equal = Lattice(true.vectors, true.lengths, same, true.cell_area)
    case = case_of("stays round, Shanghai's lattice, inertial")
    assert laws.roundness(INERTIAL, equal).figure > case.bound


def test_rest_fails_if_the_ground_moves_by_a_millimetre(monkeypatch: pytest.MonkeyPatch) -> None:
    def uneven(self: Solver) -> None:
        self._ground[20, ELEVATION] += 1e-3

    with_other_start(monkeypatch, uneven)
    assert fails("lake at rest over rough ground, inertial")


def test_the_balance_fails_if_drains_are_not_counted(
    monkeypatch: pytest.MonkeyPatch, site: Site
) -> None:
    def forget(self: Solver) -> None:
        row, col = self._drains
        self._state[row, :, col] = 0.0

    monkeypatch.setattr(Solver, "_empty_drains", forget)
    assert fails("storm on the city, float32, inertial", site)


def test_the_wave_fails_with_a_tenth_less_roughness(monkeypatch: pytest.MonkeyPatch) -> None:
    def smoother(self: Solver) -> None:
        self._ground[:, FRICTION] *= 0.9**2

    with_other_start(monkeypatch, smoother)
    assert fails("50 m cells, against its own equations, inertial")


def test_bands_fail_if_their_number_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    flow = InertialSolver._flow

    def late(self: InertialSolver, step: float, count: int) -> None:
        flow(self, step * (1.0 + 1e-6 * self._bands.size), count)

    monkeypatch.setattr(InertialSolver, "_flow", late)
    assert fails("one thread equals many, to the last bit, inertial")


@pytest.mark.skipif(not BESIDE.is_dir(), reason="the published benchmarks are not here")
def test_a_front_over_a_plain_meets_another_program() -> None:
    """EA 2D test 4: depth at the points against LISFLOOD-FP 8.0 DG2, for an hour, on 50 m² cells."""
    texts = [PUBLISHED(name) for name in ea.FILES_4]
    found = ea.quick_plain(INERTIAL, 50.0, 3600.0, None, *texts)
    assert found.figure < 0.005
