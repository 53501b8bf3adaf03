"""What the browser fetches agrees with the run: same cells, same buildings, same figures."""

import gzip
import json
import struct
from typing import Any

import figures
import maps
import numpy as np
import payloads
import pytest
import store
import wet
from views import card

from citytwin.errors import InputError
from citytwin.scenario import Results

pytestmark = pytest.mark.usefixtures("app_environment")


def rows(data: bytes) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(gzip.decompress(data))
    return found


def test_a_frame_holds_every_wet_cell_once(results: Results) -> None:
    number = figures.fullest_frame(results.key)
    depth = results.frame(number)
    found = rows(wet.run_file(results.key, "depth", number))
    assert sorted(row["i"] for row in found) == np.flatnonzero(depth >= 0.05).tolist()
    assert len(found) > 20
    bounds = [*payloads.CLASSES, np.inf]
    for row in found:
        assert bounds[row["k"]] <= depth[row["i"]] < bounds[row["k"] + 1]


def test_coloured_buildings_are_the_counted_ones(results: Results) -> None:
    number = figures.fullest_frame(results.key)
    coloured = {row["i"] for row in rows(wet.run_file(results.key, "buildings", number))}
    counted = results.impact["series"]["buildings"]["0.15"][number]
    assert len(coloured) == counted > 0
    whole = {row["i"] for row in rows(wet.run_file(results.key, "buildings", -1))}
    assert len(whole) == results.impact["buildings"]["0.15"]


def test_red_streets_are_about_as_long_as_the_counted_ones(results: Results) -> None:
    metres = 0.0
    for row in rows(wet.run_file(results.key, "streets", -1)):
        line = np.asarray(row["p"])
        x, y = payloads.frame().offsets(line[:, 0], line[:, 1])
        metres += float(np.hypot(np.diff(x), np.diff(y)).sum())
    assert metres == pytest.approx(results.impact["roads"]["impassable_m"], rel=0.1)


def test_arrival_classes_are_minutes(results: Results) -> None:
    arrival = results.summary["arrival"]
    for row in rows(wet.run_file(results.key, "arrival", -1)):
        low = payloads.ARRIVAL_CLASSES[row["k"]]
        assert arrival[row["i"]] / 60.0 >= low


def test_city_files_are_kept_and_whole() -> None:
    for name in ("buildings.json", "streets.json", "cells.json"):
        assert rows(payloads.city_file(name))
    kept = store.workspace() / "app"
    assert (next(kept.iterdir()) / "buildings.json.gz").is_file()
    assert len(rows(payloads.city_file("buildings.json"))) >= len(store.table("buildings"))
    assert gzip.decompress(payloads.city_file("buildings.glb"))[:4] == b"glTF"


def test_a_city_of_houses_alone_stands_on_a_flat_table(bare_environment: None) -> None:
    assert not payloads.relief().heights.any()
    for name in payloads.CITY_FILES:
        assert payloads.city_file(name)
    assert len(rows(payloads.city_file("buildings.json"))) == 3
    assert rows(payloads.city_file("streets.json")) == []
    assert json.loads(maps.model(maps.View("en", None, "depth", 0)).to_json())["layers"]
    for kind, row in (("building", {"i": 2}), ("ground", {"index": 0})):
        words = card.card(maps.View("en", None, "depth", 0, (kind, row)))
        assert "<table>" in words
        assert "above sea" not in words
    guessed = maps.View("en", None, "depth", 0, ("building", {"i": _guessed()}))
    assert "6 m, assumed" in card.card(guessed)


def _guessed() -> int:
    table = store.table("buildings")
    assert sorted(table["height_from"]) == ["assumed", "levels", "source"]
    return int(np.flatnonzero(table["height_from"] == "assumed")[0])


def test_buildings_with_an_assumed_height_and_no_others_are_grey(bare_environment: None) -> None:
    places = {}
    for name in ("buildings.glb", "buildings-assumed.glb"):
        data = gzip.decompress(payloads.city_file(name))
        (length,) = struct.unpack_from("<I", data, 12)
        document = json.loads(data[20 : 20 + length])
        view = document["bufferViews"][1]
        body = data[28 + length + view["byteOffset"] :][: view["byteLength"]]
        places[name] = np.frombuffer(body, "<f4").reshape(-1, 2)[:, 1]
    grey = places["buildings-assumed.glb"] > 8.0 / 9.0
    assert grey.mean() == pytest.approx(1.0 / 3.0)  # one of three houses with as many corners
    assert not (places["buildings.glb"] > 8.0 / 9.0).any()


def test_a_foreign_key_opens_nothing() -> None:
    with pytest.raises(InputError):
        store.results("../../etc")
    with pytest.raises(InputError):
        wet.run_file("0" * 24, "depth", 0)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("mode", ["depth", "greatest", "arrival"])
def test_legend_and_map_have_the_same_classes(results: Results, mode: str, language: str) -> None:
    view = maps.View(language, results.key, mode, 2)
    legend = maps.legend(view, wet=0.05)
    deck = json.loads(maps.model(view).to_json())
    layers = {layer["id"]: layer for layer in deck["layers"][0]}
    water = next(layer for name, layer in layers.items() if name.startswith("water"))
    colours = maps.ARRIVAL_COLOURS if mode == "arrival" else maps.DEPTH_COLOURS
    for colour in colours:
        assert json.dumps(colour) in water["getFillColor"]
        assert f"rgb({colour[0]},{colour[1]},{colour[2]})" in legend
    assert water["data"].startswith(f"/runs/{results.key}/{mode}/")
    inline = [layer for layer in layers.values() if isinstance(layer["data"], list)]
    assert max(len(json.dumps(layer)) for layer in inline) < 20_000  # heavy data go by address
    assert "http" not in json.dumps(deck)


def test_the_card_of_a_building_looks_at_the_counted_cells(results: Results) -> None:
    depth = results.summary["depth_max"]
    counted = wet.exposure().building_depths(depth)
    for building in np.argsort(counted)[-20:]:
        cells = wet.exposure().cells_beside(int(building))
        assert depth[cells].max() == pytest.approx(counted[building])
