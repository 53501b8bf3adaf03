"""Where the embedded city, the recipes and the app lie: in the checkout, or in the wheel."""

from pathlib import Path

from citytwin.errors import InputError

_PACKAGE = Path(__file__).resolve().parents[1]


def share(*parts: str) -> Path:
    """Path of something that travels with citytwin, for example ``share("apps", "main.py")``."""
    for root in (_PACKAGE / "_share", _PACKAGE.parent):
        path = root.joinpath(*parts)
        if path.exists():
            return path
    raise InputError(f"{'/'.join(parts)} is missing from this installation: install citytwin again")
