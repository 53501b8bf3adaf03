"""Runs beside one another: what differs in the scenario, in the impact, on the map."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import rasterio

import citytwin as ct
from citytwin.city import City
from citytwin.cli.words import comparison_lines
from citytwin.errors import InputError, OutputError
from citytwin.hazards.flood import Flood
from citytwin.hazards.plume import Plume
from citytwin.scenario import Results, run
from citytwin.scenario.comparing import compare, write_comparison


def storm(rain: float, name: str) -> ct.Scenario:
    event = Flood(rain_mm=rain, rain_h=0.1, simulated_h=0.1, output_min=6.0, solver="inertial")
    return ct.Scenario(name=name, hazard=event)


@pytest.fixture(scope="module")
def runs(city: City, tmp_path_factory: pytest.TempPathFactory) -> list[Results]:
    folder = tmp_path_factory.mktemp("runs")
    return [
        run(storm(rain, name), city, runs=folder) for rain, name in ((60.0, "less"), (90.0, "more"))
    ]


def test_what_differs_is_named_and_words_do_not_count(runs: list[Results]) -> None:
    assert compare(runs).differs == {"hazard.rain_mm": (60.0, 90.0)}
    assert compare([runs[0], runs[0]]).differs == {}


def test_numbers_stand_beside_one_another(runs: list[Results]) -> None:
    found = {(r.by, r.group, r.what, r.level): r for r in compare(runs).rows}
    people = found["city", "all", "people", "0.15"]
    assert people.values == tuple(one.impact["people"]["0.15"] for one in runs)
    assert people.differences == (0.0, people.values[1] - people.values[0])
    assert people.differences[1] > 0.0


def test_uses_add_up_to_the_city(runs: list[Results]) -> None:
    for one in runs:
        groups = one.groups
        by_use = groups[groups["by"] == "use"]
        for what in ("people", "buildings"):
            for level, value in one.impact[what].items():
                mine = by_use[(by_use["what"] == what) & (by_use["level"] == level)]
                assert mine["value"].sum() == pytest.approx(value, rel=1e-9, abs=1e-9)


def test_the_map_is_the_difference_on_the_cells(
    runs: list[Results], city: City, tmp_path: Path
) -> None:
    found = compare(runs)
    assert found.quantity == "depth_max"
    write_comparison(found, city, tmp_path / "out")
    cells = pd.read_parquet(tmp_path / "out" / "cells.parquet")
    assert (cells["cell"].to_numpy() == city.grid.cells).all()
    for at, one in enumerate(runs, start=1):
        assert cells[f"run_{at}"].to_numpy() == pytest.approx(one.summary["depth_max"], abs=1e-6)
    numbers = pd.read_parquet(tmp_path / "out" / "numbers.parquet")
    assert len(numbers) == len(found.rows)
    with rasterio.open(tmp_path / "out" / "difference_2.tif") as picture:
        pixels = picture.read(1)
        pixels = pixels[np.isfinite(pixels) & (pixels != picture.nodata)]
    greatest = (runs[1].summary["depth_max"] - runs[0].summary["depth_max"]).max()
    assert 0.0 < pixels.max() <= greatest * 1.001
    told = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert [told[f"run_{at}"] for at in (1, 2)] == [one.key for one in runs[:2]]
    with pytest.raises(OutputError, match="exists"):
        write_comparison(found, city, tmp_path / "out")
    write_comparison(found, city, tmp_path / "out", overwrite=True)


def test_places_that_stay_dry_have_no_difference_of_arrival(runs: list[Results]) -> None:
    values = compare(runs, "arrival").on_cells()
    dry = ~np.isfinite(runs[0].summary["arrival"])
    assert dry.any()
    assert np.isnan(values[0][dry]).all()


def test_what_a_run_starts_from_counts(runs: list[Results]) -> None:
    other = Results(runs[0].folder, {**runs[0].manifest, "chain": {"after": "shock", "seed": 1}})
    assert compare([runs[0], other]).differs == {
        "chain.after": (None, "shock"), "chain.seed": (None, 1),
    }  # fmt: skip


def test_wrong_comparisons_are_one_sentence(runs: list[Results]) -> None:
    with pytest.raises(InputError, match="two runs or more"):
        compare(runs[:1])
    with pytest.raises(InputError, match="not every run has 'heat'"):
        compare(runs, "heat")
    other = Results(runs[1].folder, {**runs[1].manifest, "city": {"fingerprint": "other"}})
    with pytest.raises(InputError, match="different cities"):
        compare([runs[0], other])


def test_one_name_of_two_meanings_is_two_numbers(
    runs: list[Results], city: City, tmp_path: Path
) -> None:
    """Level 1 is a depth after a flood and a zone after a leak of gas."""
    leak = ct.Scenario(hazard=Plume(simulated_h=0.1, output_min=3.0, duration_min=5.0))
    gas = run(leak, city, runs=tmp_path)
    found = compare([runs[0], gas])
    one = [row for row in found.rows if (row.by, row.what, row.level) == ("city", "people", "1")]
    assert [row.title for row in one] == ["people, ≥ 1 m", "people, 1: discomfort"]
    assert all(np.isnan(row.values).sum() == 1 for row in one)
    for use in {row.group for row in found.rows if row.by == "use"}:
        same = [r for r in found.rows if (r.group, r.what, r.level) == (use, "people", "1")]
        assert len(same) == 2
    streets = next(row for row in found.rows if row.what == "roads_m")
    assert not np.isnan(streets.values).any()
    lines = "\n".join(comparison_lines(found, None))
    assert "street impassable [m]" in lines
    assert "people.1" not in lines
    assert "None" not in lines
