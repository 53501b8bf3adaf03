"""The command ``citytwin export``: words, JSON, mistakes."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]


def test_words_and_files(citytwin: Run, tile_file: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    said = citytwin(
        "export", tile_file, "--to", out, "--format", "gpkg", "--format", "cog",
        "--layer", "cells", "--layer", "buildings", "--variable", "people", "--k", "25",
    )  # fmt: skip
    assert said.returncode == 0, said.stderr
    assert "geopackage/layers.gpkg" in said.stdout
    assert "Total       people off by " in said.stdout
    assert "groups of at least 25 (--k 25)" in said.stdout
    assert "© OpenStreetMap contributors" in said.stdout
    assert f"Written     {out}" in said.stdout
    assert sorted(path.name for path in out.iterdir()) == [
        "README.txt",
        "cog",
        "dcat.jsonld",
        "geopackage",
        "manifest.json",
        "stac",
    ]


def test_json_and_overwrite(citytwin: Run, tile_file: Path, tmp_path: Path) -> None:
    words = ("export", tile_file, "--to", tmp_path / "out", "--layer", "peaks", "--json")
    first = json.loads(citytwin(*words).stdout)
    assert [file["path"] for file in first["files"]] == ["geoparquet/peaks.parquet"]
    assert first["bytes"] == first["files"][0]["size"] > 0
    again = citytwin(*words)
    assert again.returncode == 2
    assert again.stdout == ""
    assert again.stderr.count("\n") == 1
    assert "exists: name another folder with --to, or add --overwrite" in again.stderr
    over = json.loads(citytwin(*words, "--overwrite").stdout)
    assert over["files"] == first["files"]


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (
            ("--format", "dxf"),
            "citytwin: there is no format 'dxf': choose --format from geoparquet",
        ),
        (("--layer", "x"), "has no layer 'x': choose --layer from"),
        (("--format", "cog", "--pixel", "-1"), "--pixel is -1 m: give a size above zero"),
        (("--k", "-1"), "--k is -1: give the fewest people of a published number"),
    ],
)
def test_mistakes_are_one_sentence(
    citytwin: Run, tile_file: Path, tmp_path: Path, words: tuple[str, ...], answer: str
) -> None:
    said = citytwin("export", tile_file, "--to", tmp_path / "out", *words)
    assert said.returncode == 2
    assert answer in said.stderr
    assert "Traceback" not in said.stderr
    assert [line for line in said.stderr.splitlines() if line.startswith("citytwin: ")] == (
        said.stderr.splitlines()[-1:]
    )
    assert list(tmp_path.iterdir()) == []


def test_no_city(citytwin: Run, tmp_path: Path) -> None:
    (tmp_path / "no.duckdb").write_text("no", encoding="utf-8")
    said = citytwin("export", tmp_path / "no.duckdb", "--to", tmp_path / "out")
    assert said.returncode == 2
    assert "is not a city file" in said.stderr
