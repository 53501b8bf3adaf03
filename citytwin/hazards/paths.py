"""Paths in a scenario: what is not absolute starts from the scenario's folder."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, ValidationInfo

#: Key of a validation's context under which the folder stands that relative paths start from.
FOLDER = "folder"


def placed(value: str, info: ValidationInfo) -> str:
    """A path from the folder in the validation's context, if one is given; empty stays empty."""
    folder = (info.context or {}).get(FOLDER)
    return value if not value or folder is None else str(Path(folder) / value)


#: Path of a file, or empty.
FileName = Annotated[str, AfterValidator(placed)]
