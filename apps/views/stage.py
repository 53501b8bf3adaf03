"""The map with what lies on it: title, time, legend, card and credit. One fragment of the page."""

import html
import time
from typing import Any

import ensembles
import figures
import legend
import maps
import rainfall
import runs
import store
import streamlit as st
from modes import modes
from texts import duration, translate

from citytwin.hazards.base import Picture
from views import card

MODE_WIDTH = 168  # of the list of what the map can show [px]
SPEEDS = {"0.5×": 2.4, "1×": 1.2, "2×": 0.6}  # seconds between two moments


def draw(key: str | None, language: str) -> None:
    """Draw the map and its controls; while it plays, this part alone is drawn again and again."""
    pace = _pace() if key is not None else None
    st.session_state["drawn_pace"] = pace
    st.fragment(_stage, run_every=pace)(key, language)


def _stage(key: str | None, language: str) -> None:
    frame, mode = 0, ""
    if key is not None and not store.has_run(key):
        st.rerun()  # it went on to its end and stands elsewhere now: the page chooses anew
    if key is not None:
        frame, mode = _clock(key, language)
        if _pace() != st.session_state["drawn_pace"]:
            st.rerun()  # the whole page, so that this part gets its new pace
    assumed = _honesty(language)
    view = maps.View(language, key, mode, frame, _chosen(), assumed)
    with st.container(key="stage"):
        st.pydeck_chart(
            maps.model(view),
            height="stretch",
            on_select="rerun",
            selection_mode="single-object",
            key="scene",
            alt=translate("alt.map", language),
        )
    _title(view)
    _legend(view)
    _card(view)
    _credit(view)


def _honesty(language: str) -> bool:
    """Switch that shows what is assumed."""
    with st.container(key="honesty"):
        return st.toggle(
            translate("assumed.show", language),
            help=translate("assumed.help", language),
            key="assumed",
        )


def _legend(view: maps.View) -> None:
    parts = []
    if view.key is not None:
        parts.append(legend.legend(view))
    if view.assumed:
        parts.append(legend.assumed_legend(view.language))
    if parts:
        with st.container(key="legend"):
            st.html('<div class="ct-gap"></div>'.join(parts))


def _clock(key: str, language: str) -> tuple[int, str]:
    """Time controls; returns the number of the moment and what is shown."""
    times = store.results(key).times
    state = st.session_state
    if state.get("frame_of") != key:
        state["frame_of"], state["frame"] = key, figures.fullest_frame(key)
    state["frame"] = min(int(state.get("frame", 0)), len(times) - 1)
    if state.get("playing"):
        _advance(key, len(times))
    with st.container(key="clock"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            moving = _mode(key, language).moving
            st.toggle(
                translate("play", language),
                on_change=_start_clock,
                disabled=not moving,
                key="playing",
            )
            st.segmented_control(
                translate("speed", language),
                list(SPEEDS),
                default="1×",
                required=True,
                label_visibility="collapsed",
                key="speed",
                disabled=not moving,
            )
            rain = rainfall.strip(key, state["frame"], language)
            if rain:
                st.html(rain)
        if len(times) > 1:  # a slider needs two ends
            st.select_slider(
                translate("time", language),
                options=range(len(times)),
                format_func=lambda at: duration(float(times[at]), language),
                key="frame",
                disabled=not moving,
                label_visibility="collapsed",
            )
    return int(state["frame"]), str(state["mode"])


def _mode(key: str, language: str) -> Picture:
    """What the map shows, from what the run has; a list, for they do not fit side by side."""
    state, offered = st.session_state, modes(key)
    if state.get("mode") not in offered:
        state["mode"] = next(iter(offered))
    st.selectbox(
        translate("mode", language),
        list(offered),
        format_func=lambda name: _short(offered[name], language),
        label_visibility="collapsed",
        width=MODE_WIDTH,
        key="mode",
    )
    return offered[state["mode"]]


def _short(picture: Picture, language: str) -> str:
    return picture.short_zh if language == "zh" else picture.short


def _start_clock() -> None:
    st.session_state["ticked"] = time.monotonic()


def _pace() -> float | None:
    """Seconds between two moments while it plays, none while it rests."""
    if not st.session_state.get("playing"):
        return None
    return SPEEDS[st.session_state.get("speed", "1×")]


def _advance(key: str, count: int) -> None:
    """Go to the next moment if the time for it has come; start again after the last."""
    state = st.session_state
    shown = modes(key).get(state.get("mode", ""))
    if shown is not None and not shown.moving:
        return
    now, pace = time.monotonic(), _pace() or 0.0
    if now - state.get("ticked", 0.0) >= 0.8 * pace:
        state["ticked"] = now
        state["frame"] = (int(state["frame"]) + 1) % count


def _chosen() -> tuple[str, dict[str, Any]] | None:
    """Layer and row of the thing that was clicked last, or none."""
    selection = (st.session_state.get("scene") or {}).get("selection", {})
    for layer, rows in selection.get("objects", {}).items():
        if rows:
            at = selection.get("indices", {}).get(layer, [0])[0]
            return str(layer).split("-", 1)[0], {**rows[0], "index": int(at)}
    return None


def _title(view: maps.View) -> None:
    city = store.city()
    place = city.title_zh if view.language == "zh" and city.title_zh else city.title
    lines = [f'<div class="ct-place">{html.escape(place)}</div>']
    if view.key is not None:
        results = store.results(view.key)
        of_members = bool(ensembles.manifest_of(view.key))
        moment = translate("time.members" if of_members else "time.whole", view.language)
        if view.moving:
            rainy = any(rainfall.rain_rates(view.key))
            after = translate("time.after" if rainy else "time.after.dry", view.language)
            span = duration(float(results.times[view.frame]), view.language)
            moment = f"{after}{span}" if view.language == "zh" else f"{span} {after}"
        lines.append(
            f'<div class="ct-name">{html.escape(runs.title(view.key, view.language))}</div>'
        )
        now = " · ".join(filter(None, [f"<b>{moment}</b>", figures.now_line(view)]))
        lines.append(f'<div class="ct-now">{now}</div>')
        stopped = runs.stopped(view.key, view.language)
        if stopped:
            lines.append(f'<div class="ct-stopped">{stopped}</div>')
    with st.container(key="title"):
        st.html("".join(lines))


def _card(view: maps.View) -> None:
    with st.container(key="card"):
        st.html(card.card(view))


def _credit(view: maps.View) -> None:
    credit = html.escape(" · ".join(store.attributions()))
    note = translate("note", view.language)
    if view.key is not None:
        note += (
            f" · {translate('sources.when', view.language)} {html.escape(runs.created(view.key))}"
        )
    with st.container(key="credit"):
        st.html(f'<div class="ct-credit"><span>{note}</span><span>{credit}</span></div>')
