"""Snapshots: swapped in whole, kept, pruned, restored; killed at every line of it."""

import os
import re
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from citytwin.errors import InputError, OutputError
from citytwin.refresh import snapshots as module
from citytwin.refresh.snapshots import Snapshots

OLD, NEW = "a" * 64, "b" * 64


def draft(known: Snapshots, content: str) -> Path:
    known.drafts.mkdir(parents=True, exist_ok=True)
    path = known.drafts / "city.duckdb"
    path.write_text(content)
    return path


def publish(known: Snapshots, content: str, fingerprint: str) -> module.Snapshot:
    return known.publish(draft(known, content), fingerprint)


@pytest.fixture
def known(tmp_path: Path) -> Snapshots:
    return Snapshots(tmp_path / "cities" / "town.duckdb")


@pytest.fixture(params=["links", "copies"])
def either(
    known: Snapshots, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Snapshots:
    """On a file system with hard links and on one without."""
    if request.param == "copies":

        def refuse(*names: Any) -> None:
            raise PermissionError(1, "Operation not permitted")

        monkeypatch.setattr(os, "link", refuse)
    return known


def test_the_current_file_is_the_newest_snapshot(either: Snapshots) -> None:
    assert either.current() is None
    first = publish(either, "one", OLD)
    second = publish(either, "two", NEW)
    assert either.city.read_text() == "two"
    assert either.all() == [first, second]
    assert either.current() == second
    assert re.fullmatch(r"\d{8}T\d{6}Z-a{12}", first.id)
    assert second.published > first.published
    assert second.head == "b" * 12


def test_a_reader_keeps_what_it_opened(either: Snapshots) -> None:
    publish(either, "one", OLD)
    with either.city.open() as reader:
        publish(either, "two", NEW)
        either.prune(1)
        assert reader.read() == "one"


def test_snapshots_share_the_disk_with_the_current_file(known: Snapshots) -> None:
    snapshot = publish(known, "one", OLD)
    assert os.path.samestat(known.city.stat(), snapshot.path.stat())


def test_the_last_few_are_kept(either: Snapshots) -> None:
    ids = [publish(either, f"{n}", f"{n}" * 64).id for n in range(5)]
    assert [s.id for s in either.prune(2)] == ids[:3]
    assert [s.id for s in either.all()] == ids[3:]


def test_the_current_one_is_never_removed(either: Snapshots) -> None:
    first = publish(either, "one", OLD)
    for number in range(3):
        publish(either, f"{number}", f"{number}" * 64)
    either.restore(first)
    either.prune(1)
    assert first in either.all()
    assert either.city.read_text() == "one"
    assert either.current() == first


def test_going_back_and_forth(either: Snapshots) -> None:
    first, second = publish(either, "one", OLD), publish(either, "two", NEW)
    for wanted, content in ((first, "one"), (first, "one"), (second, "two")):
        either.restore(wanted)
        assert either.city.read_text() == content
        assert either.current() == wanted
    assert len(either.all()) == 2


def test_a_snapshot_is_found_by_the_head_of_its_name(known: Snapshots) -> None:
    first, second = publish(known, "one", OLD), publish(known, "two", NEW)
    assert known.find(first.id) == first
    assert known.find("bbbb") == second
    with pytest.raises(InputError, match=f"several snapshots '20'.*{first.id}, {second.id}"):
        known.find("20")
    with pytest.raises(InputError, match="no snapshot 'cc'"):
        known.find("cc")


def test_names_grow_even_if_the_clock_goes_back(
    known: Snapshots, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = publish(known, "one", OLD)

    class Back(module.datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return module.datetime(2020, 1, 1, tzinfo=tz)

    monkeypatch.setattr(module, "datetime", Back)
    second = publish(known, "two", NEW)
    assert second.id > first.id


def test_a_file_from_elsewhere_is_adopted(either: Snapshots) -> None:
    publish(either, "one", OLD)
    other = either.city.with_name("built.duckdb")
    other.write_text("by hand")
    other.replace(either.city)
    assert either.current() is None
    adopted = either.adopt(NEW)
    assert either.current() == adopted
    assert adopted.path.read_text() == "by hand"
    publish(either, "three", "c" * 64)
    either.restore(adopted)
    assert either.city.read_text() == "by hand"


def test_files_of_other_people_are_no_snapshots(known: Snapshots) -> None:
    snapshot = publish(known, "one", OLD)
    other = snapshot.path.with_name("my-own.duckdb")
    other.write_text("mine")
    assert known.all() == [snapshot]
    publish(known, "two", NEW)
    known.prune(1)
    assert other.read_text() == "mine"


def test_leftovers_vanish(known: Snapshots) -> None:
    publish(known, "one", OLD)
    draft(known, "half").with_name("x.duckdb.tmp").mkdir()
    (known.folder / "steps" / ".ground.1.draft").mkdir(parents=True)
    (known.folder / "ledger.json.77").write_text("{")
    known.tidy()
    assert sorted(p.name for p in known.folder.iterdir()) == ["current.json", "snapshots", "steps"]
    assert not list((known.folder / "steps").iterdir())


def test_a_folder_that_cannot_be_written_ends_in_a_sentence(known: Snapshots) -> None:
    publish(known, "one", OLD)
    path = draft(known, "two")
    snapshots = known.folder / "snapshots"
    snapshots.rename(known.folder / "away")
    snapshots.write_text("a file where the folder was")
    with pytest.raises(OutputError, match="cannot be put in place"):
        known.publish(path, NEW)
    assert known.city.read_text() == "one"


def killed(action: Callable[[], Any], line: int) -> bool:
    """Run an action in a process that is killed at the n-th line of the module; was it killed?"""
    process = os.fork()
    if process:
        return os.WIFSIGNALED(os.waitpid(process, 0)[1])
    seen = 0

    def trace(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal seen
        if frame.f_code.co_filename != module.__file__:
            return None
        if event == "line":
            seen += 1
            if seen == line:
                os.kill(os.getpid(), signal.SIGKILL)
        return trace

    sys.settrace(trace)
    action()
    os._exit(0)


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_killed_at_any_line_of_publishing_the_city_is_whole_and_the_next_one_goes(
    either: Snapshots, tmp_path: Path
) -> None:
    line = 0
    contents = set()
    alive = True
    while alive:
        line += 1
        known = Snapshots(tmp_path / f"{line}" / "town.duckdb")
        publish(known, "one", OLD)
        path = draft(known, "two")
        alive = killed(lambda known=known, path=path: known.publish(path, NEW), line)
        content = known.city.read_text()
        assert content in ("one", "two")
        contents.add(content)
        # What the next refresh does: adopt what is there, remove leftovers, publish, prune.
        if known.current() is None:
            known.adopt({"one": OLD, "two": NEW}[content])
        known.tidy()
        current = known.current()
        assert current is not None
        assert current.path.read_text() == content
        publish(known, "three", "c" * 64)
        known.prune(2)
        assert [s.path.read_text() for s in known.all()] == [content, "three"]
        assert known.city.read_text() == "three"
    assert line > 40
    assert contents == {"one", "two"}


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_killed_at_any_line_of_restoring_the_city_is_whole(
    either: Snapshots, tmp_path: Path
) -> None:
    line, alive = 0, True
    while alive:
        line += 1
        known = Snapshots(tmp_path / f"{line}" / "town.duckdb")
        first = publish(known, "one", OLD)
        publish(known, "two", NEW)
        alive = killed(lambda known=known, first=first: known.restore(first), line)
        assert known.city.read_text() in ("one", "two")
        known.restore(first)
        assert known.city.read_text() == "one"
        assert known.current() == first
    assert line > 15
