"""The form is the model: every field of every hazard, with its unit, bounds and words."""

import re
from pathlib import Path
from typing import Any, Literal

import ask
import form
import pytest
import store
from field_texts import about, field_title
from pydantic import BaseModel, Field, field_validator
from texts import unit_words

from citytwin import registry
from citytwin.hazards.earthquake import Earthquake
from citytwin.hazards.fire import Fire
from citytwin.hazards.flood import Flood
from citytwin.hazards.plume import Plume

#: More widgets than this do not fit beside the map.
MOST_ON_FIRST_PAGE = 9
CHINESE = re.compile("[一-鿿]")


class Part(BaseModel):
    """A table of its own."""

    place: float = 0.0


class Storm(BaseModel):
    """A model with every kind of field."""

    rain: float = Field(40.0, ge=0, le=300, title="Rain", json_schema_extra={"unit": "mm"})
    hours: float = Field(2.0, gt=0, description="How long", json_schema_extra={"title_zh": "历时"})
    cells: int = Field(5, gt=0, lt=10)
    shape: Literal["even", "peaked"] = "peaked"
    sewers: bool = False
    series: list[float] = Field(default=[1.0, 2.5])
    rain_file: str = ""
    parts: tuple[Part, ...] = Field((), title="Parts")
    limit: float | None = Field(None, ge=0, json_schema_extra={"advanced": True})

    @field_validator("rain")
    @classmethod
    def _plausible(cls, rain: float) -> float:
        if rain == 13.0:
            raise ValueError("Rain of 13 mm is unlucky: choose another")
        return rain


def test_fields_are_read_from_the_model() -> None:
    fields = {field.name: field for field in form.fields_of(Storm)}
    names = ["rain", "hours", "cells", "shape", "sewers", "series", "rain_file", "limit"]
    assert list(fields) == names
    assert form.nested_titles(Storm) == {"parts": "Parts"}
    assert fields["rain"].label == "Rain [mm]"
    assert (fields["rain"].low, fields["rain"].high, fields["rain"].default) == (0, 300, 40.0)
    assert 0 < (fields["hours"].low or 0) < 1e-6
    assert (fields["cells"].kind, fields["cells"].low, fields["cells"].high) == ("integer", 1, 9)
    assert fields["shape"].choices == (("even", "even"), ("peaked", "peaked"))
    assert fields["rain_file"].kind == "file"
    assert fields["series"].kind == "numbers"
    assert fields["limit"].optional
    assert fields["limit"].advanced
    assert fields["hours"].help == "How long"


def test_chinese_titles_are_taken_where_given() -> None:
    fields = {field.name: field for field in form.fields_of(Storm, "zh")}
    assert fields["hours"].title == "历时"
    assert fields["rain"].title == "Rain"


@pytest.mark.parametrize("name", registry.hazards.names())
def test_every_hazard_has_a_form_that_gives_it_back(name: str) -> None:
    model = registry.hazards.get(name)
    fields = form.fields_of(model)
    asked = {field.name for field in fields}
    assert asked | set(form.nested_titles(model)) == set(model.model_fields)
    assert asked.isdisjoint(form.nested_titles(model))
    built, problem = form.fill(model, {field.name: field.default for field in fields})
    assert problem == ""
    assert built == model()


def test_a_wrong_value_is_one_sentence() -> None:
    built, problem = form.fill(Storm, {"rain": -1.0})
    assert built is None
    assert problem == "Rain [mm]: input should be greater than or equal to 0."
    assert "unlucky" in form.fill(Storm, {"rain": 13.0})[1]
    assert "\n" not in problem


@pytest.mark.parametrize("name", registry.hazards.names())
def test_the_first_page_of_a_hazard_is_short(name: str) -> None:
    fields = form.fields_of(registry.hazards.get(name))
    assert 0 < sum(not field.advanced for field in fields) <= MOST_ON_FIRST_PAGE


@pytest.mark.parametrize("name", registry.hazards.names())
def test_every_field_of_a_hazard_has_chinese_words(name: str) -> None:
    model = registry.hazards.get(name)
    assert CHINESE.search(field_title(model, "zh"))
    assert CHINESE.search(about(name, str(model.__doc__), "zh"))
    for field in form.fields_of(model, "zh"):
        assert CHINESE.search(field.title), field.name
        assert CHINESE.search(field.help), field.name
        assert re.fullmatch("|1|%|[一-鿿/]+", field.unit), field.unit
        for value, words in field.choices:
            assert CHINESE.search(words), (field.name, value)
    assert all(CHINESE.search(title) for title in form.nested_titles(model, "zh").values())


@pytest.mark.parametrize("name", registry.hazards.names())
def test_every_choice_is_said_in_words(name: str) -> None:
    for field in form.fields_of(registry.hazards.get(name)):
        for value, words in field.choices:
            assert words != value or field.name == "formula", field.name  # whose names are names


def test_fuel_models_are_called_by_code_and_name() -> None:
    for language, words in (("en", "Short, sparse, dry"), ("zh", "矮而稀疏的草")):
        (field,) = (f for f in form.fields_of(Fire, language) if f.name == "grass_fuel")
        assert words in dict(field.choices)["GR1"]
        assert field.shown("GR1") == "GR1"


@pytest.mark.parametrize("name", registry.hazards.names())
def test_every_unit_on_the_map_is_chinese(name: str) -> None:
    model = registry.hazards.get(name)
    for picture in model.pictures:
        assert re.fullmatch("|1|g|[一-鿿/]+", unit_words(picture.unit, "zh")), picture.unit
        assert CHINESE.search(picture.title_zh)
        assert CHINESE.search(picture.short_zh)
        assert len(picture.words_zh) == len(picture.words)
        assert all(CHINESE.search(words) for words in picture.words_zh)


def test_a_formula_that_was_not_verified_says_so_where_it_is_chosen() -> None:
    for language, doubt in (("en", "not verified"), ("zh", "未核实")):
        (field,) = (f for f in form.fields_of(Flood, language) if f.name == "formula")
        words = dict(field.choices)
        assert doubt in words["shanghai-2017-lg"]
        assert doubt not in words["shenzhen-2024-west"]
        assert field.shown("shenzhen-2024-west").endswith("shenzhen-2024-west")


BAD: list[tuple[dict[str, Any], str, str]] = [
    (
        {"shape": "chicago"},
        "“Storm shape” “Chicago, by a formula” needs a formula: name one in “Storm formula”.",
        "“雨型”取“芝加哥雨型（需公式）”时需要暴雨强度公式：请在“暴雨强度公式”中选择。",
    ),
    (
        {"simulated_h": 0.01},
        "“A picture every” is longer than “Watch for”: lower it.",
        "“输出间隔”大于“模拟时长”：请调小。",
    ),
    (
        {"simulated_h": 72.0, "output_min": 1.0},
        "“A picture every” gives more than 300 pictures: raise it.",
        "“输出间隔”过短，输出超过 300 幅：请调大。",
    ),
    (
        {"coarser": 2, "solver": "full"},
        "“Coarser by” works with the inertial solver only: set “Coarser by” to 0.",
        "放粗的网格只能用惯性求解器：请将“计算网格放粗级数”设为 0。",
    ),
    (
        {"rain_mm": -1.0},
        "Rain [mm]: input should be greater than or equal to 0.",
        "总雨量 [毫米]：不得小于 0。",
    ),
]


@pytest.mark.parametrize(("values", "english", "chinese"), BAD, ids=[", ".join(b[0]) for b in BAD])
def test_a_bad_combination_is_one_sentence(
    values: dict[str, Any], english: str, chinese: str
) -> None:
    assert form.fill(Flood, values) == (None, english)
    assert form.fill(Flood, values, "zh") == (None, chinese)


def test_numbers_are_read_with_any_comma() -> None:
    for text in ("1, 2; 3", "1，2；3", " 1,2,,3 "):
        assert ask.numbers(text) == [1.0, 2.0, 3.0]
    assert ask.numbers("1, rain") == [1.0, "rain"]


def test_points_and_rows_are_written_and_read() -> None:
    fields = {field.name: field for field in form.fields_of(Fire, "zh")}
    assert (fields["station"].kind, fields["wind"].kind) == ("numbers", "rows")
    for text in ("0, 8, 270; 3, 12, 320", "0，8，270；3，12，320；", "0,8,270\n3,12,320"):
        assert ask.rows(text) == [[0.0, 8.0, 270.0], [3.0, 12.0, 320.0]]
    event, problem = form.fill(Fire, {"wind": ask.rows("0, 8, 270"), "station": [-122.44, 37.76]})
    assert (problem, event) == ("", Fire(wind=((0.0, 8.0, 270.0),), station=(-122.44, 37.76)))
    assert form.written(event.wind) == "0, 8, 270"
    assert fields["station"].shown(event.station) == "消防站 -122.44, 37.76"


WRONG: list[tuple[type[BaseModel], dict[str, Any], str]] = [
    (Fire, {"wind": [[0.0, 8.0]]}, "风随时间变化：每行缺少数值。"),
    (Fire, {"wind": [[0.0, 8.0, 270.0, 1.0]]}, "风随时间变化：至多 3 个数，现有 4 个。"),
    (Fire, {"wind": [[0.0, "x", 270.0]]}, "风随时间变化：须为数字。"),
    (
        Fire,
        {"wind": [[1.0, 8.0, 270.0], [0.0, 8.0, 270.0]]},
        "风随时间变化：风的时刻须依次增大：请按时间排列，每个时刻一行。",
    ),
    (Fire, {"station": [1.0]}, "消防站 [度]：位置为 [经度, 纬度]（度）：请给出两个数。"),
    (
        Fire,
        {"ignitions": [{"name": "码头", "at": [-122.44, 37.76], "from_h": 9.0}]},
        "起火点“码头”的起火时间晚于“模拟时长”：请调小。",
    ),
    (Fire, {"simulated_h": 0.01}, "“输出间隔”大于“模拟时长”：请调小。"),
    (Plume, {"from_h": 3.0}, "“开始泄漏时间”晚于“模拟时长”，不会有泄漏：请调小。"),
    (Plume, {"substance": "smoke", "kind": "pool"}, "“物质”不会形成液池：请另选“泄漏方式”。"),
    (Plume, {"date": "June"}, "“日期”须写成 2026-06-21 的形式。"),
    (Plume, {"date": "2026-02-30"}, "“日期”须为日历上有的日期，如 2026-06-21。"),
    (Earthquake, {"trace": [[0.0, 50.0]]}, "断层迹线：线至少需要 2 个不同的点：请补充。"),
    (Earthquake, {"vs30": 20.0}, "“剪切波速”低于 150 米/秒，没有模型适用：请调大或填 0。"),
]


@pytest.mark.parametrize(("model", "values", "words"), WRONG, ids=range(len(WRONG)))
def test_what_other_hazards_refuse_is_one_chinese_sentence(
    model: type[BaseModel], values: dict[str, Any], words: str
) -> None:
    assert form.fill(model, values, "zh") == (None, words)


def test_rows_of_numbers_are_refused_without_the_words_of_a_program() -> None:
    for wind, words in (
        ([[0.0, 8.0]], "Wind over time: a row lacks a number."),
        ([[0.0, 8.0, 270.0, 1.0]], "Wind over time: at most 3 numbers, not 4."),
        ("8", "Wind over time: numbers with commas between them, rows with semicolons."),
    ):
        assert form.fill(Fire, {"wind": wind}) == (None, words)


def test_degrees_stand_at_their_number() -> None:
    fields = {field.name: field for field in form.fields_of(Fire)}
    assert fields["wind_deg"].shown(270.0) == "270°"
    assert fields["wind_m_s"].shown(8.0) == "8 m/s"


def test_a_file_that_is_handed_in_stays_among_the_uploads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "workspace", lambda: tmp_path)
    for name in ("rain.csv", "../../rain.csv", "C:\\data\\rain.csv", "..rain.csv"):
        path = ask.keep_file(name, b"time_min,rain_mm\n")
        assert path.read_bytes() == b"time_min,rain_mm\n"
        assert path.resolve().is_relative_to(tmp_path / "uploads")
        assert path.name == "rain.csv"
    assert ask.keep_file("rain.csv", b"other") != path
    assert len(list((tmp_path / "uploads").iterdir())) == 2
