"""The fire front's face: lighting, shutting, advancing, what it says of each cell, and bad input."""

import numpy as np
import pytest

from citytwin.errors import InputError
from citytwin.grid.lattice import regular_lattice
from citytwin.grid.window import cover
from citytwin.hazards.fire.ellipse import slowness, travel
from citytwin.hazards.fire.front import Front, Spread
from citytwin.hazards.fire.front.spread import beds_of, rises_of
from citytwin.hazards.fire.fuels import fuel_model, fuel_models, is_bare
from citytwin.hazards.fire.rothermel import TEN_METRES, bed, flame_length, wind_adjustment
from citytwin.hazards.fire.verification.scene import MODERATE, Plane, level_bed, plane
from citytwin.hazards.wind import wind_of

GRASS = 104
CALM = wind_of(0.0, 0.0, ())
WET = np.array(MODERATE)


def window(side: int = 41) -> Plane:
    return plane(regular_lattice(20.0), side, side)


def front_on(grid: Plane, fuel: np.ndarray | None = None, **named: object) -> Front:
    kinds = np.full(len(grid), GRASS) if fuel is None else fuel
    wind = named.pop("wind", CALM)
    return Front(grid, kinds, Spread(WET, **named), wind, end=1e7)


def test_nothing_burns_unless_lit() -> None:
    front = front_on(window())
    assert front.advance(1e5).size == 0
    assert front.time == 1e5
    assert np.isinf(front.arrival).all()
    assert not front.rate.any()
    assert not front.flame.any()


def test_cells_come_in_the_order_of_their_arrival_and_once() -> None:
    grid = window()
    front = front_on(grid, wind=wind_of(9.0, 200.0, ()))
    front.ignite(np.array([grid.middle]), np.array([100.0]))
    found = [front.advance(until) for until in np.arange(50.0, 40_000.0, 250.0)]
    cells = np.concatenate(found)
    assert cells[0] == grid.middle
    assert front.arrival[grid.middle] == 100.0
    assert np.unique(cells).size == cells.size == len(grid)
    assert (np.diff(front.arrival[cells]) >= 0.0).all()
    for until, some in zip(np.arange(50.0, 40_000.0, 250.0), found, strict=True):
        assert (front.arrival[some] <= until).all()
        assert (front.arrival[some] > until - 250.0).all()


def test_pieces_of_time_do_not_matter() -> None:
    grid = window()
    whole, parts = (front_on(grid, wind=wind_of(7.0, 310.0, ())) for _ in range(2))
    for front in (whole, parts):
        front.ignite(np.array([grid.middle]), np.array([0.0]))
    whole.advance(5000.0)
    while parts.time < 5000.0:
        parts.advance(min(parts.time + 77.0, 5000.0))
    both = np.isfinite(whole.arrival) & np.isfinite(parts.arrival)
    assert both.sum() > 100
    # A cell that stands at the border of two pieces may be found by another edge.
    assert np.abs(whole.arrival[both] - parts.arrival[both]).max() < 2.0
    assert (np.isfinite(whole.arrival) ^ np.isfinite(parts.arrival)).sum() <= 2


def test_the_earliest_ignition_counts_and_a_later_one_can_be_added() -> None:
    grid = window()
    front = front_on(grid)
    front.ignite(np.array([5, 5]), np.array([900.0, 300.0]))
    front.advance(600.0)
    assert front.arrival[5] == 300.0
    far = len(grid) - 1
    front.ignite(np.array([far, 5]), np.array([600.0, 700.0]))
    front.advance(800.0)
    assert front.arrival[far] == 600.0
    assert front.arrival[5] == 300.0
    with pytest.raises(InputError, match="must not lie before 800 s"):
        front.ignite(np.array([7]), np.array([799.0]))


def test_two_fires_meet_and_each_cell_has_the_first() -> None:
    grid = window()
    alone = []
    lit = np.array([grid.middle - 12, grid.middle + 12])
    for cell in lit:
        front = front_on(grid)
        front.ignite(np.array([cell]), np.array([0.0]))
        front.advance(1e6)
        alone.append(front.arrival)
    both = front_on(grid)
    both.ignite(lit, np.zeros(2))
    both.advance(1e6)
    np.testing.assert_allclose(both.arrival, np.minimum(*alone), rtol=2e-3)


def test_shut_cells_do_not_burn_and_no_fire_goes_on_from_them() -> None:
    grid = window()
    front = front_on(grid)
    front.ignite(np.array([grid.middle]), np.array([0.0]))
    front.advance(3000.0)
    burnt = np.isfinite(front.arrival)
    assert 7 < burnt.sum() < len(grid)
    # All that burns now is put out: the fire is over.
    front.shut(np.flatnonzero(burnt))
    assert front.advance(1e6).size == 0
    assert np.array_equal(np.isfinite(front.arrival), burnt)


def test_a_break_that_is_closed_in_time_holds_the_fire() -> None:
    grid = window()
    front = front_on(grid)
    front.ignite(np.array([grid.middle]), np.array([0.0]))
    front.advance(1500.0)
    line = np.flatnonzero(grid.row == 30)
    assert np.isinf(front.arrival[line]).all()
    front.shut(line)
    front.advance(1e6)
    assert np.array_equal(np.isfinite(front.arrival), grid.row < 30)


def test_a_lit_bare_cell_does_nothing() -> None:
    grid = window()
    fuel = np.full(len(grid), GRASS)
    fuel[grid.middle] = 0
    front = front_on(grid, fuel)
    front.ignite(np.array([grid.middle]), np.array([0.0]))
    assert front.advance(1e6).size == 0


def test_fire_goes_through_a_hole_of_one_cell() -> None:
    grid = window()
    fuel = np.where(grid.row == 25, 91, GRASS)
    fuel[np.flatnonzero(grid.row == 25)[20]] = GRASS
    front = front_on(grid, fuel)
    front.ignite(np.array([grid.middle]), np.array([0.0]))
    front.advance(1e6)
    assert np.array_equal(np.isfinite(front.arrival), fuel == GRASS)


def test_rate_intensity_flame_and_residence_are_rothermel_s() -> None:
    grid = window()
    front = front_on(grid)
    front.ignite(np.array([grid.middle]), np.array([0.0]))
    front.advance(1e6)
    found = level_bed(GRASS)
    np.testing.assert_allclose(front.rate, found.rate, rtol=1e-9)
    np.testing.assert_allclose(front.intensity, found.heat * found.rate, rtol=1e-9)
    np.testing.assert_allclose(front.flame, flame_length(front.intensity))
    np.testing.assert_allclose(front.residence, found.residence)
    away = np.hypot(grid.x, grid.y) > 0.0
    outward = (front.gradient * np.stack([grid.x, grid.y], axis=1)).sum(axis=1)
    np.testing.assert_allclose(
        outward[away], np.hypot(grid.x, grid.y)[away] / found.rate, rtol=1e-3
    )


def test_slow_fuel_that_burns_through_many_winds_keeps_its_place() -> None:
    # Litter: hours to a cell, so that the wind changes many times on the way.
    grid = window(15)
    rows = tuple((0.5 * k, 0.0 if k % 2 else 1e-9, 90.0 * (k % 4)) for k in range(40))
    fronts = [
        Front(grid, np.full(len(grid), 183), Spread(WET), wind, end=1e7)
        for wind in (CALM, wind_of(0.0, 0.0, rows))
    ]
    for front in fronts:
        front.ignite(np.array([grid.middle]), np.array([0.0]))
        front.advance(2e5)
    assert np.isfinite(fronts[0].arrival).sum() > 30
    np.testing.assert_allclose(fronts[1].arrival, fronts[0].arrival, rtol=1e-4)


def test_it_works_on_the_cells_of_a_city() -> None:
    grid = cover((121.470, 31.230, 121.476, 31.235), 12)
    middle = int(np.argmin(np.hypot(grid.x - grid.x.mean(), grid.y - grid.y.mean())))
    front = Front(grid, np.full(len(grid), 102), Spread(WET), wind_of(5.0, 270.0, ()), end=1e7)
    front.ignite(np.array([middle]), np.array([0.0]))
    front.advance(1e7)
    assert np.isfinite(front.arrival).all()
    east = (grid.x - grid.x[middle] > 60.0) & (np.abs(grid.y - grid.y[middle]) < 10.0)
    west = (grid.x - grid.x[middle] < -60.0) & (np.abs(grid.y - grid.y[middle]) < 10.0)
    assert front.rate[east].min() > 2.0 * front.rate[west].max()


def test_the_ground_s_gradient_is_exact_on_a_plane_inside() -> None:
    grid = window(9)
    rise = rises_of(grid, 3.0 + 0.2 * grid.x - 0.1 * grid.y)
    inside = (grid.row % 8 > 0) & (grid.col % 8 > 0)
    np.testing.assert_allclose(rise[inside], np.array([[0.2, -0.1]] * inside.sum()), rtol=1e-5)


def test_the_time_to_travel_is_that_of_the_wind_s_ellipse() -> None:
    row = np.array(level_bed(GRASS).row())
    s, wx, wy = slowness(row, 8.0, 0.0, 0.0, 0.0, limited=True)
    ahead, behind = (travel(s, wx, wy, 0.0, 0.0, x, 0.0) for x in (1.0, -1.0))
    sideways = travel(s, wx, wy, 0.0, 0.0, 0.0, 1.0)
    assert 0.0 < ahead < sideways < behind
    # From a focus of an ellipse the way across is the harmonic mean of the ways along.
    assert sideways == pytest.approx((ahead + behind) / 2.0)


def test_the_wind_limit_can_be_left_out() -> None:
    row = np.array(level_bed(101).row())
    held, free = (
        slowness(row, 40.0, 0.0, 0.0, 0.0, limited=limited)[0] for limited in (True, False)
    )
    assert held != free


def test_wind_at_midflame_height() -> None:
    # Andrews 2012: unsheltered grass of one foot, 0.36; sheltered below closed tall trees, about 0.1.
    assert wind_adjustment(0.3048) == pytest.approx(0.36, abs=0.01)
    assert 0.05 < wind_adjustment(0.3, 0.8, 25.0) < 0.15
    assert level_bed(2).adjustment == pytest.approx(wind_adjustment(0.3048) / TEN_METRES)
    assert bed(fuel_model(183), MODERATE, 0.8, 25.0).adjustment < level_bed(183).adjustment


def test_all_standard_models_are_there() -> None:
    models = fuel_models()
    assert len(models) == 53
    assert {key for key, model in models.items() if not model.verified} == {7}
    assert all(level_bed(key).rate > 0.0 for key in models)
    assert is_bare(0)
    assert is_bare(98)
    assert not is_bare(101)


def test_fuel_too_wet_does_not_burn() -> None:
    wet = np.array([0.5, 0.5, 0.5, 2.0, 2.0])
    table, rows = beds_of(np.array([102, 0, 91]), Spread(wet))
    assert table.shape == (0, 8)
    assert (rows == -1).all()
    grid = window(9)
    front = Front(grid, np.full(len(grid), 102), Spread(wet), CALM, end=1e5)
    front.ignite(np.array([3]), np.array([0.0]))
    assert front.advance(1e5).size == 0
    assert not front.intensity.any()


def test_moisture_and_shelter_may_differ_from_cell_to_cell() -> None:
    moisture = np.tile(WET, (4, 1))
    moisture[1, 0] = 0.03
    cover_ = np.array([0.0, 0.0, 0.9, 0.0])
    table, rows = beds_of(np.full(4, 102), Spread(moisture, None, cover_, 20.0))
    assert rows[0] == rows[3]
    assert len({int(row) for row in rows}) == 3
    assert table[rows[1], 0] > table[rows[0], 0]
    assert table[rows[2], 5] < table[rows[0], 5]


@pytest.mark.parametrize(
    ("fuel", "spread", "words"),
    [
        (np.full(9, 77), Spread(WET), "there is no fuel model 77"),
        (np.full(9, 102), Spread(np.zeros(5)), "'moisture' is not above 0"),
        (np.full(9, 102), Spread(np.full(5, np.nan)), "'moisture' is not above 0"),
        (np.full(9, 102), Spread(np.ones(3)), "'moisture' has the shape"),
        (np.full(9, 102), Spread(WET, None, 2.0), "'canopy_cover' is a share"),
        (np.full(9, 102), Spread(WET, np.zeros(3)), "'elevation' is not one finite height"),
        (np.full(4, 102), Spread(WET), "'fuel' has the shape"),
    ],
)
def test_bad_input_is_refused_in_words(fuel: np.ndarray, spread: Spread, words: str) -> None:
    with pytest.raises(InputError, match=words):
        Front(window(3), fuel, spread, CALM, end=1.0)


def test_cells_to_light_must_be_of_the_city() -> None:
    with pytest.raises(InputError, match="must lie from 0 to 8"):
        front_on(window(3)).ignite(np.array([9]), np.array([0.0]))
