"""Risk of a set of events with frequencies, as it is and with measures: curves, averages, worth."""

from citytwin.risk.plan import Risk
from citytwin.risk.running import run_risk

__all__ = ["Risk", "run_risk"]
