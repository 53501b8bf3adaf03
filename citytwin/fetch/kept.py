"""What is known of a file that was fetched: its content, and what its server said of it."""

import hashlib
import json
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from citytwin.fetch.partial import Validators

_DAY, _HOUR = 86_400.0, 3600.0


@dataclass(frozen=True)
class Kept:
    """A file that was fetched.

    Attributes
    ----------
    sha256, size, written
        Its content, and size and time [ns] by which a change of the file shows.
    etag, modified
        What the server said of its version.
    checked
        When the server was last asked [s since 1970].
    """

    sha256: str
    size: int
    written: int
    etag: str
    modified: str
    checked: float

    @property
    def validators(self) -> Validators:
        """What tells its version from another."""
        return Validators(self.etag, self.modified)

    def age(self) -> str:
        """When the server was last asked, in words."""
        when = datetime.fromtimestamp(self.checked, UTC).strftime("%Y-%m-%d %H:%M UTC")
        spent = max(time.time() - self.checked, 0.0)
        age = f"{spent / _DAY:.1f} days" if spent >= _DAY else f"{spent / _HOUR:.1f} hours"
        return f"last checked {when}, {age} ago"


@dataclass(frozen=True)
class Register:
    """Where that is written down.

    Attributes
    ----------
    path
        The file.
    about
        Its description.
    """

    path: Path
    about: Path

    def kept(self) -> Kept | None:
        """What is known of the file; it is hashed anew if it is not as it was."""
        try:
            status = self.path.stat()
        except OSError:
            return None
        try:
            kept = Kept(**json.loads(self.about.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            kept = Kept("", -1, -1, "", "", status.st_mtime)
        if (kept.size, kept.written) == (status.st_size, status.st_mtime_ns):
            return kept
        sha256 = sha256_of(self.path)
        if sha256 == kept.sha256:
            return kept
        # A kill between the file and its description, or somebody's hand: the version is unknown.
        return Kept(sha256, status.st_size, status.st_mtime_ns, "", "", status.st_mtime)

    def write(self, sha256: str, found: Validators) -> None:
        """Write down what was fetched, or found unchanged, just now."""
        status = self.path.stat()
        size, written = status.st_size, status.st_mtime_ns
        kept = Kept(sha256, size, written, found.etag, found.modified, time.time())
        draft = self.about.with_suffix(".draft")
        draft.write_text(json.dumps(asdict(kept)), encoding="utf-8")
        draft.replace(self.about)


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
