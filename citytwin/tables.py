"""Read the tables of coefficients that travel with citytwin: ``#`` comments, a header, rows."""

import csv
from functools import lru_cache
from pathlib import Path

from citytwin.errors import InputError

_PACKAGE = Path(__file__).resolve().parents[0]


def table_path(name: str) -> Path:
    """Path of a table of ``data/tables``, in the checkout or in the installed wheel.

    Parameters
    ----------
    name
        File name, for example ``idf.csv``.

    Raises
    ------
    InputError
        If the installation lacks it.
    """
    for root in (_PACKAGE / "_share", _PACKAGE.parent):
        path = root / "data" / "tables" / name
        if path.exists():
            return path
    raise InputError(
        f"data/tables/{name} is missing from this installation: install citytwin again"
    )


def read_rows(path: Path, columns: tuple[str, ...]) -> tuple[dict[str, str], ...]:
    """Rows of a table as text by column, with the number of their line under ``line``.

    Parameters
    ----------
    path
        The file.
    columns
        Columns that it must have.

    Raises
    ------
    InputError
        If it cannot be read, lacks a column, or has a row of another width.
    """
    try:
        return _rows(path, columns, path.stat().st_mtime_ns)
    except FileNotFoundError as error:
        raise InputError(
            f"the table {path} cannot be read, for there is no such file: check its path"
        ) from error
    except (OSError, UnicodeError) as error:
        raise InputError(f"the table {path} cannot be read: give a file of UTF-8 text") from error


@lru_cache(maxsize=32)
def _rows(path: Path, columns: tuple[str, ...], _written: int) -> tuple[dict[str, str], ...]:
    """Rows of a table as it was last written."""
    text = path.read_text(encoding="utf-8-sig")
    lines = [
        (number, line)
        for number, line in enumerate(text.splitlines(), start=1)
        if line.strip() and not line.startswith("#")
    ]
    try:
        rows = list(csv.reader((line for _, line in lines), strict=True))
    except csv.Error as error:
        raise InputError(f"the table {path} is no CSV ({error}): mend its quotes") from error
    if len(rows) != len(lines):
        raise InputError(
            f"the table {path} has a quoted field over several lines: keep each row on one line"
        )
    header = rows[0] if rows else []
    missing = [column for column in columns if column not in header]
    if missing:
        raise InputError(
            f"the table {path} lacks the column '{missing[0]}': it needs {', '.join(columns)}"
        )
    found = []
    for (number, _), row in zip(lines[1:], rows[1:], strict=True):
        if len(row) != len(header):
            raise InputError(
                f"line {number} of the table {path} has {len(row)} fields, not {len(header)}: "
                "mend the row, quoting text with commas in it"
            )
        found.append({**dict(zip(header, row, strict=True)), "line": str(number)})
    return tuple(found)


def number(row: dict[str, str], column: str, path: Path) -> float:
    """Number in a row of a table.

    Raises
    ------
    InputError
        If it is not one.
    """
    try:
        return float(row[column])
    except ValueError as error:
        raise InputError(
            f"'{column}' in line {row['line']} of the table {path} is not a number but "
            f"'{row[column]}': give a number"
        ) from error
