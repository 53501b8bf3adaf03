"""One worker process for all runs of a server: pages ask, the worker runs, one after the other.

A page's thread must not enter a parallel kernel: two of them at once abort the process where Numba
has no OpenMP. A process of its own also keeps the page quick and can be stopped in the middle.
"""

import atexit
import multiprocessing
import os
import pickle
import signal
import sys
import threading
import time
import weakref
from collections import deque
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from multiprocessing.synchronize import Event
from pathlib import Path

from citytwin.city import City
from citytwin.errors import CityTwinError
from citytwin.scenario.chain import Chain
from citytwin.scenario.results import Results
from citytwin.scenario.scenario import Scenario
from citytwin.scenario.tasks import Task, task_of

WAITING, RUNNING, DONE, FAILED, CANCELLED = "waiting", "running", "done", "failed", "cancelled"
#: How the message of a stopped run ends of which something is there.
KEPT = "what was computed is kept"
#: Time that a run which is stopped has to keep what it computed [s].
GRACE = 20.0


@dataclass(eq=False)
class Job:
    """A run that was asked for.

    Attributes
    ----------
    task, city_path, runs
        What to run, where, and the folder of runs.
    key
        Key of the task on its city.
    state
        ``waiting``, ``running``, ``done``, ``failed`` or ``cancelled``.
    progress
        Share done, 0 to 1.
    message
        What is going on, or what went wrong, in one sentence.
    """

    task: Task
    city_path: Path
    runs: Path
    key: str
    state: str = WAITING
    progress: float = 0.0
    message: str = "waiting for its turn"
    _over: threading.Event = field(default_factory=threading.Event)
    _worker: "Worker | None" = None

    @property
    def over(self) -> bool:
        """True when the run has ended, well or not."""
        return self._over.is_set()

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until the run has ended; false if it has not after so many seconds."""
        return self._over.wait(seconds)

    def result(self) -> Results:
        """Results of a run that is done, or of what a cancelled one had computed; else its error."""
        shown = self.task.shown(self.runs, self.key)
        if self.state in (DONE, CANCELLED) and shown is not None:
            return Results.open(shown)
        raise CityTwinError(f"the run is {self.state}: {self.message}")

    def cancel(self) -> None:
        """Stop the run, or take it out of the queue. A run that has ended stays as it is.

        A running one keeps what it computed, which takes a moment: ``wait`` for it.
        """
        if self._worker is not None:
            self._worker._cancel(self)  # noqa: SLF001  (two halves of one thing)

    def _end(self, state: str, message: str) -> None:
        self.state, self.message = state, message
        self._over.set()


class Worker:
    """A queue of runs and the process that works on them, started with the first run.

    Parameters
    ----------
    runs
        Folder of runs.
    """

    def __init__(self, runs: Path | str = "runs") -> None:
        self._runs = Path(runs)
        self._lock = threading.Condition()
        self._queue: deque[Job] = deque()
        self._current: Job | None = None
        self._process: BaseProcess | None = None
        self._pipe: Connection | None = None
        self._stop = multiprocessing.get_context("spawn").Event()
        self._patience = float("inf")
        self._closed = False
        self._thread = threading.Thread(target=self._serve, name="citytwin-worker", daemon=True)
        self._thread.start()
        # The process has children of its own for ensembles, so it is no daemon: who forgets to close
        # the worker must not wait for it for ever.
        atexit.register(_close, weakref.ref(self))

    def submit(self, what: Scenario | Chain | Task, city_path: Path | str) -> Job:
        """Ask for a run of a scenario, a chain or another task; what is known is done at once."""
        path, task = Path(city_path), task_of(what)
        with City.open(path) as city:
            key = task.key(city.fingerprint)
        job = Job(task, path, self._runs, key, _worker=self)
        if task.known(job.runs, key):
            job.progress = 1.0
            job._end(DONE, "known from an earlier run")  # noqa: SLF001
            return job
        with self._lock:
            if self._closed:
                job._end(CANCELLED, "the server stopped")  # noqa: SLF001
                return job
            self._queue.append(job)
            self._lock.notify_all()
        return job

    def close(self) -> None:
        """Stop the worker; what is running or waiting is cancelled."""
        with self._lock:
            self._closed = True
            for job in self._queue:
                job._end(CANCELLED, "the server stopped")  # noqa: SLF001
            self._queue.clear()
            if self._current is not None and not self._current.over:
                self._current._end(CANCELLED, "the server stopped")  # noqa: SLF001
            self._stop_process()
            self._lock.notify_all()
        self._thread.join(timeout=5.0)

    def _cancel(self, job: Job) -> None:
        with self._lock:
            if job.over:
                return
            if job is self._current:
                job.message = "stopping"
                self._patience = time.monotonic() + GRACE
                self._stop.set()
                return
            job._end(CANCELLED, "stopped by the user")  # noqa: SLF001
            self._queue.remove(job)

    def _serve(self) -> None:
        while True:
            with self._lock:
                while not self._queue and not self._closed:
                    self._lock.wait()
                if self._closed:
                    return
                job = self._current = self._queue.popleft()
                job.state, job.message = RUNNING, "starting"
                self._patience = float("inf")
                self._stop.clear()
                try:
                    pipe = self._ready_pipe()
                    pipe.send((pickle.dumps(job.task), job.city_path, job.runs))
                except OSError as error:
                    job._end(FAILED, f"the worker could not start: {error}")  # noqa: SLF001
                    continue
            self._follow(job, pipe)

    def _follow(self, job: Job, pipe: Connection) -> None:
        """Pass on what the process says of a job until it ends."""
        while not job.over:
            try:
                if not pipe.poll(0.1):
                    self._lose_patience(job)
                    continue
                kind, value, words = pipe.recv()
            except (EOFError, OSError):
                if not job.over:
                    job._end(FAILED, "the worker process died: run it again")  # noqa: SLF001
                break
            if job.over:
                break
            if kind == "progress":
                if not self._stop.is_set():
                    job.progress, job.message = value, words
            else:
                job.progress = 1.0 if kind == DONE else job.progress
                job._end(kind, words)  # noqa: SLF001
        with self._lock:
            self._current = None
            if job.state in (CANCELLED, FAILED) and not self._is_alive():
                pipe.close()
                self._process = self._pipe = None

    def _lose_patience(self, job: Job) -> None:
        """End the process of a run that was told to stop and does not."""
        with self._lock:
            if time.monotonic() > self._patience and not job.over:
                self._stop_process()
                job._end(CANCELLED, _stopped(job.task, job.runs, job.key))  # noqa: SLF001

    def _ready_pipe(self) -> Connection:
        if not self._is_alive() or self._pipe is None:
            context = multiprocessing.get_context("spawn")
            self._pipe, theirs = context.Pipe()
            self._process = context.Process(target=_work, args=(theirs, self._stop))
            self._process.start()
            theirs.close()
        return self._pipe

    def _is_alive(self) -> bool:
        return self._process is not None and self._process.is_alive()

    def _stop_process(self) -> None:
        """End the process. Its pipe then ends too, which ``_follow`` notices and closes."""
        if self._process is not None:
            self._process.terminate()
            self._process.join(timeout=2.0)
            if self._process.is_alive():
                self._process.kill()
                self._process.join(timeout=5.0)


def _stopped(task: Task, runs: Path, key: str) -> str:
    """That a run was stopped, and whether something of it is there."""
    kept = KEPT if task.kept(runs, key) else "nothing of it was kept"
    return f"stopped by the user; {kept}"


def _close(worker: "weakref.ref[Worker]") -> None:
    """Close a worker that nobody closed before the program ends."""
    left = worker()
    if left is not None:
        left.close()


def _work(pipe: Connection, stop: Event) -> None:
    """Body of the worker process: run what comes, say how it goes."""
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    # A run that is stopped takes its half-written folder along.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    while True:
        try:
            task, city_path, runs = pipe.recv()
            pipe.send(_outcome(pipe, stop, task, city_path, runs))
        except (EOFError, OSError, KeyboardInterrupt):
            return  # the page's process is gone


def _outcome(
    pipe: Connection, stop: Event, packed: bytes, city_path: Path, runs: Path
) -> tuple[str, float, str]:
    last = [0.0]

    def tell(done: float, note: str) -> None:
        if time.monotonic() - last[0] > 0.1:
            last[0] = time.monotonic()
            pipe.send(("progress", done, note))

    try:
        with City.open(city_path) as city:
            fingerprint = city.fingerprint
            task: Task = pickle.loads(packed)  # noqa: S301  (our own, from the page's process)
            complete = task.run(city, runs, tell, stop.is_set)
    except CityTwinError as error:
        return FAILED, 0.0, str(error)
    except Exception as error:  # noqa: BLE001  (the page must hear of it)
        return FAILED, 0.0, f"citytwin failed ({type(error).__name__}: {error}): please report it"
    if not complete:
        return CANCELLED, 0.0, _stopped(task, runs, task.key(fingerprint))
    return DONE, 1.0, "done"
