"""A small storm whose rain and ground are uncertain, for tests of ensembles."""

from typing import Any

from citytwin.ensemble import Ensemble

#: A storm of three minutes that varies in rain and in what the ground takes.
STORM: dict[str, Any] = {
    "name": "Uncertain storm",
    "hazard": {
        "model": "flood", "rain_mm": 60.0, "rain_h": 0.05, "simulated_h": 0.05, "output_min": 3.0,
        "solver": "inertial",
    },
    "ensemble": {
        "members": 6,
        "seed": 3,
        "parameters": [
            {"field": "rain_mm", "distribution": "normal", "mean": 60.0, "deviation": 15.0, "low": 5.0},
            {"field": "infiltration_mm_h", "distribution": "uniform", "low": 0.0, "high": 30.0},
        ],
    },
}  # fmt: skip


def plan(**changes: Any) -> dict[str, Any]:
    return {**STORM, "ensemble": {**STORM["ensemble"], **changes}}


def ensemble(**changes: Any) -> Ensemble:
    return Ensemble.from_table(plan(**changes), "the ensemble")
