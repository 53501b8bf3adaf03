"""A file that is not whole yet, and what tells one version of it from another."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Validators:
    """What a server says to tell one version of a file from another; empty if it does not."""

    etag: str = ""
    modified: str = ""

    @classmethod
    def of(cls, headers: Any) -> "Validators":
        """Those in the headers of an answer."""
        return cls(headers.get("ETag", ""), headers.get("Last-Modified", ""))

    def unless_same(self) -> dict[str, str]:
        """Headers that ask for the file only if it is another one."""
        asked = {"If-None-Match": self.etag, "If-Modified-Since": self.modified}
        return {name: value for name, value in asked.items() if value}

    def if_same(self) -> str:
        """Value of If-Range, for which a weak entity tag is no good."""
        return self.modified if self.etag.startswith("W/") else self.etag or self.modified


@dataclass(frozen=True)
class Draft:
    """A file that is not whole yet, with the validators of what is in it."""

    path: Path

    @property
    def _about(self) -> Path:
        return self.path.with_name(f"{self.path.name}.json")

    def size(self) -> int:
        """Bytes that are there."""
        return self.path.stat().st_size if self.path.exists() else 0

    def validators(self) -> Validators:
        """Validators of its version; empty if it cannot be resumed."""
        try:
            return Validators(**json.loads(self._about.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return Validators()

    def begin(self, validators: Validators) -> None:
        """Start anew: empty first, so that a kill in between mixes no two versions."""
        self._about.unlink(missing_ok=True)
        self.path.write_bytes(b"")
        self._about.write_text(json.dumps(vars(validators)), encoding="utf-8")

    def remove(self) -> None:
        """Leave nothing behind."""
        self.path.unlink(missing_ok=True)
        self._about.unlink(missing_ok=True)
