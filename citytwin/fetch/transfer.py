"""One file over HTTP: resumed after a cut, tried again after a failure, never unpacked."""

import time
from dataclasses import dataclass, field

import requests
from urllib3.exceptions import HTTPError

from citytwin.errors import SourceError, UnreachableError
from citytwin.fetch.address import shown
from citytwin.fetch.partial import Draft, Validators
from citytwin.fetch.patience import Again, Pace, Patience
from citytwin.progress import Progress, silent

_CHUNK = 1 << 18
#: Greatest number of redirects that are followed.
_REDIRECTS = 10
#: Greatest pause between two tries [s].
_LONGEST_PAUSE = 30.0
#: Answers after which it is worth to try again.
_PASSING = (408, 425, 429, 500, 502, 503, 504)
_NO_CHANGE, _PARTIAL, _BAD_RANGE = 304, 206, 416
_REASONS = {
    401: "the server wants a name and a password",
    403: "the server refuses it",
    404: "the server has no such file",
    410: "the server has it no more",
}


_UNKNOWN, _PATIENCE = Validators(), Patience()


@dataclass
class Transfer:
    """Brings one file into a draft.

    Attributes
    ----------
    url
        Where the file is.
    draft
        Where it goes; what an earlier transfer left there is resumed.
    known
        Validators of the version that one has already.
    patience, report
        How long it may take; where progress goes.
    """

    url: str
    draft: Draft
    known: Validators = _UNKNOWN
    patience: Patience = _PATIENCE
    report: Progress = silent
    remarks: list[str] = field(default_factory=list)
    resumed: bool = False

    def run(self) -> Validators | None:
        """Validators of what lies whole in the draft now, or nothing if ``known`` still holds.

        Raises
        ------
        UnreachableError
            If the server does not answer, or too slowly, after all tries.
        SourceError
            If it answers that it will not give the file.
        """
        start = time.monotonic()
        failed, pause = 0, self.patience.pause
        with requests.Session() as session:
            session.max_redirects = _REDIRECTS
            while True:
                before = self.draft.size()
                try:
                    return self._try(session, start)
                except Again as again:
                    grown = self.draft.size() > before and (self.resumed or not before)
                    failed, pause = (1, self.patience.pause) if grown else (failed + 1, pause)
                    left = self.patience.total - (time.monotonic() - start)
                    wait = min(max(pause, again.pause), _LONGEST_PAUSE)
                    if failed >= self.patience.tries or left <= wait:
                        spent = time.monotonic() - start
                        raise UnreachableError(
                            f"{shown(self.url)} cannot be fetched: {again.reason} "
                            f"({failed} tries, {spent:.0f} s)"
                        ) from again
                    time.sleep(wait)
                    pause = min(2.0 * pause, _LONGEST_PAUSE)

    def _try(self, session: requests.Session, start: float) -> Validators | None:
        """One request; raises ``Again`` where another one may do better."""
        headers = {"Accept-Encoding": "identity", "User-Agent": "citytwin"}
        size, same = self.draft.size(), self.draft.validators().if_same()
        if size and same:
            headers |= {"Range": f"bytes={size}-", "If-Range": same}
        else:
            headers |= self.known.unless_same()
        times = (self.patience.connect, self.patience.silence)
        try:
            with session.get(self.url, headers=headers, stream=True, timeout=times) as answer:
                return self._take(answer, size, start)
        except requests.exceptions.SSLError as error:
            raise self._refused(f"its certificate is not good ({_first(error)})") from error
        except requests.TooManyRedirects as error:
            raise self._refused(f"it redirects more than {_REDIRECTS} times") from error
        except requests.Timeout as error:
            raise Again("the server does not answer in time") from error
        except (requests.ConnectionError, HTTPError) as error:
            raise Again(f"the connection failed ({_first(error)})") from error
        except requests.RequestException as error:
            raise self._refused(f"its address does not work ({_first(error)})") from error

    def _take(self, answer: requests.Response, size: int, start: float) -> Validators | None:
        """Write the body of an answer; raises where it is none of those that bring a file."""
        self._check_way(answer)
        if answer.status_code == _NO_CHANGE:
            return None
        if answer.status_code in (_BAD_RANGE, _PARTIAL):
            self._check_part(answer, size)
        if answer.status_code == _BAD_RANGE:  # the draft is whole: nothing was left to send
            self.resumed = True
            return self.draft.validators()
        if answer.status_code in _PASSING:
            raise Again(f"the server answers {answer.status_code}", _asked_pause(answer))
        if answer.status_code not in (200, _PARTIAL):
            reason = _REASONS.get(answer.status_code, "the server does not give it")
            raise self._refused(f"{reason} ({answer.status_code})")
        validators = Validators.of(answer.headers)
        if answer.status_code == _PARTIAL:
            self.resumed = True
        else:
            size, self.resumed = 0, False
            self.draft.begin(validators)
        self._remark(answer)
        self._write(answer, size, start)
        return validators

    def _check_part(self, answer: requests.Response, size: int) -> None:
        """Drop the draft if an answer does not begin where it ends, in the same version."""
        etag, ours = answer.headers.get("ETag", ""), self.draft.validators().etag
        place = answer.headers.get("Content-Range", "").replace(" ", "")
        whole = answer.status_code == _BAD_RANGE and size > 0 and place == f"bytes*/{size}"
        if (etag and size and etag != ours) or not (whole or place.startswith(f"bytes{size}-")):
            self.draft.remove()
            raise Again("the server does not continue the file where it was cut")

    def _check_way(self, answer: requests.Response) -> None:
        """Refuse a way from a protected address to an open one, and pages in place of files."""
        if self.url.lower().startswith("https:") and any(
            not step.url.lower().startswith("https:") for step in (*answer.history, answer)
        ):
            raise self._refused("it redirects from https to http")
        kind = answer.headers.get("Content-Type", "")
        page = self.url.lower().endswith((".html", ".htm"))
        if answer.ok and kind.startswith("text/html") and not page:
            raise self._refused("the server sends a web page in place of a file")

    def _write(self, answer: requests.Response, size: int, start: float) -> None:
        total = _whole_size(answer, size)
        pace = Pace(self.patience, start)
        with self.draft.path.open("ab") as file:
            while chunk := answer.raw.read1(_CHUNK, decode_content=False):
                file.write(chunk)
                size += len(chunk)
                if pace.due(len(chunk)):
                    share = size / total if total else 0.0
                    self.report("fetch", share, "")
        if total and size != total:
            raise Again(f"the server sent {size:,} of {total:,} bytes")

    def _remark(self, answer: requests.Response) -> None:
        packing = answer.headers.get("Content-Encoding", "identity")
        if packing.lower() not in ("", "identity"):
            self.remarks.append(f"the server packs the file ({packing}); it is kept as it was sent")

    def _refused(self, reason: str) -> SourceError:
        return SourceError(f"{shown(self.url)} cannot be fetched: {reason}")


def _whole_size(answer: requests.Response, size: int) -> int:
    """Bytes of the whole file, 0 if the server does not say."""
    whole = answer.headers.get("Content-Range", "").rpartition("/")[2]
    if answer.status_code == _PARTIAL and whole.isdigit():
        return int(whole)
    length = answer.headers.get("Content-Length", "")
    return size + int(length) if length.isdigit() else 0


def _asked_pause(answer: requests.Response) -> float:
    asked = answer.headers.get("Retry-After", "")
    return float(asked) if asked.isdigit() else 0.0


def _first(error: Exception) -> str:
    """Kind of the innermost error that says something, without addresses of objects."""
    inner: BaseException = error
    while inner.__cause__ is not None or inner.__context__ is not None:
        inner = inner.__cause__ or inner.__context__ or inner
    return str(getattr(inner, "strerror", None) or type(inner).__name__)
