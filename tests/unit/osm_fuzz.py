"""Read broken copies of a PBF file and print what came of each: a program of its own, so that a
crash or a hang of the C++ reader shows as such.

    python osm_fuzz.py FILE COUNT SEED

Half the copies are cut off, half have some bits turned. Prints one line for each: ``sentence``,
``answer`` or the name of an error that nobody meant.
"""

import resource
import sys
import tempfile
import warnings
from pathlib import Path

import numpy as np
from osm_writing import read

from citytwin.errors import SourceError

#: A broken length must not take the machine's memory.
MEMORY = 8 << 30


def broken(content: bytes, number: int, rng: np.random.Generator) -> bytes:
    """Content cut off, or with one to thirty bits turned."""
    if number % 2:
        return content[: rng.integers(len(content))]
    changed = np.frombuffer(content, dtype=np.uint8).copy()
    # Half of the bits lie in the headers of the first block, where lengths are.
    reach = len(changed) if number % 4 else min(300, len(changed))
    places = rng.integers(reach, size=rng.integers(1, 31))
    changed[places] ^= 1 << rng.integers(8, size=len(places), dtype=np.uint8)
    return changed.tobytes()


def main() -> None:
    """See the head of the file."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    warnings.simplefilter("error")
    content = Path(sys.argv[1]).read_bytes()
    rng = np.random.default_rng(int(sys.argv[3]))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "broken.osm.pbf"
        for number in range(int(sys.argv[2])):
            path.write_bytes(broken(content, number, rng))
            print(outcome(path), flush=True)


def outcome(path: Path) -> str:
    """What comes of reading a file."""
    try:
        read(path, (-180.0, -85.0, 180.0, 85.0))
    except SourceError as error:
        told = str(error)
        return "sentence" if path.name in told and "\n" not in told else f"unclear: {told}"
    except Exception as error:  # noqa: BLE001 - whatever it is, it is the finding
        return f"{type(error).__name__}: {error}"
    return "answer"


if __name__ == "__main__":
    main()
