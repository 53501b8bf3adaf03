"""Which services of a GTFS feed run on a usual weekday."""

from datetime import date, timedelta

import pandas as pd

from citytwin.errors import SourceError
from citytwin.sources.gtfs.feed import Feed

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
#: Weekdays that are asked one after the other until trips run on one of them.
USUAL = ((1, 2, 3), (0, 4), (5, 6))
#: Longest time for which a calendar is looked at [days].
LONGEST = 1100


def services_by_date(feed: Feed) -> dict[date, frozenset[str]]:
    """Services that run on each date of the feed.

    Raises
    ------
    SourceError
        If the feed has no calendar, or a date in it is none.
    """
    running: dict[date, set[str]] = {}
    if feed.has("calendar"):
        table = feed.table("calendar", ("service_id", *DAYS, "start_date", "end_date"))
        for row in table.itertuples(index=False):
            first, last = _date(row.start_date, feed), _date(row.end_date, feed)
            days = [getattr(row, name) == "1" for name in DAYS]
            for step in range(min((last - first).days, LONGEST) + 1):
                day = first + timedelta(days=step)
                if days[day.weekday()]:
                    running.setdefault(day, set()).add(row.service_id)
    if feed.has("calendar_dates"):
        table = feed.table("calendar_dates", ("service_id", "date", "exception_type"))
        for row in table.itertuples(index=False):
            services = running.setdefault(_date(row.date, feed), set())
            (services.add if row.exception_type == "1" else services.discard)(row.service_id)
    if not running:
        raise SourceError(f"the feed {feed.place} has no calendar, so no trip in it ever runs")
    return {day: frozenset(services) for day, services in running.items()}


def _date(text: str, feed: Feed) -> date:
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:8]))
    except ValueError as error:
        raise SourceError(
            f"the calendar of the feed {feed.place} has the date '{text}': it must be YYYYMMDD"
        ) from error


def usual_weekday(running: dict[date, frozenset[str]], trips: "pd.Series[int]") -> date:
    """A date on which the feed runs as it usually does in the middle of a week.

    Of all Tuesdays, Wednesdays and Thursdays on which trips run, the set of services that runs on
    most of them is the usual one (of equals, the one with more trips), and its first date is taken.
    A feed that does not run on such days is asked for Mondays and Fridays, then for weekends.

    Parameters
    ----------
    running
        Services by date.
    trips
        Trips of each service.
    """
    for weekdays in USUAL:
        days = [day for day in sorted(running) if day.weekday() in weekdays]
        count: dict[frozenset[str], int] = {}
        for day in days:
            count[running[day]] = count.get(running[day], 0) + 1
        size = {services: sum(int(trips.get(name, 0)) for name in services) for services in count}
        ran = [services for services in count if size[services] > 0]
        if ran:
            best = max(ran, key=lambda services: (count[services], size[services]))
            return next(day for day in days if running[day] == best)
    return min(running)
