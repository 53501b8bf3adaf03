"""An exported folder appears whole or not at all, and the same city gives the same bytes."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from citytwin.city import City
from citytwin.errors import InputError, OutputError, UnknownNameError
from citytwin.export import export
from citytwin.export.folder import MANIFEST, published
from tests.unit.test_cli_mistakes import mounted, read_only

Run = Callable[..., subprocess.CompletedProcess[str]]
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def tile(tile_file: Path) -> City:
    return City.open(tile_file)


def content(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_same_city_same_bytes(tile_file: Path, environment: dict[str, str], tmp_path: Path) -> None:
    """In processes of their own, with other seeds of Python's hashes."""
    code = (
        "import sys; from citytwin.city import City; from citytwin.export import export; "
        "export(City.open(sys.argv[1]), sys.argv[2], formats=('all',))"
    )
    for seed in ("1", "2"):
        subprocess.run(
            [sys.executable, "-c", code, tile_file, tmp_path / seed],
            env={**environment, "PYTHONHASHSEED": seed},
            check=True,
            timeout=240,
        )
        time.sleep(1.1)
    first, second = content(tmp_path / "1"), content(tmp_path / "2")
    assert sorted(first) == sorted(second)
    assert [path for path in first if first[path] != second[path]] == []


def test_an_existing_folder_stays(tile: City, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    with pytest.raises(OutputError, match="exists: name another folder with --to, or add --over"):
        export(tile, tmp_path / "mine", layers=("landuse",))
    assert list((tmp_path / "mine").iterdir()) == []


def test_an_older_export_is_replaced(tile: City, tmp_path: Path) -> None:
    export(tile, tmp_path / "out", layers=("landuse", "roads"))
    export(tile, tmp_path / "out", layers=("landuse",), overwrite=True)
    assert not (tmp_path / "out" / "geoparquet" / "roads.parquet").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_what_no_export_wrote_is_never_removed(tile: City, tmp_path: Path) -> None:
    (tmp_path / "home" / "letters").mkdir(parents=True)
    (tmp_path / "home" / "letters" / "love.txt").write_text("dear", encoding="utf-8")
    with pytest.raises(OutputError, match=r"holds letters/love\.txt, which no export wrote"):
        export(tile, tmp_path / "home", layers=("landuse",), overwrite=True)
    export(tile, tmp_path / "out", layers=("landuse",))
    (tmp_path / "out" / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(OutputError, match=r"holds notes\.txt"):
        export(tile, tmp_path / "out", layers=("landuse",), overwrite=True)
    assert (tmp_path / "out" / "notes.txt").read_text(encoding="utf-8") == "mine"
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(OutputError, match="is not a folder"):
        export(tile, tmp_path / "file", layers=("landuse",), overwrite=True)
    (tmp_path / "link").symlink_to(tmp_path / "out")
    with pytest.raises(OutputError, match="is not a folder"):
        export(tile, tmp_path / "link", layers=("landuse",), overwrite=True)


def test_a_failure_leaves_the_older_export(tmp_path: Path) -> None:
    target = tmp_path / "out"
    with published(target, overwrite=False) as draft:
        (draft / "a.txt").write_text("old", encoding="utf-8")
        (draft / MANIFEST).write_text(json.dumps({"written": ["a.txt", MANIFEST]}), "utf-8")
    before = content(target)

    def fail() -> None:
        with published(target, overwrite=True) as draft:
            (draft / "a.txt").write_text("new", encoding="utf-8")
            raise OSError(5, "Input/output error")

    with pytest.raises(OutputError, match="Input/output error"):
        fail()
    assert content(target) == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_what_killed_exports_left_is_tidied(tile: City, tmp_path: Path) -> None:
    gone = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"],
                          capture_output=True, text=True, check=True)  # fmt: skip
    dead = gone.stdout.strip()
    (tmp_path / f".out.{dead}.exporting").mkdir()
    (tmp_path / f".out.{os.getppid()}.exporting").mkdir()
    export(tile, tmp_path / "out", layers=("landuse",))
    before = content(tmp_path / "out")
    (tmp_path / "out").rename(tmp_path / f".out.{dead}.replaced")
    with pytest.raises(OutputError, match="exists"):
        export(tile, tmp_path / "out", layers=("landuse",))
    assert content(tmp_path / "out") == before
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        f".out.{os.getppid()}.exporting",
        "out",
    ]


def test_a_kill_leaves_no_folder(
    tile_file: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    code = (
        "import sys; from citytwin.city import City; from citytwin.export import export; "
        "export(City.open(sys.argv[1]), sys.argv[2], formats=('all',), "
        "progress=lambda *step: print(*step, flush=True))"
    )
    command = [sys.executable, "-c", code, tile_file, tmp_path / "out"]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("cog"):
            break
    process.send_signal(signal.SIGKILL)
    process.wait(timeout=30)
    process.stdout.close()
    assert not (tmp_path / "out").exists()
    with City.open(tile_file) as opened:
        export(opened, tmp_path / "out", layers=("landuse",))
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("size", ["64k", "900k", "3m"])
@pytest.mark.parametrize("name", ["geoparquet", "gpkg", "flatgeobuf", "cog", "cityjson", "pmtiles"])
def test_a_full_disk(tile: City, tmp_path: Path, name: str, size: str) -> None:
    """Whatever a format needs, it is there whole or not at all."""
    with mounted(tmp_path / "disk", f"size={size}") as disk:
        refused = refusal(tile, disk / "out", name)
        if refused:
            assert "the disk is full, so free some space" in refused
            assert list(disk.iterdir()) == []
        else:
            assert size != "64k"
            manifest = json.loads((disk / "out" / MANIFEST).read_text(encoding="utf-8"))
            assert sorted(manifest["written"]) == sorted(content(disk / "out"))


def refusal(city: City, folder: Path, name: str) -> str:
    """What an export says instead of a folder; nothing if it wrote one."""
    try:
        export(city, folder, formats=(name,))
    except OutputError as error:
        return str(error)
    return ""


def test_a_read_only_folder(tile: City, tmp_path: Path) -> None:
    with mounted(tmp_path / "disk", "size=64k") as disk:
        read_only(disk)
        with pytest.raises(
            OutputError, match="the folder is read-only, so choose another with --to"
        ):
            export(tile, disk / "deep" / "out")


@pytest.mark.parametrize(
    ("wishes", "kind", "words"),
    [
        ({"formats": ("shapefile",)}, UnknownNameError, "there is no format 'shapefile': choose"),
        (
            {"layers": ("houses",)},
            InputError,
            "has no layer 'houses': choose --layer from barriers",
        ),
        ({"variables": ("noise",)}, InputError, "has no variable on cells 'noise': choose --var"),
        (
            {"formats": ("cog",), "layers": ("landuse",)},
            InputError,
            "the format cog needs the layer cells: add --layer cells",
        ),
        (
            {"formats": ("cityjson",), "layers": ("cells",)},
            InputError,
            "the format cityjson needs the layer buildings: add --layer buildings",
        ),
    ],
)
def test_wishes_that_cannot_be(
    tile: City,
    tmp_path: Path,
    wishes: dict[str, tuple[str, ...]],
    kind: type[Exception],
    words: str,
) -> None:
    with pytest.raises(kind) as caught:
        export(tile, tmp_path / "out", **wishes)
    assert words in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_all_formats_that_the_layers_allow(tile: City, tmp_path: Path) -> None:
    done = export(tile, tmp_path / "out", formats=("all", "gpkg"), layers=("landuse",))
    assert sorted({file.format for file in done.files}) == [
        "flatgeobuf",
        "geoparquet",
        "gpkg",
        "pmtiles",
    ]
