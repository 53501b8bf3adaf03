"""The public names, and the six lines of the README."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import citytwin as ct
from citytwin.hazards.base import HazardModel

ROOT = Path(__file__).parents[2]
READMES = sorted(ROOT.glob("README*.md"))


def test_every_public_name_is_there() -> None:
    assert ct.__all__ == sorted(ct.__all__)
    for name in ct.__all__:
        assert getattr(ct, name) is not None
    assert {"City", "Flood", "Scenario", "build", "run"} <= set(ct.__all__)
    assert issubclass(ct.Flood, HazardModel)
    everything: dict[str, object] = {}
    exec("from citytwin import *", everything)  # noqa: S102
    assert set(ct.__all__) <= set(everything)


def test_public_things_are_described() -> None:
    for name in ct.__all__:
        assert getattr(ct, name).__doc__, name


def test_importing_the_package_does_not_bring_the_app() -> None:
    code = "import sys, citytwin; print([m for m in ('streamlit', 'pydeck') if m in sys.modules])"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"


def six_lines(readme: Path) -> str:
    """The first block of Python in a README."""
    found = re.search(r"```python\n(.*?)```", readme.read_text(encoding="utf-8"), re.DOTALL)
    assert found, f"{readme.name} has no block of Python"
    return found.group(1)


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.name)
def test_the_block_is_six_lines_and_the_same_in_every_language(readme: Path) -> None:
    lines = [line for line in six_lines(readme).splitlines() if line.strip()]
    assert len(lines) == 6
    assert lines == [line for line in six_lines(READMES[0]).splitlines() if line.strip()]


def test_the_six_lines_build_run_and_read(
    tmp_path: Path, coarse_recipe: Path, environment: dict[str, str]
) -> None:
    assert (ROOT / "README.md") in READMES
    (tmp_path / "pipelines").mkdir()
    recipe = coarse_recipe.read_text(encoding="utf-8")
    (tmp_path / "pipelines" / "san-francisco.toml").write_text(recipe, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", six_lines(ROOT / "README.md")],
        cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    sentence, people = done.stdout.strip().splitlines()
    assert re.search(r"Of [\d,]+ m³ of rain, .* unaccounted for\.", sentence)
    counted = ast.literal_eval(people)
    assert list(counted) == ["0.15", "0.3", "0.5", "1"]
    assert counted["0.15"] > 100.0
    assert (tmp_path / "san-francisco.duckdb").is_file()
    assert len(list((tmp_path / "runs").iterdir())) == 1
