"""The page as Streamlit runs it, without a browser: form, runs, languages, two visitors at once."""

import json
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import form
import jobs
import ledger
import numpy as np
import pandas as pd
import pytest
import runs
import store
from pages import follow, html_of, open_page
from said import say
from streamlit.testing.v1 import AppTest
from views import gauges

from citytwin.city import City
from citytwin.hazards.flood import Flood
from citytwin.measures.pump import Pump
from citytwin.report.sentences import first_aspects
from citytwin.scenario import Results, Scenario, run
from citytwin.scenario.running import PART

SHORT = {"rain_h": 0.25, "simulated_h": 0.5, "output_min": 15.0}

pytestmark = pytest.mark.usefixtures("app_environment")


@pytest.fixture(autouse=True)
def _stop_worker(app_environment: None) -> Iterator[None]:
    yield
    jobs.close()


@pytest.fixture
def own_runs(workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Folder of copies of the runs, for tests that change them."""
    shutil.copytree(workspace / "runs", tmp_path / "own" / "runs")
    monkeypatch.setenv("CITYTWIN_WORKSPACE", str(tmp_path / "own"))
    return tmp_path / "own" / "runs"


def charts(page: AppTest) -> list[str]:
    """Titles of the curves of gauges and lines in the panel."""
    specs = [json.loads(element.proto.spec) for element in page.get("vega_lite_chart")]
    return [spec["title"]["text"] for spec in specs if "title" in spec]


def show_form(page: AppTest) -> None:
    page.session_state["panel_wanted"] = "new"
    page.run()


def submit(page: AppTest, rain: float) -> None:
    """Fill the form as a visitor does, and send it."""
    show_form(page)
    for name, value in {"rain_mm": rain, **SHORT}.items():
        page.number_input(key=f"flood:{name}").set_value(value)
    page.text_input(key="flood:name").set_value(f"Rain of {rain:g} mm")
    page.button(key="run_now").click().run()
    assert not page.exception


def test_the_page_shows_the_run(results: Results) -> None:
    page = open_page(results)
    words = html_of(page)
    assert "Test storm" in words
    assert "after the rain starts" in words
    assert "OpenStreetMap" in words
    assert "Model result, not a warning" in words
    assert f"{round(results.impact['people']['0.15']):,}" in words
    assert page.get("deck_gl_json_chart")


def test_the_page_speaks_chinese(results: Results) -> None:
    words = html_of(open_page(results, "zh"))
    assert "城市数字沙盘" in words
    assert "模拟结果，不是预警" in words
    assert "降雨开始后" in words


def test_sources_say_what_is_assumed_and_where_the_water_went(results: Results) -> None:
    words = html_of(open_page(results, panel="sources"))
    assert "ODbL-1.0" in words
    assert "Solver inertial" in words
    assert "Triangular storm of 90.0 mm in 30 min" in words
    assert f"{results.manifest['balance']['rain_in_m3']:,.0f}" in words
    assert "assumed" in words
    assert results.manifest["balance_sentence"].split(";")[0][:20] in words
    assert results.key in words
    assert "Outcome of this run" in words
    assert 'ct-ledger"><table>' in words


def test_the_form_has_every_field_of_the_model(results: Results) -> None:
    page = open_page(results)
    show_form(page)
    widgets = [*page.number_input, *page.selectbox, *page.checkbox, *page.file_uploader]
    keys = {widget.key for widget in widgets}
    nested = form.nested_titles(Flood)
    assert {f"flood:{name}" for name in Flood.model_fields if name not in nested} <= keys
    assert any("Rivers, Shores" in caption.value for caption in page.caption)
    assert page.number_input(key="flood:rain_mm").label == "Rain [mm]"


@pytest.mark.parametrize(
    ("name", "called"),
    [
        ("fire", "火灾，0.2 小时，6 分钟"),
        ("plume", "毒气与烟羽，0.2 小时，6 分钟"),
        ("earthquake", "地震，矩震级 7，10 公里"),
    ],
)
def test_any_hazard_runs_from_its_form(name: str, called: str, own_runs: Path) -> None:
    page = open_page(language="zh", panel="new")
    page.selectbox(key="hazard").set_value(name).run()
    for field, value in {"simulated_h": 0.2, "output_min": 6.0}.items():
        if name != "earthquake":
            page.number_input(key=f"{name}:{field}").set_value(value)
    page.button(key="run_now").click().run()
    assert not page.exception
    assert 'class="ct-error"' not in html_of(page)
    results = store.results(follow(page))
    assert results.scenario.hazard.name == name
    assert f'<div class="ct-name">{called}</div>' in html_of(page)
    if name == "fire":
        assert "全市: 正在燃烧的建筑" in page.selectbox(key=f"place:{results.folder.name}").options
        assert charts(page) == ["正在燃烧的建筑（栋）"]
    if results.times.size > 1:
        assert "<b>开始后" in html_of(page)
    assert "管网" not in page.caption[-1].value
    page.session_state["panel_wanted"] = "sources"
    page.run()
    assert not page.exception
    words = html_of(page)
    assert "本次模拟的结果概要" in words
    assert say(results.manifest["balance_sentence"], "zh") in words
    assert 'ct-ledger"><table>' not in words
    assert "降雨开始后" not in words
    assert "管网" not in page.caption[-1].value
    for language in ("en", "zh"):
        assert ledger.table(results.manifest, language) == ""
        assert runs.drains(results.folder.name, language) == ""


def test_what_the_model_refuses_is_said_in_one_sentence(results: Results) -> None:
    page = open_page(results)
    show_form(page)
    page.number_input(key="flood:simulated_h").set_value(0.01)
    page.button(key="run_now").click().run()
    assert not page.exception
    assert "“A picture every” is longer than “Watch for”" in html_of(page)
    assert "job" not in page.session_state or page.session_state["job"] is None


def test_two_visitors_get_their_own_answers(city_file: Path, tmp_path: Path) -> None:
    pages = {40.0: open_page(), 70.0: open_page()}
    for rain, page in pages.items():
        submit(page, rain)
    for rain, page in pages.items():
        key = follow(page)
        assert page.session_state["run"] == key
        assert f"Rain of {rain:g} mm" in html_of(page)
        with City.open(city_file) as city:
            event = Flood(rain_mm=rain, **SHORT)
            alone = run(Scenario(hazard=event), city, runs=tmp_path / "alone")
        assert alone.key == key
        assert store.results(key).impact["people"] == alone.impact["people"]
        shown = f"{round(alone.impact['people']['0.15']):,}"
        assert shown in html_of(page)


def test_a_rain_that_cannot_be_made_is_refused_at_once(results: Results) -> None:
    for language, words in (("en", "it holds for 2 to 100 a"), ("zh", "适用范围为 2 至 100 年")):
        page = open_page(results, language, "new")
        page.selectbox(key="flood:formula").set_value("wuhan-2020")
        page.number_input(key="flood:return_period_y").set_value(500.0)
        page.button(key="run_now").click().run()
        assert not page.exception
        assert words in html_of(page)
        assert "job" not in page.session_state


def test_a_measured_rain_is_handed_in_as_a_file(own_runs: Path) -> None:
    page = open_page(panel="new")
    rain = b"time_min,rain_mm\n5,10\n10,20\n15,0\n"
    page.file_uploader(key="flood:rain_file").set_value(("gauge.csv", rain, "text/csv"))
    page.number_input(key="flood:simulated_h").set_value(0.5)
    page.number_input(key="flood:output_min").set_value(15.0)
    page.button(key="run_now").click().run()
    assert not page.exception
    results = store.results(follow(page))
    assert any("30.0 mm in 15 min from gauge.csv" in note for note in results.manifest["notes"])
    assert "gauge.csv" in html_of(page)
    broken = open_page(panel="new")
    bad = ("broken.csv", b"when,what\n1,2\n", "text/csv")
    broken.file_uploader(key="flood:rain_file").set_value(bad)
    broken.button(key="run_now").click().run()
    words = html_of(broken)
    assert "broken.csv" in words
    assert (
        str(own_runs.parent) not in words
    )  # the server's folders are none of a visitor's business


def running_for(job: jobs.Job) -> None:
    """Wait until a run has computed something."""
    end = time.monotonic() + 60
    while not (job.state == "running" and job.progress > 0.0) and time.monotonic() < end:
        time.sleep(0.02)
    assert not job.over, job.message


def test_a_cancelled_run_shows_what_it_computed_and_goes_on(own_runs: Path) -> None:
    page = open_page(panel="new")
    page.number_input(key="flood:rain_mm").set_value(50.0)
    page.number_input(key="flood:simulated_h").set_value(20.0)
    page.number_input(key="flood:output_min").set_value(20.0)
    page.button(key="run_now").click().run()
    job = page.session_state["job"]
    running_for(job)
    page.run()
    page.button(key="cancel").click().run()
    assert job.wait(30)
    page.run()
    assert not page.exception
    assert job.state == "cancelled"
    part = own_runs / f"{job.key}{PART}"
    assert page.session_state["run"] == part.name
    minutes = round(Results.open(part).times[-1] / 60.0)
    assert 0 <= minutes < 1200
    assert f"Stopped after {minutes} min of 1200; run it again to go on" in html_of(page)
    page.session_state["language"] = "zh"
    page.run()
    assert f"已在第 {minutes} 分钟停止（共 1200 分钟）；再次运行即可继续" in html_of(page)


def test_a_stopped_run_goes_on_to_its_end(
    halted: Results, own_runs: Path, city_file: Path, tmp_path: Path
) -> None:
    page = open_page(Results.open(own_runs / halted.folder.name))
    words = html_of(page)
    minutes = round(halted.times[-1] / 60.0)
    assert 0 < minutes < 120
    assert f"Stopped after {minutes} min of 120" in words
    assert "Long rain (stopped)" in page.selectbox(key="run").options
    page.button(key="go_on").click().run()
    assert not page.exception
    key = follow(page)
    assert key == halted.key
    assert "Stopped after" not in html_of(page)
    assert not (own_runs / halted.folder.name).exists()
    with City.open(city_file) as city:
        alone = run(halted.scenario, city, runs=tmp_path / "alone")
    assert store.results(key).impact == alone.impact


def test_a_run_that_waits_can_be_taken_out(own_runs: Path) -> None:
    page = open_page(panel="new")
    calls: list[str] = []
    page.session_state["job"] = told("waiting", "waiting for its turn", calls)
    page.run()
    assert page.button(key="cancel").label == "Cancel"
    page.button(key="cancel").click().run()
    assert calls == ["cancel"]


def told(state: str, message: str, calls: list[str]) -> SimpleNamespace:
    """A job as the page sees it."""
    return SimpleNamespace(
        state=state,
        message=message,
        progress=0.3,
        over=False,
        cancel=lambda: calls.append("cancel"),
    )


def test_progress_says_how_far_it_is_and_how_long_it_takes(results: Results) -> None:
    message = "37 of 120 min simulated, about 9 s left"
    for language, words in (
        ("en", f"Running: {message}"),
        ("zh", "运行中：已模拟 37 分钟，共 120 分钟，约剩 9 秒"),
    ):
        page = open_page(results, language, "new")
        page.session_state["job"] = told("running", message, [])
        page.run()
        assert [element.proto.text for element in page.get("progress")] == [words]
        assert not page.button(key="cancel").disabled
        page.session_state["job"] = told("running", "stopping", [])
        page.run()
        assert page.button(key="cancel").disabled


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_mode_of_the_map_is_chosen_from_a_list(results: Results, language: str) -> None:
    page = open_page(results, language)
    named = {"speed": "当前流速", "hazard": "危险等级"} if language == "zh" else {
        "speed": "Speed now", "hazard": "Hazard class"
    }  # fmt: skip
    for mode, name in named.items():
        page.selectbox(key="mode").select(mode).run()
        assert not page.exception
        assert name in page.selectbox(key="mode").options
        deck = json.loads(page.get("deck_gl_json_chart")[0].proto.json)
        water = next(layer for layer in deck["layers"][0] if layer["id"].startswith("cell-"))
        assert f"/runs/{results.key}/{mode}/" in water["data"]
        assert page.toggle(key="playing").disabled == (mode == "hazard")
    assert ("全过程" if language == "zh" else "whole run") in html_of(page)
    assert ("儿童" if language == "zh" else "children") in html_of(page)


def test_curves_are_drawn_where_there_are_gauges(results: Results, watched: Results) -> None:
    assert charts(open_page(results)) == []
    page = open_page(watched)
    place = page.selectbox(key=f"place:{watched.key}")
    assert place.options == ["Gauge: Castro", "Gauge: Hill", "Line: Valley"]
    assert charts(page) == ["Depth [m]", "Level above sea [m]", "Speed [m/s]"]
    place.select(("line", "Valley")).run()
    assert charts(page) == ["Flow [m³/s]"]
    assert charts(open_page(watched, "zh")) == [
        "水深 [米]",
        "水位（高程） [米]",
        "流速 [米/秒]",
    ]


def test_a_curve_keeps_its_highest_point_when_it_is_thinned(watched: Results) -> None:
    table = pd.DataFrame({"value": np.sin(np.arange(5000.0) / 500.0)})
    table.loc[1234, "value"], table.loc[4321, "value"] = 7.0, -7.0
    thin = gauges._thin(table)
    assert len(thin) <= 602
    assert (thin["value"].max(), thin["value"].min()) == (7.0, -7.0)
    assert thin.index.is_monotonic_increasing


def test_what_is_assumed_in_a_run_is_said_above_its_figures(
    results: Results, watched: Results
) -> None:
    for panel in ("impact", "sources"):
        words = html_of(open_page(watched, panel=panel))
        assert 'class="ct-warn"' in words
        assert "shanghai-2017-lg (conflicting, not verified)" in words
        assert "Sewers are assumed to take 20 mm/h" in words
        assert 'class="ct-warn"' not in html_of(open_page(results, panel=panel))
    assert "未核实" in html_of(open_page(watched, "zh"))


def test_drains_are_said_to_be_in_a_run_where_they_are(
    results: Results, watched: Results, city_file: Path, own_runs: Path
) -> None:
    def caption(found: Results) -> str:
        return open_page(found).caption[-1].value

    assert caption(results).endswith("Sewers and pumps are not in it.")
    assert "Sewers are assumed to take 20 mm/h" in caption(watched)
    assert "pumps are not" not in caption(watched)
    pump = Pump(name="A", at=(-122.435, 37.762), capacity=0.5, starts=0.3, stops=0.1)
    event = Flood(rain_mm=5.0, simulated_h=0.1, output_min=6.0)
    with City.open(city_file) as city:
        pumped = run(Scenario(hazard=event, measures=(pump,)), city, runs=own_runs)
    assert caption(pumped).endswith("Sewers are not in it. Measures in it: Pump × 1.")


def test_a_run_without_a_name_is_called_by_what_was_chosen(watched: Results) -> None:
    assert "Flood, 0.5 h, Chicago, shanghai-2017-lg" in html_of(open_page(watched))
    assert "洪涝，0.5 小时，芝加哥雨型，上海 shanghai-2017-lg" in html_of(open_page(watched, "zh"))


def test_what_is_assumed_is_greyed_with_a_legend(results: Results) -> None:
    page = open_page(results)
    assert "height of the building assumed" not in html_of(page)
    page.toggle(key="assumed").set_value(True).run()
    assert not page.exception
    assert "height of the building assumed" in html_of(page)
    deck = page.get("deck_gl_json_chart")[0].proto.json
    assert "buildings-assumed.glb" in deck
    assert "ground-assumed.glb" in deck


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_quality_of_the_city_is_said(results: Results, language: str) -> None:
    words = html_of(open_page(results, language, "sources"))
    report = store.quality()
    people = report.aspect("cells", "people")
    assert people is not None
    assert f"({round(people.amount):,})" in words
    assert ("常住人口" if language == "zh" else "Residents") in words
    assert words.count('class="ct-aspect"') == len(first_aspects(report))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_city_without_ground_says_that_a_flood_cannot_run(
    bare_environment: None, language: str
) -> None:
    page = open_page(language=language)
    words = html_of(page)
    said = "地面高程" if language == "zh" else "this city has no ground"
    assert said in words
    assert not [button for button in page.button if button.key == "run_now"]
    for panel in ("impact", "sources"):
        page.session_state["panel_wanted"] = panel
        page.run()
        assert not page.exception


def test_no_city_is_one_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CITYTWIN_CITY", str(tmp_path / "nowhere.duckdb"))
    page = open_page()
    assert len(page.error) == 1
    assert "nowhere.duckdb" in page.error[0].value
