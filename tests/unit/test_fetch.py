"""Fetching over a real local server: cuts, ranges, checksums, redirects, stalls, no network."""

import hashlib
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from citytwin.city.lock import held
from citytwin.errors import BusyError, OutputError, SourceError, UnreachableError
from citytwin.fetch.fetching import fetched
from citytwin.fetch.patience import Patience

QUICK = Patience(connect=2.0, silence=0.5, window=0.6, tries=3, pause=0.01, total=20.0)
BODY = np.random.default_rng(3).bytes(400_000)
OTHER = np.random.default_rng(4).bytes(300_000)


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@dataclass
class Site:
    """What the server does, and what it was asked."""

    body: bytes = BODY
    etag: str = '"one"'
    modified: str = ""
    ranges: bool = True
    cuts: list[int] = field(default_factory=list)
    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    drip: float = 0.0
    pause: float = 0.0
    lies: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)
    between: Callable[["Site"], None] | None = None
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/data/city.osm.pbf"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args: Any) -> None:
        pass

    def do_GET(self) -> None:
        site: Site = self.server.site  # type: ignore[attr-defined]
        site.asked.append({"path": self.path, **dict(self.headers)})
        self.close_connection = True
        if site.answers:
            code, headers = site.answers.pop(0)
            self.answer(code, headers, b"")
        elif self.path.startswith("/loop"):
            self.answer(302, {"Location": f"/loop{len(site.asked)}"}, b"")
        elif self.path.startswith("/from"):
            self.answer(302, {"Location": "/data/city.osm.pbf"}, b"")
        elif self.unchanged(site):
            self.answer(304, {"ETag": site.etag}, b"")
        else:
            self.give(site)

    def unchanged(self, site: Site) -> bool:
        none_match = self.headers.get("If-None-Match")
        if none_match is not None:
            return none_match == site.etag
        return bool(site.modified) and self.headers.get("If-Modified-Since") == site.modified

    def give(self, site: Site) -> None:
        body, code, headers = site.body, 200, dict(site.headers)
        if site.etag:
            headers["ETag"] = site.etag
        if site.modified:
            headers["Last-Modified"] = site.modified
        wanted = self.headers.get("Range")
        same = self.headers.get("If-Range") in (None, site.etag or None, site.modified or None)
        if site.ranges and wanted and same:
            begin = int(wanted.removeprefix("bytes=").rstrip("-"))
            if begin >= len(body):
                self.answer(416, {"Content-Range": f"bytes */{len(body)}"}, b"")
                return
            headers["Content-Range"] = f"bytes {begin}-{len(body) - 1}/{len(body)}"
            body, code = body[begin:], 206
        self.answer(code, headers, body)

    def answer(self, code: int, headers: dict[str, str], body: bytes) -> None:
        site: Site = self.server.site  # type: ignore[attr-defined]
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body) + site.lies))
        self.send_header("Connection", "close")
        self.end_headers()
        try:
            if body and site.cuts:
                self.wfile.write(body[: site.cuts.pop(0)])
                if site.between:
                    site.between(site)
            elif body and site.drip:
                for byte in body[:200]:
                    self.wfile.write(bytes([byte]))
                    self.wfile.flush()
                    time.sleep(site.drip)
            elif body and site.pause:
                self.wfile.write(body[:100])
                self.wfile.flush()
                time.sleep(site.pause)
            else:
                self.wfile.write(body)
        except (BrokenPipeError, ConnectionResetError):
            pass


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.site = Site(port=server.server_address[1])  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server.site  # type: ignore[attr-defined]
    server.shutdown()
    server.server_close()
    thread.join()


class Get:
    """Fetch from the site into one folder, and keep the remarks."""

    def __init__(self, site: Site, downloads: Path) -> None:
        self.site = site
        self.downloads = downloads
        self.notes: list[str] = []

    def __call__(self, checksum: str = "", url: str = "", **words: Any) -> Path:
        words.setdefault("patience", QUICK)
        return fetched(
            url or self.site.url,
            checksum,
            self.downloads,
            source="osm",
            report=self.note,
            **words,
        )

    def note(self, step: str, share: float, note: str) -> None:
        assert step == "fetch"
        assert 0.0 <= share <= 1.0
        self.notes.append(note)

    def leftovers(self) -> list[str]:
        names = {path.name for path in self.downloads.rglob("*") if path.is_file()}
        return sorted(names - {"city.osm.pbf", ".about.json", ".lock"})


@pytest.fixture
def get(site: Site, tmp_path: Path) -> Get:
    return Get(site, tmp_path / "downloads")


def test_a_file_comes_whole_under_its_own_name_in_a_folder_of_its_address(get: Get) -> None:
    path = get(sha(BODY))
    assert path.read_bytes() == BODY
    assert path == get.downloads / sha(get.site.url.encode()) / "city.osm.pbf"
    assert get.leftovers() == []
    assert any("fetched, 400,000 bytes" in note for note in get.notes)


def test_a_file_with_its_checksum_is_not_asked_for_again(get: Get) -> None:
    get(sha(BODY))
    get(sha(BODY))
    assert len(get.site.asked) == 1


def test_a_cut_is_resumed_where_it_happened_and_the_file_is_right(get: Get) -> None:
    get.site.cuts = [150_000, 100_000]
    assert get().read_bytes() == BODY
    assert [asked.get("Range") for asked in get.site.asked] == [
        None,
        "bytes=150000-",
        "bytes=250000-",
    ]
    assert get.site.asked[1]["If-Range"] == '"one"'


def test_a_cut_is_resumed_by_the_next_run_too(get: Get) -> None:
    get.site.cuts = [150_000]
    with pytest.raises(UnreachableError, match="1 tries"):
        get(patience=Patience(tries=1, silence=0.5))
    assert get().read_bytes() == BODY
    assert get.site.asked[-1]["Range"] == "bytes=150000-"
    assert get.leftovers() == []


def test_a_date_resumes_where_the_entity_tag_is_weak(get: Get) -> None:
    get.site.etag, get.site.modified = 'W/"one"', "Sun, 01 Nov 2026 00:00:00 GMT"
    get.site.cuts = [150_000]
    assert get().read_bytes() == BODY
    assert get.site.asked[1]["If-Range"] == "Sun, 01 Nov 2026 00:00:00 GMT"


def test_without_ranges_the_file_starts_anew(get: Get) -> None:
    get.site.ranges = False
    get.site.cuts = [150_000]
    assert get(sha(BODY)).read_bytes() == BODY
    assert len(get.site.asked) == 2


def test_without_validators_the_file_starts_anew(get: Get) -> None:
    get.site.etag = ""
    get.site.cuts = [150_000]
    assert get(sha(BODY)).read_bytes() == BODY
    assert "Range" not in get.site.asked[1]


def change(site: Site) -> None:
    site.body, site.etag = OTHER, '"two"'


def test_a_file_that_changed_between_cut_and_resume_is_not_mixed(get: Get) -> None:
    get.site.cuts, get.site.between = [150_000], change
    assert get().read_bytes() == OTHER


def test_a_server_that_ignores_if_range_does_not_mix_versions_either(get: Get) -> None:
    def change_tag_only_in_answer(site: Site) -> None:
        site.body, site.headers, site.etag = OTHER, {"ETag": '"two"'}, ""

    get.site.cuts, get.site.between = [150_000], change_tag_only_in_answer
    # Its If-Range check passes for any tag now: the answer is 206 with another entity tag.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Handler, "give", _give_any_range)
        assert get().read_bytes() == OTHER


def _give_any_range(self: Any, site: Site) -> None:
    headers = {"ETag": site.etag or '"two"'}
    wanted = self.headers.get("Range")
    begin = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted else 0
    if begin:
        headers["Content-Range"] = f"bytes {begin}-{len(site.body) - 1}/{len(site.body)}"
    self.answer(206 if begin else 200, headers, site.body[begin:])


def test_a_draft_that_was_whole_already_is_taken(get: Get) -> None:
    get.site.cuts = [len(BODY)]
    folder = get.downloads / sha(get.site.url.encode())
    folder.mkdir(parents=True)
    (folder / ".part").write_bytes(BODY)
    (folder / ".part.json").write_text(json.dumps({"etag": '"one"', "modified": ""}))
    assert get(sha(BODY)).read_bytes() == BODY
    assert len(get.site.asked) == 1


def test_a_wrong_checksum_says_so_and_keeps_the_good_file(get: Get) -> None:
    good = get(sha(BODY))
    get.site.body, get.site.etag = OTHER, '"two"'
    with pytest.raises(SourceError, match=r"source 'osm'.*SHA-256.*--path osm=FILE"):
        get(sha(b"something else"))
    assert good.read_bytes() == BODY
    assert get.leftovers() == []


def test_a_resumed_file_that_is_wrong_is_fetched_once_more_from_the_start(get: Get) -> None:
    folder = get.downloads / sha(get.site.url.encode())
    folder.mkdir(parents=True)
    (folder / ".part").write_bytes(b"\0" * 1000)  # what a crash of the machine may leave
    (folder / ".part.json").write_text(json.dumps({"etag": '"one"', "modified": ""}))
    assert get(sha(BODY)).read_bytes() == BODY
    assert [asked.get("Range") for asked in get.site.asked] == ["bytes=1000-", None]


def test_an_unchanged_file_is_kept_after_304(get: Get) -> None:
    first = get()
    before = first.stat().st_mtime_ns
    assert get() == first
    assert first.stat().st_mtime_ns == before
    assert get.site.asked[1]["If-None-Match"] == '"one"'
    assert "not changed" in get.notes[-1]


def test_a_newer_file_replaces_the_old_one(get: Get) -> None:
    get()
    change(get.site)
    assert get().read_bytes() == OTHER


def test_a_file_changed_by_hand_is_asked_for_anew(get: Get) -> None:
    get().write_bytes(b"edited")
    assert get().read_bytes() == BODY
    assert "If-None-Match" not in get.site.asked[1]


def test_a_redirect_is_followed_and_a_loop_is_told(get: Get) -> None:
    base = f"http://127.0.0.1:{get.site.port}"
    assert get(url=f"{base}/from/a.bin").read_bytes() == BODY
    with pytest.raises(SourceError, match="redirects more than 10 times"):
        get(url=f"{base}/loop")


@pytest.mark.parametrize(
    ("code", "word"), [(404, "no such file"), (403, "refuses"), (410, "no more")]
)
def test_a_refusal_names_the_source_and_the_remedy(get: Get, code: int, word: str) -> None:
    get()
    get.site.answers = [(code, {})]
    with pytest.raises(SourceError, match=rf"source 'osm'.*{word}.*--path osm=FILE") as caught:
        get()
    assert not isinstance(caught.value, UnreachableError)
    assert len(get.site.asked) == 2


def test_a_passing_failure_is_tried_again(get: Get) -> None:
    get.site.answers = [(503, {"Retry-After": "0"}), (500, {})]
    assert get().read_bytes() == BODY


def test_a_lasting_failure_ends_with_its_number_of_tries(get: Get) -> None:
    get.site.answers = [(503, {})] * 9
    with pytest.raises(UnreachableError, match=r"answers 503 \(3 tries"):
        get()
    assert len(get.site.asked) == 3


@pytest.mark.parametrize("trouble", ["stalled", "dripping", "short"])
def test_a_stalled_server_ends_in_a_sentence_not_in_a_hang(get: Get, trouble: str) -> None:
    if trouble == "stalled":
        get.site.pause = 2.0
    elif trouble == "dripping":
        get.site.drip = 0.05
    else:
        get.site.lies = 50
    get.site.etag = ""
    start = time.monotonic()
    with pytest.raises(UnreachableError, match=r"in time|stalled|connection|bytes"):
        get()
    assert time.monotonic() - start < 15.0


def test_without_network_the_file_that_is_there_serves_with_its_age(get: Get) -> None:
    path = get()
    about = path.with_name(".about.json")
    facts = json.loads(about.read_text())
    about.write_text(json.dumps(facts | {"checked": time.time() - 3 * 86_400}))
    get.site.answers = [(503, {})] * 9
    assert get().read_bytes() == BODY
    assert "3.0 days ago" in get.notes[-1]


def test_without_network_and_file_the_sentence_names_the_remedy(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # not listening: connections are refused
        url = f"http://user:secret@127.0.0.1:{taken.getsockname()[1]}/a.pbf?key=secret"
        with pytest.raises(UnreachableError, match="--path osm=FILE") as caught:
            fetched(url, "", tmp_path, source="osm", patience=QUICK)
    assert "secret" not in str(caught.value)


def test_offline_never_asks(get: Get) -> None:
    with pytest.raises(SourceError, match="--offline"):
        get(offline=True)
    path = get()
    assert get(offline=True) == path
    assert len(get.site.asked) == 1
    with pytest.raises(SourceError, match="not fetched yet"):
        get(sha(OTHER), offline=True)


def test_nothing_is_unpacked(get: Get) -> None:
    get.site.headers = {"Content-Encoding": "gzip"}
    assert get().read_bytes() == BODY
    assert get.site.asked[0]["Accept-Encoding"] == "identity"
    assert "packs the file (gzip)" in get.notes[-1]


def test_a_web_page_is_not_taken_for_a_file(get: Get) -> None:
    get.site.headers = {"Content-Type": "text/html; charset=utf-8"}
    with pytest.raises(SourceError, match="web page"):
        get()


def test_a_way_from_https_to_http_is_refused() -> None:
    import requests

    from citytwin.fetch.partial import Draft
    from citytwin.fetch.transfer import Transfer

    answer = requests.Response()
    answer.status_code, answer.url = 200, "http://127.0.0.1/a"
    step = requests.Response()
    step.url = "https://127.0.0.1/a"
    answer.history = [step]
    with pytest.raises(SourceError, match="from https to http"):
        Transfer("https://127.0.0.1/a", Draft(Path("nowhere")))._check_way(answer)


def test_a_local_address_is_used_where_it_lies(tmp_path: Path) -> None:
    path = tmp_path / "a b.bin"
    path.write_bytes(BODY)
    assert fetched(path.as_uri(), sha(BODY), tmp_path / "d") == path
    with pytest.raises(SourceError, match="SHA-256"):
        fetched(path.as_uri(), sha(OTHER), tmp_path / "d")
    assert path.read_bytes() == BODY
    with pytest.raises(SourceError, match="no file at"):
        fetched((tmp_path / "gone").as_uri(), "", tmp_path / "d")


@pytest.mark.parametrize("url", ["ftp://x/a", "nonsense", "http://", "http://[::1/a", "http:///a"])
def test_an_address_that_is_none_ends_in_a_sentence(url: str, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no address"):
        fetched(url, "", tmp_path, patience=QUICK)


def test_a_redirect_to_something_else_ends_in_a_sentence(get: Get) -> None:
    get.site.answers = [(302, {"Location": "file:///etc/hostname"})]
    with pytest.raises(SourceError, match="address does not work"):
        get()


def test_a_full_disk_ends_in_a_sentence_and_leaves_no_draft(get: Get) -> None:
    import resource
    import signal

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    old = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, hard))
    try:
        with pytest.raises(OutputError, match="cannot be kept"):
            get()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, old)
    assert get.leftovers() == []


def test_two_processes_do_not_fetch_one_file_at_a_time(get: Get) -> None:
    folder = get.downloads / sha(get.site.url.encode())
    with (
        held(folder / ".lock", "the file is being fetched"),
        pytest.raises(BusyError, match="being fetched by process"),
    ):
        get(patience=Patience(total=0.2))
    assert get().read_bytes() == BODY
