"""A fire or a plume that is stopped goes on later to the same results, bit for bit."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from made_up import made_up_buildings

import citytwin as ct
from citytwin.arrays import Floats
from citytwin.city import City
from citytwin.grid.window import Grid
from citytwin.hazards.base import Given, Hazard, HazardModel
from citytwin.hazards.fire import Fire
from citytwin.hazards.plume import Plume
from citytwin.hazards.watch import Watch
from citytwin.scenario.checkpoint import read_state, write_state
from citytwin.scenario.running import PART, run

WIND = [[0.0, 5.0, 270.0], [0.6, 9.0, 300.0], [1.2, 4.0, 200.0]]
EVENTS: dict[str, HazardModel] = {
    # Engines, a front through plants in a wind that turns, embers, random ignitions.
    "fire": Fire(
        simulated_h=2.0, wind=WIND, engines=2, ignition_count=4, response_min=2.0, output_min=7.0
    ),
    "fire without buildings": Fire(simulated_h=0.5, wind=WIND, engines=1, response_min=1.0),
    "plume": Plume(simulated_h=0.5, wind=WIND, duration_min=10.0, output_min=3.0),
    # In a steady wind the concentration stands still and is not computed anew.
    "steady plume": Plume(simulated_h=0.5, duration_min=30.0, output_min=3.0),
    "puff": Plume(simulated_h=0.3, kind="instantaneous", output_min=3.0),
}


class After:
    """Says stop after so many questions."""

    def __init__(self, count: int) -> None:
        self.left = count

    def __call__(self) -> bool:
        self.left -= 1
        return self.left < 0


def everything(hazard: Hazard) -> dict[str, Any]:
    """All arrays of a hazard by name."""
    return {
        "times": hazard.times,
        "intensity": hazard.intensity,
        **{f"summary {name}": values for name, values in hazard.summary.items()},
        **{f"field {name}": values for name, values in hazard.fields.items()},
        **{f"building {name}": values for name, values in hazard.buildings.items()},
        **{f"series {one.name}": one.values for one in hazard.series},
    }


def assert_equal(first: Hazard, second: Hazard) -> None:
    one, other = everything(first), everything(second)
    assert one.keys() == other.keys()
    for name, values in one.items():
        assert values.tobytes() == other[name].tobytes(), name
    assert first.report == second.report
    assert first.sentence == second.sentence
    assert first.notes == second.notes


@pytest.mark.parametrize("name", EVENTS)
def test_a_run_in_pieces_equals_a_run_in_one(
    name: str, grid: Grid, layers: dict[str, Floats], tmp_path: Path
) -> None:
    event = EVENTS[name]
    given = Given(buildings=made_up_buildings(grid)) if name == "fire" else Given()
    whole = event.simulate(grid, layers, given=given)
    assert whole.intensity.max() > 0.0
    each = 1 if event.name == "fire" else 25
    kept, pieces = None, 0
    while True:
        told: list[float] = []
        watch = Watch(lambda done, _, told=told: told.append(done), After(each), kept)  # type: ignore[misc]
        hazard = event.simulate(grid, layers, watch, given)
        if hazard.complete:
            break
        pieces += 1
        assert hazard.times[-1] < whole.times[-1]
        # Its last moment is there, too: nothing came after the times that it knows.
        assert not (hazard.summary["arrival"] > 1.000001 * hazard.times[-1]).any()
        assert watch.state is not None
        assert kept is None or told[0] > 0.0, "it began anew"
        write_state(tmp_path, watch.state)  # through the disk, as a run does it
        kept = read_state(tmp_path)
        assert pieces < 1000
    assert pieces >= 1
    assert_equal(hazard, whole)


def test_a_stop_at_the_last_step_is_no_stop(grid: Grid, layers: dict[str, Floats]) -> None:
    asked = [0]

    def count() -> bool:
        asked[0] += 1
        return False

    event = Plume(simulated_h=0.1, duration_min=5.0, output_min=3.0)
    event.simulate(grid, layers, Watch(stopped=count))
    assert event.simulate(grid, layers, Watch(stopped=After(asked[0]))).complete


@pytest.mark.parametrize("name", ["fire", "plume"])
def test_what_was_computed_is_kept_and_the_run_goes_on(
    name: str, city: City, tmp_path: Path
) -> None:
    event = Fire(simulated_h=1.0) if name == "fire" else Plume(simulated_h=0.3)
    scenario = ct.Scenario(hazard=event)
    part = run(scenario, city, runs=tmp_path, stopped=After(3))
    assert not part.complete
    assert part.folder.name == f"{part.key}{PART}"
    done = run(scenario, city, runs=tmp_path)
    assert done.complete
    assert [path.name for path in tmp_path.iterdir()] == [done.key]
    whole = run(scenario, city, runs=tmp_path / "whole")
    for quantity, values in whole.summary.items():
        assert np.asarray(values).tobytes() == np.asarray(done.summary[quantity]).tobytes(), (
            quantity
        )
    for k in range(whole.times.size):
        assert whole.frame(k).tobytes() == done.frame(k).tobytes()
    assert whole.impact == done.impact
