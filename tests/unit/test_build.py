"""Building a city: recipes, totals, fingerprints, publishing, and reading what was built."""

import os
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
import shapely

from citytwin.city import City
from citytwin.errors import CityFileError, OutputError, RecipeError, SourceError
from citytwin.pipeline import build, read_recipe
from citytwin.pipeline.publish import published
from citytwin.pipeline.values import digest
from citytwin.variables import VARIABLES

ROOT = Path(__file__).parents[2]
TILE = "15-5239-12666.mvt"


@pytest.fixture(scope="module")
def recipe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small city: one tile at resolution 12, in its own folder."""
    return small_city(tmp_path_factory.mktemp("small"))


@pytest.fixture(scope="module")
def city(recipe: Path) -> Iterator[City]:
    with build(recipe, recipe.parent / "small.duckdb") as built:
        yield built


def small_city(folder: Path) -> Path:
    shutil.copytree(ROOT / "data" / "tables", folder / "data" / "tables")
    tiles = folder / "data" / "san-francisco"
    tiles.mkdir()
    shutil.copy(ROOT / "data" / "san-francisco" / TILE, tiles)
    text = (ROOT / "pipelines" / "san-francisco.toml").read_text(encoding="utf-8")
    text = text.partition("# ASSUMED, all of it")[0]  # its lifelines lie outside one tile
    for old, new in (
        ("columns = [5237, 5239]", "columns = [5239, 5239]"),
        ("rows = [12665, 12667]", "rows = [12666, 12666]"),
        ("resolution = 13", "resolution = 12"),
        ('sha256 = "SHA256SUMS"\n', ""),
        ("spacing = 8.0", "spacing = 12.0"),
    ):
        assert old in text
        text = text.replace(old, new)
    path = folder / "pipelines" / "small.toml"
    path.parent.mkdir()
    path.write_text(text, encoding="utf-8")
    return path


def changed(recipe: Path, tmp_path: Path, old: str, new: str) -> Path:
    path = tmp_path / "pipelines" / "changed.toml"
    path.parent.mkdir(exist_ok=True)
    if not (tmp_path / "data").exists():
        shutil.copytree(recipe.parents[1] / "data", tmp_path / "data")
    text = recipe.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    return path


def test_totals_are_conserved(city: City) -> None:
    assert set(city.totals) == {"building_area", "floor_area", "people", "street_length"}
    for name, total in city.totals.items():
        assert total["before"] > 0.0
        assert total["after"] == pytest.approx(total["before"], rel=1e-9), name
        assert city.layers[name].sum() == pytest.approx(total["before"], rel=1e-9), name


def test_totals_before_are_those_of_the_geometry(city: City) -> None:
    area = city.table("buildings").to_crs(city.grid.crs).area.sum()
    assert city.totals["building_area"]["before"] == pytest.approx(area, rel=1e-12)
    roads = city.table("roads")
    assert city.totals["street_length"]["before"] == pytest.approx(roads["length"].sum())


def test_layers_are_variables_within_their_range(city: City) -> None:
    needed = {"ground_elevation", "building_cover", "floor_area", "people", "manning"}
    assert needed | {"pervious_share", "people_assumed"} <= set(city.layers)
    for name, values in city.layers.items():
        variable = VARIABLES[name]
        assert values.shape == (len(city.grid),)
        assert np.isfinite(values).all(), name
        assert values.min() >= variable.low, name
        assert values.max() <= variable.high, name
        assert not values.flags.writeable
    with pytest.raises(KeyError):
        city.layers["area"]


def test_every_cell_of_people_is_marked_assumed(city: City) -> None:
    assert (city.layers["people_assumed"] == 1.0).all()
    assert "assumed" in city.notes["people"]


def test_people_follow_the_recipe(city: City) -> None:
    homes = city.table("buildings")
    assert (homes["levels"] >= 1).all()
    assert np.allclose(homes["floor_area"], homes["area"] * homes["levels"])
    assert np.allclose(homes["people"], homes["floor_area"] * homes["home_share"] / 70.0)
    assert (homes.loc[homes["kind"] == "school", "people"] == 0.0).all()
    assert (homes.loc[homes["area"] < 30.0, "people"] == 0.0).all()
    grounds = city.table("landuse")
    school = shapely.union_all(grounds.loc[grounds["class"] == "school", "geometry"].to_numpy())
    unnamed = homes[homes["kind"] == "building"]
    inside = unnamed.geometry.representative_point().within(school)
    assert inside.any()
    assert (unnamed.loc[inside, "people"] == 0.0).all()
    assert (unnamed.loc[~inside, "people"] > 0.0).mean() > 0.95


def test_shares_add_up_to_footprints_and_lengths(city: City) -> None:
    homes, roads = city.table("buildings"), city.table("roads")
    shares = city.building_cells
    footprint = np.bincount(shares.item, shares.amount, minlength=len(homes))
    assert np.allclose(footprint, homes["area"], rtol=1e-9)
    shares = city.road_cells
    length = np.bincount(shares.item, shares.amount, minlength=len(roads))
    assert np.allclose(length, roads["length"], rtol=1e-9)


def test_the_ground_holds_no_water_that_no_contour_shows(city: City) -> None:
    figures = city.notes["ground"]
    assert figures["artefacts"]["result"]["volume_m3"] == 0.0
    assert figures["artefacts"]["result"]["flat_share"] == 0.0
    assert figures["artefacts"]["triangles"]["flat_share"] > 0.0
    assert figures["fit"]["rmse_m"] < 0.5
    assert figures["drained"]["largest_change_m"] < 2.0


def test_streets_are_smoother_than_gardens_and_parks_let_water_in(city: City) -> None:
    layers, street = city.layers, city.layers["street_length"]
    paved = (street > np.quantile(street, 0.95)) & (layers["building_cover"] == 0.0)
    open_ground = (street == 0.0) & (layers["building_cover"] == 0.0)
    assert layers["manning"][paved].mean() < layers["manning"][open_ground].mean()
    assert layers["pervious_share"][paved].mean() < layers["pervious_share"][open_ground].mean()


def test_provenance_and_steps_are_kept(city: City) -> None:
    (file,) = city.sources
    assert file["path"] == f"data/san-francisco/{TILE}"
    assert city.attribution == "© OpenStreetMap contributors © Mapbox"
    assert [step["name"] for step in city.steps][:2] == ["sources", "grid"]
    assert city.counts["cells"] == len(city.grid)
    assert city.title_zh.startswith("旧金山")
    assert shapely.box(*city.bounds).contains(shapely.Point(-122.4371, 37.7621))


def test_the_same_inputs_give_the_same_fingerprint_wherever_they_lie(
    city: City, recipe: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = changed(recipe, tmp_path, "# Assumptions", "# Assumed")
    monkeypatch.chdir(tmp_path)
    with build(Path("pipelines") / other.name) as again:
        assert again.path == Path("san-francisco.duckdb")
        assert again.fingerprint == city.fingerprint


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("floor_area_per_person = 70.0", "floor_area_per_person = 60.0"),
        ("spacing = 12.0", "spacing = 14.0"),
    ],
)
def test_a_changed_recipe_changes_the_fingerprint(
    city: City, recipe: Path, tmp_path: Path, old: str, new: str
) -> None:
    with build(changed(recipe, tmp_path, old, new), tmp_path / "x.duckdb") as other:
        assert other.fingerprint != city.fingerprint


def test_a_changed_table_changes_the_fingerprint(city: City, recipe: Path, tmp_path: Path) -> None:
    path = changed(recipe, tmp_path, "# Assumptions", "# Assumptions")
    table = tmp_path / "data" / "tables" / "land_cover.csv"
    table.write_text(table.read_text().replace("park,landuse,park,0.035", "park,landuse,park,0.04"))
    with build(path, tmp_path / "x.duckdb") as other:
        assert other.fingerprint != city.fingerprint


def test_digests_see_every_value_and_no_order_of_columns(city: City) -> None:
    places = city.table("places")
    first = digest(places)
    assert first == digest(places[list(reversed(places.columns))])
    assert first != digest(places.assign(name="z"))
    moved = places.set_geometry(places.geometry.translate(1e-9))
    assert first != digest(moved)
    assert digest({"x": 1, "y": 2}) == digest({"y": 2, "x": 1})
    assert digest(np.arange(4.0)) != digest(np.arange(4.0).reshape(2, 2))
    assert digest(np.arange(4.0)) != digest(np.array([0.0, 1.0, 2.0, 3.1]))


def test_progress_runs_from_nothing_to_all(recipe: Path, tmp_path: Path) -> None:
    seen: list[tuple[str, float, str]] = []
    build(recipe, tmp_path / "x.duckdb", progress=lambda *event: seen.append(event)).close()
    done = [share for _, share, _ in seen]
    assert done == sorted(done)
    assert (done[0], done[-1]) == (0.0, 1.0)
    assert all(" rows, " in note for _, _, note in seen if note)


RECIPES = {
    "unknown key": (
        "storey_height",
        "story_height",
        r"'buildings\.story_height': did you mean 's",
    ),
    "unknown top key": ("resolution =", "resolutoin =", r"'resolutoin': did you mean 'resolution'"),
    "unknown source key": ("zoom =", "zom =", r"'sources\.zom': did you mean 'zoom'"),
    "no source": ('name = "vector_tiles"', 'name = "tiles"', "choose one of .*vector_tiles"),
    "value": (
        "storey_height = 3.0",
        "storey_height = -3.0",
        r"'buildings\.storey_height' .* wrong",
    ),
    "resolution": ("resolution = 12", "resolution = 15", "'resolution' of the recipe .* wrong"),
    "toml": ("[population]", "[population", "is not valid TOML"),
    "missing key": ('title = "San', 'title_zh = "San', "is not valid TOML|lacks the key 'title'"),
    "missing table": (
        "land_cover.csv",
        "no.csv",
        r"no\.csv cannot be read: check 'land_cover\.table",
    ),
}


@pytest.mark.parametrize("case", RECIPES)
def test_bad_recipes_get_one_clear_sentence(case: str, recipe: Path, tmp_path: Path) -> None:
    old, new, message = RECIPES[case]
    path = changed(recipe, tmp_path, old, new)
    with pytest.raises(RecipeError, match=message) as caught:
        build(path, tmp_path / "x.duckdb")
    assert "\n" not in str(caught.value)
    assert "changed.toml" in str(caught.value) or "no.csv" in str(caught.value)
    assert [item.name for item in tmp_path.iterdir() if "x.duckdb" in item.name] == []


def test_a_missing_recipe_is_named(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match=r"none\.toml cannot be read"):
        read_recipe(tmp_path / "none.toml")


def test_a_failed_build_leaves_the_old_city(recipe: Path, tmp_path: Path) -> None:
    path = changed(recipe, tmp_path, "# Assumptions", "# Assumptions")
    target = tmp_path / "city.duckdb"
    build(path, target).close()
    before = target.read_bytes()
    tile = tmp_path / "data" / "san-francisco" / TILE
    tile.write_bytes(tile.read_bytes()[:999])
    with pytest.raises(SourceError):
        build(path, target)
    assert target.read_bytes() == before
    assert [item.name for item in tmp_path.iterdir() if item.is_file()] == ["city.duckdb"]


def test_readers_keep_their_city_while_it_is_replaced(recipe: Path, tmp_path: Path) -> None:
    target = tmp_path / "city.duckdb"
    build(recipe, target).close()
    other = changed(recipe, tmp_path, "floor_area_per_person = 70.0", "floor_area_per_person = 7.0")
    with City.open(target) as old, build(other, target) as new:
        assert old.fingerprint != new.fingerprint
        assert new.layers["people"].sum() == pytest.approx(10.0 * old.layers["people"].sum())
        assert len(old.table("buildings")) == len(new.table("buildings"))


def test_a_killed_build_leaves_nothing_that_the_next_one_does_not_remove(tmp_path: Path) -> None:
    target = tmp_path / "city.duckdb"
    target.write_bytes(b"old")
    code = f"""
        import os, pathlib, signal
        from citytwin.pipeline.publish import published
        with published(pathlib.Path({str(target)!r})) as draft:
            draft.write_bytes(b"half")
            pathlib.Path(str(draft) + ".wal").write_bytes(b"log")
            os.kill(os.getpid(), signal.SIGKILL)
    """
    killed = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert killed.returncode != 0
    assert target.read_bytes() == b"old"
    assert len(list(tmp_path.iterdir())) == 3
    with published(target) as draft:
        assert len(list(tmp_path.iterdir())) == 1
        draft.write_bytes(b"new")
    assert target.read_bytes() == b"new"
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (OSError(28, "No space left on device"), "the disk is full, so free some space"),
        (OSError(30, "Read-only file system", ".c"), "the folder is read-only, so choose another"),
        (OSError(13, "Permission denied", ".c"), "the folder is read-only, so choose another"),
        (duckdb.TransactionException("Could not write: No space left on device"), "disk is full"),
    ],
)
def test_errors_of_writing_get_one_sentence(
    error: Exception, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "city.duckdb"
    target.write_bytes(b"old")

    def fail(*_: Any) -> None:
        raise error

    monkeypatch.setattr(import_module("citytwin.pipeline.publish"), "sync", fail)
    with pytest.raises(OutputError, match=message), published(target) as draft:
        draft.write_bytes(b"new")
    assert target.read_bytes() == b"old"
    assert len(list(tmp_path.iterdir())) == 1


def test_other_errors_of_a_build_are_not_taken_for_errors_of_writing(tmp_path: Path) -> None:
    with (
        pytest.raises(FileNotFoundError),
        published(tmp_path / "city.duckdb"),
    ):
        (tmp_path / "nothing").read_bytes()


def test_a_folder_that_is_a_file_cannot_hold_a_city(recipe: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutputError, match=r"cannot be written"):
        build(recipe, tmp_path / "file" / "city.duckdb")


def test_what_is_no_city_is_refused_with_the_remedy(city: City, tmp_path: Path) -> None:
    with pytest.raises(CityFileError, match=r"there is no city file .* 'citytwin build RECIPE'"):
        City.open(tmp_path / "none.duckdb")
    (tmp_path / "text.duckdb").write_text("no database" * 1000)
    with pytest.raises(CityFileError, match=r"text\.duckdb is not a city file: build one"):
        City.open(tmp_path / "text.duckdb")
    other = tmp_path / "other.duckdb"
    with duckdb.connect(str(other)) as connection:
        connection.execute("CREATE TABLE facts (key TEXT)")
    with pytest.raises(CityFileError, match="is not a city file"):
        City.open(other)
    newer = tmp_path / "newer.duckdb"
    shutil.copy(city.path, newer)
    with duckdb.connect(str(newer)) as connection:
        connection.execute("UPDATE facts SET value = '99' WHERE key = 'format'")
    with pytest.raises(CityFileError, match=r"has layout 99 and .* build it again"):
        City.open(newer)
    with pytest.raises(CityFileError, match=r"has no layer 'trees': it has .*buildings"):
        city.table("trees")
