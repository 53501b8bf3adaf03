"""Parts of fire between buildings: classes, pairs, states, the brigade, and what is refused."""

import numpy as np
import pytest
import shapely
from pydantic import ValidationError

from citytwin.errors import InputError
from citytwin.hazards.base import Given
from citytwin.hazards.fire import Fire
from citytwin.hazards.fire.houses.classes import stock_of
from citytwin.hazards.fire.houses.hamada import velocities
from citytwin.hazards.fire.houses.pairs import find_pairs
from citytwin.hazards.fire.houses.states import BURNING, BURNT, CLEARED, IGNITION, UNTOUCHED, Houses
from citytwin.hazards.fire.houses.tables import BRICK, CONCRETE, WOOD, construction
from citytwin.hazards.fire.scene import fuel_of
from citytwin.hazards.fire.simulation import simulate
from citytwin.hazards.fire.verification.block import block, buildings_at
from citytwin.hazards.fire.verification.town import run, town
from citytwin.hazards.watch import Watch
from citytwin.tables import read_rows, table_path


def row_of(gaps: list[float]) -> np.ndarray:
    """Houses of 10 m in a row with these gaps."""
    west = np.concatenate([[0.0], np.cumsum(np.array(gaps) + 10.0)])
    return shapely.box(west, 0.0, west + 10.0, 10.0)


def test_classes_follow_the_source_and_the_rest_is_assumed() -> None:
    x = np.arange(6) * 20.0
    buildings = buildings_at(x, np.zeros(6), 10.0)
    words = np.array(["brick", "", "", "wood", "", ""], dtype=object)
    kinds = np.array(["house", "hospital", "house", "office", "house", "house"], dtype=object)
    levels = np.array([2.0, 2.0, 9.0, 2.0, 2.0, 2.0])
    given = type(buildings)(
        **{**vars(buildings), "material": words, "kind": kinds, "levels": levels}
    )
    stock = stock_of(given, 1.0, 4.0, 1)
    assert stock.kind.tolist() == [BRICK, CONCRETE, CONCRETE, WOOD, WOOD, WOOD]
    assert stock.assumed.tolist() == [False, True, True, False, True, True]
    assert (stock_of(given, 0.0, 4.0, 1).kind[[4, 5]] == BRICK).all()
    # Contents by kind, the structure by class.
    floor = given.floor_area
    assert stock.load[3] == pytest.approx(floor[3] * (420e6 + construction().structure_load[WOOD]))
    assert stock.load[4] == pytest.approx(floor[4] * (780e6 + construction().structure_load[WOOD]))


def test_the_share_of_wood_is_kept_and_follows_the_seed() -> None:
    x = np.arange(4000) * 20.0
    plain = buildings_at(x, np.zeros(4000), 10.0)
    empty = np.full(4000, "", dtype=object)
    buildings = type(plain)(**{**vars(plain), "material": empty})
    kinds = [stock_of(buildings, 0.7, 4.0, seed).kind for seed in (1, 2)]
    assert abs((kinds[0] == WOOD).mean() - 0.7) < 0.03
    assert (kinds[0] != kinds[1]).any()


def test_pairs_see_each_other_and_a_house_between_hides() -> None:
    outlines = row_of([5.0, 5.0, 12.0])
    found = find_pairs(outlines, np.full(4, 6.0))
    seen = {
        (i, int(j)) for i in range(4) for j in found.target[found.first[i] : found.first[i + 1]]
    }
    assert seen == {(0, 1), (1, 0), (1, 2), (2, 1), (2, 3), (3, 2)}
    assert found.gap.tolist() == pytest.approx([5.0, 5.0, 5.0, 5.0, 12.0, 12.0])
    assert found.east.tolist() == pytest.approx([1, -1, 1, -1, 1, -1])
    assert found.left == pytest.approx(-5.0)
    assert found.right == pytest.approx(5.0)


def test_distances_agree_with_shapely() -> None:
    rng = np.random.default_rng(3)
    centre = rng.uniform(0, 120, (40, 2))
    angle = rng.uniform(0, np.pi, 40)
    outlines = np.array(
        [
            shapely.affinity.rotate(shapely.box(x - 4, y - 6, x + 4, y + 6), a, use_radians=True)
            for (x, y), a in zip(centre, angle, strict=True)
        ]
    )
    found = find_pairs(outlines, np.full(40, 8.0))
    source = np.repeat(np.arange(40), np.diff(found.first))
    exact = shapely.distance(outlines[source], outlines[found.target])
    assert len(found) > 100
    assert found.gap == pytest.approx(exact, abs=1e-9)


def test_courtyards_and_parts_are_seen_as_they_are() -> None:
    ring = shapely.box(0, 0, 30, 30) - shapely.box(10, 10, 20, 20)
    parts = shapely.MultiPolygon([shapely.box(40, 0, 50, 10), shapely.box(40, 60, 50, 70)])
    between = shapely.box(40, 25, 50, 45)
    outlines = np.array([ring, parts, between])
    found = find_pairs(outlines, np.full(3, 9.0))
    source = np.repeat(np.arange(3), np.diff(found.first))
    exact = shapely.distance(outlines[source], outlines[found.target])
    assert found.gap == pytest.approx(exact)
    # No edge joins the two parts: what stands between them is 15 m away, not 0.
    assert sorted(found.gap.tolist()) == pytest.approx([10.0, 10.0, 10.0, 10.0, 15.0, 15.0])


def test_terraced_houses_burn_through_the_wall_in_the_time_it_holds() -> None:
    outlines = row_of([0.0])
    buildings = buildings_at(np.array([5.0, 15.0]), np.full(2, 5.0), 10.0)
    assert shapely.equals(outlines, buildings.outlines).all()
    stock = stock_of(buildings, 1.0, 4.0, 0)
    houses = Houses(stock, find_pairs(outlines, stock.height))
    still = np.zeros(3)
    houses.ignite(np.array([0]), np.zeros(1), IGNITION, 0.0, still)
    now = 0.0
    while houses.state[1] == UNTOUCHED and now < 1e5:
        houses.step(now, 10.0, still)
        now += 10.0
    # Full fire after the growth; its square counts for a third until then.
    table = construction()
    share = (3.0 * table.party[WOOD] / table.growth[WOOD]) ** (1.0 / 3.0)
    expected = table.growth[WOOD] * share if share < 1.0 else np.nan
    assert houses.ignited[1] == pytest.approx(expected, rel=0.02)


def test_the_order_of_houses_does_not_matter() -> None:
    place = block(9, 10.0, 5.0)
    order = np.random.default_rng(4).permutation(81)
    mixed = buildings_at(place.x[order], place.y[order], 10.0)
    stock = stock_of(mixed, 1.0, 4.0, 0)
    other = Houses(stock, find_pairs(mixed.outlines, stock.height))
    air = np.array([6.0, 0.6, 0.8])
    place.houses.ignite(np.array([7]), np.zeros(1), IGNITION, 0.0, air)
    other.ignite(np.flatnonzero(order == 7), np.zeros(1), IGNITION, 0.0, air)
    for number in range(300):
        place.houses.step(20.0 * number, 20.0, air)
        other.step(20.0 * number, 20.0, air)
    lit = np.isfinite(place.houses.ignited)
    assert lit.sum() > 20
    assert other.ignited[np.argsort(order)][lit] == pytest.approx(place.houses.ignited[lit])


def test_a_cleared_house_never_burns() -> None:
    place = block(5, 10.0, 4.0)
    place.houses.clear(np.arange(25) % 2 == 1)
    place.houses.ignite(np.array([0, 1]), np.zeros(2), IGNITION, 0.0, np.zeros(3))
    assert place.houses.state[:2].tolist() == [BURNING, CLEARED]
    for number in range(2000):
        place.houses.step(20.0 * number, 20.0, np.array([5.0, 1.0, 0.0]))
    assert (place.houses.state[1::2] == CLEARED).all()
    assert place.houses.state[0] == BURNT
    kept = place.houses.kept()
    assert np.isnan(kept["ignited_s"][1::2]).all()
    assert kept["burnt_s"][0] > kept["ignited_s"][0] == 0.0


def test_hamada_s_velocities_by_hand() -> None:
    # 10 m houses 10 m apart in 10 m/s: 11.25 + 160/50 min of mortared wood over 1.6 (1 + 1 + 0.7).
    down, side, up = (60.0 * speed for speed in velocities(10.0, 10.0, 10.0))
    assert down == pytest.approx(20.0 / ((11.25 + 160.0 / 50.0) / 4.32))
    assert side == pytest.approx(20.0 / ((11.25 + 160.0 / 7.5) / 1.5))
    assert up == pytest.approx(20.0 / ((11.25 + 160.0 / 7.0) / 1.2))
    assert np.ptp(velocities(10.0, 10.0, 0.0)) < 1e-12
    bare = velocities(10.0, 10.0, 10.0, mortared=False)
    assert 60.0 * bare[0] == pytest.approx(20.0 / ((6.75 + 80.0 / 50.0) / 4.32))


def test_plants_are_the_ones_that_cover_most() -> None:
    layers = {
        "building_cover": np.array([0.0, 0.8, 0.0, 0.0, 0.2]),
        "grass_share": np.array([0.5, 1.0, 0.2, 0.2, 0.5]),
        "shrub_share": np.array([0.1, 0.0, 0.2, 0.0, 0.0]),
        "tree_share": np.array([0.4, 0.0, 0.5, 0.2, 0.5]),
    }
    assert fuel_of(Fire(), layers).tolist() == [101, 0, 186, 0, 101]
    assert fuel_of(Fire(grass_fuel="none"), layers).tolist() == [0, 0, 186, 0, 0]


def test_an_ignition_lights_what_is_there() -> None:
    bare, green = town(2, 1, 60.0), town(2, 1, 60.0, 0.9)
    x, y = bare.buildings.centres
    for place, (east, north), lit in (
        (bare, (x[0], y[0]), 1), (bare, (x[0] + 20.0, y[0]), 1), (green, (0.0, 0.0), 0),
    ):  # fmt: skip
        at = place.lonlat(float(east), float(north))
        fields = {"ignitions": ({"name": "a", "at": at},), "simulated_h": 0.1, "output_min": 3.0}
        hazard = run(place, **fields, embers=False)
        assert (hazard.buildings["cause"] == IGNITION).sum() == lit
        assert (hazard.report["plants_burnt_m2"] > 0.0) == (place is green)
    with pytest.raises(InputError, match="nothing burns within 30 m of the ignition 'a'"):
        run(bare, ignitions=({"name": "a", "at": bare.lonlat(0.0, 100.0)},))


def test_random_ignitions_are_different_and_follow_the_seed() -> None:
    place = town(8, 5)
    lit = [
        run(place, ignitions=(), ignition_count=6, seed=seed, simulated_h=0.5).buildings["cause"]
        for seed in (1, 2)
    ]
    assert [(one == IGNITION).sum() for one in lit] == [6, 6]
    assert (lit[0] != lit[1]).any()


def test_no_fire_starts_in_a_building_that_a_break_clears() -> None:
    place = town(8, 5)
    x, y = place.buildings.centres
    ends = [
        place.lonlat(float(x.min()) - 20.0, float(y.min())),
        place.lonlat(float(x.max()) + 20.0, float(y.min())),
    ]
    row = {"name": "b", "line": ends, "width": 2.0}
    fields = {"breaks": (row,), "simulated_h": 0.1, "output_min": 3.0, "embers": False}
    hazard = run(place, **fields, ignitions=(), ignition_count=6)
    assert hazard.report["buildings_cleared"] == 8
    assert (hazard.buildings["cause"] == IGNITION).sum() == 6
    gone = {"name": "a", "at": place.lonlat(float(x[0]), float(y.min()))}
    with pytest.raises(InputError, match="nothing burns within 30 m of the ignition 'a'"):
        run(place, **{**fields, "breaks": ({**row, "width": 200.0},)}, ignitions=(gone,))


def test_a_break_too_narrow_for_the_cells_is_not_called_outside() -> None:
    place = town(2, 1, 60.0)
    x, _ = place.buildings.centres
    ends = [place.lonlat(float(x[0]) + 20.0, 0.0), place.lonlat(float(x[0]) + 20.5, 0.3)]
    with pytest.raises(InputError, match="'b' cuts no cell and no building: widen it"):
        run(place, breaks=({"name": "b", "line": ends, "width": 0.01},))


def test_more_engines_leave_fewer_houses_burnt() -> None:
    place = town(12, 8)
    touched = [
        (run(place, simulated_h=5.0, engines=number).buildings["state"] != UNTOUCHED).sum()
        for number in (0, 1, 8)
    ]
    assert touched[0] > touched[2]
    assert touched[0] >= touched[1] >= touched[2]


def test_a_run_that_is_stopped_says_so() -> None:
    place = town(8, 5)
    watch = Watch(stopped=lambda: True)
    hazard = simulate(Fire(), place.grid, place.layers, watch, Given(buildings=place.buildings))
    assert not hazard.complete
    assert hazard.times[-1] < 3600.0


def test_what_is_wrong_is_said_in_one_sentence() -> None:
    place = town(8, 5)
    for fields, words in (
        ({"ignitions": [{"name": "a", "at": [0.0, 0.0]}]}, "the ignition 'a'"),
        ({"station": [0.0, 0.0], "engines": 1}, "the station"),
        ({"breaks": [{"name": "b", "line": [[-122.0, 37.0], [-122.0, 37.1]]}]}, "fire break 'b'"),
    ):
        with pytest.raises(InputError, match=words):
            Fire(**fields).simulate(
                place.grid, place.layers, given=Given(buildings=place.buildings)
            )
    with pytest.raises(InputError, match="no measure acts"):
        Fire().simulate(place.grid, place.layers, given=Given(works=object()))
    given = Given(buildings=place.buildings, building_ignitions=np.zeros(3))
    with pytest.raises(InputError, match="40 buildings: give a time for each"):
        simulate(Fire(), place.grid, place.layers, Watch(), given)
    for fields, words in (
        ({"ignitions": [{"name": "a", "at": [0.0, 0.0], "from_h": 9.0}]}, "lower its from_h"),
        ({"grass_fuel": "GR99"}, "grass_fuel must be one of"),
        ({"output_min": 600.0}, "lower it"),
        ({"output_min": 0.5}, "raise it"),
        ({"wind": [[1.0, 5.0, 0.0], [0.5, 5.0, 0.0]]}, "do not rise"),
        ({"breaks": [{"name": "b", "line": [[0.0, 0.0]]}]}, "a line needs 2 points"),
    ):
        with pytest.raises(ValidationError, match=words):
            Fire(**fields)


def test_a_city_without_plants_or_buildings_says_that_nothing_burns() -> None:
    place = town(2, 1)
    hazard = Fire(simulated_h=0.5).simulate(place.grid, place.layers)
    assert hazard.intensity.max() == 0.0
    assert any("name an ignition" in note for note in hazard.notes)
    assert hazard.sentence.endswith(".")


def test_every_row_of_the_tables_has_a_source_and_a_standing() -> None:
    for name in ("construction", "classes", "loads", "coefficients", "hamada"):
        for row in read_rows(table_path(f"fire_{name}.csv"), ("source", "verified")):
            assert row["source"], (name, row)
            assert row["verified"] in ("yes", "no"), (name, row)
