"""Values over time that people give, inline or in a CSV file, and the straight lines between them."""

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import ValidationInfo

from citytwin.arrays import Floats
from citytwin.hazards.paths import FOLDER

HOUR = 3600.0
#: Hours in one unit of a column of times, by its name.
_TIMES = {"time_h": 1.0, "time_min": 1.0 / 60.0, "time_s": 1.0 / HOUR}
MOST_ROWS = 200_000

Rows = tuple[tuple[float, float], ...]


@dataclass(frozen=True, eq=False)
class Curve:
    """A quantity over time: straight between the rows, constant before the first and after the last.

    Attributes
    ----------
    times
        (k,) seconds, rising.
    values
        (k,) values.
    """

    times: Floats
    values: Floats

    def at(self, time: float) -> float:
        """Value at a time [s]."""
        return float(np.interp(time, self.times, self.values))

    def until(self, time: float) -> float:
        """Integral of the value from 0 to a time [s]."""
        return self._from_first(time) - self._before

    @cached_property
    def _sums(self) -> Floats:
        steps = np.diff(self.times) * (self.values[1:] + self.values[:-1]) / 2.0
        return np.concatenate([[0.0], np.cumsum(steps)])

    @cached_property
    def _before(self) -> float:
        return self._from_first(0.0)

    def _from_first(self, time: float) -> float:
        k = int(np.clip(np.searchsorted(self.times, time) - 1, 0, self.times.size - 1))
        mean = (self.values[k] + self.at(time)) / 2.0
        return float(self._sums[k] + (time - self.times[k]) * mean)


def curve(rows: Rows) -> Curve:
    """Curve through rows of hours and values."""
    hours, values = np.array(rows, np.float64).T
    return Curve(hours * HOUR, values)


def reader(column: str, word: str, unit: str, least: float | None) -> Callable[..., Any]:
    """Validator that takes rows of hours and values, or the path of a CSV file with them.

    A file is read when the scenario is made; the scenario then holds its numbers. A path that is not
    absolute starts from the folder in the validation's context, if one is given.

    Parameters
    ----------
    column
        Column of the values in a file; that of the times is ``time_h``, ``time_min`` or ``time_s``.
    word, unit
        What the values are, for complaints.
    least
        Smallest allowed value, if there is one.
    """

    def read(value: Any, info: ValidationInfo) -> Rows:
        if isinstance(value, str):
            folder = Path((info.context or {}).get(FOLDER, "."))
            path = folder / value
            rows, places = _file_rows(path, column)
        else:
            rows, places = _inline_rows(value, word, unit)
        _check(rows, places, word, unit, least)
        return rows

    return read


def _inline_rows(value: Any, word: str, unit: str) -> tuple[Rows, list[str]]:
    shape = f"give rows of [hours, {unit or 'value'}], or the path of a CSV file"
    if not isinstance(value, list | tuple):
        raise ValueError(f"the {word} is no series: {shape}")  # noqa: TRY004  (pydantic)
    rows = []
    for k, row in enumerate(value):
        numbers = row if isinstance(row, list | tuple) else ()
        if len(numbers) != 2 or not all(_is_number(number) for number in numbers):
            raise ValueError(f"row {k + 1} of the {word} is not two numbers: {shape}")
        rows.append((float(numbers[0]), float(numbers[1])))
    return tuple(rows), [f"row {k + 1}" for k in range(len(rows))]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _file_rows(path: Path, column: str) -> tuple[Rows, list[str]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise ValueError(f"there is no file {path}: mend the path") from error
    except (OSError, UnicodeError, ValueError) as error:
        raise ValueError(
            f"the file {path} cannot be read: give a CSV file of UTF-8 text"
        ) from error
    lines = [
        (number, line)
        for number, line in enumerate(text.splitlines(), start=1)
        if line.strip() and not line.startswith("#")
    ]
    table = [[field.strip() for field in row] for row in csv.reader(line for _, line in lines)]
    time, value = _columns(table[0] if table else [], path, column)
    rows, places = [], []
    for (number, _), row in zip(lines[1:], table[1:], strict=False):
        place = f"line {number} of {path}"
        try:
            rows.append((float(row[time]) * _TIMES[table[0][time]], float(row[value])))
        except (ValueError, IndexError) as error:
            raise ValueError(
                f"{place} has no number for the time or for '{column}': mend the line"
            ) from error
        places.append(place)
    return tuple(rows), places


def _columns(header: Sequence[str], path: Path, column: str) -> tuple[int, int]:
    times = [name for name in header if name in _TIMES]
    if len(times) != 1 or column not in header:
        raise ValueError(
            f"the first line of {path} must name the columns '{column}' and one of "
            f"{', '.join(_TIMES)}: mend it"
        )
    return header.index(times[0]), header.index(column)


def _check(rows: Rows, places: list[str], word: str, unit: str, least: float | None) -> None:
    if len(rows) < 2:
        raise ValueError(f"the {word} has {len(rows)} rows: give two or more")
    if len(rows) > MOST_ROWS:
        raise ValueError(f"the {word} has more than {MOST_ROWS} rows: thin it out")
    for k, ((hours, value), place) in enumerate(zip(rows, places, strict=True)):
        if not (isfinite(hours) and isfinite(value)):
            raise ValueError(f"{place} of the {word} is not finite: mend it")
        if least is not None and value < least:
            raise ValueError(
                f"{place} of the {word} has {value:g} {unit}: it must not be below {least:g}"
            )
        if k and hours <= rows[k - 1][0]:
            raise ValueError(
                f"{place} of the {word} ({hours:g} h) does not come after the row before it "
                f"({rows[k - 1][0]:g} h): sort the rows by time"
            )
