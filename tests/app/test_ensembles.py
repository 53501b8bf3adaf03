"""Ensembles on the page: what is uncertain, how long it takes, members as they come, what they say."""

import html
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import drafts
import ensembles
import expected
import figures
import jobs
import plans
import pytest
import runs
import store
import tomli_w
from pages import follow, html_of, open_page
from ready import ready
from streamlit.testing.v1 import AppTest
from test_said import foreign

from citytwin.city import City
from citytwin.ensemble import Ensemble, run_ensemble
from citytwin.ensemble.running import arrived
from citytwin.ensemble.statistics import probability_band
from citytwin.ensemble.task import ENSEMBLES, EnsembleTask
from citytwin.hazards.fire import Fire
from citytwin.hazards.flood import Flood
from citytwin.scenario import Scenario
from citytwin.scenario.worker import Job

#: A storm of three minutes that varies in its rain.
STORM: dict[str, Any] = {
    "name": "Uncertain storm",
    "hazard": {
        "model": "flood", "rain_mm": 60.0, "rain_h": 0.05, "simulated_h": 0.05, "output_min": 3.0,
        "solver": "inertial",
    },
    "ensemble": {
        "members": 4,
        "seed": 3,
        "parameters": [
            {"field": "rain_mm", "distribution": "uniform", "low": 40.0, "high": 80.0},
        ],
    },
}  # fmt: skip


@pytest.fixture
def own_workspace(
    workspace: Path, tmp_path: Path, app_environment: None, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path]:
    """A copy of the workspace, for tests that change it."""
    del app_environment
    shutil.copytree(workspace, tmp_path / "own")
    monkeypatch.setenv("CITYTWIN_WORKSPACE", str(tmp_path / "own"))
    yield tmp_path / "own"
    jobs.close()


pytestmark = pytest.mark.usefixtures("own_workspace")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What pages ask the worker for, instead of running it."""
    found: list[Any] = []

    def submit(what: Any) -> None:
        found.append(what)

    monkeypatch.setattr(jobs, "submit", submit)
    return found


@pytest.fixture(scope="module")
def drawn(city_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with an ensemble that was run."""
    folder = tmp_path_factory.mktemp("drawn")
    ensemble = Ensemble.from_table(STORM, "the storm")
    with City.open(city_file) as city:
        run_ensemble(ensemble, city, folder=folder / ENSEMBLES, runs=folder / "runs", workers=1)
    return folder


@pytest.fixture
def key(drawn: Path, own_workspace: Path) -> str:
    """Key of an ensemble in the page's workspace."""
    shutil.copytree(drawn / ENSEMBLES, own_workspace / ENSEMBLES)
    shutil.copytree(drawn / "runs", own_workspace / "runs", dirs_exist_ok=True)
    (found,) = (path.name for path in (own_workspace / ENSEMBLES).iterdir())
    return found


def show(key: str, language: str = "en", panel: str = "impact") -> AppTest:
    page = open_page(language=language)
    page.session_state["run"] = key
    page.session_state["panel_wanted"] = panel
    page.run()
    assert not page.exception
    return page


def wrong(page: AppTest) -> list[str]:
    found = re.findall(r'class="ct-error"[^>]*>([^<]*)<', html_of(page))
    return [html.unescape(words) for words in found]


def vary(page: AppTest, field: str, kind: str, **numbers: float) -> None:
    """Choose a number that varies and how it does, as a visitor does."""
    (fields,) = (one for one in page.multiselect if str(one.key).endswith(":fields"))
    fields.set_value([field]).run()
    before = str(fields.key).removesuffix(":fields")
    page.selectbox(key=f"{before}:{field}:kind").set_value(kind).run()
    for name, value in numbers.items():
        page.number_input(key=f"{before}:{field}:{kind}:{name}").set_value(value)
    page.number_input(key=f"{before}:members").set_value(3)
    page.run()
    assert not page.exception


@pytest.mark.parametrize(
    ("kind", "numbers"),
    [
        ("uniform", {"low": 50.0, "high": 90.0}),
        ("normal", {"mean": 60.0, "deviation": 5.0}),
        ("lognormal", {"median": 70.0, "sigma": 0.2}),
        ("triangular", {"low": 50.0, "likeliest": 60.0, "high": 90.0}),
    ],
)
def test_the_visitor_says_what_is_uncertain(
    kind: str, numbers: dict[str, float], asked: list[Any]
) -> None:
    page = open_page(panel="new")
    assert not page.button(key="run_members").disabled  # a cloudburst has a ready-made plan
    vary(page, "rain_mm", kind, **numbers)
    page.button(key="run_members").click().run()
    assert not page.exception
    (task,) = asked
    assert isinstance(task, EnsembleTask)
    (parameter,) = task.ensemble.plan.parameters
    assert (parameter.field, parameter.distribution) == ("rain_mm", kind)
    assert {name: getattr(parameter, name) for name in numbers} == numbers
    assert task.ensemble.plan.members == 3
    if kind == "normal":
        assert parameter.low == 5.0  # as the ready-made plan says
    assert {member.hazard.rain_h for member in task.ensemble.members()} == {1.0}


def test_every_proposal_is_one_that_the_event_allows(asked: list[Any]) -> None:
    del asked
    for hazard in ("flood", "fire", "plume", "earthquake"):
        draft = drafts.new_event(hazard)
        source, problem = whole(draft)
        assert source is not None, problem
        for number in plans.numbers(draft, source, "en").values():
            if number.drawn:
                continue
            for kind in plans.ASKED:
                values = plans.spread(number, kind, None)
                plan, problem = plans.plan_of(
                    [plans.parameter(number, kind, values, None)], 3, None
                )
                assert plan is not None, (number.name, kind, problem)
                low, high = number.field.low, number.field.high
                if kind in ("uniform", "triangular"):
                    assert low is None or values["low"] >= low, number.name
                    assert high is None or values["high"] <= high, number.name


def whole(draft: drafts.Draft) -> Any:
    """What is run of a draft that nobody changed."""
    values = {
        step.name: {field.name: field.default for field in step.fields("en")}
        for step in draft.steps
    }
    return drafts.source_of(draft, "", values, {}, "en")


def test_what_a_ready_made_plan_knows_is_proposed_for_a_hazard() -> None:
    page = open_page(panel="new")
    page.selectbox(key="hazard").set_value("fire").run()
    (fields,) = (one for one in page.multiselect if str(one.key).endswith(":fields"))
    assert fields.value == ["wind_m_s"]
    assert page.number_input(key="sure:fire:1:wind_m_s:lognormal:median").value == 6.0


def test_wrong_numbers_are_one_sentence(asked: list[Any]) -> None:
    for language, first, second in (
        (
            "en",
            "'high' of “Rain [mm]” is not above 'low': raise it.",
            "“Rain [mm]”, deviation: input should be greater than 0.",
        ),
        (
            "zh",
            "“总雨量 [毫米]”的最大值不大于最小值：请调大。",
            "“总雨量 [毫米]”，标准差：须大于 0。",
        ),
    ):
        page = open_page(language=language, panel="new")
        vary(page, "rain_mm", "uniform", low=90.0, high=50.0)
        page.button(key="run_members").click().run()
        assert wrong(page) == [first]
        vary(page, "rain_mm", "normal", mean=60.0, deviation=0.0)
        page.button(key="run_members").click().run()
        assert wrong(page) == [second]
        vary(page, "rain_mm", "uniform", low=-20.0, high=50.0)
        page.button(key="run_members").click().run()
        (words,) = wrong(page)
        assert "rain_mm" in words or "雨" in words
    assert asked == []


def test_the_time_is_said_beforehand_from_measured_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    def measured(hours: float, seconds: float, threads: int) -> SimpleNamespace:
        event = Flood(simulated_h=hours)
        took = {"simulation": seconds, "impact": 1.0}
        about = {"model": {"name": "flood"}, "seconds": took, "threads": threads}
        return SimpleNamespace(manifest=about, complete=True, scenario=Scenario(hazard=event))

    runs = {"a": measured(2.0, 80.0, 1), "b": measured(2.0, 20.0, 1), "c": measured(0.1, 9.0, 1)}
    monkeypatch.setattr(store, "run_keys", lambda: list(runs))
    monkeypatch.setattr(store, "results", runs.__getitem__)
    monkeypatch.setattr(expected, "processes_of_here", lambda: 2)
    event = Flood(simulated_h=3.0)
    assert expected.one_run(Scenario(hazard=event)) == pytest.approx(
        31.0
    )  # the quicker of two hours
    assert "about 5 min" in expected.words(Scenario(hazard=event), 20, "en")
    assert "约需 5 分钟" in expected.words(Scenario(hazard=event), 20, "zh")
    runs["b"].manifest["threads"] = 2  # a member has one thread: kernels take longer on it
    assert expected.one_run(Scenario(hazard=event)) == pytest.approx(1.75 * 30.0 + 1.0)
    assert expected.one_run(Scenario(hazard=Fire())) is None
    assert "Run it once first" in expected.words(Scenario(hazard=Fire()), 20, "en")


def test_the_page_says_how_long_members_take() -> None:
    page = open_page(panel="new")
    said = " ".join(caption.value for caption in page.caption)
    assert "on this machine, reckoned from runs measured here" in said


def test_members_run_through_the_worker_and_are_shown(own_workspace: Path) -> None:
    (own_workspace / "scenarios").mkdir()
    (own_workspace / "scenarios" / "storm.toml").write_text(tomli_w.dumps(STORM))
    page = open_page(panel="new")
    assert "Uncertain storm" in page.selectbox(key="ready").options
    chosen = next(one for one in ready().values() if one.own)
    page.selectbox(key="ready").set_value(chosen.key).run()
    page.button(key="run_members").click().run()
    assert not page.exception
    key = follow(page)
    assert page.session_state["run"] == key
    assert len(arrived(own_workspace / ENSEMBLES / key)) == 4
    words = html_of(page)
    assert "Uncertain storm: 4 members" in words
    limit = 100.0 * probability_band(0, 4)[1]
    assert "4 of 4 members" in words
    (said,) = re.findall(r"may still be up to ([\d.]+) %", words)
    assert limit <= float(said) < limit + 0.11
    assert page.selectbox(key="mode").options[0] == "Probability"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_numbers_of_an_ensemble_are_in_words(key: str, language: str) -> None:
    table = figures.bands(key, language)
    names = list(table.iloc[:, 0])
    assert not [name for name in names if "_" in name or "balance" in name]
    if language == "zh":
        assert [foreign(name, "EUR", "m") for name in names] == [[]] * len(names)
        words = html_of(show(key, "zh"))
        assert "4 个成员" in words
        assert all(f"<td>{name}</td>" in words for name in names)
    else:
        assert "people, ≥ 0.15 m" in names


def test_an_ensemble_without_a_name_is_called_by_its_hazard(key: str) -> None:
    assert runs._translated(key, "Flood: 4 members", "zh") == "洪涝：4 个成员"
    assert runs._translated(key, "Flood: 1 members", "en") == "Flood: 1 member"


def test_people_come_first_and_kinds_of_facilities_only_where_one_is_lost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    names = ["damage", "facilities_out_pump", "facilities_out_school", "fire.roads_m"]
    names += ["fire.people.out", "roads_m", "shock.people.slight"]
    level = {"p10": 1.0, "p50": 2.0, "p90": 3.0}
    found = dict.fromkeys(names, level) | {"facilities_out_pump": dict.fromkeys(level, 0.0)}
    fake = SimpleNamespace(manifest={"figures": found})
    monkeypatch.setattr(store, "results", lambda key: fake)
    monkeypatch.setattr(ensembles, "steps", lambda about, language: {"shock": "", "fire": ""})
    assert list(figures.bands("any", "en").iloc[:, 0]) == [
        "roads m", "damage", "facilities out school", "shock.people.slight", "fire.people.out",
        "fire.roads m",
    ]  # fmt: skip


def test_a_stopped_ensemble_says_how_many_came_and_goes_on(
    key: str, own_workspace: Path, asked: list[Any]
) -> None:
    path = own_workspace / ENSEMBLES / key / "manifest.json"
    part = json.loads(path.read_text(encoding="utf-8")) | {"members": 2, "complete": False}
    path.write_text(json.dumps(part), encoding="utf-8")
    for language, words in (("en", "Stopped after 2 of 4 members"), ("zh", "4 个成员中的第 2 个")):
        page = show(key, language)
        assert words in html_of(page)
        page.button(key="go_on_members").click().run()
        assert not page.exception
        assert asked[-1].key(store.city().fingerprint) == key


def test_members_are_shown_while_they_come(key: str, own_workspace: Path) -> None:
    task = EnsembleTask(Ensemble.from_table(STORM, "the storm"))
    job = Job(task, store.city_path(), own_workspace / "runs", key, "running", 0.5)
    job.message = "2 of 4 members, about 9 s left"
    figure = ensembles.manifest_of(key)["figures"]["people.0.15"]
    for language, words in (
        ("en", "Running: 2 of 4 members, about 9 s left"),
        ("zh", "运行中：4 个成员中已完成 2 个，约剩 9 秒"),
    ):
        page = open_page(language=language, panel="new")
        page.session_state["job"] = job
        page.session_state["members_seen"] = f"{key} "
        page.run()
        assert not page.exception
        assert [element.proto.text for element in page.get("progress")] == [words]
        assert page.session_state["run"] == key  # the map has what there is
        shown = f"{figure['p10']:,.0f} – {figure['p50']:,.0f} – {figure['p90']:,.0f}"
        assert shown in html_of(page)


def test_facilities_out_of_service_are_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [
        {
            "name": "Hospital", "name_zh": "医院", "kind": "hospital", "kind_title": "Hospital",
            "kind_title_zh": "医院", "dark_s": 7200.0, "words": "Hospital: dark after 2 h",
            "words_zh": "医院：2 小时后停运", "probability": 0.4,
        },
        {"name": "Pump", "kind": "pump", "words": "Pump: dark at once", "words_zh": "泵：立即停运",
         "when": 0.0},
    ]  # fmt: skip
    fake = SimpleNamespace(impact={"facilities": rows})
    monkeypatch.setattr(store, "results", lambda key: fake)
    table = figures.facilities("any", "en")
    assert list(table.iloc[:, 1]) == ["Pump: dark at once", "Hospital: dark after 2 h"]
    assert list(table.iloc[:, 2]) == ["0 min", "2 h 00 min (40%)"]
    assert list(figures.facilities("any", "zh").iloc[:, 1]) == [
        "泵：立即停运",
        "医院：2 小时后停运",
    ]
    monkeypatch.setattr(store, "results", lambda key: SimpleNamespace(impact={}))
    assert figures.facilities("any", "en").empty
