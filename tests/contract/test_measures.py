"""What every registered measure must keep to, ours and other people's: nothing here names one."""

import os
import re
from pathlib import Path
from typing import Any

import annotated_types
import numpy as np
import pytest
from pydantic import ValidationError

from citytwin import registry
from citytwin.arrays import Floats
from citytwin.errors import ScenarioError
from citytwin.grid.lattice import STEPS
from citytwin.grid.window import Grid
from citytwin.hazards.flood.forcing.works import Works
from citytwin.hazards.flood.inertial.solver import InertialSolver
from citytwin.hazards.flood.solver import Solver
from citytwin.hazards.flood.terrain import FRAME
from citytwin.measures import Cost, Measure, prepare
from citytwin.scenario import Scenario
from citytwin.variables import VARIABLES

HAZARD = "flood"


@pytest.fixture(params=registry.measures.names())
def model(request: pytest.FixtureRequest) -> type[Measure]:
    return registry.measures.get(request.param)


@pytest.fixture
def measure(model: type[Measure], grid: Grid) -> Measure:
    return model.example(grid)


def scenario(*measures: Measure) -> Scenario:
    return Scenario(hazard=registry.hazards.get(HAZARD)(), measures=measures)


def ground_of(layers: dict[str, Floats]) -> Floats:
    return np.asarray(layers["ground_elevation"], np.float64)


def pond(grid: Grid, ground: Floats) -> Solver:
    """Half a metre of water on the city's ground, nothing outside."""
    window = {
        "elevation": ground,
        "storage": np.ones(len(grid)),
        "manning": np.full(len(grid), 0.03),
    }
    framed = {name: np.pad(grid.scatter(values), FRAME) for name, values in window.items()}
    depth = np.pad(grid.scatter(np.full(len(grid), 0.5)), FRAME)
    return InertialSolver(grid.lattice, **framed, depth=depth, parallel=False, dtype=np.float64)


def test_it_says_what_it_is(model: type[Measure], measure: Measure) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9_]*", model.kind)
    assert model.title
    assert re.search(r"[\u4e00-\u9fff]", model.title_zh), "title_zh is not Chinese"
    assert model.version
    assert model.__doc__
    assert set(model.acts_on) <= set(registry.hazards.names())
    assert all(re.search(r"doi:10\.\d{4,}/\S+|ISBN|https?://", text) for text in model.references)
    assert measure.what.startswith("the ")
    with pytest.raises(ValidationError, match="frozen"):
        measure.name = "x"  # type: ignore[misc]
    with pytest.raises(ValidationError, match="forbidden"):
        model.model_validate({**measure.model_dump(), "no_such_field": 1})


def test_every_field_is_described_with_its_unit(model: type[Measure]) -> None:
    for name, about in model.model_json_schema()["properties"].items():
        assert len(about.get("description", "")) > 5, name
        assert about.get("title"), name
        assert re.search(r"[\u4e00-\u9fff]", about.get("title_zh", "")), name
        for option in [about, *about.get("anyOf", [])]:
            if option.get("type") in ("number", "integer"):
                assert about.get("unit"), f"{name} has no unit"
                assert {"minimum", "exclusiveMinimum"} & set(option), f"{name} has no lower bound"
                assert {"maximum", "exclusiveMaximum"} & set(option), f"{name} has no upper bound"


def test_values_beyond_a_field_s_bounds_are_refused(model: type[Measure], measure: Measure) -> None:
    bounds = {
        annotated_types.Ge: lambda m: m.ge - 1,
        annotated_types.Gt: lambda m: m.gt,
        annotated_types.Le: lambda m: m.le + 1,
        annotated_types.Lt: lambda m: m.lt,
    }
    for name, field in model.model_fields.items():
        for rule in field.metadata:
            if type(rule) in bounds:
                wrong = {**measure.model_dump(), name: bounds[type(rule)](rule)}
                with pytest.raises(ValidationError, match=name):
                    model.model_validate(wrong)


def test_it_survives_a_round_trip_through_toml(measure: Measure, tmp_path: Path) -> None:
    told = measure.model_copy(
        update={"name": '墙 "one"', "cost": Cost(amount=2.5e6, currency="CNY", year=2024)}
    )
    event = scenario(measure, told)
    event.save(tmp_path / "s.toml")
    again = Scenario.load(tmp_path / "s.toml")
    assert again == event
    assert [type(found) for found in again.measures] == [type(measure)] * 2
    assert again.key("city") == event.key("city")


def test_the_key_follows_its_physics_and_not_its_words(measure: Measure) -> None:
    plain = scenario(measure).key("city")
    cost = Cost(amount=1.0, currency="EUR", year=2020)
    assert scenario(measure.model_copy(update={"name": "x", "cost": cost})).key("city") == plain
    assert scenario().key("city") != plain
    assert scenario(measure, measure).key("city") != plain


def test_its_version_counts(
    model: type[Measure], measure: Measure, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = scenario(measure).key("city")
    monkeypatch.setattr(model, "version", model.version + "x")
    assert scenario(measure).key("city") != before


def test_it_changes_layers_within_their_range_and_leaves_what_it_was_given(
    measure: Measure, grid: Grid, layers: dict[str, Floats]
) -> None:
    before = {name: values.copy() for name, values in layers.items()}
    for values in layers.values():
        values.flags.writeable = False
    changed, build = prepare([measure], HAZARD, grid, layers)
    assert all((layers[name] == before[name]).all() for name in before)
    assert changed.keys() == before.keys()
    assert build is not None
    for name, values in changed.items():
        assert values.shape == (len(grid),)
        assert (values >= VARIABLES[name].low).all(), name
        assert (values <= VARIABLES[name].high).all(), name


def test_it_makes_a_difference(measure: Measure, grid: Grid, layers: dict[str, Floats]) -> None:
    changed, build = prepare([measure], HAZARD, grid, layers)
    assert build is not None
    works = build(grid, ground_of(layers))
    differs = any((changed[name] != layers[name]).any() for name in layers)
    assert differs or works.barriers or works.forcings


def test_its_works_fit_the_window(measure: Measure, grid: Grid, layers: dict[str, Floats]) -> None:
    works = measure.works(grid, ground_of(layers))
    assert isinstance(works, Works)
    rows, cols = grid.shape
    for barrier in works.barriers:
        way, row, col = barrier.edges
        assert barrier.name
        assert barrier.level.shape == way.shape == row.shape == col.shape
        assert np.isfinite(barrier.level).all()
        assert way.size
        down, right = np.array(STEPS).T
        assert (row >= 0).all()
        assert (col >= 0).all()
        assert (row + down[way] < rows + 2 * FRAME).all()
        assert (col + right[way] < cols + 2 * FRAME).all()


def test_it_builds_anew_every_time_and_its_water_balances(
    measure: Measure, grid: Grid, layers: dict[str, Floats]
) -> None:
    _, build = prepare([measure], HAZARD, grid, layers)
    assert build is not None
    ground = np.full(len(grid), 1.0)
    runs = []
    for _ in range(2):
        works = build(grid, ground)
        water = pond(grid, ground)
        works.build(water)
        for forcing in works.forcings:
            forcing.apply(water, 0.0, 0.0)
        assert water.balance.terms == {}, "time stood still, and yet water went"
        water.run(60.0, forcings=works.forcings)
        assert abs(water.balance.error) < 1e-12
        runs.append(water.depth.tobytes())
    assert runs[0] == runs[1]


def test_a_restart_goes_on_to_the_same_bit(measure: Measure, grid: Grid) -> None:
    ground = np.linspace(0.0, 1.0, len(grid))

    def fresh() -> tuple[Solver, Works]:
        works, water = measure.works(grid, ground), pond(grid, ground)
        works.build(water)
        return water, works

    straight, works = fresh()
    straight.run(30.0, forcings=works.forcings)
    kept = straight.save(), [forcing.state() for forcing in works.forcings]
    straight.run(60.0, forcings=works.forcings)
    again, others = fresh()
    again.restore(kept[0])
    for forcing, state in zip(others.forcings, kept[1], strict=True):
        forcing.restore(state)
    again.run(60.0, forcings=others.forcings)
    assert again.depth.tobytes() == straight.depth.tobytes()
    assert again.balance == straight.balance


def far_away(value: Any) -> Any:
    """Points and lines of a measure's fields, half the world away."""
    if isinstance(value, tuple | list) and len(value) == 2 and isinstance(value[0], float):
        return (value[0] % 180.0 - 170.0, -value[1])
    return tuple(far_away(item) for item in value)


def test_it_is_refused_outside_the_city(measure: Measure, grid: Grid, layers: Any) -> None:
    places = {
        name: far_away(value)
        for name, value in measure.model_dump().items()
        if name in ("line", "area", "at", "to", "point") and value is not None
    }
    away = type(measure).model_validate({**measure.model_dump(), **places, "name": "Far"})
    with pytest.raises(ScenarioError, match=r"'Far' .* lies outside the city: move it") as caught:
        prepare([away], HAZARD, grid, layers)[1](grid, ground_of(layers))  # type: ignore[misc]
    assert "\n" not in str(caught.value)


def test_it_is_refused_where_it_does_nothing(
    measure: Measure, grid: Grid, layers: dict[str, Floats]
) -> None:
    with pytest.raises(ScenarioError, match="does not act on the hazard 'plague', only on"):
        prepare([measure], "plague", grid, layers)


def test_contracts_run_over_every_measure_there_is() -> None:
    names = registry.measures.names()
    assert {"wall", "pump"} <= set(names)
    wanted = os.environ.get("CITYTWIN_EXPECT_MEASURE")
    assert wanted is None or wanted in names
