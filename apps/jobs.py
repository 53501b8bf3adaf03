"""Runs go through one worker process that all visitors share; pages only ask and look."""

from typing import Any

import store
import streamlit as st

from citytwin.scenario import Scenario
from citytwin.scenario.worker import Job, Worker


@st.cache_resource(show_spinner=False)
def worker() -> Worker:
    """The worker process of this app."""
    return Worker(store.runs_folder())


def submit(event: Any, name: str) -> Job:
    """Queue a run of a hazardous event in the app's city.

    Parameters
    ----------
    event
        A hazard model with its values.
    name
        Name of the scenario; may be empty.
    """
    scenario = Scenario(name=name, hazard=event)
    return worker().submit(scenario, store.city_path())
