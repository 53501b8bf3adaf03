"""The form is the model: every field of every hazard, with its unit, bounds and words."""

from typing import Literal

import form
import pytest
from pydantic import BaseModel, Field, field_validator

from citytwin import registry


class Storm(BaseModel):
    """A model with every kind of field."""

    rain: float = Field(40.0, ge=0, le=300, title="Rain", json_schema_extra={"unit": "mm"})
    hours: float = Field(2.0, gt=0, description="How long", json_schema_extra={"title_zh": "历时"})
    cells: int = Field(5, gt=0, lt=10)
    shape: Literal["even", "peaked"] = "peaked"
    sewers: bool = False
    series: list[float] = Field(default=[1.0, 2.5])
    limit: float | None = Field(None, ge=0, json_schema_extra={"advanced": True})

    @field_validator("rain")
    @classmethod
    def _plausible(cls, rain: float) -> float:
        if rain == 13.0:
            raise ValueError("Rain of 13 mm is unlucky: choose another")
        return rain


def test_fields_are_read_from_the_model() -> None:
    fields = {field.name: field for field in form.fields_of(Storm)}
    assert list(fields) == ["rain", "hours", "cells", "shape", "sewers", "series", "limit"]
    assert fields["rain"].label == "Rain [mm]"
    assert (fields["rain"].low, fields["rain"].high, fields["rain"].default) == (0, 300, 40.0)
    assert 0 < (fields["hours"].low or 0) < 1e-6
    assert (fields["cells"].kind, fields["cells"].low, fields["cells"].high) == ("integer", 1, 9)
    assert fields["shape"].choices == ("even", "peaked")
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
    assert {field.name for field in fields} == set(model.model_fields)
    built, problem = form.fill(model, {field.name: field.default for field in fields})
    assert problem == ""
    assert built == model()


def test_a_wrong_value_is_one_sentence() -> None:
    built, problem = form.fill(Storm, {"rain": -1.0})
    assert built is None
    assert problem == "Rain [mm]: input should be greater than or equal to 0."
    assert "unlucky" in form.fill(Storm, {"rain": 13.0})[1]
    assert "\n" not in problem


def test_numbers_are_read_with_any_comma() -> None:
    assert form._numbers("1, 2；3") == [1.0, 2.0, 3.0] or form._numbers("1, 2，3") == [
        1.0,
        2.0,
        3.0,
    ]
    assert form._numbers("1, rain") == [1.0, "rain"]
