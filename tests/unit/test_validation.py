"""Complaints about plans in words of the file, whatever kind of part is wrong."""

from pathlib import Path
from typing import Any

import pytest

from citytwin.ensemble import Ensemble
from citytwin.ensemble.running import kept_of
from citytwin.errors import InputError, ScenarioError
from citytwin.hazards.flood import Flood
from citytwin.tables import read_rows

RAIN: dict[str, Any] = {
    "field": "rain_mm",
    "distribution": "lognormal",
    "median": 9.0,
    "sigma": 0.3,
}


def complaint(**plan: Any) -> str:
    table = {"members": 2, "parameters": [RAIN], **plan}
    with pytest.raises(ScenarioError) as caught:
        Ensemble.from_table(
            {"hazard": {"model": "flood"}, "ensemble": table}, "the ensemble e.toml"
        )
    return str(caught.value)


@pytest.mark.parametrize(
    ("parameter", "words"),
    [
        (
            {**RAIN, "mean": 9.0},
            "has an unknown key 'ensemble.parameters.0.mean': did you mean 'median'?",
        ),
        (
            {"field": "seed", "distribution": "seed", "low": 1.0},
            "has an unknown key 'ensemble.parameters.0.low': allowed are field, distribution",
        ),
        ({**RAIN, "sigma": -1.0}, "'ensemble.parameters.0.sigma' of the ensemble e.toml is wrong"),
        (
            {"field": "rain_mm", "distribution": "gauss"},
            "'ensemble.parameters.0.distribution' of the ensemble e.toml is wrong: choose one of",
        ),
        ({"field": "rain_mm"}, "lacks the key 'ensemble.parameters.0.distribution': add it"),
        (
            {"field": "rain_mm", "distribution": "choice", "values": []},
            "'ensemble.parameters.0.values' of the ensemble e.toml is wrong: list should have at",
        ),
        (
            3,
            "'ensemble.parameters.0' of the ensemble e.toml is wrong: input should be a table, not 3",
        ),
    ],
)
def test_the_part_that_is_meant_is_named(parameter: Any, words: str) -> None:
    """Not another kind of distribution, and no word of Python."""
    assert words in complaint(parameters=[parameter])


def test_what_varies_is_not_fixed_as_well() -> None:
    assert "'rain_mm' varies and is in 'fixed', too" in complaint(fixed={"rain_mm": 3.0})


def test_a_long_value_is_cut_off() -> None:
    said = complaint(quantity=3, parameters="x" * 5000)
    assert len(said) < 250
    assert "is wrong: input should be a list, not 'xxx" in said


def test_a_quantity_that_nobody_knows_is_told_its_names() -> None:
    with pytest.raises(InputError, match=r"'depht' has no classes.*depth_max"):
        kept_of(Flood, "depht", None)


def test_a_table_that_is_not_there_is_told_from_one_that_is_no_text(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.csv cannot be read, for there is no such file"):
        read_rows(tmp_path / "none.csv", ("name",))
    (tmp_path / "binary.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match=r"binary\.csv cannot be read: give a file of UTF-8 text"):
        read_rows(tmp_path / "binary.csv", ("name",))
