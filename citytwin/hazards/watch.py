"""What a run tells of itself while it goes on, and what it is told."""

from collections.abc import Callable
from typing import Any

Progress = Callable[[float, str], None]


def silent(done: float, note: str) -> None:
    """Progress that nobody watches."""
    del done, note


def never() -> bool:
    """Answer of nobody who wants a run to stop."""
    return False


class Watch:
    """What a run tells of itself while it goes on, and what it is told; it is called as a progress.

    Parameters
    ----------
    progress
        Called with the share done (0 to 1) and a few words.
    stopped
        Asked again and again whether the run shall stop and keep what it has.
    kept
        What an earlier part of the same run kept, to go on from.

    Attributes
    ----------
    state
        What a run that was stopped has to keep, to go on later: numbers, texts and arrays, in
        nested mappings and lists.
    """

    def __init__(
        self,
        progress: Progress = silent,
        stopped: Callable[[], bool] = never,
        kept: dict[str, Any] | None = None,
    ) -> None:
        self._progress = progress
        self.stopped = stopped
        self.kept = kept
        self.state: dict[str, Any] | None = None

    def __call__(self, done: float, note: str) -> None:
        """Tell how far the run is."""
        self._progress(done, note)
