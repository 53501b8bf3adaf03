"""The lock of a city: one at a time, who holds it, freed by a crash."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from citytwin.city.lock import held
from citytwin.errors import BusyError, OutputError

HOLD = """
import sys, time
from pathlib import Path
from citytwin.city.lock import held
with held(Path(sys.argv[1]), "the city is being refreshed"):
    print("held", flush=True)
    time.sleep(float(sys.argv[2]))
"""


def holder(path: Path, seconds: float, environment: dict[str, str]) -> "subprocess.Popen[str]":
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path), str(seconds)],
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def end(process: "subprocess.Popen[str]") -> None:
    process.communicate(timeout=60)


def test_a_second_holder_is_told_who_has_it_and_since_when(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    first = holder(tmp_path / "lock", 60.0, environment)
    try:
        told = rf"the city is being refreshed by process {first.pid} on .* since \d{{4}}-.*--wait"
        with (
            pytest.raises(BusyError, match=told),
            held(tmp_path / "lock", "the city is being refreshed"),
        ):
            pass
    finally:
        first.kill()
        end(first)


def test_the_lock_of_a_killed_process_is_free_at_once(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    first = holder(tmp_path / "lock", 60.0, environment)
    os.kill(first.pid, signal.SIGKILL)
    end(first)
    with held(tmp_path / "lock", "the city is being refreshed"):
        assert (tmp_path / "lock.json").exists()
    assert not (tmp_path / "lock.json").exists()


def test_one_can_wait_for_it(tmp_path: Path, environment: dict[str, str]) -> None:
    first = holder(tmp_path / "lock", 0.7, environment)
    start = time.monotonic()
    with held(tmp_path / "lock", "the city is being refreshed", wait=60.0):
        assert time.monotonic() - start < 30.0
    end(first)


def test_a_holder_without_words_is_another_process(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    first = holder(tmp_path / "lock", 60.0, environment)
    try:
        (tmp_path / "lock.json").write_text("no json")
        with pytest.raises(BusyError, match="by another process"), held(tmp_path / "lock", "it is"):
            pass
    finally:
        first.kill()
        end(first)


def test_a_place_that_cannot_be_written_ends_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(OutputError, match="cannot be taken"),
        held(tmp_path / "file" / "lock", "it is"),
    ):
        pass
