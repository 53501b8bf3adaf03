"""Ready-made scenarios and chains on the page: chosen, changed, run, and told on one timeline."""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import chains
import drafts
import jobs
import pytest
import store
from pages import follow, html_of, open_page
from ready import Ready, called, ready
from streamlit.testing.v1 import AppTest
from test_said import foreign

from citytwin.city import City
from citytwin.ensemble import Ensemble
from citytwin.ensemble.task import EnsembleTask
from citytwin.scenario import Scenario
from citytwin.scenario.chain import Chain
from citytwin.scenario.chaining import run_chain
from citytwin.scenario.links import LINKS
from citytwin.scenario.tasks import CHAINS, task_of

#: A strong shock near the city, and three quarters of an hour of the fires that it starts.
SHAKEN: dict[str, Any] = {
    "name": "Shock and fire",
    "seed": 5,
    "steps": [
        {"name": "shock", "hazard": {"model": "earthquake", "magnitude": 7.9, "distance_km": 8.0}},
        {
            "name": "fire",
            "after": "shock",
            "from_h": 0.25,
            "hazard": {"model": "fire", "simulated_h": 0.75, "output_min": 15.0},
        },
    ],
}

pytestmark = pytest.mark.usefixtures("own_workspace")


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


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What pages ask the worker for, instead of running it."""
    found: list[Any] = []

    def submit(what: Any) -> None:
        found.append(what)

    monkeypatch.setattr(jobs, "submit", submit)
    return found


@pytest.fixture(scope="module")
def shaken(city_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with a chain that was run."""
    folder = tmp_path_factory.mktemp("shaken")
    with City.open(city_file) as city:
        run_chain(Chain.from_table(SHAKEN), city, runs=folder / "runs", folder=folder / CHAINS)
    return folder


@pytest.fixture
def told(shaken: Path, own_workspace: Path) -> dict[str, Any]:
    """The manifest of a chain in the page's workspace."""
    shutil.copytree(shaken / CHAINS, own_workspace / CHAINS)
    shutil.copytree(shaken / "runs", own_workspace / "runs", dirs_exist_ok=True)
    (manifest,) = chains._all()
    return manifest


def named(stem: str) -> Ready:
    return next(one for one in ready().values() if one.path.stem == stem)


def choose(page: AppTest, stem: str) -> drafts.Draft:
    """Choose a ready-made scenario; returns the draft that the page made of it."""
    page.selectbox(key="ready").set_value(named(stem).key).run()
    assert not page.exception
    return page.session_state["draft"]


def press(page: AppTest, key: str) -> None:
    page.button(key=key).click().run()
    assert not page.exception


def test_what_the_command_line_runs_is_offered_and_runs_the_same(asked: list[Any]) -> None:
    ours = store.city().fingerprint
    page = open_page(panel="new")
    known = [one for one in ready().values() if not one.own]
    assert {"cloudburst", "earthquake-fire", "gas-turning-wind"} <= {o.path.stem for o in known}
    for one in known:
        choose(page, one.path.stem)
        press(page, "run_now")
        assert one.source is not None
        assert task_of(asked[-1]).key(ours) == one.source.key(ours), one.path.name
        assert asked[-1].name == one.source.name
    assert len(asked) == len(known)


def test_the_bands_of_a_file_are_those_of_the_command_line(asked: list[Any]) -> None:
    ours = store.city().fingerprint
    page = open_page(panel="new")
    choose(page, "earthquake-fire")
    press(page, "run_members")
    (task,) = asked
    assert isinstance(task, EnsembleTask)
    assert task.key(ours) == Ensemble.load(named("earthquake-fire").path).key(ours)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_steps_stand_in_their_order_with_what_links_them(language: str) -> None:
    page = open_page(language=language, panel="new")
    draft = choose(page, "earthquake-fire")
    words = html_of(page)
    heads = ("第 1 步：地震", "第 2 步：火灾") if language == "zh" else (
        "Step 1: Earthquake", "Step 2: Fire"
    )  # fmt: skip
    assert words.index(heads[0]) < words.index(heads[1])
    said = [caption.value for caption in page.caption]
    link = "由“地震”引发：震动引发的火灾" if language == "zh" else (
        "Follows from “Earthquake”: fires that the shaking starts"
    )  # fmt: skip
    assert link in said
    assert page.number_input(key=f"{draft.steps[0].uid}:magnitude").value == 7.9
    assert page.number_input(key=f"{draft.steps[1].uid}:wind_m_s").value == 8.0


def test_a_changed_field_changes_its_step_alone(asked: list[Any]) -> None:
    page = open_page(panel="new")
    draft = choose(page, "earthquake-fire")
    page.number_input(key=f"{draft.steps[1].uid}:wind_m_s").set_value(12.0)
    page.number_input(key=f"{draft.steps[1].uid}:from_h").set_value(0.5)
    press(page, "run_now")
    (chain,) = asked
    known = named("earthquake-fire").source
    assert isinstance(chain, Chain)
    assert isinstance(known, Chain)
    assert chain.steps[0].scenario.hazard == known.steps[0].scenario.hazard
    assert chain.steps[1].scenario.hazard == known.steps[1].scenario.hazard.model_copy(
        update={"wind_m_s": 12.0}
    )
    assert chain.steps[1].from_h == 0.5
    assert chain.seed == known.seed == 1906


def test_a_step_is_taken_out_and_put_back_where_a_link_allows_it(asked: list[Any]) -> None:
    page = open_page(panel="new")
    draft = choose(page, "earthquake-fire")
    page.number_input(key=f"{draft.steps[0].uid}:magnitude").set_value(7.0)
    assert not [button for button in page.button if button.key == f"remove:{draft.steps[0].uid}"]
    press(page, f"remove:{draft.steps[1].uid}")
    press(page, "run_now")
    (alone,) = asked
    assert isinstance(alone, Scenario)
    assert alone.hazard.name == "earthquake"
    press(page, f"add:{draft.uid}:shock:fire")
    press(page, "run_now")
    again = asked[-1]
    assert isinstance(again, Chain)
    assert [(step.name, step.after) for step in again.steps] == [("shock", ""), ("fire", "shock")]
    assert again.steps[0].scenario.hazard.magnitude == 7.0


def test_offers_are_the_links(asked: list[Any]) -> None:
    del asked
    for hazard in ("earthquake", "flood", "fire", "plume"):
        draft = drafts.new_event(hazard)
        output = draft.steps[0].model.output
        assert {later for _, later in drafts.offers(draft)} == {
            later for variable, later in LINKS if variable == output
        }


def test_what_is_filled_in_stays_while_another_panel_is_looked_at() -> None:
    page = open_page(panel="new")
    draft = choose(page, "earthquake-fire")
    page.number_input(key=f"{draft.steps[1].uid}:wind_m_s").set_value(12.0).run()
    for panel in ("impact", "new"):
        page.session_state["panel_wanted"] = panel
        page.run()
        assert not page.exception
    assert page.number_input(key=f"{draft.steps[1].uid}:wind_m_s").value == 12.0


def test_what_is_wrong_with_a_step_is_one_sentence(asked: list[Any]) -> None:
    for language, said in (("en", "Fire: “A picture every”"), ("zh", "火灾：“")):
        page = open_page(language=language, panel="new")
        draft = choose(page, "earthquake-fire")
        page.number_input(key=f"{draft.steps[1].uid}:simulated_h").set_value(0.1)
        press(page, "run_now")
        words = re.findall(r'class="ct-error"[^>]*>([^<]*)<', html_of(page))
        assert words
        assert all(text.startswith(said) for text in words), words
    assert asked == []


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "en",
            "The step “Flood” starts before the step “Fire” that it is after: raise “Starts after”.",
        ),
        ("zh", "步骤“洪涝”早于引发它的步骤“火灾”：请调大“起始时间”。"),
    ],
)
def test_what_is_wrong_between_steps_calls_them_as_the_form_does(language: str, said: str) -> None:
    draft = drafts.with_step(drafts.of_ready(named("earthquake-fire")), "fire", "flood")
    values = {
        step.name: {field.name: field.default for field in step.fields("en")}
        for step in draft.steps
    }
    source, problem = drafts.source_of(draft, "", values, {"fire": 3.0, "flood": 1.0}, language)
    assert (source, problem) == (None, said)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_file_that_cannot_be_used_is_named_with_a_remedy(
    own_workspace: Path, language: str
) -> None:
    folder = own_workspace / "scenarios"
    folder.mkdir()
    (folder / "broken.toml").write_text("name = 'half\n", encoding="utf-8")
    (folder / "odd.toml").write_text('[hazard]\nmodel = "storm"\n', encoding="utf-8")
    (folder / "mine.toml").write_text(
        'name = "My flood"\n[hazard]\nmodel = "flood"\nrain_mm = 33.0\n', encoding="utf-8"
    )
    page = open_page(language=language, panel="new")
    options = page.selectbox(key="ready").options
    assert "My flood" in options
    for stem in ("broken", "odd"):
        page.selectbox(key="ready").set_value(named(stem).key).run()
        assert not page.exception
        (words,) = re.findall(r'class="ct-error"[^>]*>([^<]*)<', html_of(page))
        assert f"{stem}.toml" in words
        assert ("修改" if language == "zh" else "mend the file") in words
        assert str(own_workspace) not in words
        assert not [button for button in page.button if button.key == "run_now"]
    draft = choose(page, "mine")
    assert page.number_input(key=f"{draft.uid}:rain_mm").value == 33.0


def test_a_chain_runs_and_its_timeline_is_shown(own_workspace: Path) -> None:
    (own_workspace / "scenarios").mkdir()
    Chain.from_table(SHAKEN).save(own_workspace / "scenarios" / "shaken.toml")
    page = open_page(panel="new")
    choose(page, "shaken")
    press(page, "run_now")
    job = page.session_state["job"]
    assert html_of(page).count('<div class="ct-doing') == 2
    follow(page)
    assert page.session_state["panel_shown"] == "timeline"
    assert page.session_state["run"] == job.result().folder.name
    assert store.results(page.session_state["run"]).scenario.hazard.name == "fire"
    assert "Shock and fire" in html_of(page)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_there_is_one_timeline_in_order(told: dict[str, Any], language: str) -> None:
    there = chains.steps(told)
    page = open_page(language=language, panel="timeline")
    page.session_state["run"] = there["fire"]
    page.session_state["panel_wanted"] = "timeline"
    page.run()
    assert not page.exception
    words = html_of(page)
    lines = re.findall(r'class="ct-line[^"]*"><b>([^<]*)</b> ([^<]*)<', words)
    assert len(lines) == len(told["timeline"]) + len(told["later"])
    shown = [b.label for b in page.button if str(b.key).startswith("moment:")]
    minutes = [60 * int(h) + int(m) for h, m in (text.split(":") for text in shown)]
    assert minutes == sorted(minutes)
    assert (minutes[0], minutes[len(told["timeline"]) - 1]) == (0, 60)
    name = "Shock and fire：火灾" if language == "zh" else "Shock and fire: Fire"
    assert f'<div class="ct-name">{name}</div>' in words
    titles = ["地震", "火灾"] if language == "zh" else ["Earthquake", "Fire"]
    assert {title for title, _ in lines} == set(titles)
    assert f"<b>{told['streets']['impassable_m'] / 1000.0:.1f}</b>" in words
    control = page.segmented_control(key=f"steps:{told['key']}")
    assert list(control.options) == titles
    if language == "zh":
        assert [foreign(text) for _, text in lines] == [[]] * len(lines)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_fails_after_the_end_is_told_below(
    told: dict[str, Any], own_workspace: Path, language: str
) -> None:
    dark = {"time": 30000.0, "step": "fire", "words": "Exchange: dark", "words_zh": "机房：停运"}
    path = own_workspace / CHAINS / told["key"] / "manifest.json"
    path.write_text(json.dumps({**told, "later": [dark]}), encoding="utf-8")
    page = open_page(language=language)
    page.session_state["run"] = chains.steps(told)["fire"]
    page.session_state["panel_wanted"] = "timeline"
    page.run()
    assert not page.exception
    words = html_of(page)
    assert words.index("若不修复" if language == "zh" else "if nothing is repaired") < words.index(
        dark["words_zh" if language == "zh" else "words"]
    )
    number = len(told["timeline"])
    assert page.button(key=f"moment:{told['key']}:{number}").label == "8:20"


def test_names_of_our_own_scenarios_are_in_the_reader_s_language() -> None:
    both = [named("earthquake-fire").title(language) for language in ("en", "zh")]
    for language, wanted in zip(("en", "zh"), both, strict=True):
        assert [called(name, language) for name in both] == [wanted, wanted]
        assert called("My own storm", language) == "My own storm"


def test_a_line_of_the_timeline_shows_its_moment_on_the_map(told: dict[str, Any]) -> None:
    there = chains.steps(told)
    page = open_page()
    page.session_state["run"] = there["shock"]
    page.session_state["panel_wanted"] = "timeline"
    page.run()
    number = len(told["timeline"]) - 1
    press(page, f"moment:{told['key']}:{number}")
    assert page.session_state["run"] == there["fire"]
    assert page.session_state["frame"] == store.results(there["fire"]).times.size - 1
    start = next(n for n, one in enumerate(told["timeline"]) if one["step"] == "fire")
    press(page, f"moment:{told['key']}:{start}")
    assert page.session_state["frame"] == 0
    page.segmented_control(key=f"steps:{told['key']}").set_value("shock").run()
    assert not page.exception
    assert page.session_state["run"] == there["shock"]


def test_a_stopped_chain_says_what_is_missing_and_goes_on(
    told: dict[str, Any], asked: list[Any], own_workspace: Path
) -> None:
    there = chains.steps(told)
    path = own_workspace / CHAINS / told["key"] / "manifest.json"
    part = {**told, "steps": told["steps"][:1], "complete": False}
    part["timeline"] = [one for one in told["timeline"] if one["step"] == "shock"]
    path.write_text(json.dumps(part), encoding="utf-8")
    for language, words in (("en", "Not computed: Fire."), ("zh", "未计算：火灾。")):
        page = open_page(language=language)
        page.session_state["run"] = there["shock"]
        page.session_state["panel_wanted"] = "timeline"
        page.run()
        assert words in html_of(page)
        press(page, "go_on_chain")
        assert asked[-1].key(store.city().fingerprint) == told["key"]


def test_a_run_of_no_chain_has_no_timeline() -> None:
    page = open_page()
    assert "Timeline" not in page.segmented_control(key="panel_shown").options
