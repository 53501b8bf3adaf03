"""Stops and departures of GTFS feeds: made-up ones with known answers, and two real ones."""

import zipfile
from pathlib import Path
from typing import Any

import pytest

from citytwin.errors import SourceError
from citytwin.sources.gtfs.source import Gtfs

ROOT = Path("/")
SHARED = Path(__file__).parents[3] / "shared" / "data"
BOX = (24.0, 60.0, 25.0, 61.0)
WEEK = "monday,tuesday,wednesday,thursday,friday,saturday,sunday"

#: Two trips a day on work days, one on the school day, a night trip on Saturdays.
FEED = {
    "stops": "stop_id,stop_name,stop_lat,stop_lon,location_type\n"
    "a,Asema,60.17,24.94,\nb,Übergang,60.18,24.95,0\nc,終点,60.19,24.96,\n"
    "station,Asema,60.17,24.94,1\nnowhere,X,,,\nparis,P,48.0,2.0,\n",
    "routes": "route_id,route_type\nR1,3\nR2,0\nR3,900\n",
    "trips": "route_id,service_id,trip_id\nR1,work,t1\nR1,work,t2\nR2,school,t3\nR1,night,t4\n",
    "stop_times": "trip_id,stop_id,stop_sequence,pickup_type,departure_time\n"
    "t1,a,1,,08:00:00\nt1,b,2,,08:05:00\nt1,c,3,,08:10:00\n"
    "t2,c,10,,25:00:00\nt2,b,20,1,25:05:00\nt2,a,30,,25:10:00\n"
    "t3,a,1,,08:00:00\nt3,b,2,,08:05:00\n"
    "t4,a,1,,23:00:00\nt4,c,2,,23:10:00\n",
    "calendar": f"service_id,{WEEK},start_date,end_date\n"
    "work,1,1,1,1,1,0,0,20240101,20240131\nnight,0,0,0,0,0,1,0,20240101,20240131\n",
    "calendar_dates": "service_id,date,exception_type\n"
    "school,20240110,1\nwork,20240101,2\nwork,20240102,2\n",
}


def feed(folder: Path, *, zipped: bool = False, inner: str = "", **changes: str | None) -> Path:
    tables = {name: text for name, text in (FEED | changes).items() if text is not None}
    if zipped:
        path = folder / "feed.zip"
        with zipfile.ZipFile(path, "w") as archive:
            for name, text in tables.items():
                archive.writestr(f"{inner}{name}.txt", text.encode("utf-8-sig"))
        return path
    path = folder / "feed"
    path.mkdir()
    for name, text in tables.items():
        (path / f"{name}.txt").write_text(text, encoding="utf-8")
    return path


def read(path: Path, **changes: Any) -> Any:
    settings = {"path": path, "licence": "CC0-1.0", "attribution": "x"}
    return Gtfs.model_validate(settings | changes).read(ROOT, BOX)


def departures(reading: Any) -> dict[str, float]:
    table = reading.layers["stops"]
    return dict(zip(table["source_id"], table["departures"], strict=True))


@pytest.mark.parametrize(("zipped", "inner"), [(False, ""), (True, ""), (True, "gtfs/")])
def test_departures_on_a_usual_weekday(tmp_path: Path, *, zipped: bool, inner: str) -> None:
    reading = read(feed(tmp_path, zipped=zipped, inner=inner))
    # The first Tuesday is a holiday; t2 lets nobody on at b; ends of trips are no departures.
    assert "Wednesday 2024-01-03" in reading.remarks[0]
    assert departures(reading) == {"a": 1.0, "b": 1.0, "c": 1.0}
    table = reading.layers["stops"].set_index("source_id")
    assert table["name"].to_dict() == {"a": "Asema", "b": "Übergang", "c": "終点"}
    assert set(table["kind"]) == {"bus"}
    assert table["routes"].tolist() == [1.0, 1.0, 1.0]
    assert [fault.source_id for fault in reading.faults] == ["nowhere"]


def test_commas_at_the_ends_of_lines_do_not_shift_columns(tmp_path: Path) -> None:
    times = FEED["stop_times"].replace("\n", ",\n").replace("departure_time,", "departure_time")
    assert departures(read(feed(tmp_path, stop_times=times))) == {"a": 1.0, "b": 1.0, "c": 1.0}


def test_the_day_may_be_chosen(tmp_path: Path) -> None:
    path = feed(tmp_path)
    assert departures(read(path, day="2024-01-10")) == {"a": 2.0, "b": 1.0, "c": 1.0}
    assert departures(read(path, day="2024-01-06")) == {"a": 1.0, "b": 0.0, "c": 0.0}
    with pytest.raises(SourceError, match="no trips on 2030-01-01: choose a 'day' from 2024-01-01"):
        read(path, day="2030-01-01")


def test_the_kind_is_that_which_leaves_most_often(tmp_path: Path) -> None:
    more = FEED["trips"] + "R3,school,t5\n"
    times = FEED["stop_times"] + "t5,a,1,,09:00:00\nt5,b,2,,09:10:00\n"
    reading = read(feed(tmp_path, trips=more, stop_times=times), day="2024-01-10")
    table = reading.layers["stops"].set_index("source_id")
    assert table.loc["a", "kind"] == "tram"
    assert table.loc["a", "routes"] == 3.0


def test_trips_that_run_by_headway_count_as_often_as_they_run(tmp_path: Path) -> None:
    head = "trip_id,start_time,end_time,headway_secs\n"
    path = feed(tmp_path, frequencies=head + "t1,08:00:00,09:00:00,600\nt1,24:00:00,24:25:00,600\n")
    assert departures(read(path)) == {"a": 9.0, "b": 9.0, "c": 1.0}
    (path / "frequencies.txt").write_text(head + "t1,08:00:00,09:00:00,0\n", encoding="utf-8")
    with pytest.raises(SourceError, match="times or headway are wrong"):
        read(path)


def test_a_feed_that_runs_on_sundays_only(tmp_path: Path) -> None:
    calendar = f"service_id,{WEEK},start_date,end_date\nwork,0,0,0,0,0,0,1,20240101,20240131\n"
    reading = read(feed(tmp_path, calendar=calendar, calendar_dates=None))
    assert "Sunday 2024-01-07" in reading.remarks[0]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"stops": None}, "holds no stops.txt"),
        ({"trips": None}, "has no trips.txt, which GTFS requires"),
        ({"routes": "route_id\nR1\n"}, "routes.txt .* has no column 'route_type'"),
        ({"calendar": None, "calendar_dates": None}, "has no calendar"),
        ({"calendar_dates": "service_id,date,exception_type\nx,2024-1,1\n"}, "date '2024-1'"),
        ({"stops": "stop_id,stop_lat,stop_lon\na,x,y\n"}, "no stop of the feed .* has a longitude"),
        ({"stop_times": ""}, "cannot be read: it is broken"),
    ],
)
def test_feeds_that_are_wrong(changes: Any, words: str, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=words):
        read(feed(tmp_path, **changes))


def test_missing_and_broken_archives(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="does not exist"):
        read(tmp_path / "a.zip")
    path = tmp_path / "b.zip"
    path.write_bytes(b"PK nothing")
    with pytest.raises(SourceError, match="broken or cut short"):
        read(path)


@pytest.mark.skipif(
    not (SHARED / "porto-alegre").is_dir(), reason="../shared/data/porto-alegre is not there"
)
def test_buses_and_trains_of_porto_alegre() -> None:
    box = (-52.0, -31.0, -50.0, -29.0)
    settings = {"licence": "ODbL-1.0", "attribution": "x"}
    folder = SHARED / "porto-alegre"
    for name, stops, kind, total in (
        ("eptc", 3986, "bus", 127_645),
        ("trensurb", 24, "rail", 5818),
    ):
        path = folder / f"poa_{name}.zip"
        reading = Gtfs.model_validate({"path": path} | settings).read(ROOT, box)
        table = reading.layers["stops"]
        assert len(table) == stops
        assert set(table["kind"]) - {""} == {kind}
        assert table["departures"].sum() == total
        assert ((table["departures"] > 0) == (table["routes"] > 0)).all()
