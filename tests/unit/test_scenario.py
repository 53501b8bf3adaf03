"""Scenarios: TOML there and back, keys, and one clear sentence for each mistake."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

import citytwin as ct
from citytwin.ensemble import Ensemble
from citytwin.errors import InputError, OutputError, ScenarioError
from citytwin.scenario import Scenario
from citytwin.scenario.chain import Chain, is_chain
from citytwin.scenario.scenario import read_toml

GOOD = '[hazard]\nmodel = "flood"\n'
MISTAKES = {
    "rain below zero": (GOOD + "rain_mm = -5\n", r"'hazard\.rain_mm' .*greater than or equal to 0"),
    "rain that is no number": (GOOD + "rain_mm = nan\n", r"'hazard\.rain_mm'"),
    "endless rain": (GOOD + "rain_mm = inf\n", r"'hazard\.rain_mm'"),
    "rain as a word": (GOOD + 'rain_mm = "much"\n', r"'hazard\.rain_mm' .*number.*'much'"),
    "unknown field": (
        GOOD + "rain_m = 5\n",
        r"unknown key 'hazard\.rain_m': did you mean 'rain_mm'",
    ),
    "unknown key": ('titel = "x"\n' + GOOD, r"unknown key 'titel': "),
    "unknown model": ('[hazard]\nmodel = "floood"\n', r"'hazard\.model'.*'floood'.* flood"),
    "model as a number": ("[hazard]\nmodel = 3\n", r"'hazard\.model'"),
    "model as a list": ('[hazard]\nmodel = ["flood"]\n', r"'hazard\.model'"),
    "no model": (
        "[hazard]\nrain_mm = 5\n",
        r"lacks the key 'hazard\.model': choose one of .*flood",
    ),
    "no hazard": ('name = "x"\n', "lacks the key 'hazard'"),
    "hazard is no table": ('hazard = "flood"\n', r"'hazard\.model'"),
    "shape": (GOOD + 'shape = "round"\n', r"'hazard\.shape' .*'peaked', 'even', .* or 'scs_iii'"),
    "pictures": (
        GOOD + "simulated_h = 0.1\noutput_min = 60\n",
        "output_min is longer than simulated_h",
    ),
    "no TOML": ("[hazard\n", "is not TOML"),
}


@pytest.mark.parametrize("case", MISTAKES)
def test_a_mistake_gets_one_sentence_that_names_file_and_field(case: str, tmp_path: Path) -> None:
    text, message = MISTAKES[case]
    path = tmp_path / "storm.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioError, match=message) as caught:
        Scenario.load(path)
    assert "storm.toml" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_mark_of_the_encoding_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "storm.toml"
    path.write_text(GOOD, encoding="utf-8-sig")
    assert Scenario.load(path).hazard.name == "flood"


def test_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match=r"there is no scenario file .*none\.toml"):
        Scenario.load(tmp_path / "none.toml")
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ScenarioError, match=r"binary\.toml cannot be read.*: save it as UTF-8"):
        Scenario.load(tmp_path / "binary.toml")
    with pytest.raises(ScenarioError, match="cannot be read"):
        Scenario.load(tmp_path)


def test_the_scenarios_that_travel_with_us_are_good() -> None:
    folder = Path(__file__).parents[2] / "pipelines" / "scenarios"
    found = sorted(folder.glob("*.toml"))
    assert found
    for path in found:
        chain = is_chain(read_toml(path))
        whole: Any = Chain.load(path) if chain else Scenario.load(path)
        assert whole.name
        for scenario in [step.scenario for step in whole.steps] if chain else [whole]:
            assert scenario.hazard.verified
        if "ensemble" in read_toml(path):
            assert Ensemble.load(path).members()


def test_a_scenario_that_cannot_be_saved_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match=r"cannot be written to .*s\.toml"):
        Scenario(hazard=ct.Flood()).save(tmp_path / "file" / "s.toml")


@given(
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=200),
    st.floats(0.0, 2000.0),
    st.floats(0.0, 1.0),
    st.sampled_from(["peaked", "even"]),
)
def test_any_scenario_survives_the_disk(
    tmp_path_factory: pytest.TempPathFactory, name: str, rain: float, peak: float, shape: Any
) -> None:
    path = tmp_path_factory.mktemp("scenario") / "s.toml"
    event = ct.Flood(rain_mm=rain, peak=peak, shape=shape)
    scenario = Scenario(name=name, description="one\ntwo", hazard=event)
    scenario.save(path)
    again = Scenario.load(path)
    assert again == scenario
    assert again.key("x") == scenario.key("x")


def test_a_scenario_does_not_change_once_made() -> None:
    scenario = Scenario(hazard=ct.Flood())
    with pytest.raises(ValidationError, match="frozen"):
        scenario.name = "other"
    with pytest.raises(ValidationError, match="frozen"):
        scenario.hazard.rain_mm = 3.0  # type: ignore[attr-defined]


def test_numbers_written_differently_are_the_same_physics(tmp_path: Path) -> None:
    keys = set()
    for number, text in enumerate(("80", "80.0", "8e1")):
        path = tmp_path / f"{number}.toml"
        path.write_text(GOOD + f"rain_mm = {text}\n", encoding="utf-8")
        keys.add(Scenario.load(path).key("city"))
    assert len(keys) == 1


def test_errors_are_of_the_kinds_that_people_catch() -> None:
    assert issubclass(ScenarioError, InputError)
    assert issubclass(InputError, ct.CityTwinError)
    assert issubclass(InputError, ValueError)
    assert issubclass(OutputError, OSError)
