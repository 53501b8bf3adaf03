"""Run what is missing of many members, wherever they run, and keep each one as it comes."""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, as_completed, wait
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

from citytwin.city.whole import is_running
from citytwin.ensemble.executors import dask, processes
from citytwin.ensemble.member import Member, read_member, run_member, write_member
from citytwin.errors import CityTwinError, InputError
from citytwin.hazards.watch import Progress, never, silent

#: How often a broken pool of processes is started anew before the run is given up.
_PATIENCE = 3
#: Members that wait at the workers, beside those that run.
_AHEAD = 2


def gather(
    paths: Mapping[int, Path],
    tasks: Mapping[int, tuple[Any, ...]],
    *,
    workers: int,
    scheduler: str = "",
    progress: Progress = silent,
    stopped: Callable[[], bool] = never,
    came: Callable[[], None] = lambda: None,
) -> int:
    """Run the members whose files are missing or broken; each is written when it arrives.

    A process that dies is replaced and its member run again.

    Parameters
    ----------
    paths
        File of each member by its number.
    tasks
        Arguments of ``run_member`` by the member's number.
    workers
        Processes of this machine.
    scheduler
        Address of a Dask scheduler, or ``local``; processes without one.
    progress
        Called with the share done and a few words; never with the whole.
    stopped
        Asked again and again whether to stop; members that run then still come, no others begin.
    came
        Called after a member was written.

    Returns
    -------
    How many members there are now.

    Raises
    ------
    InputError
        If a member fails, or the workers die again and again; what arrived is kept.
    """
    if workers < 1:
        raise InputError(f"it needs at least one worker, not {workers}")
    for folder in {path.parent for path in paths.values()}:
        _remove_leftovers(folder)
    missing = {n: task for n, task in tasks.items() if read_member(paths[n], n) is None}
    done = len(tasks) - len(missing)
    progress(0.98 * done / len(tasks), f"{done} of {len(tasks)} members are there")
    for member in _arriving(missing, workers, scheduler, stopped):
        write_member(paths[member.number], member)
        done += 1
        progress(0.98 * done / len(tasks), f"{done} of {len(tasks)} members")
        came()
    return done


def _remove_leftovers(folder: Path) -> None:
    """Remove members that a process which no longer runs left half-written."""
    for rest in folder.glob(".*.part"):
        number = rest.stem.rpartition("-")[2]
        if not (number.isdigit() and is_running(int(number))):
            rest.unlink(missing_ok=True)


def _arriving(
    tasks: dict[int, tuple[Any, ...]], workers: int, scheduler: str, stopped: Callable[[], bool]
) -> Iterator[Member]:
    """Members as they come, in any order; a process that dies is replaced, its member run again."""
    left, broken = dict(tasks), 0
    while left and not stopped():
        pool = dask(scheduler, workers) if scheduler else processes(min(workers, len(left)))
        try:
            with pool as executor:
                for member in _from(executor, left, workers, stopped):
                    del left[member.number]
                    yield member
            return
        except BrokenProcessPool as error:
            broken += 1
            if broken > _PATIENCE:
                raise InputError(
                    f"the workers died {broken} times: they may lack memory; use fewer"
                ) from error


def _from(
    executor: Any, left: dict[int, tuple[Any, ...]], workers: int, stopped: Callable[[], bool]
) -> Iterator[Member]:
    """Members as an executor gives them; only so many wait at a time that it can be stopped."""
    waiting = iter(list(left.values()))
    # A cluster says how many it can run; processes are as many as were asked for.
    slots = max(workers, getattr(executor, "slots", workers))
    asked: list[Future[Member]] = []
    while not stopped():
        while len(asked) < slots + _AHEAD and (task := next(waiting, None)) is not None:
            asked.append(executor.submit(run_member, *task))
        if not asked:
            return
        over, _ = wait(asked, timeout=0.5, return_when=FIRST_COMPLETED)
        asked = [future for future in asked if future not in over]
        for future in over:
            yield _result(future)
    # They run in the order in which they were asked for: the first are at work, and would be lost.
    begun = [one for at, one in enumerate(asked) if at < slots or not one.cancel()]
    for future in as_completed(begun):
        yield _result(future)


def _result(future: "Future[Member]") -> Member:
    try:
        return future.result()
    except (CityTwinError, BrokenProcessPool):
        raise
    except Exception as error:
        raise InputError(
            f"a member failed ({type(error).__name__}: {error}): please report it"
        ) from error
