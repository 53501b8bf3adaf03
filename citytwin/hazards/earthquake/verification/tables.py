"""Tables that another program made, beside this file; bench/earthquake_golden.py made them."""

from functools import lru_cache
from pathlib import Path

import numpy as np

from citytwin.arrays import Floats
from citytwin.tables import read_rows


@lru_cache(maxsize=8)
def golden(name: str) -> tuple[dict[str, str], ...]:
    """Rows of one of the tables as text by column."""
    return read_rows(Path(__file__).parent / name, ())


def numbers(rows: tuple[dict[str, str], ...] | list[dict[str, str]], column: str) -> Floats:
    """A column of a table as numbers."""
    return np.array([float(row[column]) for row in rows])
