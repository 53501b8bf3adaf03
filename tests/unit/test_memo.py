"""Results of steps are kept by what they were made from, whole or not at all."""

import importlib.util
import json
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from citytwin.pipeline import code
from citytwin.pipeline.memo import Memo
from citytwin.pipeline.overlays import lattice
from citytwin.pipeline.values import Values, digest

VALUES: Values = {
    "table": gpd.GeoDataFrame(
        {"id": [1, 2], "name": ["", "桥"], "height": [np.nan, 3.5], "flag": [True, False]},
        geometry=[shapely.Point(0, 0), shapely.box(0, 0, 1, 1)],
        crs="EPSG:4326",
    ),
    "plain": pd.DataFrame({"a": ["x"]}),
    "array": np.arange(6.0).reshape(2, 3),
    "cells": np.array([1 << 63, 5], dtype=np.uint64),
    "facts": {"b": [1, None], "é": 0.1},
}


def step(*_: Any) -> Values:
    step.ran += 1  # type: ignore[attr-defined]
    return dict(VALUES)


step.__module__ = "citytwin.pipeline.overlays"


@pytest.fixture(autouse=True)
def fresh() -> None:
    step.ran = 0  # type: ignore[attr-defined]


def run(folder: Path | None, inputs: dict[str, str], settings: Any = 1) -> Any:
    return Memo(folder).run("a step", step, inputs, settings, lambda: (1, 2))


def test_a_result_comes_back_as_it_was(tmp_path: Path) -> None:
    first = run(tmp_path, {"in": "a"})
    again = run(tmp_path, {"in": "a"})
    assert (first.reused, again.reused, step.ran) == (False, True, 1)  # type: ignore[attr-defined]
    assert first.digests == again.digests
    for name, value in VALUES.items():
        assert digest(again[name]) == digest(value) == again.digests[name], name
    assert again["cells"].dtype == np.uint64
    assert again["facts"] == VALUES["facts"]
    assert list(again["table"].columns) == list(VALUES["table"].columns)


@pytest.mark.parametrize(("inputs", "settings"), [({"in": "b"}, 1), ({"in": "a"}, 2)])
def test_what_decides_a_result_makes_a_new_one(
    tmp_path: Path, inputs: dict[str, str], settings: Any
) -> None:
    run(tmp_path, {"in": "a"})
    assert not run(tmp_path, inputs, settings).reused


def test_changed_code_makes_a_new_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(tmp_path, {"in": "a"})
    memo = import_module("citytwin.pipeline.memo")
    monkeypatch.setattr(memo, "code_version", lambda _: "other")
    assert not run(tmp_path, {"in": "a"}).reused


@pytest.mark.parametrize("spoil", ["flip", "cut", "remove", "meta"])
def test_a_spoilt_result_is_computed_again(tmp_path: Path, spoil: str) -> None:
    first = run(tmp_path, {"in": "a"})
    (folder,) = (path for path in tmp_path.iterdir() if path.is_dir())
    file = folder / json.loads((folder / "meta.json").read_text())["files"]["array"]["file"]
    content = bytearray(file.read_bytes())
    if spoil == "flip":
        content[-1] ^= 1
        file.write_bytes(content)
    elif spoil == "cut":
        file.write_bytes(content[:-1])
    elif spoil == "remove":
        file.unlink()
    else:
        (folder / "meta.json").write_text("{")
    again = run(tmp_path, {"in": "a"})
    assert not again.reused
    assert again.digests == first.digests
    assert run(tmp_path, {"in": "a"}).reused


def test_leftovers_of_killed_runs_go_and_unused_results_are_pruned(tmp_path: Path) -> None:
    run(tmp_path, {"in": "a"})
    (tmp_path / ".a-step-1.999999999.draft").mkdir()
    memo = Memo(tmp_path)
    assert not list(tmp_path.glob(".*.draft"))
    memo.run("a step", step, {"in": "b"}, 1, lambda: ())
    assert memo.prune() == 1
    assert run(tmp_path, {"in": "b"}).reused
    assert not run(tmp_path, {"in": "a"}).reused


def test_without_a_folder_nothing_is_kept() -> None:
    assert not run(None, {"in": "a"}).reused
    assert not run(None, {"in": "a"}).reused


def test_the_version_of_a_module_holds_all_that_it_imports() -> None:
    names = {path.name for path in code._closure(lattice.__module__)}
    assert {"overlays.py", "window.py", "overlay.py", "clip.py", "errors.py"} <= names
    assert "pipeline.py" not in names
    assert "01_floor_area.sql" not in names
    assert "city.py" in {path.name for path in code._closure("citytwin.city")}
    assert "01_floor_area.sql" in {p.name for p in code._closure("citytwin.pipeline.buildings")}
    assert code.code_version("citytwin.pipeline.overlays") != code.code_version(
        "citytwin.pipeline.cover.step"
    )


def test_a_changed_plug_in_has_another_version(tmp_path: Path) -> None:
    found = set()
    for number, text in enumerate(("x = 1\n", "x = 2\n", "from citytwin import errors\n")):
        path = tmp_path / f"plugged_{number}.py"
        path.write_text(text, encoding="utf-8")
        spec = importlib.util.spec_from_file_location(path.stem, path)
        assert spec is not None
        sys.modules[path.stem] = importlib.util.module_from_spec(spec)
        found.add(code.code_version(path.stem))
        if number == 2:
            assert "errors.py" in {file.name for file in code._closure(path.stem)}
        del sys.modules[path.stem]
    assert len(found) == 3
