"""Dates of a city's content, as far as its sources state them."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

import duckdb

from citytwin.city import City


@dataclass(frozen=True)
class Dates:
    """From when to when the content of a city is.

    Attributes
    ----------
    first, last
        Earliest and latest date that a source states (midnight UTC).
    stated
        False if no source states a date: then both are the time when the city file was built.
    """

    first: datetime
    last: datetime
    stated: bool


def content_dates(city: City) -> Dates:
    """Dates that the sources of a city state; else the time of its build."""
    found = [date for row in city.sources if (date := parse_date(str(row["date"]))) is not None]
    if found:
        return Dates(min(found), max(found), stated=True)
    built = _built(city)
    return Dates(built, built, stated=False)


def parse_date(text: str) -> datetime | None:
    """Date at the start of a text: a year, a month or a day, ISO 8601; ``None`` without one."""
    found = re.match(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?(?!\d)", text.strip())
    if found is None:
        return None
    year, month, day = (int(part) if part else 1 for part in found.groups())
    try:
        return datetime(year, month, day, tzinfo=UTC)
    except ValueError:
        return None


def as_text(date: datetime) -> str:
    """Date and time, RFC 3339 in UTC."""
    return date.strftime("%Y-%m-%dT%H:%M:%SZ")


def _built(city: City) -> datetime:
    try:
        seconds = float(city.query("SELECT unix_time FROM built")["unix_time"][0])
    except (duckdb.Error, IndexError):
        seconds = city.path.stat().st_mtime
    return datetime.fromtimestamp(int(seconds), tz=UTC)
