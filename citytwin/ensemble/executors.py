"""Where the members of an ensemble run: processes of this machine, or a Dask cluster."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from typing import Any

from citytwin.errors import InputError

#: A word instead of the address of a scheduler: a cluster of this machine's own.
LOCAL = "local"


@contextmanager
def processes(count: int) -> Iterator[Executor]:
    """Processes of this machine, each with one thread for its kernels."""
    pool = ProcessPoolExecutor(count, multiprocessing.get_context("spawn"), _quietly)
    try:
        yield pool
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        raise
    # What is asked for and not begun is not wanted any more; what runs ends.
    pool.shutdown(cancel_futures=True)


def _quietly() -> None:
    """A worker waits without spinning, and leaves Ctrl-C to the process that it works for."""
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """End when the process that this one works for is killed: nobody else would tell it."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


@contextmanager
def dask(address: str, workers: int) -> Iterator[Executor]:
    """Workers of a Dask cluster; the address of its scheduler, or ``local`` for one of our own.

    Raises
    ------
    InputError
        If Dask is not installed, or the scheduler does not answer.
    """
    try:
        import distributed  # noqa: PLC0415  (an extra)
    except ImportError as error:
        raise InputError("a Dask cluster needs distributed: install citytwin[ensemble]") from error
    library: Any = distributed  # without types of its own
    if address == LOCAL:
        with (
            # Any free port: two clusters of one machine do not meet.
            library.LocalCluster(
                n_workers=workers, threads_per_worker=1, dashboard_address=":0", processes=True
            ) as cluster,
            library.Client(cluster) as client,
        ):
            yield _executor(client)
        return
    try:
        client = library.Client(address, timeout="20s")
    except OSError as error:
        raise InputError(
            f"no Dask scheduler answers at {address}: check the address, such as tcp://host:8786"
        ) from error
    with client:
        yield _executor(client)


def _executor(client: Any) -> Executor:
    """Executor of a cluster, with the number of members that it can run at a time."""
    executor: Any = client.get_executor(retries=2, pure=False)
    executor.slots = max(1, sum(client.nthreads().values()))
    found: Executor = executor
    return found
