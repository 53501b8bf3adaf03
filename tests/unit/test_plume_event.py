"""The plume as an event: what it refuses, what it says, and that it adds up."""

from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from citytwin.arrays import Floats
from citytwin.errors import BalanceError, ScenarioError
from citytwin.grid.window import Grid
from citytwin.hazards.base import Hazard
from citytwin.hazards.plume import Plume, simulation
from citytwin.hazards.plume.field import Elements
from citytwin.hazards.watch import Watch

SHORT: dict[str, Any] = {"simulated_h": 0.1, "duration_min": 4.0, "output_min": 1.0}


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"substance": "phlogiston"}, "substance must be one of ammonia, chlorine"),
        ({"date": "21.06.2026"}, "date must be a day as 2026-06-21"),
        ({"date": "2026-02-30"}, "date must be a day of the calendar"),
        ({"kind": "pool", "substance": "smoke"}, "substance makes no pool: choose another kind"),
        ({"from_h": 2.0}, "from_h lies after simulated_h"),
        ({"output_min": 90.0}, "output_min is longer than simulated_h: lower it"),
        ({"output_min": 0.1}, "output_min gives more than 300 pictures: raise it"),
        ({"wind": [[1.0, 3.0, 10.0], [0.5, 3.0, 10.0]]}, "the times of the wind do not rise"),
        ({"at": [1.0]}, "a point is"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        Plume(**fields)


def run(grid: Grid, layers: dict[str, Floats], **fields: Any) -> Hazard:
    return Plume(**{**SHORT, **fields}).simulate(grid, layers)


def test_a_heavy_gas_slumps_and_says_so(grid: Grid, layers: dict[str, Floats]) -> None:
    passive = run(grid, layers, substance="chlorine", treat_as_passive=True)
    assert any(note.startswith("WARNING: chlorine leaves as a heavy gas") for note in passive.notes)
    heavy = run(grid, layers, substance="chlorine")
    assert any(note.startswith("Chlorine leaves as a heavy gas here") for note in heavy.notes)
    assert any("not verified" in note for note in heavy.notes)
    # It is wider and lower: more cells meet it, and more of it.
    reached = [int(np.isfinite(one.summary["arrival"]).sum()) for one in (heavy, passive)]
    assert reached[0] > reached[1]


@pytest.mark.parametrize("kind", ["continuous", "instantaneous", "pool"])
def test_a_heavy_release_of_any_kind_closes_its_balance(
    grid: Grid, layers: dict[str, Floats], kind: str
) -> None:
    found = run(grid, layers, substance="chlorine", kind=kind, mass_kg=500.0, deposition_mm_s=3.0)
    assert found.complete
    assert any("slopes" in note for note in found.notes)


def test_a_wind_that_turns_back_squeezes_nothing(grid: Grid, layers: dict[str, Floats]) -> None:
    for back in (89.0, 90.0):
        wind = ((0.0, 3.0, 270.0), (1.0, 3.0, back))
        found = run(grid, layers, wind=wind, simulated_h=0.8, output_min=8.0, rate_kg_s=5.0)
        assert found.report["highest_kg_m3"] < 0.1


def test_a_heavy_gas_from_a_height_is_at_the_ground(grid: Grid, layers: dict[str, Floats]) -> None:
    one, other = (
        run(grid, layers, substance="chlorine", height_m=height).summary["concentration_max"]
        for height in (0.0, 90.0)
    )
    assert np.array_equal(one, other)


def test_more_heavy_gas_harms_no_fewer(grid: Grid, layers: dict[str, Floats]) -> None:
    areas = [
        run(grid, layers, substance="chlorine", rate_kg_s=rate, wind_m_s=1.0).summary["aegl_zone"]
        for rate in (1.0, 10.0, 100.0)
    ]
    sizes = [int((zone >= 2.0).sum()) for zone in areas]
    assert sizes == sorted(sizes)
    assert sizes[0] > 0


def test_gas_that_is_noticed_too_late_is_refused(grid: Grid, layers: dict[str, Floats]) -> None:
    with pytest.raises(ScenarioError, match="above all levels of harm"):
        run(grid, layers, noticed_mg_m3=1e9)


def test_a_release_in_another_country_is_refused(grid: Grid, layers: dict[str, Floats]) -> None:
    """All would be 0, which reads as if nobody were in danger."""
    with pytest.raises(ScenarioError, match=r"'release' at -100, 40 lies .* km from the city"):
        run(grid, layers, at=[-100.0, 40.0])


def test_too_much_gas_in_too_little_wind_warns(grid: Grid, layers: dict[str, Floats]) -> None:
    found = run(grid, layers, substance="chlorine", rate_kg_s=5000.0, wind_m_s=0.5, height_m=9.0)
    assert any("beyond the range of the correlations" in note for note in found.notes)
    assert any("whatever its height" in note for note in found.notes)


def test_gas_from_a_main_is_not_cold(grid: Grid, layers: dict[str, Floats]) -> None:
    assert run(grid, layers, substance="methane").complete
    cold = run(grid, layers, substance="methane", phase="liquid")
    assert any(
        note.startswith("Methane (natural gas) leaves as a heavy gas") for note in cold.notes
    )


def test_it_says_what_was_not_verified_and_what_is_left_out(
    grid: Grid, layers: dict[str, Floats]
) -> None:
    text = " ".join(run(grid, layers).notes)
    for words in (
        "not verified: properties of ammonia, levels by AEGL",
        "Buildings' wakes, street canyons and slopes are not modelled",
        "Stability",
        "Staying in or leaving",
        "cold mist",
    ):
        assert words in text


def test_two_releases_are_the_sum_of_each(grid: Grid, layers: dict[str, Floats]) -> None:
    x, y = grid.unproject(grid.x[:2] * 0.5, grid.y[:2] * 0.5)
    outlets = [
        {"name": "a", "at": (float(x[0]), float(y[0])), "duration_min": 3.0},
        {"name": "b", "at": (float(x[1]), float(y[1])), "kind": "instantaneous", "mass_kg": 5.0},
    ]
    both = run(grid, layers, releases=outlets)
    each = [run(grid, layers, releases=[outlet]) for outlet in outlets]
    total = each[0].intensity.astype(float) + each[1].intensity
    assert both.intensity.max() > 0.0
    # What is below zero in a far tail of one of them counts as nothing there.
    assert np.allclose(both.intensity, total, rtol=1e-5, atol=1e-5 * total.max())
    assert both.report["released_kg"] == pytest.approx(sum(e.report["released_kg"] for e in each))


def test_one_release_of_a_list_is_the_event_s_own(grid: Grid, layers: dict[str, Floats]) -> None:
    lon, lat = grid.unproject(grid.x[:1], grid.y[:1])
    at = (float(lon[0]), float(lat[0]))
    own = run(grid, layers, at=at, rate_kg_s=2.0)
    outlet = {"name": "a", "at": at, "rate_kg_s": 2.0, "duration_min": 4.0}
    assert (run(grid, layers, releases=[outlet]).intensity == own.intensity).all()


def test_a_plume_that_stands_is_not_computed_again(
    grid: Grid, layers: dict[str, Floats], monkeypatch: pytest.MonkeyPatch
) -> None:
    fields = {"simulated_h": 0.4, "duration_min": 24.0, "output_min": 6.0}
    count = 0
    inner = simulation.Field.concentration

    def counted(self: simulation.Field, parts: Elements) -> Floats:
        nonlocal count
        count += 1
        return inner(self, parts)

    monkeypatch.setattr(simulation.Field, "concentration", counted)
    quick = run(grid, layers, **fields)
    few, count = count, 0
    monkeypatch.setattr(simulation, "alike", lambda one, other: False)
    slow = run(grid, layers, **fields)
    assert few < count
    assert np.allclose(quick.intensity, slow.intensity, rtol=1e-6, atol=1e-15)


def test_gas_that_appears_from_nowhere_stops_the_run(
    grid: Grid, layers: dict[str, Floats], monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = simulation.at_moment

    def more(release: Any, time: float) -> Any:
        found = moment(release, time)
        return type(found)(found.elements, found.released * 1.01, found.in_air * 1.01)

    monkeypatch.setattr(simulation, "at_moment", more)
    with pytest.raises(BalanceError, match="appeared or vanished"):
        run(grid, layers)


def test_cells_that_hold_too_much_stop_the_run(
    grid: Grid, layers: dict[str, Floats], monkeypatch: pytest.MonkeyPatch
) -> None:
    column = simulation.column_of

    def denser(moment: Any) -> Elements:
        found = column(moment)
        found.near[:] = 30.0
        return found

    monkeypatch.setattr(simulation, "column_of", denser)
    with pytest.raises(BalanceError, match="the cells hold"):
        run(grid, layers, simulated_h=0.05, output_min=0.5, wind_m_s=0.5)


def test_a_run_that_is_stopped_keeps_what_it_has(grid: Grid, layers: dict[str, Floats]) -> None:
    seen: list[float] = []
    watch = Watch(lambda done, _: seen.append(done), lambda: len(seen) > 5)
    found = Plume(**SHORT).simulate(grid, layers, watch)
    assert not found.complete
    assert found.times.size == len(found.intensity) < 7


def test_what_settles_and_decays_is_missing_from_the_air(
    grid: Grid, layers: dict[str, Floats]
) -> None:
    plain = run(grid, layers)
    settling = run(grid, layers, deposition_mm_s=20.0, half_life_h=0.1)
    assert settling.report["settled_or_decayed_kg"] > 0.1 * settling.report["released_kg"]
    assert settling.report["in_air_kg"] < plain.report["in_air_kg"]
    assert settling.summary["deposited"].max() > 0.0
    assert "settled or decayed" in settling.sentence


def test_a_map_on_which_more_settles_than_the_air_lost_says_so(
    grid: Grid, layers: dict[str, Floats]
) -> None:
    """Hot smoke in a breath of wind leaves the height of heads within less than a cell."""
    fields = {"kind": "fire", "substance": "sulfur_dioxide", "simulated_h": 1.0, "output_min": 60.0}
    hot = run(grid, layers, **fields, heat_mw=1257.0, wind_m_s=0.06, deposition_mm_s=19.6)
    times = hot.report["settled_in_city_kg"] / hot.report["settled_or_decayed_kg"]
    (said,) = [note for note in hot.notes if note.startswith("WARNING: what settled")]
    assert f"{times:.1f} times what the air lost" in said
    plain = run(grid, layers, substance="chlorine", treat_as_passive=True, deposition_mm_s=10.0)
    assert plain.report["settled_in_city_kg"] > 0.0
    assert not [note for note in plain.notes if note.startswith("WARNING: what settled")]


def test_beside_a_heavy_gas_nothing_settles(grid: Grid, layers: dict[str, Floats]) -> None:
    lon, lat = grid.unproject(grid.x[:2], grid.y[:2])
    outlets = [
        {"name": f"at {rate:g}", "at": [float(x), float(y)], "rate_kg_s": rate}
        for x, y, rate in zip(lon, lat, (5.0, 1e-4), strict=True)
    ]
    found = run(grid, layers, substance="chlorine", deposition_mm_s=5.0, releases=outlets)
    report = found.report
    assert report["settled_in_city_kg"] == report["settled_or_decayed_kg"] == 0.0
    assert any("Nothing settles from a heavy gas here, nor from" in note for note in found.notes)


def test_a_fire_rises(grid: Grid, layers: dict[str, Floats]) -> None:
    cold = run(grid, layers, kind="fire", substance="smoke", rate_kg_s=0.1, heat_mw=0.0)
    hot = run(grid, layers, kind="fire", substance="smoke", rate_kg_s=0.1, heat_mw=50.0)
    assert hot.intensity.max() < 0.5 * cold.intensity.max()
    assert any("Plume rise" in note for note in hot.notes)
    assert any("smoke has no AEGL" in note for note in hot.notes)


def test_a_calm_is_raised_and_said(grid: Grid, layers: dict[str, Floats]) -> None:
    found = run(grid, layers, wind_m_s=0.0)
    assert any("Wind below 0.5 m/s counts as 0.5 m/s" in note for note in found.notes)
    assert found.intensity.max() > 0.0


@pytest.mark.parametrize(
    "calm", [{"wind_m_s": 0.0}, {"wind": [[0.0, 0.0, 180.0], [0.1, 0.0, 180.0]]}]
)
def test_a_calm_goes_where_its_direction_says(
    grid: Grid, layers: dict[str, Floats], calm: dict[str, Any]
) -> None:
    still = run(grid, layers, wind_deg=180.0, **calm)
    slow = run(grid, layers, wind_deg=180.0, wind_m_s=0.4)
    assert still.intensity[-1] == pytest.approx(slow.intensity[-1], rel=1e-4, abs=1e-12)


def test_a_pool_keeps_the_rest(grid: Grid, layers: dict[str, Floats]) -> None:
    found = run(grid, layers, kind="pool", substance="benzene", mass_kg=500.0, pool_area_m2=20.0)
    report = found.report
    assert report["released_kg"] + report["pool_kg"] == pytest.approx(500.0)
    assert 0.0 < report["released_kg"] < 500.0
    assert "still in the pool" in found.sentence


def test_night_and_day_differ(grid: Grid, layers: dict[str, Floats]) -> None:
    letters = []
    for hour in (2.0, 13.0):
        notes = run(grid, layers, hour=hour, cloud_oktas=1.0, wind_m_s=2.0).notes
        (words,) = (note for note in notes if note.startswith("Stability"))
        letters.append(words.split()[1][0])
    assert letters == ["F", "A"]
