"""Where the members of an ensemble run: processes of this machine, or a Dask cluster."""

import multiprocessing
import os
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
    # A half-done member of an ensemble that was stopped is of no use: do not wait for it.
    pool = ProcessPoolExecutor(count, multiprocessing.get_context("spawn"), _quietly)
    try:
        yield pool
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        raise
    pool.shutdown()


def _quietly() -> None:
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")


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
            library.LocalCluster(
                n_workers=workers, threads_per_worker=1, dashboard_address=None, processes=True
            ) as cluster,
            library.Client(cluster) as client,
        ):
            yield client.get_executor(retries=2, pure=False)
        return
    try:
        client = library.Client(address, timeout="20s")
    except OSError as error:
        raise InputError(
            f"no Dask scheduler answers at {address}: check the address, such as tcp://host:8786"
        ) from error
    with client:
        yield client.get_executor(retries=2, pure=False)
