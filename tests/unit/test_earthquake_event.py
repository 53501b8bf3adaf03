"""The earthquake as an event: defaults, places, wrong inputs, ShakeMaps."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from citytwin.errors import InputError
from citytwin.grid.window import Grid, cover
from citytwin.hazards.base import Hazard
from citytwin.hazards.earthquake import Earthquake, bssa14, simulation
from citytwin.hazards.earthquake.bssa14 import GRAVITY, ground_motion
from citytwin.hazards.earthquake.intensity import intensity_by, intensity_of
from citytwin.hazards.earthquake.simulation import rupture_of
from citytwin.hazards.earthquake.site import slopes
from citytwin.hazards.earthquake.verification.ground import shakemap_text

GRID = cover((0.40, 0.40, 0.44, 0.44), 9)


def shaken(grid: Grid = GRID, **fields: Any) -> Hazard:
    height = 20.0 + 0.02 * (grid.x - grid.x.min())
    return Earthquake(**fields).simulate(grid, {"ground_elevation": height})


def test_the_default_event_is_felt_everywhere() -> None:
    found = shaken()
    assert found.times.tolist() == [0.0]
    assert found.report["mmi_mean"] > 6.0
    assert 0.1 < found.report["pga_mean_g"] < 1.0
    assert found.summary["pga_max"] == pytest.approx(found.intensity[0])
    assert "without random differences" in found.sentence
    assert sum(v for k, v in found.report.items() if k.endswith("_share")) == pytest.approx(1.0)
    assert any("assumed" in note for note in found.notes)


def test_larger_and_nearer_shakes_more() -> None:
    middle = shaken(vs30=400.0).report["pga_mean_g"]
    assert shaken(vs30=400.0, magnitude=5.5).report["pga_mean_g"] < middle
    assert shaken(vs30=400.0, distance_km=50.0).report["pga_mean_g"] < 0.5 * middle


def test_motion_is_the_model_s() -> None:
    found = shaken(vs30=360.0, rupture="point", distance_km=30.0)
    rjb = found.summary["rupture_distance"].astype(np.float64)
    expected = ground_motion(("pga", "pgv"), 7.0, "strike_slip", rjb, np.full(rjb.size, 360.0))
    assert found.intensity[0] == pytest.approx(np.exp(expected.median[0]), rel=1e-6)
    assert found.summary["pgv"] == pytest.approx(np.exp(expected.median[1]), rel=1e-6)
    assert rjb.mean() == pytest.approx(30e3, rel=0.03)


def test_a_given_event_term_shifts_every_cell_alike() -> None:
    plain = shaken(vs30=400.0).intensity[0]
    raised = shaken(vs30=400.0, event_term="given", epsilon=1.0).intensity[0]
    assert np.log(raised / plain) == pytest.approx(np.full(plain.size, 0.348), abs=1e-5)


def test_seeds_change_the_random_part_only() -> None:
    first, second = (shaken(residuals=True, seed=seed) for seed in (1, 2))
    again = shaken(residuals=True, seed=1)
    assert (first.intensity == again.intensity).all()
    assert np.abs(np.log(first.intensity / second.intensity)).max() > 0.05
    assert "one of many" in first.sentence
    assert any("Jayaram" in note for note in first.notes)


def test_many_seeds_have_the_published_spread() -> None:
    events = [shaken(vs30=400.0, residuals=True, seed=seed) for seed in range(40)]
    drawn = np.log([event.intensity[0] for event in events])
    median = np.log(shaken(vs30=400.0).intensity[0])
    assert (drawn - median).std() == pytest.approx(np.hypot(0.348, 0.495), rel=0.25)
    assert (drawn - median).mean() == pytest.approx(0.0, abs=0.25)


def test_a_named_place_overrides_the_distance() -> None:
    lon, lat = GRID.unproject(np.array([20e3]), np.array([0.0]))
    there = rupture_of(Earthquake(epicentre=(float(lon[0]), float(lat[0])), strike_deg=0.0), GRID)
    middle = there.corner[0] + there.along[0] / 2.0 + there.down[0] / 2.0
    assert middle[:2] == pytest.approx([20e3, 0.0], abs=1.0)
    assert middle[2] == pytest.approx(10e3)
    trace = rupture_of(Earthquake(trace=((0.3, 0.3), (0.3, 0.5)), top_km=1.0), GRID)
    assert trace.length == pytest.approx(22.1e3, rel=0.01)
    assert trace.top == pytest.approx(1e3)


def test_pgv_and_pga_share_the_intensity() -> None:
    pga, pgv = np.array([2.0]), np.array([0.3])
    mean = 0.5 * (intensity_by("pga", pga) + intensity_by("pgv", pgv))
    assert intensity_of(pga, pgv) == pytest.approx(mean)
    # 0.2 g is moderate to strong in California.
    assert intensity_by("pga", np.array([0.2 * GRAVITY]))[0] == pytest.approx(6.88, abs=0.01)


def test_slope_of_few_cells_is_zero_where_nothing_says_more() -> None:
    line = np.array([0.0, 100.0])
    assert slopes(line, np.zeros(2), line, 926.0, 100.0) == pytest.approx([0.0, 0.0])


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"magnitude": 9.9}, "magnitude"),
        ({"vs30": 90.0}, "vs30 lies below 150"),
        ({"trace": [[0.0, 0.0]]}, "needs 2 points"),
        ({"trace": [[0.0, 0.0], [0.0001, 0.0]]}, "shorter than 100 m"),
        ({"trace": [[0.0, 0.0], [1.0, 0.0]], "rupture": "point"}, "two ruptures"),
        ({"trace": [[0.0, 0.0], [1.0, 0.0]], "epicentre": [0.0, 0.0]}, "place the rupture twice"),
        ({"epicentre": [0.0]}, "two numbers"),
    ],
)
def test_wrong_fields_are_refused(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        Earthquake(**fields)


def test_a_rupture_beyond_the_model_is_refused() -> None:
    with pytest.raises(InputError, match="within 400 km"):
        shaken(epicentre=(20.0, 0.0))


@pytest.mark.parametrize(
    "place", [{"epicentre": (-179.58, -0.42)}, {"trace": ((-179.58, -0.42), (-179.0, -0.4))}]
)
def test_a_rupture_on_the_other_side_of_the_earth_is_refused(place: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=r"other side of the earth|within 400 km"):
        shaken(cover((0.41, 0.41, 0.43, 0.43), 9), **place)


def test_impossible_shaking_is_cut_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    strongest = shaken(magnitude=8.5, distance_km=0.0, event_term="given", epsilon=4.0)
    assert strongest.intensity.max() < 100.0
    assert not any("cut to" in note for note in strongest.notes)
    monkeypatch.setitem(simulation._MOST, "pga", 0.5)
    found = shaken()
    assert found.intensity.max() == pytest.approx(0.5)
    assert "cut to the largest value that is stored: pga" in found.notes


def test_coefficients_that_are_not_verified_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    true = bssa14.coefficients()
    changed = {name: bssa14.Coefficients(row.values, name != "sa1") for name, row in true.items()}
    monkeypatch.setattr(simulation, "coefficients", lambda: changed)
    assert "coefficients not verified: sa1" in shaken().notes


def test_an_unknown_measure_is_refused() -> None:
    with pytest.raises(InputError, match="no coefficients for the measure 'sa99'"):
        ground_motion(("sa99",), 7.0, "normal", np.array([1e4]), np.array([400.0]))


def test_serial_and_parallel_motion_agree_to_the_bit() -> None:
    rjb, vs30 = np.linspace(0.0, 3e5, 5000), np.linspace(150.0, 1500.0, 5000)
    both = [
        ground_motion(("pga", "pgv", "sa1"), 6.4, "normal", rjb, vs30, parallel=parallel)
        for parallel in (True, False)
    ]
    assert (both[0].median == both[1].median).all()
    assert (both[0].phi == both[1].phi).all()
    assert (both[0].sigma > both[0].phi).all()


def test_the_benchmark_says_how_fast_it_is() -> None:
    found = Earthquake.benchmark(2000)
    assert found["model"] == "earthquake"
    assert found["cell_measures_per_s"] > 0.0


# ShakeMaps


def test_a_shakemap_takes_the_model_s_place(tmp_path: Path) -> None:
    path = tmp_path / "grid.xml"
    path.write_text(shakemap_text(11, 21), encoding="utf-8")
    found = shaken(shakemap_file=str(path), magnitude=5.0)
    lon, lat = GRID.unproject(GRID.x, GRID.y)
    percent = 20.0 + 10.0 * lon + 5.0 * lat
    assert found.intensity[0] == pytest.approx(percent / 100.0 * GRAVITY, rel=1e-5)
    assert found.summary["pgv"] == pytest.approx(percent / 100.0, rel=1e-5)
    assert found.summary["mmi"] == pytest.approx(7.0 + lon, rel=1e-5)
    assert found.summary["vs30"] == pytest.approx(300.0 + 400.0 * lat, rel=1e-5)
    assert found.report["magnitude"] == 7.0
    assert Earthquake(shakemap_file=str(path)).files() == (path,)
    assert any("ShakeMap" in note for note in found.notes)


def test_rows_of_a_shakemap_may_stand_in_any_order(tmp_path: Path) -> None:
    text = shakemap_text(11, 21)
    head, rest = text.split("<grid_data>\n")
    data, tail = rest.split("\n</grid_data>")
    turned = "\n".join(reversed(data.splitlines()))
    for name, body in (("a.xml", data), ("b.xml", turned)):
        (tmp_path / name).write_text(f"{head}<grid_data>\n{body}\n</grid_data>{tail}")
    first, second = (shaken(shakemap_file=str(tmp_path / n)) for n in ("a.xml", "b.xml"))
    assert (first.intensity == second.intensity).all()


def test_without_intensity_and_ground_they_are_computed(tmp_path: Path) -> None:
    path = tmp_path / "grid.xml"
    text = shakemap_text(11, 21).replace('name="MMI"', 'name="XXX"').replace("SVEL", "YYYY")
    path.write_text(text, encoding="utf-8")
    found = shaken(shakemap_file=str(path), vs30=500.0)
    assert (found.summary["vs30"] == 500.0).all()
    assert any("no intensity" in note for note in found.notes)


def test_an_event_without_words_is_no_obstacle(tmp_path: Path) -> None:
    path = tmp_path / "grid.xml"
    text = shakemap_text(11, 21).replace('magnitude="7"', 'magnitude="unknown"')
    path.write_text(text.replace('depth="10"', ""), encoding="utf-8")
    assert "magnitude" not in shaken(shakemap_file=str(path)).report


def cut(old: str, new: str) -> str:
    text = shakemap_text(11, 21)
    assert old in text
    return text.replace(old, new)


BROKEN = {
    "cannot be read": None,
    "is not whole XML": shakemap_text(11, 21)[:900],
    "is no ShakeMap grid": "<other/>",
    "declares entities": '<!DOCTYPE a [<!ENTITY b "c">]><shakemap_grid/>',
    "has no 'grid_data'": cut("grid_data", "grid_date"),
    "has no field 'PSA10'": cut('name="PSA10"', 'name="PSA11"'),
    "'nlat' in": cut('nlat="11"', 'nlat="many"'),
    "lacks 'nlon'": cut("nlon=", "mlon="),
    "numbers, not 12": cut('nlat="11"', 'nlat="12"'),
    "not a number": cut("0.5 300", "half 300"),
    "values that are not numbers": cut("0.5 300", "nan 300"),
    "not a regular raster": cut("0 0 20 20", "0.7 0.03 20 20"),
    "below 0": cut("0 0 20 20", "0 0 -20 20"),
}


@pytest.mark.parametrize("words", BROKEN)
def test_a_broken_shakemap_is_refused_in_one_sentence(tmp_path: Path, words: str) -> None:
    path = tmp_path / "grid.xml"
    text = BROKEN[words]
    if text is not None:
        path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=words) as caught:
        shaken(shakemap_file=str(path))
    assert "\n" not in str(caught.value)


def test_a_shakemap_of_another_place_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "grid.xml"
    path.write_text(shakemap_text(11, 21), encoding="utf-8")
    with pytest.raises(InputError, match="does not cover the city"):
        shaken(cover((2.40, 0.40, 2.44, 0.44), 9), shakemap_file=str(path))


_COUNTED = """
import sys
from citytwin.city import City
from citytwin.ensemble.member import run_member
event = {"hazard": {"model": "earthquake", "magnitude": 7.0}}
with City.open(sys.argv[1]) as city:
    found = run_member(0, event, sys.argv[1], city.fingerprint, "")
print(sorted((name, value.hex()) for name, value in found.figures.items()))
"""


def test_numbers_do_not_hang_on_how_many_threads_a_library_takes(city_file: Path) -> None:
    """A product of vectors by BLAS does; members of an ensemble must have the same bits anywhere."""
    said = {
        subprocess.run(
            [sys.executable, "-c", _COUNTED, str(city_file)],
            env={**os.environ, "OPENBLAS_NUM_THREADS": threads, "OMP_NUM_THREADS": threads},
            capture_output=True, text=True, check=True,
        ).stdout
        for threads in ("1", "2")
    }  # fmt: skip
    assert len(said) == 1
    assert "people.slight" in said.pop()
