"""A log for machines: one JSON object a line, appended to a file."""

import json
import logging
import sys
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from citytwin.errors import OutputError


class Journal:
    """Writes events of one run to a file; without a file it writes nothing.

    Every line has ``time`` (UTC), ``level``, ``event`` and ``run``, the same for all lines of a
    run. The events of a refresh are ``start``, ``progress`` (as it goes: ``step``, ``share``,
    ``note``), ``step`` (at the end, for each: ``step``, ``rows``, ``seconds``, ``reused``,
    ``remarks``), and ``published``, ``unchanged``, ``failed`` or ``stopped``.

    Parameters
    ----------
    path
        The file; its folder must exist.
    """

    def __init__(self, path: Path | None) -> None:
        self.run = uuid.uuid4().hex[:12]
        self._logger = logging.getLogger(f"citytwin.{self.run}")
        self._logger.setLevel(logging.INFO)
        self._logger.propagate = False
        if path is None:
            self._logger.addHandler(logging.NullHandler())
            return
        try:
            handler = _File(path, encoding="utf-8")
        except OSError as error:
            raise OutputError(
                f"the log {path} cannot be written ({error.strerror or error}): name another with "
                "--log"
            ) from error
        handler.setFormatter(_Lines())
        self._logger.addHandler(handler)

    def event(self, event: str, *, level: int = logging.INFO, **fields: Any) -> None:
        """Write one line."""
        self._logger.log(level, event, extra={"fields": {"run": self.run, **fields}})

    def step(self, name: str, done: float, note: str) -> None:
        """Progress, as builds report it; the start of a step has no note."""
        self.event("progress", step=name, share=round(done, 4), note=note)

    def close(self) -> None:
        """Close the file."""
        for handler in self._logger.handlers:
            handler.close()


class _File(logging.FileHandler):
    """A log file that says once if it cannot be written, and lets the run go on."""

    _told = False

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 name of logging's
        """Say why a line was lost."""
        del record
        if not self._told:
            self._told = True
            reason = sys.exc_info()[1]
            sys.stderr.write(f"citytwin: the log {self.baseFilename} is not whole ({reason})\n")


class _Lines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        content = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        return json.dumps(content, ensure_ascii=False, default=str)
