"""Measured rain: a series of depths or rates in a CSV file."""

import csv
from dataclasses import dataclass
from datetime import UTC, datetime
from math import isfinite
from pathlib import Path

import numpy as np

from citytwin.arrays import Floats
from citytwin.errors import SourceError
from citytwin.hazards.flood.rain.shapes import Steps

_MILLIMETRE = 1e-3
_HOUR = 3600.0
#: Header of the column of times to seconds in one of its unit; ``time`` is ISO 8601.
_TIMES = {"time_s": 1.0, "time_min": 60.0, "time_h": _HOUR, "time": 0.0}
_RAINS = ("rain_mm", "rain_mm_h")
_DELIMITERS = (",", ";", "\t")
#: A wait longer than this many times the usual one between rows is a gap.
GAP = 1.5
#: Rain falls no harder than this over an interval [mm/h]: more is a wrong unit or a broken gauge.
HARDEST_MM_H = 1000.0


@dataclass(frozen=True)
class _Row:
    """One row: its line in the file, its time [s] and its rain as written [mm or mm/h]."""

    line: int
    time: float
    rain: float


def read_series(path: Path, start: datetime | None = None) -> Steps:
    """Rain from a CSV file with one column of times and one of rain.

    The header names quantity and unit. Times: ``time_s``, ``time_min``, ``time_h`` from the start
    of the simulation, or ``time``, dates and times in ISO 8601. Rain: ``rain_mm``, the depth that
    fell in the interval that ends at the row's time, or ``rain_mm_h``, the rate from the row's time
    to the next, so that the last row must be 0. The first interval of ``rain_mm`` is as long as the
    second. Lines that begin with ``#`` are left out.

    Parameters
    ----------
    path
        The file, of UTF-8 text; fields are separated by commas, semicolons or tabs.
    start
        When the simulation starts, for ``time`` only; if None, when the first interval does.

    Returns
    -------
    Rain that is constant in each interval, and none before and after the series.

    Raises
    ------
    SourceError
        If the file cannot be read, has other columns, no rows, a field that is no number, rain
        below 0 or above 1000 mm/h, times that do not rise, or a gap.
    """
    lines = _lines(path)
    time_column, rain_column = _header(path, *lines[0])
    if start is not None and time_column != "time":
        raise SourceError(
            f"the rain series {path} counts from the start of the simulation in '{time_column}': "
            "leave out the start date, or give a column 'time'"
        )
    rows, origin = _rows(path, lines, time_column, rain_column)
    _check_times(path, rows, time_column)
    if rain_column == "rain_mm":
        times, fallen = _from_depths(path, rows)
    else:
        times, fallen = _from_rates(path, rows)
    _check_rates(path, rows, rain_column, times, fallen)
    if time_column == "time":
        begin = start or origin
        if (begin.tzinfo is None) != (origin.tzinfo is None):
            raise SourceError(
                f"the start date and '{time_column}' of the rain series {path} must both have a "
                "time zone, or neither: add '+00:00' or leave it out"
            )
        times -= times[0] if start is None else (begin - origin).total_seconds()
    elif times[0] < 0.0 < fallen[np.searchsorted(times, 0.0)]:
        raise SourceError(
            f"line {rows[0].line}, '{rain_column}', of the rain series {path} is rain that fell "
            f"before time 0: let '{time_column}' begin at the end of its first interval"
        )
    if times[-1] <= 0.0:
        raise SourceError(
            f"the rain series {path} ends before the simulation starts: change the start date"
        )
    kept = Steps(times, fallen, "")
    minutes = (times[-1] - max(times[0], 0.0)) / 60.0
    return Steps(
        times, fallen,
        f"Measured rain of {kept.total * 1e3:.1f} mm in {minutes:g} min from {path.name}.",
    )  # fmt: skip


def _lines(path: Path) -> list[tuple[int, str]]:
    """Lines that hold something, with their numbers."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise SourceError(
            f"the rain series {path} cannot be read: check its path ({error.strerror})"
        ) from error
    except UnicodeError as error:
        raise SourceError(f"the rain series {path} is not UTF-8: save it as UTF-8") from error
    lines = [
        (number, line)
        for number, line in enumerate(text.splitlines(), start=1)
        if line.strip() and not line.lstrip().startswith("#")
    ]
    if len(lines) < 2:
        raise SourceError(
            f"the rain series {path} has no rows: it needs a header and one row for each time"
        )
    return lines


def _split(line: str, sign: str) -> list[str]:
    return [field.strip() for field in next(csv.reader([line], delimiter=sign))]


def _delimiter(header: str) -> str:
    return max(_DELIMITERS, key=header.count)


def _header(path: Path, line: int, text: str) -> tuple[str, str]:
    """Names of the columns of times and of rain."""
    names = _split(text, _delimiter(text))
    where = f"line {line} of the rain series {path}"
    allowed = (*_TIMES, *_RAINS)
    for name in names:
        if name not in allowed:
            raise SourceError(
                f"{where} has a column '{name}': allowed are one of {', '.join(_TIMES)} and one of "
                f"{', '.join(_RAINS)}"
            )
    times = [name for name in names if name in _TIMES]
    rains = [name for name in names if name in _RAINS]
    if len(times) != 1 or len(rains) != 1:
        raise SourceError(
            f"{where} must name one column of times ({', '.join(_TIMES)}) and one of rain "
            f"({', '.join(_RAINS)}): it has {', '.join(names)}"
        )
    return times[0], rains[0]


def _rows(
    path: Path, lines: list[tuple[int, str]], time_column: str, rain_column: str
) -> tuple[list[_Row], datetime]:
    """Rows in order, their times from ``origin``, which is the first date if there are dates."""
    sign = _delimiter(lines[0][1])
    names = _split(lines[0][1], sign)
    place, rain_place = names.index(time_column), names.index(rain_column)
    rows: list[_Row] = []
    origin = datetime.fromtimestamp(0.0, UTC)
    for line, text in lines[1:]:
        fields = _split(text, sign)
        if len(fields) != len(names):
            raise SourceError(
                f"line {line} of the rain series {path} has {len(fields)} fields, not "
                f"{len(names)}: mend it"
            )
        rain = _number(path, line, rain_column, fields[rain_place])
        if rain < 0.0:
            raise SourceError(
                f"line {line}, '{rain_column}', of the rain series {path} is {rain:g}: rain cannot "
                "be below 0, so mend or leave out what the gauge marked as missing"
            )
        if time_column != "time":
            time = _number(path, line, time_column, fields[place]) * _TIMES[time_column]
            if time < 0.0:
                raise SourceError(
                    f"line {line}, '{time_column}', of the rain series {path} is before the start "
                    "of the simulation: let it begin at 0"
                )
        else:
            date = _date(path, line, fields[place])
            if not rows:
                origin = date
            if (date.tzinfo is None) != (origin.tzinfo is None):
                raise SourceError(
                    f"line {line}, 'time', of the rain series {path}: some times have a time zone "
                    "and some have none, so give it to all"
                )
            time = (date - origin).total_seconds()
        rows.append(_Row(line, time, rain))
    return rows, origin


def _number(path: Path, line: int, column: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not isfinite(value):
        raise SourceError(
            f"line {line}, '{column}', of the rain series {path} is '{text}': give a number, or "
            "fill the gap, with 0 if no rain fell"
        )
    return value


def _date(path: Path, line: int, text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise SourceError(
            f"line {line}, 'time', of the rain series {path} is '{text}': give a date and time in "
            "ISO 8601, for example 2021-07-20T16:00"
        ) from error


def _check_times(path: Path, rows: list[_Row], column: str) -> None:
    """Times rise, and no row is missing between two."""
    waits = np.diff([row.time for row in rows])
    for row, wait in zip(rows[1:], waits, strict=True):
        if wait <= 0.0:
            what = "repeats the time of" if wait == 0.0 else "is earlier than"
            raise SourceError(
                f"line {row.line}, '{column}', of the rain series {path} {what} the row before it: "
                "sort the rows by time and keep one for each"
            )
    usual = float(np.median(waits)) if waits.size else 0.0
    for row, wait in zip(rows[1:], waits, strict=True):
        if wait > GAP * usual:
            raise SourceError(
                f"line {row.line}, '{column}', of the rain series {path} comes {wait / 60.0:g} min "
                f"after the row before it, where {usual / 60.0:g} min is usual: add the missing "
                "rows, with 0 if no rain fell"
            )


def _from_depths(path: Path, rows: list[_Row]) -> tuple[Floats, Floats]:
    """Edges of the intervals [s] and depth fallen until each [m], from depths."""
    if len(rows) < 2:
        raise SourceError(
            f"the rain series {path} has one row of 'rain_mm', so how long it fell is unknown: add "
            "a row"
        )
    times = np.array([row.time for row in rows])
    edges = np.concatenate(([2.0 * times[0] - times[1]], times))
    depths = np.array([row.rain for row in rows]) * _MILLIMETRE
    return edges, np.concatenate(([0.0], np.cumsum(depths)))


def _from_rates(path: Path, rows: list[_Row]) -> tuple[Floats, Floats]:
    """Edges of the intervals [s] and depth fallen until each [m], from rates."""
    if rows[-1].rain > 0.0:
        raise SourceError(
            f"line {rows[-1].line}, 'rain_mm_h', of the rain series {path} is a rate without an "
            "end: add a last row with 0 at the time when it ends"
        )
    times = np.array([row.time for row in rows])
    rates = np.array([row.rain for row in rows[:-1]]) * _MILLIMETRE / _HOUR
    return times, np.concatenate(([0.0], np.cumsum(rates * np.diff(times))))


def _check_rates(path: Path, rows: list[_Row], column: str, times: Floats, fallen: Floats) -> None:
    """No interval rains harder than anything measured."""
    rates = np.diff(fallen) / np.diff(times) * _HOUR / _MILLIMETRE
    for row, rate in zip(rows, rates, strict=False):
        if rate > HARDEST_MM_H * (1.0 + 1e-9):
            raise SourceError(
                f"line {row.line}, '{column}', of the rain series {path} means {rate:,.0f} mm/h: "
                f"more than {HARDEST_MM_H:,.0f} mm/h is a wrong unit or a broken gauge, so check it"
            )
