"""A catalogue of days, and the independent events in it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from citytwin.arrays import Floats
from citytwin.errors import InputError
from citytwin.tables import number, read_rows

#: Days of a mean year.
YEAR = 365.25
#: Least share of the days between the first and the last that a record of days has. Judged.
_WHOLE = 0.8


@dataclass(frozen=True, eq=False)
class Days:
    """What was seen on some days.

    Attributes
    ----------
    dates
        (d,) days, rising, none twice.
    values
        (d, c) what was seen.
    """

    dates: NDArray[np.datetime64]
    values: Floats

    def years(self, path: str) -> float:
        """How long was watched: as many days as there are rows [a].

        Raises
        ------
        InputError
            If so many days are missing that the rows are events, not a record.
        """
        span = int((self.dates[-1] - self.dates[0]).astype(np.int64)) + 1
        if len(self.dates) < _WHOLE * span:
            raise InputError(
                f"the catalogue {path} has {len(self.dates):,} of the {span:,} days from its first to "
                "its last: say 'years', the time that was watched"
            )
        return len(self.dates) / YEAR


def read_days(path: Path, date: str, columns: tuple[str, ...]) -> Days:
    """Days from a CSV file.

    Parameters
    ----------
    path
        The file.
    date
        Column of the date, as 2024-07-31.
    columns
        Columns that are read.

    Raises
    ------
    InputError
        If it is missing or empty, lacks a column, or a date or number is wrong.
    """
    if not path.exists():
        raise InputError(f"there is no catalogue of days {path}: check its path")
    rows = read_rows(path, (date, *columns))
    if not rows:
        raise InputError(f"the catalogue {path} is empty: give it a row or more")
    dates = np.array([_date(row, date, path) for row in rows], "datetime64[D]")
    steps = np.diff(dates).astype(np.int64)
    if not (steps > 0).all():
        line = rows[int(np.argmin(steps > 0)) + 1]["line"]
        raise InputError(
            f"the date in line {line} of the catalogue {path} does not follow the one before: sort the "
            "days and leave none twice"
        )
    values = np.array([[number(row, name, path) for name in columns] for row in rows], np.float64)
    wrong = np.argwhere(~np.isfinite(values))
    if wrong.size:
        at, column = (int(one) for one in wrong[0])
        raise InputError(
            f"'{columns[column]}' in line {rows[at]['line']} of the catalogue {path} is not a number: "
            "leave out days that nobody measured"
        )
    return Days(dates, values)


def _date(row: dict[str, str], column: str, path: Path) -> Any:
    try:
        return np.datetime64(row[column].strip(), "D")
    except ValueError as error:
        raise InputError(
            f"'{column}' in line {row['line']} of the catalogue {path} is '{row[column]}': write days "
            "as 2024-07-31"
        ) from error


def clusters(days: Days, above: Floats, apart: int) -> Floats:
    """(e, c) independent events: the greatest of each quantity from the first day of each to its last.

    Days that reach a threshold belong to one event as long as no more than some days lie from one to the
    next (runs declustering, Smith & Weissman 1994, 10.1111/j.2517-6161.1994.tb01996.x).

    Parameters
    ----------
    days
        What was seen.
    above
        (c,) thresholds of the quantities, of which a day has to reach one; infinite for none.
    apart
        Most days from one such day of an event to the next.
    """
    on = np.flatnonzero((days.values >= above).any(axis=1))
    if not on.size:
        return np.empty((0, days.values.shape[1]))
    gaps = np.diff(days.dates[on]).astype(np.int64)
    begin = np.concatenate([[0], np.flatnonzero(gaps > apart) + 1])
    last = np.append(begin[1:], on.size) - 1
    return np.stack(
        [
            days.values[low : high + 1].max(axis=0)
            for low, high in zip(on[begin], on[last], strict=True)
        ]
    )
