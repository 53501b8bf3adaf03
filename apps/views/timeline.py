"""The one timeline of a chain: its steps, what happened when, the streets that they close together."""

import html
from typing import Any

import chains
import jobs
import runs
import store
import streamlit as st
from ready import called
from said import say
from texts import translate

from citytwin.errors import CityTwinError
from citytwin.scenario.chain import Chain
from views import alerts

#: Widths of a line's time and its words.
_WIDTHS = (0.17, 0.83)


def draw(key: str | None, language: str) -> None:
    """Draw the chain of which a run is a step."""
    manifest = chains.of_run(key or "", str(st.session_state.get("chain", "")))
    if key is None or not manifest:
        return
    name = called(manifest["chain"].get("name", ""), language)
    if name:
        st.html(f'<div class="ct-step">{html.escape(name)}</div>')
    _stopped(manifest, language)
    _choose(manifest, key, language)
    streets = chains.streets(manifest, language)
    if streets:
        st.html(f'<div class="ct-big">{streets}</div>')
    st.html(f'<div class="ct-head">{translate("chain.after_start", language)}</div>')
    with st.container(key="timeline", gap=None):
        for number, entry in enumerate(manifest["timeline"]):
            _entry(manifest, entry, number, key, language)
        later = manifest.get("later", [])
        if later:
            words = translate("chain.later", language)
            st.html(f'<div class="ct-gap"></div><div class="ct-head">{words}</div>')
            st.html('<div class="ct-gap"></div>')
        for number, entry in enumerate(later, start=len(manifest["timeline"])):
            _entry(manifest, entry, number, key, language)
    _notes(manifest, language)


def _choose(manifest: dict[str, Any], key: str, language: str) -> None:
    """The steps side by side: the chosen one is the run that the map shows."""
    there = chains.steps(manifest)
    widget = f"steps:{manifest['key']}"
    now = next((name for name, run in there.items() if run == key), None)
    st.session_state[widget] = now
    st.segmented_control(
        translate("chain.steps", language),
        list(there),
        format_func=lambda name: chains.step_title(manifest, name, language),
        required=True,
        on_change=lambda: _show(there[st.session_state[widget]]),
        key=widget,
        width="stretch",
    )


def _show(run: str, moment: int | None = None) -> None:
    """Show a run, at one of its moments if it is said."""
    state = st.session_state
    state["show_run"] = run
    if moment is not None:
        state["frame_of"], state["frame"] = run, moment
        state["playing"] = False


def _entry(
    manifest: dict[str, Any], entry: dict[str, Any], number: int, key: str, language: str
) -> None:
    """One line: its time as a button that shows it on the map, its step, what happened."""
    there = chains.steps(manifest)
    run = there.get(entry["step"])
    title = chains.step_title(manifest, entry["step"], language)
    words = chains.line(entry, language)
    # Some lines begin with the hazard themselves.
    words = words.removeprefix(title).lstrip(" :：") if words.startswith(title) else words
    left, right = st.columns(_WIDTHS, gap="xsmall")
    with left:
        st.button(
            chains.clock(float(entry["time"])),
            type="tertiary",
            disabled=run is None,
            help=translate("chain.line.help", language),
            on_click=lambda: _show(str(run), chains.moment(manifest, entry)),
            key=f"moment:{manifest['key']}:{number}",
        )
    with right:
        here = " now" if run == key else ""
        st.html(
            f'<div class="ct-line{here}"><b>{html.escape(title)}</b> {html.escape(words)}</div>'
        )


def _stopped(manifest: dict[str, Any], language: str) -> None:
    """That the chain was stopped, what is missing, and a button that goes on with it."""
    if manifest.get("complete", True):
        return
    missing = chains.left_out(manifest)
    gap = "、" if language == "zh" else ", "
    titles = gap.join(chains.step_title(manifest, name, language) for name in missing)
    words = (
        translate("chain.stopped", language, what=titles)
        if missing
        else translate("chain.in_part", language)
    )
    st.html(f'<div class="ct-warn">{html.escape(words)}</div>')
    busy = st.session_state.get("job") is not None
    label = translate("stopped.go_on", language)
    if st.button(label, width="stretch", key="go_on_chain", disabled=busy):
        go_on(manifest, language)


def go_on(manifest: dict[str, Any], language: str) -> None:
    """Run what is missing of a chain."""
    try:
        st.session_state["job"] = jobs.submit(Chain.from_table(manifest["chain"]))
    except CityTwinError as error:
        alerts.problem(say(str(error), language))
        return
    st.session_state["panel_wanted"] = "new"
    st.rerun()


def _notes(manifest: dict[str, Any], language: str) -> None:
    """What is assumed or not verified in any of the steps, and how they were computed."""
    doubts: dict[str, None] = {}
    others: dict[str, None] = {}
    for run in chains.steps(manifest).values():
        found, rest = runs.notes(run, language)
        doubts |= dict.fromkeys(found)
        others |= dict.fromkeys(rest)
    alerts.warn(list(doubts), language)
    if others:
        with st.expander(translate("chain.notes", language), key="chain_notes"):
            for note in others:
                st.caption(note)


def is_there(key: str | None) -> bool:
    """Whether a run is a step of a chain."""
    return key is not None and store.has_run(key) and bool(chains.of_run(key))
