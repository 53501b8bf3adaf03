"""A town of one tile that benchmarks refresh between two versions of that tile."""

import json
import os
import select
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from mapbox_vector_tile.Mapbox import vector_tile_pb2

from citytwin.city import City

ROOT = Path(__file__).resolve().parents[1]
TILE = "15-5239-12666.mvt"
KEEP = 2
#: A part of the tile: what counts is the number of refreshes, not the size of the town.
BOUNDS = [-122.4400, 37.7640, -122.4360, 37.7670]
#: What may lie in the folder of a city between two refreshes.
ALLOWED = {"current.json", "ledger.json", "lock", "snapshots", "steps"}
#: A process that has imported everything, computed nothing, and forks one for each command that it
#: reads: a process group of its own that runs the command line. It tells its id and how it ended.
#: The fork leaves without the interpreter's own end, at which libraries that were forked may crash.
LAUNCHER = """
import json, os, sys
from citytwin.cli import main
import citytwin.refresh.renewal
from citytwin.registry import sources
sources.get("vector_tiles")
for line in sys.stdin:
    words, log = json.loads(line)
    child = os.fork()
    if not child:
        os.setsid()
        null = os.open(os.devnull, os.O_RDWR)
        file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        for number, target in ((null, 0), (null, 1), (file, 2)):
            os.dup2(number, target)
        sys.argv = ["citytwin", *words]
        try:
            main()
        except SystemExit as end:
            sys.stderr.flush()
            os._exit(int(end.code or 0))
        os._exit(99)
    print(child, flush=True)
    print(os.waitpid(child, 0)[1], flush=True)
"""


class Launcher:
    """Starts refreshes without the seconds that imports take, so that kills fall into the work."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", LAUNCHER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "200"},
        )

    def start(self, words: list[str], log: Path) -> int:
        """Start a command; the id of its process, which leads a group of its own."""
        line = json.dumps([words, str(log)]) + "\n"
        self._process.stdin.write(line.encode())
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def wait(self, seconds: float) -> int | None:
        """Exit code of the command, negative for a signal; nothing if it still runs then."""
        if not select.select([self._process.stdout], [], [], seconds)[0]:
            return None
        return os.waitstatus_to_exitcode(int(self._process.stdout.readline()))

    def close(self) -> None:
        """End the process."""
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


def edited(tile: bytes, layer: str, old: object, new: object) -> bytes:
    """A vector tile with one value of a layer replaced by another."""
    content = vector_tile_pb2.tile()
    content.ParseFromString(tile)
    found = 0
    for part in content.layers:
        for value in part.values if part.name == layer else ():
            if old in (value.string_value, value.int_value):
                name = "string_value" if isinstance(new, str) else "int_value"
                setattr(value, name, new)
                found += 1
    assert found == 1, f"{layer} has {found} values {old}"
    return content.SerializeToString()


def make_town(folder: Path, launcher: Launcher) -> "Town":
    """Recipe and data of one tile, with two versions of it, on cells of resolution 11."""
    data = folder / "data" / "san-francisco"
    data.mkdir(parents=True)
    shutil.copytree(ROOT / "data" / "tables", folder / "data" / "tables")
    text = (ROOT / "pipelines" / "san-francisco.toml").read_text(encoding="utf-8")
    text = text.partition("# ASSUMED, all of it")[0]  # its lifelines lie outside one tile
    for old, new in (
        ("resolution = 13", f"resolution = 11\nbounds = {BOUNDS}"),
        ("../data", "data"),
        ("columns = [5237, 5239]", "columns = [5239, 5239]"),
        ("rows = [12665, 12667]", "rows = [12666, 12666]"),
        ('sha256 = "SHA256SUMS"\n', ""),
        ("spacing = 8.0", "spacing = 12.0"),
    ):
        assert old in text
        text = text.replace(old, new)
    recipe = folder / "town.toml"
    recipe.write_text(text, encoding="utf-8")
    first = (ROOT / "data" / "san-francisco" / TILE).read_bytes()
    return Town(
        launcher=launcher,
        recipe=recipe,
        tile=data / TILE,
        workspace=folder / "workspace",
        versions={"first": first, "second": edited(first, "contour", 110, 112)},
    )


@dataclass
class Town:
    """A town that is refreshed between versions of its tile."""

    launcher: Launcher
    recipe: Path
    tile: Path
    workspace: Path
    versions: dict[str, bytes]
    known: dict[str, str] = field(default_factory=dict)

    @property
    def city(self) -> Path:
        """The current city file."""
        return self.workspace / "cities" / "town.duckdb"

    @property
    def folder(self) -> Path:
        """Where its snapshots lie."""
        return self.workspace / "cities" / ".town"

    def put(self, version: str) -> None:
        """Make a version of the tile the one that the recipe reads."""
        draft = self.tile.with_suffix(".draft")
        draft.write_bytes(self.versions[version])
        draft.replace(self.tile)

    @property
    def log(self) -> Path:
        """What the last refresh said on standard error."""
        return self.recipe.with_suffix(".log")

    def start(self) -> int:
        """Start a refresh; its process."""
        words = ["refresh", self.recipe, "--workspace", self.workspace, "--keep", KEEP, "--json"]
        return self.launcher.start([str(word) for word in words], self.log)

    def refresh(self) -> tuple[int, str]:
        """Refresh it and wait: exit code, and the last line that it said."""
        self.start()
        code = self.launcher.wait(600.0)
        assert code is not None
        return code, (self.log.read_text(encoding="utf-8").splitlines() or [""])[-1]

    def learn(self) -> float:
        """Fingerprint of every version, from clean refreshes; seconds of the last."""
        seconds = 0.0
        for version in (*self.versions, *self.versions):
            self.put(version)
            start = time.perf_counter()
            code, told = self.refresh()
            seconds = time.perf_counter() - start
            assert code == 0, told
            self.known[version] = fingerprint(self.city)
        assert len(set(self.known.values())) == len(self.versions)
        return seconds

    def leftovers(self) -> list[str]:
        """What lies in the city's folder and should not."""
        names = {path.name for path in self.folder.iterdir()} - ALLOWED
        names |= {path.name for path in (self.folder / "steps").iterdir() if path.name[0] == "."}
        snapshots = list((self.folder / "snapshots").iterdir())
        if len(snapshots) > KEEP:
            names.add(f"{len(snapshots)} snapshots")
        beside = {path.name for path in self.city.parent.iterdir()} - {"town.duckdb", ".town"}
        return sorted(names | beside)


def fingerprint(path: Path) -> str:
    """Fingerprint of a city whose tables are whole: counts and people are what its facts say."""
    with City.open(path) as city:
        for name in city.tables:
            rows = city.query(f'SELECT count(*) AS n, count(ST_AsWKB(geometry)) AS g FROM "{name}"')  # noqa: S608
            assert int(rows["n"][0]) == int(rows["g"][0]) == city.counts[name]
        rows = city.query("SELECT count(*) AS n, sum(people) AS people FROM cells")
        assert int(rows["n"][0]) == city.counts["cells"]
        total = city.totals["people"]["after"]
        assert abs(float(rows["people"][0]) - total) <= 1e-9 * total
        return city.fingerprint
