"""Tables of coefficients that the plume reads: rows with their source, and what was not verified."""

from collections.abc import Iterable

from citytwin.tables import number, read_rows, table_path

__all__ = ["doubtful", "number", "read_rows", "rows_of", "table_path"]


def rows_of(name: str, columns: tuple[str, ...]) -> tuple[dict[str, str], ...]:
    """Rows of a table of ``data/tables``, each with its source and whether it was verified."""
    return read_rows(table_path(name), (*columns, "source", "verified"))


def doubtful(rows: Iterable[dict[str, str]]) -> bool:
    """True if any of the rows was not verified."""
    return any(row["verified"] != "yes" for row in rows)
