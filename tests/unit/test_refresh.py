"""Refresh: unchanged at once, published whole, failed without a trace, lost too much, restored."""

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from town import Town, make_town

from citytwin.city import City
from citytwin.errors import LossError, RecipeError, SourceError
from citytwin.pipeline import build
from citytwin.refresh import renewal
from citytwin.refresh.job import Refreshed

#: What changes when one contour of the tile gets another height.
CONTOUR = ("contour", 110, 112)


def settle(town: Town) -> None:
    """Let the clock tick on: what changed within two seconds counts as in doubt."""
    time.sleep(2.1)
    town.refresh()


def test_the_first_refresh_publishes_a_city_and_its_snapshot(
    first: tuple[Town, Refreshed],
) -> None:
    town, outcome = first
    assert outcome.status == "published"
    assert outcome.changes is None
    assert outcome.reused == []
    assert "ground" in outcome.recomputed
    assert outcome.city == town.city
    (snapshot,) = town.snapshots.all()
    assert snapshot.id == outcome.snapshot
    assert os.path.samestat(snapshot.path.stat(), town.city.stat())
    assert snapshot.head == town.fingerprint()[:12]


def test_a_refresh_gives_the_same_city_as_a_build(
    first: tuple[Town, Refreshed], tmp_path: Path
) -> None:
    with build(first[0].recipe, tmp_path / "built.duckdb") as built:
        assert built.fingerprint == first[0].fingerprint()


def test_nothing_changed_is_said_and_does_nothing(town: Town) -> None:
    before = town.city.stat()
    outcomes = [town.refresh(), town.refresh()]
    assert [outcome.status for outcome in outcomes] == ["unchanged", "unchanged"]
    assert outcomes[-1].steps == []
    assert os.path.samestat(before, town.city.stat())
    assert len(town.snapshots.all()) == 1


def test_the_quick_way_reads_no_input(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    settle(town)

    def fail(*words: object, **more: object) -> None:
        raise AssertionError("the inputs were read")

    monkeypatch.setattr(renewal, "renewed", fail)
    assert town.refresh().status == "unchanged"
    town.tile.touch()
    with pytest.raises(AssertionError, match="were read"):
        town.refresh()


@pytest.mark.parametrize("touched", ["tile", "recipe", "table", "new file", "gone file"])
def test_a_doubt_leads_to_a_comparison_by_content(
    town: Town, touched: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files that look other, or came or went beside the others, without other content."""
    beside = town.tile.with_name("notes.txt")
    beside.write_text("")
    settle(town)
    if touched == "tile":
        town.tile.touch()
    elif touched == "recipe":
        town.write(lambda text: text + "\n# a remark\n")
    elif touched == "table":
        (town.recipe.parent / "data" / "tables" / "land_cover.csv").touch()
    elif touched == "new file":
        beside.with_name("more.txt").write_text("")
    else:
        beside.unlink()
    calls = []
    compare = renewal.renewed
    monkeypatch.setattr(renewal, "renewed", lambda job: (calls.append(1), compare(job))[1])
    assert town.refresh().status == "unchanged"
    assert calls == [1]


def test_an_edit_that_keeps_size_and_date_is_seen(town: Town) -> None:
    settle(town)
    before = town.tile.stat()
    town.change_value(*CONTOUR)
    os.utime(town.tile, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert town.tile.stat().st_size == before.st_size
    assert town.tile.stat().st_mtime_ns == before.st_mtime_ns
    assert town.refresh().status == "published"


def test_what_changed_is_said(town: Town) -> None:
    town.drop_features("building", 5)
    outcome = town.refresh()
    assert outcome.status == "published"
    assert outcome.changes is not None
    buildings = outcome.changes["layers"]["buildings"]
    assert buildings["removed"] > 3
    assert buildings["after"] < buildings["before"]
    assert "people" in outcome.changes["totals"]
    assert outcome.changes["cells"]["by_layer"]["building_cover"]["changed"] > 0
    assert outcome.changes["cells"]["by_layer"]["ground_elevation"]["changed"] == 0
    assert outcome.changes["sources"]["changed"]


def test_other_words_are_published_and_called_so(town: Town) -> None:
    town.write(lambda text: text.replace('title = "San', 'title = "Old San'))
    outcome = town.refresh()
    assert outcome.status == "published"
    assert outcome.changes is not None
    assert outcome.changes["same"]
    assert any("content is the same" in remark for remark in outcome.remarks)
    assert set(outcome.recomputed) <= {"sources", "cells", "totals", "quality", "write"}
    with City.open(town.city) as city:
        assert city.title.startswith("Old San")


def test_a_failed_refresh_leaves_the_old_city_and_says_so(town: Town) -> None:
    before, content = town.city.stat(), town.tile.read_bytes()
    town.tile.write_bytes(content[: len(content) // 2])
    with pytest.raises(SourceError, match=r"tile\.duckdb stays as it was"):
        town.refresh()
    assert os.path.samestat(before, town.city.stat())
    assert not town.snapshots.drafts.exists()
    town.tile.write_bytes(content)
    assert town.refresh().status == "unchanged"


def test_without_a_city_before_the_sentence_says_that_there_is_none(
    tile_recipe: Path, tmp_path: Path
) -> None:
    town = make_town(tile_recipe, tmp_path)
    town.tile.write_bytes(b"no tile")
    with pytest.raises(SourceError, match="was not made"):
        town.refresh()
    with pytest.raises(RecipeError, match="cannot be read"):
        Town(tmp_path / "none.toml", tmp_path / "elsewhere").refresh()
    assert not (tmp_path / "elsewhere").exists()


def test_a_great_loss_is_not_published_unless_it_is_accepted(town: Town) -> None:
    before = town.fingerprint()
    town.drop_features("building", 60)
    for _ in range(2):
        with pytest.raises(LossError, match=r"less buildings.*20%.*--accept-loss.*stays as it was"):
            town.refresh()
        assert town.fingerprint() == before
    with City.open(town.snapshots.rejected) as rejected:
        assert rejected.fingerprint != before
    assert town.refresh(loss=0.9).status == "published"
    assert not town.snapshots.rejected.exists()


def test_any_loss_may_be_accepted_and_a_small_one_is(town: Town) -> None:
    town.drop_features("building", 10)
    assert town.refresh().status == "published"
    town.drop_features("building", 70)
    assert town.refresh(loss=None).status == "published"


def test_a_restored_snapshot_stays_until_an_input_changes(town: Town) -> None:
    (old,) = town.snapshots.all()
    town.change_value(*CONTOUR)
    new = town.refresh()
    town.snapshots.restore(old)
    for _ in range(2):
        outcome = town.refresh()
        assert outcome.status == "unchanged"
        assert outcome.snapshot == old.id
        assert any("restored by hand" in remark for remark in outcome.remarks)
    assert town.fingerprint()[:12] == old.head
    town.change_value("contour", 112, 113)
    outcome = town.refresh()
    assert outcome.status == "published"
    assert outcome.snapshot not in (old.id, new.snapshot)


def test_a_city_that_was_built_by_hand_becomes_a_snapshot(town: Town) -> None:
    build(town.recipe, town.city).close()
    assert town.snapshots.current() is None
    assert town.refresh().status == "unchanged"
    assert len(town.snapshots.all()) == 2
    town.change_value(*CONTOUR)
    build(town.recipe, town.city).close()
    assert town.refresh().status == "unchanged"
    town.change_value("contour", 112, 110)
    assert town.refresh().status == "published"


def test_a_lost_city_comes_back_without_any_step(town: Town) -> None:
    wanted = town.fingerprint()
    town.city.unlink()
    outcome = town.refresh()
    assert outcome.status == "published"
    assert "ground" in outcome.reused
    assert town.fingerprint() == wanted


def test_a_broken_city_is_replaced_and_that_is_remarked(town: Town) -> None:
    wanted = town.fingerprint()
    draft = town.city.with_name("broken")
    draft.write_bytes(b"no city")
    draft.replace(town.city)
    outcome = town.refresh()
    assert outcome.status == "published"
    assert any("no comparison" in remark for remark in outcome.remarks)
    assert town.fingerprint() == wanted


def test_the_last_few_snapshots_are_kept(town: Town) -> None:
    heights = [112, 113, 114]
    ids = [town.snapshots.all()[0].id]
    for old, new in zip([110, *heights], heights, strict=False):
        town.change_value("contour", old, new)
        ids.append(town.refresh(keep=2).snapshot)
    assert [snapshot.id for snapshot in town.snapshots.all()] == ids[-2:]


def test_results_of_steps_do_not_pile_up(town: Town) -> None:
    town.change_value(*CONTOUR)
    town.refresh()
    assert {name: len(keys) for name, keys in town.steps().items() if len(keys) > 1} == {}


def readings(town: Town, action: Callable[[], object]) -> tuple[set[str], set[str], list[str]]:
    """Query the city in two threads while an action runs: one holds it open, one opens it anew."""
    done = threading.Event()
    held: set[str] = set()
    anew: set[str] = set()
    errors: list[str] = []

    def hold() -> None:
        with City.open(town.city) as city:
            while not done.is_set():
                city.query("SELECT count(*) AS n FROM cells WHERE people >= 0")
                city.table("roads")
                held.add(city.fingerprint)

    def again() -> None:
        while not done.is_set():
            with City.open(town.city) as city:
                city.query("SELECT count(*) AS n FROM buildings WHERE height > 3")
                anew.add(city.fingerprint)

    def told(work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as error:  # noqa: BLE001 any error counts
            errors.append(repr(error))

    threads = [threading.Thread(target=told, args=(work,)) for work in (hold, again)]
    for thread in threads:
        thread.start()
    try:
        action()
        time.sleep(0.3)
    finally:
        done.set()
        for thread in threads:
            thread.join()
    return held, anew, errors


def test_two_readers_query_during_refreshes_without_an_error(town: Town) -> None:
    old = town.fingerprint()
    new = []

    def refreshes() -> None:
        for heights in ((110, 112), (112, 110), (110, 112)):
            town.change_value("contour", *heights)
            assert town.refresh(keep=1).status == "published"
            new.append(town.fingerprint())

    held, anew, errors = readings(town, refreshes)
    assert errors == []
    assert held == {old}
    assert anew == {old, new[0]}
    assert new[1] == old
