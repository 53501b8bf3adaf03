"""Ten kills at random moments, with two readers; bench/kills.py does two hundred and a full disk."""

import importlib
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.skipif(sys.platform == "win32", reason="no fork and no process groups")
def test_ten_kills_leave_a_whole_city_each_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(ROOT / "bench")
    kills = importlib.import_module("kills")
    launcher = kills.Launcher()
    try:
        town = kills.make_town(tmp_path / "town", launcher)
        tally = kills.trial(town, tmp_path, 10, seed=3)
    finally:
        launcher.close()
    assert tally.faults == []
    assert tally.kills == tally.old + tally.new == 10
    assert all(reader["opened"] > 0 for reader in tally.reads)
    assert town.leftovers() == []
