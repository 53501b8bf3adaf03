"""The app as an ASGI program: Streamlit's page, and the heavy data as files of the same origin.

``streamlit run apps/main.py`` starts it; ``CITYTWIN_CITY`` names the city file and
``CITYTWIN_WORKSPACE`` the folder of the runs.
"""

import sys
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

HERE = Path(__file__).resolve().parent
if str(HERE) not in sys.path:
    sys.path.insert(0, str(HERE))

import hits  # noqa: E402  (the folder must be on the path first)
import jobs  # noqa: E402
import payloads  # noqa: E402

from citytwin.errors import CityTwinError  # noqa: E402

FOREVER = "public, max-age=31536000, immutable"  # an address names its content
KINDS = {".glb": "model/gltf-binary", ".jpg": "image/jpeg", ".json": "application/json"}


def _answer(name: str, make: Callable[[], bytes]) -> Response:
    """Gzipped bytes as an answer that browsers keep; what is not there is 404."""
    try:
        data = make()
    except (CityTwinError, KeyError, ValueError, IndexError, FileNotFoundError) as error:
        return PlainTextResponse(str(error), status_code=404)
    headers = {"Content-Encoding": "gzip", "Cache-Control": FOREVER}
    return Response(data, media_type=KINDS[Path(name).suffix], headers=headers)


def city_file(request: Request) -> Response:
    """A file of the city's model."""
    name: str = request.path_params["name"]
    return _answer(name, lambda: payloads.city_file(name))


def run_file(request: Request) -> Response:
    """A frame of a run: its cells in one of its pictures, or the ``buildings`` or ``streets`` in it."""
    place = request.path_params
    key, kind, moment = place["key"], place["kind"], place["moment"]
    number = -1 if moment == "whole" else int(moment)
    return _answer("frame.json", lambda: hits.run_file(key, kind, number))


def _prepare() -> None:
    """Make the files of the city before the first visitor asks for them."""
    try:
        for name in payloads.CITY_FILES:
            payloads.city_file(name)
        payloads.sheet()
    except CityTwinError:
        return  # the page says what is wrong


@asynccontextmanager
async def lifespan(_: Any) -> AsyncIterator[None]:
    """Prepare the model beside the page's own start; end the worker with the app."""
    threading.Thread(target=_prepare, name="prepare", daemon=True).start()
    yield
    jobs.close()


app = st.App(
    str(HERE / "sandbox.py"),
    lifespan=lifespan,
    routes=[
        Route("/city/{fingerprint}/{name}", city_file),
        Route("/runs/{key}/{kind}/{moment}.json", run_file),
    ],
)
