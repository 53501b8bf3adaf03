"""Results of a run in open formats, judged by the libraries that other people read them with."""

from pathlib import Path

import numpy as np
import pytest
import rasterio
import xarray as xr
from rio_cogeo import cog_validate

import citytwin as ct
from citytwin.city import City
from citytwin.errors import InputError, OutputError
from citytwin.hazards.base import HazardModel
from citytwin.hazards.earthquake import Earthquake
from citytwin.hazards.flood import Flood
from citytwin.hazards.plume import Plume
from citytwin.scenario import Results
from citytwin.scenario.outputs import write_outputs
from citytwin.scenario.running import run


@pytest.fixture(scope="module")
def storm(city: City, tmp_path_factory: pytest.TempPathFactory) -> Results:
    middle = city.grid.unproject(
        city.grid.x[[len(city.grid) // 2]], city.grid.y[[len(city.grid) // 2]]
    )
    lon, lat = float(middle[0][0]), float(middle[1][0])
    event = Flood(
        rain_mm=60.0, rain_h=0.4, simulated_h=0.5, output_min=10.0, solver="inertial",
        gauges=[{"name": "Middle", "at": [lon, lat]}],
        lines=[{"name": "Cut", "line": [[lon - 0.003, lat], [lon + 0.003, lat]]}],
    )  # fmt: skip
    return run(ct.Scenario(name="Storm", hazard=event), city, runs=tmp_path_factory.mktemp("runs"))


@pytest.fixture(scope="module")
def written(storm: Results, city: City, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("open") / "storm"
    write_outputs(storm, city, folder)
    return folder


def test_netcdf_holds_all_that_the_results_hold(written: Path, storm: Results, city: City) -> None:
    with xr.open_dataset(written / "flood.nc", decode_timedelta=False) as data:
        assert data.attrs["Conventions"] == "CF-1.8"
        assert data.depth.attrs["standard_name"] == "flood_water_thickness"
        assert data.depth.dims == ("time", "cell")
        for k in range(storm.times.size):
            np.testing.assert_array_equal(data.depth[k].to_numpy(), storm.frame(k))
            np.testing.assert_array_equal(data.speed[k].to_numpy(), storm.frame(k, "speed"))
        for name, values in storm.summary.items():
            np.testing.assert_array_equal(data[name].to_numpy(), values)
            assert data[name].attrs["units"]
        assert (data.h3.to_numpy() == city.grid.cells).all()
        # The centre of each cell lies within its corners.
        assert (data.lon_bounds.min("corner") < data.lon).all()
        assert (data.lon < data.lon_bounds.max("corner")).all()
        assert float((data.time[-1] - data.time[0]) / np.timedelta64(1, "s")) == 1800.0


def test_an_older_folder_is_replaced_if_asked_for(
    storm: Results, city: City, tmp_path: Path
) -> None:
    write_outputs(storm, city, tmp_path / "out", ("cog", "csv"))
    with pytest.raises(OutputError, match="exists"):
        write_outputs(storm, city, tmp_path / "out", ("csv",))
    again = write_outputs(storm, city, tmp_path / "out", ("csv",), overwrite=True)
    assert [path.name for path in again] == ["manifest.json", "series.csv"]


@pytest.mark.parametrize(
    ("event", "quantity"),
    [
        (Plume(simulated_h=0.1, output_min=3.0, duration_min=5.0), "concentration"),
        (Earthquake(magnitude=6.0), "pga"),
    ],
)
def test_hazards_other_than_floods_are_written_too(
    event: HazardModel, quantity: str, city: City, tmp_path: Path
) -> None:
    results = run(ct.Scenario(hazard=event), city, runs=tmp_path / "runs")
    files = [path.name for path in write_outputs(results, city, tmp_path / "out")]
    assert f"{event.name}.nc" in files
    with xr.open_dataset(tmp_path / "out" / f"{event.name}.nc", decode_timedelta=False) as data:
        np.testing.assert_array_equal(
            data[quantity][-1].to_numpy(), results.frame(-1 % len(data.time))
        )
        for name in (quantity, *results.summary):
            assert "standard_name" not in data[name].attrs, "those known are of floods"
        assert data.lon.attrs["standard_name"] == "longitude"


def test_rasters_are_cloud_optimised_and_hold_the_means(written: Path, storm: Results) -> None:
    for name in storm.summary:
        valid, faults, _ = cog_validate(written / f"{name}.tif", strict=True)
        assert valid, faults
    with rasterio.open(written / "depth_max.tif") as depth:
        pixels = depth.read(1)
        assert depth.units == ("m",)
        assert np.nanmax(pixels) <= storm.summary["depth_max"].max() + 1e-6
        assert np.nanmax(pixels) > 0.5 * storm.summary["depth_max"].max()
    with rasterio.open(written / "hazard_max.tif") as classes:
        found = np.unique(classes.read(1))
        assert set(found[np.isfinite(found)]) <= set(range(7))


def test_series_hold_gauges_and_lines(written: Path, storm: Results) -> None:
    series = storm.series
    assert set(series["name"]) == {"Middle", "Cut"}
    assert set(series["variable"]) == {"depth", "level", "speed", "discharge"}
    depth = series[(series["name"] == "Middle") & (series["variable"] == "depth")]
    assert depth["time_s"].is_monotonic_increasing
    assert len((written / "series.csv").read_text().splitlines()) == len(series) + 1
    assert series[series["name"] == "Cut"]["value"].abs().max() > 0.0


def test_another_city_and_unknown_formats_are_refused(
    storm: Results, city: City, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(InputError, match="no format 'shape': choose from netcdf, cog, csv"):
        write_outputs(storm, city, tmp_path / "x", ("shape",))
    monkeypatch.setitem(storm.manifest["city"], "fingerprint", "f" * 64)
    with pytest.raises(InputError, match="are of another city"):
        write_outputs(storm, city, tmp_path / "x")
    assert not (tmp_path / "x").exists()
