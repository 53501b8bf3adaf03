"""Ten kills at random moments, with two readers; bench/kills.py does two hundred and a full disk."""

import importlib.util
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL for process groups")
def test_ten_kills_leave_a_whole_city_each_time(tmp_path: Path) -> None:
    spec = importlib.util.spec_from_file_location("kills", ROOT / "bench" / "kills.py")
    assert spec is not None
    assert spec.loader is not None
    kills = importlib.util.module_from_spec(spec)
    sys.modules["kills"] = kills
    spec.loader.exec_module(kills)
    town = kills.make_town(tmp_path / "town")
    tally = kills.trial(town, tmp_path, 10, seed=3)
    assert tally.faults == []
    assert tally.kills == tally.old + tally.new == 10
    assert all(reader["opened"] > 0 for reader in tally.reads)
    assert town.leftovers() == []
