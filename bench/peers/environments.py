"""Environments of the peers, made when they are wanted; what cannot be had is skipped with a reason."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

#: Version of Python that all peers take.
LEAST = (3, 12)
#: Each peer and what installs it.
PEERS = {"landlab": "landlab==2.11.0", "itzi": "itzi-core==0.8.0", "anuga": "anuga==4.1.0"}


class SkippedError(Exception):
    """A peer cannot take part; the message says why."""


@dataclass(frozen=True)
class Environment:
    """An interpreter that has a peer."""

    python: Path


def interpreter() -> str:
    """An interpreter of at least version 3.12: our own, one on the path, or one of pyenv's.

    Raises
    ------
    SkippedError
        If there is none.
    """
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    names = [sys.executable]
    names += [f"python3.{minor}" for minor in (12, 13, 14)]
    names += [str(path) for path in sorted(pyenv.glob("versions/*/bin/python3"))]
    test = f"import sys; sys.exit(sys.version_info < {LEAST})"
    for name in names:
        found = shutil.which(name)
        if not found:
            continue
        if not subprocess.run([found, "-c", test], capture_output=True, check=False).returncode:
            return found
    raise SkippedError(
        f"no Python of at least {LEAST[0]}.{LEAST[1]} was found: name one by --python"
    )


def environment(requirement: str, folder: Path, python: str) -> Environment:
    """The environment that has a requirement, made in a folder unless it is there.

    Raises
    ------
    SkippedError
        If it cannot be made or the requirement cannot be installed.
    """
    mark = folder / "installed.txt"
    there = Environment(folder / "bin" / "python")
    if mark.is_file() and mark.read_text(encoding="utf-8") == requirement:
        return there
    shutil.rmtree(folder, ignore_errors=True)
    _call([python, "-m", "venv", "--without-pip", str(folder)], f"{python} made no environment")
    _call(
        [
            sys.executable, "-m", "pip", "--python", str(there.python), "install", "--quiet",
            "--disable-pip-version-check", "--prefer-binary", requirement,
        ],
        f"pip could not install {requirement}",
    )  # fmt: skip
    mark.write_text(requirement, encoding="utf-8")
    return there


def _call(command: list[str], what: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SkippedError(f"{what}: {last_line(done.stderr)}")


def run_peer(peer: str, python: str, script: Path, folder: str) -> None:
    """Run a peer's script on the case that lies in a folder.

    Raises
    ------
    SkippedError
        If no interpreter was named, it is not there, or the script fails in it.
    """
    if not python:
        raise SkippedError(f"no interpreter with {peer} was named: give one with --peer")
    if shutil.which(python) is None:
        raise SkippedError(f"{python} cannot be run: give an interpreter with {peer} with --peer")
    _call([python, str(script), folder], f"{peer} did not run")


def last_line(text: str) -> str:
    """The last line that says something; of pip's, the first error."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR")]
    return errors[0] if errors else (lines or ["it said nothing"])[-1]
