"""Every recipe of ours is sound, the schema says what the model says, and a new one is written."""

import json
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from citytwin.errors import InputError, RecipeError, SourceError
from citytwin.pipeline.inputs import inputs
from citytwin.pipeline.open_data import land_cover, people, terrain
from citytwin.pipeline.recipe import read_recipe
from citytwin.pipeline.recipe_new import new_recipe
from citytwin.pipeline.recipe_schema import recipe_schema
from citytwin.registry import sources

ROOT = Path(__file__).parents[2]
RECIPES = sorted((ROOT / "pipelines").glob("*.toml"))
SCHEMA = ROOT / "docs" / "recipe.schema.json"
MONACO = (7.402, 43.719, 7.448, 43.756)


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    return recipe_schema()


def test_the_cities_of_the_issue_are_there() -> None:
    names = {path.stem for path in RECIPES}
    assert {"san-francisco", "shanghai", "monaco", "tokyo"} <= names
    assert {"helsinki", "porto-alegre", "astana"} <= names


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_recipes_are_sound_and_fit_the_schema(path: Path, schema: dict[str, Any]) -> None:
    recipe = read_recipe(path)
    assert recipe.name == path.stem
    assert recipe.title_zh
    for source in recipe.sources:
        assert source.licence
        assert source.attribution
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(tomllib.loads(path.read_text(encoding="utf-8")), schema)


def test_the_published_schema_is_that_of_the_model(schema: dict[str, Any]) -> None:
    published = json.loads(SCHEMA.read_text(encoding="utf-8"))
    assert published == json.loads(json.dumps(schema)), (
        "run: citytwin recipe schema > docs/recipe.schema.json"
    )


def test_the_schema_describes_every_field_of_every_source(schema: dict[str, Any]) -> None:
    for name in sources.names():
        if not sources.get(name).__module__.startswith("citytwin."):
            continue
        for field, about in schema["$defs"][f"source_{name}"]["properties"].items():
            assert field == "name" or about.get("description"), f"{name}.{field}"


def test_the_schema_refuses_what_the_model_refuses(schema: dict[str, Any]) -> None:
    content = tomllib.loads((ROOT / "pipelines" / "monaco.toml").read_text(encoding="utf-8"))
    content["sources"][0]["nme"] = "x"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(content, schema)


def test_open_data_tiles_cover_a_box() -> None:
    urls = [data.url for data in terrain((121.40, 31.1, 122.1, 31.3))]
    assert [url.rsplit("/", 1)[1] for url in urls] == [
        "Copernicus_DSM_COG_10_N31_00_E121_00_DEM.tif",
        "Copernicus_DSM_COG_10_N31_00_E122_00_DEM.tif",
    ]
    (south,) = [data.id for data in terrain((-51.3, -30.2, -51.1, -30.1))]
    assert south == "terrain-s31w052"
    (cover,) = [data.url for data in land_cover((121.40, 31.1, 121.9, 31.3))]
    assert cover.endswith("ESA_WorldCover_10m_2021_v200_N30E120_Map.tif")
    assert "/CHN/chn_ppp_2020" in people("chn").url


def test_a_new_recipe_reads_back(tmp_path: Path) -> None:
    path = tmp_path / "pipelines" / "new.toml"
    path.parent.mkdir()
    text = new_recipe("new", "Neu 新", MONACO, osm="https://example.org/m.osm.pbf", country="MCO")
    path.write_text(text, encoding="utf-8")
    recipe = read_recipe(path)
    assert recipe.box() == MONACO
    assert (recipe.title, recipe.resolution) == ("Neu 新", 13)
    assert [s.id for s in recipe.sources] == [
        "osm", "terrain-n43e007", "land-cover-n42e006", "people-mco",
    ]  # fmt: skip
    assert (recipe.population.method, recipe.terrain.method) == ("counts", "raster")
    with pytest.raises(SourceError, match=r"osm.*has to be fetched from https://example\.org"):
        inputs(path)


@pytest.mark.parametrize(
    ("box", "country", "words"),
    [((7.5, 43.0, 7.4, 44.0), "", "is not a box"), (MONACO, "Monaco", "is no ISO 3166 code")],
)
def test_a_wrong_new_recipe_is_said(box: Any, country: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        new_recipe("new", "New", box, osm="x.osm.pbf", country=country)


def test_ids_of_sources_are_known_and_their_own(tmp_path: Path) -> None:
    text = (ROOT / "pipelines" / "monaco.toml").read_text(encoding="utf-8")
    path = tmp_path / "twice.toml"
    path.write_text(text.replace('id = "terrain"', 'id = "osm"'), encoding="utf-8")
    with pytest.raises(RecipeError, match="two sources are called 'osm'"):
        read_recipe(path)
    path.write_text(text, encoding="utf-8")
    with pytest.raises(
        RecipeError, match="'dem', which the recipe does not have: choose one of osm"
    ):
        inputs(path, paths={"dem": Path("x")})
    with pytest.raises(RecipeError, match="'terrain' has neither 'path' nor 'url'"):
        inputs(path, paths={"osm": Path("x")})


def test_recipes_on_the_command_line(citytwin: Any, tmp_path: Path) -> None:
    path = tmp_path / "monaco.toml"
    words = ("recipe", "new", "monaco", "--bbox", *MONACO, "--osm", "monaco.osm.pbf", "--json")
    said = citytwin(*words, "--output", path)
    assert said.returncode == 0, said.stderr
    assert json.loads(said.stdout) == {"recipe": str(path), "name": "monaco", "resolution": 13}
    checked = citytwin("recipe", "check", path)
    assert checked.returncode == 0, checked.stderr
    assert "Source      osm (osm_pbf): monaco.osm.pbf" in checked.stdout
    again = citytwin(*words, "--output", path)
    assert (again.returncode, again.stdout) == (2, "")
    assert "is there already: choose another with --output" in again.stderr
    wrong = citytwin(*words, "--output", tmp_path / "none" / "x.toml")
    assert wrong.returncode == 2
    assert "cannot be written" in wrong.stderr
    assert len(wrong.stderr.splitlines()) == 1
    printed = citytwin("recipe", "schema")
    assert json.loads(printed.stdout)["title"] == "Recipe of a city for citytwin"
