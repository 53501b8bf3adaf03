"""The form of a new run, made from the hazard's model, and what becomes of it."""

import html
from typing import Any

import form
import jobs
import store
import streamlit as st
from texts import translate

from citytwin import registry
from citytwin.city.quality_words import missing_title
from citytwin.errors import CityTwinError


def draw(key: str | None, language: str) -> None:
    """Draw the form, or the progress of the run that this visitor started."""
    del key
    if st.session_state.get("job") is not None:
        st.fragment(_progress, run_every=0.5)(language)
        return
    problem = st.session_state.pop("job_problem", "")
    if problem:
        _error(problem)
    _form(language)


def _form(language: str) -> None:
    models = {name: registry.hazards.get(name) for name in registry.hazards.names()}
    hazard = st.selectbox(
        translate("form.hazard", language),
        list(models),
        format_func=lambda name: _title(models[name], language),
        key="hazard",
    )
    model = models[hazard]
    missing = [name for name in model.inputs if name not in store.city().layers]
    if missing:
        _error(_cannot(model, missing, language))
        return
    doc = (model.__doc__ or "").strip().split("\n")[0]
    if doc:
        st.caption(doc)
    with st.form(f"new-{hazard}", border=False):
        name = st.text_input(translate("form.name", language), key=f"{hazard}:name")
        fields = form.fields_of(model, language)
        values = _ask(hazard, [field for field in fields if not field.advanced])
        with st.expander(translate("form.advanced", language)):
            values |= _ask(hazard, [field for field in fields if field.advanced])
        sent = st.form_submit_button(
            translate("form.run", language), type="primary", width="stretch", key="run_now"
        )
    if sent:
        _submit(model, values, name)


def _cannot(model: Any, missing: list[str], language: str) -> str:
    """Why a hazard cannot run in this city, in one sentence."""
    gap = "、" if language == "zh" else ", "
    what = gap.join(missing_title(name, language) for name in missing)
    hazard = _title(model, language)
    if language != "zh":
        hazard = hazard.lower()
    return translate("form.missing", language, hazard=hazard, what=what)


def _title(model: Any, language: str) -> str:
    title = getattr(model, "title_zh", "") if language == "zh" else ""
    return str(title or getattr(model, "title", "") or model.name)


def _ask(hazard: str, fields: list[form.Field]) -> dict[str, Any]:
    return {field.name: form.ask(field, f"{hazard}:{field.name}") for field in fields}


def _submit(model: Any, values: dict[str, Any], name: str) -> None:
    event, problem = form.fill(model, values)
    if event is None:
        _error(problem)
        return
    try:
        st.session_state["job"] = jobs.submit(event, name.strip())
    except CityTwinError as error:
        _error(str(error))
        return
    st.rerun()


def _progress(language: str) -> None:
    """How far the run is; shows it when it is finished."""
    job = st.session_state.get("job")
    if job is None:
        return
    state = str(job.state)  # read once: the worker changes it meanwhile
    word = translate("form.queued" if state == "waiting" else "form.running", language)
    message = f"{word}: {job.message}" if state == "running" else word
    st.progress(min(max(float(job.progress), 0.0), 1.0), text=message)
    if not job.over:
        if st.button(translate("form.cancel", language), key="cancel"):
            job.cancel()
        return
    st.session_state["job"] = None
    if state == "done":
        st.session_state["show_run"] = job.key
        st.session_state["panel_wanted"] = "impact"
    elif state == "cancelled":
        st.session_state["job_problem"] = translate("form.cancelled", language)
    else:
        st.session_state["job_problem"] = str(job.message)
    st.rerun()


def _error(text: str) -> None:
    st.html(f'<div class="ct-error" role="alert">{html.escape(text)}</div>')
