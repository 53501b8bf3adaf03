"""What every registered hazard must keep to, ours and other people's: nothing here names one."""

import json
import os
import re
import subprocess
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import annotated_types
import numba
import numpy as np
import pytest
from made_up import made_up_buildings
from pydantic import ValidationError

from citytwin import registry
from citytwin.arrays import Floats
from citytwin.errors import InputError
from citytwin.grid.window import Grid, from_cells
from citytwin.hazards.base import Given, Hazard, HazardModel
from citytwin.scenario import Scenario
from citytwin.variables import VARIABLES

VERIFICATION = Path(__file__).parents[1] / "verification"
#: Events for the slow interpreted run; every other hazard runs with its defaults.
SHORT: dict[str, dict[str, Any]] = {
    "flood": {
        "rain_mm": 150.0,
        "rain_h": 0.1,
        "simulated_h": 0.1,
        "output_min": 3.0,
        "precision": "float64",
    },
}


@pytest.fixture(params=registry.hazards.names())
def model(request: pytest.FixtureRequest) -> type[HazardModel]:
    return registry.hazards.get(request.param)


@contextmanager
def known_unverified(model: type[HazardModel]) -> Iterator[None]:
    """Expect the warning of a model that is not verified, and no other."""
    if model.verified:
        yield
        return
    with pytest.warns(UserWarning, match=f"'{model.name}' has not been verified"):
        yield


def simulate(event: HazardModel, grid: Grid, layers: dict[str, Floats]) -> Hazard:
    """Simulate with made-up buildings, where the model reads buildings."""
    given = Given(buildings=made_up_buildings(grid)) if event.needs_buildings else None
    with known_unverified(type(event)):
        return event.simulate(grid, layers, given=given)


def numbers(hazard: Hazard) -> dict[str, Any]:
    """All arrays of a hazard by name."""
    cells = {**hazard.summary, "times": hazard.times, "intensity": hazard.intensity}
    fields = {f"field {name}": values for name, values in hazard.fields.items()}
    return {**cells, **fields, **{f"building {k}": v for k, v in hazard.buildings.items()}}


def assert_same(first: Hazard, second: Hazard) -> None:
    """Equal to the last bit, what it reports included."""
    a, b = numbers(first), numbers(second)
    assert a.keys() == b.keys()
    for name, values in a.items():
        assert values.dtype == b[name].dtype
        assert values.tobytes() == b[name].tobytes(), name
    assert first.report == second.report
    assert first.sentence == second.sentence


def other_value(model: type[HazardModel], name: str) -> Any:
    """A valid value of a field that is not its default."""
    field = model.model_fields[name]
    about = model.model_json_schema()["properties"][name]
    default = field.default
    if field.examples:
        return field.examples[0]
    if "enum" in about:
        return next(choice for choice in about["enum"] if choice != default)
    if isinstance(default, bool):
        return not default
    for candidate in (default * 1.25, default * 0.75, default + 1, default - 1):
        value = int(candidate) if about["type"] == "integer" else candidate
        try:
            model(**{name: value})
        except ValidationError:
            continue
        if value != default:
            return value
    raise AssertionError(f"no other value of '{name}' was found")


def test_it_builds_without_arguments_and_says_what_it_is(model: type[HazardModel]) -> None:
    event = model()
    assert re.fullmatch(r"[a-z][a-z0-9_]*", event.name)
    assert event.title
    assert re.search(r"[\u4e00-\u9fff]", event.title_zh), "title_zh is not Chinese"
    assert event.version
    assert model.__doc__
    with pytest.raises(ValidationError, match="frozen"):
        event.name_of_nothing = 1  # type: ignore[attr-defined]


def test_every_field_is_described_with_its_unit(model: type[HazardModel]) -> None:
    for name, about in model.model_json_schema()["properties"].items():
        assert len(about.get("description", "")) > 5, name
        assert about.get("title"), name
        assert "default" in about, name
        if about.get("type") in ("number", "integer"):
            assert about.get("unit"), f"{name} has no unit"
            assert {"minimum", "exclusiveMinimum"} & set(about), f"{name} has no lower bound"
            assert {"maximum", "exclusiveMaximum"} & set(about), f"{name} has no upper bound"


def test_it_cites_its_sources(model: type[HazardModel]) -> None:
    assert model.references
    assert all(re.search(r"doi:10\.\d{4,}/\S+", text) for text in model.references)


def test_inputs_and_output_are_variables(model: type[HazardModel]) -> None:
    assert model.inputs
    assert set(model.inputs) <= set(VARIABLES)
    assert model.output in VARIABLES


def test_its_intensity_lies_in_the_range_of_its_variable(
    model: type[HazardModel], grid: Grid, layers: dict[str, Floats]
) -> None:
    hazard = simulate(model(), grid, layers)
    variable = VARIABLES[model.output]
    assert hazard.variable == model.output
    assert hazard.intensity.shape == (hazard.times.size, len(grid))
    assert hazard.intensity.dtype == np.float32
    assert hazard.times[0] >= 0.0
    assert (np.diff(hazard.times) > 0.0).all()
    assert np.isfinite(hazard.intensity).all()
    assert hazard.intensity.min() >= variable.low
    assert variable.low < hazard.intensity.max() <= variable.high, "nothing happened"
    for name, values in hazard.summary.items():
        assert values.shape == (len(grid),), name
        assert values.dtype == np.float32, name
    assert hazard.sentence.endswith(".")
    assert all(np.isfinite(value) for value in hazard.report.values())


def test_no_moment_is_above_the_greatest(
    model: type[HazardModel], grid: Grid, layers: dict[str, Floats]
) -> None:
    hazard = simulate(model(), grid, layers)
    moving = {model.output: hazard.intensity, **hazard.fields}
    for name, values in moving.items():
        if f"{name}_max" in hazard.summary:
            assert (values <= hazard.summary[f"{name}_max"]).all(), name


def test_it_gives_the_same_answer_twice(
    model: type[HazardModel], grid: Grid, layers: dict[str, Floats]
) -> None:
    assert_same(simulate(model(), grid, layers), simulate(model(), grid, layers))


def test_it_leaves_its_inputs_as_they_were(
    model: type[HazardModel], grid: Grid, layers: dict[str, Floats]
) -> None:
    before = {name: values.copy() for name, values in layers.items()}
    for values in layers.values():
        values.flags.writeable = False
    cells, area = grid.cells.copy(), grid.area.copy()
    simulate(model(), grid, layers)
    assert layers.keys() == before.keys()
    assert all((layers[name] == before[name]).all() for name in before)
    assert (grid.cells == cells).all()
    assert (grid.area == area).all()


def test_it_reads_only_the_layers_it_names(
    model: type[HazardModel], grid: Grid, layers: dict[str, Floats]
) -> None:
    few = {name: layers[name] for name in model.inputs}
    assert_same(simulate(model(), grid, few), simulate(model(), grid, layers))


def test_a_missing_layer_is_named(
    model: type[HazardModel], grid: Grid, layers: dict[str, Floats]
) -> None:
    for name in model.inputs:
        rest = {key: values for key, values in layers.items() if key != name}
        with known_unverified(model), pytest.raises(InputError, match=f"'{name}' is missing"):
            model().simulate(grid, rest)


def test_a_layer_of_the_wrong_length_is_refused(
    model: type[HazardModel], grid: Grid, layers: dict[str, Floats]
) -> None:
    for name in model.inputs:
        wrong = layers | {name: layers[name][:-1]}
        with known_unverified(model), pytest.raises(InputError, match=f"'{name}' has shape"):
            model().simulate(grid, wrong)


def test_a_layer_with_impossible_values_is_refused(
    model: type[HazardModel], grid: Grid, layers: dict[str, Floats]
) -> None:
    for name in model.inputs:
        variable = VARIABLES[name]
        for value in (np.nan, variable.low - 1.0, np.inf if variable.high < np.inf else -np.inf):
            wrong = layers[name].copy()
            wrong[len(grid) // 2] = value
            with known_unverified(model), pytest.raises(InputError, match=f"'{name}' has values"):
                model().simulate(grid, layers | {name: wrong})


def test_values_beyond_a_field_s_bounds_are_refused(model: type[HazardModel]) -> None:
    bounds = {
        annotated_types.Ge: lambda m: m.ge - 1,
        annotated_types.Gt: lambda m: m.gt,
        annotated_types.Le: lambda m: m.le + 1,
        annotated_types.Lt: lambda m: m.lt,
    }
    tried = 0
    for name, field in model.model_fields.items():
        for rule in field.metadata:
            if type(rule) in bounds:
                tried += 1
                with pytest.raises(ValidationError, match=name):
                    model(**{name: bounds[type(rule)](rule)})
    assert tried, "no field has bounds"
    with pytest.raises(ValidationError, match="forbidden"):
        model(no_such_field=1)


def test_it_survives_a_round_trip_through_toml(model: type[HazardModel], tmp_path: Path) -> None:
    changed = model(**{name: other_value(model, name) for name in list(model.model_fields)[:1]})
    for event in (model(), changed):
        scenario = Scenario(name='雨 "one"', description="two\nlines", hazard=event)
        scenario.save(tmp_path / "scenario.toml")
        again = Scenario.load(tmp_path / "scenario.toml")
        assert again == scenario
        assert type(again.hazard) is model
        assert again.key("city") == scenario.key("city")


def test_its_key_follows_the_physics_and_nothing_else(
    model: type[HazardModel], monkeypatch: pytest.MonkeyPatch
) -> None:
    key = Scenario(name="a", hazard=model()).key("city")
    assert Scenario(name="b", description="other", hazard=model()).key("city") == key
    keys = {key, Scenario(name="a", hazard=model()).key("other city")}
    others = [model(**{name: other_value(model, name)}) for name in model.model_fields]
    # An event that reads a file needs that file; its tests are elsewhere.
    tried = [event for event in others if all(path.exists() for path in event.files())]
    keys |= {Scenario(name="a", hazard=event).key("city") for event in tried}
    assert len(keys) == 2 + len(tried)
    monkeypatch.setattr(model, "version", model.version + "x")
    assert Scenario(name="a", hazard=model()).key("city") not in keys


def test_it_has_no_hidden_order_of_cells(
    model: type[HazardModel], grid: Grid, layers: dict[str, Floats]
) -> None:
    order = np.random.default_rng(1).permutation(len(grid))
    shuffled = from_cells(grid.cells[order], grid.crs)
    assert (shuffled.cells == grid.cells).all()
    assert_same(simulate(model(), grid, layers), simulate(model(), shuffled, layers))


def test_cells_may_stand_in_any_order(
    model: type[HazardModel], grid: Grid, layers: dict[str, Floats]
) -> None:
    order = np.random.default_rng(2).permutation(len(grid))
    moved = Grid(
        grid.resolution, grid.cells[order], grid.row[order], grid.col[order], grid.shape, grid.crs
    )
    event = model(**SHORT.get(model.name, {}))
    straight = simulate(event, grid, layers)
    mixed = simulate(event, moved, {name: values[order] for name, values in layers.items()})
    for name, values in numbers(straight).items():
        ordered = name == "times" or name.startswith("building ")
        expected = values if ordered else values[..., order]
        assert np.allclose(numbers(mixed)[name], expected, rtol=1e-6, atol=1e-9, equal_nan=True)


def test_serial_equals_parallel(
    model: type[HazardModel], grid: Grid, layers: dict[str, Floats]
) -> None:
    threads = numba.get_num_threads()
    parallel = simulate(model(), grid, layers)
    try:
        numba.set_num_threads(1)
        serial = simulate(model(), grid, layers)
    finally:
        numba.set_num_threads(threads)
    for name, values in numbers(parallel).items():
        assert values.tobytes() == numbers(serial)[name].tobytes(), name
    assert serial.report == pytest.approx(parallel.report, rel=1e-12, abs=1e-12)


INTERPRETED = """
import json, os, sys, warnings
import numba, numpy as np
assert numba.config.DISABLE_JIT == {off}
from citytwin import registry
from citytwin.grid.window import from_cells
from citytwin.hazards.base import Given
sys.path.insert(0, sys.argv[5])
from made_up import made_up_buildings
warnings.simplefilter("ignore")
held = np.load(sys.argv[2])
grid = from_cells(held["cells"], str(held["crs"]))
event = registry.hazards.get(sys.argv[1])(**json.loads(sys.argv[3]))
given = Given(buildings=made_up_buildings(grid)) if event.needs_buildings else None
hazard = event.simulate(grid, {{name: held[name] for name in event.inputs}}, given=given)
np.savez(sys.argv[4], intensity=hazard.intensity, **hazard.summary)
"""


def test_compiled_equals_interpreted(
    model: type[HazardModel],
    grid: Grid,
    layers: dict[str, Floats],
    tmp_path: Path,
    environment: dict[str, str],
) -> None:
    # A quarter of the cells: the interpreter needs a thousand times as long.
    part = from_cells(grid.cells[(grid.row < 7) & (grid.col < 7)], grid.crs)
    where = np.searchsorted(grid.cells, part.cells, sorter=np.argsort(grid.cells))
    place = np.argsort(grid.cells)[where]
    few = {name: layers[name][place] for name in model.inputs}
    np.savez(tmp_path / "in.npz", cells=part.cells, crs=part.crs, **few)
    event = SHORT.get(model.name, {})
    done = subprocess.run(
        [sys.executable, "-c", INTERPRETED.format(off=1), model.name, tmp_path / "in.npz",
         json.dumps(event), tmp_path / "out.npz", VERIFICATION.parent],
        env={**environment, "NUMBA_DISABLE_JIT": "1"}, capture_output=True, text=True, timeout=240,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    compiled = simulate(model(**event), part, few)
    interpreted = np.load(tmp_path / "out.npz")
    assert set(interpreted) == set(compiled.summary) | {"intensity"}
    assert compiled.intensity.max() > 0.0
    for name in interpreted:
        values = numbers(compiled)[name].astype(np.float64)
        # Stored as float32: a last digit may round the other way.
        close = np.isclose(values, interpreted[name], rtol=1.2e-7, atol=1e-9, equal_nan=True)
        assert close.all(), name


def test_it_is_verified_or_says_that_it_is_not(
    model: type[HazardModel], grid: Grid, layers: dict[str, Floats]
) -> None:
    if model.verified:
        assert (VERIFICATION / f"test_{model.name}.py").is_file()
        assert model.verification()
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            model().simulate(grid, layers)
    else:
        with pytest.warns(UserWarning, match=f"'{model.name}' has not been verified"):
            model().simulate(grid, layers)


def test_its_pictures_fit_its_results(
    model: type[HazardModel], grid: Grid, layers: dict[str, Floats]
) -> None:
    hazard = simulate(model(), grid, layers)
    moving = {model.output, *hazard.fields}
    names = [picture.name for picture in model.pictures]
    assert len(set(names)) == len(names)
    for picture in model.pictures:
        assert picture.values in (moving if picture.moving else set(hazard.summary)), picture.name
        assert list(picture.classes) == sorted(set(picture.classes))
        assert len(picture.colours) == len(picture.classes)
        assert all(re.fullmatch(r"#[0-9a-f]{6}", colour) for colour in picture.colours)
        for words in (picture.title, picture.title_zh):
            words.format(**model().model_dump())
        assert picture.short
        held = moving if picture.moving else set(hazard.summary)
        assert {picture.where[0], picture.raised} <= {"", *held}
        assert re.search(r"[\u4e00-\u9fff]", picture.title_zh)
        assert len(picture.words) == len(picture.words_zh)
        assert bool(picture.unit) != bool(picture.words), "a unit or words"
        assert len(picture.words) in (0, len(picture.classes))


def test_what_befell_each_building_has_a_value_for_each(
    model: type[HazardModel], grid: Grid, layers: dict[str, Floats]
) -> None:
    count = len(made_up_buildings(grid))
    hazard = simulate(model(), grid, layers)
    assert bool(hazard.buildings) == model.needs_buildings
    for name, values in hazard.buildings.items():
        assert values.shape == (count,), name
        assert values.dtype == np.float32, name
    with known_unverified(model):
        bare = model().simulate(grid, layers)
    assert all(values.size == 0 for values in bare.buildings.values())


def test_progress_runs_forward_to_the_end(
    model: type[HazardModel], grid: Grid, layers: dict[str, Floats]
) -> None:
    seen: list[tuple[float, str]] = []
    with known_unverified(model):
        model().simulate(grid, layers, lambda done, note: seen.append((done, note)))
    done = [share for share, _ in seen]
    assert done
    assert done == sorted(done)
    assert done[0] >= 0.0
    assert done[-1] == pytest.approx(1.0)
    assert all(note for _, note in seen)


def test_contracts_run_over_every_hazard_there_is() -> None:
    names = registry.hazards.names()
    assert "flood" in names
    wanted = os.environ.get("CITYTWIN_EXPECT_HAZARD")
    assert wanted is None or wanted in names
