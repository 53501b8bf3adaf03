"""Broken files give a sentence or an answer: no crash, no hang, no other error."""

import subprocess
import sys
from collections import Counter
from pathlib import Path

import osmium
import pytest
from osm_writing import Drawing, read

from citytwin.errors import SourceError

HERE = Path(__file__).resolve().parent
HELSINKI = HERE.parents[1] / "data" / "helsinki" / "helsinki.osm.pbf"


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The Helsinki extract, and a tenth of it packed and not packed: bits turned in a packed file
    are found by its checksum, in the other they become other content.
    """
    folder = tmp_path_factory.mktemp("whole")
    found = {"whole": HELSINKI}
    for packing in ("zlib", "none"):
        target = folder / f"{packing}.osm.pbf"
        form = osmium.io.File(str(target), f"pbf,pbf_compression={packing}")
        with osmium.SimpleWriter(form, overwrite=True) as writer:
            for thing in osmium.FileProcessor(str(HELSINKI)):
                # A corner of the extract: by place, then by what is left of the rest.
                if thing.is_node() and (thing.lon > 24.939 or thing.lat > 60.170):
                    continue
                if thing.is_way() and thing.id % 10:
                    continue
                writer.add(thing)
        found[packing] = target
    return found


@pytest.mark.parametrize(("name", "count"), [("whole", 12), ("zlib", 60), ("none", 120)])
def test_no_broken_file_does_harm(files: dict[str, Path], name: str, count: int) -> None:
    done = subprocess.run(
        [sys.executable, HERE / "osm_fuzz.py", files[name], str(count), "7"],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
        cwd=HERE,
        env={"PYTHONPATH": f"{HERE}:{HERE.parents[1]}", "PATH": "/usr/bin:/bin"},
    )
    assert done.returncode == 0, done.stderr[-2000:]
    outcomes = Counter(done.stdout.splitlines())
    assert set(outcomes) <= {"sentence", "answer"}, outcomes
    assert outcomes.total() == count
    assert outcomes["sentence"] > count // 3


@pytest.mark.parametrize("value", ["Zebra", "\nebra"])
def test_a_zero_byte_in_a_tag_never_reaches_the_reader(tmp_path: Path, value: str) -> None:
    """It would read beyond the end of its memory; a turned bit can make one."""
    town = Drawing()
    town.square(1, 1, 1, {"building": "yes", "name": "Zebra"})
    town.write(tmp_path / "packed.osm.pbf")
    path = tmp_path / "open.osm.pbf"
    form = osmium.io.File(str(path), "pbf,pbf_compression=none")
    with osmium.SimpleWriter(form) as writer:
        for thing in osmium.FileProcessor(str(tmp_path / "packed.osm.pbf")):
            writer.add(thing)
    assert read(path).layers["buildings"]["name"].tolist() == ["Zebra"]
    content = path.read_bytes()
    assert content.count(b"Zebra") == 1
    path.write_bytes(content.replace(b"Zebra", value.encode()[:1] + b"\0bra"))
    with pytest.raises(SourceError, match="zero byte"):
        read(path)


def test_blocks_larger_than_the_format_allows(tmp_path: Path) -> None:
    path = tmp_path / "large.osm.pbf"
    path.write_bytes((1 << 30).to_bytes(4, "big") + b"x" * 100)
    with pytest.raises(SourceError, match="larger than the format allows"):
        read(path)
