"""Pyretechnics's level set on an even landscape. Run with: PYTHON run_pyretechnics.py JOB (JSON text).

The job: cells along a side, their length [m], wind at 10 m [km/h], the fuel model, moistures, minutes.
Prints burned cells and the seconds of ``spread_fire_with_phi_field`` alone, of the second of two runs.
"""

import json
import sys
import time

import numpy as np
from pyretechnics.eulerian_level_set import SpreadState, spread_fire_with_phi_field
from pyretechnics.space_time_cube import SpaceTimeCube

DRY = ("dead_1hr", "dead_10hr", "dead_100hr", "live_herbaceous", "live_woody")


def landscape(job: dict, shape: tuple[int, int, int]) -> dict:
    """Cubes of one value each."""
    values = {
        "slope": 0.0,
        "aspect": 0.0,
        "fuel_model": job["fuel"],
        "canopy_cover": 0.0,
        "canopy_height": 0.0,
        "canopy_base_height": 0.0,
        "canopy_bulk_density": 0.0,
        "wind_speed_10m": job["wind_km_h"],
        "upwind_direction": 270.0,
        "foliar_moisture": 1.0,
        **{f"fuel_moisture_{k}": v for k, v in zip(DRY, job["moisture"], strict=True)},
    }
    return {key: SpaceTimeCube(shape, value) for key, value in values.items()}


def main() -> None:
    """Run the job."""
    job = json.loads(sys.argv[1])
    side = job["side"]
    shape = (1, side, side)
    band = 2.0 * job["minutes"]
    for minutes in (0.1 * job["minutes"], job["minutes"]):
        state = SpreadState(shape).ignite_cell((side // 2, side // 3))
        cubes = landscape(job, shape)
        start = time.perf_counter()
        done = spread_fire_with_phi_field(
            cubes, state, (band, job["length"], job["length"]), 0.0, minutes
        )
        seconds = time.perf_counter() - start
    maps = done["spread_state"].get_full_matrices(["time_of_arrival"])
    burned = int((np.asarray(maps["time_of_arrival"]) >= 0.0).sum())
    print(json.dumps({"burned": burned, "seconds": seconds, "stop": done["stop_condition"]}))


if __name__ == "__main__":
    main()
