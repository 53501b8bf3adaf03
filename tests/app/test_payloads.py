"""What the browser fetches agrees with the run: same cells, same buildings, same figures."""

import gzip
import json
import os
import shutil
import struct
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import figures
import hits
import ledger
import legend
import maps
import markers
import numpy as np
import payloads
import pyarrow.parquet as pq
import pytest
import rainfall
import store
from modes import colour, modes
from texts import TEXTS
from views import card

from citytwin.errors import InputError
from citytwin.hazards.flood.answer import CAME, WENT
from citytwin.hazards.flood.pictures import DRAWN_DEPTH, PICTURES
from citytwin.scenario import Results

#: Pictures of a flood by name.
MODES = {picture.name: picture for picture in PICTURES}

pytestmark = pytest.mark.usefixtures("app_environment")


def rows(data: bytes) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(gzip.decompress(data))
    return found


def test_a_frame_holds_every_wet_cell_once(results: Results) -> None:
    number = figures.fullest_frame(results.key)
    depth = results.frame(number)
    found = rows(hits.run_file(results.key, "depth", number))
    assert sorted(row["i"] for row in found) == np.flatnonzero(depth >= 0.05).tolist()
    assert len(found) > 20
    bounds = [*MODES["depth"].classes, np.inf]
    for row in found:
        assert bounds[row["k"]] <= depth[row["i"]] < bounds[row["k"] + 1]


def test_coloured_buildings_are_the_counted_ones(results: Results) -> None:
    number = figures.fullest_frame(results.key)
    coloured = {row["i"] for row in rows(hits.run_file(results.key, "buildings", number))}
    counted = results.impact["series"]["buildings"]["0.15"][number]
    assert len(coloured) == counted > 0
    whole = {row["i"] for row in rows(hits.run_file(results.key, "buildings", -1))}
    assert len(whole) == results.impact["buildings"]["0.15"]


def test_red_streets_are_about_as_long_as_the_counted_ones(results: Results) -> None:
    metres = 0.0
    for row in rows(hits.run_file(results.key, "streets", -1)):
        line = np.asarray(row["p"])
        x, y = payloads.frame().offsets(line[:, 0], line[:, 1])
        metres += float(np.hypot(np.diff(x), np.diff(y)).sum())
    assert metres == pytest.approx(results.impact["roads"]["impassable_m"], rel=0.1)


def test_arrival_classes_are_minutes(results: Results) -> None:
    arrival = results.summary["arrival"]
    for row in rows(hits.run_file(results.key, "arrival", -1)):
        low = MODES["arrival"].classes[row["k"]]
        assert arrival[row["i"]] / 60.0 >= low


def test_speed_is_that_of_the_moment(results: Results) -> None:
    number = figures.fullest_frame(results.key)
    speed, depth = results.frame(number, "speed"), results.frame(number)
    found = rows(hits.run_file(results.key, "speed", number))
    assert sorted(row["i"] for row in found) == np.flatnonzero(depth >= DRAWN_DEPTH).tolist()
    bounds = [*MODES["speed"].classes, np.inf]
    for row in found:
        assert bounds[row["k"]] <= speed[row["i"]] < bounds[row["k"] + 1]
    assert len({row["k"] for row in found}) > 1
    greatest = rows(hits.run_file(results.key, "fastest", -1))
    assert len(greatest) >= len(found)


def test_each_cell_has_its_hazard_class(results: Results) -> None:
    danger = results.summary["hazard_max"]
    found = rows(hits.run_file(results.key, "hazard", -1))
    assert found
    assert all(row["k"] + 1 == danger[row["i"]] for row in found)
    assert {row["k"] for row in found} >= {0, 1}  # some of it is more than harmless


def test_the_map_offers_what_a_run_has(
    results: Results, workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert list(modes(results.key)) == list(MODES)
    # A run of an older version: without speeds over time, hazard class and arrival.
    older = tmp_path / "runs" / "older"
    shutil.copytree(results.folder, older)
    for name, gone in (("cells", ["hazard_max", "arrival"]), ("frames", ["speed"])):
        table = pq.read_table(older / f"{name}.parquet").drop_columns(gone)
        pq.write_table(table, older / f"{name}.parquet")
    monkeypatch.setattr(store, "workspace", lambda: tmp_path)
    assert list(modes("older")) == ["depth", "greatest", "fastest"]


def test_hazard_colours_are_told_apart_without_red_and_green() -> None:
    """H1 is blue where all others are yellow to red; those become darker step by step."""
    danger, *others = (
        [colour(text) for text in MODES[name].colours] for name in ("hazard", "depth", "speed")
    )
    light = [lightness(shown) for shown in danger]
    steps = -np.diff(light[1:])
    assert (steps > 12.0).all(), light
    safe, unsafe = danger[0], danger[1]
    assert safe[2] - max(safe[0], safe[1]) > 30  # blue
    assert min(unsafe[0], unsafe[1]) - unsafe[2] > 80  # yellow
    for colours in others:
        assert (-np.diff([lightness(shown) for shown in colours]) > 9.0).all()


def lightness(colour: list[int]) -> float:
    """CIE 1976 lightness of an sRGB colour, 0 to 100 (IEC 61966-2-1; CIE 15)."""
    share = np.array(colour[:3]) / 255.0
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    luminance = float(linear @ [0.2126, 0.7152, 0.0722])
    return 116.0 * luminance ** (1.0 / 3.0) - 16.0


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
        hits.run_file("0" * 24, "depth", 0)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("mode", MODES)
def test_legend_and_map_have_the_same_classes(results: Results, mode: str, language: str) -> None:
    view = maps.View(language, results.key, mode, 2)
    words = legend.legend(view)
    deck = json.loads(maps.model(view).to_json())
    layers = {layer["id"]: layer for layer in deck["layers"][0]}
    water = next(layer for name, layer in layers.items() if name.startswith("cell-"))
    for shown in (colour(text) for text in MODES[mode].colours):
        assert json.dumps(shown) in water["getFillColor"]
        assert f"rgb({shown[0]},{shown[1]},{shown[2]})" in words
    assert len(MODES[mode].colours) == len(MODES[mode].classes)
    assert water["data"].startswith(f"/runs/{results.key}/{mode}/")
    assert any(name.startswith("closed-streets") for name in layers) == (
        mode in ("depth", "greatest")
    )
    inline = [layer for layer in layers.values() if isinstance(layer["data"], list)]
    assert max(len(json.dumps(layer)) for layer in inline) < 20_000  # heavy data go by address
    assert "http" not in json.dumps(deck)


def test_the_legend_says_what_a_hazard_class_means(results: Results) -> None:
    for language, words in (
        (
            "en",
            ["<b>H1</b> generally safe", "<b>H3</b> unsafe for vehicles, children and the elderly"],
        ),
        ("zh", ["<b>H1</b> 一般安全", "<b>H3</b> 车辆、儿童和老人不安全"]),
    ):
        said = legend.legend(maps.View(language, results.key, "hazard", 0))
        assert all(word in said for word in words)
        assert said.count("ct-row") == 6


def test_gauges_and_lines_stand_on_the_map(results: Results, watched: Results) -> None:
    assert markers.marker_layers(results.key) == []
    lines, pins, names = (
        json.loads(layer.to_json()) for layer in markers.marker_layers(watched.key)
    )
    assert {row["t"] for row in names["data"]} == {"Castro", "Hill", "Valley"}
    gauge = watched.scenario.hazard.gauges[0]
    (foot,) = (row["a"] for row in pins["data"] if row["t"] == gauge.name)
    assert foot[:2] == pytest.approx(gauge.at, abs=1e-6)
    ground = payloads.relief().at(*np.array(gauge.at)[:, None])[0]
    assert foot[2] == pytest.approx(ground, abs=0.1)
    (line,) = lines["data"]
    assert line["p"][0][:2] == pytest.approx((-122.438, 37.766))
    assert line["p"][-1][:2] == pytest.approx((-122.433, 37.766))
    assert len(line["p"]) > 20  # it follows the ground


def test_names_of_near_things_stand_above_one_another() -> None:
    places = [("Behind", 37.761), ("Pump", 37.762), ("Gauge", 37.762), ("Far", 37.769)]
    pins = list(markers._pins([(name, ((-122.435, lat),)) for name, lat in places]))
    lifts = {one["t"]: round(one["b"][2] - one["a"][2]) for one in pins}
    assert lifts == {"Far": 55, "Pump": 55, "Gauge": 130, "Behind": 205}


def test_a_stopped_run_has_another_address_when_it_went_on(halted: Results) -> None:
    assert halted.folder.name in store.run_keys()
    before = maps._run_url(maps.View("en", halted.folder.name, "depth", 0), "depth")
    manifest = halted.folder / "manifest.json"
    written = manifest.stat().st_mtime_ns
    try:
        os.utime(manifest, ns=(written + 10**9, written + 10**9))
        after = maps._run_url(maps.View("en", halted.folder.name, "depth", 0), "depth")
    finally:
        os.utime(manifest, ns=(written, written))
    assert before.split("?")[0] == after.split("?")[0]
    assert before != after


def test_the_rain_above_the_slider_is_the_rain_of_the_run(
    results: Results, watched: Results, tmp_path: Path
) -> None:
    for found in (results, watched):
        rates, hours = rainfall.rain_rates(found.key), np.diff(found.times, prepend=0.0) / 3600.0
        fallen = float(np.dot(rates, hours))
        assert fallen == pytest.approx(1000.0 * found.scenario.hazard.rain().total, rel=1e-6)
    assert rainfall.strip(results.key, 2, "en").count('class="now"') == 1
    assert "毫米/小时" in rainfall.strip(results.key, 2, "zh")


def test_rain_that_varies_in_space_is_shown_by_its_mean(results: Results) -> None:
    class Showers:
        def between(self, start: float, end: float) -> np.ndarray:
            return np.array([0.0, 2e-3]) * (end - start) / 3600.0

    class Event:
        def rain(self, grid: object) -> Showers:
            assert grid is store.city().grid
            return Showers()

    found = SimpleNamespace(
        scenario=SimpleNamespace(hazard=Event()), times=np.arange(0, 7200, 1800)
    )
    assert rainfall._rates.__wrapped__(found) == pytest.approx([0.0, 1.0, 1.0, 1.0])


def test_many_moments_are_few_bars(results: Results, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rainfall, "rain_rates", lambda _: [float(k) for k in range(300)])
    strip = rainfall.strip(results.key, 299, "en")
    assert strip.count("<i ") == 60
    assert strip.rindex('class="now"') > strip.rindex('class=""')


def test_the_balance_adds_up_term_by_term(watched: Results) -> None:
    terms = ledger.terms_of(watched.manifest["balance"])
    came = sum(term.volume for term in terms if term.came)
    went = sum(term.volume for term in terms if not term.came)
    assert went == pytest.approx(came, rel=1e-5)
    names = {term.name for term in terms}
    assert {"rain", "infiltrated", "drained", "sewers", "standing"} == names
    for language in ("en", "zh"):
        table = ledger.table(watched.manifest, language)
        for term in terms:
            assert term.words(language) != term.name or term.name == "rain"
            assert f"{term.volume:,.0f}" in table
        sentence = ledger.sentence(watched.manifest, language)
        assert f"{came:,.0f}" in sentence
    assert "排入管网" in ledger.sentence(watched.manifest, "zh")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_way_of_water_is_called_in_words(language: str) -> None:
    came = {f"{name}_in_m3": 1.0 for name in CAME}
    went = {f"{name}_out_m3": 1.0 for name in WENT}
    terms = ledger.terms_of({"before_m3": 1.0, **came, **went, "stored_m3": 1.0})
    assert len(terms) == 2 + len(CAME) + len(WENT)
    words = [(term.came, term.words(language)) for term in terms]
    assert len(set(words)) == len(words)  # what stands on the ground is not what storage took
    for term in terms:
        assert f"water.{'in' if term.came else 'out'}.{term.name}" in TEXTS


def test_water_that_is_pumped_to_elsewhere_neither_came_nor_went() -> None:
    balance = {"rain_in_m3": 100.0, "moved_in_m3": 40.0, "moved_out_m3": 40.0, "stored_m3": 100.0}
    assert [(term.name, term.volume) for term in ledger.terms_of(balance)] == [
        ("rain", 100.0),
        ("standing", 100.0),
    ]


def test_streets_have_chinese_classes(results: Results) -> None:
    table = figures.street_table(results.key, "zh")
    assert len(table) == len(results.impact["roads"]["by_class"])
    assert not table.iloc[:, 0].str.contains("[A-Za-z]").any()
    assert set(figures.street_table(results.key, "en").iloc[:, 0]) >= {"street", "primary"}


def test_the_card_says_class_and_speed(results: Results) -> None:
    number = figures.fullest_frame(results.key)
    cell = int(np.argmax(results.frame(number, "speed")))
    row = ("cell", {"i": cell})
    words = card.card(maps.View("en", results.key, "speed", number, row))
    assert f"H{results.summary['hazard_max'][cell]:.0f}" in words
    assert f"{results.frame(number, 'speed')[cell]:.2f} m/s" in words
    assert "Speed now" in words
    assert "Speed now" not in card.card(maps.View("en", results.key, "hazard", number, row))


def test_the_card_of_a_building_looks_at_the_counted_cells(results: Results) -> None:
    depth = results.summary["depth_max"]
    counted = hits.exposure().building_depths(depth)
    for building in np.argsort(counted)[-20:]:
        cells = hits.exposure().cells_beside(int(building))
        assert depth[cells].max() == pytest.approx(counted[building])
