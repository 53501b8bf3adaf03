"""How far the run of this visitor is: a run, the steps of a chain, the members of an ensemble."""

import html

import ensembles
import store
import streamlit as st
from field_texts import field_title
from said import say
from texts import translate

from citytwin.ensemble.task import EnsembleTask
from citytwin.errors import CityTwinError
from citytwin.scenario.chain import Chain
from citytwin.scenario.tasks import ChainTask
from citytwin.scenario.worker import KEPT, Job


def draw(language: str) -> None:
    """How far the run is; shows it, or what there is of it, when it has ended."""
    job: Job | None = st.session_state.get("job")
    if job is None:
        return
    state, message = str(job.state), str(job.message)  # read once: the worker changes them
    task = getattr(job, "task", None)
    word = translate("form.queued" if state == "waiting" else "form.running", language)
    colon = "：" if language == "zh" else ": "
    words = f"{word}{colon}{_said(task, message, language)}" if state == "running" else word
    st.progress(min(max(float(job.progress), 0.0), 1.0), text=words)
    if isinstance(task, ChainTask):
        st.html(_steps(task.chain, message, language))
    if isinstance(task, EnsembleTask):
        _members(job, language)
    if not job.over:
        _cancel(job, state, message, language)
        return
    st.session_state["job"] = None
    _end(job, state, message, language)
    st.rerun()


def _said(task: object, message: str, language: str) -> str:
    """What is going on; of a chain, which of its steps."""
    if isinstance(task, ChainTask):
        name, colon, rest = message.partition(": ")
        if colon and any(step.name == name for step in task.chain.steps):
            return f"{_title(task.chain, name, language)} · {say(rest, language)}"
    return say(message, language)


def _title(chain: Chain, name: str, language: str) -> str:
    models = {step.name: type(step.scenario.hazard) for step in chain.steps}
    alike = [one for one, model in models.items() if model is models[name]]
    title = field_title(models[name], language)
    return title if len(alike) < 2 else f"{title} {alike.index(name) + 1}"


def _steps(chain: Chain, message: str, language: str) -> str:
    """The steps of a chain with how far each is, as HTML."""
    names = [step.name for step in chain.steps]
    now = message.partition(": ")[0]
    at = names.index(now) if now in names else len(names) if message == "done" else 0
    rows = []
    for number, name in enumerate(names):
        state = "done" if number < at else "now" if number == at and now in names else "waits"
        words = {
            "done": translate("step.done", language),
            "now": say(message.partition(": ")[2], language),
            "waits": translate("step.waits", language),
        }[state]
        title = translate(
            "step.head", language, number=number + 1, title=_title(chain, name, language)
        )
        rows.append(
            f'<div class="ct-doing ct-{state}"><b>{html.escape(title)}</b>'
            f"<span>{html.escape(words)}</span></div>"
        )
    return "".join(rows)


def _members(job: Job, language: str) -> None:
    """What the members that came say; the map shows them as soon as there are more."""
    manifest = ensembles.manifest_of(job.key)
    words = ensembles.so_far(manifest, language) if manifest else ""
    if words:
        st.html(f'<div class="ct-small"><p>{html.escape(words)}</p></div>')
    seen = f"{job.key} {store.stamp(job.key)}"
    if store.has_run(job.key) and st.session_state.get("members_seen") not in (None, seen):
        st.session_state["members_seen"] = seen
        st.session_state["show_run"] = job.key
        st.rerun()
    st.session_state["members_seen"] = seen


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
        lost = state == "cancelled" and not message.endswith(KEPT)
        said = translate("form.cancelled", language) if lost else say(message, language)
        st.session_state["job_problem"] = said
        st.session_state["panel_wanted"] = "new"
        return
    st.session_state["show_run"] = shown
    st.session_state["panel_wanted"] = "impact"
    if isinstance(getattr(job, "task", None), ChainTask):
        st.session_state["chain"] = job.key
        st.session_state["panel_wanted"] = "timeline"
