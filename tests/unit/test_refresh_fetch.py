"""Refresh of a city whose source comes from an address."""

import json
import os
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from citytwin.errors import SourceError
from citytwin.fetch import fetching as fetch
from citytwin.fetch.patience import Patience
from citytwin.refresh.job import Refreshed
from citytwin.refresh.refreshing import refresh

ROOT = Path(__file__).resolve().parents[2]
RECIPE = """
name = "place"
title = "Place"
resolution = 11
bounds = [24.940, 60.170, 24.944, 60.172]

[[sources]]
name = "vector_file"
id = "houses"
url = "{url}"
licence = "CC0-1.0"
attribution = "nobody"
layer = "buildings"

[terrain]
method = "none"

[population]
kinds = "{root}/data/tables/building_kinds.csv"

[land_cover]
table = "{root}/data/tables/land_cover.csv"
street_widths = "{root}/data/tables/street_widths.csv"
"""


class Handler(SimpleHTTPRequestHandler):
    asked: list[str]

    def log_message(self, *args: Any) -> None:
        pass

    def do_GET(self) -> None:
        self.server.asked.append(self.path)  # type: ignore[attr-defined]
        super().do_GET()


class Place:
    """A recipe, what it fetches, and the server of that."""

    def __init__(self, folder: Path, server: Any) -> None:
        self.server = server
        self.cities = folder / "cities"
        self.file = folder / "site" / "houses.geojson"
        self.recipe = folder / "place.toml"
        self.write(4)
        url = f"http://127.0.0.1:{server.server_address[1]}/houses.geojson"
        self.recipe.write_text(RECIPE.format(url=url, root=ROOT), encoding="utf-8")

    def write(self, count: int) -> None:
        """Put so many houses on the server, each time an hour newer."""
        houses = []
        for number in range(count):
            west, south = 24.941 + 0.0005 * number, 60.1705
            east, north = west + 0.0002, south + 0.0001
            ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
            geometry = {"type": "Polygon", "coordinates": [ring]}
            houses.append({"type": "Feature", "properties": {}, "geometry": geometry})
        self.file.write_text(json.dumps({"type": "FeatureCollection", "features": houses}))
        time = 1_700_000_000 + 3600 * count
        os.utime(self.file, (time, time))

    def refresh(self, **words: Any) -> Refreshed:
        return refresh(self.recipe, self.cities, **words)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    (tmp_path / "site").mkdir()
    handler = partial(Handler, directory=str(tmp_path / "site"))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    server.asked = []  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield Place(tmp_path, server)
    server.shutdown()
    server.server_close()
    thread.join()


def test_the_night_after_the_file_is_asked_for_and_nothing_is_done(place: Place) -> None:
    outcome = place.refresh()
    assert outcome.status == "published"
    assert any("fetched, " in remark for remark in outcome.remarks)
    for _ in range(2):
        outcome = place.refresh()
        assert outcome.status == "unchanged"
        assert any("not changed since it was fetched" in remark for remark in outcome.remarks)
    assert len(place.server.asked) == 3


def test_a_newer_file_gives_a_new_city(place: Place) -> None:
    place.refresh()
    place.write(5)
    outcome = place.refresh()
    assert outcome.status == "published"
    assert outcome.changes is not None
    assert outcome.changes["layers"]["buildings"]["added"] == 1


def test_without_network_the_job_goes_on_and_says_how_old_the_file_is(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch, "PATIENCE", Patience(tries=1, connect=1.0))
    place.refresh()
    place.recipe.write_text(place.recipe.read_text().replace("Place", "Other place"))
    place.file.unlink()
    with pytest.raises(SourceError, match=r"source 'houses'.*--path houses=FILE.*stays as it was"):
        place.refresh()
    place.server.shutdown()
    place.server.socket.close()
    outcome = place.refresh()
    assert outcome.status == "published"
    assert any("hours ago" in remark for remark in outcome.remarks)
    assert place.refresh(offline=True).status == "unchanged"


def test_a_file_of_one_s_own_needs_no_network(place: Place, tmp_path: Path) -> None:
    own = tmp_path / "own.geojson"
    own.write_bytes(place.file.read_bytes())
    assert place.refresh(paths={"houses": own}, offline=True).status == "published"
    assert place.server.asked == []
    assert place.refresh(paths={"houses": own}, offline=True).status == "unchanged"
