"""Scenarios and their runs."""

from citytwin.scenario.results import Results
from citytwin.scenario.run import run
from citytwin.scenario.scenario import Scenario

__all__ = ["Results", "Scenario", "run"]
