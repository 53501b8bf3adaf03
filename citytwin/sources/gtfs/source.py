"""Stops of public transport and how often something leaves them, from a GTFS feed."""

import datetime as dt
from pathlib import Path
from typing import ClassVar

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pydantic import Field

from citytwin.errors import SourceError
from citytwin.registry import sources
from citytwin.sources.base import Box, Fault, Reading, Source
from citytwin.sources.gtfs.calendar import services_by_date, usual_weekday
from citytwin.sources.gtfs.feed import Feed
from citytwin.sources.mapped.mapped_reading import meets

#: Kind of a stop by route_type of GTFS Schedule.
KINDS = {
    0: "tram",
    1: "subway",
    2: "rail",
    3: "bus",
    4: "ferry",
    5: "tram",
    6: "aerialway",
    7: "rail",
    11: "bus",
    12: "rail",
}
#: The same by hundreds of the extended route types, which many feeds use; not verified in a
#: document that was at hand here.
EXTENDED = {
    1: "rail",
    2: "bus",
    4: "subway",
    7: "bus",
    8: "bus",
    9: "tram",
    10: "ferry",
    12: "ferry",
    13: "aerialway",
    14: "rail",
}


@sources.register
class Gtfs(Source):
    """Stops with their kind, departures and routes on a usual weekday, from a zip file or folder.

    A departure is a call at which passengers may board and that is not the end of its trip. Trips
    of ``frequencies.txt`` count as often as they run. The day is the first on which the services
    run that run on most Tuesdays to Thursdays of the feed; the log names it.
    """

    name: ClassVar[str] = "gtfs"

    day: dt.date | None = Field(
        default=None, description="Day whose departures are counted; a usual weekday if left out"
    )

    def files(self, folder: Path) -> list[Path]:
        """The zip file, or the tables of the folder."""
        place = self.place(folder)
        return sorted(place.glob("*.txt")) if place.is_dir() else [place]

    def read(self, folder: Path, box: Box) -> Reading:
        """Read the feed; see :class:`Source`."""
        feed = Feed(self.place(folder))
        stops, faults = _stops(feed, box)
        trips = feed.table("trips", ("route_id", "service_id", "trip_id"))
        day, trips = self._on_the_day(feed, trips)
        calls = _calls(feed, trips, set(stops["stop_id"]))
        table = _counted(stops, calls, _kinds(feed))
        total = int(table["departures"].sum())
        remark = f"{feed.place.name}: {total} departures on {day:%A} {day.isoformat()}"
        empty = [] if len(table) else [f"no stop of {feed.place} lies in the box of the city"]
        return Reading(
            {"stops": table}, faults=faults, remarks=[remark, *empty], date=_stated_date(feed)
        )

    def _on_the_day(self, feed: Feed, trips: pd.DataFrame) -> tuple[dt.date, pd.DataFrame]:
        """The day whose departures count, and the trips that run then."""
        running = services_by_date(feed)
        day = self.day or usual_weekday(running, trips["service_id"].value_counts())
        if day not in running:
            raise SourceError(
                f"the feed {feed.place} has no trips on {day}: choose a 'day' "
                f"from {min(running)} to {max(running)}"
            )
        return day, trips[trips["service_id"].isin(running[day])]


def _stops(feed: Feed, box: Box) -> tuple[gpd.GeoDataFrame, list[Fault]]:
    """Stops and platforms (location_type 0) in the box."""
    table = feed.table(
        "stops", ("stop_id",), ("stop_name", "stop_lat", "stop_lon", "location_type")
    )
    table = table[table["location_type"].isin(["", "0"])]
    lon, lat = (
        pd.to_numeric(table[name], errors="coerce").to_numpy(dtype=np.float64)
        for name in ("stop_lon", "stop_lat")
    )
    known = (np.abs(lon) <= 180.0) & (np.abs(lat) <= 90.0)
    if len(table) and not known.any():
        raise SourceError(f"no stop of the feed {feed.place} has a longitude and a latitude")
    faults = [
        Fault("stops", str(name), "it has no longitude and latitude", "dropped")
        for name in table["stop_id"][~known]
    ]
    points = gpd.GeoDataFrame(
        table[known], geometry=shapely.points(lon[known], lat[known]), crs="EPSG:4326"
    )
    return points[meets(points, box)].reset_index(drop=True), faults


def _calls(feed: Feed, trips: pd.DataFrame, stops: set[str]) -> pd.DataFrame:
    """Departures at some stops: one row a call, with the route and how often its trip runs."""
    wanted = set(trips["trip_id"])
    parts = [
        part[part["trip_id"].isin(wanted)]
        for part in feed.chunks(
            "stop_times", ("trip_id", "stop_id", "stop_sequence"), ("pickup_type",)
        )
    ]
    calls = pd.concat(parts, ignore_index=True)
    order = pd.to_numeric(calls["stop_sequence"], errors="coerce")
    last = order.groupby(calls["trip_id"]).transform("max")
    boards = (order < last) & (calls["pickup_type"] != "1")
    calls = calls[boards & calls["stop_id"].isin(stops)]
    routes = trips.drop_duplicates("trip_id").set_index("trip_id")["route_id"]
    often = _frequencies(feed)
    return calls.assign(
        route_id=calls["trip_id"].map(routes), times=calls["trip_id"].map(often).fillna(1.0)
    )


def _frequencies(feed: Feed) -> "pd.Series[float]":
    """How often each trip of frequencies.txt runs."""
    if not feed.has("frequencies"):
        return pd.Series(dtype=np.float64)
    table = feed.table("frequencies", ("trip_id", "start_time", "end_time", "headway_secs"))
    span = _seconds(table["end_time"]) - _seconds(table["start_time"])
    headway = pd.to_numeric(table["headway_secs"], errors="coerce")
    if not ((headway > 0.0) & (span > 0.0)).all():
        raise SourceError(
            f"frequencies.txt of the feed {feed.place} has a row whose times or headway are wrong: "
            "mend it"
        )
    return np.ceil(span / headway).groupby(table["trip_id"]).sum()


def _seconds(column: "pd.Series[str]") -> "pd.Series[float]":
    """Times as hours, minutes and seconds to seconds [s]; NaN where they are none."""
    parts = column.str.extract(r"^(\d+):(\d\d):(\d\d)$").astype(np.float64)
    return parts[0] * 3600.0 + parts[1] * 60.0 + parts[2]


def _kinds(feed: Feed) -> "pd.Series[str]":
    """Kind of each route."""
    routes = feed.table("routes", ("route_id", "route_type"))
    code = pd.to_numeric(routes["route_type"], errors="coerce").fillna(-1.0).astype(np.int64)
    kind = code.map(KINDS)
    kind = kind.where(kind.notna(), (code // 100).where(code >= 100, -1).map(EXTENDED)).fillna("")
    return pd.Series(kind.to_numpy(), index=routes["route_id"]).groupby(level=0).first()


def _counted(
    stops: gpd.GeoDataFrame, calls: pd.DataFrame, kinds: "pd.Series[str]"
) -> gpd.GeoDataFrame:
    """Stops with their departures, routes, and the kind that leaves most often."""
    departures = calls.groupby("stop_id")["times"].sum()
    routes = calls.groupby("stop_id")["route_id"].nunique()
    by_kind = calls.assign(kind=calls["route_id"].map(kinds).fillna(""))
    count = by_kind.groupby(["stop_id", "kind"])["times"].sum().reset_index()
    count = count.sort_values(["times", "kind"], ascending=[False, True])
    main = count.drop_duplicates("stop_id").set_index("stop_id")["kind"]
    return gpd.GeoDataFrame(
        {
            "source_id": stops["stop_id"],
            "name": stops["stop_name"],
            "kind": stops["stop_id"].map(main).fillna(""),
            "departures": stops["stop_id"].map(departures).fillna(0.0),
            "routes": stops["stop_id"].map(routes).fillna(0.0).astype(np.float64),
        },
        geometry=stops.geometry.to_numpy(),
        crs="EPSG:4326",
    )


def _stated_date(feed: Feed) -> str:
    """First day of the feed as feed_info.txt says it [ISO 8601]."""
    if not feed.has("feed_info"):
        return ""
    table = feed.table("feed_info", (), ("feed_start_date",))
    text = str(table["feed_start_date"].iloc[0]) if len(table) else ""
    return f"{text[:4]}-{text[4:6]}-{text[6:8]}" if len(text) == 8 and text.isdecimal() else ""
