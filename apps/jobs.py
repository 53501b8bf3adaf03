"""Runs go through one worker process that all visitors share; pages only ask and look."""

import streamlit as st

import store
from citytwin.errors import CityTwinError
from citytwin.scenario.scenario import Scenario
from citytwin.scenario.worker import Job, Worker


@st.cache_resource(show_spinner=False)
def worker() -> Worker:
    """The worker process of this app."""
    return Worker(runs=store.runs_folder())


def submit(event: object, name: str) -> Job:
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


def problem(job: Job) -> str:
    """Why a run failed, in one sentence."""
    try:
        job.result()
    except CityTwinError as error:
        return str(error)
    return str(job.message)
