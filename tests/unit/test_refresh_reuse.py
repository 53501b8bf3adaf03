"""A change recomputes what depends on it, and nothing else: asserted by the results that are kept."""

import shutil

import pytest
from town import Town

#: Steps whose result any change of the tile may give anew: reading it, and what it is read into.
READ = "source-vector_tiles"


def changed(town: Town, before: dict[str, set[str]]) -> set[str]:
    """Names of the steps that have a result which they had not before."""
    return {name for name, keys in town.steps().items() if keys - before.get(name, set())}


@pytest.fixture
def before(town: Town) -> dict[str, set[str]]:
    """Results that are kept before the change, from the town's own place."""
    town.write(lambda text: text.replace('title = "San', 'title = "Own San'))
    town.refresh()
    return town.steps()


def test_a_contour_changes_the_ground_only(town: Town, before: dict[str, set[str]]) -> None:
    town.change_value("contour", 110, 112)
    outcome = town.refresh()
    assert changed(town, before) == {READ, "layer-contours", "ground"}
    assert {"sources", "layers", "ground"} <= set(outcome.recomputed)
    assert {"grid", "buildings", "overlay", "land cover", "people"} <= set(outcome.reused)
    assert outcome.changes is not None
    assert set(outcome.changes["layers"]) == {"contours"}


def test_an_attribute_of_roads_changes_nothing_of_the_ground_and_of_buildings(
    town: Town, before: dict[str, set[str]]
) -> None:
    town.change_value("road", "residential", "living_street")
    outcome = town.refresh()
    touched = changed(town, before)
    assert {READ, "layer-roads"} <= touched
    assert touched <= {READ, "layer-roads", "roads", "overlay-roads", "land-cover"}
    assert {"ground", "buildings", "people", "grid"} <= set(outcome.reused)
    assert outcome.changes is not None
    assert outcome.changes["layers"]["roads"]["geometry"] == 0
    assert outcome.changes["cells"]["changed"] == 0


def test_a_label_changes_no_step_on_cells(town: Town, before: dict[str, set[str]]) -> None:
    town.drop_features("poi_label", 50)
    town.refresh()
    assert changed(town, before) <= {READ, "layer-pois"}


def test_coefficients_change_what_they_decide(town: Town, before: dict[str, set[str]]) -> None:
    path = town.recipe.parent / "data" / "tables" / "land_cover.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("0.0", "0.01"), encoding="utf-8")
    outcome = town.refresh()
    assert changed(town, before) == {"land-cover"}
    assert "ground" in outcome.reused


def test_a_setting_of_the_terrain_changes_the_ground_only(
    town: Town, before: dict[str, set[str]]
) -> None:
    town.write(lambda text: text.replace("spacing = 12.0", "spacing = 14.0"))
    town.refresh()
    assert changed(town, before) == {"ground"}


def test_going_back_to_a_tile_gives_the_same_city(town: Town) -> None:
    wanted, content = town.fingerprint(), town.tile.read_bytes()
    town.change_value("contour", 110, 112)
    town.refresh()
    assert town.fingerprint() != wanted
    town.tile.write_bytes(content)
    town.refresh()
    assert town.fingerprint() == wanted


def test_lost_or_broken_results_are_computed_again(town: Town) -> None:
    town.change_value("contour", 110, 112)
    town.refresh()
    wanted = town.fingerprint()
    town.city.unlink()
    steps = sorted((town.snapshots.folder / "steps").iterdir())
    shutil.rmtree(steps[0])
    for path in steps[1].iterdir():
        path.write_bytes(path.read_bytes()[:10])
    town.refresh()
    assert town.fingerprint() == wanted
