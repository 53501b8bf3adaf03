"""A run that is stopped keeps what it computed, and goes on later to the same results, bit for bit."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import citytwin as ct
from citytwin.arrays import Floats
from citytwin.city import City
from citytwin.errors import InputError
from citytwin.grid.window import Grid
from citytwin.hazards.base import Hazard
from citytwin.hazards.flood import Flood
from citytwin.hazards.watch import Watch
from citytwin.scenario.checkpoint import read_state, write_state
from citytwin.scenario.running import PART, run


def lonlat(grid: Grid, share: float) -> list[float]:
    """Longitude and latitude of a cell of the grid."""
    k = int(share * (len(grid) - 1))
    lon, lat = grid.unproject(grid.x[[k]], grid.y[[k]])
    return [float(lon[0]), float(lat[0])]


def event(grid: Grid, **more: Any) -> Flood:
    return Flood(
        rain_mm=80.0, rain_h=0.2, simulated_h=0.4, output_min=6.0, losses="green_ampt",
        gauges=[{"name": "A", "at": lonlat(grid, 0.4)}],
        inflows=[{"name": "R", "place": lonlat(grid, 0.6), "hydrograph": [[0, 0.5], [0.3, 2.0]]}],
        **more,
    )  # fmt: skip


class After:
    """Says stop after so many questions."""

    def __init__(self, count: int) -> None:
        self.left = count

    def __call__(self) -> bool:
        self.left -= 1
        return self.left < 0


def assert_equal(first: Hazard, second: Hazard) -> None:
    assert first.times.tobytes() == second.times.tobytes()
    assert first.intensity.tobytes() == second.intensity.tobytes()
    assert first.fields["speed"].tobytes() == second.fields["speed"].tobytes()
    for name, values in first.summary.items():
        assert values.tobytes() == second.summary[name].tobytes(), name
    for one, other in zip(first.series, second.series, strict=True):
        assert one.values.tobytes() == other.values.tobytes(), one.name
    assert first.report == second.report
    assert first.notes == second.notes


@pytest.mark.parametrize("solver", ["inertial", "full"])
def test_a_run_in_pieces_equals_a_run_in_one(
    solver: str, grid: Grid, layers: dict[str, Floats], tmp_path: Path
) -> None:
    flood = event(grid, solver=solver)
    whole = flood.simulate(grid, layers)
    assert whole.complete
    kept, pieces = None, 0
    while True:
        watch = Watch(stopped=After(7), kept=kept)
        hazard = flood.simulate(grid, layers, watch)
        if hazard.complete:
            break
        pieces += 1
        assert hazard.times[-1] < whole.times[-1]
        assert watch.state is not None
        write_state(tmp_path, watch.state)  # through the disk, as a run does it
        kept = read_state(tmp_path)
        assert pieces < 1000
    assert pieces >= 3
    assert_equal(hazard, whole)


def test_a_run_on_coarser_cells_in_pieces_equals_a_run_in_one(city: City, tmp_path: Path) -> None:
    layers = {name: city.layers[name] for name in Flood.inputs}
    flood = event(city.grid, coarser=1)
    whole = flood.simulate(city.grid, layers)
    watch = Watch(stopped=After(40))
    part = flood.simulate(city.grid, layers, watch)
    assert not part.complete
    assert watch.state is not None
    write_state(tmp_path, watch.state)
    rest = flood.simulate(city.grid, layers, Watch(kept=read_state(tmp_path)))
    assert rest.complete
    assert_equal(rest, whole)


def test_what_was_computed_is_kept_and_the_run_goes_on(city: City, tmp_path: Path) -> None:
    scenario = ct.Scenario(hazard=Flood(rain_mm=60, rain_h=0.3, simulated_h=0.5, output_min=6))
    part = run(scenario, city, runs=tmp_path, stopped=After(40))
    assert not part.complete
    assert part.folder.name == f"{part.key}{PART}"
    assert 0.0 < part.times[-1] < 1800.0
    assert part.summary["depth_max"].max() > 0.0
    seen: list[float] = []
    done = run(scenario, city, runs=tmp_path, progress=lambda *told: seen.append(told[0]))
    assert done.complete
    assert seen[0] > 0.0, "it began anew"
    assert [path.name for path in tmp_path.iterdir()] == [done.key]
    whole = run(scenario, city, runs=tmp_path / "whole")
    for name, values in whole.summary.items():
        assert values.tobytes() == done.summary[name].tobytes(), name
    for k in range(whole.times.size):
        assert whole.frame(k).tobytes() == done.frame(k).tobytes()


def test_a_broken_state_is_no_state(tmp_path: Path) -> None:
    assert read_state(tmp_path) is None
    write_state(tmp_path, {"a": np.arange(3), "b": [1, 0.1, None, "x", {"c": True}]})
    kept = read_state(tmp_path)
    assert kept is not None
    assert (kept["a"] == np.arange(3)).all()
    assert kept["b"] == [1, 0.1, None, "x", {"c": True}]
    data = (tmp_path / "state.npz").read_bytes()
    (tmp_path / "state.npz").write_bytes(data[: len(data) // 2])
    assert read_state(tmp_path) is None
    with pytest.raises(InputError, match="cannot keep a complex"):
        write_state(tmp_path, {"a": 1j})
