"""Start the 3D sandbox: Streamlit on the app, in a process of its own."""

import importlib.util
import os
import socket
import subprocess
import sys
from pathlib import Path

from citytwin.cli.share import share
from citytwin.errors import InputError


def launch_app(city: Path, workspace: Path, *, port: int | None, browser: bool) -> None:
    """Serve the app until it is stopped.

    Parameters
    ----------
    city
        City file.
    workspace
        Folder of cities and runs.
    port
        Port on this machine; a free one if none is given.
    browser
        Open the browser.
    """
    if importlib.util.find_spec("streamlit") is None:
        raise InputError("the app needs Streamlit and pydeck: pip install 'citytwin[app]'")
    main = share("apps", "main.py")
    environment = {
        **os.environ,
        "CITYTWIN_CITY": str(city.resolve()),
        "CITYTWIN_WORKSPACE": str(workspace.resolve()),
        "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "false",
    }
    number = port or _free_port()
    command = [
        sys.executable, "-m", "streamlit", "run", str(main),
        "--server.port", str(number), "--server.address", "127.0.0.1",
        "--server.headless", str(not browser).lower(),
    ]  # fmt: skip
    sys.stderr.write(f"The sandbox opens at http://127.0.0.1:{number} (Ctrl-C stops it)\n")
    process = subprocess.Popen(command, env=environment, cwd=main.parent)
    try:
        code = process.wait()
    except KeyboardInterrupt:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
        return
    if code not in (0, -2, 130):
        raise InputError(f"the app ended with code {code}: see the lines above")


def _free_port() -> int:
    """Streamlit's usual port if it is free, else any."""
    for wanted in (8501, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", wanted))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise InputError("no port is free on this machine: name one with --port")
