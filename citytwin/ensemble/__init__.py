"""Many runs of one scenario whose parameters are uncertain: members, probabilities, sensitivity."""

from citytwin.ensemble.plan import Ensemble
from citytwin.ensemble.running import run_ensemble

__all__ = ["Ensemble", "run_ensemble"]
