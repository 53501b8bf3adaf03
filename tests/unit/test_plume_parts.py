"""Parts of the plume: widths, points in a cell, steps, levels of harm, tables."""

import numpy as np
import pytest

from citytwin.grid.lattice import regular_lattice
from citytwin.hazards.flood.verification.scene import skewed_lattice
from citytwin.hazards.plume import field, substances
from citytwin.hazards.plume.carrying import CALM, air_of
from citytwin.hazards.plume.dispersion import CLASSES, vertical_share, widening
from citytwin.hazards.plume.dose import evened_duration, flammable_zones, level_at, zones
from citytwin.hazards.plume.exposure import AIRED, ARRIVAL, IN, LEAVING_LOAD, LOAD, Breathing
from citytwin.hazards.plume.heavy import density_number
from citytwin.hazards.plume.instants import instants
from citytwin.hazards.plume.sources import at_once, rise_of, steady
from citytwin.hazards.plume.substances import levels_of, substance_of
from citytwin.hazards.plume.verification.scene import NO_LID, release, sky_of
from citytwin.hazards.wind import wind_of


@pytest.mark.parametrize("surroundings", ["open", "urban"])
@pytest.mark.parametrize("letter", CLASSES)
@pytest.mark.parametrize("axis", ["y", "z"])
def test_the_distance_of_a_width_gives_the_width(surroundings: str, letter: str, axis: str) -> None:
    law = widening(surroundings, letter, axis)
    distance = np.geomspace(1.0, 2e4, 30)
    assert np.allclose(law.distance(law.width(distance)), distance, rtol=1e-9)
    grown = law.grown(law.width(distance), np.full(30, 500.0))
    assert np.allclose(grown, law.width(distance + 500.0), rtol=1e-9)


def test_a_width_that_no_distance_gives_stays() -> None:
    law = widening("open", "F", "z")
    wide = np.array([80.0])
    assert law.grown(wide, np.array([1e4])) == wide


@pytest.mark.parametrize("width", [0.5, 20.0, 200.0, 358.0, 362.0, 2000.0])
def test_all_of_a_puff_is_between_ground_and_lid(width: float) -> None:
    heights = np.linspace(0.0, 300.0, 6001)
    share = [vertical_share(z, np.array(40.0), np.array(width), np.array(300.0)) for z in heights]
    whole = np.sum(0.5 * (np.array(share[1:]) + np.array(share[:-1]))) * 0.05
    assert whole == pytest.approx(1.0, abs=2e-3)


def test_above_the_lid_nothing_comes_down() -> None:
    assert vertical_share(1.5, np.array(400.0), np.array(90.0), np.array(300.0)) == 0.0


@pytest.mark.parametrize("lattice", [regular_lattice(30.0), skewed_lattice()])
def test_points_stand_for_the_hexagon(lattice: field.Lattice) -> None:
    made = field.make_field(
        np.zeros(1), np.zeros(1), np.zeros(1, np.int64), np.array([0, 1]), np.zeros(1), lattice
    )
    for (start, stop), parts in zip(made.levels, field.LEVELS, strict=True):
        offset, weight = made.points[start:stop, :2], made.points[start:stop, 2]
        assert weight.sum() == pytest.approx(1.0)
        assert np.abs(weight @ offset).max() < 1e-9
        assert 1.0 / weight.max() == pytest.approx(parts**2)


def test_second_moment_of_the_hexagon() -> None:
    made = field.make_field(
        np.zeros(1), np.zeros(1), np.zeros(1, np.int64), np.array([0, 1]), np.zeros(1),
        regular_lattice(1.0),
    )  # fmt: skip
    start, stop = made.levels[-1]
    offset, weight = made.points[start:stop, :2], made.points[start:stop, 2]
    inner = field._MOMENT * made.area
    assert (weight @ offset**2 + inner / 64.0) == pytest.approx([inner, inner], rel=0.03)


def test_a_calm_goes_on_in_the_last_direction() -> None:
    rows = ((0.0, 4.0, 270.0), (0.1, 0.0, 270.0), (0.3, 0.0, 0.0))
    air = air_of(wind_of(0.0, 0.0, rows), sky_of("D", "open", NO_LID), 10.0, 1000.0)
    assert air.speed(900.0) == pytest.approx(CALM)
    east, north = (np.diff(v)[-3] for v in (air.east, air.north))
    assert east > 0.0
    assert abs(north) < 1e-9


def test_steps_hold_the_pictures_and_follow_a_puff() -> None:
    air = air_of(wind_of(4.0, 270.0, ()), sky_of("D", "open", NO_LID), 10.0, 3600.0)
    pictures = np.arange(0.0, 3601.0, 300.0)
    puff = release(air, 1.0, at_once(1.0, 100.0), across=1.0)
    times = instants((puff,), pictures)
    assert np.isin(pictures, times).all()
    assert (np.diff(times) > 0.0).all()
    after = times[times > 100.02]
    way = 4.0 * np.diff(after)[:60]
    wide = air.spread(np.array([100.0]), after[:60], 1.0, 1.0).across
    assert (way <= 0.8 * wide).all()
    assert instants((release(air, 1.0, steady(1.0, 0.0, 600.0)),), pictures).size < 200


def test_levels_fall_with_time_and_rise_with_the_tier() -> None:
    for name in substances.names():
        for scheme in ("AEGL", "ERPG", "smoke guide"):
            levels = levels_of(name, scheme)
            if levels is not None:
                assert (np.diff(levels.times) > 0.0).all()
                known = levels.values[np.isfinite(levels.values).all(axis=1)]
                assert (np.diff(known, axis=1) <= 0.0).all(), name
                assert (np.diff(known, axis=0) > 0.0).all(), name


def test_ppm_are_those_of_room_temperature() -> None:
    levels = levels_of("chlorine", "AEGL")
    assert levels is not None
    assert levels.values[2, 2] * 1e6 == pytest.approx(20.0 * 70.9 / 24.465, rel=1e-3)
    assert level_at(levels, 3, np.array([3600.0]))[0] == pytest.approx(levels.values[2, 2])


def test_the_issue_s_substances_are_there() -> None:
    wanted = {"chlorine", "ammonia", "methane", "propane", "hydrogen_fluoride", "smoke"}
    assert wanted <= set(substances.names())


def test_a_faint_exposure_reaches_no_level_however_long() -> None:
    levels = levels_of("chlorine", "AEGL")
    assert levels is not None
    size = 0.9 * levels.values.min()
    load, dose = np.array([size**2 * 7200.0]), np.array([size * 7200.0])
    lasts = evened_duration(dose, np.array([size]))
    assert zones(levels, load, lasts, 2.0)[0] == 0.0


def test_flammable_zones_by_hand() -> None:
    gas = substance_of("methane")
    limit = gas.concentration(gas.lfl)
    assert limit == pytest.approx(0.05 * 16.04e-3 / 0.024465, rel=1e-3)
    found = flammable_zones(np.array([0.4, 0.6, 1.1]) * limit, limit)
    assert found.tolist() == [0.0, 1.0, 2.0]
    assert not flammable_zones(np.ones(2), 0.0).any()


def test_boiling_points_are_met_by_the_vapour_pressure() -> None:
    gas = substance_of("benzene")
    assert gas.vapour_pressure(gas.boiling_point) == pytest.approx(101325.0)
    # 10 kPa at 20 °C, as handbooks have it; Clausius and Clapeyron are 15 % off at most.
    assert gas.vapour_pressure(293.15) == pytest.approx(10_000.0, rel=0.2)


def test_a_light_gas_is_never_heavy_and_wind_thins_a_heavy_one() -> None:
    assert density_number(substance_of("ammonia"), 288.15, 1.0, rate=50.0) == 0.0
    chlorine = substance_of("chlorine")
    slow = density_number(chlorine, 288.15, 2.0, rate=0.1)
    fast = density_number(chlorine, 288.15, 8.0, rate=0.1)
    assert slow > fast > 0.0
    # (g' q / (u³ D))^(1/3) by hand: 3.614 kg/m³ of vapour in air of 1.225 kg/m³.
    pull, flow = 9.80665 * (3.614 - 1.225) / 1.225, 0.1 / 3.614
    expected = (pull * flow / (2.0**3 * (flow / 2.0) ** 0.5)) ** (1 / 3) / 0.15
    assert slow == pytest.approx(expected, rel=2e-3)


def test_plume_rise_by_hand() -> None:
    factor, top = rise_of(100.0, 4.0, 0.0, 288.15)
    assert factor * 119.0 ** (2 / 3) * 100.0 ** (2 / 3 * 0.4) == pytest.approx(top, rel=2e-3)
    _, stable = rise_of(100.0, 4.0, 0.02, 288.15)
    assert stable == pytest.approx(2.6 * (100.0 / (4.0 * 9.80665 / 288.15 * 0.02)) ** (1 / 3))
    assert rise_of(0.0, 4.0, 0.0, 288.15) == (0.0, 0.0)


def test_sealed_rooms_stay_clean_and_airing_ends_the_exposure() -> None:
    sealed = Breathing(1, 1.0, 0.0, 0.5, 60.0)
    aired = Breathing(1, 1.0, 1.0 / 3600.0, 0.5, 60.0)
    for people in (sealed, aired):
        people.go_on(np.ones(1), 1.0)
        people.go_on(np.ones(1), 601.0)
        people.go_on(np.zeros(1), 602.0)
    assert sealed.state[IN, 0] == 0.0
    assert aired.state[AIRED, 0] == 0.0
    assert aired.state[IN, 0] > 0.1


def test_who_leaves_breathes_for_so_long() -> None:
    people = Breathing(1, 2.0, 0.0, 0.5, 120.0)
    for time in np.arange(10.0, 601.0, 10.0):
        people.go_on(np.ones(1), float(time))
    # The first step rises from nothing: it is noticed half-way.
    assert people.state[ARRIVAL, 0] == pytest.approx(5.0)
    assert people.state[LEAVING_LOAD, 0] == pytest.approx(120.0, abs=5.0)
    assert people.state[LOAD, 0] == pytest.approx(595.0)
