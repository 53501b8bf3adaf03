"""What people get wrong: each gets one clear sentence and exit code 2, and nothing is damaged."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest

from citytwin.city import City

Run = Callable[..., subprocess.CompletedProcess[str]]
ROOT = Path(__file__).parents[2]
TILE = "15-5239-12666.mvt"
STORM = '[hazard]\nmodel = "flood"\nsimulated_h = 0.3\nrain_h = 0.2\n'


def sentence(said: subprocess.CompletedProcess[str]) -> str:
    """The one sentence: the last line, and the only one that is not a line of progress."""
    assert said.returncode == 2, said.stderr
    assert "Traceback" not in said.stderr
    assert said.stdout == ""
    lines = said.stderr.splitlines()
    words = [line for line in lines if not line.startswith(("build: ", "run: "))]
    assert words == lines[-1:]
    assert words[0].startswith("citytwin: ")
    return words[0]


@pytest.fixture
def recipe(coarse_recipe: Path, tmp_path: Path) -> Path:
    """A recipe with data of its own, to be spoiled."""
    shutil.copytree(ROOT / "data", tmp_path / "data")
    path = tmp_path / "pipelines" / "sf.toml"
    path.parent.mkdir()
    text = coarse_recipe.read_text(encoding="utf-8").replace(f"{ROOT}/data", "../data")
    path.write_text(text, encoding="utf-8")
    return path


def spoil(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def build(citytwin: Run, recipe: Path) -> str:
    said = citytwin("build", recipe, "--output", recipe.parent / "out" / "sf.duckdb")
    folder = recipe.parent / "out"
    assert not folder.exists() or list(folder.iterdir()) == []
    return sentence(said)


def test_a_missing_tile(citytwin: Run, recipe: Path, tmp_path: Path) -> None:
    (tmp_path / "data" / "san-francisco" / TILE).unlink()
    words = build(citytwin, recipe)
    assert TILE in words
    assert "missing" in words


@pytest.mark.parametrize("kept", [0, 1, 5000])
def test_a_truncated_tile(citytwin: Run, recipe: Path, tmp_path: Path, kept: int) -> None:
    tile = tmp_path / "data" / "san-francisco" / TILE
    tile.write_bytes(tile.read_bytes()[:kept])
    # Without the checksums the decoder itself must notice.
    if kept != 1:
        spoil(recipe, 'sha256 = "SHA256SUMS"\n', "")
    assert TILE in build(citytwin, recipe)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (
            "storey_height",
            "story_height",
            "'buildings.story_height': did you mean 'storey_height'",
        ),
        ("resolution = 11", "resolution = 15", "'resolution'"),
        ("[population]", "[population", "is not valid TOML"),
        ("zoom = 15", "zoom = 16", ".mvt"),
    ],
)
def test_a_wrong_recipe(citytwin: Run, recipe: Path, old: str, new: str, words: str) -> None:
    spoil(recipe, old, new)
    assert words in build(citytwin, recipe)


def test_a_missing_recipe(citytwin: Run, tmp_path: Path) -> None:
    words = sentence(citytwin("build", tmp_path / "none.toml", "--workspace", tmp_path))
    assert "none.toml cannot be read" in words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (STORM + "rain_mm = -1\n", "'hazard.rain_mm'"),
        (STORM.replace('"flood"', '"frost"'), "no hazard called 'frost': choose one of"),
        (STORM + "rain = 5\n", "unknown key 'hazard.rain'"),
        ("[hazard", "is not TOML"),
        ("", "lacks the key 'hazard'"),
    ],
)
def test_a_wrong_scenario(
    citytwin: Run, city_file: Path, tmp_path: Path, text: str, words: str
) -> None:
    (tmp_path / "storm.toml").write_text(text, encoding="utf-8")
    storm = tmp_path / "storm.toml"
    said = sentence(citytwin("run", storm, "--city", city_file, "--workspace", tmp_path))
    assert words in said
    assert "storm.toml" in said
    assert not (tmp_path / "runs").exists()


def test_a_missing_scenario(citytwin: Run, city_file: Path, tmp_path: Path) -> None:
    missing = tmp_path / "none.toml"
    words = sentence(citytwin("run", missing, "--city", city_file, "--workspace", tmp_path))
    assert "there is no scenario file" in words
    assert "none.toml" in words


@pytest.fixture
def storm(tmp_path: Path) -> Path:
    path = tmp_path / "storm.toml"
    path.write_text(STORM, encoding="utf-8")
    return path


def test_a_city_of_another_version(
    citytwin: Run, city_file: Path, storm: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.duckdb"
    shutil.copy(city_file, other)
    with duckdb.connect(str(other)) as connection:
        connection.execute("UPDATE facts SET value = '0' WHERE key = 'format'")
    words = sentence(citytwin("run", storm, "--city", other, "--workspace", tmp_path))
    assert "has layout 0 and this version of citytwin reads 3: build it again" in words


@pytest.mark.parametrize("content", [b"", b"no database", b"\0" * 9000])
def test_a_file_that_is_no_city(citytwin: Run, storm: Path, tmp_path: Path, content: bytes) -> None:
    other = tmp_path / "other.duckdb"
    other.write_bytes(content)
    words = sentence(citytwin("run", storm, "--city", other, "--workspace", tmp_path))
    assert "other.duckdb is not a city file: build one with 'citytwin build RECIPE'" in words
    assert other.read_bytes() == content


def test_a_truncated_city(citytwin: Run, city_file: Path, storm: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.duckdb"
    other.write_bytes(city_file.read_bytes()[: 3 << 20])
    words = sentence(citytwin("run", storm, "--city", other, "--workspace", tmp_path))
    assert "other.duckdb" in words


def test_no_city_at_all(citytwin: Run, storm: Path, tmp_path: Path) -> None:
    words = sentence(citytwin("run", storm, "--workspace", tmp_path / "empty"))
    assert "build one with 'citytwin build RECIPE'" in words


@contextmanager
def mounted(folder: Path, options: str) -> Iterator[Path]:
    """A file system of its own in memory; skips where the machine does not allow it."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("mounting a small file system needs root on Linux")
    folder.mkdir()
    tried = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], capture_output=True, check=False
    )
    if tried.returncode != 0:
        pytest.skip("this machine does not allow a small file system to be mounted")
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True, timeout=30)


def read_only(folder: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", folder], check=True, timeout=30)


def test_a_read_only_folder_for_a_city(citytwin: Run, coarse_recipe: Path, tmp_path: Path) -> None:
    with mounted(tmp_path / "disk", "size=64k") as disk:
        read_only(disk)
        for target in (disk / "sf.duckdb", disk / "cities" / "sf.duckdb"):
            words = sentence(citytwin("build", coarse_recipe, "--output", target))
            assert "the folder is read-only, so choose another with --output" in words
            assert "sf.duckdb" in words


def test_a_read_only_folder_for_runs(
    citytwin: Run, city_file: Path, storm: Path, tmp_path: Path
) -> None:
    with mounted(tmp_path / "disk", "size=64k") as disk:
        read_only(disk)
        words = sentence(citytwin("run", storm, "--city", city_file, "--workspace", disk))
        assert "cannot be written" in words
        assert "Read-only file system" in words
        assert "choose another folder" in words


@pytest.mark.parametrize("spare", [0, 700_000])
def test_a_full_disk_while_building_leaves_the_old_city(
    citytwin: Run, tile_recipe: Path, tile_file: Path, tmp_path: Path, spare: int
) -> None:
    size = tile_file.stat().st_size + 8192 + spare
    with mounted(tmp_path / "disk", f"size={size}") as disk:
        target = disk / "sf.duckdb"
        shutil.copy(tile_file, target)
        words = sentence(citytwin("build", tile_recipe, "--output", target))
        assert "the disk is full, so free some space" in words
        assert [path.name for path in disk.iterdir()] == ["sf.duckdb"]
        assert target.read_bytes() == tile_file.read_bytes()
        City.open(target).close()


def test_a_tiny_disk_for_a_first_city(citytwin: Run, tile_recipe: Path, tmp_path: Path) -> None:
    with mounted(tmp_path / "disk", "size=1m") as disk:
        words = sentence(citytwin("build", tile_recipe, "--output", disk / "sf.duckdb"))
        assert "the disk is full" in words
        assert list(disk.iterdir()) == []


@pytest.mark.parametrize("size", ["8k", "64k"])
def test_a_full_disk_while_running_leaves_nothing(
    citytwin: Run, city_file: Path, storm: Path, tmp_path: Path, size: str
) -> None:
    with mounted(tmp_path / "disk", f"size={size}") as disk:
        words = sentence(citytwin("run", storm, "--city", city_file, "--workspace", disk))
        assert "cannot be written" in words
        assert "No space left on device" in words
        assert [path.name for path in disk.iterdir()] == ["runs"]
        assert list((disk / "runs").iterdir()) == []
