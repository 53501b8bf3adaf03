"""How fast a run goes, and how long it still takes."""

import time

from citytwin.hazards.watch import Progress

#: Seconds and share of a run after which its pace means something.
_LEAST_SECONDS, _LEAST_SHARE = 1.0, 0.02


class Pace:
    """A progress that adds to the words how long the rest will take.

    Parameters
    ----------
    progress
        Where to pass it on.
    """

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._started = time.monotonic()
        self._first: float | None = None

    def __call__(self, done: float, note: str) -> None:
        """Pass on how far the run is, with an estimate of the rest."""
        if self._first is None:
            self._first = done
        passed, share = time.monotonic() - self._started, done - self._first
        if passed > _LEAST_SECONDS and share > _LEAST_SHARE and done < 1.0:
            note = f"{note}, about {in_words(passed / share * (1.0 - done))} left"
        self._progress(done, note)


def in_words(seconds: float) -> str:
    """A time as people say it."""
    if seconds < 90.0:
        return f"{max(1.0, seconds):.0f} s"
    return f"{seconds / 60.0:.0f} min" if seconds < 5400.0 else f"{seconds / 3600.0:.1f} h"
