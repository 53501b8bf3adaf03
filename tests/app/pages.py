"""How tests look at the page without a browser."""

import time
from pathlib import Path

from streamlit.testing.v1 import AppTest

from citytwin.scenario import Results

PAGE = Path(__file__).resolve().parents[2] / "apps" / "sandbox.py"


def open_page(
    results: Results | None = None, language: str = "en", panel: str | None = None
) -> AppTest:
    """The page, showing a run; the newest if none is given."""
    page = AppTest.from_file(str(PAGE), default_timeout=60)
    page.session_state["language"] = language
    if results is not None:
        page.session_state["run"] = results.folder.name
    if panel is not None:
        page.session_state["panel_wanted"] = panel
    page.run()
    assert not page.exception
    return page


def html_of(page: AppTest) -> str:
    """All HTML of the page."""
    return "\n".join(str(element.proto.body) for element in page.get("html"))


def follow(page: AppTest) -> str:
    """Wait for the run that the page started; returns its key."""
    job = page.session_state["job"]
    end = time.monotonic() + 120
    while not job.over and time.monotonic() < end:
        time.sleep(0.1)
    assert job.state == "done", job.message
    page.run()
    assert not page.exception
    return str(job.key)
