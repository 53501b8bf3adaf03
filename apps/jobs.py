"""Runs go through one worker process that all visitors share; pages only ask and look."""

import store
import streamlit as st

from citytwin.scenario import Scenario
from citytwin.scenario.chain import Chain
from citytwin.scenario.tasks import Task
from citytwin.scenario.worker import Job, Worker

_made: list[Worker] = []


@st.cache_resource(show_spinner=False)
def worker() -> Worker:
    """The worker process of this app."""
    made = Worker(store.runs_folder())
    _made.append(made)
    return made


def close() -> None:
    """End the worker process, if there is one; what it computes is lost."""
    while _made:
        _made.pop().close()
    worker.clear()


def submit(what: Scenario | Chain | Task) -> Job:
    """Queue a run in the app's city; one that was stopped before goes on from where it was."""
    return worker().submit(what, store.city_path())
