"""Scenarios and their runs."""

from typing import TYPE_CHECKING

from citytwin.lazy import lazily

if TYPE_CHECKING:
    from citytwin.scenario.results import Results
    from citytwin.scenario.running import run
    from citytwin.scenario.scenario import Scenario

__all__ = ["Results", "Scenario", "run"]

__getattr__ = lazily(
    __name__,
    {
        "Results": "citytwin.scenario.results",
        "Scenario": "citytwin.scenario.scenario",
        "run": "citytwin.scenario.running",
    },
)
