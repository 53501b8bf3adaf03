"""Fire through vegetation keeps to its verification cases, and they can fail."""

from typing import Any

import numpy as np
import pytest

from citytwin.arrays import Floats, Ints
from citytwin.grid.lattice import regular_lattice
from citytwin.grid.window import Grid
from citytwin.hazards.cases import verify
from citytwin.hazards.fire import rothermel
from citytwin.hazards.fire.front import Front, Spread
from citytwin.hazards.fire.front import front as front_module
from citytwin.hazards.fire.front.state import TIME
from citytwin.hazards.fire.fuels import FuelModel
from citytwin.hazards.fire.verification import laws, shapes
from citytwin.hazards.fire.verification.vegetation import VEGETATION
from citytwin.hazards.wind import Wind

CASES = {case.name: case for case in VEGETATION}


@pytest.mark.parametrize("name", CASES)
def test_the_figure_keeps_to_its_bound(name: str) -> None:
    (outcome,) = verify((CASES[name],), None)
    assert outcome.figure >= 0.0
    assert outcome.passed, (f"{outcome.figure:.3g}, at most {CASES[name].bound:g}", outcome.laws)


def test_the_issue_s_bounds_are_the_bounds() -> None:
    for part, bound in (("ellipse in strong wind", 0.02), ("rate of spread", 0.01)):
        found = [case.bound for name, case in CASES.items() if part in name]
        assert found
        assert set(found) == {bound}
    assert all(case.source and case.unit for case in CASES.values())


# That the cases can fail


def test_the_rates_fail_with_other_mineral_damping(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rothermel, "_FREE_OF_SILICA", 0.012)
    assert laws.rates().figure > 0.01


def test_the_rates_fail_without_the_cured_herbs(monkeypatch: pytest.MonkeyPatch) -> None:
    classes = rothermel._classes

    def green(fuel: FuelModel, moisture: rothermel.Moisture) -> Any:
        load, wet, sav = classes(fuel, moisture)
        load[4], load[3] = load[3] + load[4], 0.0
        return load, wet, sav

    monkeypatch.setattr(rothermel, "_classes", green)
    assert laws.rates().figure > 0.01


class Naive(Front):
    """A front that takes the lattice for regular hexagons."""

    def __init__(self, grid: Grid, *given: Any, **named: Any) -> None:
        super().__init__(grid, *given, **named)
        steps = regular_lattice(float(grid.lattice.lengths.mean())).vectors
        turned = np.array([steps[0], steps[2], steps[1], -steps[0], -steps[2], -steps[1]])
        self._vectors = turned


class Slow(Front):
    """A front whose wind is a tenth weaker."""

    def __init__(self, grid: Grid, fuel: Ints, spread: Spread, wind: Wind, *, end: float) -> None:
        weaker = Wind(wind.times, 0.9 * wind.east, 0.9 * wind.north)
        super().__init__(grid, fuel, spread, weaker, end=end)


def fails(part: str) -> bool:
    (case,) = (case for name, case in CASES.items() if part in name)
    (outcome,) = verify((case,), None)
    return not outcome.passed


@pytest.mark.parametrize(
    ("wrong", "part"),
    [
        (Naive, "circle in still air, Shanghai"),
        (Slow, "ellipse in strong wind from six directions, in every direction, regular"),
        (Slow, "ellipse on a slope with wind across it, regular"),
        (Slow, "front after the wind has turned by 90°, regular"),
    ],
)
def test_the_shapes_fail_with_a_wrong_front(
    monkeypatch: pytest.MonkeyPatch, wrong: type[Front], part: str
) -> None:
    monkeypatch.setattr(shapes, "Front", wrong)
    assert fails(part)


def test_the_turn_fails_if_the_front_does_not_keep_its_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    turn = front_module.turn

    def forgetful(cells: Floats, rise: Any, phase: Any, *given: Any) -> Ints:
        kept = cells[:, TIME].copy()
        band = turn(cells, rise, phase, *given)
        cells[band, TIME] = kept[band]
        return band

    monkeypatch.setattr(front_module, "turn", forgetful)
    assert fails("front after the wind has turned by 90°, regular")


def test_the_gap_fails_if_the_line_is_open(monkeypatch: pytest.MonkeyPatch) -> None:
    class Open(Front):
        def __init__(self, grid: Grid, fuel: Ints, *given: Any, **named: Any) -> None:
            filled = fuel.copy()
            filled[np.flatnonzero(fuel == 0)[30:32]] = shapes.GRASS
            super().__init__(grid, filled, *given, **named)

    monkeypatch.setattr(laws, "Front", Open)
    assert fails("bare line one cell wide, regular")
