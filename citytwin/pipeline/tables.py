"""Read the small tables of coefficients that a recipe names."""

from pathlib import Path

import pandas as pd

from citytwin.errors import RecipeError


def read_table(path: Path, columns: tuple[str, ...], field: str) -> pd.DataFrame:
    """Table from a CSV file with ``#`` comments.

    Parameters
    ----------
    path
        The file.
    columns
        Columns that it must have.
    field
        Field of the recipe that names it, for messages.

    Raises
    ------
    RecipeError
        If the file is missing or lacks a column.
    """
    try:
        table = pd.read_csv(path, comment="#", keep_default_na=False)
    except (OSError, ValueError) as error:
        raise RecipeError(
            f"the table {path} cannot be read: check '{field}' in the recipe"
        ) from error
    missing = [column for column in columns if column not in table.columns]
    if missing:
        raise RecipeError(
            f"the table {path} lacks the column '{missing[0]}': it needs {', '.join(columns)}"
        )
    return table
