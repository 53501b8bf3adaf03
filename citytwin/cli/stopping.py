"""Ctrl-C during a run: the first asks it to stop and keep what it has, the second ends it."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

#: Exit code after Ctrl-C.
STOPPED = 130


@contextmanager
def asked_to_stop() -> Iterator[Callable[[], bool]]:
    """Whether somebody asked to stop since the block began."""
    asked = [False]

    def note(number: int, frame: FrameType | None) -> None:
        del number, frame
        if asked[0]:
            raise KeyboardInterrupt
        asked[0] = True

    before = signal.signal(signal.SIGINT, note)
    try:
        yield lambda: asked[0]
    finally:
        signal.signal(signal.SIGINT, before)
