"""The sandbox in a real browser: what a visitor sees, clicks and waits for."""

import io
import itertools
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from screenshot import CHROMIUM_FLAGS, choose, chromium, serving, settled

from citytwin.scenario import Results

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(chromium() is None, reason="no Chromium on this machine"),
    pytest.mark.filterwarnings("default"),  # the browser's driver warns of its own clean-up
]

SIZE = {"width": 1400, "height": 640}  # of the window
MAP = {"x": 300, "y": 110, "width": 400, "height": 330}  # of the map, clear of what lies on it
# In software a click takes longer than the time in which deck.gl takes it for one, so the page's
# clock stands still while the button is down.
CLICK = """([x, y]) => {
  const canvas = document.querySelector('#deckgl-overlay');
  const at = {bubbles: true, cancelable: true, clientX: x, clientY: y, pointerId: 1,
              pointerType: 'mouse', button: 0, isPrimary: true};
  const now = Date.now, moment = now();
  Date.now = () => moment;
  canvas.dispatchEvent(new PointerEvent('pointerdown', {...at, buttons: 1}));
  canvas.dispatchEvent(new PointerEvent('pointerup', {...at, buttons: 0}));
  Date.now = now;
}"""


class Visit:
    """A page, and what it asked for and complained of since it was opened."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.asked: list[str] = []
        self.complaints: list[str] = []
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _hear(self, message: Any) -> None:
        if message.type == "error":
            self.complaints.append(message.text)

    def picture(self) -> NDArray[np.int16]:
        """The map as (rows, cols, 3) colours, once it has come to rest."""
        data = settled(self.page, clip=MAP)
        return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"), dtype=np.int16)


def blue(picture: NDArray[np.int16]) -> int:
    """Pixels as blue as the water of the flood."""
    red, green, blue_ = picture[..., 0], picture[..., 1], picture[..., 2]
    return int(((blue_ - red > 50) & (blue_ > green)).sum())


@pytest.fixture(scope="module")
def own_workspace(workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the workspace, so that runs of the browser stay out of other tests."""
    folder = tmp_path_factory.mktemp("browser") / "workspace"
    shutil.copytree(workspace, folder)
    return folder


@pytest.fixture(scope="module")
def visit(city_file: Path, own_workspace: Path) -> Iterator[Visit]:
    from playwright.sync_api import sync_playwright

    with serving(city_file, own_workspace) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM_FLAGS)
        page = browser.new_page(viewport=SIZE, locale="en-GB")
        page.set_default_timeout(60_000)
        visit = Visit(page)
        page.goto(address)
        page.wait_for_selector("#deckgl-overlay")
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(2000)
        yield visit
        browser.close()


def rested(page: Any) -> None:
    """Wait until the page has been drawn to its end."""
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]')


def test_the_model_is_drawn(visit: Visit) -> None:
    picture = visit.picture()
    colours = np.unique(picture.reshape(-1, 3), axis=0)
    assert len(colours) > 2000
    assert picture.std() > 15
    assert blue(picture) > 300


def test_time_moves_the_water_and_not_the_camera(visit: Visit) -> None:
    slider = visit.page.locator(".st-key-clock input[type=range]")
    before = visit.picture()
    moment = visit.page.locator(".ct-now b").first.inner_text()
    slider.focus()
    visit.page.keyboard.press("Home")
    visit.page.wait_for_function(
        "before => document.querySelector('.ct-now b').innerText !== before", arg=moment
    )
    visit.page.wait_for_timeout(1500)
    after = visit.picture()
    assert blue(after) < 0.2 * blue(before)  # no water yet when the rain starts
    same = (np.abs(after - before).max(axis=2) < 12).mean()
    assert 0.5 < same < 0.999
    visit.page.keyboard.press("End")
    visit.page.wait_for_timeout(2500)
    assert blue(visit.picture()) > 300


def test_a_click_tells_the_numbers(visit: Visit) -> None:
    assert "Click a building" in visit.page.locator(".st-key-card").inner_text()
    visit.page.evaluate(CLICK, [MAP["x"] + 200, MAP["y"] + 170])
    visit.page.wait_for_selector(".st-key-card table")
    words = visit.page.locator(".st-key-card").inner_text()
    assert "OpenStreetMap" in words
    assert " m" in words


def test_what_is_assumed_turns_grey_and_back(visit: Visit) -> None:
    switch = visit.page.locator(".st-key-honesty label").first
    before = visit.picture()
    switch.click()
    visit.page.wait_for_selector(".ct-hatch")
    visit.page.wait_for_timeout(3000)
    grey = visit.picture()
    changed = np.abs(grey - before).max(axis=2) > 12
    assert 0.02 < changed.mean() < 0.9
    darker = before[changed].mean() - grey[changed].mean()
    assert darker > 5.0
    switch.click()
    visit.page.wait_for_selector(".ct-hatch", state="detached")
    visit.page.wait_for_timeout(3000)
    back = visit.picture()
    assert (np.abs(back - before).max(axis=2) < 12).mean() > 0.98


def red(picture: NDArray[np.int16]) -> int:
    """Pixels as red as the more dangerous hazard classes, which no ground or roof is."""
    red_, green, blue_ = picture[..., 0], picture[..., 1], picture[..., 2]
    return int(((red_ - green > 70) & (red_ - blue_ > 70)).sum())


def test_the_hazard_class_is_chosen_from_the_list(visit: Visit) -> None:
    page = visit.page
    before = red(visit.picture())
    choose(page, "mode", "Hazard class")
    page.wait_for_selector(".ct-note")
    page.wait_for_timeout(2500)
    assert "H3 unsafe for vehicles, children and the elderly" in " ".join(
        page.locator(".st-key-legend").inner_text().split()
    )
    assert red(visit.picture()) > before + 100
    assert any("/hazard/whole.json" in url for url in visit.asked)
    choose(page, "mode", "Depth now")
    page.wait_for_selector(".ct-note", state="detached")


@pytest.mark.parametrize("size", [(1600, 900), (1366, 768), (1100, 640), (1024, 700)])
def test_nothing_on_the_map_covers_another_thing(visit: Visit, size: tuple[int, int]) -> None:
    page = visit.page
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.wait_for_timeout(500)
    boxes = {}
    for name in ("title", "honesty", "legend", "clock", "card", "panel"):
        box = page.locator(f".st-key-{name}").bounding_box()
        assert box is not None, name
        boxes[name] = (box["x"], box["y"], box["x"] + box["width"], box["y"] + box["height"])
    line = page.locator(".ct-now").bounding_box()  # the title's box is as wide as the screen
    boxes["title"] = (line["x"], 0.0, line["x"] + 300.0, line["y"] + line["height"])
    for one, other in itertools.combinations(boxes, 2):
        assert not overlap(boxes[one], boxes[other]), (one, other, boxes[one], boxes[other])
    page.set_viewport_size(SIZE)
    page.wait_for_timeout(500)


def overlap(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    """Whether two boxes (left, top, right, bottom) share more than a pixel."""
    wide = min(one[2], other[2]) - max(one[0], other[0])
    high = min(one[3], other[3]) - max(one[1], other[1])
    return wide > 1.0 and high > 1.0


def test_a_new_cloudburst_runs_and_shows_its_own_result(visit: Visit, own_workspace: Path) -> None:
    page = visit.page
    known = {path.name for path in (own_workspace / "runs").iterdir()}
    page.get_by_text("New run", exact=True).click()
    page.get_by_label("Name of the scenario").fill("A browser's storm")
    for label, value in (
        ("Rain [mm]", "120"),
        ("Storm lasts [h]", "0.5"),
        ("Watch for [h]", "0.5"),
    ):
        field = page.get_by_label(label, exact=True).first  # how sure it is asks for it, too
        field.fill(value)
        field.press("Tab")
    page.locator(".st-key-run_now button").click()
    page.wait_for_function(
        "() => (document.querySelector('.ct-name') || {}).innerText === \"A browser's storm\""
    )
    (key,) = {path.name for path in (own_workspace / "runs").iterdir() if path.is_dir()} - known
    page.wait_for_selector(".ct-big")
    people = Results.open(own_workspace / "runs" / key).impact["people"]["0.15"]
    assert f"{round(people):,}" in page.locator(".ct-big").first.inner_text()
    page.wait_for_timeout(2000)
    assert any(f"/runs/{key}/depth/" in url for url in visit.asked)
    assert blue(visit.picture()) > 300


def test_a_ready_made_chain_runs_and_its_timeline_is_shown(visit: Visit) -> None:
    page = visit.page
    page.locator(".st-key-panel_shown").get_by_text("New run", exact=True).click()
    choose(page, "ready", "M 7.9 earthquake, then fire")
    page.get_by_text("Step 2: Fire").wait_for()
    for label, value in (("Watch for [h]", "0.5"), ("Wind [m/s]", "12")):
        field = page.get_by_label(label, exact=True).first  # the form before may still fade
        field.fill(value)
        field.press("Tab")
    page.locator(".st-key-run_now button").click()
    page.wait_for_selector(".ct-doing")
    page.wait_for_selector(".st-key-timeline", timeout=600_000)  # kernels may have to be compiled
    rested(page)  # the lines come one by one
    lines = page.locator(".ct-line").all_inner_texts()
    assert lines[0].startswith("Earthquake")
    assert any(line.startswith("Fire buildings:") for line in lines)  # what fails later is below
    assert "30 min" in page.locator(".ct-now").inner_text()
    # By the keyboard alone: the first line shows its step on the map.
    page.locator(".st-key-timeline button").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_function(
        "() => document.querySelector('.ct-name').innerText.endsWith(': Earthquake')"
    )
    page.locator(".st-key-timeline").wait_for()


def test_nothing_left_the_machine_and_nothing_failed(visit: Visit) -> None:
    hosts = {urlparse(url).hostname for url in visit.asked if url.startswith(("http", "ws"))}
    assert hosts == {"127.0.0.1"}
    assert visit.complaints == []
