"""The form of a new run: a new event, a ready-made scenario or chain, and how sure one can be."""

from pathlib import Path
from typing import Any, Final

import drafts
import jobs
import streamlit as st
from drafts import Draft
from field_texts import about, field_title
from ready import ready
from said import say
from texts import translate

from citytwin import registry
from citytwin.errors import CityTwinError
from citytwin.scenario import Scenario
from citytwin.scenario.chain import Chain
from views import alerts, how_sure, progress, steps

#: Hazard that the form shows first.
_FIRST = "flood"
#: Most letters of a name, as scenarios have it.
_LONGEST = 200
_KEPT: Final = "session"  # values stay when another panel is looked at


def draw(key: str | None, language: str) -> None:
    """Draw the form, or the progress of the run that this visitor started."""
    del key
    if st.session_state.get("job") is not None:
        st.fragment(progress.draw, run_every=0.5)(language)
        return
    problem = st.session_state.pop("job_problem", "")
    if problem:
        alerts.problem(problem)
    st.fragment(_form)(language)


def _form(language: str) -> None:
    draft = _start(language)
    if draft is None:
        return
    if draft.ready is None and len(draft.steps) == 1:
        draft = _choose_hazard(draft, language)
    missing = next((step for step in draft.steps if step.missing()), None)
    if missing is not None:
        alerts.problem(steps.cannot(missing, language))
        return
    if draft.ready is not None and draft.description and language == "en":
        st.caption(draft.description)
    name = st.text_input(
        translate("form.name", language), draft.name(language), max_chars=_LONGEST,
        key=f"{draft.uid}:name", persist_state=_KEPT,
    )  # fmt: skip
    values, starts = _steps(draft, language)
    source, problem = drafts.source_of(draft, name, values, starts, language)
    with st.container(key="run_bar"):
        if st.button(
            translate("form.run", language), type="primary", width="stretch", key="run_now"
        ):
            _submit(source, problem, values, language)
    with st.expander(translate("sure", language), key="how_sure"):
        how_sure.draw(draft, source, problem, language)


def _start(language: str) -> Draft | None:
    """What the visitor starts from; none if it cannot be used, which is said."""
    known = ready()
    chosen = st.selectbox(
        translate("ready", language),
        ["", *known],
        format_func=lambda key: (
            known[key].label(language) if key in known else translate("ready.new", language)
        ),
        help=translate("ready.help", language),
        key="ready",
        persist_state=_KEPT,
    )
    found = known.get(chosen or "")
    if found is not None and found.source is None:
        alerts.problem(found.complaint(language))
        return None
    draft: Draft | None = st.session_state.get("draft")
    now = draft.ready.key if draft is not None and draft.ready is not None else ""
    if draft is None or now != (found.key if found is not None else ""):
        draft = drafts.new_event(_first()) if found is None else drafts.of_ready(found)
        st.session_state["draft"] = draft
    return draft


def _first() -> str:
    names = list(registry.hazards.names())
    return _FIRST if _FIRST in names else names[0]


def _choose_hazard(draft: Draft, language: str) -> Draft:
    models = {name: registry.hazards.get(name) for name in registry.hazards.names()}
    hazard = st.selectbox(
        translate("form.hazard", language),
        list(models),
        index=list(models).index(draft.steps[0].model.name),
        format_func=lambda name: field_title(models[name], language),
        key="hazard",
        persist_state=_KEPT,
    )
    if hazard != draft.steps[0].model.name:
        draft = drafts.new_event(hazard)
        st.session_state["draft"] = draft
    doc = about(hazard, (models[hazard].__doc__ or "").strip().split("\n")[0], language)
    if doc:
        st.caption(doc)
    return draft


def _steps(draft: Draft, language: str) -> tuple[dict[str, dict[str, Any]], dict[str, float]]:
    """The fields of each step; returns their values and when each step starts, by its name."""
    values: dict[str, dict[str, Any]] = {}
    starts: dict[str, float] = {}
    if len(draft.steps) == 1:
        values[draft.steps[0].name] = steps.fields(draft.steps[0], language)
    else:
        for number, step in enumerate(draft.steps, start=1):
            with st.container(border=True, key=f"step-{number}"):
                steps.head(draft, step, number, language)
                if step.repeats:
                    continue
                if number > 1:
                    starts[step.name] = steps.start(step, language)
                values[step.name] = steps.fields(step, language)
    steps.offer(draft, language)
    return values, starts


def _submit(
    source: Scenario | Chain | None,
    problem: str,
    values: dict[str, dict[str, Any]],
    language: str,
) -> None:
    if source is None:
        alerts.problem(problem)
        return
    try:
        steps.look_at_rain(source)
        st.session_state["job"] = jobs.submit(source)
    except CityTwinError as error:
        alerts.problem(_without_folders(say(str(error), language), values))
        return
    st.rerun()


def _without_folders(text: str, values: dict[str, dict[str, Any]]) -> str:
    """A sentence that calls the visitor's files by their names alone."""
    for fields in values.values():
        for value in fields.values():
            if isinstance(value, str) and value and Path(value).is_absolute():
                text = text.replace(value, Path(value).name)
    return text
