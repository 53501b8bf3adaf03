"""What must not be overlooked: a run that was stopped, what is assumed or not verified in it."""

import html

import ensembles
import jobs
import runs
import store
import streamlit as st
from said import say
from texts import translate

from citytwin.errors import CityTwinError


def stopped(key: str, language: str) -> None:
    """Say that a run was stopped, and offer to go on; nothing for a whole run."""
    words = runs.stopped(key, language)
    if not words:
        return
    part = translate("stopped.part", language)
    stop = "。" if language == "zh" else "."
    st.html(f'<div class="ct-warn"><b>{words}{stop}</b> {part}</div>')
    if "chain" in store.results(key).manifest:
        return  # a step of a chain goes on with its chain only
    busy = st.session_state.get("job") is not None
    label = translate("stopped.go_on", language)
    if st.button(label, width="stretch", key="go_on", disabled=busy):
        try:
            st.session_state["job"] = jobs.submit(store.results(key).scenario)
        except CityTwinError as error:
            problem(say(str(error), language))
            return
        st.session_state["panel_wanted"] = "new"
        st.rerun()


def members(key: str, language: str) -> None:
    """Say that an ensemble was stopped, and offer to go on; nothing for a whole one, or none."""
    manifest = ensembles.manifest_of(key)
    job = st.session_state.get("job")
    if not manifest or manifest["complete"] or (job is not None and job.key == key):
        return
    count, planned = manifest["members"], ensembles.planned(manifest)
    words = translate("sure.stopped", language, count=count, planned=planned)
    stop = "。" if language == "zh" else "."
    part = translate("sure.stopped.part", language)
    st.html(f'<div class="ct-warn"><b>{words}{stop}</b> {part}</div>')
    label = translate("stopped.go_on", language)
    if st.button(label, width="stretch", key="go_on_members", disabled=job is not None):
        try:
            st.session_state["job"] = jobs.submit(ensembles.task_of(manifest))
        except CityTwinError as error:
            problem(say(str(error), language))
            return
        st.session_state["panel_wanted"] = "new"
        st.rerun()


def doubts(key: str, language: str) -> None:
    """Say what is assumed or not verified in a run; nothing if nothing is."""
    found, _ = runs.notes(key, language)
    warn(found, language)


def warn(found: list[str], language: str) -> None:
    """Say what is assumed or not verified; nothing if nothing is."""
    if found:
        lines = "".join(f"<p>{html.escape(line)}</p>" for line in found)
        head = translate("note.doubts", language)
        st.html(f'<div class="ct-warn" role="note"><b>{head}</b>{lines}</div>')


def problem(text: str) -> None:
    """Say what went wrong."""
    st.html(f'<div class="ct-error" role="alert">{html.escape(text)}</div>')
