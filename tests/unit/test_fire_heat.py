"""Heat on people in the open: limits, places, shares of wood, and what the impact counts of it."""

import numpy as np
import pytest
import shapely
from made_up import made_up_buildings

from citytwin.arrays import Floats
from citytwin.errors import InputError
from citytwin.grid.overlay import Shares, polygon_shares
from citytwin.grid.window import Grid
from citytwin.hazards.base import Given, Hazard
from citytwin.hazards.buildings import Buildings
from citytwin.hazards.fire import Fire, simulation
from citytwin.hazards.fire.heat import sight as sights
from citytwin.hazards.fire.heat.limits import limits, probit
from citytwin.hazards.fire.heat.sight import Sight, sight_of
from citytwin.hazards.fire.houses.tables import wood_share_of
from citytwin.hazards.fire.verification.block import buildings_at
from citytwin.hazards.fire.verification.town import run, town
from citytwin.hazards.watch import Watch
from citytwin.impact.exposure import Choices, Exposure
from citytwin.impact.fire import Burning
from citytwin.tables import read_rows, table_path

_PER_BUILDING = ("height", "levels", "floor_area", "people", "kind", "material", "year")


def test_limits_rise_and_are_those_of_the_table() -> None:
    rows = read_rows(table_path("heat_flux.csv"), ("name", "flux_kw_m2", "verified"))
    found = limits()
    assert {row["name"]: float(row["flux_kw_m2"]) * 1e3 for row in rows} == {
        name: one.flux for name, one in found.items()
    }
    fluxes = [one.flux for one in found.values()]
    assert fluxes == sorted(fluxes)


def test_the_probit_kills_as_published() -> None:
    law = probit()
    # Half die where the probit is 5: t q^(4/3) = exp(41.38 / 2.56).
    flux = (np.exp((5.0 - law.a) / law.b) / 30.0) ** 0.75
    assert law.killed(float(flux), 30.0) == pytest.approx(0.5, abs=1e-12)
    assert law.flux_that_kills(0.01, 30.0) == pytest.approx(7264.0, rel=0.005)
    assert law.killed(law.flux_that_kills(0.01, 30.0), 30.0) == pytest.approx(0.01, rel=1e-9)
    assert law.killed(0.0, 30.0) == law.killed(1e4, 0.0) == 0.0


def test_people_stand_in_the_open_where_there_is_any(grid: Grid) -> None:
    # Every third centre lies under a small roof, and one cell under a large one; one has a yard.
    pitch = float(np.sqrt(grid.area.min()))
    side = np.where(np.arange(len(grid)) % 3 == 0, 0.6, 1e-3) * pitch
    side[len(grid) // 2] = 4.0 * pitch
    x, y = grid.x, grid.y
    outlines = shapely.box(x - side / 2, y - side / 2, x + side / 2, y + side / 2)
    outlines[3] = shapely.difference(outlines[3], shapely.Point(x[3], y[3]).buffer(0.1 * pitch))
    made = made_up_buildings(grid)
    count = {name: np.resize(getattr(made, name), x.size) for name in _PER_BUILDING}
    buildings = Buildings(outlines=outlines, cells=polygon_shares(grid, outlines), **count)
    places = sight_of(buildings, grid).places
    tree = shapely.STRtree(buildings.outlines)
    under = np.unique(tree.query(shapely.points(places.x, places.y), predicate="within")[0])
    assert set(under) <= set(np.flatnonzero(places.covered))
    moved = (places.x != grid.x) | (places.y != grid.y)
    assert moved.any(), "no centre lay under a roof"
    assert not (moved & places.covered).any()
    assert places.covered[len(grid) // 2]
    assert (places.x[3], places.y[3]) == (x[3], y[3]), "the yard is open"


def test_heat_is_highest_beside_fires_and_none_far_from_all() -> None:
    place = town(8, 5)
    hazard = run(place, simulated_h=2.0, embers=False)
    heat = hazard.summary["heat_flux_max"]
    lit = np.isfinite(hazard.buildings["ignited_s"])
    x, y = place.buildings.centres
    away = np.hypot(place.grid.x[:, None] - x[lit], place.grid.y[:, None] - y[lit]).min(axis=1)
    assert 20e3 < heat.max() <= 84e3
    assert (heat[away > 110.0] == 0.0).all()
    assert heat[away < 12.0].mean() > heat[(away > 20.0) & (away < 40.0)].mean() > 0.0


def test_a_longer_run_is_never_cooler() -> None:
    place = town(8, 5, grass=1.0)
    short, long = (run(place, simulated_h=h).summary["heat_flux_max"] for h in (1.0, 2.0))
    assert (long >= short).all()
    assert (long > short).any()


def test_a_long_building_heats_both_its_ends() -> None:
    grid = town(2, 1).grid
    box = shapely.box(-120.0, -10.0, 120.0, 10.0)
    one = buildings_at(np.zeros(1), np.zeros(1), 10.0, 30.0, grid)
    named = {name: getattr(one, name) for name in _PER_BUILDING}
    outlines = np.array([box], dtype=object)
    shares = polygon_shares(grid, outlines)
    # Its main cell lies at its western end: all of the building counts there.
    west = np.argmin(grid.x[shares.cell])
    amount = np.where(np.arange(shares.cell.size) == west, 2.0, 1.0) * shares.amount.max()
    buildings = Buildings(
        outlines=outlines, cells=Shares(shares.item, shares.cell, amount), **named
    )
    found = Sight(buildings, grid)
    found.look(np.array([0]))
    x = found.places.x[found.cell]
    assert -x.min() == pytest.approx(x.max(), abs=10.0)


def test_a_look_broken_off_leaves_what_is_known_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    place = town(8, 5)
    broken, whole = Sight(place.buildings, place.grid), Sight(place.buildings, place.grid)
    every = np.arange(len(place.buildings))
    see, calls = sights._see, []

    def see_twice(*given: object) -> None:
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        see(*given)

    with monkeypatch.context() as patched:
        patched.setattr(sights, "_AT_ONCE", 10)
        patched.setattr(sights, "_see", see_twice)
        with pytest.raises(KeyboardInterrupt):
            broken.look(every)
    broken.look(every)
    whole.look(every)
    for name in ("first", "count", "cell", "shape"):
        np.testing.assert_array_equal(getattr(broken, name), getattr(whole, name), name)


@pytest.mark.parametrize("stopped", [False, True])
def test_the_last_minutes_are_looked_at(*, stopped: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Looks are at 1200 s and 1500 s; a fire from 1201 s on is seen by a run that ends at 1480 s."""
    monkeypatch.setattr(simulation, "_TELL", 73)  # asked after 20 s and 1480 s whether to stop
    place = town(8, 5)
    x, y = place.buildings.centres
    at = place.lonlat(float(x[0]), float(y[0]))
    start = ({"name": "a", "at": at, "from_h": 1201.0 / 3600.0},)
    event = Fire(simulated_h=1.0 if stopped else 1480.0 / 3600.0, ignitions=start)
    answers = iter((False, stopped))
    watch = Watch(stopped=lambda: next(answers))
    given = Given(buildings=place.buildings)
    hazard = event.simulate(place.grid, place.layers, watch, given)
    assert hazard.complete is not stopped
    assert hazard.times[-1] == 1480.0
    assert hazard.summary["heat_flux_max"].max() > 1000.0


def test_wood_comes_from_what_people_build_there(grid: Grid, layers: dict[str, Floats]) -> None:
    buildings = made_up_buildings(grid)

    def wooden(construction: str, **fields: float) -> Hazard:
        given = Given(buildings=buildings, construction=construction)
        return Fire(simulated_h=0.2, output_min=6.0, **fields).simulate(grid, layers, given=given)

    for name, share in (("north_america", "90%"), ("china", "2%")):
        notes = wooden(name).notes
        assert any(
            note.startswith(f"{share} of the low buildings") and name in note for note in notes
        ), notes
    assert any("as the event says" in note for note in wooden("china", wood_share=0.5).notes)
    assert any("nothing says what people build" in note for note in wooden("").notes)
    assert wood_share_of("europe") < wood_share_of("japan") < wood_share_of("north_america")
    with pytest.raises(InputError, match="'moon': set the event's wood_share"):
        wood_share_of("moon")


def exposed(grid: Grid) -> Exposure:
    houses = made_up_buildings(grid)
    cells = np.arange(len(grid))
    streets = Shares(np.zeros(cells.size, np.int64), cells, np.full(cells.size, 40.0))
    return Exposure(
        grid, np.full(len(grid), 0.3), houses, np.where(houses.kind == "house", 1.0, 0.0),
        ("street",), np.ones(1, np.bool_), streets, Choices("asia", "CHN", "china"),
    )  # fmt: skip


def test_streets_and_people_in_the_heat_are_counted_by_hand(
    grid: Grid, layers: dict[str, Floats]
) -> None:
    exposure = exposed(grid)
    given = Given(buildings=exposure.buildings, construction="north_america")
    hazard = Fire(simulated_h=1.5).simulate(grid, layers, given=given)
    counts = {one.name: one for one in Burning.count(exposure, hazard).counts}
    heat = hazard.summary["heat_flux_max"].astype(np.float64)
    assert counts["street_escape"].value == pytest.approx(40.0 * (heat >= 2500.0).sum())
    assert counts["street_minutes"].value == pytest.approx(40.0 * (heat >= 4730.0).sum())
    assert counts["street_escape"].value >= counts["street_minutes"].value
    assert counts["street_minutes"].value >= counts["street_deadly"].value > 0.0
    hot = exposure.highest(heat) >= 2500.0
    assert counts["hot_doors"].value == pytest.approx(exposure.buildings.people[hot].sum())
    for one in counts.values():
        assert one.of is None or one.value <= one.of * (1.0 + 1e-9), one.name
