"""How long a transfer may take, and when its server counts as stalled."""

import time
from dataclasses import dataclass

#: Time between two reports of progress [s].
_REPORT_EVERY = 0.5


@dataclass(frozen=True)
class Patience:
    """How long a transfer may take.

    Attributes
    ----------
    connect
        Time for a connection [s].
    silence
        Time without one byte after which a server counts as stalled [s].
    least, window
        A server that sends less than ``least`` [byte/s] over ``window`` [s] has stalled, too.
    tries
        Tries in a row that may fail without one new byte.
    pause
        Pause after the first of them [s]; it doubles each time, to at most 30 s.
    total
        Time for all tries together [s].
    """

    connect: float = 10.0
    silence: float = 30.0
    least: float = 1000.0
    window: float = 60.0
    tries: int = 5
    pause: float = 1.0
    total: float = 4 * 3600.0


class Again(Exception):  # noqa: N818 a signal, not an error
    """One try failed, another may not.

    Parameters
    ----------
    reason
        Words for the message.
    pause
        What the server asks to wait at least [s].
    """

    def __init__(self, reason: str, pause: float = 0.0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.pause = pause


class Pace:
    """Watches how fast bytes come, and when to report.

    Parameters
    ----------
    patience
        What is too slow.
    start
        When the first try began [s].
    """

    def __init__(self, patience: Patience, start: float) -> None:
        self._patience = patience
        self._end = start + patience.total
        self._since = self._reported = time.monotonic()
        self._bytes = 0

    def due(self, count: int) -> bool:
        """Count bytes; whether a report is due. Raises ``Again`` if they come too slowly."""
        now = time.monotonic()
        self._bytes += count
        spent = now - self._since
        if now > self._end:
            raise Again(f"it takes longer than {self._patience.total:,.0f} s")
        if spent >= self._patience.window:
            if self._bytes < self._patience.least * spent:
                rate = self._bytes / spent
                raise Again(f"the server has stalled at {rate:,.0f} bytes a second")
            self._since, self._bytes = now, 0
        if now - self._reported < _REPORT_EVERY:
            return False
        self._reported = now
        return True
