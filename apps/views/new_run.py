"""The form of a new run, made from the hazard's model, and what becomes of it."""

from pathlib import Path
from typing import Any

import form
import jobs
import store
import streamlit as st
from ask import ask_all
from field_texts import about, field_title
from said import say
from texts import translate

from citytwin import registry
from citytwin.city.quality_words import missing_title
from citytwin.errors import CityTwinError
from citytwin.scenario import Scenario
from citytwin.scenario.worker import Job
from views import alerts

#: Hazard that the form shows first.
_FIRST = "flood"


def draw(key: str | None, language: str) -> None:
    """Draw the form, or the progress of the run that this visitor started."""
    del key
    if st.session_state.get("job") is not None:
        st.fragment(_progress, run_every=0.5)(language)
        return
    problem = st.session_state.pop("job_problem", "")
    if problem:
        alerts.problem(problem)
    _form(language)


def _form(language: str) -> None:
    models = {name: registry.hazards.get(name) for name in registry.hazards.names()}
    hazard = st.selectbox(
        translate("form.hazard", language),
        list(models),
        index=list(models).index(_FIRST) if _FIRST in models else 0,
        format_func=lambda name: field_title(models[name], language),
        key="hazard",
    )
    model = models[hazard]
    missing = [name for name in model.inputs if name not in store.city().layers]
    if missing:
        alerts.problem(_cannot(model, missing, language))
        return
    doc = about(hazard, (model.__doc__ or "").strip().split("\n")[0], language)
    if doc:
        st.caption(doc)
    with st.form(f"new-{hazard}", border=False):
        name = st.text_input(translate("form.name", language), key=f"{hazard}:name")
        fields = form.fields_of(model, language)
        values = ask_all([field for field in fields if not field.advanced], hazard)
        with st.expander(translate("form.advanced", language)):
            values |= ask_all([field for field in fields if field.advanced], hazard)
            nested = form.nested_titles(model, language)
            if nested:
                what = ("、" if language == "zh" else ", ").join(nested.values())
                st.caption(translate("form.only_file", language, what=what))
        sent = st.form_submit_button(
            translate("form.run", language), type="primary", width="stretch", key="run_now"
        )
    if sent:
        _submit(model, values, name, language)


def _cannot(model: Any, missing: list[str], language: str) -> str:
    """Why a hazard cannot run in this city, in one sentence."""
    gap = "、" if language == "zh" else ", "
    what = gap.join(missing_title(name, language) for name in missing)
    hazard = field_title(model, language)
    if language != "zh":
        hazard = hazard.lower()
    return translate("form.missing", language, hazard=hazard, what=what)


def _submit(model: Any, values: dict[str, Any], name: str, language: str) -> None:
    event, problem = form.fill(model, values, language)
    if event is None:
        alerts.problem(problem)
        return
    try:
        _look_at_rain(event)
        st.session_state["job"] = jobs.submit(Scenario(name=name.strip(), hazard=event))
    except CityTwinError as error:
        alerts.problem(_without_folders(say(str(error), language), values))
        return
    st.rerun()


def _look_at_rain(event: Any) -> None:
    """Refuse a rain that cannot be made, at once instead of after the start of the run."""
    rain_of = getattr(event, "rain", None)
    if callable(rain_of):
        rain_of(store.city().grid)


def _without_folders(text: str, values: dict[str, Any]) -> str:
    """A sentence that calls the visitor's files by their names alone."""
    for value in values.values():
        if isinstance(value, str) and value and Path(value).is_absolute():
            text = text.replace(value, Path(value).name)
    return text


def _progress(language: str) -> None:
    """How far the run is; shows it, or what there is of it, when it has ended."""
    job: Job | None = st.session_state.get("job")
    if job is None:
        return
    state, message = str(job.state), str(job.message)  # read once: the worker changes them
    word = translate("form.queued" if state == "waiting" else "form.running", language)
    colon = "：" if language == "zh" else ": "
    words = f"{word}{colon}{say(message, language)}" if state == "running" else word
    st.progress(min(max(float(job.progress), 0.0), 1.0), text=words)
    if not job.over:
        _cancel(job, state, message, language)
        return
    st.session_state["job"] = None
    _end(job, state, message, language)
    st.rerun()


def _cancel(job: Job, state: str, message: str, language: str) -> None:
    """Button that stops a run and keeps what it computed, or takes it out of the queue."""
    stopping = message == "stopping"
    text = "form.cancel" if state == "waiting" else "form.stopping" if stopping else "form.stop"
    label = translate(text, language)
    st.button(label, on_click=job.cancel, disabled=stopping, width="stretch", key="cancel")


def _end(job: Job, state: str, message: str, language: str) -> None:
    """Show a run that has ended, whole or in part, or say why there is nothing to show."""
    try:
        shown = job.result().folder.name
    except CityTwinError:
        said = translate("form.cancelled", language)
        st.session_state["job_problem"] = said if state == "cancelled" else say(message, language)
        return
    st.session_state["show_run"] = shown
    st.session_state["panel_wanted"] = "impact"
