"""Takes the README's picture: starts the app on a city and a run and photographs it.

``python apps/screenshot.py CITY WORKSPACE docs/img/sandbox.png`` needs Playwright and Chromium.
"""

import argparse
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
    "--hide-scrollbars",
]


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(city: Path, workspace: Path, **changes: str) -> Iterator[str]:
    """The app in a process of its own; gives its address.

    Parameters
    ----------
    city
        City file.
    workspace
        Folder of the runs.
    **changes
        Changes of the environment.
    """
    port = free_port()
    environment = {
        **os.environ,
        "CITYTWIN_CITY": str(city),
        "CITYTWIN_WORKSPACE": str(workspace),
        "PYTHONPATH": os.pathsep.join([str(HERE.parent), os.environ.get("PYTHONPATH", "")]),
        **changes,
    }
    command = [sys.executable, "-m", "streamlit", "run", str(HERE / "main.py")]
    flags = ["--server.port", str(port), "--server.address", "127.0.0.1"]
    flags += ["--server.headless", "true"]
    with subprocess.Popen([*command, *flags], env=environment, cwd=HERE) as process:
        try:
            address = f"http://127.0.0.1:{port}"
            _await(address, process)
            yield address
        finally:
            process.terminate()


def _await(address: str, process: "subprocess.Popen[bytes]", seconds: float = 60.0) -> None:
    """Wait until the app answers."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=2.0):  # noqa: S310
                return
        except OSError:
            time.sleep(0.2)
    raise TimeoutError(f"the app did not answer at {address} within {seconds:g} s")


def chromium() -> str | None:
    """Path of a Chromium on this machine, or none."""
    found = (shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome"))
    return next((path for path in found if path), None)


def settled(page: Any, *, seconds: float = 90.0, **part: Any) -> bytes:
    """Photograph the page, or the ``clip`` of it, as soon as two pictures in a row are equal."""
    end = time.monotonic() + seconds
    before = page.screenshot(**part)
    while time.monotonic() < end:
        page.wait_for_timeout(700)
        after = page.screenshot(**part)
        if after == before:
            return bytes(after)
        before = after
    return bytes(before)


def choose(page: Any, key: str, words: str) -> None:
    """Choose from a list of the page.

    Parameters
    ----------
    page
        The page.
    key
        Key of the list.
    words
        What is to be chosen, as it stands there.
    """
    page.locator(f".st-key-{key} [role=combobox]").click()
    page.get_by_role("option").filter(has_text=words).first.click()


def main() -> None:
    """Take the picture."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415  (only this script needs it)

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("city", type=Path)
    parser.add_argument("workspace", type=Path)
    parser.add_argument("picture", type=Path)
    parser.add_argument("--language", default="en", choices=["en", "zh"])
    parser.add_argument("--mode", default="", help="what the map shows, as its list says it")
    parser.add_argument("--size", type=int, nargs=2, default=[1600, 900])
    words = parser.parse_args()
    width, height = words.size
    with (
        serving(words.city.resolve(), words.workspace.resolve()) as address,
        sync_playwright() as p,
    ):
        browser = p.chromium.launch(executable_path=chromium(), args=CHROMIUM_FLAGS)
        page = browser.new_page(
            viewport={"width": width, "height": height},
            locale="zh-CN" if words.language == "zh" else "en-GB",
        )
        page.goto(address)
        page.wait_for_selector("#deckgl-overlay", timeout=90_000)
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(4000)
        if words.mode:
            choose(page, "mode", words.mode)
            page.wait_for_timeout(4000)
        words.picture.parent.mkdir(parents=True, exist_ok=True)
        words.picture.write_bytes(settled(page))
        browser.close()


if __name__ == "__main__":
    main()
