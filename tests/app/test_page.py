"""The page as Streamlit runs it, without a browser: form, runs, languages, two visitors at once."""

import time
from collections.abc import Iterator
from pathlib import Path

import jobs
import pytest
import store
from streamlit.testing.v1 import AppTest

from citytwin.city import City
from citytwin.hazards.flood import Flood
from citytwin.report.sentences import first_aspects
from citytwin.scenario import Results, Scenario, run

PAGE = Path(__file__).resolve().parents[2] / "apps" / "sandbox.py"
SHORT = {"rain_h": 0.25, "simulated_h": 0.5, "output_min": 15.0}

pytestmark = pytest.mark.usefixtures("app_environment")


def open_page(results: Results | None = None) -> AppTest:
    """The page, showing a run; the newest if none is given."""
    page = AppTest.from_file(str(PAGE), default_timeout=60)
    if results is not None:
        page.session_state["run"] = results.key
    page.run()
    assert not page.exception
    return page


def html_of(page: AppTest) -> str:
    return "\n".join(str(element.proto.body) for element in page.get("html"))


@pytest.fixture(autouse=True)
def _stop_worker(app_environment: None) -> Iterator[None]:
    yield
    jobs.worker().close()
    jobs.worker.clear()


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


def follow(page: AppTest) -> str:
    """Wait for the run that the page started; returns its key."""
    job = page.session_state["job"]
    end = time.monotonic() + 60
    while not job.over and time.monotonic() < end:
        time.sleep(0.1)
    assert job.state == "done", job.message
    page.run()
    assert not page.exception
    return str(job.key)


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
    page = open_page(results)
    page.session_state["language"] = "zh"
    page.run()
    assert not page.exception
    words = html_of(page)
    assert "城市数字沙盘" in words
    assert "模拟结果，不是预警" in words
    assert "降雨开始后" in words


def test_sources_say_what_is_assumed_and_where_the_water_went(results: Results) -> None:
    page = open_page(results)
    page.session_state["panel_wanted"] = "sources"
    page.run()
    words = html_of(page)
    assert "ODbL-1.0" in words
    assert "assumed" in words
    assert results.manifest["balance_sentence"].split(";")[0][:20] in words
    assert results.key in words


def test_the_form_has_every_field_of_the_model(results: Results) -> None:
    page = open_page(results)
    show_form(page)
    keys = {widget.key for widget in [*page.number_input, *page.selectbox, *page.checkbox]}
    assert {f"flood:{name}" for name in Flood.model_fields} <= keys
    assert page.number_input(key="flood:rain_mm").label == "Rain [mm]"


def test_what_the_model_refuses_is_said_in_one_sentence(results: Results) -> None:
    page = open_page(results)
    show_form(page)
    page.number_input(key="flood:simulated_h").set_value(0.01)
    page.button(key="run_now").click().run()
    assert not page.exception
    assert "output_min is longer than simulated_h" in html_of(page)
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


def test_a_cancelled_run_leaves_nothing(results: Results) -> None:
    page = open_page(results)
    show_form(page)
    page.number_input(key="flood:rain_mm").set_value(500.0)
    page.number_input(key="flood:simulated_h").set_value(24.0)
    page.button(key="run_now").click().run()
    job = page.session_state["job"]
    page.button(key="cancel").click().run()
    page.run()
    assert job.state == "cancelled"
    assert not (store.runs_folder() / job.key).exists()
    assert "cancelled" in html_of(page)


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
    page = open_page(results)
    page.session_state["panel_wanted"] = "sources"
    page.session_state["language"] = language
    page.run()
    assert not page.exception
    words = html_of(page)
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
    page = open_page()
    page.session_state["language"] = language
    page.run()
    assert not page.exception
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
