"""bench/flood_peers.py skips a peer that cannot be had, and says why. No network."""

import importlib
import sys
from argparse import Namespace
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(ROOT / "bench")
    return importlib.import_module("flood_peers")


def test_a_peer_that_cannot_be_installed_stands_in_the_report_with_the_reason(
    bench: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setitem(bench.PEERS, "nowhere", "no-such-flood-model==1.0")
    case = bench.Case("A", "A case", {"stops": [60.0]}, [bench.Contestant("nowhere", "nowhere")])
    options = Namespace(env=tmp_path / "envs", python=sys.executable)
    done = bench.run_all(case, options, tmp_path)
    bench.judge(case, done)
    runs = {label: bench.kept(result) for label, result in done.items()}
    assert "pip could not install no-such-flood-model==1.0: ERROR" in runs["nowhere"]["skipped"]
    table = {"name": "A", "title": "A case", "until_s": 60.0, "runs": runs}
    page = bench.report({
        "machine": "here", "cores": 2, "threads": 2, "wait": "passive", "load": [0.0, 0.0],
        "triad_bytes_per_s": 4e10, "triads": [4e10], "cases": [table],
    })  # fmt: skip
    assert "Skipped: nowhere: pip could not install no-such-flood-model==1.0: ERROR" in page
    assert not (tmp_path / "envs" / "nowhere" / "installed.txt").exists()


def test_without_a_python_for_the_peers_the_reason_names_the_remedy(
    bench: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(bench.environments, "LEAST", (99, 0))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(bench.SkippedError, match=r"no Python of at least 99\.0 .* --python"):
        bench.python_of("landlab", tmp_path, None)


def test_a_run_that_fails_is_skipped_with_what_it_said_last(
    bench: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(bench, "triad_bytes_per_s", lambda **_: 4e10)
    job = {
        "width": 100.0, "height": 100.0, "manning": 0.05, "stops": [1.0],
        "rain": {"rate": 1e-5, "until": 1.0},
    }  # fmt: skip
    contestant = bench.Contestant("ours", "citytwin", {"solver": "kinematic"})
    options = Namespace(env=tmp_path, python=None, threads=1, wait="passive")
    done = bench.run_all(bench.Case("B", "A case", job, [contestant]), options, tmp_path)
    assert (
        "its run failed: ModuleNotFoundError: No module named 'citytwin.hazards.flood.kinematic'"
        in done["ours"]["skipped"]
    )
