"""Real cities from their recipes: Helsinki, which travels along, others where their files are."""

from pathlib import Path

import numpy as np
import pytest

from citytwin import registry
from citytwin.city import City
from citytwin.errors import CityTwinError
from citytwin.hazards.flood import Flood
from citytwin.pipeline import build
from citytwin.scenario import Scenario, run

ROOT = Path(__file__).parents[2]
DATA = ROOT.parent / "shared" / "data"
MONACO = {"osm": "monaco/monaco-latest.osm.pbf", "terrain": "monaco/N43E007.hgt.zip"}
PORTO_ALEGRE = {
    "osm": "porto-alegre/poa_osm.pbf",
    "terrain": "porto-alegre/poa_elevation.tif",
    "people": "porto-alegre/poa_hexgrid.csv",
    "buses": "porto-alegre/poa_eptc.zip",
    "trains": "porto-alegre/poa_trensurb.zip",
    "places": "porto-alegre/poa_points_of_interest.csv",
}


def built(name: str, files: dict[str, str], tmp_path: Path) -> City:
    paths = {key: DATA / path for key, path in files.items()}
    if not all(path.is_file() for path in paths.values()):
        pytest.skip("the shared data are not beside this checkout")
    return build(ROOT / "pipelines" / f"{name}.toml", tmp_path / f"{name}.duckdb", paths=paths)


def conserved(city: City) -> None:
    for name, total in city.totals.items():
        assert total["after"] == pytest.approx(total["before"], rel=1e-9), name
        assert city.layers[name].sum() == pytest.approx(total["before"], rel=1e-9), name


def test_helsinki_is_built_without_a_network_and_refuses_a_flood(tmp_path: Path) -> None:
    with built("helsinki", {}, tmp_path) as city:
        conserved(city)
        assert city.counts["buildings"] > 300
        assert "ground_elevation" not in city.layers
        assert set(city.table("buildings")["height_from"]) >= {"levels", "assumed"}
        with pytest.raises(CityTwinError, match="ground_elevation"):
            Flood(simulated_h=0.1, rain_h=0.1).simulate(city.grid, city.layers)


def test_monaco_from_pbf_and_srtm(tmp_path: Path) -> None:
    with built("monaco", MONACO, tmp_path) as city:
        conserved(city)
        # One of the extract's 1,605 buildings lies outside the recipe's box.
        assert city.counts["buildings"] == 1604
        area = city.table("buildings").to_crs(city.grid.crs).area.sum()
        assert city.totals["building_area"]["after"] == pytest.approx(area, rel=1e-9)
        sea = city.table("water").query("`class` == 'sea'").to_crs(city.grid.crs).area.sum()
        assert sea > 1e6
        for level in (2.0, 8.0, 10.0):
            rows = [row for row in city.districts if row["admin_level"] == level]
            people = sum(row["people"] for row in rows)
            assert people == pytest.approx(city.totals["people"]["after"], rel=1e-9)
        assert sum(row["admin_level"] == 10.0 for row in city.districts) == 10
        shaking = Scenario(hazard=registry.hazards.get("earthquake")(magnitude=7.5))
        groups = run(shaking, city, runs=tmp_path / "runs").groups
        wholes = groups.groupby(["by", "what", "level"])["value"].sum()
        for level in ("2.0", "8.0", "10.0"):
            mine, uses = wholes[f"district, level {level}"], wholes["use"]
            assert mine.to_numpy() == pytest.approx(uses.reindex(mine.index).to_numpy(), rel=1e-9)
        assert wholes["use"]["people", "slight"] > 100.0
        hazard = Flood(rain_mm=40.0, rain_h=0.2, simulated_h=0.2).simulate(city.grid, city.layers)
        assert np.asarray(hazard.intensity).max() > 0.05


def test_porto_alegre_keeps_the_people_that_were_counted(tmp_path: Path) -> None:
    with built("porto-alegre", PORTO_ALEGRE, tmp_path) as city:
        conserved(city)
        figures = city.notes["people_figures"]
        assert figures["before"] == pytest.approx(figures["after"], rel=1e-9)
        assert figures["before"] == pytest.approx(812_935, rel=0.01)
        assert city.table("stops")["departures"].sum() > 90_000
