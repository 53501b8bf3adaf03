"""Laws of every flood solver on random grounds: mass, sign, datum, symmetry, bands; the storm's rain."""

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from citytwin.arrays import AnyFloats
from citytwin.hazards.flood import Flood, layout
from citytwin.hazards.flood.full.solver import FullSolver
from citytwin.hazards.flood.inertial.solver import InertialSolver
from citytwin.hazards.flood.layout import level_step
from citytwin.hazards.flood.losses import Losses
from citytwin.hazards.flood.solver import Solver
from citytwin.hazards.flood.verification import border, skewed_lattice

SHAPE = (26, 21)
LATTICE = skewed_lattice(0.5)
SEED = st.integers(0, 2**32 - 1)
RELAXED = settings(max_examples=12, deadline=None)
STORM = 0.15 / 600.0
#: Every solver, with what makes it.
KINDS: dict[str, tuple[type[Solver], dict[str, Any]]] = {
    "inertial": (InertialSolver, {}),
    "full, first order": (FullSolver, {"order": 1}),
    "full, second order": (FullSolver, {"order": 2}),
}
each_solver = pytest.mark.parametrize("kind", KINDS)


def ground_of(seed: int) -> dict[str, Any]:
    """Random hills, walls, half-built cells, ponds and drains on the border."""
    rng = np.random.default_rng(seed)
    # Heights in whole 1/1024 m: a datum of whole metres then shifts them without rounding.
    ground = np.round(rng.uniform(0.0, 10.0 ** rng.uniform(-2.0, 1.3), SHAPE) * 1024.0) / 1024.0
    storage = np.where(rng.uniform(size=SHAPE) < 0.3, 0.0, rng.uniform(0.2, 1.0, SHAPE))
    depth = np.where(rng.uniform(size=SHAPE) < 0.4, rng.uniform(0.0, 0.5, SHAPE), 0.0)
    given = {
        "elevation": ground,
        "storage": storage,
        "manning": rng.uniform(0.01, 0.2, SHAPE),
        "drains": border(*SHAPE) & (rng.uniform(size=SHAPE) < 0.5),
        "depth": np.where(storage > 0.0, depth, 0.0),
        "rain_factor": rng.uniform(0.5, 3.0, SHAPE),
        "losses": taking(rng.uniform(0.0, 1e-4, SHAPE)),
    }
    given["depth"][given["drains"]] = 0.0
    return given


def taking(rate: AnyFloats) -> Losses:
    return Losses(0, rate, np.zeros(rate.shape), np.zeros(rate.shape))


def town(kind: str, seed: int, dtype: type[np.floating], **changes: Any) -> Solver:
    make, options = KINDS[kind]
    return make(LATTICE, dtype=dtype, **{**ground_of(seed), **options, **changes})


def storm(start: float, end: float) -> float:
    return STORM * (min(end, 600.0) - min(start, 600.0))


@each_solver
@RELAXED
@given(seed=SEED, precision=st.sampled_from([(np.float32, 1e-5), (np.float64, 1e-12)]))
def test_no_water_is_made_or_lost_and_none_is_negative(
    kind: str, seed: int, precision: tuple[type[np.floating], float]
) -> None:
    running = town(kind, seed, precision[0])
    # Each span by itself: a loss and a gain later on must not cancel.
    for until in (60.0, 300.0, 900.0):
        running.run(until, storm)
        assert running.depth.min() >= 0.0
        assert np.isfinite(running.depth).all()
        assert abs(running.balance.error) <= precision[1]
    balance = running.balance
    assert min(balance.rain, balance.infiltrated, balance.drained, balance.stored) >= 0.0
    volume = (running.depth[:] * running._storage[3:-3, 3:-3]).sum(dtype=np.float64)
    assert balance.stored == pytest.approx(volume * LATTICE.cell_area, rel=1e-5)
    running.check(precision[1])


@each_solver
@RELAXED
@given(seed=SEED)
def test_walls_stay_dry(kind: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    storage = np.where(rng.uniform(size=SHAPE) < 0.5, 0.0, 1.0)
    running = town(kind, seed, np.float32, storage=storage, drains=None, depth=storage * 0.3)
    running.run(300.0, storm)
    assert (running.depth[storage == 0.0] == 0.0).all()
    assert (running.record["depth_max"][storage == 0.0] == 0.0).all()
    assert not np.isfinite(running.record["arrival"][storage == 0.0]).any()


@each_solver
@RELAXED
@given(seed=SEED, shift=st.integers(-50, 50))
def test_the_datum_does_not_matter(kind: str, seed: int, shift: int) -> None:
    ground = layout.level_step(ground_of(seed)["elevation"])
    low = town(kind, seed, np.float64, elevation=ground)
    high = town(kind, seed, np.float64, elevation=ground + float(shift))
    for running in (low, high):
        running.run(240.0, storm)
    assert low.steps == high.steps
    # Only differences of height may count, so not one bit may differ.
    assert (low.depth == high.depth).all()
    assert (low.record["speed_max"] == high.record["speed_max"]).all()


@each_solver
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_lake_rests_over_crests_that_move(kind: str, dtype: type[np.floating]) -> None:
    ground = level_step(np.random.default_rng(4).uniform(50.0, 60.0, SHAPE))
    level = float(level_step(57.3))
    depth, open_ground = np.maximum(level - ground, 0.0), np.ones(SHAPE)
    given_ = {"elevation": ground, "storage": open_ground, "depth": depth, "drains": None}
    lake = town(kind, 4, dtype, **given_, losses=None, rain_factor=None)
    edges = tuple(index.ravel() for index in np.indices((3, *SHAPE)))
    for crest in (56.123456789, 54.777777, 57.299999):
        lake.set_crest(edges, crest)
        lake.advance(100)
    assert (lake.depth == depth.astype(dtype)).all()
    assert float(lake.speed.max()) == 0.0


@each_solver
@RELAXED
@given(seed=SEED)
def test_half_a_turn_gives_the_turned_answer(kind: str, seed: int) -> None:
    given_ = ground_of(seed)
    turned_ = {name: v[::-1, ::-1] for name, v in given_.items() if name != "losses"}
    plain = town(kind, seed, np.float64)
    turned = town(kind, seed, np.float64, **turned_, losses=taking(given_["losses"].p0[::-1, ::-1]))
    for running in (plain, turned):
        running.run(60.0, storm)
    # The drains, too, must treat all sides alike. In `full` rounding decides whether a film flows, and
    # on which side a limiter falls.
    least = 1e-9 if kind == "inertial" else 1e-5
    assert np.allclose(plain.depth, turned.depth[::-1, ::-1], rtol=0.0, atol=least)


@each_solver
@pytest.mark.parametrize("parallel", [False, True])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_bands_and_threads_do_not_matter(
    *, kind: str, parallel: bool, dtype: type[np.floating]
) -> None:
    alone = town(kind, 5, dtype, parallel=False, bands=1)
    alone.run(600.0, storm)
    assert alone.steps > 50
    for count in (2, 3, 5):
        many = town(kind, 5, dtype, parallel=parallel, bands=count)
        assert many._bands.size == count + 1
        many.run(600.0, storm)
        assert alone.steps == many.steps
        for name, values in alone.record.items():
            assert values.tobytes() == many.record[name].tobytes(), name
        assert alone.depth.tobytes() == many.depth.tobytes()
        assert many.balance.error == pytest.approx(alone.balance.error, abs=1e-12)


@settings(max_examples=60, deadline=None)
@given(st.integers(4, 60), st.integers(1, 40), st.integers(1, 9), SEED)
def test_bands_split_the_rows_once_each(rows: int, cols: int, count: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    cells = np.pad(rng.uniform(size=(rows, cols)) < 0.3, layout.PAD)
    assume(cells.any())
    bands = layout.bands(*layout.spans(cells), count)
    assert bands[0] == layout.PAD
    assert bands[-1] == rows + layout.PAD
    assert (np.diff(bands) >= 4).all()
    assert bands.size <= count + 1


@each_solver
def test_records_hold_the_greatest_the_first_and_the_time(kind: str) -> None:
    running = town(kind, 8, np.float64, drains=None)
    seen: list[Any] = []
    spans: list[float] = []
    running.run(
        400.0,
        storm,
        lambda s: (seen.append(s.depth.copy()), spans.append(s.time)),  # type: ignore[func-returns-value]
    )
    depth, time = np.array(seen), np.array(spans)
    start = town(kind, 8, np.float64, drains=None).depth
    record = running.record
    assert (record["depth_max"] == np.maximum(depth.max(axis=0), start)).all()
    wet = depth >= 0.05
    first = np.where(wet.any(axis=0), time[wet.argmax(axis=0)], np.inf)
    assert (record["arrival"] == np.where(start >= 0.05, 0.0, first)).all()
    length = np.diff(time, prepend=0.0)
    assert np.allclose(record["duration"], (wet * length[:, None, None]).sum(axis=0))


@each_solver
def test_many_steps_at_once_lose_no_water(kind: str) -> None:
    """Water runs out of the columns that were followed at the start."""
    make, options = KINDS[kind]
    depth = np.zeros((60, 60))
    depth[25:35, 25:35] = 1.0
    plain = np.zeros(depth.shape)
    water = make(
        LATTICE, plain, plain + 1.0, plain + 0.03, depth=depth, dtype=np.float64, **options
    )
    before = water._volume()
    water.advance(60)
    assert water._volume() == pytest.approx(before, rel=1e-12)
    assert (water.depth > 0.0).sum() > 2 * 100


STORMS = st.builds(
    Flood,
    rain_mm=st.floats(0.0, 2000.0),
    rain_h=st.floats(0.05, 72.0),
    shape=st.sampled_from(["peaked", "even"]),
    peak=st.floats(0.0, 1.0),
)


@given(STORMS, st.lists(st.floats(-0.5, 2.0), min_size=2, max_size=30))
def test_rain_never_falls_upward_and_adds_up(event: Flood, shares: list[float]) -> None:
    end = event.rain_h * 3600.0
    rain = event.rain()
    fallen = [rain.between(-1.0, share * end) for share in sorted(shares)]
    total = event.rain_mm / 1000.0
    assert (np.diff(fallen) >= -1e-15 * total).all()
    assert min(fallen) >= 0.0
    assert rain.between(-1.0, 0.0) == 0.0
    assert rain.between(0.0, end) == pytest.approx(total, rel=1e-12)
    assert rain.between(0.0, 3.0 * end) == pytest.approx(total, rel=1e-12)


@given(st.floats(1.0, 500.0), st.floats(0.1, 24.0), st.floats(0.06, 0.94))
def test_the_peak_lies_where_it_should(depth: float, hours: float, peak: float) -> None:
    event = Flood(rain_mm=depth, rain_h=hours, peak=peak, shape="peaked")
    end = event.rain_h * 3600.0
    minutes = np.linspace(0.0, end, 401)
    rain = event.rain()
    rate = np.diff([rain.between(0.0, t) for t in minutes]) / np.diff(minutes)
    assert abs((minutes[:-1] + minutes[1:])[rate.argmax()] / 2.0 - event.peak * end) <= end / 200.0
    assert rate.max() == pytest.approx(2.0 * event.rain_mm / 1000.0 / end, rel=0.06)
