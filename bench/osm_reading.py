"""Reading OpenStreetMap PBF beside other readers, in the same run on the same files.

    python bench/osm_reading.py FILE… [--copies 25] [--quackosm PYTHON] [--pyrosm PYTHON]
                                [--turns 3] [--out bench/results/osm_reading.md]

Other readers live in environments of their own, whose interpreters are given; without them only
ours is timed. Each reading is a process; the readers take turns, and medians are reported.
QuackOSM needs DuckDB's spatial extension installed: where its environment holds the package
``duckdb-extension-spatial``, it is installed from there. ``--copies`` adds the last file again,
that many times side by side, as a larger one.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import osmium

ROOT = Path(__file__).resolve().parents[1]
KEYS = ("building", "highway", "amenity", "shop", "landuse", "natural", "water", "leisure")
#: Distance between ids of copies, larger than any id in OpenStreetMap today.
NODES, WAYS, RELATIONS = 20_000_000_000, 3_000_000_000, 50_000_000

OURS = """
import sys
from pathlib import Path
from citytwin.sources.osm_pbf.source import OsmPbf
start()
source = OsmPbf(path=Path(sys.argv[1]), licence="ODbL-1.0", attribution="OpenStreetMap")
reading = source.read(Path(), (-180.0, -85.0, 180.0, 85.0))
stop({name: len(reading.layers[name]) for name in ("buildings", "roads", "pois")})
"""
QUACKOSM = """
import sys
if __name__ == "__main__":
    import duckdb
    try:
        import pathlib, duckdb_extension_spatial
        folder = pathlib.Path(duckdb_extension_spatial.__file__).parent
        extension = next(folder.rglob("spatial.duckdb_extension"))
        duckdb.sql(f"INSTALL '{extension}'")
    except ImportError:
        pass
    import quackosm
    start()
    table = quackosm.convert_pbf_to_geodataframe(
        sys.argv[1], tags_filter=dict.fromkeys(KEYS, True), ignore_cache=True,
        keep_all_tags=True, explode_tags=False, verbosity_mode="silent",
    )
    tags = table["tags"]
    stop({
        "buildings": sum("building" in row for row in tags),
        "roads": sum("highway" in row for row in tags),
        "pois": sum("amenity" in row for row in tags),
    })
"""
PYROSM = """
import sys, warnings
warnings.simplefilter("ignore")
import pyrosm
start()
osm = pyrosm.OSM(sys.argv[1])
found = {
    "buildings": osm.get_buildings(), "roads": osm.get_network("all"), "pois": osm.get_pois(),
    "landuse": osm.get_landuse(), "natural": osm.get_natural(),
}
stop({name: len(found[name]) for name in ("buildings", "roads", "pois")})
"""
CLOCK = """
import json, time
KEYS = {keys!r}
def start():
    global began
    began = time.perf_counter()
def stop(counts):
    print("RESULT " + json.dumps({{"read": time.perf_counter() - began, "counts": counts}}))
"""


def timed(python: str, program: str, path: Path) -> dict:
    """Seconds of reading and of the whole process, its peak memory [MB] and what it found."""
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "reading.py"
        script.write_text(CLOCK.format(keys=KEYS) + program, encoding="utf-8")
        environment = {**os.environ, "HOME": folder, "PYTHONPATH": ""}
        if program is OURS:
            environment["PYTHONPATH"] = str(ROOT)
        with (Path(folder) / "out").open("w+") as out, (Path(folder) / "err").open("w+") as errors:
            began = time.perf_counter()
            child = subprocess.Popen(
                [python, str(script), str(path)],
                cwd=folder,
                env=environment,
                stdout=out,
                stderr=errors,
            )
            _, status, usage = os.wait4(child.pid, 0)
            child.returncode = os.waitstatus_to_exitcode(status)
            whole = time.perf_counter() - began
            out.seek(0)
            errors.seek(0)
            lines = [line for line in out if line.startswith("RESULT ")]
            if child.returncode or not lines:
                raise SystemExit(f"{python} failed on {path}:\n{errors.read()[-2000:]}")
    result = json.loads(lines[-1].removeprefix("RESULT "))
    return {**result, "whole": whole, "memory": usage.ru_maxrss / 1024}


def copied(source: Path, target: Path, copies: int) -> Path:
    """A file with copies of another one, each half a degree further east."""
    mutable = osmium.osm.mutable
    steps = {"n": NODES, "w": WAYS, "r": RELATIONS}
    with osmium.SimpleWriter(str(target), overwrite=True) as writer:
        for entities in (osmium.osm.NODE, osmium.osm.WAY, osmium.osm.RELATION):
            for copy in range(copies):
                for thing in osmium.FileProcessor(str(source), entities):
                    number, tags = thing.id + copy * steps[thing.type_str()], dict(thing.tags)
                    if thing.is_node():
                        place = (thing.lon + 0.5 * copy, thing.lat)
                        writer.add_node(mutable.Node(id=number, location=place, tags=tags))
                    elif thing.is_way():
                        refs = [node.ref + copy * NODES for node in thing.nodes]
                        writer.add_way(mutable.Way(id=number, nodes=refs, tags=tags))
                    else:
                        members = [
                            (member.type, member.ref + copy * steps[member.type], member.role)
                            for member in thing.members
                        ]
                        writer.add_relation(mutable.Relation(id=number, members=members, tags=tags))
    return target


def compare(name: str, path: Path, readers: dict[str, tuple[str, str]], turns: int) -> list[str]:
    """Rows of the table for one file."""
    runs = {reader: [] for reader in readers}
    for _ in range(turns):
        for reader, (python, program) in readers.items():
            runs[reader].append(timed(python, program, path))
            print(name, reader, runs[reader][-1], flush=True)
    rows = []
    ours = statistics.median(run["read"] for run in runs["citytwin"])
    for reader, found in runs.items():
        read, whole, memory = (
            statistics.median(run[key] for run in found) for key in ("read", "whole", "memory")
        )
        spread = f"{min(r['read'] for r in found):.2f} to {max(r['read'] for r in found):.2f}"
        counts = found[0]["counts"]
        rows.append(
            f"| {name}, {path.stat().st_size / 1e6:.1f} MB | {reader} | {read:.2f} | {spread} | "
            f"{whole:.2f} | {memory:.0f} | {read / ours:.1f} | {counts['buildings']:,} | "
            f"{counts['roads']:,} | {counts['pois']:,} |"
        )
    return rows


def main() -> None:
    """See the head of the file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--copies", type=int, default=0)
    parser.add_argument("--quackosm", default="")
    parser.add_argument("--pyrosm", default="")
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--out", type=Path, default=ROOT / "bench" / "results" / "osm_reading.md")
    given = parser.parse_args()
    readers = {"citytwin": (sys.executable, OURS)}
    for reader, program in (("quackosm", QUACKOSM), ("pyrosm", PYROSM)):
        python = getattr(given, reader)
        if python:
            readers[f"{reader} {version(python, reader)}"] = (python, program)
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        files = [(path.name, path.resolve()) for path in given.files]
        if given.copies:
            name, source = files[-1]
            large = copied(source, Path(folder) / "copies.osm.pbf", given.copies)
            files.append((f"{given.copies} copies of {name}", large))
        for name, path in files:
            rows += compare(name, path, readers, given.turns)
    given.out.write_text(HEAD.format(**facts(given)) + "\n".join(rows) + "\n" + FOOT)


def version(python: str, package: str) -> str:
    """Version of a package in an environment."""
    ask = f"from importlib.metadata import version; print(version('{package}'))"
    found = subprocess.run([python, "-c", ask], capture_output=True, text=True, check=True)
    return found.stdout.strip()


def facts(given: argparse.Namespace) -> dict:
    """What the head of the table says."""
    return {
        "machine": platform.machine(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "osmium": version(sys.executable, "osmium"),
        "turns": given.turns,
        "load": ", ".join(f"{value:.1f}" for value in os.getloadavg()),
    }


HEAD = """# Reading OpenStreetMap PBF

{machine}, {cores} cores, Python {python}, osmium {osmium}. Every reading is a process; the readers
took turns, {turns} each; medians. Load of the machine at the end (1, 5, 15 minutes): {load}.
Made by `python bench/osm_reading.py`.

| file | reader | read [s] | from, to | process [s] | peak [MB] | of ours | buildings | roads | places |
|---|---|---|---|---|---|---|---|---|---|
"""
FOOT = """
Read: without imports. citytwin reads all layers of the city (sixteen, streets split where they
meet, sea closed, relations checked); roads are segments. QuackOSM reads features with the keys
building, highway, amenity, shop, landuse, natural, water and leisure with all their tags into one
table. pyrosm reads buildings, network, places, landuse and natural. Counts differ by what each
calls a road (QuackOSM counts crossings and lamps, too) and a place; the Helsinki extract is cut
through, and a building that misses nodes is named as a fault by ours instead of drawn without them.
Peak: of the largest process.
"""


if __name__ == "__main__":
    main()
