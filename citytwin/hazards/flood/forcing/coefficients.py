"""Coefficients of the formulas of breaches and orifices, from their table."""

from citytwin.errors import InputError
from citytwin.tables import number, read_rows, table_path

_COLUMNS = ("formula", "coefficient", "value", "unit", "source", "verified")


def coefficients(formula: str) -> dict[str, float]:
    """Coefficients of a formula by name.

    Parameters
    ----------
    formula
        Word in the table's first column.

    Raises
    ------
    InputError
        If the table has no such formula.
    """
    path = table_path("hydraulics.csv")
    found = {
        row["coefficient"]: number(row, "value", path)
        for row in read_rows(path, _COLUMNS)
        if row["formula"] == formula
    }
    if not found:
        raise InputError(f"the table {path} has no formula '{formula}': install citytwin again")
    return found
